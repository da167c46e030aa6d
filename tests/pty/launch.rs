//! What a cockpit is started with.

use std::path::PathBuf;

use portable_pty::CommandBuilder;

use super::cockpit::Cockpit;

/// A cockpit to start.
pub struct Launch {
    args: Vec<String>,
    env: Vec<(String, String)>,
    settings: String,
    size: (u16, u16),
    home: tempfile::TempDir,
}

/// Where the cluster lies that all tests share.
pub fn shared_data_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cluster")
}

impl Launch {
    /// The program with these arguments, in an empty home directory and a 160×45 terminal.
    pub fn new(args: &[&str]) -> Self {
        Self {
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            env: Vec::new(),
            settings: String::new(),
            size: (160, 45),
            home: tempfile::tempdir().unwrap(),
        }
    }

    /// The demo from its beginning, in a database of the shared cluster that no other test has.
    pub fn demo(database: &str) -> Self {
        Self::resumed_demo(database).arg("--fresh")
    }

    /// The same demo where its tape ended.
    pub fn resumed_demo(database: &str) -> Self {
        Self::of_demo(&["demo"], database)
    }

    /// A command with the settings of the same demo.
    pub fn of_demo(args: &[&str], database: &str) -> Self {
        let data_dir = shared_data_dir();
        let data_dir = data_dir.to_str().unwrap();
        let args = [args, &["--data-dir", data_dir]].concat();
        // Two feeds move enough; the catalogue of tables is tried with all eight.
        Self::new(&args).setting(&format!(
            "[demo]\ngames = 6\nsources = [\"action_network\", \"odds_api\"]\ndatabase = \"{}\"",
            database_base(database)
        ))
    }

    pub fn arg(mut self, arg: &str) -> Self {
        self.args.push(arg.to_owned());
        self
    }

    /// Simulated seconds in a real one.
    pub fn speed(self, speed: u16) -> Self {
        self.arg("--speed").arg(&speed.to_string())
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Lines of the settings file.
    pub fn setting(mut self, lines: &str) -> Self {
        self.settings.push_str(lines);
        self.settings.push('\n');
        self
    }

    /// Columns and rows.
    pub fn size(mut self, width: u16, height: u16) -> Self {
        self.size = (width, height);
        self
    }

    /// Start it.
    pub fn start(self) -> Cockpit {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_linetape"));
        command.args(&self.args);
        self.open(command)
    }

    /// Run it without a terminal; what it printed.
    pub fn print(self) -> String {
        let config = self.home.path().join("settings.toml");
        std::fs::write(&config, &self.settings).unwrap();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_linetape"));
        command.args(&self.args).arg("--config").arg(&config);
        command.env_clear().env("HOME", self.home.path());
        for name in ["PATH", "LINETAPE_PG_BIN", "TMPDIR"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Start it from a shell that has job control, as a person does.
    pub fn start_from_shell(self) -> Cockpit {
        let mut command = CommandBuilder::new("bash");
        command.args(["--norc", "--noprofile", "-i"]);
        let words = std::iter::once(env!("CARGO_BIN_EXE_linetape"))
            .chain(self.args.iter().map(String::as_str))
            .map(|word| format!("'{word}'"))
            .collect::<Vec<_>>();
        let line = words.join(" ");
        let mut cockpit = self.open(command);
        cockpit.keys(&format!("{line}\n"));
        cockpit
    }

    fn open(self, mut command: CommandBuilder) -> Cockpit {
        let config = self.home.path().join(".config/linetape");
        std::fs::create_dir_all(&config).unwrap();
        std::fs::write(config.join("config.toml"), &self.settings).unwrap();
        command.env_clear();
        command.cwd(self.home.path());
        command.env("HOME", self.home.path());
        command.env("TERM", "xterm-256color");
        for name in ["PATH", "LINETAPE_PG_BIN", "TMPDIR"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        for (name, value) in &self.env {
            command.env(name, value);
        }
        Cockpit::open(command, self.size, self.home)
    }
}

/// The base of the demo's database; the demo adds seed and games where they are not the usual ones.
fn database_base(database: &str) -> String {
    format!("pty_{database}")
}

/// The demo's database of [`Launch::demo`].
pub fn database_of(database: &str) -> String {
    format!("{}_s7_g6", database_base(database))
}
