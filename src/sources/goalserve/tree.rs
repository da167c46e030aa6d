//! An answer as a tree of elements, whichever way it is written.
//!
//! Only elements and attributes with known names are kept, in one list: what a hostile body may cost is bounded by its
//! length, its depth and the number of its elements.

mod json;
mod xml;

use std::borrow::Cow;

use foldhash::HashMap;

use crate::sources::json::Document;
use crate::sources::reject::Place;
use crate::sources::{NotAResponse, Refusal};

/// Deepest nesting read; an answer has ten levels.
const DEEPEST: usize = 64;
/// Most elements kept; the largest answers have a tenth of them.
const MOST_ELEMENTS: usize = 4_000_000;
/// Longest value of an attribute that is kept.
const LONGEST_VALUE: usize = 512;

/// Elements that mean something. What is below any other is skipped.
const ELEMENTS: &[&str] = &[
    "scores",
    "category",
    "matches",
    "match",
    "localteam",
    "hometeam",
    "visitorteam",
    "awayteam",
    "odds",
    "type",
    "bookmaker",
    "odd",
    "total",
    "handicap",
    "ht",
    "innings",
    "inning",
    "week",
    "tournament",
    "error",
];

/// Attributes that mean something, those of a period's score among them.
const ATTRIBUTES: &[&str] = &[
    "sport",
    "ts",
    "updated",
    "name",
    "id",
    "gid",
    "league",
    "date",
    "formatted_date",
    "datetime_utc",
    "time",
    "timezone",
    "status",
    "static_id",
    "fix_id",
    "goals",
    "totalscore",
    "score",
    "value",
    "dp3",
    "handicap",
    "stop",
    "main",
    "ismain",
    "number",
    "message",
    "q1",
    "q2",
    "q3",
    "q4",
    "p1",
    "p2",
    "p3",
    "ot",
    "so",
    "in1",
    "in2",
    "in3",
    "in4",
    "in5",
    "in6",
    "in7",
    "in8",
    "in9",
    "in10",
    "in11",
    "in12",
    "in13",
    "in14",
    "in15",
    "in16",
    "in17",
    "in18",
    "in19",
    "in20",
    "s1",
    "s2",
    "s3",
    "pen",
];

fn known(names: &[&'static str], name: &str) -> Option<&'static str> {
    names.iter().find(|known| **known == name).copied()
}

/// The elements of one answer.
pub(super) struct Tree<'t> {
    elements: Vec<Element<'t>>,
    is_json: bool,
}

struct Element<'t> {
    name: &'static str,
    parent: usize,
    /// The how manieth of its name below its parent; none for a JSON member that is no list.
    number: Option<u32>,
    attributes: Vec<Attribute<'t>>,
    last_child: usize,
    first_child: usize,
    next: usize,
    /// The start tag as it was sent.
    tag: &'t str,
}

struct Attribute<'t> {
    name: &'static str,
    value: Cow<'t, str>,
    /// Whether JSON writes it with an `@`.
    at: bool,
}

/// No element: the whole answer is the parent of everything and nobody's child.
const ROOT: usize = 0;

impl<'t> Tree<'t> {
    /// Read `text`, which is XML; or JSON, which is then `document`.
    pub(super) fn read(text: &'t str, document: &'t Document<'t>) -> Result<Self, Refusal> {
        if text.trim_start().starts_with('<') {
            Ok(xml::read(text)?)
        } else {
            json::read(document)
        }
    }

    fn new(is_json: bool) -> Self {
        let mut tree = Self {
            elements: Vec::new(),
            is_json,
        };
        tree.elements.push(Element::new("", ROOT, None, ""));
        tree
    }

    /// Add an element below `parent`; none when there are too many.
    fn add(
        &mut self,
        parent: usize,
        name: &'static str,
        number: Option<u32>,
        tag: &'t str,
    ) -> Option<usize> {
        let index = self.elements.len();
        if index > MOST_ELEMENTS {
            return None;
        }
        self.elements.push(Element::new(name, parent, number, tag));
        let above = self.elements.get_mut(parent)?;
        let before = std::mem::replace(&mut above.last_child, index);
        if before == ROOT {
            above.first_child = index;
        } else {
            self.elements.get_mut(before)?.next = index;
        }
        Some(index)
    }

    fn attribute(&mut self, index: usize, name: &'static str, value: Cow<'t, str>, at: bool) {
        if value.len() <= LONGEST_VALUE
            && let Some(element) = self.elements.get_mut(index)
            && !element.attributes.iter().any(|had| had.name == name)
        {
            element.attributes.push(Attribute { name, value, at });
        }
    }

    /// The whole answer.
    pub(super) const fn root(&self) -> Item<'_> {
        Item {
            tree: self,
            index: ROOT,
        }
    }
}

impl<'t> Element<'t> {
    const fn new(name: &'static str, parent: usize, number: Option<u32>, tag: &'t str) -> Self {
        Self {
            name,
            parent,
            number,
            attributes: Vec::new(),
            last_child: ROOT,
            first_child: ROOT,
            next: ROOT,
            tag,
        }
    }
}

/// How many elements of a name each open element has: to number the next.
#[derive(Default)]
struct Numbers(HashMap<(usize, &'static str), u32>);

impl Numbers {
    fn next(&mut self, parent: usize, name: &'static str) -> u32 {
        let number = self.0.entry((parent, name)).or_default();
        *number += 1;
        *number
    }
}

/// One element.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    tree: &'a Tree<'a>,
    index: usize,
}

impl<'a> Item<'a> {
    fn element(self) -> Option<&'a Element<'a>> {
        self.tree.elements.get(self.index)
    }

    /// Its name; empty for the whole answer.
    pub(super) fn name(self) -> &'static str {
        self.element().map_or("", |element| element.name)
    }

    /// The elements below it.
    pub(super) fn children(self) -> impl Iterator<Item = Self> {
        let at = move |index: usize| {
            (index != ROOT).then_some(Self {
                tree: self.tree,
                index,
            })
        };
        let first = self.element().and_then(|element| at(element.first_child));
        std::iter::successors(first, move |item| at(item.element()?.next))
    }

    /// The elements below it with one of these names.
    pub(super) fn all(self, names: &'static [&'static str]) -> impl Iterator<Item = Self> {
        self.children().filter(|item| names.contains(&item.name()))
    }

    /// The first of them.
    pub(super) fn one(self, names: &'static [&'static str]) -> Option<Self> {
        self.all(names).next()
    }

    /// The value of an attribute, where it is not blank.
    pub(super) fn get(self, name: &str) -> Option<&'a str> {
        let attributes = &self.element()?.attributes;
        let found = attributes.iter().find(|one| one.name == name)?;
        Some(found.value.trim()).filter(|value| !value.is_empty())
    }

    /// Where an attribute stands.
    pub(super) const fn at(self, name: &'static str) -> Spot<'a> {
        Spot {
            item: self,
            attribute: Some(name),
        }
    }

    /// Where it stands.
    pub(super) const fn spot(self) -> Spot<'a> {
        Spot {
            item: self,
            attribute: None,
        }
    }
}

/// An element or an attribute: a path of elements in XML, a JSON pointer in JSON.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    item: Item<'a>,
    attribute: Option<&'static str>,
}

impl Place for Spot<'_> {
    fn path(&self) -> String {
        let tree = self.item.tree;
        let mut steps = Vec::new();
        let mut index = self.item.index;
        while let Some(element) = tree.elements.get(index).filter(|_| index != ROOT) {
            steps.push(match (tree.is_json, element.number) {
                (true, Some(number)) => format!("/{}/{}", element.name, number - 1),
                (false, Some(number)) if number > 1 || element.parent != ROOT => {
                    format!("/{}[{number}]", element.name)
                }
                _ => format!("/{}", element.name),
            });
            index = element.parent;
        }
        steps.reverse();
        let mut path = steps.concat();
        if let Some(name) = self.attribute {
            let own = self.item.element().into_iter();
            let sent = own.flat_map(|e| &e.attributes).find(|one| one.name == name);
            let at = !tree.is_json || sent.is_some_and(|one| one.at);
            path.push_str(if at { "/@" } else { "/" });
            path.push_str(name);
        }
        path
    }

    fn value(&self) -> Option<String> {
        if self.item.tree.is_json {
            return None;
        }
        Some(match self.attribute {
            Some(name) => self.item.get(name).unwrap_or_default().to_owned(),
            None => self.item.element()?.tag.to_owned(),
        })
    }
}

/// Why reading stopped for good.
fn too_large() -> NotAResponse {
    NotAResponse(
        "this answer is nested deeper or has more elements than any of Goalserve; nothing is read from it".into(),
    )
}
