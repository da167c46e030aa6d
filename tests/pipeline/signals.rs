//! Signals in the store: as they come, made anew, in another order, and graded.

use std::sync::Arc;

use chrono::TimeDelta;
use linetape::analytics::line_score::NoScore;
use linetape::demo::{EPOCH, Market};
use linetape::domain::game::GameId;
use linetape::domain::league::League;
use linetape::domain::payload::{Payload, RequestIdentity};
use linetape::domain::source::Stream;
use linetape::engine::pipeline::write::Stager;
use linetape::engine::reference::Reference;
use linetape::engine::signals::grade::grade;
use linetape::engine::signals::{Games, Judge, SUMMARY};
use linetape::store;
use linetape::store::signals::{Settled, SignalFilter};
use sqlx::PgPool;

use super::postgres::test_database;
use super::tables::{payload, prepare};

/// Looks at a small market, a minute apart, from before its first planted steam move.
pub fn looks() -> Vec<Payload> {
    let market = Market::new(7, 5).unwrap();
    (0..150)
        .map(|n| {
            let at = EPOCH + TimeDelta::minutes(n);
            let path = "/web/v2/scoreboard/mlb";
            let query = "bookIds=68,69,71,75,79,123,2988&periods=event&date=20250712";
            let request = RequestIdentity {
                stream: Stream::AnScoreboard,
                url: format!("https://demo.test{path}"),
                league: Some(League::Mlb),
                source_game_id: None,
            };
            payload(request, market.answer(path, query, at).body, at)
        })
        .collect()
}

pub async fn settle(pool: &PgPool, judge: &Judge, games: &mut Games) -> Settled {
    let mut connection = pool.acquire().await.unwrap();
    let all = store::signals::games_since(&mut connection, EPOCH)
        .await
        .unwrap();
    drop(connection);
    let mut done = Settled::default();
    for game in all {
        done = done.and(judge.settle(pool, game, games).await.unwrap());
    }
    done
}

/// Every signal that holds, and the evidence of each, without the revision that it took to get there.
async fn held(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "select (to_jsonb(s) - 'created_at' - 'revision')::text || coalesce(string_agg((to_jsonb(e) - 'revision')::text, ','
                    order by e.nth), '')
         from analytics.signals s
         left join analytics.signal_evidence e
             using (game_id, detected_at, kind, market, period, side, preset, revision)
         where not s.superseded
         group by s.game_id, s.detected_at, s.kind, s.market, s.period, s.side, s.preset, s.revision
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
async fn live_rebuilt_and_late_signals_are_the_same() {
    let database = test_database().await;
    let pool = &database.pool;
    let reference = Arc::new(Reference::builtin().unwrap());
    prepare(pool, &reference).await;
    let judge = Judge::new(Arc::clone(&reference));
    store::signals::seed_presets(
        &mut pool.acquire().await.unwrap(),
        judge.presets(),
        &SUMMARY,
    )
    .await
    .unwrap();

    // As it comes: a few looks at a time, the same detectors throughout.
    let looks = looks();
    let mut stager = Stager::new(Arc::clone(&reference), true, 1_000);
    let mut live = Games::default();
    let mut done = Settled::default();
    for batch in looks.chunks(7) {
        stager.write(pool, batch).await.unwrap();
        done = done.and(settle(pool, &judge, &mut live).await);
    }
    assert!(done.new > 20, "{done:?}");
    assert_eq!((done.revised, done.withdrawn), (0, 0), "nothing came late");
    let as_it_came = held(pool).await;
    assert_eq!(as_it_came.len() as u64, done.new);

    // Made anew: not one row differs.
    let again = settle(pool, &judge, &mut Games::default()).await;
    assert_eq!(again, Settled::default());
    assert_eq!(held(pool).await, as_it_came);

    // The evidence is in the history.
    let lost = count(
        pool,
        "select count(*) from analytics.signal_evidence e
         where not exists (select from core_betting.line_history h
                           where (h.game_id, h.series_id, h.at) = (e.game_id, e.series_id, e.at))",
    )
    .await;
    assert_eq!(lost, 0);
    // And the summary's column says what the signals say.
    let steam = count(
        pool,
        "select count(*) from analytics.signals where kind = 'steam' and preset = 'linetape' and not superseded",
    )
    .await;
    let summary = count(
        pool,
        "select count(*) from analytics.moneylines where steam_move",
    )
    .await;
    assert!(steam > 0 && summary > 0, "{steam} signals, {summary} rows");

    // In another order: what was said too early is taken back, and in the end the same holds.
    let other = test_database().await;
    prepare(&other.pool, &reference).await;
    let mut stager = Stager::new(Arc::clone(&reference), true, 1_000);
    let mut live = Games::default();
    let mut done = Settled::default();
    let mut shuffled: Vec<Payload> = looks.clone();
    for chunk in shuffled.chunks_mut(30) {
        chunk.reverse();
    }
    for batch in shuffled.chunks(10) {
        let report = stager.write(&other.pool, batch).await.unwrap();
        for game in report.rewritten {
            live.forget(game);
        }
        done = done.and(settle(&other.pool, &judge, &mut live).await);
    }
    assert!(done.revised + done.withdrawn > 0, "{done:?}");
    assert_eq!(held(&other.pool).await, as_it_came);
}

/// Why signals on parts of a game have no grade, as they are listed.
async fn ungraded(pool: &PgPool, game: i64) -> Vec<(String, Option<NoScore>)> {
    let filter = SignalFilter {
        game: Some(GameId::from_i64(game)),
        limit: 1_000,
        ..SignalFilter::default()
    };
    let all = store::signals::list(&mut pool.acquire().await.unwrap(), &filter)
        .await
        .unwrap();
    let parts = all.into_iter().filter(|signal| signal.period != "full");
    let mut parts: Vec<_> = parts
        .map(|signal| (signal.period, signal.ungraded))
        .collect();
    parts.sort();
    parts
}

/// A signal on a part of the game is graded by the line score, once one that adds up is there.
async fn parts(pool: &PgPool, judge: &Judge, game: i64) {
    for period in ["f5", "1h"] {
        let columns: Vec<String> = sqlx::query_scalar(
            "select column_name::text from information_schema.columns
             where table_schema = 'analytics' and table_name = 'signals' and column_name <> 'period' and is_generated = 'NEVER'",
        )
        .fetch_all(pool)
        .await
        .unwrap();
        let columns = columns.join(", ");
        let sql = format!(
            "insert into analytics.signals (period, {columns}) select '{period}', {columns} from analytics.signals
             where game_id = {game} and market = 'moneyline' and period = 'full' and not superseded and american is not null
             order by detected_at, kind, preset, side limit 1"
        );
        let done = sqlx::query(sqlx::AssertSqlSafe(sql))
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(done.rows_affected(), 1);
    }
    let untold = grade(pool, judge).await.unwrap();
    assert_eq!(
        (untold.games, untold.without.get(&NoScore::Untold)),
        (0, Some(&2))
    );
    let (foreign, untold) = (Some(NoScore::Foreign), Some(NoScore::Untold));
    let before = [("1h".to_owned(), foreign), ("f5".to_owned(), untold)];
    assert_eq!(ungraded(pool, game).await, before);
    // 5 to 2 in the end, 0 to 2 after five.
    for (source, runs) in [
        ("a", "[[1, 0]]"),
        (
            "b",
            "[[0,2],[0,0],[0,0],[0,0],[0,0],[5,0],[0,0],[0,0],[null,0]]",
        ),
    ] {
        sqlx::query(
            "insert into core_betting.game_outcomes (game_id, source, home_score, away_score, periods, status, observed_at, payload_hash)
             select $1, $2, 5, 2, (select jsonb_agg(jsonb_build_object('period', '', 'home', p -> 0, 'away', p -> 1))
                                   from jsonb_array_elements($3::jsonb) p), 'final', now(), ''",
        )
        .bind(game)
        .bind(source)
        .bind(runs)
        .execute(pool)
        .await
        .unwrap();
    }
    let told = grade(pool, judge).await.unwrap();
    assert_eq!(told.without.get(&NoScore::Foreign), Some(&1), "{told:?}");
    assert_eq!(told.without.get(&NoScore::Untold), None, "{told:?}");
    let after = [("1h".to_owned(), foreign), ("f5".to_owned(), None)];
    assert_eq!(ungraded(pool, game).await, after);
    let (side, outcome): (String, String) = sqlx::query_as(
        "select side, outcome from analytics.signal_grades where game_id = $1 and period = 'f5'",
    )
    .bind(game)
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(outcome == "win", side == "away", "{side} {outcome}");
}

#[tokio::test]
async fn signals_are_graded_by_result_and_close() {
    let database = test_database().await;
    let pool = &database.pool;
    let reference = Arc::new(Reference::builtin().unwrap());
    prepare(pool, &reference).await;
    let judge = Judge::new(Arc::clone(&reference));
    let mut stager = Stager::new(Arc::clone(&reference), true, 1_000);
    stager.write(pool, &looks()).await.unwrap();
    settle(pool, &judge, &mut Games::default()).await;
    let nothing = grade(pool, &judge).await.unwrap();
    assert_eq!(nothing.games, 0, "no results, no record");
    assert_eq!(
        count(pool, "select count(*) from analytics.signal_record").await,
        0
    );

    let game: i64 = sqlx::query_scalar(
        "select game_id from analytics.signals where market = 'moneyline' and american is not null
         group by game_id order by count(*) desc, game_id limit 1",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    sqlx::query(
        "update core_betting.games set status = 'final', home_score = 5, away_score = 2, updated_at = now()
         where game_id = $1",
    )
    .bind(game)
    .execute(pool)
    .await
    .unwrap();
    let graded = grade(pool, &judge).await.unwrap();
    assert_eq!(graded.games, 1);
    assert!(graded.signals > 0 && graded.closed > 0, "{graded:?}");

    let wrong: i64 = sqlx::query_scalar(
        "select count(*) from analytics.signals s
         join analytics.signal_grades r using (game_id, detected_at, kind, market, period, side, preset, revision)
         where game_id = $1 and market = 'moneyline' and (
             (r.outcome = 'win') <> (side = 'home')
             or abs(r.profit_loss - case when side = 'home' then s.decimal::float8 - 1 else -1 end) > 1e-9
             or r.clv is null
             or abs(r.clv - (s.decimal::float8 * r.close_probability - 1)) > 1e-9)",
    )
    .bind(GameId::from_i64(game).as_i64())
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(wrong, 0);
    // The close is the median of what the shops had last, without their margin.
    let off: i64 = sqlx::query_scalar(
        "with last as (
             select source_book_id, 1 / max(decimal) filter (where side = 'home') as home,
                    1 / max(decimal) filter (where side = 'away') as away
             from core_betting.lines_current
             where game_id = $1 and market = 'moneyline' and period = 'full' and phase = 'pregame' and line_slot = 'main'
               and status = 'open'
             group by source_book_id),
         close as (select percentile_cont(0.5) within group (order by (home / (home + away))::float8) as p from last)
         select count(*) from analytics.signal_grades r, close c
         where r.game_id = $1 and r.market = 'moneyline' and r.side = 'home' and abs(r.close_probability - c.p) > 0.01",
    )
    .bind(game)
    .fetch_one(pool)
    .await
    .unwrap();
    assert_eq!(off, 0);
    let records = store::signals::records(&mut pool.acquire().await.unwrap())
        .await
        .unwrap();
    let total: i32 = records.iter().map(|r| r.graded).sum();
    assert_eq!(total as usize, graded.signals);
    for record in &records {
        let hit = record.hit_rate.unwrap_or(0.5);
        let (low, high) = (
            record.hit_low.unwrap_or(0.0),
            record.hit_high.unwrap_or(1.0),
        );
        assert!(low <= hit + 1e-9 && hit <= high + 1e-9, "{record:?}");
    }
    // Graded once.
    assert_eq!(grade(pool, &judge).await.unwrap().games, 0);

    parts(pool, &judge, game).await;
}
