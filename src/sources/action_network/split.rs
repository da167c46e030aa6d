//! Tickets and money.
//!
//! Version 2 copies one consensus of the game to every book's outcomes (0 of 84 captured groups differ), so it is
//! taken once, without a book. Version 1 rows differ from book to book and keep theirs.

use std::sync::Arc;

use foldhash::HashMap;

use super::outcome::{BetInfo, GameRef, Placed};
use crate::domain::feed::Split;
use crate::domain::market::{Market, Period, Side};
use crate::domain::source::Source;
use crate::sources::collector::Collector;
use crate::sources::json::{Pointer, Scalar, Shape};

/// Shares and counts of one side.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Shares {
    tickets_pct: Option<f64>,
    money_pct: Option<f64>,
    tickets: Option<i64>,
    money: Option<i64>,
}

impl Shares {
    /// 0/0 is how the feed writes "no data"; nothing is lost by not keeping it.
    fn is_no_data(&self) -> bool {
        let nothing = |pct: Option<f64>| pct.is_none_or(|pct| pct == 0.0);
        nothing(self.tickets_pct) && nothing(self.money_pct)
    }
}

type SplitKey = (Option<Arc<str>>, Market, Period, Side);

/// The splits of one game so far.
#[derive(Debug, Default)]
pub(super) struct Splits {
    taken: HashMap<SplitKey, Shares>,
}

impl Splits {
    /// Take the consensus an outcome carries.
    pub(super) fn consensus(
        &mut self,
        info: &BetInfo<'_>,
        game: &GameRef,
        placed: &Placed,
        at: &Pointer<'_>,
        collector: &mut Collector<'_>,
    ) {
        match info.shape {
            Shape::Absent | Shape::Null => return,
            Shape::Wrong => {
                collector
                    .rejects
                    .push(at, "tickets and money are not an object");
                return;
            }
            Shape::Right => {}
        }
        let read = || -> Result<Shares, String> {
            Ok(Shares {
                tickets_pct: percent(&info.tickets.percent)?,
                money_pct: percent(&info.money.percent)?,
                tickets: count(&info.tickets.value)?,
                money: count(&info.money.value)?,
            })
        };
        let shares = match read() {
            Ok(shares) => shares,
            Err(reason) => {
                collector.rejects.push(at, reason);
                return;
            }
        };
        self.take(shares, None, game, placed, at, collector);
    }

    /// Take a side's percentages of a version 1 row.
    pub(super) fn of_book(
        &mut self,
        (tickets, money): (&Scalar<'_>, &Scalar<'_>),
        book: &Arc<str>,
        game: &GameRef,
        placed: &Placed,
        at: &Pointer<'_>,
        collector: &mut Collector<'_>,
    ) {
        match (percent(tickets), percent(money)) {
            (Ok(tickets_pct), Ok(money_pct)) => {
                let shares = Shares {
                    tickets_pct,
                    money_pct,
                    ..Shares::default()
                };
                self.take(shares, Some(book), game, placed, at, collector);
            }
            (Err(reason), _) | (_, Err(reason)) => collector.rejects.push(at, reason),
        }
    }

    fn take(
        &mut self,
        shares: Shares,
        book: Option<&Arc<str>>,
        game: &GameRef,
        placed: &Placed,
        at: &Pointer<'_>,
        collector: &mut Collector<'_>,
    ) {
        if shares.is_no_data() {
            return;
        }
        if placed.participant.is_some() {
            collector.rejects.push(
                at,
                "tickets and money of a team total have no place: a split names no team",
            );
            return;
        }
        let key = (
            book.map(Arc::clone),
            placed.market.clone(),
            placed.period,
            placed.side,
        );
        if let Some(had) = self.taken.get(&key) {
            if *had != shares {
                collector.rejects.push(
                    at,
                    "tickets and money differ from those the game already has; the first stand",
                );
            }
            return;
        }
        self.taken.insert(key, shares);
        collector.decoded.splits.push(Split {
            source: Source::ActionNetwork,
            source_game_id: game.id.as_ref().map(|word| Arc::clone(&word.text)),
            source_book_id: book.map(Arc::clone),
            market: placed.market.clone(),
            period: placed.period,
            side: placed.side,
            tickets_pct: shares.tickets_pct,
            money_pct: shares.money_pct,
            tickets: shares.tickets,
            money: shares.money,
            source_at: None,
        });
    }
}

fn percent(scalar: &Scalar<'_>) -> Result<Option<f64>, String> {
    if scalar.is_none() {
        return Ok(None);
    }
    scalar
        .number()
        .filter(|pct| (0.0..=100.0).contains(pct))
        .map(Some)
        .ok_or_else(|| "a share is not a number from 0 to 100".into())
}

/// A count; the feed writes 0 where it gives none.
fn count(scalar: &Scalar<'_>) -> Result<Option<i64>, String> {
    if scalar.is_none() {
        return Ok(None);
    }
    let count = scalar
        .whole()
        .filter(|count| *count >= 0)
        .ok_or("a number of bets is not a whole number")?;
    Ok(Some(count).filter(|count| *count > 0))
}
