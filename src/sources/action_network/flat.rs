//! Version 1 rows: one flat object a book and period. The rows are captured, the envelope around them is not.

use std::sync::Arc;

use super::names;
use super::outcome::{self, GameRef, Placed};
use super::split::Splits;
use crate::domain::market::{Market, Period, Phase, QuoteStatus, Side};
use crate::sources::collector::{BookRef, Collector, Offer, Word};
use crate::sources::json::{List, Pointer, Scalar, Shape, record};

record! {
    /// A book's prices of one period.
    Row<'a> {
        book_id: Scalar<'a> = "book_id",
        kind: Scalar<'a> = "type",
        inserted: Scalar<'a> = "inserted",
        ml_home: Scalar<'a> = "ml_home",
        ml_away: Scalar<'a> = "ml_away",
        draw: Scalar<'a> = "draw",
        spread_home: Scalar<'a> = "spread_home",
        spread_away: Scalar<'a> = "spread_away",
        spread_home_line: Scalar<'a> = "spread_home_line",
        spread_away_line: Scalar<'a> = "spread_away_line",
        total: Scalar<'a> = "total",
        over: Scalar<'a> = "over",
        under: Scalar<'a> = "under",
        home_total: Scalar<'a> = "home_total",
        home_over: Scalar<'a> = "home_over",
        home_under: Scalar<'a> = "home_under",
        away_total: Scalar<'a> = "away_total",
        away_over: Scalar<'a> = "away_over",
        away_under: Scalar<'a> = "away_under",
        ml_home_public: Scalar<'a> = "ml_home_public",
        ml_away_public: Scalar<'a> = "ml_away_public",
        ml_home_money: Scalar<'a> = "ml_home_money",
        ml_away_money: Scalar<'a> = "ml_away_money",
        spread_home_public: Scalar<'a> = "spread_home_public",
        spread_away_public: Scalar<'a> = "spread_away_public",
        spread_home_money: Scalar<'a> = "spread_home_money",
        spread_away_money: Scalar<'a> = "spread_away_money",
        total_over_public: Scalar<'a> = "total_over_public",
        total_under_public: Scalar<'a> = "total_under_public",
        total_over_money: Scalar<'a> = "total_over_money",
        total_under_money: Scalar<'a> = "total_under_money",
    }
}

/// One price of a row: the members that hold it and where it belongs.
struct Cell<'r> {
    market: Market,
    side: Side,
    participant: Option<Word>,
    price: (&'static str, &'r Scalar<'r>),
    line: Option<(&'static str, &'r Scalar<'r>)>,
}

/// Every row of a game.
pub(super) fn rows(
    rows: &List<Row<'_>>,
    game: &GameRef,
    splits: &mut Splits,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    if rows.shape == Shape::Wrong {
        collector
            .rejects
            .push(place, "the odds are not a list of rows");
    }
    for (index, row) in rows.items.iter().enumerate() {
        one_row(row, game, splits, &place.at(index), collector);
    }
}

fn one_row(
    row: &Row<'_>,
    game: &GameRef,
    splits: &mut Splits,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    if row.shape != Shape::Right {
        collector.rejects.push(place, "a row is not an object");
        return;
    }
    let Some(book) = row.book_id.id() else {
        collector.rejects.push(
            &place.key("book_id"),
            "a row without a book cannot be placed",
        );
        return;
    };
    let book = collector.book(&book);
    let Some((period, phase)) = row.kind.text().and_then(names::period) else {
        collector
            .rejects
            .push(&place.key("type"), "this period is not known");
        return;
    };
    let inserted = collector.optional_time(&row.inserted, &place.key("inserted"));
    for cell in cells(row, game, collector) {
        let Some(mut offer) = offer(&cell, place, collector) else {
            continue;
        };
        offer.source_at = inserted;
        let placed = placed(&cell, period, phase);
        let slot = placed.slot(game, &book, phase);
        collector.quote(&slot, &offer, &place.key(cell.price.0));
    }
    row_splits(row, (period, phase), &book, game, splits, place, collector);
}

fn placed(cell: &Cell<'_>, period: Period, phase: Option<Phase>) -> Placed {
    Placed {
        market: cell.market.clone(),
        period,
        phase,
        side: cell.side,
        participant: cell.participant.clone(),
    }
}

fn cells<'r>(row: &'r Row<'_>, game: &GameRef, collector: &mut Collector<'_>) -> Vec<Cell<'r>> {
    // Bare rows name no teams; version 1 itself calls them home and away.
    let home = game
        .home
        .as_ref()
        .map_or_else(|| collector.word("home"), |team| team.name.clone());
    let away = game
        .away
        .as_ref()
        .map_or_else(|| collector.word("away"), |team| team.name.clone());
    let plain = |market, side, name, price| Cell {
        market,
        side,
        participant: None,
        price: (name, price),
        line: None,
    };
    let lined = |market, side, name, price, line_name, line| Cell {
        line: Some((line_name, line)),
        ..plain(market, side, name, price)
    };
    let of_team = |team: &Word, cell: Cell<'r>| Cell {
        participant: Some(team.clone()),
        ..cell
    };
    let (spread, total, team) = (Market::Spread, Market::Total, Market::TeamTotal);
    vec![
        plain(Market::Moneyline, Side::Home, "ml_home", &row.ml_home),
        plain(Market::Moneyline, Side::Away, "ml_away", &row.ml_away),
        plain(Market::Moneyline, Side::Draw, "draw", &row.draw),
        lined(
            spread.clone(),
            Side::Home,
            "spread_home_line",
            &row.spread_home_line,
            "spread_home",
            &row.spread_home,
        ),
        lined(
            spread,
            Side::Away,
            "spread_away_line",
            &row.spread_away_line,
            "spread_away",
            &row.spread_away,
        ),
        lined(
            total.clone(),
            Side::Over,
            "over",
            &row.over,
            "total",
            &row.total,
        ),
        lined(total, Side::Under, "under", &row.under, "total", &row.total),
        of_team(
            &home,
            lined(
                team.clone(),
                Side::Over,
                "home_over",
                &row.home_over,
                "home_total",
                &row.home_total,
            ),
        ),
        of_team(
            &home,
            lined(
                team.clone(),
                Side::Under,
                "home_under",
                &row.home_under,
                "home_total",
                &row.home_total,
            ),
        ),
        of_team(
            &away,
            lined(
                team.clone(),
                Side::Over,
                "away_over",
                &row.away_over,
                "away_total",
                &row.away_total,
            ),
        ),
        of_team(
            &away,
            lined(
                team,
                Side::Under,
                "away_under",
                &row.away_under,
                "away_total",
                &row.away_total,
            ),
        ),
    ]
}

/// A cell's offer; none where the row has nothing in it, or, with a reject noted, where it cannot be read.
fn offer(cell: &Cell<'_>, place: &Pointer<'_>, collector: &mut Collector<'_>) -> Option<Offer> {
    let (price_name, price) = cell.price;
    let no_line = cell.line.is_none_or(|(_, line)| line.is_none());
    // A market the book does not offer is null throughout: nothing is there to be refused.
    if price.is_none() && no_line {
        return None;
    }
    // A line without a price is a market off the board.
    let odds = if price.is_none() {
        Ok(None)
    } else {
        outcome::price(price)
    };
    let odds = match odds {
        Ok(odds) => odds,
        Err(reason) => {
            collector.rejects.push(&place.key(price_name), reason);
            return None;
        }
    };
    let status = if odds.is_some() {
        QuoteStatus::Open
    } else {
        QuoteStatus::Off
    };
    let line = match cell.line {
        None => None,
        Some((line_name, line)) => match outcome::line(line, status) {
            Ok(line) => line,
            Err(reason) => {
                collector.rejects.push(&place.key(line_name), reason);
                return None;
            }
        },
    };
    Some(Offer {
        line,
        odds,
        status,
        main: true,
        opener: false,
        source_at: None,
    })
}

fn row_splits(
    row: &Row<'_>,
    (period, phase): (Period, Option<Phase>),
    book: &BookRef,
    game: &GameRef,
    splits: &mut Splits,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    let sides = [
        (
            Market::Moneyline,
            Side::Home,
            "ml_home_public",
            &row.ml_home_public,
            &row.ml_home_money,
        ),
        (
            Market::Moneyline,
            Side::Away,
            "ml_away_public",
            &row.ml_away_public,
            &row.ml_away_money,
        ),
        (
            Market::Spread,
            Side::Home,
            "spread_home_public",
            &row.spread_home_public,
            &row.spread_home_money,
        ),
        (
            Market::Spread,
            Side::Away,
            "spread_away_public",
            &row.spread_away_public,
            &row.spread_away_money,
        ),
        (
            Market::Total,
            Side::Over,
            "total_over_public",
            &row.total_over_public,
            &row.total_over_money,
        ),
        (
            Market::Total,
            Side::Under,
            "total_under_public",
            &row.total_under_public,
            &row.total_under_money,
        ),
    ];
    let id: Arc<str> = Arc::clone(book.id());
    for (market, side, name, tickets, money) in sides {
        let placed = Placed {
            market,
            period,
            phase,
            side,
            participant: None,
        };
        splits.of_book(
            (tickets, money),
            &id,
            game,
            &placed,
            &place.key(name),
            collector,
        );
    }
}
