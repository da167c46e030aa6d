//! Decoding beside what `serde_json` needs to skip the same bytes, and the hub beside decoding.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta};
use linetape::domain::identity::Identity;
use linetape::domain::payload::{Payload, RequestIdentity};
use linetape::domain::source::Source;
use linetape::engine::hub::Hub;
use linetape::engine::pipeline::stage;
use linetape::engine::reference::Reference;
use linetape::engine::snapshot::Mode;
use linetape::sources;
use serde::de::IgnoredAny;

use super::{bodies, rate, report};

/// Rounds over the same bodies; the fastest counts, since nothing can make a round faster than it is.
const ROUNDS: usize = 5;

pub fn run() {
    let reference = Arc::new(Reference::builtin().unwrap());
    let payloads = bodies::market(40, TimeDelta::seconds(30));
    let (an, odds): (Vec<Payload>, Vec<Payload>) = payloads
        .iter()
        .cloned()
        .partition(|p| p.request.stream.source() == Source::ActionNetwork);
    beside_skipping("demo, Action Network", &an, &reference);
    beside_skipping("demo, The Odds API", &odds, &reference);
    for (folder, source) in [
        ("actionnetwork", Source::ActionNetwork),
        ("theoddsapi_mlb_series", Source::OddsApi),
    ] {
        match captured(folder, source) {
            Some(payloads) => {
                beside_skipping(&format!("captured, {folder}"), &payloads, &reference);
            }
            None => println!("skipped: no captured {folder} beside the project"),
        }
    }
    hub(&payloads, &reference);
}

/// Captured JSON bodies that the decoder takes, when they lie beside the project.
fn captured(folder: &str, source: Source) -> Option<Vec<Payload>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/payloads")
        .join(folder);
    let mut payloads = Vec::new();
    for entry in std::fs::read_dir(folder).ok()?.flatten() {
        let body: Arc<[u8]> = std::fs::read(entry.path()).ok()?.into();
        let Ok(recognised) = sources::recognise(source, &body, None) else {
            continue;
        };
        let json = serde_json::from_slice::<IgnoredAny>(&body).is_ok();
        if json {
            let request = RequestIdentity {
                stream: recognised.stream,
                url: "file".into(),
                league: None,
                source_game_id: recognised.source_game_id,
            };
            payloads.push(Payload {
                request,
                body,
                ..bodies::market(1, TimeDelta::zero()).swap_remove(0)
            });
        }
    }
    Some(payloads)
}

fn fastest(mut round: impl FnMut()) -> Duration {
    let timed = (0..ROUNDS).map(|_| {
        let begun = Instant::now();
        round();
        begun.elapsed()
    });
    timed.min().unwrap_or_default()
}

fn beside_skipping(name: &str, payloads: &[Payload], reference: &Reference) {
    let bytes: usize = payloads.iter().map(|p| p.body.len()).sum();
    let skipping = fastest(|| {
        for payload in payloads {
            let skipped: IgnoredAny = serde_json::from_slice(&payload.body).unwrap();
            std::hint::black_box(skipped);
        }
    });
    let mut quotes = 0;
    let decoding = fastest(|| {
        quotes = 0;
        for payload in payloads {
            let decoded = stage::decode(
                &payload.body,
                &payload.request,
                payload.observed_at,
                reference,
            );
            quotes += std::hint::black_box(decoded).map_or(0, |d| d.quotes.len());
        }
    });
    let share = skipping.as_secs_f64() / decoding.as_secs_f64();
    let megabytes = rate(bytes, decoding) / 1e6;
    let number = format!("{:.0} % ({megabytes:.0} MB/s)", share * 100.0);
    let what = format!("decode beside skipping: {name}");
    report(&what, number, Some(("50 %", share >= 0.5)));
}

/// What the hub adds to decoding and staging.
fn hub(payloads: &[Payload], reference: &Arc<Reference>) {
    let mut quotes = 0;
    let prepared = fastest(|| {
        quotes = 0;
        let mut identity = Identity::default();
        for payload in payloads {
            let at = payload.observed_at;
            let Ok(decoded) = stage::decode(&payload.body, &payload.request, at, reference) else {
                continue;
            };
            identity.hear((at, payload.hash), &decoded.games);
            identity.regroup();
            let staged = stage::stage(&decoded, &payload.request, at, &identity);
            quotes += std::hint::black_box(staged).observations.len();
        }
    });
    let applied = fastest(|| {
        let mut hub = Hub::new(Arc::clone(reference), Mode::Live, DateTime::UNIX_EPOCH);
        for payload in payloads {
            let _ = std::hint::black_box(hub.apply(payload));
        }
    });
    let whole = rate(quotes, applied);
    report(
        "hub, decoding and staging included",
        format!("{:.2} M quotes/s", whole / 1e6),
        None,
    );
    let alone = rate(quotes, applied.saturating_sub(prepared));
    let number = format!("{:.2} M quotes/s", alone / 1e6);
    report(
        "hub update alone",
        number,
        Some(("1 M quotes/s", alone >= 1e6)),
    );
}
