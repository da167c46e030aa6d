//! What the bytes written so far have switched on in the terminal.

use std::collections::BTreeSet;

/// Private modes (`CSI ? n h` and `l`) that are on after `bytes`; the cursor (25) is on before the first byte.
pub fn left_on(bytes: &[u8]) -> BTreeSet<u16> {
    let mut on = BTreeSet::from([25]);
    let text = String::from_utf8_lossy(bytes);
    for piece in text.split("\x1b[?").skip(1) {
        let end = piece.find(|c: char| !c.is_ascii_digit() && c != ';');
        let Some((numbers, rest)) = end.map(|end| piece.split_at(end)) else {
            continue;
        };
        for mode in numbers.split(';').filter_map(|n| n.parse().ok()) {
            match rest.chars().next() {
                Some('h') => {
                    on.insert(mode);
                }
                Some('l') => {
                    on.remove(&mode);
                }
                _ => {}
            }
        }
    }
    on
}

#[test]
fn modes_are_counted_as_a_terminal_would() {
    assert_eq!(left_on(b"text"), BTreeSet::from([25]));
    let busy = b"\x1b[?1049h\x1b[?25l\x1b[?1000;1006h\x1b[1m";
    assert_eq!(left_on(busy), BTreeSet::from([1049, 1000, 1006]));
    let done = b"\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?2004l\x1b[?1049l\x1b[?25h";
    assert_eq!(left_on(done), BTreeSet::from([25]));
}
