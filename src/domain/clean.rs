//! Feed text made safe to show.
//!
//! Feed text is hostile: a team name may hold an escape sequence that repaints a terminal or a mark that reverses
//! what is read. Text is stored as received and cleaned at every way out: screen, log, table and file.

/// `text` without control characters, bidirectional controls and invisible marks, cut at `limit` characters.
pub fn clean(text: &str, limit: usize) -> String {
    if text.len() <= limit && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len().min(limit));
    let (mut combining, mut length) = (0, 0);
    for c in text.chars().filter(|c| !is_hostile(*c)) {
        combining = if is_combining(c) { combining + 1 } else { 0 };
        if combining > 2 {
            continue;
        }
        if length >= limit {
            out.push('…');
            break;
        }
        length += 1;
        out.push(if c.is_whitespace() { ' ' } else { c });
    }
    out
}

/// Control characters (C0, C1, DEL), bidirectional controls, zero-width and other invisible marks.
fn is_hostile(c: char) -> bool {
    let layout = matches!(c, '\n' | '\r' | '\t');
    (c.is_control() && !layout)
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}')
}

/// Marks that stack on the character before them.
fn is_combining(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removes_what_steers_a_terminal() {
        assert_eq!(clean("a\u{1b}[31mred\u{7}\u{9b}2J", 50), "a[31mred2J");
        assert_eq!(clean("ab\u{202e}cd\u{200b}", 50), "abcd");
        assert_eq!(clean("two\nlines\tand tab", 50), "two lines and tab");
    }

    #[test]
    fn cuts_length_and_stacked_marks() {
        assert_eq!(clean("abcdef", 3), "abc…");
        let zalgo: String = std::iter::once('e')
            .chain(std::iter::repeat_n('\u{301}', 50))
            .collect();
        assert_eq!(clean(&zalgo, 50).chars().count(), 3);
    }

    #[test]
    fn keeps_ordinary_text() {
        assert_eq!(
            clean("Montréal Canadiens ½ −110", 50),
            "Montréal Canadiens ½ −110"
        );
    }
}
