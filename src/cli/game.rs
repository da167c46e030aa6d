//! `linetape game merge|split`: a person's word on which feeds' games are one.

use std::sync::Arc;

use clap::Subcommand;
use serde::Serialize;

use super::arguments::GameName;
use super::context::Context;
use super::error::{CliError, Exit};
use super::open::{self, Opened, failed};
use crate::domain::clean::clean;
use crate::domain::identity::facts::FeedKey;
use crate::engine::pipeline::write::{Decided, Refusal, Stager};
use crate::engine::reference::Reference;

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
    /// Make two games one, and keep them so
    Merge {
        /// One game: its id, or source:id (an:257653)
        one: GameName,
        /// The other
        other: GameName,
        /// In the demo's database
        #[arg(long)]
        demo: bool,
    },
    /// Part a feed's game from the game it was joined with, and keep them apart
    Split {
        /// The joined game: its id, or source:id
        game: GameName,
        /// The feed's game that goes: source:id
        part: GameName,
        /// In the demo's database
        #[arg(long)]
        demo: bool,
    },
}

/// A feed's game that changed places, as `--json` prints it.
#[derive(Serialize)]
struct Moved<'a> {
    r#type: &'static str,
    source: &'static str,
    source_game_id: &'a str,
    from: i64,
    to: i64,
}

/// Do it.
pub async fn run(args: Args, context: &Context) -> Result<(), CliError> {
    let (Action::Merge { demo, .. } | Action::Split { demo, .. }) = args.action;
    let opened = open::database(context, demo, false).await?;
    let done = act(&args.action, demo, &opened).await;
    opened.leave().await;
    print(context, &done?)
}

async fn act(action: &Action, demo: bool, opened: &Opened) -> Result<Decided, CliError> {
    opened.migrate().await?;
    let reference =
        Reference::builtin().map_err(|e| CliError::new(Exit::Failure, e.to_string()))?;
    let mut stager = Stager::new(Arc::new(reference), demo, 1_000);
    let decided = match action {
        Action::Merge { one, other, .. } => {
            let (one, other) = (opened.game(one).await?, opened.game(other).await?);
            stager.merge(&opened.pool, one, other).await
        }
        Action::Split { game, part, .. } => {
            let GameName::Feed(source, id) = part else {
                let message = format!("{part} is a whole game; name the feed's part, as an:257653");
                return Err(CliError::new(Exit::Usage, message));
            };
            let game = opened.game(game).await?;
            let part = FeedKey::new(*source, id.as_str());
            stager.split(&opened.pool, game, &part).await
        }
    };
    decided.map_err(|refusal| match refusal {
        Refusal::Database(error) => failed(error),
        other => CliError::new(Exit::Failure, clean(&other.to_string(), 300)),
    })
}

fn print(context: &Context, decided: &Decided) -> Result<(), CliError> {
    let mut data = context.output.data();
    for moved in &decided.moves {
        let (source, id) = (moved.key.source, &*moved.key.id);
        if context.output.json {
            data.json(&Moved {
                r#type: "moved",
                source: source.as_str(),
                source_game_id: id,
                from: moved.from.as_i64(),
                to: moved.to.as_i64(),
            })?;
        } else {
            let id = clean(id, 60);
            let (source, from, to) = (source.short(), moved.from, moved.to);
            data.line(&format!("{source}:{id} is now game {to}, was {from}"))?;
        }
    }
    if decided.moves.is_empty() {
        context
            .output
            .say("nothing moved; the decision is kept for what the feeds say later");
    }
    data.finish()
}
