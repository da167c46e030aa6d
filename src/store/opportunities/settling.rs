//! Fair odds, offers and chances are settled: rows that history says are stored, others are taken away.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;

use super::bets::put_bets;
use super::chances::{others, put_chances, remove_chances, said_chance, stored_chances};
use super::fair::{put_fair, remove_fair, said_fair, stored_fair};
use super::offers::{put_offers, remove_offers, said_offer, stored_offers};
use crate::analytics::fair::row::{BetKey, Chance, FairRow, OfferRow};
use crate::domain::bet::BetId;
use crate::domain::game::GameId;
use crate::domain::league::League;

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
pub(super) fn ages(list: &Value) -> Vec<i64> {
    let rows = list.as_array().into_iter().flatten();
    rows.flat_map(|row| ["seen_s", "changed_s"].map(|name| row.get(name).and_then(Value::as_f64)))
        .map(|age| age.map_or(-1, |age| (age * 1e6).round() as i64))
        .collect()
}
