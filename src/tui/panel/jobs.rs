//! Jobs: what is done at set times, when it is done next, and what came of it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget, Wrap};

use super::{Draw, list};
use crate::domain::job::Job;
use crate::engine::snapshot::{DatabaseState, JobOutcome, JobState, JobView, RunsKnown, Snapshot};
use crate::tui::figures;
use crate::tui::theme::Theme;
use crate::tui::widget::table::{Column, Table};

/// Why the selected job cannot be done now; none when it can.
pub fn hindrance(selected: Option<Job>, snapshot: &Snapshot) -> Option<&'static str> {
    let row = selected.and_then(|job| snapshot.jobs.rows.iter().find(|row| row.job == job));
    let Some(row) = row else {
        return Some("no job is selected; open the jobs and go down to one");
    };
    match (&row.state, &snapshot.persistence.database) {
        (JobState::Later(_), _) => {
            Some("its work comes with a later issue; there is nothing to do yet")
        }
        (JobState::Running(_), _) => Some("it is under way already"),
        (_, DatabaseState::Up) => None,
        _ => Some("PostgreSQL does not answer, and a run is recorded there"),
    }
}

/// Sign, word and style of how a job stands.
fn standing(row: &JobView, theme: &Theme) -> (&'static str, &'static str, Style) {
    let outcome = row.last.as_ref().map(|run| run.outcome);
    match (&row.state, outcome) {
        (JobState::Running(_), _) | (_, Some(JobOutcome::Running)) => {
            ("▶", "running", theme.accent)
        }
        (JobState::Later(_), _) => ("○", "later", theme.muted),
        (_, Some(JobOutcome::Failed)) => ("✗", "failed", theme.error),
        (_, Some(JobOutcome::Missed)) => ("!", "missed", theme.warn),
        (JobState::Off(_), _) => ("○", "off", theme.muted),
        (_, Some(JobOutcome::Done)) => ("✓", "done", theme.ok),
        (_, None) => ("·", "not yet", theme.muted),
    }
}

fn moment(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%a %H:%M").to_string()
}

/// What a person should know of a job.
fn sentence(row: &JobView, zone: Tz, key: &str) -> String {
    let due = |at| moment(at, zone);
    let by_hand = |by_hand| if by_hand { ", asked for" } else { "" };
    let what = row.job.what();
    match (&row.state, &row.last) {
        (JobState::Running(step), last) => {
            let since = last.as_ref().map(|run| format!(" of {}", due(run.due_at)));
            let since = since.unwrap_or_default();
            let step = step
                .as_deref()
                .unwrap_or("under way in another linetape, or about to be noted as done");
            format!("{since}: {step}")
        }
        (JobState::Later(with), _) => {
            format!(": {what}; it comes with {with} and is not scheduled yet")
        }
        (_, Some(run)) => {
            let (at, hand) = (due(run.due_at), by_hand(run.by_hand));
            let told = match run.outcome {
                JobOutcome::Done | JobOutcome::Running => format!(" of {at}{hand}: {}", run.said),
                JobOutcome::Failed => format!(" of {at}{hand} failed: {}", run.said),
                JobOutcome::Missed => {
                    let runs = if row.missed == 1 { "run" } else { "runs" };
                    format!(
                        " missed {} {runs}, the newest of {at}: {}; {key} does it now",
                        row.missed, run.said
                    )
                }
            };
            match row.state {
                JobState::Off(why) => format!("{told}; it is off: {why}"),
                _ => told,
            }
        }
        (JobState::Off(why), None) => format!(" is off: {why}; {key} does it all the same"),
        (JobState::Scheduled, None) => format!(" has not run yet: {what}"),
    }
}

/// What is told first: what is under way, then what went wrong.
fn urgency(row: &JobView) -> u8 {
    match (&row.state, row.last.as_ref().map(|run| run.outcome)) {
        (JobState::Running(_), _) | (_, Some(JobOutcome::Running)) => 0,
        (JobState::Later(_), _) => 5,
        (_, Some(JobOutcome::Failed)) => 1,
        (_, Some(JobOutcome::Missed)) => 2,
        (JobState::Off(_), _) => 4,
        _ => 3,
    }
}

/// Draw it; `key` runs the selected job.
pub fn view(draw: &Draw<'_>, state: &list::State<Job>, key: &str, area: Rect, buffer: &mut Buffer) {
    let theme = draw.theme;
    let jobs = &draw.snapshot.jobs;
    let zone = figures::zone(draw.now, draw.zone);
    let aside = if draw.focused {
        format!("{key} runs the selected one")
    } else {
        String::new()
    };
    let inner = draw.frame("Jobs", &aside, area, buffer);
    if jobs.rows.is_empty() {
        draw.say(
            "The timetable is being read.",
            "It is here within a second of the start.",
            inner,
            buffer,
        );
        return;
    }
    let keys: Vec<Job> = jobs.rows.iter().map(|row| row.job).collect();
    let selected = state.row(&keys);
    let columns = [
        Column::new("job", 13),
        Column::new("", 1),
        Column::new("state", 7).rank(4),
        Column::new("last", 4).right(),
        Column::new("next", 5).right(),
        Column::new(zone, 5).right().rank(3),
        Column::new("schedule", 12).flex().rank(1),
    ];
    let height = (jobs.rows.len() as u16 + 1).min(inner.height);
    let [top, rest] =
        Layout::vertical([Constraint::Length(height), Constraint::Min(0)]).areas(inner);
    let table = Table {
        columns: &columns,
        rows: jobs.rows.len(),
        selected,
        selection: draw.selection(),
        heading: theme.heading,
    };
    table.render(top, buffer, |index| {
        let Some(row) = jobs.rows.get(index) else {
            return Vec::new();
        };
        let (sign, word, style) = standing(row, theme);
        let last = row.last.as_ref().map(|run| draw.age(run.due_at));
        let next = row.next_at.map(|at| figures::age(at - draw.now));
        let clock = row
            .next_at
            .map(|at| at.with_timezone(&draw.zone).format("%H:%M").to_string());
        vec![
            Line::from(row.job.as_str()),
            Line::styled(sign, style),
            Line::styled(word, style),
            Line::styled(last.unwrap_or_default(), theme.muted),
            Line::styled(next.unwrap_or_default(), theme.strong),
            Line::styled(clock.unwrap_or_default(), theme.muted),
            Line::styled(row.words.clone().unwrap_or_default(), theme.muted),
        ]
    });
    let mut told: Vec<Line<'static>> = Vec::new();
    match &jobs.runs {
        RunsKnown::Read => {}
        RunsKnown::Reading => told.push(Line::styled("· earlier runs are being read", theme.muted)),
        RunsKnown::Unread(why) => told.push(Line::from(vec![
            Span::styled("! ", theme.warn),
            Span::styled(format!("earlier runs are not known: {why}"), theme.muted),
        ])),
    }
    let mut rows: Vec<(usize, &JobView)> = jobs.rows.iter().enumerate().collect();
    // The selected one first: somebody wants to know.
    rows.sort_by_key(|(index, row)| (Some(*index) != selected, urgency(row)));
    for (index, row) in rows {
        let (sign, _, style) = standing(row, theme);
        told.push(Line::from(vec![
            Span::styled(format!("{sign} {}", row.job), style),
            Span::styled(sentence(row, draw.zone, key), theme.muted),
        ]));
        if Some(index) == selected
            && let Some(words) = &row.words
        {
            let next = row
                .next_at
                .map(|at| format!("; next {}", moment(at, draw.zone)));
            told.push(Line::styled(
                format!("  {}: {words}{}", row.job.what(), next.unwrap_or_default()),
                theme.text,
            ));
        }
    }
    Paragraph::new(told)
        .wrap(Wrap { trim: false })
        .render(rest, buffer);
}
