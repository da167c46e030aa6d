//! Standard output and standard error: data on one, talk on the other.

use std::io::{self, BufWriter, IsTerminal as _, StdoutLock, Write};
use std::process::ExitCode;

use serde::Serialize;

use super::arguments::{ColorWhen, Global};
use super::error::{CliError, Exit};
use super::json;
use crate::domain::clean::clean;

/// Version of the field names in every JSON line.
pub const SCHEMA_VERSION: u32 = 1;

/// Longest sentence printed, characters; longer ones hold a mistake, not more meaning.
const LONGEST: usize = 20_000;

/// Where and how to print.
#[derive(Debug, Clone)]
pub struct Output {
    /// One JSON object a line.
    pub json: bool,
    /// Whether to colour.
    pub color: bool,
}

/// A line of talk in JSON.
#[derive(Serialize)]
struct Talk<'a> {
    r#type: &'static str,
    schema_version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<u8>,
    message: &'a str,
}

impl Output {
    /// As the global flags and the terminal say.
    pub fn of(global: &Global) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let terminal = io::stdout().is_terminal();
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            json: global.json,
            color: wants_color(
                global.color,
                set("NO_COLOR"),
                set("CLICOLOR_FORCE"),
                terminal && !dumb,
            ),
        }
    }

    /// Standard output, buffered and locked. [`Data::finish`] it.
    pub fn data(&self) -> Data {
        Data(BufWriter::with_capacity(1 << 16, io::stdout().lock()))
    }

    /// Say on stderr what a person should know although the work goes on.
    pub fn warn(&self, message: &str) {
        self.talk("warning", None, message);
    }

    /// Say on stderr what is being done; not with `--json`.
    pub fn say(&self, message: &str) {
        if !self.json {
            self.talk("note", None, message);
        }
    }

    /// Say why it failed, and give the exit code.
    pub fn fail(&self, error: &CliError) -> ExitCode {
        if error.exit != Exit::Closed && !error.message.is_empty() {
            self.talk("error", Some(error.exit.code()), &error.message);
        }
        ExitCode::from(error.exit.code())
    }

    /// A heading, bold where colour is wanted.
    pub fn heading(&self, text: &str) -> String {
        if self.color {
            format!("\u{1b}[1m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    fn talk(&self, kind: &'static str, exit_code: Option<u8>, message: &str) {
        let mut stderr = io::stderr().lock();
        // Nobody is left to tell when stderr itself is gone.
        let _ = if self.json {
            let talk = Talk {
                r#type: kind,
                schema_version: SCHEMA_VERSION,
                exit_code,
                message,
            };
            json::line(&mut stderr, &talk)
        } else {
            let mark = if kind == "warning" { "warning: " } else { "" };
            message
                .lines()
                .try_for_each(|line| writeln!(stderr, "linetape: {mark}{}", clean(line, LONGEST)))
        };
    }
}

fn wants_color(when: ColorWhen, no_color: bool, forced: bool, terminal: bool) -> bool {
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => !no_color && (forced || terminal),
    }
}

/// Standard output, buffered and locked.
pub struct Data(BufWriter<StdoutLock<'static>>);

impl Write for Data {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Data {
    /// One line of text, cleaned. A heading made by [`Output::heading`] goes through [`Data::styled`].
    pub fn line(&mut self, text: &str) -> Result<(), CliError> {
        writeln!(self.0, "{}", clean(text, LONGEST)).map_err(|error| CliError::stdout(&error))
    }

    /// One line as it is: nothing in it may come from a feed.
    pub fn styled(&mut self, text: &str) -> Result<(), CliError> {
        writeln!(self.0, "{text}").map_err(|error| CliError::stdout(&error))
    }

    /// One JSON object on a line, its text cleaned.
    pub fn json(&mut self, value: &impl Serialize) -> Result<(), CliError> {
        json::line(&mut self.0, value).map_err(|error| CliError::stdout(&error))
    }

    /// Bytes as they are: a script or a manual page of our own.
    pub fn raw(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        self.0
            .write_all(bytes)
            .map_err(|error| CliError::stdout(&error))
    }

    /// Write out what is buffered: at the end of a command, or of a progress line.
    pub fn flush(&mut self) -> Result<(), CliError> {
        self.0.flush().map_err(|error| CliError::stdout(&error))
    }

    /// Write out what is buffered and let go of standard output.
    pub fn finish(mut self) -> Result<(), CliError> {
        self.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_follows_flag_then_environment_then_terminal() {
        use ColorWhen::{Always, Auto, Never};
        assert!(wants_color(Always, true, false, false));
        assert!(!wants_color(Never, false, true, true));
        assert!(wants_color(Auto, false, false, true));
        assert!(!wants_color(Auto, true, true, true));
        assert!(wants_color(Auto, false, true, false));
        assert!(!wants_color(Auto, false, false, false));
    }
}
