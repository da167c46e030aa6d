//! Where panels go. From 200×52 there is a wall: nearly every panel at once.
//!
//! ```text
//! from 110×32   header                        below             header
//!               board        │ chart                            board
//!                            │ signals
//!               tape │ log │ persistence │ shared               tabs
//!                            │ cache                            one panel
//!               hints                                           hints
//! ```
//! Sources, backfills, jobs, logs and opportunities share a place (with the extraction log where there is no fourth
//! column).

use ratatui::layout::{Constraint, Layout as Split, Rect};

use super::panel::Panel;
use super::ui::Ui;
use super::widget::timeline;
use crate::engine::snapshot::Collecting;

/// Panels that share the last place of the overview.
pub const SHARED: [Panel; 5] = [
    Panel::Sources,
    Panel::Backfill,
    Panel::Logs,
    Panel::Opportunities,
    Panel::Jobs,
];

/// Least size that is worth drawing in.
pub const LEAST: (u16, u16) = (60, 16);
/// Height from which the screen is told in one line, too.
const WITH_PULSE: u16 = 24;
/// Least size of the wall: nearly every panel at once.
const WALL: (u16, u16) = (200, 52);
/// Width of the wall from which signals and opportunities stand beside the chart.
const BESIDE: u16 = 250;
/// Least size of the overview.
const OVERVIEW: (u16, u16) = (110, 32);
/// Height of the upper half from which signals have a place under the chart; below it they take the chart's.
const WITH_SIGNALS: u16 = 22;
/// Width of what is told of the store on the wall.
const STORE: u16 = 46;
/// Rows of that place.
const SIGNALS: u16 = 8;
/// Width from which the shared place is a column of its own.
const FOURTH: u16 = 150;

/// Where panels go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layout {
    /// The terminal is too small.
    TooSmall,
    /// One panel has the room.
    One(Panel, Rect),
    /// Board over one panel, tabs between them.
    Stacked {
        /// Board.
        board: Rect,
        /// The line of tabs.
        tabs: Rect,
        /// The panel under it.
        panel: (Panel, Rect),
    },
    /// Everything at once.
    Overview(Vec<(Panel, Rect)>),
}

/// Header, the screen in one line (none where there is no room), banner (no height when there is nothing to say), body,
/// timeline (none but in the past), hints.
pub fn frame(ui: &Ui) -> [Rect; 6] {
    let area = Rect::new(0, 0, ui.size.0, ui.size.1);
    let banner = u16::from(has_banner(ui));
    let timeline = if ui.travel.is_some() {
        timeline::HEIGHT
    } else {
        0
    };
    // A panel alone keeps its rows; at the start there is nothing to say yet.
    let room = ui.size.1 >= WITH_PULSE && !ui.zoomed && !ui.snapshot().games.is_empty();
    Split::vertical([
        Constraint::Length(1),
        Constraint::Length(u16::from(room)),
        Constraint::Length(banner),
        Constraint::Min(0),
        Constraint::Length(timeline),
        Constraint::Length(1),
    ])
    .areas(area)
}

/// Whether a state needs saying in a line of its own.
pub fn has_banner(ui: &Ui) -> bool {
    (ui.frozen.is_some() && ui.travel.is_none()) || ui.live.collecting != Collecting::On
}

impl Layout {
    /// The layout of this moment.
    pub fn of(ui: &Ui) -> Self {
        let (width, height) = ui.size;
        if width < LEAST.0 || height < LEAST.1 {
            return Self::TooSmall;
        }
        let [_, _, _, body, _, _] = frame(ui);
        if ui.zoomed {
            return Self::One(ui.focus, body);
        }
        if width >= WALL.0 && height >= WALL.1 {
            return Self::wall(ui, body);
        }
        if width >= OVERVIEW.0 && height >= OVERVIEW.1 {
            return Self::overview(ui, body);
        }
        let rows = ui.snapshot().games.len() as u16;
        // Head, frame and rows, but never more than half; the panel below needs its share.
        let board = (rows + 4).clamp(6, (body.height / 2).max(6));
        let [board, tabs, panel] = Split::vertical([
            Constraint::Length(board),
            Constraint::Length(1),
            Constraint::Min(0),
        ])
        .areas(body);
        Self::Stacked {
            board,
            tabs,
            panel: (ui.tab, panel),
        }
    }

    /// Nearly every panel at once; backfills and jobs share what is left.
    fn wall(ui: &Ui, body: Rect) -> Self {
        let lower = (body.height * 2 / 5).clamp(20, 32);
        let [upper, lower] =
            Split::vertical([Constraint::Min(0), Constraint::Length(lower)]).areas(body);
        let (board, chart, aside) = if body.width >= BESIDE {
            let columns = [
                Constraint::Fill(27),
                Constraint::Fill(17),
                Constraint::Fill(13),
            ];
            let [board, chart, aside] = Split::horizontal(columns).areas(upper);
            (board, chart, aside)
        } else {
            let [board, right] =
                Split::horizontal([Constraint::Fill(23), Constraint::Fill(17)]).areas(upper);
            let halves = [Constraint::Fill(1), Constraint::Fill(1)];
            let [chart, aside] = Split::vertical(halves).areas(right);
            (board, chart, aside)
        };
        let halves = [Constraint::Fill(1), Constraint::Fill(1)];
        let [signals, opportunities] = Split::vertical(halves).areas(aside);
        let [tape, log, middle, store] = Split::horizontal([
            Constraint::Fill(12),
            Constraint::Fill(9),
            Constraint::Fill(11),
            Constraint::Length(STORE),
        ])
        .areas(lower);
        let feeds = ui.snapshot().sources.len() as u16 + 6;
        let [sources, shared] = Split::vertical([
            Constraint::Length(feeds.clamp(7, lower.height / 2 + 3)),
            Constraint::Min(0),
        ])
        .areas(middle);
        let [persistence, cache, logs] = Split::vertical([
            Constraint::Length(11),
            Constraint::Length(5),
            Constraint::Min(0),
        ])
        .areas(store);
        let last = if ui.shared == Panel::Backfill {
            Panel::Backfill
        } else {
            Panel::Jobs
        };
        Self::Overview(vec![
            (Panel::Board, board),
            (Panel::Chart, chart),
            (Panel::Signals, signals),
            (Panel::Opportunities, opportunities),
            (Panel::Tape, tape),
            (Panel::Extraction, log),
            (Panel::Sources, sources),
            (last, shared),
            (Panel::Persistence, persistence),
            (Panel::Cache, cache),
            (Panel::Logs, logs),
        ])
    }

    fn overview(ui: &Ui, body: Rect) -> Self {
        let lower = (body.height * 2 / 5).clamp(13, 20);
        let [upper, lower] =
            Split::vertical([Constraint::Min(0), Constraint::Length(lower)]).areas(body);
        let [board, chart] =
            Split::horizontal([Constraint::Fill(23), Constraint::Fill(17)]).areas(upper);
        let mut places = vec![(Panel::Board, board)];
        if upper.height >= WITH_SIGNALS {
            let [chart, signals] =
                Split::vertical([Constraint::Min(0), Constraint::Length(SIGNALS)]).areas(chart);
            places.extend([(Panel::Chart, chart), (Panel::Signals, signals)]);
        } else if ui.focus == Panel::Signals {
            places.push((Panel::Signals, chart));
        } else {
            places.push((Panel::Chart, chart));
        }
        let stack = |column: Rect| {
            let [persistence, cache] =
                Split::vertical([Constraint::Min(0), Constraint::Length(5)]).areas(column);
            [(Panel::Persistence, persistence), (Panel::Cache, cache)]
        };
        if body.width >= FOURTH {
            let [tape, log, store, shared] = Split::horizontal([
                Constraint::Fill(10),
                Constraint::Fill(9),
                Constraint::Fill(9),
                Constraint::Fill(11),
            ])
            .areas(lower);
            places.extend([(Panel::Tape, tape), (Panel::Extraction, log)]);
            places.extend(stack(store));
            places.push((ui.shared, shared));
        } else {
            let [tape, shared, store] = Split::horizontal([
                Constraint::Fill(10),
                Constraint::Fill(9),
                Constraint::Length(36),
            ])
            .areas(lower);
            let middle = if SHARED.contains(&ui.focus) {
                ui.focus
            } else {
                Panel::Extraction
            };
            places.extend([(Panel::Tape, tape), (middle, shared)]);
            places.extend(stack(store));
        }
        Self::Overview(places)
    }

    /// Every panel in view with its place.
    pub fn places(&self) -> Vec<(Panel, Rect)> {
        match self {
            Self::TooSmall => Vec::new(),
            Self::One(panel, area) => vec![(*panel, *area)],
            Self::Stacked { board, panel, .. } => vec![(Panel::Board, *board), *panel],
            Self::Overview(places) => places.clone(),
        }
    }
}
