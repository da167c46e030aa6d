//! Signals are settled: what history says now is stored, what it no longer says is superseded.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::{PgConnection, Row as _};

use crate::analytics::signal::{Follower, Signal, SplitEvidence};
use crate::domain::game::GameId;
use crate::domain::market::Line;
use crate::domain::odds::Odds;

/// What settling a game's signals did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Settled {
    /// Signals that were not stored yet.
    pub new: u64,
    /// Stored ones that went on.
    pub extended: u64,
    /// Stored ones that later rows changed: a revision took their place.
    pub revised: u64,
    /// Stored ones that later rows took back.
    pub withdrawn: u64,
}

impl Settled {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            new: self.new + other.new,
            extended: self.extended + other.extended,
            revised: self.revised + other.revised,
            withdrawn: self.withdrawn + other.withdrawn,
        }
    }
}

/// A stored signal's key within its game.
type Key = (DateTime<Utc>, String, String, String, String, String);

fn key(signal: &Signal) -> Key {
    (
        signal.detected_at,
        signal.kind.as_str().to_owned(),
        signal.market.as_str().to_owned(),
        signal.period.as_str().to_owned(),
        signal.side.as_str().to_owned(),
        signal.preset.to_string(),
    )
}

/// What of a stored signal was said when it was seen, and how far it went since.
#[derive(Debug, Clone, PartialEq)]
struct Said {
    revision: i32,
    content: Vec<u8>,
    until: DateTime<Utc>,
    later: usize,
}

/// Make the store's signals of a game those that `signals` are, in one transaction of the caller's: new ones are added,
/// ongoing ones extended, changed ones superseded by a revision, those that are no more marked superseded.
pub async fn settle(
    connection: &mut PgConnection,
    game: GameId,
    signals: &[Signal],
) -> Result<Settled, sqlx::Error> {
    let mut stored = stored(connection, game).await?;
    let mut done = Settled::default();
    for signal in signals {
        let key = key(signal);
        let revision = match stored.remove(&key) {
            None => 0,
            Some(said) => {
                let same = said.content == content(signal);
                if same {
                    if said.until != signal.until || said.later != signal.later.len() {
                        extend(connection, game, &key, said.revision, signal).await?;
                        done.extended += 1;
                    }
                    continue;
                }
                supersede(connection, game, &key, said.revision).await?;
                done.revised += 1;
                said.revision + 1
            }
        };
        done.new += u64::from(revision == 0);
        let revision = insert(connection, game, signal, revision).await?;
        evidence(connection, game, signal, revision).await?;
    }
    for (key, said) in stored {
        supersede(connection, game, &key, said.revision).await?;
        done.withdrawn += 1;
    }
    Ok(done)
}

async fn stored(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<HashMap<Key, Said>, sqlx::Error> {
    let rows = sqlx::query(
        "select detected_at, kind, market, period, side, preset, revision, content_hash, ongoing_until,
                jsonb_array_length(later)
         from analytics.signals where game_id = $1 and not superseded",
    )
    .bind(game.as_i64())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let key = (
                row.try_get(0)?,
                row.try_get(1)?,
                row.try_get(2)?,
                row.try_get(3)?,
                row.try_get(4)?,
                row.try_get(5)?,
            );
            let said = Said {
                revision: row.try_get(6)?,
                content: row.try_get(7)?,
                until: row.try_get(8)?,
                later: usize::try_from(row.try_get::<i32, _>(9)?).unwrap_or(0),
            };
            Ok((key, said))
        })
        .collect()
}

const OF_KEY: &str = "game_id = $1 and detected_at = $2 and kind = $3 and market = $4 and period = $5 and side = $6 \
                      and preset = $7 and revision = $8";

async fn supersede(
    connection: &mut PgConnection,
    game: GameId,
    key: &Key,
    revision: i32,
) -> Result<(), sqlx::Error> {
    let text = format!("update analytics.signals set superseded = true where {OF_KEY}");
    sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(game.as_i64())
        .bind(key.0)
        .bind(&key.1)
        .bind(&key.2)
        .bind(&key.3)
        .bind(&key.4)
        .bind(&key.5)
        .bind(revision)
        .execute(connection)
        .await?;
    Ok(())
}

async fn extend(
    connection: &mut PgConnection,
    game: GameId,
    key: &Key,
    revision: i32,
    signal: &Signal,
) -> Result<(), sqlx::Error> {
    let text =
        format!("update analytics.signals set later = $9, ongoing_until = $10 where {OF_KEY}");
    sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(game.as_i64())
        .bind(key.0)
        .bind(&key.1)
        .bind(&key.2)
        .bind(&key.3)
        .bind(&key.4)
        .bind(&key.5)
        .bind(revision)
        .bind(followers(&signal.later))
        .bind(signal.until)
        .execute(connection)
        .await?;
    Ok(())
}

/// A signal that rows took back and brought again gets the next free revision.
async fn insert(
    connection: &mut PgConnection,
    game: GameId,
    signal: &Signal,
    revision: i32,
) -> Result<i32, sqlx::Error> {
    let available = signal.available.as_ref();
    let american = available.map(|a| a.odds.to_american());
    let decimal = available.map(|a| a.odds.to_decimal());
    sqlx::query_scalar(
        "insert into analytics.signals (game_id, detected_at, kind, market, period, side, preset, revision, observed_at,
             strength, delta, fair_probability, shops, leader, movers, waiting, later, ongoing_until, juice_only,
             resolution_s, book, line, american, decimal, splits, reason, reconstructed, content_hash)
         values ($1, $2, $3, $4, $5, $6, $7,
             greatest($8, (select max(s.revision) + 1 from analytics.signals s
                           where s.game_id = $1 and s.detected_at = $2 and s.kind = $3 and s.market = $4
                             and s.period = $5 and s.side = $6 and s.preset = $7)),
             $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22::float8::numeric, $23,
             $24::float8::numeric, $25, $26, $27, $28)
         returning revision",
    )
    .bind(game.as_i64())
    .bind(signal.detected_at)
    .bind(signal.kind.as_str())
    .bind(signal.market.as_str())
    .bind(signal.period.as_str())
    .bind(signal.side.as_str())
    .bind(&*signal.preset)
    .bind(revision)
    .bind(signal.observed_at)
    .bind(signal.strength)
    .bind(signal.delta)
    .bind(signal.fair)
    .bind(i16::try_from(signal.groups).unwrap_or(i16::MAX))
    .bind(signal.movers.first().map(|f| &*f.shop))
    .bind(followers(&signal.movers))
    .bind(followers(&signal.waiting))
    .bind(followers(&signal.later))
    .bind(signal.until)
    .bind(signal.juice_only)
    .bind(signal.resolution_s)
    .bind(available.map(|a| &*a.shop))
    .bind(available.and_then(|a| a.line).map(Line::points))
    .bind(american)
    .bind(decimal)
    .bind(counted(&signal.splits))
    .bind(&signal.reason)
    .bind(signal.reconstructed)
    .bind(content(signal))
    .fetch_one(connection)
    .await
}

async fn evidence(
    connection: &mut PgConnection,
    game: GameId,
    signal: &Signal,
    revision: i32,
) -> Result<(), sqlx::Error> {
    if signal.evidence.is_empty() {
        return Ok(());
    }
    let rows = &signal.evidence;
    sqlx::query(
        "insert into analytics.signal_evidence (game_id, detected_at, kind, market, period, side, preset, revision, nth,
             series_id, at, line, american, before_line, before_american)
         select $1, $2, $3, $4, $5, $6, $7, $8, nth, series_id, at, line, american, before_line, before_american
         from unnest($9::int8[], $10::timestamptz[], $11::float8[], $12::int4[], $13::float8[], $14::int4[])
             with ordinality as e(series_id, at, line, american, before_line, before_american, nth)",
    )
    .bind(game.as_i64())
    .bind(signal.detected_at)
    .bind(signal.kind.as_str())
    .bind(signal.market.as_str())
    .bind(signal.period.as_str())
    .bind(signal.side.as_str())
    .bind(&*signal.preset)
    .bind(revision)
    .bind(rows.iter().map(|e| e.series_id).collect::<Vec<_>>())
    .bind(rows.iter().map(|e| e.at).collect::<Vec<_>>())
    .bind(rows.iter().map(|e| e.line.map(Line::points)).collect::<Vec<_>>())
    .bind(rows.iter().map(|e| e.odds.map(Odds::to_american)).collect::<Vec<_>>())
    .bind(rows.iter().map(|e| e.before_line.map(Line::points)).collect::<Vec<_>>())
    .bind(rows.iter().map(|e| e.before_odds.map(Odds::to_american)).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// Hash of all that was said when it was seen.
fn content(signal: &Signal) -> Vec<u8> {
    let rows: Value = signal
        .evidence
        .iter()
        .map(|e| {
            json!([
                e.series_id,
                e.at,
                e.line.map(Line::points),
                e.odds.map(Odds::to_american),
                e.before_line.map(Line::points),
                e.before_odds.map(Odds::to_american),
            ])
        })
        .collect();
    let price = signal
        .available
        .as_ref()
        .map(|a| json!([&*a.shop, a.line.map(Line::points), a.odds.to_decimal()]));
    let said = json!([
        signal.observed_at,
        signal.strength,
        signal.delta,
        signal.fair,
        signal.groups,
        followers(&signal.movers),
        followers(&signal.waiting),
        signal.juice_only,
        signal.resolution_s,
        price,
        rows,
        counted(&signal.splits),
        signal.reason,
        signal.reconstructed,
    ]);
    blake3::hash(said.to_string().as_bytes())
        .as_bytes()
        .to_vec()
}

fn followers(list: &[Follower]) -> Value {
    list.iter()
        .map(|f| json!({"shop": &*f.shop, "at": f.at, "delta": f.delta}))
        .collect()
}

fn counted(list: &[SplitEvidence]) -> Value {
    list.iter()
        .map(|s| {
            json!({
                "scope": &*s.scope, "at": s.at, "side": s.side, "tickets_pct": s.tickets_pct,
                "money_pct": s.money_pct, "recent_tickets_pct": s.recent_tickets_pct,
            })
        })
        .collect()
}
