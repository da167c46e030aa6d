//! Bets, offers, fair odds and chances: the rows they are made of, and what was made of them.

pub mod report;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::{PgConnection, Row as _};

use super::games::parse;
use super::lines::{price, series_key};
use crate::analytics::fair::board::Leg;
use crate::analytics::fair::offer::{confidence, volume};
use crate::analytics::fair::tape::{BetKey, Chance, FairRow, Kind, OfferRow};
use crate::analytics::price::rounded_american;
use crate::domain::bet::BetId;
use crate::domain::game::GameId;
use crate::domain::league::League;
use crate::domain::market::Line;
use crate::domain::series::{Price, SeriesKey};
use crate::domain::source::Stream;

/// What of a game's lines makes offers: prices of both feeds' first hand before the start. `$2` are the streams.
const LINES: &str = "phase = 'pregame' and stream = any ($2) and source_book_id not like '%:open'";

/// Streams whose prices are of first hand; sites that show other shops' prices, and seldom, are none to rely on.
fn streams() -> Vec<&'static str> {
    let first_hand = Stream::ALL.iter().filter(|stream| stream.rank() <= 5);
    first_hand.map(|stream| stream.as_str()).collect()
}

/// Whether prices of a stream make offers.
pub fn is_first_hand(stream: Stream) -> bool {
    stream.rank() <= 5
}

/// A game, as bets name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Game {
    /// League.
    pub league: League,
    /// Scheduled start.
    pub starts_at: Option<DateTime<Utc>>,
    /// Home, as its feed names it.
    pub home: String,
    /// Away.
    pub away: String,
}

/// A row of the history.
#[derive(Debug, Clone, PartialEq)]
pub struct TapeLine {
    /// Series.
    pub key: SeriesKey,
    /// Price.
    pub price: Price,
    /// Market time.
    pub at: DateTime<Utc>,
    /// When it was received.
    pub observed_at: DateTime<Utc>,
}

/// How far a game's rows are: the newest, by when it was received, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// When the newest row was received.
    pub newest: DateTime<Utc>,
    /// Rows.
    pub rows: i64,
}

/// A game's facts; none where there is no such game.
pub async fn game(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<Option<Game>, sqlx::Error> {
    let row = sqlx::query(
        "select league, starts_at, home, away from core_betting.games where game_id = $1",
    )
    .bind(game.as_i64())
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(Game {
            league: parse(row.try_get(0)?)?,
            starts_at: row.try_get(1)?,
            home: row.try_get(2)?,
            away: row.try_get(3)?,
        })
    })
    .transpose()
}

/// How far these games' rows are.
pub async fn reach(
    connection: &mut PgConnection,
    games: &[GameId],
) -> Result<HashMap<GameId, Reach>, sqlx::Error> {
    let rows: Vec<(i64, DateTime<Utc>, i64)> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "select game_id, max(observed_at), sum(changes)::int8 from core_betting.lines_current
         where game_id = any ($1) and {LINES} group by game_id"
    )))
    .bind(games.iter().map(|g| g.as_i64()).collect::<Vec<_>>())
    .bind(streams())
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, newest, rows)| (GameId::from_i64(id), Reach { newest, rows }))
        .collect())
}

/// A game's rows that were received after a moment; all when none is given.
pub async fn lines(
    connection: &mut PgConnection,
    game: GameId,
    after: Option<DateTime<Utc>>,
) -> Result<Vec<TapeLine>, sqlx::Error> {
    const COLUMNS: &str =
        "h.game_id, h.stream, h.source_book_id, h.market, h.period, h.participant, h.side, h.phase,
        h.line_slot, h.line::float8, h.american, h.decimal::float8, h.status, h.at, h.observed_at";
    // Rows of a look are their series' newest: those series are found in the game's few, and then only their end is read.
    let text = match after {
        None => format!("select {COLUMNS} from core_betting.line_history h where game_id = $1 and {LINES}"),
        Some(_) => format!(
            "select {COLUMNS}
             from (select series_id, at from core_betting.lines_current
                   where game_id = $1 and {LINES} and observed_at > $3) c
             join core_betting.line_history h on h.game_id = $1 and h.series_id = c.series_id and h.observed_at > $3"
        ),
    };
    let mut query = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(game.as_i64())
        .bind(streams());
    if let Some(after) = after {
        query = query.bind(after);
    }
    let rows = query.fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            Ok(TapeLine {
                key: series_key(row)?,
                price: price(row, 9)?,
                at: row.try_get(13)?,
                observed_at: row.try_get(14)?,
            })
        })
        .collect()
}

/// A bet with what is said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Bet {
    /// Id.
    pub id: BetId,
    /// What it settles on.
    pub key: BetKey,
    /// League.
    pub league: League,
    /// Away @ home.
    pub event_name: String,
    /// Home.
    pub home: String,
    /// Away.
    pub away: String,
    /// The player of a prop.
    pub player: Option<String>,
    /// In words.
    pub description: String,
    /// Line and participant.
    pub parameters: Value,
    /// Start of the game.
    pub event_time: Option<DateTime<Utc>>,
    /// The event's key by an earlier recipe.
    pub sha_key: String,
    /// The bet's id by an earlier recipe.
    pub seed_bet_id: String,
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Written {
    /// Bets that were not stored yet.
    pub bets: u64,
    /// Fair prices.
    pub fair: u64,
    /// Offers.
    pub offers: u64,
    /// Chances that came or went.
    pub chances: u64,
    /// Rows that rows which came late made wrong.
    pub removed: u64,
}

impl Written {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            bets: self.bets + other.bets,
            fair: self.fair + other.fair,
            offers: self.offers + other.offers,
            chances: self.chances + other.chances,
            removed: self.removed + other.removed,
        }
    }
}

/// What a game's rows make, with the ids of their bets.
#[derive(Debug, Default)]
pub struct Rows<'a> {
    /// Bets.
    pub bets: Vec<&'a Bet>,
    /// Fair prices.
    pub fair: Vec<(&'a Bet, &'a FairRow)>,
    /// Offers.
    pub offers: Vec<(&'a Bet, &'a OfferRow)>,
    /// Chances.
    pub chances: Vec<(&'a Bet, &'a Chance)>,
}

/// Write what is new, in a transaction of the caller's. What is there already stays.
pub async fn add(
    connection: &mut PgConnection,
    game: GameId,
    rows: &Rows<'_>,
) -> Result<Written, sqlx::Error> {
    Ok(Written {
        bets: put_bets(connection, game, &rows.bets).await?,
        fair: put_fair(connection, game, &rows.fair).await?,
        offers: put_offers(connection, game, &rows.offers).await?,
        chances: put_chances(connection, game, &rows.chances).await?,
        removed: 0,
    })
}

/// Make the store's rows of a game these, in a transaction of the caller's: what is there and is the same stays, what is not
/// among them goes, the rest is added.
pub async fn settle(
    connection: &mut PgConnection,
    game: GameId,
    rows: &Rows<'_>,
) -> Result<Written, sqlx::Error> {
    let mut removed = 0;
    let (stored, wrong) = compare(
        stored_fair(connection, game).await?,
        &rows.fair,
        |(bet, row)| ((bet.id.as_str().to_owned(), row.at), said_fair(row)),
    );
    removed += remove_fair(connection, game, &wrong).await?;
    let fair = pick(&rows.fair, &stored);
    let (stored, wrong) = compare(
        stored_offers(connection, game).await?,
        &rows.offers,
        |(bet, row)| {
            let key = (bet.id.as_str().to_owned(), row.book.to_string(), row.at);
            (key, said_offer(row))
        },
    );
    removed += remove_offers(connection, game, &wrong).await?;
    let offers = pick(&rows.offers, &stored);
    let (stored, wrong) = compare(
        stored_chances(connection, game).await?,
        &rows.chances,
        |(bet, row)| {
            let first = row
                .legs
                .first()
                .map_or_else(String::new, |leg| leg.book.to_string());
            let kind = row.kind.as_str().to_owned();
            let key = (
                row.at,
                kind,
                bet.id.as_str().to_owned(),
                first,
                others(&row.legs),
            );
            (key, said_chance(row))
        },
    );
    removed += remove_chances(connection, game, &wrong).await?;
    let chances = pick(&rows.chances, &stored);
    let keep: Vec<&str> = rows.bets.iter().map(|bet| bet.id.as_str()).collect();
    removed += sqlx::query(
        "delete from core_betting.bets where game_id = $1 and not bet_id = any ($2) and stake is null",
    )
    .bind(game.as_i64())
    .bind(&keep)
    .execute(&mut *connection)
    .await?
    .rows_affected();
    let missing = Rows {
        bets: rows.bets.clone(),
        fair,
        offers,
        chances,
    };
    let written = add(connection, game, &missing).await?;
    Ok(Written { removed, ..written })
}

/// Which of `rows` (by place) are stored as they are, and which stored keys say what no row says.
fn compare<K, V, R>(
    mut stored: HashMap<K, V>,
    rows: &[R],
    said: impl Fn(&R) -> (K, V),
) -> (HashSet<usize>, Vec<K>)
where
    K: std::hash::Hash + Eq,
    V: PartialEq,
{
    let mut same = HashSet::new();
    for (place, row) in rows.iter().enumerate() {
        let (key, value) = said(row);
        if stored.get(&key) == Some(&value) {
            stored.remove(&key);
            same.insert(place);
        }
    }
    (same, stored.into_keys().collect())
}

/// Those that are not stored.
fn pick<R: Copy>(rows: &[R], stored: &HashSet<usize>) -> Vec<R> {
    let missing = rows
        .iter()
        .enumerate()
        .filter(|(place, _)| !stored.contains(place));
    missing.map(|(_, row)| *row).collect()
}

/// Ages told in a list, in whole microseconds, so that a number that was written and read again is the same.
fn ages(list: &Value) -> Vec<i64> {
    let rows = list.as_array().into_iter().flatten();
    rows.flat_map(|row| ["seen_s", "changed_s"].map(|name| row.get(name).and_then(Value::as_f64)))
        .map(|age| age.map_or(-1, |age| (age * 1e6).round() as i64))
        .collect()
}

type FairSaid = (Option<f64>, i16, String, Vec<i64>);

fn said_fair(row: &FairRow) -> FairSaid {
    let books = i16::try_from(row.anchors.len()).unwrap_or(i16::MAX);
    let ages = ages(&anchors(row));
    (row.probability, books, row.devig.as_str().to_owned(), ages)
}

async fn stored_fair(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<HashMap<(String, DateTime<Utc>), FairSaid>, sqlx::Error> {
    let rows = sqlx::query(
        "select bet_id, at, probability, books, method, anchors from analytics.fair_odds where game_id = $1",
    )
    .bind(game.as_i64())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let ages = ages(&row.try_get(5)?);
            let said = (row.try_get(2)?, row.try_get(3)?, row.try_get(4)?, ages);
            Ok(((row.try_get(0)?, row.try_get(1)?), said))
        })
        .collect()
}

async fn remove_fair(
    connection: &mut PgConnection,
    game: GameId,
    keys: &[(String, DateTime<Utc>)],
) -> Result<u64, sqlx::Error> {
    if keys.is_empty() {
        return Ok(0);
    }
    let done = sqlx::query(
        "delete from analytics.fair_odds f using unnest($2::text[], $3::timestamptz[]) as d(bet_id, at)
         where f.game_id = $1 and f.bet_id = d.bet_id and f.at = d.at",
    )
    .bind(game.as_i64())
    .bind(keys.iter().map(|k| &*k.0).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| k.1).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// State, decimal and net odds, fair probability, value and class.
type OfferSaid = (
    String,
    Option<f64>,
    Option<f64>,
    Option<f64>,
    Option<f64>,
    String,
);
type OfferKey = (String, String, DateTime<Utc>);

fn said_offer(row: &OfferRow) -> OfferSaid {
    let (state, class) = (row.state.as_str().to_owned(), row.class.as_str().to_owned());
    (state, row.decimal, row.net, row.fair, row.ev, class)
}

async fn stored_offers(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<HashMap<OfferKey, OfferSaid>, sqlx::Error> {
    let rows = sqlx::query(
        "select bet_id, book, offered_at, status, decimal, net_decimal, fair_probability, expected_value, class
         from core_betting.bet_offers where game_id = $1",
    )
    .bind(game.as_i64())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let key = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let said = (
                row.try_get(3)?,
                row.try_get(4)?,
                row.try_get(5)?,
                row.try_get(6)?,
                row.try_get(7)?,
                row.try_get(8)?,
            );
            Ok((key, said))
        })
        .collect()
}

async fn remove_offers(
    connection: &mut PgConnection,
    game: GameId,
    keys: &[OfferKey],
) -> Result<u64, sqlx::Error> {
    if keys.is_empty() {
        return Ok(0);
    }
    let done = sqlx::query(
        "delete from core_betting.bet_offers o
         using unnest($2::text[], $3::text[], $4::timestamptz[]) as d(bet_id, book, offered_at)
         where o.game_id = $1 and o.bet_id = d.bet_id and o.book = d.book and o.offered_at = d.offered_at",
    )
    .bind(game.as_i64())
    .bind(keys.iter().map(|k| &*k.0).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| &*k.1).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| k.2).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

type ChanceKey = (DateTime<Utc>, String, String, String, String);
type ChanceSaid = (Option<f64>, f64, Option<DateTime<Utc>>, Vec<i64>);

fn said_chance(row: &Chance) -> ChanceSaid {
    (
        row.legs.first().map(|leg| leg.decimal),
        row.worth,
        row.closed_at,
        ages(&legs(&row.legs)),
    )
}

async fn stored_chances(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<HashMap<ChanceKey, ChanceSaid>, sqlx::Error> {
    let rows = sqlx::query(
        "select at, kind, bet_id, book, others, decimal, coalesce(expected_value, break_even), closed_at, legs
         from analytics.opportunities where game_id = $1",
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
            );
            let ages = ages(&row.try_get(8)?);
            let said = (row.try_get(5)?, row.try_get(6)?, row.try_get(7)?, ages);
            Ok((key, said))
        })
        .collect()
}

async fn remove_chances(
    connection: &mut PgConnection,
    game: GameId,
    keys: &[ChanceKey],
) -> Result<u64, sqlx::Error> {
    if keys.is_empty() {
        return Ok(0);
    }
    let done = sqlx::query(
        "delete from analytics.opportunities o
         using unnest($2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[])
             as d(at, kind, bet_id, book, others)
         where o.game_id = $1 and o.at = d.at and o.kind = d.kind and o.bet_id = d.bet_id and o.book = d.book
           and o.others = d.others",
    )
    .bind(game.as_i64())
    .bind(keys.iter().map(|k| k.0).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| &*k.1).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| &*k.2).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| &*k.3).collect::<Vec<_>>())
    .bind(keys.iter().map(|k| &*k.4).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

async fn put_bets(
    connection: &mut PgConnection,
    game: GameId,
    bets: &[&Bet],
) -> Result<u64, sqlx::Error> {
    if bets.is_empty() {
        return Ok(0);
    }
    let new: Vec<bool> = sqlx::query_scalar(
        "insert into core_betting.bets (bet_id, game_id, league, event_name, home_team, away_team, player_name, bet_type,
             period, participant, line, outcome_side, market_description, parameters, event_time, sha_key, seed_bet_id)
         select bet_id, $2, $3, $4, $5, $6, player, bet_type, period, participant, line::numeric, side, words, parameters,
                $15, $16, seed
         from unnest($1::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::float8[], $12::text[], $13::text[],
             $14::jsonb[], $17::text[])
             as b(bet_id, player, bet_type, period, participant, line, side, words, parameters, seed)
         on conflict (bet_id) do update set event_name = excluded.event_name, home_team = excluded.home_team,
             away_team = excluded.away_team, event_time = excluded.event_time, sha_key = excluded.sha_key,
             seed_bet_id = excluded.seed_bet_id, updated_at = now()
         where (bets.event_name, bets.event_time) is distinct from (excluded.event_name, excluded.event_time)
         returning xmax = 0",
    )
    .bind(bets.iter().map(|b| b.id.as_str()).collect::<Vec<_>>())
    .bind(game.as_i64())
    .bind(bets.first().map(|b| b.league.as_str()))
    .bind(bets.first().map(|b| &*b.event_name))
    .bind(bets.first().map(|b| &*b.home))
    .bind(bets.first().map(|b| &*b.away))
    .bind(bets.iter().map(|b| b.player.as_deref()).collect::<Vec<_>>())
    .bind(bets.iter().map(|b| b.key.market.as_str()).collect::<Vec<_>>())
    .bind(bets.iter().map(|b| b.key.period.as_str()).collect::<Vec<_>>())
    .bind(bets.iter().map(|b| &*b.key.participant).collect::<Vec<_>>())
    .bind(bets.iter().map(|b| b.key.line.map(Line::points)).collect::<Vec<_>>())
    .bind(bets.iter().map(|b| b.key.side.as_str()).collect::<Vec<_>>())
    .bind(bets.iter().map(|b| &*b.description).collect::<Vec<_>>())
    .bind(bets.iter().map(|b| &b.parameters).collect::<Vec<_>>())
    .bind(bets.first().and_then(|b| b.event_time))
    .bind(bets.first().map(|b| &*b.sha_key))
    .bind(bets.iter().map(|b| &*b.seed_bet_id).collect::<Vec<_>>())
    .fetch_all(connection)
    .await?;
    Ok(new.into_iter().filter(|new| *new).count() as u64)
}

async fn put_fair(
    connection: &mut PgConnection,
    game: GameId,
    rows: &[(&Bet, &FairRow)],
) -> Result<u64, sqlx::Error> {
    if rows.is_empty() {
        return Ok(0);
    }
    let done = sqlx::query(
        "insert into analytics.fair_odds (game_id, bet_id, at, market, period, participant, side, line, method,
             probability, books, anchors, reason)
         select $1, bet_id, at, market, period, participant, side, line::numeric, method, probability, books, anchors, reason
         from unnest($2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::float8[],
             $9::text[], $10::float8[], $11::int2[], $12::jsonb[], $13::text[])
             as f(bet_id, at, market, period, participant, side, line, method, probability, books, anchors, reason)
         on conflict do nothing",
    )
    .bind(game.as_i64())
    .bind(rows.iter().map(|(b, _)| b.id.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.at).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.bet.market.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.bet.period.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| &*r.bet.participant).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.bet.side.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.bet.line.map(Line::points)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.devig.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.probability).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| said_fair(r).1).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| anchors(r)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.reason.as_deref()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Every anchor of a side's fair price, as stored.
fn anchors(row: &FairRow) -> Value {
    let place = side_place(row);
    row.anchors
        .iter()
        .map(|a| {
            json!({"book": &*a.book, "weight": a.weight, "probability": a.probabilities.get(place),
                   "overround": a.overround, "seen_s": a.seen})
        })
        .collect()
}

/// Where a side's probability stands among its market's.
fn side_place(row: &FairRow) -> usize {
    use crate::domain::market::Side;
    match row.bet.side {
        Side::Home | Side::Over => 0,
        Side::Away | Side::Under => 1,
        Side::Draw => 2,
    }
}

fn american(decimal: f64) -> Option<i32> {
    rounded_american(decimal).and_then(|a| i32::try_from(a).ok())
}

async fn put_offers(
    connection: &mut PgConnection,
    game: GameId,
    rows: &[(&Bet, &OfferRow)],
) -> Result<u64, sqlx::Error> {
    if rows.is_empty() {
        return Ok(0);
    }
    let sure = |r: &OfferRow| r.ev.map(|ev| confidence(ev, r.books > 1));
    let done = sqlx::query(
        "insert into core_betting.bet_offers (game_id, bet_id, book, offered_at, status, american, decimal, net_decimal,
             implied_probability, fair_probability, expected_value, class, confidence_score, volume_indicator)
         select $1, o.* from unnest($2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::int4[], $7::float8[],
             $8::float8[], $9::float8[], $10::float8[], $11::float8[], $12::text[], $13::float8[], $14::text[]) as o
         on conflict do nothing",
    )
    .bind(game.as_i64())
    .bind(rows.iter().map(|(b, _)| b.id.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| &*r.book).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.at).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.state.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.decimal.and_then(american)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.decimal).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.net).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.decimal.map(|d| 1.0 / d)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.fair).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.ev).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| r.class.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| sure(r)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, r)| volume(r.books)).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Every leg, as stored.
pub fn legs(legs: &[Leg]) -> Value {
    legs.iter()
        .map(|leg| {
            json!({"side": leg.side, "line": leg.line.map(Line::points), "book": &*leg.book, "decimal": leg.decimal,
                   "net": leg.net, "stake": leg.stake, "seen_s": leg.seen, "changed_s": leg.changed})
        })
        .collect()
}

fn others(legs: &[Leg]) -> String {
    let words: Vec<String> = legs
        .iter()
        .skip(1)
        .map(|leg| {
            let line = leg.line.map_or_else(String::new, |line| format!(" {line}"));
            format!("{}{line} {}", leg.side, leg.book)
        })
        .collect();
    words.join(", ")
}

async fn put_chances(
    connection: &mut PgConnection,
    game: GameId,
    rows: &[(&Bet, &Chance)],
) -> Result<u64, sqlx::Error> {
    if rows.is_empty() {
        return Ok(0);
    }
    let first = |c: &Chance| {
        c.legs
            .first()
            .map(|leg| (leg.book.to_string(), leg.decimal, leg.stake))
    };
    let worth = |c: &Chance, middle: bool| ((c.kind == Kind::Middle) == middle).then_some(c.worth);
    let done = sqlx::query(
        "insert into analytics.opportunities (game_id, at, kind, bet_id, book, others, market, period, participant, side,
             line, american, decimal, fair_probability, expected_value, break_even, stake, legs, closed_at)
         select $1, at, kind, bet_id, book, others, market, period, participant, side, line::numeric, american, decimal,
                fair, ev, break_even, stake, legs, closed_at
         from unnest($2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
             $9::text[], $10::text[], $11::float8[], $12::int4[], $13::float8[], $14::float8[], $15::float8[],
             $16::float8[], $17::float8[], $18::jsonb[], $19::timestamptz[])
             as o(at, kind, bet_id, book, others, market, period, participant, side, line, american, decimal, fair, ev,
                  break_even, stake, legs, closed_at)
         on conflict (game_id, at, kind, bet_id, book, others) do update set closed_at = excluded.closed_at
         where opportunities.closed_at is distinct from excluded.closed_at",
    )
    .bind(game.as_i64())
    .bind(rows.iter().map(|(_, c)| c.at).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| c.kind.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(b, _)| b.id.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| first(c).map(|f| f.0).unwrap_or_default()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| others(&c.legs)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| c.bet.market.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| c.bet.period.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| &*c.bet.participant).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| c.bet.side.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| c.bet.line.map(Line::points)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| first(c).and_then(|f| american(f.1))).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| first(c).map(|f| f.1)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| c.fair).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| worth(c, false)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| worth(c, true)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| first(c).map(|f| f.2)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| legs(&c.legs)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, c)| c.closed_at).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
