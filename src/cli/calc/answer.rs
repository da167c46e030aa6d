//! What was worked out: named values, for people and for programs.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::cli::error::CliError;
use crate::cli::output::{Output, SCHEMA_VERSION};
use crate::cli::table::{Align, Table};

/// One answer: a JSON object, or a table of two columns.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    kind: &'static str,
    fields: Vec<(&'static str, Value, String)>,
}

impl Answer {
    /// An answer without values.
    pub(super) const fn new(kind: &'static str) -> Self {
        Self {
            kind,
            fields: Vec::new(),
        }
    }

    /// Add a value, and how a person reads it.
    pub(super) fn with(
        mut self,
        name: &'static str,
        value: impl Into<Value>,
        text: impl Into<String>,
    ) -> Self {
        self.fields.push((name, value.into(), text.into()));
        self
    }

    /// Add a share: 0.0525 is 5.25 %.
    pub(super) fn share(self, name: &'static str, value: f64) -> Self {
        self.with(name, value, percent(value))
    }

    /// Add a share that may be missing.
    pub(super) fn share_if(self, name: &'static str, value: Option<f64>) -> Self {
        self.with(name, value, value.map_or_else(|| "–".to_owned(), percent))
    }

    /// Add a plain number.
    pub(super) fn number(self, name: &'static str, value: f64) -> Self {
        self.with(name, value, plain(value))
    }

    /// Add a word.
    pub(super) fn word(self, name: &'static str, value: &str) -> Self {
        self.with(name, value, value)
    }

    /// Print it.
    pub(super) fn print(&self, output: &Output) -> Result<(), CliError> {
        let mut data = output.data();
        if output.json {
            data.json(self)?;
        } else {
            let mut table = Table::new(&[(self.kind, Align::Left), ("", Align::Right)]);
            for (name, _, text) in &self.fields {
                table.row([name.replace('_', " "), text.clone()]);
            }
            table.print(output, &mut data)?;
        }
        data.finish()
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.fields.len() + 2))?;
        map.serialize_entry("type", self.kind)?;
        map.serialize_entry("schema_version", &SCHEMA_VERSION)?;
        for (name, value, _) in &self.fields {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// A share as a percentage to four places.
pub(super) fn percent(share: f64) -> String {
    format!("{} %", plain(100.0 * share))
}

/// A number to six places, without needless zeros, with the typographic minus.
pub(super) fn plain(number: f64) -> String {
    let rounded = format!("{:.6}", number.abs());
    let digits = rounded.trim_end_matches('0').trim_end_matches('.');
    if number < 0.0 && digits != "0" {
        format!("−{digits}")
    } else {
        digits.to_owned()
    }
}

/// American odds with their sign.
pub(super) fn american(odds: i64) -> String {
    if odds < 0 {
        format!("−{}", odds.unsigned_abs())
    } else {
        format!("+{odds}")
    }
}

/// Several numbers in a row.
pub(super) fn list(numbers: &[f64], each: fn(f64) -> String) -> String {
    let texts: Vec<String> = numbers.iter().map(|n| each(*n)).collect();
    texts.join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_keep_their_sign() {
        assert_eq!(plain(1.0), "1");
        assert_eq!(plain(-0.5), "−0.5");
        assert_eq!(plain(-1e-9), "0");
        assert_eq!(percent(0.047_619_047), "4.761905 %");
        assert_eq!(
            (american(-110), american(100)),
            ("−110".into(), "+100".into())
        );
    }

    #[test]
    fn fields_come_in_the_order_given() {
        let answer = Answer::new("ev").share("ev", 0.1).share_if("none", None);
        let text = serde_json::to_string(&answer).unwrap();
        assert_eq!(
            text,
            r#"{"type":"ev","schema_version":1,"ev":0.1,"none":null}"#
        );
    }
}
