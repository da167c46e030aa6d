//! ESPN.

use linetape::domain::feed::Decoded;
use linetape::domain::league::League;
use linetape::domain::market::{Line, Market, Phase, Side};
use linetape::domain::odds::Odds;
use linetape::domain::source::{Source, Stream};
use linetape::domain::status::GameStatus;
use linetape::domain::team::TeamSlug;
use serde_json::Value;

use crate::payloads::{captured, decode, decode_asked, fixture, inspect, lines_of, paths_of};

/// A price as the newest form writes it, read a second time without the decoder.
fn american(text: &str) -> Option<i32> {
    match text {
        "OFF" => None,
        "EVEN" => Some(100),
        number => Some(number.parse().unwrap()),
    }
}

/// Games, prices and lines of the newest form, counted without the decoder.
fn priced_sides_are_whole(name: &str, competitions: &[&Value], decoded: &Decoded) {
    let mut wanted = 0;
    for competition in competitions {
        let id = competition["id"].as_str().unwrap();
        for odds in competition["odds"].as_array().into_iter().flatten() {
            for (market, member, sides) in [
                (
                    Market::Moneyline,
                    "moneyline",
                    [(Side::Home, "home"), (Side::Away, "away")],
                ),
                (
                    Market::Spread,
                    "pointSpread",
                    [(Side::Home, "home"), (Side::Away, "away")],
                ),
                (
                    Market::Total,
                    "total",
                    [(Side::Over, "over"), (Side::Under, "under")],
                ),
            ] {
                for ((side, key), opener) in sides.iter().flat_map(|s| [(s, false), (s, true)]) {
                    let told = &odds[member][key][if opener { "open" } else { "close" }];
                    let Some(price) = told["odds"].as_str() else {
                        continue;
                    };
                    wanted += 1;
                    let found: Vec<_> = decoded
                        .quotes
                        .iter()
                        .filter(|q| q.source_game_id.as_deref() == Some(id))
                        .filter(|q| (&q.market, q.side, q.opener) == (&market, *side, opener))
                        .collect();
                    assert_eq!(found.len(), 1, "{name} {id} {member} {key}");
                    assert_eq!(found[0].odds.map(Odds::to_american), american(price));
                    let line = told["line"]
                        .as_str()
                        .map(|line| line.trim_start_matches(['o', 'u']).parse::<f64>().unwrap());
                    assert_eq!(found[0].line.map(Line::points), line, "{name} {id}");
                    assert_eq!(
                        Some(&*found[0].source_book_id),
                        odds["provider"]["id"].as_str()
                    );
                }
            }
        }
    }
    assert_eq!(decoded.quotes.len(), wanted, "{name}");
    assert!(decoded.rejects.is_empty(), "{name}: {:?}", decoded.rejects);
}

/// Every game with its score where it has begun, counted without the decoder.
fn games_are_whole(name: &str, events: &[Value], decoded: &Decoded) {
    assert_eq!(decoded.games.len(), events.len(), "{name}");
    let begun = events
        .iter()
        .filter(|event| event["status"]["type"]["state"] != "pre")
        .count();
    assert_eq!(decoded.results.len(), begun, "{name}");
    for (event, game) in events.iter().zip(&decoded.games) {
        assert_eq!(event["id"].as_str(), Some(&*game.source_game_id), "{name}");
        assert!(
            game.starts_at.is_some() && game.status.is_some(),
            "{name}: {game:?}"
        );
        let team = |side: &str| {
            let all = event["competitions"][0]["competitors"].as_array().unwrap();
            all.iter().find(|one| one["homeAway"] == side).unwrap()
        };
        let name_of = |side: &str| {
            team(side)["team"]["displayName"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        assert_eq!(*game.home, *name_of("home"));
        assert_eq!(*game.away, *name_of("away"));
        let score = |side: &str| team(side)["score"].as_str().unwrap().parse().ok();
        if event["status"]["type"]["state"] == "pre" {
            assert_eq!((game.home_score, game.away_score), (None, None), "{name}");
        } else {
            assert_eq!(
                (game.home_score, game.away_score),
                (score("home"), score("away"))
            );
        }
    }
    // In play the periods lag behind the score.
    let ended = |r: &&linetape::domain::feed::FeedResult| r.status == Some(GameStatus::Final);
    for result in decoded.results.iter().filter(ended) {
        let sum = |side: fn(&linetape::domain::feed::PeriodScore) -> Option<i32>| {
            result.periods.iter().filter_map(side).sum::<i32>()
        };
        assert_eq!(
            Some(sum(|p| p.home)),
            result.home_score,
            "{name}: {result:?}"
        );
        assert_eq!(
            Some(sum(|p| p.away)),
            result.away_score,
            "{name}: {result:?}"
        );
    }
}

#[test]
fn the_series_of_a_college_slate_decodes_whole() {
    let mut quotes = 0;
    let files = captured("espn_ncaam_series");
    for (name, packed) in &files {
        let body = unpacked(packed);
        let (stream, decoded) = inspect(Source::Espn, &body).unwrap();
        assert_eq!(stream, Stream::EspnScoreboard, "{name}");
        let json: Value = serde_json::from_slice(&body).unwrap();
        let events = json["events"].as_array().unwrap();
        games_are_whole(name, events, &decoded);
        let competitions: Vec<&Value> = events.iter().map(|e| &e["competitions"][0]).collect();
        priced_sides_are_whole(name, &competitions, &decoded);
        assert!(
            decoded
                .games
                .iter()
                .all(|game| game.league == League::Ncaab)
        );
        quotes += decoded.quotes.len();
    }
    if !files.is_empty() {
        assert_eq!((files.len(), quotes), (10, 1_656));
    }
}

fn unpacked(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(body), &mut out).unwrap();
    out
}

#[test]
fn the_single_captures_decode() {
    for (name, body) in captured("espn") {
        let (stream, decoded) = inspect(Source::Espn, &body).unwrap();
        let json: Value = serde_json::from_slice(&body).unwrap();
        let events = json["events"].as_array().cloned().unwrap_or_default();
        match name.as_str() {
            "odds_page_nfl_week10_202511.json" => {
                assert_eq!(stream, Stream::EspnOdds);
                let weeks = json["lines"].as_array().unwrap();
                let events = weeks
                    .iter()
                    .flat_map(|week| week["events"].as_array().unwrap());
                let competitions: Vec<&Value> =
                    events.map(|event| &event["competitions"][0]).collect();
                assert_eq!(decoded.games.len(), competitions.len());
                assert!(decoded.games.iter().all(|game| game.home_team.is_some()));
                priced_sides_are_whole(&name, &competitions, &decoded);
            }
            "scoreboard_nfl_202511.json" => {
                games_are_whole(&name, &events, &decoded);
                let competitions: Vec<&Value> =
                    events.iter().map(|e| &e["competitions"][0]).collect();
                priced_sides_are_whole(&name, &competitions, &decoded);
            }
            "scoreboard_mlb_202209_mixed_states.json" => {
                games_are_whole(&name, &events, &decoded);
                let of = |market, open: bool| {
                    let quotes = decoded.quotes.iter();
                    quotes
                        .filter(|q| q.market == market && q.odds.is_some() == open)
                        .count()
                };
                assert_eq!(of(Market::Total, false), 66, "33 totals without a price");
                assert_eq!(of(Market::Moneyline, true), 55, "22 whole, 11 of one side");
                assert_eq!(
                    decoded.rejects.len(),
                    44,
                    "run lines whose line is not told"
                );
            }
            "scoreboard_nba_202211_live.json" => {
                games_are_whole(&name, &events, &decoded);
                assert_eq!((decoded.quotes.len(), decoded.rejects.len()), (12, 0));
            }
            "scoreboard_nhl_202209_mixed_states.json" => {
                assert_eq!((decoded.games.len(), decoded.results.len()), (10, 8));
                assert_eq!((decoded.quotes.len(), decoded.rejects.len()), (0, 0));
            }
            "teams_nfl_2025.json" => {
                assert_eq!((stream, decoded.teams.len()), (Stream::EspnTeams, 32));
                assert!(decoded.teams.iter().all(|team| team.team.is_some()));
            }
            "scoreboard_nba_20250214_empty_allstar.json"
            | "scoreboard_nfl_20260119_no_events.json" => {
                assert_eq!(decoded, Decoded::default());
            }
            other => panic!("{other} is not counted here"),
        }
    }
}

#[test]
fn a_slate_gives_prices_openers_scores_and_statuses() {
    let (stream, decoded) = inspect(Source::Espn, &fixture("espn_scoreboard.json")).unwrap();
    assert_eq!(stream, Stream::EspnScoreboard);
    assert_eq!(
        lines_of(&decoded),
        [
            "100 moneyline full home - - 185 open",
            "100 moneyline full away - - -225 open",
            "100 moneyline full home - - 100 open opener",
            "100 moneyline full away - - - off opener",
            "100 spread full home - 4.5 -105 open",
            "100 spread full away - -4.5 100 open",
            "100 spread full home - 0 -112 open opener",
            "100 spread full away - 0 -108 open opener",
            "100 total full over - 219.5 -112 open",
            "100 total full under - 219.5 - off",
            "100 total full over - 221 -115 open opener",
            "100 total full under - 221 -105 open opener",
        ]
    );
    let stood: Vec<_> = decoded
        .games
        .iter()
        .map(|game| {
            (
                &*game.source_game_id,
                game.status,
                game.home_score,
                game.away_score,
            )
        })
        .collect();
    assert_eq!(
        stood,
        [
            ("9001", Some(GameStatus::Scheduled), None, None),
            ("9002", Some(GameStatus::Live), Some(49), Some(51)),
            ("9003", Some(GameStatus::Postponed), None, None),
            ("9004", None, None, None),
        ]
    );
    assert_eq!(
        decoded.results.len(),
        1,
        "nothing of games that are to come or were moved"
    );
    let innings: Vec<_> = decoded.results[0]
        .periods
        .iter()
        .map(|p| (&*p.period, p.home, p.away))
        .collect();
    assert_eq!(
        innings,
        [("1", Some(30), Some(25)), ("2", Some(19), Some(26))]
    );
    assert_eq!(
        paths_of(&decoded.rejects),
        [
            "/events/3/status/type/name",
            "/events/3/competitions/0/odds/0/provider",
            "/events/4/competitions/0/competitors/0/team",
        ]
    );
}

/// One event of `uid` with these odds, between HOM and AWY.
fn board(uid: &str, state: &str, odds: &str) -> Decoded {
    let body = format!(
        r#"{{"events":[{{"id":"1","uid":"{uid}","date":"2026-01-19T23:30Z",
        "status":{{"type":{{"name":"X","state":"{state}","completed":{}}}}},"competitions":[{{"id":"1",
        "competitors":[{{"homeAway":"home","score":"1","team":{{"abbreviation":"HOM","displayName":"Home"}}}},
        {{"homeAway":"away","score":"2","team":{{"abbreviation":"AWY","displayName":"Away"}}}}],"odds":[{odds}]}}]}}]}}"#,
        state == "post"
    );
    inspect(Source::Espn, body.as_bytes()).unwrap().1
}

#[test]
fn older_forms_tell_what_they_can() {
    let mlb = "s:1~l:10~e:1";
    let minimal = r#"{"provider":{"id":"45"},"details":"AWY -155","overUnder":8}"#;
    assert_eq!(
        lines_of(&board(mlb, "pre", minimal)),
        [
            "45 moneyline full away - - -155 open",
            "45 total full over - 8 - off",
            "45 total full under - 8 - off"
        ]
    );
    let by_points = r#"{"provider":{"id":"45"},"details":"AWY -1.5"}"#;
    assert_eq!(
        lines_of(&board("s:40~l:46~e:1", "pre", by_points)),
        [
            "45 spread full home - 1.5 - off",
            "45 spread full away - -1.5 - off"
        ]
    );
    let level = r#"{"provider":{"id":"45"},"details":"EVEN"}"#;
    assert_eq!(
        lines_of(&board("s:40~l:46~e:1", "pre", level)),
        [
            "45 spread full home - 0 - off",
            "45 spread full away - 0 - off"
        ]
    );
    assert!(
        board(mlb, "pre", level).quotes.is_empty(),
        "a level price or a level line?"
    );
    let numbers = r#"{"provider":{"id":"1004"},"details":"AWY -155","spread":1.5,
        "homeTeamOdds":{"moneyLine":140,"spreadOdds":-120.0},"awayTeamOdds":{"moneyLine":-155,"spreadOdds":100.0}}"#;
    assert_eq!(
        lines_of(&board(mlb, "pre", numbers)),
        [
            "1004 moneyline full home - - 140 open",
            "1004 moneyline full away - - -155 open",
            "1004 spread full home - 1.5 -120 open",
            "1004 spread full away - -1.5 100 open"
        ]
    );
    let stranger = r#"{"provider":{"id":"45"},"details":"XXX -155"}"#;
    assert_eq!(
        paths_of(&board(mlb, "pre", stranger).rejects),
        ["/events/0/competitions/0/odds/0/details"]
    );
}

#[test]
fn football_has_a_draw() {
    let odds = r#"{"provider":{"id":"58"},"homeTeamOdds":{"moneyLine":120},"awayTeamOdds":{"moneyLine":250},
        "drawOdds":{"moneyLine":240}}"#;
    let decoded = board("s:600~l:700~e:1", "pre", odds);
    assert_eq!(decoded.games[0].league, League::Soccer);
    assert_eq!(
        lines_of(&decoded),
        [
            "58 moneyline full home - - 120 open",
            "58 moneyline full away - - 250 open",
            "58 moneyline full draw - - 240 open"
        ]
    );
}

#[test]
fn prices_left_after_the_start_are_the_close() {
    let odds = r#"{"provider":{"id":"58"},"moneyline":{"home":{"close":{"odds":"-110"}}}}"#;
    let phase = |state| board("s:1~l:10~e:1", state, odds).quotes[0].phase;
    assert_eq!((phase("pre"), phase("post")), (None, Some(Phase::Pregame)));
    let decoded = board("s:1~l:10~e:1", "post", odds);
    assert_eq!(decoded.results[0].status, Some(GameStatus::Final));
}

#[test]
fn prices_that_cannot_be_are_rejects() {
    let odds = r#"{"provider":{"id":"58"},"overUnder":"x","moneyline":{"home":{"close":{"odds":"1.91"}}},
        "pointSpread":{"home":{"close":{"odds":"-110"}},"away":{"close":{"line":"+1.3","odds":"-110"}}}}, 7"#;
    let decoded = board("s:1~l:10~e:1", "pre", odds);
    assert!(decoded.quotes.is_empty());
    let book = "/events/0/competitions/0/odds/0";
    assert_eq!(
        paths_of(&decoded.rejects),
        [
            format!("{book}/moneyline/home/close/odds"),
            format!("{book}/pointSpread/home/close/odds"),
            format!("{book}/pointSpread/away/close/line"),
            format!("{book}/overUnder"),
            "/events/0/competitions/0/odds/1".to_owned(),
        ]
    );
}

#[test]
fn the_core_service_names_the_game_in_its_links() {
    let body = fixture("espn_core_odds.json");
    let (stream, decoded) = inspect(Source::Espn, &body).unwrap();
    assert_eq!(stream, Stream::EspnCoreOdds);
    assert_eq!(
        lines_of(&decoded),
        [
            "58 moneyline full home - - -152 open",
            "58 moneyline full away - - 130 open",
            "58 moneyline full home - - -140 open opener",
            "58 spread full home - -1.5 140 open",
            "58 spread full away - 1.5 -160 open",
            "58 spread full home - -1.5 150 open opener",
            "58 total full over - 8.5 100 open",
            "58 total full under - 8.5 -120 open",
            "58 total full over - 9 -105 open opener",
            "58 total full under - 9 -115 open opener",
            "59 moneyline full home - - -300 open",
            "59 moneyline full away - - - off",
        ]
    );
    assert!(
        decoded
            .quotes
            .iter()
            .all(|q| q.source_game_id.as_deref() == Some("77"))
    );
    assert_eq!(decoded.quotes[10].phase, Some(Phase::Live));
    let asked = decode(Stream::EspnCoreOdds, &body, Some(&"5".into())).unwrap();
    assert_eq!(asked.quotes[0].source_game_id.as_deref(), Some("5"));
}

#[test]
fn standings_are_read_through_their_groups() {
    let (stream, decoded) = inspect(Source::Espn, &fixture("espn_standings.json")).unwrap();
    assert_eq!(stream, Stream::EspnStandings);
    assert_eq!(
        paths_of(&decoded.rejects),
        ["/children/0/standings/entries/1"]
    );
    assert_eq!(
        decoded.standings.len(),
        1,
        "a team stands in its division and its conference"
    );
    let one = &decoded.standings[0];
    assert_eq!(
        one.team.as_ref().map(TeamSlug::as_str),
        Some("nhl:penguins")
    );
    assert_eq!((one.league, one.season), (League::Nhl, Some(2026)));
    assert_eq!(
        (one.wins, one.losses, one.overtime_losses),
        (Some(30), Some(12), Some(6))
    );
    assert_eq!((one.games_played, one.streak), (Some(48), Some(-2)));
    assert_eq!((one.home_wins, one.away_losses), (Some(18), Some(8)));
    assert_eq!((one.last_10_wins, one.last_10_losses), (Some(6), Some(4)));
    assert_eq!((one.points_for, one.points_against), (Some(160), Some(140)));
}

#[test]
fn the_endpoint_tells_the_league_where_the_body_does_not() {
    let body = br#"{"events":[{"id":"1","competitions":[{"competitors":[
        {"homeAway":"home","team":{"displayName":"Boston Celtics"}},
        {"homeAway":"away","team":{"displayName":"Miami Heat"}}]}]}]}"#;
    let league = |endpoint| {
        decode_asked(Stream::EspnScoreboard, body, None, endpoint)
            .unwrap()
            .games[0]
            .league
    };
    let endpoint = "https://site.api.espn.com/apis/site/v2/sports/basketball/nba/scoreboard";
    assert_eq!(league(Some(endpoint)), League::Nba);
    assert_eq!(league(None), League::Other);
    let known = decode_asked(Stream::EspnScoreboard, body, None, Some(endpoint)).unwrap();
    assert_eq!(known.games[0].status, None, "an event without a status");
    assert!(known.rejects.is_empty());
}

#[test]
fn what_is_no_answer_is_refused_in_a_sentence() {
    let refused = |body: &str| {
        inspect(Source::Espn, body.as_bytes())
            .unwrap_err()
            .to_string()
    };
    assert!(refused(r#"{"code":404,"message":"Not found"}"#).contains("Not found"));
    let stub = r#"{"fullViewLink":{"text":"Full Standings","href":"x"}}"#;
    assert!(refused(stub).contains("/apis/v2"));
    assert!(refused("[]").contains("ESPN"));
}
