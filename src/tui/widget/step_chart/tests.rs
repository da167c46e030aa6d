use super::labels::names;
use super::pen::Pen;
use super::*;
use crate::tui::widget::scale::Unit;
use ratatui::style::Color;

fn track(label: &str, colour: u8, importance: u8, columns: Vec<Column>) -> Track {
    Track {
        label: label.into(),
        value_text: columns
            .last()
            .and_then(|c| c.last.value())
            .map_or(String::new(), |v| format!("{v:.3}")),
        style: Style::new().fg(Color::Indexed(colour)),
        pen: Pen::Light,
        importance,
        columns,
        seam: None,
    }
}

/// Rows of hundredths, 0.5 in the middle of eleven.
fn chart(tracks: &[Track], rows: u16) -> StepChart<'_> {
    StepChart {
        tracks,
        from: 0,
        to: 1_000,
        scale: Scale::fit(Unit::Probability, 0.45, 0.55, rows),
        values: Vec::new(),
        keys: Vec::new(),
        times: Vec::new(),
        marks: Vec::new(),
        cursor: None,
        styles: Styles::default(),
    }
}

fn flat(value: f64, columns: usize) -> Vec<Column> {
    reduce(
        std::iter::once((-5, Level::Quoted(value))),
        0,
        1_000,
        1_000,
        columns,
    )
}

fn steps(points: &[(i64, Level)], columns: usize) -> Vec<Column> {
    reduce(points.iter().copied(), 0, 1_000, 1_000, columns)
}

/// The plot of eleven rows, drawn, as text without the spaces at the right of each row.
fn drawn(tracks: &[Track], width: u16) -> (Buffer, Vec<String>) {
    let area = Rect::new(0, 0, width, 12);
    let plot = parts(area).plot;
    let mut buffer = Buffer::empty(area);
    chart(tracks, plot.height).render(area, &mut buffer);
    let text = (plot.y..plot.bottom())
        .map(|y| {
            let row: String = (plot.x..plot.right())
                .map(|x| buffer[(x, y)].symbol())
                .collect();
            row.trim_end().to_owned()
        })
        .collect();
    (buffer, text)
}

/// Columns of the plot of `drawn` at a width of fifteen.
const TEN: usize = 10;

#[test]
fn a_step_turns_with_corners() {
    use Level::Quoted;
    let points = [(0, Quoted(0.48)), (350, Quoted(0.52)), (750, Quoted(0.51))];
    let (_, text) = drawn(&[track("A", 1, 1, steps(&points, TEN))], 15);
    assert_eq!(text[3], "   ┌───┐");
    assert_eq!(text[4], "   │   └──");
    assert_eq!(text[5], "   │");
    assert_eq!(text[7], "───┘");
}

#[test]
fn a_price_that_came_and_went_within_a_column_is_a_spike() {
    use Level::Quoted;
    let points = [(0, Quoted(0.5)), (410, Quoted(0.52)), (450, Quoted(0.5))];
    let (_, text) = drawn(&[track("A", 1, 1, steps(&points, TEN))], 15);
    assert_eq!(&text[3..6], ["    ╷", "    │", "────┴─────"]);
}

#[test]
fn two_series_a_row_apart_are_both_seen() {
    let tracks = [
        track("A", 1, 1, flat(0.50, TEN)),
        track("B", 2, 1, flat(0.51, TEN)),
    ];
    let (buffer, text) = drawn(&tracks, 15);
    assert_eq!(
        (text[4].as_str(), text[5].as_str()),
        ("──────────", "──────────")
    );
    assert_eq!(buffer[(3, 4)].fg, Color::Indexed(2));
    assert_eq!(buffer[(3, 5)].fg, Color::Indexed(1));
}

#[test]
fn the_important_series_wins_a_shared_cell_whatever_the_order() {
    for order in [[0, 1], [1, 0]] {
        let mut front = track("A", 1, 3, flat(0.5, TEN));
        front.pen = Pen::Heavy;
        let points = [(0, Level::Quoted(0.48)), (450, Level::Quoted(0.52))];
        let pair = [front, track("B", 2, 1, steps(&points, TEN))];
        let tracks: Vec<Track> = order.iter().map(|i| pair[*i].clone()).collect();
        let (buffer, text) = drawn(&tracks, 15);
        assert_eq!(
            &text[3..8],
            ["    ┌─────", "    │", "━━━━━━━━━━", "    │", "────┘"]
        );
        assert_eq!(buffer[(4, 5)].fg, Color::Indexed(1));
        assert_eq!(buffer[(4, 4)].fg, Color::Indexed(2));
    }
}

#[test]
fn of_equals_the_one_that_moves_shows_where_they_part() {
    let points = [(0, Level::Quoted(0.5)), (450, Level::Quoted(0.48))];
    let tracks = [
        track("A", 1, 1, flat(0.5, TEN)),
        track("B", 2, 1, steps(&points, TEN)),
    ];
    let (buffer, text) = drawn(&tracks, 15);
    assert_eq!(&text[5..8], ["────┐─────", "    │", "    └─────"]);
    assert_eq!(buffer[(4, 5)].fg, Color::Indexed(2));
    assert_eq!(buffer[(5, 5)].fg, Color::Indexed(1));
}

#[test]
fn a_gap_is_empty_and_what_is_held_is_dotted_and_dim() {
    let points = [
        (0, Level::Quoted(0.5)),
        (300, Level::Gone),
        (500, Level::Quoted(0.5)),
        (700, Level::Held(0.5)),
    ];
    let (buffer, text) = drawn(&[track("A", 1, 1, steps(&points, TEN))], 15);
    assert_eq!(text[5], "──── ──┄┄┄");
    assert!(buffer[(8, 5)].modifier.contains(Modifier::DIM));
    assert!(!buffer[(1, 5)].modifier.contains(Modifier::DIM));
}

#[test]
fn what_lies_beyond_the_rows_is_labelled_at_the_edge_and_not_drawn() {
    let (buffer, text) = drawn(&[track("OPEN", 1, 0, flat(0.3, TEN))], 40);
    assert!(text.iter().all(String::is_empty), "{text:#?}");
    let labels = parts(Rect::new(0, 0, 40, 12)).labels;
    let last: String = (labels.x..labels.right())
        .map(|x| buffer[(x, labels.bottom() - 1)].symbol())
        .collect();
    assert!(last.starts_with("▼OPEN 0.300"), "{last}");
}

#[test]
fn reducing_keeps_first_lowest_highest_and_last_of_a_column() {
    let points = [(-10, 0.4), (10, 0.9), (20, 0.1), (30, 0.6), (900, 0.5)];
    let oldest_first = points.iter().map(|(at, v)| (*at, Level::Quoted(*v)));
    let columns = reduce(oldest_first, 0, 1_000, 950, 10);
    assert_eq!(
        columns[0],
        Column {
            span: Some((0.1, 0.9)),
            last: Level::Quoted(0.6)
        }
    );
    assert_eq!(
        columns[5],
        Column {
            span: Some((0.6, 0.6)),
            last: Level::Quoted(0.6)
        }
    );
    assert_eq!(
        columns[9],
        Column {
            span: Some((0.5, 0.6)),
            last: Level::Quoted(0.5)
        }
    );
}

#[test]
fn a_suspension_is_a_gap_and_the_future_is_empty() {
    let points = [
        (0, Level::Quoted(0.5)),
        (300, Level::Gone),
        (600, Level::Quoted(0.7)),
    ];
    let columns = reduce(points.into_iter(), 0, 1_000, 800, 10);
    assert_eq!(columns[4].span, None);
    assert_eq!(
        columns[6].span,
        Some((0.7, 0.7)),
        "no stroke joins the two sides of a gap"
    );
    assert_eq!(columns[9].span, None);
}

#[test]
fn painting_costs_by_columns_not_by_points() {
    let area = Rect::new(0, 0, 100, 30);
    let across = usize::from(parts(area).plot.width);
    let cost = |points: i64| {
        let wave = (0..points).map(|n| {
            let level = if n % 2 == 0 { 0.2 } else { 0.8 };
            (n * 1_000 / points, Level::Quoted(level))
        });
        let tracks = [track("A", 1, 1, reduce(wave, 0, 1_000, 1_000, across))];
        chart(&tracks, area.height - 1)
            .render(area, &mut Buffer::empty(area))
            .cells
    };
    let most = across * usize::from(area.height);
    assert!(cost(100_000) <= most);
    assert_eq!(
        cost(100_000),
        cost(10_000),
        "ten times the points, the same cells"
    );
}

#[test]
fn books_on_one_row_share_a_label_that_names_their_prices() {
    let tracks: Vec<Track> = [("DK", 0.5), ("FD", 0.5), ("MGM", 0.51), ("CZR", 0.512)]
        .iter()
        .map(|(name, v)| track(name, 1, 1, flat(*v, 40)))
        .collect();
    let (buffer, _) = drawn(&tracks, 57);
    let labels = parts(buffer.area).labels;
    let text: Vec<String> = (labels.y..labels.bottom())
        .map(|y| {
            let row: String = (labels.x..labels.right())
                .map(|x| buffer[(x, y)].symbol())
                .collect();
            row.trim_end().to_owned()
        })
        .collect();
    assert_eq!(text[5], "─DK·FD 0.500");
    assert!(text[4].ends_with(" 0.512…0.510"), "{text:#?}");
    assert_eq!(text.iter().filter(|row| !row.is_empty()).count(), 2);
}

#[test]
fn names_shorten_to_what_fits() {
    let tracks: Vec<Track> = ["DK", "FD", "MGM"]
        .iter()
        .map(|n| track(n, 1, 1, Vec::new()))
        .collect();
    let group: Vec<&Track> = tracks.iter().collect();
    assert_eq!(names(&group, 20), "DK·FD·MGM");
    assert_eq!(names(&group, 7), "DK·FD+1");
    assert_eq!(names(&group, 4), "DK+2");
}

#[test]
fn a_key_number_crosses_the_plot_behind_the_lines() {
    let tracks = [track("DK", 1, 3, flat(0.5, TEN))];
    let area = Rect::new(0, 0, 15, 12);
    let plot = parts(area).plot;
    let mut buffer = Buffer::empty(area);
    let key = |at: f64| Tick {
        at,
        label: "−3".into(),
    };
    let chart = StepChart {
        keys: vec![key(0.5), key(0.53)],
        ..chart(&tracks, plot.height)
    };
    chart.render(area, &mut buffer);
    let row = |y: u16| -> String {
        (plot.x..plot.right())
            .map(|x| buffer[(x, y)].symbol())
            .collect()
    };
    let lined: Vec<String> = (plot.y..plot.bottom())
        .map(row)
        .filter(|row| row.contains('·'))
        .collect();
    assert_eq!(
        lined,
        ["·".repeat(plot.width.into())],
        "the line is in front"
    );
}
