//! `linetape completions SHELL`.

use super::error::CliError;
use super::output::Output;

/// Arguments.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Shell to complete in
    pub shell: clap_complete::Shell,
}

/// Print the script.
pub fn run(args: &Args, output: &Output, command: &mut clap::Command) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, command, "linetape", &mut script);
    let mut data = output.data();
    data.raw(&script)?;
    data.finish()
}
