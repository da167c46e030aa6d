//! A rule: how grave, what it looks at, and the words that must hold.

use crate::engine::event::Severity;
use crate::engine::query::Query;

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Signals.
    Signal,
    /// Moves.
    Move,
}

/// A rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    text: String,
    /// How grave a call of it is.
    pub level: Severity,
    /// What it looks at.
    pub subject: Subject,
    /// What that must hold.
    pub query: Query,
}

impl Rule {
    /// Read a rule. Fails with a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let (Some(level), Some(subject)) = (words.next(), words.next()) else {
            return Err(format!(
                "the alert rule {text:?} is too short; write its level, signal or move, and words: \
                 \"warning move book:circa moved>10\""
            ));
        };
        let Some((_, level)) = LEVELS.into_iter().find(|(name, _)| *name == level) else {
            return Err(format!(
                "the alert rule {text:?} begins with {level:?}; begin with info, warning or alarm"
            ));
        };
        let subject = match subject {
            "signal" => Subject::Signal,
            "move" => Subject::Move,
            other => {
                return Err(format!(
                    "the alert rule {text:?} looks at {other:?}; write signal or move"
                ));
            }
        };
        let rest: Vec<&str> = words.collect();
        let query = Query::parse(&rest.join(" "));
        if let Some(problem) = query.problem() {
            return Err(format!("the alert rule {text:?}: {problem}"));
        }
        Ok(Self {
            text: text.to_owned(),
            level,
            subject,
            query,
        })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// How rules call their levels.
const LEVELS: [(&str, Severity); 3] = [
    ("info", Severity::Info),
    ("warning", Severity::Warning),
    ("alarm", Severity::Error),
];

/// A level's name in a rule.
pub fn level_name(level: Severity) -> &'static str {
    let named = LEVELS.into_iter().find(|(_, known)| *known == level);
    named.map_or("info", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_cannot_be_read_is_told() {
        for (rule, says) in [
            ("alarm", "too short"),
            ("loud signal", "begin with"),
            ("alarm quote x", "signal or move"),
            ("alarm move moved>much", "moved>10"),
        ] {
            let error = Rule::parse(rule).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }
}
