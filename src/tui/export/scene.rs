//! The chart as shapes on a sheet, for whoever draws them: as SVG, or point by point.

use super::screen::rgb;
use crate::tui::panel::Panel;
use crate::tui::panel::chart::{Drawing, Steps};
use crate::tui::theme::Theme;
use crate::tui::ui::Ui;
use crate::tui::widget::step_chart::Level;

/// Red, green, blue.
pub(super) type Rgb = [u8; 3];

/// Size of the sheet, and the room around the plot: left, top, right, bottom.
pub(super) const SIZE: (f64, f64) = (1_200.0, 600.0);
const ROOM: (f64, f64, f64, f64) = (20.0, 50.0, 190.0, 40.0);
/// Distance of two labels where there is room.
const LABEL: f64 = 16.0;

/// How large words are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    Title,
    Label,
}

/// Which part of words stands at their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Middle,
}

/// Something to draw.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// A straight line, level or upright.
    Rule {
        from: (f64, f64),
        to: (f64, f64),
        ink: Rgb,
        dashed: bool,
    },
    /// Level and upright lines from corner to corner; several where there are gaps.
    Steps {
        parts: Vec<Vec<(f64, f64)>>,
        ink: Rgb,
        width: u8,
        dotted: bool,
    },
    /// Words, their base line at a height.
    Words {
        at: (f64, f64),
        text: String,
        ink: Rgb,
        size: Size,
        align: Align,
    },
}

/// A sheet.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scene {
    pub(super) ground: Rgb,
    pub(super) shapes: Vec<Shape>,
}

/// What the sheet is made of where it shows no series: as light or as dark as the theme is for.
struct Paper {
    ground: Rgb,
    title: Rgb,
    words: Rgb,
    grid: Rgb,
    mark: Rgb,
}

const LIGHT: Paper = Paper {
    ground: [255, 255, 255],
    title: [20, 20, 20],
    words: [102, 102, 102],
    grid: [225, 225, 225],
    mark: [150, 150, 150],
};
const DARK: Paper = Paper {
    ground: [18, 18, 18],
    title: [238, 238, 238],
    words: [160, 160, 160],
    grid: [48, 48, 48],
    mark: [110, 110, 110],
};

impl Paper {
    fn of(theme: &Theme) -> &'static Self {
        // The top line is a shade off the terminal's ground; without colours, ink on white.
        match theme.header.bg.and_then(rgb) {
            Some([red, green, blue])
                if u16::from(red) + u16::from(green) + u16::from(blue) < 384 =>
            {
                &DARK
            }
            _ => &LIGHT,
        }
    }
}

/// The chart as shown. Fails where it shows nothing.
pub(super) fn chart(ui: &Ui) -> Result<Scene, String> {
    let drawing = ui
        .chart
        .drawing(&ui.draw(Panel::Chart), &ui.board)
        .ok_or("the chart shows nothing; select a game that is quoted, then export again")?;
    Ok(scene(&drawing, Paper::of(&ui.theme)))
}

fn scene(drawing: &Drawing, paper: &Paper) -> Scene {
    let (width, height) = SIZE;
    let (left, top, right, bottom) = ROOM;
    let (low, high) = drawing.range;
    let span = (drawing.to - drawing.from).max(1) as f64;
    let x = |at: i64| left + (at - drawing.from) as f64 / span * (width - left - right);
    let y = |value: f64| {
        let share = (value - low) / (high - low).max(1e-9);
        height - bottom - share * (height - top - bottom)
    };
    let label = |at, text: &str, ink, align| Shape::Words {
        at,
        text: text.to_owned(),
        ink,
        size: Size::Label,
        align,
    };
    let mut shapes = vec![Shape::Words {
        at: (left, 28.0),
        text: drawing.title.clone(),
        ink: paper.title,
        size: Size::Title,
        align: Align::Left,
    }];
    for (value, text) in &drawing.values {
        let y = y(*value);
        shapes.push(Shape::Rule {
            from: (left, y),
            to: (width - right, y),
            ink: paper.grid,
            dashed: false,
        });
        shapes.push(label((left + 2.0, y - 3.0), text, paper.words, Align::Left));
    }
    for (at, text) in &drawing.times {
        let below = (x(*at), height - bottom + 20.0);
        shapes.push(label(below, text, paper.words, Align::Middle));
    }
    for (at, text) in &drawing.marks {
        let x = x(*at);
        shapes.push(Shape::Rule {
            from: (x, top),
            to: (x, height - bottom),
            ink: paper.mark,
            dashed: true,
        });
        // Words at the right edge would run into the books' names.
        let (place, align) = if x > width - right - 40.0 {
            (x - 16.0, Align::Middle)
        } else {
            (x + 3.0, Align::Left)
        };
        shapes.push(label((place, top + 12.0), text, paper.words, align));
    }
    let mut ends: Vec<(f64, String, Rgb)> = Vec::new();
    // The book in front is drawn last, over the others.
    let (front, others): (Vec<_>, Vec<_>) = drawing.lines.iter().partition(|line| line.front);
    for line in others.into_iter().chain(front) {
        let ink = rgb(line.colour).unwrap_or(paper.title);
        let all = parts(line, drawing, (&x, &y));
        if let Some(value) = line.newest {
            let words = format!("{} {}", line.label, line.value);
            ends.push((y(value), words.trim_end().to_owned(), ink));
        }
        for dotted in [false, true] {
            let kind = all.iter().filter(|part| part.dotted == dotted);
            let parts: Vec<_> = kind.map(|part| part.corners.clone()).collect();
            if !parts.is_empty() {
                let width = if line.front { 3 } else { 2 };
                shapes.push(Shape::Steps {
                    parts,
                    ink,
                    width,
                    dotted,
                });
            }
        }
    }
    for (y, (text, ink)) in spread(ends, (top, height - bottom)) {
        shapes.push(label(
            (width - right + 8.0, y + 4.0),
            &text,
            ink,
            Align::Left,
        ));
    }
    Scene {
        ground: paper.ground,
        shapes,
    }
}

/// A stretch of a line without a gap: quoted, or held while the book is locked.
struct Part {
    dotted: bool,
    corners: Vec<(f64, f64)>,
}

/// The stretches of a book's line.
fn parts(
    line: &Steps,
    drawing: &Drawing,
    (x, y): (&impl Fn(i64) -> f64, &impl Fn(f64) -> f64),
) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut before: Option<f64> = None;
    for (at, level) in &line.steps {
        let x = x((*at).max(drawing.from));
        let dotted = matches!(level, Level::Held(_));
        let open = before.and_then(|before| Some((before, parts.last_mut()?)));
        let goes_on = match (open, level.value()) {
            (Some((before, part)), value) => {
                part.corners.push((x, y(before)));
                part.corners.extend(value.map(|value| (x, y(value))));
                part.dotted == dotted
            }
            (None, _) => false,
        };
        if let (false, Some(value)) = (goes_on, level.value()) {
            let corners = vec![(x, y(value))];
            parts.push(Part { dotted, corners });
        }
        before = level.value();
    }
    if let (Some(value), Some(part)) = (before, parts.last_mut()) {
        part.corners.push((x(drawing.to), y(value)));
    }
    parts
}

/// Labels moved apart, as little as needed, within the height there is.
fn spread(
    mut labels: Vec<(f64, String, Rgb)>,
    (top, bottom): (f64, f64),
) -> Vec<(f64, (String, Rgb))> {
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    let apart = LABEL.min((bottom - top) / labels.len().max(1) as f64);
    let mut places: Vec<f64> = Vec::new();
    let mut least = top;
    for (y, ..) in &labels {
        let place = y.max(least);
        places.push(place);
        least = place + apart;
    }
    let mut most = bottom;
    for place in places.iter_mut().rev() {
        *place = place.min(most);
        most = *place - apart;
    }
    let words = labels.into_iter().map(|(_, text, ink)| (text, ink));
    places.into_iter().zip(words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stay_apart_and_on_the_sheet() {
        let labels = |heights: &[f64]| {
            heights
                .iter()
                .map(|y| (*y, String::new(), [0; 3]))
                .collect()
        };
        let places = |heights: &[f64]| -> Vec<f64> {
            let placed = spread(labels(heights), (50.0, 560.0));
            placed.into_iter().map(|(y, _)| y).collect()
        };
        assert_eq!(places(&[100.0, 102.0, 300.0]), [100.0, 116.0, 300.0]);
        assert_eq!(places(&[559.0, 560.0]), [544.0, 560.0]);
        let many = places(&[400.0; 60]);
        assert!(many.iter().all(|y| (50.0..=560.0).contains(y)), "{many:?}");
        assert!(many.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn a_locked_book_is_dotted_and_one_that_is_gone_a_gap() {
        let line = Steps {
            label: "DK".into(),
            value: "−110".into(),
            colour: ratatui::style::Color::Reset,
            front: false,
            steps: vec![
                (0, Level::Quoted(0.5)),
                (10, Level::Held(0.5)),
                (20, Level::Quoted(0.6)),
                (30, Level::Gone),
                (40, Level::Quoted(0.7)),
            ],
            newest: Some(0.7),
        };
        let drawing = Drawing {
            title: String::new(),
            from: 0,
            to: 50,
            range: (0.0, 1.0),
            values: Vec::new(),
            times: Vec::new(),
            marks: Vec::new(),
            lines: Vec::new(),
        };
        let found = parts(&line, &drawing, (&|at| at as f64, &|value| value));
        let found: Vec<_> = found
            .into_iter()
            .map(|part| (part.dotted, part.corners))
            .collect();
        let expected = [
            (false, vec![(0.0, 0.5), (10.0, 0.5), (10.0, 0.5)]),
            (true, vec![(10.0, 0.5), (20.0, 0.5), (20.0, 0.6)]),
            (false, vec![(20.0, 0.6), (30.0, 0.6)]),
            (false, vec![(40.0, 0.7), (50.0, 0.7)]),
        ];
        assert_eq!(found, expected);
    }
}
