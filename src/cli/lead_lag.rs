//! `linetape lead-lag`: which book moves first, and how long the others take.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::json;

use super::context::Context;
use super::error::{CliError, Exit};
use super::open::{self, Opened, failed};
use super::table::{Align, Table};
use crate::analytics::features::waves;
use crate::analytics::lead_lag::{Standing, Wave, standings};
use crate::domain::game::GameId;
use crate::domain::league::League;
use crate::engine::features::{self, Moves};
use crate::engine::reference::Reference;
use crate::engine::signals::Judge;
use crate::store;
use crate::store::features::Following;

/// Arguments.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Only this league
    #[arg(long)]
    pub league: Option<League>,
    /// First slate, like 2025-07-01; from the first stored when none is given
    #[arg(long)]
    pub from: Option<NaiveDate>,
    /// Last slate; to the last stored when none is given
    #[arg(long)]
    pub to: Option<NaiveDate>,
    /// Who follows whom, pair by pair, instead of each book's standing
    #[arg(long)]
    pub pairs: bool,
    /// Leave out books that took part in fewer waves
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub min_waves: u32,
    /// In the demo's database
    #[arg(long)]
    pub demo: bool,
}

/// Print them.
pub async fn run(args: Args, context: &Context) -> Result<(), CliError> {
    if args.from.zip(args.to).is_some_and(|(from, to)| to < from) {
        let message = "--to lies before --from; give the first slate first";
        return Err(CliError::new(Exit::Usage, message));
    }
    let opened = open::database(context, args.demo, false).await?;
    let found = find(&args, &opened, context).await;
    opened.leave().await;
    let games = found?;
    let mut printed = false;
    let mut data = context.output.data();
    let mut table = if args.pairs {
        Table::new(&[
            ("market", Align::Left),
            ("leader", Align::Left),
            ("follower", Align::Left),
            ("led", Align::Right),
            ("followed", Align::Right),
            ("median", Align::Right),
            ("p90", Align::Right),
        ])
    } else {
        Table::new(&[
            ("market", Align::Left),
            ("book", Align::Left),
            ("waves", Align::Right),
            ("led", Align::Right),
            ("share", Align::Right),
            ("95 %", Align::Left),
            ("median lag", Align::Right),
        ])
    };
    for market in features::MARKETS {
        let all: Vec<Wave<'_>> = games
            .iter()
            .flat_map(|moves| waves(moves.of(market)))
            .collect();
        if args.pairs {
            for pair in features::following(market, &all) {
                if pair.followed.unsigned_abs() < args.min_waves {
                    continue;
                }
                printed = true;
                if context.output.json {
                    data.json(&pair_row(&pair))?;
                } else {
                    table.row(pair_cells(&pair));
                }
            }
            continue;
        }
        let mut books: Vec<(&str, Standing)> = standings(&all).into_iter().collect();
        books.retain(|(_, standing)| standing.waves >= u64::from(args.min_waves));
        books.sort_by(|a, b| {
            let share = |s: &Standing| s.share.estimate;
            share(&b.1).total_cmp(&share(&a.1)).then(a.0.cmp(b.0))
        });
        for (book, standing) in books {
            printed = true;
            if context.output.json {
                data.json(&Row::of(market, book, &standing, games.len()))?;
            } else {
                table.row(cells(market, book, &standing));
            }
        }
    }
    let rests = format!(
        "{} games, moves before the start; a wave begins with its first mover and takes in who follows one way within two \
         minutes; a lag shorter than the time between looks cannot be seen",
        games.len()
    );
    let instead = format!(
        "{} games, and no book took part in {} waves: moves of two books and more, one way, soon after each other; --min-waves 1 asks for fewer",
        games.len(),
        args.min_waves
    );
    table.end(&context.output, data, printed, &rests, &instead)
}

async fn find(args: &Args, opened: &Opened, context: &Context) -> Result<Vec<Moves>, CliError> {
    let reference =
        Reference::builtin().map_err(|e| CliError::new(Exit::Failure, e.to_string()))?;
    let judge = Judge::new(reference.into());
    let mut connection = opened.pool.acquire().await.map_err(failed)?;
    let first = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or(NaiveDate::MIN);
    let last = NaiveDate::from_ymd_opt(9999, 1, 1).unwrap_or(NaiveDate::MAX);
    let (from, to) = (args.from.unwrap_or(first), args.to.unwrap_or(last));
    let games = store::backtests::games(&mut connection, from, to, args.league).await;
    let games = games.map_err(failed)?;
    let mut found = Vec::new();
    for (n, game) in games.iter().enumerate() {
        let id = GameId::from_i64(game.game_id);
        let moves = features::moves(&mut connection, &judge, id).await;
        found.extend(moves.map_err(failed)?);
        if (n + 1) % 100 == 0 {
            let progress = format!("{} of {} games", n + 1, games.len());
            context.output.say(&progress);
        }
    }
    Ok(found)
}

/// A lag for people: `0.4 s`, `75 s`, `4 min`.
fn lag(seconds: f64) -> String {
    if seconds < 10.0 {
        format!("{seconds:.1} s")
    } else if seconds < 120.0 {
        format!("{seconds:.0} s")
    } else {
        format!("{:.0} min", seconds / 60.0)
    }
}

fn cells(market: &str, book: &str, standing: &Standing) -> Vec<String> {
    let percent = |share: f64| format!("{:.0}", share * 100.0);
    vec![
        market.to_owned(),
        book.to_owned(),
        standing.waves.to_string(),
        standing.led.to_string(),
        format!("{} %", percent(standing.share.estimate)),
        format!(
            "{} to {}",
            percent(standing.share.low),
            percent(standing.share.high)
        ),
        standing.median_lag.map_or_else(|| "-".to_owned(), lag),
    ]
}

fn pair_cells(pair: &Following) -> Vec<String> {
    let lag = |ms: i64| lag(ms as f64 / 1_000.0);
    vec![
        pair.market.to_owned(),
        pair.leader.to_string(),
        pair.follower.to_string(),
        pair.moves.to_string(),
        pair.followed.to_string(),
        lag(pair.median_ms),
        lag(pair.p90_ms),
    ]
}

fn pair_row(pair: &Following) -> serde_json::Value {
    json!({
        "type": "lead_lag_pair", "market": pair.market, "leader": &*pair.leader, "follower": &*pair.follower,
        "led": pair.moves, "followed": pair.followed, "median_ms": pair.median_ms, "p90_ms": pair.p90_ms,
    })
}

/// A book's standing, as `--json` prints it.
#[derive(Serialize)]
struct Row<'a> {
    r#type: &'static str,
    market: &'a str,
    book: &'a str,
    games: usize,
    waves: u64,
    led: u64,
    share: f64,
    share_low: f64,
    share_high: f64,
    median_lag_s: Option<f64>,
}

impl<'a> Row<'a> {
    fn of(market: &'a str, book: &'a str, standing: &Standing, games: usize) -> Self {
        Self {
            r#type: "lead_lag",
            market,
            book,
            games,
            waves: standing.waves,
            led: standing.led,
            share: standing.share.estimate,
            share_low: standing.share.low,
            share_high: standing.share.high,
            median_lag_s: standing.median_lag,
        }
    }
}
