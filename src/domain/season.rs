//! Seasons: when each league plays, and which season a day belongs to.

use chrono::{Datelike, Months, NaiveDate};

use super::league::League;

impl League {
    /// First month of the season, and how many months it lasts, play-offs and preparation included.
    ///
    /// A season is called by the year in which it begins.
    pub const fn season(self) -> (u32, u32) {
        match self {
            Self::Mlb => (3, 9),
            Self::Nfl => (9, 6),
            Self::Nba | Self::Nhl => (10, 9),
            Self::Ncaaf => (8, 6),
            Self::Ncaab => (11, 6),
            Self::Wnba => (5, 6),
            Self::Soccer => (8, 10),
            Self::Other => (1, 12),
        }
    }

    /// The season that a day belongs to: that of its year from the first month on, before it the one of the year before.
    pub fn season_of(self, day: NaiveDate) -> i32 {
        let (first, _) = self.season();
        if day.month() >= first {
            day.year()
        } else {
            day.year() - 1
        }
    }

    /// First and last day of the season that begins in `year`; none beyond the calendar.
    pub fn season_days(self, year: i32) -> Option<(NaiveDate, NaiveDate)> {
        let (first, months) = self.season();
        let from = NaiveDate::from_ymd_opt(year, first, 1)?;
        let to = from.checked_add_months(Months::new(months))?.pred_opt()?;
        Some((from, to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_season_is_called_by_the_year_it_begins_in() {
        assert_eq!(League::Nba.season_of(day("2025-01-15")), 2024);
        assert_eq!(League::Nba.season_of(day("2025-10-22")), 2025);
        assert_eq!(League::Nfl.season_of(day("2025-02-09")), 2024);
        assert_eq!(League::Mlb.season_of(day("2025-03-27")), 2025);
        assert_eq!(League::Ncaaf.season_of(day("2025-08-23")), 2025);
        assert_eq!(League::Ncaab.season_of(day("2025-11-03")), 2025);
    }

    #[test]
    fn every_day_of_a_season_belongs_to_it() {
        for league in League::ALL {
            for year in [2023, 2024] {
                let (from, to) = league.season_days(year).unwrap();
                assert!(from < to && (to - from).num_days() < 366, "{league}");
                for day in [from, to] {
                    assert_eq!(league.season_of(day), year, "{league} {day}");
                }
            }
        }
        let finals = League::Nba.season_days(2024).unwrap();
        assert!(finals.1 >= day("2025-06-22"));
        let bowl = League::Nfl.season_days(2024).unwrap();
        assert!(bowl.1 >= day("2025-02-09"));
    }
}
