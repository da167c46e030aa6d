//! Whole screens and single panels as pictures of text and styles. A style is a letter; the rows under the text say
//! which letter holds from which column on, so that a lost colour, weight or reverse shows up in review.

use std::fmt::Write;
use std::sync::Arc;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use super::draw;
use crate::config::settings::ThemeName;
use crate::engine::event::Severity;
use crate::engine::snapshot::{Collecting, DatabaseState, RunsKnown, StartupStep, StepState};
use crate::tui::action::Action;
use crate::tui::fixture;
use crate::tui::glyph::Glyphs;
use crate::tui::panel::Panel;
use crate::tui::ui::Ui;
use crate::tui::update::act;

fn buffer(ui: &Ui) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, ui.size.0, ui.size.1));
    draw(ui, &mut buffer);
    buffer
}

/// Name of a style: `214`, `231/235+bold`, `-` for none.
fn style(cell: &Cell) -> String {
    let colour = |c: Color| match c {
        Color::Reset => String::new(),
        Color::Indexed(n) => n.to_string(),
        other => format!("{other:?}"),
    };
    let mut name = colour(cell.fg);
    if cell.bg != Color::Reset {
        let _ = write!(name, "/{}", colour(cell.bg));
    }
    for (modifier, word) in [
        (Modifier::BOLD, "b"),
        (Modifier::DIM, "d"),
        (Modifier::UNDERLINED, "u"),
        (Modifier::REVERSED, "r"),
    ] {
        if cell.modifier.contains(modifier) {
            let _ = write!(name, "+{word}");
        }
    }
    if name.is_empty() { "-".into() } else { name }
}

/// Text, then the style runs of each row. Spaces take the style before them unless they have a background or reverse.
fn picture(buffer: &Buffer) -> String {
    let mut text = String::new();
    let mut styles = String::new();
    for y in 0..buffer.area.height {
        let mut row = String::new();
        let mut runs = String::new();
        let mut last = String::new();
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            row.push_str(cell.symbol());
            let shown = cell.symbol() != " "
                || cell.bg != Color::Reset
                || cell.modifier.contains(Modifier::REVERSED);
            let name = style(cell);
            if shown && name != last {
                let _ = write!(runs, " {x}:{name}");
                last = name;
            }
        }
        let _ = writeln!(text, "{}", row.trim_end());
        let _ = writeln!(styles, "{y}{runs}");
    }
    format!("{text}\n{styles}")
}

const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (120, 40), (160, 45)];
const THEMES: [(ThemeName, &str); 3] = [
    (ThemeName::Dark, "dark"),
    (ThemeName::Light, "light"),
    (ThemeName::Mono, "mono"),
];

fn check(name: &str, ui: &Ui) {
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name.to_owned(), picture(&buffer(ui)));
    });
}

#[test]
fn whole_screens() {
    for size in SIZES {
        for (theme, name) in THEMES {
            check(
                &format!("screen_{}x{}_{name}", size.0, size.1),
                &fixture::ui(size, theme),
            );
        }
    }
}

#[test]
fn the_wall_has_room_for_nearly_every_panel() {
    for (size, theme, name) in [
        ((200, 60), ThemeName::Dark, "dark"),
        ((200, 60), ThemeName::Light, "light"),
        ((280, 80), ThemeName::Mono, "mono"),
    ] {
        let ui = fixture::ui(size, theme);
        let places = crate::tui::layout::Layout::of(&ui).places();
        assert_eq!(places.len(), Panel::ALL.len() - 1, "{size:?}");
        check(&format!("screen_{}x{}_{name}", size.0, size.1), &ui);
    }
}

#[test]
fn every_panel_alone() {
    for (index, panel) in Panel::ALL.into_iter().enumerate() {
        let mut ui = fixture::ui((80, 24), ThemeName::Dark);
        act(
            &mut ui,
            Action::ALL
                .iter()
                .copied()
                .find(|a| a.panel() == Some(panel))
                .unwrap(),
        );
        ui.zoomed = true;
        check(
            &format!("panel_{}_{panel:?}", index + 1).to_lowercase(),
            &ui,
        );
    }
}

#[test]
fn overlays_and_states() {
    let fresh = || fixture::ui((80, 24), ThemeName::Dark);
    for (name, action) in [
        ("overlay_help", Action::Help),
        ("overlay_palette", Action::Palette),
        ("overlay_filter", Action::Filter),
        ("overlay_backfill", Action::Backfill),
        ("state_frozen", Action::Freeze),
    ] {
        let mut ui = fresh();
        act(&mut ui, action);
        check(name, &ui);
    }
    let mut ui = fresh();
    let live = Arc::make_mut(&mut ui.live);
    live.collecting = Collecting::Stopped(
        "the spool is full (2 GB); start Postgres or raise spool.max_bytes".into(),
    );
    Arc::make_mut(&mut live.persistence).database = DatabaseState::Down {
        reason: "connection refused at /run/linetape; it is being started again".into(),
        retry_in_s: 8,
    };
    ui.toast(
        Severity::Error,
        "backfill: Action Network answered 403; ask again later",
    );
    act(&mut ui, Action::Persistence);
    check("state_database_down", &ui);

    let mut ui = fresh();
    let live = Arc::make_mut(&mut ui.live);
    live.games = Arc::default();
    live.tape = Arc::default();
    live.startup = Arc::new(vec![
        StartupStep {
            name: "spool",
            state: StepState::Done("empty".into()),
        },
        StartupStep {
            name: "Postgres",
            state: StepState::Running("creating the private cluster".into()),
        },
        StartupStep {
            name: "first data",
            state: StepState::Waiting,
        },
    ]);
    check("state_starting", &ui);
}

#[test]
fn an_empty_panel_says_what_is_and_what_to_do() {
    let mut ui = fixture::ui((120, 40), ThemeName::Dark);
    let live = Arc::make_mut(&mut ui.live);
    live.games = Arc::default();
    live.tape = Arc::default();
    live.signals = Arc::default();
    live.fair = Arc::default();
    live.extractions = Arc::default();
    live.backfills = Arc::default();
    live.jobs = Arc::default();
    live.logs = Arc::default();
    live.cache = Arc::default();
    let source = &mut Arc::make_mut(&mut live.sources)[0];
    source.health = crate::engine::snapshot::SourceHealth::Down;
    source.reason = Some("the network is unreachable; it is asked again in a minute".into());
    let store = Arc::make_mut(&mut live.persistence);
    store.database = DatabaseState::Down {
        reason: "connection refused; it is being started again".into(),
        retry_in_s: 8,
    };
    ui.zoomed = true;
    for (panel, words) in [
        (
            Panel::Board,
            ["an is down: the network", "Press R to ask every source"],
        ),
        (
            Panel::Chart,
            ["No game to chart yet", "press 7 for the sources"],
        ),
        (
            Panel::Tape,
            ["Nothing has moved yet", "R asks every feed now"],
        ),
        (
            Panel::Extraction,
            ["Nothing has been read yet", "7 shows the sources"],
        ),
        (
            Panel::Persistence,
            ["writes wait in the spool", "next try in 8s"],
        ),
        (
            Panel::Cache,
            ["Nothing was asked of it yet", "open a chart (2)"],
        ),
        (
            Panel::Sources,
            ["the network is unreachable", "asked again in a minute"],
        ),
        (
            Panel::Backfill,
            ["No backfill has been asked for", "Press b"],
        ),
        (Panel::Logs, ["Nothing to report", "[log] of the settings"]),
        (Panel::Signals, ["No signal can be made now", "5 says why"]),
        (
            Panel::Opportunities,
            ["Waiting for prices", "7 shows the feeds"],
        ),
        (
            Panel::Jobs,
            ["The timetable is being read", "within a second"],
        ),
    ] {
        ui.focus = panel;
        let said = picture(&buffer(&ui));
        for words in words {
            assert!(said.contains(words), "{words:?} of {panel:?} in {said}");
        }
    }
}

#[test]
fn the_jobs_on_both_screens_and_in_every_state() {
    for (width, height) in [(80, 24), (160, 45)] {
        let mut ui = fixture::ui((width, height), ThemeName::Dark);
        act(&mut ui, Action::Jobs);
        for _ in 0..3 {
            act(&mut ui, Action::Down);
        }
        check(&format!("jobs_{width}x{height}"), &ui);
    }
    let mut ui = fixture::ui((80, 24), ThemeName::Dark);
    act(&mut ui, Action::Jobs);
    ui.zoomed = true;
    let said = |ui: &Ui| picture(&buffer(ui));
    let runs = |ui: &mut Ui, runs: RunsKnown| {
        let live = Arc::make_mut(&mut ui.live);
        Arc::make_mut(&mut live.jobs).runs = runs;
    };
    runs(&mut ui, RunsKnown::Reading);
    assert!(said(&ui).contains("earlier runs are being read"));
    runs(
        &mut ui,
        RunsKnown::Unread("PostgreSQL does not answer".into()),
    );
    assert!(said(&ui).contains("! earlier runs are not known: PostgreSQL does not answer"));
    Arc::make_mut(&mut ui.live).jobs = Arc::default();
    assert!(said(&ui).contains("The timetable is being read."));
}

#[test]
fn the_cursor_reads_every_book() {
    let mut ui = fixture::ui((120, 40), ThemeName::Mono);
    act(&mut ui, Action::Chart);
    ui.zoomed = true;
    for _ in 0..3 {
        act(&mut ui, Action::Left);
    }
    act(&mut ui, Action::NextBook);
    check("chart_cursor", &ui);
}

#[test]
fn mono_has_no_colour_and_still_tells_everything() {
    for size in SIZES {
        let ui = fixture::ui(size, ThemeName::Mono);
        let buffer = buffer(&ui);
        assert!(
            buffer
                .content
                .iter()
                .all(|c| c.fg == Color::Reset && c.bg == Color::Reset),
            "{size:?}"
        );
        let text = picture(&buffer);
        // The smallest screen has no room for the row that is suspended.
        for sign in ["★", "▲", "susp"]
            .iter()
            .take(if size.1 < 24 { 2 } else { 3 })
        {
            assert!(text.contains(sign), "{sign} at {size:?}");
        }
        assert!(
            buffer
                .content
                .iter()
                .any(|c| c.modifier.contains(Modifier::REVERSED)),
            "the selection at {size:?}"
        );
    }
}

#[test]
fn colour_is_the_only_difference_between_themes() {
    for size in SIZES {
        let text = |theme| {
            let picture = picture(&buffer(&fixture::ui(size, theme)));
            // Where there are no hues, more lines of the chart are dashed.
            picture
                .split_once("\n\n")
                .map(|(text, _)| text.replace(['╌', '┈'], "─").replace('╎', "│"))
        };
        assert_eq!(
            text(ThemeName::Dark),
            text(ThemeName::Mono),
            "no meaning by colour alone"
        );
        assert_eq!(text(ThemeName::Dark), text(ThemeName::Light));
    }
}

#[test]
fn seven_bit_terminals_get_seven_bits() {
    let mut ui = fixture::ui((120, 40), ThemeName::Mono);
    ui.glyphs = Glyphs::Ascii;
    for panel in Panel::ALL {
        ui.focus = panel;
        ui.zoomed = true;
        assert!(
            buffer(&ui).content.iter().all(|c| c.symbol().is_ascii()),
            "{panel:?}"
        );
    }
}

#[test]
fn no_size_breaks_a_panel() {
    let mut ui = fixture::ui((80, 24), ThemeName::Dark);
    ui.chart.cursor = Some(fixture::now());
    // Too small is too small whatever the panel.
    for size in [(1, 1), (1, 50), (220, 1), (59, 16), (60, 15)] {
        ui.size = size;
        buffer(&ui);
    }
    for panel in Panel::ALL {
        ui.focus = panel;
        ui.tab = panel;
        ui.shared = if crate::tui::layout::SHARED.contains(&panel) {
            panel
        } else {
            Panel::Sources
        };
        for (width, height) in [
            (60, 16),
            (60, 50),
            (109, 31),
            (110, 31),
            (109, 32),
            (110, 32),
            (150, 32),
            (220, 16),
            (220, 50),
            (200, 52),
            (250, 52),
            (400, 120),
        ] {
            for zoomed in [false, true] {
                ui.size = (width, height);
                ui.zoomed = zoomed;
                buffer(&ui);
            }
        }
    }
}

#[test]
fn hostile_names_do_not_reach_the_terminal() {
    let mut ui = fixture::ui((120, 40), ThemeName::Dark);
    let live = Arc::make_mut(&mut ui.live);
    let games = Arc::make_mut(&mut live.games);
    Arc::make_mut(&mut games[0]).home.abbr = "A\u{202e}B\u{1b}[2J".into();
    let picture = picture(&buffer(&ui));
    assert!(!picture.contains('\u{202e}') && !picture.contains('\u{1b}'));
}

#[test]
fn a_second_changes_only_the_clock_and_the_ages() {
    for size in SIZES {
        let mut ui = fixture::ui(size, ThemeName::Dark);
        let before = buffer(&ui);
        ui.clock += chrono::TimeDelta::seconds(1);
        let after = buffer(&ui);
        let changed = before.diff(&after).len();
        assert!((1..60).contains(&changed), "{changed} cells at {size:?}");
    }
}
