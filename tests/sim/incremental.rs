//! Incremental extraction: what is new is told once, late points too, and nothing is lost between two questions.
//!
//! That late points merge into what is stored is also held by `scripted::a_late_look_never_overwrites_what_is_current`,
//! `merge::merged_is_recomputed` and `pipeline::real_snapshots_in_any_order_give_the_same_rows`.

use chrono::{DateTime, Utc};
use linetape::domain::payload::{Payload, RequestIdentity};
use linetape::domain::source::Stream;
use serde_json::{Value, json};

use super::script::{an_game, an_look, moneyline, noon};
use super::tables::{check_summary, payload};
use super::world::World;

/// Two games; the second never moves.
fn slate(at: i64, home: i64) -> Payload {
    let game = |id, home| an_game(id, noon(305), "scheduled", &moneyline(home, 110));
    an_look(noon(at), &[game(900_001, home), game(900_002, -120)])
}

/// The tick history of the first game, received at `at`: (minute, price) of the home side at one book.
fn ticks(at: i64, prices: &[(i64, i64)]) -> Payload {
    let history: Vec<Value> = prices
        .iter()
        .map(|(minute, odds)| {
            json!({"odds": odds, "value": 0, "updated_at": noon(*minute), "line_status": "normal"})
        })
        .collect();
    let last = prices.last().unwrap().1;
    let body = json!({"68": {"event": {"moneyline": [{
        "event_id": 900_001, "book_id": 68, "type": "moneyline", "side": "home", "team_id": 11, "odds": last,
        "value": 0, "history": history,
    }]}}});
    let request = RequestIdentity {
        stream: Stream::AnHistory,
        url: "https://feed.test/history".into(),
        league: None,
        source_game_id: Some("900001".into()),
    };
    payload(request, body.to_string().into_bytes(), noon(at))
}

async fn news(world: &World, since: Option<DateTime<Utc>>) -> Value {
    sqlx::query_scalar("select core_betting.check_for_new_movements($1)")
        .bind(since)
        .fetch_one(world.pool())
        .await
        .unwrap()
}

async fn stored_until_now(world: &World) -> DateTime<Utc> {
    sqlx::query_scalar("select max(stored_at) from core_betting.line_history")
        .fetch_one(world.pool())
        .await
        .unwrap()
}

#[tokio::test]
async fn only_games_with_news_are_named_and_late_points_are_news() {
    let mut world = World::new().await;
    world.see(&[slate(0, -120)]).await;
    let first = news(&world, None).await;
    assert_eq!(first["total_games_checked"], 2);
    assert_eq!(
        (
            &first["games_with_new_movements"],
            &first["total_new_lines"]
        ),
        (&json!(2), &json!(4))
    );

    let seen = stored_until_now(&world).await;
    world.see(&[slate(1, -120)]).await;
    assert_eq!(
        news(&world, Some(seen)).await["total_new_lines"],
        0,
        "repeats are no news"
    );
    assert_eq!(news(&world, None).await["games_needing_update"], json!([]));

    world.see(&[slate(2, -126)]).await;
    for since in [Some(seen), None] {
        let moved = news(&world, since).await;
        assert_eq!(moved["by_market"], json!({"moneyline": 1}));
        assert_eq!(moved["by_book"], json!({"draftkings": 1}));
        let games = moved["games_needing_update"].as_array().unwrap();
        assert_eq!(games.len(), 1, "{moved}");
        assert_eq!(
            (&games[0]["game_id"], &games[0]["new_lines_count"]),
            (&json!("900001"), &json!(1))
        );
        assert_eq!(games[0]["teams"], "Miami Marlins @ Baltimore Orioles");
    }

    // Ticks of which one is published late: its market time lies before what is known already.
    world.see(&[ticks(10, &[(0, -120), (8, -130)])]).await;
    let seen = stored_until_now(&world).await;
    world
        .see(&[ticks(20, &[(0, -120), (4, -124), (8, -130)])])
        .await;
    let late = news(&world, Some(seen)).await;
    assert_eq!(late["total_new_lines"], 1, "{late}");
    let of_the_game: Vec<(String, i32, DateTime<Utc>)> = sqlx::query_as(
        "select side, odds_american, line_timestamp
         from action_network.get_new_lines_since_last_extraction(900001, 68, 'moneyline')
         where line_timestamp < $1",
    )
    .bind(noon(8))
    .fetch_all(world.pool())
    .await
    .unwrap();
    assert!(
        of_the_game.contains(&("home".into(), -124, noon(4))),
        "{of_the_game:?}"
    );
    let rows: Vec<i32> = sqlx::query_scalar(
        "select american from core_betting.line_history where stream = 'action_network/history' order by at",
    )
    .fetch_all(world.pool())
    .await
    .unwrap();
    assert_eq!(rows, [-120, -124, -130]);
    check_summary(world.pool()).await;
}
