//! An analyst's afternoon: back in time and forth, words instead of keys, something to take away, and tomorrow the same
//! screen again.

use super::cockpit::Cockpit;
use super::launch::{Launch, shared_data_dir};

fn say(cockpit: &mut Cockpit, words: &str) {
    cockpit.keys(":");
    cockpit.wait_for("╭ Palette");
    cockpit.keys(words);
    cockpit.wait_for(&format!(" : {words}"));
    cockpit.keys("\r");
    cockpit.wait_without("╭ Palette");
}

#[test]
fn past_words_export_and_back_tomorrow() {
    let mut cockpit = Launch::demo("story").env("NO_COLOR", "1").start();
    cockpit.wait_for_board();
    // A few minutes of the market, so that there is a past.
    cockpit.wait("games that moved since they opened", |frame| {
        let rows = frame.rows();
        let moved = rows.iter().filter(|row| {
            let board: String = row.chars().take(90).collect();
            board.contains(" @ ") && board.contains(['▲', '▼'])
        });
        (moved.count() > 3).then_some(())
    });

    cockpit.keys("t");
    cockpit.wait_for(" PAST ");
    // Changes lie so close that a step may stay within the second shown; an hour does not, or the past's beginning.
    cockpit.keys(",<");
    cockpit.wait("an earlier moment", |frame| {
        let rows = frame.rows();
        let mut said = rows.iter().filter(|row| row.contains(" ago · stands"));
        said.any(|row| !row.contains("s ago · ")).then_some(())
    });
    // It plays back to the end of the timeline by itself.
    cockpit.keys(" ");
    cockpit.wait_for("▶ ×60");
    cockpit.keys("}}}");
    cockpit.wait_for("▶ ×600");
    cockpit.wait_for("stands, ×600");
    cockpit.keys("t");
    cockpit.wait_without(" PAST ");
    cockpit.wait_for(" DEMO ");

    say(&mut cockpit, "market total");
    cockpit.wait_for("╭ Board · total · full");
    say(&mut cockpit, "sort hold");
    cockpit.wait_for("by hold");
    say(&mut cockpit, "only moved>many");
    cockpit.wait_for("compared");
    cockpit.keys("*");
    cockpit.wait_for("stays on top");
    cockpit.wait_for("♥");

    cockpit.keys("e");
    cockpit.wait_for("╭ Take away");
    cockpit.keys("c");
    let saved = cockpit.wait("the place of the file", |frame| {
        let rows = frame.rows();
        let row = rows.iter().find(|row| row.contains("Saved linetape-"))?;
        let name = row.split("Saved ").nth(1)?;
        Some(name.split(".csv").next()?.to_owned())
    });
    let file = shared_data_dir()
        .join("exports")
        .join(format!("{saved}.csv"));
    let rows = std::fs::read_to_string(&file).unwrap();
    assert!(rows.starts_with("game_id,league,away,home,"), "{rows}");
    assert!(rows.lines().count() > 3, "{rows}");
    let since = cockpit.written();
    cockpit.keys("eT");
    cockpit.wait_for_bytes_since(since, "\x1b]52;c;");

    cockpit.keys("n");
    cockpit.wait_for("╭ Messages");
    assert!(cockpit.frame().has("stays on top"));
    cockpit.keys("\x1b");
    cockpit.wait_without("╭ Messages");
    assert_eq!(cockpit.quit().code, 0);

    // Tomorrow: the same layout from the same home.
    let home = cockpit.home().to_str().unwrap().to_owned();
    let mut again = Launch::resumed_demo("story")
        .env("NO_COLOR", "1")
        .env("HOME", &home)
        .start();
    again.wait_for("╭ Board · total · full");
    again.wait_for("by hold");
    assert_eq!(again.quit().code, 0);

    // What was stored plays again on the same screen, and as lines.
    let from = linetape::demo::EPOCH.to_rfc3339();
    let to = (linetape::demo::EPOCH + chrono::TimeDelta::days(1)).to_rfc3339();
    let replay = ["replay", "--demo", "--from", &from, "--to", &to];
    let mut past = Launch::of_demo(&replay, "story")
        .env("NO_COLOR", "1")
        .start();
    past.wait_for(" PAST ");
    past.wait_for("▶ ×60");
    past.keys("R");
    past.wait_for("the past is not collected");
    assert_eq!(past.quit().code, 0);
    let mut watched = Launch::of_demo(&["watch", "--demo"], "story")
        .env("NO_COLOR", "1")
        .start();
    watched.wait_for(" WATCH ");
    watched.wait_for_board();
    assert_eq!(watched.quit().code, 0);

    let mut lines = replay.to_vec();
    lines.push("--json");
    let moves = Launch::of_demo(&lines, "story").print();
    let stored: Vec<serde_json::Value> = moves
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(stored.len() > 100, "{} moves", stored.len());
    assert!(
        stored
            .iter()
            .all(|line| line["type"] == "move" && line["at"].is_string())
    );
    let at = |line: &serde_json::Value| -> chrono::DateTime<chrono::Utc> {
        line["at"].as_str().unwrap().parse().unwrap()
    };
    assert!(stored.is_sorted_by_key(at));

    // Without drawing: words, a line each.
    let plain = Launch::resumed_demo("story")
        .arg("--plain")
        .arg("--for")
        .arg("12s")
        .print();
    assert!(
        plain
            .lines()
            .any(|line| line.contains(" move ") && line.contains(" to ")),
        "{plain}"
    );
    assert!(plain.contains("database up"), "{plain}");
    assert!(
        !plain.contains('\u{1b}') && !plain.contains(" → "),
        "{plain}"
    );
}
