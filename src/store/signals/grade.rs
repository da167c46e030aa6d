//! Grades of signals, and the record they add up to.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::{FromRow, PgConnection, Row as _};

use crate::analytics::line_score::Played;
use crate::domain::game::GameId;
use crate::domain::market::{Line, Market, Period, Side};
use crate::store::games::parse;

/// A signal that can be graded.
#[derive(Debug, Clone, PartialEq)]
pub struct Ungraded {
    /// Key within the game.
    pub detected_at: DateTime<Utc>,
    /// What it says.
    pub kind: String,
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// The side it points to.
    pub side: Side,
    /// The preset.
    pub preset: String,
    /// Revision.
    pub revision: i32,
    /// Best price when it was seen.
    pub price: Option<(Option<Line>, i32, f64)>,
}

/// A grade.
#[derive(Debug, Clone, PartialEq)]
pub struct Grade {
    /// How the bet ended.
    pub outcome: &'static str,
    /// Units won on one, where there was a price.
    pub profit_loss: Option<f64>,
    /// Line most shops closed at.
    pub close_line: Option<Line>,
    /// Fair probability at the close.
    pub close_probability: Option<f64>,
    /// Against the close.
    pub clv: Option<f64>,
}

/// Games that are over with signals that are not graded, or were graded before the game was last heard of; with the score.
pub async fn to_grade(
    connection: &mut PgConnection,
) -> Result<Vec<(GameId, i32, i32)>, sqlx::Error> {
    let rows: Vec<(i64, i32, i32)> = sqlx::query_as(
        "select g.game_id, g.home_score, g.away_score
         from core_betting.games g
         where g.status = 'final' and g.home_score is not null and g.away_score is not null
           and exists (select from analytics.signals s
                       left join analytics.signal_grades r
                           using (game_id, detected_at, kind, market, period, side, preset, revision)
                       where s.game_id = g.game_id and not s.superseded
                         and (s.period = 'full'
                              or exists (select from core_betting.game_outcomes o
                                         where o.game_id = g.game_id and o.status = 'final' and o.periods <> '[]'))
                         and (r.graded_at is null or r.graded_at < g.updated_at))
         order by g.game_id",
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, home, away)| (GameId::from_i64(id), home, away))
        .collect())
}

/// A game's signals, on the whole and on parts of it.
pub async fn gradable(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<Vec<Ungraded>, sqlx::Error> {
    let rows = sqlx::query(
        "select detected_at, kind, market, period, side, preset, revision, line::float8, american, decimal::float8
         from analytics.signals where game_id = $1 and not superseded
         order by detected_at, kind, market, side, preset",
    )
    .bind(game.as_i64())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let line = row
                .try_get::<Option<f64>, _>(7)?
                .and_then(Line::from_points);
            let american: Option<i32> = row.try_get(8)?;
            let decimal: Option<f64> = row.try_get(9)?;
            Ok(Ungraded {
                detected_at: row.try_get(0)?,
                kind: row.try_get(1)?,
                market: Market::from_name(row.try_get(2)?),
                period: parse(row.try_get(3)?)?,
                side: parse(row.try_get(4)?)?,
                preset: row.try_get(5)?,
                revision: row.try_get(6)?,
                price: american
                    .zip(decimal)
                    .map(|(american, decimal)| (line, american, decimal)),
            })
        })
        .collect()
}

/// The line scores of a game that is over: one list a feed, as its periods were played, home and away.
pub async fn line_scores(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<Vec<Vec<Played>>, sqlx::Error> {
    let told: Vec<Value> = sqlx::query_scalar(
        "select periods from core_betting.game_outcomes
         where game_id = $1 and status = 'final' and periods <> '[]' order by source",
    )
    .bind(game.as_i64())
    .fetch_all(connection)
    .await?;
    let number = |period: &Value, side: &str| {
        let points = period.get(side)?.as_i64()?;
        i32::try_from(points).ok()
    };
    let periods = |told: &Value| {
        let all = told.as_array().into_iter().flatten();
        all.map(|period| (number(period, "home"), number(period, "away")))
            .collect()
    };
    Ok(told.iter().map(periods).collect())
}

/// Signals on parts of games that are over, where no feed told of the parts.
pub async fn untold(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "select count(*) from analytics.signals s join core_betting.games g using (game_id)
         where g.status = 'final' and not s.superseded and s.period <> 'full'
           and not exists (select from core_betting.game_outcomes o
                           where o.game_id = g.game_id and o.status = 'final' and o.periods <> '[]')",
    )
    .fetch_one(connection)
    .await
}

/// Write grades; an earlier grade of the same signal gives way.
pub async fn write_grades(
    connection: &mut PgConnection,
    game: GameId,
    grades: &[(Ungraded, Grade)],
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into analytics.signal_grades (game_id, detected_at, kind, market, period, side, preset, revision,
             outcome, american, profit_loss, close_line, close_probability, clv, method)
         select $1, g.*, 'multiplicative' from unnest($2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[],
             $7::text[], $8::int4[], $9::text[], $10::int4[], $11::float8[], $12::float8[], $13::float8[],
             $14::float8[]) as g
         on conflict (game_id, detected_at, kind, market, period, side, preset, revision) do update set
             outcome = excluded.outcome, american = excluded.american, profit_loss = excluded.profit_loss,
             close_line = excluded.close_line, close_probability = excluded.close_probability, clv = excluded.clv,
             graded_at = now()",
    )
    .bind(game.as_i64())
    .bind(grades.iter().map(|(s, _)| s.detected_at).collect::<Vec<_>>())
    .bind(grades.iter().map(|(s, _)| s.kind.as_str()).collect::<Vec<_>>())
    .bind(grades.iter().map(|(s, _)| s.market.as_str()).collect::<Vec<_>>())
    .bind(grades.iter().map(|(s, _)| s.period.as_str()).collect::<Vec<_>>())
    .bind(grades.iter().map(|(s, _)| s.side.as_str()).collect::<Vec<_>>())
    .bind(grades.iter().map(|(s, _)| s.preset.as_str()).collect::<Vec<_>>())
    .bind(grades.iter().map(|(s, _)| s.revision).collect::<Vec<_>>())
    .bind(grades.iter().map(|(_, g)| g.outcome).collect::<Vec<_>>())
    .bind(grades.iter().map(|(s, _)| s.price.map(|p| p.1)).collect::<Vec<_>>())
    .bind(grades.iter().map(|(_, g)| g.profit_loss).collect::<Vec<_>>())
    .bind(grades.iter().map(|(_, g)| g.close_line.map(Line::points)).collect::<Vec<_>>())
    .bind(grades.iter().map(|(_, g)| g.close_probability).collect::<Vec<_>>())
    .bind(grades.iter().map(|(_, g)| g.clv).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// The record of a preset in a league and market, by strength.
#[derive(Debug, Clone, PartialEq, Serialize, FromRow)]
pub struct Record {
    /// The preset.
    pub preset: String,
    /// What its signals say.
    pub kind: String,
    /// League.
    pub league: String,
    /// Market.
    pub market: String,
    /// `weak`, `medium` or `strong`.
    pub strength_band: String,
    /// Signals of games that are over.
    pub graded: i32,
    /// Wins; halves count half.
    pub won: f64,
    /// Losses.
    pub lost: f64,
    /// Pushes.
    pub pushed: i32,
    /// Won over won and lost.
    pub hit_rate: Option<f64>,
    /// Lower end of its 95 % interval.
    pub hit_low: Option<f64>,
    /// Upper end.
    pub hit_high: Option<f64>,
    /// Units won on one unit each.
    pub profit_loss: Option<f64>,
    /// By unit staked.
    pub roi: Option<f64>,
    /// Mean value against the close.
    pub average_clv: Option<f64>,
    /// Signals with a close.
    pub clv_count: i32,
}

/// Every record.
pub async fn records(connection: &mut PgConnection) -> Result<Vec<Record>, sqlx::Error> {
    sqlx::query_as(
        "select * from analytics.signal_record order by preset, league, market, strength_band",
    )
    .fetch_all(connection)
    .await
}
