//! `linetape` without a command: collect from the feeds and show.

use super::arguments;
use super::session::Session;
use crate::config::layer::Entry;
use crate::domain::league::League;
use crate::domain::source::Source;

/// Arguments.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args)]
pub struct Args {
    /// Screen or lines, once or for a time.
    #[command(flatten)]
    pub session: Session,
    /// Feeds, instead of the settings': `action_network` (an), `odds_api` (oddsapi)
    #[arg(long, value_delimiter = ',', value_parser = arguments::source)]
    pub sources: Vec<Source>,
    /// Begin with the layout of a first start
    #[arg(long)]
    pub fresh: bool,
    /// Leagues, instead of the settings': mlb, nfl, nba, nhl, ncaaf, ncaab, wnba, soccer
    #[arg(long, value_delimiter = ',')]
    pub leagues: Vec<League>,
}

impl Args {
    /// The settings these flags stand for.
    pub fn entries(&self) -> Vec<Entry> {
        let list = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let mut entries = Vec::new();
        if !self.sources.is_empty() {
            let names = list(self.sources.iter().map(|s| s.as_str()).collect());
            entries.push(Entry::flag("--sources", "collect.sources", names));
        }
        if !self.leagues.is_empty() {
            let names = list(self.leagues.iter().map(|l| l.as_str()).collect());
            entries.push(Entry::flag("--leagues", "collect.leagues", names));
        }
        entries
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args as _, FromArgMatches as _};

    use super::*;
    use crate::config::{Inputs, load};

    #[test]
    fn flags_become_settings() {
        let command = Args::augment_args(clap::Command::new("linetape"));
        let matches = command
            .try_get_matches_from([
                "linetape",
                "--sources",
                "an",
                "--leagues",
                "nfl,mlb",
                "--for",
                "10m",
            ])
            .unwrap();
        let args = Args::from_arg_matches(&matches).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("empty.toml");
        std::fs::write(&file, "").unwrap();
        let loaded = load(&Inputs {
            file: Some(file),
            flags: args.entries(),
            ..Inputs::default()
        })
        .unwrap();
        assert_eq!(loaded.settings.collect.sources, [Source::ActionNetwork]);
        assert_eq!(loaded.settings.collect.leagues, [League::Nfl, League::Mlb]);
        assert_eq!(
            loaded.provenance.of("collect.leagues").to_string(),
            "flag --leagues"
        );
        assert_eq!(args.session.lasting.map(|t| t.as_secs()), Some(600));
    }
}
