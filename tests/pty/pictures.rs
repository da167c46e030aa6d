//! The README's pictures, drawn from the frames of the real program: `docs/pictures.sh` writes them anew.
//!
//! Not part of the suite, since they change with every run; what they show is tried elsewhere.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use unicode_width::UnicodeWidthStr as _;
use vt100::{Cell, Color};

use super::cockpit::Cockpit;
use super::frame::Frame;
use super::launch::Launch;

/// Size of a cell in the picture.
const CELL: (usize, usize) = (8, 17);
const PAPER: &str = "#16181d";
const INK: &str = "#d7dae0";
/// The sixteen colours of a terminal that sets none of its own.
const ANSI: [&str; 16] = [
    "#1d1f21", "#cc6666", "#8abe76", "#e0b252", "#6f9fd0", "#b18bbb", "#6fbcb4", "#c5c8c6",
    "#70757d", "#e57f7f", "#a5d68f", "#f0c674", "#8bb8e8", "#caa5d6", "#8ad6cd", "#ffffff",
];

fn hex(color: Color, default: &str) -> String {
    match color {
        Color::Default => default.to_owned(),
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        Color::Idx(index @ 0..16) => ANSI[usize::from(index)].to_owned(),
        Color::Idx(index @ 16..232) => {
            let cube = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            let n = index - 16;
            format!(
                "#{:02x}{:02x}{:02x}",
                cube(n / 36),
                cube(n / 6 % 6),
                cube(n % 6)
            )
        }
        Color::Idx(index) => {
            let grey = 8 + 10 * (index - 232);
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
    }
}

fn colours(cell: &Cell) -> (String, String) {
    let (ink, paper) = (hex(cell.fgcolor(), INK), hex(cell.bgcolor(), PAPER));
    if cell.inverse() {
        (paper, ink)
    } else {
        (ink, paper)
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A frame as a picture.
fn svg(frame: &Frame) -> String {
    let rows = frame.rows().len();
    let columns = frame
        .cells()
        .map(|(_, column, _)| column + 1)
        .max()
        .unwrap();
    let (width, height) = (columns * CELL.0 + 16, rows * CELL.1 + 16);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"'DejaVu Sans Mono',\
         'Cascadia Mono',Menlo,Consolas,monospace\" font-size=\"13.2\" xml:space=\"preserve\">\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"{PAPER}\"/>\n"
    );
    for row in 0..rows {
        let (top, mut column) = (8 + row * CELL.1, 0);
        let mut words = String::new();
        while column < columns {
            let cell = frame.cell(row, column);
            let look = (colours(cell), cell.bold(), cell.italic(), cell.underline());
            let begin = column;
            let mut text = String::new();
            while column < columns {
                let cell = frame.cell(row, column);
                if (colours(cell), cell.bold(), cell.italic(), cell.underline()) != look {
                    break;
                }
                let shown = if cell.contents().is_empty() {
                    " "
                } else {
                    cell.contents()
                };
                text.push_str(shown);
                column += shown.width().max(1);
            }
            let ((ink, paper), bold, italic, underline) = look;
            let (left, long) = (8 + begin * CELL.0, (column - begin) * CELL.0);
            if paper != PAPER {
                let tall = CELL.1;
                let _ = writeln!(
                    svg,
                    "<rect x=\"{left}\" y=\"{top}\" width=\"{long}\" height=\"{tall}\" fill=\"{paper}\"/>"
                );
            }
            if text.trim().is_empty() && !underline {
                continue;
            }
            let mut style = String::new();
            for (has, attribute) in [
                (bold, " font-weight=\"bold\""),
                (italic, " font-style=\"italic\""),
                (underline, " text-decoration=\"underline\""),
            ] {
                if has {
                    style.push_str(attribute);
                }
            }
            let base = top + 13;
            let _ = writeln!(
                words,
                "<text x=\"{left}\" y=\"{base}\" fill=\"{ink}\" textLength=\"{long}\" lengthAdjust=\"spacingAndGlyphs\"{style}>{}</text>",
                escape(&text)
            );
        }
        svg.push_str(&words);
    }
    svg.push_str("</svg>\n");
    svg
}

fn save(name: &str, cockpit: &Cockpit) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), svg(&cockpit.frame())).unwrap();
}

/// Let the market go on for some real time; pictures need a past.
fn let_pass(seconds: u64) {
    std::thread::sleep(Duration::from_secs(seconds));
}

#[test]
#[ignore = "writes the README's pictures; see docs/pictures.sh"]
fn the_pictures_of_the_readme() {
    let mut cockpit = Launch::new(&["demo", "--fresh", "--speed", "120"])
        .env("COLORTERM", "truecolor")
        .size(160, 45)
        .start();
    cockpit.wait_for_board();
    let_pass(60);
    cockpit.keys("jj");
    let_pass(2);
    save("overview.svg", &cockpit);
    cockpit.keys("2z");
    cockpit.wait("the chart alone", |frame| frame.is_zoomed().then_some(()));
    let_pass(1);
    save("chart.svg", &cockpit);
    cockpit.keys("zw");
    let_pass(1);
    cockpit.keys("z");
    cockpit.wait_for("╭ Signals");
    let_pass(1);
    save("signals.svg", &cockpit);
    cockpit.keys("z1t<");
    cockpit.wait_for(" PAST ");
    let_pass(1);
    save("past.svg", &cockpit);
    assert_eq!(cockpit.quit().code, 0);
}
