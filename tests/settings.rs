//! Settings from outside: the example file, a corpus of good and bad configurations, and what is said of the bad.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use linetape::config::environment::Environment;
use linetape::config::layer::{Entry, rows};
use linetape::config::schema::{self, LEAVES};
use linetape::config::settings::Settings;
use linetape::config::{EXAMPLE, Inputs, Loaded, load};

struct Case {
    dir: tempfile::TempDir,
    inputs: Inputs,
}

/// Settings from `file` and variables; a home directory that is empty.
fn case(file: &str, env: &[(&str, &str)]) -> Case {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    std::fs::write(&path, file).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let inputs = Inputs {
        file: Some(path),
        environment: env.iter().copied().collect::<Environment>(),
        flags: Vec::new(),
    };
    Case { dir, inputs }
}

fn loaded(file: &str, env: &[(&str, &str)]) -> Loaded {
    let case = case(file, env);
    load(&case.inputs).unwrap_or_else(|problems| panic!("{file}\n{problems}"))
}

/// What is said of a bad configuration, without the directory's name.
fn refusal(file: &str, env: &[(&str, &str)]) -> String {
    let case = case(file, env);
    let dir = format!("{}/", case.dir.path().display());
    match load(&case.inputs) {
        Ok(_) => panic!("accepted: {file} {env:?}"),
        Err(problems) => problems.to_string().replace(&dir, ""),
    }
}

/// The example with its settings without a default switched on.
fn example_in_full() -> String {
    let switched = EXAMPLE.lines().map(|line| match line.strip_prefix("# ") {
        Some(rest) if is_setting(rest) => rest,
        _ => line,
    });
    switched.collect::<Vec<_>>().join("\n")
}

fn is_setting(line: &str) -> bool {
    line.split_once(" = ").is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    })
}

#[test]
fn the_example_holds_every_setting_at_its_default() {
    let example = loaded(EXAMPLE, &[]);
    assert_eq!(rows(&example.settings), rows(&Settings::default()));

    let full = loaded(&example_in_full(), &[]);
    let unset: Vec<&str> = LEAVES
        .iter()
        .map(|leaf| leaf.path)
        .filter(|path| {
            let named = |name: &String| name == path || name.starts_with(&format!("{path}."));
            let mut set = rows(&full.settings).into_iter();
            !set.any(|(name, _)| named(&name) && full.provenance.of(&name).to_string() != "default")
        })
        .collect();
    assert!(unset.is_empty(), "config.example.toml lacks {unset:?}");
    assert!(full.paths.data.is_absolute());
}

/// serde knows the fields of every section and names them when given one it does not know: the table of settings has
/// to have the same.
#[test]
fn the_table_of_settings_is_the_struct() {
    let known = |section: &str| {
        let text = if section.is_empty() {
            "zzz = 1".to_owned()
        } else {
            format!("[{section}]\nzzz = 1")
        };
        let error = toml::from_str::<Settings>(&text).unwrap_err().to_string();
        let list = error.split_once("expected ").map_or("", |(_, list)| list);
        let names: BTreeSet<String> = list
            .split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect();
        assert!(!names.is_empty(), "{error}");
        names
    };
    let sections: BTreeSet<&str> = schema::sections()
        .filter(|s| !schema::FREE.contains(s))
        .collect();
    let mut in_struct = BTreeSet::new();
    for section in sections.iter().copied().chain([""]) {
        for name in known(section) {
            let path = if section.is_empty() {
                name
            } else {
                format!("{section}.{name}")
            };
            if !sections.contains(path.as_str()) {
                in_struct.insert(path);
            }
        }
    }
    let in_table: BTreeSet<String> = LEAVES.iter().map(|leaf| leaf.path.to_owned()).collect();
    assert_eq!(in_struct, in_table);
}

#[test]
fn defaults_are_within_their_own_ranges() {
    for leaf in LEAVES {
        let Some(value) = (leaf.value)(&Settings::default()) else {
            continue;
        };
        if !schema::FREE.contains(&leaf.path) {
            assert_eq!(leaf.expects.check(&value), Ok(()), "{}", leaf.path);
        }
    }
}

#[test]
fn later_layers_win_and_say_so() {
    let mut case = case(
        "[collect]\n\ndays = 3\nleagues = [\"nhl\"]\n[demo]\nseed = 11\nspeed = 10",
        &[
            ("LINETAPE_COLLECT__DAYS", "4"),
            ("LINETAPE_DEMO__SPEED", "20"),
            ("LINETAPE_SOURCES__ACTION_NETWORK__BOOK_IDS", "15, 30"),
            ("LINETAPE_SCREEN__KEYS__REFRESH", "ctrl-r"),
            ("LINETAPE_SCREEN__MOUSE", ""),
        ],
    );
    case.inputs.flags = vec![Entry::flag("--speed", "demo.speed", 30)];
    let Loaded {
        settings,
        provenance,
        ..
    } = load(&case.inputs).unwrap();
    assert_eq!(settings.collect.days, 4);
    assert_eq!(settings.demo.speed, 30);
    assert_eq!(settings.demo.seed, 11);
    assert_eq!(settings.demo.games, 15);
    assert_eq!(settings.sources.action_network.book_ids, [15, 30]);
    assert_eq!(
        settings.screen.keys.get("refresh").map(String::as_str),
        Some("ctrl-r")
    );
    let origin = |path| provenance.of(path).to_string();
    assert_eq!(origin("collect.days"), "env LINETAPE_COLLECT__DAYS");
    assert_eq!(origin("demo.speed"), "flag --speed");
    assert!(origin("collect.leagues").ends_with("config.toml:4"));
    assert!(origin("demo.seed").ends_with("config.toml:6"));
    assert_eq!(origin("demo.games"), "default");
    assert_eq!(origin("screen.mouse"), "default");
}

#[test]
fn well_known_variables_are_read() {
    type Get = fn(&Settings) -> Option<&secrecy::SecretString>;
    use secrecy::ExposeSecret as _;
    let shown = |env: &[(&str, &str)], get: Get| {
        let settings = loaded("", env).settings;
        get(&settings).map(|secret| secret.expose_secret().to_owned())
    };
    let redis: Get = |s| s.cache.redis_url.as_ref();
    assert_eq!(
        shown(&[("REDIS_HOST", "r.example")], redis).as_deref(),
        Some("redis://r.example:6379/0")
    );
    assert_eq!(
        shown(&[("REDIS_HOST", "::1"), ("REDIS_PORT", "7000")], redis).as_deref(),
        Some("redis://[::1]:7000/0")
    );
    assert_eq!(
        shown(&[("REDIS_URL", "redis://a/1"), ("REDIS_HOST", "b")], redis).as_deref(),
        Some("redis://a/1")
    );
    let database: Get = |s| s.database.url.as_ref();
    assert_eq!(
        shown(&[("DATABASE_URL", "postgres://u:p@h/d")], database).as_deref(),
        Some("postgres://u:p@h/d")
    );
    assert_eq!(shown(&[("DATABASE_URL", "")], database), None);
    let key: Get = |s| s.sources.odds_api.key.as_ref();
    let dir = tempfile::tempdir().unwrap();
    let dir_name = dir.path().to_str().unwrap();
    let file = dir.path().join("key");
    std::fs::write(&file, "from-file\n").unwrap();
    let file_name = file.to_str().unwrap();
    let by_file = [
        ("ODDS_API_KEY", "from-env"),
        ("ODDS_API_KEY_FILE", file_name),
    ];
    assert_eq!(shown(&by_file, key).as_deref(), Some("from-file"));
    std::fs::write(dir.path().join("odds_api_key"), "from-systemd").unwrap();
    let by_systemd = [
        ("ODDS_API_KEY_FILE", file_name),
        ("CREDENTIALS_DIRECTORY", dir_name),
    ];
    assert_eq!(shown(&by_systemd, key).as_deref(), Some("from-systemd"));
    let missing = refusal("", &[("ODDS_API_KEY_FILE", "/no/such/file")]);
    assert!(
        missing.contains("/no/such/file cannot be read"),
        "{missing}"
    );
}

#[test]
fn good_configurations() {
    for good in [
        "",
        "# nothing\n",
        "collect.days = 14",
        "collect = { days = 1, sources = [\"action_network\"] }",
        "[database]\nmax_connections = 100\nurl = \"postgresql://h/d\"",
        "[screen]\nzone = \"UTC\"\ntheme = \"mono\"",
        "[screen.keys]\n\"panel.next\" = \"tab\"\nrefresh = \"r\"",
        "[log]\nfilter = \"warn,linetape=trace,sqlx=off\"",
        "[sources.action_network]\nbase_url = \"http://127.0.0.1:9000\"",
        "[spool]\ncommit_delay = \"0ms\"",
        "[demo]\nseed = 0",
        "[jobs]\nenabled = false\nupdate_odds = \"\"\nwarm_cache = \"@daily\"\ncatch_up = []\nzone = \"UTC\"",
        "\u{feff}[demo]\nseed = 1",
    ] {
        loaded(good, &[]);
    }
}

#[test]
fn bad_configurations_are_refused_with_place_and_way_out() {
    for (bad, expected) in [
        (
            "[collect]\nleages = [\"mlb\"]",
            "config.toml:2: there is no setting collect.leages; did you mean collect.leagues?",
        ),
        (
            "leagues = [\"mlb\"]",
            "config.toml:1: there is no setting leagues; did you mean collect.leagues?",
        ),
        (
            "[colect]\ndays = 1",
            "config.toml:1: there is no section colect; did you mean collect?",
        ),
        (
            "[telemetry]\nendpoint = 1",
            "config.toml:1: there is no section telemetry; linetape config show lists them all",
        ),
        (
            "[collect]\ndays = 15",
            "config.toml:2: collect.days is 15; write a whole number from 1 to 14",
        ),
        ("[collect]\ndays = 0", "collect.days is 0; write"),
        (
            "[collect]\ndays = \"2\"",
            "collect.days is \"2\"; write a whole number from 1 to 14",
        ),
        ("[collect]\ndays = 1.5", "collect.days is 1.5; write"),
        ("[collect]\ndays = [1]", "collect.days is [1]; write"),
        ("[collect.days]\nx = 1", "collect.days is"),
        (
            "collect = 3",
            "config.toml:1: collect is a section; write [collect] on a line of its own",
        ),
        (
            "[collect]\nleagues = []",
            "collect.leagues is []; write a list of at least one of mlb, nfl",
        ),
        ("[collect]\nleagues = [\"mbl\"]", "did you mean \"mlb\"?"),
        ("[collect]\nleagues = [\"other\"]", "collect.leagues is"),
        (
            "[collect]\nsources = [\"an\"]",
            "write a list of at least one of action_network, odds_api",
        ),
        (
            "[collect]\nflush_timeout = \"5 sec\"",
            "write a duration from 10ms to 10m",
        ),
        (
            "[collect]\nflush_timeout = 5",
            "collect.flush_timeout is 5; write a duration",
        ),
        (
            "[database]\nmax_connections = 1",
            "write a whole number from 2 to 100",
        ),
        (
            "[database]\nmax_connections = 101",
            "write a whole number from 2 to 100",
        ),
        ("[database]\nbatch_rows = 99", "from 100 to 10000"),
        ("[database]\nname = \"Robert'; drop\"", "database.name is"),
        ("[demo]\nspeed = 601", "from 1 to 600"),
        ("[demo]\ngames = 201", "from 1 to 200"),
        ("[demo]\nseed = -1", "a whole number from 0"),
        (
            "[demo]\ndatabase = \"linetape\"",
            "the demo needs a database of its own",
        ),
        ("[screen]\nmax_fps = 61", "from 1 to 60"),
        (
            "[screen]\ntheme = \"drak\"",
            "screen.theme is \"drak\"; did you mean \"dark\"? write one of auto, dark",
        ),
        (
            "[screen]\nzone = \"Mars/Olympus\"",
            "write an IANA time zone",
        ),
        (
            "[jobs]\nupdate_odds = \"*/15 8-25 * * *\"",
            "config.toml:2: jobs.update_odds is \"*/15 8-25 * * *\"; range out of bounds; write minute",
        ),
        (
            "[jobs]\nwarm_cache = \"8:00\"",
            "jobs.warm_cache is \"8:00\"; a schedule has five fields, this has 1; write minute, hour",
        ),
        ("[jobs]\nzone = \"here\"", "write an IANA time zone"),
        (
            "[jobs]\ncatch_up = [\"update_game\"]",
            "did you mean \"update_games\"?",
        ),
        ("[screen]\nmouse = 1", "write true or false"),
        (
            "[screen.keys]\nrefresh = 5",
            "screen.keys.refresh is 5; write a key",
        ),
        ("[log]\nfilter = \"linetape=loud\"", "write a level"),
        ("[log]\nkeep_files = 0", "from 1 to 365"),
        (
            "[sources.odds_api]\nbase_url = \"http://api.the-odds-api.com\"",
            "write an https address",
        ),
        ("[sources.odds_api]\nregions = []", "write a list of texts"),
        (
            "[sources.action_network]\nbook_ids = [0]",
            "write a list of whole numbers from 1",
        ),
        (
            "[sources.action_network]\nbook_ids = [99999999999]",
            "write a list of whole numbers from 1",
        ),
        (
            "[sources.action_network]\nevery = \"0s\"",
            "a duration from 1s to 7d",
        ),
        (
            "[spool]\nwhen_full = \"panic\"",
            "write one of stop_polling, drop_oldest",
        ),
        (
            "[spool]\nmax_bytes = 1048576",
            "spool.max_record_bytes (67108864) is more than spool.max_bytes (1048576)",
        ),
        (
            "[http]\nmax_body_bytes = 1073741824",
            "config.toml:2: http.max_body_bytes",
        ),
        (
            "[http]\nretry_base = \"1m\"",
            "http.retry_base is longer than http.retry_max",
        ),
        (
            "[collect]\ndays = 1\ndays = 2",
            "config.toml:3: this is not TOML: duplicate key",
        ),
        ("[collect\n", "config.toml:1: this is not TOML"),
        ("days 1", "config.toml:1: this is not TOML"),
        (
            "[collect]\ndays = 99999999999999999999",
            "config.toml:2: collect.days cannot be read",
        ),
    ] {
        let said = refusal(bad, &[]);
        assert!(
            said.contains(expected),
            "{bad}\nsaid: {said}\nexpected: {expected}"
        );
    }
}

#[test]
fn bad_variables_are_refused_by_name() {
    for (name, value, expected) in [
        (
            "LINETAPE_COLECT__DAYS",
            "1",
            "env LINETAPE_COLECT__DAYS: there is no variable LINETAPE_COLECT__DAYS; did you mean LINETAPE_COLLECT__DAYS?",
        ),
        ("LINETAPE_PGBIN", "/x", "did you mean LINETAPE_PG_BIN?"),
        (
            "LINETAPE_COLLECT",
            "1",
            "there is no variable LINETAPE_COLLECT;",
        ),
        (
            "LINETAPE_SCREEN__KEYS",
            "r",
            "there is no variable LINETAPE_SCREEN__KEYS;",
        ),
        (
            "LINETAPE_COLLECT__DAYS",
            "many",
            "env LINETAPE_COLLECT__DAYS: collect.days is \"many\"; write a whole number from 1 to 14",
        ),
        (
            "LINETAPE_COLLECT__LEAGUES",
            "mlb,mbl",
            "did you mean \"mlb\"?",
        ),
        (
            "REDIS_PORT",
            "port",
            "env REDIS_PORT: REDIS_PORT is not a port",
        ),
    ] {
        let said = refusal("", &[(name, value)]);
        assert!(said.contains(expected), "{name}={value}\nsaid: {said}");
    }
}

#[test]
fn every_mistake_is_told_at_once_and_no_secret_with_it() {
    let said = refusal(
        "[database]\nurl = \"mysql://u:canary@h/d\"\nmax_connections = 0\n[sources.odds_api]\nkey = 5\n[nope]\n",
        &[
            ("REDIS_URL", "http://:canary@r"),
            ("LINETAPE_DEMO__GAMES", "0"),
        ],
    );
    assert_eq!(said.lines().count(), 6, "{said}");
    assert!(!said.contains("canary"), "{said}");
    assert!(
        said.contains("database.url is not understood; write postgres://"),
        "{said}"
    );
    assert!(
        said.contains("env REDIS_URL: cache.redis_url is not understood"),
        "{said}"
    );
}

#[test]
fn secrets_in_a_readable_file_are_warned_of() {
    let case = case("[sources.odds_api]\nkey = \"canary\"", &[]);
    assert!(load(&case.inputs).unwrap().warnings.is_empty());
    let file: &PathBuf = case.inputs.file.as_ref().unwrap();
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let loaded = load(&case.inputs).unwrap();
    let warning = loaded.warnings.join("\n");
    assert!(
        warning.contains("chmod 600") && warning.contains("sources.odds_api.key"),
        "{warning}"
    );
    let shown = format!(
        "{:?} {:?} {:?}",
        rows(&loaded.settings),
        loaded.settings,
        case.inputs
    );
    assert!(!format!("{warning}{shown}").contains("canary"));
    assert!(shown.contains("<set>"));
}

#[test]
fn a_named_file_has_to_be_there() {
    let inputs = Inputs {
        file: Some("/no/such/config.toml".into()),
        ..Inputs::default()
    };
    let said = load(&inputs).unwrap_err().to_string();
    assert!(said.contains("linetape config init writes one"), "{said}");
}
