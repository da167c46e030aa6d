//! A game's offers as they came: what every price was worth at the moment it became known.
//!
//! A function of the stored rows: told of them in the order in which they became known, those of one moment together, it says
//! the same as when told of all at once. At each moment the markets whose prices changed are priced anew; what changed is
//! written, and nothing else. A feed's look at a game confirms all its prices there, so a price is as old as its feed's
//! newest row of the game. After the start nothing is said.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Rules;
use super::board::{Ask, Board, Leg, Number, Order, board, speakers};
use super::offer::Class;
use super::row::{BetKey, Chance, FairRow, Kind, OfferRow, State, Told};
use crate::domain::market::{Line, Market, Period, Side};
use crate::domain::series::LineSlot;

/// How a shop is heard: a feed's id of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voice {
    /// Shop.
    pub book: Arc<str>,
    /// Of a shop's voices the least speaks.
    pub order: Order,
    /// Which feed's endpoint: voices of one are confirmed together.
    pub stream: usize,
}

/// A row of the history.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// When it was received.
    pub known_at: DateTime<Utc>,
    /// Market time.
    pub at: DateTime<Utc>,
    /// Whose it is, by its place among the voices.
    pub voice: usize,
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// Team or player, else empty.
    pub participant: Arc<str>,
    /// Side.
    pub side: Side,
    /// Main line or alternate.
    pub slot: LineSlot,
    /// Line.
    pub line: Option<Line>,
    /// Decimal odds; none while it cannot be bet.
    pub decimal: Option<f64>,
}

/// A market of the game.
type Place = (Market, Period, Arc<str>);

/// A price of one voice in a market.
type Slot = (usize, Side, LineSlot);

#[derive(Debug, Clone, Copy, PartialEq)]
struct Standing {
    at: DateTime<Utc>,
    line: Option<Line>,
    decimal: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Last {
    state: State,
    decimal: Option<f64>,
    ev: Option<f64>,
    class: Class,
}

/// What a fair price rests on, to see whether it changed.
#[derive(Debug, Clone, PartialEq)]
struct Rested {
    probability: Option<f64>,
    anchors: Vec<Arc<str>>,
}

type ChanceKey = (Kind, BetKey, Vec<(Side, Option<Line>, Arc<str>)>);

/// Hears a game's rows and tells its offers.
#[derive(Debug, Clone)]
pub struct Tape {
    rules: Rules,
    draws: bool,
    starts_at: Option<DateTime<Utc>>,
    voices: Vec<Voice>,
    heard: BTreeMap<usize, DateTime<Utc>>,
    markets: BTreeMap<Place, BTreeMap<Slot, Standing>>,
    fair: BTreeMap<BetKey, Rested>,
    offers: BTreeMap<BetKey, BTreeMap<Arc<str>, Last>>,
    chances: Vec<Chance>,
    open: BTreeMap<ChanceKey, usize>,
}

impl Tape {
    /// Of a game that starts then; `draws` as for [`board`].
    pub fn new(
        rules: Rules,
        draws: bool,
        starts_at: Option<DateTime<Utc>>,
        voices: Vec<Voice>,
    ) -> Self {
        Self {
            rules,
            draws,
            starts_at,
            voices,
            heard: BTreeMap::new(),
            markets: BTreeMap::new(),
            fair: BTreeMap::new(),
            offers: BTreeMap::new(),
            chances: Vec::new(),
            open: BTreeMap::new(),
        }
    }

    /// One more voice; returns its place.
    pub fn add_voice(&mut self, voice: Voice) -> usize {
        self.voices.push(voice);
        self.voices.len() - 1
    }

    /// Chances so far, in the order in which they came.
    pub fn chances(&self) -> &[Chance] {
        &self.chances
    }

    /// Hear rows, in any order, that became known after all that was heard before; returns what is new.
    pub fn hear(&mut self, mut rows: Vec<Seen>) -> Told {
        // The order within a moment decides nothing but what comes last of one series, which is the newest market time.
        rows.sort_by_key(|row| (row.known_at, row.at, row.voice));
        let mut told = Told::default();
        for moment in rows.chunk_by(|a, b| a.known_at == b.known_at) {
            self.moment(moment, &mut told);
        }
        told
    }

    fn moment(&mut self, rows: &[Seen], told: &mut Told) {
        let Some(now) = rows.first().map(|row| row.known_at) else {
            return;
        };
        let mut touched = BTreeSet::new();
        for row in rows {
            let Some(voice) = self.voices.get(row.voice) else {
                continue;
            };
            self.heard.insert(voice.stream, now);
            let place = (row.market.clone(), row.period, Arc::clone(&row.participant));
            let standing = Standing {
                at: row.at,
                line: row.line,
                decimal: row.decimal,
            };
            let series = self.markets.entry(place.clone()).or_default();
            let slot = (row.voice, row.side, row.slot);
            if series.get(&slot).is_none_or(|had| had.at <= row.at) {
                series.insert(slot, standing);
                touched.insert(place);
            }
        }
        if self.starts_at.is_some_and(|start| now >= start) {
            return;
        }
        for place in touched {
            let asks = self.asks(&place, now);
            let board = board(&place.0, self.draws, &asks, &self.rules);
            self.tell(&place, &board, now, told);
        }
    }

    /// The prices of a market, one voice a shop.
    fn asks(&self, place: &Place, now: DateTime<Utc>) -> Vec<Ask> {
        let Some(series) = self.markets.get(place) else {
            return Vec::new();
        };
        let age = |at: DateTime<Utc>| ((now - at).as_seconds_f64()).max(0.0);
        let seen = |voice: &Voice| {
            self.heard
                .get(&voice.stream)
                .map_or(f64::INFINITY, |at| age(*at))
        };
        let speakers = speakers(series.iter().filter_map(|((voice, _, _), standing)| {
            let known = self.voices.get(*voice)?;
            let silent = standing.decimal.is_none() || seen(known) > self.rules.max_age;
            Some((*voice, &known.book, &known.order, silent))
        }));
        series
            .iter()
            .filter(|((voice, _, _), _)| speakers.contains(voice))
            .filter_map(|((voice, side, slot), standing)| {
                let voice = self.voices.get(*voice)?;
                Some(Ask {
                    book: Arc::clone(&voice.book),
                    side: *side,
                    line: standing.line,
                    main: *slot == LineSlot::Main,
                    decimal: standing.decimal,
                    seen: seen(voice),
                    changed: age(standing.at),
                })
            })
            .collect()
    }

    fn tell(&mut self, place: &Place, board: &Board, now: DateTime<Utc>, told: &mut Told) {
        let bet = |side, line| BetKey {
            market: place.0.clone(),
            period: place.1,
            participant: Arc::clone(&place.2),
            line,
            side,
        };
        let mut there: BTreeSet<BetKey> = BTreeSet::new();
        let mut chances: BTreeMap<ChanceKey, Chance> = BTreeMap::new();
        let chance = |kind, worth, fair, legs: Vec<Leg>| {
            let first = legs.first()?;
            let key = (
                kind,
                bet(first.side, first.line),
                legs.iter()
                    .map(|leg| (leg.side, leg.line, Arc::clone(&leg.book)))
                    .collect(),
            );
            let chance = Chance {
                kind,
                bet: bet(first.side, first.line),
                at: now,
                closed_at: None,
                worth,
                fair,
                legs,
            };
            Some((key, chance))
        };
        for number in &board.numbers {
            let books = number.books();
            for (outcome, of) in number.outcomes.iter().enumerate() {
                let key = bet(of.side, of.line);
                self.tell_fair(&key, number, outcome, now, told);
                let fair = number.probability(outcome);
                let mut quoted: BTreeSet<&Arc<str>> = BTreeSet::new();
                for offer in &of.offers {
                    quoted.insert(&offer.book);
                    let state = if offer.stale {
                        State::Unseen
                    } else {
                        State::Open
                    };
                    let open = state == State::Open;
                    let row = OfferRow {
                        bet: key.clone(),
                        book: Arc::clone(&offer.book),
                        at: now,
                        state,
                        decimal: open.then_some(offer.decimal),
                        net: open.then_some(offer.net),
                        fair,
                        ev: offer.ev.filter(|_| open),
                        class: if open { offer.class } else { Class::Unknown },
                        books,
                    };
                    self.tell_offer(row, told);
                    if open && offer.class == Class::Green {
                        let leg = Leg {
                            side: of.side,
                            line: of.line,
                            book: Arc::clone(&offer.book),
                            decimal: offer.decimal,
                            net: offer.net,
                            stake: 1.0,
                            seen: offer.seen,
                            changed: offer.changed,
                        };
                        chances.extend(chance(
                            Kind::Value,
                            offer.ev.unwrap_or_default(),
                            fair,
                            vec![leg],
                        ));
                    }
                }
                self.close_others(&key, &quoted, fair, now, books, told);
                there.insert(key);
            }
            if let Some(arb) = &number.arb {
                let fair = number.probability(0);
                chances.extend(chance(Kind::Arbitrage, arb.profit, fair, arb.legs.clone()));
            }
        }
        for middle in &board.middles {
            let legs = middle.legs.to_vec();
            chances.extend(chance(Kind::Middle, middle.break_even, None, legs));
        }
        self.gone(place, &there, now, told);
        self.keep_chances(place, chances, now);
    }

    fn tell_fair(
        &mut self,
        bet: &BetKey,
        number: &Number,
        outcome: usize,
        now: DateTime<Utc>,
        told: &mut Told,
    ) {
        let (anchors, reason) = match &number.fair {
            Ok(fair) => (fair.anchors.clone(), None),
            Err(why) => (Vec::new(), Some(why.to_string())),
        };
        let rested = Rested {
            probability: number.probability(outcome),
            anchors: anchors.iter().map(|a| Arc::clone(&a.book)).collect(),
        };
        let had = self.fair.get(bet);
        // That there never was a fair price is no news.
        if had == Some(&rested) || (had.is_none() && rested.probability.is_none()) {
            return;
        }
        told.fair.push(FairRow {
            bet: bet.clone(),
            at: now,
            probability: rested.probability,
            devig: self.rules.devig,
            anchors,
            reason,
        });
        self.fair.insert(bet.clone(), rested);
    }

    fn tell_offer(&mut self, row: OfferRow, told: &mut Told) {
        let had = self
            .offers
            .get(&row.bet)
            .and_then(|books| books.get(&row.book));
        let is_news = match had {
            // Bets begin with a fair price.
            None => row.state == State::Open && row.ev.is_some(),
            Some(had) => {
                let moved = match (had.ev, row.ev) {
                    (Some(before), Some(now)) => (now - before).abs() >= self.rules.min_change,
                    (before, now) => before.is_some() != now.is_some(),
                };
                had.state != row.state
                    || had.decimal != row.decimal
                    || had.class != row.class
                    || moved
            }
        };
        if !is_news {
            return;
        }
        let last = Last {
            state: row.state,
            decimal: row.decimal,
            ev: row.ev,
            class: row.class,
        };
        self.offers
            .entry(row.bet.clone())
            .or_default()
            .insert(Arc::clone(&row.book), last);
        told.offers.push(row);
    }

    /// Books whose price is not there any more.
    fn close_others(
        &mut self,
        bet: &BetKey,
        quoted: &BTreeSet<&Arc<str>>,
        fair: Option<f64>,
        now: DateTime<Utc>,
        books: usize,
        told: &mut Told,
    ) {
        let Some(had) = self.offers.get(bet) else {
            return;
        };
        let closed: Vec<Arc<str>> = had
            .keys()
            .filter(|book| !quoted.contains(book))
            .map(Arc::clone)
            .collect();
        for book in closed {
            let row = OfferRow {
                bet: bet.clone(),
                book,
                at: now,
                state: State::Closed,
                decimal: None,
                net: None,
                fair,
                ev: None,
                class: Class::Unknown,
                books,
            };
            self.tell_offer(row, told);
        }
    }

    /// Numbers of this market that nobody shows any more.
    fn gone(
        &mut self,
        place: &Place,
        there: &BTreeSet<BetKey>,
        now: DateTime<Utc>,
        told: &mut Told,
    ) {
        let gone: Vec<BetKey> = self
            .offers
            .keys()
            .filter(|bet| is_of(bet, place) && !there.contains(bet))
            .cloned()
            .collect();
        for bet in gone {
            self.close_others(&bet, &BTreeSet::new(), None, now, 0, told);
        }
    }

    fn keep_chances(
        &mut self,
        place: &Place,
        now_there: BTreeMap<ChanceKey, Chance>,
        now: DateTime<Utc>,
    ) {
        let gone: Vec<ChanceKey> = self
            .open
            .keys()
            .filter(|key| is_of(&key.1, place) && !now_there.contains_key(key))
            .cloned()
            .collect();
        for key in gone {
            if let Some(chance) = self.open.remove(&key).and_then(|n| self.chances.get_mut(n)) {
                chance.closed_at = Some(now);
            }
        }
        for (key, chance) in now_there {
            if !self.open.contains_key(&key) {
                self.open.insert(key, self.chances.len());
                self.chances.push(chance);
            }
        }
    }
}

fn is_of(bet: &BetKey, place: &Place) -> bool {
    bet.market == place.0 && bet.period == place.1 && bet.participant == place.2
}
