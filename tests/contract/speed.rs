//! How fast decoding is, beside a parser that keeps nothing.

use std::time::{Duration, Instant};

use linetape::domain::book::Books;
use linetape::domain::source::Stream;
use linetape::domain::team::Teams;
use linetape::sources::{self, DecodeContext};
use serde::de::IgnoredAny;

use crate::payloads::captured;

/// The best of several runs, so that a busy machine does not decide.
fn best(mut run: impl FnMut()) -> Duration {
    let time = |_| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..50).map(time).min().unwrap()
}

#[test]
#[ignore = "a measurement of the optimised program: cargo test --release --test contract -- --ignored --nocapture"]
fn decoding_reaches_half_the_speed_of_skipping() {
    let (books, teams) = (Books::builtin().unwrap(), Teams::builtin().unwrap());
    let folders = [
        ("actionnetwork", "an_v2_scoreboard", Stream::AnScoreboard),
        (
            "theoddsapi_mlb_series",
            "odds_mlb_2026-08-07_pregame",
            Stream::OddsApiOdds,
        ),
    ];
    for (folder, start, stream) in folders {
        let context = DecodeContext {
            stream,
            source_game_id: None,
            endpoint: None,
            observed_at: None,
            books: &books,
            teams: &teams,
        };
        let files = captured(folder);
        let Some((name, body)) = files.iter().find(|(name, _)| name.starts_with(start)) else {
            continue;
        };
        let skip = best(|| {
            serde_json::from_slice::<IgnoredAny>(body).unwrap();
        });
        let decode = best(|| {
            sources::decode(body, &context).unwrap();
        });
        let share = skip.as_secs_f64() / decode.as_secs_f64();
        println!(
            "{name}: skip {skip:?}, decode {decode:?}, {:.0} %",
            share * 100.0
        );
        assert!(share >= 0.5 || cfg!(debug_assertions), "{name}: {share:.2}");
    }
}
