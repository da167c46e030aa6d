//! The terminal's answer to "which background have you" (OSC 11), picked out of the keys.
//!
//! The reader of keys knows no such answer and takes it for typing: `ESC ]` as Alt-], then characters, then BEL as
//! Ctrl-G or `ESC \` as Alt-\. Put together again here, no part of it reaches an action, however late it comes.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// The question.
pub const QUESTION: &str = "\x1b]11;?\x1b\\";

/// How long an answer is expected; a terminal over a slow line may need a second.
const PATIENCE: Duration = Duration::from_secs(3);
/// The longest answer: `11;rgba:ffff/ffff/ffff/ffff` has 27.
const LONGEST: usize = 32;

/// Puts the answer together.
#[derive(Debug, Default)]
pub struct Answer {
    asked_at: Option<Duration>,
    text: Option<String>,
}

/// What a key turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Typing.
    Key(KeyEvent),
    /// Part of the answer.
    Part,
    /// The whole answer: whether the background is light.
    Background {
        /// Whether it is light.
        light: bool,
    },
}

impl Answer {
    /// The question was asked at `elapsed`.
    pub const fn asked(elapsed: Duration) -> Self {
        Self {
            asked_at: Some(elapsed),
            text: None,
        }
    }

    /// Look at a key that came at `elapsed`.
    pub fn hear(&mut self, key: KeyEvent, elapsed: Duration) -> Heard {
        let Some(asked_at) = self.asked_at else {
            return Heard::Key(key);
        };
        if elapsed.saturating_sub(asked_at) > PATIENCE {
            *self = Self::default();
            return Heard::Key(key);
        }
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match (&mut self.text, key.code) {
            (None, KeyCode::Char(']')) if alt => {
                self.text = Some(String::new());
                Heard::Part
            }
            (None, _) => Heard::Key(key),
            (Some(text), KeyCode::Char(end)) if (alt && end == '\\') || (control && end == 'g') => {
                let light = is_light(text);
                *self = Self::default();
                light.map_or(Heard::Part, |light| Heard::Background { light })
            }
            (Some(text), KeyCode::Char(c)) if !alt && !control && text.len() < LONGEST => {
                text.push(c);
                Heard::Part
            }
            _ => {
                *self = Self::default();
                Heard::Key(key)
            }
        }
    }
}

/// Whether `11;rgb:RRRR/GGGG/BBBB` is light, by the luma weights of BT.709.
fn is_light(text: &str) -> Option<bool> {
    let (_, colour) = text.strip_prefix("11;")?.split_once(':')?;
    let mut parts = colour.split('/').map(|part| {
        let value = u32::from_str_radix(part, 16).ok()?;
        let full = 16_u32.checked_pow(part.len() as u32)? - 1;
        Some(f64::from(value) / f64::from(full))
    });
    let mut next = || parts.next().flatten();
    let (red, green, blue) = (next()?, next()?, next()?);
    Some(0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str, end: KeyEvent) -> Vec<KeyEvent> {
        std::iter::once(KeyEvent::new(KeyCode::Char(']'), KeyModifiers::ALT))
            .chain(
                text.chars()
                    .map(|c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE)),
            )
            .chain([end])
            .collect()
    }

    const ST: KeyEvent = KeyEvent::new(KeyCode::Char('\\'), KeyModifiers::ALT);
    const BEL: KeyEvent = KeyEvent::new(KeyCode::Char('g'), KeyModifiers::CONTROL);

    #[test]
    fn hears_light_and_dark_and_lets_no_part_through() {
        for (text, end, light) in [
            ("11;rgb:fafa/fafa/fafa", ST, true),
            ("11;rgb:1e1e/1e1e/1e1e", BEL, false),
            ("11;rgb:ff/ff/ff", ST, true),
        ] {
            let mut answer = Answer::asked(Duration::ZERO);
            let heard: Vec<_> = keys(text, end)
                .into_iter()
                .map(|key| answer.hear(key, Duration::from_millis(40)))
                .collect();
            assert_eq!(heard.last(), Some(&Heard::Background { light }));
            assert!(heard.iter().rev().skip(1).all(|h| *h == Heard::Part));
        }
    }

    #[test]
    fn typing_stays_typing() {
        let q = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE);
        let mut answer = Answer::asked(Duration::ZERO);
        assert_eq!(answer.hear(q, Duration::from_millis(5)), Heard::Key(q));
        let bracket = KeyEvent::new(KeyCode::Char(']'), KeyModifiers::ALT);
        assert_eq!(
            Answer::default().hear(bracket, Duration::ZERO),
            Heard::Key(bracket)
        );
        assert_eq!(
            answer.hear(bracket, Duration::from_secs(9)),
            Heard::Key(bracket)
        );
    }

    #[test]
    fn an_answer_without_end_gives_the_keys_back() {
        let mut answer = Answer::asked(Duration::ZERO);
        let q = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE);
        let heard: Vec<_> = keys(&"x".repeat(60), q)
            .into_iter()
            .map(|key| answer.hear(key, Duration::ZERO))
            .collect();
        assert_eq!(heard.last(), Some(&Heard::Key(q)));
    }
}
