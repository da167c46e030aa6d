//! What a JSON document looks like: its fields and their types, never its values.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::clean::clean;

/// Places kept of a document; the rest is not looked at.
const MOST_PLACES: usize = 3_000;
/// Levels looked at.
const DEEPEST: usize = 24;
/// Longest name of a field, in characters.
const LONGEST_NAME: usize = 60;
/// A map with more fields is keyed by data.
const MOST_FIELDS: usize = 100;
/// A map with as many fields that all hold maps or lists is keyed by data too: teams, books, dates.
const MOST_ALIKE: usize = 8;
/// A name with so many digits is data: an id, a date.
const DIGITS: usize = 4;
/// What stands for the fields of a map that is keyed by data.
const ANY: &str = "*";
/// What stands for the items of a list.
const ITEM: &str = "[]";
/// Payloads before a new field is news.
const LEARNT: u64 = 3;
/// Payloads before a missing one is.
const KNOWN: u64 = 5;
/// And how long they must reach back, so that a night tells nothing of a morning.
const KNOWN_FOR: TimeDelta = TimeDelta::hours(24);

const NULL: u8 = 1;
const BOOL: u8 = 2;
const NUMBER: u8 = 4;
const TEXT: u8 = 8;
const LIST: u8 = 16;
const MAP: u8 = 32;
const NAMES: [(u8, &str); 5] = [
    (BOOL, "boolean"),
    (NUMBER, "number"),
    (TEXT, "text"),
    (LIST, "list"),
    (MAP, "map"),
];

/// One place of a document, and what lies below it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Shape {
    /// What stood there, one bit a type.
    #[serde(rename = "t")]
    types: u8,
    /// Payloads in which it was.
    #[serde(rename = "s")]
    payloads: u64,
    /// How often it was there in all.
    #[serde(rename = "n")]
    times: u64,
    /// How often as a map.
    #[serde(rename = "m", default, skip_serializing_if = "is_zero")]
    maps: u64,
    /// When it was first seen, Unix seconds.
    #[serde(rename = "a")]
    since: i64,
    /// Whether it is a map that is keyed by data: its one field is `*`.
    #[serde(rename = "d", default, skip_serializing_if = "std::ops::Not::not")]
    is_keyed: bool,
    #[serde(rename = "k", default, skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<String, Shape>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A field that was not there before.
    New,
    /// A field that every item had and none has.
    Missing,
    /// A field that holds another type.
    Type,
}

impl Kind {
    /// Its name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Missing => "missing",
            Self::Type => "type",
        }
    }
}

/// One difference between a document and what was usual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where: `games[].teams[].name`, cleaned.
    pub path: String,
    /// What.
    pub kind: Kind,
    /// The types, in words.
    pub detail: String,
}

impl Shape {
    /// The shape of a JSON text observed at `at`; none of what is no JSON.
    pub fn of(body: &[u8], at: DateTime<Utc>) -> Option<Self> {
        let mut shape = Self::default();
        let mut places = MOST_PLACES;
        let mut reader = serde_json::Deserializer::from_slice(body);
        Place {
            shape: &mut shape,
            places: &mut places,
            depth: 0,
        }
        .deserialize(&mut reader)
        .ok()?;
        reader.end().ok()?;
        shape.settle(at.timestamp());
        Some(shape)
    }

    /// What `seen` has that this has not, lacks that all had, or holds in another type.
    pub fn changes(&mut self, seen: &mut Self, at: DateTime<Utc>) -> Vec<Change> {
        let mut found = Vec::new();
        self.compare(seen, at.timestamp(), &mut String::new(), &mut found);
        found
    }

    /// Learn `seen`.
    pub fn learn(&mut self, mut seen: Self) {
        self.align(&mut seen);
        self.types |= seen.types;
        self.payloads = self.payloads.saturating_add(seen.payloads);
        self.times = self.times.saturating_add(seen.times);
        self.maps = self.maps.saturating_add(seen.maps);
        self.since = self.since.min(seen.since);
        for (name, below) in seen.fields {
            if let Some(known) = self.fields.get_mut(&name) {
                known.learn(below);
            } else {
                self.fields.insert(name, below);
            }
        }
    }

    /// Whether a place is in it.
    pub fn has(&self, path: &str) -> bool {
        path.is_empty()
            || self.fields.iter().any(|(name, below)| {
                let rest = path.strip_prefix('.').unwrap_or(path);
                rest.strip_prefix(name.as_str()).is_some_and(|rest| {
                    (rest.is_empty() || rest.starts_with(['.', '['])) && below.has(rest)
                })
            })
    }

    /// Places in it.
    pub fn places(&self) -> usize {
        1 + self.fields.values().map(Self::places).sum::<usize>()
    }

    fn compare(&mut self, seen: &mut Self, now: i64, path: &mut String, found: &mut Vec<Change>) {
        self.align(seen);
        let other = seen.types & !self.types & !NULL;
        if other != 0 && self.types & !NULL != 0 && self.payloads >= LEARNT {
            found.push(Change {
                path: path.clone(),
                kind: Kind::Type,
                detail: format!("{}, was {}", words(other), words(self.types)),
            });
        }
        for (name, below) in &self.fields {
            if seen.maps > 0 && !seen.fields.contains_key(name) && self.is_firm(name, below, now) {
                found.push(Change {
                    path: joined(path, name),
                    kind: Kind::Missing,
                    detail: words(below.types),
                });
            }
        }
        for (name, below) in &mut seen.fields {
            let length = path.len();
            if let Some(known) = self.fields.get_mut(name) {
                *path = joined(path, name);
                known.compare(below, now, path, found);
                path.truncate(length);
            } else if self.maps > 0 && self.payloads >= LEARNT && name != ANY && name != ITEM {
                found.push(Change {
                    path: joined(path, name),
                    kind: Kind::New,
                    detail: words(below.types),
                });
            }
        }
    }

    /// Whether a field was in nearly every map of this place, and for long.
    fn is_firm(&self, name: &str, field: &Self, now: i64) -> bool {
        name != ANY
            && name != ITEM
            && self.payloads >= KNOWN
            && now - self.since >= KNOWN_FOR.num_seconds()
            && field.times.saturating_mul(100) >= self.maps.saturating_mul(99)
            && field.payloads.saturating_mul(20) >= self.payloads.saturating_mul(19)
    }

    /// Where one of the two is keyed by data, so is the other.
    fn align(&mut self, seen: &mut Self) {
        if self.is_keyed && !seen.is_keyed {
            seen.collapse();
        } else if seen.is_keyed && !self.is_keyed {
            self.collapse();
        }
    }

    /// Take all fields for one.
    fn collapse(&mut self) {
        self.is_keyed = true;
        let item = self.fields.remove(ITEM);
        let mut any: Option<Self> = None;
        for below in std::mem::take(&mut self.fields).into_values() {
            match &mut any {
                None => any = Some(below),
                Some(any) => {
                    // Siblings of the same payloads, not further ones.
                    let payloads = any.payloads.max(below.payloads);
                    any.learn(below);
                    any.payloads = payloads;
                }
            }
        }
        self.fields.extend(any.map(|any| (ANY.to_owned(), any)));
        self.fields.extend(item.map(|item| (ITEM.to_owned(), item)));
    }

    /// After reading: once for this payload, and maps that are keyed by data collapsed.
    fn settle(&mut self, at: i64) {
        self.payloads = 1;
        self.since = at;
        for below in self.fields.values_mut() {
            below.settle(at);
        }
        let alike = |below: &Self| below.types & !(MAP | LIST | NULL) == 0 && below.types != NULL;
        if self.fields.len() >= MOST_ALIKE && self.fields.values().all(alike) {
            self.collapse();
        }
    }

    fn field(&mut self, name: &str, places: &mut usize) -> Option<&mut Self> {
        if name != ITEM && self.fields.len() > MOST_FIELDS {
            self.collapse();
        }
        let name = if self.is_keyed && name != ITEM {
            ANY
        } else {
            name
        };
        if !self.fields.contains_key(name) {
            *places = places.checked_sub(1)?;
        }
        Some(self.fields.entry(name.to_owned()).or_default())
    }
}

/// A field's name as it is kept: data becomes `*`.
fn named(key: &str) -> String {
    let digits = key.chars().filter(char::is_ascii_digit).count();
    let is_number = digits > 0
        && key
            .chars()
            .all(|c| c.is_ascii_digit() || "+-.:".contains(c));
    if key.is_empty() || is_number || digits >= DIGITS {
        ANY.to_owned()
    } else {
        clean(key, LONGEST_NAME)
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() || name == ITEM {
        format!("{path}{name}")
    } else {
        format!("{path}.{name}")
    }
}

fn words(types: u8) -> String {
    let names: Vec<&str> = NAMES
        .iter()
        .filter(|(bit, _)| types & bit != 0)
        .map(|(_, name)| *name)
        .collect();
    if names.is_empty() {
        "null".into()
    } else {
        names.join(" or ")
    }
}

/// A place that is being read.
struct Place<'s> {
    shape: &'s mut Shape,
    places: &'s mut usize,
    depth: usize,
}

impl Place<'_> {
    fn is(self, bit: u8) {
        self.shape.types |= bit;
        self.shape.times += 1;
    }
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.is(NULL);
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.is(BOOL);
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.is(NUMBER);
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.is(NUMBER);
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.is(NUMBER);
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.is(TEXT);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self {
            shape,
            places,
            depth,
        } = self;
        shape.types |= LIST;
        shape.times += 1;
        if depth < DEEPEST {
            while let Some(item) = shape.field(ITEM, places) {
                let item = Place {
                    shape: item,
                    places: &mut *places,
                    depth: depth + 1,
                };
                if list.next_element_seed(item)?.is_none() {
                    // An empty list says nothing of its items.
                    if shape.fields.get(ITEM).is_some_and(|item| item.times == 0) {
                        shape.fields.remove(ITEM);
                    }
                    return Ok(());
                }
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self {
            shape,
            places,
            depth,
        } = self;
        shape.types |= MAP;
        shape.times += 1;
        shape.maps += 1;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            let below = (depth < DEEPEST)
                .then(|| shape.field(&named(&key), places))
                .flatten();
            match below {
                Some(below) => map.next_value_seed(Place {
                    shape: below,
                    places: &mut *places,
                    depth: depth + 1,
                })?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    fn shape(text: &str, hours: i64) -> Shape {
        Shape::of(text.as_bytes(), at(hours)).unwrap()
    }

    /// What is known after so many payloads, one in six hours.
    fn known(texts: &[&str]) -> Shape {
        let mut known = shape(texts[0], 0);
        for (text, n) in texts[1..].iter().zip(1..) {
            known.learn(shape(text, 6 * n));
        }
        known
    }

    fn changes(known: &Shape, text: &str) -> Vec<(String, Kind, String)> {
        let mut known = known.clone();
        known
            .changes(&mut shape(text, 100), at(100))
            .into_iter()
            .map(|c| (c.path, c.kind, c.detail))
            .collect()
    }

    const SLATE: &str = r#"{"games":[{"home":"A","odds":[1,2]},{"home":"B","odds":[]}]}"#;

    #[test]
    fn the_same_fields_are_no_news_whatever_they_hold() {
        let known = known(&[SLATE; 6]);
        assert!(changes(&known, SLATE).is_empty());
        let other = r#"{"games":[{"odds":[-3.5],"home":"\u001b[2J"}]}"#;
        assert!(changes(&known, other).is_empty());
        // A day without games misses nothing, nor does a null.
        assert!(changes(&known, r#"{"games":[]}"#).is_empty());
        assert!(changes(&known, r#"{"games":null}"#).is_empty());
    }

    #[test]
    fn a_new_field_a_missing_one_and_another_type_are_told_once_each_at_the_top() {
        let known = known(&[SLATE; 6]);
        let now = r#"{"games":[{"home":7,"line":{"a":{"b":1}}},{"home":8}],"version":2}"#;
        assert_eq!(
            changes(&known, now),
            [
                ("games[].odds".into(), Kind::Missing, "list".into()),
                ("games[].home".into(), Kind::Type, "number, was text".into()),
                ("games[].line".into(), Kind::New, "map".into()),
                ("version".into(), Kind::New, "number".into()),
            ]
        );
        let mut after = known.clone();
        after.learn(shape(now, 100));
        let again: Vec<_> = changes(&after, now).into_iter().map(|c| c.1).collect();
        assert!(
            !again.contains(&Kind::New) && !again.contains(&Kind::Type),
            "{again:?}"
        );
        assert!(after.has("games[].line.a.b") && !after.has("games[].gone"));
    }

    #[test]
    fn what_comes_and_goes_is_not_missed() {
        let with = r#"{"games":[{"home":"A","live":{"inning":1}}]}"#;
        let without = r#"{"games":[{"home":"A"}]}"#;
        let known = known(&[with, without, with, with, with, with, with, with]);
        assert!(changes(&known, without).is_empty());
        // In one item of many it is there all the same.
        let some = r#"{"games":[{"home":"A"},{"live":{"inning":1}}]}"#;
        assert!(changes(&super::tests::known(&[with; 6]), some).is_empty());
    }

    #[test]
    fn little_knowledge_makes_no_news() {
        let young = known(&[SLATE; 2]);
        assert!(changes(&young, r#"{"other":1}"#).is_empty());
        let mut one_night = shape(SLATE, 99);
        for _ in 0..9 {
            one_night.learn(shape(SLATE, 99));
        }
        let found = changes(&one_night, r#"{"other":1}"#);
        assert_eq!(found, [("other".into(), Kind::New, "number".into())]);
    }

    #[test]
    fn fields_that_are_data_are_one() {
        let book = |id: u32| format!(r#"{{"markets":{{"{id}":{{"price":1}}}}}}"#);
        let texts: Vec<String> = (0..6).map(|n| book(15 + n)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let numbers = known(&texts);
        assert!(changes(&numbers, &book(99_999)).is_empty());
        assert!(numbers.has("markets.*.price"));

        let map = |keys: &[&str]| {
            let fields: Vec<String> = keys
                .iter()
                .map(|k| format!(r#""{k}":{{"wins":1}}"#))
                .collect();
            format!(r#"{{"teams":{{{}}}}}"#, fields.join(","))
        };
        // Seven teams on one day and nine on another: what is known collapses with what is seen.
        let seven = map(&["BOS", "NYY", "BAL", "MIA", "ATL", "SEA", "LAD"]);
        let nine = map(&[
            "BOS", "NYY", "CHC", "MIN", "ATL", "SEA", "LAD", "HOU", "TEX",
        ]);
        let teams = known(&[seven.as_str(); 6]);
        assert!(changes(&teams, &nine).is_empty());
        let mut both = teams;
        both.learn(shape(&nine, 50));
        assert!(changes(&both, &seven).is_empty());
        assert!(both.has("teams.*.wins"));
    }

    #[test]
    fn a_hostile_document_is_bounded_and_cleaned() {
        let many: Vec<String> = (0..20_000)
            .map(|n| format!(r#""k{}x{}":1"#, n / 100, n % 100))
            .collect();
        let wide = shape(&format!("{{{}}}", many.join(",")), 0);
        assert!(wide.places() < 10, "{}", wide.places());
        let nested: Vec<String> = (b'a'..=b'z')
            .flat_map(|a| (b'a'..=b'z').map(move |b| (a as char, b as char)))
            .map(|(a, b)| format!(r#""{a}":{{"{b}":[1]}},"{b}{a}":{{"a":1}}"#))
            .collect();
        assert!(shape(&format!("[{{{}}}]", nested.join(",")), 0).places() <= MOST_PLACES + 1);
        let deep = format!("{}1{}", r#"{"a":"#.repeat(100), "}".repeat(100));
        assert!(shape(&deep, 0).places() <= DEEPEST + 1);
        let dirty = format!(r#"{{"\u001b[2J\u202e{}":1}}"#, "x".repeat(500));
        let name = shape(&dirty, 0).fields.keys().next().cloned().unwrap();
        assert!(
            name.chars().count() <= LONGEST_NAME + 1 && !name.contains('\u{1b}'),
            "{name}"
        );
        assert_eq!(Shape::of(b"<html>", at(0)), None);
        assert_eq!(Shape::of(b"[1] trailing", at(0)), None);
    }

    #[test]
    fn it_is_stored_and_read_back() {
        let known = known(&[SLATE; 3]);
        let text = serde_json::to_string(&known).unwrap();
        assert_eq!(serde_json::from_str::<Shape>(&text).unwrap(), known);
        assert!(!text.contains("\"A\""), "no value is kept: {text}");
    }
}
