//! Payloads of the demo market: a day of both feeds, without I/O.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use linetape::demo::{EPOCH, Market};
use linetape::domain::league::League;
use linetape::domain::payload::{Payload, PayloadHash, RequestIdentity};
use linetape::domain::source::Stream;
use uuid::Uuid;

const AN: &str = "bookIds=15,30,68,69,71,75,79,123,2988,1799,2724,78,3&periods=event";
const ODDS: &str = "regions=us&markets=h2h,spreads,totals&oddsFormat=american";

/// `looks` looks at both slates of 15 games, `apart` from each other, starting in the afternoon.
pub fn market(looks: i32, apart: TimeDelta) -> Vec<Payload> {
    let market = Market::new(7, 15).unwrap();
    let start = EPOCH + TimeDelta::hours(2);
    (0..looks)
        .flat_map(|n| {
            let at = start + apart * n;
            [
                look(
                    &market,
                    Stream::AnScoreboard,
                    "/web/v2/scoreboard/mlb",
                    AN,
                    at,
                ),
                look(
                    &market,
                    Stream::OddsApiOdds,
                    "/v4/sports/baseball_mlb/odds",
                    ODDS,
                    at,
                ),
            ]
        })
        .collect()
}

fn look(market: &Market, stream: Stream, path: &str, query: &str, at: DateTime<Utc>) -> Payload {
    let body: Arc<[u8]> = market.answer(path, query, at).body.into();
    Payload {
        fetch_id: Uuid::now_v7(),
        request: RequestIdentity {
            stream,
            url: format!("https://demo.test{path}"),
            league: Some(League::Mlb),
            source_game_id: None,
        },
        status: 200,
        observed_at: at,
        elapsed_ms: 1,
        reconstructed: false,
        error: None,
        hash: PayloadHash::of(&body),
        body,
    }
}
