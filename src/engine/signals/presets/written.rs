//! A rule as it is written in the settings: its name and its numbers.

use std::time::Duration;

use chrono::TimeDelta;
use toml::{Table, Value};

use crate::analytics::signal::rule::{
    Against, Conflict, Divergence, Fade, Flip, HeadFake, Heavy, Late, Opener, Rlm, Rule, Size,
    Stale, Steam,
};
use crate::config::expects::Expects;
use crate::config::problem::nearest;
use crate::config::settings::duration_text;

/// What makes a rule of what is written.
type Read = fn(&mut Written<'_>) -> Rule;

/// The rules by the names they have in the settings.
const RULES: [(&str, Read); 12] = [
    ("steam", steam),
    ("rlm", rlm),
    ("against", against),
    ("divergence", divergence),
    ("late", late),
    ("flip", flip),
    ("heavy", heavy),
    ("fade", fade),
    ("conflict", conflict),
    ("stale", stale),
    ("opener", opener),
    ("head_fake", head_fake),
];

const SECOND: u64 = 1;
const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const PERCENT: (f64, f64) = (0.0, 100.0);
const SHARE: (f64, f64) = (0.0, 1.0);
/// A change of fair probability that is one.
const CHANGE: (f64, f64) = (0.0001, 1.0);
const SHOPS: (i64, i64) = (1, 100);

/// The rule of a table. The error says what is wrong and what to write; it follows the name of what the table stands in.
pub(super) fn rule(table: &Table) -> Result<Rule, String> {
    let names = || RULES.iter().map(|(name, _)| *name);
    let listed = || {
        names()
            .map(|name| format!("{name:?}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let Some(given) = table.get("rule") else {
        return Err(format!("has no rule; write rule = one of {}", listed()));
    };
    let name = given.as_str().unwrap_or_default();
    let Some((name, read)) = RULES.iter().find(|(known, _)| *known == name) else {
        let meant = nearest(name, names()).map(|meant| format!(" did you mean {meant:?}?"));
        let meant = meant.unwrap_or_default();
        return Err(format!(
            "has rule = {given};{meant} write rule = one of {}",
            listed()
        ));
    };
    let mut written = Written {
        table,
        known: Vec::new(),
        wrong: None,
    };
    let rule = read(&mut written);
    written.end(name)?;
    Ok(rule)
}

/// A table while it is read: every parameter once, with its range and what it is where it is not named.
struct Written<'a> {
    table: &'a Table,
    known: Vec<&'static str>,
    wrong: Option<String>,
}

impl<'a> Written<'a> {
    fn take(&mut self, key: &'static str, expects: Expects) -> Option<&'a Value> {
        self.known.push(key);
        let value = self.table.get(key)?;
        if expects.check(value).is_ok() {
            return Some(value);
        }
        let wrong = || format!("has {key} = {value}; write {}", expects.describe());
        self.wrong.get_or_insert_with(wrong);
        None
    }

    fn number(&mut self, key: &'static str, (least, most): (f64, f64)) -> Option<f64> {
        match self.take(key, Expects::Number(least, most))? {
            Value::Integer(whole) => Some(*whole as f64),
            value => value.as_float(),
        }
    }

    fn whole(&mut self, key: &'static str, (least, most): (i64, i64)) -> Option<i64> {
        self.take(key, Expects::Whole(least, most))?.as_integer()
    }

    fn shops(&mut self, key: &'static str, otherwise: usize) -> usize {
        let shops = self.whole(key, SHOPS);
        shops.map_or(otherwise, |shops| {
            usize::try_from(shops).unwrap_or(otherwise)
        })
    }

    fn flag(&mut self, key: &'static str) -> bool {
        self.take(key, Expects::Flag)
            .and_then(Value::as_bool)
            .unwrap_or(false)
    }

    fn span(&mut self, key: &'static str, (least, most): (u64, u64)) -> Option<TimeDelta> {
        let range = Expects::Span(Duration::from_secs(least), Duration::from_secs(most));
        let text = self.take(key, range)?.as_str()?;
        TimeDelta::from_std(duration_text::parse(text).ok()?).ok()
    }

    /// How long moves that belong together may take; no more than moves are remembered.
    fn window(&mut self, key: &'static str, minutes: i64) -> TimeDelta {
        self.span(key, (SECOND, 4 * HOUR))
            .unwrap_or(TimeDelta::minutes(minutes))
    }

    /// A stretch of a day at most.
    fn within(&mut self, minutes: i64) -> TimeDelta {
        self.span("within", (MINUTE, DAY))
            .unwrap_or(TimeDelta::minutes(minutes))
    }

    /// How large a move must be, by what is named of it.
    fn size(&mut self, otherwise: Size) -> Size {
        let probability = self.number("probability", CHANGE);
        let points = self.number("points", (0.25, 100.0));
        Self::of(probability, points, None).unwrap_or(otherwise)
    }

    fn size_with_cents(&mut self, otherwise: Size) -> Size {
        let probability = self.number("probability", CHANGE);
        let points = self.number("points", (0.25, 100.0));
        let cents = self.whole("cents", (1, 1_000));
        Self::of(probability, points, cents).unwrap_or(otherwise)
    }

    fn of(probability: Option<f64>, points: Option<f64>, cents: Option<i64>) -> Option<Size> {
        let named = probability.is_some() || points.is_some() || cents.is_some();
        named.then(|| Size {
            probability: probability.unwrap_or(f64::INFINITY),
            points: points.unwrap_or(f64::INFINITY),
            cents: cents
                .and_then(|cents| i32::try_from(cents).ok())
                .unwrap_or(i32::MAX),
        })
    }

    /// All was asked for: what else stands there is unknown.
    fn end(self, rule: &str) -> Result<(), String> {
        let unknown = self
            .table
            .keys()
            .find(|key| *key != "rule" && !self.known.contains(&key.as_str()));
        if let Some(key) = unknown {
            let known = || self.known.iter().copied();
            let meant = nearest(key, known()).map(|meant| format!(" did you mean {meant}?"));
            let (meant, all) = (
                meant.unwrap_or_default(),
                known().collect::<Vec<_>>().join(", "),
            );
            return Err(format!(
                "has {key}, which {rule} does not know;{meant} write any of {all}"
            ));
        }
        self.wrong.map_or(Ok(()), Err)
    }
}

/// So much of fair probability, or so many points of line.
const fn either(probability: f64, points: f64) -> Size {
    Size {
        probability,
        points,
        cents: i32::MAX,
    }
}

fn steam(written: &mut Written<'_>) -> Rule {
    Rule::Steam(Steam {
        groups: written.shops("groups", 3),
        window: written.window("window", 2),
        size: written.size_with_cents(either(0.004, 0.5)),
        mean: written
            .number("mean", CHANGE)
            .map(|mean| either(mean, f64::INFINITY)),
        agree: written.number("agree", SHARE).unwrap_or(0.8),
        share: written.number("share", SHARE).unwrap_or(0.0),
        score: written.number("score", PERCENT).unwrap_or(0.0),
        aligned: written.flag("aligned"),
        cooldown: written.span("cooldown", (0, DAY)).unwrap_or_default(),
    })
}

fn rlm(written: &mut Written<'_>) -> Rule {
    Rule::Rlm(Rlm {
        public: written.number("public", PERCENT).unwrap_or(65.0),
        gap: written.number("gap", PERCENT),
        size: written.size(either(0.01, f64::INFINITY)),
        by_money: written.flag("by_money"),
    })
}

fn against(written: &mut Written<'_>) -> Rule {
    let leader = written
        .take("leader", Expects::Text)
        .and_then(Value::as_str);
    Rule::Against(Against {
        leader: leader.unwrap_or("pinnacle").into(),
        window: written.window("window", 30),
        size: written.size(either(0.002, f64::INFINITY)),
    })
}

fn divergence(written: &mut Written<'_>) -> Rule {
    Rule::Divergence(Divergence {
        gap: written.number("gap", PERCENT).unwrap_or(15.0),
        tickets: written.whole("tickets", (0, 1_000_000_000)).unwrap_or(0),
        within: written.span("within", (MINUTE, DAY)),
    })
}

fn late(written: &mut Written<'_>) -> Rule {
    Rule::Late(Late {
        within: written.within(180),
        size: written.size(either(0.02, 0.5)),
    })
}

fn flip(written: &mut Written<'_>) -> Rule {
    Rule::Flip(Flip {
        within: written.within(180),
        early: written.number("early", PERCENT).unwrap_or(60.0),
        by: written.number("by", PERCENT).unwrap_or(15.0),
    })
}

fn heavy(written: &mut Written<'_>) -> Rule {
    Rule::Heavy(Heavy {
        tickets: written.number("tickets", PERCENT).unwrap_or(90.0),
        money: written.number("money", PERCENT).unwrap_or(90.0),
        alike: written.number("alike", PERCENT).unwrap_or(30.0),
    })
}

fn fade(written: &mut Written<'_>) -> Rule {
    Rule::Fade(Fade {
        tickets: written.number("tickets", PERCENT).unwrap_or(80.0),
    })
}

fn conflict(written: &mut Written<'_>) -> Rule {
    Rule::Conflict(Conflict {
        cents: written.number("cents", (1.0, 1_000.0)).unwrap_or(15.0),
        others: written.shops("others", 3),
    })
}

fn stale(written: &mut Written<'_>) -> Rule {
    Rule::Stale(Stale {
        deviations: written.number("deviations", PERCENT).unwrap_or(3.0),
        distance: written.number("distance", CHANGE).unwrap_or(0.01),
        shops: written.shops("shops", 4),
    })
}

fn opener(written: &mut Written<'_>) -> Rule {
    Rule::Opener(Opener {
        within: written.within(120),
        size: written.size(either(0.02, 1.0)),
        shops: written.shops("shops", 2),
    })
}

fn head_fake(written: &mut Written<'_>) -> Rule {
    Rule::HeadFake(HeadFake {
        out: written.number("out", CHANGE).unwrap_or(0.02),
        back: written.number("back", SHARE).unwrap_or(0.75),
        within: written.window("within", 60),
        shops: written.shops("shops", 3),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::EXAMPLE;

    /// The example's lines of this section, read as if nothing were commented out.
    #[test]
    fn the_example_tells_every_rule_with_all_it_knows() {
        let (_, section) = EXAMPLE.split_once("[signals.presets]\n").unwrap();
        let (section, _) = section.split_once("\n\n[").unwrap();
        for (name, read) in RULES {
            let line = section
                .lines()
                .find_map(|line| line.strip_prefix(&format!("# {name} = ")));
            let line = line.unwrap_or_else(|| panic!("{name} is not in the example"));
            let told: Table = toml::from_str(&format!("a = {line}")).unwrap();
            let told = told["a"].as_table().unwrap();
            assert_eq!(told["rule"].as_str(), Some(name));
            let alone: Table = toml::from_str(&format!("rule = {name:?}")).unwrap();
            assert_eq!(
                rule(told),
                rule(&alone),
                "{name}: other numbers than where none is named"
            );
            let mut written = Written {
                table: told,
                known: Vec::new(),
                wrong: None,
            };
            read(&mut written);
            for key in written.known {
                let named = told.contains_key(key) || section.contains(&format!("{key}:"));
                assert!(named, "the example does not tell of {key} of {name}");
            }
        }
    }
}
