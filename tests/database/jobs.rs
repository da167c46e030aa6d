//! `linetape jobs` on a database.

use serde_json::Value;

use super::postgres::test_database;
use super::program::Program;

fn of<'a>(rows: &'a [Value], job: &str) -> &'a Value {
    rows.iter().find(|row| row["job"] == job).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_listed_and_done_by_hand() {
    let database = test_database().await;
    let program = Program::on(&database);
    let rows = program.ok(&["jobs", "list", "--json"]).json();
    assert_eq!(rows.len(), 5, "{rows:?}");
    let games = of(&rows, "update_games");
    assert_eq!(
        (&games["schedule"], &games["words"], &games["zone"]),
        (
            &"0 3 * * *".into(),
            &"At 03:00".into(),
            &"US/Eastern".into()
        )
    );
    assert_eq!(
        (&games["state"], &games["catch_up"]),
        (&"scheduled".into(), &true.into())
    );
    assert!(
        games["next_run"].is_string() && games["last_run"].is_null(),
        "{games}"
    );
    let (job, before) = ("refresh_cache", "predictions");
    let row = of(&rows, job);
    let state = row["state"].as_str().unwrap();
    assert!(
        state.starts_with("not scheduled") && state.contains(before),
        "{row}"
    );
    assert!(row["next_run"].is_null(), "{row}");
    let run = program.run(&["jobs", "run", job]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.out.is_empty() && run.err.contains(before), "{run:?}");

    let warmed = program.ok(&["jobs", "run", "warm_cache"]);
    assert!(
        warmed.out.contains("warm_cache: the charts of 0 games"),
        "{warmed:?}"
    );
    // A feed that is not there: the job fails, says so, and that is kept.
    let nowhere = [
        (
            "LINETAPE_SOURCES__ACTION_NETWORK__BASE_URL",
            "http://127.0.0.1:1",
        ),
        ("LINETAPE_COLLECT__SOURCES", "action_network"),
        ("LINETAPE_COLLECT__LEAGUES", "mlb"),
        ("LINETAPE_HTTP__RETRIES", "0"),
    ];
    let failed = program.run_with(&["jobs", "run", "update-games"], &nowhere);
    assert_eq!(failed.code, Some(69), "{failed:?}");
    assert!(
        failed.err.contains("update_games failed: mlb "),
        "{failed:?}"
    );

    let rows = program.ok(&["jobs", "list", "--json"]).json();
    let last = |job| &of(&rows, job)["last_run"];
    assert_eq!(
        (&last("warm_cache")["state"], &last("warm_cache")["by_hand"]),
        (&"done".into(), &true.into())
    );
    assert_eq!(last("warm_cache")["result"]["games"], 0);
    assert_eq!(last("update_games")["state"], "failed");
    let table = program.ok(&["jobs", "list"]).out;
    assert!(
        table.contains("done, by hand") && table.contains("*/15 8-23 * * *"),
        "{table}"
    );

    let off = program.run_with(&["jobs", "list"], &[("LINETAPE_JOBS__UPDATE_ODDS", " ")]);
    assert!(
        off.out.contains("off: jobs.update_odds is empty"),
        "{off:?}"
    );
    let unknown = program.run(&["jobs", "run", "update"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.err.contains("warm_cache all"), "{unknown:?}");
}

#[test]
fn schedules_are_known_without_a_database() {
    let program = Program::at("postgres://nobody@127.0.0.1:1/none".into());
    let list = program.ok(&["jobs", "list"]);
    assert!(
        list.out.contains("At 03:00") && list.err.contains("the runs are not known"),
        "{list:?}"
    );
}
