//! One tree, written as XML or as JSON.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// An element with attributes and children; the feed has no text.
#[derive(Debug, Clone)]
pub(in crate::demo) struct Node {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    children: Vec<Self>,
}

impl Node {
    /// An empty element.
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            attributes: Vec::new(),
            children: Vec::new(),
        }
    }

    /// The same with an attribute more.
    #[must_use]
    pub(super) fn with(mut self, key: &'static str, value: impl std::fmt::Display) -> Self {
        self.attributes.push((key, value.to_string()));
        self
    }

    /// The same with children more.
    #[must_use]
    pub(super) fn holding(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    /// Whether it holds nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.children.is_empty()
    }

    /// As XML.
    pub(super) fn to_xml(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        let _ = write!(out, "<{}", self.name);
        for (key, value) in &self.attributes {
            let value = value
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('"', "&quot;");
            let _ = write!(out, " {key}=\"{value}\"");
        }
        if self.is_empty() {
            *out += "/>";
            return;
        }
        *out += ">";
        for child in &self.children {
            child.write(out);
        }
        let _ = write!(out, "</{}>", self.name);
    }

    /// As JSON: attributes behind `mark`, one child as an object, several of a name as a list, an empty element as null.
    pub(super) fn to_json(&self, mark: &str) -> Value {
        let mut declaration = Map::new();
        declaration.insert("@version".into(), "1.0".into());
        declaration.insert("@encoding".into(), "utf-8".into());
        let mut out = Map::new();
        out.insert("?xml".into(), Value::Object(declaration));
        out.insert(self.name.into(), self.value(mark));
        Value::Object(out)
    }

    fn value(&self, mark: &str) -> Value {
        if self.attributes.is_empty() && self.is_empty() {
            return Value::Null;
        }
        let mut out = Map::new();
        for (key, value) in &self.attributes {
            out.insert(format!("{mark}{key}"), Value::String(value.clone()));
        }
        for child in &self.children {
            let value = child.value(mark);
            match out.get_mut(child.name) {
                None => {
                    out.insert(child.name.into(), value);
                }
                Some(Value::Array(list)) => list.push(value),
                Some(first) => *first = Value::Array(vec![first.take(), value]),
            }
        }
        Value::Object(out)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_child_is_an_object_and_two_are_a_list() {
        let leaf = |n: u8| Node::new("b").with("n", n);
        let one = Node::new("a").with("q", "1 < \"2\" & 3").holding([leaf(1)]);
        assert_eq!(
            one.to_json("@")["a"],
            json!({"@q": "1 < \"2\" & 3", "b": {"@n": "1"}})
        );
        assert!(
            one.to_xml()
                .ends_with("<a q=\"1 &lt; &quot;2&quot; &amp; 3\"><b n=\"1\"/></a>")
        );
        let two = Node::new("a").holding([leaf(1), leaf(2), Node::new("c")]);
        assert_eq!(
            two.to_json("")["a"],
            json!({"b": [{"n": "1"}, {"n": "2"}], "c": null})
        );
    }
}
