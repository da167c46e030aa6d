//! The command line: one file a command. A command parses, calls and prints; it holds no logic.
//!
//! Data goes to stdout, talk to stderr. With `--json` both are one JSON object a line: on stdout the command's own
//! types, on stderr `{"type":"error"|"warning",…}`. Mistakes in the arguments themselves are always plain text.

pub mod action_network;
pub mod arguments;
pub mod backfill;
pub mod cache;
pub mod calc;
pub mod collect;
pub mod completions;
pub mod config;
pub mod consensus;
pub mod context;
pub mod crash;
pub mod data;
pub mod database;
pub mod demo;
pub mod error;
pub mod export;
pub mod fair;
pub mod features;
pub mod game;
pub mod ingest;
pub mod inspect;
pub mod interrupt;
pub mod jobs;
pub mod json;
pub mod lead_lag;
pub mod lines;
pub mod logging;
pub mod man;
pub mod mybets;
pub mod one_shot;
pub mod open;
pub mod opportunities;
pub mod output;
pub mod pipeline;
pub mod plain;
pub mod replay;
pub mod report;
pub mod runtime;
pub mod screen;
pub mod session;
pub mod signals;
pub mod spool;
pub mod summary;
pub mod table;
pub mod watch;
pub mod wishes;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory as _, Parser, Subcommand};

use arguments::Global;
use context::Context;
use error::{CliError, Exit};
use output::Output;

/// A terminal cockpit for betting-line movement: every payload and every move in Postgres.
#[derive(Debug, Parser)]
#[command(
    name = "linetape",
    version,
    after_help = "Exit codes: 0 ok, 1 failure, 2 usage, 69 a dependency is down, 74 I/O, 75 locked, 77 permission, \
                  78 config, 130/143 signals."
)]
pub struct Cli {
    /// Flags of every command.
    #[command(flatten)]
    pub global: Global,
    /// Without a command: collect and show.
    #[command(flatten)]
    pub collect: collect::Args,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the cockpit on the built-in market: no key, no network
    Demo(demo::Args),
    /// The screen alone, on what another linetape stores
    Watch(watch::Args),
    /// A stretch of stored time, on the screen or as lines
    Replay(replay::Args),
    /// Take captured payloads through the whole path
    Ingest(ingest::Args),
    /// Print a game's line history
    Lines(lines::Args),
    /// Why lines move: steam, reverse movement, divergence and more, each with its evidence
    Signals(signals::Args),
    /// The fair price of every outcome of a game, what it rests on, and who pays more
    Fair(fair::Args),
    /// What the books of a game say together: median and weighted by the sharp ones, by market, with its books and age
    Consensus(consensus::Args),
    /// Which book moves first, and how long the others take
    LeadLag(lead_lag::Args),
    /// Prices better than fair, arbitrages and middles; which book is best how often, and what offers were worth
    Opportunities(opportunities::Args),
    /// What a model is told of a game at a moment: movement, velocity, dispersion, leader, splits
    Features(features::Args),
    /// Your own bets: what they were worth, how they ended, what the close said
    Mybets(mybets::Args),
    /// Write lines, games, splits or summaries as CSV or JSON lines
    Export(export::Args),
    /// Join games across feeds by hand, or split them again
    Game(game::Args),
    /// Take stored payloads through the zones, and prove a zone by rebuilding it
    Pipeline(pipeline::Args),
    /// The name that an earlier program gave a run over Action Network
    ActionNetwork(action_network::Args),
    /// How much comes through each zone, and how good it is
    Data(data::Args),
    /// Set up, check and describe the database
    Database(database::Args),
    /// Fetch history by league and day
    Backfill(backfill::Args),
    /// What is done at set times, and doing it now
    Jobs(jobs::Args),
    /// What waits for the database
    Spool(spool::Args),
    /// The cache tiers
    Cache(cache::Args),
    /// The arithmetic of betting: odds, fair prices, value, stakes, closing line, settlement, ratings
    Calc(calc::Args),
    /// Decode a captured payload: games, quotes, splits, results, books, rejects
    Inspect(inspect::Args),
    /// Write, show and check settings
    Config(config::Args),
    /// Print a completion script
    Completions(completions::Args),
    /// Print the manual page (roff)
    Man,
}

/// Parse `args`, run, and say how it went.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are data and succeed; a mistake is talk and exits with 2. A closed pipe is nobody's loss.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let output = Output::of(&cli.global);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            let message = format!("no threads can be started ({error}); see ulimit -u");
            return output.fail(&CliError::new(Exit::Io, message));
        }
    };
    let result = runtime.block_on(run(cli, &output));
    // A blocking read that never ends must not keep the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => output.fail(&error),
    }
}

async fn run(cli: Cli, output: &Output) -> Result<(), CliError> {
    let Cli {
        global,
        collect,
        command,
    } = cli;
    let Some(command) = command else {
        let context = Context::load(&global, collect.entries(), output)?;
        let session = session::Session {
            fresh_screen: collect.fresh,
            ..collect.session
        };
        return runtime::live(&session, &context, global.color).await;
    };
    if collect != collect::Args::default() {
        let message = "flags of a run (--no-tui, --once, --for, --sources, --leagues) go after the command: \
                       linetape demo --no-tui";
        return Err(CliError::new(Exit::Usage, message));
    }
    match command {
        Command::Demo(args) => {
            let context = Context::load(&global, args.entries(), output)?;
            runtime::demo(&args, &context, global.color).await
        }
        Command::Watch(args) => {
            let context = Context::load(&global, Vec::new(), output)?;
            watch::run(args, &context, global.color).await
        }
        Command::Replay(args) => {
            let context = Context::load(&global, Vec::new(), output)?;
            replay::run(args, &context, global.color).await
        }
        Command::Completions(args) => completions::run(&args, output, &mut Cli::command()),
        Command::Man => man::run(output, Cli::command()),
        Command::Calc(args) => calc::run(&args, output),
        Command::Config(args) => config::run(&args, &global, output),
        Command::Ingest(args) => {
            ingest::run(args, &Context::load(&global, Vec::new(), output)?).await
        }
        Command::Lines(args) => {
            lines::run(args, &Context::load(&global, Vec::new(), output)?).await
        }
        Command::Signals(args) => {
            signals::run(args, &Context::load(&global, Vec::new(), output)?).await
        }
        Command::Fair(args) => fair::run(args, &Context::load(&global, Vec::new(), output)?).await,
        Command::Consensus(args) => {
            consensus::run(args, &Context::load(&global, Vec::new(), output)?).await
        }
        Command::LeadLag(args) => {
            lead_lag::run(args, &Context::load(&global, Vec::new(), output)?).await
        }
        Command::Opportunities(args) => {
            opportunities::run(args, &Context::load(&global, Vec::new(), output)?).await
        }
        Command::Features(args) => {
            features::run(args, &Context::load(&global, Vec::new(), output)?).await
        }
        Command::Mybets(args) => {
            mybets::run(args, &Context::load(&global, Vec::new(), output)?).await
        }
        Command::Export(args) => {
            export::run(args, &Context::load(&global, Vec::new(), output)?).await
        }
        Command::Game(args) => game::run(args, &Context::load(&global, Vec::new(), output)?).await,
        Command::Pipeline(args) => {
            Box::pin(pipeline::run(
                args,
                &Context::load(&global, Vec::new(), output)?,
            ))
            .await
        }
        Command::ActionNetwork(args) => {
            let context = Context::load(&global, args.entries(), output)?;
            runtime::live(&args.session(), &context, global.color).await
        }
        Command::Data(args) => data::run(args, &Context::load(&global, Vec::new(), output)?).await,
        Command::Database(args) => {
            database::run(args, &Context::load(&global, Vec::new(), output)?).await
        }
        Command::Backfill(args) => {
            backfill::run(args, &Context::load(&global, Vec::new(), output)?).await
        }
        Command::Jobs(args) => jobs::run(args, &Context::load(&global, Vec::new(), output)?).await,
        Command::Spool(args) => {
            spool::run(args, &Context::load(&global, Vec::new(), output)?).await
        }
        Command::Cache(args) => {
            cache::run(args, &Context::load(&global, Vec::new(), output)?).await
        }
        Command::Inspect(args) => {
            inspect::run(args, &Context::load(&global, Vec::new(), output)?).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_hold_together() {
        Cli::command().debug_assert();
    }
}
