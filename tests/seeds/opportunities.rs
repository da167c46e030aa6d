//! Fair prices and opportunities on the command line, on what a demo has stored.

use std::process::Command;

use serde_json::Value;
use sqlx::PgPool;

/// What the program prints as JSON lines.
fn rows(url: &str, name: &str, args: &[&str]) -> Vec<Value> {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_linetape"))
        .args(args)
        .args(["--demo", "--json"])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", home.path())
        .env("DATABASE_URL", url)
        .env("LINETAPE_DEMO__DATABASE", name)
        .current_dir(home.path())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {told}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn number(row: &Value, name: &str) -> f64 {
    row[name]
        .as_f64()
        .unwrap_or_else(|| panic!("{name}: {row}"))
}

/// What the books say together, and who moves first.
fn together(url: &str, name: &str, game: &str, at: &str) {
    let sides = rows(url, name, &["consensus", game, "--at", at]);
    assert!(sides.len() >= 2, "{sides:?}");
    for side in &sides {
        let opinions = side["opinions"].as_array().unwrap();
        let there = opinions.iter().filter(|o| o["line"] == side["line"]);
        let mut there: Vec<f64> = there.map(|o| number(o, "probability")).collect();
        there.sort_by(f64::total_cmp);
        assert!(there.len() >= 2 && side["books"] == there.len(), "{side}");
        let half = there.len() / 2;
        let upper = there[half];
        let lower = if there.len() % 2 == 1 {
            upper
        } else {
            there[half - 1]
        };
        assert!((number(side, "median") - 0.5 * (lower + upper)).abs() < 1e-12);
        match side["sharp"].as_f64() {
            Some(sharp) => {
                assert!(sharp >= there[0] - 1e-12 && sharp <= there[there.len() - 1] + 1e-12);
            }
            None => assert!(side["sharp_reason"].is_string(), "{side}"),
        }
        let whole: f64 = sides
            .iter()
            .filter(|o| {
                ["market", "period", "participant"]
                    .iter()
                    .all(|name| o[*name] == side[*name])
            })
            .map(|o| number(o, "median"))
            .sum();
        assert!((whole - 1.0).abs() < 1e-9, "{side}");
    }
    let books = rows(url, name, &["lead-lag", "--min-waves", "1"]);
    assert!(!books.is_empty());
    for book in &books {
        let (led, waves) = (number(book, "led"), number(book, "waves"));
        assert!(led <= waves && (number(book, "share") - led / waves).abs() < 1e-12);
        assert!(number(book, "share_low") <= number(book, "share"));
        assert_eq!(book["median_lag_s"].is_null(), led >= waves, "{book}");
    }
    let pairs = rows(url, name, &["lead-lag", "--pairs", "--min-waves", "1"]);
    assert!(!pairs.is_empty());
    for pair in &pairs {
        // Who is followed took part in the waves that it led.
        let leads =
            |book: &&Value| book["market"] == pair["market"] && book["book"] == pair["leader"];
        let leader = books.iter().find(leads).unwrap_or_else(|| panic!("{pair}"));
        assert_ne!(pair["leader"], pair["follower"]);
        let (led, followed) = (number(pair, "led"), number(pair, "followed"));
        assert!(
            followed >= 1.0 && followed <= led && led <= number(leader, "waves"),
            "{pair}"
        );
        let (median, p90) = (number(pair, "median_ms"), number(pair, "p90_ms"));
        assert!(median >= 0.0 && median <= p90 && p90 <= 120_000.0, "{pair}");
    }
    let most = pairs
        .iter()
        .map(|pair| number(pair, "followed") as u32)
        .max();
    let fewest = most.map_or_else(String::new, |most| (most + 1).to_string());
    let none = rows(url, name, &["lead-lag", "--pairs", "--min-waves", &fewest]);
    assert!(none.is_empty(), "{none:?}");
    let none = rows(url, name, &["lead-lag", "--to", "2001-01-01"]);
    assert!(none.is_empty());
}

/// Every command on the demo's rows; what they print agrees with itself and with the tables.
pub async fn check(pool: &PgPool, url: &str, name: &str) {
    let game: i64 = sqlx::query_scalar(
        "select game_id from core_betting.bets group by game_id order by count(*) desc, game_id limit 1",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    let game = game.to_string();
    // As it was known when the last fair price was stored: ages then do not depend on when the demo ended.
    let at: String = sqlx::query_scalar(
        "select to_char(max(at) at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') from analytics.fair_odds
         where game_id = $1 and probability is not null",
    )
    .bind(game.parse::<i64>().unwrap())
    .fetch_one(pool)
    .await
    .unwrap();
    let fair = rows(url, name, &["fair", &game, "--at", &at]);
    assert!(fair.len() >= 2);
    for row in &fair {
        let p = number(row, "fair_probability");
        let weight: f64 = row["anchors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| number(a, "weight"))
            .sum();
        assert!(
            (weight - 1.0).abs() < 1e-9 && row["method"] == "multiplicative",
            "{row}"
        );
        for offer in row["offers"].as_array().unwrap() {
            let ev = p * number(offer, "net_decimal") - 1.0;
            assert!((number(offer, "ev") - ev).abs() < 1e-9 && number(offer, "seen_s") >= 0.0);
        }
    }
    let home_and_away: f64 = fair
        .iter()
        .filter(|row| row["market"] == "moneyline" && row["period"] == "full")
        .map(|row| number(row, "fair_probability"))
        .sum();
    // Where its anchors priced it then, both sides rest on the same ones.
    assert!(home_and_away == 0.0 || (home_and_away - 1.0).abs() < 1e-9);

    together(url, name, &game, &at);

    let all = rows(
        url,
        name,
        &[
            "opportunities",
            "--min-ev",
            "-1",
            "--stale",
            "--limit",
            "1000",
        ],
    );
    for row in &all {
        for leg in row["legs"].as_array().unwrap() {
            assert!(
                number(leg, "seen_s") >= 0.0
                    && leg["seen_at"].is_string()
                    && leg["changed_at"].is_string()
            );
        }
    }
    let good = rows(
        url,
        name,
        &["opportunities", "--min-ev", "0.01", "--league", "mlb"],
    );
    assert!(
        good.iter()
            .all(|row| row["stale"] == false && number(row, "ev") >= 0.01)
    );

    // What was left over at the end is made; then there is nothing more to make.
    rows(url, name, &["opportunities", "rebuild"]);
    let again = rows(url, name, &["opportunities", "rebuild"]);
    for what in ["bets", "fair", "offers", "chances", "removed"] {
        assert_eq!(again[0][what], 0, "{what}");
    }
    let best = rows(url, name, &["opportunities", "best", "--league", "mlb"]);
    assert!(
        !best.is_empty()
            && best
                .iter()
                .all(|b| (0.0..=1.0).contains(&number(b, "best_share")))
    );
    let spans = rows(url, name, &["opportunities", "ev", "--step", "1h"]);
    let counted: i64 = spans.iter().filter_map(|s| s["offers"].as_i64()).sum();
    let stored: i64 = sqlx::query_scalar(
        "select count(*) from core_betting.bet_offers where expected_value is not null",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(counted, stored);
}
