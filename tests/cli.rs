//! The program from outside: what it prints where, and how it exits.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "cli/calc.rs"]
mod calc;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A home directory of its own, and the program in it.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn config(&self) -> PathBuf {
        self.path().join(".config/linetape/config.toml")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_linetape"));
        command
            .args(args)
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Run {
        Run::of(self.command(args).output().unwrap())
    }
}

struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Run {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn json(&self) -> Vec<serde_json::Value> {
        let parse = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
        };
        self.out.lines().map(parse).collect()
    }
}

/// A slate of one game in Action Network's form, written by hand.
const SCOREBOARD: &str = r#"{
  "games": [{
    "id": 900001, "status": "scheduled", "real_status": "scheduled",
    "start_time": "2025-07-12T23:05:00.000Z", "away_team_id": 11, "home_team_id": 12,
    "league_id": 8, "league_name": "mlb", "type": "reg", "num_bets": 120,
    "teams": [
      {"id": 11, "full_name": "Miami Marlins", "display_name": "Marlins", "short_name": "Marlins", "location": "Miami", "abbr": "MIA"},
      {"id": 12, "full_name": "Baltimore Orioles", "display_name": "Orioles", "short_name": "Orioles", "location": "Baltimore", "abbr": "BAL"}
    ],
    "markets": {"15": {"event": {"moneyline": [
      {"type": "moneyline", "side": "home", "period": "event", "odds": -146, "value": 0, "book_id": 15, "event_id": 900001, "team_id": 12, "is_live": false,
       "bet_info": {"tickets": {"value": 100, "percent": 61}, "money": {"value": 0, "percent": 55}}},
      {"type": "moneyline", "side": "away", "period": "event", "odds": 124, "value": 0, "book_id": 15, "event_id": 900001, "team_id": 11, "is_live": false,
       "bet_info": {"tickets": {"value": 64, "percent": 39}, "money": {"value": 0, "percent": 45}}}
    ]}}}
  }]
}"#;

#[test]
fn config_goes_round() {
    let home = Home::new();
    let file = home.config();
    let path = home.run(&["config", "path"]);
    assert_eq!(
        (path.code, path.out.trim()),
        (Some(0), file.to_str().unwrap())
    );
    assert!(!file.exists(), "asking for the path made the file");

    let init = home.run(&["config", "init"]);
    assert_eq!(init.code, Some(0), "{}", init.err);
    assert_eq!(
        std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(written, linetape::config::EXAMPLE);

    std::fs::write(&file, "[collect]\ndays = 2\n").unwrap();
    let again = home.run(&["config", "init"]);
    assert_eq!(again.code, Some(1));
    assert!(again.err.contains("--force"), "{}", again.err);
    assert!(std::fs::read_to_string(&file).unwrap().contains("days = 2"));
    let left: Vec<_> = std::fs::read_dir(file.parent().unwrap()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");

    let check = home.run(&["config", "check"]);
    assert_eq!(check.code, Some(0), "{}", check.err);
    assert!(check.out.contains("in order"));

    let forced = home.run(&["config", "init", "--force"]);
    assert_eq!(forced.code, Some(0), "{}", forced.err);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), written);
}

#[test]
fn config_show_tells_origins_and_hides_secrets() {
    let home = Home::new();
    std::fs::create_dir_all(home.config().parent().unwrap()).unwrap();
    std::fs::write(home.config(), "[collect]\ndays = 2\n").unwrap();
    std::fs::write(
        home.path().join(".env"),
        "ODDS_API_KEY=key-canary\nLINETAPE_DEMO__SEED=5\n",
    )
    .unwrap();
    let show = |args: &[&str]| {
        let mut command = home.command(args);
        command
            .env("DATABASE_URL", "postgres://u:pass-canary@h/d")
            .env("LINETAPE_DEMO__SEED", "6");
        Run::of(command.output().unwrap())
    };
    let json = show(&["--json", "config", "show", "--data-dir", "tape"]);
    assert_eq!(json.code, Some(0), "{}", json.err);
    let rows = json.json();
    let row = |name: &str| {
        let found = rows.iter().find(|row| row["name"] == name);
        found
            .unwrap_or_else(|| panic!("{name} is not shown"))
            .clone()
    };
    assert_eq!(row("collect.days")["value"], 2);
    assert!(
        row("collect.days")["origin"]
            .as_str()
            .unwrap()
            .ends_with("config.toml:2")
    );
    assert_eq!(row("database.url")["value"], "<set>");
    assert_eq!(row("database.url")["origin"], "env DATABASE_URL");
    assert_eq!(
        row("sources.odds_api.key")["origin"],
        "env ODDS_API_KEY (.env:1)"
    );
    assert_eq!(row("demo.seed")["value"], 6);
    assert_eq!(row("demo.seed")["origin"], "env LINETAPE_DEMO__SEED");
    assert_eq!(row("demo.games")["origin"], "default");
    assert_eq!(row("cache.redis_url")["value"], serde_json::Value::Null);
    let data = row("paths.data_dir");
    assert_eq!(data["origin"], "flag --data-dir");
    assert!(data["value"].as_str().unwrap().ends_with("/tape"));
    assert!(
        rows.iter()
            .all(|row| row["type"] == "setting" && row["schema_version"] == 1)
    );

    let text = show(&["config", "show"]);
    assert_eq!(text.code, Some(0));
    assert!(text.out.contains("database.url") && text.out.contains("<set>"));
    for run in [&json, &text] {
        assert!(!format!("{}{}", run.out, run.err).contains("canary"));
    }
}

#[test]
fn presets_of_ones_own_are_listed_and_checked() {
    let home = Home::new();
    let file = home.config();
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let own = "[signals.presets.mine]\nrule = \"steam\"\ngroups = 5\nwindow = \"90s\"\n";
    std::fs::write(&file, own).unwrap();
    let presets = home.run(&["signals", "presets", "--json"]).json();
    let mine = presets.iter().find(|row| row["preset"] == "mine").unwrap();
    assert!(mine["kind"] == "steam" && mine["own"] == true, "{mine}");
    let shown = home.run(&["config", "show"]);
    assert!(shown.out.contains("signals.presets.mine"), "{}", shown.out);
    for asked in ["", "backtest --from 2025-07-01 --to 2025-07-02"] {
        let args = format!("signals {asked} --preset yours");
        let unknown = home.run(&args.split_whitespace().collect::<Vec<_>>());
        assert_eq!(unknown.code, Some(2), "{}", unknown.err);
        let said = unknown.err.contains("\"yours\" is no preset") && unknown.err.contains(" mine");
        assert!(said, "{}", unknown.err);
    }
    std::fs::write(&file, own.replace('5', "500")).unwrap();
    let wrong = home.run(&["config", "check"]);
    assert_eq!(wrong.code, Some(78));
    let sentence =
        "config.toml:1: signals.presets.mine has groups = 500; write a whole number from 1 to 100";
    assert!(wrong.err.contains(sentence), "{}", wrong.err);
}

#[test]
fn bad_settings_exit_with_78_and_bad_arguments_with_2() {
    let home = Home::new();
    std::fs::create_dir_all(home.config().parent().unwrap()).unwrap();
    std::fs::write(home.config(), "[collect]\nleages = []\n").unwrap();
    let check = home.run(&["config", "check"]);
    assert_eq!(check.code, Some(78));
    assert!(check.out.is_empty());
    assert!(
        check.err.contains(
            "config.toml:2: there is no setting collect.leages; did you mean collect.leagues?"
        ),
        "{}",
        check.err
    );

    std::fs::write(home.config(), "[screen.keys]\nrefesh = \"r\"\n").unwrap();
    let keys = home.run(&["config", "check"]);
    assert_eq!(keys.code, Some(78));
    assert!(
        keys.err.contains("did you mean \"refresh\"?"),
        "{}",
        keys.err
    );
    std::fs::write(home.config(), "[collect]\nleages = []\n").unwrap();

    let json = home.run(&["config", "check", "--json"]);
    assert_eq!(json.code, Some(78));
    let error: serde_json::Value = serde_json::from_str(json.err.trim()).unwrap();
    assert_eq!(
        (&error["type"], &error["exit_code"]),
        (&"error".into(), &78.into())
    );

    assert_eq!(
        home.run(&["config", "path"]).code,
        Some(0),
        "a broken file hides its own place"
    );
    for usage in [
        &["--nonsense"][..],
        &["inspect"],
        &["inspect", "x", "--source", "espnn"],
        &["inspect", "x", "--source", "an", "--at", "noon"],
        &["config", "show", "--color", "blue"],
    ] {
        let run = home.run(usage);
        assert_eq!(run.code, Some(2), "{usage:?}: {}", run.err);
        assert!(run.out.is_empty() && !run.err.is_empty());
    }
}

#[test]
fn inspect_prints_one_object_a_line() {
    let home = Home::new();
    let file = home.path().join("slate.json");
    std::fs::write(&file, SCOREBOARD).unwrap();
    let run = home.run(&["inspect", "slate.json", "--source", "an", "--json"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let lines = run.json();
    let of = |kind: &str| {
        lines
            .iter()
            .filter(|line| line["type"] == kind)
            .collect::<Vec<_>>()
    };
    assert_eq!(of("game").len(), 1);
    assert_eq!(of("game")[0]["source_game_id"], "900001");
    assert_eq!(of("game")[0]["home_team"], "mlb:orioles");
    let home_price = of("quote")
        .into_iter()
        .find(|quote| quote["side"] == "home")
        .unwrap();
    assert_eq!(home_price["american"], -146);
    assert_eq!(home_price["line"], serde_json::Value::Null);
    assert!(of("split").iter().any(|split| split["tickets_pct"] == 61.0));

    let table = home.run(&["inspect", "slate.json", "--source", "action_network"]);
    assert_eq!(table.code, Some(0));
    assert!(
        table
            .out
            .starts_with("action_network/scoreboard: 1 games, 2 quotes"),
        "{}",
        table.out
    );
    assert!(
        table.out.contains("Miami Marlins @ Baltimore Orioles"),
        "{}",
        table.out
    );

    let mut piped = home
        .command(&["inspect", "-", "--source", "an", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    piped
        .stdin
        .take()
        .unwrap()
        .write_all(SCOREBOARD.as_bytes())
        .unwrap();
    assert_eq!(Run::of(piped.wait_with_output().unwrap()).out, run.out);
}

#[test]
fn hostile_names_do_not_reach_the_terminal() {
    let home = Home::new();
    let hostile = SCOREBOARD.replace("Miami Marlins", "Mi\\u001b[31mami \\u202e\\u009b2JMarlins");
    std::fs::write(home.path().join("h.json"), hostile).unwrap();
    for args in [&["--json"][..], &[]] {
        let run = home.run(&[&["inspect", "h.json", "--source", "an"], args].concat());
        assert_eq!(run.code, Some(0), "{}", run.err);
        assert!(run.out.contains("Mi[31mami 2JMarlins"), "{}", run.out);
        let steers = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!run.out.contains(steers));
        assert!(!run.out.contains("\\u"));
    }
}

#[test]
fn what_is_no_response_is_refused_in_a_sentence() {
    let home = Home::new();
    std::fs::write(
        home.path().join("page.html"),
        "<html><body>busy</body></html>",
    )
    .unwrap();
    let run = home.run(&["inspect", "page.html", "--source", "an", "--json"]);
    assert_eq!(run.code, Some(1));
    let lines = run.json();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["type"], "reject");
    assert!(lines[0]["value"].as_str().unwrap().starts_with("<html>"));
    let error: serde_json::Value = serde_json::from_str(run.err.trim()).unwrap();
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("page.html: ")
    );

    let plain = home.run(&["inspect", "page.html", "--source", "oddsapi"]);
    assert_eq!((plain.code, plain.out.as_str()), (Some(1), ""));
    assert!(
        plain.err.starts_with("linetape: page.html: "),
        "{}",
        plain.err
    );

    let missing = home.run(&["inspect", "missing.json", "--source", "an"]);
    assert_eq!(missing.code, Some(74));
    assert!(
        missing.err.contains("missing.json cannot be read"),
        "{}",
        missing.err
    );
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let home = Home::new();
    let mut child = home
        .command(&["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut reader = BufReader::with_capacity(16, child.stdout.take().unwrap());
    let mut first = String::new();
    reader.read_line(&mut first).unwrap();
    drop(reader);
    let mut err = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}

#[test]
fn help_version_completions_and_manual_are_data() {
    let home = Home::new();
    for args in [
        &["--help"][..],
        &["--version"],
        &["completions", "zsh"],
        &["man"],
        &["help", "config"],
    ] {
        let run = home.run(args);
        assert_eq!(run.code, Some(0), "{args:?}: {}", run.err);
        assert!(!run.out.is_empty() && run.err.is_empty(), "{args:?}");
    }
    let manual = home.run(&["man"]).out;
    assert!(
        manual.contains("LINETAPE INSPECT") && manual.contains("Exit codes"),
        "{manual}"
    );
    // No secret that is set shows up in any help.
    let mut help = home.command(&["--help"]);
    let help = Run::of(
        help.env("DATABASE_URL", "postgres://u:canary@h/d")
            .output()
            .unwrap(),
    );
    assert!(!help.out.contains("canary"));
}
