//! One outcome of a market.

use chrono::{DateTime, Utc};

use super::format::Format;
use super::market::{Known, Style};
use super::slate::Outcome;
use crate::domain::market::{Line, Market, QuoteStatus, Side};
use crate::sources::collector::{BookRef, Collector, Offer, Slot, Word};
use crate::sources::json::{Pointer, Scalar, Shape};

/// The event's teams. Outcomes are ordered by the alphabet, so that only the name tells the side.
pub(super) struct Teams {
    pub(super) home: Word,
    pub(super) away: Word,
}

impl Teams {
    fn side(&self, name: &str) -> Option<Side> {
        if name == &*self.home.text {
            Some(Side::Home)
        } else if name == &*self.away.text {
            Some(Side::Away)
        } else if name.eq_ignore_ascii_case("draw") {
            Some(Side::Draw)
        } else {
            None
        }
    }

    fn named(&self, name: &str) -> Option<&Word> {
        [&self.home, &self.away]
            .into_iter()
            .find(|team| *team.text == *name)
    }
}

/// What the outcomes of one market have in common.
pub(super) struct Sheet<'s> {
    pub(super) game: &'s Word,
    pub(super) book: &'s BookRef,
    pub(super) teams: &'s Teams,
    pub(super) known: &'s Known,
    pub(super) format: Format,
    pub(super) source_at: Option<DateTime<Utc>>,
}

/// Whether the two points of a main spread contradict each other.
pub(super) fn points_disagree(outcomes: &[Outcome<'_>], sheet: &Sheet<'_>) -> bool {
    if sheet.known.market != Market::Spread || !sheet.known.main {
        return false;
    }
    let [one, other] = outcomes else { return false };
    match (one.point.number(), other.point.number()) {
        (Some(one), Some(other)) => (one + other).abs() > 1e-9,
        _ => false,
    }
}

/// Take one outcome.
pub(super) fn take(
    outcome: &Outcome<'_>,
    sheet: &Sheet<'_>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    match read(outcome, sheet, collector) {
        Ok((side, participant, offer)) => {
            let slot = Slot {
                game: Some(sheet.game),
                book: sheet.book,
                market: &sheet.known.market,
                period: sheet.known.period,
                // The feed has no flag: games in play stay in the list, and staging decides by the start.
                phase: None,
                side,
                participant: participant.as_ref(),
            };
            collector.quote(&slot, &offer, place);
        }
        Err((Some(member), reason)) => collector.rejects.push(&place.key(member), reason),
        Err((None, reason)) => collector.rejects.push(place, reason),
    }
}

type Refused = (Option<&'static str>, String);

fn read(
    outcome: &Outcome<'_>,
    sheet: &Sheet<'_>,
    collector: &mut Collector<'_>,
) -> Result<(Side, Option<Word>, Offer), Refused> {
    if outcome.shape != Shape::Right {
        return Err((None, "an outcome is not an object".into()));
    }
    let known = sheet.known;
    let name = outcome.name.text().ok_or((
        Some("name"),
        "an outcome without a name has no side".to_owned(),
    ))?;
    let (side, participant) = match known.style {
        Style::Teams => {
            let side = sheet.teams.side(name).ok_or_else(|| {
                (
                    Some("name"),
                    format!("{name:?} is neither of the event's teams"),
                )
            })?;
            (side, None)
        }
        Style::Total => (over_under(name)?, None),
        Style::OverUnderOf => {
            let side = over_under(name)?;
            let subject = outcome.description.text().ok_or((
                Some("description"),
                "an outcome of a team or player needs its name in description".to_owned(),
            ))?;
            let participant = if known.market == Market::TeamTotal {
                sheet.teams.named(subject).cloned().ok_or_else(|| {
                    (
                        Some("description"),
                        format!("{subject:?} is neither of the event's teams"),
                    )
                })?
            } else {
                collector.word(subject)
            };
            (side, Some(participant))
        }
    };
    let odds = sheet
        .format
        .price(&outcome.price)
        .map_err(|reason| (Some("price"), reason))?;
    let status = if odds.is_some() {
        QuoteStatus::Open
    } else {
        QuoteStatus::Off
    };
    let line = line(&outcome.point, known, status).map_err(|reason| (Some("point"), reason))?;
    let offer = Offer {
        line,
        odds,
        status,
        main: known.main,
        opener: false,
        source_at: sheet.source_at,
    };
    Ok((side, participant, offer))
}

fn over_under(name: &str) -> Result<Side, Refused> {
    match name {
        "Over" => Ok(Side::Over),
        "Under" => Ok(Side::Under),
        _ => Err((
            Some("name"),
            format!("{name:?} is neither Over nor Under; markets of other answers are not kept"),
        )),
    }
}

/// The line of a spread or total. A prop's may be absent, a moneyline has none.
fn line(point: &Scalar<'_>, known: &Known, status: QuoteStatus) -> Result<Option<Line>, String> {
    let prop = matches!(known.market, Market::Prop(_)) && known.style == Style::OverUnderOf;
    if !known.market.has_line() && !prop {
        return Ok(None);
    }
    if point.is_none() {
        return if prop || status == QuoteStatus::Off {
            Ok(None)
        } else {
            Err("there is no line".into())
        };
    }
    let points = point.number().ok_or("the line is not a number")?;
    Line::from_points(points)
        .map(Some)
        .ok_or_else(|| format!("a line of {points} does not exist: lines lie on quarter points"))
}
