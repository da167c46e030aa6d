//! A line of the page: prices of two sides, with the line where the market has one.

use super::page::Reading;
use crate::domain::market::{Line, Market, Phase, QuoteStatus, Side};
use crate::domain::odds::Odds;
use crate::sources::collector::{BookRef, Collector, Offer, Slot};
use crate::sources::json::{Pointer, Scalar, Shape, record};
use crate::sources::written;

record! {
    /// One market's line. What the market does not use is null, or 0 for a draw.
    LineView<'a> {
        home_odds: Scalar<'a> = "homeOdds",
        away_odds: Scalar<'a> = "awayOdds",
        over_odds: Scalar<'a> = "overOdds",
        under_odds: Scalar<'a> = "underOdds",
        draw_odds: Scalar<'a> = "drawOdds",
        home_spread: Scalar<'a> = "homeSpread",
        away_spread: Scalar<'a> = "awaySpread",
        total: Scalar<'a> = "total",
    }
}

/// How far from even money a moneyline must stand for -110 on both sides to have been no opener.
const FAR_FROM_EVEN: f64 = 0.08;

impl LineView<'_> {
    /// The market the numbers belong to: a line tells, else the page.
    fn market(&self, told: Option<&Market>) -> Market {
        if !self.home_spread.is_none() || !self.away_spread.is_none() {
            Market::Spread
        } else if !self.total.is_none() || !self.over_odds.is_none() || !self.under_odds.is_none() {
            Market::Total
        } else {
            told.cloned().unwrap_or(Market::Moneyline)
        }
    }

    /// The home side's chance without margin, as a moneyline prices it.
    fn home_chance(&self) -> Option<f64> {
        let price = |scalar: &Scalar<'_>| {
            let odds = written::american_of(scalar).ok().flatten();
            odds.map(Odds::probability)
        };
        let (home, away) = (price(&self.home_odds)?, price(&self.away_odds)?);
        Some(home / (home + away))
    }
}

/// Whether an opener is the placeholder that the site shows for one it does not know: -110 on both sides of a moneyline
/// whose current price is far from even. Near even money -110 is an opener like any other, and always for a spread or
/// total.
pub(super) fn is_placeholder(
    opening: &LineView<'_>,
    current: &LineView<'_>,
    told: Option<&Market>,
) -> bool {
    opening.market(told) == Market::Moneyline
        && [&opening.home_odds, &opening.away_odds]
            .iter()
            .all(|price| price.whole() == Some(-110))
        && current
            .home_chance()
            .is_some_and(|chance| (chance - 0.5).abs() > FAR_FROM_EVEN)
}

/// Take a line's prices.
pub(super) fn take(
    view: &LineView<'_>,
    told: Option<&Market>,
    book: &BookRef,
    reading: &Reading<'_>,
    opener: bool,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    match view.shape {
        Shape::Absent | Shape::Null => return,
        Shape::Wrong => {
            collector.rejects.push(place, "a line is not an object");
            return;
        }
        Shape::Right => {}
    }
    let market = view.market(told);
    let sides: &[(Side, &'static str, &Scalar<'_>)] = match market {
        Market::Total => &[
            (Side::Over, "overOdds", &view.over_odds),
            (Side::Under, "underOdds", &view.under_odds),
        ],
        Market::Spread => &[
            (Side::Home, "homeOdds", &view.home_odds),
            (Side::Away, "awayOdds", &view.away_odds),
        ],
        _ => &[
            (Side::Home, "homeOdds", &view.home_odds),
            (Side::Away, "awayOdds", &view.away_odds),
            (Side::Draw, "drawOdds", &view.draw_odds),
        ],
    };
    for (side, member, price) in sides {
        let place_of_price = place.key(member);
        let odds = match written::american_of(price) {
            Ok(Some(odds)) => odds,
            Ok(None) => continue,
            Err(reason) => {
                collector.rejects.push(&place_of_price, reason);
                continue;
            }
        };
        let line = match line_of(view, &market, *side) {
            Ok(line) => line,
            Err(reason) => {
                collector.rejects.push(&place_of_price, reason);
                continue;
            }
        };
        let slot = Slot {
            game: Some(reading.game),
            book,
            market: &market,
            period: reading.period,
            phase: (opener || reading.closed_at.is_some()).then_some(Phase::Pregame),
            side: *side,
            participant: None,
        };
        let offer = Offer {
            line,
            odds: Some(odds),
            status: QuoteStatus::Open,
            main: true,
            opener,
            source_at: reading.closed_at.filter(|_| !opener),
        };
        collector.quote(&slot, &offer, &place_of_price);
    }
}

/// The line of a side, whose own number wins over the negative of the other's.
fn line_of(view: &LineView<'_>, market: &Market, side: Side) -> Result<Option<Line>, String> {
    let mirrored = |line: Line| Line::from_hundredths(-line.hundredths());
    let line = match market {
        Market::Total => written::line_of(&view.total)?,
        Market::Spread => {
            let home = written::line_of(&view.home_spread)?;
            let away = written::line_of(&view.away_spread)?;
            if home
                .zip(away)
                .is_some_and(|(home, away)| mirrored(home) != away)
            {
                return Err(
                    "the two points of a spread are not opposite, so neither side's is known"
                        .into(),
                );
            }
            match side {
                Side::Home => home.or(away.map(mirrored)),
                _ => away.or(home.map(mirrored)),
            }
        }
        _ => return Ok(None),
    };
    line.map(Some)
        .ok_or_else(|| "a price without its line".to_owned())
}
