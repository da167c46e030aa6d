//! A reader over the bytes of one document: what it needs of a value it reads, the rest it checks and skips.

use super::Shape;

/// Why reading stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sources) enum Stop {
    /// This is not JSON.
    Broken,
    /// A text with escapes, and nobody has written it out yet.
    Escaped,
}

/// What a step of reading gives.
pub(in crate::sources) type Read<T> = Result<T, Stop>;

/// A type that reads itself from any JSON value, remembering what it could not use.
pub(in crate::sources) trait Json<'a>: Default {
    /// Read the next value over whatever was here.
    fn fill(&mut self, reader: &mut Reader<'a>) -> Read<()>;
}

/// A text of the document with its escapes written out, under the place of its first byte.
pub(in crate::sources) type Unescaped = (usize, Box<str>);

/// Where reading stands in a document.
pub(in crate::sources) struct Reader<'a> {
    text: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    /// The closing brackets that a skipped value still needs; kept here so that skipping allocates once.
    pub(super) open: Vec<u8>,
    unescaped: &'a [Unescaped],
}

impl<'a> Reader<'a> {
    /// At the start of `text`, whose texts with escapes are in `unescaped`.
    pub(in crate::sources) const fn new(text: &'a str, unescaped: &'a [Unescaped]) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            open: Vec::new(),
            unescaped,
        }
    }

    /// The first byte of the next token; 0, which begins none, at the end.
    #[inline]
    pub(in crate::sources) fn peek(&mut self) -> u8 {
        match self.bytes.get(self.at) {
            Some(&byte) if byte > b' ' => byte,
            Some(_) => self.peek_past_space(),
            None => 0,
        }
    }

    #[cold]
    fn peek_past_space(&mut self) -> u8 {
        while let Some(&byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
                return byte;
            }
            self.at += 1;
        }
        0
    }

    /// Step over the one-byte token `token`.
    #[inline]
    pub(super) fn expect(&mut self, token: u8) -> Read<()> {
        if self.peek() == token {
            self.at += 1;
            Ok(())
        } else {
            Err(Stop::Broken)
        }
    }

    /// Step over `word`, whose first byte was seen.
    pub(super) fn literal(&mut self, word: &str) -> Read<()> {
        let end = self.at + word.len();
        if self.bytes.get(self.at..end) == Some(word.as_bytes()) {
            self.at = end;
            Ok(())
        } else {
            Err(Stop::Broken)
        }
    }

    /// A text. The opening quote comes next.
    #[inline]
    pub(super) fn string(&mut self) -> Read<&'a str> {
        self.expect(b'"')?;
        let start = self.at;
        let end = end_of_plain(self.bytes, start);
        match self.bytes.get(end) {
            Some(b'"') => {
                self.at = end + 1;
                self.text.get(start..end).ok_or(Stop::Broken)
            }
            Some(b'\\') => self.escaped(start),
            _ => Err(Stop::Broken),
        }
    }

    #[cold]
    fn escaped(&mut self, start: usize) -> Read<&'a str> {
        let found = self
            .unescaped
            .binary_search_by_key(&start, |(place, _)| *place)
            .ok()
            .and_then(|index| self.unescaped.get(index));
        let (_, text) = found.ok_or(Stop::Escaped)?;
        self.at = start;
        self.skip_string()?;
        Ok(text)
    }

    /// Step into the object that begins here, and past it where it is empty.
    #[inline]
    pub(in crate::sources) fn is_empty_object(&mut self) -> Read<bool> {
        self.expect(b'{')?;
        let empty = self.peek() == b'}';
        self.at += usize::from(empty);
        Ok(empty)
    }

    /// Step over `member`, a name in quotes and its colon, if that is what comes next.
    #[inline]
    pub(in crate::sources) fn take(&mut self, member: &str) -> bool {
        let found = self
            .bytes
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(member.as_bytes()));
        if found {
            self.at += member.len();
        }
        found
    }

    /// The name of the next member.
    pub(in crate::sources) fn name(&mut self) -> Read<&'a str> {
        let name = self.string()?;
        self.expect(b':')?;
        Ok(name)
    }

    /// Step past what follows a member, and tell whether it was the last one.
    #[inline]
    pub(in crate::sources) fn ends_object(&mut self) -> Read<bool> {
        let last = match self.peek() {
            b',' => false,
            b'}' => true,
            _ => return Err(Stop::Broken),
        };
        self.at += 1;
        Ok(last)
    }

    /// Every member of the object that begins here.
    #[inline]
    pub(in crate::sources) fn members(
        &mut self,
        mut member: impl FnMut(&mut Self, &'a str) -> Read<()>,
    ) -> Read<()> {
        if self.is_empty_object()? {
            return Ok(());
        }
        loop {
            let name = self.name()?;
            member(self, name)?;
            if self.ends_object()? {
                return Ok(());
            }
        }
    }

    /// Every element of the list that begins here.
    #[inline]
    pub(in crate::sources) fn elements(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Read<()>,
    ) -> Read<()> {
        self.expect(b'[')?;
        if self.peek() == b']' {
            self.at += 1;
            return Ok(());
        }
        loop {
            element(self)?;
            match self.peek() {
                b',' => self.at += 1,
                b']' => break,
                _ => return Err(Stop::Broken),
            }
        }
        self.at += 1;
        Ok(())
    }

    /// Skip a value that is not what was expected, and say whether it is one at all.
    #[cold]
    pub(in crate::sources) fn unexpected(&mut self) -> Read<Shape> {
        let shape = if self.peek() == b'n' {
            Shape::Null
        } else {
            Shape::Wrong
        };
        self.skip()?;
        Ok(shape)
    }

    /// Skip a value and give the text it is written with.
    pub(in crate::sources) fn raw(
        &mut self,
        read: impl FnOnce(&mut Self) -> Read<()>,
    ) -> Read<&'a str> {
        self.peek();
        let start = self.at;
        read(self)?;
        self.text.get(start..self.at).ok_or(Stop::Broken)
    }

    /// How many bytes are left.
    pub(in crate::sources) const fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    /// Nothing but space may follow.
    pub(super) fn end(&mut self) -> Read<()> {
        if self.peek() == 0 && self.at == self.bytes.len() {
            Ok(())
        } else {
            Err(Stop::Broken)
        }
    }
}

/// Past the bytes from `at` on that stand for themselves in a text: at a quote, a backslash or a control character.
#[inline]
pub(super) fn end_of_plain(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    // A byte below n sets its high bit in (b - n) & !b; a borrow can only spoil the bytes after the first.
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let eight = u64::from_le_bytes(*chunk);
        let quote = eight ^ (ONES * u64::from(b'"'));
        let backslash = eight ^ (ONES * u64::from(b'\\'));
        let found = (eight.wrapping_sub(ONES * 0x20) & !eight
            | quote.wrapping_sub(ONES) & !quote
            | backslash.wrapping_sub(ONES) & !backslash)
            & HIGH;
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while bytes
        .get(at)
        .is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..=0x1F))
    {
        at += 1;
    }
    at
}
