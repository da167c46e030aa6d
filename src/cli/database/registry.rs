//! `linetape database registry`, and what `database setup` does for earlier names and old months.

use sqlx::PgPool;

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::open::{Opened, failed};
use crate::store::registry::{Entry, Kind, Registry, detach_older, make_compatibility};

/// Print one name, or all.
pub async fn print(context: &Context, opened: &Opened, name: Option<&str>) -> Result<(), CliError> {
    let registry = Registry::read(&opened.pool).await.map_err(failed)?;
    let shown: Vec<&Entry> = match name {
        Some(name) => vec![
            registry
                .entry(name)
                .map_err(|e| CliError::new(Exit::Failure, e.to_string()))?,
        ],
        None => registry.entries().iter().collect(),
    };
    let mut data = context.output.data();
    for entry in shown {
        if context.output.json {
            data.json(entry)?;
        } else {
            data.line(&sentence(entry))?;
        }
    }
    data.finish()
}

/// Make what is missing since the last time, when a privilege was granted or a name became free; detach old months when
/// settings say so.
pub async fn make(context: &Context, owners: &PgPool) -> Result<(), CliError> {
    let settings = &context.settings;
    for name in make_compatibility(owners, &settings.schemas.pairs())
        .await
        .map_err(failed)?
    {
        let why = name.detail.unwrap_or_default();
        context
            .output
            .warn(&format!("{} was not made: {why}", name.name));
    }
    for table in detach_older(owners, settings.database.keep_months)
        .await
        .map_err(failed)?
    {
        context
            .output
            .say(&format!("detached {table}; its rows are kept there"));
    }
    Ok(())
}

fn sentence(entry: &Entry) -> String {
    let what = match (entry.kind, &entry.filled_by, &entry.detail) {
        (Kind::Table, Some(who), _) if entry.reserved => who.clone(),
        (Kind::Table, Some(who), _) => format!("filled by {who}"),
        (_, _, Some(why)) => format!("{} in {}: {why}", entry.state.as_str(), entry.home),
        _ => format!("in {}", entry.home),
    };
    format!("{:<46} {:<8} {what}", entry.name, entry.state.as_str())
}
