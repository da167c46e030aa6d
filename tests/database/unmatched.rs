//! `linetape data quality` tells which games joined no other feed's, and how to settle it.

use serde_json::Value;
use sqlx::PgPool;

use super::postgres::test_database;
use super::program::Program;

/// A feed's game tomorrow evening, `minutes` later; teams as `(away, away slug, home, home slug)`.
async fn plant(pool: &PgPool, source: &str, id: i64, teams: [&str; 2], minutes: i32) {
    let slug = |name: &str| (!name.starts_with('?')).then(|| format!("mlb:{name}"));
    sqlx::query(
        "insert into core_betting.game_sources (source, source_game_id, game_id, minted, league, game_number, home, away,
             home_team, away_team, starts_at, observed_at, payload_hash)
         values ($1, $2::text, $2, true, 'mlb', 1, $3, $4, $5, $6,
                 date_trunc('day', now()) + interval '40 hours' + make_interval(mins => $7), now(),
                 decode(repeat('00', 32), 'hex'))",
    )
    .bind(source)
    .bind(id)
    .bind(teams[1])
    .bind(teams[0])
    .bind(slug(teams[1]))
    .bind(slug(teams[0]))
    .bind(minutes)
    .execute(pool)
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn unmatched_games_are_listed_with_near_misses_and_a_command() {
    let database = test_database().await;
    let program = Program::on(&database);
    program.ok(&["data", "quality"]);
    let pool = &database.pool;
    for (source, id, teams, minutes) in [
        ("action_network", 1, ["marlins", "orioles"], 0),
        ("espn", 2, ["marlins", "orioles"], 200),
        ("action_network", 3, ["cubs", "reds"], 0),
        ("espn", 4, ["reds", "cubs"], 0),
        ("action_network", 5, ["mets", "braves"], 0),
        ("espn", 6, ["?Metz", "braves"], 5),
        ("action_network", 7, ["twins", "tigers"], 0),
        ("espn", 8, ["twins", "tigers"], 95),
        ("espn", 9, ["twins", "tigers"], -95),
        ("action_network", 10, ["rays", "royals"], 0),
    ] {
        plant(pool, source, id, teams, minutes).await;
    }
    let rows = program.ok(&["data", "quality", "--json"]).json();
    let told = |id: &str| -> Vec<(Value, Value, Value)> {
        let of = rows
            .iter()
            .filter(|row| row["type"] == "unmatched" && row["source_game_id"] == id);
        of.map(|row| {
            let field = |name: &str| row[name].clone();
            (field("near"), field("minutes"), field("command"))
        })
        .collect()
    };
    let near = |what: &str, minutes: i64, other: &str| {
        (
            Value::from(what),
            Value::from(minutes),
            Value::from(format!("linetape game merge {other}")),
        )
    };
    assert_eq!(told("1"), [near("start", 200, "an:1 espn:2")]);
    assert_eq!(told("3"), [near("swapped", 0, "an:3 espn:4")]);
    assert_eq!(told("5"), [near("unknown_team", 5, "an:5 espn:6")]);
    let both = [
        near("doubleheader", 95, "an:7 espn:8"),
        near("doubleheader", -95, "an:7 espn:9"),
    ];
    assert_eq!(told("7"), both);
    assert_eq!(told("10"), [(Value::Null, Value::Null, Value::Null)]);
    let unknown: Vec<&Value> = rows.iter().filter(|row| row["type"] == "unknown").collect();
    assert_eq!(unknown.len(), 1, "{unknown:?}");
    assert_eq!(
        (&unknown[0]["name"], &unknown[0]["count"]),
        (&"?Metz".into(), &1.into())
    );
    let text = program.ok(&["data", "quality"]).out;
    assert!(
        text.contains("starts 200 minutes apart; `linetape game merge an:1 espn:2`"),
        "{text}"
    );
    // Settled by joining: nobody is alone any more.
    sqlx::query("update core_betting.game_sources set game_id = 1 where source_game_id = '2'")
        .execute(pool)
        .await
        .unwrap();
    let rows = program.ok(&["data", "quality", "--json"]).json();
    assert!(
        rows.iter()
            .all(|row| row["source_game_id"] != "1" && row["source_game_id"] != "2"),
        "{rows:?}"
    );
}
