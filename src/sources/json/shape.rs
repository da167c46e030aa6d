//! Lists and objects that survive being something else.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

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

/// The visits by which a visitor says "this is the wrong type" instead of failing the document.
macro_rules! refuse_scalars {
    ($wrong:expr, $null:expr) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($wrong)
        }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($wrong)
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($wrong)
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($wrong)
        }
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok($wrong)
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($null)
        }
    };
}
pub(in crate::sources) use refuse_scalars;

/// A record of named members, each of which accepts anything. Unknown members are skipped; of a repeated one the last
/// stands, as in every JSON library the feeds' own clients use.
macro_rules! record {
    ($(#[$meta:meta])* $name:ident<$lt:lifetime> { $($(#[$fmeta:meta])* $field:ident: $ty:ty = $key:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Default)]
        pub(in crate::sources) struct $name<$lt> {
            /// What stood there.
            #[allow(dead_code, reason = "not every record's own shape matters to its reader")]
            pub(in crate::sources) shape: crate::sources::json::Shape,
            $($(#[$fmeta])* pub(in crate::sources) $field: $ty,)+
        }

        impl<'de: $lt, $lt> serde::de::Deserialize<'de> for $name<$lt> {
            fn deserialize<D: serde::de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct RecordVisitor<$lt>(std::marker::PhantomData<&$lt ()>);

                impl<'de: $lt, $lt> serde::de::Visitor<'de> for RecordVisitor<$lt> {
                    type Value = $name<$lt>;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }

                    crate::sources::json::refuse_scalars!(
                        $name { shape: crate::sources::json::Shape::Wrong, ..Default::default() },
                        $name { shape: crate::sources::json::Shape::Null, ..Default::default() }
                    );

                    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                        while seq.next_element::<serde::de::IgnoredAny>()?.is_some() {}
                        Ok($name { shape: crate::sources::json::Shape::Wrong, ..Default::default() })
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                        let mut out = $name { shape: crate::sources::json::Shape::Right, ..Default::default() };
                        while let Some(key) = map.next_key::<crate::sources::json::Key<'de>>()? {
                            match key.as_str() {
                                $($key => out.$field = map.next_value()?,)+
                                _ => { map.next_value::<serde::de::IgnoredAny>()?; }
                            }
                        }
                        Ok(out)
                    }
                }

                deserializer.deserialize_any(RecordVisitor(std::marker::PhantomData))
            }
        }
    };
}
pub(in crate::sources) use record;

/// A member's name, borrowed where it has no escapes.
#[derive(Debug)]
pub(in crate::sources) struct Key<'a>(pub(in crate::sources) Cow<'a, str>);

impl Key<'_> {
    /// The name.
    pub(in crate::sources) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member's name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
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

impl<T> List<T> {
    const fn empty(shape: Shape) -> Self {
        Self {
            shape,
            items: Vec::new(),
        }
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self::empty(Shape::Absent)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
            type Value = List<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            refuse_scalars!(List::empty(Shape::Wrong), List::empty(Shape::Null));

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut list = List::empty(Shape::Right);
                while let Some(item) = seq.next_element()? {
                    list.items.push(item);
                }
                Ok(list)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(List::empty(Shape::Wrong))
            }
        }

        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

/// An object whose member names are data, in the document's order and with repeats kept.
#[derive(Debug)]
pub(in crate::sources) struct Dict<'a, T> {
    /// What stood there.
    pub(in crate::sources) shape: Shape,
    /// Its members; empty when it was no object.
    pub(in crate::sources) entries: Vec<(Key<'a>, T)>,
}

impl<T> Dict<'_, T> {
    const fn empty(shape: Shape) -> Self {
        Self {
            shape,
            entries: Vec::new(),
        }
    }
}

impl<T> Default for Dict<'_, T> {
    fn default() -> Self {
        Self::empty(Shape::Absent)
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for Dict<'a, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DictVisitor<'a, T>(PhantomData<(&'a (), T)>);

        impl<'de: 'a, 'a, T: Deserialize<'de>> Visitor<'de> for DictVisitor<'a, T> {
            type Value = Dict<'a, T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            refuse_scalars!(Dict::empty(Shape::Wrong), Dict::empty(Shape::Null));

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut any = false;
                while seq.next_element::<IgnoredAny>()?.is_some() {
                    any = true;
                }
                // Some servers write an empty object as an empty list.
                Ok(Dict::empty(if any { Shape::Wrong } else { Shape::Right }))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut dict = Dict::empty(Shape::Right);
                while let Some(entry) = map.next_entry()? {
                    dict.entries.push(entry);
                }
                Ok(dict)
            }
        }

        deserializer.deserialize_any(DictVisitor(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Scalar;
    use super::*;

    record! {
        Pair<'a> { left: Scalar<'a> = "left", right: List<Scalar<'a>> = "right" }
    }

    #[test]
    fn wrong_types_do_not_fail_the_document() {
        let read: List<Pair<'_>> = serde_json::from_str(
            r#"[{"left":{"deep":[1]},"right":{"a":1},"other":[[]]}, 7, null, [1], {"left":1,"left":2}]"#,
        )
        .unwrap();
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
        let read: Dict<'_, Scalar<'_>> = serde_json::from_str(r#"{"b":1,"a":2,"b":3}"#).unwrap();
        let names: Vec<&str> = read.entries.iter().map(|(k, _)| k.as_str()).collect();
        assert_eq!(names, ["b", "a", "b"]);
        let empty: Dict<'_, Scalar<'_>> = serde_json::from_str("[]").unwrap();
        assert_eq!(empty.shape, Shape::Right);
    }
}
