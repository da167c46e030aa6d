//! `SportsbookReview`: its pages, its withdrawn service and its archives.

use std::fmt::Write as _;
use std::io::Write as _;

use linetape::domain::feed::Decoded;
use linetape::domain::market::{Market, Phase, QuoteStatus};
use linetape::domain::source::{Source, Stream};
use linetape::sources;
use serde_json::Value;

use crate::payloads::{captured, decode, decode_asked, fixture, inspect, lines_of, paths_of};

const SHEET: &str =
    "Date,Rot,VH,Team,Pitcher,1st,2nd,Final,Open,Close,Run Line,,Open OU,,Close OU,\n";

fn archive(text: &str, name: &str) -> Decoded {
    decode_asked(Stream::SbrArchive, text.as_bytes(), None, Some(name)).unwrap()
}

#[test]
fn the_captures_decode_or_are_named() {
    for (name, body) in captured("sbr") {
        let endpoint = format!("file:{name}");
        let Ok(found) = sources::recognise(Source::Sbr, &body, None) else {
            assert_eq!(name, "sportsbooks_map_pysbr.yaml");
            continue;
        };
        let decoded = decode_asked(found.stream, &body, None, Some(&endpoint)).unwrap();
        let counts = (
            decoded.games.len(),
            decoded.quotes.len(),
            decoded.splits.len(),
            decoded.results.len(),
            decoded.rejects.len(),
        );
        let wanted = match name.as_str() {
            "nextdata_oddstables_mlb_20260707.json" => (16, 366, 40, 0, 1),
            "graphql_best_lines_nfl2.json" => (0, 23, 0, 0, 147),
            "graphql_consensus_history_nfl1.json" => (0, 0, 18, 0, 54),
            "graphql_line_history_nfl1.json" => (0, 0, 0, 0, 40),
            "graphql_lines_with_events_current_lines_nfl1.json" => (0, 744, 0, 0, 1587),
            "graphql_lines_with_events_events_nfl1.json" => (12, 0, 0, 0, 0),
            "graphql_current_lines_nfl1.json" | "graphql_opening_lines_nfl1.json" => {
                (0, 82, 0, 0, 172)
            }
            "sbro_nfl_archive_2011_2021.json" => (2946, 37_988, 0, 2946, 1638),
            "sbro_mlb_odds_2018.xlsx" | "sbro_mlb_odds_2018_sheet_as_csv.csv" => {
                (2464, 24_628, 0, 2464, 12)
            }
            "sbro_mlb_odds_2019.xlsx" | "sbro_mlb_odds_2019_sheet_as_csv.csv" => {
                (2464, 24_628, 0, 2464, 2)
            }
            other => panic!("{other} is new here"),
        };
        assert_eq!(counts, wanted, "{name}");
    }
}

/// Lines and events of one capture, put together as the service would have sent them for one question.
#[test]
fn lines_with_their_events_have_every_side() {
    let files = captured("sbr");
    let member = |name: &str| -> Option<Value> {
        let (_, body) = files.iter().find(|(file, _)| file == name)?;
        Some(serde_json::from_slice::<Value>(body).unwrap()["data"].clone())
    };
    let (Some(mut lines), Some(events)) = (
        member("graphql_lines_with_events_current_lines_nfl1.json"),
        member("graphql_lines_with_events_events_nfl1.json"),
    ) else {
        return;
    };
    lines["eventsByDateNew"] = events["eventsByDateNew"].clone();
    let body = serde_json::json!({ "data": lines }).to_string();
    let (_, decoded) = inspect(Source::Sbr, body.as_bytes()).unwrap();
    assert_eq!(decoded.games.len(), 12);
    assert!(decoded.quotes.len() + decoded.rejects.len() == 2331);
    assert!(decoded.quotes.len() >= 2300, "{}", decoded.quotes.len());
}

#[test]
fn the_workbook_and_its_sheet_say_the_same() {
    let files = captured("sbr");
    let of = |name: &str| {
        let (_, body) = files.iter().find(|(file, _)| file == name)?;
        Some(decode_asked(Stream::SbrArchive, body, None, Some("file:mlb 2018")).unwrap())
    };
    assert_eq!(
        of("sbro_mlb_odds_2018.xlsx").map(|decoded| decoded.quotes),
        of("sbro_mlb_odds_2018_sheet_as_csv.csv").map(|decoded| decoded.quotes)
    );
}

#[test]
fn a_page_tells_openers_beside_prices_and_closes_what_is_over() {
    let body = fixture("sbr_page.json");
    let (stream, decoded) = inspect(Source::Sbr, &body).unwrap();
    assert_eq!(stream, Stream::SbrOdds);
    assert_eq!(
        lines_of(&decoded),
        [
            "betmgm moneyline full home - - 155 open",
            "betmgm moneyline full away - - -190 open",
            "fanatics moneyline full home - - -110 open opener",
            "fanatics moneyline full away - - -110 open opener",
            "fanatics moneyline full home - - -120 open",
            "fanatics moneyline full away - - 100 open",
            "bet365 spread full home - -1.5 -110 open opener",
            "bet365 spread full away - 1.5 -110 open opener",
            "bet365 spread full home - -1.5 120 open",
            "bet365 spread full away - 1.5 -140 open",
            "caesars total full over - 8.5 -105 open",
            "caesars total full under - 8.5 -115 open",
        ]
    );
    let [placeholder] = &decoded.rejects[..] else {
        panic!("{:?}", decoded.rejects)
    };
    assert!(placeholder.reason.contains("placeholder opener"));
    assert!(placeholder.path.ends_with("/oddsViews/0/openingLine"));
    assert_eq!(decoded.splits.len(), 4, "a pair of zeros is no split");
    let [result] = &decoded.results[..] else {
        panic!("{:?}", decoded.results)
    };
    assert_eq!((result.home_score, result.away_score), (Some(5), Some(3)));
    assert_eq!(decoded.games[0].home_score, None, "0 before the start");
    let close = decoded.quotes.last().unwrap();
    assert_eq!(close.phase, Some(Phase::Pregame));
    assert_eq!(
        close.source_at.unwrap().to_rfc3339(),
        "2025-07-11T23:04:59+00:00"
    );
    assert_eq!(decoded.quotes[0].source_at, None);
}

#[test]
fn a_page_is_the_same_in_its_html_and_its_address_tells_the_period() {
    let json = String::from_utf8(fixture("sbr_page.json")).unwrap();
    let page = format!(
        "<!DOCTYPE html><html><script id=\"__NEXT_DATA__\" type=\"application/json\">{{\"props\":{json}}}</script></html>"
    );
    let (_, plain) = inspect(Source::Sbr, json.as_bytes()).unwrap();
    let (_, found) = inspect(Source::Sbr, page.as_bytes()).unwrap();
    assert_eq!(found.quotes, plain.quotes);
    let of = |period: &str| {
        let asked =
            format!("https://x/betting-odds/mlb-baseball/money-line/{period}/?date=2025-07-12");
        decode_asked(Stream::SbrOdds, json.as_bytes(), None, Some(&asked)).unwrap()
    };
    let half = of("1st-half");
    assert_eq!(half.quotes[0].period.as_str(), "1h");
    assert!(half.splits.is_empty(), "the picks are of the whole game");
    let unknown = of("10th-inning");
    assert!(unknown.quotes.is_empty() && unknown.games.len() == 2);
    assert!(unknown.rejects[0].reason.contains("no part of a game"));
    let refused = inspect(Source::Sbr, b"<html>Access denied</html>").unwrap_err();
    assert!(refused.to_string().contains("web page"), "{refused}");
}

#[test]
fn the_withdrawn_service_gives_ticks_with_sides() {
    let (stream, decoded) = inspect(Source::Sbr, &fixture("sbr_graphql.json")).unwrap();
    assert_eq!(stream, Stream::SbrGraphql);
    assert_eq!(
        lines_of(&decoded),
        [
            "3 moneyline full home - - -190 open opener",
            "3 moneyline full away - - 165 open",
            "20 total full under - 46.5 -105 open alternate",
            "20 spread full home - -3 -114 open",
            "20 spread full away - 3 104 open",
            "20 spread full home - -3 -115 open",
        ],
        "the side that did not move is told once"
    );
    assert!(decoded.quotes.iter().all(|quote| quote.source_at.is_some()));
    assert_eq!(
        paths_of(&decoded.rejects),
        ["/data/currentLines/1/partid", "/data/currentLines/2/mtid"]
    );
    let split = &decoded.splits[0];
    assert_eq!((split.tickets_pct, split.tickets), (Some(53.0), Some(3140)));
    assert_eq!(split.money, Some(216_660));
    let refused = inspect(Source::Sbr, br#"{"errors":[{"message":"gone"}]}"#).unwrap_err();
    assert!(refused.to_string().contains("gone"), "{refused}");
}

#[test]
fn a_sheet_is_two_rows_a_game() {
    let text = format!(
        "{SHEET}\
         329,901,V,CUB,X,3,1,8,-175,-200,-1.5,-125.0,8,-105.0,8½,-120.0\n\
         329,902,H,MIA,X,1,x,4,155,170,1.5,105.0,8,-115.0,8.5,100.0\n\
         329,907,V,CUB,X,0,0,2,NL,-120,-1.5,140,7,-110,7,-110\n\
         329,908,H,MIA,X,0,0,3,NL,110,1.5,-160,7,-110,7,-110\n\
         330,901,N,SEA,X,0,0,1,107,50,1.5,-160,104,-110,9,-110\n\
         330,902,N,OAK,X,0,0,0,-127,-130,-1.0,140,104,-110,9,-110\n\
         331,905,V,NYM,X,0,0,0,107,120,1.5,-160,8,-110,9,-110\n"
    );
    let decoded = archive(&text, "file:mlb odds 2018.xlsx");
    let ids: Vec<&str> = decoded.games.iter().map(|g| &*g.source_game_id).collect();
    assert_eq!(
        ids,
        [
            "mlb-20180329-CUB-MIA-1",
            "mlb-20180329-CUB-MIA-2",
            "mlb-20180330-SEA-OAK-1"
        ]
    );
    assert_eq!(decoded.games[1].game_number, 2);
    assert_eq!(
        lines_of(&decoded)[..10],
        [
            "sbro moneyline full away - - -175 open opener",
            "sbro moneyline full home - - 155 open opener",
            "sbro moneyline full away - - -200 open",
            "sbro moneyline full home - - 170 open",
            "sbro spread full away - -1.5 -125 open",
            "sbro spread full home - 1.5 105 open",
            "sbro total full over - 8 -105 open opener",
            "sbro total full under - 8 -115 open opener",
            "sbro total full over - 8.5 -120 open",
            "sbro total full under - 8.5 100 open",
        ]
    );
    let of_game = |id: &str| {
        let quotes = decoded.quotes.iter();
        quotes
            .filter(|q| q.source_game_id.as_deref() == Some(id))
            .count()
    };
    assert_eq!(
        of_game("mlb-20180329-CUB-MIA-2"),
        8,
        "NL is no line and no mistake"
    );
    assert_eq!(
        paths_of(&decoded.rejects),
        [
            "/5/close",
            "/5/runline",
            "/6/runline",
            "/5/openou",
            "/6/openou",
            "/7"
        ]
    );
    let result = &decoded.results[0];
    assert_eq!((result.away_score, result.home_score), (Some(8), Some(4)));
    assert_eq!(result.periods[1].home, None, "an inning not played");
    let times: Vec<String> = decoded.quotes[..3]
        .iter()
        .map(|quote| quote.source_at.unwrap().to_rfc3339())
        .collect();
    assert_eq!(times[0], "2018-03-29T09:00:00+00:00");
    assert_eq!(times[2], "2018-03-29T15:59:00+00:00");
}

#[test]
fn a_sheet_without_a_year_is_refused_in_a_sentence() {
    let text = format!("{SHEET}329,901,V,CUB,X,3,1,8,-175,-200,-1.5,-125,8,-105,8,-120\n");
    let refused = |name| {
        decode_asked(Stream::SbrArchive, text.as_bytes(), None, name)
            .unwrap_err()
            .to_string()
    };
    assert!(refused(None).contains("--season"));
    assert!(refused(Some("file:odds.csv")).contains("--season"));
    let told = archive(&text, "file:odds.csv?season=2018");
    assert_eq!(told.rejects.len(), 1, "a row without its partner");
}

#[test]
fn a_sheet_of_points_exchanges_spread_and_total() {
    let text = "Date,Rot,VH,Team,1st,2nd,3rd,4th,Final,Open,Close,ML,2H\n\
        1229,101,V,Jets,7,0,3,0,10,44.5,pk,110,21\n\
        1229,102,H,Bills,7,7,3,7,24,3,45,-130,pk\n\
        105,103,V,Saints,7,0,3,0,10,200,-5,NL,\n\
        105,104,H,Bears,7,7,3,7,24,3,45,NL,\n";
    let decoded = archive(text, "file:nfl odds 2019-20.xlsx");
    assert_eq!(
        lines_of(&decoded),
        [
            "sbro moneyline full away - - 110 open",
            "sbro moneyline full home - - -130 open",
            "sbro spread full away - 3 - suspended opener",
            "sbro spread full home - -3 - suspended opener",
            "sbro total full over - 44.5 - suspended opener",
            "sbro total full under - 44.5 - suspended opener",
            "sbro spread full away - 0 - suspended",
            "sbro spread full home - 0 - suspended",
            "sbro total full over - 45 - suspended",
            "sbro total full under - 45 - suspended",
            "sbro spread 2h away - 0 - suspended",
            "sbro spread 2h home - 0 - suspended",
            "sbro total 2h over - 21 - suspended",
            "sbro total 2h under - 21 - suspended",
        ]
    );
    assert_eq!(
        decoded.games[1].starts_at.unwrap().to_rfc3339(),
        "2020-01-05T17:00:00+00:00"
    );
    assert_eq!(
        paths_of(&decoded.rejects),
        ["/3/open", "/4/open", "/3/close", "/4/close"]
    );
}

#[test]
fn merged_seasons_refuse_exchanged_and_broken_rows() {
    let (stream, decoded) = inspect(Source::Sbr, &fixture("sbr_merged.json")).unwrap();
    assert_eq!(stream, Stream::SbrArchive);
    assert_eq!(decoded.games.len(), 2);
    assert_eq!(decoded.games[0].league.as_str(), "nfl");
    assert_eq!(
        paths_of(&decoded.rejects),
        [
            "/0/home_2H_spread",
            "/0/2H_total",
            "/1/home_close_spread",
            "/1/close_over_under",
            "/2"
        ]
    );
    let spread = |quote: &&linetape::domain::feed::Quote| quote.market == Market::Spread;
    let first = decoded.quotes.iter().find(spread).unwrap();
    assert_eq!((first.odds, first.status), (None, QuoteStatus::Suspended));
}

#[test]
fn tables_of_others_are_named() {
    for (name, body) in captured("linemovement") {
        match inspect(Source::Sbr, &body) {
            Ok((stream, decoded)) => {
                assert_eq!(name, "mlb_sbro_normalised_2014_2021.csv");
                assert_eq!(stream, Stream::SbrArchive);
                assert_eq!(
                    (decoded.games.len(), decoded.results.len()),
                    (17_245, 17_245)
                );
                assert!(decoded.quotes.len() > 172_000 && decoded.rejects.len() < 50);
            }
            Err(refused) => assert!(
                refused.to_string().contains("nothing is read")
                    || refused.to_string().contains("backfill"),
                "{name}: {refused}"
            ),
        }
    }
}

#[test]
fn snapshots_as_csv_are_past_snapshots() {
    for (name, body) in captured("linemovement_nba_daily") {
        let (stream, decoded) = inspect(Source::OddsApi, &body).unwrap();
        assert_eq!(stream, Stream::OddsApiHistorical, "{name}");
        let rows = String::from_utf8_lossy(&body).lines().count() - 1;
        assert_eq!(decoded.quotes.len() + decoded.rejects.len(), rows, "{name}");
        let stamp = decoded
            .taken_at
            .unwrap()
            .format("%Y%m%d_%H%M%S")
            .to_string();
        assert!(name.contains(&stamp), "{name}");
    }
    let text = "event_id,sport_key,home_team,away_team,commence_time,bookmaker,bookmaker_title,last_update,market,outcome_name,price,point,snapshot_utc\n\
        e1,basketball_nba,Boston Celtics,Miami Heat,2026-03-04T00:10:00Z,tab,TAB,2026-03-03T21:26:55Z,h2h,Boston Celtics,1.14,,20260303_212706\n\
        e1,basketball_nba,Boston Celtics,Miami Heat,2026-03-04T00:10:00Z,tab,TAB,2026-03-03T21:26:55Z,totals,Over,1.9,221.5,20260303_212706\n\
        e1,basketball_nba,Boston Celtics,Miami Heat,2026-03-04T00:10:00Z,tab,TAB,2026-03-03T21:26:55Z,h2h,Miami Heat,abc,,20260303_212706\n";
    let (_, decoded) = inspect(Source::OddsApi, text.as_bytes()).unwrap();
    assert_eq!(decoded.quotes.len(), 2);
    assert_eq!(decoded.rejects.len(), 1);
    let later = text.replacen("20260303_212706\n", "20260304_212706\n", 1);
    let refused = inspect(Source::OddsApi, later.as_bytes()).unwrap_err();
    assert!(refused.to_string().contains("several snapshots"));
}

/// A packed file of one part that unpacks to `size` bytes.
fn packed(name: &str, size: usize) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    out.start_file(name, zip::write::SimpleFileOptions::default())
        .unwrap();
    let block = vec![b' '; 1 << 20];
    for _ in 0..size >> 20 {
        out.write_all(&block).unwrap();
    }
    out.finish().unwrap().into_inner()
}

#[test]
fn bombs_and_broken_workbooks_are_refused() {
    let bomb = packed("xl/sharedStrings.xml", 80 << 20);
    assert!(bomb.len() < 1 << 20, "small as sent");
    for (body, word) in [
        (bomb, "unpacks to more"),
        (packed("word/document.xml", 1 << 20), "cannot be read"),
        (b"PK\x03\x04 and nothing more".to_vec(), "broken"),
    ] {
        let refused = decode(Stream::SbrArchive, &body, None).unwrap_err();
        assert!(refused.to_string().contains(word), "{refused}");
    }
}

#[test]
fn a_sheet_too_long_to_be_a_season_is_refused() {
    let mut text = SHEET.to_owned();
    for _ in 0..100_001 {
        writeln!(text, "329,901,V,CUB").unwrap();
    }
    let name = Some("file:mlb 2018.csv");
    let refused = decode_asked(Stream::SbrArchive, text.as_bytes(), None, name).unwrap_err();
    assert!(refused.to_string().contains("split it by season"));
}
