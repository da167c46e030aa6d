//! A painted screen in other forms than a terminal's.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

/// Letters only; spaces at the ends of rows are left out.
pub(super) fn text(buffer: &Buffer) -> String {
    let mut out = String::new();
    for row in rows(buffer) {
        let line: String = row.iter().map(Cell::symbol).collect();
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Letters and SGR sequences, for `less -R` and `cat`.
pub(super) fn ansi(buffer: &Buffer) -> String {
    let mut out = String::new();
    for row in rows(buffer) {
        for run in runs(row) {
            out.push_str("\x1b[0");
            let first = run.first();
            for (modifier, code) in [
                (Modifier::BOLD, 1),
                (Modifier::DIM, 2),
                (Modifier::UNDERLINED, 4),
                (Modifier::REVERSED, 7),
            ] {
                if first.is_some_and(|cell| cell.modifier.contains(modifier)) {
                    let _ = write!(out, ";{code}");
                }
            }
            for (ground, code) in [(first.map(|c| c.fg), 38), (first.map(|c| c.bg), 48)] {
                if let Some(Color::Indexed(n)) = ground {
                    let _ = write!(out, ";{code};5;{n}");
                }
            }
            out.push('m');
            out.extend(run.iter().map(Cell::symbol));
        }
        out.push_str("\x1b[0m\n");
    }
    out
}

/// A page that needs nothing but a browser.
pub(super) fn html(buffer: &Buffer) -> String {
    let mut out = String::from(
        "<!doctype html>\n<meta charset=\"utf-8\">\n<title>linetape</title>\n<style>body{background:#121212}\
         pre{color:#d0d0d0;font:14px/1.2 \"DejaVu Sans Mono\",Menlo,Consolas,monospace}</style>\n<pre>",
    );
    for row in rows(buffer) {
        for run in runs(row) {
            let style = run.first().map(css).unwrap_or_default();
            let letters: String = run.iter().map(Cell::symbol).collect();
            let letters = escaped(&letters);
            if style.is_empty() {
                out.push_str(&letters);
            } else {
                let _ = write!(out, "<span style=\"{style}\">{letters}</span>");
            }
        }
        out.push('\n');
    }
    out.push_str("</pre>\n");
    out
}

/// Text for a page or a drawing: nothing in it is markup.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

fn rows(buffer: &Buffer) -> impl Iterator<Item = &[Cell]> {
    buffer.content.chunks(usize::from(buffer.area.width).max(1))
}

/// Neighbours of one style.
fn runs(row: &[Cell]) -> impl Iterator<Item = &[Cell]> {
    row.chunk_by(|a, b| (a.fg, a.bg, a.modifier) == (b.fg, b.bg, b.modifier))
}

fn css(cell: &Cell) -> String {
    let (mut fg, mut bg) = (hex(cell.fg), hex(cell.bg));
    if cell.modifier.contains(Modifier::REVERSED) {
        (fg, bg) = (
            Some(bg.unwrap_or_else(|| "#121212".into())),
            Some(fg.unwrap_or_else(|| "#d0d0d0".into())),
        );
    }
    let mut style = String::new();
    if let Some(fg) = fg {
        let _ = write!(style, "color:{fg};");
    }
    if let Some(bg) = bg {
        let _ = write!(style, "background:{bg};");
    }
    for (modifier, rule) in [
        (Modifier::BOLD, "font-weight:bold;"),
        (Modifier::DIM, "opacity:.6;"),
        (Modifier::UNDERLINED, "text-decoration:underline;"),
    ] {
        if cell.modifier.contains(modifier) {
            style.push_str(rule);
        }
    }
    style
}

fn hex(colour: Color) -> Option<String> {
    let [red, green, blue] = rgb(colour)?;
    Some(format!("#{red:02x}{green:02x}{blue:02x}"))
}

/// A colour of the fixed palette; none for the terminal's own.
pub(super) fn rgb(colour: Color) -> Option<[u8; 3]> {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let Color::Indexed(n) = colour else {
        return None;
    };
    let step = |n: u8| STEPS.get(usize::from(n % 6)).copied().unwrap_or(0);
    Some(match n {
        // The sixteen that terminals choose themselves; no theme of ours uses them.
        0..16 => return None,
        16..232 => [step((n - 16) / 36), step((n - 16) / 6), step(n - 16)],
        232.. => {
            let grey = 8 + (n - 232) * 10;
            [grey, grey, grey]
        }
    })
}
