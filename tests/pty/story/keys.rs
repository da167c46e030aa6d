//! Keys and words: the panels' keys, the palette, the help, keys of one's own, the mouse; and what cannot be done says
//! why.

use linetape::tui::action::Action;

use crate::cockpit::{Cockpit, PATIENCE};
use crate::frame::Frame;
use crate::launch::Launch;

/// The panel whose title is reversed or strong: the one that gets the keys. Mono, so that attributes tell.
fn focused(frame: &Frame) -> Option<String> {
    for (number, row) in frame.rows().iter().enumerate() {
        let characters: Vec<char> = row.chars().collect();
        for (column, _) in characters.iter().enumerate().filter(|(_, c)| **c == '╭') {
            if frame.cell(number, column).bold() {
                let title: String = characters[column + 1..].iter().collect();
                return title
                    .trim()
                    .split_once([' ', '·'])
                    .map(|(first, _)| first.to_owned());
            }
        }
    }
    None
}

fn wait_focus(cockpit: &mut Cockpit, panel: &str) {
    cockpit.wait(&format!("{panel} has the keys"), |frame| {
        (focused(frame).as_deref() == Some(panel)).then_some(())
    });
}

#[test]
fn panels_words_answers_own_keys_and_the_mouse() {
    let mut cockpit = Launch::demo("keys")
        .setting("[screen]\nmouse = true\n[screen.keys]\nfreeze = \"Z-f\"")
        .env("NO_COLOR", "1")
        .start();
    cockpit.wait_for_board();
    wait_focus(&mut cockpit, "Board");

    for (key, panel) in [
        ("3", "Tape"),
        ("4", "Extraction"),
        ("5", "Persistence"),
        ("6", "Cache"),
    ] {
        cockpit.keys(key);
        wait_focus(&mut cockpit, panel);
    }
    for (key, panel) in [
        ("7", "Sources"),
        ("8", "Backfills"),
        ("9", "Logs"),
        ("1", "Board"),
    ] {
        cockpit.keys(key);
        wait_focus(&mut cockpit, panel);
    }
    // Tab goes round the panels in view; the chart is the board's neighbour.
    cockpit.keys("\t");
    cockpit.wait("the chart has the keys", |frame| {
        focused(frame).filter(|title| title != "Board")
    });
    cockpit.keys("\x1b[Z");
    wait_focus(&mut cockpit, "Board");

    cockpit.keys(":");
    cockpit.wait_for("╭ Palette");
    cockpit.keys("freeze");
    cockpit.wait("one action", |frame| {
        (frame.selected().contains("freeze")).then_some(())
    });
    cockpit.keys("\r");
    cockpit.wait_for("Frozen at");
    cockpit.wait_without("╭ Palette");
    // The keys of the settings: what may follow the first is shown, and the old key is free.
    cockpit.keys("Z");
    cockpit.wait_for("╭ Z …");
    cockpit.keys("f");
    cockpit.wait_without("Frozen at");

    // Actions are in the help, with their keys and sentences; a test of the help reads them all, here a few are typed.
    cockpit.keys("?");
    cockpit.wait_for("╭ Help");
    for action in Action::ALL.iter().step_by(6) {
        cockpit.keys(action.description());
        let searched = format!(" search {}", action.description());
        let found = format!("{}  {}", action.description(), action.id());
        cockpit.wait(&found, |frame| {
            (frame.has(&searched) && frame.has(&found)).then_some(())
        });
        cockpit.keys("\x15");
    }
    cockpit.keys("\x1b");
    cockpit.wait_without("╭ Help");

    cockpit.keys("R");
    cockpit.wait("an answer of every source", |frame| {
        toast(frame).filter(|text| text.contains("action_network") || text.contains("games"))
    });
    cockpit.wait("no toast", |frame| toast(frame).is_none().then_some(()));
    cockpit.keys("r");
    cockpit.wait("an answer of the game's sources", toast);
    // A key that cannot do anything now says why.
    let until = std::time::Instant::now() + PATIENCE;
    while !cockpit.frame().has("nothing is under way") {
        // The question asked above may not be over yet: then it is stopped.
        assert!(
            std::time::Instant::now() < until,
            "{}",
            cockpit.frame().text()
        );
        cockpit.keys("x");
        std::thread::sleep(std::time::Duration::from_millis(700));
    }

    cockpit.keys("p");
    cockpit.wait_for("Collection is paused");
    cockpit.keys("p");
    cockpit.wait_without("Collection is paused");

    let frame = cockpit.wait_for("╭ Tape");
    let (row, line) = frame
        .rows()
        .into_iter()
        .enumerate()
        .find(|(_, row)| row.contains("╭ Tape"))
        .unwrap();
    let column = line.split("╭ Tape").next().unwrap().chars().count();
    // The wire counts from one, and the panel's inside lies one row below its frame.
    let place = format!("{};{}", column + 4, row + 3);
    cockpit.keys(&format!("\x1b[<0;{place}M\x1b[<0;{place}m"));
    wait_focus(&mut cockpit, "Tape");
    cockpit.keys(&format!("\x1b[<65;{place}M"));
    cockpit.wait_for("g follows the newest");
    assert_eq!(cockpit.quit().code, 0);
}

/// Words of the short message in the corner.
fn toast(frame: &Frame) -> Option<String> {
    let rows = frame.rows();
    let row = rows.len() - 2;
    let reversed: String = frame
        .cells()
        .filter(|(r, c, cell)| *r + 8 > row && *c > 60 && cell.inverse())
        .map(|(_, _, cell)| {
            if cell.has_contents() {
                cell.contents()
            } else {
                " "
            }
        })
        .collect();
    let words = reversed.trim().to_owned();
    (words.len() > 8).then_some(words)
}
