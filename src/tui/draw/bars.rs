//! The lines above and below the panels; the keys in the last of them are in [`hints`].

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use crate::domain::league::League;
use crate::engine::snapshot::{Collecting, DatabaseState, Mode, SourceHealth, SourceView};
use crate::tui::action::Action;
use crate::tui::figures;
use crate::tui::panel::{Panel, sources};
use crate::tui::ui::Ui;

/// Name, leagues, day, games; mode and clock; sources, spool, database.
pub(super) fn header(ui: &Ui, area: Rect, buffer: &mut Buffer) {
    let theme = &ui.theme;
    let snapshot = ui.snapshot();
    buffer.set_style(area, theme.header);
    let mut leagues: Vec<String> = snapshot
        .games
        .iter()
        .filter(|g| g.league != League::Other)
        .map(|g| g.league.as_str().to_uppercase())
        .collect();
    leagues.sort();
    leagues.dedup();
    let followed = snapshot.games.iter().filter(|g| g.league != League::Other);
    let games = match followed.count() {
        0 => "no games".to_owned(),
        1 => "1 game".to_owned(),
        n => format!("{n} games"),
    };
    let day = ui
        .now()
        .with_timezone(&ui.zone)
        .format("%a %b %-d")
        .to_string();
    let (badge, badge_style) = match (&ui.live.collecting, &ui.frozen, &snapshot.mode) {
        (Collecting::Stopped(_), ..) => (" STOPPED ".to_owned(), theme.alarm),
        _ if ui.travel.is_some() => (" PAST ".to_owned(), theme.banner),
        (_, Some(_), _) => (" FROZEN ".to_owned(), theme.banner),
        (Collecting::Paused, ..) => (" PAUSED ".to_owned(), theme.banner),
        (_, _, Mode::Demo { speed: 0 | 1, .. }) => (" DEMO ".to_owned(), theme.demo),
        (_, _, Mode::Demo { speed, .. }) => (format!(" DEMO ×{speed} "), theme.demo),
        (_, _, Mode::Live) => (" LIVE ".to_owned(), theme.live),
        (_, _, Mode::Watch) => (" WATCH ".to_owned(), theme.live),
        (_, _, Mode::Replay) => (" REPLAY ".to_owned(), theme.banner),
    };
    let clock = format!(
        " {} {}",
        figures::clock(ui.now(), ui.zone),
        figures::zone(ui.now(), ui.zone)
    );
    let what = if leagues.is_empty() {
        day.clone()
    } else {
        format!("{} · {day}", leagues.join(" "))
    };
    let left = Line::from(vec![
        Span::styled(" linetape  ", theme.strong),
        Span::raw(format!("{what} · {games}  ")),
        Span::styled(badge.clone(), badge_style),
        Span::raw(clock.clone()),
    ]);
    let tight = Line::from(vec![
        Span::styled(" linetape  ", theme.strong),
        Span::styled(badge, badge_style),
        Span::raw(clock),
    ]);
    // The state of things matters more than the day, and that more than the small print of sources.
    let room = usize::from(area.width);
    let width = |parts: &[Line<'_>]| parts.iter().map(|part| part.width() + 2).sum::<usize>();
    let few = [
        (&left, Print::Whole),
        (&tight, Print::Whole),
        (&tight, Print::Terse),
        (&tight, Print::Summed),
    ];
    // Of many the sum says as much as each.
    let many = [
        (&left, Print::Whole),
        (&left, Print::Terse),
        (&left, Print::Summed),
        (&tight, Print::Summed),
    ];
    let ways = if snapshot.sources.len() > 3 {
        many
    } else {
        few
    };
    let fits = ways
        .into_iter()
        .map(|(left, print)| (left, state(ui, print)))
        .find(|(left, parts)| left.width() + width(parts) < room);
    let (left, mut parts) = fits.unwrap_or_else(|| (&tight, state(ui, Print::Summed)));
    while left.width() + width(&parts) >= room && parts.len() > 2 {
        // Sources stand first; spool and database, at the end, stay.
        parts.remove(parts.len() - 3);
    }
    let mut x = area
        .right()
        .saturating_sub(width(&parts) as u16)
        .max(area.x + left.width() as u16 + 1);
    left.render(area, buffer);
    for part in &parts {
        let (next, _) = buffer.set_line(x, area.y, part, area.right().saturating_sub(x));
        x = next + 2;
    }
}

/// How much is said of the sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Print {
    /// Each, with its credits.
    Whole,
    /// Each.
    Terse,
    /// How many are well, and each that is not.
    Summed,
}

/// Sources, spool, database.
fn state(ui: &Ui, print: Print) -> Vec<Line<'static>> {
    let theme = &ui.theme;
    let snapshot = ui.snapshot();
    let whole = print == Print::Whole;
    let well = |source: &SourceView| source.health == SourceHealth::Healthy;
    let summed = (print == Print::Summed
        && snapshot.sources.iter().filter(|s| well(s)).count() > 2)
        .then(|| {
            let count = snapshot.sources.iter().filter(|s| well(s)).count();
            let oldest = snapshot.sources.iter().filter(|s| well(s));
            let oldest = oldest.filter_map(|source| source.last_success).min();
            let age = oldest.map_or_else(String::new, |at| figures::age(ui.now() - at));
            Line::from(vec![
                Span::raw(format!("{count} feeds {age} ")),
                Span::styled("✓", theme.ok),
            ])
        });
    let each = snapshot
        .sources
        .iter()
        .filter(|source| summed.is_none() || !well(source))
        .map(|source| {
            let (sign, word, style) = sources::health(source.health, theme);
            let age = source
                .last_success
                .map_or_else(|| word.to_owned(), |at| figures::age(ui.now() - at));
            let quota = source
                .quota_remaining
                .filter(|_| whole)
                .map(|left| format!(" {} left", figures::short(left)))
                .unwrap_or_default();
            Line::from(vec![
                Span::raw(format!("{} {age} ", source.source.short())),
                Span::styled(sign, style),
                Span::styled(quota, theme.muted),
            ])
        });
    let mut parts: Vec<Line<'static>> = summed.clone().into_iter().chain(each).collect();
    let depth = snapshot.persistence.spool_depth;
    parts.push(Line::from(vec![
        Span::raw("spool "),
        Span::styled(
            depth.to_string(),
            if depth > 0 { theme.warn } else { Style::new() },
        ),
    ]));
    parts.push(match &snapshot.persistence.database {
        DatabaseState::Starting(_) => Line::from(vec![
            Span::raw("pg "),
            Span::styled("starting", theme.accent),
        ]),
        DatabaseState::Up => Line::from(vec![Span::raw("pg "), Span::styled("✓", theme.ok)]),
        DatabaseState::Down { retry_in_s, .. } => {
            let left = retry_in_s.saturating_sub(ui.draw(Panel::Persistence).real_seconds_since());
            Line::from(vec![
                Span::raw("pg "),
                Span::styled(format!("✗ down, {left}s"), theme.error),
            ])
        }
        DatabaseState::Unusable(_) => Line::from(vec![
            Span::raw("pg "),
            Span::styled("✗ unusable", theme.error),
        ]),
    });
    parts
}

/// What is not as usual, and the way back.
pub(super) fn banner(ui: &Ui, area: Rect, buffer: &mut Buffer) {
    let key = |action| ui.keymap.hint(action);
    // The timeline says that the past is shown; what is frozen lies under it.
    let frozen = ui.frozen.as_ref().filter(|_| ui.travel.is_none());
    let (words, style) = match (&ui.live.collecting, frozen) {
        (Collecting::Stopped(why), _) => (format!("Collection stopped: {why}"), ui.theme.alarm),
        (collecting, Some((_, at))) => {
            let going = if *collecting == Collecting::Paused {
                "collection is paused"
            } else {
                "collection goes on"
            };
            (
                format!(
                    "Frozen at {}; {going}. {} goes back to now",
                    figures::clock(*at, ui.zone),
                    key(Action::Freeze)
                ),
                ui.theme.banner,
            )
        }
        (Collecting::Paused, None) => (
            format!(
                "Collection is paused; what is in the spool still drains. {} polls again",
                key(Action::Pause)
            ),
            ui.theme.banner,
        ),
        (Collecting::On, None) => return,
    };
    buffer.set_style(area, style);
    Line::styled(format!(" {words}"), style).render(area, buffer);
}

/// Names of the panels with their keys, where one has the place under the board.
pub(super) fn tabs(ui: &Ui, shown: Panel, area: Rect, buffer: &mut Buffer) {
    let theme = &ui.theme;
    let mut line = Line::from(" ");
    for panel in Panel::ALL.into_iter().skip(1) {
        let key = Action::ALL
            .iter()
            .find(|action| action.panel() == Some(panel))
            .map(|action| ui.keymap.hint(*action))
            .unwrap_or_default();
        line.push_span(Span::styled(key, theme.key));
        let style = if panel == shown {
            theme.title_focus
        } else {
            theme.muted
        };
        line.push_span(Span::raw(" "));
        line.push_span(Span::styled(panel.short(), style));
        line.push_span(Span::raw("  "));
    }
    line.render(area, buffer);
}
