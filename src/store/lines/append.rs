//! Appending to the history: a binary `COPY` into the month's partition, or an `INSERT` where that will not do.

use chrono::{DateTime, Datelike as _, Utc};
use sqlx::{Connection as _, PgConnection};

use crate::domain::book::BookSlug;
use crate::domain::market::Line;
use crate::domain::odds::{Odds, OddsFormat};
use crate::domain::series::SeriesKey;
use crate::domain::tape::Change;
use crate::store::copy::CopyRows;

/// Errors after which the slower way is tried: a row that exists already; no partition of that name, or no right to
/// name it.
const ANOTHER_WAY: [&str; 3] = ["23505", "42P01", "42501"];

/// Append rows; a row whose series and market time exist already is left alone. Returns how many were new.
///
/// The statement trigger keeps `lines_current` in step and counts each fetch as an observation of the series it brought
/// rows to; so all rows that a fetch brought to a series must be in one call.
pub async fn append(
    connection: &mut PgConnection,
    changes: &[&Change],
) -> Result<u64, sqlx::Error> {
    let Some(first) = changes.first() else {
        return Ok(0);
    };
    let month = |at: DateTime<Utc>| (at.year(), at.month());
    let (year, number) = month(first.seen.at);
    // One statement, for the trigger's sake; and a COPY that names the partition itself inserts page by page.
    if changes.iter().all(|c| month(c.seen.at) == (year, number)) {
        let partition = format!("core_betting.line_history_{year:04}{number:02}");
        let mut attempt = connection.begin().await?;
        match copy(&mut attempt, &partition, changes).await {
            Ok(added) => {
                attempt.commit().await?;
                return Ok(added);
            }
            Err(why) => {
                attempt.rollback().await?;
                let code = why
                    .as_database_error()
                    .and_then(sqlx::error::DatabaseError::code);
                if !code.is_some_and(|code| ANOTHER_WAY.contains(&&*code)) {
                    return Err(why);
                }
            }
        }
    }
    insert(connection, changes).await
}

/// All rows or none: an existing one is an error.
async fn copy(
    connection: &mut PgConnection,
    partition: &str,
    changes: &[&Change],
) -> Result<u64, sqlx::Error> {
    let mut copy = CopyRows::with_capacity(changes.len() * 320);
    for Change { seen, origin } in changes {
        let (key, price) = (&seen.key, &seen.price);
        copy.row(22);
        copy.int8(key.game_id.as_i64());
        copy.timestamp(seen.at);
        copy.text(key.stream.as_str());
        copy.text(&key.source_book_id);
        copy.nullable(seen.book.as_ref().map(BookSlug::as_str), CopyRows::text);
        copy.text(key.market.as_str());
        copy.text(key.period.as_str());
        copy.text(&key.participant);
        copy.text(key.side.as_str());
        copy.text(key.phase.as_str());
        copy.text(&key.slot.to_string());
        copy.nullable(price.line, |copy, line| {
            copy.numeric(i64::from(line.hundredths()) * 100, 2);
        });
        copy.nullable(price.odds.map(Odds::to_american), CopyRows::int4);
        copy.nullable(price.odds.map(Odds::to_decimal), |copy, decimal| {
            copy.numeric(ten_thousandths(decimal), 4);
        });
        copy.nullable(price.odds.map(|o| format_name(o.format())), CopyRows::text);
        copy.text(price.status.as_str());
        copy.bool(seen.opener);
        copy.bool(origin.reconstructed);
        copy.nullable(seen.source_at, CopyRows::timestamp);
        copy.timestamp(origin.observed_at);
        copy.bytes(&origin.payload_hash.0);
        copy.int4(ordinal(seen.ordinal));
    }
    let mut stream = connection
        .copy_in_raw(&format!(
            "copy {partition} (game_id, at, stream, source_book_id, book, market, period, participant, side, phase,
                 line_slot, line, american, decimal, odds_format, status, opener, reconstructed, source_at, observed_at,
                 payload_hash, ordinal) from stdin (format binary)"
        ))
        .await?;
    stream.send(copy.finish()).await?;
    stream.finish().await
}

/// Decimal odds in units of the column's last place, rounded as Postgres rounds: a half away from zero. The nudge is
/// what the last place of a float may lack of a half.
fn ten_thousandths(decimal: f64) -> i64 {
    (decimal * 10_000.0 + 1e-9).round() as i64
}

fn ordinal(ordinal: u32) -> i32 {
    i32::try_from(ordinal).unwrap_or(i32::MAX)
}

async fn insert(connection: &mut PgConnection, changes: &[&Change]) -> Result<u64, sqlx::Error> {
    let key = |c: &&Change| c.seen.key.clone();
    let keys: Vec<SeriesKey> = changes.iter().map(key).collect();
    let price = |c: &&Change| c.seen.price;
    let done = sqlx::query(
        "insert into core_betting.line_history (game_id, at, stream, source_book_id, book, market, period, participant,
             side, phase, line_slot, line, american, decimal, odds_format, status, opener, reconstructed, source_at,
             observed_at, payload_hash, ordinal)
         select * from unnest($1::int8[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
             $8::text[], $9::text[], $10::text[], $11::text[], $12::float8[], $13::int4[], $14::float8[], $15::text[],
             $16::text[], $17::bool[], $18::bool[], $19::timestamptz[], $20::timestamptz[], $21::bytea[], $22::int4[])
         on conflict (game_id, series_id, at) do nothing",
    )
    .bind(keys.iter().map(|k| k.game_id.as_i64()).collect::<Vec<_>>())
    .bind(changes.iter().map(|c| c.seen.at).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| k.stream.as_str()).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| &*k.source_book_id).collect::<Vec<_>>())
    .bind(changes.iter().map(|c| c.seen.book.as_ref().map(BookSlug::as_str)).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| k.market.as_str()).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| k.period.as_str()).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| &*k.participant).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| k.side.as_str()).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| k.phase.as_str()).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| k.slot.to_string()).collect::<Vec<_>>())
    .bind(changes.iter().map(|c| price(c).line.map(Line::points)).collect::<Vec<_>>())
    .bind(changes.iter().map(|c| price(c).odds.map(Odds::to_american)).collect::<Vec<_>>())
    .bind(changes.iter().map(|c| price(c).odds.map(Odds::to_decimal)).collect::<Vec<_>>())
    .bind(changes.iter().map(|c| price(c).odds.map(|o| format_name(o.format()))).collect::<Vec<_>>())
    .bind(changes.iter().map(|c| price(c).status.as_str()).collect::<Vec<_>>())
    .bind(changes.iter().map(|c| c.seen.opener).collect::<Vec<_>>())
    .bind(changes.iter().map(|c| c.origin.reconstructed).collect::<Vec<_>>())
    .bind(changes.iter().map(|c| c.seen.source_at).collect::<Vec<_>>())
    .bind(changes.iter().map(|c| c.origin.observed_at).collect::<Vec<_>>())
    .bind(changes.iter().map(|c| c.origin.payload_hash.0.to_vec()).collect::<Vec<_>>())
    .bind(changes.iter().map(|c| ordinal(c.seen.ordinal)).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Append rows of series that [`recompute`](super::recompute) brings in step afterwards: they are not merged, and count as no observation.
pub async fn append_replayed(
    connection: &mut PgConnection,
    changes: &[&Change],
) -> Result<u64, sqlx::Error> {
    if changes.is_empty() {
        return Ok(0);
    }
    let say = "select set_config('linetape.replay', $1, true)";
    sqlx::query(say)
        .bind("on")
        .execute(&mut *connection)
        .await?;
    let added = append(&mut *connection, changes).await?;
    sqlx::query(say).bind("off").execute(connection).await?;
    Ok(added)
}

const fn format_name(format: OddsFormat) -> &'static str {
    match format {
        OddsFormat::American => "american",
        OddsFormat::Decimal => "decimal",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_round_as_the_column_does() {
        for (american, stored) in [
            (-110, 19_091),
            (150, 25_000),
            (-640, 11_563),
            (-3200, 10_313),
            (-16_000, 10_063),
            (-128, 17_813),
            (10_001, 1_010_100),
        ] {
            let odds = Odds::american(american).unwrap();
            assert_eq!(ten_thousandths(odds.to_decimal()), stored, "{american}");
        }
    }
}
