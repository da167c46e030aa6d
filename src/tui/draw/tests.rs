//! Whole screens and single panels as pictures of text and styles. A style is a letter; the rows under the text say
//! which letter holds from which column on, so that a lost colour, weight or reverse shows up in review.

use std::fmt::Write;
use std::sync::Arc;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use super::draw;
use crate::config::settings::ThemeName;
use crate::domain::market::{Market, Period, Side};
use crate::domain::source::Stream;
use crate::domain::splits::{SplitKey, SplitValue};
use crate::engine::event::Severity;
use crate::engine::snapshot::{
    Collecting, DatabaseState, RunsKnown, SplitView, StartupStep, StepState,
};
use crate::tui::action::Action;
use crate::tui::fixture;
use crate::tui::glyph::Glyphs;
use crate::tui::panel::{Panel, chart};
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

/// Text, then the style runs of each row.
fn picture(buffer: &Buffer) -> String {
    format!("{}\n{}", text(buffer), styles(buffer))
}

fn text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let symbols = (0..buffer.area.width).map(|x| buffer[(x, y)].symbol());
        let _ = writeln!(text, "{}", symbols.collect::<String>().trim_end());
    }
    text
}

/// Where there are no hues, more lines of the chart are dashed.
fn solid(text: &str) -> String {
    text.replace(['╌', '┈'], "─").replace('╎', "│")
}

/// Spaces take the style before them unless they have a background or reverse.
fn styles(buffer: &Buffer) -> String {
    let mut styles = String::new();
    for y in 0..buffer.area.height {
        let mut runs = String::new();
        let mut last = String::new();
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            let shown = cell.symbol() != " "
                || cell.bg != Color::Reset
                || cell.modifier.contains(Modifier::REVERSED);
            let name = style(cell);
            if shown && name != last {
                let _ = write!(runs, " {x}:{name}");
                last = name;
            }
        }
        let _ = writeln!(styles, "{y}{runs}");
    }
    styles
}

const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (120, 40), (160, 45)];
const THEMES: [(ThemeName, &str); 4] = [
    (ThemeName::Dark, "dark"),
    (ThemeName::Light, "light"),
    (ThemeName::Contrast, "contrast"),
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

/// Every panel alone at four sizes, in every theme: the text once, which no theme changes, then the styles of each.
#[test]
fn every_panel_alone() {
    let sizes = [(60, 16), (80, 24), (120, 40), (200, 60)];
    for (index, panel) in Panel::ALL.into_iter().enumerate() {
        let open = Action::ALL
            .iter()
            .copied()
            .find(|a| a.panel() == Some(panel));
        let mut pictures = String::new();
        for (width, height) in sizes {
            let mut shown = String::new();
            for (theme, name) in THEMES {
                let mut ui = fixture::ui((width, height), theme);
                act(&mut ui, open.unwrap());
                ui.zoomed = true;
                let buffer = buffer(&ui);
                if shown.is_empty() {
                    shown = text(&buffer);
                    let _ = writeln!(pictures, "{width}×{height}\n{shown}");
                }
                let same = solid(&text(&buffer)) == solid(&shown);
                assert!(same, "{panel:?} in {name}:\n{}", text(&buffer));
                let _ = writeln!(pictures, "{name}\n{}", styles(&buffer));
            }
        }
        let name = format!("panel_{}_{panel:?}", index + 1).to_lowercase();
        insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, pictures);
        });
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
fn every_book_of_the_ladder_can_be_walked_to() {
    use crossterm::event::{KeyCode, KeyEvent};
    let mut ui = fixture::ui((60, 16), ThemeName::Dark);
    act(&mut ui, Action::Alternates);
    let heads = |ui: &Ui| -> String {
        let screen = text(&buffer(ui));
        let found = screen
            .lines()
            .find(|line| line.contains("line") && line.contains("best"));
        found.unwrap().to_owned()
    };
    let press = |ui: &mut Ui, code| {
        crate::tui::update::update(ui, crate::tui::msg::Msg::Key(KeyEvent::from(code)));
    };
    let first = heads(&ui);
    assert!(first.contains('›') && !first.contains('‹'), "{first}");
    let mut seen = first.clone();
    for nth in 0..12 {
        press(&mut ui, KeyCode::Right);
        seen.push_str(&heads(&ui));
        if nth == 1 {
            check("overlay_lines", &ui);
        }
    }
    for book in ["CONS", "DK", "FD", "MGM", "CZR", "BR", "365", "CIR", "ESPN"] {
        assert!(seen.contains(book), "{book} in {seen}");
    }
    let last = heads(&ui);
    assert!(last.contains('‹') && !last.contains('›'), "{last}");
    // A step back is a step back, however often somebody went on at the end.
    press(&mut ui, KeyCode::Char('h'));
    assert!(heads(&ui).contains('›') && heads(&ui) != last);
    for _ in 0..12 {
        press(&mut ui, KeyCode::Left);
    }
    assert_eq!(heads(&ui), first);
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

/// Who bets on the home team of MIA @ BAL: the tickets come, the money goes.
fn with_bets(ui: &mut Ui) {
    let live = Arc::make_mut(&mut ui.live);
    let games = Arc::make_mut(&mut live.games);
    let game = Arc::make_mut(&mut games[2]);
    let key = SplitKey {
        game_id: game.id,
        stream: Stream::AnScoreboard,
        scope: "all".into(),
        market: Market::Moneyline,
        period: Period::Full,
        side: Side::Home,
    };
    let counts = [
        (330, 47.0, 58.0),
        (250, 52.0, 57.0),
        (170, 55.0, 49.0),
        (100, 61.0, 44.0),
        (35, 63.0, 41.0),
    ];
    let mut counts = counts.into_iter().map(|(minutes, tickets, money)| {
        let value = SplitValue {
            tickets_pct: Some(tickets),
            money_pct: Some(money),
            tickets: None,
            money: None,
        };
        (value, fixture::now() - chrono::TimeDelta::minutes(minutes))
    });
    let (value, at) = counts.next().unwrap();
    let mut split = SplitView::new(key, value, at);
    for (value, at) in counts {
        split.change(value, at);
    }
    game.splits = Arc::new(vec![split]);
}

#[test]
fn tickets_and_money_share_the_time_of_the_chart() {
    let mut ui = fixture::ui((120, 40), ThemeName::Dark);
    with_bets(&mut ui);
    act(&mut ui, Action::Chart);
    ui.zoomed = true;
    check("chart_bets", &ui);
    let text = |ui: &Ui| picture(&buffer(ui));
    assert!(text(&ui).contains("63 %") && text(&ui).contains("money ▼22"));
    // The words are of the moment under the cursor.
    ui.chart.cursor = Some(fixture::now() - chrono::TimeDelta::minutes(200));
    assert!(text(&ui).contains("52 %") && text(&ui).contains("money ▲5"));
    ui.chart.cursor = Some(fixture::now() - chrono::TimeDelta::minutes(340));
    assert!(text(&ui).contains("an nothing counted yet"));
    ui.chart.cursor = None;
    ui.size = (80, 17);
    assert!(
        text(&ui).contains("63 %"),
        "a line of words where there is no room for more"
    );
    // A feed has its words whole, or not at all.
    let live = Arc::make_mut(&mut ui.live);
    let game = Arc::make_mut(&mut Arc::make_mut(&mut live.games)[2]);
    let splits = Arc::make_mut(&mut game.splits);
    let mut other = splits[0].clone();
    other.key.stream = Stream::SbdSplits;
    splits.push(other);
    assert!(text(&ui).contains("63 %") && !text(&ui).contains(" sbd "));
    ui.size = (160, 45);
    assert_eq!(text(&ui).matches("money ▼22").count(), 2);
    ui.size = (120, 40);
    act(&mut ui, Action::NextMarket);
    assert!(text(&ui).contains("no feed has told who bets"));
}

#[test]
fn fair_probabilities_of_every_book_and_what_is_compared() {
    let mut ui = fixture::ui((120, 40), ThemeName::Mono);
    act(&mut ui, Action::Chart);
    ui.zoomed = true;
    act(&mut ui, Action::Left);
    act(&mut ui, Action::LineOrPrice);
    check("chart_fair", &ui);
    let title = |ui: &Ui| {
        picture(&buffer(ui))
            .lines()
            .nth(1)
            .unwrap_or_default()
            .to_owned()
    };
    assert!(title(&ui).contains("moneyline by fair %"), "{}", title(&ui));
    act(&mut ui, Action::LineOrPrice);
    assert!(
        !title(&ui).contains("fair"),
        "a moneyline has no line to go by"
    );
    act(&mut ui, Action::LineOrPrice);
    act(&mut ui, Action::NextMarket);
    assert!(
        title(&ui).contains("spread by fair % of −1½"),
        "{}",
        title(&ui)
    );
    act(&mut ui, Action::NextMarket);
    assert!(
        title(&ui).contains("total by fair %, each at its own line"),
        "{}",
        title(&ui)
    );
    let text = picture(&buffer(&ui));
    assert!(text.contains("8½ 50."), "a label says which line it is of");
    act(&mut ui, Action::LineOrPrice);
    assert!(title(&ui).contains("total by line"));
    // Half a book has no probability, and no line.
    let live = Arc::make_mut(&mut ui.live);
    let game = Arc::make_mut(&mut Arc::make_mut(&mut live.games)[2]);
    game.series
        .retain(|s| &*s.label != "DK" || s.key.side != Side::Under);
    ui.chart.unit = chart::Unit::Fair;
    let text = picture(&buffer(&ui));
    assert!(text.contains("● DK             ---"), "{text}");
}

#[test]
fn two_charts_share_their_time_and_their_cursor() {
    let mut ui = fixture::ui((160, 45), ThemeName::Dark);
    act(&mut ui, Action::Chart);
    act(&mut ui, Action::Compare);
    let text = |ui: &Ui| picture(&buffer(ui));
    ui.toasts.clear();
    assert!(text(&ui).contains(" held · pregame "), "the frame says so");
    act(&mut ui, Action::NextMarket);
    act(&mut ui, Action::NextMarket);
    let heading = "─ MIA @ BAL · moneyline · BAL ─";
    assert!(text(&ui).contains(heading), "one above the other");
    ui.size = (130, 24);
    let both =
        |row: &str| row.contains("─ MIA @ BAL · total by line · over ─") && row.contains(heading);
    assert!(
        text(&ui).lines().any(both),
        "one beside the other: {}",
        text(&ui)
    );
    ui.size = (80, 24);
    let notice = "No room for two: z gives it, c lets go of MIA @ BAL · moneyline · BAL";
    assert!(text(&ui).contains(notice), "{}", text(&ui));
    ui.size = (160, 45);
    ui.zoomed = true;
    for _ in 0..4 {
        act(&mut ui, Action::Left);
    }
    check("chart_compare", &ui);
    let painted = buffer(&ui);
    let style = ui.theme.cursor.fg.unwrap();
    let cursor: Vec<(u16, u16)> = (0..45)
        .flat_map(|y| (0..160).map(move |x| (x, y)))
        .filter(|at| painted[*at].symbol() == "│" && painted[*at].fg == style)
        .collect();
    assert!(
        cursor.iter().all(|(x, _)| *x == cursor[0].0),
        "one moment in both: {cursor:?}"
    );
    assert!(cursor[0].1 < 12 && cursor[cursor.len() - 1].1 > 22);
    ui.size = (80, 24);
    assert!(text(&ui).contains(heading), "{}", text(&ui));
    // Another game keeps the moment, so that the two can be held against each other.
    let cursor = ui.chart.cursor;
    act(&mut ui, Action::Down);
    assert_eq!(ui.chart.cursor, cursor);
    ui.size = (60, 16);
    buffer(&ui);
    act(&mut ui, Action::Compare);
    assert!(ui.chart.pinned.is_none());
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
            picture.split_once("\n\n").map(|(text, _)| solid(text))
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
