//! The chart as a drawing: a step line for each book over the range on the screen.

use std::fmt::Write as _;

use super::screen::{escaped, hex};
use crate::tui::panel::Panel;
use crate::tui::panel::chart::Drawing;
use crate::tui::ui::Ui;

/// Size of the drawing, and the room around the plot: left, top, right, bottom.
const SIZE: (f64, f64) = (1_200.0, 600.0);
const ROOM: (f64, f64, f64, f64) = (20.0, 50.0, 170.0, 40.0);
/// Least distance of two labels.
const LABEL: f64 = 16.0;

/// The chart as shown. Fails where it shows nothing.
pub(super) fn chart(ui: &Ui) -> Result<String, String> {
    let drawing = ui
        .chart
        .drawing(&ui.draw(Panel::Chart), &ui.board)
        .ok_or("the chart shows nothing; select a game that is quoted, then export again")?;
    Ok(svg(&drawing))
}

fn svg(drawing: &Drawing) -> String {
    let (width, height) = SIZE;
    let (left, top, right, bottom) = ROOM;
    let (low, high) = drawing.range;
    let span = (drawing.to - drawing.from).max(1) as f64;
    let x = |at: i64| left + (at - drawing.from) as f64 / span * (width - left - right);
    let y = |value: f64| {
        let share = (value - low) / (high - low).max(1e-9);
        height - bottom - share * (height - top - bottom)
    };
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"{left}\" y=\"28\" font-size=\"18\" font-weight=\"bold\">{}</text>",
        escaped(&drawing.title)
    );
    for (value, label) in &drawing.values {
        let y = y(*value);
        let _ = writeln!(
            out,
            "<line x1=\"{left}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"#dddddd\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" fill=\"#777777\">{}</text>",
            width - right,
            left + 2.0,
            y - 3.0,
            escaped(label)
        );
    }
    for (at, label) in &drawing.times {
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"#777777\" text-anchor=\"middle\">{}</text>",
            x(*at),
            height - bottom + 20.0,
            escaped(label)
        );
    }
    for (at, label) in &drawing.marks {
        let x = x(*at);
        let _ = writeln!(
            out,
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top}\" y2=\"{:.1}\" stroke=\"#999999\" \
             stroke-dasharray=\"3 3\"/><text x=\"{:.1}\" y=\"{:.1}\" fill=\"#555555\">{}</text>",
            height - bottom,
            x + 3.0,
            top + 12.0,
            escaped(label)
        );
    }
    let mut labels: Vec<(f64, String, String)> = Vec::new();
    for line in &drawing.lines {
        let colour = hex(line.colour).unwrap_or_else(|| "#444444".into());
        let mut path = String::new();
        let mut last: Option<f64> = None;
        for (at, value) in &line.steps {
            let x = x((*at).max(drawing.from));
            match (last, value) {
                (None, Some(value)) => {
                    let _ = write!(path, "M{x:.1} {:.1}", y(*value));
                }
                (Some(_), Some(value)) => {
                    let _ = write!(path, "H{x:.1}V{:.1}", y(*value));
                }
                (Some(_), None) => {
                    let _ = write!(path, "H{x:.1}");
                }
                (None, None) => {}
            }
            last = *value;
        }
        if let Some(value) = last {
            let _ = write!(path, "H{:.1}", x(drawing.to));
            labels.push((
                y(value),
                format!("{} {}", line.label, line.value),
                colour.clone(),
            ));
        }
        if !path.is_empty() {
            let _ = writeln!(
                out,
                "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{}\"/>",
                if line.front { 3 } else { 2 }
            );
        }
    }
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut lowest = top;
    for (y, label, colour) in labels {
        lowest = y.max(lowest);
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\">{}</text>",
            width - right + 8.0,
            lowest + 4.0,
            escaped(&label)
        );
        lowest += LABEL;
    }
    out.push_str("</svg>\n");
    out
}
