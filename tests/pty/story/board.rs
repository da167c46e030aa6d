//! Games and books: rows, the way to the chart and back, filters, favourites, orders, markets and sides.

use super::say;
use crate::frame::Frame;
use crate::launch::Launch;

/// `MIA @ BAL` of a board row.
fn name(row: &str) -> String {
    row.chars().take(12).collect()
}

/// The games on the board, top first.
fn board_games(frame: &Frame) -> Vec<String> {
    let rows = frame.rows();
    rows.iter()
        .skip_while(|row| !row.contains("╭ Board"))
        .take_while(|row| !row.starts_with("│age"))
        .filter_map(|row| row.strip_prefix('│'))
        .map(name)
        .filter(|name| name.contains(" @ "))
        .collect()
}

#[test]
fn rows_filters_orders_markets_and_sides() {
    let mut cockpit = Launch::demo("board").env("NO_COLOR", "1").start();
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
    // Fields, and what cannot be read is said.
    say(&mut cockpit, "only moved>many");
    cockpit.wait_for("compared");
    cockpit.keys("0");
    cockpit.wait("all games", |frame| (games(frame) == all).then_some(()));

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
    say(&mut cockpit, "sort hold");
    cockpit.wait_for("by hold");
    cockpit.keys("*");
    cockpit.wait_for("stays on top");
    cockpit.wait_for("♥");
    assert_eq!(cockpit.quit().code, 0);
}
