//! `linetape signals recommendations`: what the record said before games, and what came of it.

use serde::Serialize;

use super::Recommendations;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::open::{self, Opened, failed};
use crate::domain::clean::clean;
use crate::store;
use crate::store::recommendations::StoredRecommendation;

#[derive(Serialize)]
struct Row<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    recommendation: &'a StoredRecommendation,
}

pub(super) async fn run(args: &Recommendations, context: &Context) -> Result<(), CliError> {
    let opened = open::database(context, args.demo, false).await?;
    let found = find(args, &opened).await;
    opened.leave().await;
    let found = found?;
    let mut data = context.output.data();
    for recommendation in &found {
        if context.output.json {
            data.json(&Row {
                r#type: "recommendation",
                recommendation,
            })?;
        } else {
            data.line(&sentence(recommendation))?;
        }
    }
    data.finish()?;
    if found.is_empty() {
        context.output.say(if args.passes {
            "nothing was said of a signal yet; recommendations are made while linetape collects"
        } else {
            "no recommendation: it takes a preset with twenty graded signals that made money; --passes tells of each why not"
        });
    }
    Ok(())
}

async fn find(
    args: &Recommendations,
    opened: &Opened,
) -> Result<Vec<StoredRecommendation>, CliError> {
    let mut connection = opened.pool.acquire().await.map_err(failed)?;
    store::recommendations::list(&mut connection, args.passes, i64::from(args.limit))
        .await
        .map_err(failed)
}

fn sentence(said: &StoredRecommendation) -> String {
    let price =
        said.american
            .zip(said.book.as_deref())
            .map_or_else(String::new, |(american, book)| {
                let line = said
                    .line
                    .map_or_else(String::new, |line| format!("{line:+} "));
                format!("  {line}{american:+} {}", clean(book, 24))
            });
    let end = match (&said.outcome, said.units, &said.status) {
        (Some(outcome), Some(units), _) => format!("  {outcome} {units:+.2}"),
        (Some(outcome), None, _) => format!("  {outcome}"),
        (None, _, Some(status)) => format!("  {status}"),
        _ => String::new(),
    };
    format!(
        "{}  {:<4} {:<32} {:<9} {:<5} {:<18}{price}  {}{end}",
        said.made_at.format("%Y-%m-%d %H:%M:%SZ"),
        said.action,
        clean(&said.game, 60),
        said.market,
        said.side,
        said.preset,
        clean(&said.reason, 300),
    )
}
