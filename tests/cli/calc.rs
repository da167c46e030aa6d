//! `linetape calc`: the fields of its answers, how odds are read, and what it refuses.

use serde_json::{Value, json};

use super::Home;

/// The one answer of a calculation.
fn calc(args: &[&str]) -> Value {
    let run = Home::new().run(&[&["calc"], args, &["--json"]].concat());
    assert_eq!(run.code, Some(0), "{args:?}: {}", run.err);
    let mut lines = run.json();
    assert_eq!(lines.len(), 1, "{args:?}");
    lines.remove(0)
}

fn near(found: &Value, expected: f64) -> bool {
    found
        .as_f64()
        .is_some_and(|found| (found - expected).abs() < 1e-9)
}

fn keys(answer: &Value) -> Vec<&str> {
    answer
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn odds_are_read_in_every_format() {
    for (text, american, decimal, fraction) in [
        ("-110", -110, 21.0 / 11.0, "10/11"),
        ("+120", 120, 2.2, "6/5"),
        ("120", 120, 2.2, "6/5"),
        ("EVEN", 100, 2.0, "1/1"),
        ("-100", 100, 2.0, "1/1"),
        ("1.91", -110, 1.91, "91/100"),
        ("151.0", 15_000, 151.0, "150/1"),
        ("10/11", -110, 21.0 / 11.0, "10/11"),
        ("\u{2212}110", -110, 21.0 / 11.0, "10/11"),
        ("2.005", 101, 2.005, "201/200"),
    ] {
        let found = calc(&["convert", text]);
        assert_eq!(found["american"], american, "{text}");
        assert!(near(&found["decimal"], decimal), "{text}: {found}");
        assert!(
            near(&found["probability"], 1.0 / decimal),
            "{text}: {found}"
        );
        assert_eq!(found["fractional"], fraction, "{text}");
        assert_eq!(
            (&found["type"], &found["schema_version"]),
            (&json!("convert"), &json!(1))
        );
    }
}

#[test]
fn what_is_no_price_or_no_market_exits_with_2() {
    let home = Home::new();
    for (args, says) in [
        (&["convert", "-99"][..], "-100 and less"),
        (&["convert", "0"], "do not exist"),
        (&["convert", "0.5"], "above 1"),
        (&["convert", "1.0"], "above 1"),
        (&["convert", "51"], "51.0"),
        (&["convert", "5/0"], "10/11"),
        (&["convert", "x"], "no odds"),
        (&["convert", "--probability", "1"], "between 0 and 1"),
        (&["hold", "-110"], "two outcomes"),
        (&["devig", "--method", "shin", "2.1", "2.1"], "below 1"),
        (
            &["devig", "--method", "magic", "2.1", "1.9"],
            "multiplicative",
        ),
        (&["ev", "--odds", "-110", "--p", "1.2"], "no probability"),
        (
            &["kelly", "--odds", "-110", "--p", "0.5", "--fraction", "-1"],
            "share of full Kelly",
        ),
        (&["clv", "--bet", "-110", "--close", "50"], "50.0"),
        (
            &["arb", "--book", "-110,120", "--book", "1.9"],
            "same outcomes",
        ),
        (
            &["middle", "--leg", "o50@-110", "--leg", "-3@-110"],
            "an over and an under",
        ),
        (
            &[
                "settle", "--market", "total", "--side", "home", "--line", "8", "--score", "1-0",
            ],
            "no such side",
        ),
        (
            &[
                "settle", "--market", "spread", "--side", "home", "--score", "1-0",
            ],
            "its line",
        ),
        (
            &[
                "elo", "--league", "soccer", "--home", "1500", "--away", "1500",
            ],
            "nfl, nba, mlb or nhl",
        ),
        (
            &[
                "pythagorean",
                "--for",
                "0",
                "--against",
                "0",
                "--exponent",
                "2",
            ],
            "without a point",
        ),
        (
            &["prob-spread", "--league", "mlb", "--spread", "-1.5"],
            "nfl, nba",
        ),
        (&["consensus", "circa=0.5"], "1 books"),
    ] {
        let run = home.run(&[&["calc"], args].concat());
        assert_eq!(run.code, Some(2), "{args:?}: {} {}", run.out, run.err);
        assert!(run.out.is_empty(), "{args:?}");
        assert!(run.err.contains(says), "{args:?}: {}", run.err);
        assert!(!run.err.contains("panicked"), "{}", run.err);
    }
    // A refusal is JSON on stderr too.
    let run = home.run(&["calc", "ev", "--odds", "-110", "--p", "1.2", "--json"]);
    let error: Value = serde_json::from_str(run.err.trim()).unwrap();
    assert_eq!(
        (&error["type"], &error["exit_code"]),
        (&json!("error"), &json!(2))
    );
}

#[test]
fn devig_tells_method_parameter_and_flags() {
    let found = calc(&["devig", "--method", "odds_ratio", "-300", "+240"]);
    assert_eq!(found["method"], "odds_ratio");
    assert!(
        near(&found["probabilities"][0], 6.0 / (6.0 + 5.0_f64.sqrt())),
        "{found}"
    );
    assert!(near(&found["parameter"], 1.25_f64.sqrt()), "{found}");
    assert!(near(&found["overround"], 0.75 + 5.0 / 17.0));
    assert_eq!(found["flags"], json!([]));
    assert_eq!(
        calc(&["devig", "--method", "wpo", "-300", "+240"])["method"],
        "additive"
    );

    // A method that leaves 0 to 1 shows its numbers, with a flag.
    let out = calc(&[
        "devig", "--method", "additive", "1.15", "5.0", "10.0", "25.0",
    ]);
    assert_eq!(out["flags"], json!(["out_of_range"]));
    assert!(out["probabilities"][3].as_f64().unwrap() < 0.0);

    let all = calc(&["devig", "--method", "all", "2.1", "2.1"]);
    let methods = all.as_array().unwrap();
    assert_eq!(methods.len(), 9);
    for of in methods {
        assert_eq!(of["flags"], json!(["underround"]), "{of}");
        let none = of["method"] == "shin";
        assert_eq!(of["probabilities"].is_null(), none, "{of}");
    }
    let worst = calc(&["devig", "--method", "worst_case", "1.19", "7.0", "14.0"]);
    let sum: f64 = (0..3)
        .map(|n| worst["probabilities"][n].as_f64().unwrap())
        .sum();
    assert!(sum < 1.0, "{worst}");

    let table = Home::new().run(&["calc", "devig", "-110", "-110"]);
    assert_eq!(table.code, Some(0), "{}", table.err);
    assert!(
        table.out.contains("jensen shannon") && table.out.contains("50.0000 %"),
        "{}",
        table.out
    );
}

#[test]
fn money_in_the_fields_of_the_design() {
    let hold = calc(&["hold", "-110", "-110"]);
    assert!(near(&hold["overround"], 22.0 / 21.0) && near(&hold["margin"], 1.0 / 21.0));
    assert!(near(&hold["hold"], 1.0 / 22.0));
    assert!(near(
        &calc(&["ev", "--odds", "+120", "--p", "0.52"])["ev"],
        0.144
    ));
    let pushing = calc(&["ev", "--odds", "-110", "--p", "0.5", "--push", "0.1"]);
    assert!(near(&pushing["ev"], 5.0 / 11.0 - 0.4));
    let kelly = calc(&["kelly", "--odds", "2.0", "--p", "0.6", "--fraction", "0.5"]);
    assert!(near(&kelly["fraction"], 0.1), "{kelly}");
    assert!(near(
        &kelly["growth"],
        0.6 * 1.1_f64.ln() + 0.4 * 0.9_f64.ln()
    ));
    let several = calc(&[
        "kelly", "--odds", "2.5", "--p", "0.45", "--odds", "3.0", "--p", "0.35",
    ]);
    assert!(several["stakes"].as_array().unwrap().len() == 2);

    let clv = calc(&[
        "clv", "--bet", "-125", "--close", "-150", "--other", "+130", "--method", "additive",
    ]);
    assert_eq!(clv["cents"], 25);
    assert!(near(&clv["relative"], 0.08) && near(&clv["points"], 0.6 - 5.0 / 9.0));
    assert!(
        near(&clv["ev"], 1.8 * 0.5 * (1.0 + 0.6 - 10.0 / 23.0) - 1.0),
        "{clv}"
    );
    let plain = calc(&["clv", "--bet", "-110", "--close", "-110"]);
    assert!(plain["ev"].is_null() && plain["cents"] == 0);
    let moved = calc(&[
        "clv",
        "--bet",
        "-110",
        "--close",
        "-110",
        "--other",
        "-110",
        "--bet-line",
        "-3",
        "--close-line",
        "-3.5",
    ]);
    assert!(
        moved["points"].as_f64().unwrap() > 0.03 && moved["cents"].is_null(),
        "{moved}"
    );
}

#[test]
fn several_books() {
    let arb = calc(&[
        "arb",
        "--book",
        "2.8,3.5,3.1",
        "--book",
        "3.1,3.4,2.9",
        "--book",
        "3.0,-,3.0",
    ]);
    assert_eq!(arb["arb"], true);
    assert_eq!(arb["books"], json!([1, 0, 0]));
    let book = 2.0 / 3.1 + 1.0 / 3.5;
    assert!(near(&arb["return"], 1.0 / book - 1.0), "{arb}");
    assert!(near(&arb["stakes"][1], 1.0 / 3.5 / book));
    let none = calc(&["arb", "--book", "-110,-110", "--book", "-105,-115"]);
    assert_eq!(
        (&none["arb"], &none["return"]),
        (&json!(false), &json!(0.0))
    );

    let middle = calc(&[
        "middle",
        "--leg",
        "-2.5@-110",
        "--leg",
        "+3.5@-120",
        "--stakes",
        "110,120",
        "--p",
        "4=0.45",
        "--p",
        "3=0.1",
        "--p",
        "-7=0.45",
    ]);
    assert_eq!(
        (&middle["middle"], &middle["window"]),
        (&json!(true), &json!([3.0, 3.0]))
    );
    assert!(
        near(&middle["ev"], 6.5) && near(&middle["hit"], 200.0),
        "{middle}"
    );
    let totals = calc(&["middle", "--leg", "u51@+100", "--leg", "o50@-110"]);
    assert_eq!(
        (&totals["middle"], &totals["pushes"]),
        (&json!(false), &json!([50.0, 51.0]))
    );

    let common = calc(&[
        "consensus",
        "suprabets=0.6@-3",
        "1xbet=0.5@-3",
        "other=0.9@-7",
        "--weight",
        "suprabets=75",
        "--weight",
        "1xbet=25",
        "--weight",
        "bet105=400",
    ]);
    let odds = 1.5_f64.powf(0.75);
    assert!(near(&common["weighted"], odds / (1.0 + odds)), "{common}");
    assert!(
        near(&common["median"], 0.55) && common["providers"] == 2 && near(&common["line"], -3.0)
    );
    let priced = calc(&["consensus", "a=-110,-110", "b=-120,+100"]);
    assert!(priced["median"].as_f64().unwrap() > 0.5, "{priced}");
}

#[test]
fn bets_settle_with_their_halves_and_house_rules() {
    let settled = |args: &[&str]| {
        let found = calc(&[&["settle"], args].concat());
        found["outcome"].as_str().unwrap().to_owned()
    };
    let spread = |line: &str, score: &str| {
        settled(&[
            "--market", "spread", "--line", line, "--side", "home", "--score", score,
        ])
    };
    assert_eq!(spread("-0.25", "1-1"), "half_lose");
    assert_eq!(spread("+0.25", "1-1"), "half_win");
    assert_eq!(spread("-1½", "5-2"), "win");
    assert_eq!(spread("-3", "24-21"), "push");
    assert_eq!(spread("PK", "0-1"), "lose");
    let moneyline = ["--market", "moneyline", "--side", "home", "--score", "4-3"];
    let with = |more: &[&str]| settled(&[&moneyline[..], more].concat());
    assert_eq!(with(&["--innings", "4.5"]), "win");
    assert_eq!(with(&["--innings", "4"]), "no_action");
    assert_eq!(with(&["--postponed"]), "no_action");
    assert_eq!(
        with(&["--pitchers", "listed", "--pitcher-changed"]),
        "no_action"
    );
    assert_eq!(with(&["--pitchers", "action", "--pitcher-changed"]), "win");
    let team = [
        "--market",
        "team_total",
        "--team",
        "away",
        "--line",
        "2.75",
        "--side",
        "over",
    ];
    assert_eq!(
        settled(&[&team[..], &["--score", "0-3"]].concat()),
        "half_win"
    );
}

#[test]
fn ratings_records_and_spreads() {
    let elo = calc(&[
        "elo", "--league", "nba", "--home", "1300", "--away", "1300", "--score", "66-68",
    ]);
    assert_eq!(
        keys(&elo),
        [
            "away_rating",
            "expected",
            "home_rating",
            "schema_version",
            "type"
        ]
    );
    assert!(
        (elo["home_rating"].as_f64().unwrap() - 1293.2767).abs() < 1e-4,
        "{elo}"
    );
    let unplayed = calc(&[
        "elo",
        "--league",
        "nfl",
        "--home",
        "1500",
        "--away",
        "1500",
        "--neutral",
    ]);
    assert!(near(&unplayed["expected"], 0.5) && near(&unplayed["home_rating"], 1500.0));

    let record = calc(&[
        "pythagorean",
        "--for",
        "897",
        "--against",
        "697",
        "--exponent",
        "2",
    ]);
    assert!(
        (record["win_pct"].as_f64().unwrap() - 0.6235).abs() < 5e-4,
        "{record}"
    );
    assert!(near(
        &calc(&[
            "pythagorean",
            "--for",
            "5",
            "--against",
            "5",
            "--league",
            "mlb"
        ])["win_pct"],
        0.5
    ));
    assert!(near(&calc(&["log5", "0.6", "0.45"])["p"], 0.33 / 0.51));

    let spread = calc(&[
        "prob-spread",
        "--league",
        "nfl",
        "--spread",
        "-7",
        "--line",
        "-3",
    ]);
    assert!(near(&spread["win"], 0.599_682_451_130_881_8), "{spread}");
    assert!(near(&spread["p_win"], 0.693_238_318_243_181_2), "{spread}");
    let back = calc(&["prob-spread", "--league", "nfl", "--p", "0.693238318243181"]);
    assert!(
        (back["spread"].as_f64().unwrap() + 7.0).abs() < 1e-9,
        "{back}"
    );
    let keyed = calc(&[
        "prob-spread",
        "--league",
        "nfl",
        "--model",
        "margins",
        "--spread",
        "-3",
        "--line",
        "-3",
    ]);
    assert!(keyed["push"].as_f64().unwrap() > 0.07, "{keyed}");
}

/// Nothing is read and nothing is made: a broken settings file, or no home at all, is no hindrance.
#[test]
fn it_needs_neither_settings_nor_a_database() {
    let home = Home::new();
    std::fs::create_dir_all(home.config().parent().unwrap()).unwrap();
    std::fs::write(home.config(), "this is no settings file").unwrap();
    let run = home.run(&["calc", "convert", "-110"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(
        run.out.contains("52.380952 %") && run.out.contains("−110"),
        "{}",
        run.out
    );
    let mut bare = home.command(&["calc", "convert", "-110"]);
    assert!(bare.env_remove("HOME").output().unwrap().status.success());
    assert!(!home.path().join(".local").exists());
    let help = home.run(&["calc", "--help"]);
    for what in [
        "convert",
        "devig",
        "kelly",
        "settle",
        "pythagorean",
        "prob-spread",
    ] {
        assert!(help.out.contains(what), "{}", help.out);
    }
}
