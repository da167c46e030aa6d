//! `SportsBettingDime`.

use linetape::domain::source::{Source, Stream};
use serde_json::{Value, json};

use crate::payloads::{captured, decode, decode_asked, fixture, inspect, lines_of, paths_of};

/// Every price that is not empty is a quote, every split is one, counted without the decoder.
#[test]
fn the_capture_decodes_whole() {
    for (name, body) in captured("sbd") {
        let (stream, decoded) = inspect(Source::Sbd, &body).unwrap();
        assert_eq!(stream, Stream::SbdSplits, "{name}");
        let json: Value = serde_json::from_slice(&body).unwrap();
        let games = json["games"].as_array().unwrap();
        assert_eq!(decoded.games.len(), games.len());
        let known = |game: &&linetape::domain::feed::FeedGame| {
            game.home_team.is_some() && game.away_team.is_some()
        };
        assert_eq!(decoded.games.iter().filter(known).count(), games.len());
        let (mut prices, mut splits) = (0, 0);
        for game in games {
            for book in game["sportsbooks"].as_array().unwrap() {
                for market in book["odds"].as_object().unwrap().values() {
                    for side in market.as_object().unwrap().values() {
                        let price = side.pointer("/odds/american").unwrap_or(&side["american"]);
                        prices += usize::from(price != "");
                    }
                }
            }
            for market in game["bettingSplits"].as_object().unwrap().values() {
                let sides = market.as_object().unwrap().values();
                splits += sides.filter(|side| side.is_object()).count();
            }
        }
        assert_eq!(decoded.quotes.len(), prices, "{name}");
        assert_eq!(decoded.splits.len(), splits, "{name}");
        assert_eq!(
            decoded.rejects.len(),
            1,
            "the consensus of sbdodds, counted"
        );
        assert!(decoded.rejects[0].reason.starts_with("60 books"));
    }
}

#[test]
fn signs_stay_with_their_book_and_nothing_offered_is_no_reject() {
    let decoded = decode(Stream::SbdSplits, &fixture("sbd_splits.json"), None).unwrap();
    assert_eq!(
        lines_of(&decoded),
        [
            "draftkings moneyline full away - - -146 open",
            "draftkings moneyline full home - - 124 open",
            "draftkings spread full away - -1.5 115 open",
            "draftkings spread full home - 1.5 -135 open",
            "draftkings total full over - 8 -110 open",
            "betmgm moneyline full away - - -140 open",
            "betmgm moneyline full home - - 118 open",
            "betmgm spread full away - 1.5 -235 open",
            "betmgm spread full home - -1.5 192 open",
            "caesars moneyline full away - - -200 open",
        ]
    );
    assert_eq!(
        paths_of(&decoded.rejects),
        [
            "/games/0/sportsbooks/0/odds/total/under",
            "/games/0/sportsbooks/2/odds/spread/away",
            "/games/0/sportsbooks/2/odds/spread/home",
            "/games/0/sportsbooks/2/odds/total/over/points",
            "/games/0/bettingSplits/total/under/betsPercentage",
            "/games/0/sportsbooks",
        ]
    );
    let [split] = &decoded.splits[..] else {
        panic!("{:?}", decoded.splits)
    };
    assert_eq!(
        (split.tickets_pct, split.money_pct),
        (Some(57.24), Some(71.33))
    );
    assert_eq!(
        (split.tickets, split.source_book_id.is_none()),
        (Some(57), true)
    );
    assert_eq!(
        split.source_at.unwrap().to_rfc3339(),
        "2025-07-12T20:00:00+00:00"
    );
    assert_eq!(&*decoded.games[0].source_game_id, "aaaa-0001");
}

#[test]
fn a_group_comes_alone_in_a_list_or_under_data() {
    let group: Value = serde_json::from_slice(&fixture("sbd_splits.json")).unwrap();
    let alone = decode(Stream::SbdSplits, group.to_string().as_bytes(), None).unwrap();
    for body in [
        json!([group]),
        json!({ "data": [group] }),
        json!({ "data": group["games"] }),
    ] {
        let (_, found) = inspect(Source::Sbd, body.to_string().as_bytes()).unwrap();
        assert_eq!(found.quotes, alone.quotes);
        assert_eq!(found.splits, alone.splits);
    }
    for (body, word) in [
        (json!({"message": "no such league"}), "no such league"),
        (json!({"games": 5}), "no games"),
        (json!([1]), "no games"),
    ] {
        let refused = inspect(Source::Sbd, body.to_string().as_bytes()).unwrap_err();
        assert!(refused.to_string().contains(word), "{refused}");
    }
}

#[test]
fn the_request_tells_the_league() {
    let mut group: Value = serde_json::from_slice(&fixture("sbd_splits.json")).unwrap();
    group["games"][0]["_id"] = json!("x");
    group["games"][0]["home"]["_id"] = json!(null);
    let body = group.to_string();
    let asked = "https://srfeeds.sportsbettingdime.com/v2/matchups/ncaafb/betting-splits?books=a";
    let decoded = decode_asked(Stream::SbdSplits, body.as_bytes(), None, Some(asked)).unwrap();
    assert_eq!(decoded.games[0].league.as_str(), "ncaaf");
    let decoded = decode(Stream::SbdSplits, body.as_bytes(), None).unwrap();
    assert_eq!(decoded.games[0].league.as_str(), "other");
}
