//! A season's openers, closes and results from a file.
//!
//! An archive tells the day, not the hour: times are stand-ins that keep opener, close and start in order on the right
//! slate. A line without a price is kept as suspended, since nobody can bet at it.

mod bounds;
mod merged;
mod normalised;
mod pair;

pub(super) use merged::decode as decode_json;

use std::rc::Rc;
use std::sync::Arc;

use chrono::NaiveDate;
use foldhash::{HashMap, HashMapExt};

use self::bounds::Bounds;
use super::season::{self, Calendar, Times};
use super::sheet::{Layout, Sheet};
use crate::domain::clean::clean;
use crate::domain::feed::{FeedResult, PeriodScore};
use crate::domain::league::League;
use crate::domain::market::{Line, Market, Period, Phase, QuoteStatus, Side};
use crate::domain::odds::Odds;
use crate::domain::source::Source;
use crate::domain::status::GameStatus;
use crate::sources::collector::{BookRef, Collector, Offer, Slot, Word};
use crate::sources::json::Pointer;
use crate::sources::{NotAResponse, Refusal};

/// The archive names no book.
const BOOK: &str = "sbro";
/// Highest score of any game.
const MOST_POINTS: i64 = 300;

/// Decode a season's sheet as CSV.
pub(super) fn decode_sheet<'c>(
    text: &str,
    collector: Collector<'c>,
) -> Result<Collector<'c>, Refusal> {
    let sheet = Sheet::read(text)?;
    let told = collector
        .context
        .endpoint
        .map(season::told)
        .unwrap_or_default();
    let league = told.league.or(sheet.league()).ok_or_else(|| {
        NotAResponse(
            "neither the file's name nor its columns tell the league of this archive; give --league".into(),
        )
    })?;
    let mut archive = Archive::new(league, collector);
    match sheet.layout {
        Layout::Normalised => normalised::games(&sheet, &mut archive),
        Layout::Priced | Layout::Points => {
            let season = told.season.ok_or_else(|| {
                NotAResponse(
                    "the dates of this archive have no year; give --season 2018, or a file whose name holds it".into(),
                )
            })?;
            pair::games(&sheet, Calendar::new(season), &mut archive);
        }
    }
    Ok(archive.collector)
}

/// A game that was taken.
struct Taken {
    id: Word,
    times: Times,
}

/// One price or line of a game.
struct Told {
    market: Market,
    period: Period,
    side: Side,
    opener: bool,
    line: Option<Line>,
    odds: Option<Odds>,
}

/// An archive being read.
struct Archive<'c> {
    collector: Collector<'c>,
    book: Rc<BookRef>,
    league: League,
    bounds: Bounds,
    /// Games so far of a pair on a day.
    met: HashMap<(NaiveDate, Arc<str>, Arc<str>), u8>,
}

/// A game as the archive tells it.
struct Finished<'f> {
    date: NaiveDate,
    away: &'f str,
    home: &'f str,
    away_score: Option<i32>,
    home_score: Option<i32>,
    periods: Vec<PeriodScore>,
}

impl<'c> Archive<'c> {
    fn new(league: League, mut collector: Collector<'c>) -> Self {
        let book = collector.book(BOOK);
        Self {
            book,
            league,
            bounds: Bounds::of(league),
            met: HashMap::new(),
            collector,
        }
    }

    /// Take a game and its result.
    fn game(&mut self, game: Finished<'_>, place: &Pointer<'_>) -> Option<Taken> {
        let away = self.collector.word(&clean(game.away.trim(), 60)).text;
        let home = self.collector.word(&clean(game.home.trim(), 60)).text;
        if away.is_empty() || home.is_empty() || away == home {
            self.collector
                .rejects
                .push(place, "a game needs two teams that differ");
            return None;
        }
        let pair = (game.date, Arc::clone(&away), Arc::clone(&home));
        let number = self.met.entry(pair).or_default();
        *number = number.saturating_add(1);
        let number = *number;
        let plain = |name: &str| -> String {
            let letters = name.chars().filter(char::is_ascii_alphanumeric);
            letters.map(|c| c.to_ascii_uppercase()).collect()
        };
        let id = format!(
            "{}-{}-{}-{}-{number}",
            self.league,
            game.date.format("%Y%m%d"),
            plain(&away),
            plain(&home)
        );
        self.collector.reading(Some(&id));
        let Some(times) = season::times(game.date, number) else {
            self.collector
                .rejects
                .push(place, "a game on a day without a noon");
            return None;
        };
        let id = self.collector.word(&id);
        let mut named =
            self.collector
                .name_game(&id.text, self.league, &home, &away, Some(times.start));
        let over = game.away_score.is_some() && game.home_score.is_some();
        named.status = over.then_some(GameStatus::Final);
        named.home_score = game.home_score.filter(|_| over);
        named.away_score = game.away_score.filter(|_| over);
        if !self.collector.game(named, place) {
            return None;
        }
        if over {
            self.collector.result(FeedResult {
                source: Source::Sbr,
                source_game_id: Arc::clone(&id.text),
                home_score: game.home_score,
                away_score: game.away_score,
                periods: game.periods,
                status: Some(GameStatus::Final),
            });
        }
        Some(Taken { id, times })
    }

    /// Take a price, or a line without one.
    fn tell(&mut self, game: &Taken, told: &Told, place: &Pointer<'_>) {
        if told.line.is_none() && told.odds.is_none() {
            return;
        }
        let slot = Slot {
            game: Some(&game.id),
            book: &self.book,
            market: &told.market,
            period: told.period,
            phase: Some(Phase::Pregame),
            side: told.side,
            participant: None,
        };
        let offer = Offer {
            line: told.line,
            odds: told.odds,
            status: if told.odds.is_some() {
                QuoteStatus::Open
            } else {
                QuoteStatus::Suspended
            },
            main: true,
            opener: told.opener,
            source_at: Some(if told.opener {
                game.times.open
            } else {
                game.times.close
            }),
        };
        self.collector.quote(&slot, &offer, place);
    }
}

/// A score as text.
fn score(text: &str) -> Option<i32> {
    crate::sources::written::whole(text)
        .filter(|score| (0..=MOST_POINTS).contains(score))
        .and_then(|score| i32::try_from(score).ok())
}
