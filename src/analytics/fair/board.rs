//! One market of a game: its numbers, the fair price at each, every offer, arbitrages and middles.
//!
//! Prices belong together at the same number, whichever of them a book calls its main line: home −1.5 with away +1.5, over
//! 8.5 with under 8.5. Prices at different numbers are different bets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::offer::{Class, worth};
use super::{Fair, LeftOut, NoFair, Row, Rules, price};
use crate::analytics::{arbitrage, middle};
use crate::domain::market::{Line, Market, Side};

/// A book's price of one side at one number, open or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// Book.
    pub book: Arc<str>,
    /// Side.
    pub side: Side,
    /// Its own line.
    pub line: Option<Line>,
    /// Whether it is the book's main line.
    pub main: bool,
    /// Decimal odds; none while it cannot be bet.
    pub decimal: Option<f64>,
    /// Seconds since it was last seen.
    pub seen: f64,
    /// Seconds since it changed.
    pub changed: f64,
}

/// A price that can be bet, held against the fair one.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// Book.
    pub book: Arc<str>,
    /// Decimal odds as offered.
    pub decimal: f64,
    /// The same after commission.
    pub net: f64,
    /// Expected value; none without a fair price.
    pub ev: Option<f64>,
    /// Class.
    pub class: Class,
    /// Whether it is the book's main line.
    pub main: bool,
    /// Seconds since it was last seen.
    pub seen: f64,
    /// Seconds since it changed.
    pub changed: f64,
    /// Not seen for longer than the rules allow: told, and never best.
    pub stale: bool,
}

/// One bet of a combination.
#[derive(Debug, Clone, PartialEq)]
pub struct Leg {
    /// Side.
    pub side: Side,
    /// Its own line.
    pub line: Option<Line>,
    /// Book.
    pub book: Arc<str>,
    /// Decimal odds as offered.
    pub decimal: f64,
    /// The same after commission.
    pub net: f64,
    /// Share of the whole stake.
    pub stake: f64,
    /// Seconds since it was last seen.
    pub seen: f64,
    /// Seconds since it changed.
    pub changed: f64,
}

/// Prices of several books that pay whatever happens.
#[derive(Debug, Clone, PartialEq)]
pub struct Arb {
    /// Profit on 1 staked in all.
    pub profit: f64,
    /// Its bets, none of them stale.
    pub legs: Vec<Leg>,
}

/// Two bets of which both may win.
#[derive(Debug, Clone, PartialEq)]
pub struct Middling {
    /// Lowest and highest result at which both win: the first leg's margin of victory, or the total.
    pub window: (f64, f64),
    /// How often it must hit for nothing to be lost; 0 where nothing can be.
    pub break_even: f64,
    /// Its two bets, none of them stale.
    pub legs: [Leg; 2],
}

/// One outcome at one number.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Side.
    pub side: Side,
    /// Its own line.
    pub line: Option<Line>,
    /// Every price that can be bet, by book.
    pub offers: Vec<Offer>,
    /// Books that show it and take no bets now.
    pub closed: Vec<Arc<str>>,
}

impl Outcome {
    /// The offer that pays most after commission, stale ones left out; of equals the first by book.
    pub fn best(&self) -> Option<&Offer> {
        let fresh = self.offers.iter().filter(|offer| !offer.stale);
        fresh.reduce(|best, offer| if offer.net > best.net { offer } else { best })
    }
}

/// A market at one number.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// The first side's line: the home team's, or the total.
    pub line: Option<Line>,
    /// Its outcomes: home and away (and draw), or over and under.
    pub outcomes: Vec<Outcome>,
    /// Its fair prices, by outcome.
    pub fair: Result<Fair, NoFair>,
    /// Anchors that did not count, and why.
    pub left_out: Vec<(Arc<str>, LeftOut)>,
    /// Prices here that are their books' main line.
    pub mains: usize,
    /// An arbitrage at this number.
    pub arb: Option<Arb>,
}

impl Number {
    /// Books that quote a price here.
    pub fn books(&self) -> usize {
        let mut books: Vec<&Arc<str>> = self
            .outcomes
            .iter()
            .flat_map(|o| o.offers.iter().map(|offer| &offer.book))
            .collect();
        books.sort();
        books.dedup();
        books.len()
    }

    /// Fair probability of an outcome.
    pub fn probability(&self, outcome: usize) -> Option<f64> {
        let fair = self.fair.as_ref().ok()?;
        fair.probabilities.get(outcome).copied()
    }
}

/// A market of a game, as far as prices tell.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Board {
    /// By number.
    pub numbers: Vec<Number>,
    /// Middles, cheapest first.
    pub middles: Vec<Middling>,
}

/// Of a shop's voices the least speaks: whether it is a second id of the shop, the feed's rank, and its id.
pub type Order = (bool, u8, Arc<str>);

/// Who speaks for each shop, out of its prices in a market: the voice, its shop, its order, and whether this price is silent
/// (closed, or not seen for too long). Of those with a price that is not silent the first by order, else the first of all.
pub fn speakers<'a>(
    prices: impl Iterator<Item = (usize, &'a Arc<str>, &'a Order, bool)>,
) -> BTreeSet<usize> {
    let mut best: BTreeMap<&Arc<str>, ((bool, &Order), usize)> = BTreeMap::new();
    for (voice, shop, order, silent) in prices {
        let rank = (silent, order);
        let had = best.entry(shop).or_insert((rank, voice));
        if rank < had.0 {
            *had = (rank, voice);
        }
    }
    best.into_values().map(|(_, voice)| voice).collect()
}

/// By book, each side's ask.
type Asks<'a> = BTreeMap<&'a Arc<str>, Vec<Option<&'a Ask>>>;

/// The board of a market from the prices of its books, in any order. `draws` says that the game may end level and that this
/// is a price of its own; where it is not, a book that prices the draw plays by other rules and is left out.
pub fn board(market: &Market, draws: bool, asks: &[Ask], rules: &Rules) -> Board {
    let sides = sides(market, draws, asks);
    let Some(first) = sides.first().copied() else {
        return Board::default();
    };
    let other_rules: Vec<&Arc<str>> = asks
        .iter()
        .filter(|ask| ask.side == Side::Draw && !sides.contains(&Side::Draw))
        .map(|ask| &ask.book)
        .collect();
    // The main line speaks where an alternate has the same number.
    let mut by_number: BTreeMap<Option<Line>, Asks<'_>> = BTreeMap::new();
    for ask in asks {
        let Some(place) = sides.iter().position(|side| *side == ask.side) else {
            continue;
        };
        if other_rules.contains(&&ask.book) {
            continue;
        }
        let books = by_number.entry(number(first, ask)).or_default();
        let row = books
            .entry(&ask.book)
            .or_insert_with(|| vec![None; sides.len()]);
        if let Some(slot) = row.get_mut(place)
            && slot.is_none_or(|had| rank(ask) > rank(had))
        {
            *slot = Some(ask);
        }
    }
    let numbers: Vec<Number> = by_number
        .into_iter()
        .map(|(line, books)| at(line, &sides, &books, rules))
        .collect();
    let middles = middles(market, &numbers, rules);
    Board { numbers, middles }
}

/// Of two asks of a book, side and number the main line's, then the one that can be bet, then the one seen last.
fn rank(ask: &Ask) -> (bool, bool, f64) {
    (ask.main, ask.decimal.is_some(), -ask.seen)
}

/// The outcomes of a market.
fn sides(market: &Market, draws: bool, asks: &[Ask]) -> Vec<Side> {
    let totals = match market {
        Market::Total | Market::TeamTotal => true,
        Market::Moneyline | Market::Spread => false,
        Market::Prop(_) => asks
            .iter()
            .any(|ask| matches!(ask.side, Side::Over | Side::Under)),
    };
    if asks.is_empty() {
        Vec::new()
    } else if totals {
        vec![Side::Over, Side::Under]
    } else if draws && *market == Market::Moneyline {
        vec![Side::Home, Side::Away, Side::Draw]
    } else {
        vec![Side::Home, Side::Away]
    }
}

/// The first side's line where this is the ask's.
fn number(first: Side, ask: &Ask) -> Option<Line> {
    match ask.line {
        Some(line) if first == Side::Home && ask.side == Side::Away => {
            Some(Line::from_hundredths(-line.hundredths()))
        }
        line => line,
    }
}

fn own(first: Side, side: Side, number: Option<Line>) -> Option<Line> {
    match number {
        Some(line) if first == Side::Home && side == Side::Away => {
            Some(Line::from_hundredths(-line.hundredths()))
        }
        line => line,
    }
}

fn at(line: Option<Line>, sides: &[Side], books: &Asks<'_>, rules: &Rules) -> Number {
    let net = |ask: &Ask| rules.net(&ask.book, ask.decimal?);
    let rows: Vec<Row<'_>> = books
        .iter()
        .map(|(book, asks)| Row {
            book,
            prices: asks
                .iter()
                .map(|ask| ask.and_then(|ask| Some((net(ask)?, ask.seen))))
                .collect(),
        })
        .collect();
    let (fair, left_out) = price(sides.len(), &rows, rules);
    let first = sides.first().copied().unwrap_or(Side::Home);
    let outcomes: Vec<Outcome> = sides
        .iter()
        .enumerate()
        .map(|(place, side)| {
            let p = (fair.as_ref().ok()).and_then(|fair| fair.probabilities.get(place).copied());
            let asks = books
                .values()
                .filter_map(|asks| asks.get(place).copied().flatten());
            let (offers, closed) = offers(asks, p, rules);
            Outcome {
                side: *side,
                line: own(first, *side, line),
                offers,
                closed,
            }
        })
        .collect();
    let asks = books.values().flatten().flatten();
    let mains = asks.filter(|ask| ask.main).count();
    let arb = arb(&outcomes);
    Number {
        line,
        outcomes,
        fair,
        left_out,
        mains,
        arb,
    }
}

fn offers<'a>(
    asks: impl Iterator<Item = &'a Ask>,
    fair: Option<f64>,
    rules: &Rules,
) -> (Vec<Offer>, Vec<Arc<str>>) {
    let (mut offers, mut closed) = (Vec::new(), Vec::new());
    for ask in asks {
        let held = ask
            .decimal
            .and_then(|decimal| Some((decimal, worth(&ask.book, decimal, fair, rules)?)));
        let Some((decimal, worth)) = held else {
            closed.push(Arc::clone(&ask.book));
            continue;
        };
        offers.push(Offer {
            book: Arc::clone(&ask.book),
            decimal,
            net: worth.net,
            ev: worth.ev,
            class: worth.class,
            main: ask.main,
            seen: ask.seen,
            changed: ask.changed,
            // An age that is no number is no age to rely on.
            stale: ask.seen.is_nan() || ask.seen > rules.max_age,
        });
    }
    (offers, closed)
}

fn leg(outcome: &Outcome, offer: &Offer, stake: f64) -> Leg {
    Leg {
        side: outcome.side,
        line: outcome.line,
        book: Arc::clone(&offer.book),
        decimal: offer.decimal,
        net: offer.net,
        stake,
        seen: offer.seen,
        changed: offer.changed,
    }
}

/// The best fresh prices of all outcomes, where they pay whatever happens and are not all one book's slip.
fn arb(outcomes: &[Outcome]) -> Option<Arb> {
    let best: Option<Vec<&Offer>> = outcomes.iter().map(Outcome::best).collect();
    let best = best?;
    let row: Vec<Option<f64>> = best.iter().map(|offer| Some(offer.net)).collect();
    let found = arbitrage::find(&[row]).ok()?;
    let one_book = best.windows(2).all(|pair| match pair {
        [a, b] => a.book == b.book,
        _ => true,
    });
    if !found.exists() || one_book {
        return None;
    }
    let legs = outcomes.iter().zip(&best).zip(&found.stakes);
    Some(Arb {
        profit: found.guaranteed,
        legs: legs
            .map(|((outcome, offer), stake)| leg(outcome, offer, *stake))
            .collect(),
    })
}

/// Pairs of numbers between which both sides win, at the best fresh prices.
fn middles(market: &Market, numbers: &[Number], rules: &Rules) -> Vec<Middling> {
    let mut found = Vec::new();
    for one in numbers {
        for other in numbers {
            if let Some(middling) = middling(market, one, other, rules) {
                found.push(middling);
            }
        }
    }
    found.sort_by(|a, b| {
        let by_price = a.break_even.total_cmp(&b.break_even);
        by_price.then_with(|| a.window.0.total_cmp(&b.window.0))
    });
    found
}

/// The first side at `one` and the second at `other`.
fn middling(market: &Market, one: &Number, other: &Number, rules: &Rules) -> Option<Middling> {
    let ([first, _], [_, second]) = (one.outcomes.as_slice(), other.outcomes.as_slice()) else {
        return None;
    };
    let (above, below) = (first.line?, second.line?);
    let spread = first.side == Side::Home;
    // Only where both can win: over 7.5 with under 8.5, home −1.5 with away +2.5.
    let apart = if spread {
        -above.hundredths() < below.hundredths()
    } else {
        above < below
    };
    if !apart || *market == Market::Moneyline {
        return None;
    }
    let (upper, lower) = (first.best()?, second.best()?);
    if upper.book == lower.book {
        return None;
    }
    let bet = |line: Line, offer: &Offer| middle::Leg {
        number: line.points(),
        decimal: offer.net,
        stake: 0.5,
    };
    let pair = if spread {
        middle::Middle::spreads(bet(above, upper), bet(below, lower))
    } else {
        middle::Middle::new(bet(above, upper), bet(below, lower))
    }
    .ok()?;
    let window = pair.window()?;
    let break_even = pair.break_even();
    (break_even <= rules.middle_break_even).then(|| Middling {
        window,
        break_even,
        legs: [leg(first, upper, 0.5), leg(second, lower, 0.5)],
    })
}
