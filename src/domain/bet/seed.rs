//! The ids of Fair-Edge, by its recipes, for comparison with rows that it wrote.
//!
//! `sha_key` names an event: the first 16 hexadecimal digits of SHA-256 of `event_name|event_time|sport`. `bet_id` is SHA-256
//! of `sport|league|event_name|bet_type|parameters|side`, the parameters as Python writes JSON with sorted keys. Both hash
//! what is said of a bet, so they are compatibility columns and no keys.

use std::fmt::Write as _;

use chrono::{DateTime, Timelike as _, Utc};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::hex;
use crate::domain::league::League;

/// The sport of a league as Fair-Edge and The Odds API name it: `baseball_mlb`.
pub const fn sport(league: Option<League>) -> &'static str {
    match league {
        Some(League::Mlb) => "baseball_mlb",
        Some(League::Nfl) => "americanfootball_nfl",
        Some(League::Nba) => "basketball_nba",
        Some(League::Nhl) => "icehockey_nhl",
        Some(League::Ncaaf) => "americanfootball_ncaaf",
        Some(League::Ncaab) => "basketball_ncaab",
        Some(League::Wnba) => "basketball_wnba",
        Some(League::Soccer | League::Other) | None => "unknown",
    }
}

/// A time as Python's `isoformat()` writes it: `2025-07-12T23:05:00+00:00`, microseconds only where there are any.
pub fn iso(time: DateTime<Utc>) -> String {
    let format = if time.nanosecond() / 1_000 == 0 {
        "%Y-%m-%dT%H:%M:%S+00:00"
    } else {
        "%Y-%m-%dT%H:%M:%S%.6f+00:00"
    };
    time.format(format).to_string()
}

/// The event's key: 16 digits.
pub fn sha_key(event_name: &str, event_time: Option<DateTime<Utc>>, sport: &str) -> String {
    let time = event_time.map_or_else(String::new, iso);
    let mut key = hex(&Sha256::digest(format!("{event_name}|{time}|{sport}")));
    key.truncate(16);
    key
}

/// The bet's id: 64 digits. Fair-Edge looked for sport and league where they never were, so both were empty in its rows.
pub fn bet_id(
    sport: &str,
    league: &str,
    event_name: &str,
    bet_type: &str,
    parameters: &Value,
    side: &str,
) -> String {
    let parameters = python_json(parameters);
    let text = format!("{sport}|{league}|{event_name}|{bet_type}|{parameters}|{side}");
    hex(&Sha256::digest(text))
}

/// JSON as `json.dumps(value, sort_keys=True)` writes it: a blank after commas and colons, only ASCII.
fn python_json(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            let parts: Vec<String> = keys
                .into_iter()
                .filter_map(|key| {
                    let value = map.get(key)?;
                    Some(format!("{}: {}", python_text(key), python_json(value)))
                })
                .collect();
            format!("{{{}}}", parts.join(", "))
        }
        Value::Array(items) => {
            let parts: Vec<String> = items.iter().map(python_json).collect();
            format!("[{}]", parts.join(", "))
        }
        Value::String(text) => python_text(text),
        other => other.to_string(),
    }
}

fn python_text(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            other => {
                let mut units = [0; 2];
                for unit in other.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.push('"');
    out
}
