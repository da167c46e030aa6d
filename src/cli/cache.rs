//! `linetape cache stats|clear|warm`.

use clap::Subcommand;

use super::context::Context;
use super::error::{CliError, Exit};
use super::open::{self, failed};
use crate::cache::Cache;
use crate::domain::clean::clean;
use crate::engine::warm;
use crate::store;

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
    let warmed = warm::warm(cache, &opened.pool, chrono::Utc::now()).await;
    opened.leave().await;
    let warmed = warmed.map_err(|reason| {
        let reason = clean(&reason, 300);
        CliError::new(
            Exit::Unavailable,
            format!("PostgreSQL did not answer: {reason}"),
        )
    })?;
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
