//! Bets as earlier programs describe them in words: times, teams, sports, sides, numbers and prices out of text.
//!
//! What cannot be read is none, never a default: Fair-Edge took an unreadable price for +100.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde_json::{Map, Value};

use crate::domain::league::League;
use crate::domain::market::{Line, Side};
use crate::domain::odds::Odds;
use crate::domain::team::Teams;
use crate::domain::time::{from_epoch, parse_feed_time};

/// Where a time may stand, the first that can be read counts.
const TIMES: [&str; 4] = ["commence_time", "event_time", "start_time", "game_time"];

/// Numbers above it are milliseconds.
const MILLISECONDS: f64 = 1e12;

/// When the event is: the first of `commence_time`, `event_time`, `start_time` and `game_time` that can be read.
pub fn event_time(fields: &Map<String, Value>) -> Option<DateTime<Utc>> {
    TIMES
        .iter()
        .find_map(|name| fields.get(*name).and_then(time))
}

/// A time: seconds or milliseconds since 1970, or text with or without a zone; without one it is UTC.
pub fn time(value: &Value) -> Option<DateTime<Utc>> {
    match value {
        Value::Number(number) => {
            let number = number.as_f64()?;
            let seconds = if number > MILLISECONDS {
                number / 1e3
            } else {
                number
            };
            let whole = seconds.floor();
            // Outside of it no bet was quoted, and the cast below is exact within.
            if !(0.0..7_258_118_400.0).contains(&whole) {
                return None;
            }
            let micros = ((seconds - whole) * 1e6).round() as u32;
            let time = from_epoch(whole as i64)?;
            Some(time + chrono::TimeDelta::microseconds(i64::from(micros)))
        }
        Value::String(text) => time_text(text.trim()),
        _ => None,
    }
}

fn time_text(text: &str) -> Option<DateTime<Utc>> {
    if let Some(time) = parse_feed_time(text) {
        return Some(time);
    }
    let plausible = |time: DateTime<Utc>| from_epoch(time.timestamp()).map(|_| time);
    for format in [
        "%Y-%m-%d %H:%M:%S%.f%:z",
        "%Y-%m-%dT%H:%M%:z",
        "%Y-%m-%dT%H:%M:%S%.f%z",
    ] {
        if let Ok(time) = DateTime::parse_from_str(text, format) {
            return plausible(time.with_timezone(&Utc));
        }
    }
    if let Ok(time) = DateTime::parse_from_rfc2822(text) {
        return plausible(time.with_timezone(&Utc));
    }
    let naive = [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
        "%m/%d/%Y %H:%M:%S",
        "%m/%d/%Y %H:%M",
        "%m/%d/%Y %I:%M %p",
        "%b %d, %Y %I:%M %p",
        "%B %d, %Y %I:%M %p",
    ];
    let moment = naive
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let day = || {
        ["%Y-%m-%d", "%m/%d/%Y"]
            .iter()
            .find_map(|format| NaiveDate::parse_from_str(text, format).ok())
            .map(|day| day.and_time(NaiveTime::MIN))
    };
    plausible(moment.or_else(day)?.and_utc())
}

/// Home and away of an event's name: `Away @ Home` or `Home vs Away`; what follows a • is no part of it.
pub fn teams(event: &str) -> Option<(&str, &str)> {
    let event = event.split('•').next().unwrap_or_default().trim();
    let (home, away) = if let Some((away, home)) = event.split_once(" @ ") {
        (home, away)
    } else {
        let versus = [" vs ", " vs. ", " VS ", " v "];
        versus.iter().find_map(|word| event.split_once(word))?
    };
    let (home, away) = (home.trim(), away.trim());
    (!home.is_empty() && !away.is_empty()).then_some((home, away))
}

/// Leagues that Fair-Edge knows, in its order.
const LEAGUES: [League; 4] = [League::Mlb, League::Nfl, League::Nba, League::Nhl];

/// Words that only one sport uses, of those it knows.
const WORDS: [(League, &[&str]); 4] = [
    (
        League::Mlb,
        &[
            "mlb",
            "baseball",
            "strikeouts",
            "innings",
            "inning",
            "rbis",
            "pitcher",
            "batter",
            "homers",
            "run line",
            "home runs",
            "total bases",
            "stolen bases",
            "earned runs",
        ],
    ),
    (
        League::Nfl,
        &[
            "nfl",
            "football",
            "touchdown",
            "touchdowns",
            "yards",
            "receptions",
        ],
    ),
    (
        League::Nba,
        &[
            "nba",
            "basketball",
            "points",
            "rebounds",
            "assists",
            "threes",
        ],
    ),
    (
        League::Nhl,
        &["nhl", "hockey", "goals", "shots", "puck line", "saves"],
    ),
];

/// The league of an event, by its teams and then by its words. Names that several leagues have (Giants, Cardinals, Rangers,
/// Kings, Jets, Panthers) decide nothing alone: the other team does, or the words.
pub fn league(event: &str, description: &str, known: &Teams) -> Option<League> {
    let of = |name: &str| -> Vec<League> {
        let playing = LEAGUES.iter().copied();
        playing.filter(|l| known.find(*l, name).is_some()).collect()
    };
    let only = |leagues: &[League]| match leagues {
        [one] => Some(*one),
        _ => None,
    };
    let sides = teams(event).map(|(home, away)| (of(home), of(away)));
    if let Some((home, away)) = &sides {
        let both: Vec<League> = home.iter().copied().filter(|l| away.contains(l)).collect();
        if let Some(league) = only(&both) {
            return Some(league);
        }
    }
    let text = format!("{event} {description}").to_lowercase();
    let named: Vec<League> = WORDS
        .iter()
        .filter(|(_, words)| words.iter().any(|word| has_word(&text, word)))
        .map(|(league, _)| *league)
        .collect();
    // Where the teams leave a choice, the words choose among what they leave.
    let possible: Vec<League> = match &sides {
        Some((home, away)) if !(home.is_empty() && away.is_empty()) => {
            let either = named.iter().copied();
            let fits: Vec<League> = either
                .filter(|l| home.contains(l) || away.contains(l))
                .collect();
            if fits.is_empty() { named.clone() } else { fits }
        }
        _ => named.clone(),
    };
    only(&possible)
        .or_else(|| sides.and_then(|(home, away)| only(&home).or_else(|| only(&away))))
        .or_else(|| possible.first().copied())
}

/// Whether `word` stands in `text` as a word, or words, of its own.
fn has_word(text: &str, word: &str) -> bool {
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|t| t.chars().next());
        edge(before) && edge(after)
    })
}

/// The side that words name: over or under, else home or away by name or by the team they speak of.
pub fn side(description: &str, event: &str) -> Option<Side> {
    let text = description.to_lowercase();
    let words = [
        (Side::Over, "over"),
        (Side::Under, "under"),
        (Side::Home, "home"),
        (Side::Away, "away"),
        (Side::Draw, "draw"),
    ];
    // "Home" is also what a run is hit to.
    let plain = text.replace("home run", "");
    if let Some((side, _)) = words.iter().find(|(_, word)| has_word(&plain, word)) {
        return Some(*side);
    }
    let (home, away) = teams(event)?;
    let speaks_of = |team: &str| {
        let team = team.to_lowercase();
        let last = team.split_whitespace().next_back().unwrap_or_default();
        has_word(&text, &team) || (last.chars().count() > 2 && has_word(&text, last))
    };
    match (speaks_of(home), speaks_of(away)) {
        (true, false) => Some(Side::Home),
        (false, true) => Some(Side::Away),
        _ => None,
    }
}

/// The number of a bet: with a sign where there is one, so that "49ers −3.5" is −3.5; else what follows over or under, or
/// the only number that stands alone.
pub fn line(description: &str) -> Option<Line> {
    let plain = description.replace('\u{2212}', "-").replace('½', ".5");
    let words: Vec<&str> = plain.split_whitespace().collect();
    let number = |word: &str| -> Option<Line> {
        let word = word.trim_matches(|c: char| "(),;:".contains(c));
        let digits = word.strip_prefix(['+', '-']).unwrap_or(word);
        let is_number = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
        is_number.then(|| word.parse().ok().and_then(Line::from_points))?
    };
    let signed = words
        .iter()
        .filter(|word| word.trim_start_matches('(').starts_with(['+', '-']));
    if let Some(line) = signed.into_iter().find_map(|word| number(word)) {
        return Some(line);
    }
    let after = words.windows(2).find_map(|pair| match pair {
        [word, next] if ["over", "under"].contains(&word.to_lowercase().as_str()) => number(next),
        _ => None,
    });
    after.or_else(|| {
        let mut all = words.iter().filter_map(|word| number(word));
        all.next().filter(|_| all.next().is_none())
    })
}

/// A price: the first whole number of three digits or more, with or without a sign; without one it is +. None where there is no price.
pub fn odds(text: &str) -> Option<Odds> {
    let plain = text.replace('\u{2212}', "-");
    let mut rest = plain.as_str();
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let sign = rest.get(..at).and_then(|t| t.chars().next_back());
        let digits = rest.get(at..)?;
        let end = digits
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(digits.len());
        let (number, tail) = digits.split_at(end);
        // The 49 of the 49ers and the 3 of 3.5 are no prices.
        let whole = !tail.starts_with(|c: char| c == '.' || c.is_alphabetic());
        let stands = sign.is_none_or(|c| !c.is_alphanumeric() && c != '.');
        if whole && stands && number.len() >= 3 {
            let value: i64 = number.parse().ok()?;
            let value = if sign == Some('-') { -value } else { value };
            return Odds::american(value).ok();
        }
        rest = tail;
    }
    None
}

/// One book's price in a list of all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Book.
    pub book: String,
    /// As quoted.
    pub quoted: Odds,
    /// After the exchange's fee, where the list tells it.
    pub after_fee: Option<Odds>,
}

/// A list as Fair-Edge shows it: `Pinnacle: +120; Novig: +142 (+139)`. What is no price is left out.
pub fn all_odds(text: &str) -> Vec<Listed> {
    text.split([';', '\n'])
        .filter_map(|part| {
            let (book, prices) = part.split_once(':')?;
            let (quoted, fee) = prices.split_once('(').unwrap_or((prices, ""));
            let book = book.trim();
            Some(Listed {
                book: (!book.is_empty()).then(|| book.to_owned())?,
                quoted: odds(quoted)?,
                after_fee: odds(fee),
            })
        })
        .collect()
}

/// The player of a prop: what stands before over or under, or before the number, where that is at most three words.
pub fn player(description: &str) -> Option<String> {
    let words: Vec<&str> = description.split_whitespace().collect();
    let ends = words.iter().position(|word| {
        let plain = word.to_lowercase();
        ["over", "under"].contains(&plain.trim_matches(|c: char| !c.is_alphanumeric()))
            || word.chars().any(|c| c.is_ascii_digit())
    })?;
    let name = words
        .get(..ends)
        .filter(|name| (1..=3).contains(&name.len()))?;
    let is_name = name
        .iter()
        .all(|word| word.chars().next().is_some_and(char::is_uppercase));
    is_name.then(|| name.join(" ").trim_matches([':', '-', ' ']).to_owned())
}
