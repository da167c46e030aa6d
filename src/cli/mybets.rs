//! `linetape mybets add|import|list|report|pitchers|remove`: one's own bets.

mod print;

use std::path::PathBuf;

use chrono::Utc;
use clap::{Subcommand, ValueEnum};
use serde_json::json;
use sqlx::PgConnection;

use super::arguments::GameName;
use super::context::Context;
use super::error::{CliError, Exit};
use super::open::{self, Opened, failed};
use crate::analytics::wager::file::{Rejected, Written, read_file};
use crate::analytics::wager::report::By;
use crate::analytics::wager::{Ticket, Told};
use crate::engine::mybets::{Added, add, settle};
use crate::engine::reference::Reference;
use crate::engine::signals::Judge;
use crate::store;

/// Largest file of bets that is read, bytes.
const LARGEST: u64 = 64 << 20;

/// Arguments.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// What to do
    #[command(subcommand)]
    pub action: Action,
    /// In the demo's database
    #[arg(long, global = true)]
    pub demo: bool,
}

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub enum Action {
    /// Keep a bet, with what it was worth by the board as known when it was made
    Add(Box<Add>),
    /// Keep the bets of a CSV file; rows that are none are told with line and reason, and the same file again adds nothing
    ///
    /// The header, in any order: `game,market,side,line,price,stake,book,placed_at`, and where wanted
    /// `period,team,pitchers,note`. A moneyline's line is empty.
    Import {
        /// The file
        file: PathBuf,
        /// Read and judge it, and keep nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Every bet, the newest first, settled where its game is over
    List,
    /// What they made: against what they were worth when made, and against the close
    Report {
        /// By one of these only; without it by all together, book, league, market and month
        #[arg(long, value_enum)]
        by: Option<Dimension>,
    },
    /// Say of a bet with listed pitchers whether they started: no feed here tells
    Pitchers {
        /// The bet, as `mybets list` names it
        bet: String,
        /// What happened
        #[arg(value_enum)]
        started: Started,
    },
    /// Take a bet away
    Remove {
        /// The bet, as `mybets list` names it
        bet: String,
    },
}

/// A bet.
#[derive(Debug, Clone, clap::Args)]
pub struct Add {
    /// Its game: its id, or source:id (an:257653)
    pub game: GameName,
    /// moneyline, spread, total, `team_total`
    #[arg(long, short = 'm')]
    pub market: String,
    /// home, away, over, under, draw
    #[arg(long, short = 's')]
    pub side: String,
    /// The number, with your side's sign; none for a moneyline
    #[arg(
        long,
        short = 'l',
        allow_hyphen_values = true,
        default_value = "",
        hide_default_value = true
    )]
    pub line: String,
    /// American (-110), decimal (1.91) or a fraction (10/11)
    #[arg(long, short = 'p', allow_hyphen_values = true)]
    pub price: String,
    /// How much
    #[arg(long)]
    pub stake: String,
    /// Where
    #[arg(long, short = 'b')]
    pub book: String,
    /// When, RFC 3339 or epoch seconds; now when none is given
    #[arg(long)]
    pub at: Option<String>,
    /// Part of the game: full, 1h, f5 …
    #[arg(long, default_value = "full")]
    pub period: String,
    /// The team of a team total: home or away
    #[arg(long, default_value = "", hide_default_value = true)]
    pub team: String,
    /// The bet stands only if the pitchers named start
    #[arg(long)]
    pub listed: bool,
    /// A word of your own
    #[arg(long, default_value = "", hide_default_value = true)]
    pub note: String,
}

/// What a report splits by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Dimension {
    /// All together.
    All,
    /// Book.
    Book,
    /// League.
    League,
    /// Market.
    Market,
    /// Month.
    Month,
}

impl From<Dimension> for By {
    fn from(by: Dimension) -> Self {
        match by {
            Dimension::All => Self::All,
            Dimension::Book => Self::Book,
            Dimension::League => Self::League,
            Dimension::Market => Self::Market,
            Dimension::Month => Self::Month,
        }
    }
}

/// What became of listed pitchers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Started {
    /// They started.
    Started,
    /// Another did.
    Changed,
}

/// Do it.
pub async fn run(args: Args, context: &Context) -> Result<(), CliError> {
    // What is wrong with the bet itself is said before any database is asked.
    let work = prepare(&args.action, context)?;
    let opened = open::database(context, args.demo, false).await?;
    let done = act(work, &opened, context).await;
    opened.leave().await;
    done
}

enum Work {
    Add(GameName, Ticket),
    Import(Vec<Written>, Vec<Rejected>, bool),
    List,
    Report(Vec<By>),
    Pitchers(String, bool),
    Remove(String),
}

fn prepare(action: &Action, context: &Context) -> Result<Work, CliError> {
    let usage = |message: String| CliError::new(Exit::Usage, message);
    Ok(match action {
        Action::Add(add) => {
            let now = Utc::now().to_rfc3339();
            let told = Told {
                market: &add.market,
                side: &add.side,
                line: &add.line,
                price: &add.price,
                stake: &add.stake,
                book: &add.book,
                placed_at: add.at.as_deref().unwrap_or(&now),
                period: &add.period,
                team: &add.team,
                pitchers: if add.listed { "listed" } else { "action" },
                note: &add.note,
            };
            Work::Add(add.game.clone(), told.read().map_err(usage)?)
        }
        Action::Import { file, dry_run } => {
            let failed = |e: std::io::Error| {
                CliError::new(
                    Exit::Io,
                    format!("{} cannot be read ({e}); name a CSV file", file.display()),
                )
            };
            if std::fs::metadata(file).map_err(failed)?.len() > LARGEST {
                let message = format!(
                    "{} is larger than 64 MB; import it in parts",
                    file.display()
                );
                return Err(CliError::new(Exit::Io, message));
            }
            let bytes = std::fs::read(file).map_err(failed)?;
            let (bets, rejected) =
                read_file(&bytes).map_err(|e| CliError::new(Exit::Failure, e))?;
            for row in &rejected {
                context
                    .output
                    .warn(&format!("line {}: {}", row.line, row.reason));
            }
            Work::Import(bets, rejected, *dry_run)
        }
        Action::List => Work::List,
        Action::Report { by } => {
            Work::Report(by.map_or_else(|| By::ALL.to_vec(), |by| vec![by.into()]))
        }
        Action::Pitchers { bet, started } => {
            Work::Pitchers(bet.clone(), *started == Started::Changed)
        }
        Action::Remove { bet } => Work::Remove(bet.clone()),
    })
}

async fn act(work: Work, opened: &Opened, context: &Context) -> Result<(), CliError> {
    opened.migrate().await?;
    let reference =
        Reference::builtin().map_err(|e| CliError::new(Exit::Failure, e.to_string()))?;
    let judge = Judge::new(reference.into());
    let mut connection = opened.pool.acquire().await.map_err(failed)?;
    match work {
        Work::Add(game, ticket) => {
            let added = keep(&game, ticket, opened, &judge, &mut connection).await?;
            print::added(&added, context)
        }
        Work::Import(bets, rejected, dry_run) => {
            let told = import(
                bets,
                rejected,
                dry_run,
                opened,
                &judge,
                &mut connection,
                context,
            );
            print::imported(&told.await?, context)
        }
        Work::List => {
            settle(&opened.pool, &judge).await.map_err(failed)?;
            print::list(&mut connection, context).await
        }
        Work::Report(dimensions) => {
            settle(&opened.pool, &judge).await.map_err(failed)?;
            let bets = store::mybets::list(&mut connection).await.map_err(failed)?;
            print::report(&bets, &dimensions, context)
        }
        Work::Pitchers(bet, changed) => {
            let there = store::mybets::pitchers(&mut connection, &bet, changed).await;
            if !there.map_err(failed)? {
                return Err(nobody(&bet, "bet with listed pitchers"));
            }
            settle(&opened.pool, &judge).await.map_err(failed)?;
            print::list_one(&mut connection, &bet, context).await
        }
        Work::Remove(bet) => {
            let there = store::mybets::remove(&mut connection, &bet).await;
            if !there.map_err(failed)? {
                return Err(nobody(&bet, "bet"));
            }
            let mut data = context.output.data();
            if context.output.json {
                data.json(&json!({"type": "bet_removed", "bet_id": bet}))?;
            } else {
                data.line(&format!("{bet} is gone"))?;
            }
            data.finish()
        }
    }
}

fn nobody(bet: &str, what: &str) -> CliError {
    let message = format!(
        "there is no {what} {:?}; `linetape mybets list` names them",
        crate::domain::clean::clean(bet, 40)
    );
    CliError::new(Exit::Failure, message)
}

async fn keep(
    name: &GameName,
    ticket: Ticket,
    opened: &Opened,
    judge: &Judge,
    connection: &mut PgConnection,
) -> Result<Added, CliError> {
    let game = opened.game(name).await?;
    let added = add(connection, judge, game, ticket).await.map_err(failed)?;
    added.ok_or_else(|| {
        CliError::new(
            Exit::Failure,
            format!("no game {name} is stored; `linetape database check-data` shows what is"),
        )
    })
}

/// What became of a file.
#[derive(Debug, Default)]
struct Imported {
    new: usize,
    known: usize,
    with_fair: usize,
    rejected: Vec<Rejected>,
    dry_run: bool,
}

async fn import(
    bets: Vec<Written>,
    rejected: Vec<Rejected>,
    dry_run: bool,
    opened: &Opened,
    judge: &Judge,
    connection: &mut PgConnection,
    context: &Context,
) -> Result<Imported, CliError> {
    let mut told = Imported {
        rejected,
        dry_run,
        ..Imported::default()
    };
    for (line, game, ticket) in bets {
        let one = match game.parse::<GameName>() {
            Err(reason) => Err(CliError::new(Exit::Failure, reason)),
            Ok(name) if dry_run => opened.game(&name).await.map(|_| None),
            Ok(name) => keep(&name, ticket, opened, judge, connection)
                .await
                .map(Some),
        };
        match one {
            Ok(None) => told.new += 1,
            Ok(Some(added)) => {
                told.new += usize::from(added.new);
                told.known += usize::from(!added.new);
                told.with_fair += usize::from(added.new && added.worth.is_some());
            }
            Err(error) if error.exit == Exit::Failure => {
                let reason = error.message;
                context.output.warn(&format!("line {line}: {reason}"));
                told.rejected.push(Rejected { line, reason });
            }
            Err(error) => return Err(error),
        }
    }
    told.rejected.sort_by_key(|row| row.line);
    Ok(told)
}
