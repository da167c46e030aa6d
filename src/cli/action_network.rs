//! `linetape action-network pipeline`: one run over Action Network's slate, under the name that an earlier program
//! gave it.

use clap::{Subcommand, ValueEnum};

use super::session::Session;
use crate::config::layer::Entry;
use crate::domain::source::Source;

/// Arguments.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// What to do
    #[command(subcommand)]
    pub action: Action,
}

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub enum Action {
    /// Fetch the slate and its games' tick histories once, store them, and say how it went
    Pipeline {
        /// Fetch the tick histories of this many games at most; of all when left out
        #[arg(short, long, value_name = "N")]
        max_games: Option<usize>,
        /// How far the slate goes
        #[arg(short, long, value_enum, default_value_t)]
        date: Day,
        /// Fetch no tick histories
        #[arg(short, long)]
        skip_history: bool,
    },
}

/// How far a slate goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Day {
    /// Today.
    #[default]
    Today,
    /// Today and tomorrow.
    Tomorrow,
}

impl Args {
    /// The settings these flags stand for.
    pub fn entries(&self) -> Vec<Entry> {
        let Action::Pipeline {
            date, skip_history, ..
        } = &self.action;
        let only = vec![Source::ActionNetwork.as_str().to_owned()];
        let days: i64 = match date {
            Day::Today => 1,
            Day::Tomorrow => 2,
        };
        let mut entries = vec![
            Entry::flag("pipeline", "collect.sources", only),
            Entry::flag("--date", "collect.days", days),
        ];
        if *skip_history {
            let off = Entry::flag("--skip-history", "sources.action_network.history", false);
            entries.push(off);
        }
        entries
    }

    /// One look, headless.
    pub fn session(&self) -> Session {
        let Action::Pipeline { max_games, .. } = &self.action;
        Session {
            no_tui: true,
            once: true,
            histories: Some(max_games.unwrap_or(usize::MAX)),
            ..Session::default()
        }
    }
}
