//! Without colour every meaning is still there: as a sign, a word or an attribute.

use std::collections::BTreeMap;

use super::cockpit::Cockpit;
use super::frame::Frame;
use super::launch::Launch;

/// Colour in a sequence: 30–37, 40–47, 90–97, 100–107, 38 and 48 among the numbers of an `m` sequence.
fn colour_sequences(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    text.split("\x1b[")
        .skip(1)
        .filter_map(|piece| {
            let end = piece.find(|c: char| !c.is_ascii_digit() && c != ';')?;
            (piece[end..].starts_with('m')).then(|| piece[..end].to_owned())
        })
        .filter(|numbers| {
            let mut numbers = numbers.split(';').filter_map(|n| n.parse::<u16>().ok());
            numbers.any(|n| matches!(n, 30..=38 | 40..=48 | 90..=97 | 100..=107))
        })
        .collect()
}

#[test]
fn a_colour_is_found_where_one_is() {
    assert!(colour_sequences(b"\x1b[1;4mbest\x1b[0m\x1b[7m\x1b[39m\x1b[49m").is_empty());
    assert_eq!(colour_sequences(b"\x1b[38;5;120mup\x1b[0m"), ["38;5;120"]);
    assert_eq!(colour_sequences(b"\x1b[1;31mup"), ["1;31"]);
}

#[test]
fn no_color_means_no_colour_and_nothing_lost() {
    let mut cockpit = Launch::demo("mono")
        .env("NO_COLOR", "1")
        .speed(600)
        .size(240, 60)
        .start();
    cockpit.wait_for_board();
    moves_have_their_sign(&mut cockpit);
    suspensions_are_a_word(&mut cockpit);
    selection_and_focus_are_attributes(&mut cockpit);
    best_and_stale_are_signs(&mut cockpit);
    health_is_a_sign(&mut cockpit);
    assert_eq!(cockpit.quit().code, 0);
    assert!(!cockpit.frame().is_coloured());
    assert_eq!(
        colour_sequences(&cockpit.bytes_since(0)),
        Vec::<String>::new()
    );
}

#[test]
fn color_never_is_the_same_wish_and_color_always_the_stronger_one() {
    let mut never = Launch::demo("never").arg("--color").arg("never").start();
    never.wait_for_board();
    assert_eq!(never.quit().code, 0);
    assert_eq!(
        colour_sequences(&never.bytes_since(0)),
        Vec::<String>::new()
    );
    let written = never.bytes_since(0);
    let text = String::from_utf8_lossy(&written);
    assert!(
        !text.contains("\x1b]11;?"),
        "who wants no colour is not asked for the background"
    );
    let mut always = Launch::demo("never")
        .env("NO_COLOR", "1")
        .arg("--color")
        .arg("always")
        .start();
    let board = always.wait_for_board();
    assert!(board.is_coloured());
    assert_eq!(always.quit().code, 0);
}

/// Implied probability of a price as written; none for what is no price.
fn chance(price: &str) -> Option<f64> {
    let number: f64 = price
        .get('−'.len_utf8()..)
        .filter(|_| price.starts_with('−'))
        .map_or_else(
            || price.strip_prefix('+')?.parse().ok(),
            |digits| digits.parse::<f64>().ok().map(|n| -n),
        )?;
    Some(if number < 0.0 {
        -number / (100.0 - number)
    } else {
        100.0 / (100.0 + number)
    })
}

/// Dearer is ▲ and cheaper ▼ on every move of a moneyline.
fn moves_have_their_sign(cockpit: &mut Cockpit) {
    cockpit.keys("3z/ml moneyline");
    cockpit.keys("\x15moneyline\r");
    let signs = cockpit.wait("moves up and down on the tape", |frame| {
        let mut seen: BTreeMap<char, usize> = BTreeMap::new();
        for row in frame.rows().iter().filter(|row| row.contains(" → ")) {
            let (left, right) = row.split_once(" → ")?;
            let (before, after) = (
                left.split_whitespace().last()?,
                right.split_whitespace().next()?,
            );
            let (Some(before), Some(after)) = (chance(before), chance(after)) else {
                continue;
            };
            let wanted = if after > before { '▲' } else { '▼' };
            let same = (after - before).abs() < 1e-9;
            assert!(same || right.contains(wanted), "{row}");
            *seen.entry(wanted).or_default() += 1;
        }
        (seen.len() == 2).then_some(seen)
    });
    assert!(signs.values().all(|count| *count > 0));
    cockpit.keys("/\x15\rz1");
    cockpit.wait_for("╭ Board");
}

fn suspensions_are_a_word(cockpit: &mut Cockpit) {
    cockpit.keys("3z");
    cockpit.wait("a suspension", |frame| frame.has("→ susp").then_some(()));
    cockpit.keys("z1");
    cockpit.wait_for("╭ Board");
}

fn selection_and_focus_are_attributes(cockpit: &mut Cockpit) {
    cockpit.keys("1gj");
    let row = cockpit.wait("a reversed row", |frame| {
        let row = frame.selected();
        row.contains(" @ ").then_some(row)
    });
    assert!(row.chars().count() > 40, "the whole row: {row:?}");
    let frame = cockpit.frame();
    assert!(corner(&frame, "╭ Board").bold(), "the panel with the keys");
    assert!(!corner(&frame, "╭ Tape").bold(), "the others");
}

fn corner<'a>(frame: &'a Frame, title: &str) -> &'a vt100::Cell {
    let row = frame.row_of(title).unwrap();
    let text = frame.rows().swap_remove(row);
    let column = text[..text.find(title).unwrap()].chars().count();
    frame.cell(row, column)
}

/// The best price has its star and weight; a price nobody confirmed has its tilde.
fn best_and_stale_are_signs(cockpit: &mut Cockpit) {
    cockpit.keys("1z");
    let (row, column) = cockpit.wait("a star", |frame| {
        let star = frame.cells().find(|(_, _, cell)| cell.contents() == "★");
        star.map(|(row, column, _)| (row, column))
    });
    let star = cockpit.frame();
    let price = star.cell(row, column - 1);
    assert!(price.contents().chars().all(|c| c.is_ascii_digit()));
    assert!(star.cell(row, column).bold() && star.cell(row, column).underline());
    // Nobody looks any more: three looks of the slower source are soon missed, and every price says so.
    cockpit.keys("p");
    cockpit.wait_for("PAUSED");
    cockpit.wait("every price stale", |frame| {
        let rows = frame.rows();
        let games: Vec<&String> = rows
            .iter()
            .filter(|row| row.contains(" @ ") && !row.contains(" F ") && row.contains(['−', '+']))
            .filter(|row| !row.contains('╭') && !row.contains(" at "))
            .collect();
        let marked = games.iter().filter(|row| row.contains('~')).count();
        (!games.is_empty() && marked == games.len()).then_some(())
    });
    cockpit.keys("z");
    cockpit.wait_for("╭ Tape");
}

fn health_is_a_sign(cockpit: &mut Cockpit) {
    cockpit.keys("7");
    let frame = cockpit.wait_for("╭ Sources");
    let header = frame.rows().swap_remove(0);
    for source in ["an ", "oddsapi "] {
        let word = header
            .split(source)
            .nth(1)
            .unwrap_or_else(|| panic!("{header}"));
        let sign = word.split_whitespace().nth(1).unwrap();
        assert!(["✓", "!", "✗"].contains(&sign), "{source}: {header}");
    }
    assert!(
        header.contains("pg ✓") && header.contains("PAUSED"),
        "{header}"
    );
}
