//! What the screen is likely to ask for, into the cache.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;

use crate::cache::{Cache, Family};
use crate::store;
use crate::store::history::{self, GameHistory};

/// Load the history of every game from a day ago to three days ahead, so that the next reader finds it. Returns how
/// many games. Fails with what the store said.
pub async fn warm(cache: &Cache, pool: &PgPool, now: DateTime<Utc>) -> Result<usize, String> {
    let sentence = |error: sqlx::Error| error.to_string();
    let mut connection = pool.acquire().await.map_err(sentence)?;
    let day = TimeDelta::days(1);
    let games = store::games::starting_between(&mut connection, now - day, now + day * 3)
        .await
        .map_err(sentence)?;
    let ids: Vec<_> = games.iter().map(|g| g.known.game_id).collect();
    let current = history::current(&mut connection, &ids)
        .await
        .map_err(sentence)?;
    drop(connection);
    for game in &ids {
        let newest = current
            .iter()
            .filter(|s| s.key.game_id == *game)
            .map(|s| s.at)
            .max();
        let key = format!("{game}:{}.0", newest.map_or(0, |at| at.timestamp_micros()));
        let pool = pool.clone();
        let game = *game;
        let loader = || async move {
            let mut connection = pool.acquire().await?;
            history::of_game(&mut connection, game).await.map(Some)
        };
        let kept: Result<_, Arc<sqlx::Error>> = cache
            .get_or_load::<GameHistory, _>(Family::History, &key, Family::History.ttl(), loader)
            .await;
        kept.map_err(|e| e.to_string())?;
    }
    Ok(ids.len())
}
