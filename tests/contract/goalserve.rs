//! Goalserve's answers.

use linetape::domain::feed::{Decoded, FeedResult};
use linetape::domain::league::League;
use linetape::domain::market::QuoteStatus;
use linetape::domain::source::{Source, Stream};
use linetape::domain::status::GameStatus;

use crate::payloads::{captured, decode, fixture, inspect, lines_of, paths_of};

fn of(name: &str) -> (Stream, Decoded) {
    inspect(Source::Goalserve, &fixture(name)).unwrap()
}

#[test]
fn every_capture_decodes() {
    for (name, body) in captured("goalserve") {
        let (stream, decoded) = inspect(Source::Goalserve, &body).unwrap();
        let text = String::from_utf8(body).unwrap();
        let matches = text.matches("<match ").count();
        assert_eq!(decoded.games.len(), matches, "{name}");
        assert!(
            decoded
                .games
                .iter()
                .all(|game| game.league == League::Soccer)
        );
        assert!(
            decoded.games.iter().all(|game| game.starts_at.is_some()),
            "{name}"
        );
        if name.starts_with("fixtures") {
            assert_eq!(stream, Stream::GoalserveScores, "{name}");
            let count = |status| {
                decoded
                    .games
                    .iter()
                    .filter(|g| g.status == Some(status))
                    .count()
            };
            assert_eq!(count(GameStatus::Scheduled), 207);
            assert_eq!(count(GameStatus::Cancelled), 4);
            assert_eq!((decoded.results.len(), decoded.rejects.len()), (0, 0));
        } else {
            assert_eq!(stream, Stream::GoalserveOdds, "{name}");
            let odds = text.matches("<odd ").count();
            assert_eq!((matches, odds), (2, 1197));
            // Of 28 markets ten are of kinds that are not kept; they hold the 153 prices that are missing.
            let kinds = decoded
                .rejects
                .iter()
                .filter(|r| r.path.ends_with("/@value"))
                .count();
            let lost = decoded.rejects.len() - kinds;
            assert_eq!(kinds, 10);
            assert_eq!(decoded.quotes.len() + lost, 1_044);
            assert!(lost <= 10, "{:?}", paths_of(&decoded.rejects));
            let prices = decoded.quotes.iter().map(|q| q.odds.unwrap().to_decimal());
            for price in prices {
                assert!(text.contains(&format!("value=\"{price:.2}\"")), "{price}");
            }
            assert_eq!(decoded.books.len(), 21);
            assert_eq!(
                decoded.taken_at.unwrap().timestamp_millis(),
                1_551_199_121_388
            );
        }
    }
}

#[test]
fn soccers_quirks_are_read() {
    let (stream, decoded) = of("goalserve_odds.xml");
    assert_eq!(stream, Stream::GoalserveOdds);
    assert_eq!(&*decoded.games[0].home, "Cardiff & Co");
    assert_eq!(
        lines_of(&decoded),
        [
            "14 moneyline full home - - 290 open",
            "14 moneyline full away - - 108 open",
            "14 moneyline full draw - - -2500 open",
            "15 moneyline full home - - 100 suspended",
            "15 moneyline full away - - - off",
            "14 draw_no_bet full home - - -110 suspended",
            "14 draw_no_bet full away - - -110 suspended",
            "14 total 1h over - 1 110 open alternate",
            "14 total 1h under - 1 -133 open alternate",
            "14 total 1h over - 1.25 140 suspended",
            "14 total 1h under - 1.25 -182 suspended",
            "14 spread full home - -0.25 245 open",
            "14 spread full away - 0.25 -294 open",
            "16 spread full home - -1 150 open alternate",
            "16 spread full away - 1 -200 open alternate",
            "16 spread full home - -2 350 open alternate",
            "17 spread full home - 0.25 -164 open alternate",
            "17 spread full away - -0.25 120 open alternate",
            "17 spread full home - -0.25 122 open alternate",
            "17 spread full away - 0.25 -167 open alternate",
        ]
    );
    let seconds = |at: Option<chrono::DateTime<chrono::Utc>>| at.unwrap().timestamp();
    assert_eq!(seconds(decoded.taken_at), 1_551_199_121);
    assert_eq!(seconds(decoded.quotes[0].source_at), 1_551_197_939);
    assert_eq!(seconds(decoded.quotes[3].source_at), 1_551_197_000);
    let odds = "/scores/category[1]/matches[1]/match[1]/odds[1]";
    let wanted = [
        "/type[1]/bookmaker[1]/odd[4]/@name",
        "/type[1]/bookmaker[2]/odd[3]/@value",
        "/type[3]/bookmaker[1]/total[2]/odd[3]",
        "/type[3]/bookmaker[1]/total[3]/@name",
        "/type[5]/@value",
    ]
    .map(|path| format!("{odds}{path}"));
    assert_eq!(paths_of(&decoded.rejects), wanted);
    assert_eq!(decoded.rejects[1].value, "evens");
    assert_eq!(
        decoded.rejects[2].value,
        "<odd name=\"Over\" value=\"2.41\"/>"
    );
    assert_eq!(decoded.rejects[1].game.as_deref(), Some("3146031"));
}

#[test]
fn json_is_read_with_and_without_at_signs() {
    let (stream, decoded) = of("goalserve_odds.json");
    assert_eq!(stream, Stream::GoalserveOdds);
    let games: Vec<_> = decoded
        .games
        .iter()
        .map(|game| {
            let team = |team: &Option<_>| team.as_ref().map(ToString::to_string);
            let start = game.starts_at.unwrap().to_rfc3339();
            (game.league, team(&game.home_team), start)
        })
        .collect();
    assert_eq!(
        games,
        [
            (
                League::Nba,
                Some("nba:heat".into()),
                "2023-11-15T00:30:00+00:00".into()
            ),
            (
                League::Nba,
                Some("nba:nuggets".into()),
                "2023-11-15T03:00:00+00:00".into()
            ),
        ]
    );
    assert_eq!(
        lines_of(&decoded),
        [
            "16 moneyline full home - - 130 open",
            "16 moneyline full away - - -154 open",
            "16 spread full home - 4.5 -110 open",
            "16 spread full away - -4.5 -110 open",
            "16 total full over - 228.5 -111 suspended",
        ]
    );
    let matches = "/scores/category/matches/match";
    assert_eq!(
        paths_of(&decoded.rejects),
        [
            format!("{matches}/0/odds/type/1/bookmaker/1"),
            format!("{matches}/1/odds/type/bookmaker/total/odd/1/value"),
        ]
    );
    assert_eq!(decoded.rejects[1].value, "\"2.6.1\"");
}

#[test]
fn scores_of_american_leagues_are_in_eastern_time() {
    let (stream, decoded) = of("goalserve_scores.xml");
    assert_eq!(stream, Stream::GoalserveScores);
    let starts: Vec<_> = decoded
        .games
        .iter()
        .map(|game| {
            let start = game.starts_at.map(|at| at.format("%dT%H:%M").to_string());
            (&*game.source_game_id, game.status, start)
        })
        .collect();
    let at = |text: &str| Some(text.to_owned());
    assert_eq!(
        starts,
        [
            ("501", Some(GameStatus::Final), at("17T23:10")),
            ("502", Some(GameStatus::Live), at("17T19:10")),
            ("503", Some(GameStatus::Postponed), None),
            ("504", None, at("18T00:10")),
            ("505", Some(GameStatus::Scheduled), None),
            ("601", Some(GameStatus::Final), at("17T09:00")),
        ]
    );
    let periods = |result: &FeedResult| -> Vec<String> {
        let score = |score: Option<i32>| score.map_or_else(|| "-".into(), |it| it.to_string());
        let one = |p: &linetape::domain::feed::PeriodScore| {
            format!("{} {}-{}", p.period, score(p.home), score(p.away))
        };
        result.periods.iter().map(one).collect()
    };
    let results = &decoded.results;
    assert_eq!(results.len(), 3);
    assert_eq!(
        (results[0].home_score, results[0].away_score),
        (Some(4), Some(3))
    );
    assert_eq!(periods(&results[0]), ["in1 1-0", "in2 --3"]);
    assert_eq!(
        (results[1].home_score, results[1].away_score),
        (Some(2), None)
    );
    assert_eq!(periods(&results[1]), ["in1 1-0", "in2 1--"]);
    let matches = "/scores/category[1]/match";
    let wanted = [
        "[2]/awayteam[1]/@totalscore",
        "[4]/@status",
        "[5]/@time",
        "[6]",
        "[7]",
        "[8]",
    ]
    .map(|path| format!("{matches}{path}"));
    assert_eq!(paths_of(&decoded.rejects), wanted);
}

#[test]
fn soccers_scores_have_their_half() {
    let (_, decoded) = of("goalserve_soccer.xml");
    let result = &decoded.results[0];
    assert_eq!((result.home_score, result.away_score), (Some(0), Some(3)));
    assert_eq!(&*result.periods[0].period, "ht");
    assert_eq!(decoded.results.len(), 1, "a coming game has no result");
    assert_eq!(decoded.games[1].home_score, None);
    assert!(decoded.rejects.is_empty());
}

#[test]
fn what_is_no_answer_is_refused() {
    for (body, wanted) in [
        ("<!DOCTYPE html><html></html>", "declares a type"),
        (
            "<html><body>Blocked</body></html>",
            "no answer of Goalserve",
        ),
        ("<scores><category></scores>", "broken near line 1"),
        ("<scores><category name=\"a\">", "ends early"),
        ("{\"message\":\"Invalid key\"}", "Invalid key"),
        ("{\"scores\":", "ends early"),
        ("[]", "no answer of Goalserve"),
    ] {
        let error = inspect(Source::Goalserve, body.as_bytes()).unwrap_err();
        assert!(error.to_string().contains(wanted), "{body}: {error}");
    }
    let (_, empty) = inspect(Source::Goalserve, b"<scores sport=\"hockey\"/>").unwrap();
    assert!(empty.games.is_empty());
}

#[test]
fn entities_are_never_expanded() {
    let bomb = "<!DOCTYPE scores [<!ENTITY a \"xx\"><!ENTITY b \"&a;&a;\">]><scores><category name=\"&b;\"/></scores>";
    assert!(decode(Stream::GoalserveOdds, bomb.as_bytes(), None).is_err());
    let text = String::from_utf8(fixture("goalserve_soccer.xml")).unwrap();
    let unknown = text.replace("name=\"Everton\"", "name=\"&everton;\"");
    let decoded = decode(Stream::GoalserveScores, unknown.as_bytes(), None).unwrap();
    assert_eq!(decoded.games.len(), 1);
    assert_eq!(
        paths_of(&decoded.rejects),
        ["/scores/category[1]/matches[1]/match[1]"]
    );
}

#[test]
fn a_stop_is_no_open_price() {
    let text = String::from_utf8(fixture("goalserve_odds.xml")).unwrap();
    let stopped = text.replace("<odd name", "<odd stop=\"true\" name");
    let decoded = decode(Stream::GoalserveOdds, stopped.as_bytes(), None).unwrap();
    assert!(decoded.quotes.len() > 10);
    assert!(
        decoded
            .quotes
            .iter()
            .all(|quote| quote.status != QuoteStatus::Open)
    );
}
