//! Pages of `VSiN`.

use linetape::domain::feed::{Decoded, Split};
use linetape::domain::league::League;
use linetape::domain::source::{Source, Stream};

use crate::payloads::{captured, decode, decode_asked, fixture, inspect, lines_of, paths_of};

const CIRCA: &str = "https://data.vsin.com/betting-splits/?bookid=circa&view=nba";

/// `market side tickets money` of a split.
fn share_of(split: &Split) -> String {
    let share = |share: Option<f64>| share.map_or_else(|| "-".into(), |share| share.to_string());
    format!(
        "{} {} {} {}",
        split.market,
        split.side,
        share(split.tickets_pct),
        share(split.money_pct)
    )
}

fn shares_of(decoded: &Decoded, game: &str) -> Vec<String> {
    let of_game = |split: &&Split| split.source_game_id.as_deref() == Some(game);
    decoded
        .splits
        .iter()
        .filter(of_game)
        .map(share_of)
        .collect()
}

#[test]
fn every_capture_decodes() {
    for (name, body) in captured("vsin") {
        let found = inspect(Source::Vsin, &body);
        if name.contains("no_table") {
            let error = found.unwrap_err().to_string();
            assert!(error.contains("no table of splits"), "{name}: {error}");
            continue;
        }
        let (stream, decoded) = found.unwrap();
        assert_eq!(stream, Stream::VsinSplits, "{name}");
        let counts = [
            decoded.games.len(),
            decoded.quotes.len(),
            decoded.splits.len(),
            decoded.rejects.len(),
        ];
        assert_eq!(counts, [1, 2, 6, 0], "{name}");
        let game = &decoded.games[0];
        assert_eq!(&*game.source_game_id, "20250617MLB00015");
        assert_eq!(
            (game.league, &*game.away, &*game.home),
            (League::Mlb, "Philadelphia Phillies", "Miami Marlins")
        );
        let (book, wanted) = if name.contains("circa") {
            ("circa", ["-168", "150"])
        } else {
            ("dk", ["-175", "143"])
        };
        let [away, home] = wanted;
        assert_eq!(
            lines_of(&decoded),
            [
                format!("{book} moneyline full away - - {away} open"),
                format!("{book} moneyline full home - - {home} open"),
            ]
        );
        let own = |split: &Split| split.source_book_id.as_deref() == Some(book);
        assert!(decoded.splits.iter().all(own), "{name}");
        if book == "circa" {
            assert_eq!(
                shares_of(&decoded, "20250617MLB00015"),
                [
                    "moneyline away 70 95",
                    "moneyline home 30 5",
                    "total over 100 100",
                    "total under 0 0",
                    "spread away 86 81",
                    "spread home 14 19",
                ]
            );
        }
    }
}

#[test]
fn a_row_a_game_is_read_with_its_quirks() {
    let body = fixture("vsin_freeze.html");
    let decoded = decode_asked(Stream::VsinSplits, &body, None, Some(CIRCA)).unwrap();
    let names: Vec<_> = decoded
        .games
        .iter()
        .map(|game| &*game.source_game_id)
        .collect();
    assert_eq!(names, ["20260110NBA00501", "20260110EUR00502"]);
    let game = &decoded.games[0];
    assert_eq!((&*game.away, &*game.home), ("Boston Celtics", "Miami Heat"));
    assert_eq!(
        game.starts_at.unwrap().to_rfc3339(),
        "2026-01-11T00:05:00+00:00"
    );
    assert_eq!(decoded.games[1].league, League::Other);
    assert_eq!(
        lines_of(&decoded),
        [
            "circa total full over - 221.5 -108 open",
            "circa total full under - 221.5 -112 open",
            "circa moneyline full away - - -210 open",
            "circa moneyline full home - - 175 open",
            "circa moneyline full home - - 100 open",
        ]
    );
    assert_eq!(
        shares_of(&decoded, "20260110NBA00501"),
        [
            "spread away 55 60",
            "spread home 45 40",
            "moneyline away 100 100",
            "moneyline home 0 0",
        ]
    );
    assert_eq!(
        shares_of(&decoded, "20260110EUR00502"),
        ["total under - 10", "moneyline home - 50"]
    );
    let row = |number| format!("table.freezetable > tbody > tr:nth-of-type({number})");
    let cell = |number| format!("{} > td:nth-of-type({number})", row(3));
    let paths = [cell(6), cell(5), cell(9), cell(8), row(4), row(5), row(6)];
    let mut found = paths_of(&decoded.rejects);
    let mut wanted: Vec<&str> = paths.iter().map(String::as_str).collect();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
    let share = decoded.rejects.iter().find(|r| r.path == cell(6)).unwrap();
    assert_eq!(share.value, "120% | 10%");
    assert!(share.reason.contains("0 to 100"), "{}", share.reason);
}

#[test]
fn two_rows_a_game_are_read_as_one() {
    let body = fixture("vsin_sp.html");
    let asked = "/betting-splits/?source=DK&view=today";
    let decoded = decode_asked(Stream::VsinSplits, &body, None, Some(asked)).unwrap();
    let names: Vec<_> = decoded
        .games
        .iter()
        .map(|game| (game.league, &*game.home))
        .collect();
    assert_eq!(
        names,
        [(League::Mlb, "Boston Red Sox"), (League::Nba, "Miami Heat")]
    );
    assert_eq!(
        lines_of(&decoded),
        [
            "dk moneyline full away - - -140 open",
            "dk moneyline full home - - 120 open",
        ]
    );
    assert_eq!(
        shares_of(&decoded, "20260412MLB00901"),
        [
            "spread away 52 61",
            "spread home 48 39",
            "total over 66 70",
            "total under 34 30",
            "moneyline away 63 58",
            "moneyline home 37 42",
        ]
    );
    assert_eq!(
        paths_of(&decoded.rejects),
        ["table.sp-table > tbody > tr:nth-of-type(3)"]
    );
}

#[test]
fn a_page_that_names_no_book_gives_no_price() {
    let decoded = decode(Stream::VsinSplits, &fixture("vsin_sp.html"), None).unwrap();
    assert!(decoded.quotes.is_empty());
    let last = decoded.rejects.last().unwrap();
    assert!(last.reason.contains("bookid"), "{}", last.reason);
}

#[test]
fn what_is_no_page_of_splits_is_refused() {
    for (body, wanted) in [
        (
            "<html><body><p>Blocked</p></body></html>",
            "no table of splits",
        ),
        ("{\"games\":[]}", "answers with pages"),
        ("", "empty"),
    ] {
        let error = inspect(Source::Vsin, body.as_bytes()).unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
    }
    let empty = "<table class=\"freezetable\"><tbody></tbody></table>";
    let (_, decoded) = inspect(Source::Vsin, empty.as_bytes()).unwrap();
    assert!(decoded.games.is_empty() && decoded.rejects.is_empty());
}

#[test]
fn a_page_that_is_cut_off_says_so() {
    let body = fixture("vsin_freeze.html");
    let text = String::from_utf8(body).unwrap();
    let end = text.find("<tr><td colspan").unwrap();
    let cut = decode_asked(
        Stream::VsinSplits,
        &text.as_bytes()[..end],
        None,
        Some(CIRCA),
    )
    .unwrap();
    assert_eq!(cut.games.len(), 1);
    assert!(cut.rejects[0].reason.contains("ends inside its table"));
}
