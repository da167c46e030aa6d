//! Feeds of results: scores by period reach their tables, and openers without a time stay apart from history.

use chrono::{DateTime, Utc};
use linetape::domain::payload::Payload;
use linetape::domain::source::Stream;
use linetape::engine::pipeline::zone::Zone;
use sqlx::PgPool;

use super::{feed, payload, postgres, rows, zones};

fn fixture(name: &str, stream: Stream, at: &str) -> Payload {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name);
    let at: DateTime<Utc> = at.parse().unwrap();
    payload(std::fs::read(path).unwrap(), stream, at)
}

async fn outcomes(pool: &PgPool) -> Vec<(String, String, Option<i32>, Option<i32>, i32)> {
    sqlx::query_as(
        "select o.source, o.status, o.home_score, o.away_score, jsonb_array_length(o.periods)
         from core_betting.game_outcomes o join core_betting.game_sources s using (game_id, source)
         order by o.source, s.source_game_id",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn scores_by_period_are_kept_and_openers_stay_apart_from_history() {
    let espn = fixture(
        "espn_scoreboard.json",
        Stream::EspnScoreboard,
        "2026-01-19T21:00:00Z",
    );
    let mlb = fixture(
        "mlb_schedule.json",
        Stream::MlbSchedule,
        "2026-04-08T18:30:00Z",
    );
    let forward = postgres::test_database().await;
    feed(&forward.pool, &[espn.clone(), mlb.clone()], 1).await;
    let found = outcomes(&forward.pool).await;
    let wanted = [
        ("espn", "live", Some(49), Some(51), 2),
        ("mlb_stats", "live", Some(5), Some(2), 0),
        ("mlb_stats", "final", Some(3), Some(3), 3),
        ("mlb_stats", "suspended", Some(0), Some(1), 0),
    ];
    let wanted = wanted.map(|(source, status, home, away, periods)| {
        (source.to_owned(), status.to_owned(), home, away, periods)
    });
    assert_eq!(found, wanted);
    let settled: Option<i32> = sqlx::query_scalar(
        "select g.home_score from core_betting.games g join core_betting.game_sources s using (game_id)
         where s.source = 'mlb_stats' and s.source_game_id = '3' and g.status = 'final'",
    )
    .fetch_one(&forward.pool)
    .await
    .unwrap();
    assert_eq!(settled, Some(3));
    let books: Vec<(bool, i64)> = sqlx::query_as(
        "select source_book_id like '%:open', count(*) from core_betting.line_history group by 1 order by 1",
    )
    .fetch_all(&forward.pool)
    .await
    .unwrap();
    assert_eq!(books[0], (false, 6), "two sides of three markets");
    assert_eq!(
        books[1..],
        [(true, 6)],
        "and their openers, in series of their own"
    );

    let backward = postgres::test_database().await;
    feed(&backward.pool, &[mlb, espn.clone(), espn], 3).await;
    assert_eq!(rows(&backward.pool).await, rows(&forward.pool).await);
    assert_eq!(outcomes(&backward.pool).await, found);
    for zone in [Zone::Staging, Zone::Curated] {
        let made = zones::rebuild(&backward.pool, zone).await;
        zones::must_be_identical(&made);
    }
}
