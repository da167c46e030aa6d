//! The last line: keys that are of use now in the panel that has them, and the work under way.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use crate::engine::snapshot::Collecting;
use crate::tui::action::Action;
use crate::tui::layout::Layout;
use crate::tui::panel::Panel;
use crate::tui::ui::Ui;
use crate::tui::work;

/// Columns that the work under way may have where the line is short.
const KEYS_YIELD: usize = 40;
/// Columns that keys keep beside it.
const KEYS_KEEP: usize = 12;

/// The panel's own keys, the most useful first.
const fn of_panel(panel: Panel) -> &'static [Action] {
    match panel {
        Panel::Board => &[
            Action::NextMarket,
            Action::NextSide,
            Action::Open,
            Action::Alternates,
            Action::NextSort,
            Action::Star,
        ],
        Panel::Chart => &[
            Action::Left,
            Action::ZoomIn,
            Action::NextBook,
            Action::LineOrPrice,
            Action::Compare,
            Action::LoadHistory,
        ],
        Panel::Signals => &[Action::Acknowledge, Action::Open, Action::AcknowledgeAll],
        Panel::Jobs => &[Action::RunJob],
        Panel::Tape => &[Action::Open, Action::Filter],
        Panel::Backfill => &[Action::Backfill],
        Panel::Sources => &[Action::RefreshAll],
        Panel::Extraction | Panel::Logs | Panel::Opportunities => &[Action::Filter],
        Panel::Persistence | Panel::Cache => &[],
    }
}

/// What is offered, the most useful first; nothing that cannot be done now.
fn offered(ui: &Ui) -> Vec<Action> {
    let mut all = of_panel(ui.focus).to_vec();
    if ui.zoomed || matches!(Layout::of(ui), Layout::One(..)) {
        all.push(Action::Back);
    }
    if ui.travel.is_some() {
        all.extend([
            Action::TimeTravel,
            Action::Play,
            Action::StepBack,
            Action::StepForward,
        ]);
    }
    all.extend([
        Action::Refresh,
        Action::RefreshAll,
        Action::Backfill,
        Action::Freeze,
        Action::TimeTravel,
        Action::Pause,
        Action::Filter,
        Action::Palette,
        Action::Zoom,
        Action::Export,
        Action::Notices,
        Action::NextPanel,
    ]);
    let mut seen = Vec::new();
    all.retain(|action| {
        let new = !seen.contains(action);
        seen.push(*action);
        new && action.disabled(ui).is_none()
    });
    all
}

/// `+ - range`; none for an action without a key.
fn hint(ui: &Ui, action: Action) -> Option<Line<'static>> {
    let key = |action| ui.keymap.hint(action);
    let pair = |one, other| {
        let (one, other) = (key(one), key(other));
        let gap = if one.is_empty() || other.is_empty() || one.chars().count() > 1 {
            ""
        } else {
            " "
        };
        format!("{one}{gap}{other}")
    };
    let (keys, title) = match (action, ui.focus) {
        (Action::Left, Panel::Chart) => (pair(action, Action::Right).replace(' ', ""), "cursor"),
        (Action::ZoomIn, _) => (pair(action, Action::ZoomOut), "range"),
        (Action::NextBook, _) => (pair(Action::PreviousBook, action), "book"),
        (Action::StepBack, _) => (pair(action, Action::StepForward), "change"),
        (Action::StepForward, _) => return None,
        (Action::Open, Panel::Board | Panel::Signals) => (key(action), "chart"),
        (Action::Open, Panel::Tape) => (key(action), "its chart"),
        (Action::TimeTravel, _) if ui.travel.is_some() => (key(action), "now"),
        (Action::Freeze, _) if ui.frozen.is_some() => (key(action), "unfreeze"),
        (Action::Pause, _) if ui.live.collecting != Collecting::On => (key(action), "resume"),
        _ => (key(action), action.title()),
    };
    let line = Line::from(vec![
        Span::styled(keys.clone(), ui.theme.key),
        Span::styled(format!(" {title}"), ui.theme.muted),
    ]);
    (!keys.is_empty()).then_some(line)
}

/// The work under way and the key that stops it.
fn under_way(ui: &Ui, room: usize) -> Line<'static> {
    let stop = hint(ui, Action::Cancel).filter(|_| work::to_stop(ui).is_ok());
    let reserved = stop.as_ref().map_or(0, |stop| stop.width() + 2);
    let mut line = work::strip(ui, room.saturating_sub(reserved));
    if let Some(stop) = stop.filter(|_| line.width() > 0) {
        line.push_span(Span::raw("  "));
        line.extend(stop);
    }
    line
}

/// Draw it. Keys that do not fit are left to the help, and none is cut.
pub(super) fn view(ui: &Ui, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width);
    let fixed = [Action::Help, Action::Quit].into_iter();
    let end: Vec<Line<'_>> = fixed.filter_map(|action| hint(ui, action)).collect();
    let end_width: usize = end.iter().map(|line| line.width() + 2).sum();
    // Half of the line at most: keys are of use while work goes on, too.
    let room = width.saturating_sub(end_width + KEYS_KEEP);
    let work = under_way(ui, room.min((width / 2).max(KEYS_YIELD)));
    let work_width = if work.width() > 0 {
        work.width() + 2
    } else {
        0
    };
    let limit = width.saturating_sub(end_width + work_width + 1);
    let mut line = Line::from(" ");
    let mut put = |part: Line<'static>| {
        line.extend(part);
        line.push_span(Span::raw("  "));
    };
    let mut taken = 0;
    for part in offered(ui)
        .into_iter()
        .filter_map(|action| hint(ui, action))
    {
        taken += part.width() + 2;
        if taken > limit {
            break;
        }
        put(part);
    }
    if work_width > 0 {
        put(work);
    }
    for part in end {
        put(part);
    }
    line.render(area, buffer);
}
