//! Keys to actions: defaults, remapping, conflicts.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::action::{Action, Context};

/// Why the keys of the settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// No such action.
    #[error(
        "[screen.keys] names {given:?}, which is no action; did you mean {nearest:?}? Press ? in linetape for the list"
    )]
    UnknownAction {
        /// As written.
        given: String,
        /// The most similar id.
        nearest: &'static str,
    },
    /// Not a key.
    #[error(
        "[screen.keys] {action} = {given:?} is not a key; write a character or a name, with ctrl- or alt- before it: \"r\", \"ctrl-r\", \"f5\", \"enter\""
    )]
    BadChord {
        /// Action id.
        action: String,
        /// As written.
        given: String,
    },
    /// Two actions on one key.
    #[error("[screen.keys] gives {chord} to both {first} and {second}; remap one of them")]
    Conflict {
        /// The key.
        chord: Chord,
        /// Action id.
        first: &'static str,
        /// Action id.
        second: &'static str,
    },
}

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

impl FromStr for Chord {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut rest = text;
        let mut modifiers = KeyModifiers::NONE;
        loop {
            let (prefix, modifier) = if rest.starts_with("ctrl-") {
                ("ctrl-", KeyModifiers::CONTROL)
            } else if rest.starts_with("alt-") {
                ("alt-", KeyModifiers::ALT)
            } else {
                break;
            };
            rest = rest.strip_prefix(prefix).ok_or(())?;
            modifiers |= modifier;
        }
        let mut characters = rest.chars();
        let code = match (characters.next(), characters.next()) {
            (Some(only), None) if !only.is_control() => KeyCode::Char(only),
            _ => {
                let named = NAMES.iter().find(|(name, ..)| *name == rest);
                let function = || {
                    let number: u8 = rest.strip_prefix('f')?.parse().ok()?;
                    (1..=12).contains(&number).then_some(KeyCode::F(number))
                };
                named
                    .map(|(_, code, _)| *code)
                    .or_else(function)
                    .ok_or(())?
            }
        };
        Ok(Self { code, modifiers })
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

/// Which key does what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<(Chord, Action)>,
}

impl Keymap {
    /// Defaults with the remapped keys of the settings: action id to one or more keys with spaces between them.
    ///
    /// Fails when an action or key does not exist, or two actions share a key in one place.
    pub fn new(remapped: &BTreeMap<String, String>) -> Result<Self, KeymapError> {
        for given in remapped.keys() {
            if !Action::ALL.iter().any(|action| action.id() == given) {
                return Err(KeymapError::UnknownAction {
                    given: given.clone(),
                    nearest: nearest_id(given),
                });
            }
        }
        let mut bindings: Vec<(Chord, Action)> = Vec::new();
        for &action in Action::ALL {
            let keys: Vec<&str> = match remapped.get(action.id()) {
                Some(keys) => keys.split_whitespace().collect(),
                None => action.default_keys().to_vec(),
            };
            for key in keys {
                let chord: Chord = key.parse().map_err(|()| KeymapError::BadChord {
                    action: action.id().to_owned(),
                    given: key.to_owned(),
                })?;
                // A panel's key may not hide one that counts everywhere.
                let taken = bindings.iter().find(|(other, bound)| {
                    let (a, b) = (bound.context(), action.context());
                    *other == chord && (a == b || a == Context::Global || b == Context::Global)
                });
                if let Some((_, first)) = taken {
                    return Err(KeymapError::Conflict {
                        chord,
                        first: first.id(),
                        second: action.id(),
                    });
                }
                bindings.push((chord, action));
            }
        }
        Ok(Self { bindings })
    }

    /// The action of a key in a context.
    pub fn action(&self, context: Context, chord: Chord) -> Option<Action> {
        self.bindings
            .iter()
            .find(|(bound, action)| {
                *bound == chord
                    && (action.context() == context || action.context() == Context::Global)
            })
            .map(|(_, action)| *action)
    }

    /// The keys of an action.
    pub fn chords(&self, action: Action) -> impl Iterator<Item = Chord> {
        self.bindings
            .iter()
            .filter(move |(_, bound)| *bound == action)
            .map(|(chord, _)| *chord)
    }

    /// The first key of an action as shown in hints; empty when it has none.
    pub fn hint(&self, action: Action) -> String {
        self.chords(action)
            .next()
            .map(|c| c.to_string())
            .unwrap_or_default()
    }
}

fn nearest_id(given: &str) -> &'static str {
    Action::ALL
        .iter()
        .map(|action| action.id())
        .max_by(|a, b| strsim::jaro_winkler(a, given).total_cmp(&strsim::jaro_winkler(b, given)))
        .unwrap_or("help")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remap(pairs: &[(&str, &str)]) -> Result<Keymap, KeymapError> {
        let map = pairs
            .iter()
            .map(|(a, k)| ((*a).to_owned(), (*k).to_owned()))
            .collect();
        Keymap::new(&map)
    }

    #[test]
    fn every_action_is_reachable_described_and_alone_on_its_keys() {
        let keymap = remap(&[]).expect("the defaults are free of conflicts");
        let mut ids = std::collections::HashSet::new();
        for &action in Action::ALL {
            assert!(ids.insert(action.id()), "{action:?} shares its id");
            assert!(!action.title().is_empty());
            assert!(action.description().ends_with('.'), "{action:?}");
            let chords: Vec<_> = keymap.chords(action).collect();
            assert!(!chords.is_empty(), "{action:?} has no key");
            for chord in chords {
                assert_eq!(keymap.action(action.context(), chord), Some(action));
            }
        }
    }

    /// `docs/keys.md` is made of the table: `LINETAPE_WRITE_DOCS=1 cargo test keys_of_the_docs` writes it anew.
    #[test]
    fn keys_of_the_docs_are_those_of_the_table() {
        use std::fmt::Write as _;
        let mut page = String::from(
            "# Keys\n\nMade from the table the screen goes by; `[screen.keys]` of the settings gives any action other keys, by \
             its name.\n",
        );
        for context in Context::ALL {
            let _ = write!(
                page,
                "\n## {}\n\n| keys | name | |\n|---|---|---|\n",
                context.title()
            );
            for action in Action::ALL.iter().filter(|a| a.context() == context) {
                let keys: Vec<String> = action
                    .default_keys()
                    .iter()
                    .map(|key| format!("`{key}`"))
                    .collect();
                let _ = writeln!(
                    page,
                    "| {} | `{}` | {} |",
                    keys.join(" "),
                    action.id(),
                    action.description()
                );
            }
        }
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/keys.md");
        if std::env::var_os("LINETAPE_WRITE_DOCS").is_some() {
            std::fs::write(file, &page).unwrap();
        }
        assert_eq!(std::fs::read_to_string(file).unwrap_or_default(), page);
    }

    #[test]
    fn remaps_and_refuses() {
        let keymap = remap(&[("refresh", "ctrl-r f5")]).unwrap();
        let chord = |text: &str| text.parse::<Chord>().unwrap();
        assert_eq!(
            keymap.action(Context::Global, chord("f5")),
            Some(Action::Refresh)
        );
        assert_eq!(keymap.action(Context::Global, chord("r")), None);
        assert!(matches!(
            remap(&[("refesh", "r")]),
            Err(KeymapError::UnknownAction {
                nearest: "refresh",
                ..
            })
        ));
        assert!(matches!(
            remap(&[("refresh", "hyper-r")]),
            Err(KeymapError::BadChord { .. })
        ));
        let conflict = remap(&[("refresh", "q")]).unwrap_err();
        assert_eq!(
            conflict.to_string(),
            "[screen.keys] gives q to both quit and refresh; remap one of them"
        );
        assert!(
            remap(&[("zoom_in", "q")]).is_err(),
            "a panel's key may not hide a global one"
        );
    }

    #[test]
    fn shift_is_part_of_the_character() {
        let event = KeyEvent::new(KeyCode::Char('r'), KeyModifiers::SHIFT);
        assert_eq!(Chord::from(event), "R".parse().unwrap());
        let event = KeyEvent::new(KeyCode::Tab, KeyModifiers::SHIFT);
        assert_eq!(Chord::from(event), "backtab".parse().unwrap());
        assert_eq!("ctrl-l".parse::<Chord>().unwrap().to_string(), "^L");
        assert_eq!("-".parse::<Chord>().unwrap().to_string(), "-");
    }
}
