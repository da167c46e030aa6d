//! Stored signals, read again.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::{FromRow, PgConnection};

use super::grade::line_scores;
use crate::analytics::line_score::{NoScore, of_part_by_any};
use crate::analytics::settlement::Score;
use crate::domain::game::GameId;
use crate::domain::league::League;
use crate::domain::market::Period;
use crate::store::games::parse;
use crate::store::recommendations::RecordKey;

/// A stored signal.
#[derive(Debug, Clone, PartialEq, Serialize, FromRow)]
pub struct StoredSignal {
    /// Game.
    pub game_id: i64,
    /// League.
    pub league: String,
    /// Away at home, by slug or name.
    pub game: String,
    /// Market time.
    pub detected_at: DateTime<Utc>,
    /// When it became known.
    pub observed_at: DateTime<Utc>,
    /// What it says.
    pub kind: String,
    /// The preset.
    pub preset: String,
    /// Market.
    pub market: String,
    /// Part of the game.
    pub period: String,
    /// The side it points to.
    pub side: String,
    /// Revision.
    pub revision: i32,
    /// 0 to 1.
    pub strength: f64,
    /// Change of fair probability.
    pub delta: Option<f64>,
    /// Consensus fair probability of the side.
    pub fair_probability: Option<f64>,
    /// Groups of shops.
    pub shops: i16,
    /// First mover.
    pub leader: Option<String>,
    /// Shops that moved.
    pub movers: Value,
    /// Shops that had not.
    pub waiting: Value,
    /// Shops that followed later.
    pub later: Value,
    /// When its last mover moved.
    pub ongoing_until: DateTime<Utc>,
    /// Prices only.
    pub juice_only: bool,
    /// Seconds between looks.
    pub resolution_s: Option<f64>,
    /// Best price's shop.
    pub book: Option<String>,
    /// Its line.
    pub line: Option<f64>,
    /// Its price, American.
    pub american: Option<i32>,
    /// Its price, decimal.
    pub decimal: Option<f64>,
    /// Splits it rests on.
    pub splits: Value,
    /// One sentence.
    pub reason: String,
    /// Fetched after the fact.
    pub reconstructed: bool,
    /// How it turned out, once graded.
    pub outcome: Option<String>,
    /// Units won on one.
    pub profit_loss: Option<f64>,
    /// Against the close.
    pub clv: Option<f64>,
    /// Why a signal on a part of a game that is over has no grade.
    #[sqlx(skip)]
    pub ungraded: Option<NoScore>,
}

impl StoredSignal {
    /// The record that speaks of it.
    pub fn record(&self) -> RecordKey {
        (
            self.preset.clone(),
            self.league.clone(),
            self.market.clone(),
        )
    }
}

/// Which signals.
#[derive(Debug, Clone, Default)]
pub struct SignalFilter {
    /// Of this game.
    pub game: Option<GameId>,
    /// Of this league.
    pub league: Option<League>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Of these presets; all when empty.
    pub presets: Vec<String>,
    /// Seen at or after this market time.
    pub since: Option<DateTime<Utc>>,
    /// Known by then, as it was said then.
    pub known_at: Option<DateTime<Utc>>,
    /// At most so many.
    pub limit: i64,
}

/// Signals, newest first.
pub async fn list(
    connection: &mut PgConnection,
    filter: &SignalFilter,
) -> Result<Vec<StoredSignal>, sqlx::Error> {
    let mut found: Vec<StoredSignal> = sqlx::query_as(
        "select s.game_id, g.league, coalesce(g.away_team, g.away) || ' @ ' || coalesce(g.home_team, g.home) as game,
                s.detected_at, s.observed_at, s.kind, s.preset, s.market, s.period, s.side, s.revision, s.strength,
                s.delta, s.fair_probability, s.shops, s.leader, s.movers, s.waiting, s.later, s.ongoing_until,
                s.juice_only, s.resolution_s, s.book, s.line::float8 as line, s.american,
                s.decimal::float8 as decimal, s.splits, s.reason, s.reconstructed, r.outcome, r.profit_loss, r.clv
         from analytics.signals s
         left join analytics.signal_grades r using (game_id, detected_at, kind, market, period, side, preset, revision)
         join core_betting.games g on g.game_id = s.game_id
         where not s.superseded
           and ($1::bigint is null or s.game_id = $1) and ($2::text is null or g.league = $2)
           and ($3::text is null or s.kind = $3) and (cardinality($4::text[]) = 0 or s.preset = any ($4))
           and ($5::timestamptz is null or s.detected_at >= $5) and ($6::timestamptz is null or s.observed_at <= $6)
         order by s.detected_at desc, s.game_id, s.kind, s.preset, s.market, s.period, s.side limit $7",
    )
    .bind(filter.game.map(GameId::as_i64))
    .bind(filter.league.map(League::as_str))
    .bind(&filter.kind)
    .bind(&filter.presets)
    .bind(filter.since)
    .bind(filter.known_at)
    .bind(filter.limit)
    .fetch_all(&mut *connection)
    .await?;
    say_why(connection, &mut found).await?;
    Ok(found)
}

/// Why those on parts of games that are over have no grade.
async fn say_why(
    connection: &mut PgConnection,
    signals: &mut [StoredSignal],
) -> Result<(), sqlx::Error> {
    let has_none = |s: &&mut StoredSignal| s.outcome.is_none() && s.period != Period::Full.as_str();
    let waiting: Vec<&mut StoredSignal> = signals.iter_mut().filter(has_none).collect();
    if waiting.is_empty() {
        return Ok(());
    }
    let games: BTreeSet<i64> = waiting.iter().map(|signal| signal.game_id).collect();
    let results: Vec<(i64, i32, i32)> = sqlx::query_as(
        "select game_id, home_score, away_score from core_betting.games
         where game_id = any ($1) and status = 'final' and home_score is not null and away_score is not null",
    )
    .bind(games.into_iter().collect::<Vec<_>>())
    .fetch_all(&mut *connection)
    .await?;
    let mut over = HashMap::new();
    for (game, home, away) in results {
        let lines = line_scores(connection, GameId::from_i64(game)).await?;
        over.insert(game, (lines, Score { home, away }));
    }
    for signal in waiting {
        let Some((lines, result)) = over.get(&signal.game_id) else {
            continue;
        };
        let (league, period) = (parse(&signal.league)?, parse(&signal.period)?);
        signal.ungraded = of_part_by_any(league, period, lines, *result).err();
    }
    Ok(())
}
