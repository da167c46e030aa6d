//! Values nobody needs: checked as strictly as the others, so that a broken document is never half taken.

use super::reader::{Read, Reader, Stop, end_of_plain};

impl Reader<'_> {
    /// Skip a value of any depth, without recursion: feeds are hostile.
    pub(in crate::sources) fn skip(&mut self) -> Read<()> {
        match self.peek() {
            b'{' | b'[' => self.skip_nested(),
            _ => self.skip_leaf(),
        }
    }

    #[inline]
    fn skip_leaf(&mut self) -> Read<()> {
        match self.peek() {
            b'"' => {
                self.at += 1;
                self.skip_string()
            }
            b'-' | b'0'..=b'9' => self.skip_number(),
            b'n' => self.literal("null"),
            b't' => self.literal("true"),
            b'f' => self.literal("false"),
            _ => Err(Stop::Broken),
        }
    }

    fn skip_nested(&mut self) -> Read<()> {
        self.open.clear();
        loop {
            match self.peek() {
                b'{' => {
                    self.at += 1;
                    self.open.push(b'}');
                    if self.peek() != b'}' {
                        self.skip_name()?;
                        continue;
                    }
                }
                b'[' => {
                    self.at += 1;
                    self.open.push(b']');
                    if self.peek() != b']' {
                        continue;
                    }
                }
                _ => self.skip_leaf()?,
            }
            // A value ended: another follows, or its list or object ends too.
            while let Some(&close) = self.open.last() {
                match self.peek() {
                    b',' => {
                        self.at += 1;
                        if close == b'}' {
                            self.skip_name()?;
                        }
                        break;
                    }
                    byte if byte == close => {
                        self.at += 1;
                        self.open.pop();
                    }
                    _ => return Err(Stop::Broken),
                }
            }
            if self.open.is_empty() {
                return Ok(());
            }
        }
    }

    #[inline]
    fn skip_name(&mut self) -> Read<()> {
        self.expect(b'"')?;
        self.skip_string()?;
        self.expect(b':')
    }

    /// Past the closing quote of the text whose content begins here.
    #[inline]
    pub(super) fn skip_string(&mut self) -> Read<()> {
        loop {
            self.at = end_of_plain(self.bytes, self.at);
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.skip_escape()?,
                _ => return Err(Stop::Broken),
            }
        }
    }

    #[cold]
    fn skip_escape(&mut self) -> Read<()> {
        let length = match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') => 6,
            _ => return Err(Stop::Broken),
        };
        let digits = self.bytes.get(self.at + 2..self.at + length);
        if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
            return Err(Stop::Broken);
        }
        self.at += length;
        Ok(())
    }

    /// Past a number, of whose size nothing is asked.
    #[inline]
    pub(super) fn skip_number(&mut self) -> Read<()> {
        if self.byte() == b'-' {
            self.at += 1;
        }
        if self.byte() == b'0' {
            self.at += 1;
            if self.byte().is_ascii_digit() {
                return Err(Stop::Broken);
            }
        } else {
            self.skip_digits()?;
        }
        if self.byte() == b'.' {
            self.at += 1;
            self.skip_digits()?;
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.byte(), b'+' | b'-') {
                self.at += 1;
            }
            self.skip_digits()?;
        }
        Ok(())
    }

    #[inline]
    fn byte(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    #[inline]
    fn skip_digits(&mut self) -> Read<()> {
        let start = self.at;
        while self.byte().is_ascii_digit() {
            self.at += 1;
        }
        if self.at > start {
            Ok(())
        } else {
            Err(Stop::Broken)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::de::IgnoredAny;

    use super::super::Reader;

    #[test]
    fn takes_what_is_json_and_nothing_else() {
        let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
        let cases = [
            "1",
            "-0",
            "-",
            "01",
            "1.",
            ".5",
            "1e5",
            "1e+",
            "1E-07",
            "--1",
            "1e999",
            "+1",
            "true",
            "tru",
            "null",
            "nulll",
            "\"a\"",
            "\"a",
            "\"\\\"\"",
            "\"\\x\"",
            "\"\\u12G4\"",
            "\"\\u1234 and more than eight\"",
            "\"tab\t\"",
            "[]",
            "[1,]",
            "[1 2]",
            "[1,2]",
            "[,1]",
            "{}",
            "{\"a\":1}",
            "{\"a\":1,}",
            "{\"a\" 1}",
            "{a:1}",
            "{\"a\":{\"b\":[[],{}]},\"c\":[{}]}",
            "[{]}",
            "[1]]",
            "{\"a\":1}}",
            " [ 1 , { \"a\" : [ ] } ] ",
            "",
            " ",
            "\u{b}1",
            "[\u{a0}1]",
            deep.as_str(),
        ];
        for text in cases {
            let mut reader = Reader::new(text, &[]);
            let read = reader.skip().and_then(|()| reader.end());
            let wanted = serde_json::from_str::<IgnoredAny>(text);
            assert_eq!(read.is_ok(), wanted.is_ok(), "{text}");
        }
    }
}
