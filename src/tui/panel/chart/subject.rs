//! What is charted: a game, a market, a side, and who quotes it. One chart, or two on one time axis.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::game::GameId;
use crate::domain::market::{Line, Phase, Side};
use crate::domain::series::SeriesKey;
use crate::engine::board::{Selector, ShopId, Speaker, sides, speakers};
use crate::engine::snapshot::{GameView, SeriesView};
use crate::tui::panel::{Draw, board};

use super::State;

/// Points of a series looked at to see whether a line moved: enough for any day, and a bound on the cost of a frame.
const LINE_LOOK: usize = 512;

/// A chart that somebody holds to compare others with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Game.
    pub game: GameId,
    /// Market, part of the game, phase.
    pub selector: Selector,
    /// Side.
    pub side: Side,
}

/// The game, the side and who quotes it.
pub(super) struct Subject<'a> {
    pub(super) game: &'a Arc<GameView>,
    pub(super) selector: Selector,
    pub(super) side: Side,
    /// Who quotes the side.
    pub(super) speakers: Vec<Speaker<'a>>,
    /// Who quotes the other one.
    pub(super) others: Vec<Speaker<'a>>,
}

impl<'a> Subject<'a> {
    /// What the board points at.
    pub(super) fn of(draw: &Draw<'a>, board: &board::State) -> Option<Self> {
        let board_draw = Draw {
            filter: "",
            ..*draw
        };
        let game = board.selected(&board_draw)?;
        let mut selector = board.selector(game);
        let mut side = board.sides(game).first().copied().unwrap_or_else(|| {
            let [first, _] = sides(&selector.market);
            first
        });
        if selector.phase == Phase::Live && speakers(game, &selector, side).is_empty() {
            selector.phase = Phase::Pregame;
            side = board.sides(game).first().copied().unwrap_or(side);
        }
        Some(Self::new(game, selector, side))
    }

    /// What was pinned; none once the game has left the memory.
    fn pinned(draw: &Draw<'a>, pin: &Pin) -> Option<Self> {
        let snapshot = draw.snapshot;
        let id = snapshot
            .redirects
            .get(&pin.game)
            .copied()
            .unwrap_or(pin.game);
        let game = snapshot.games.iter().find(|game| game.id == id)?;
        Some(Self::new(game, pin.selector.clone(), pin.side))
    }

    fn new(game: &'a Arc<GameView>, selector: Selector, side: Side) -> Self {
        let [one, two] = sides(&selector.market);
        let other = if side == one { two } else { one };
        Self {
            speakers: speakers(game, &selector, side),
            others: speakers(game, &selector, other),
            game,
            selector,
            side,
        }
    }

    /// What holds it.
    pub(super) fn pin(&self) -> Pin {
        Pin {
            game: self.game.id,
            selector: self.selector.clone(),
            side: self.side,
        }
    }

    pub(super) fn side_name(&self) -> Arc<str> {
        self.game.side_name(self.side)
    }

    /// Who of the other side is the same shop.
    pub(super) fn other(&self, shop: &ShopId) -> Option<&Speaker<'a>> {
        self.others.iter().find(|other| other.shop == *shop)
    }

    /// Whether any book moved its line.
    pub(super) fn line_moved(&self) -> bool {
        self.speakers.iter().any(|speaker| {
            let mut lines = speaker
                .newest_first()
                .take(LINE_LOOK)
                .filter_map(|p| p.price.line);
            let newest = lines.next();
            lines.any(|line| Some(line) != newest)
        })
    }

    /// The line that every book had from `from` on; none where they differ.
    pub(super) fn one_line(&self, from: DateTime<Utc>) -> Option<Line> {
        let mut lines = self.speakers.iter().flat_map(|speaker| {
            let mut entered = false;
            speaker
                .newest_first()
                .take(LINE_LOOK)
                // The price in force at the left edge counts, those before it do not.
                .take_while(move |p| !std::mem::replace(&mut entered, p.at <= from))
                .filter_map(|p| p.price.line)
        });
        let first = lines.next()?;
        lines.all(|line| line == first).then_some(first)
    }

    /// The series and the moment of the price at the cursor: the focused book's, else that of a book that changed there,
    /// else the one that changed last before it.
    fn origin(
        &self,
        cursor: DateTime<Utc>,
        focus: Option<&ShopId>,
    ) -> Option<(SeriesKey, DateTime<Utc>)> {
        let at = |speaker: &'_ Speaker<'a>| speaker.at(cursor).map(|point| point.at);
        let focused = self.speakers.iter().filter(|s| Some(&s.shop) == focus);
        let held = focused.filter_map(|speaker| Some((speaker, at(speaker)?)));
        let changed = self
            .speakers
            .iter()
            .filter_map(|speaker| Some((speaker, at(speaker)?)))
            .filter(|(_, at)| *at == cursor);
        let last = || {
            let all = self.speakers.iter();
            all.filter_map(|speaker| Some((speaker, at(speaker)?)))
                .max_by_key(|(_, at)| *at)
        };
        let (speaker, at) = held.chain(changed).next().or_else(last)?;
        let holds = |series: &&SeriesView| series.points.at(at).is_some_and(|p| p.at == at);
        let series = [Some(speaker.series), speaker.earlier]
            .into_iter()
            .flatten()
            .map(AsRef::as_ref)
            .find(holds)?;
        Some((series.key.clone(), at))
    }
}

/// What the panel shows: the present chart, and the pinned one where that is another.
pub(super) struct Shown<'a> {
    pub(super) main: Subject<'a>,
    pub(super) pinned: Option<Subject<'a>>,
}

impl<'a> Shown<'a> {
    pub(super) fn of(state: &State, draw: &Draw<'a>, board: &board::State) -> Option<Self> {
        let main = Subject::of(draw, board)?;
        let pinned = state
            .pinned
            .as_ref()
            .filter(|pin| **pin != main.pin())
            .and_then(|pin| Subject::pinned(draw, pin));
        Some(Self { main, pinned })
    }

    fn speakers(&self) -> impl Iterator<Item = &Speaker<'a>> {
        let pinned = self.pinned.iter().flat_map(|subject| &subject.speakers);
        self.main.speakers.iter().chain(pinned)
    }

    /// The newest change before `at` of any book.
    pub(super) fn change_before(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.speakers()
            .filter_map(|s| s.newest_first().map(|p| p.at).find(|change| *change < at))
            .max()
    }

    /// The oldest change after `at` of any book.
    pub(super) fn change_after(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.speakers()
            .filter_map(|s| {
                s.newest_first()
                    .map(|p| p.at)
                    .take_while(|change| *change > at)
                    .last()
            })
            .min()
    }

    /// The oldest known change of any book.
    pub(super) fn first_change(&self) -> Option<DateTime<Utc>> {
        self.speakers()
            .flat_map(|s| [Some(s.series), s.earlier])
            .flatten()
            .filter_map(|series| series.points.iter().next().map(|p| p.at))
            .min()
    }

    /// The series and the moment of the price at the cursor, of the present chart before the pinned one.
    pub(super) fn origin(
        &self,
        cursor: DateTime<Utc>,
        focus: Option<&ShopId>,
    ) -> Option<(SeriesKey, DateTime<Utc>)> {
        let of = |subject: &Subject<'a>| subject.origin(cursor, focus);
        of(&self.main).or_else(|| self.pinned.as_ref().and_then(of))
    }
}
