//! What stands at some places of a document, found in one pass however many they are.

use std::collections::HashMap;

use super::Document;
use super::reader::{Read, Reader};

/// A step towards the places that are looked for.
#[derive(Debug, Default)]
struct Step {
    below: HashMap<String, Step>,
    /// Which of the places this is.
    wanted: Vec<usize>,
}

impl Document<'_> {
    /// The JSON at each of `pointers` (RFC 6901), where there is any.
    pub(in crate::sources) fn at_places(&self, pointers: &[&str]) -> Vec<Option<&str>> {
        let mut root = Step::default();
        for (index, pointer) in pointers.iter().enumerate() {
            let step = pointer.split('/').skip(1).fold(&mut root, |step, name| {
                let name = name.replace("~1", "/").replace("~0", "~");
                step.below.entry(name).or_default()
            });
            step.wanted.push(index);
        }
        let mut found = vec![None; pointers.len()];
        // A document whose values were read is JSON, and one that is not has nothing at any place.
        let _ = self.walk(|reader| root.walk(reader, &mut found));
        found
    }
}

impl Step {
    fn walk<'a>(&self, reader: &mut Reader<'a>, found: &mut [Option<&'a str>]) -> Read<()> {
        let text = reader.raw(|reader| match reader.peek() {
            _ if self.below.is_empty() => reader.skip(),
            b'{' => reader.members(|reader, name| self.below(name, reader, found)),
            b'[' => {
                let mut index = 0_usize;
                reader.elements(|reader| {
                    let name = index.to_string();
                    index += 1;
                    self.below(&name, reader, found)
                })
            }
            _ => reader.skip(),
        })?;
        self.note(Some(text), found);
        Ok(())
    }

    fn below<'a>(
        &self,
        name: &str,
        reader: &mut Reader<'a>,
        found: &mut [Option<&'a str>],
    ) -> Read<()> {
        let Some(step) = self.below.get(name) else {
            return reader.skip();
        };
        // Of a repeated member the last stands, with all that is below it.
        step.forget(found);
        step.walk(reader, found)
    }

    fn forget(&self, found: &mut [Option<&str>]) {
        self.note(None, found);
        for step in self.below.values() {
            step.forget(found);
        }
    }

    fn note<'a>(&self, text: Option<&'a str>, found: &mut [Option<&'a str>]) {
        for wanted in &self.wanted {
            if let Some(slot) = found.get_mut(*wanted) {
                *slot = text;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_serde_json_finds() {
        let text =
            r#"{"a/b":[{"~":7},[ 1, "x" ]],"twice":{"old":1},"twice":{"new":null},"\u0065":{}}"#;
        let document = Document::new(text);
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        let pointers = [
            "",
            "/a~1b",
            "/a~1b/0/~0",
            "/a~1b/1",
            "/a~1b/1/1",
            "/a~1b/2",
            "/a~1b/x",
            "/twice/old",
            "/twice/new",
            "/twice/new",
            "/e",
            "/gone/deep",
        ];
        let found = document.at_places(&pointers);
        for (pointer, found) in pointers.iter().zip(found) {
            let read = found.map(|text| serde_json::from_str(text).unwrap());
            assert_eq!(read.as_ref(), value.pointer(pointer), "{pointer}");
        }
    }
}
