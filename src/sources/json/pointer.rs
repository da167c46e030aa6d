//! Where in a document something stands: kept as steps on the stack, written out only when something is refused.

/// One step below its parent, up to the root.
#[derive(Debug, Clone, Copy)]
pub(in crate::sources) enum Pointer<'p> {
    /// The whole document.
    Root,
    /// A member of an object.
    Key(&'p Pointer<'p>, &'p str),
    /// An element of a list.
    Index(&'p Pointer<'p>, usize),
}

impl<'p> Pointer<'p> {
    /// The member `name` below this.
    pub(in crate::sources) const fn key(&'p self, name: &'p str) -> Pointer<'p> {
        Pointer::Key(self, name)
    }

    /// The element `index` below this.
    pub(in crate::sources) const fn at(&'p self, index: usize) -> Pointer<'p> {
        Pointer::Index(self, index)
    }

    /// RFC 6901 text: `/games/0/markets/68`.
    pub(in crate::sources) fn text(&self) -> String {
        let mut out = String::with_capacity(64);
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Root => {}
            Self::Key(parent, name) => {
                parent.write(out);
                out.push('/');
                for c in name.chars() {
                    match c {
                        '~' => out.push_str("~0"),
                        '/' => out.push_str("~1"),
                        c => out.push(c),
                    }
                }
            }
            Self::Index(parent, index) => {
                parent.write(out);
                out.push('/');
                out.push_str(&index.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_what_serde_json_resolves() {
        let value = serde_json::json!({"a/b": [{"~": 7}]});
        let root = Pointer::Root;
        let (member, element) = (root.key("a/b"), 0);
        let element = member.at(element);
        let leaf = element.key("~");
        assert_eq!(leaf.text(), "/a~1b/0/~0");
        assert_eq!(value.pointer(&leaf.text()), Some(&serde_json::json!(7)));
    }
}
