//! What is fuzzed: one function a target, shared by libFuzzer (`fuzz_targets`) and the test suite
//! (`tests/contract/fuzz.rs`), which feeds it mutations of a corpus from a seed.

// Each libFuzzer target calls one of them.
#![allow(dead_code)]

use std::path::Path;
use std::sync::{Arc, LazyLock};

use linetape::config::{layer, schema};
use linetape::domain::book::Books;
use linetape::domain::clean::clean as clean_text;
use linetape::domain::schedule::Schedule;
use linetape::domain::source::{Source, Stream};
use linetape::domain::team::Teams;
use linetape::sources::{self, DecodeContext};
use linetape::tui::keymap::Chord;

/// A target: it panics where something is wrong.
pub type Target = fn(&[u8]);

/// Every target by name.
pub const ALL: [(&str, Target); 5] = [
    ("decode", decode),
    ("recognise", recognise),
    ("config", config),
    ("chord", chord),
    ("clean", clean),
];

static BOOKS: LazyLock<Books> = LazyLock::new(|| Books::builtin().unwrap());
static TEAMS: LazyLock<Teams> = LazyLock::new(|| Teams::builtin().unwrap());

/// Read the assets before anything is measured.
pub fn prepare() {
    LazyLock::force(&BOOKS);
    LazyLock::force(&TEAMS);
}

/// Decode a body of a stream.
pub fn decode_as(stream: Stream, body: &[u8]) {
    let game: Arc<str> = "1".into();
    let decoded = sources::decode(
        body,
        &DecodeContext {
            stream,
            source_game_id: Some(&game),
            endpoint: None,
            observed_at: None,
            books: &BOOKS,
            teams: &TEAMS,
        },
    );
    let Ok(decoded) = decoded else { return };
    for reject in &decoded.rejects {
        assert!(!reject.reason.is_empty(), "a reject without a reason");
        assert!(
            reject.value.chars().count() <= 200,
            "a reject without bounds"
        );
    }
    for split in &decoded.splits {
        for share in [split.tickets_pct, split.money_pct].into_iter().flatten() {
            assert!(share.is_finite(), "a share that is no number");
        }
    }
}

/// Every decoder: the first byte says which.
pub fn decode(data: &[u8]) {
    let Some((which, body)) = data.split_first() else {
        return;
    };
    let stream = Stream::ALL[usize::from(*which) % Stream::ALL.len()];
    decode_as(stream, body);
}

/// Every feed's guess at what a body is.
pub fn recognise(data: &[u8]) {
    for source in Source::ALL {
        if let Ok(found) = sources::recognise(*source, data, None) {
            decode_as(found.stream, data);
        }
    }
}

/// A settings file.
pub fn config(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(found) = layer::from_text(Path::new("config.toml"), text) else {
        return;
    };
    let entries = found.into_iter().flatten();
    let good: Vec<_> = entries.filter(|e| schema::check(e).is_none()).collect();
    let _ = layer::merge(good);
    let _ = Schedule::parse(text);
}

/// A key chord in the settings.
pub fn chord(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(chord) = text.parse::<Chord>() {
        assert_eq!(
            text.parse::<Chord>(),
            Ok(chord),
            "a chord that reads twice as two"
        );
    }
}

/// What stands between a feed's text and a terminal.
pub fn clean(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for limit in [0, 1, 7, 200] {
        let cleaned = clean_text(&text, limit);
        assert!(!cleaned.chars().any(char::is_control), "{cleaned:?}");
        // One more for the ellipsis.
        assert!(
            cleaned.chars().count() <= limit + 1,
            "{cleaned:?} is longer than {limit}"
        );
        assert_eq!(clean_text(&cleaned, limit + 1), cleaned, "cleaning twice");
    }
}
