//! `linetape database status`: where the database is, what it holds, and how it is kept.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::open::{Opened, failed};
use crate::cli::output::Data;
use crate::cli::table::{Align, Table, bytes, count};
use crate::store;
use crate::store::status::{DatabaseStatus, Mode};
use crate::store::upkeep::{self, Upkeep};

/// All of it, as `--json` prints it.
#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    status: &'a DatabaseStatus,
    #[serde(flatten)]
    upkeep: &'a Upkeep,
    /// `database.keep_months`: 0 keeps everything attached.
    keep_months: u32,
}

/// Print it.
pub async fn print(context: &Context, opened: &Opened) -> Result<(), CliError> {
    let mode = if opened.connection.is_embedded() {
        Mode::Embedded
    } else {
        Mode::Server
    };
    let url = opened.connection.url().await.unwrap_or_default();
    let status = store::status::read(&opened.pool, mode, url)
        .await
        .map_err(failed)?;
    let upkeep = upkeep::read(&opened.pool).await.map_err(failed)?;
    let keep_months = context.settings.database.keep_months;
    let mut data = context.output.data();
    if context.output.json {
        data.json(&Whole {
            status: &status,
            upkeep: &upkeep,
            keep_months,
        })?;
        return data.finish();
    }
    data.line(&format!("url      {}", status.url))?;
    data.line(&format!("server   {}", opened.server))?;
    data.line(&format!("rights   {}", status.session.sentence()))?;
    let known = store::migrate::known_version();
    let schema = match status.schema_version {
        None => "not set up; run `linetape database setup`".to_owned(),
        Some(v) if v > known => format!(
            "version {v}, and this linetape knows {known}: it reads and does not write; update linetape"
        ),
        Some(v) => format!("version {v}"),
    };
    data.line(&format!("schema   {schema}"))?;
    data.line(&format!(
        "size     {}, {} rows",
        bytes(status.size_bytes),
        count(status.rows)
    ))?;
    print_tables(context, &status, &upkeep, &mut data)?;
    if status.schema_version.is_some() && !status.missing.is_empty() {
        data.line(&format!("missing  {}", status.missing.join(", ")))?;
    }
    print_months(context, &upkeep, keep_months, &mut data)?;
    data.finish()
}

fn print_tables(
    context: &Context,
    status: &DatabaseStatus,
    upkeep: &Upkeep,
    data: &mut Data,
) -> Result<(), CliError> {
    let mut table = Table::new(&[
        ("table", Align::Left),
        ("rows", Align::Right),
        ("size", Align::Right),
        ("dead", Align::Right),
        ("dead %", Align::Right),
        ("vacuumed", Align::Left),
        ("analysed", Align::Left),
    ]);
    let time = |at: Option<DateTime<Utc>>| {
        at.map_or_else(
            || "never".to_owned(),
            |at| at.format("%Y-%m-%d %H:%MZ").to_string(),
        )
    };
    for row in &status.tables {
        let name = format!("{}.{}", row.schema, row.table);
        let mut kept = upkeep.upkeep.iter();
        let kept = kept.find(|k| k.schema == row.schema && k.table == row.table);
        table.row([
            name,
            count(row.rows),
            bytes(row.bytes),
            kept.map_or_else(String::new, |k| count(k.dead_rows)),
            kept.map_or_else(String::new, |k| format!("{:.1}", k.dead_percent())),
            time(kept.and_then(|k| k.last_vacuum)),
            time(kept.and_then(|k| k.last_analyze)),
        ]);
    }
    table.print(&context.output, data)
}

fn print_months(
    context: &Context,
    upkeep: &Upkeep,
    keep_months: u32,
    data: &mut Data,
) -> Result<(), CliError> {
    if upkeep.partitions.is_empty() {
        return Ok(());
    }
    data.line("")?;
    let mut table = Table::new(&[
        ("month", Align::Left),
        ("size", Align::Right),
        ("attached", Align::Left),
    ]);
    for month in &upkeep.partitions {
        let attached = if month.attached {
            "yes".to_owned()
        } else {
            format!("no, was part of {}", month.parent)
        };
        table.row([month.partition.clone(), bytes(month.bytes), attached]);
    }
    table.print(&context.output, data)?;
    data.line(&match keep_months {
        0 => "retention: every month stays attached (database.keep_months = 0)".to_owned(),
        months => format!(
            "retention: `linetape database setup` detaches what is older than {months} months (database.keep_months)"
        ),
    })
}
