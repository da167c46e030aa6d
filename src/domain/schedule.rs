//! When something is due, as a cron text: `0 3 * * *`.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};

/// The longest a clock jumps ahead: the day that Samoa left out.
const LONGEST_GAP_MINUTES: i64 = 26 * 60;
/// Parts of a cron text.
const FIELDS: usize = 5;

/// A cron text of five fields, or `@daily` and the like.
///
/// It speaks of the wall clock. What is due in the hour that a clock leaves out in spring comes at the first moment
/// after it, once; what is due in the hour that comes twice in autumn comes the first time only. Where the hour is `*`
/// every hour is meant, the one that comes twice included.
#[derive(Debug, Clone)]
pub struct Schedule {
    text: String,
    cron: Arc<Cron>,
    every_hour: bool,
}

impl Schedule {
    /// Read a cron text. The error is a sentence, without an end.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let fields = text.split_whitespace().count();
        if !text.starts_with('@') && fields != FIELDS {
            return Err(format!("a schedule has five fields, this has {fields}"));
        }
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        let cron = parser.parse(text).map_err(|error| sentence(&error))?;
        cron.find_next_occurrence(&DateTime::UNIX_EPOCH, false)
            .map_err(|_| "no day is ever like that".to_owned())?;
        let every_hour = text.split_whitespace().nth(1) == Some("*") || text == "@hourly";
        Ok(Self {
            text: text.to_owned(),
            cron: Arc::new(cron),
            every_hour,
        })
    }

    /// The first moment after `after` at which it is due, by the wall clock of `zone`.
    pub fn next_due(&self, zone: Tz, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = after.with_timezone(&zone);
        if self.every_hour {
            let next = self.cron.find_next_occurrence(&local, false).ok()?;
            return Some(next.with_timezone(&Utc));
        }
        let mut wall = local.naive_local();
        loop {
            // The search itself knows no zone: it walks the wall clock.
            let next = self.cron.find_next_occurrence(&wall.and_utc(), false);
            wall = next.ok()?.naive_utc();
            // A time that came twice, or was left out, can lie before `after` once it is a moment.
            match instant(wall, zone) {
                Some(due) if due > after => return Some(due),
                _ => {}
            }
        }
    }

    /// In words: `At 03:00`.
    pub fn words(&self) -> String {
        self.cron.describe().trim_end_matches('.').to_owned()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Schedule {}

/// The moment of a wall time: the first of two, or the first after a gap.
fn instant(wall: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    let at = |wall: NaiveDateTime| wall.and_local_timezone(zone).earliest();
    let found = at(wall).or_else(|| {
        let mut minutes = (1..=LONGEST_GAP_MINUTES).map(TimeDelta::minutes);
        minutes.find_map(|minutes| at(wall.checked_add_signed(minutes)?))
    });
    found.map(|time| time.with_timezone(&Utc))
}

/// The parser's error without its prefixes and full stop.
fn sentence(error: &CronError) -> String {
    let text = match error {
        CronError::InvalidPattern(text)
        | CronError::IllegalCharacters(text)
        | CronError::ComponentError(text) => text.clone(),
        CronError::EmptyPattern
        | CronError::InvalidDate
        | CronError::InvalidTime
        | CronError::TimeSearchLimitExceeded => error.to_string(),
    };
    let text = text.trim_end_matches('.');
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Datelike as _, NaiveDate, Offset as _, Timelike as _};
    use chrono_tz::US::Eastern;
    use proptest::prelude::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// Every moment from one to the other, as the wall clock shows it, with its offset.
    fn walls(cron: &str, zone: Tz, from: &str, to: &str) -> Vec<String> {
        let (schedule, to) = (Schedule::parse(cron).unwrap(), utc(to));
        let mut at = utc(from);
        let mut walls = Vec::new();
        while let Some(next) = schedule.next_due(zone, at).filter(|next| *next < to) {
            walls.push(next.with_timezone(&zone).format("%d %H:%M %z").to_string());
            at = next;
        }
        walls
    }

    #[test]
    fn the_hour_that_is_left_out_is_made_up_once() {
        // 02:00 EST is 03:00 EDT on 8 March 2026.
        let spring = |cron| {
            walls(
                cron,
                Eastern,
                "2026-03-07T05:00:00Z",
                "2026-03-09T16:00:00Z",
            )
        };
        assert_eq!(
            spring("30 2 * * *"),
            ["07 02:30 -0500", "08 03:00 -0400", "09 02:30 -0400"]
        );
        assert_eq!(
            spring("0 3 * * *"),
            ["07 03:00 -0500", "08 03:00 -0400", "09 03:00 -0400"]
        );
        // Four times fall into the gap, and 03:00 is due by itself: one run.
        let quarters = walls(
            "*/15 1-3 * * *",
            Eastern,
            "2026-03-08T06:40:00Z",
            "2026-03-08T07:20:00Z",
        );
        assert_eq!(
            quarters,
            ["08 01:45 -0500", "08 03:00 -0400", "08 03:15 -0400"]
        );
        assert_eq!(
            walls(
                "0 2,14 * * *",
                Eastern,
                "2026-03-08T05:00:00Z",
                "2026-03-09T04:00:00Z"
            ),
            ["08 03:00 -0400", "08 14:00 -0400"]
        );
    }

    #[test]
    fn the_hour_that_comes_twice_counts_once() {
        // 02:00 EDT is 01:00 EST on 1 November 2026.
        let autumn = |cron| {
            walls(
                cron,
                Eastern,
                "2026-10-31T04:00:00Z",
                "2026-11-02T17:00:00Z",
            )
        };
        assert_eq!(
            autumn("30 1 * * *"),
            ["31 01:30 -0400", "01 01:30 -0400", "02 01:30 -0500"]
        );
        assert_eq!(
            autumn("0 8 * * *"),
            ["31 08:00 -0400", "01 08:00 -0500", "02 08:00 -0500"]
        );
        let quarters = walls(
            "*/30 0-2 * * *",
            Eastern,
            "2026-11-01T04:45:00Z",
            "2026-11-01T08:00:00Z",
        );
        assert_eq!(
            quarters,
            [
                "01 01:00 -0400",
                "01 01:30 -0400",
                "01 02:00 -0500",
                "01 02:30 -0500"
            ]
        );
        // Asked in the middle of the second time, too.
        let schedule = Schedule::parse("30 1 * * *").unwrap();
        assert_eq!(
            schedule.next_due(Eastern, utc("2026-11-01T06:10:00Z")),
            Some(utc("2026-11-02T06:30:00Z"))
        );
    }

    #[test]
    fn every_hour_means_every_hour() {
        let autumn = walls(
            "0 * * * *",
            Eastern,
            "2026-11-01T04:30:00Z",
            "2026-11-01T07:30:00Z",
        );
        assert_eq!(
            autumn,
            ["01 01:00 -0400", "01 01:00 -0500", "01 02:00 -0500"]
        );
        let spring = walls(
            "0 * * * *",
            Eastern,
            "2026-03-08T05:30:00Z",
            "2026-03-08T08:30:00Z",
        );
        assert_eq!(
            spring,
            ["08 01:00 -0500", "08 03:00 -0400", "08 04:00 -0400"]
        );
    }

    #[test]
    fn a_year_has_each_day_once() {
        for (cron, a_day) in [
            ("0 3 * * *", 1),
            ("30 2 * * *", 1),
            ("30 1 * * *", 1),
            ("0 8 * * *", 1),
            ("0 */6 * * *", 4),
            ("*/15 8-23 * * *", 64),
        ] {
            for zone in [
                Eastern,
                Tz::Europe__Berlin,
                Tz::Australia__Lord_Howe,
                Tz::UTC,
            ] {
                let schedule = Schedule::parse(cron).unwrap();
                let year = |date: NaiveDate| date.year() == 2026;
                let mut at = utc("2025-12-30T00:00:00Z");
                let mut days = std::collections::BTreeMap::<NaiveDate, u32>::new();
                while at < utc("2027-01-03T00:00:00Z") {
                    let next = schedule.next_due(zone, at).unwrap();
                    assert!(next > at, "{cron} {zone}");
                    at = next;
                    *days
                        .entry(at.with_timezone(&zone).date_naive())
                        .or_default() += 1;
                }
                days.retain(|date, _| year(*date));
                assert_eq!(days.len(), 365, "{cron} {zone}");
                assert!(
                    days.values().all(|n| *n == a_day),
                    "{cron} {zone}: {days:?}"
                );
            }
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, why) in [
            ("", "five fields, this has 0"),
            ("0 3 * *", "five fields, this has 4"),
            ("0 0 3 * * *", "five fields, this has 6"),
            ("0 25 * * *", "out of bounds"),
            ("0 3 31 2 *", "no day is ever"),
            ("daily at three or so", "llegal"),
            ("@sometimes", ""),
        ] {
            let error = Schedule::parse(text).unwrap_err();
            assert!(
                error.to_lowercase().contains(&why.to_lowercase()) && !error.ends_with('.'),
                "{text}: {error}"
            );
        }
        assert_eq!(
            Schedule::parse(" 0 3 * * * ").unwrap().to_string(),
            "0 3 * * *"
        );
        assert_eq!(Schedule::parse("0 3 * * *").unwrap().words(), "At 03:00");
    }

    proptest! {
        /// Whatever the hour: the next one is later, it is on the wall clock asked for or just after a gap, and nothing
        /// that is due lies between.
        #[test]
        fn nothing_is_left_out(minute in 0_u32..60, hour in 0_u32..24, at in 1_767_225_600_i64..1_800_000_000) {
            let schedule = Schedule::parse(&format!("{minute} {hour} * * *")).unwrap();
            let after = DateTime::from_timestamp(at, 0).unwrap();
            let next = schedule.next_due(Eastern, after).unwrap();
            let wall = next.with_timezone(&Eastern);
            prop_assert!(next > after && next - after <= TimeDelta::hours(25));
            let on_time = (wall.hour(), wall.minute()) == (hour, minute);
            let before = (next - TimeDelta::seconds(1)).with_timezone(&Eastern);
            let after_gap = before.offset().fix() != wall.offset().fix();
            prop_assert!(on_time || after_gap, "{wall}");
        }
    }
}
