//! A book's prices on a game. Everything is text with its sign, and empty where the book offers nothing.

use crate::domain::market::{Market, Period, QuoteStatus, Side};
use crate::domain::odds::Odds;
use crate::sources::collector::{BookRef, Collector, Offer, Slot, Word};
use crate::sources::json::{Json, Pointer, Read, Reader, Scalar, Shape, record};
use crate::sources::written;

record! {
    /// A book.
    Sportsbook<'a> {
        id: Scalar<'a> = "_id",
        name: Scalar<'a> = "name",
        consensus: Scalar<'a> = "consensus",
        lines: Markets<'a> = "lines",
        odds: Markets<'a> = "odds",
    }
}
record! {
    /// The markets, in the long form under `odds` and a short one under `lines`.
    Markets<'a> {
        moneyline: Teams<'a> = "moneyline",
        spread: Teams<'a> = "spread",
        total: Totals<'a> = "total",
    }
}
record! {
    Teams<'a> { away: Cell<'a> = "away", home: Cell<'a> = "home" }
}
record! {
    Totals<'a> { over: Cell<'a> = "over", under: Cell<'a> = "under" }
}

/// One side of a market: a price, or a line with its price. Each price is text, or an object of several formats.
#[derive(Debug, Default)]
pub(in crate::sources) struct Cell<'a> {
    shape: Shape,
    points: Scalar<'a>,
    american: Scalar<'a>,
    decimal: Scalar<'a>,
}

record! {
    Long<'a> {
        points: Scalar<'a> = "points",
        odds: Formats<'a> = "odds",
        american: Scalar<'a> = "american",
        decimal: Scalar<'a> = "decimal",
    }
}

/// A price in several formats, or in one.
#[derive(Debug, Default)]
pub(in crate::sources) struct Formats<'a> {
    american: Scalar<'a>,
    decimal: Scalar<'a>,
}

record! {
    Named<'a> { american: Scalar<'a> = "american", decimal: Scalar<'a> = "decimal" }
}

impl<'a> Json<'a> for Formats<'a> {
    fn fill(&mut self, reader: &mut Reader<'a>) -> Read<()> {
        if reader.peek() == b'{' {
            let mut named = Named::default();
            named.fill(reader)?;
            (self.american, self.decimal) = (named.american, named.decimal);
            Ok(())
        } else {
            self.decimal = Scalar::Absent;
            self.american.fill(reader)
        }
    }
}

impl<'a> Json<'a> for Cell<'a> {
    fn fill(&mut self, reader: &mut Reader<'a>) -> Read<()> {
        *self = Self::default();
        match reader.peek() {
            b'{' => {
                let mut long = Long::default();
                long.fill(reader)?;
                self.shape = Shape::Right;
                self.points = long.points;
                let direct = !long.american.is_none() || !long.decimal.is_none();
                (self.american, self.decimal) = if direct {
                    (long.american, long.decimal)
                } else {
                    (long.odds.american, long.odds.decimal)
                };
                Ok(())
            }
            b'[' => {
                self.shape = reader.unexpected()?;
                Ok(())
            }
            _ => {
                self.american.fill(reader)?;
                self.shape = if self.american.is_none() {
                    Shape::Null
                } else {
                    Shape::Right
                };
                Ok(())
            }
        }
    }
}

impl Cell<'_> {
    /// The price: as American where it is given, else as decimal; none where the book offers nothing.
    fn odds(&self) -> Result<Option<Odds>, (&'static str, String)> {
        if let Some(odds) =
            written::american_of(&self.american).map_err(|reason| ("american", reason))?
        {
            return Ok(Some(odds));
        }
        let decimal = match &self.decimal {
            Scalar::Absent | Scalar::Null => return Ok(None),
            Scalar::Text(text) if written::is_nothing(text) => return Ok(None),
            Scalar::Text(text) => written::number(text),
            other => other.number(),
        };
        let decimal = decimal.ok_or(("decimal", "the price is not a number".to_owned()))?;
        Odds::decimal(decimal)
            .map(Some)
            .map_err(|error| ("decimal", error.to_string()))
    }
}

/// Every price of a book.
pub(super) fn sportsbook(
    sportsbook: &Sportsbook<'_>,
    game: &Word,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    if sportsbook.shape != Shape::Right {
        collector
            .rejects
            .push(place, "a sportsbook is not an object");
        return;
    }
    let Some(id) = sportsbook.id.id().or_else(|| sportsbook.name.id()) else {
        collector.rejects.push(
            &place.key("_id"),
            "a sportsbook without an id or a name cannot be placed",
        );
        return;
    };
    let book = collector.book(&id);
    let (markets, member) = match (sportsbook.odds.shape, sportsbook.lines.shape) {
        (Shape::Right, _) => (&sportsbook.odds, "odds"),
        (_, Shape::Right) => (&sportsbook.lines, "lines"),
        (Shape::Wrong, _) => {
            collector
                .rejects
                .push(&place.key("odds"), "a sportsbook's odds are not an object");
            return;
        }
        _ => return,
    };
    let place = place.key(member);
    let (teams, spread, total) = (&markets.moneyline, &markets.spread, &markets.total);
    let shapes = [
        ("moneyline", teams.shape),
        ("spread", spread.shape),
        ("total", total.shape),
    ];
    for (member, shape) in shapes {
        if shape == Shape::Wrong {
            collector
                .rejects
                .push(&place.key(member), "a market is not an object");
        }
    }
    let reading = Reading { game, book: &book };
    let market = place.key("moneyline");
    let ml = &Market::Moneyline;
    reading.cell(&teams.away, ml, Side::Away, &market.key("away"), collector);
    reading.cell(&teams.home, ml, Side::Home, &market.key("home"), collector);
    let market = place.key("spread");
    if points_disagree(spread) {
        for member in ["away", "home"] {
            collector.rejects.push(
                &market.key(member),
                "the two points of a spread are not opposite, so neither side's is known",
            );
        }
    } else {
        let kind = &Market::Spread;
        reading.cell(
            &spread.away,
            kind,
            Side::Away,
            &market.key("away"),
            collector,
        );
        reading.cell(
            &spread.home,
            kind,
            Side::Home,
            &market.key("home"),
            collector,
        );
    }
    let market = place.key("total");
    let kind = &Market::Total;
    reading.cell(
        &total.over,
        kind,
        Side::Over,
        &market.key("over"),
        collector,
    );
    reading.cell(
        &total.under,
        kind,
        Side::Under,
        &market.key("under"),
        collector,
    );
}

/// Which side is favoured differs from book to book, so that only a book's own two points may be compared.
fn points_disagree(spread: &Teams<'_>) -> bool {
    let points = |cell: &Cell<'_>| written::line_of(&cell.points).ok().flatten();
    match (points(&spread.away), points(&spread.home)) {
        (Some(away), Some(home)) => away.hundredths() != -home.hundredths(),
        _ => false,
    }
}

struct Reading<'r> {
    game: &'r Word,
    book: &'r BookRef,
}

impl Reading<'_> {
    fn cell(
        &self,
        cell: &Cell<'_>,
        market: &Market,
        side: Side,
        place: &Pointer<'_>,
        collector: &mut Collector<'_>,
    ) {
        if cell.shape == Shape::Wrong {
            collector
                .rejects
                .push(place, "a price is not an object or text");
            return;
        }
        let odds = match cell.odds() {
            Ok(Some(odds)) => odds,
            // Nothing is offered, which is how the feed writes a book that has no lines yet.
            Ok(None) => return,
            Err((_, reason)) => {
                collector.rejects.push(place, reason);
                return;
            }
        };
        let line = match written::line_of(&cell.points) {
            Ok(line) => line.filter(|_| market.has_line()),
            Err(reason) => {
                collector.rejects.push(&place.key("points"), reason);
                return;
            }
        };
        if market.has_line() && line.is_none() {
            collector
                .rejects
                .push(&place.key("points"), "a price without its line");
            return;
        }
        let slot = Slot {
            game: Some(self.game),
            book: self.book,
            market,
            period: Period::Full,
            phase: None,
            side,
            participant: None,
        };
        let offer = Offer {
            line,
            odds: Some(odds),
            status: QuoteStatus::Open,
            main: true,
            opener: false,
            source_at: None,
        };
        collector.quote(&slot, &offer, place);
    }
}
