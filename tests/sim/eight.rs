//! A doubleheader through all eight feeds, with the writer behind the screen: once it has caught up, the screen holds
//! what the database holds.

use std::collections::{BTreeSet, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use linetape::config::settings::Sources;
use linetape::demo::{EPOCH, Market};
use linetape::domain::league::League;
use linetape::domain::payload::Payload;
use linetape::domain::source::Source;
use linetape::domain::time::slate_date;
use linetape::sources::{Request, plan};

use super::tables::{check_summary, payload};
use super::world::World;

/// The feeds' settings for the built-in market.
pub fn settings() -> Sources {
    let mut sources = Sources::default();
    let base = "http://demo.test";
    base.clone_into(&mut sources.action_network.base_url);
    base.clone_into(&mut sources.odds_api.base_url);
    sources.odds_api.key = Some("demo".into());
    sources.goalserve.key = Some("demo".into());
    for source in Source::ALL {
        let below = format!("{base}/{source}");
        match source {
            Source::ActionNetwork | Source::OddsApi => {}
            Source::Espn => sources.espn.base_url = below,
            Source::MlbStats => sources.mlb_stats.base_url = below,
            Source::Sbd => sources.sbd.base_url = below,
            Source::Vsin => sources.vsin.base_url = below,
            Source::Sbr => sources.sbr.base_url = below,
            Source::Goalserve => sources.goalserve.base_url = below,
        }
    }
    sources
}

/// What the market answers to a request.
pub fn answer(market: &Market, request: &Request, at: DateTime<Utc>) -> Option<Payload> {
    let reply = market.answer(request.url.path(), request.url.query().unwrap_or(""), at);
    (reply.status == 200).then(|| payload(request.identity.clone(), reply.body, at))
}

/// The next number of a fixed run of luck.
fn dice(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// One look of a feed at the slates of baseball.
fn look(market: &Market, settings: &Sources, source: Source, at: DateTime<Utc>) -> Vec<Payload> {
    let requests = plan::plan(source, settings, League::Mlb, slate_date(at)).unwrap_or_default();
    requests
        .iter()
        .enumerate()
        .filter_map(|(n, request)| answer(market, request, at + TimeDelta::milliseconds(n as i64)))
        .collect()
}

/// Looks of all feeds over some hours, each at its own pace. A feed's answers come in order, and those of different
/// feeds a little out of it, as tasks beside each other bring them.
fn hours(market: &Market, luck: &mut u64) -> Vec<Payload> {
    let settings = settings();
    let mut all: Vec<(DateTime<Utc>, Payload)> = Vec::new();
    for source in Source::ALL {
        let mut at = EPOCH + TimeDelta::seconds((dice(luck) % 600) as i64);
        let mut came = at;
        while at < EPOCH + TimeDelta::hours(9) {
            for payload in look(market, &settings, *source, at) {
                let late = TimeDelta::seconds((dice(luck) % 90) as i64);
                came = came.max(at + late);
                all.push((came, payload));
            }
            at += TimeDelta::seconds(1_500 + (dice(luck) % 900) as i64);
        }
    }
    all.sort_by_key(|(came, payload)| (*came, payload.observed_at));
    all.into_iter().map(|(_, payload)| payload).collect()
}

async fn a_day_of(seed: u64) {
    let market = Market::new(seed, 6).unwrap();
    let mut luck = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut world = World::new().await;
    let mut on_its_way: VecDeque<Payload> = VecDeque::new();
    for payload in hours(&market, &mut luck) {
        world.show(&payload);
        on_its_way.push_back(payload);
        // The writer lies some payloads behind, now more and now less.
        let behind = (dice(&mut luck) % 24) as usize;
        if on_its_way.len() > behind + 4 {
            let batch: Vec<Payload> = on_its_way.drain(..on_its_way.len() - behind).collect();
            world.write(&batch).await;
        }
    }
    let rest: Vec<Payload> = on_its_way.into_iter().collect();
    world.write(&rest).await;
    check_summary(world.pool()).await;
    let compared = world.check_hub_equals_database().await;
    assert!(compared > 1_000, "{compared} series");
    world.check_extractions().await;
    // It was worth the trouble: one game stands behind all eight feeds, and a doubleheader is among the games.
    let games = world.snapshot();
    let feeds = |game: &linetape::engine::snapshot::GameView| {
        let feeds: BTreeSet<Source> = game.sources.iter().map(|(s, _)| *s).collect();
        feeds.len()
    };
    assert!(games.games.iter().any(|g| feeds(g) == 8));
    assert!(games.games.iter().any(|g| g.game_number == 2));
}

#[tokio::test]
async fn all_eight_feeds_with_the_writer_behind_end_as_the_database() {
    for seed in [7, 9] {
        a_day_of(seed).await;
    }
}
