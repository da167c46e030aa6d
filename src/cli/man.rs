//! `linetape man`.

use super::error::CliError;
use super::output::Output;

/// Print the manual page: the program's, then one section a command.
pub fn run(output: &Output, mut command: clap::Command) -> Result<(), CliError> {
    command.build();
    let mut page = Vec::new();
    render(&command, &mut page).map_err(|error| CliError::stdout(&error))?;
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
