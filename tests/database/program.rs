//! The program itself, in a home of its own, on a test's database.

use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::postgres::TestDatabase;

/// The program on a database.
pub struct Program {
    home: TempDir,
    url: String,
}

/// What it printed, and how it ended.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Program {
    pub fn on(database: &TestDatabase) -> Self {
        Self::at(database.url())
    }

    pub fn at(url: String) -> Self {
        let home = tempfile::tempdir().unwrap();
        Self { home, url }
    }

    /// Write a file that the program can name by `name`.
    pub fn write(&self, name: &str, body: &serde_json::Value) {
        self.write_text(name, &body.to_string());
    }

    /// The same, as it is.
    pub fn write_text(&self, name: &str, text: &str) {
        std::fs::write(self.home.path().join(name), text).unwrap();
    }

    /// Run it with more in its environment.
    pub fn run_with(&self, args: &[&str], env: &[(&str, &str)]) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_linetape"))
            .args(args)
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("DATABASE_URL", &self.url)
            .envs(env.iter().copied())
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Run {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// Run it.
    pub fn run(&self, args: &[&str]) -> Run {
        self.run_with(args, &[])
    }

    /// Run it; it must succeed.
    #[track_caller]
    pub fn ok(&self, args: &[&str]) -> Run {
        let run = self.run(args);
        assert_eq!(run.code, Some(0), "{args:?}: {}{}", run.out, run.err);
        run
    }
}

impl Run {
    /// Standard output as JSON lines.
    #[track_caller]
    pub fn json(&self) -> Vec<serde_json::Value> {
        let parse = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
        };
        self.out.lines().map(parse).collect()
    }
}
