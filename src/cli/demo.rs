//! `linetape demo`: the built-in market, in a database of its own.

use clap::value_parser;

use super::session::Session;
use crate::config::layer::Entry;

/// Arguments.
#[derive(Debug, Clone, PartialEq, Eq, clap::Args)]
pub struct Args {
    /// Screen or lines, once or for a time.
    #[command(flatten)]
    pub session: Session,
    /// Simulated seconds in a real one, 1 to 600
    #[arg(long, value_parser = value_parser!(u16).range(1..=600))]
    pub speed: Option<u16>,
    /// The same seed gives the same tape
    #[arg(long, value_parser = value_parser!(u64).range(..=i64::MAX as u64))]
    pub seed: Option<u64>,
    /// Games a day, 1 to 200
    #[arg(long, value_parser = value_parser!(u16).range(1..=200))]
    pub games: Option<u16>,
    /// Install PostgreSQL with the system's package manager when it is missing
    #[arg(long)]
    pub install: bool,
    /// Start the tape over instead of resuming it
    #[arg(long)]
    pub fresh: bool,
}

impl Args {
    /// The settings these flags stand for.
    pub fn entries(&self) -> Vec<Entry> {
        let given = [
            ("--seed", "demo.seed", self.seed),
            ("--speed", "demo.speed", self.speed.map(u64::from)),
            ("--games", "demo.games", self.games.map(u64::from)),
        ];
        let entry = |(flag, path, number): (&'static str, &str, Option<u64>)| {
            // clap's range keeps the seed within TOML's numbers.
            let number = i64::try_from(number?).ok()?;
            Some(Entry::flag(flag, path, number))
        };
        given.into_iter().filter_map(entry).collect()
    }
}

#[cfg(test)]
mod tests {
    use clap::{Args as _, FromArgMatches as _};

    use super::*;

    fn parse(args: &[&str]) -> Result<Args, clap::Error> {
        let command = Args::augment_args(clap::Command::new("demo"));
        let matches = command.try_get_matches_from(std::iter::once(&"demo").chain(args))?;
        Args::from_arg_matches(&matches)
    }

    #[test]
    fn what_is_out_of_range_is_a_usage_error() {
        assert_eq!(
            parse(&["--speed", "600", "--games", "1"])
                .unwrap()
                .entries()
                .len(),
            2
        );
        for bad in [
            ["--speed", "0"],
            ["--speed", "601"],
            ["--games", "201"],
            ["--for", "10"],
            ["--seed", "-1"],
        ] {
            assert_eq!(parse(&bad).unwrap_err().exit_code(), 2, "{bad:?}");
        }
    }
}
