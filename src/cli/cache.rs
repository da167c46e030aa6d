//! `linetape cache stats|clear|warm`.

use clap::Subcommand;

use super::context::Context;
use super::error::CliError;
use super::open::{self, failed};
use crate::cache::{Cache, Family};
use crate::store;
use crate::store::history::{self, GameHistory};

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
    /// Hits, misses and entries by tier and key family
    Stats,
    /// Forget what matches a pattern, or everything of linetape's
    Clear {
        /// Keys to forget, with `*` for anything; the prefix is added
        pattern: Option<String>,
    },
    /// Load what the screen is likely to ask for
    Warm,
}

/// Do it.
pub async fn run(args: Args, context: &Context) -> Result<(), CliError> {
    let cache = Cache::new(&context.settings.cache);
    match args.action {
        Action::Stats => stats(context).await,
        Action::Clear { pattern } => {
            let pattern = pattern.unwrap_or_else(|| "*".to_owned());
            let cleared = cache.clear(&pattern).await;
            let mut data = context.output.data();
            if context.output.json {
                data.json(&cleared)?;
            } else {
                data.line(&match &cleared.redis {
                    None => {
                        "Redis is not configured; a running linetape's memory is its own".to_owned()
                    }
                    Some(Ok(keys)) => format!("{keys} keys removed from Redis"),
                    Some(Err(reason)) => format!("Redis was not cleared: {reason}"),
                })?;
            }
            data.finish()
        }
        Action::Warm => warm(context, &cache).await,
    }
}

/// The numbers of the run that wrote last: statistics live in the process that reads through the cache.
async fn stats(context: &Context) -> Result<(), CliError> {
    let opened = open::database(context, false, false).await?;
    let rows = store::metrics::latest_cache(&opened.pool)
        .await
        .map_err(failed);
    opened.leave().await;
    let mut data = context.output.data();
    for row in &rows? {
        if context.output.json {
            data.json(row)?;
        } else {
            data.line(&format!(
                "{}  {:<8} memory {:>8}  redis {:>8}  missed {:>8}",
                row.at, row.family, row.memory_hits, row.redis_hits, row.misses
            ))?;
        }
    }
    data.finish()
}

/// Load the history of every game of the next days, so that the next reader finds it in Redis.
async fn warm(context: &Context, cache: &Cache) -> Result<(), CliError> {
    let opened = open::database(context, false, false).await?;
    let warmed = load(cache, &opened).await;
    opened.leave().await;
    let warmed = warmed?;
    let mut data = context.output.data();
    if context.output.json {
        data.json(
            &serde_json::json!({ "type": "warmed", "games": warmed, "redis": cache.redis_state() }),
        )?;
    } else {
        data.line(&format!(
            "{warmed} games loaded; Redis: {}",
            cache.redis_state()
        ))?;
    }
    data.finish()
}

async fn load(cache: &Cache, opened: &open::Opened) -> Result<usize, CliError> {
    let now = chrono::Utc::now();
    let mut connection = opened.pool.acquire().await.map_err(failed)?;
    let day = chrono::TimeDelta::days(1);
    let games = store::games::starting_between(&mut connection, now - day, now + day * 3)
        .await
        .map_err(failed)?;
    let ids: Vec<_> = games.iter().map(|g| g.known.game_id).collect();
    let current = history::current(&mut connection, &ids)
        .await
        .map_err(failed)?;
    drop(connection);
    for game in &ids {
        let newest = current
            .iter()
            .filter(|s| s.key.game_id == *game)
            .map(|s| s.at)
            .max();
        let key = format!("{game}:{}.0", newest.map_or(0, |at| at.timestamp_micros()));
        let pool = opened.pool.clone();
        let game = *game;
        let loader = || async move {
            let mut connection = pool.acquire().await?;
            history::of_game(&mut connection, game).await.map(Some)
        };
        let kept: Result<_, std::sync::Arc<sqlx::Error>> = cache
            .get_or_load::<GameHistory, _>(Family::History, &key, Family::History.ttl(), loader)
            .await;
        kept.map_err(|e| CliError::new(super::error::Exit::Unavailable, e.to_string()))?;
    }
    Ok(ids.len())
}
