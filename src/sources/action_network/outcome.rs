//! One side of a market as version 2 and the history write it.

use std::sync::Arc;

use super::names;
use crate::domain::market::{Line, Market, Period, Phase, QuoteStatus, Side};
use crate::domain::odds::Odds;
use crate::sources::collector::{BookRef, Collector, Offer, Slot, Word};
use crate::sources::json::{List, Pointer, Scalar, Shape, Skip, record};

record! {
    /// An outcome. Book 30's lack `is_live`, `line_status` and `bet_info`.
    Outcome<'a> {
        _outcome_id: Skip = "outcome_id",
        _market_id: Skip = "market_id",
        _event_type: Skip = "event_type",
        event_id: Scalar<'a> = "event_id",
        _league_id: Skip = "league_id",
        book_id: Scalar<'a> = "book_id",
        _book_parent_id: Skip = "book_parent_id",
        _core_book_id: Skip = "core_book_id",
        kind: Scalar<'a> = "type",
        side: Scalar<'a> = "side",
        period: Scalar<'a> = "period",
        team_id: Scalar<'a> = "team_id",
        odds: Scalar<'a> = "odds",
        value: Scalar<'a> = "value",
        _player_id: Skip = "player_id",
        _competitor_id: Skip = "competitor_id",
        _option_type_id: Skip = "option_type_id",
        is_live: Scalar<'a> = "is_live",
        _deeplink_id: Skip = "deeplink_id",
        line_status: Scalar<'a> = "line_status",
        bet_info: BetInfo<'a> = "bet_info",
        _coefficient: Skip = "odds_coefficient_score",
        history: List<Tick<'a>> = "history",
    }
}
record! {
    /// Tickets and money.
    BetInfo<'a> { tickets: Share<'a> = "tickets", money: Share<'a> = "money" }
}
record! {
    /// A count and a percentage.
    Share<'a> { value: Scalar<'a> = "value", percent: Scalar<'a> = "percent" }
}
record! {
    /// One step of an outcome's history.
    Tick<'a> {
        odds: Scalar<'a> = "odds",
        value: Scalar<'a> = "value",
        is_live: Scalar<'a> = "is_live",
        updated_at: Scalar<'a> = "updated_at",
        line_status: Scalar<'a> = "line_status",
    }
}

/// A team of the game, by Action Network's id.
#[derive(Debug, Clone)]
pub(super) struct TeamRef {
    pub(super) id: Box<str>,
    pub(super) name: Word,
}

/// What is known of the game an outcome belongs to.
#[derive(Debug, Clone, Default)]
pub(super) struct GameRef {
    pub(super) id: Option<Word>,
    pub(super) home: Option<TeamRef>,
    pub(super) away: Option<TeamRef>,
}

/// The keys above an outcome: book, period and type.
pub(super) struct Keys<'k> {
    pub(super) book: &'k BookRef,
    pub(super) period: &'k str,
    pub(super) kind: &'k str,
}

/// An outcome placed, before its price is read.
pub(super) struct Placed {
    pub(super) market: Market,
    pub(super) period: Period,
    pub(super) phase: Option<Phase>,
    pub(super) side: Side,
    pub(super) participant: Option<Word>,
}

impl Placed {
    /// The place of an offer.
    pub(super) const fn slot<'s>(
        &'s self,
        game: &'s GameRef,
        book: &'s BookRef,
        phase: Option<Phase>,
    ) -> Slot<'s> {
        Slot {
            game: game.id.as_ref(),
            book,
            market: &self.market,
            period: self.period,
            phase,
            side: self.side,
            participant: self.participant.as_ref(),
        }
    }
}

/// Where `outcome` belongs; none, with a reject noted, when that cannot be told.
pub(super) fn place(
    outcome: &Outcome<'_>,
    keys: &Keys<'_>,
    game: &GameRef,
    at: &Pointer<'_>,
    collector: &mut Collector<'_>,
) -> Option<Placed> {
    match placed(outcome, keys, game, collector) {
        Ok(placed) => Some(placed),
        Err((member, reason)) => {
            match member {
                Some(member) => collector.rejects.push(&at.key(member), reason),
                None => collector.rejects.push(at, reason),
            }
            None
        }
    }
}

type Refused = (Option<&'static str>, String);

fn placed(
    outcome: &Outcome<'_>,
    keys: &Keys<'_>,
    game: &GameRef,
    collector: &mut Collector<'_>,
) -> Result<Placed, Refused> {
    if outcome.shape != Shape::Right {
        return Err((None, "an outcome is not an object".into()));
    }
    agree(outcome, keys, game)?;
    let (period, phase) = names::period(keys.period)
        .ok_or_else(|| (None, format!("period {:?} is not known", keys.period)))?;
    let market = names::market(keys.kind)
        .ok_or_else(|| (None, format!("market type {:?} is not known", keys.kind)))?;
    let team = team_of(&outcome.team_id, game)?;
    let side = outcome.side.text().and_then(names::side).ok_or((
        Some("side"),
        "side is not home, away, over, under or draw".to_owned(),
    ))?;
    // The order of the two outcomes is random and `side` is text: where a team id is given, it must say the same.
    let other = match (side, team) {
        (Side::Home, Some(team)) => game.away.as_ref().is_some_and(|away| away.id == team.id),
        (Side::Away, Some(team)) => game.home.as_ref().is_some_and(|home| home.id == team.id),
        _ => false,
    };
    if other {
        return Err((
            Some("team_id"),
            format!("side is {side} but the team is the other one"),
        ));
    }
    let participant = if market == Market::TeamTotal {
        Some(match team {
            Some(team) => team.name.clone(),
            // A history names no teams, so the feed's id stands for the team.
            None => outcome
                .team_id
                .id()
                .map(|id| collector.word(&id))
                .ok_or((Some("team_id"), "a team total without a team".to_owned()))?,
        })
    } else {
        None
    };
    let phase = match outcome.is_live.flag() {
        Some(true) => Some(Phase::Live),
        Some(false) => Some(Phase::Pregame),
        None => phase,
    };
    Ok(Placed {
        market,
        period,
        phase,
        side,
        participant,
    })
}

/// An outcome repeats the keys above it; a contradiction means one of them is wrong, and no one can tell which.
fn agree(outcome: &Outcome<'_>, keys: &Keys<'_>, game: &GameRef) -> Result<(), Refused> {
    let differs = |scalar: &Scalar<'_>, key: &str| !scalar.is_none() && !scalar.is_id(key);
    if differs(&outcome.book_id, keys.book.id()) {
        return Err((
            Some("book_id"),
            format!("the outcome stands under book {}", keys.book.id()),
        ));
    }
    if differs(&outcome.period, keys.period) {
        return Err((
            Some("period"),
            format!("the outcome stands under period {}", keys.period),
        ));
    }
    if differs(&outcome.kind, keys.kind) {
        return Err((
            Some("type"),
            format!("the outcome stands under type {}", keys.kind),
        ));
    }
    match &game.id {
        Some(id) if differs(&outcome.event_id, &id.text) => Err((
            Some("event_id"),
            format!("the outcome stands under game {}", id.text),
        )),
        _ => Ok(()),
    }
}

/// The team an outcome names; none when it names none or the game's teams are not known.
fn team_of<'g>(team_id: &Scalar<'_>, game: &'g GameRef) -> Result<Option<&'g TeamRef>, Refused> {
    if team_id.id().is_none() {
        return Ok(None);
    }
    let (Some(home), Some(away)) = (&game.home, &game.away) else {
        return Ok(None);
    };
    [home, away]
        .into_iter()
        .find(|team| team_id.is_id(&team.id))
        .map(Some)
        .ok_or((
            Some("team_id"),
            "the team does not play in this game".to_owned(),
        ))
}

/// The members that make an offer, of an outcome or of one of its ticks.
pub(super) struct Terms<'t> {
    pub(super) odds: &'t Scalar<'t>,
    pub(super) value: &'t Scalar<'t>,
    pub(super) line_status: &'t Scalar<'t>,
}

/// What is offered; none, with a reject noted, when that cannot be read.
pub(super) fn offer(
    terms: &Terms<'_>,
    market: &Market,
    book: &Arc<str>,
    at: &Pointer<'_>,
    collector: &mut Collector<'_>,
) -> Option<Offer> {
    match offered(terms, market, book) {
        Ok(offer) => Some(offer),
        Err((member, reason)) => {
            collector.rejects.push(&at.key(member), reason);
            None
        }
    }
}

fn offered(
    terms: &Terms<'_>,
    market: &Market,
    book: &Arc<str>,
) -> Result<Offer, (&'static str, String)> {
    let odds = price(terms.odds).map_err(|reason| ("odds", reason))?;
    let (status, opener) = match terms.line_status {
        Scalar::Absent | Scalar::Null => (QuoteStatus::Open, false),
        Scalar::Text(text) => match *text {
            "normal" => (QuoteStatus::Open, false),
            "opener" => (QuoteStatus::Open, true),
            "suspended" => (QuoteStatus::Suspended, false),
            "off" => (QuoteStatus::Off, false),
            other => return Err(("line_status", format!("line status {other:?} is not known"))),
        },
        _ => return Err(("line_status", "line status is not text".into())),
    };
    let (status, odds) = match (status, odds) {
        (QuoteStatus::Off, _) | (_, None) => (QuoteStatus::Off, None),
        (status, odds) => (status, odds),
    };
    let line = if market.has_line() {
        line(terms.value, status).map_err(|reason| ("value", reason))?
    } else {
        // A moneyline's value is 0, which is no line.
        None
    };
    Ok(Offer {
        line,
        odds,
        status,
        main: true,
        opener: opener && **book != *names::OPENER_BOOK,
        source_at: None,
    })
}

/// An American price; none for a market that is off the board, which feeds write as null, 0 or OFF.
pub(super) fn price(odds: &Scalar<'_>) -> Result<Option<Odds>, String> {
    match odds {
        Scalar::Null => return Ok(None),
        Scalar::Absent => return Err("there is no price".into()),
        Scalar::Text(text) if text.eq_ignore_ascii_case("off") => return Ok(None),
        _ => {}
    }
    match odds.whole() {
        Some(0) => Ok(None),
        Some(american) => Odds::american(american)
            .map(Some)
            .map_err(|error| error.to_string()),
        None => Err("American odds are whole numbers".into()),
    }
}

/// A line in points. One that is off the board may have none.
pub(super) fn line(value: &Scalar<'_>, status: QuoteStatus) -> Result<Option<Line>, String> {
    if value.is_none() {
        return if status == QuoteStatus::Off {
            Ok(None)
        } else {
            Err("there is no line".into())
        };
    }
    let points = value.number().ok_or("the line is not a number")?;
    Line::from_points(points)
        .map(Some)
        .ok_or_else(|| format!("a line of {points} does not exist: lines lie on quarter points"))
}
