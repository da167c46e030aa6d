//! Backtests: a preset over the stored games, walked, audited and kept.

mod rows;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::signals::Judge;
use super::signals::game::Judged;
use crate::analytics::backtest::audit::{self, Breach};
use crate::analytics::backtest::measure::{Performance, performance, settled};
use crate::analytics::backtest::walk::{Scouted, Walked, put_together, scout};
use crate::analytics::backtest::{AsKnown, Choice, Ended, History, Plan, Verdict};
use crate::analytics::settlement::Score;
use crate::domain::game::GameId;
use crate::domain::league::League;
use crate::store;
use crate::store::backtests::{Candidate, Run, TABLES};

/// After the start a result counts as known so much later where ticks that were fetched after the fact are taken: with them
/// the moment of the fetch says nothing.
const PLAYED: TimeDelta = TimeDelta::hours(12);

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// Preset, delay and money.
    pub plan: Plan,
    /// First slate.
    pub from: NaiveDate,
    /// Last slate.
    pub to: NaiveDate,
    /// Only this league.
    pub league: Option<League>,
    /// Ticks that were fetched after the fact count as known from their market time on.
    pub reconstructed: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The run.
    pub run: Run,
    /// Choices and money.
    pub walked: Walked,
    /// As a whole.
    pub performance: Performance,
    rows: [Value; TABLES.len()],
}

impl Report {
    /// The rows of a table of the run; none for another.
    pub fn rows(&self, table: &str) -> &[Value] {
        let nth = TABLES.iter().position(|name| *name == table);
        nth.and_then(|nth| self.rows.get(nth))
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    /// How many signals met each verdict.
    pub fn verdicts(&self) -> impl Iterator<Item = (Verdict, usize)> {
        Verdict::ALL.iter().map(|verdict| {
            let of = |c: &&Choice| c.verdict == *verdict;
            (*verdict, self.walked.choices.iter().filter(of).count())
        })
    }
}

/// Why there is no backtest.
#[derive(Debug, thiserror::Error)]
pub enum BacktestError {
    /// A statement failed.
    #[error("the backtest was given up: {0}")]
    Database(#[from] sqlx::Error),
    /// A choice knew too much.
    #[error(
        "{} choices knew more than was known when they were made, the first of game {} at {}: {:?}; nothing was kept. This \
         is a fault of linetape: please report it with the command",
        .0.len(), .0.first().map_or(0, |b| b.game), .0.first().map_or_else(String::new, |b| b.decided_at.to_rfc3339()),
        .0.first().map(|b| b.leak)
    )]
    Leak(Vec<Breach>),
}

/// Walk over the stored games. `say` hears how far it is.
pub async fn run(
    pool: &PgPool,
    judge: &Judge,
    ask: &Ask,
    say: &(dyn Fn(String) + Send + Sync),
) -> Result<Report, BacktestError> {
    // All games are read as they stand at one moment.
    let mut transaction = pool.begin().await?;
    store::rebuild::hold_still(&mut transaction).await?;
    let (walked, count) = go(&mut transaction, judge, ask, say).await?;
    transaction.rollback().await?;
    let bets = settled(&walked.choices);
    let performance = performance(&bets, ask.plan.bankroll);
    let parameters = parameters(ask);
    let rows = rows::of(&walked, &performance, ask);
    let number = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let placed = walked
        .choices
        .iter()
        .filter(|c| c.verdict == Verdict::Bet)
        .count();
    let mut run = Run {
        run_id: String::new(),
        strategy: ask.plan.preset.name.to_string(),
        rule: format!("{:?}", ask.plan.preset.rule),
        data_from: ask.from,
        data_to: ask.to,
        league: ask.league.map(|league| league.as_str().to_owned()),
        parameters,
        games: number(count.games),
        games_left_out: number(count.left_out),
        rows_seen: i64::try_from(count.rows).unwrap_or(i64::MAX),
        signals: number(walked.choices.len()),
        bets: number(placed),
        open_bets: number(placed - bets.len()),
    };
    drop(bets);
    let whole = json!([run, rows]).to_string();
    let name = blake3::hash(whole.as_bytes()).to_hex();
    run.run_id = name.chars().take(32).collect();
    let rows = rows.map(|rows| rows::named(rows, &run));
    Ok(Report {
        run,
        walked,
        performance,
        rows,
    })
}

/// Keep a run. Returns whether it is new.
pub async fn keep(pool: &PgPool, report: &Report) -> Result<bool, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    let new = store::backtests::save(&mut transaction, &report.run, &report.rows).await?;
    transaction.commit().await?;
    Ok(new)
}

#[derive(Debug, Default)]
struct Count {
    games: usize,
    left_out: usize,
    rows: usize,
}

async fn go(
    connection: &mut sqlx::PgConnection,
    judge: &Judge,
    ask: &Ask,
    say: &(dyn Fn(String) + Send + Sync),
) -> Result<(Walked, Count), BacktestError> {
    let games = store::backtests::games(connection, ask.from, ask.to, ask.league).await?;
    let (mut scouted, mut ended) = (Vec::new(), Vec::new());
    let (mut breaches, mut count) = (Vec::new(), Count::default());
    let total = games.len();
    for (nth, game) in games.into_iter().enumerate() {
        if game.moved || game.starts_at.is_none() {
            count.left_out += 1;
            continue;
        }
        let id = GameId::from_i64(game.game_id);
        let tape = Judged::tape(connection, id, judge, ask.reconstructed).await?;
        let Some(tape) = tape else { continue };
        count.games += 1;
        count.rows += tape.quotes.len() + tape.splits.len();
        let history = History {
            game: game.game_id,
            slate: game.slate_date,
            ended: end(&game, ask.reconstructed),
            tape,
        };
        let mine = scout(ended.len(), &history, &ask.plan, &AsKnown);
        let choices = mine.iter().map(Scouted::choice);
        breaches.extend(audit::of_game(&history, &ask.plan, choices));
        scouted.extend(mine);
        ended.push(history.ended);
        if (nth + 1) % 50 == 0 {
            say(format!("{} of {total} games", nth + 1));
        }
    }
    let walked = put_together(scouted, &ask.plan);
    breaches.extend(audit::of_results(&ended, &walked));
    if breaches.is_empty() {
        Ok((walked, count))
    } else {
        Err(BacktestError::Leak(breaches))
    }
}

fn end(game: &Candidate, reconstructed: bool) -> Option<Ended> {
    let score = game
        .home_score
        .zip(game.away_score)
        .map(|(home, away)| Score { home, away });
    if score.is_none() && !game.called_off {
        return None;
    }
    let known_at: DateTime<Utc> = if reconstructed {
        game.starts_at? + PLAYED
    } else {
        game.ended_at?
    };
    Some(Ended { known_at, score })
}

fn parameters(ask: &Ask) -> Value {
    json!({
        "staking": ask.plan.staking, "delay_s": ask.plan.delay.num_seconds(), "bankroll": ask.plan.bankroll,
        "min_strength": ask.plan.min_strength, "reconstructed": ask.reconstructed,
    })
}
