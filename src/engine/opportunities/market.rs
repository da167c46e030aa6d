//! A game's quoted prices as boards: one a market, part of the game and participant.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::analytics::fair::Rules;
use crate::analytics::fair::board::{Ask, Board, Order, board, speakers};
use crate::domain::book::BookKind;
use crate::domain::league::League;
use crate::domain::market::{Market, Period, Phase, QuoteStatus};
use crate::domain::series::{LineSlot, Price, SeriesKey};
use crate::engine::reference::Reference;
use crate::store::opportunities::is_first_hand;

/// A price of a series, and when it was seen.
#[derive(Debug, Clone)]
pub struct Quoted {
    /// Series.
    pub key: SeriesKey,
    /// Price.
    pub price: Price,
    /// When it became so.
    pub changed_at: DateTime<Utc>,
    /// When it was last seen.
    pub seen_at: DateTime<Utc>,
}

/// A market of a game.
#[derive(Debug, Clone, PartialEq)]
pub struct Quotes {
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// Team or player, else empty.
    pub participant: Arc<str>,
    /// Its board.
    pub board: Board,
}

/// The shop of a series and its voice's order; none where it takes no bets, or is heard of second hand.
pub fn shop(reference: &Reference, key: &SeriesKey) -> Option<(Arc<str>, Order)> {
    let source = key.stream.source();
    let kind = reference.kind(source, &key.source_book_id);
    if !matches!(kind, BookKind::Book | BookKind::Exchange) || !is_first_hand(key.stream) {
        return None;
    }
    let entry = reference.books.find(source, &key.source_book_id);
    let slug = entry.map_or_else(
        || reference.label(source, &key.source_book_id).into(),
        |entry| Arc::from(entry.slug.as_str()),
    );
    let secondary = !entry.is_none_or(|e| e.primary);
    let order = (
        secondary,
        key.stream.rank(),
        Arc::clone(&key.source_book_id),
    );
    Some((slug, order))
}

/// Decimal odds that can be taken.
pub fn open(price: &Price) -> Option<f64> {
    let odds = price.odds.filter(|_| price.status == QuoteStatus::Open)?;
    Some(odds.to_decimal())
}

/// Whether a level score is a result of its own, with a price of its own.
pub fn draws(league: League) -> bool {
    league == League::Soccer
}

/// A market, part of the game and participant.
type Place<'a> = (&'a Market, Period, &'a Arc<str>);
/// A price with its shop and its voice's order.
type Voiced<'a> = (&'a Quoted, Arc<str>, Order);

/// Every market of a phase, by name, from prices in any order.
pub fn quotes(
    league: League,
    phase: Phase,
    prices: &[Quoted],
    reference: &Reference,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Vec<Quotes> {
    let age = |at: DateTime<Utc>| (now - at).as_seconds_f64().max(0.0);
    let mut places: BTreeMap<Place<'_>, Vec<Voiced<'_>>> = BTreeMap::new();
    for quoted in prices.iter().filter(|q| q.key.phase == phase) {
        if let Some((shop, order)) = shop(reference, &quoted.key) {
            let key = &quoted.key;
            let place = (&key.market, key.period, &key.participant);
            places.entry(place).or_default().push((quoted, shop, order));
        }
    }
    places
        .into_iter()
        .map(|((market, period, participant), mut found)| {
            found.sort_by(|a, b| (&a.1, &a.2, &a.0.key).cmp(&(&b.1, &b.2, &b.0.key)));
            // A voice is a shop's order: they are numbered as they come.
            let mut numbers: BTreeMap<(&Arc<str>, &Order), usize> = BTreeMap::new();
            for (_, shop, order) in &found {
                let next = numbers.len();
                numbers.entry((shop, order)).or_insert(next);
            }
            let number = |shop, order| numbers.get(&(shop, order)).copied().unwrap_or_default();
            let speaking = speakers(found.iter().map(|(quoted, shop, order)| {
                let silent = open(&quoted.price).is_none() || age(quoted.seen_at) > rules.max_age;
                (number(shop, order), shop, order, silent)
            }));
            let asks: Vec<Ask> = found
                .iter()
                .filter(|(_, shop, order)| speaking.contains(&number(shop, order)))
                .map(|(quoted, shop, _)| Ask {
                    book: Arc::clone(shop),
                    side: quoted.key.side,
                    line: quoted.price.line,
                    main: quoted.key.slot == LineSlot::Main,
                    decimal: open(&quoted.price),
                    seen: age(quoted.seen_at),
                    changed: age(quoted.changed_at),
                })
                .collect();
            Quotes {
                market: market.clone(),
                period,
                participant: Arc::clone(participant),
                board: board(market, draws(league), &asks, rules),
            }
        })
        .collect()
}
