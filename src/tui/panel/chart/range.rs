//! How far back the chart reaches.

use chrono::TimeDelta;

/// How far back the chart reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Range {
    /// Fifteen minutes.
    Quarter,
    /// An hour.
    Hour,
    /// Six hours.
    #[default]
    Six,
    /// A day.
    Day,
    /// Since the first known price.
    All,
}

impl Range {
    const EVERY: [Self; 5] = [Self::Quarter, Self::Hour, Self::Six, Self::Day, Self::All];

    /// The range of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|range| range.name() == name)
    }

    /// A word: `15m`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quarter => "15m",
            Self::Hour => "1h",
            Self::Six => "6h",
            Self::Day => "1d",
            Self::All => "all",
        }
    }

    /// Its length; none for everything.
    pub const fn span(self) -> Option<TimeDelta> {
        match self {
            Self::Quarter => Some(TimeDelta::minutes(15)),
            Self::Hour => Some(TimeDelta::hours(1)),
            Self::Six => Some(TimeDelta::hours(6)),
            Self::Day => Some(TimeDelta::days(1)),
            Self::All => None,
        }
    }

    /// A longer range, or a shorter one for a negative step.
    #[must_use]
    pub fn step(self, step: isize) -> Self {
        let at = Self::EVERY.iter().position(|r| *r == self).unwrap_or(0);
        let next = at.saturating_add_signed(step).min(Self::EVERY.len() - 1);
        Self::EVERY.get(next).copied().unwrap_or(self)
    }
}
