//! Goalserve's names: sports, leagues, markets and states of a game.

use url::form_urlencoded;

use crate::domain::league::League;
use crate::domain::market::{Market, Period};
use crate::domain::status::GameStatus;

/// A sport: the same market name means different things in two of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sport {
    Baseball,
    Basketball,
    Football,
    Hockey,
    Soccer,
    Other,
}

/// A sport by the name that an answer or an address has for it.
pub(super) fn sport(name: &str) -> Sport {
    let name = name.trim().to_ascii_lowercase();
    match &*name {
        "baseball" => Sport::Baseball,
        "basket" | "basketball" | "bsktbl" => Sport::Basketball,
        "football" | "american football" | "american_football" | "amfootball" => Sport::Football,
        "hockey" | "ice hockey" | "icehockey" => Sport::Hockey,
        _ if name.starts_with("soccer") => Sport::Soccer,
        _ => Sport::Other,
    }
}

/// The parts of an address behind its key.
pub(super) fn parts(endpoint: &str) -> Vec<&str> {
    let path = endpoint.split(['?', '#']).next().unwrap_or_default();
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if let Some(at) = parts.iter().position(|part| *part == "getfeed") {
        parts.drain(..parts.len().min(at + 2));
    }
    parts
}

/// The sport that an address asks for.
pub(super) fn asked_sport(endpoint: &str) -> Sport {
    let folder = parts(endpoint).first().copied().unwrap_or_default();
    if folder != "getodds" {
        return sport(folder);
    }
    let query = endpoint.split_once('?').map_or("", |(_, query)| query);
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "cat")
        .map_or(Sport::Other, |(_, cat)| {
            sport(cat.split('_').next().unwrap_or_default())
        })
}

/// The league of a category such as `USA: NBA`; what is below the league, or beside it, is another.
pub(super) fn league(sport: Sport, category: &str) -> League {
    if sport == Sport::Soccer {
        return League::Soccer;
    }
    let name = category.to_ascii_uppercase();
    let (country, name) = name.split_once(": ").unwrap_or(("", &name));
    if !matches!(
        country.trim(),
        "" | "USA" | "US" | "USA/CANADA" | "NORTH AMERICA"
    ) {
        return League::Other;
    }
    let mut words = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default();
    // `NBA G League`, `NCAA Women` and `MLB All-Star` are no slates of the league; parts of its season are.
    let is_season = words.all(|word| {
        matches!(
            word,
            "REGULAR"
                | "SEASON"
                | "PLAYOFFS"
                | "PLAY"
                | "OFFS"
                | "PLAYOFF"
                | "POSTSEASON"
                | "FINAL"
                | "FINALS"
                | "WORLD"
                | "SERIES"
                | "STANLEY"
                | "CUP"
                | "SUPER"
                | "BOWL"
                | "DIVISION"
                | "I"
                | "FBS"
                | "MEN"
                | "BASKETBALL"
                | "FOOTBALL"
                | "BASEBALL"
                | "HOCKEY"
        )
    });
    match (sport, first) {
        _ if !is_season => League::Other,
        (Sport::Baseball, "MLB") => League::Mlb,
        (Sport::Basketball, "NBA") => League::Nba,
        (Sport::Basketball, "WNBA") => League::Wnba,
        (Sport::Basketball, "NCAA" | "NCAAB") => League::Ncaab,
        (Sport::Football, "NFL") => League::Nfl,
        (Sport::Football, "NCAA" | "NCAAF" | "FBS") => League::Ncaaf,
        (Sport::Hockey, "NHL") => League::Nhl,
        _ => League::Other,
    }
}

/// Parts of a game as a market's name writes them, the longer ones first.
const PERIODS: [(&str, Period); 19] = [
    ("1st 5 innings", Period::Innings5),
    ("first 5 innings", Period::Innings5),
    ("1st 3 innings", Period::Innings3),
    ("first 3 innings", Period::Innings3),
    ("1st 7 innings", Period::Innings7),
    ("1st inning", Period::Inning1),
    ("1st half", Period::Half1),
    ("first half", Period::Half1),
    ("2nd half", Period::Half2),
    ("second half", Period::Half2),
    ("1st quarter", Period::Quarter1),
    ("1st qtr", Period::Quarter1),
    ("2nd quarter", Period::Quarter2),
    ("2nd qtr", Period::Quarter2),
    ("3rd quarter", Period::Quarter3),
    ("4th quarter", Period::Quarter4),
    ("1st period", Period::Period1),
    ("2nd period", Period::Period2),
    ("3rd period", Period::Period3),
];

/// What a market is; none for one that is not kept.
pub(super) fn market(sport: Sport, name: &str) -> Option<(Market, Period)> {
    let name = name.to_ascii_lowercase();
    let found = PERIODS
        .iter()
        .find_map(|(text, period)| Some((name.split_once(text)?, *period)));
    let (rest, period) = match found {
        Some(((before, after), period)) => (format!("{before}{after}"), period),
        None => (name, Period::Full),
    };
    let rest = rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '(' | ')'));
    let is_soccer = sport == Sport::Soccer;
    let market = match rest {
        "match winner" | "moneyline" | "money line" | "winner" => Market::Moneyline,
        // In soccer the whole result has three answers, and two leave the draw out; elsewhere it is the other way round.
        "3way result" if is_soccer => Market::Moneyline,
        "home/away" if !is_soccer => Market::Moneyline,
        "3way result" => Market::Prop("h2h_3_way".into()),
        "home/away" => Market::Prop("draw_no_bet".into()),
        "over/under" | "total" | "totals" => Market::Total,
        "handicap" | "asian handicap" | "spread" | "run line" | "puck line" => Market::Spread,
        "3way handicap" => Market::Prop("spreads_3_way".into()),
        _ => return None,
    };
    Some((market, period))
}

/// Whether a state is the clock time of the start.
pub(super) fn is_clock(text: &str) -> bool {
    let text = text.trim().to_ascii_uppercase();
    let digits = text.trim_end_matches(['A', 'P', 'M', ' ']);
    let both = |(hours, minutes): (&str, &str)| {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        matches!(hours.len(), 1..=2) && minutes.len() == 2 && digits(hours) && digits(minutes)
    };
    digits.split_once(':').is_some_and(both)
}

/// Where a game stands.
pub(super) fn status(text: &str) -> Option<GameStatus> {
    if is_clock(text) {
        return Some(GameStatus::Scheduled);
    }
    let text = text.trim().trim_end_matches('.').to_ascii_lowercase();
    let starts = |all: &[&str]| all.iter().any(|start| text.starts_with(start));
    match &*text {
        "ns" | "not started" | "tba" | "tbd" | "sched" | "scheduled" | "delayed" => {
            Some(GameStatus::Scheduled)
        }
        "ft" | "aet" | "aot" | "pen" | "ft_pen" | "ended" => Some(GameStatus::Final),
        "ht" | "et" | "live" | "in progress" | "break time" | "break" => Some(GameStatus::Live),
        "int" => Some(GameStatus::Suspended),
        _ if starts(&[
            "finished",
            "final",
            "after over",
            "after extra",
            "after pen",
        ]) =>
        {
            Some(GameStatus::Final)
        }
        _ if starts(&["postp", "ppd"]) => Some(GameStatus::Postponed),
        _ if starts(&["cancl", "cancel", "aban", "walk", "w.o", "awarded"]) => {
            Some(GameStatus::Cancelled)
        }
        _ if starts(&["susp", "interr"]) => Some(GameStatus::Suspended),
        _ if is_minute(&text) => Some(GameStatus::Live),
        _ if starts(&[
            "top", "bot", "mid", "end of", "overtime", "extra", "half", "penalt",
        ]) =>
        {
            Some(GameStatus::Live)
        }
        _ if ["inning", "quarter", "period", "half"]
            .iter()
            .any(|part| text.contains(part)) =>
        {
            Some(GameStatus::Live)
        }
        _ => None,
    }
}

/// A minute of play: `37`, `90+2`.
fn is_minute(text: &str) -> bool {
    let (minute, added) = text.split_once('+').unwrap_or((text, "0"));
    let digits = |text: &str, most: usize| {
        text.len() <= most && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    digits(minute.trim_end_matches('\''), 3) && (added.is_empty() || digits(added, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leagues_are_those_of_the_season_only() {
        for (sport, name, wanted) in [
            (Sport::Basketball, "USA: NBA", League::Nba),
            (Sport::Basketball, "NBA - Playoffs", League::Nba),
            (Sport::Basketball, "USA: NBA G League", League::Other),
            (Sport::Basketball, "USA: WNBA", League::Wnba),
            (Sport::Basketball, "Australia: NBL", League::Other),
            (Sport::Basketball, "Philippines: NBA", League::Other),
            (Sport::Baseball, "MLB", League::Mlb),
            (Sport::Football, "USA: NCAA", League::Ncaaf),
            (Sport::Hockey, "USA: NHL", League::Nhl),
            (Sport::Hockey, "NBA", League::Other),
            (Sport::Soccer, "England: Premier League", League::Soccer),
        ] {
            assert_eq!(league(sport, name), wanted, "{name}");
        }
    }

    #[test]
    fn a_market_means_what_its_sport_makes_of_it() {
        let name = |sport, text| market(sport, text).map(|(m, p)| format!("{m} {p}"));
        for (sport, text, wanted) in [
            (Sport::Soccer, "3Way Result", "moneyline full"),
            (Sport::Soccer, "Home/Away", "draw_no_bet full"),
            (Sport::Hockey, "3Way Result", "h2h_3_way full"),
            (Sport::Hockey, "Home/Away", "moneyline full"),
            (Sport::Soccer, "Over/Under 1st Half", "total 1h"),
            (Sport::Baseball, "Home/Away (1st 5 Innings)", "moneyline f5"),
            (Sport::Basketball, "Handicap - 1st Quarter", "spread 1q"),
        ] {
            assert_eq!(name(sport, text).as_deref(), Some(wanted), "{text}");
        }
        assert_eq!(name(Sport::Soccer, "HT/FT Double"), None);
    }

    #[test]
    fn a_clock_time_is_a_state() {
        for (text, wanted) in [
            ("19:45", Some(GameStatus::Scheduled)),
            ("7:05 PM", Some(GameStatus::Scheduled)),
            ("FT", Some(GameStatus::Final)),
            ("After Over Time", Some(GameStatus::Final)),
            ("Cancl.", Some(GameStatus::Cancelled)),
            ("Postp.", Some(GameStatus::Postponed)),
            ("HT", Some(GameStatus::Live)),
            ("90+2", Some(GameStatus::Live)),
            ("3rd Quarter", Some(GameStatus::Live)),
            ("", None),
            ("wibble", None),
        ] {
            assert_eq!(status(text), wanted, "{text}");
        }
    }
}
