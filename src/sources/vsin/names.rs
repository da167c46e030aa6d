//! `VSiN`'s names: leagues, books, game codes and columns.

use chrono::NaiveDate;
use url::form_urlencoded;

use crate::domain::league::League;
use crate::domain::market::Market;

/// A league as a view, a path and a game code write it.
const LEAGUES: [(&str, League); 7] = [
    ("mlb", League::Mlb),
    ("nba", League::Nba),
    ("nfl", League::Nfl),
    ("nhl", League::Nhl),
    ("cbb", League::Ncaab),
    ("cfb", League::Ncaaf),
    ("wnba", League::Wnba),
];

/// The view of a league.
pub(super) fn view(league: League) -> Option<&'static str> {
    // What the page of the WNBA is called is not known.
    let known = LEAGUES.iter().filter(|(_, of)| *of != League::Wnba);
    known
        .clone()
        .find(|(_, of)| *of == league)
        .map(|(name, _)| *name)
}

fn league(name: &str) -> Option<League> {
    let known = LEAGUES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    known.map(|(_, league)| *league)
}

/// A game code: eight digits of the day, the letters of the league, a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) date: NaiveDate,
    pub(super) league: League,
}

/// Read a game code. Letters of a league that is not followed are another league's.
pub(super) fn code(text: &str) -> Option<Code> {
    let (digits, rest) = text.split_at_checked(8)?;
    let letters = rest.find(|c: char| !c.is_ascii_alphabetic())?;
    let (letters, number) = rest.split_at_checked(letters)?;
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = all_digits(digits)
        && matches!(letters.len(), 2..=8)
        && matches!(number.len(), 1..=8)
        && all_digits(number);
    let date = NaiveDate::parse_from_str(digits, "%Y%m%d").ok()?;
    fits.then(|| Code {
        date,
        league: league(letters).unwrap_or(League::Other),
    })
}

/// The day of a link to a day's games.
pub(super) fn link_date(href: &str) -> Option<NaiveDate> {
    let (_, rest) = href.split_once("gamedate=")?;
    NaiveDate::parse_from_str(rest.get(..10)?, "%Y-%m-%d").ok()
}

/// A book as `VSiN` writes it, in one spelling.
pub(super) fn book(name: &str) -> Option<String> {
    let name = name.trim().to_ascii_lowercase();
    let fits = matches!(name.len(), 1..=24)
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    match &*name {
        _ if !fits => None,
        "draftkings" => Some("dk".into()),
        _ => Some(name),
    }
}

/// The book that an endpoint asks for.
pub(super) fn asked_book(endpoint: &str) -> Option<String> {
    let (path, query) = endpoint.split_once('?').unwrap_or((endpoint, ""));
    let query = query.split('#').next().unwrap_or_default();
    let named = |wanted: &str| {
        form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .and_then(|(_, value)| book(&value))
    };
    let mut parts = path
        .rsplit('/')
        .skip_while(|part| *part != "betting-splits");
    let before = parts.nth(1).unwrap_or_default();
    let of_league = || league(before).and_then(|_| named("view"));
    let of_path = || book(before).filter(|name| name == "dk" || name == "circa");
    named("bookid")
        .or_else(|| named("source"))
        .or_else(of_league)
        .or_else(of_path)
}

/// The three markets of a row in the order of its columns.
pub(super) type Order = [Market; 3];

/// The order of a league's columns where one row is a game. Two rows a game have one order for all.
pub(super) fn order(league: League, is_sp: bool) -> Order {
    if league == League::Mlb && !is_sp {
        [Market::Moneyline, Market::Total, Market::Spread]
    } else {
        [Market::Spread, Market::Total, Market::Moneyline]
    }
}

/// The market that a column's header names.
pub(super) fn column(header: &str) -> Option<Market> {
    match &*header.trim().to_ascii_lowercase() {
        "money" | "moneyline" | "money line" | "ml" => Some(Market::Moneyline),
        "total" | "totals" | "o/u" | "over/under" => Some(Market::Total),
        "spread" | "rl" | "run line" | "runline" | "pl" | "puck line" | "puckline" => {
            Some(Market::Spread)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_tell_day_and_league() {
        let read = |text| code(text).map(|code| (code.date.to_string(), code.league));
        assert_eq!(
            read("20250617MLB00015"),
            Some(("2025-06-17".into(), League::Mlb))
        );
        assert_eq!(read("20260110CBB00731").unwrap().1, League::Ncaab);
        assert_eq!(read("20250617KBO00001").unwrap().1, League::Other);
        for bad in [
            "",
            "20250617",
            "20251317MLB00015",
            "20250617MLB",
            "MLB20250617",
            "2025061é",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_endpoint_tells_the_book() {
        let book = |endpoint| asked_book(endpoint);
        for (endpoint, name) in [
            (
                "https://data.vsin.com/betting-splits/?bookid=circa&view=mlb",
                "circa",
            ),
            ("/betting-splits/?source=DK&view=today", "dk"),
            (
                "https://data.vsin.com/nba/betting-splits/?view=circa",
                "circa",
            ),
            ("/draftkings/betting-splits/?view=mlb", "dk"),
        ] {
            assert_eq!(book(endpoint).as_deref(), Some(name), "{endpoint}");
        }
        assert_eq!(book("/betting-splits/?view=mlb"), None);
        assert_eq!(book("file:page.html"), None);
        assert_eq!(book("/betting-splits/?bookid=%1b%5b31m"), None);
    }
}
