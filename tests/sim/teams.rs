//! Teams and standings of two feeds: stored, whatever the order in which they come.

use chrono::TimeDelta;
use linetape::demo::{EPOCH, Market};
use linetape::domain::league::League;
use linetape::domain::payload::Payload;
use linetape::domain::source::Source;
use linetape::sources::plan;
use sqlx::PgPool;

use super::eight::{answer, settings};
use super::postgres::test_database;
use super::tables::stage;

async fn stored(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "select to_jsonb(t)::text from (select * from core_betting.team_sources order by source, league, source_team_id) t
         union all
         select (to_jsonb(s) - 'created_at')::text
         from (select * from core_betting.team_stats_daily order by team, snapshot_date) s",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn teams_and_standings_are_stored_in_whatever_order_they_come() {
    let market = Market::new(7, 6).unwrap();
    let settings = settings();
    let mut payloads: Vec<Payload> = Vec::new();
    for hours in [0, 3, 30] {
        for source in [Source::Espn, Source::MlbStats] {
            let at = EPOCH + TimeDelta::hours(hours);
            let asked = plan::references(source, &settings, &[League::Mlb, League::Nfl]).unwrap();
            payloads.extend(
                asked
                    .iter()
                    .filter_map(|request| answer(&market, request, at)),
            );
        }
    }
    assert!(payloads.len() >= 12);
    let (one, other) = (test_database().await, test_database().await);
    stage(&one.pool, &payloads, 2).await;
    payloads.reverse();
    stage(&other.pool, &payloads, 3).await;
    let rows = stored(&one.pool).await;
    assert_eq!(rows, stored(&other.pool).await);
    let number = |sql: &'static str| sqlx::query_scalar::<_, i64>(sql).fetch_one(&one.pool);
    let known = "select count(*) from core_betting.team_sources where source = 'espn' and team is not null and abbr is not null";
    assert!(number(known).await.unwrap() >= 60);
    let days = "select count(distinct snapshot_date) from core_betting.team_stats_daily where wins + losses = games_played";
    assert_eq!(number(days).await.unwrap(), 2);
    // What tells runs stands, whoever was later.
    let runs = "select count(*) from core_betting.team_stats_daily where team like 'mlb:%' and points_for is null";
    assert_eq!(number(runs).await.unwrap(), 0);
}
