//! The record of presets as it stands, and recommendations made from it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgConnection, Row as _};

use crate::analytics::recommendation::{Recommendation, Record};

/// Preset, league, market.
pub type RecordKey = (String, String, String);

/// How every preset's signals turned out, by league and market.
pub async fn records(
    connection: &mut PgConnection,
) -> Result<HashMap<RecordKey, Record>, sqlx::Error> {
    let rows = sqlx::query(
        "select s.preset, g.league, s.market, count(*),
                sum(case r.outcome when 'win' then 1 when 'half_win' then 0.5 else 0 end)::float8,
                sum(case r.outcome when 'lose' then 1 when 'half_lose' then 0.5 else 0 end)::float8,
                avg(r.profit_loss), stddev_samp(r.profit_loss), avg(r.clv)
         from analytics.signals s
         join analytics.signal_grades r using (game_id, detected_at, kind, market, period, side, preset, revision)
         join core_betting.games g on g.game_id = s.game_id
         where not s.superseded and not s.reconstructed and r.profit_loss is not null and s.period = 'full'
         group by 1, 2, 3",
    )
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let key = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let record = Record {
                graded: u64::try_from(row.try_get::<i64, _>(3)?).unwrap_or(0),
                won: row.try_get(4)?,
                lost: row.try_get(5)?,
                roi: row.try_get(6)?,
                deviation: row.try_get(7)?,
                clv: row.try_get(8)?,
            };
            Ok((key, record))
        })
        .collect()
}

/// A signal of a game to come that nothing was said of yet.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Waiting {
    /// Game.
    pub game_id: i64,
    /// Market time.
    pub detected_at: DateTime<Utc>,
    /// Kind.
    pub kind: String,
    /// Market.
    pub market: String,
    /// Part of the game.
    pub period: String,
    /// Side.
    pub side: String,
    /// Preset.
    pub preset: String,
    /// Revision.
    pub revision: i32,
    /// League.
    pub league: String,
    /// Whether a shop was open on its side.
    pub priced: bool,
}

impl Waiting {
    /// The record that speaks of it.
    pub fn record(&self) -> RecordKey {
        (
            self.preset.clone(),
            self.league.clone(),
            self.market.clone(),
        )
    }
}

/// Signals on games that begin after `now`, of these presets, that nothing was said of yet.
pub async fn waiting(
    connection: &mut PgConnection,
    presets: &[String],
    now: DateTime<Utc>,
) -> Result<Vec<Waiting>, sqlx::Error> {
    sqlx::query_as(
        "select s.game_id, s.detected_at, s.kind, s.market, s.period, s.side, s.preset, s.revision, g.league,
                s.american is not null as priced
         from core_betting.games g join analytics.signals s using (game_id)
         where g.starts_at > $1 and g.status = 'scheduled' and not s.superseded and not s.reconstructed
           and s.period = 'full' and s.preset = any ($2)
           and not exists (select from operational.pre_game_recommendations p
                           where (p.game_id, p.detected_at, p.kind, p.market, p.period, p.side, p.preset, p.revision)
                               = (s.game_id, s.detected_at, s.kind, s.market, s.period, s.side, s.preset, s.revision))
         order by s.detected_at, s.game_id, s.kind, s.preset, s.market, s.side",
    )
    .bind(now)
    .bind(presets)
    .fetch_all(connection)
    .await
}

/// Write what was said of signals. What was said once stays said.
pub async fn write(
    connection: &mut PgConnection,
    said: &[(Waiting, Option<Record>, Recommendation)],
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    if said.is_empty() {
        return Ok(0);
    }
    let record = |of: fn(&Record) -> Option<f64>| {
        said.iter()
            .map(|(_, record, _)| record.as_ref().and_then(of))
            .collect::<Vec<_>>()
    };
    let done = sqlx::query(
        "insert into operational.pre_game_recommendations (game_id, detected_at, kind, market, period, side, preset,
             revision, league, action, reason, graded, hit_rate, hit_low, hit_high, roi, average_clv, confidence, book,
             line, american, decimal, expected_value, starts_at, made_at)
         select s.game_id, s.detected_at, s.kind, s.market, s.period, s.side, s.preset, s.revision, g.league, i.action,
                i.reason, i.graded, i.hit_rate, i.hit_low, i.hit_high, i.roi, i.clv, i.confidence, s.book, s.line,
                s.american, s.decimal, s.decimal::float8 * s.fair_probability - 1, g.starts_at, $18
         from unnest($1::int8[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                     $8::int4[], $9::text[], $10::text[], $11::int4[], $12::float8[], $13::float8[], $14::float8[],
                     $15::float8[], $16::float8[], $17::float8[])
             as i(game_id, detected_at, kind, market, period, side, preset, revision, action, reason, graded, hit_rate,
                  hit_low, hit_high, roi, clv, confidence)
         join analytics.signals s using (game_id, detected_at, kind, market, period, side, preset, revision)
         join core_betting.games g on g.game_id = s.game_id
         where g.starts_at > $18
         on conflict do nothing",
    )
    .bind(said.iter().map(|s| s.0.game_id).collect::<Vec<_>>())
    .bind(said.iter().map(|s| s.0.detected_at).collect::<Vec<_>>())
    .bind(said.iter().map(|s| s.0.kind.as_str()).collect::<Vec<_>>())
    .bind(said.iter().map(|s| s.0.market.as_str()).collect::<Vec<_>>())
    .bind(said.iter().map(|s| s.0.period.as_str()).collect::<Vec<_>>())
    .bind(said.iter().map(|s| s.0.side.as_str()).collect::<Vec<_>>())
    .bind(said.iter().map(|s| s.0.preset.as_str()).collect::<Vec<_>>())
    .bind(said.iter().map(|s| s.0.revision).collect::<Vec<_>>())
    .bind(said.iter().map(|s| s.2.action.as_str()).collect::<Vec<_>>())
    .bind(said.iter().map(|s| s.2.reason.as_str()).collect::<Vec<_>>())
    .bind(
        said.iter()
            .map(|s| i32::try_from(s.1.map_or(0, |r| r.graded)).unwrap_or(i32::MAX))
            .collect::<Vec<_>>(),
    )
    .bind(record(Record::hit_rate))
    .bind(record(|r| r.hits_between().map(|b| b.0)))
    .bind(record(|r| r.hits_between().map(|b| b.1)))
    .bind(record(|r| r.roi))
    .bind(record(|r| r.clv))
    .bind(record(Record::confidence))
    .bind(now)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Note what came of recommendations. Returns how many are new or changed.
pub async fn track(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select operational.update_recommendation_outcomes()")
        .fetch_one(connection)
        .await
}

/// A recommendation, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, FromRow)]
pub struct StoredRecommendation {
    /// Game.
    pub game_id: i64,
    /// Away at home.
    pub game: String,
    /// League.
    pub league: String,
    /// The signal's market time.
    pub detected_at: DateTime<Utc>,
    /// Kind.
    pub kind: String,
    /// Preset.
    pub preset: String,
    /// Market.
    pub market: String,
    /// Side.
    pub side: String,
    /// `bet` or `pass`.
    pub action: String,
    /// Why.
    pub reason: String,
    /// Graded by then.
    pub graded: i32,
    /// Their hit rate.
    pub hit_rate: Option<f64>,
    /// Their return.
    pub roi: Option<f64>,
    /// Their value against the close.
    pub average_clv: Option<f64>,
    /// How sure it was that they made money.
    pub confidence: Option<f64>,
    /// Best price's shop.
    pub book: Option<String>,
    /// Line.
    pub line: Option<f64>,
    /// American.
    pub american: Option<i32>,
    /// Expected value by the fair price then.
    pub expected_value: Option<f64>,
    /// Start.
    pub starts_at: DateTime<Utc>,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// `graded` or `withdrawn`; none while it is open.
    pub status: Option<String>,
    /// How it ended.
    pub outcome: Option<String>,
    /// Profit on one unit.
    pub units: Option<f64>,
    /// Against the close.
    pub clv: Option<f64>,
}

/// Recommendations, the newest first; with `passes` also those to pass.
pub async fn list(
    connection: &mut PgConnection,
    passes: bool,
    limit: i64,
) -> Result<Vec<StoredRecommendation>, sqlx::Error> {
    sqlx::query_as(
        "select p.game_id, coalesce(g.away_team, g.away) || ' @ ' || coalesce(g.home_team, g.home) as game, p.league,
                p.detected_at, p.kind, p.preset, p.market, p.side, p.action, p.reason, p.graded, p.hit_rate, p.roi,
                p.average_clv, p.confidence, p.book, p.line::float8 as line, p.american, p.expected_value, p.starts_at,
                p.made_at, t.status, t.outcome, t.units, t.clv
         from operational.pre_game_recommendations p
         join core_betting.games g using (game_id)
         left join operational.recommendation_tracking t
             using (game_id, detected_at, kind, market, period, side, preset, revision)
         where $1 or p.action = 'bet'
         order by p.made_at desc, p.detected_at desc, p.game_id, p.kind, p.preset, p.market, p.side limit $2",
    )
    .bind(passes)
    .bind(limit)
    .fetch_all(connection)
    .await
}
