//! Numbers that no machine holds.
//!
//! `1e999` is JSON, but a parser that meets it refuses the whole document. Such a number is turned into a text of the
//! same length, which every field that wants a number then refuses on its own.

/// `text` with each overflowing number in quotes; none when there is no such number.
pub(in crate::sources) fn quote_impossible_numbers(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => at = end_of_string(bytes, at + 1),
            b'-' | b'0'..=b'9' => {
                let end = bytes
                    .get(at..)
                    .and_then(|rest| rest.iter().position(|b| !is_number_byte(*b)))
                    .map_or(bytes.len(), |length| at + length);
                let overflows = text
                    .get(at..end)
                    .and_then(|token| token.parse::<f64>().ok())
                    .is_some_and(f64::is_infinite);
                // An overflowing number has at least five characters (`1e309`), so quotes and a mark always fit.
                if overflows {
                    let out = out.get_or_insert_with(|| bytes.to_vec());
                    for (offset, byte) in [(at, b'"'), (at + 1, b'~'), (end - 1, b'"')] {
                        if let Some(slot) = out.get_mut(offset) {
                            *slot = byte;
                        }
                    }
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    out.and_then(|bytes| String::from_utf8(bytes).ok())
}

const fn is_number_byte(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')
}

/// Past the closing quote of the string whose content starts at `at`.
fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_only_what_overflows() {
        assert_eq!(
            quote_impossible_numbers(r#"{"a":1e999,"b":"1e999","c":-110}"#).as_deref(),
            Some(r#"{"a":"~99","b":"1e999","c":-110}"#)
        );
        assert_eq!(quote_impossible_numbers(r#"[1.5, "x\"1e999", 2e3]"#), None);
        assert_eq!(quote_impossible_numbers(r#"["open"#), None);
    }
}
