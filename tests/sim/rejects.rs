//! What is not understood is counted with its payload, and makes the run of its own game partial, not its neighbours'.

use linetape::domain::source::Stream;
use serde_json::json;
use sqlx::Row as _;

use super::script::{Offer, an_game, an_look, moneyline, noon, odds_game, odds_look};
use super::world::World;

/// Status and error of each run of a stream, by the feed's id of the game.
async fn runs(world: &World, stream: Stream) -> Vec<(String, String, Option<String>)> {
    let rows = sqlx::query(
        "select s.source_game_id, e.extraction_status, e.error_message from operational.extraction_log e
         join core_betting.game_sources s on s.game_id = e.game_id and s.source = split_part(e.stream, '/', 1)
         where e.stream = $1 order by 1",
    )
    .bind(stream.as_str())
    .fetch_all(world.pool())
    .await
    .unwrap();
    rows.iter()
        .map(|row| (row.get(0), row.get(1), row.get(2)))
        .collect()
}

#[tokio::test]
async fn a_reject_makes_only_its_own_game_partial() {
    let mut world = World::new().await;
    let prices = [
        ("h2h", "Baltimore Orioles", -120, None),
        ("h2h", "Miami Marlins", 110, None),
    ];
    let mut with_lay = prices.to_vec();
    with_lay.push(("h2h_lay", "Miami Marlins", 112, None));
    let odds = [
        odds_game("whole", noon(300), "fanduel", &prices),
        odds_game("partial", noon(700), "fanduel", &with_lay),
        // Belongs to no game.
        json!(7),
    ];
    let mut unknown = moneyline(-120, 110);
    unknown.push(Offer::new("first_to_score", "home", 0.0, 150));
    let slate = [
        an_game(1, noon(300), "scheduled", &unknown),
        an_game(2, noon(700), "scheduled", &moneyline(-130, 115)),
    ];
    let report = world
        .see(&[odds_look(noon(0), &odds), an_look(noon(0), &slate)])
        .await;
    assert_eq!(report.total().rejects, 3);

    let [partial, whole] = runs(&world, Stream::OddsApiOdds).await.try_into().unwrap();
    assert_eq!((whole.0.as_str(), whole.1.as_str()), ("whole", "success"));
    assert_eq!(whole.2, None);
    assert_eq!(
        (partial.0.as_str(), partial.1.as_str()),
        ("partial", "partial")
    );
    let error = partial.2.unwrap_or_default();
    assert!(error.starts_with("/1/bookmakers/0/markets/1"), "{error}");

    let [first, second] = runs(&world, Stream::AnScoreboard).await.try_into().unwrap();
    assert_eq!((first.0.as_str(), first.1.as_str()), ("1", "partial"));
    assert_eq!((second.0.as_str(), second.1.as_str()), ("2", "success"));

    // Every one of them is kept, and counted with its payload.
    let kept = "select count(*) from operational.validation_results";
    assert_eq!(world.number(kept).await, 3);
    let counted =
        "select rejects::bigint from raw_data.collection_log where stream = 'odds_api/odds'";
    assert_eq!(world.number(counted).await, 2);

    // The next look without it is whole again.
    world
        .see(&[odds_look(
            noon(5),
            &[odds_game("partial", noon(700), "fanduel", &prices)],
        )])
        .await;
    let [partial, _] = runs(&world, Stream::OddsApiOdds).await.try_into().unwrap();
    assert_eq!((partial.1.as_str(), partial.2), ("success", None));
}
