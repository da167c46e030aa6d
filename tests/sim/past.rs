//! Asking the past: as-of queries against the history itself, lineage down to the bytes, and exports.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt as _;
use linetape::domain::market::{Market, Period, Phase};
use linetape::domain::payload::PayloadHash;
use linetape::domain::series::{Price, SeriesKey};
use linetape::store::as_of::AsOf;
use linetape::store::export::{self, Filter, Subject};
use linetape::store::history::{LineFilter, StoredLine, lines};
use linetape::store::{lineage, payloads};

use super::script::{noon, odds_game, odds_look};
use super::world::World;

/// Four looks, the third of which arrives last.
async fn world() -> World {
    let look = |minute, home, away| {
        let prices = [
            ("h2h", "Baltimore Orioles", home, None),
            ("h2h", "Miami Marlins", away, None),
        ];
        odds_look(
            noon(minute),
            &[odds_game("aaaa", noon(400), "draftkings", &prices)],
        )
    };
    let mut world = World::new().await;
    for payload in [
        look(0, -110, -110),
        look(10, -120, 100),
        look(30, -130, 115),
        look(20, -125, 110),
    ] {
        world.see(&[payload]).await;
    }
    world
}

/// The newest row of every series at or before a moment, told from the rows themselves.
fn in_force(
    rows: &[StoredLine],
    at: DateTime<Utc>,
    known_at: Option<DateTime<Utc>>,
) -> BTreeMap<SeriesKey, (DateTime<Utc>, Price)> {
    let mut found = BTreeMap::new();
    for row in rows {
        let known = known_at.is_none_or(|known| row.observed_at <= known);
        if row.at <= at && known {
            found.insert(row.key.clone(), (row.at, row.price));
        }
    }
    found
}

#[tokio::test]
async fn the_board_at_a_past_moment_is_what_the_rows_say() {
    let mut world = world().await;
    let game = world.game().id;
    let mut connection = world.pool().acquire().await.unwrap();
    let rows = lines(&mut connection, game, &LineFilter::default())
        .await
        .unwrap();
    assert!(rows.len() >= 6, "{rows:#?}");
    let mut seen = 0;
    for minute in [-1, 0, 5, 10, 19, 20, 25, 30, 50] {
        for known_at in [None, Some(noon(15)), Some(noon(60))] {
            let moment = AsOf {
                at: noon(minute),
                known_at,
            };
            let wanted = in_force(&rows, moment.at, known_at);
            let board = moment
                .board(
                    &mut connection,
                    &Market::Moneyline,
                    Period::Full,
                    Phase::Pregame,
                )
                .await
                .unwrap();
            let of_game = moment.games(&mut connection, &[game]).await.unwrap();
            assert_eq!(board, of_game, "minute {minute}");
            let found: BTreeMap<_, _> = board
                .into_iter()
                .map(|row| (row.key, (row.at, row.price)))
                .collect();
            assert_eq!(found, wanted, "minute {minute}, known {known_at:?}");
            seen += found.len();
            let chart = moment
                .chart(&mut connection, game, &LineFilter::default())
                .await
                .unwrap();
            let drawn = in_force(&chart, moment.at, None);
            assert_eq!(drawn, wanted, "the chart ends where the board stands");
        }
    }
    assert!(seen > 30, "{seen} prices compared");
}

#[tokio::test]
async fn every_number_is_followed_down_to_its_bytes() {
    let mut world = world().await;
    let game = world.game().id;
    let mut connection = world.pool().acquire().await.unwrap();
    let steps = lineage::of_game(&mut connection, game, Some("moneyline"))
        .await
        .unwrap();
    let zone = |name: &str| steps.iter().filter(|s| s.zone == name).collect::<Vec<_>>();
    assert_eq!(zone("curated").len(), 2, "{steps:#?}");
    let staged = zone("staging");
    let raw: Vec<PayloadHash> = zone("raw")
        .iter()
        .map(|step| {
            assert!(
                step.fetch_id.is_some() && step.request.is_some(),
                "{step:?}"
            );
            assert_eq!(step.payload_stored, Some(true));
            step.payload_hash.unwrap()
        })
        .collect();
    assert!(staged.len() >= 6);
    for step in staged {
        let hash = step.payload_hash.unwrap();
        assert!(raw.contains(&hash), "{step:?}");
        let body = payloads::body(&mut connection, hash)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(PayloadHash::of(&body), hash);
        assert_eq!(hash.to_string().parse(), Ok(hash));
    }
}

#[tokio::test]
async fn an_export_has_every_row_and_every_column() {
    let world = world().await;
    let mut connection = world.pool().acquire().await.unwrap();
    for (subject, table) in [
        (Subject::Lines, "core_betting.line_history"),
        (Subject::Games, "core_betting.games"),
        (Subject::Splits, "core_betting.betting_splits"),
        (Subject::Summary, "analytics.line_movement_summary"),
    ] {
        let count: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {table}")))
                .fetch_one(&mut *connection)
                .await
                .unwrap();
        let rows: Vec<_> = export::rows(&mut connection, subject, &Filter::default())
            .try_collect()
            .await
            .unwrap();
        assert_eq!(rows.len(), usize::try_from(count).unwrap(), "{table}");
        assert!(rows.iter().all(|row| row.len() == subject.columns().len()));
    }
    let filter = Filter {
        since: Some(noon(15)),
        until: Some(noon(25)),
        ..Filter::default()
    };
    let between: Vec<_> = export::rows(&mut connection, Subject::Lines, &filter)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(between.len(), 2, "{between:?}");
    let at = Subject::Lines
        .columns()
        .iter()
        .position(|column| column.name == "at")
        .unwrap();
    let time: DateTime<Utc> = between[0][at].as_ref().unwrap().parse().unwrap();
    assert_eq!(time, noon(20));

    // Of a past instant: one row a series, the one in force.
    let past = AsOf::market(noon(22));
    let filter = Filter {
        as_of: Some(past),
        ..Filter::default()
    };
    let then: Vec<_> = export::rows(&mut connection, Subject::Lines, &filter)
        .try_collect()
        .await
        .unwrap();
    let series: i64 = sqlx::query_scalar(
        "select count(distinct (game_id, series_id)) from core_betting.line_history where at <= $1",
    )
    .bind(noon(22))
    .fetch_one(&mut *connection)
    .await
    .unwrap();
    assert_eq!(then.len(), usize::try_from(series).unwrap());
    let time = |row: &[Option<String>]| row[at].as_ref().unwrap().parse::<DateTime<Utc>>().unwrap();
    assert!(then.iter().all(|row| time(row) <= noon(22)));
    for subject in [Subject::Games, Subject::Splits] {
        let rows: Vec<_> = export::rows(&mut connection, subject, &filter)
            .try_collect()
            .await
            .unwrap();
        assert!(rows.iter().all(|row| row.len() == subject.columns().len()));
    }
}
