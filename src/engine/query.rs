//! The words of a filter: plain words, `field:word`, `field>number`, and `-` before any of them for the opposite.
//!
//! Every term must hold. What is no field is taken for a plain word, so that nothing typed is an error; a field with a
//! comparison that cannot be read is told in the filter line.

mod rows;

use std::fmt;
use std::sync::Arc;

/// What a row can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Either team, by abbreviation or name.
    Team,
    /// A book that quotes it, or moved.
    Book,
    /// League.
    League,
    /// Where the game stands.
    Status,
    /// Market.
    Market,
    /// `fav`: favourites.
    Is,
    /// Kind of signal.
    Kind,
    /// Strength of a signal, per cent.
    Strength,
    /// Change since the opening, cents, without its sign.
    Moved,
    /// Hold of the best prices, per cent.
    Hold,
    /// Books that quote it.
    Books,
    /// Hours to the start.
    Start,
    /// Minutes since the last change.
    Age,
}

const FIELDS: [(&str, Field); 13] = [
    ("team", Field::Team),
    ("book", Field::Book),
    ("league", Field::League),
    ("status", Field::Status),
    ("market", Field::Market),
    ("is", Field::Is),
    ("kind", Field::Kind),
    ("strength", Field::Strength),
    ("moved", Field::Moved),
    ("hold", Field::Hold),
    ("books", Field::Books),
    ("start", Field::Start),
    ("age", Field::Age),
];

/// Fields that are compared with numbers.
const NUMBERS: [Field; 6] = [
    Field::Strength,
    Field::Moved,
    Field::Hold,
    Field::Books,
    Field::Start,
    Field::Age,
];

/// How a number compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Than {
    More,
    AtLeast,
    Less,
    AtMost,
    Equal,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    Word(String),
    Text(Field, String),
    Number(Field, Than, f64),
}

#[derive(Debug, Clone, PartialEq)]
struct Term {
    not: bool,
    test: Test,
}

/// What rows must hold.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    terms: Vec<Term>,
    problem: Option<String>,
}

/// A row that can be asked.
pub trait Row {
    /// Every word on it.
    fn words(&self) -> String;

    /// The words of a field; the whole row where it has no such field.
    fn text(&self, _field: Field) -> String {
        self.words()
    }

    /// Every word on it in small letters, as words are looked for.
    fn small_words(&self) -> Arc<str> {
        self.words().to_lowercase().into()
    }

    /// The words of a field in small letters.
    fn small_text(&self, field: Field) -> Arc<str> {
        self.text(field).to_lowercase().into()
    }

    /// The number of a field; none where it has none, which no comparison holds for.
    fn number(&self, _field: Field) -> Option<f64> {
        None
    }
}

impl Row for str {
    fn words(&self) -> String {
        self.to_owned()
    }
}

impl Query {
    /// Read what was typed.
    pub fn parse(text: &str) -> Self {
        let mut query = Self::default();
        for word in text.split_whitespace() {
            let (not, bare) = match word.strip_prefix('-') {
                Some(rest) if !rest.is_empty() => (true, rest),
                _ => (false, word),
            };
            match test(bare) {
                Ok(Some(found)) => query.terms.push(Term { not, test: found }),
                // A field whose word is still to come keeps every row.
                Ok(None) => {}
                Err(problem) => query.problem = Some(problem),
            }
        }
        query
    }

    /// What could not be read, as a sentence.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Whether a row holds everything.
    pub fn keeps<R: Row + ?Sized>(&self, row: &R) -> bool {
        let mut words: Option<Arc<str>> = None;
        self.terms.iter().all(|term| {
            let held = match &term.test {
                Test::Word(word) => words
                    .get_or_insert_with(|| row.small_words())
                    .contains(word),
                Test::Text(field, word) => row.small_text(*field).contains(word),
                Test::Number(field, than, wanted) => {
                    // What has no number is neither more nor less: it goes either way.
                    let Some(number) = row.number(*field) else {
                        return false;
                    };
                    than.holds(number, *wanted)
                }
            };
            held != term.not
        })
    }
}

fn test(word: &str) -> Result<Option<Test>, String> {
    let Some(split) = word.find([':', '>', '<', '=']) else {
        return Ok(Some(Test::Word(word.to_lowercase())));
    };
    let (name, rest) = word.split_at(split);
    let Some((_, field)) = FIELDS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
    else {
        return Ok(Some(Test::Word(word.to_lowercase())));
    };
    let (than, value) = [
        (">=", Than::AtLeast),
        ("<=", Than::AtMost),
        (">", Than::More),
        ("<", Than::Less),
        ("=", Than::Equal),
        (":", Than::Equal),
    ]
    .into_iter()
    .find_map(|(sign, than)| rest.strip_prefix(sign).map(|value| (than, value)))
    .unwrap_or((Than::Equal, ""));
    if value.is_empty() {
        return Ok(None);
    }
    if NUMBERS.contains(field) {
        let number: f64 = value
            .trim_end_matches(['%', 'c', 'h', 'm'])
            .parse()
            .map_err(|_| format!("{name} is compared with a number: {name}>10"))?;
        return Ok(Some(Test::Number(*field, than, number)));
    }
    if rest.starts_with(['>', '<']) {
        return Err(format!("{name} takes a word: {name}:{value}"));
    }
    Ok(Some(Test::Text(*field, value.to_lowercase())))
}

impl Than {
    fn holds(self, number: f64, wanted: f64) -> bool {
        match self {
            Self::More => number > wanted,
            Self::AtLeast => number >= wanted,
            Self::Less => number < wanted,
            Self::AtMost => number <= wanted,
            Self::Equal => (number - wanted).abs() < 0.05,
        }
    }
}

/// The fields, for the filter line and the help.
pub struct Names;

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, field)) in FIELDS.iter().enumerate() {
            let sign = if NUMBERS.contains(field) { ">" } else { ":" };
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{name}{sign}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Game;

    impl Row for Game {
        fn words(&self) -> String {
            "MIA BAL Miami Marlins Baltimore Orioles mlb DK FD".into()
        }

        fn text(&self, field: Field) -> String {
            match field {
                Field::Team => "MIA BAL Miami Marlins Baltimore Orioles".into(),
                Field::Book => "DK FD draftkings fanduel".into(),
                Field::League => "mlb".into(),
                _ => self.words(),
            }
        }

        fn number(&self, field: Field) -> Option<f64> {
            match field {
                Field::Moved => Some(12.0),
                Field::Books => Some(2.0),
                _ => None,
            }
        }
    }

    fn keeps(text: &str) -> bool {
        Query::parse(text).keeps(&Game)
    }

    #[test]
    fn every_term_must_hold() {
        for held in [
            "",
            "mia",
            "MARLINS bal",
            "team:mia",
            "team:mia book:dk moved>10",
            "moved>=12",
            "moved=12",
            "moved:12",
            "-nyy",
            "-team:nyy",
            "books<3",
            "book:draft",
            "league:mlb -book:circa",
            // Half typed: nothing is hidden yet.
            "book:",
            "moved>",
        ] {
            assert!(keeps(held), "{held}");
        }
        for lost in [
            "nyy",
            "-mia",
            "team:dk",
            "book:mia",
            "moved>12",
            "moved<12",
            "-moved>10",
            // What has no number is neither.
            "hold<5",
            "-hold<5",
        ] {
            assert!(!keeps(lost), "{lost}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let problem = |text| Query::parse(text).problem().map(str::to_owned);
        assert_eq!(problem("moved>10"), None);
        assert!(problem("moved>many").unwrap().contains("moved>10"));
        assert!(problem("team>mia").unwrap().contains("team:mia"));
        // A clock time or an address is a word.
        assert_eq!(problem("19:42 http://x"), None);
    }
}
