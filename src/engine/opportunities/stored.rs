//! The same from the store: what is quoted, or was at a past moment.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::market::Quoted;
use crate::domain::game::GameId;
use crate::domain::source::Stream;
use crate::store;
use crate::store::as_of::AsOf;

/// Prices of some games now, each with when it was last confirmed.
pub async fn now(
    connection: &mut PgConnection,
    games: &[GameId],
) -> Result<BTreeMap<GameId, Vec<Quoted>>, sqlx::Error> {
    let mut found: BTreeMap<GameId, Vec<Quoted>> = BTreeMap::new();
    for series in store::history::current(connection, games).await? {
        found.entry(series.key.game_id).or_default().push(Quoted {
            key: series.key,
            price: series.price,
            changed_at: series.at,
            seen_at: series.last_seen_at,
        });
    }
    Ok(found)
}

/// Prices of a game as they were known at a past moment. Confirmations of the past are not kept, so a price was seen when its
/// feed last told anything new of the game.
pub async fn at(
    connection: &mut PgConnection,
    game: GameId,
    at: DateTime<Utc>,
) -> Result<Vec<Quoted>, sqlx::Error> {
    let moment = AsOf {
        at,
        known_at: Some(at),
    };
    let lines = moment.games(connection, &[game]).await?;
    let mut heard: HashMap<Stream, DateTime<Utc>> = HashMap::new();
    for line in &lines {
        let newest = heard.entry(line.key.stream).or_insert(line.observed_at);
        *newest = line.observed_at.max(*newest);
    }
    Ok(lines
        .into_iter()
        .map(|line| Quoted {
            changed_at: line.at,
            seen_at: heard
                .get(&line.key.stream)
                .copied()
                .unwrap_or(line.observed_at),
            price: line.price,
            key: line.key,
        })
        .collect())
}

/// The newest moment a price was seen at: what "now" is in a database whose clock is not ours, as the demo's.
pub async fn newest(connection: &mut PgConnection) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar("select max(last_seen_at) from core_betting.lines_current")
        .fetch_one(connection)
        .await
}
