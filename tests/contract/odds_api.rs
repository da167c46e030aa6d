//! The Odds API.

use std::sync::Arc;

use linetape::domain::feed::Decoded;
use linetape::domain::market::{Line, Market, Side};
use linetape::domain::odds::OddsFormat;
use linetape::domain::source::{Source, Stream};
use linetape::domain::status::GameStatus;
use linetape::sources;
use serde_json::Value;

use crate::payloads::{captured, decode, decode_asked, fixture, inspect, lines_of, paths_of};

#[test]
fn the_snapshot_series_decodes_whole() {
    let files = captured("theoddsapi_mlb_series");
    let mut quotes = 0;
    for (name, body) in &files {
        let (stream, decoded) = inspect(Source::OddsApi, body).unwrap();
        assert_eq!(stream, Stream::OddsApiOdds, "{name}");
        let events: Value = serde_json::from_slice(body).unwrap();
        events_are_whole(name, events.as_array().unwrap(), &decoded);
        assert!(decoded.rejects.is_empty(), "{name}: {:?}", decoded.rejects);
        quotes += decoded.quotes.len();
    }
    if !files.is_empty() {
        assert_eq!(files.len(), 41);
        assert!(quotes > 30_000);
    }
}

#[test]
fn the_single_captures_decode_or_are_named() {
    for (name, body) in captured("theoddsapi") {
        let found = inspect(Source::OddsApi, &body);
        let json: Value = serde_json::from_slice(&body).unwrap_or_default();
        match name.as_str() {
            "historical_event_odds_nba_h2h_decimal_20240125.json" => {
                let (stream, decoded) = found.unwrap();
                assert_eq!(stream, Stream::OddsApiHistorical);
                events_are_whole(&name, std::slice::from_ref(&json["data"]), &decoded);
                assert_eq!(
                    decoded.taken_at.unwrap().to_rfc3339(),
                    "2024-01-25T03:55:40+00:00"
                );
                assert_eq!(
                    decoded.quotes[0].odds.unwrap().format(),
                    OddsFormat::Decimal
                );
            }
            "historical_events_nba_20240125.json" => {
                let (stream, decoded) = found.unwrap();
                assert_eq!(stream, Stream::OddsApiHistorical);
                events_are_whole(&name, json["data"].as_array().unwrap(), &decoded);
                assert_eq!(decoded.games.len(), 10);
            }
            "odds_mlb_decimal_h2h_20230823.json" => {
                let (_, decoded) = found.unwrap();
                events_are_whole(&name, json.as_array().unwrap(), &decoded);
                assert!(decoded.rejects.is_empty(), "{:?}", decoded.rejects);
                assert!(
                    decoded
                        .quotes
                        .iter()
                        .all(|q| { q.odds.unwrap().format() == OddsFormat::Decimal })
                );
            }
            "odds_nba_american_h2h_spreads_totals_20221123.json" => {
                let (_, decoded) = found.unwrap();
                events_are_whole(&name, json.as_array().unwrap(), &decoded);
                assert_eq!(decoded.rejects.len(), 20, "ten lay markets of two outcomes");
                assert!(decoded.rejects.iter().all(|r| r.reason.contains("lay")));
            }
            n => {
                let refused = found.unwrap_err().to_string();
                let names_it = ["CSV", "version 3"]
                    .iter()
                    .any(|what| refused.contains(what));
                assert!(names_it, "{n}: {refused}");
            }
        }
    }
}

/// Games, prices, sides and lines, counted without the decoder.
fn events_are_whole(name: &str, events: &[Value], decoded: &Decoded) {
    assert_eq!(decoded.games.len(), events.len(), "{name}");
    let mut outcomes = 0;
    let mut quotes = decoded.quotes.iter();
    for (event, game) in events.iter().zip(&decoded.games) {
        assert_eq!(event["home_team"].as_str(), Some(&*game.home));
        assert_eq!(event["away_team"].as_str(), Some(&*game.away));
        assert!(
            game.home_team.is_some() && game.away_team.is_some(),
            "{name}: {game:?}"
        );
        for bookmaker in event["bookmakers"].as_array().into_iter().flatten() {
            for market in bookmaker["markets"].as_array().unwrap() {
                for outcome in market["outcomes"].as_array().unwrap() {
                    outcomes += 1;
                    if market["key"] == "h2h_lay" {
                        continue;
                    }
                    let quote = quotes.next().unwrap();
                    let side = match outcome["name"].as_str().unwrap() {
                        "Over" => Side::Over,
                        "Under" => Side::Under,
                        team if team == &*game.home => Side::Home,
                        team if team == &*game.away => Side::Away,
                        other => panic!("{name}: {other}"),
                    };
                    let odds = quote.odds.unwrap();
                    let price = if odds.format() == OddsFormat::American {
                        f64::from(odds.to_american())
                    } else {
                        odds.to_decimal()
                    };
                    assert!(
                        (price - outcome["price"].as_f64().unwrap()).abs() < 1e-9,
                        "{name}"
                    );
                    assert_eq!(quote.side, side, "{name}");
                    assert_eq!(
                        quote.line.map(Line::points),
                        outcome["point"].as_f64(),
                        "{name}"
                    );
                    assert_eq!(quote.source_game_id.as_deref(), event["id"].as_str());
                    assert_eq!(Some(&*quote.source_book_id), bookmaker["key"].as_str());
                    let time = market
                        .get("last_update")
                        .unwrap_or(&bookmaker["last_update"]);
                    let wanted: chrono::DateTime<chrono::Utc> =
                        time.as_str().unwrap().parse().unwrap();
                    assert_eq!(quote.source_at, Some(wanted));
                    assert_eq!(quote.phase, None);
                }
            }
        }
    }
    assert!(quotes.next().is_none());
    assert_eq!(
        decoded.quotes.len() + decoded.rejects.len(),
        outcomes,
        "{name}"
    );
}

#[test]
fn odds_with_every_quirk() {
    let body = fixture("odds_api_odds.json");
    let (stream, decoded) = inspect(Source::OddsApi, &body).unwrap();
    assert_eq!(stream, Stream::OddsApiOdds);
    assert_eq!(
        lines_of(&decoded),
        [
            "draftkings moneyline full away - - -146 open",
            "draftkings moneyline full home - - 124 open",
            "draftkings spread full away - -1.5 115 open",
            "draftkings spread full home - 1.5 -135 open",
            "draftkings total full over - 8 -110 open",
            "draftkings total full under - 8 -110 open",
            "draftkings total full over - 9.5 130 open alternate",
            "draftkings total full under - 9.5 -160 open alternate",
            "draftkings total full over - 7 -140 open alternate",
            "draftkings team_total 1h over Miami Marlins 2.5 -115 open",
            "draftkings pitcher_strikeouts full over Sandy Alcantara 5.5 -120 open",
        ]
    );
    assert_eq!(
        paths_of(&decoded.rejects),
        [
            "/0/bookmakers/0/markets/5/outcomes/1/name",
            "/0/bookmakers/1/markets/0/outcomes/0",
            "/0/bookmakers/1/markets/0/outcomes/1",
            "/0/bookmakers/1/markets/1/outcomes/0/point",
            "/0/bookmakers/1/markets/1/outcomes/1/point",
            "/0/bookmakers/1/markets/2/outcomes/0/name",
            "/0/bookmakers/1/markets/2/outcomes/1/price",
        ]
    );
    assert_eq!(decoded.rejects[6].value, "99");
    let at = |index: usize| decoded.quotes[index].source_at.unwrap().to_rfc3339();
    assert_eq!(at(0), "2025-07-12T20:00:05+00:00", "the market's own time");
    assert_eq!(at(2), "2025-07-12T20:00:00+00:00", "else the book's");
    assert_eq!(decoded.games[0].status, None);
}

#[test]
fn an_endpoint_settles_the_format() {
    let body = br#"[{"id":"e1","sport_key":"x","commence_time":1752361500,"home_team":"A","away_team":"B","bookmakers":
        [{"key":"k","last_update":1752361000,"markets":[{"key":"h2h","outcomes":[{"name":"A","price":101},{"name":"B","price":3},{"name":"Draw","price":4.5}]}]}]}]"#;
    let decoded = decode(Stream::OddsApiOdds, body, None).unwrap();
    let decimal: Vec<f64> = decoded
        .quotes
        .iter()
        .map(|q| q.odds.unwrap().to_decimal())
        .collect();
    assert_eq!(decimal, [101.0, 3.0, 4.5]);
    assert_eq!(decoded.quotes[2].side, Side::Draw);
    assert!(decoded.games[0].starts_at.is_some() && decoded.quotes[0].source_at.is_some());
    let asked = Some("https://x/v4/sports/x/odds?oddsFormat=american");
    let american = decode_asked(Stream::OddsApiOdds, body, None, asked).unwrap();
    assert_eq!((american.quotes.len(), american.rejects.len()), (1, 2));
    assert_eq!(american.quotes[0].odds.unwrap().to_american(), 101);
}

#[test]
fn scores_are_results() {
    let (stream, decoded) = inspect(Source::OddsApi, &fixture("odds_api_scores.json")).unwrap();
    assert_eq!(stream, Stream::OddsApiScores);
    assert_eq!(decoded.games.len(), 2);
    assert_eq!(decoded.games[0].status, Some(GameStatus::Final));
    assert_eq!(decoded.games[1].status, None);
    let [result] = decoded.results.as_slice() else {
        panic!("{:?}", decoded.results)
    };
    assert_eq!((result.home_score, result.away_score), (Some(3), Some(5)));
    assert!(decoded.rejects.is_empty());
}

#[test]
fn other_bodies_are_named() {
    let refused = |body: &[u8]| inspect(Source::OddsApi, body).unwrap_err().to_string();
    let error =
        refused(br#"{"message":"API key is not valid\u001b[31m","error_code":"INVALID_KEY"}"#);
    assert!(error.contains("API key is not valid[31m"), "{error}");
    assert!(refused(br#"{"success":true,"data":[{"sites":[]}]}"#).contains("version 3"));
    assert!(refused(b"<html>").contains("web page"));
    assert!(refused(b"").contains("empty"));
    assert!(refused(b"[{\"id\":").contains("ends early"));
    assert!(refused(b"\xff\xfe").contains("UTF-8"));
    let sports = br#"[{"key":"baseball_mlb","group":"Baseball","title":"MLB","description":"x","active":true,"has_outrights":false}]"#;
    let (stream, decoded) = inspect(Source::OddsApi, sports).unwrap();
    assert_eq!(
        (stream, decoded),
        (Stream::OddsApiSports, Decoded::default())
    );
}

#[test]
fn endpoints_name_stream_and_game() {
    let named = |endpoint: &str| {
        let found = sources::recognise(Source::OddsApi, b"[]", Some(endpoint)).unwrap();
        (found.stream, found.source_game_id)
    };
    let event: Option<Arc<str>> = Some("abc".into());
    assert_eq!(
        named("/v4/sports/baseball_mlb/odds?x=1"),
        (Stream::OddsApiOdds, None)
    );
    assert_eq!(
        named("/v4/sports/baseball_mlb/events"),
        (Stream::OddsApiEvents, None)
    );
    assert_eq!(
        named("/v4/sports/baseball_mlb/scores/"),
        (Stream::OddsApiScores, None)
    );
    assert_eq!(named("/v4/sports"), (Stream::OddsApiSports, None));
    assert_eq!(
        named("/v4/sports/x/events/abc/odds"),
        (Stream::OddsApiEventOdds, event.clone())
    );
    assert_eq!(
        named("/v4/historical/sports/x/events/abc/odds"),
        (Stream::OddsApiHistorical, event)
    );
    assert_eq!(
        named("/v4/historical/sports/x/odds"),
        (Stream::OddsApiHistorical, None)
    );
}

#[test]
fn three_way_prices_stay_apart_from_two_way() {
    let body = br#"[{"id":"e1","sport_key":"icehockey_nhl","commence_time":"2025-01-01T00:00:00Z","home_team":"A","away_team":"B","bookmakers":
        [{"key":"k","markets":[{"key":"h2h","outcomes":[{"name":"A","price":-150},{"name":"B","price":130}]},
        {"key":"h2h_3_way","outcomes":[{"name":"A","price":-110},{"name":"B","price":180},{"name":"Draw","price":300}]}]}]}]"#;
    let decoded = decode(Stream::OddsApiOdds, body, None).unwrap();
    assert!(decoded.rejects.is_empty(), "{:?}", decoded.rejects);
    let three = decoded
        .quotes
        .iter()
        .filter(|q| q.market == Market::from_name("h2h_3_way"));
    assert_eq!(three.count(), 3);
}
