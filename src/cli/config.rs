//! `linetape config init|show|check|path`.

use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde::Serialize;
use toml::Value;

use super::arguments::Global;
use super::context::Context;
use super::error::{CliError, Exit};
use super::output::{Output, SCHEMA_VERSION};
use crate::config::environment::Environment;
use crate::config::layer::rows;
use crate::config::{EXAMPLE, Inputs, config_file};

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to do
    #[command(subcommand)]
    pub action: Action,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Write a commented file with every setting at its default
    Init {
        /// Overwrite a file that is there
        #[arg(long)]
        force: bool,
    },
    /// Print every setting, its value and where it came from; secrets as `<set>`
    Show,
    /// Read every layer and say what is wrong
    Check,
    /// Print where the file is, or would be; with --json the other directories too
    Path,
}

/// Run.
pub fn run(args: &Args, global: &Global, output: &Output) -> Result<(), CliError> {
    match &args.action {
        Action::Init { force } => init(&place(global)?, *force, output),
        Action::Show => show(&Context::load(global, Vec::new(), output)?),
        Action::Check => check(&Context::load(global, Vec::new(), output)?),
        Action::Path if global.json => directories(&Context::load(global, Vec::new(), output)?),
        Action::Path => {
            let mut data = output.data();
            data.line(&place(global)?.display().to_string())?;
            data.finish()
        }
    }
}

/// The file named, or the platform's place. A broken file does not keep anyone from learning where it is.
fn place(global: &Global) -> Result<PathBuf, CliError> {
    let inputs = Inputs {
        file: global.config.clone(),
        environment: Environment::of_process(),
        flags: Vec::new(),
    };
    config_file(&inputs).0.ok_or_else(|| {
        let message = "this account has no home directory; set HOME, or name a file with --config";
        CliError::new(Exit::Config, message)
    })
}

fn init(file: &Path, force: bool, output: &Output) -> Result<(), CliError> {
    if let Some(dir) = file.parent().filter(|dir| !dir.as_os_str().is_empty()) {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .map_err(|error| CliError::file(dir, "made", &error))?;
    }
    // Written beside it and renamed: a file that is there is whole at every moment, and gets the mode of a new one.
    let new = file.with_extension("toml.new");
    // What an earlier run that was killed left behind.
    let _ = std::fs::remove_file(&new);
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new)
        .and_then(|mut out| {
            out.write_all(EXAMPLE.as_bytes())?;
            out.sync_all()
        })
        .and_then(|()| {
            if force {
                std::fs::rename(&new, file)
            } else {
                // A link, unlike a rename, fails when the name is taken.
                std::fs::hard_link(&new, file).and_then(|()| std::fs::remove_file(&new))
            }
        });
    if let Err(error) = written {
        let _ = std::fs::remove_file(&new);
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            let message = format!(
                "{} is there already; edit it, or overwrite it with --force",
                file.display()
            );
            return Err(CliError::new(Exit::Failure, message));
        }
        return Err(CliError::file(file, "written", &error));
    }
    let mut data = output.data();
    if output.json {
        data.json(&Place::of("config_written", file))?;
    } else {
        data.line(&file.display().to_string())?;
    }
    data.finish()
}

#[derive(Serialize)]
struct Place<'a> {
    r#type: &'static str,
    schema_version: u32,
    path: &'a Path,
}

impl<'a> Place<'a> {
    fn of(kind: &'static str, path: &'a Path) -> Self {
        Self {
            r#type: kind,
            schema_version: SCHEMA_VERSION,
            path,
        }
    }
}

/// One setting as `config show --json` prints it.
#[derive(Serialize)]
struct Setting<'a> {
    r#type: &'static str,
    schema_version: u32,
    name: &'a str,
    value: Option<&'a Value>,
    origin: String,
}

fn show(context: &Context) -> Result<(), CliError> {
    let mut rows = rows(&context.settings);
    for (name, value) in &mut rows {
        let dir = match name.as_str() {
            "paths.data_dir" => &context.paths.data,
            "paths.state_dir" => &context.paths.state,
            "paths.cache_dir" => &context.paths.cache,
            _ => continue,
        };
        *value = Some(Value::String(dir.display().to_string()));
    }
    let mut data = context.output.data();
    if context.output.json {
        for (name, value) in &rows {
            data.json(&Setting {
                r#type: "setting",
                schema_version: SCHEMA_VERSION,
                name,
                value: value.as_ref(),
                origin: context.provenance.of(name).to_string(),
            })?;
        }
        return data.finish();
    }
    let shown = |value: &Option<Value>| {
        value
            .as_ref()
            .map_or_else(|| "(not set)".to_owned(), Value::to_string)
    };
    let width = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0).min(44);
    let names = width(&mut rows.iter().map(|(name, _)| name.chars().count()));
    let values = width(&mut rows.iter().map(|(_, value)| shown(value).chars().count()));
    for (name, value) in &rows {
        let (value, origin) = (shown(value), context.provenance.of(name));
        data.line(&format!("{name:<names$}  {value:<values$}  {origin}"))?;
    }
    data.finish()
}

fn check(context: &Context) -> Result<(), CliError> {
    let file = context.paths.config_file.as_deref();
    let file = file.filter(|file| file.exists());
    let mut data = context.output.data();
    if context.output.json {
        data.json(&serde_json::json!({
            "type": "config_check", "schema_version": SCHEMA_VERSION, "ok": true, "path": file,
        }))?;
    } else {
        data.line(&match file {
            Some(file) => format!("{} is in order", file.display()),
            None => "there is no config file; defaults, environment and flags are in order".into(),
        })?;
    }
    data.finish()
}

fn directories(context: &Context) -> Result<(), CliError> {
    let mut data = context.output.data();
    data.json(&serde_json::json!({
        "type": "paths",
        "schema_version": SCHEMA_VERSION,
        "config": context.paths.config_file,
        "data": context.paths.data,
        "state": context.paths.state,
        "cache": context.paths.cache,
        "logs": context.paths.logs(),
    }))?;
    data.finish()
}
