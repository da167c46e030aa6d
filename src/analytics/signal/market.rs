//! One market of a game as its shops quote it: who speaks, what is fair, what moved.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::clones::Clones;
use super::scale::Scale;
use super::{Available, Cast, Evidence, Quote, SplitSeen, Voice};
use crate::analytics::consensus::median;
use crate::analytics::features::{MarketState, ShopMove};
use crate::domain::market::{Line, Market, Period, Side};
use crate::domain::odds::Odds;

/// A shop that was closed longer than this opens anew: its next price is a first one, not a move.
const RESET: TimeDelta = TimeDelta::minutes(30);

/// Moves are remembered this long; the longest window of a preset.
pub(super) const MEMORY: TimeDelta = TimeDelta::hours(4);

/// Gaps between a shop's own changes that are kept.
const GAPS: usize = 64;

/// A two-way price without its margin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fair {
    /// Probability of the first side (home, over), at its own line.
    pub(super) p: f64,
    /// The first side's line.
    pub(super) line: Option<Line>,
}

/// One side as a voice quotes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Offer {
    pub(super) series_id: i64,
    pub(super) at: DateTime<Utc>,
    pub(super) line: Option<Line>,
    pub(super) odds: Option<Odds>,
}

/// A voice as heard so far: the first side and the second.
#[derive(Debug, Clone, Default)]
struct Heard {
    sides: [Option<Offer>; 2],
    /// The two prices that the shop's last word was made of.
    before: [Option<Offer>; 2],
    reconstructed: bool,
}

impl Heard {
    /// The price without margin (multiplicative), where both sides are open at one number.
    fn fair(&self, market: &Market) -> Option<Fair> {
        let [Some(first), Some(second)] = self.sides else {
            return None;
        };
        let (a, b) = (first.odds?.probability(), second.odds?.probability());
        let line = match market {
            Market::Spread => {
                let (own, other) = (first.line?, second.line?);
                (own.hundredths() == -other.hundredths()).then_some(())?;
                Some(own)
            }
            Market::Total => {
                (first.line? == second.line?).then_some(())?;
                first.line
            }
            _ => None,
        };
        Some(Fair {
            p: a / (a + b),
            line,
        })
    }
}

/// A shop in this market.
#[derive(Debug, Clone, Default)]
pub(super) struct ShopState {
    speaker: Option<usize>,
    /// Its last open price.
    pub(super) fair: Option<Fair>,
    /// Whether it can be bet now.
    pub(super) open: bool,
    /// When its price began.
    pub(super) since: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
    /// Seconds between its own changes, the latest.
    gaps: VecDeque<f64>,
    /// 95th percentile of them; none below 8.
    pub(super) usual_gap: Option<f64>,
    /// The prices that can be bet: first side and second.
    pub(super) offers: [Option<Offer>; 2],
    pub(super) reconstructed: bool,
}

impl ShopState {
    /// So many seconds passed between two of its changes.
    fn paused(&mut self, seconds: f64) {
        self.gaps.push_back(seconds);
        if self.gaps.len() > GAPS {
            self.gaps.pop_front();
        }
        if self.gaps.len() >= 8 {
            let mut all: Vec<f64> = self.gaps.iter().copied().collect();
            let nth = (all.len() * 95).div_ceil(100).saturating_sub(1);
            self.usual_gap = Some(*all.select_nth_unstable_by(nth, f64::total_cmp).1);
        }
    }
}

/// A shop's move.
#[derive(Debug, Clone)]
pub(super) struct Move {
    pub(super) at: DateTime<Utc>,
    pub(super) shop: usize,
    /// Change of the first side's fair probability, at the line before.
    pub(super) delta: f64,
    /// Change of the first side's line, points; 0 where only the price moved.
    pub(super) points: f64,
    /// Change of the price in cents across even money where the line stayed: the larger of both sides.
    pub(super) cents: i32,
    pub(super) rows: [Option<Evidence>; 2],
    pub(super) reconstructed: bool,
}

/// The consensus at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Consensus {
    pub(super) at: DateTime<Utc>,
    /// Median fair probability of the first side, at the market's reference line.
    pub(super) p: f64,
    /// The line most shops have, first side's.
    pub(super) line: Option<Line>,
    /// Shops in it.
    pub(super) shops: usize,
}

/// What a counter says of both sides.
#[derive(Debug, Clone, Default)]
pub(super) struct Counter {
    /// Latest, first side and second.
    pub(super) now: [Option<SplitSeen>; 2],
    /// The ones before.
    pub(super) before: [Option<SplitSeen>; 2],
}

/// A market of a game.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) market: Market,
    pub(super) period: Period,
    pub(super) scale: Scale,
    heard: BTreeMap<usize, Heard>,
    touched: Vec<usize>,
    pub(super) shops: Vec<ShopState>,
    pub(super) moves: VecDeque<Move>,
    /// How many of the last moves are of this moment.
    pub(super) fresh: usize,
    pub(super) consensus: Vec<Consensus>,
    /// The line at which the consensus is measured: the first it had.
    reference: Option<Line>,
    /// Whether there was a consensus, and so a reference.
    measured: bool,
    pub(super) counters: BTreeMap<Arc<str>, Counter>,
    pub(super) counted: Vec<Arc<str>>,
    pub(super) known_at: DateTime<Utc>,
    pub(super) at: DateTime<Utc>,
    /// Latest change and smallest gap between changes, by stream (its rank).
    looks: BTreeMap<u8, (DateTime<Utc>, Option<f64>)>,
}

impl Watch {
    pub(super) fn new(market: Market, period: Period, scale: Scale) -> Self {
        Self {
            market,
            period,
            scale,
            heard: BTreeMap::new(),
            touched: Vec::new(),
            shops: Vec::new(),
            moves: VecDeque::new(),
            fresh: 0,
            consensus: Vec::new(),
            reference: None,
            measured: false,
            counters: BTreeMap::new(),
            counted: Vec::new(),
            known_at: DateTime::<Utc>::MIN_UTC,
            at: DateTime::<Utc>::MIN_UTC,
            looks: BTreeMap::new(),
        }
    }

    pub(super) fn is(&self, market: &Market, period: Period) -> bool {
        self.period == period && self.market == *market
    }

    pub(super) fn name(&self) -> (&Market, Period) {
        (&self.market, self.period)
    }

    /// First side and second.
    pub(super) const fn sides(&self) -> [Side; 2] {
        match self.market {
            Market::Total => [Side::Over, Side::Under],
            _ => [Side::Home, Side::Away],
        }
    }

    fn nth(&self, side: Side) -> Option<usize> {
        self.sides().iter().position(|s| *s == side)
    }

    /// A change of a price, before the moment is settled.
    pub(super) fn quote(&mut self, cast: &Cast, quote: &Quote) {
        let Some(nth) = self.nth(quote.side) else {
            return;
        };
        self.known_at = quote.known_at;
        // A tick that is told late is news now; the clock of a market never goes back.
        self.at = self.at.max(quote.at);
        let heard = self.heard.entry(quote.voice).or_default();
        let offer = Offer {
            series_id: quote.series_id,
            at: quote.at,
            line: quote.line,
            odds: quote.odds,
        };
        if heard.sides.get(nth) == Some(&Some(offer)) {
            return;
        }
        heard.reconstructed |= quote.reconstructed;
        if let Some(slot) = heard.sides.get_mut(nth) {
            *slot = Some(offer);
        }
        if !self.touched.contains(&quote.voice) {
            self.touched.push(quote.voice);
        }
        if let Some(voice) = cast.voices.get(quote.voice) {
            let (latest, gap) = self
                .looks
                .entry(voice.order.1)
                .or_insert((quote.known_at, None));
            let since = super::seconds(quote.known_at - *latest);
            if since > 0.0 {
                *gap = Some(gap.map_or(since, |g| g.min(since)));
                *latest = quote.known_at;
            }
        }
    }

    /// A change of a split.
    pub(super) fn split(&mut self, split: &SplitSeen) {
        let Some(nth) = self.nth(split.side) else {
            return;
        };
        self.known_at = split.known_at;
        self.at = self.at.max(split.at);
        let counter = self.counters.entry(Arc::clone(&split.scope)).or_default();
        if let (Some(now), Some(before)) = (counter.now.get_mut(nth), counter.before.get_mut(nth)) {
            if now.as_ref() == Some(split) {
                return;
            }
            *before = now.replace(split.clone());
        }
        if !self.counted.contains(&split.scope) {
            self.counted.push(Arc::clone(&split.scope));
        }
    }

    /// The moment is whole: moves and consensus follow.
    pub(super) fn settle(&mut self, cast: &Cast, clones: &mut Clones) {
        self.fresh = 0;
        self.counted.sort();
        self.shops.resize(cast.shops.len(), ShopState::default());
        while self.moves.front().is_some_and(|m| self.at - m.at > MEMORY) {
            self.moves.pop_front();
        }
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_by_key(|v| cast.voices.get(*v).map(|voice| (voice.shop, voice)));
        if touched.is_empty() {
            return;
        }
        let mut changed = Vec::new();
        for voice in touched {
            let Some(shop) = cast.voices.get(voice).map(|v| v.shop) else {
                continue;
            };
            if self.hear(cast, voice, shop) && !changed.contains(&shop) {
                changed.push(shop);
            }
        }
        if changed.is_empty() {
            return;
        }
        // Points lines stand at −110 both ways in half of all shops: only moneylines tell paths apart.
        if self.market == Market::Moneyline {
            clones.note(self.at, &changed, &self.shops, self.period);
        }
        self.agree();
    }

    /// Whether the shop's word changed.
    fn hear(&mut self, cast: &Cast, voice: usize, shop: usize) -> bool {
        let of_shop = |v: &usize| cast.voices.get(*v).filter(|own| own.shop == shop);
        let speaker = self
            .heard
            .keys()
            .filter_map(|v| of_shop(v).map(|own| (own, *v)))
            .min_by(|a: &(&Voice, usize), b| a.0.cmp(b.0))
            .map(|(_, v)| v);
        if speaker != Some(voice) {
            return false;
        }
        let (Some(heard), Some(state)) = (self.heard.get_mut(&voice), self.shops.get_mut(shop))
        else {
            return false;
        };
        let seam = state.speaker != speaker;
        state.speaker = speaker;
        state.reconstructed = heard.reconstructed;
        let Some(fair) = heard.fair(&self.market) else {
            if state.open {
                state.closed_at = Some(self.at);
            }
            let was = std::mem::replace(&mut state.open, false);
            state.offers = [None; 2];
            if seam {
                state.fair = None;
            }
            return was || seam;
        };
        // A side that stayed stands in both: what it did before is no part of this move.
        let earlier = std::mem::replace(&mut heard.before, heard.sides);
        let anew = seam || state.closed_at.is_some_and(|at| self.at - at > RESET);
        let before = state.fair.replace(fair).filter(|_| !anew);
        let reopened = !state.open;
        state.open = true;
        state.closed_at = None;
        state.offers = heard.sides;
        let Some(before) = before else {
            state.since = Some(self.at);
            return true;
        };
        if before == fair {
            return reopened;
        }
        if let Some(since) = state.since.replace(self.at) {
            state.paused(super::seconds(self.at - since));
        }
        let points = match (before.line, fair.line) {
            (Some(had), Some(has)) => has.points() - had.points(),
            _ => 0.0,
        };
        let row = |n: usize| {
            let now = heard.sides.get(n).copied().flatten()?;
            let was = earlier.get(n).copied().flatten();
            Some(Evidence {
                series_id: now.series_id,
                at: now.at,
                line: now.line,
                odds: now.odds,
                before_line: was.and_then(|o| o.line),
                before_odds: was.and_then(|o| o.odds),
            })
        };
        let rows = [row(0), row(1)];
        let cents = if points == 0.0 {
            rows.iter()
                .flatten()
                .filter_map(|row| Some(row.before_odds?.cents_to(row.odds?)))
                .max()
                .unwrap_or(0)
        } else {
            0
        };
        self.moves.push_back(Move {
            at: self.at,
            shop,
            delta: self.scale.carry(fair, before.line) - before.p,
            points,
            cents,
            rows,
            reconstructed: heard.reconstructed,
        });
        self.fresh += 1;
        true
    }

    /// Median of the open shops, at the reference line.
    fn agree(&mut self) {
        let line = self.modal_line();
        let open = || self.shops.iter().filter(|s| s.open).filter_map(|s| s.fair);
        if !self.measured {
            if open().next().is_none() {
                return;
            }
            (self.measured, self.reference) = (true, line);
        }
        let reference = self.reference;
        let all: Vec<f64> = self
            .shops
            .iter()
            .filter(|s| s.open)
            .filter_map(|s| s.fair)
            .map(|fair| self.scale.carry(fair, reference))
            .collect();
        let Some(p) = median(&all) else {
            return;
        };
        let point = Consensus {
            at: self.at,
            p,
            line,
            shops: all.len(),
        };
        if let Some(last) = self.consensus.last_mut().filter(|last| last.at == point.at) {
            *last = point;
        } else {
            self.consensus.push(point);
        }
    }

    /// Median of every shop's last open price, as the probability of `side` at `line`.
    pub(super) fn closing(&self, side: Side, line: Option<Line>) -> Option<f64> {
        let nth = self.nth(side)?;
        let line = line.map(|line| as_firsts(side, line));
        let all: Vec<f64> = self
            .shops
            .iter()
            .filter_map(|shop| shop.fair)
            .map(|fair| self.scale.carry(fair, line))
            .collect();
        let first = median(&all)?;
        Some(if nth == 0 { first } else { 1.0 - first })
    }

    /// Median of the open shops, as the probability of `side` at `line`, and how many they are.
    pub(super) fn fair(&self, side: Side, line: Option<Line>) -> Option<(f64, usize)> {
        let nth = self.nth(side)?;
        let line = line.map(|line| as_firsts(side, line));
        let all: Vec<f64> = self
            .shops
            .iter()
            .filter(|shop| shop.open)
            .filter_map(|shop| shop.fair)
            .map(|fair| self.scale.carry(fair, line))
            .collect();
        let first = median(&all)?;
        Some((if nth == 0 { first } else { 1.0 - first }, all.len()))
    }

    /// As features see it: first side's numbers.
    pub(super) fn state(&self, cast: &Cast) -> MarketState {
        let slug = |shop: usize| cast.shops.get(shop).map(|s| Arc::clone(&s.slug));
        let (line, fair) = self.at_modal();
        let counted = |counter: &Counter, of: fn(&SplitSeen) -> Option<f64>| {
            let [first, second] = &counter.now;
            let first = first.as_ref().and_then(of);
            first.or_else(|| Some(100.0 - second.as_ref().and_then(of)?))
        };
        MarketState {
            path: self.consensus.iter().map(|c| (c.at, c.p)).collect(),
            line: line.map(Line::points),
            shops: fair
                .into_iter()
                .filter_map(|(shop, p)| Some((slug(shop)?, p)))
                .collect(),
            moves: self
                .moves
                .iter()
                .filter_map(|m| {
                    Some(ShopMove {
                        shop: slug(m.shop)?,
                        at: m.at,
                        delta: m.delta,
                    })
                })
                .collect(),
            splits: self
                .counters
                .values()
                .map(|c| (counted(c, |s| s.tickets_pct), counted(c, |s| s.money_pct)))
                .collect(),
        }
    }

    /// The best open price of `side` at the line most shops have.
    pub(super) fn best(&self, cast: &Cast, side: Side) -> Option<Available> {
        self.available(cast, self.nth(side)?)
    }

    /// The line most shops had last, with the sign of `side`.
    pub(super) fn closing_line(&self, side: Side) -> Option<Line> {
        let lines = self.shops.iter().filter_map(|shop| shop.fair?.line);
        most_frequent(lines).map(|line| as_firsts(side, line))
    }

    /// The line most open shops have, the first side's; of equally frequent ones the one nearest zero.
    pub(super) fn modal_line(&self) -> Option<Line> {
        let open = self.shops.iter().filter(|shop| shop.open);
        most_frequent(open.filter_map(|shop| shop.fair?.line))
    }

    /// The consensus now, when at least `shops` are in it.
    pub(super) fn agreed(&self, shops: usize) -> Option<Consensus> {
        self.consensus.last().copied().filter(|c| c.shops >= shops)
    }

    /// The consensus as it was at `at`.
    pub(super) fn agreed_at(&self, at: DateTime<Utc>, shops: usize) -> Option<Consensus> {
        let index = self
            .consensus
            .partition_point(|c| c.at <= at)
            .checked_sub(1)?;
        self.consensus
            .get(index)
            .copied()
            .filter(|c| c.shops >= shops)
    }

    /// Fair probabilities of the first side at the modal line, by open shop; and that line.
    pub(super) fn at_modal(&self) -> (Option<Line>, Vec<(usize, f64)>) {
        let line = self.modal_line();
        let all = self
            .shops
            .iter()
            .enumerate()
            .filter(|(_, s)| s.open)
            .filter_map(|(n, s)| Some((n, self.scale.carry(s.fair?, line))))
            .collect();
        (line, all)
    }

    /// Median fair probability of the first side at the line most shops have.
    pub(super) fn fair_now(&self) -> Option<f64> {
        let (_, all) = self.at_modal();
        median(&all.into_iter().map(|(_, p)| p).collect::<Vec<_>>())
    }

    /// The best open price of the `nth` side at the line most shops have.
    pub(super) fn available(&self, cast: &Cast, nth: usize) -> Option<Available> {
        let modal = self.modal_line();
        let mut best: Option<(usize, Offer, Odds)> = None;
        for (shop, state) in self.shops.iter().enumerate() {
            let at_modal = state.open && state.fair.is_some_and(|f| f.line == modal);
            let Some(offer) = state
                .offers
                .get(nth)
                .copied()
                .flatten()
                .filter(|_| at_modal)
            else {
                continue;
            };
            let Some(odds) = offer.odds else { continue };
            if best.is_none_or(|(_, _, had)| odds.to_decimal() > had.to_decimal()) {
                best = Some((shop, offer, odds));
            }
        }
        let (shop, offer, odds) = best?;
        Some(Available {
            shop: Arc::clone(&cast.shops.get(shop)?.slug),
            line: offer.line,
            odds,
        })
    }

    /// Smallest seconds between two looks that both brought something, the slowest of the streams that `shops` are heard
    /// through.
    pub(super) fn resolution(
        &self,
        cast: &Cast,
        shops: impl Iterator<Item = usize>,
    ) -> Option<f64> {
        shops
            .filter_map(|shop| {
                let voice = cast.voices.get(self.shops.get(shop)?.speaker?)?;
                self.looks.get(&voice.order.1)?.1
            })
            .max_by(f64::total_cmp)
    }
}

/// A line of `side` as the first side's, and back.
fn as_firsts(side: Side, line: Line) -> Line {
    if side == Side::Away {
        Line::from_hundredths(-line.hundredths())
    } else {
        line
    }
}

/// The most frequent line; of equally frequent ones the one nearest zero.
fn most_frequent(lines: impl Iterator<Item = Line>) -> Option<Line> {
    let mut counts: Vec<(Line, usize)> = Vec::new();
    for line in lines {
        match counts.iter_mut().find(|(at, _)| *at == line) {
            Some((_, n)) => *n += 1,
            None => counts.push((line, 1)),
        }
    }
    counts
        .into_iter()
        .max_by_key(|(line, n)| (*n, -line.hundredths().abs(), *line))
        .map(|(line, _)| line)
}
