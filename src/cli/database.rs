//! `linetape database setup|status|test-connection|check-data|registry|grants|payload`.

mod check_data;
mod grants;
mod registry;
mod status;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::arguments::GameName;
use super::context::Context;
use super::error::{CliError, Exit};
use super::open::{self, Opened, failed};
use crate::domain::payload::PayloadHash;
use crate::engine::reference::Reference;
use crate::store;

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
    /// Start the embedded PostgreSQL if that is used, and bring the schema up to date
    #[command(visible_alias = "setup-action-network")]
    Setup {
        /// Install PostgreSQL with the system's package manager when it is missing
        #[arg(long)]
        install: bool,
        /// The demo's database
        #[arg(long)]
        demo: bool,
        /// Then print every table and its row count, and what is missing
        #[arg(short, long)]
        test_connection: bool,
    },
    /// Where the database is, its versions, sizes and row counts, dead rows, vacuum and months
    Status {
        /// The demo's database
        #[arg(long)]
        demo: bool,
    },
    /// Connect, and print the server's version
    TestConnection {
        /// The demo's database
        #[arg(long)]
        demo: bool,
    },
    /// Every table name, of linetape and of the programs before it, and where its rows are today
    Registry {
        /// Only this name
        name: Option<String>,
        /// The demo's database
        #[arg(long)]
        demo: bool,
    },
    /// What is stored: in all, or of one game
    CheckData {
        /// The demo's database
        #[arg(long)]
        demo: bool,
        /// Only this game: its id, Action Network's, or source:id
        #[arg(short, long)]
        game: Option<GameName>,
        /// Only this book, by slug or the feed's id
        #[arg(short, long)]
        book: Option<String>,
        /// Only this market
        #[arg(short, long)]
        market: Option<String>,
    },
    /// Who may do what: each role and schema, and the statements that are missing
    Grants {
        /// The demo's database
        #[arg(long)]
        demo: bool,
    },
    /// The bytes of a stored payload, as they came over the wire
    Payload {
        /// BLAKE3 of the bytes in 64 hex digits, as `lines --explain` prints it
        hash: PayloadHash,
        /// A file, instead of standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// The demo's database
        #[arg(long)]
        demo: bool,
    },
}

/// Do it.
pub async fn run(args: Args, context: &Context) -> Result<(), CliError> {
    let (demo, install) = match &args.action {
        Action::Setup { install, demo, .. } => (*demo, *install),
        Action::Status { demo }
        | Action::TestConnection { demo }
        | Action::Grants { demo }
        | Action::Registry { demo, .. }
        | Action::CheckData { demo, .. }
        | Action::Payload { demo, .. } => (*demo, false),
    };
    let opened = open::database(context, demo, install).await?;
    let done = act(args.action, context, &opened).await;
    opened.leave().await;
    done
}

async fn act(action: Action, context: &Context, opened: &Opened) -> Result<(), CliError> {
    match action {
        Action::Setup {
            test_connection, ..
        } => {
            let version = opened.migrate().await?;
            let reference =
                Reference::builtin().map_err(|e| CliError::new(Exit::Failure, e.to_string()))?;
            store::reference::seed(&opened.pool, &reference.books, &reference.teams)
                .await
                .map_err(failed)?;
            context
                .output
                .say(&format!("the schema is at version {version}"));
            let owners = opened.owners(context);
            let made = async {
                registry::make(context, &owners).await?;
                grants::make(context, &owners).await
            };
            let made = made.await;
            owners.close().await;
            made?;
            if test_connection {
                status::print(context, opened).await
            } else {
                print_check(context, opened).await
            }
        }
        Action::Status { .. } => status::print(context, opened).await,
        Action::Payload { hash, out, .. } => {
            print_payload(context, opened, hash, out.as_deref()).await
        }
        Action::Grants { .. } => grants::print(context, opened).await,
        Action::TestConnection { .. } => print_check(context, opened).await,
        Action::Registry { name, .. } => registry::print(context, opened, name.as_deref()).await,
        Action::CheckData {
            game, book, market, ..
        } => {
            let (book, market) = (book.as_deref(), market.as_deref());
            check_data::print(context, opened, game.as_ref(), book, market).await
        }
    }
}

async fn print_check(context: &Context, opened: &Opened) -> Result<(), CliError> {
    let check = store::status::check(&opened.pool).await;
    let mut data = context.output.data();
    if context.output.json {
        data.json(&check)?;
    } else if let Some(us) = check.latency_us {
        data.line(&format!("{} answers in {us} µs", opened.server))?;
    }
    data.finish()?;
    match check.reason {
        Some(reason) => Err(CliError::new(Exit::Unavailable, reason)),
        None => Ok(()),
    }
}

/// The bytes verbatim, their hash checked. They are a feed's, so a terminal never gets them.
async fn print_payload(
    context: &Context,
    opened: &Opened,
    hash: PayloadHash,
    out: Option<&Path>,
) -> Result<(), CliError> {
    let mut connection = opened.pool.acquire().await.map_err(failed)?;
    let Some(body) = store::payloads::body(&mut connection, hash)
        .await
        .map_err(failed)?
    else {
        let message = format!(
            "no payload {hash} is stored; `linetape lines GAME --explain` names those of a game"
        );
        return Err(CliError::new(Exit::Failure, message));
    };
    if let Some(path) = out {
        return std::fs::write(path, &body).map_err(|error| {
            let message = format!("{} cannot be written: {error}", path.display());
            CliError::new(Exit::Io, message)
        });
    }
    if std::io::stdout().is_terminal() {
        let message = "the bytes are a feed's and may steer a terminal; give --out FILE, or pipe them somewhere";
        return Err(CliError::new(Exit::Usage, message));
    }
    let mut data = context.output.data();
    data.raw(&body)?;
    data.finish()
}
