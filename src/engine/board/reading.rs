//! What the prices of one side say together: fair probability, hold, and how far the market moved.

use chrono::{DateTime, Utc};

use super::{Speaker, main_line, opening};
use crate::analytics::consensus::median;
use crate::analytics::devig::{Method, two_way};
use crate::analytics::movement::{Direction, shift};
use crate::domain::market::{Line, QuoteStatus, Side};
use crate::domain::odds::Odds;
use crate::domain::series::Price;

/// How far the shops moved a side, in the middle of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drift {
    /// Toward the side (it got dearer) or against it.
    pub direction: Direction,
    /// Points of the line; 0 where it stayed.
    pub points: f64,
    /// Cents of the price; 0 where the line moved, since the price belongs to another bet then.
    pub cents: f64,
}

impl Drift {
    /// One size for both, in cents: half a point of a line counts as ten, as the trade has it.
    pub fn size(&self) -> f64 {
        self.cents + self.points * 20.0
    }
}

/// What the prices of one side say together.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Reading {
    /// The side's probability without margin, 0 to 1: the median of the shops' two-way prices at the main line, each
    /// without its margin by the power method.
    pub fair: Option<f64>,
    /// 1 − 1/Σ of the best prices of both sides at the main line; below 0 they are an arbitrage.
    pub hold: Option<f64>,
    /// From the market's opening, which is the earliest shop's, to the shops now.
    pub since_open: Option<Drift>,
    /// Since the moment asked about.
    pub lately: Option<Drift>,
}

impl Reading {
    /// From everyone who quotes the side and the other one; `lately` is measured from `since`.
    pub fn of(
        side: Side,
        speakers: &[Speaker<'_>],
        others: &[Speaker<'_>],
        since: DateTime<Utc>,
    ) -> Self {
        let shops: Vec<&Speaker<'_>> = speakers.iter().filter(|s| s.is_shop()).collect();
        let pairs = Pairs::of(side, speakers, others).open_now();
        let dearest = |of: fn(&(Odds, Odds)) -> Odds| {
            let prices = pairs.iter().map(|pair| of(pair).probability());
            prices.min_by(f64::total_cmp)
        };
        let hold = dearest(|pair| pair.0)
            .zip(dearest(|pair| pair.1))
            .map(|(one, other)| 1.0 - 1.0 / (one + other));
        let opened = opening(speakers).map(|point| point.price);
        Self {
            fair: fair(&pairs),
            hold,
            since_open: drift(side, &shops, |_| opened),
            lately: drift(side, &shops, |shop| {
                shop.at(since)
                    .map(|point| point.price)
                    // A shop that came later has moved since its opening at most.
                    .or_else(|| shop.opening().map(|o| o.price))
            }),
        }
    }
}

/// A line and the odds at it.
type Offer = (Option<Line>, Odds);

/// The shops that quote both sides of a market.
#[derive(Debug)]
pub struct Pairs<'a> {
    side: Side,
    shops: Vec<(&'a Speaker<'a>, &'a Speaker<'a>)>,
}

impl<'a> Pairs<'a> {
    /// Of everyone who quotes the side and the other one.
    pub fn of(side: Side, speakers: &'a [Speaker<'a>], others: &'a [Speaker<'a>]) -> Self {
        let shops = speakers.iter().filter(|s| s.is_shop()).filter_map(|shop| {
            let other = others.iter().find(|other| other.shop == shop.shop)?;
            Some((shop, other))
        });
        Self {
            side,
            shops: shops.collect(),
        }
    }

    /// Who quotes the side, and the same shop on the other one.
    pub fn shops(&self) -> impl Iterator<Item = (&Speaker<'a>, &Speaker<'a>)> {
        self.shops.iter().map(|(one, other)| (*one, *other))
    }

    /// The side's probability without margin at each of `moments`, which go back in time: the median of the shops, as
    /// [`Reading::fair`]. None where fewer than two shops quoted both sides.
    ///
    /// Each series is walked once, one after the other, however many moments there are.
    pub fn fair_back(&self, moments: &[DateTime<Utc>]) -> Vec<Option<f64>> {
        let mut offers: Vec<Vec<(Offer, Offer)>> = moments
            .iter()
            .map(|_| Vec::with_capacity(self.shops.len()))
            .collect();
        for (one, other) in &self.shops {
            let (mut one, mut other) = (one.rewind(), other.rewind());
            for (at, offers) in moments.iter().zip(&mut offers) {
                let price = one.to(*at).and_then(|point| open(point.price));
                let against = other.to(*at).and_then(|point| open(point.price));
                offers.extend(price.zip(against));
            }
        }
        let mut last: (Vec<(Odds, Odds)>, Option<f64>) = (Vec::new(), None);
        let middle = offers.into_iter().map(|offers| {
            let pairs = self.agreed(offers);
            // Between two changes nothing is worked out again.
            if pairs != last.0 {
                let middle = fair(&pairs).filter(|_| pairs.len() > 1);
                last = (pairs, middle);
            }
            last.1
        });
        middle.collect()
    }

    fn open_now(&self) -> Vec<(Odds, Odds)> {
        let price = |speaker: &Speaker<'_>| open(speaker.series.price);
        let shops = self.shops.iter();
        let offers = shops.filter_map(|(one, other)| Some((price(one)?, price(other)?)));
        self.agreed(offers.collect())
    }

    /// Both sides' odds of the shops that stand at the line most of them have.
    fn agreed(&self, offers: Vec<(Offer, Offer)>) -> Vec<(Odds, Odds)> {
        let line = main_line(offers.iter().map(|((line, _), _)| *line));
        offers
            .into_iter()
            .filter(|((at, _), (other, _))| *at == line && mirrored(self.side, *at, *other))
            .map(|((_, odds), (_, other))| (odds, other))
            .collect()
    }
}

/// What can be bet of a price.
fn open(price: Price) -> Option<Offer> {
    let price = Some(price).filter(|p| p.status == QuoteStatus::Open)?;
    Some((price.line, price.odds?))
}

/// Whether the lines of a side and of the other one belong to one bet: `−1½` and `+1½`, `8½` and `8½`, none and none.
pub fn mirrored(side: Side, line: Option<Line>, other: Option<Line>) -> bool {
    match (line, other) {
        (None, None) => true,
        (Some(at), Some(other)) if matches!(side, Side::Over | Side::Under) => at == other,
        (Some(at), Some(other)) => at.hundredths() == -other.hundredths(),
        _ => false,
    }
}

fn fair(pairs: &[(Odds, Odds)]) -> Option<f64> {
    let fair: Vec<f64> = pairs
        .iter()
        .filter_map(|(odds, other)| {
            two_way(Method::Power, odds.probability(), other.probability()).ok()
        })
        .map(|[fair, _]| fair)
        .collect();
    median(&fair)
}

/// The median of the shops' moves from an earlier price of each; none where none compares.
fn drift(
    side: Side,
    shops: &[&Speaker<'_>],
    earlier: impl Fn(&Speaker<'_>) -> Option<Price>,
) -> Option<Drift> {
    let moves: Vec<(f64, f64)> = shops
        .iter()
        .filter_map(|shop| {
            let before = earlier(shop).filter(|p| p.status == QuoteStatus::Open)?;
            let (line, odds) = shop.open_price()?;
            let points = |line: Option<Line>| line.map(Line::points);
            let moved = shift(
                side,
                (points(before.line), before.odds?),
                (points(line), odds),
            )?;
            let sign = match moved.direction {
                Direction::Toward => 1.0,
                Direction::Against => -1.0,
                Direction::Unmoved => 0.0,
            };
            Some((
                sign * moved.points.unwrap_or(0.0),
                sign * f64::from(moved.cents.unwrap_or(0)),
            ))
        })
        .collect();
    let middle = |of: fn(&(f64, f64)) -> f64| median(&moves.iter().map(of).collect::<Vec<_>>());
    let (points, cents) = (middle(|m| m.0)?, middle(|m| m.1)?);
    // Where most shops moved the line, their prices say nothing; where most did not, the few that did say nothing.
    let signed = if points == 0.0 { cents } else { points };
    let direction = match signed.partial_cmp(&0.0)? {
        std::cmp::Ordering::Greater => Direction::Toward,
        std::cmp::Ordering::Less => Direction::Against,
        std::cmp::Ordering::Equal => Direction::Unmoved,
    };
    Some(Drift {
        direction,
        points: points.abs(),
        cents: if points == 0.0 { cents.abs() } else { 0.0 },
    })
}
