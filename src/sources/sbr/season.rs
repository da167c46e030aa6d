//! The season and the league of an archive, which its file's name or the question tells, and the dates in it.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::US::Eastern;

use crate::domain::league::League;
use crate::domain::time::slate_start;

/// Words of file names by which a league is known, colleges first.
const LEAGUES: [(&str, League); 10] = [
    ("ncaa football", League::Ncaaf),
    ("ncaa basketball", League::Ncaab),
    ("ncaaf", League::Ncaaf),
    ("ncaab", League::Ncaab),
    ("mlb", League::Mlb),
    ("nfl", League::Nfl),
    ("nba", League::Nba),
    ("nhl", League::Nhl),
    ("college football", League::Ncaaf),
    ("college basketball", League::Ncaab),
];

/// What is asked for in `endpoint`: `file:sbro_mlb_odds_2018.xlsx?season=2018&league=mlb`, each part left out at will.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    /// The year in which the season began.
    pub(super) season: Option<i32>,
    /// The league.
    pub(super) league: Option<League>,
}

/// Read an endpoint.
pub(super) fn told(endpoint: &str) -> Told {
    let (name, query) = endpoint.split_once('?').unwrap_or((endpoint, ""));
    let value = |key: &str| {
        query
            .split('&')
            .find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))
    };
    let plain = name
        .to_ascii_lowercase()
        .replace("%20", " ")
        .replace(['_', '-'], " ");
    let named = LEAGUES
        .iter()
        .find(|(word, _)| plain.contains(word))
        .map(|(_, league)| *league);
    Told {
        season: value("season")
            .and_then(|year| year.parse().ok())
            .filter(|year| is_season(*year))
            .or_else(|| year_in(&plain))
            .or_else(|| value("year")?.parse().ok().filter(|year| is_season(*year))),
        league: value("league").and_then(|name| name.parse().ok()).or(named),
    }
}

const fn is_season(year: i32) -> bool {
    year >= 1990 && year <= 2100
}

/// The first number of four digits that is a year.
fn year_in(name: &str) -> Option<i32> {
    name.split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() == 4)
        .filter_map(|digits| digits.parse().ok())
        .find(|year| is_season(*year))
}

/// Turns the archive's `MMDD` into dates, row after row: a season that runs past New Year goes on in the next one.
#[derive(Debug)]
pub(super) struct Calendar {
    first: i32,
    year: i32,
    last: u32,
}

impl Calendar {
    /// A season that begins in `season`.
    pub(super) const fn new(season: i32) -> Self {
        Self {
            first: season,
            year: season,
            last: 0,
        }
    }

    /// The date of a row; `text` is `329`, `1028` or `329.0`.
    pub(super) fn date(&mut self, text: &str) -> Option<NaiveDate> {
        let number = crate::sources::written::whole(text)?;
        let day = u32::try_from(number).ok().filter(|day| *day <= 1231)?;
        // Rows may be out of order by days, never by half a year.
        let year = if self.last > day + 600 {
            self.year + 1
        } else {
            self.year
        };
        let date = NaiveDate::from_ymd_opt(year, day / 100, day % 100)
            .filter(|_| year <= self.first + 1)?;
        self.last = if year == self.year {
            day.max(self.last)
        } else {
            day
        };
        self.year = date.year();
        Some(date)
    }
}

/// Stand-ins for the times that an archive does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Times {
    /// Noon Eastern, and three hours later for each further game of the pair.
    pub(super) start: DateTime<Utc>,
    /// The beginning of the slate.
    pub(super) open: DateTime<Utc>,
    /// A minute before the start.
    pub(super) close: DateTime<Utc>,
}

/// The times of the `number`th game of a pair on `date`; none for a date that no calendar has.
pub(super) fn times(date: NaiveDate, number: u8) -> Option<Times> {
    let noon = date
        .and_time(NaiveTime::from_hms_opt(12, 0, 0)?)
        .and_local_timezone(Eastern)
        .earliest()?
        .with_timezone(&Utc);
    let start = noon + TimeDelta::hours(3 * i64::from(number.saturating_sub(1)).min(3));
    Some(Times {
        start,
        open: slate_start(date)?,
        close: start - TimeDelta::minutes(1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_season_and_league() {
        let read = |text| (told(text).season, told(text).league);
        assert_eq!(
            read("file:sbro_mlb_odds_2018.xlsx"),
            (Some(2018), Some(League::Mlb))
        );
        assert_eq!(
            read("file:ncaa%20football%202019-20.xlsx"),
            (Some(2019), Some(League::Ncaaf))
        );
        assert_eq!(
            read("file:x.csv?season=2021&league=nhl"),
            (Some(2021), Some(League::Nhl))
        );
        assert_eq!(read("file:x.csv"), (None, None));
    }

    #[test]
    fn seasons_run_past_new_year() {
        let mut calendar = Calendar::new(2019);
        let mut date = |text| calendar.date(text).map(|date| date.to_string());
        assert_eq!(date("1022").as_deref(), Some("2019-10-22"));
        assert_eq!(date("1231").as_deref(), Some("2019-12-31"));
        assert_eq!(date("1230").as_deref(), Some("2019-12-30"));
        assert_eq!(date("101").as_deref(), Some("2020-01-01"));
        assert_eq!(date("730.0").as_deref(), Some("2020-07-30"));
        assert_eq!(date("1011").as_deref(), Some("2020-10-11"));
        for none in ["0", "1301", "230", "-5", "x", ""] {
            assert_eq!(date(none), None, "{none}");
        }
    }
}
