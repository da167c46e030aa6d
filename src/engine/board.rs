//! Which series speaks for a shop, and what follows from that: best price, opening, favourite.
//!
//! A shop may be heard through several streams and under several ids (one a state). One of them speaks; the others
//! stay in the store. Screen, headless output and SQL checks all ask here, so that they agree.

mod reading;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

pub use reading::{Drift, Pairs, Reading, mirrored};

use super::reference::OPENER_SUFFIX;
use super::snapshot::{GameView, Point, Rewind, SeriesView};
use crate::domain::book::{BookKind, BookSlug};
use crate::domain::market::{Line, Market, Period, Phase, QuoteStatus, Side};
use crate::domain::odds::Odds;
use crate::domain::series::{LineSlot, Price};
use crate::domain::source::Stream;

/// Market, part of the game and phase: what a board shows at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// Before the start or after it.
    pub phase: Phase,
}

/// A shop: its slug, or the feed's label while the id is on no map.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ShopId {
    /// On the book map.
    Known(BookSlug),
    /// Not on the book map: the feed's label.
    Labelled(Arc<str>),
}

impl ShopId {
    /// The shop a series belongs to.
    pub fn of(series: &SeriesView) -> Self {
        series
            .book
            .clone()
            .map_or_else(|| Self::Labelled(Arc::clone(&series.label)), Self::Known)
    }

    /// Slug or label.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(slug) => slug.as_str(),
            Self::Labelled(label) => label,
        }
    }
}

/// The series that speaks for a shop on one side of a market.
#[derive(Debug, Clone)]
pub struct Speaker<'a> {
    /// Shop.
    pub shop: ShopId,
    /// The series on board and chart.
    pub series: &'a Arc<SeriesView>,
    /// The shop's tick history, which may reach further back.
    pub earlier: Option<&'a Arc<SeriesView>>,
}

impl<'a> Speaker<'a> {
    /// Short label: `DK`.
    pub fn label(&self) -> &'a str {
        &self.series.label
    }

    /// Whether the shop takes bets: consensus, opener and exchange do not compete for the best price.
    pub fn is_shop(&self) -> bool {
        self.series.kind == BookKind::Book
    }

    /// The price, when it can be bet.
    pub fn open_price(&self) -> Option<(Option<Line>, Odds)> {
        let price = &self.series.price;
        let odds = price.odds.filter(|_| price.status == QuoteStatus::Open)?;
        Some((price.line, odds))
    }

    /// The moment where the tick history ends and the speaking series begins; none without such a seam.
    pub fn seam(&self) -> Option<DateTime<Utc>> {
        let first = self.series.points.first()?.at;
        let before = self.earlier?.points.first()?.at;
        (before < first).then_some(first)
    }

    /// Every point, newest first: the speaking series, then the tick history before its first point.
    pub fn newest_first(&self) -> impl Iterator<Item = &'a Point> {
        let first = self.series.points.first().map(|p| p.at);
        let earlier = self
            .earlier
            .into_iter()
            .flat_map(|series| series.points.iter().rev())
            .skip_while(move |p| first.is_some_and(|first| p.at >= first));
        self.series.points.iter().rev().chain(earlier)
    }

    /// From the point in force at `at` on, oldest first: the tick history before the speaking series' first point, then
    /// the speaking series.
    pub fn since(&self, at: DateTime<Utc>) -> impl Iterator<Item = &'a Point> {
        let first = self.series.points.first().map(|p| p.at);
        let earlier = self.earlier.into_iter();
        earlier
            .flat_map(move |series| series.points.since(at))
            .take_while(move |p| first.is_none_or(|first| p.at < first))
            .chain(self.series.points.since(at))
    }

    /// For somebody who asks for ever earlier moments.
    pub fn rewind(&self) -> SpeakerRewind<'a> {
        SpeakerRewind {
            series: self.series.points.rewind(),
            earlier: self.earlier.map(|series| series.points.rewind()),
        }
    }

    /// How many changes are known: those of the speaking series, and of the tick history before its first one.
    pub fn changes(&self) -> usize {
        let first = self.series.points.first().map(|p| p.at);
        let before = |p: &&Point| first.is_none_or(|first| p.at < first);
        let earlier = self
            .earlier
            .map_or(0, |series| series.points.iter().take_while(before).count());
        self.series.points.len() + earlier
    }

    /// The point in force at `at`.
    pub fn at(&self, at: DateTime<Utc>) -> Option<&'a Point> {
        self.series
            .points
            .at(at)
            .or_else(|| self.earlier.and_then(|series| series.points.at(at)))
    }

    /// The shop's opening: the earliest one known of it.
    pub fn opening(&self) -> Option<Point> {
        [Some(self.series), self.earlier]
            .into_iter()
            .flatten()
            .filter_map(|series| series.opening)
            .min_by_key(|point| point.at)
    }

    /// Which way the last change went.
    pub fn direction(&self) -> Option<Ordering> {
        let mut points = self.newest_first();
        let after = points.next()?;
        let before = points.next()?;
        direction(self.series.key.side, &before.price, &after.price)
    }
}

/// A way back through what a speaker said.
#[derive(Debug, Clone)]
pub struct SpeakerRewind<'a> {
    series: Rewind<'a>,
    earlier: Option<Rewind<'a>>,
}

impl<'a> SpeakerRewind<'a> {
    /// The point in force at `at`, which must not be later than the moment asked for before.
    pub fn to(&mut self, at: DateTime<Utc>) -> Option<&'a Point> {
        let earlier = &mut self.earlier;
        let before = || earlier.as_mut().and_then(|series| series.to(at));
        self.series.to(at).or_else(before)
    }
}

/// Everyone who quotes the main line of `side`, one entry a shop, by shop.
///
/// Of a shop's series the primary id wins, then the stream of lower rank, then the smaller id. Action Network's older
/// scoreboard stands in for the newer one where it was seen later, as it is while the newer one fails.
pub fn speakers<'a>(game: &'a GameView, selector: &Selector, side: Side) -> Vec<Speaker<'a>> {
    let mut shops: BTreeMap<ShopId, Vec<&Arc<SeriesView>>> = BTreeMap::new();
    let wanted = game.series.iter().filter(|series| {
        let key = &series.key;
        key.market == selector.market
            && key.period == selector.period
            && key.phase == selector.phase
            && key.side == side
            && key.slot == LineSlot::Main
            && key.participant.is_empty()
            // An untimed opener is nobody's price of a moment.
            && !key.source_book_id.ends_with(OPENER_SUFFIX)
    });
    for series in wanted {
        shops.entry(ShopId::of(series)).or_default().push(series);
    }
    shops
        .into_iter()
        .filter_map(|(shop, mut candidates)| {
            let newer_seen: Vec<(Arc<str>, DateTime<Utc>)> = candidates
                .iter()
                .filter(|s| s.key.stream == Stream::AnScoreboard)
                .map(|s| (Arc::clone(&s.key.source_book_id), s.seen_at))
                .collect();
            let rank = |s: &SeriesView| match s.key.stream {
                Stream::AnScoreboardV1
                    if newer_seen
                        .iter()
                        .any(|(id, at)| *id == s.key.source_book_id && *at < s.seen_at) =>
                {
                    None
                }
                stream => Some(stream.rank()),
            };
            candidates.sort_by(|a, b| {
                let order = |s: &SeriesView| (!s.primary, rank(s));
                order(a)
                    .cmp(&order(b))
                    .then_with(|| a.key.source_book_id.cmp(&b.key.source_book_id))
            });
            let series = *candidates.first()?;
            let earlier = candidates.into_iter().skip(1).find(|other| {
                other.key.stream.is_ticks()
                    && other.key.stream.source() == series.key.stream.source()
                    && other.key.source_book_id == series.key.source_book_id
            });
            Some(Speaker {
                shop,
                series,
                earlier,
            })
        })
        .collect()
}

/// The best open price of a side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Best {
    /// The line most shops have; prices at other lines are other bets.
    pub line: Option<Line>,
    /// The highest price at that line.
    pub odds: Odds,
}

impl Best {
    /// Whether this shop offers it.
    pub fn is_at(&self, speaker: &Speaker<'_>) -> bool {
        speaker.is_shop()
            && speaker
                .open_price()
                .is_some_and(|(line, odds)| line == self.line && odds == self.odds)
    }
}

/// The best open price among shops, at the line most of them have.
pub fn best(speakers: &[Speaker<'_>]) -> Option<Best> {
    let offers: Vec<_> = speakers
        .iter()
        .filter(|s| s.is_shop())
        .filter_map(Speaker::open_price)
        .collect();
    let line = main_line(offers.iter().map(|(line, _)| *line));
    offers
        .iter()
        .filter(|(at, _)| *at == line)
        .map(|(_, odds)| *odds)
        .max_by(|a, b| a.to_decimal().total_cmp(&b.to_decimal()))
        .map(|odds| Best { line, odds })
}

/// The most frequent line; of equally frequent ones the one nearest zero.
pub fn main_line(lines: impl Iterator<Item = Option<Line>>) -> Option<Line> {
    let mut counts: BTreeMap<Option<Line>, usize> = BTreeMap::new();
    for line in lines {
        *counts.entry(line).or_default() += 1;
    }
    let distance = |line: Option<Line>| line.map_or(0, |l| l.hundredths().abs());
    counts
        .into_iter()
        .max_by_key(|(line, count)| (*count, -distance(*line)))
        .and_then(|(line, _)| line)
}

/// The earliest opening among shops.
pub fn opening(speakers: &[Speaker<'_>]) -> Option<Point> {
    speakers
        .iter()
        .filter(|s| s.is_shop())
        .filter_map(Speaker::opening)
        .min_by_key(|point| point.at)
}

/// The two sides of a market, the one listed first on top: away before home as in `MIA @ BAL`, over before under.
pub const fn sides(market: &Market) -> [Side; 2] {
    match market {
        Market::Total | Market::TeamTotal => [Side::Over, Side::Under],
        Market::Moneyline | Market::Spread | Market::Prop(_) => [Side::Away, Side::Home],
    }
}

/// The side shops hold likelier: laying points, or at the shorter median price. Over for totals; home when nobody
/// quotes or the sides are level.
pub fn favourite(game: &GameView, selector: &Selector) -> Side {
    if matches!(selector.market, Market::Total | Market::TeamTotal) {
        return Side::Over;
    }
    let home = speakers(game, selector, Side::Home);
    let away = speakers(game, selector, Side::Away);
    if selector.market == Market::Spread
        && let Some(Best {
            line: Some(line), ..
        }) = best(&home)
        && line.hundredths() != 0
    {
        return if line.hundredths() < 0 {
            Side::Home
        } else {
            Side::Away
        };
    }
    match (median_probability(&home), median_probability(&away)) {
        (Some(home), Some(away)) if away > home => Side::Away,
        (None, Some(away)) if away > 0.5 => Side::Away,
        (Some(home), None) if home < 0.5 => Side::Away,
        _ => Side::Home,
    }
}

/// Median implied probability (margin included) of the open prices of shops.
fn median_probability(speakers: &[Speaker<'_>]) -> Option<f64> {
    let mut all: Vec<f64> = speakers
        .iter()
        .filter(|s| s.is_shop())
        .filter_map(|s| s.open_price().map(|(_, odds)| odds.probability()))
        .collect();
    all.sort_by(f64::total_cmp);
    let upper = *all.get(all.len() / 2)?;
    if all.len() % 2 == 1 {
        return Some(upper);
    }
    all.get(all.len() / 2 - 1)
        .map(|lower| f64::midpoint(*lower, upper))
}

/// Which way a move went: `Greater` when the side got dearer (likelier in the shop's eyes), by line first, then by
/// implied probability. None when either price is off the board or suspended, or nothing changed.
pub fn direction(side: Side, before: &Price, after: &Price) -> Option<Ordering> {
    let open = |p: &Price| p.odds.filter(|_| p.status == QuoteStatus::Open);
    let (from, to) = (open(before)?, open(after)?);
    let by_line = match (before.line, after.line) {
        (Some(from), Some(to)) if side == Side::Over => to.cmp(&from),
        // A side that must give more points, or an under at a lower total, got dearer.
        (Some(from), Some(to)) => from.cmp(&to),
        _ => Ordering::Equal,
    };
    let order = by_line.then_with(|| to.probability().total_cmp(&from.probability()));
    (order != Ordering::Equal).then_some(order)
}

#[cfg(test)]
mod tests;
