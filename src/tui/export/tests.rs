use super::scene::SIZE;
use super::*;
use crate::config::settings::ThemeName;
use crate::domain::game::GameId;
use crate::tui::fixture;

/// The words of an export.
fn words(ui: &Ui, form: Form) -> String {
    match make(ui, form).unwrap().content {
        Content::Text(text) => text,
        Content::Picture(_) => panic!("{form:?} is a picture"),
    }
}

fn ui() -> Ui {
    fixture::ui((160, 45), ThemeName::Dark)
}

#[test]
fn rows_are_those_shown_with_numbers_a_program_reads() {
    let mut ui = ui();
    for panel in [Panel::Board, Panel::Chart, Panel::Tape, Panel::Signals] {
        ui.focus = panel;
        let rows = words(&ui, Form::Csv);
        let mut reader = csv::Reader::from_reader(rows.as_bytes());
        let head = reader.headers().unwrap().clone();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert!(!rows.is_empty(), "{panel:?}");
        let column = |name: &str| head.iter().position(|h| h.ends_with(name));
        for row in &rows {
            let american = column("american")
                .and_then(|at| row.get(at))
                .unwrap_or_default();
            assert!(
                american.is_empty() || american.parse::<i32>().is_ok(),
                "{american}"
            );
        }
    }
    ui.focus = Panel::Board;
    ui.filters.insert(Panel::Board, "team:mia".into());
    let filtered = words(&ui, Form::Csv);
    assert_eq!(filtered.lines().count(), 2, "{filtered}");
    ui.focus = Panel::Cache;
    assert!(make(&ui, Form::Csv).unwrap_err().contains("no rows"));
}

#[test]
fn the_screen_is_the_same_in_every_form() {
    let ui = ui();
    let text = words(&ui, Form::Text);
    assert!(text.contains("MIA @ BAL") && !text.contains('\u{1b}'));
    let ansi = words(&ui, Form::Ansi);
    let mut plain = String::new();
    let mut rest = ansi.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    let trimmed = |text: &str| -> Vec<String> {
        text.lines()
            .map(|line| line.trim_end().to_owned())
            .collect()
    };
    assert_eq!(trimmed(&plain), trimmed(&text));
    let html = words(&ui, Form::Html);
    assert!(html.contains("MIA") && html.contains("color:#"));
}

#[test]
fn hostile_names_are_no_markup_and_no_formula() {
    let mut ui = ui();
    let mut live = ui.live.as_ref().clone();
    let mut games = live.games.as_ref().clone();
    let mut game = games[2].as_ref().clone();
    game.away.name = "=HYPERLINK(\"x\")".into();
    game.away.abbr = "<b>".into();
    games[2] = std::sync::Arc::new(game);
    live.games = std::sync::Arc::new(games);
    ui.live = std::sync::Arc::new(live);
    ui.board.game = Some(GameId::from_i64(3));
    assert!(words(&ui, Form::Csv).contains("\"'=HYPERLINK"));
    assert!(!words(&ui, Form::Html).contains("<b>"));
    assert!(!words(&ui, Form::Svg).contains("<b>"));
}

#[test]
fn the_drawing_has_a_line_and_a_label_for_each_book() {
    let mut ui = ui();
    ui.board.game = Some(GameId::from_i64(3));
    let svg = words(&ui, Form::Svg);
    let lines = svg.matches("<path").count();
    assert!(lines >= 6, "{svg}");
    assert!(svg.contains("DK −") || svg.contains("DK +"), "{svg}");
    // Nothing beyond the frame, whatever was quoted before the range.
    for part in svg.split(['H', 'M']).skip(1) {
        let number: String = part
            .chars()
            .take_while(|c| c.is_ascii_digit() || *c == '.')
            .collect();
        if let Ok(x) = number.parse::<f64>() {
            assert!((0.0..=1_200.0).contains(&x), "{x}");
        }
    }
}

#[test]
fn whoever_the_screen_lists_is_in_the_drawing() {
    use crate::tui::action::Action;
    use crate::tui::update::act;
    let books = ["CONS", "DK", "FD", "MGM", "CZR", "BR", "365", "ESPN"];
    let mut suspended = 0;
    // A quiet game, one where a book is locked, one where a book left the board.
    for (game, market) in [(3, 0), (4, 0), (5, 0), (3, 1), (4, 1), (5, 2)] {
        let mut ui = ui();
        ui.board.game = Some(GameId::from_i64(game));
        ui.board.step_market(market);
        ui.focus = Panel::Chart;
        ui.zoomed = true;
        for _ in 0..3 {
            act(&mut ui, Action::LineOrPrice);
            let screen = screen::text(&picture(&ui));
            let svg = words(&ui, Form::Svg);
            let named = |name: &str| {
                svg.contains(&format!(">{name} ")) || svg.contains(&format!(">{name}<"))
            };
            for book in books {
                assert!(named(book), "{book} of game {game} in {svg}");
            }
            // The shops' middle is a price or a probability, no line. The screen may have it in a group.
            assert_eq!(named("NOVIG"), !svg.contains("by line"), "{screen}{svg}");
            assert!(named("NOVIG") || !screen.contains("NOVIG"), "{screen}{svg}");
            let locked = svg.matches(">MGM susp<").count();
            let dotted = svg.matches("stroke-dasharray=\"2 4\"").count();
            assert!(dotted >= locked, "it is dotted as on the screen: {svg}");
            suspended += locked;
        }
    }
    assert!(suspended > 1, "a locked book is named, too");
}

#[test]
fn the_picture_is_the_drawing_in_points() {
    let mut ui = ui();
    ui.board.game = Some(GameId::from_i64(3));
    let mut grounds = std::collections::BTreeSet::new();
    for theme in [ThemeName::Dark, ThemeName::Light, ThemeName::Mono] {
        ui.theme = crate::tui::theme::Theme::named(theme);
        let Content::Picture(bytes) = make(&ui, Form::Png).unwrap().content else {
            panic!("a picture is no text");
        };
        let mut reader = ::png::Decoder::new(std::io::Cursor::new(&bytes))
            .read_info()
            .unwrap();
        let mut points = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut points).unwrap();
        assert_eq!(
            (f64::from(info.width), f64::from(info.height)),
            SIZE,
            "{theme:?}"
        );
        let points: Vec<[u8; 3]> = points.as_chunks().0.to_vec();
        grounds.insert(points[0]);
        let drawing = words(&ui, Form::Svg);
        // Every line of the drawing is there in its colour, and long enough to be a line.
        let strokes: Vec<&str> = drawing
            .split("stroke=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert!(strokes.len() > 6);
        for stroke in strokes {
            let value = |at: usize| u8::from_str_radix(&stroke[at..at + 2], 16).unwrap();
            let ink = [value(1), value(3), value(5)];
            let count = points.iter().filter(|point| **point == ink).count();
            assert!(count > 60, "{count} points of {stroke} in {theme:?}");
        }
        assert!(bytes.len() < 100_000, "{} bytes", bytes.len());
    }
    assert_eq!(grounds.len(), 2, "a sheet as dark or light as the theme");
}
