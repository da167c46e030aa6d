//! Numbers: short ones, which is all that feeds send, are read on the spot, and the rest is left to `serde_json`.

use super::Scalar;
use super::reader::{Read, Reader, Stop};

/// Digits that a whole number or the digits of a fraction may have to be exact in both `i64` and `f64`.
const EXACT_DIGITS: usize = 15;
const POWERS: [f64; EXACT_DIGITS + 1] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

impl<'a> Reader<'a> {
    /// A number. Its first byte was seen.
    #[inline]
    pub(super) fn number(&mut self) -> Read<Scalar<'a>> {
        let start = self.at;
        match short(self.bytes.get(start..).unwrap_or_default()) {
            Some((number, length)) => {
                self.at = start + length;
                Ok(number)
            }
            None => self.long_number(),
        }
    }

    #[cold]
    fn long_number(&mut self) -> Read<Scalar<'a>> {
        let token = self.raw(Self::skip_number)?;
        let number: serde_json::Number = serde_json::from_str(token).map_err(|_| Stop::Broken)?;
        Ok(match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Scalar::Int(whole),
            (None, Some(float)) => Scalar::Float(float),
            (None, None) => return Err(Stop::Broken),
        })
    }
}

/// The number at the start of `bytes` and its length; none for a long, exponential, odd or broken one.
#[inline]
fn short(bytes: &[u8]) -> Option<(Scalar<'static>, usize)> {
    let digit = |at: usize| {
        bytes
            .get(at)
            .map(|byte| byte.wrapping_sub(b'0'))
            .filter(|digit| *digit < 10)
    };
    let start = usize::from(bytes.first() == Some(&b'-'));
    let mut at = start;
    let mut value: i64 = 0;
    while let Some(next) = digit(at) {
        if at - start >= EXACT_DIGITS {
            return None;
        }
        value = value * 10 + i64::from(next);
        at += 1;
    }
    // Nothing, `01`, and `-0`, which is a float.
    let leading_zero = bytes.get(start) == Some(&b'0');
    if at == start || leading_zero && (at > start + 1 || start == 1) {
        return None;
    }
    let signed = |value: i64| if start == 1 { -value } else { value };
    match bytes.get(at) {
        Some(b'.') => {}
        Some(b'e' | b'E') => return None,
        _ => return Some((Scalar::Int(signed(value)), at)),
    }
    at += 1;
    let point = at;
    while let Some(next) = digit(at) {
        if at - start > EXACT_DIGITS {
            return None;
        }
        value = value * 10 + i64::from(next);
        at += 1;
    }
    if at == point || matches!(bytes.get(at), Some(b'e' | b'E')) {
        return None;
    }
    // Both are exact, so that their quotient is the nearest number there is.
    let power = POWERS.get(at - point)?;
    Some((Scalar::Float(signed(value) as f64 / power), at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_numbers_are_what_serde_json_reads() {
        let cases = [
            "0",
            "7",
            "-110",
            "46.5",
            "-1.5",
            "0.5",
            "8.50",
            "123456789012345",
            "-123456789012345",
            "1.00000000000001",
            "12345678.9012345",
            "0.1",
            "2.05",
            "1.91",
            "100000.0",
            "0.0",
        ];
        for text in cases {
            let (read, length) = short(text.as_bytes()).unwrap();
            assert_eq!(length, text.len(), "{text}");
            match read {
                Scalar::Int(whole) => assert_eq!(text.parse(), Ok(whole)),
                Scalar::Float(float) => {
                    assert_eq!(
                        float.to_bits(),
                        text.parse::<f64>().unwrap().to_bits(),
                        "{text}"
                    );
                }
                other => panic!("{other:?}"),
            }
        }
        let left = [
            "-0",
            "-0.5",
            "01",
            "-",
            "1.",
            "1e5",
            "1.5E3",
            "1234567890123456",
            "1.000000000000001",
            ".5",
            "",
        ];
        for text in left {
            assert_eq!(short(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn the_rest_is_left_to_serde_json() {
        let read = |text: &'static str| Reader::new(text, &[]).number();
        assert_eq!(read("-0"), Ok(Scalar::Float(-0.0)));
        assert_eq!(read("-0.5"), Ok(Scalar::Float(-0.5)));
        assert_eq!(read("1e3"), Ok(Scalar::Float(1000.0)));
        assert_eq!(
            read("9007199254740993"),
            Ok(Scalar::Int(9_007_199_254_740_993))
        );
        assert_eq!(
            read("18446744073709551615"),
            Ok(Scalar::Float(u64::MAX as f64))
        );
        for broken in ["1e999", "01", "1.", "-"] {
            assert_eq!(read(broken), Err(Stop::Broken), "{broken}");
        }
    }
}
