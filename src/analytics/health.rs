//! How far a feed can be trusted, from what its looks brought.
//!
//! The formula is the first seed's, on a window of looks:
//!
//! ```text
//! confidence = (1 − 0.3 × failures in a row − 0.1 if more than 5 % of the last answer was not understood
//!                 − 0.15 × patterns − 0.2 if the last body was no answer − rows) × freshness, within 0 and 1
//! rows       = 0.4 if nothing comes where something was usual, 0.2 below 0.7 × usual, 0.1 above 1.5 × usual
//! freshness  = 1 up to 3 cadences (a minute at least) after the last answer, 0 from 4 hours (12 cadences) on,
//!              straight between; 0 before the first answer
//! ```
//!
//! `raw_data.source_health_at` is the same over `raw_data.collection_log`; a test compares the two.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize, Serializer};

use crate::domain::market::{UnknownName, names};

/// Looks of a source that count, the latest of them.
pub const WINDOW: usize = 200;
/// How far back they reach at most.
pub const REACH: TimeDelta = TimeDelta::hours(24);
/// Looks among which failures of one kind make a pattern.
const RECENT: usize = 20;
/// Failures of one kind among them that make it.
const REPEATED: usize = 3;
/// Answers of the same question without a row, where rows were usual, that make a change of format.
const EMPTY: u32 = 2;
/// Answers of one question that tell what is usual.
const USUAL: u32 = 3;

names! {
    /// What one question brought.
    Outcome, "outcome" {
        /// An answer that could be read, if perhaps an empty one.
        Answered = "answered",
        /// A body that is no answer of the feed.
        Unreadable = "unreadable",
        /// No answer in time.
        TimedOut = "timed_out",
        /// HTTP 429.
        RateLimited = "rate_limited",
        /// HTTP 401 or 403: the key or the client.
        Refused = "refused",
        /// Another bad status.
        BadStatus = "bad_status",
        /// Nobody at the address.
        Unreachable = "unreachable",
        /// A body that broke off, was too large, or lies on another host.
        Broken = "broken",
    }
}

/// One question and what it brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// When the answer, or the failure, was seen.
    pub at: DateTime<Utc>,
    /// What was asked, without any key.
    pub request: Arc<str>,
    /// What it brought.
    pub outcome: Outcome,
    /// Games and prices in the answer.
    pub rows: u32,
    /// Parts of it that were not understood.
    pub rejects: u32,
    /// Time to the answer.
    pub elapsed_ms: u32,
}

names! {
    /// What goes wrong again and again, the most telling first.
    Pattern, "pattern" {
        /// Answers that come and hold nothing, where something was usual.
        SchemaChange = "schema_change",
        /// Keys or clients refused.
        Refused = "refused",
        /// Asked to slow down.
        RateLimited = "rate_limited",
        /// No answers in time.
        Timeout = "timeout",
        /// Nobody at the address.
        Unreachable = "unreachable",
        /// Bad statuses.
        ServerErrors = "server_errors",
        /// Bodies that break off.
        Broken = "broken",
        /// Bodies that are no answers.
        Unreadable = "unreadable",
        /// Nobody asked for long.
        Gap = "gap",
    }
}

impl Pattern {
    /// What it means, and what to do.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::SchemaChange => {
                "answers come but hold nothing where rows were usual: the feed may have changed its format; `linetape inspect` reads a stored answer"
            }
            Self::Refused => {
                "the key or the client is refused; check the key of this source, then press r"
            }
            Self::RateLimited => {
                "it asks to slow down again and again; raise `every` of this source, or lower its per_minute"
            }
            Self::Timeout => {
                "answers do not come in time again and again; if that lasts, raise http.total_timeout"
            }
            Self::Unreachable => {
                "nobody answers at its address; check the network and its base_url"
            }
            Self::ServerErrors => {
                "it answers with errors again and again; linetape asks less often until it mends"
            }
            Self::Broken => "answers break off again and again; a proxy in between may cut them",
            Self::Unreadable => {
                "bodies are no answers of this feed; `linetape data quality` lists why"
            }
            Self::Gap => "nobody asked it for long; `linetape collect` goes on",
        }
    }

    /// The pattern that failures of one kind make.
    const fn of(outcome: Outcome) -> Option<Self> {
        match outcome {
            Outcome::Answered => None,
            Outcome::Unreadable => Some(Self::Unreadable),
            Outcome::TimedOut => Some(Self::Timeout),
            Outcome::RateLimited => Some(Self::RateLimited),
            Outcome::Refused => Some(Self::Refused),
            Outcome::BadStatus => Some(Self::ServerErrors),
            Outcome::Unreachable => Some(Self::Unreachable),
            Outcome::Broken => Some(Self::Broken),
        }
    }
}

/// The seed's three grades.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// At least 0.8, and no pattern.
    Healthy,
    /// At least 0.5.
    Degraded,
    /// Less.
    Critical,
}

impl Grade {
    /// The grade of a confidence.
    pub fn of(confidence: f64, has_pattern: bool) -> Self {
        if confidence >= 0.8 && !has_pattern {
            Self::Healthy
        } else if confidence >= 0.5 {
            Self::Degraded
        } else {
            Self::Critical
        }
    }

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Critical => "critical",
        }
    }
}

/// How a feed does at one moment.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Assessment {
    /// Looks that counted.
    pub looks: u32,
    /// Those that brought an answer.
    pub answered: u32,
    /// Failures since the last answer.
    pub failures_in_a_row: u32,
    /// The last answer.
    pub last_success: Option<DateTime<Utc>>,
    /// Median time of an answer, milliseconds.
    pub p50_ms: Option<u32>,
    /// 95th percentile of it.
    pub p95_ms: Option<u32>,
    /// Rows of the latest answer of every question that is asked again and again.
    pub rows: Option<f64>,
    /// Rows that their earlier answers had on average.
    pub rows_usual: Option<f64>,
    /// What goes wrong again and again, the most telling first.
    pub patterns: Vec<Pattern>,
    /// 0 to 1; none before the first look.
    pub confidence: Option<f64>,
}

impl Assessment {
    /// Share of looks that brought an answer; none before the first.
    pub fn success_rate(&self) -> Option<f64> {
        (self.looks > 0).then(|| f64::from(self.answered) / f64::from(self.looks))
    }

    /// The seed's grade; none before the first look.
    pub fn grade(&self) -> Option<Grade> {
        Some(Grade::of(self.confidence?, !self.patterns.is_empty()))
    }
}

/// The answers of one question.
#[derive(Debug, Default)]
struct Answers {
    rows: Vec<u32>,
}

impl Answers {
    /// Rows of the latest, and what was usual before it.
    fn usual(&self) -> Option<(f64, f64)> {
        let (last, earlier) = self.rows.split_last()?;
        let count = u32::try_from(earlier.len()).unwrap_or(u32::MAX);
        let sum: f64 = earlier.iter().copied().map(f64::from).sum();
        (count >= USUAL).then(|| (f64::from(*last), sum / f64::from(count)))
    }

    /// Whether nothing comes any more where nearly every answer had rows.
    fn dried_up(&self) -> bool {
        let empty = self
            .rows
            .iter()
            .rev()
            .take_while(|rows| **rows == 0)
            .count();
        let earlier = self.rows.len() - empty;
        let filled = self.rows.iter().filter(|rows| **rows > 0).count();
        empty >= EMPTY as usize && filled >= USUAL as usize && filled * 5 >= earlier * 4
    }
}

/// How a source does at `now`, by its `looks` in the order in which they were made; asked every `every`.
pub fn assess<'a>(
    looks: impl DoubleEndedIterator<Item = &'a Look>,
    every: TimeDelta,
    now: DateTime<Utc>,
) -> Assessment {
    let mut window: Vec<&Look> = looks
        .rev()
        .skip_while(|look| look.at > now)
        .take_while(|look| look.at > now - REACH)
        .take(WINDOW)
        .collect();
    window.reverse();
    let Some(last) = window.last() else {
        return Assessment::default();
    };
    let answered: Vec<&&Look> = window
        .iter()
        .filter(|look| look.outcome == Outcome::Answered)
        .collect();
    let failures = window
        .iter()
        .rev()
        .take_while(|look| look.outcome != Outcome::Answered)
        .count();
    let mut questions: BTreeMap<&str, Answers> = BTreeMap::new();
    for look in &answered {
        let question = questions.entry(&look.request).or_default();
        question.rows.push(look.rows);
    }
    let usual = questions.values().filter_map(Answers::usual);
    let (mut rows, mut rows_usual) = (None, None);
    for (latest, mean) in usual {
        *rows.get_or_insert(0.0) += latest;
        *rows_usual.get_or_insert(0.0) += mean;
    }
    let mut patterns = repeated(&window);
    if questions.values().any(Answers::dried_up) {
        patterns.push(Pattern::SchemaChange);
    }
    if now - last.at > (every * 4).max(TimeDelta::hours(1)) {
        patterns.push(Pattern::Gap);
    }
    patterns.sort_unstable();
    let mut times: Vec<u32> = answered.iter().map(|look| look.elapsed_ms).collect();
    times.sort_unstable();

    let latest = answered.last();
    let mut confidence = 1.0 - 0.3 * failures as f64 - 0.15 * patterns.len() as f64;
    if latest.is_some_and(|l| u64::from(l.rejects) * 20 > u64::from(l.rows) + u64::from(l.rejects))
    {
        confidence -= 0.1;
    }
    if last.outcome == Outcome::Unreadable {
        confidence -= 0.2;
    }
    if let (Some(rows), Some(usual)) = (rows, rows_usual) {
        confidence -= out_of_range(rows, usual);
    }
    confidence *= latest.map_or(0.0, |look| freshness(now - look.at, every));
    Assessment {
        looks: u32::try_from(window.len()).unwrap_or(u32::MAX),
        answered: u32::try_from(answered.len()).unwrap_or(u32::MAX),
        failures_in_a_row: u32::try_from(failures).unwrap_or(u32::MAX),
        last_success: latest.map(|look| look.at),
        p50_ms: percentile(&times, 50),
        p95_ms: percentile(&times, 95),
        rows,
        rows_usual,
        patterns,
        confidence: Some(confidence.clamp(0.0, 1.0)),
    }
}

/// Failures of one kind that came several times of late. A refused key needs no second time: nobody asks again.
fn repeated(window: &[&Look]) -> Vec<Pattern> {
    let mut counts: BTreeMap<Pattern, usize> = BTreeMap::new();
    for look in window.iter().rev().take(RECENT) {
        if let Some(pattern) = Pattern::of(look.outcome) {
            *counts.entry(pattern).or_default() += 1;
        }
    }
    let refused = window.last().is_some_and(|l| l.outcome == Outcome::Refused);
    let is_pattern = |(pattern, count): (Pattern, usize)| {
        (count >= REPEATED || (refused && pattern == Pattern::Refused)).then_some(pattern)
    };
    counts.into_iter().filter_map(is_pattern).collect()
}

fn out_of_range(rows: f64, usual: f64) -> f64 {
    if rows == 0.0 && usual > 0.0 {
        0.4
    } else if rows < 0.7 * usual {
        0.2
    } else if rows > 1.5 * usual {
        0.1
    } else {
        0.0
    }
}

fn freshness(age: TimeDelta, every: TimeDelta) -> f64 {
    let seconds = |span: TimeDelta| {
        span.num_microseconds()
            .map_or(f64::MAX, |us| us as f64 / 1e6)
    };
    let fresh = seconds((every * 3).max(TimeDelta::minutes(1)));
    let gone = seconds((every * 12).max(TimeDelta::hours(4)));
    (1.0 - (seconds(age) - fresh) / (gone - fresh)).clamp(0.0, 1.0)
}

/// The smallest of `sorted` that so many percent do not exceed.
fn percentile(sorted: &[u32], percent: usize) -> Option<u32> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn look(seconds: i64, outcome: Outcome, rows: u32) -> Look {
        Look {
            at: at(seconds),
            request: "http://feed/slate".into(),
            outcome,
            rows,
            rejects: 0,
            elapsed_ms: 100,
        }
    }

    fn minutely(outcomes: &[(Outcome, u32)]) -> Vec<Look> {
        let made = outcomes.iter().zip(0..);
        made.map(|((outcome, rows), n)| look(60 * n, *outcome, *rows))
            .collect()
    }

    fn judge(looks: &[Look]) -> Assessment {
        let last = looks.last().map_or(at(0), |look| look.at);
        assess(looks.iter(), TimeDelta::minutes(1), last)
    }

    fn close(left: Option<f64>, right: f64) -> bool {
        left.is_some_and(|left| (left - right).abs() < 1e-9)
    }

    use Outcome::{Answered, RateLimited, Refused, TimedOut, Unreadable};

    #[test]
    fn a_feed_that_answers_as_usual_is_trusted_wholly() {
        let mut looks = minutely(&[(Answered, 40); 10]);
        looks[3].elapsed_ms = 900;
        let found = judge(&looks);
        assert_eq!(found.confidence, Some(1.0));
        assert_eq!(found.grade(), Some(Grade::Healthy));
        assert_eq!((found.p50_ms, found.p95_ms), (Some(100), Some(900)));
        assert_eq!((found.rows, found.rows_usual), (Some(40.0), Some(40.0)));
        assert_eq!(found.success_rate(), Some(1.0));
        assert!(found.patterns.is_empty());
    }

    #[test]
    fn nothing_is_said_of_a_feed_that_nobody_asked() {
        let found = judge(&[]);
        assert_eq!((found.confidence, found.grade()), (None, None));
        // Nor of what lies too far back, or ahead.
        let looks = [look(0, Answered, 1)];
        let late = assess(looks.iter(), TimeDelta::minutes(1), at(86_400));
        assert_eq!(late.looks, 0);
        let early = assess(looks.iter(), TimeDelta::minutes(1), at(-1));
        assert_eq!(early.looks, 0);
    }

    #[test]
    fn each_failure_in_a_row_costs_three_tenths_and_three_of_a_kind_are_a_pattern() {
        let mut told = vec![(Answered, 40); 5];
        for (confidence, grade) in [
            (0.7, Grade::Degraded),
            (0.4, Grade::Critical),
            (0.0, Grade::Critical),
        ] {
            told.push((TimedOut, 0));
            let found = judge(&minutely(&told));
            assert!(close(found.confidence, confidence), "{found:?}");
            assert_eq!(found.grade(), Some(grade));
        }
        assert_eq!(judge(&minutely(&told)).patterns, [Pattern::Timeout]);
        told.push((Answered, 40));
        let found = judge(&minutely(&told));
        assert!(close(found.confidence, 0.85), "{found:?}");
        assert_eq!(
            found.grade(),
            Some(Grade::Degraded),
            "the pattern stays a while"
        );
        told.extend([(Answered, 40); 19]);
        assert_eq!(judge(&minutely(&told)).grade(), Some(Grade::Healthy));
    }

    #[test]
    fn limits_and_keys_have_patterns_of_their_own() {
        let mut told = vec![(Answered, 40); 4];
        told.extend([(RateLimited, 0), (Answered, 40), (RateLimited, 0)]);
        assert!(judge(&minutely(&told)).patterns.is_empty());
        told.push((RateLimited, 0));
        assert_eq!(judge(&minutely(&told)).patterns, [Pattern::RateLimited]);
        let refused = minutely(&[(Answered, 4), (Refused, 0)]);
        assert_eq!(judge(&refused).patterns, [Pattern::Refused]);
        let unreadable = judge(&minutely(&[(Answered, 4), (Unreadable, 0)]));
        assert!(close(unreadable.confidence, 0.5), "{unreadable:?}");
    }

    #[test]
    fn answers_without_rows_where_rows_were_usual_are_a_change_of_format() {
        let mut told = vec![(Answered, 40); 5];
        told.push((Answered, 0));
        let once = judge(&minutely(&told));
        assert!(
            once.patterns.is_empty() && close(once.confidence, 0.6),
            "{once:?}"
        );
        told.push((Answered, 0));
        let twice = judge(&minutely(&told));
        assert_eq!(twice.patterns, [Pattern::SchemaChange]);
        assert!(close(twice.confidence, 0.45), "{twice:?}");
        // A question that never brought anything may go on so, and one that seldom did.
        assert!(judge(&minutely(&[(Answered, 0); 9])).patterns.is_empty());
        let seldom: Vec<_> = (0..12).map(|n| (Answered, u32::from(n % 3 == 0))).collect();
        assert!(judge(&minutely(&seldom)).patterns.is_empty());
    }

    #[test]
    fn another_days_slate_tells_nothing_of_this_one() {
        let mut looks = minutely(&[(Answered, 40); 5]);
        for (seconds, request) in [(301, "http://feed/tomorrow"), (302, "http://feed/tomorrow")] {
            let mut empty = look(seconds, Answered, 0);
            empty.request = request.into();
            looks.push(empty);
        }
        assert!(judge(&looks).patterns.is_empty());
    }

    #[test]
    fn fewer_and_more_rows_than_usual_cost_a_little() {
        let after = |rows| {
            let mut told = vec![(Answered, 100); 5];
            told.push((Answered, rows));
            judge(&minutely(&told)).confidence
        };
        assert!(close(after(69), 0.8) && close(after(70), 1.0));
        assert!(close(after(150), 1.0) && close(after(151), 0.9));
        let mut looks = minutely(&[(Answered, 100); 5]);
        looks[4].rejects = 6;
        assert!(close(judge(&looks).confidence, 0.9));
    }

    #[test]
    fn trust_fades_with_time_and_a_long_silence_is_a_gap() {
        let looks = minutely(&[(Answered, 40); 5]);
        let after = |minutes| {
            let now = at(240) + TimeDelta::minutes(minutes);
            assess(looks.iter(), TimeDelta::minutes(1), now)
        };
        assert_eq!(after(3).confidence, Some(1.0));
        assert!(after(60).confidence < Some(0.8) && after(60).patterns.is_empty());
        assert_eq!(after(61).patterns, [Pattern::Gap]);
        assert_eq!(after(240).confidence, Some(0.0));
    }
}
