//! Action Network.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use linetape::domain::book::BookKind;
use linetape::domain::feed::Decoded;
use linetape::domain::market::{Market, Phase, QuoteStatus, Side};
use linetape::domain::odds::Odds;
use linetape::domain::source::{Source, Stream};
use linetape::domain::status::GameStatus;
use linetape::sources;
use serde_json::Value;

use crate::payloads::{captured, decode, fixture, inspect, lines_of, paths_of};

#[test]
fn every_captured_file_decodes_or_is_named() {
    for (name, body) in captured("actionnetwork") {
        let found = inspect(Source::ActionNetwork, &body);
        match name.as_str() {
            n if n.starts_with("an_v2_scoreboard") => {
                let (stream, decoded) = found.unwrap();
                assert_eq!(stream, Stream::AnScoreboard, "{name}");
                scoreboard_is_whole(&name, &serde_json::from_slice(&body).unwrap(), &decoded);
            }
            n if n.starts_with("an_web_") => {
                let (stream, decoded) = found.unwrap();
                assert_eq!(stream, Stream::AnScoreboard);
                let page = String::from_utf8(body).unwrap();
                let json = page.split_once("id=\"__NEXT_DATA__\"").unwrap().1;
                let json = json.split_once('>').unwrap().1;
                let json = json.split_once("</script>").unwrap().0;
                let data: Value = serde_json::from_str(json).unwrap();
                let props = &data["props"]["pageProps"];
                scoreboard_is_whole(&name, &props["scoreboardResponse"], &decoded);
                books_are_whole(&props["allBooks"], &decoded);
                assert_eq!(
                    decoded.taken_at.map(|at| at.timestamp_millis()),
                    props["scoreboardResponse"]["receivedAt"].as_i64()
                );
            }
            n if n.starts_with("an_books") => {
                let (stream, decoded) = found.unwrap();
                assert_eq!(stream, Stream::AnBooks);
                books_are_whole(&serde_json::from_slice(&body).unwrap(), &decoded);
            }
            n if n.starts_with("an_v1_game_odds_array") => {
                let (stream, decoded) = found.unwrap();
                assert_eq!(stream, Stream::AnScoreboardV1);
                flat_rows_are_whole(&serde_json::from_slice(&body).unwrap(), &decoded);
            }
            n if n.starts_with("an_v2_history") => {
                let (stream, decoded) = found.unwrap();
                assert_eq!(stream, Stream::AnHistory);
                assert!(decoded.rejects.is_empty(), "{:?}", decoded.rejects);
                // Two ticks, and two current prices that the abridged ticks do not have.
                assert_eq!(decoded.quotes.len(), 4);
                let timed = decoded.quotes.iter().filter(|q| q.source_at.is_some());
                assert_eq!(timed.count(), 2);
            }
            n => {
                let refused = found.unwrap_err().to_string();
                let names_it = ["CSV", "oddsConfig"]
                    .iter()
                    .any(|what| refused.contains(what));
                assert!(names_it, "{n}: {refused}");
            }
        }
    }
}

/// Games, quotes, sides and splits of a version 2 answer, counted without the decoder.
fn scoreboard_is_whole(name: &str, body: &Value, decoded: &Decoded) {
    assert!(decoded.rejects.is_empty(), "{name}: {:?}", decoded.rejects);
    let games = body["games"].as_array().unwrap();
    assert_eq!(decoded.games.len(), games.len(), "{name}");
    let mut wanted = BTreeMap::new();
    let mut splits = BTreeSet::new();
    for game in games {
        let id = game["id"].to_string();
        for (book, periods) in game["markets"].as_object().unwrap() {
            for kinds in periods.as_object().unwrap().values() {
                for (kind, outcomes) in kinds.as_object().unwrap() {
                    for outcome in outcomes.as_array().unwrap() {
                        let side = outcome["side"].as_str().unwrap();
                        let team = if kind.starts_with("core") {
                            outcome["team_id"].to_string()
                        } else {
                            String::new()
                        };
                        let line = if kind == "moneyline" {
                            None
                        } else {
                            outcome["value"].as_f64().map(|v| format!("{v}"))
                        };
                        wanted.insert(
                            (
                                id.clone(),
                                book.clone(),
                                kind.clone(),
                                side.to_owned(),
                                team,
                            ),
                            (outcome["odds"].as_i64().unwrap(), line),
                        );
                        let pct = |what: &str| {
                            outcome["bet_info"][what]["percent"].as_f64().unwrap_or(0.0)
                        };
                        if pct("tickets") + pct("money") > 0.0 {
                            splits.insert((id.clone(), kind.clone(), side.to_owned()));
                        }
                    }
                }
            }
        }
    }
    assert_eq!(decoded.quotes.len(), wanted.len(), "{name}");
    for quote in &decoded.quotes {
        let id = quote.source_game_id.as_deref().unwrap().to_owned();
        let game = games
            .iter()
            .find(|g| g["id"].as_i64() == id.parse().ok())
            .unwrap();
        let (kind, team) = match quote.market {
            Market::TeamTotal => {
                let team = game["teams"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .find(|team| team["full_name"].as_str() == quote.participant.as_deref());
                (
                    "core_bet_type_6_team_score",
                    team.unwrap()["id"].to_string(),
                )
            }
            ref market => (market.as_str(), String::new()),
        };
        let key = (
            id,
            quote.source_book_id.to_string(),
            kind.to_owned(),
            quote.side.to_string(),
            team,
        );
        let (odds, line) = wanted
            .get(&key)
            .unwrap_or_else(|| panic!("{name}: {key:?}"));
        // As prices: the captures hold −100, which pays what +100 pays.
        assert_eq!(quote.odds, Odds::american(*odds).ok(), "{key:?}");
        assert_eq!(quote.line.map(|l| l.to_string()), *line, "{key:?}");
        assert!(!quote.opener && quote.main && quote.source_at.is_none());
        let opener = &*quote.source_book_id == "30";
        assert_eq!(quote.phase, (!opener).then_some(Phase::Pregame));
    }
    let found: BTreeSet<_> = decoded
        .splits
        .iter()
        .map(|s| {
            assert_eq!(s.source_book_id, None);
            (
                s.source_game_id.as_deref().unwrap().to_owned(),
                s.market.to_string(),
                s.side.to_string(),
            )
        })
        .collect();
    assert_eq!(found, splits, "{name}");
    assert_eq!(decoded.splits.len(), splits.len(), "{name}: once a game");
    for (game, raw) in decoded.games.iter().zip(games) {
        let named = |id: &Value| {
            let teams = raw["teams"].as_array().unwrap();
            let team = teams.iter().find(|team| team["id"] == *id).unwrap();
            team["full_name"].as_str().unwrap()
        };
        assert_eq!(&*game.home, named(&raw["home_team_id"]));
        assert_eq!(&*game.away, named(&raw["away_team_id"]));
        assert!(game.home_team.is_some() && game.away_team.is_some());
        assert!(game.starts_at.is_some() && game.status.is_some());
    }
    let played = games.iter().filter(|game| game.get("boxscore").is_some());
    assert_eq!(decoded.results.len(), played.count());
}

fn books_are_whole(body: &Value, decoded: &Decoded) {
    assert!(decoded.rejects.is_empty(), "{:?}", decoded.rejects);
    assert_eq!(decoded.books.len(), body.as_object().unwrap().len());
    let book = |id: &str| {
        decoded
            .books
            .iter()
            .find(|b| &*b.source_book_id == id)
            .unwrap()
    };
    assert_eq!(book("15").kind, BookKind::Consensus);
    assert_eq!(book("30").kind, BookKind::Opener);
    let draftkings = book("68");
    assert_eq!(draftkings.book.as_ref().unwrap().as_str(), "draftkings");
    assert_eq!(draftkings.state.as_deref(), Some("NJ"));
    assert_eq!(draftkings.parent.as_deref(), Some("DraftKings"));
}

/// Prices of version 1 rows: every price member that is not null is a quote.
fn flat_rows_are_whole(body: &Value, decoded: &Decoded) {
    assert!(decoded.rejects.is_empty(), "{:?}", decoded.rejects);
    let prices = [
        "ml_home",
        "ml_away",
        "draw",
        "spread_home_line",
        "spread_away_line",
        "over",
        "under",
        "home_over",
        "home_under",
        "away_over",
        "away_under",
    ];
    let (mut quotes, mut splits) = (0, 0);
    for row in body.as_array().unwrap() {
        quotes += prices.iter().filter(|name| !row[**name].is_null()).count();
        let public = row.as_object().unwrap().iter();
        splits += public
            .filter(|(name, value)| name.ends_with("_public") && !value.is_null())
            .count();
    }
    assert_eq!(decoded.quotes.len(), quotes);
    assert_eq!(decoded.splits.len(), splits);
    assert!(
        decoded
            .quotes
            .iter()
            .all(|q| q.source_game_id.is_none() && q.source_at.is_some())
    );
    let live = decoded
        .quotes
        .iter()
        .filter(|q| q.phase == Some(Phase::Live));
    assert_eq!(live.count(), 20);
    let home = decoded
        .quotes
        .iter()
        .find(|q| q.side == Side::Home)
        .unwrap();
    assert_eq!(home.odds.unwrap().to_american(), -300);
}

#[test]
fn a_scoreboard_with_every_quirk() {
    let body = fixture("an_scoreboard.json");
    let (stream, decoded) = inspect(Source::ActionNetwork, &body).unwrap();
    assert_eq!(stream, Stream::AnScoreboard);
    assert_eq!(
        lines_of(&decoded),
        [
            "15 moneyline full away - - 125 open",
            "15 moneyline full home - - -145 open",
            "30 total full under - 8.5 -110 open",
            "30 total full over - 8.5 -110 open",
            "68 moneyline full home - - -146 open opener",
            "68 moneyline full away - - - off",
            "68 spread full away - 1.5 -120 suspended",
            "68 spread full home - -1.5 100 suspended",
            "68 team_total full over Baltimore Orioles 4.5 -105 open",
            "68 team_total full under Miami Marlins 4 -118 open",
            "68 team_total full under Baltimore Orioles 4.5 -115 open",
            "68 team_total full over Miami Marlins 4 -102 open",
        ]
    );
    assert_eq!(decoded.splits.len(), 2, "once a side, and 0/0 is none");
    assert_eq!(
        paths_of(&decoded.rejects),
        [
            "/games/0/markets/68/event/moneyline/1/bet_info",
            "/games/0/markets/68/event/first_to_score/0"
        ]
    );
    assert!(
        decoded.rejects[1].value.contains("-110"),
        "{:?}",
        decoded.rejects[1]
    );
    let numbers: Vec<u8> = decoded.games.iter().map(|game| game.game_number).collect();
    assert_eq!(numbers, [1, 2], "a doubleheader");
    assert_eq!(
        &*decoded.games[0].home, "Baltimore Orioles",
        "by id, not by order"
    );
    assert_eq!(decoded.games[1].status, Some(GameStatus::Final));
    let result = &decoded.results[0];
    assert_eq!((result.home_score, result.away_score), (Some(3), Some(5)));
    assert_eq!(result.periods.len(), 2);
    assert_eq!(decoded.quotes[6].phase, Some(Phase::Live));
    assert_eq!(decoded.quotes[6].status, QuoteStatus::Suspended);
}

#[test]
fn history_is_ticks_and_what_the_ticks_lack() {
    let body = fixture("an_history.json");
    let game: Arc<str> = Arc::from("900001");
    let decoded = decode(Stream::AnHistory, &body, Some(&game)).unwrap();
    assert_eq!(
        lines_of(&decoded),
        [
            "68 total full under - 8 -105 open opener",
            "68 total full under - 8 -109 open",
            "68 total full over - 8 -115 open opener",
            "68 total full over - 8.5 -112 open",
        ]
    );
    assert!(decoded.quotes[3].source_at.is_none());
    assert_eq!(
        paths_of(&decoded.rejects),
        ["/68/event/total/1/history/1/updated_at"]
    );
    let alone = decode(Stream::AnHistory, &body, None).unwrap();
    assert_eq!(alone.quotes, decoded.quotes, "each outcome names its game");
    let other: Arc<str> = Arc::from("900002");
    let wrong = decode(Stream::AnHistory, &body, Some(&other)).unwrap();
    assert_eq!((wrong.quotes.len(), wrong.rejects.len()), (0, 2));

    let text = String::from_utf8(body).unwrap();
    for wrapper in ["history", "data", "results"] {
        let wrapped = format!("{{\"{wrapper}\":{text}}}");
        let found = decode(Stream::AnHistory, wrapped.as_bytes(), Some(&game)).unwrap();
        assert_eq!(found.quotes, decoded.quotes, "{wrapper}");
        assert!(
            found.rejects[0]
                .path
                .starts_with(&format!("/{wrapper}/68/"))
        );
    }
    let mut value: Value = serde_json::from_str(&text).unwrap();
    let mut list = value["68"]["event"]["total"].take();
    for outcome in list.as_array_mut().unwrap() {
        outcome["period"] = "event".into();
    }
    let found = decode(Stream::AnHistory, list.to_string().as_bytes(), Some(&game)).unwrap();
    assert_eq!(found.quotes, decoded.quotes);
    for empty in ["{}", "[]"] {
        let found = decode(Stream::AnHistory, empty.as_bytes(), Some(&game)).unwrap();
        assert_eq!(found, Decoded::default());
    }
}

#[test]
fn version_one_rows_in_their_envelope() {
    let body = fixture("an_scoreboard_v1.json");
    let (stream, decoded) = inspect(Source::ActionNetwork, &body).unwrap();
    assert_eq!(stream, Stream::AnScoreboardV1);
    assert_eq!(
        lines_of(&decoded),
        [
            "15 moneyline full home - - -300 open",
            "15 moneyline full away - - 240 open",
            "15 spread full home - -6.5 -110 open",
            "15 spread full away - 6.5 -110 open",
            "15 total full over - 48 -110 open",
            "15 total full under - 48 - off",
            "15 team_total full over Carolina Panthers 27.5 -119 open",
            "15 team_total full under Carolina Panthers 27.5 -106 open",
            "15 moneyline full home - - 160 open",
            "15 moneyline full away - - -225 open",
        ]
    );
    assert_eq!(decoded.splits.len(), 2);
    assert_eq!(decoded.splits[0].source_book_id.as_deref(), Some("15"));
    assert_eq!(
        paths_of(&decoded.rejects),
        ["/games/0/odds/1/total", "/games/0/odds/2/type"]
    );
    assert_eq!(decoded.games[0].status, Some(GameStatus::Live));
}

#[test]
fn endpoints_name_stream_and_game() {
    let named = |endpoint: &str| {
        let found = sources::recognise(Source::ActionNetwork, b"{}", Some(endpoint)).unwrap();
        (found.stream, found.source_game_id.map(|id| id.to_string()))
    };
    let api = "https://api.actionnetwork.com/web";
    assert_eq!(
        named(&format!("{api}/v2/scoreboard/nfl?bookIds=15")),
        (Stream::AnScoreboard, None)
    );
    assert_eq!(
        named(&format!("{api}/v1/scoreboard/nfl")),
        (Stream::AnScoreboardV1, None)
    );
    assert_eq!(
        named(&format!(
            "{api}/v2/markets/event/257653/history?periods=event"
        )),
        (Stream::AnHistory, Some("257653".into()))
    );
    assert_eq!(named("/web/v1/books"), (Stream::AnBooks, None));
    assert_eq!(named("history"), (Stream::AnHistory, None));
    let unknown = sources::recognise(Source::ActionNetwork, b"{}", Some("/nonsense"));
    assert!(
        unknown
            .unwrap_err()
            .to_string()
            .contains("action_network/history")
    );
}
