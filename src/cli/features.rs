//! `linetape features GAME`: what a model is told of a game at a moment.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::arguments::{self, GameName};
use super::context::Context;
use super::error::{CliError, Exit};
use super::open::{self, Opened, failed};
use crate::analytics::features::{FEATURES, SET};
use crate::engine::features;
use crate::engine::reference::Reference;
use crate::engine::signals::Judge;
use crate::store;

/// Arguments.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Its id, or source:id (an:257653)
    pub game: GameName,
    /// At this moment, RFC 3339 or epoch seconds; its start when none is given, or now before it
    #[arg(long, value_parser = arguments::instant)]
    pub at: Option<DateTime<Utc>>,
    /// In the demo's database
    #[arg(long)]
    pub demo: bool,
}

type Found = (i64, DateTime<Utc>, Option<Vec<(String, Option<f64>)>>);

/// Print them.
pub async fn run(args: Args, context: &Context) -> Result<(), CliError> {
    let opened = open::database(context, args.demo, false).await?;
    let found = find(&args, &opened).await;
    opened.leave().await;
    let (game, at, found) = found?;
    let mut data = context.output.data();
    match &found {
        Some(found) if context.output.json => {
            let features: Map<String, Value> = found
                .iter()
                .map(|(name, value)| (name.clone(), json!(value)))
                .collect();
            data.json(&json!({
                "type": "features", "game_id": game, "at": at, "feature_set": SET, "features": features,
            }))?;
        }
        Some(found) => {
            for (name, value) in found {
                let value = value.map_or_else(|| "-".to_owned(), |v| format!("{v:.4}"));
                data.line(&format!("{name:<24} {value:>12}  {}", unit(name)))?;
            }
        }
        None => {}
    }
    data.finish()?;
    if found.is_none() {
        let message = format!(
            "nothing was known of the game's prices and splits at {at}; --at names a later moment"
        );
        return Err(CliError::new(Exit::Failure, message));
    }
    Ok(())
}

fn unit(name: &str) -> &'static str {
    let own = name.rsplit('.').next().unwrap_or_default();
    FEATURES
        .iter()
        .find(|feature| feature.name == own)
        .map_or("minutes", |feature| feature.unit)
}

async fn find(args: &Args, opened: &Opened) -> Result<Found, CliError> {
    let game = opened.game(&args.game).await?;
    let reference =
        Reference::builtin().map_err(|e| CliError::new(Exit::Failure, e.to_string()))?;
    let judge = Judge::new(reference.into());
    let mut connection = opened.pool.acquire().await.map_err(failed)?;
    let facts = store::signals::game(&mut connection, game)
        .await
        .map_err(failed)?;
    let start = facts.and_then(|facts| facts.starts_at);
    let now = Utc::now();
    let at = args
        .at
        .unwrap_or_else(|| start.map_or(now, |start| start.min(now)));
    let found = features::at(&mut connection, &judge, game, at)
        .await
        .map_err(failed)?;
    Ok((game.as_i64(), at, found))
}
