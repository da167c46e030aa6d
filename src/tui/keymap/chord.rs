//! A key with its modifiers, and keys one after the other.

use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers. Shift is part of the character (`R`), Shift-Tab is `backtab`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

const NAMES: [(&str, KeyCode, &str); 16] = [
    ("enter", KeyCode::Enter, "Enter"),
    ("esc", KeyCode::Esc, "Esc"),
    ("tab", KeyCode::Tab, "Tab"),
    ("backtab", KeyCode::BackTab, "S-Tab"),
    ("backspace", KeyCode::Backspace, "Bksp"),
    ("delete", KeyCode::Delete, "Del"),
    ("insert", KeyCode::Insert, "Ins"),
    ("space", KeyCode::Char(' '), "Space"),
    ("up", KeyCode::Up, "↑"),
    ("down", KeyCode::Down, "↓"),
    ("left", KeyCode::Left, "←"),
    ("right", KeyCode::Right, "→"),
    ("pageup", KeyCode::PageUp, "PgUp"),
    ("pagedown", KeyCode::PageDown, "PgDn"),
    ("home", KeyCode::Home, "Home"),
    ("end", KeyCode::End, "End"),
];

impl Chord {
    /// The chord that `text` begins with, and what is left of it. The longest name wins: `end` is a key, `e` another.
    fn begin(text: &str) -> Option<(Self, &str)> {
        let mut rest = text;
        let mut modifiers = KeyModifiers::NONE;
        loop {
            let (after, modifier) = if let Some(after) = rest.strip_prefix("ctrl-") {
                (after, KeyModifiers::CONTROL)
            } else if let Some(after) = rest.strip_prefix("alt-") {
                (after, KeyModifiers::ALT)
            } else {
                break;
            };
            rest = after;
            modifiers |= modifier;
        }
        // A name ends where the text does, or before the hyphen that another key follows.
        let length = rest.char_indices().skip(1).find(|(_, c)| *c == '-');
        let (word, after) = rest.split_at(length.map_or(rest.len(), |(at, _)| at));
        let mut characters = word.chars();
        let code = match (characters.next(), characters.next()) {
            (Some(only), None) if !only.is_control() => KeyCode::Char(only),
            _ => {
                let named = NAMES.iter().find(|(name, ..)| *name == word);
                let function = || {
                    let number: u8 = word.strip_prefix('f')?.parse().ok()?;
                    (1..=12).contains(&number).then_some(KeyCode::F(number))
                };
                named.map(|(_, code, _)| *code).or_else(function)?
            }
        };
        Some((Self { code, modifiers }, after))
    }
}

impl FromStr for Chord {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match Self::begin(text) {
            Some((chord, "")) => Ok(chord),
            _ => Err(()),
        }
    }
}

impl From<KeyEvent> for Chord {
    fn from(event: KeyEvent) -> Self {
        let modifiers = event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT);
        let code = match event.code {
            KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            // Terminals that report modifiers send a lower-case letter and Shift.
            KeyCode::Char(c)
                if event.modifiers.contains(KeyModifiers::SHIFT) && c.is_ascii_lowercase() =>
            {
                KeyCode::Char(c.to_ascii_uppercase())
            }
            other => other,
        };
        Self { code, modifiers }
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.modifiers.contains(KeyModifiers::CONTROL) {
            f.write_str("^")?;
        }
        if self.modifiers.contains(KeyModifiers::ALT) {
            f.write_str("M-")?;
        }
        if let Some((_, _, shown)) = NAMES.iter().find(|(_, code, _)| *code == self.code) {
            return f.write_str(shown);
        }
        match self.code {
            KeyCode::Char(c) if self.modifiers.contains(KeyModifiers::CONTROL) => {
                write!(f, "{}", c.to_ascii_uppercase())
            }
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(number) => write!(f, "F{number}"),
            _ => f.write_str("?"),
        }
    }
}

/// Keys one after the other, most often one: `g-g` in the settings, `g g` on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence(Vec<Chord>);

impl Sequence {
    /// The keys.
    pub fn chords(&self) -> &[Chord] {
        &self.0
    }

    /// Whether one of the two begins as the whole other does: then the shorter would never let the longer be typed.
    pub(super) fn hides(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0) || other.0.starts_with(&self.0)
    }
}

impl FromStr for Sequence {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut chords = Vec::new();
        let mut rest = text;
        loop {
            let (chord, after) = Chord::begin(rest).ok_or(())?;
            chords.push(chord);
            if after.is_empty() {
                return Ok(Self(chords));
            }
            rest = after.strip_prefix('-').ok_or(())?;
        }
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, chord) in self.0.iter().enumerate() {
            if nth > 0 {
                f.write_str(" ")?;
            }
            write!(f, "{chord}")?;
        }
        Ok(())
    }
}
