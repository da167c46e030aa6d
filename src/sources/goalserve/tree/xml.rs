//! The tree of an XML answer.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::{ATTRIBUTES, DEEPEST, ELEMENTS, Numbers, ROOT, Tree, known, too_large};
use crate::sources::NotAResponse;

/// Read every known element.
pub(super) fn read(text: &str) -> Result<Tree<'_>, NotAResponse> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = false;
    let mut tree = Tree::new(false);
    let mut numbers = Numbers::default();
    // None is an element whose name means nothing.
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut has_root = false;
    loop {
        let from = reader.buffer_position();
        let event = reader.read_event().map_err(|_| broken(text, from))?;
        let to = reader.buffer_position();
        match event {
            Event::Start(tag) => {
                has_root = true;
                if open.len() >= DEEPEST {
                    return Err(too_large());
                }
                let added = element(&mut tree, &mut numbers, &open, &tag, span(text, from, to))?;
                open.push(added);
            }
            Event::Empty(tag) => {
                has_root = true;
                element(&mut tree, &mut numbers, &open, &tag, span(text, from, to))?;
            }
            Event::End(_) => {
                open.pop();
            }
            Event::DocType(_) => {
                return Err(NotAResponse(
                    "this document declares a type of its own, which no answer of Goalserve does; it may be a web page".into(),
                ));
            }
            Event::Eof if open.is_empty() && has_root => return Ok(tree),
            Event::Eof => {
                return Err(NotAResponse(
                    "this XML ends early; it is kept raw, and nothing is read from it".into(),
                ));
            }
            _ => {}
        }
    }
}

fn element<'t>(
    tree: &mut Tree<'t>,
    numbers: &mut Numbers,
    open: &[Option<usize>],
    tag: &BytesStart<'_>,
    sent: &'t str,
) -> Result<Option<usize>, NotAResponse> {
    let Some(parent) = open.last().copied().unwrap_or(Some(ROOT)) else {
        return Ok(None);
    };
    let Some(name) = known(ELEMENTS, tag.name().into_inner()) else {
        return Ok(None);
    };
    let number = numbers.next(parent, name);
    let added = tree.add(parent, name, Some(number), sent);
    let added = added.ok_or_else(too_large)?;
    // The check for repeated names compares each with each.
    let mut attributes = tag.attributes();
    attributes.with_checks(false);
    // A book's junk in one attribute must not cost those after it.
    for attribute in attributes.flatten() {
        if let Some(name) = known(ATTRIBUTES, attribute.key.into_inner())
            && let Ok(value) = attribute.normalized_value(XmlVersion::Implicit1_0)
        {
            tree.attribute(added, name, Cow::Owned(value.into_owned()), false);
        }
    }
    Ok(Some(added))
}

fn span(text: &str, from: u64, to: u64) -> &str {
    let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX);
    let sent = text.get(at(from)..at(to)).unwrap_or_default();
    // More is not shown.
    sent.get(..sent.floor_char_boundary(1_000)).unwrap_or(sent)
}

fn broken(text: &str, at: u64) -> NotAResponse {
    let before = usize::try_from(at)
        .ok()
        .and_then(|at| text.get(..at))
        .unwrap_or(text);
    let line = 1 + before.bytes().filter(|byte| *byte == b'\n').count();
    NotAResponse(format!(
        "this XML is broken near line {line}; it is kept raw, and nothing is read from it"
    ))
}
