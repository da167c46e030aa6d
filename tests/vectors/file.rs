//! A file of vectors, and how many of them hold.

use std::path::Path;

use serde_json::Value;

/// The file as JSON; none, and said so, where it is not there.
pub fn read(name: &str) -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/vectors")
        .join(name);
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: no ../shared/vectors/{name}");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

/// What came of a file's vectors.
pub struct Tally {
    name: &'static str,
    held: usize,
    failed: Vec<String>,
}

impl Tally {
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            held: 0,
            failed: Vec::new(),
        }
    }

    /// Whether one vector holds.
    pub fn check(&mut self, id: &str, held: bool, found: &str) {
        if held {
            self.held += 1;
        } else {
            self.failed.push(format!("{id}: {found}"));
        }
    }

    /// Whether numbers agree within a tolerance; all of them are one vector.
    pub fn near(&mut self, id: &str, pairs: &[(f64, f64)], tolerance: f64) {
        let held = !pairs.is_empty()
            && pairs
                .iter()
                .all(|(found, expected)| (found - expected).abs() <= tolerance);
        self.check(id, held, &format!("{pairs:?} within {tolerance}"));
    }

    /// Say how many held, and fail where one did not, or where there were none.
    pub fn end(self) {
        let all = self.held + self.failed.len();
        println!("{}: {} of {all} vectors hold", self.name, self.held);
        assert!(self.failed.is_empty(), "{}: {:#?}", self.name, self.failed);
        assert!(all > 0, "{} has no vectors", self.name);
    }
}

/// The numbers of a list.
pub fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().map(|n| n.as_f64().unwrap()).collect()
}

/// A vector's name.
pub fn id(vector: &Value) -> &str {
    vector["id"].as_str().unwrap_or("?")
}

/// A number that a vector has.
pub fn number(vector: &Value, name: &str) -> Option<f64> {
    vector[name].as_f64()
}

/// Implied probabilities of decimal odds.
pub fn implied(decimals: &[f64]) -> Vec<f64> {
    decimals.iter().map(|d| 1.0 / d).collect()
}

/// Decimal odds of American ones.
pub fn decimal(american: f64) -> f64 {
    let price: linetape::analytics::price::Price = format!("{american:+}").parse().unwrap();
    price.decimal()
}
