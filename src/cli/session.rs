//! How a run goes: on the screen or headless, once or for a time.

use std::io::IsTerminal as _;
use std::time::Duration;

use super::arguments;

/// Flags of every command that runs the engine.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own; any may be on"
)]
pub struct Session {
    /// Progress lines instead of the screen
    #[arg(long)]
    pub no_tui: bool,
    /// No drawing: a line for each thing that happens, for screen readers and pipes
    #[arg(long, conflicts_with = "no_tui")]
    pub plain: bool,
    /// One cycle of every source, then a summary
    #[arg(long)]
    pub once: bool,
    /// Stop after this time: 90s, 10m, 4h
    #[arg(long = "for", value_name = "TIME", value_parser = arguments::duration)]
    pub lasting: Option<Duration>,
    /// Begin with the layout of a first start.
    #[arg(skip)]
    pub fresh_screen: bool,
    /// With `once`: most tick histories to fetch, instead of the usual number a look.
    #[arg(skip)]
    pub histories: Option<usize>,
}

/// Where a run is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// The cockpit.
    Screen,
    /// Progress lines on stdout.
    Headless,
}

impl Session {
    /// The screen, unless something asks for lines: `--no-tui`, `--once`, `--json`, or no terminal on either side.
    pub fn surface(&self, json: bool) -> Surface {
        let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        self.surface_on(json, terminal)
    }

    fn surface_on(&self, json: bool, terminal: bool) -> Surface {
        if self.no_tui || self.plain || self.once || json || !terminal {
            Surface::Headless
        } else {
            Surface::Screen
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_screen_needs_a_terminal_and_nobody_asking_for_lines() {
        let plain = Session::default();
        assert_eq!(plain.surface_on(false, true), Surface::Screen);
        assert_eq!(plain.surface_on(false, false), Surface::Headless);
        assert_eq!(plain.surface_on(true, true), Surface::Headless);
        let once = Session {
            once: true,
            ..Session::default()
        };
        assert_eq!(once.surface_on(false, true), Surface::Headless);
    }
}
