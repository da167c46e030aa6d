//! Every quirk of the six feeds occurs.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use linetape::demo::Market;
use serde_json::Value;

use super::{
    BOOKS, DAY, GOALSERVE, HYDRATED, MLB, NFL, ODDS, SBD, SBR, SCHEDULE, VSIN, a_day, json, list,
    minutes, next_data, text,
};

type Seen = BTreeSet<&'static str>;

fn market() -> Market {
    Market::new(7, 15).unwrap()
}

fn is(value: &Value, text: &str) -> bool {
    value.as_str() == Some(text)
}

#[test]
fn espn() {
    let market = market();
    let mut seen = Seen::new();
    let mut names = BTreeSet::new();
    for now in a_day() {
        for league in [MLB, NFL] {
            let body = json(
                &market,
                &format!("{league}/scoreboard"),
                "dates=20250712",
                now,
            );
            for event in list(&body["events"]) {
                let status = event["status"]["type"]["name"].as_str().unwrap();
                names.insert(status.to_owned());
                assert_eq!(
                    event["date"].as_str().unwrap().len(),
                    "2025-07-12T17:05Z".len(),
                    "no seconds"
                );
                let competition = &event["competitions"][0];
                let score = &competition["competitors"][0]["score"];
                assert!(
                    score.as_str().unwrap().parse::<u16>().is_ok(),
                    "a score is text"
                );
                let Some(odds) = competition.get("odds") else {
                    if status == "STATUS_SCHEDULED" {
                        seen.insert("no prices in the morning");
                    }
                    continue;
                };
                assert_eq!(status, "STATUS_SCHEDULED", "prices go when the game begins");
                if list(odds).iter().any(Value::is_null) {
                    seen.insert("a hole among the providers");
                }
                let first = &odds[0];
                let spread = first["spread"].as_f64();
                let line = first["pointSpread"]["home"]["close"]["line"].as_str();
                if let (Some(spread), Some(line)) = (spread, line) {
                    assert_eq!(
                        line.parse::<f64>().unwrap().to_bits(),
                        (spread + 0.0).to_bits()
                    );
                    seen.insert("a line is text with a sign");
                }
                if first["total"]["over"]["close"]["line"]
                    .as_str()
                    .is_some_and(|l| l.starts_with('o'))
                {
                    seen.insert("a total is o and a number");
                }
                for market in ["moneyline", "pointSpread", "total"] {
                    for side in first[market]
                        .as_object()
                        .into_iter()
                        .flat_map(serde_json::Map::values)
                    {
                        let odds = &side["close"]["odds"];
                        if is(odds, "OFF") {
                            seen.insert("OFF");
                        }
                        if is(odds, "EVEN") {
                            seen.insert("EVEN");
                        }
                        if side["open"]["odds"].is_string() && side["open"] != side["close"] {
                            seen.insert("an opener that has moved");
                        }
                    }
                }
            }
        }
    }
    assert_eq!(
        seen,
        BTreeSet::from([
            "no prices in the morning",
            "a hole among the providers",
            "a line is text with a sign",
            "a total is o and a number",
            "OFF",
            "EVEN",
            "an opener that has moved",
        ])
    );
    for name in ["SCHEDULED", "IN_PROGRESS", "FINAL", "POSTPONED"] {
        assert!(
            names.contains(&format!("STATUS_{name}")),
            "{name} of {names:?}"
        );
    }
}

#[test]
fn halftime_comes_in_football() {
    let market = market();
    let found = (170..900).any(|minute| {
        let body = json(
            &market,
            &format!("{NFL}/scoreboard"),
            "dates=20250712",
            minutes(minute),
        );
        list(&body["events"])
            .iter()
            .any(|e| is(&e["status"]["type"]["name"], "STATUS_HALFTIME"))
    });
    assert!(found);
}

#[test]
fn mlb_stats() {
    let market = market();
    let mut seen = Seen::new();
    for now in a_day() {
        let body = json(&market, SCHEDULE, HYDRATED, now);
        let day = &body["dates"][0];
        assert_eq!(day["date"], DAY);
        for game in list(&day["games"]) {
            let status = &game["status"];
            let scored = game["teams"]["home"].get("score").is_some();
            match status["detailedState"].as_str().unwrap() {
                "Postponed" => {
                    assert!(
                        is(&status["abstractGameState"], "Final")
                            && is(&status["codedGameState"], "D")
                    );
                    assert!(
                        !scored
                            && game["officialDate"] != DAY
                            && game["rescheduleDate"].is_string()
                    );
                    seen.insert("postponed is final, without a score");
                }
                "Pre-Game" => {
                    assert_eq!(game["teams"]["home"]["score"], 0);
                    seen.insert("0 before the start");
                }
                "Scheduled" => {
                    assert!(!scored && list(&game["linescore"]["innings"]).is_empty());
                    seen.insert("no score when scheduled");
                }
                "Delayed Start" => {
                    seen.insert("delayed");
                }
                "In Progress" => {
                    let innings = list(&game["linescore"]["innings"]);
                    if innings
                        .last()
                        .is_some_and(|i| i["home"].get("runs").is_none())
                    {
                        seen.insert("an unplayed half lacks its runs");
                    }
                }
                "Final" => {
                    let runs: u64 = list(&game["linescore"]["innings"])
                        .iter()
                        .filter_map(|i| i["away"]["runs"].as_u64())
                        .sum();
                    assert_eq!(game["teams"]["away"]["score"].as_u64(), Some(runs));
                    assert_ne!(
                        game["teams"]["away"]["isWinner"],
                        game["teams"]["home"]["isWinner"]
                    );
                    seen.insert("final");
                }
                other => panic!("{other}"),
            }
            if !is(
                &game["officialDate"],
                &game["gameDate"].as_str().unwrap()[..10],
            ) && scored
            {
                seen.insert("late games are of the day before");
            }
            if is(&game["doubleHeader"], "S") && game["gameNumber"] == 2 {
                seen.insert("a second game");
            }
            if game["teams"]["home"].get("probablePitcher").is_none() {
                seen.insert("no pitcher named");
            }
        }
    }
    assert_eq!(
        seen,
        BTreeSet::from([
            "postponed is final, without a score",
            "0 before the start",
            "no score when scheduled",
            "delayed",
            "an unplayed half lacks its runs",
            "final",
            "late games are of the day before",
            "a second game",
            "no pitcher named",
        ])
    );
}

#[test]
fn sbd() {
    let market = market();
    let mut seen = Seen::new();
    for now in a_day() {
        let body = json(&market, SBD, BOOKS, now);
        for game in list(&body["data"][0]["games"]) {
            let mut favourites = BTreeSet::new();
            for book in list(&game["sportsbooks"]) {
                if is(&book["_id"], "bet365") {
                    assert!(book.get("lines").is_none() && book.get("consensus").is_none());
                    assert_eq!(book["odds"]["spread"]["away"]["odds"]["american"], "");
                    seen.insert("a shop without lines keeps an empty tree");
                }
                let Some(lines) = book.get("lines") else {
                    continue;
                };
                if let Some(points) = lines["spread"]["home"]["points"]
                    .as_str()
                    .filter(|p| !p.is_empty())
                {
                    favourites.insert(points.starts_with('-'));
                }
                if lines["moneyline"]["home"]
                    .as_str()
                    .unwrap()
                    .starts_with('+')
                {
                    seen.insert("prices are text with a sign");
                }
                if book["consensus"]["totals"]["total"] != lines["total"]["over"]["points"] {
                    seen.insert("its own total is another");
                }
            }
            if favourites.len() == 2 {
                seen.insert("shops disagree on the favourite");
            }
            let splits = &game["bettingSplits"];
            if splits["total"]["bets"].is_null() {
                seen.insert("a sum is missing");
            }
            let (home, away) = (&splits["moneyline"]["home"], &splits["moneyline"]["away"]);
            let sum =
                home["betsPercentage"].as_f64().unwrap() + away["betsPercentage"].as_f64().unwrap();
            assert!(sum == 0.0 || (sum - 100.0).abs() < 0.005, "{sum}");
            let time = |value: &Value| value.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
            assert!(time(&splits["spread"]["updated"]) <= now);
            if time(&splits["spread"]["updated"]) > time(&game["date"]) {
                seen.insert("counted after the start");
            }
        }
    }
    assert_eq!(
        seen,
        BTreeSet::from([
            "a shop without lines keeps an empty tree",
            "prices are text with a sign",
            "its own total is another",
            "shops disagree on the favourite",
            "a sum is missing",
            "counted after the start",
        ])
    );
}

#[test]
fn vsin() {
    let market = market();
    let mut seen = Seen::new();
    for now in a_day() {
        let circa = text(&market, VSIN, "bookid=circa&view=mlb", now);
        let dk = text(&market, VSIN, "bookid=dk&view=mlb", now);
        assert!(circa.contains("/mlb/games/?gamedate=2025-07-12"));
        for (what, found) in [
            ("padded names", dk.contains(" </a>")),
            (
                "arrows",
                dk.contains("%&nbsp;<i class=\"icon-green fa fa-arrow-up\""),
            ),
            (
                "results after the game",
                dk.contains(">Win<") && dk.contains(">Loss<"),
            ),
            (
                "links in the first cell",
                dk.contains("2 VSiN Picks</a>") && dk.contains("History</a>"),
            ),
            ("a sign at DraftKings", dk.contains("\">+1")),
            (
                "no plus at Circa",
                circa.contains("game_highlight_dark\">1") && !circa.contains("dark\">+1"),
            ),
            (
                "all of few bets",
                circa.contains(">100%") && circa.contains(">0%"),
            ),
            ("a market not open", dk.matches(">0%<").count() > 1),
            ("a foreign league", dk.contains("KBO00001")),
        ] {
            if found || (what == "no plus at Circa" && circa.contains("dark\">1")) {
                seen.insert(what);
            }
        }
        assert!(!circa.contains("KBO"));
    }
    assert_eq!(seen.len(), 9, "{seen:?}");
    let nfl = text(&market, VSIN, "bookid=dk&view=nfl", minutes(60));
    let order = |page: &str| {
        let head = page.split_once("</thead>").unwrap().0.to_owned();
        ["Spread", "Total", "Money", "RL"].map(|title| head.find(&format!("<th>{title}</th>")))
    };
    let [spread, total, money, run_line] = order(&nfl);
    assert!(spread < total && total < money && run_line.is_none());
    let [spread, total, money, run_line] =
        order(&text(&market, VSIN, "bookid=dk&view=mlb", minutes(60)));
    assert!(money < total && total < run_line && spread.is_none());
}

#[test]
fn vsin_turns_the_day_at_five() {
    let market = market();
    let page = |minute| text(&market, VSIN, "bookid=dk&view=mlb", minutes(minute));
    // 04:30 and 05:30 Eastern of the next day.
    assert!(page(18 * 60 + 30).contains("gamedate=2025-07-12"));
    assert!(page(19 * 60 + 30).contains("gamedate=2025-07-13"));
}

#[test]
fn sbr() {
    let market = market();
    let mut seen = Seen::new();
    for now in a_day() {
        for (page, used) in [
            ("money-line", "homeOdds"),
            ("pointspread", "homeSpread"),
            ("totals", "total"),
        ] {
            let page = text(
                &market,
                &format!("{SBR}/{page}/full-game/"),
                "date=2025-07-12",
                now,
            );
            let data = next_data(&page);
            for row in
                list(&data["props"]["pageProps"]["oddsTables"][0]["oddsTableModel"]["gameRows"])
            {
                let view = &row["gameView"];
                assert!(view["startDate"].as_str().unwrap().ends_with("+00:00"));
                if view["consensus"].is_null() {
                    seen.insert("no consensus");
                } else if view["consensus"]["homeMoneyLinePickPercent"] == 0 {
                    seen.insert("nobody picked");
                }
                if view["homeStarter"].is_null() {
                    seen.insert("no starter");
                }
                for odds in list(&row["oddsViews"]) {
                    if odds.is_null() {
                        seen.insert("a hole among the shops");
                        continue;
                    }
                    assert!(odds["sportsbookId"].is_null() && odds["currentLine"]["drawOdds"] == 0);
                    assert!(odds["currentLine"][used].is_number());
                    let open = &odds["openingLine"];
                    if open["homeOdds"] == -110 && open["awayOdds"] == -110 && used == "homeOdds" {
                        let far = odds["currentLine"]["homeOdds"].as_i64().unwrap().abs() > 140;
                        if far {
                            seen.insert("a placeholder for an opener");
                        }
                    }
                }
                if is(&view["gameStatusText"], "Final")
                    && view["homeTeamScore"] != view["awayTeamScore"]
                {
                    seen.insert("a result");
                }
            }
        }
    }
    assert_eq!(
        seen,
        BTreeSet::from([
            "no consensus",
            "nobody picked",
            "no starter",
            "a hole among the shops",
            "a placeholder for an opener",
            "a result",
        ])
    );
}

#[test]
fn goalserve() {
    let market = market();
    let mut seen = Seen::new();
    for now in a_day() {
        let xml = text(&market, &format!("{GOALSERVE}/getodds/soccer"), ODDS, now);
        for odd in xml.split("<odd ").skip(1) {
            let part = |name: &str| {
                odd.split_once(&format!(" {name}=\""))
                    .unwrap()
                    .1
                    .split('"')
                    .next()
                    .unwrap()
                    .to_owned()
            };
            let (price, us): (f64, i64) =
                (part("dp3").parse().unwrap(), part("us").parse().unwrap());
            if price > 2.0 && us < 100 {
                seen.insert("a wrong American price");
            }
        }
        for (what, found) in [
            (
                "a market is stopped",
                xml.contains("<type value=\"Home/Away\" id=\"2\" stop=\"True\""),
            ),
            (
                "a shop is stopped",
                xml.contains("\" stop=\"True\"><odd") || xml.contains("\" stop=\"True\"><total"),
            ),
            ("goals are a question", xml.contains("goals=\"?\"")),
            ("a day without its year", xml.contains("date=\"Jul 12\"")),
            ("junk beside the shop", xml.contains("eventID=&quot;")),
            (
                "opposite handicaps",
                xml.contains("handicap=\"+1.5\"") && xml.contains("handicap=\"-1.5\""),
            ),
            (
                "the clock for a status",
                xml.contains("status=\"20:10\" date") || xml.contains("status=\"17:05\" date"),
            ),
        ] {
            if found {
                seen.insert(what);
            }
        }
        let scores = text(
            &market,
            &format!("{GOALSERVE}/baseball/usa"),
            "date=12.07.2025",
            now,
        );
        for (what, status) in [
            ("not started", "Not Started"),
            ("an inning", "Inning 5"),
            ("final", "Final"),
            ("postponed", "Postponed"),
        ] {
            if scores.contains(&format!("status=\"{status}\"")) {
                seen.insert(what);
            }
        }
    }
    assert_eq!(
        seen,
        BTreeSet::from([
            "a wrong American price",
            "a market is stopped",
            "a shop is stopped",
            "goals are a question",
            "a day without its year",
            "junk beside the shop",
            "opposite handicaps",
            "the clock for a status",
            "not started",
            "an inning",
            "final",
            "postponed",
        ])
    );
    let body = json(
        &market,
        &format!("{GOALSERVE}/getodds/soccer"),
        &format!("{ODDS}&json=1"),
        minutes(60),
    );
    let days = &body["scores"]["category"]["matches"];
    assert!(days.is_array() && days[0]["match"][0]["@status"].is_string());
    let types = list(&days[0]["match"][0]["odds"]["type"]);
    let total = types
        .iter()
        .find(|t| is(&t["@value"], "Over/Under"))
        .unwrap();
    let shop = &total["bookmaker"][0];
    assert!(
        shop["total"].is_object(),
        "a single child is an object: {shop}"
    );
}
