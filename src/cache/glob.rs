//! Patterns of keys: `*` is any text, `?` any one character, everything else itself. One meaning in both tiers.

/// Whether `text` matches `pattern`.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where to go on when a later part fails: the star takes one character more.
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(c) if *c == '?' || text.get(t) == Some(c) => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((star, taken)) => {
                    retry = Some((star, taken + 1));
                    p = star;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

/// `pattern` for Redis, whose globs know more: `[`, `]` and `\` stay themselves.
pub fn for_redis(pattern: &str) -> String {
    escape(pattern, &['[', ']', '\\'])
}

/// `text` as a Redis glob that matches nothing else.
pub fn literal_for_redis(text: &str) -> String {
    escape(text, &['[', ']', '\\', '*', '?'])
}

fn escape(text: &str, special: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if special.contains(&c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*", "odds:1", true),
            ("odds:*", "odds:1", true),
            ("odds:*", "game:1", false),
            ("odds:?", "odds:12", false),
            ("*:1", "odds:1", true),
            ("*a*b", "xaxxb", true),
            ("*a*b", "xaxxbc", false),
            ("", "", true),
            ("", "x", false),
            ("o[d]ds:*", "odds:1", false),
            ("o[d]ds:*", "o[d]ds:1", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn redis_reads_the_same_pattern() {
        assert_eq!(for_redis("a[b]*?\\"), "a\\[b\\]*?\\\\");
        assert_eq!(literal_for_redis("my*app:"), "my\\*app:");
    }
}
