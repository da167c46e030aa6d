//! The last look at every cell: hostile characters go, and where the terminal knows only ASCII the rest is spelt in it.

use ratatui::buffer::Buffer;

use crate::domain::clean::clean;

/// What the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyphs {
    /// Box drawing, blocks, arrows.
    Unicode,
    /// Seven bits.
    Ascii,
}

/// Clean every cell. Text is cleaned on its way into the snapshot; this catches what a way in forgot.
pub fn finish(buffer: &mut Buffer, glyphs: Glyphs) {
    for cell in &mut buffer.content {
        let symbol = cell.symbol();
        if symbol.is_ascii() {
            continue;
        }
        if glyphs == Glyphs::Ascii {
            let spelt = symbol.chars().next().map_or(" ", ascii);
            cell.set_symbol(spelt);
        } else if !is_own(symbol) {
            let cleaned = clean(symbol, 8);
            if cleaned != symbol {
                let kept = if cleaned.is_empty() {
                    " "
                } else {
                    cleaned.as_str()
                };
                cell.set_symbol(kept);
            }
        }
    }
}

/// Box drawing, blocks, arrows and the like: drawn by the screen itself, thousands a frame.
fn is_own(symbol: &str) -> bool {
    let mut characters = symbol.chars();
    matches!(
        (characters.next(), characters.next()),
        (Some('\u{2500}'..='\u{27BF}' | '−' | '·' | '½'), None)
    )
}

/// One ASCII character for one cell.
fn ascii(c: char) -> &'static str {
    match c {
        '─' | '╌' | '┄' | '┅' | '┈' | '−' | '–' | '—' => "-",
        '│' | '┃' | '║' | '┊' | '┆' | '┇' | '╎' | '╵' | '╷' | '╹' | '╻' => {
            "|"
        }
        // Corners and junctions, round ones too.
        '┌'..='╋' | '╒'..='╰' | '×' => "+",
        '▲' | '↑' => "^",
        '▼' | '↓' => "v",
        '▶' | '→' | '›' => ">",
        '←' | '‹' => "<",
        '★' | '●' | '✓' => "*",
        '✗' => "x",
        '…' | '·' | '•' | '○' | '░' => ".",
        '½' => "h",
        '¼' | '¾' => "q",
        'Δ' => "d",
        '▁' | '▂' => "_",
        '═' | '━' | '▃' | '▄' | '▅' => "=",
        '▆' | '▇' | '█' => "#",
        'á' | 'à' | 'â' | 'ä' => "a",
        'é' | 'è' | 'ê' | 'ë' => "e",
        'ó' | 'ò' | 'ô' | 'ö' => "o",
        'ü' | 'ú' => "u",
        'í' => "i",
        'ñ' => "n",
        _ => "?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    fn finished(text: &str, glyphs: Glyphs) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 1));
        buffer.set_string(0, 0, text, Style::new());
        finish(&mut buffer, glyphs);
        buffer
            .content
            .iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect()
    }

    #[test]
    fn ascii_has_only_ascii() {
        let line = finished("╭─▲★−146½┃┓", Glyphs::Ascii);
        assert!(line.is_ascii(), "{line}");
        assert!(line.starts_with("+-^*-146h|+"), "{line}");
    }

    #[test]
    fn bidi_marks_do_not_reach_the_terminal() {
        let line = finished("ab\u{202e}cd", Glyphs::Unicode);
        assert!(!line.contains('\u{202e}'), "{line:?}");
        assert_eq!(
            finished("Montréal −½", Glyphs::Unicode).trim(),
            "Montréal −½"
        );
    }
}
