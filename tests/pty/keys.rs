//! What keys do, seen from outside.

use super::cockpit::Cockpit;
use super::frame::Frame;
use super::launch::{Launch, database_of};
use linetape::tui::action::Action;

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
fn panels_rows_zoom_and_market() {
    let mut cockpit = Launch::demo("panels").env("NO_COLOR", "1").start();
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

    let first = cockpit.frame().selected();
    cockpit.keys("j");
    let second = cockpit.wait("another row", |frame| {
        let row = frame.selected();
        (row.contains(" @ ") && row != first && name(&row) != name(&first)).then_some(row)
    });
    cockpit.keys("k");
    cockpit.wait("the row before", |frame| {
        (name(&frame.selected()) == name(&first)).then_some(())
    });
    assert_ne!(name(&first), name(&second));

    // Enter opens the selected game's chart in the whole screen, Esc takes it back.
    cockpit.keys("\r");
    let chart = cockpit.wait("the chart alone", |frame| {
        (frame.is_zoomed() && frame.has("moneyline")).then(|| frame.clone())
    });
    assert!(
        chart.rows()[1].contains(name(&first).trim()),
        "{}",
        chart.text()
    );
    cockpit.keys("\x1b");
    cockpit.wait_for("╭ Tape");

    for (key, market) in [
        ("m", "spread"),
        ("m", "total"),
        ("m", "moneyline"),
        ("M", "total"),
    ] {
        cockpit.keys(key);
        cockpit.wait_for(&format!("╭ Board · {market} · full"));
    }
    cockpit.keys("s");
    cockpit.wait_for("both sides");
    let frame = cockpit.frame();
    assert!(frame.has("over") && frame.has("under"), "{}", frame.text());
    assert_eq!(cockpit.quit().code, 0);
}

/// `MIA @ BAL` of a board row.
fn name(row: &str) -> String {
    row.chars().take(12).collect()
}

#[test]
fn filter_palette_help_and_toasts() {
    let mut cockpit = Launch::demo("words").env("NO_COLOR", "1").start();
    let board = cockpit.wait_for("8 games");
    let games = |frame: &Frame| board_games(frame).len();
    let all = games(&board);
    assert_eq!(all, 8, "{}", board.text());
    let last = board_games(&board).pop().unwrap();
    let team = last.split_whitespace().next().unwrap().to_owned();

    cockpit.keys("/");
    cockpit.wait_for("Enter keep");
    cockpit.keys(&team.to_lowercase());
    let fewer = cockpit.wait("fewer games", |frame| {
        (games(frame) < all).then(|| frame.clone())
    });
    assert!(
        board_games(&fewer).iter().all(|game| game.contains(&team)),
        "{}",
        fewer.text()
    );
    cockpit.keys("\r");
    cockpit.wait_for(&format!("/{}", team.to_lowercase()));
    cockpit.keys("0");
    cockpit.wait("all games", |frame| (games(frame) == all).then_some(()));

    cockpit.keys(":");
    cockpit.wait_for("╭ Palette");
    cockpit.keys("freeze");
    cockpit.wait("one action", |frame| {
        (frame.selected().contains("freeze")).then_some(())
    });
    cockpit.keys("\r");
    cockpit.wait_for("Frozen at");
    cockpit.wait_without("╭ Palette");
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
    let until = std::time::Instant::now() + super::cockpit::PATIENCE;
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
    assert_eq!(cockpit.quit().code, 0);
}

/// The games on the board, top first.
pub fn board_games(frame: &Frame) -> Vec<String> {
    let rows = frame.rows();
    rows.iter()
        .skip_while(|row| !row.contains("╭ Board"))
        .take_while(|row| !row.starts_with("│age"))
        .filter_map(|row| row.strip_prefix('│'))
        .map(name)
        .filter(|name| name.contains(" @ "))
        .collect()
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

#[tokio::test]
async fn a_backfill_is_asked_for_watched_and_stopped() {
    let mut cockpit = Launch::demo("backfill").start();
    cockpit.wait_for_board();
    cockpit.keys("b");
    cockpit.wait_for("╭ Backfill");
    cockpit.keys("\x152025-13-45\r");
    cockpit.wait_for("is no day");
    cockpit.keys("\x152025-07-11\t\x152025-07-01\r");
    cockpit.wait_for("swap them");
    cockpit.keys("\x152099-01-01\r");
    cockpit.wait_for("not been played yet");
    // A range long enough to be stopped in the middle.
    cockpit.keys("\x152025-07-10\t\t\x152025-06-01\r");
    cockpit.wait_for("╭ Backfills");
    cockpit.keys("z");
    let running = cockpit.wait("progress and time left", |frame| {
        let row = frame
            .rows()
            .into_iter()
            .find(|row| row.contains("▶ running"))?;
        let (done, days) = progress(&row)?;
        (done >= 1 && days == 40 && row.contains('█')).then_some(row)
    });
    let left = running.split("/40").nth(1).unwrap();
    let left = left.split_whitespace().next().unwrap();
    assert!(
        left != "0s" && left.ends_with(['s', 'm']),
        "time left in {running:?}"
    );
    cockpit.keys("x");
    let stopped = cockpit.wait("the end", |frame| {
        frame
            .rows()
            .into_iter()
            .find(|row| row.contains("○ cancelled"))
    });
    let (done, days) = progress(&stopped).unwrap();
    assert!(done < days, "{stopped}");

    // What the panel calls done is what Postgres calls complete.
    let database = super::twin_queries::open(&database_of("backfill")).await;
    let complete: i64 = sqlx::query_scalar(
        "select count(*) from operational.backfill_progress where league = 'mlb' and state = 'complete'",
    )
    .fetch_one(&database.pool)
    .await
    .unwrap();
    database.leave().await;
    assert_eq!(i64::from(done), complete);
    assert_eq!(cockpit.quit().code, 0);
}

/// `4/222` of a backfill's row.
fn progress(row: &str) -> Option<(u32, u32)> {
    let word = row.split_whitespace().find(|word| {
        word.split_once('/')
            .is_some_and(|(a, b)| a.parse::<u32>().is_ok() && b.parse::<u32>().is_ok())
    })?;
    let (done, days) = word.split_once('/')?;
    Some((done.parse().ok()?, days.parse().ok()?))
}

#[test]
fn the_mouse_picks_a_panel_and_turns_its_rows() {
    let mut cockpit = Launch::demo("mouse")
        .setting("[screen]\nmouse = true")
        .env("NO_COLOR", "1")
        .start();
    let frame = cockpit.wait_for_board();
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
}
