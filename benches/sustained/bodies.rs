//! Responses in Action Network's format in which every price differs from the look before.

use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use linetape::domain::league::League;
use linetape::domain::payload::{Payload, PayloadHash, RequestIdentity};
use linetape::domain::source::Stream;
use uuid::Uuid;

const TEAMS: [&str; 30] = [
    "Arizona Diamondbacks",
    "Atlanta Braves",
    "Baltimore Orioles",
    "Boston Red Sox",
    "Chicago Cubs",
    "Chicago White Sox",
    "Cincinnati Reds",
    "Cleveland Guardians",
    "Colorado Rockies",
    "Detroit Tigers",
    "Houston Astros",
    "Kansas City Royals",
    "Los Angeles Angels",
    "Los Angeles Dodgers",
    "Miami Marlins",
    "Milwaukee Brewers",
    "Minnesota Twins",
    "New York Mets",
    "New York Yankees",
    "Oakland Athletics",
    "Philadelphia Phillies",
    "Pittsburgh Pirates",
    "San Diego Padres",
    "San Francisco Giants",
    "Seattle Mariners",
    "St. Louis Cardinals",
    "Tampa Bay Rays",
    "Texas Rangers",
    "Toronto Blue Jays",
    "Washington Nationals",
];
const BOOKS: [u32; 12] = [68, 69, 71, 75, 79, 123, 2988, 1799, 2724, 78, 3, 972];
/// Prices in a look: 15 games, 12 books, three markets of two sides.
pub const PRICES: u64 = 15 * 12 * 6;

/// The n-th look, ten seconds of market time after the one before.
pub fn look(n: u64) -> Payload {
    let first: DateTime<Utc> = "2025-07-12T06:00:00Z".parse().unwrap();
    let at = first + TimeDelta::seconds(10 * i64::try_from(n).unwrap());
    let body: Arc<[u8]> = body(n).into_bytes().into();
    Payload {
        fetch_id: Uuid::now_v7(),
        request: RequestIdentity {
            stream: Stream::AnScoreboard,
            url: "https://bench.test/web/v2/scoreboard/mlb".into(),
            league: Some(League::Mlb),
            source_game_id: None,
        },
        status: 200,
        observed_at: at,
        elapsed_ms: 1,
        reconstructed: false,
        error: None,
        hash: PayloadHash::of(&body),
        body,
    }
}

fn body(n: u64) -> String {
    let mut text = String::with_capacity(200_000);
    text.push_str(r#"{"league":{"id":8,"name":"mlb"},"games":["#);
    for game in 0..15_usize {
        let (away, home) = (2 * game + 1, 2 * game + 2);
        let id = 700_000 + game;
        let comma = if game > 0 { "," } else { "" };
        write!(
            text,
            r#"{comma}{{"id":{id},"status":"scheduled","real_status":"scheduled","start_time":"2025-07-14T{:02}:05:00.000Z","league_name":"mlb","home_team_id":{home},"away_team_id":{away},"teams":[{{"id":{away},"full_name":"{}"}},{{"id":{home},"full_name":"{}"}}],"markets":{{"#,
            game + 5,
            TEAMS[away - 1],
            TEAMS[home - 1],
        )
        .unwrap();
        for (nth, book) in BOOKS.iter().enumerate() {
            let comma = if nth > 0 { "," } else { "" };
            write!(text, r#"{comma}"{book}":{{"event":{{"#).unwrap();
            for (market, value, sides) in [
                ("moneyline", 0.0, [("away", away), ("home", home)]),
                ("spread", 1.5, [("away", away), ("home", home)]),
                ("total", 8.5, [("over", 0), ("under", 0)]),
            ] {
                let comma = if market == "moneyline" { "" } else { "," };
                write!(text, r#"{comma}"{market}":["#).unwrap();
                for (side, (name, team)) in sides.iter().enumerate() {
                    // Never the one of the look before.
                    let odds = -110
                        - i64::try_from((n * 7 + (game * 13 + nth * 5 + side) as u64) % 60)
                            .unwrap();
                    let value = if *name == "home" && market == "spread" {
                        -value
                    } else {
                        value
                    };
                    let comma = if side > 0 { "," } else { "" };
                    write!(
                        text,
                        r#"{comma}{{"event_id":{id},"book_id":{book},"type":"{market}","period":"event","side":"{name}","team_id":{team},"odds":{odds},"value":{value},"is_live":false,"line_status":"normal"}}"#,
                    )
                    .unwrap();
                }
                text.push(']');
            }
            text.push_str("}}");
        }
        text.push_str("}}");
    }
    text.push_str("]}");
    text
}
