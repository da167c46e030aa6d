//! Hours of the day: `23:00-08:00`.

use chrono::NaiveTime;

/// A stretch of every day; one that ends before it begins runs over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    from: NaiveTime,
    to: NaiveTime,
}

impl Hours {
    /// From `23:00-08:00`; none where that cannot be read or is no time at all.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
        let hours = Self {
            from: time(from)?,
            to: time(to)?,
        };
        (hours.from != hours.to).then_some(hours)
    }

    /// Whether a time of day lies in it: the beginning does, the end does not.
    pub fn holds(self, at: NaiveTime) -> bool {
        if self.from < self.to {
            self.from <= at && at < self.to
        } else {
            at >= self.from || at < self.to
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nights_run_over_midnight() {
        let at = |text| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
        let night = Hours::parse("23:00-08:00").unwrap();
        for (time, held) in [
            ("22:59", false),
            ("23:00", true),
            ("03:00", true),
            ("08:00", false),
        ] {
            assert_eq!(night.holds(at(time)), held, "{time}");
        }
        let lunch = Hours::parse("12:00 - 13:30").unwrap();
        assert!(lunch.holds(at("12:00")) && !lunch.holds(at("23:00")));
        for wrong in ["", "23:00", "8-9", "08:00-08:00", "25:00-08:00"] {
            assert_eq!(Hours::parse(wrong), None, "{wrong}");
        }
    }
}
