//! Back to a stored moment and on from it, on the same screen; then what was stored played again, watched, and as lines.

use crate::launch::Launch;

#[test]
fn any_stored_moment_again() {
    let mut cockpit = Launch::demo("time_travel").env("NO_COLOR", "1").start();
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
    assert_eq!(cockpit.quit().code, 0);

    // What was stored plays again on the same screen, and as lines.
    let from = linetape::demo::EPOCH.to_rfc3339();
    let to = (linetape::demo::EPOCH + chrono::TimeDelta::days(1)).to_rfc3339();
    let replay = ["replay", "--demo", "--from", &from, "--to", &to];
    let mut past = Launch::of_demo(&replay, "time_travel")
        .env("NO_COLOR", "1")
        .start();
    past.wait_for(" PAST ");
    past.wait_for("▶ ×60");
    past.keys("R");
    past.wait_for("the past is not collected");
    assert_eq!(past.quit().code, 0);
    let mut watched = Launch::of_demo(&["watch", "--demo"], "time_travel")
        .env("NO_COLOR", "1")
        .start();
    watched.wait_for(" WATCH ");
    watched.wait_for_board();
    assert_eq!(watched.quit().code, 0);

    let mut lines = replay.to_vec();
    lines.push("--json");
    let moves = Launch::of_demo(&lines, "time_travel").print();
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
}
