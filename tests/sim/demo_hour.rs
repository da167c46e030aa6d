//! An hour of the demo market: everything the screen holds is what the database holds.

use chrono::{DateTime, TimeDelta, Utc};
use linetape::demo::{EPOCH, Market};
use linetape::domain::league::League;
use linetape::domain::payload::{Payload, RequestIdentity};
use linetape::domain::source::Stream;

use super::postgres::test_database;
use super::tables::{Tables, check_summary, payload, payloads, stage};
use super::world::World;

const AN: &str = "bookIds=15,30,68,69,71,75,79,123,2988,1799,2724,78,3&periods=event";
const ODDS: &str = "regions=us&markets=h2h,spreads,totals&oddsFormat=american";

fn ask(
    market: &Market,
    stream: Stream,
    path: &str,
    query: &str,
    game: Option<&str>,
    at: DateTime<Utc>,
) -> Payload {
    let reply = market.answer(path, query, at);
    assert_eq!(reply.status, 200, "{path}");
    let request = RequestIdentity {
        stream,
        url: format!("https://demo.test{path}"),
        league: Some(League::Mlb),
        source_game_id: game.map(Into::into),
    };
    payload(request, reply.body, at)
}

/// The earliest start on the first day's slate.
fn first_pitch(market: &Market) -> DateTime<Utc> {
    let slate = market.answer("/web/v2/scoreboard/mlb", AN, EPOCH);
    let slate: serde_json::Value = serde_json::from_slice(&slate.body).unwrap();
    let starts = slate["games"].as_array().unwrap().iter();
    let starts = starts.map(|game| game["start_time"].as_str().unwrap().parse().unwrap());
    starts.min().unwrap()
}

#[tokio::test]
async fn after_an_hour_the_screen_is_the_database() {
    let market = Market::new(7, 6).unwrap();
    let mut world = World::new().await;
    // From a quarter to the first pitch on, so that games start and go live in it.
    let from = first_pitch(&market) - TimeDelta::minutes(15);
    let mut changes = 0;
    for minute in 0..60 {
        let mut batch = Vec::new();
        for third in 0..3 {
            let at = from + TimeDelta::seconds(60 * minute + 20 * third);
            batch.push(ask(
                &market,
                Stream::AnScoreboard,
                "/web/v2/scoreboard/mlb",
                AN,
                None,
                at,
            ));
        }
        let at = from + TimeDelta::seconds(60 * minute + 41);
        batch.push(ask(
            &market,
            Stream::OddsApiOdds,
            "/v4/sports/baseball_mlb/odds",
            ODDS,
            None,
            at,
        ));
        if minute == 3 {
            for game in world.snapshot().games.iter() {
                let id = game
                    .sources
                    .iter()
                    .find(|(s, _)| s.as_str() == "action_network");
                let Some((_, id)) = id else { continue };
                let path = format!("/web/v2/markets/event/{id}/history");
                batch.push(ask(
                    &market,
                    Stream::AnHistory,
                    &path,
                    AN,
                    Some(id.as_ref()),
                    at,
                ));
            }
        }
        changes += world.see(&batch).await.total().changes;
        if minute % 20 == 19 {
            check_summary(world.pool()).await;
            let compared = world.check_hub_equals_database().await;
            assert!(compared > 300, "{compared} series");
        }
    }
    assert!(changes > 2_000, "{changes} changes");
    let live = "select count(*) from core_betting.lines_current where phase = 'live'";
    assert!(world.number(live).await > 0, "something went live");

    // The raw zone alone gives the same rows.
    let rebuilt = test_database().await;
    stage(&rebuilt.pool, &payloads(world.pool()).await, 50).await;
    let (kept, again) = (
        Tables::read(world.pool()).await,
        Tables::read(&rebuilt.pool).await,
    );
    again.must_equal(&kept, "rebuilt from raw");
}
