//! The tree of a JSON answer: attributes are `@name` or `name`, a single child is an object, several are a list.

use std::borrow::Cow;

use super::{ATTRIBUTES, DEEPEST, ELEMENTS, ROOT, Tree, known, too_large};
use crate::sources::Refusal;
use crate::sources::json::{Document, Json as _, Read, Reader, Scalar};

/// Read every known element.
pub(super) fn read<'t>(document: &'t Document<'t>) -> Result<Tree<'t>, Refusal> {
    let mut tree = Tree::new(true);
    let mut full = false;
    document.walk(|reader| {
        tree = Tree::new(true);
        full = false;
        members(reader, &mut tree, &mut full, ROOT, 0)
    })?;
    if full {
        return Err(too_large().into());
    }
    Ok(tree)
}

/// The members of the object that is `index`; anything else is skipped.
fn members<'t>(
    reader: &mut Reader<'t>,
    tree: &mut Tree<'t>,
    full: &mut bool,
    index: usize,
    depth: usize,
) -> Read<()> {
    if reader.peek() != b'{' || *full {
        return reader.skip();
    }
    if depth >= DEEPEST {
        *full = true;
        return reader.skip();
    }
    reader.members(|reader, member| {
        let name = member.trim_start_matches('@');
        let open = reader.peek();
        if !matches!(open, b'{' | b'[') {
            let mut scalar = Scalar::Absent;
            scalar.fill(reader)?;
            if let (Some(name), Some(value)) = (known(ATTRIBUTES, name), text(scalar)) {
                tree.attribute(index, name, value, name.len() < member.len());
            }
            return Ok(());
        }
        let Some(name) = known(ELEMENTS, name) else {
            return reader.skip();
        };
        if open == b'{' {
            return child(reader, tree, full, (index, name, None), depth);
        }
        let mut number = 0;
        reader.elements(|reader| {
            number += 1;
            child(reader, tree, full, (index, name, Some(number)), depth)
        })
    })
}

fn child<'t>(
    reader: &mut Reader<'t>,
    tree: &mut Tree<'t>,
    full: &mut bool,
    (parent, name, number): (usize, &'static str, Option<u32>),
    depth: usize,
) -> Read<()> {
    if reader.peek() != b'{' {
        return reader.skip();
    }
    if let Some(index) = tree.add(parent, name, number, "") {
        return members(reader, tree, full, index, depth + 1);
    }
    *full = true;
    reader.skip()
}

fn text(scalar: Scalar<'_>) -> Option<Cow<'_, str>> {
    match scalar {
        Scalar::Text(text) => Some(Cow::Borrowed(text)),
        Scalar::Int(number) => Some(Cow::Owned(number.to_string())),
        Scalar::Float(number) => Some(Cow::Owned(number.to_string())),
        Scalar::Bool(flag) => Some(Cow::Borrowed(if flag { "True" } else { "False" })),
        Scalar::Absent | Scalar::Null | Scalar::Nested => None,
    }
}
