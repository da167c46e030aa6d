//! Work in view: a backfill with its progress and its end; alerts and messages; and the same screen tomorrow.

use super::say;
use crate::launch::{Launch, database_of};

#[tokio::test]
async fn asked_for_watched_stopped_told_and_there_tomorrow() {
    let mut cockpit = Launch::demo("work")
        .setting("[alerts]\nrules = [\"alarm move\"]\ndesktop = true")
        .start();
    cockpit.wait_for_board();
    // A move calls somebody to the screen, then nobody any more.
    cockpit.wait_for_bytes("\x1b]9;");
    cockpit.keys("A");
    cockpit.wait_for("Alerts are silent now");
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
    let database = crate::twin_queries::open(&database_of("work")).await;
    let complete: i64 = sqlx::query_scalar(
        "select count(*) from operational.backfill_progress where league = 'mlb' and state = 'complete'",
    )
    .fetch_one(&database.pool)
    .await
    .unwrap();
    database.leave().await;
    assert_eq!(i64::from(done), complete);

    // What was told is kept.
    cockpit.keys("n");
    cockpit.wait_for("╭ Messages");
    assert!(cockpit.frame().has("Alerts are silent now"));
    cockpit.keys("\x1b");
    cockpit.wait_without("╭ Messages");
    cockpit.keys("z1");
    say(&mut cockpit, "market total");
    cockpit.wait_for("╭ Board · total · full");
    say(&mut cockpit, "sort hold");
    cockpit.wait_for("by hold");
    assert_eq!(cockpit.quit().code, 0);

    // Tomorrow: the same layout from the same home.
    let home = cockpit.home().to_str().unwrap().to_owned();
    let mut again = Launch::resumed_demo("work").env("HOME", &home).start();
    again.wait_for("╭ Board · total · full");
    again.wait_for("by hold");
    assert_eq!(again.quit().code, 0);
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
