use super::*;
use crate::config::settings::ThemeName;
use crate::domain::game::GameId;
use crate::tui::fixture;

fn ui() -> Ui {
    fixture::ui((160, 45), ThemeName::Dark)
}

#[test]
fn rows_are_those_shown_with_numbers_a_program_reads() {
    let mut ui = ui();
    for panel in [Panel::Board, Panel::Chart, Panel::Tape, Panel::Signals] {
        ui.focus = panel;
        let export = make(&ui, Form::Csv).unwrap();
        let mut reader = csv::Reader::from_reader(export.content.as_bytes());
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
    let filtered = make(&ui, Form::Csv).unwrap().content;
    assert_eq!(filtered.lines().count(), 2, "{filtered}");
    ui.focus = Panel::Cache;
    assert!(make(&ui, Form::Csv).unwrap_err().contains("no rows"));
}

#[test]
fn the_screen_is_the_same_in_every_form() {
    let ui = ui();
    let text = make(&ui, Form::Text).unwrap().content;
    assert!(text.contains("MIA @ BAL") && !text.contains('\u{1b}'));
    let ansi = make(&ui, Form::Ansi).unwrap().content;
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
    let html = make(&ui, Form::Html).unwrap().content;
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
    assert!(
        make(&ui, Form::Csv)
            .unwrap()
            .content
            .contains("\"'=HYPERLINK")
    );
    assert!(!make(&ui, Form::Html).unwrap().content.contains("<b>"));
    assert!(!make(&ui, Form::Svg).unwrap().content.contains("<b>"));
}

#[test]
fn the_drawing_has_a_line_and_a_label_for_each_book() {
    let mut ui = ui();
    ui.board.game = Some(GameId::from_i64(3));
    let svg = make(&ui, Form::Svg).unwrap().content;
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
