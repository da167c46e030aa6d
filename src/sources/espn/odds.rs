//! `odds[]` of a game, in the three forms it has had.
//!
//! - since 2025: `moneyline`, `pointSpread` and `total`, by side, with `open` and `close`;
//! - before: numbers in `homeTeamOdds` and `awayTeamOdds`, with `spread` from the home side, and `overUnder`;
//! - at first: `details` (`"CHW -155"`, `"MEM -1.0"`) and `overUnder` only.
//!
//! The core service writes the second form with `open`, `close` and `current` inside each side.

use super::price;
use crate::domain::league::League;
use crate::domain::market::{Line, Market, Period, Phase, QuoteStatus, Side};
use crate::sources::collector::{BookRef, Collector, Offer, Slot, Word};
use crate::sources::json::{List, Pointer, Scalar, Shape, record};

record! {
    /// One book's prices on a game.
    Odds<'a> {
        link: Scalar<'a> = "$ref",
        provider: Provider<'a> = "provider",
        details: Scalar<'a> = "details",
        over_under: Scalar<'a> = "overUnder",
        spread: Scalar<'a> = "spread",
        over_price: Scalar<'a> = "overOdds",
        under_price: Scalar<'a> = "underOdds",
        away: TeamOdds<'a> = "awayTeamOdds",
        home: TeamOdds<'a> = "homeTeamOdds",
        draw: TeamOdds<'a> = "drawOdds",
        moneyline: Sides<'a> = "moneyline",
        point_spread: Sides<'a> = "pointSpread",
        total: Sides<'a> = "total",
        open: Totals<'a> = "open",
        close: Totals<'a> = "close",
        current: Totals<'a> = "current",
    }
}
record! {
    /// The book.
    Provider<'a> { id: Scalar<'a> = "id", name: Scalar<'a> = "name" }
}
record! {
    /// One side as numbers.
    TeamOdds<'a> {
        money_line: Scalar<'a> = "moneyLine",
        spread_odds: Scalar<'a> = "spreadOdds",
        open: TeamMoment<'a> = "open",
        close: TeamMoment<'a> = "close",
        current: TeamMoment<'a> = "current",
    }
}
record! {
    /// One side at one moment, as the core service has it.
    TeamMoment<'a> {
        money_line: Told<'a> = "moneyLine",
        point_spread: Told<'a> = "pointSpread",
        spread: Told<'a> = "spread",
    }
}
record! {
    /// Over and under at one moment, as the core service has them.
    Totals<'a> { over: Told<'a> = "over", under: Told<'a> = "under", total: Told<'a> = "total" }
}
record! {
    /// A price or a line in every format.
    Told<'a> { american: Scalar<'a> = "american" }
}
record! {
    /// One market by side.
    Sides<'a> {
        home: Moments<'a> = "home",
        away: Moments<'a> = "away",
        draw: Moments<'a> = "draw",
        over: Moments<'a> = "over",
        under: Moments<'a> = "under",
    }
}
record! {
    /// One side, first and latest. Before the start `close` is the price in force.
    Moments<'a> { open: Moment<'a> = "open", close: Moment<'a> = "close" }
}
record! {
    /// One side at one moment.
    Moment<'a> { line: Scalar<'a> = "line", odds: Scalar<'a> = "odds" }
}

/// What is known of the game the prices are for.
pub(super) struct GameRef<'g> {
    pub(super) id: Option<&'g Word>,
    pub(super) league: League,
    /// Abbreviations, home first, by which `details` names the favourite.
    pub(super) teams: Option<(&'g str, &'g str)>,
    /// Whether the game has begun: what is still shown then is the close.
    pub(super) begun: bool,
}

/// Where a member stands below the book's object.
type Place = &'static [&'static str];

/// A price and its line as they stand.
struct Terms<'t, 'a> {
    odds: (&'t Scalar<'a>, Place),
    line: (&'t Scalar<'a>, Place),
}

/// One side of a market.
struct Outcome<'t, 'a> {
    market: &'t Market,
    side: Side,
    /// By preference; the first that has a price or is off stands.
    now: Vec<Terms<'t, 'a>>,
    opener: Vec<Terms<'t, 'a>>,
    /// The line where the terms have none.
    line: Option<Line>,
}

/// Every book's prices.
pub(super) fn all(
    list: &List<Odds<'_>>,
    game: &GameRef<'_>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    if list.shape == Shape::Wrong {
        collector.rejects.push(place, "the odds are not a list");
    }
    for (index, odds) in list.items.iter().enumerate() {
        // A book that has nothing may be null.
        if odds.shape != Shape::Null {
            of_book(odds, game, &place.at(index), collector);
        }
    }
}

/// One book's prices.
pub(super) fn of_book(
    odds: &Odds<'_>,
    game: &GameRef<'_>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    if odds.shape != Shape::Right {
        collector
            .rejects
            .push(place, "a book's odds are not an object");
        return;
    }
    let Some(id) = odds.provider.id.id() else {
        let provider = place.key("provider");
        collector
            .rejects
            .push(&provider, "prices without their book's id belong nowhere");
        return;
    };
    let book = collector.book(&id);
    let live = odds
        .provider
        .name
        .text()
        .is_some_and(|name| name.to_ascii_lowercase().contains("live odds"));
    let phase = match (live, game.begun) {
        (true, _) => Some(Phase::Live),
        (false, true) => Some(Phase::Pregame),
        (false, false) => None,
    };
    let book = Book {
        id: &book,
        game,
        phase,
    };
    book.moneyline(odds, place, collector);
    book.spread(odds, place, collector);
    book.total(odds, place, collector);
}

struct Book<'b> {
    id: &'b BookRef,
    game: &'b GameRef<'b>,
    phase: Option<Phase>,
}

const NOWHERE: Place = &[];
static ABSENT: Scalar<'static> = Scalar::Absent;

impl Book<'_> {
    fn moneyline(&self, odds: &Odds<'_>, place: &Pointer<'_>, collector: &mut Collector<'_>) {
        macro_rules! side {
            ($side:ident, $name:literal, $team:ident, $team_name:literal) => {
                Outcome {
                    market: &Market::Moneyline,
                    side: Side::$side,
                    now: vec![
                        priced(
                            &odds.moneyline.$team.close.odds,
                            &["moneyline", $name, "close", "odds"],
                        ),
                        priced(
                            &odds.$team.current.money_line.american,
                            &[$team_name, "current", "moneyLine", "american"],
                        ),
                        priced(
                            &odds.$team.close.money_line.american,
                            &[$team_name, "close", "moneyLine", "american"],
                        ),
                        priced(&odds.$team.money_line, &[$team_name, "moneyLine"]),
                    ],
                    opener: vec![
                        priced(
                            &odds.moneyline.$team.open.odds,
                            &["moneyline", $name, "open", "odds"],
                        ),
                        priced(
                            &odds.$team.open.money_line.american,
                            &[$team_name, "open", "moneyLine", "american"],
                        ),
                    ],
                    line: None,
                }
            };
        }
        let sides = [
            side!(Home, "home", home, "homeTeamOdds"),
            side!(Away, "away", away, "awayTeamOdds"),
            side!(Draw, "draw", draw, "drawOdds"),
        ];
        let found = self.outcomes(&sides, place, collector);
        if !found && let Some((text, number)) = favourite(odds).filter(|(_, n)| n.abs() >= 100.0) {
            self.favourite_only(text, number, &place.key("details"), collector);
        }
    }

    fn spread(&self, odds: &Odds<'_>, place: &Pointer<'_>, collector: &mut Collector<'_>) {
        let home = self.home_line(odds, place, collector);
        let away = home.map(|line| Line::from_hundredths(-line.hundredths()));
        macro_rules! side {
            ($side:ident, $name:literal, $team:ident, $team_name:literal) => {
                Outcome {
                    market: &Market::Spread,
                    side: Side::$side,
                    now: vec![
                        Terms {
                            odds: (
                                &odds.point_spread.$team.close.odds,
                                &["pointSpread", $name, "close", "odds"],
                            ),
                            line: (
                                &odds.point_spread.$team.close.line,
                                &["pointSpread", $name, "close", "line"],
                            ),
                        },
                        Terms {
                            odds: (
                                &odds.$team.current.spread.american,
                                &[$team_name, "current", "spread", "american"],
                            ),
                            line: (
                                &odds.$team.current.point_spread.american,
                                &[$team_name, "current", "pointSpread", "american"],
                            ),
                        },
                        Terms {
                            odds: (
                                &odds.$team.close.spread.american,
                                &[$team_name, "close", "spread", "american"],
                            ),
                            line: (
                                &odds.$team.close.point_spread.american,
                                &[$team_name, "close", "pointSpread", "american"],
                            ),
                        },
                        priced(&odds.$team.spread_odds, &[$team_name, "spreadOdds"]),
                    ],
                    opener: vec![
                        Terms {
                            odds: (
                                &odds.point_spread.$team.open.odds,
                                &["pointSpread", $name, "open", "odds"],
                            ),
                            line: (
                                &odds.point_spread.$team.open.line,
                                &["pointSpread", $name, "open", "line"],
                            ),
                        },
                        Terms {
                            odds: (
                                &odds.$team.open.spread.american,
                                &[$team_name, "open", "spread", "american"],
                            ),
                            line: (
                                &odds.$team.open.point_spread.american,
                                &[$team_name, "open", "pointSpread", "american"],
                            ),
                        },
                    ],
                    line: if Side::$side == Side::Home {
                        home
                    } else {
                        away
                    },
                }
            };
        }
        let sides = [
            side!(Home, "home", home, "homeTeamOdds"),
            side!(Away, "away", away, "awayTeamOdds"),
        ];
        if !self.outcomes(&sides, place, collector) && home.is_some() {
            self.lines_only(&sides, place, collector);
        }
    }

    fn total(&self, odds: &Odds<'_>, place: &Pointer<'_>, collector: &mut Collector<'_>) {
        let line = match price::line(&odds.over_under) {
            // No game ends without a point: a total of 0 is none.
            Ok(line) => line.filter(|line| line.hundredths() > 0),
            Err(reason) => {
                collector.rejects.push(&place.key("overUnder"), reason);
                None
            }
        };
        macro_rules! side {
            ($side:ident, $name:literal, $field:ident, $flat:ident, $flat_name:literal) => {
                Outcome {
                    market: &Market::Total,
                    side: Side::$side,
                    now: vec![
                        Terms {
                            odds: (
                                &odds.total.$field.close.odds,
                                &["total", $name, "close", "odds"],
                            ),
                            line: (
                                &odds.total.$field.close.line,
                                &["total", $name, "close", "line"],
                            ),
                        },
                        Terms {
                            odds: (
                                &odds.current.$field.american,
                                &["current", $name, "american"],
                            ),
                            line: (
                                &odds.current.total.american,
                                &["current", "total", "american"],
                            ),
                        },
                        Terms {
                            odds: (&odds.close.$field.american, &["close", $name, "american"]),
                            line: (&odds.close.total.american, &["close", "total", "american"]),
                        },
                        priced(&odds.$flat, &[$flat_name]),
                    ],
                    opener: vec![
                        Terms {
                            odds: (
                                &odds.total.$field.open.odds,
                                &["total", $name, "open", "odds"],
                            ),
                            line: (
                                &odds.total.$field.open.line,
                                &["total", $name, "open", "line"],
                            ),
                        },
                        Terms {
                            odds: (&odds.open.$field.american, &["open", $name, "american"]),
                            line: (&odds.open.total.american, &["open", "total", "american"]),
                        },
                    ],
                    line,
                }
            };
        }
        let sides = [
            side!(Over, "over", over, over_price, "overOdds"),
            side!(Under, "under", under, under_price, "underOdds"),
        ];
        if !self.outcomes(&sides, place, collector) && line.is_some() {
            self.lines_only(&sides, place, collector);
        }
    }

    /// Whether anything is told of the present.
    fn outcomes(
        &self,
        sides: &[Outcome<'_, '_>],
        place: &Pointer<'_>,
        collector: &mut Collector<'_>,
    ) -> bool {
        let mut found = false;
        for (opener, outcome) in sides
            .iter()
            .map(|side| (false, side))
            .chain(sides.iter().map(|side| (true, side)))
        {
            let terms = if opener {
                &outcome.opener
            } else {
                &outcome.now
            };
            if let Some(terms) = terms.iter().find(|terms| !terms.odds.0.is_none()) {
                found |= !opener;
                self.quote(outcome, terms, opener, place, collector);
            }
        }
        found
    }

    fn quote(
        &self,
        outcome: &Outcome<'_, '_>,
        terms: &Terms<'_, '_>,
        opener: bool,
        place: &Pointer<'_>,
        collector: &mut Collector<'_>,
    ) {
        let (status, odds) = match price::price(terms.odds.0) {
            Ok(Some(price)) => price,
            Ok(None) => return,
            Err(reason) => return refuse(place, terms.odds.1, reason, collector),
        };
        let line = match price::line(terms.line.0) {
            Ok(line) => line,
            Err(reason) => return refuse(place, terms.line.1, reason, collector),
        };
        // The line beside an opener is the present one, so it is none of the opener.
        let line = line.or(outcome.line.filter(|_| !opener));
        if outcome.market.has_line() && line.is_none() && status == QuoteStatus::Open {
            let reason = "a price without its line".to_owned();
            return refuse(place, terms.odds.1, reason, collector);
        }
        self.offer(outcome, (line, status, odds), opener, place, collector);
    }

    /// A market of which only the line is told: shown, without a price to bet.
    fn lines_only(
        &self,
        sides: &[Outcome<'_, '_>],
        place: &Pointer<'_>,
        collector: &mut Collector<'_>,
    ) {
        for outcome in sides {
            let terms = (outcome.line, QuoteStatus::Off, None);
            self.offer(outcome, terms, false, place, collector);
        }
    }

    /// `"CHW -155"`: the price of one side and nothing of the other.
    fn favourite_only(
        &self,
        team: &str,
        number: f64,
        place: &Pointer<'_>,
        collector: &mut Collector<'_>,
    ) {
        let Some(side) = self.side_of(team) else {
            if self.game.teams.is_some() {
                collector
                    .rejects
                    .push(place, "the favourite is neither team of the game");
            }
            return;
        };
        match price::price(&Scalar::Float(number)) {
            Ok(Some((status, odds))) => {
                let outcome = Outcome {
                    market: &Market::Moneyline,
                    side,
                    now: Vec::new(),
                    opener: Vec::new(),
                    line: None,
                };
                self.offer(&outcome, (None, status, odds), false, place, collector);
            }
            Ok(None) => {}
            Err(reason) => collector.rejects.push(place, reason),
        }
    }

    fn offer(
        &self,
        outcome: &Outcome<'_, '_>,
        (line, status, odds): (Option<Line>, QuoteStatus, Option<crate::domain::odds::Odds>),
        opener: bool,
        place: &Pointer<'_>,
        collector: &mut Collector<'_>,
    ) {
        let slot = Slot {
            game: self.game.id,
            book: self.id,
            market: outcome.market,
            period: Period::Full,
            phase: if opener { None } else { self.phase },
            side: outcome.side,
            participant: None,
        };
        let offer = Offer {
            line,
            odds,
            status,
            main: true,
            opener,
            source_at: None,
        };
        collector.quote(&slot, &offer, place);
    }

    /// The home side's line: `spread`, which is signed from there, else what `details` says of the favourite.
    fn home_line(
        &self,
        odds: &Odds<'_>,
        place: &Pointer<'_>,
        collector: &mut Collector<'_>,
    ) -> Option<Line> {
        match price::line(&odds.spread) {
            Ok(Some(line)) => return Some(line),
            Ok(None) => {}
            Err(reason) => {
                collector.rejects.push(&place.key("spread"), reason);
                return None;
            }
        }
        let favours_none = odds
            .details
            .text()
            .is_some_and(|text| price::is_even(text.trim()));
        if favours_none {
            // Where `details` is a moneyline, even says nothing of a line.
            let by_line = matches!(
                self.game.league,
                League::Nfl | League::Ncaaf | League::Nba | League::Ncaab | League::Wnba
            );
            return by_line.then(|| Line::from_hundredths(0));
        }
        let (team, points) = favourite(odds).filter(|(_, points)| points.abs() < 100.0)?;
        let Some(side) = self.side_of(team) else {
            if self.game.teams.is_some() {
                collector.rejects.push(
                    &place.key("details"),
                    "the favourite is neither team of the game",
                );
            }
            return None;
        };
        Line::from_points(if side == Side::Home { points } else { -points })
    }

    fn side_of(&self, abbreviation: &str) -> Option<Side> {
        let (home, away) = self.game.teams?;
        if abbreviation.eq_ignore_ascii_case(home) {
            Some(Side::Home)
        } else if abbreviation.eq_ignore_ascii_case(away) {
            Some(Side::Away)
        } else {
            None
        }
    }
}

const fn priced<'t, 'a>(odds: &'t Scalar<'a>, place: Place) -> Terms<'t, 'a>
where
    'static: 't,
{
    Terms {
        odds: (odds, place),
        line: (&ABSENT, NOWHERE),
    }
}

/// `"MEM -1.0"`: who is favoured and by what.
fn favourite<'a>(odds: &Odds<'a>) -> Option<(&'a str, f64)> {
    let (team, number) = odds.details.text()?.trim().rsplit_once(' ')?;
    let number = price::points(number)?;
    (number != 0.0).then(|| (team.trim(), number))
}

/// Note a reject below `place`.
fn refuse(place: &Pointer<'_>, below: Place, reason: String, collector: &mut Collector<'_>) {
    match below {
        [] => collector.rejects.push(place, reason),
        [first, rest @ ..] => refuse(&place.key(first), rest, reason, collector),
    }
}
