//! Where the parts of the panel go: one chart or two, tickets and money beneath each, the read-out at the bottom.

use ratatui::layout::{Constraint, Layout, Rect};

use super::State;
use super::splits;
use super::subject::{Shown, Subject};
use crate::tui::widget::step_chart::parts;

/// Rows from which two charts stand above each other.
const STACKED: u16 = 14;
/// Columns from which they stand beside each other.
const BESIDE: u16 = 100;

/// The room of one chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Pane {
    /// A line that names it; no height where the frame does.
    pub(super) heading: Rect,
    /// Lines, labels, time axis.
    pub(super) chart: Rect,
    /// Tickets and money: a strip of lines over a line of words, the words alone, or nothing.
    pub(super) bets: Rect,
}

/// Where the parts of the panel go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Places {
    /// The present chart.
    pub(super) main: Pane,
    /// The pinned one, where there is one and room for it.
    pub(super) pinned: Option<Pane>,
    /// A line of words where there is no room for it.
    pub(super) notice: Rect,
    /// Every book's value, of each chart.
    pub(super) readout: Rect,
}

impl Places {
    /// Divide the room within the frame.
    pub(super) fn of(state: &State, shown: &Shown<'_>, inner: Rect) -> Self {
        let readout = readout_height(state, shown, inner.height);
        let [charts, readout] =
            Layout::vertical([Constraint::Min(3), Constraint::Length(readout)]).areas(inner);
        let Some(pinned) = &shown.pinned else {
            return Self {
                main: pane(charts, false, &shown.main),
                readout,
                ..Self::default()
            };
        };
        if charts.height >= STACKED {
            let [one, two] =
                Layout::vertical([Constraint::Min(0), Constraint::Length(charts.height / 2)])
                    .areas(charts);
            return Self {
                main: pane(one, false, &shown.main),
                pinned: Some(pane(two, true, pinned)),
                readout,
                ..Self::default()
            };
        }
        if charts.width >= BESIDE && charts.height >= 5 {
            // As wide as each other, so that a moment is as far from the left in both.
            let width = (charts.width - 1) / 2;
            let one = Rect { width, ..charts };
            let two = Rect {
                x: charts.right() - width,
                ..one
            };
            return Self {
                main: pane(one, true, &shown.main),
                pinned: Some(pane(two, true, pinned)),
                readout,
                ..Self::default()
            };
        }
        let [charts, notice] =
            Layout::vertical([Constraint::Min(0), Constraint::Length(1)]).areas(charts);
        Self {
            main: pane(charts, false, &shown.main),
            pinned: None,
            notice,
            readout,
        }
    }

    /// The lines of the chart under a cell, with those of tickets and money.
    pub(super) fn plot_at(&self, x: u16, y: u16) -> Option<Rect> {
        [Some(self.main), self.pinned]
            .into_iter()
            .flatten()
            .find_map(|pane| {
                let plot = parts(pane.chart).plot;
                let across = (plot.x..plot.right()).contains(&x);
                let of_chart = (plot.y..plot.bottom()).contains(&y);
                let of_bets = (pane.bets.y..pane.bets.bottom()).contains(&y);
                (across && (of_chart || of_bets)).then_some(plot)
            })
    }
}

fn pane(area: Rect, named: bool, subject: &Subject<'_>) -> Pane {
    let [heading, rest] =
        Layout::vertical([Constraint::Length(u16::from(named)), Constraint::Min(0)]).areas(area);
    let bets = splits::rows(rest, !splits::of(subject).is_empty());
    let [chart, bets] =
        Layout::vertical([Constraint::Min(0), Constraint::Length(bets)]).areas(rest);
    Pane {
        heading,
        chart,
        bets,
    }
}

/// The read-out has a row a book where there is room, and is there whenever the cursor is or the room is large.
fn readout_height(state: &State, shown: &Shown<'_>, height: u16) -> u16 {
    let books = |subject: &Subject<'_>| subject.speakers.len();
    let pinned = shown.pinned.as_ref().map(books);
    let wanted = books(&shown.main).max(pinned.unwrap_or(0)) as u16 + 1;
    // Two charts need the room that one would leave.
    let most = if pinned.is_some() && height < 30 {
        height / 4
    } else {
        height / 2
    };
    if height >= 26 || (state.cursor.is_some() && height >= 7) {
        wanted.min(most)
    } else {
        0
    }
}
