//! The catalogue of presets.

use sqlx::PgConnection;

use crate::analytics::signal::{Preset, Rule};

/// Write the presets of this program.
pub async fn seed_presets(
    connection: &mut PgConnection,
    presets: &[Preset],
    summary: &[&str],
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into analytics.signal_presets (preset, kind, source, rule, summary)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bool[])
         on conflict (preset) do update set kind = excluded.kind, source = excluded.source, rule = excluded.rule,
             summary = excluded.summary
         where (signal_presets.kind, signal_presets.source, signal_presets.rule, signal_presets.summary)
             is distinct from (excluded.kind, excluded.source, excluded.rule, excluded.summary)",
    )
    .bind(presets.iter().map(|p| &*p.name).collect::<Vec<_>>())
    .bind(presets.iter().map(|p| p.rule.kind().as_str()).collect::<Vec<_>>())
    .bind(presets.iter().map(|p| &*p.source).collect::<Vec<_>>())
    .bind(presets.iter().map(|p| words(&p.rule)).collect::<Vec<_>>())
    .bind(presets.iter().map(|p| summary.contains(&&*p.name)).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// A rule and its numbers, as text.
fn words(rule: &Rule) -> String {
    format!("{rule:?}")
}
