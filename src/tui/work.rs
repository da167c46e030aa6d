//! Work under way: how it is said in little room, and which of it a key stops.

use ratatui::text::{Line, Span};

use super::figures;
use super::panel::Panel;
use super::ui::Ui;
use super::widget::spark;
use crate::engine::snapshot::{ErrandKind, ErrandView};

/// A file that takes longer to write is told, in milliseconds.
const SLOW_SAVE: u128 = 500;

/// How much is said of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Say {
    /// Name, bar, share, count, time left.
    Whole,
    /// Name, short bar, share, time left.
    Named,
    /// Kind, short bar, share, time left.
    Short,
    /// Kind and share.
    Terse,
}

/// What is under way: first what somebody asked for last, then what goes on by itself.
pub fn under_way(ui: &Ui) -> Vec<&ErrandView> {
    let mut all: Vec<&ErrandView> = ui.live.errands.iter().collect();
    all.sort_by_key(|errand| {
        let by_itself = match errand.kind {
            ErrandKind::Refresh | ErrandKind::History | ErrandKind::Job => 0,
            ErrandKind::Backfill => 1,
            ErrandKind::WarmUp => 2,
        };
        (by_itself, std::cmp::Reverse(errand.id))
    });
    all
}

/// The number of what the key stops: the selected backfill or job, else the newest that can be stopped. Fails with why
/// there is none.
pub fn to_stop(ui: &Ui) -> Result<u64, &'static str> {
    let all = &ui.live.errands;
    if all.is_empty() {
        return Err("nothing is under way; R asks every feed, b fetches past days");
    }
    let selected = all.iter().find(|errand| match (ui.focus, errand.kind) {
        (Panel::Backfill, _) => Some(errand.id) == ui.backfill.selected,
        (Panel::Jobs, ErrandKind::Job) => ui
            .jobs
            .selected
            .is_some_and(|job| job.to_string() == errand.what),
        _ => false,
    });
    let can = |errand: &&ErrandView| errand.cancellable && !errand.stopping;
    let newest = || all.iter().filter(can).max_by_key(|errand| errand.id);
    match selected.filter(can).or_else(newest) {
        Some(errand) => Ok(errand.id),
        None if all.iter().any(|errand| errand.stopping) => {
            Err("it was told to stop, and does so after the answer under way")
        }
        None => Err("what is stored is being read for the screen; it ends by itself"),
    }
}

/// One of them in words: bar, share and time left where it is known how much there is, else a count and how long so far.
fn words(ui: &Ui, errand: &ErrandView, say: Say) -> Line<'static> {
    let theme = &ui.theme;
    let speed = ui.draw(Panel::Board).speed();
    // A frozen screen counts nothing down.
    let now = ui.frozen.as_ref().map_or(ui.clock, |(_, at)| *at);
    let name = match say {
        Say::Whole | Say::Named => errand.title(),
        Say::Short | Say::Terse => errand.kind.as_str().to_owned(),
    };
    let mut line = Line::from(Span::styled(format!("▶ {name}"), theme.accent));
    let mut add = |text: String, style| line.push_span(Span::styled(text, style));
    if let Some(share) = errand.share() {
        let bar = match say {
            Say::Whole => 10,
            Say::Named | Say::Short => 6,
            Say::Terse => 0,
        };
        if bar > 0 {
            add(format!(" {}", spark::progress(share, bar)), theme.accent);
        }
        add(format!(" {:.0}%", (share * 100.0).floor()), theme.strong);
        if let (Say::Whole, Some(total)) = (say, errand.total) {
            add(format!(" {}/{total}", errand.done), theme.muted);
        }
    } else if errand.done > 0 {
        add(format!(" {}", errand.done), theme.strong);
    }
    if say == Say::Whole && errand.failed > 0 {
        add(format!(" {} failed", errand.failed), theme.warn);
    }
    if errand.stopping {
        add(" stopping".to_owned(), theme.warn);
        return line;
    }
    if say == Say::Whole && !errand.note.is_empty() {
        let note: String = errand.note.chars().take(30).collect();
        add(format!(" {note}"), theme.muted);
    }
    let time = match errand.eta_s(now, speed) {
        Some(left) if say == Say::Whole => Some(format!(" {} left", figures::seconds(left))),
        Some(left) => Some(format!(" {}", figures::seconds(left))),
        None if errand.total.is_none() => {
            let so_far = errand.elapsed_s(now, speed);
            Some(format!(" {} so far", figures::seconds(so_far)))
        }
        None => None,
    };
    if let Some(time) = time.filter(|_| say != Say::Terse) {
        add(time, theme.muted);
    }
    line
}

/// Everything under way, as long as it is told in the list of messages.
pub fn lines(ui: &Ui) -> Vec<Line<'static>> {
    let all = under_way(ui).into_iter();
    all.map(|errand| words(ui, errand, Say::Whole)).collect()
}

/// What is under way in one line of at most `room` columns; empty while nothing is.
pub fn strip(ui: &Ui, room: usize) -> Line<'static> {
    let mut strip = Line::default();
    let all = under_way(ui);
    let mut shown = 0;
    for (nth, errand) in all.iter().enumerate() {
        let gap = if nth == 0 { 0 } else { 2 };
        let rest = all.len() - nth - 1;
        let more = if rest > 0 { 4 } else { 0 };
        let fits = [Say::Whole, Say::Named, Say::Short, Say::Terse]
            .into_iter()
            .map(|say| words(ui, errand, say))
            .find(|words| strip.width() + gap + words.width() + more <= room);
        let Some(words) = fits else { break };
        strip.push_span(Span::raw(" ".repeat(gap)));
        strip.extend(words);
        shown += 1;
    }
    if shown > 0 && shown < all.len() {
        let more = format!(" +{}", all.len() - shown);
        strip.push_span(Span::styled(more, ui.theme.muted));
    }
    if let Some((name, since)) = &ui.saving {
        let so_far = ui.elapsed.saturating_sub(*since);
        let words = format!("  ▶ saving {name} {}s so far", so_far.as_secs());
        if so_far.as_millis() > SLOW_SAVE && strip.width() + words.len() <= room {
            strip.push_span(Span::styled(words, ui.theme.accent));
        }
    }
    strip
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::TimeDelta;

    use super::*;
    use crate::config::settings::ThemeName;
    use crate::domain::job::Job;
    use crate::engine::command::{Asked, Command};
    use crate::tui::action::Action;
    use crate::tui::effect::Effect;
    use crate::tui::fixture;
    use crate::tui::update::act;

    fn errand(ui: &Ui, id: u64, kind: ErrandKind, what: &str) -> ErrandView {
        ErrandView {
            id,
            kind,
            what: what.to_owned(),
            note: String::new(),
            before: 0,
            done: 5,
            failed: 1,
            total: Some(8),
            started_at: ui.clock - TimeDelta::seconds(10),
            stepped_at: Some(ui.clock),
            cancellable: kind != ErrandKind::WarmUp,
            stopping: false,
        }
    }

    fn with(kinds: &[(u64, ErrandKind, &str)]) -> Ui {
        let mut ui = fixture::ui((120, 40), ThemeName::Dark);
        let errands = kinds
            .iter()
            .map(|(id, kind, what)| errand(&ui, *id, *kind, what));
        let errands = errands.collect();
        Arc::make_mut(&mut ui.live).errands = Arc::new(errands);
        ui
    }

    fn stopped(ui: &mut Ui) -> Option<u64> {
        match act(ui, Action::Cancel)[..] {
            [
                Effect::Ask(Asked {
                    command: Command::Cancel(id),
                    ..
                }),
            ] => Some(id),
            _ => None,
        }
    }

    #[test]
    fn the_key_stops_the_selected_one_else_the_newest_and_says_why_it_cannot() {
        let mut ui = with(&[]);
        assert_eq!(stopped(&mut ui), None);
        assert!(
            ui.toasts[0].text.contains("nothing is under way"),
            "{:?}",
            ui.toasts
        );
        let mut ui = with(&[(1, ErrandKind::WarmUp, "charts")]);
        assert_eq!(stopped(&mut ui), None);
        assert!(
            ui.toasts[0].text.contains("ends by itself"),
            "{:?}",
            ui.toasts
        );
        let mut ui = with(&[
            (1, ErrandKind::Backfill, "mlb"),
            (2, ErrandKind::Job, "update_odds"),
            (3, ErrandKind::Refresh, "all feeds"),
            (4, ErrandKind::WarmUp, "charts"),
        ]);
        assert_eq!(stopped(&mut ui), Some(3));
        (ui.focus, ui.backfill.selected) = (Panel::Backfill, Some(1));
        assert_eq!(stopped(&mut ui), Some(1));
        (ui.focus, ui.jobs.selected) = (Panel::Jobs, Some(Job::UpdateOdds));
        assert_eq!(stopped(&mut ui), Some(2));
    }

    #[test]
    fn the_strip_fits_every_width_and_invents_no_time_left() {
        let ui = with(&[
            (1, ErrandKind::Backfill, "mlb 2025-07-01 to 2025-07-11"),
            (2, ErrandKind::Refresh, "MIA @ BAL"),
            (3, ErrandKind::WarmUp, "charts"),
        ]);
        assert_eq!(
            strip(&ui, 180).to_string(),
            "▶ refresh MIA @ BAL ██████░░░░ 62% 5/8 1 failed 6s left  ▶ backfill mlb 2025-07-01 to 2025-07-11 \
             ██████░░░░ 62% 5/8 1 failed 6s left  ▶ reading charts ███░░░ 62% 6s"
        );
        assert_eq!(strip(&ui, 24).to_string(), "▶ refresh 62% +2");
        for room in 0..140 {
            let line = strip(&ui, room);
            assert!(line.width() <= room, "{room}: {line}");
        }
        let mut ui = with(&[(7, ErrandKind::Job, "update_odds")]);
        let live = Arc::make_mut(&mut ui.live);
        let row = &mut Arc::make_mut(&mut live.errands)[0];
        (row.total, row.done, row.note) = (None, 0, "an: 3 answers".into());
        assert_eq!(
            strip(&ui, 80).to_string(),
            "▶ job update_odds 1 failed an: 3 answers 10s so far"
        );
    }
}
