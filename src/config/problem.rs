//! What is wrong with the settings, in sentences.

use std::fmt;

use super::origin::Origin;

/// One mistake: where it stands, what it is, and what to write instead. Never holds a secret's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where the mistake stands.
    pub origin: Origin,
    /// The sentence.
    pub sentence: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.origin, self.sentence)
    }
}

/// Every mistake found; one a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

/// The known name that `given` most resembles, if it is near enough to be a slip of the keys.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let last = |name: &str| {
        name.rsplit('.')
            .next()
            .map_or_else(String::new, str::to_owned)
    };
    let (given_last, limit) = (last(given), 1 + given.chars().count() / 4);
    known
        .into_iter()
        .map(|name| {
            let whole = strsim::damerau_levenshtein(given, name);
            // The right name in the wrong section costs less than spelling the section anew.
            let tail = strsim::damerau_levenshtein(&given_last, &last(name)) + 1;
            let tail = if tail <= 2 { tail } else { usize::MAX };
            (whole.min(tail), name)
        })
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= limit.max(2))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn names_what_was_meant() {
        let known = ["collect.leagues", "collect.days", "spool.max_bytes"];
        assert_eq!(nearest("collect.leages", known), Some("collect.leagues"));
        assert_eq!(nearest("leagues", known), Some("collect.leagues"));
        assert_eq!(nearest("cache.max_bytes", known), Some("spool.max_bytes"));
        assert_eq!(nearest("telemetry.endpoint", known), None);
    }
}
