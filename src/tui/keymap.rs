//! Keys to actions: defaults, remapping, conflicts.

mod chord;

use std::collections::BTreeMap;

pub use chord::{Chord, Sequence};

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
        "[screen.keys] {action} = {given:?} is not a key; write a character or a name, with ctrl- or alt- before it, and a hyphen between keys one after the other: \"r\", \"ctrl-r\", \"f5\", \"g-r\""
    )]
    BadChord {
        /// Action id.
        action: String,
        /// As written.
        given: String,
    },
    /// One action's key begins another's.
    #[error(
        "[screen.keys] gives {short} to {first} and {long} to {second}: the first would never let the second be typed; remap one of them"
    )]
    Begins {
        /// The shorter.
        short: Sequence,
        /// The longer.
        long: Sequence,
        /// Action id of the shorter.
        first: &'static str,
        /// Action id of the longer.
        second: &'static str,
    },
    /// Two actions on one key.
    #[error("[screen.keys] gives {chord} to both {first} and {second}; remap one of them")]
    Conflict {
        /// The key, or keys one after the other.
        chord: Sequence,
        /// Action id.
        first: &'static str,
        /// Action id.
        second: &'static str,
    },
}

/// Which key does what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<(Sequence, Action)>,
}

/// What keys typed so far come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// An action.
    Action(Action),
    /// More keys are awaited.
    More,
    /// Nothing begins with them.
    Nothing,
}

impl Keymap {
    /// Defaults with the remapped keys of the settings: action id to one or more keys with spaces between them, and a
    /// hyphen between keys that are pressed one after the other.
    ///
    /// Fails when an action or key does not exist, two actions share a key in one place, or one's keys begin as
    /// another's.
    pub fn new(remapped: &BTreeMap<String, String>) -> Result<Self, KeymapError> {
        for given in remapped.keys() {
            if !Action::ALL.iter().any(|action| action.id() == given) {
                return Err(KeymapError::UnknownAction {
                    given: given.clone(),
                    nearest: nearest_id(given),
                });
            }
        }
        let mut bindings: Vec<(Sequence, Action)> = Vec::new();
        for &action in Action::ALL {
            let keys: Vec<&str> = match remapped.get(action.id()) {
                Some(keys) => keys.split_whitespace().collect(),
                None => action.default_keys().to_vec(),
            };
            for key in keys {
                let keys: Sequence = key.parse().map_err(|()| KeymapError::BadChord {
                    action: action.id().to_owned(),
                    given: key.to_owned(),
                })?;
                // A panel's key may not hide one that counts everywhere.
                let taken = bindings.iter().find(|(other, bound)| {
                    let (a, b) = (bound.context(), action.context());
                    let meet = a == b || a == Context::Global || b == Context::Global;
                    meet && other.hides(&keys)
                });
                if let Some((other, bound)) = taken {
                    return Err(conflict((other, *bound), (&keys, action)));
                }
                bindings.push((keys, action));
            }
        }
        Ok(Self { bindings })
    }

    /// What counts in a context.
    fn within(&self, context: Context) -> impl Iterator<Item = &(Sequence, Action)> {
        self.bindings.iter().filter(move |(_, action)| {
            action.context() == context || action.context() == Context::Global
        })
    }

    /// What the keys typed so far come to in a context.
    pub fn find(&self, context: Context, typed: &[Chord]) -> Found {
        let mut begun = self
            .within(context)
            .filter(|(keys, _)| keys.chords().starts_with(typed));
        match begun.next() {
            None => Found::Nothing,
            Some((keys, action)) if keys.chords().len() == typed.len() => Found::Action(*action),
            Some(_) => Found::More,
        }
    }

    /// The action of a single key in a context.
    pub fn action(&self, context: Context, chord: Chord) -> Option<Action> {
        match self.find(context, &[chord]) {
            Found::Action(action) => Some(action),
            Found::More | Found::Nothing => None,
        }
    }

    /// What may follow the keys typed so far: the keys left, and what they do.
    pub fn following(&self, context: Context, typed: &[Chord]) -> Vec<(String, Action)> {
        let begun = self.within(context).filter_map(|(keys, action)| {
            let left = keys.chords().strip_prefix(typed)?;
            let left: Vec<String> = left.iter().map(Chord::to_string).collect();
            (!left.is_empty()).then(|| (left.join(" "), *action))
        });
        begun.collect()
    }

    /// The keys of an action.
    pub fn chords(&self, action: Action) -> impl Iterator<Item = &Sequence> {
        self.bindings
            .iter()
            .filter(move |(_, bound)| *bound == action)
            .map(|(keys, _)| keys)
    }

    /// The first key of an action as shown in hints; empty when it has none.
    pub fn hint(&self, action: Action) -> String {
        self.chords(action)
            .next()
            .map(Sequence::to_string)
            .unwrap_or_default()
    }
}

/// Why two actions cannot have these keys.
fn conflict(one: (&Sequence, Action), other: (&Sequence, Action)) -> KeymapError {
    let (short, long) = if one.0.chords().len() > other.0.chords().len() {
        (other, one)
    } else {
        (one, other)
    };
    let (first, second) = (short.1.id(), long.1.id());
    if short.0 == long.0 {
        return KeymapError::Conflict {
            chord: short.0.clone(),
            first,
            second,
        };
    }
    KeymapError::Begins {
        short: short.0.clone(),
        long: long.0.clone(),
        first,
        second,
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
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

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
            let all: Vec<_> = keymap.chords(action).collect();
            assert!(!all.is_empty(), "{action:?} has no key");
            for keys in all {
                let found = keymap.find(action.context(), keys.chords());
                assert_eq!(found, Found::Action(action));
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
    fn keys_one_after_the_other_wait_for_the_next_and_hide_nothing() {
        let keymap = remap(&[
            ("first", "home g-g"),
            ("refresh", "g-r"),
            ("last", "ctrl-x-end G"),
            ("zoom_out", "g--"),
        ])
        .unwrap();
        let typed = |keys: &str| -> Vec<Chord> {
            keys.split(' ').map(|key| key.parse().unwrap()).collect()
        };
        let find = |keys: &str| keymap.find(Context::Global, &typed(keys));
        assert_eq!(find("g"), Found::More);
        assert_eq!(find("g g"), Found::Action(Action::First));
        assert_eq!(find("g r"), Found::Action(Action::Refresh));
        assert_eq!(find("g x"), Found::Nothing);
        assert_eq!(find("ctrl-x end"), Found::Action(Action::Last));
        assert_eq!(keymap.hint(Action::Refresh), "g r");
        assert_eq!(
            keymap.following(Context::Chart, &typed("g")),
            [
                ("r".to_owned(), Action::Refresh),
                ("g".to_owned(), Action::First),
                ("-".to_owned(), Action::ZoomOut),
            ]
        );
        assert_eq!(keymap.following(Context::Global, &typed("g")).len(), 2);
        let hidden = remap(&[("refresh", "g-r")]).unwrap_err();
        assert_eq!(
            hidden.to_string(),
            "[screen.keys] gives g to first and g r to refresh: the first would never let the second be typed; remap one \
             of them"
        );
        assert!(remap(&[("refresh", "g-")]).is_err() && remap(&[("refresh", "gg")]).is_err());
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
