//! Tickets and money of a game. They are of no book.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::feed::Split;
use crate::domain::market::{Market, Period, Side};
use crate::domain::source::Source;
use crate::sources::collector::{Collector, Word};
use crate::sources::json::{Pointer, Scalar, Shape, record};

record! {
    /// The splits of a game.
    BettingSplits<'a> {
        spread: MarketSplits<'a> = "spread",
        total: MarketSplits<'a> = "total",
        moneyline: MarketSplits<'a> = "moneyline",
    }
}
record! {
    /// The splits of a market.
    MarketSplits<'a> {
        updated: Scalar<'a> = "updated",
        home: Share<'a> = "home",
        away: Share<'a> = "away",
        over: Share<'a> = "over",
        under: Share<'a> = "under",
    }
}
record! {
    /// One side.
    Share<'a> {
        bets: Scalar<'a> = "bets",
        tickets: Scalar<'a> = "betsPercentage",
        money: Scalar<'a> = "stakePercentage",
    }
}

/// Every split of a game.
pub(super) fn splits(
    splits: &BettingSplits<'_>,
    game: &Word,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    match splits.shape {
        Shape::Absent | Shape::Null => return,
        Shape::Wrong => {
            collector
                .rejects
                .push(place, "a game's splits are not an object");
            return;
        }
        Shape::Right => {}
    }
    let markets = [
        ("moneyline", Market::Moneyline, &splits.moneyline),
        ("spread", Market::Spread, &splits.spread),
        ("total", Market::Total, &splits.total),
    ];
    for (name, market, found) in markets {
        let place = place.key(name);
        match found.shape {
            Shape::Absent | Shape::Null => continue,
            Shape::Wrong => {
                collector
                    .rejects
                    .push(&place, "a market's splits are not an object");
                continue;
            }
            Shape::Right => {}
        }
        let source_at = collector.optional_time(&found.updated, &place.key("updated"));
        let sides = [
            ("home", Side::Home, &found.home),
            ("away", Side::Away, &found.away),
            ("over", Side::Over, &found.over),
            ("under", Side::Under, &found.under),
        ];
        for (name, side, share) in sides {
            if market.allows(side) {
                let slot = (&market, side, source_at);
                one(share, slot, game, &place.key(name), collector);
            }
        }
    }
}

fn one(
    share: &Share<'_>,
    (market, side, source_at): (&Market, Side, Option<DateTime<Utc>>),
    game: &Word,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    match share.shape {
        Shape::Absent | Shape::Null => return,
        Shape::Wrong => {
            collector.rejects.push(place, "a split is not an object");
            return;
        }
        Shape::Right => {}
    }
    let read = || -> Result<_, (&'static str, &'static str)> {
        Ok((
            percent(&share.tickets, "betsPercentage")?,
            percent(&share.money, "stakePercentage")?,
            count(&share.bets)?,
        ))
    };
    let (tickets_pct, money_pct, tickets) = match read() {
        Ok(read) => read,
        Err((member, reason)) => {
            collector.rejects.push(&place.key(member), reason);
            return;
        }
    };
    let nothing = |pct: Option<f64>| pct.is_none_or(|pct| pct == 0.0);
    // 0/0 without a bet is a market that is not open; of a side that nobody took, the other side tells.
    if nothing(tickets_pct) && nothing(money_pct) && tickets.is_none() {
        return;
    }
    collector.decoded.splits.push(Split {
        source: Source::Sbd,
        source_game_id: Some(Arc::clone(&game.text)),
        source_book_id: None,
        market: market.clone(),
        period: Period::Full,
        side,
        tickets_pct,
        money_pct,
        tickets,
        money: None,
        source_at,
    });
}

fn percent(
    scalar: &Scalar<'_>,
    member: &'static str,
) -> Result<Option<f64>, (&'static str, &'static str)> {
    if scalar.is_none() {
        return Ok(None);
    }
    scalar
        .number()
        .filter(|pct| (0.0..=100.0).contains(pct))
        .map(Some)
        .ok_or((member, "a share is not a number from 0 to 100"))
}

fn count(scalar: &Scalar<'_>) -> Result<Option<i64>, (&'static str, &'static str)> {
    if scalar.is_none() {
        return Ok(None);
    }
    let count = scalar
        .whole()
        .filter(|count| *count >= 0)
        .ok_or(("bets", "a number of bets is not a whole number"))?;
    Ok(Some(count).filter(|count| *count > 0))
}
