//! Feature vectors, what the shops said together, and who leads whom.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use crate::domain::game::GameId;
use crate::domain::market::Side;

/// A vector.
#[derive(Debug, Clone, PartialEq)]
pub struct Vector {
    /// The moment.
    pub at: DateTime<Utc>,
    /// Minutes before the start.
    pub before_start: i32,
    /// Values in the order of the names.
    pub values: Vec<Option<f64>>,
    /// Whether ticks that were fetched after the fact are in it.
    pub reconstructed: bool,
}

/// Make a game's vectors of a set these. Returns how many are new, changed or gone.
pub async fn write(
    connection: &mut PgConnection,
    game: GameId,
    set: &str,
    names: &[String],
    vectors: &[Vector],
) -> Result<u64, sqlx::Error> {
    let times: Vec<DateTime<Utc>> = vectors.iter().map(|v| v.at).collect();
    let gone = sqlx::query(
        "delete from analytics.feature_vectors where game_id = $1 and feature_set = $2 and at <> all ($3)",
    )
    .bind(game.as_i64())
    .bind(set)
    .bind(&times)
    .execute(&mut *connection)
    .await?;
    let mut changed = gone.rows_affected();
    for vector in vectors {
        let done = sqlx::query(
            "insert into analytics.feature_vectors as v (game_id, at, feature_set, names, values, before_start, reconstructed)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (game_id, at, feature_set) do update set
                 names = excluded.names, values = excluded.values, before_start = excluded.before_start,
                 reconstructed = excluded.reconstructed
             where (v.names, v.values, v.before_start, v.reconstructed)
                   is distinct from (excluded.names, excluded.values, excluded.before_start, excluded.reconstructed)",
        )
        .bind(game.as_i64())
        .bind(vector.at)
        .bind(set)
        .bind(names)
        .bind(&vector.values)
        .bind(vector.before_start)
        .bind(vector.reconstructed)
        .execute(&mut *connection)
        .await?;
        changed += done.rows_affected();
    }
    Ok(changed)
}

/// How one shop follows another.
#[derive(Debug, Clone, PartialEq)]
pub struct Following {
    /// Market.
    pub market: &'static str,
    /// Who moves first.
    pub leader: Arc<str>,
    /// Who follows.
    pub follower: Arc<str>,
    /// Waves the leader led.
    pub moves: i32,
    /// Those that the follower joined.
    pub followed: i32,
    /// Median of how much later, milliseconds.
    pub median_ms: i64,
    /// 90th percentile.
    pub p90_ms: i64,
}

/// Make a game's followings these.
pub async fn write_following(
    connection: &mut PgConnection,
    game: GameId,
    day: NaiveDate,
    all: &[Following],
) -> Result<(), sqlx::Error> {
    sqlx::query("delete from analytics.lead_lag where game_id = $1")
        .bind(game.as_i64())
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "insert into analytics.lead_lag (game_id, day, market, leader, follower, moves, followed, median_ms, p90_ms)
         select $1, $2, f.* from unnest($3::text[], $4::text[], $5::text[], $6::int4[], $7::int4[], $8::int8[], $9::int8[]) as f",
    )
    .bind(game.as_i64())
    .bind(day)
    .bind(all.iter().map(|f| f.market).collect::<Vec<_>>())
    .bind(all.iter().map(|f| &*f.leader).collect::<Vec<_>>())
    .bind(all.iter().map(|f| &*f.follower).collect::<Vec<_>>())
    .bind(all.iter().map(|f| f.moves).collect::<Vec<_>>())
    .bind(all.iter().map(|f| f.followed).collect::<Vec<_>>())
    .bind(all.iter().map(|f| f.median_ms).collect::<Vec<_>>())
    .bind(all.iter().map(|f| f.p90_ms).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// What the shops together said of a side.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// The moment.
    pub at: DateTime<Utc>,
    /// Market of the whole game.
    pub market: &'static str,
    /// Side.
    pub side: Side,
    /// Line, with the sign of the side.
    pub line: Option<f64>,
    /// Median fair probability.
    pub probability: f64,
    /// Standard deviation.
    pub spread: Option<f64>,
    /// Shops.
    pub books: usize,
}

/// Make what the shops said of a game these.
pub async fn write_consensus(
    connection: &mut PgConnection,
    game: GameId,
    all: &[Said],
) -> Result<(), sqlx::Error> {
    sqlx::query("delete from analytics.consensus where game_id = $1")
        .bind(game.as_i64())
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "insert into analytics.consensus (game_id, period, at, market, side, line, probability, spread, books)
         select $1, 'full', s.* from unnest($2::timestamptz[], $3::text[], $4::text[], $5::float8[], $6::float8[],
             $7::float8[], $8::int2[]) as s",
    )
    .bind(game.as_i64())
    .bind(all.iter().map(|s| s.at).collect::<Vec<_>>())
    .bind(all.iter().map(|s| s.market).collect::<Vec<_>>())
    .bind(all.iter().map(|s| s.side.as_str()).collect::<Vec<_>>())
    .bind(all.iter().map(|s| s.line).collect::<Vec<_>>())
    .bind(all.iter().map(|s| s.probability).collect::<Vec<_>>())
    .bind(all.iter().map(|s| s.spread).collect::<Vec<_>>())
    .bind(
        all.iter()
            .map(|s| i16::try_from(s.books).unwrap_or(i16::MAX))
            .collect::<Vec<_>>(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
