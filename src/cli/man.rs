//! `linetape man`.

use std::fmt::Write as _;

use super::error::CliError;
use super::output::Output;
use crate::tui::action::Action;

/// Print the manual page: the program's, then one section a command.
pub fn run(output: &Output, mut command: clap::Command) -> Result<(), CliError> {
    command.build();
    let mut page = Vec::new();
    render(&command, &mut page).map_err(|error| CliError::stdout(&error))?;
    page.extend_from_slice(keys().as_bytes());
    let mut data = output.data();
    data.raw(&page)?;
    data.finish()
}

fn render(command: &clap::Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    clap_mangen::Man::new(command.clone()).render(page)?;
    for sub in command
        .get_subcommands()
        .filter(|sub| sub.get_name() != "help")
    {
        let name = format!("linetape {}", sub.get_name());
        let man = clap_mangen::Man::new(sub.clone().display_name(name));
        page.extend_from_slice(
            format!(".SH \"LINETAPE {}\"\n", sub.get_name().to_uppercase()).as_bytes(),
        );
        man.render_synopsis_section(page)?;
        man.render_description_section(page)?;
        man.render_options_section(page)?;
    }
    Ok(())
}

/// The screen's keys, from the table that the screen itself goes by.
fn keys() -> String {
    let mut page = String::from(".SH KEYS\n");
    for action in Action::ALL {
        let keys = action
            .default_keys()
            .join(", ")
            .replace('\\', "\\e")
            .replace('-', "\\-");
        let _ = write!(
            page,
            ".TP\n.B {keys}\n{} ({}, {})\n",
            action.description(),
            action.id(),
            action.context().title()
        );
    }
    page
}
