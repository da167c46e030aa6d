//! `database check-data` on the worked example of the seed: game 257653, Miami at Baltimore, −134 to −146.

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

use super::postgres::{empty_database, test_database};
use super::program::Program;

const HOME: u32 = 12;
const AWAY: u32 = 11;
const OPENED: &str = "2025-07-12T19:13:00.000001Z";
const CLOSED: &str = "2025-07-13T19:34:00.000001Z";

/// The slate that names the game; it begins a minute after the close.
fn slate() -> Value {
    json!({"league": {"id": 8, "name": "mlb"}, "games": [{
        "id": 257_653, "status": "scheduled", "real_status": "scheduled", "start_time": "2025-07-13T19:35:00.000Z",
        "league_name": "mlb", "home_team_id": HOME, "away_team_id": AWAY, "num_bets": 5,
        "teams": [{"id": AWAY, "full_name": "Miami Marlins"}, {"id": HOME, "full_name": "Baltimore Orioles"}],
        "markets": {},
    }]})
}

/// One outcome, opened and closed, as (line, price).
fn outcome(book: u32, kind: &str, side: &str, opened: (f64, i64), closed: (f64, i64)) -> Value {
    let team = match side {
        "home" => HOME,
        "away" => AWAY,
        _ => 0,
    };
    json!({
        "event_id": 257_653, "book_id": book, "type": kind, "side": side, "team_id": team, "period": "event",
        "odds": closed.1, "value": closed.0,
        "history": [
            {"odds": opened.1, "value": opened.0, "updated_at": OPENED, "line_status": "opener"},
            {"odds": closed.1, "value": closed.0, "updated_at": CLOSED, "line_status": "normal"},
        ],
    })
}

/// The tick history: the example at six books, and moves across even money and across pick'em.
fn history() -> Value {
    let mut books = json!({});
    for book in [15, 30, 68, 69, 75, 123] {
        let away = outcome(book, "moneyline", "away", (0.0, -134), (0.0, -146));
        let home = outcome(book, "moneyline", "home", (0.0, 114), (0.0, 124));
        books[book.to_string()] = json!({"event": {"moneyline": [away, home]}});
    }
    books["68"]["event"]["spread"] = json!([
        outcome(68, "spread", "away", (1.0, -110), (-1.0, -105)),
        outcome(68, "spread", "home", (-1.0, -110), (1.0, -115)),
    ]);
    books["68"]["event"]["total"] = json!([
        outcome(68, "total", "over", (8.5, 102), (8.5, -105)),
        outcome(68, "total", "under", (8.5, -122), (8.5, -115)),
    ]);
    books
}

#[tokio::test]
async fn the_seeds_example_reads_right_as_a_table_and_as_json() {
    let database = test_database().await;
    let program = Program::on(&database);
    program.write("slate.json", &slate());
    program.write("history.json", &history());
    for (file, at) in [
        ("slate.json", "2025-07-12T19:10:00Z"),
        ("history.json", "2025-07-13T19:34:30Z"),
    ] {
        program.ok(&["ingest", file, "--source", "an", "--at", at]);
    }

    // As the seed writes it, with Action Network's number.
    let args = ["database", "check-data", "-g", "257653", "-m", "moneyline"];
    let table = program.ok(&args).out;
    assert!(
        table.starts_with("Miami Marlins @ Baltimore Orioles, game "),
        "{table}"
    );
    assert!(table.contains("starts 2025-07-13 19:35:00Z"), "{table}");
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let rows: Vec<String> = table.lines().skip(1).map(words).collect();
    assert_eq!(
        rows[0],
        "book market side opening at closing at moved moves seen feed"
    );
    let of = |book: &str, side: &str| {
        let begin = format!("{book} moneyline {side} ");
        rows.iter()
            .find(|row| row.starts_with(&begin))
            .unwrap_or_else(|| panic!("{begin}: {table}"))
            .clone()
    };
    assert_eq!(
        of("draftkings", "away"),
        "draftkings moneyline away −134 2025-07-12 19:13:00Z −146 2025-07-13 19:34:00Z \
         12 cents toward Miami Marlins 1 1 action_network/history"
    );
    assert!(
        of("draftkings", "home").contains("+114")
            && of("draftkings", "home").contains("10 cents against Baltimore Orioles")
    );
    assert_eq!(rows.len(), 1 + 12, "{table}");

    let json: Vec<Value> = program
        .ok(&[&args[..], &["-b", "68", "--json"]].concat())
        .json();
    assert_eq!(json.len(), 2);
    let away = json.iter().find(|row| row["side"] == "away").unwrap();
    for (name, value) in [
        ("type", json!("movement")),
        ("matchup", json!("Miami Marlins @ Baltimore Orioles")),
        ("book", json!("draftkings")),
        ("opening_american", json!(-134)),
        ("opening_at", json!(OPENED)),
        ("closing_american", json!(-146)),
        ("closing_at", json!(CLOSED)),
        ("direction", json!("toward")),
        ("cents", json!(12)),
        ("points", Value::Null),
        ("toward", json!("Miami Marlins")),
        ("movements", json!(1)),
    ] {
        assert_eq!(away[name], value, "{name} of {away}");
    }

    let moved = |market: &str, side: &str| {
        let args = [
            "database",
            "check-data",
            "--game",
            "an:257653",
            "--book",
            "draftkings",
            "--market",
            market,
            "--json",
        ];
        let rows = program.ok(&args).json();
        let row = rows.into_iter().find(|row| row["side"] == side).unwrap();
        [
            row["direction"].clone(),
            row["cents"].clone(),
            row["points"].clone(),
            row["toward"].clone(),
        ]
    };
    let (null, marlins) = (Value::Null, json!("Miami Marlins"));
    assert_eq!(
        moved("spread", "away"),
        [json!("toward"), null.clone(), json!(2.0), marlins.clone()]
    );
    assert_eq!(
        moved("spread", "home"),
        [json!("against"), null.clone(), json!(2.0), marlins]
    );
    assert_eq!(
        moved("total", "over"),
        [json!("toward"), json!(7), null.clone(), json!("over")]
    );
    assert_eq!(
        moved("total", "under"),
        [json!("against"), json!(7), null, json!("over")]
    );
    let lines = program
        .ok(&["database", "check-data", "-g", "257653", "-m", "spread"])
        .out;
    assert!(
        lines.contains("+1 −110") && lines.contains("−1 −105"),
        "{lines}"
    );

    let whole = program
        .ok(&["database", "check-data", "--json"])
        .json()
        .remove(0);
    for (name, number) in [
        ("games", 1),
        ("books", 6),
        ("series", 16),
        ("changes", 32),
        ("extractions", 1),
        ("payloads", 2),
    ] {
        assert_eq!(whole[name], number, "{name} of {whole}");
    }
    let whole = program.ok(&["database", "check-data"]).out;
    assert!(
        whole
            .lines()
            .any(|line| words(line) == "changes of line, price or status 32"),
        "{whole}"
    );

    let nothing = program.ok(&["database", "check-data", "-g", "257653", "-m", "corners"]);
    assert!(
        nothing.out.is_empty() && nothing.err.contains("nothing is stored"),
        "{nothing:?}"
    );
    let unknown = program.run(&["database", "check-data", "-g", "4"]);
    assert_eq!(unknown.code, Some(1));
}

#[tokio::test]
async fn an_earlier_programs_names_set_up_and_test() {
    let database = empty_database().await;
    let program = Program::on(&database);
    let early = program.run(&["database", "check-data"]);
    assert_eq!(early.code, Some(69));
    assert!(
        early.err.contains("linetape database setup"),
        "{}",
        early.err
    );

    let setup = program.ok(&["database", "setup-action-network", "--test-connection"]);
    for table in [
        "core_betting.line_history",
        "operational.extraction_log",
        "raw_data.payloads",
    ] {
        assert!(
            setup.out.lines().any(|line| line.starts_with(table)),
            "{table}: {}",
            setup.out
        );
    }
    assert!(!setup.out.contains("missing"), "{}", setup.out);
    program.ok(&["database", "setup", "-t"]);
    let test = program.ok(&["database", "test-connection"]);
    assert!(
        test.out.contains("PostgreSQL 1") && test.out.contains("answers in"),
        "{}",
        test.out
    );
    let test = program
        .ok(&["database", "test-connection", "--json"])
        .json();
    assert_eq!((test.len(), &test[0]["ok"]), (1, &json!(true)));

    sqlx::query("drop table operational.cache_metrics")
        .execute(&database.pool)
        .await
        .unwrap();
    let status = program.ok(&["database", "status"]);
    assert!(
        status.out.contains("missing  operational.cache_metrics"),
        "{}",
        status.out
    );
    let status = program.ok(&["database", "status", "--json"]).json();
    assert_eq!(status[0]["missing"], json!(["operational.cache_metrics"]));
}

/// A feed on a loopback port: three games in some hours, and each one's tick history.
async fn feed() -> String {
    let respond = |request: axum::extract::Request| async move {
        let path = request.uri().path().to_owned();
        let numbers = path.split('/').find_map(|part| part.parse::<u64>().ok());
        let body = if path.contains("/scoreboard") {
            let starts = Utc::now() + TimeDelta::hours(5);
            let mut slate = slate();
            let game = slate["games"][0].clone();
            slate["games"] = (0..3)
                .map(|n| {
                    let mut game = game.clone();
                    game["id"] = json!(257_653 + n);
                    game["start_time"] = json!(starts + TimeDelta::hours(3 * n));
                    game
                })
                .collect();
            slate
        } else if let (true, Some(id)) = (path.ends_with("/history"), numbers) {
            let whole = history().to_string().replace("257653", &id.to_string());
            serde_json::from_str(&whole).unwrap()
        } else {
            json!({})
        };
        body.to_string()
    };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
        .await
        .unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = axum::Router::new().fallback(respond);
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pipeline_of_an_earlier_program_fetches_as_many_games_as_it_is_told() {
    let database = test_database().await;
    let program = Program::on(&database);
    let url = feed().await;
    let env = [
        ("LINETAPE_SOURCES__ACTION_NETWORK__BASE_URL", url.as_str()),
        ("LINETAPE_SOURCES__ACTION_NETWORK__PER_MINUTE", "600"),
        ("LINETAPE_COLLECT__LEAGUES", "mlb"),
    ];
    let histories = "select count(distinct source_game_id) from raw_data.collection_log
                     where stream = 'action_network/history' and status = 200";
    // Games whose ticks are stored are not fetched again.
    for (args, fetched) in [(&["--max-games", "1"][..], 1), (&["-d", "tomorrow"][..], 3)] {
        let args = [&["action-network", "pipeline", "--json"][..], args].concat();
        let run = program.run_with(&args, &env);
        assert_eq!(run.code, Some(0), "{}", run.err);
        let last = run.json().pop().unwrap();
        assert_eq!(last["type"], "summary");
        assert!(last["changes"].as_i64().unwrap() > 0, "{last}");
        let sources: Vec<&String> = last["sources"].as_object().unwrap().keys().collect();
        assert_eq!(sources, ["action_network"]);
        let count: i64 = sqlx::query_scalar(histories)
            .fetch_one(&database.pool)
            .await
            .unwrap();
        assert_eq!(count, fetched);
    }
}
