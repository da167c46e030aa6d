//! MLB Stats API.

use linetape::domain::feed::Decoded;
use linetape::domain::league::League;
use linetape::domain::source::{Source, Stream};
use linetape::domain::status::GameStatus;
use serde_json::Value;

use crate::payloads::{captured, fixture, inspect, paths_of};

/// Games and results, counted without the decoder.
fn schedule_is_whole(name: &str, json: &Value, decoded: &Decoded) {
    let days = json["dates"].as_array().unwrap();
    let games: Vec<&Value> = days
        .iter()
        .flat_map(|day| day["games"].as_array().unwrap())
        .collect();
    let (whole, damaged): (Vec<&Value>, Vec<&Value>) = games
        .iter()
        .partition(|game| game["teams"]["home"]["team"]["name"].is_string());
    assert_eq!(decoded.games.len(), whole.len(), "{name}");
    assert_eq!(decoded.rejects.len(), damaged.len(), "{name}");
    let mut results = decoded.results.iter();
    for (game, found) in whole.iter().zip(&decoded.games) {
        assert_eq!(found.source_game_id.parse().ok(), game["gamePk"].as_i64());
        assert_eq!(
            game["teams"]["home"]["team"]["name"].as_str(),
            Some(&*found.home)
        );
        assert_eq!(
            game["teams"]["away"]["team"]["name"].as_str(),
            Some(&*found.away)
        );
        let wanted = match game["status"]["detailedState"].as_str().unwrap() {
            "Final" | "Final: Tied" => GameStatus::Final,
            "Postponed" => GameStatus::Postponed,
            "In Progress" => GameStatus::Live,
            "Pre-Game" | "Scheduled" => GameStatus::Scheduled,
            other => panic!("{name}: {other}"),
        };
        assert_eq!(found.status, Some(wanted), "{name}");
        let score = |side: &str| game["teams"][side]["score"].as_i64().map(|n| n as i32);
        if matches!(wanted, GameStatus::Final | GameStatus::Live) {
            let result = results.next().unwrap();
            assert_eq!(
                (result.home_score, result.away_score),
                (score("home"), score("away"))
            );
            let innings = game["linescore"]["innings"].as_array();
            for (inning, period) in innings.into_iter().flatten().zip(&result.periods) {
                let runs = |side: &str| inning[side]["runs"].as_i64().map(|n| n as i32);
                assert_eq!(
                    (period.home, period.away),
                    (runs("home"), runs("away")),
                    "{name}"
                );
            }
            assert!(innings.is_none_or(|all| result.periods.len() + 1 >= all.len()));
        } else {
            assert_eq!((found.home_score, found.away_score), (None, None), "{name}");
        }
    }
    assert!(results.next().is_none(), "{name}");
}

#[test]
fn the_captures_decode_whole() {
    for (name, body) in captured("mlbstatsapi") {
        let (stream, decoded) = inspect(Source::MlbStats, &body).unwrap();
        let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&body);
        let json: Value = serde_json::from_slice(text).unwrap();
        match (name.as_str(), stream) {
            (_, Stream::MlbSchedule) => schedule_is_whole(&name, &json, &decoded),
            (_, Stream::MlbLive) => {
                let result = &decoded.results[0];
                assert_eq!(&*result.source_game_id, "715720");
                assert_eq!(result.status, Some(GameStatus::Final));
                assert_eq!(result.periods.len(), 9);
                let runs: i32 = result.periods.iter().filter_map(|p| p.home).sum();
                assert_eq!(result.home_score, Some(runs));
                assert!(decoded.games[0].home_team.is_some() && decoded.rejects.is_empty());
            }
            (_, Stream::MlbStandings) => {
                assert_eq!(decoded.standings.len(), 30);
                for one in &decoded.standings {
                    assert!(one.team.is_some(), "{one:?}");
                    assert_eq!(one.season, Some(2024));
                    let played = one.wins.unwrap() + one.losses.unwrap() + one.ties.unwrap_or(0);
                    assert_eq!(one.games_played, Some(played));
                    let home = one.home_wins.unwrap() + one.home_losses.unwrap();
                    let away = one.away_wins.unwrap() + one.away_losses.unwrap();
                    assert_eq!(home + away, played);
                }
            }
            ("teams_all_2019.json", Stream::MlbTeams) => {
                assert_eq!(decoded.teams.len(), 30);
                assert!(decoded.teams.iter().all(|team| team.league == League::Mlb));
            }
            (_, Stream::MlbTeams) => {
                let teams = json["teams"].as_array().unwrap();
                assert_eq!(decoded.teams.len(), teams.len());
                for (team, found) in teams.iter().zip(&decoded.teams) {
                    let major = team["sport"]["id"] == 1;
                    assert_eq!(found.league == League::Mlb, major, "{found:?}");
                }
            }
            (_, other) => panic!("{name}: {other}"),
        }
    }
}

#[test]
fn a_schedule_tells_states_apart() {
    let (stream, decoded) = inspect(Source::MlbStats, &fixture("mlb_schedule.json")).unwrap();
    assert_eq!(stream, Stream::MlbSchedule);
    let games: Vec<_> = decoded
        .games
        .iter()
        .map(|game| {
            (
                &*game.source_game_id,
                game.status.unwrap(),
                game.home_score,
                game.away_score,
                game.game_number,
            )
        })
        .collect();
    assert_eq!(
        games,
        [
            ("1", GameStatus::Live, Some(5), Some(2), 1),
            ("2", GameStatus::Scheduled, None, None, 1),
            ("3", GameStatus::Final, Some(3), Some(3), 1),
            ("4", GameStatus::Suspended, Some(0), Some(1), 2),
        ],
        "moved to the next day, not begun, tied, halted"
    );
    assert_eq!(
        decoded.games[0].starts_at.unwrap().to_rfc3339(),
        "2026-04-08T17:05:00+00:00"
    );
    let tied = &decoded.results[1];
    let innings: Vec<_> = tied
        .periods
        .iter()
        .map(|p| (&*p.period, p.home, p.away))
        .collect();
    assert_eq!(
        innings,
        [
            ("1", Some(1), Some(3)),
            ("2", Some(2), Some(0)),
            ("3", None, Some(0))
        ]
    );
    assert_eq!(paths_of(&decoded.rejects), ["/dates/0/games/4/teams"]);
}

/// The status of a game in this state.
fn state(detailed: &str, code: &str, general: &str) -> (Option<GameStatus>, usize) {
    let body = format!(
        r#"{{"dates":[{{"games":[{{"gamePk":1,"status":{{"detailedState":"{detailed}","statusCode":"{code}",
        "abstractGameState":"{general}"}},"teams":{{"home":{{"score":1,"team":{{"name":"A"}}}},
        "away":{{"score":2,"team":{{"name":"B"}}}}}}}}]}}]}}"#
    );
    let decoded = inspect(Source::MlbStats, body.as_bytes()).unwrap().1;
    (decoded.games[0].status, decoded.results.len())
}

#[test]
fn states_are_told_by_words_then_by_code() {
    let cases = [
        ("Postponed", "DR", "Final", GameStatus::Postponed, 0),
        ("Cancelled", "CR", "Final", GameStatus::Cancelled, 0),
        ("Completed Early: Rain", "FR", "Final", GameStatus::Final, 1),
        ("Game Over", "O", "Final", GameStatus::Final, 1),
        ("Umpire review: Home run", "NH", "Live", GameStatus::Live, 1),
        ("Warmup", "PW", "Live", GameStatus::Scheduled, 0),
        (
            "Delayed Start: Rain",
            "PR",
            "Preview",
            GameStatus::Scheduled,
            0,
        ),
        ("Delayed: Rain", "IR", "Live", GameStatus::Suspended, 1),
        ("", "DI", "Final", GameStatus::Postponed, 0),
        ("Anything", "", "Live", GameStatus::Live, 1),
    ];
    for (detailed, code, general, status, results) in cases {
        let found = state(detailed, code, general);
        assert_eq!(found, (Some(status), results), "{detailed:?} {code:?}");
    }
    assert_eq!(state("Anything", "", "Nothing").0, None);
}

#[test]
fn what_is_no_answer_is_refused_in_a_sentence() {
    let refused = |body: &str| {
        inspect(Source::MlbStats, body.as_bytes())
            .unwrap_err()
            .to_string()
    };
    let error = r#"{"messageNumber":11,"message":"Object not found","timestamp":"x"}"#;
    assert!(refused(error).contains("Object not found"));
    assert!(refused("{}").contains("MLB Stats API"));
}
