//! Bets, fair prices, offers and chances in the store: as they come, made anew, in another order.

use std::sync::Arc;

use chrono::TimeDelta;
use linetape::config::settings::Fair;
use linetape::demo::{EPOCH, Market};
use linetape::domain::league::League;
use linetape::domain::payload::{Payload, RequestIdentity};
use linetape::domain::source::Stream;
use linetape::engine::opportunities::{Appraiser, Games, rules};
use linetape::engine::pipeline::write::Stager;
use linetape::engine::reference::Reference;
use linetape::store;
use linetape::store::opportunities::Written;
use linetape::store::opportunities::report::{Filter, best_books, ev_over_time};
use sqlx::PgPool;

use super::postgres::test_database;
use super::tables::{payload, prepare};

/// Looks of two feeds at a small market, a minute apart.
fn looks() -> Vec<Payload> {
    let market = Market::new(7, 3).unwrap();
    (0..36)
        .flat_map(|n| {
            let at = EPOCH + TimeDelta::minutes(n);
            let ask = |stream, path: &str, query: &str, at| {
                let request = RequestIdentity {
                    stream,
                    url: format!("https://demo.test{path}"),
                    league: Some(League::Mlb),
                    source_game_id: None,
                };
                payload(request, market.answer(path, query, at).body, at)
            };
            let scoreboard = ask(
                Stream::AnScoreboard,
                "/web/v2/scoreboard/mlb",
                "bookIds=68,69,71,75,79,123,2988&periods=event&date=20250712",
                at,
            );
            let odds = ask(
                Stream::OddsApiOdds,
                "/v4/sports/baseball_mlb/odds",
                "regions=us,eu&markets=h2h,spreads,totals&oddsFormat=american",
                at + TimeDelta::seconds(20),
            );
            // The second feed is asked seldom.
            std::iter::once(scoreboard).chain((n % 5 == 0).then_some(odds))
        })
        .collect()
}

async fn settle(pool: &PgPool, appraiser: &Appraiser, games: &mut Games) -> Written {
    let mut connection = pool.acquire().await.unwrap();
    let all = store::signals::games_since(&mut connection, EPOCH)
        .await
        .unwrap();
    drop(connection);
    let mut done = Written::default();
    for game in all {
        done = done.and(appraiser.settle(pool, game, games).await.unwrap());
    }
    done
}

/// Every row of the four tables.
async fn held(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "select 'bet ' || (to_jsonb(b) - 'created_at' - 'updated_at')::text from core_betting.bets b
         union all select 'offer ' || to_jsonb(o)::text from core_betting.bet_offers o
         union all select 'fair ' || to_jsonb(f)::text from analytics.fair_odds f
         union all select 'chance ' || to_jsonb(c)::text from analytics.opportunities c
         order by 1",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn live_rebuilt_and_late_opportunities_are_the_same() {
    let database = test_database().await;
    let pool = &database.pool;
    let reference = Arc::new(Reference::builtin().unwrap());
    prepare(pool, &reference).await;
    let appraiser = Appraiser::new(Arc::clone(&reference), rules(&Fair::default()));

    // As it comes: a few looks at a time, the same tapes throughout.
    let looks = looks();
    let mut stager = Stager::new(Arc::clone(&reference), true, 1_000);
    let mut live = Games::default();
    let mut done = Written::default();
    for batch in looks.chunks(9) {
        stager.write(pool, batch).await.unwrap();
        done = done.and(settle(pool, &appraiser, &mut live).await);
    }
    assert!(
        done.bets > 15 && done.fair > 30 && done.offers > 150,
        "{done:?}"
    );
    assert_eq!(done.removed, 0, "nothing came late");
    let as_it_came = held(pool).await;

    // Made anew: not one row differs, and none is written.
    let again = settle(pool, &appraiser, &mut Games::default()).await;
    assert_eq!(again, Written::default());
    assert_eq!(held(pool).await, as_it_came);

    // A row only where something changed.
    let idle = count(
        pool,
        "select count(*) from (
             select status = lag(status) over same and class = lag(class) over same
                    and decimal is not distinct from lag(decimal) over same
                    and coalesce(abs(expected_value - lag(expected_value) over same), 0) < 0.01 as idle
             from core_betting.bet_offers
             window same as (partition by bet_id, book order by offered_at)) t where idle",
    )
    .await;
    assert_eq!(idle, 0);
    // The price is the book's own at that moment, and its worth follows from what is stored beside it.
    let wrong = count(
        pool,
        "select count(*) from core_betting.bet_offers o join core_betting.bets b using (game_id, bet_id)
         where o.status = 'open' and (
             abs(o.expected_value - (o.fair_probability * o.net_decimal - 1)) > 1e-12
             or not exists (
                 select from core_betting.line_history h
                 where h.game_id = o.game_id and h.market = b.bet_type and h.period = b.period and h.side = b.outcome_side
                   and h.line is not distinct from b.line and h.book = o.book and h.observed_at <= o.offered_at
                   and h.status = 'open' and abs(h.decimal::float8 - o.decimal) < 1e-3))",
    )
    .await;
    assert_eq!(wrong, 0);
    // Fair prices of a market are told together, with their anchors, and add up to 1.
    let off = count(
        pool,
        "select count(*) from (
             select sum(probability) as sum, count(*) as sides, min(jsonb_array_length(anchors)) as anchors,
                    min((select sum((a ->> 'weight')::float8) from jsonb_array_elements(anchors) a)) as weight
             from analytics.fair_odds where market = 'moneyline' and probability is not null
             group by game_id, at, period) t
         where sides <> 2 or abs(sum - 1) > 1e-9 or anchors < 2 or abs(weight - 1) > 1e-9",
    )
    .await;
    assert_eq!(off, 0);
    let named = count(
        pool,
        "select count(*) from core_betting.bets where event_time is null or length(sha_key) <> 16
             or seed_bet_id is null or event_name not like '% @ %'",
    )
    .await;
    assert_eq!(named, 0);

    // Reports: all of a bet's time goes to somebody, and books are weighed by league and market.
    let unshared = count(
        pool,
        "select count(*) from (select sum(share) as sum from analytics.best_price_time group by bet_id, begins) t
         where abs(sum - 1) > 1e-9",
    )
    .await;
    assert_eq!(unshared, 0);
    let mut connection = pool.acquire().await.unwrap();
    let best = best_books(&mut connection, &Filter::default())
        .await
        .unwrap();
    assert!(
        best.len() > 9
            && best
                .iter()
                .all(|b| b.best_share >= b.alone_share && b.best_share <= 1.0)
    );
    let only = Filter {
        book: Some("pinnacle".into()),
        ..Filter::default()
    };
    let spans = ev_over_time(&mut connection, TimeDelta::minutes(30), &only)
        .await
        .unwrap();
    assert!(
        spans.len() >= 2
            && spans
                .iter()
                .all(|s| s.book == "pinnacle" && s.positive >= s.green)
    );
    drop(connection);

    // In another order: what was said too early is taken back, and in the end the same holds.
    let other = test_database().await;
    prepare(&other.pool, &reference).await;
    let mut stager = Stager::new(Arc::clone(&reference), true, 1_000);
    let mut live = Games::default();
    let mut done = Written::default();
    let mut shuffled = looks.clone();
    for chunk in shuffled.chunks_mut(16) {
        chunk.reverse();
    }
    for batch in shuffled.chunks(8) {
        let report = stager.write(&other.pool, batch).await.unwrap();
        for game in report.rewritten {
            live.forget(game);
        }
        done = done.and(settle(&other.pool, &appraiser, &mut live).await);
    }
    assert!(done.removed > 0, "{done:?}");
    assert_eq!(held(&other.pool).await, as_it_came);
}
