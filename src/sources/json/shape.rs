//! Lists and objects that survive being something else.

use super::reader::{Json, Read, Reader};

/// What stood where an object or list was expected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::sources) enum Shape {
    /// Nothing.
    #[default]
    Absent,
    /// `null`.
    Null,
    /// What was expected.
    Right,
    /// Anything else.
    Wrong,
}

/// Read the members of the object that begins here; what is not named is skipped.
///
/// Feeds write members in one order nearly always, so that each is looked for where it usually stands, in one
/// comparison, before its name is read at all. Name members in the feed's order, also those of no use (as [`Skip`]).
macro_rules! members {
    ($reader:ident, { $($key:literal => $fill:expr,)+ }) => {
        if !$reader.is_empty_object()? {
            loop {
                $(if $reader.take(concat!("\"", $key, "\":")) {
                    $fill?;
                    if $reader.ends_object()? {
                        break;
                    }
                })+
                match $reader.name()? {
                    $($key => $fill?,)+
                    _ => $reader.skip()?,
                }
                if $reader.ends_object()? {
                    break;
                }
            }
        }
    };
}
pub(in crate::sources) use members;

/// A record of named members, each of which accepts anything. Of a repeated one the last stands, as in every JSON
/// library the feeds' own clients use.
macro_rules! record {
    ($(#[$meta:meta])* $name:ident<$lt:lifetime> { $($(#[$fmeta:meta])* $field:ident: $ty:ty = $key:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Default)]
        pub(in crate::sources) struct $name<$lt> {
            /// What stood there.
            pub(in crate::sources) shape: crate::sources::json::Shape,
            $($(#[$fmeta])* pub(in crate::sources) $field: $ty,)+
        }

        impl<$lt> crate::sources::json::Json<$lt> for $name<$lt> {
            fn fill(
                &mut self,
                reader: &mut crate::sources::json::Reader<$lt>,
            ) -> crate::sources::json::Read<()> {
                if self.shape != crate::sources::json::Shape::Absent {
                    *self = Self::default();
                }
                if reader.peek() != b'{' {
                    self.shape = reader.unexpected()?;
                    return Ok(());
                }
                self.shape = crate::sources::json::Shape::Right;
                crate::sources::json::members!(reader, {
                    $($key => crate::sources::json::Json::fill(&mut self.$field, reader),)+
                });
                Ok(())
            }
        }
    };
}
pub(in crate::sources) use record;

/// A member of no use.
#[derive(Debug, Default)]
pub(in crate::sources) struct Skip;

impl<'a> Json<'a> for Skip {
    #[inline]
    fn fill(&mut self, reader: &mut Reader<'a>) -> Read<()> {
        reader.skip()
    }
}

/// A list.
#[derive(Debug)]
pub(in crate::sources) struct List<T> {
    /// What stood there.
    pub(in crate::sources) shape: Shape,
    /// Its elements; empty when it was no list.
    pub(in crate::sources) items: Vec<T>,
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self {
            shape: Shape::Absent,
            items: Vec::new(),
        }
    }
}

impl<'a, T: Json<'a>> Json<'a> for List<T> {
    fn fill(&mut self, reader: &mut Reader<'a>) -> Read<()> {
        let items = &mut self.items;
        items.clear();
        if reader.peek() != b'[' {
            self.shape = reader.unexpected()?;
            return Ok(());
        }
        self.shape = Shape::Right;
        reader.elements(|reader| {
            items.push(T::default());
            items.last_mut().map_or(Ok(()), |item| item.fill(reader))
        })
    }
}

/// An object whose member names are data, in the document's order and with repeats kept.
#[derive(Debug)]
pub(in crate::sources) struct Dict<'a, T> {
    /// What stood there.
    pub(in crate::sources) shape: Shape,
    /// Its members; empty when it was no object.
    pub(in crate::sources) entries: Vec<(&'a str, T)>,
}

impl<T> Default for Dict<'_, T> {
    fn default() -> Self {
        Self {
            shape: Shape::Absent,
            entries: Vec::new(),
        }
    }
}

impl<'a, T: Json<'a>> Json<'a> for Dict<'a, T> {
    fn fill(&mut self, reader: &mut Reader<'a>) -> Read<()> {
        let entries = &mut self.entries;
        entries.clear();
        self.shape = match reader.peek() {
            b'{' => Shape::Right,
            // Some servers write an empty object as an empty list.
            b'[' => {
                let mut shape = Shape::Right;
                return reader
                    .elements(|reader| {
                        shape = Shape::Wrong;
                        reader.skip()
                    })
                    .map(|()| self.shape = shape);
            }
            _ => {
                self.shape = reader.unexpected()?;
                return Ok(());
            }
        };
        reader.members(|reader, name| {
            entries.push((name, T::default()));
            entries
                .last_mut()
                .map_or(Ok(()), |(_, item)| item.fill(reader))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Document, Scalar};
    use super::*;

    record! {
        Pair<'a> { left: Scalar<'a> = "left", right: List<Scalar<'a>> = "right" }
    }

    #[test]
    fn wrong_types_do_not_fail_the_document() {
        let document = Document::new(
            r#"[{"left":{"deep":[1]},"right":{"a":1},"other":[[]]}, 7, null, [1], {"left":1,"left":2}]"#,
        );
        let read: List<Pair<'_>> = document.read().unwrap();
        let shapes: Vec<Shape> = read.items.iter().map(|p| p.shape).collect();
        assert_eq!(
            shapes,
            [
                Shape::Right,
                Shape::Wrong,
                Shape::Null,
                Shape::Wrong,
                Shape::Right
            ]
        );
        assert_eq!(read.items[0].left, Scalar::Nested);
        assert_eq!(read.items[0].right.shape, Shape::Wrong);
        assert_eq!(read.items[4].left, Scalar::Int(2), "the last of a repeat");
        assert_eq!(read.items[4].right.shape, Shape::Absent);
    }

    #[test]
    fn dicts_keep_order_and_repeats() {
        let document = Document::new(r#"{"b":1,"a":2,"b":3}"#);
        let read: Dict<'_, Scalar<'_>> = document.read().unwrap();
        let names: Vec<&str> = read.entries.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["b", "a", "b"]);
        let shape = |text| {
            let document = Document::new(text);
            document.read::<Dict<'_, Scalar<'_>>>().unwrap().shape
        };
        assert_eq!(shape("[]"), Shape::Right);
        assert_eq!(shape("[1]"), Shape::Wrong);
    }
}
