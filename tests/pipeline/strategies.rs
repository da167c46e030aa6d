//! What is made of stored history: backtests, recommendations, features, and one's own bets, on one database.

use std::sync::Arc;

use chrono::{DateTime, Duration, TimeDelta, Utc};
use linetape::analytics::backtest::{Plan, Staking, Verdict};
use linetape::analytics::recommendation::Record;
use linetape::analytics::wager::file::read_file;
use linetape::demo::EPOCH;
use linetape::domain::game::GameId;
use linetape::domain::time::slate_date;
use linetape::engine::backtest::{Ask, Report, keep, run};
use linetape::engine::pipeline::write::Stager;
use linetape::engine::reference::Reference;
use linetape::engine::signals::grade::grade;
use linetape::engine::signals::presets::Presets;
use linetape::engine::signals::recommend::{Records, recommend_new};
use linetape::engine::signals::{Games, Judge, SUMMARY};
use linetape::engine::{features, mybets};
use linetape::store;
use serde_json::json;
use sqlx::PgPool;

use super::postgres::test_database;
use super::signals::{looks, settle};
use super::tables::prepare;
use super::zones::linetape_with;

async fn number(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

async fn text(pool: &PgPool, sql: &'static str) -> String {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

/// A preset of one's own, with the numbers of one that ships.
const OWN: &str = r#"
[presets.mine]
rule = "steam"
groups = 4
window = "1m"
probability = 0.01
mean = 0.02
share = 0.4
"#;

fn ask(judge: &Judge, preset: &str) -> Ask {
    let mut presets = judge.presets().iter();
    let preset = presets.find(|p| &*p.name == preset);
    Ask {
        plan: Plan {
            preset: preset.unwrap().clone(),
            delay: TimeDelta::seconds(30),
            bankroll: 10_000.0,
            staking: Staking::Flat { unit: 100.0 },
            min_strength: 0.0,
        },
        from: slate_date(EPOCH),
        to: slate_date(EPOCH),
        league: None,
        reconstructed: false,
    }
}

async fn walk(pool: &PgPool, judge: &Judge, preset: &str) -> Report {
    run(pool, judge, &ask(judge, preset), &|_| {})
        .await
        .unwrap()
}

/// One's own preset says what the one with its numbers says.
async fn own(pool: &PgPool) {
    let by = |preset: &str| {
        let sql = format!(
            "select string_agg(concat_ws(' ', game_id, detected_at, market, period, side, strength, reason), E'\\n'
                               order by game_id, detected_at, market, period, side)
             from analytics.signals where preset = '{preset}' and not superseded"
        );
        sqlx::query_scalar::<_, Option<String>>(sqlx::AssertSqlSafe(sql)).fetch_one(pool)
    };
    let (mine, ships) = (by("mine").await.unwrap(), by("linetape").await.unwrap());
    assert!(mine.is_some(), "nothing found");
    assert_eq!(mine, ships);
    let source = text(
        pool,
        "select source from analytics.signal_presets where preset = 'mine'",
    )
    .await;
    assert_eq!(source, "your settings");
}

/// What a run wrote, without its time.
async fn kept(pool: &PgPool) -> String {
    text(
        pool,
        "select concat((select jsonb_agg(to_jsonb(r) - 'created_at' order by run_id) from analytics.backtest_runs r),
                       (select jsonb_agg(b order by run_id, nth) from analytics.betting_recommendations b),
                       (select jsonb_agg(s order by run_id, league, market, bucket) from analytics.strategy_results s),
                       (select jsonb_agg(p order by run_id) from analytics.performance_metrics p))",
    )
    .await
}

async fn recommendations(pool: &PgPool, judge: &Judge) {
    let now = EPOCH + TimeDelta::minutes(150);
    let shown = [SUMMARY.as_slice(), &["mine"]].concat();
    let shown: Vec<String> = shown.into_iter().map(str::to_owned).collect();
    let said = recommend_new(pool, &shown, &Records::new(), now)
        .await
        .unwrap();
    assert!(said > 0, "signals on games to come");
    let unknown = number(
        pool,
        "select count(*) from operational.pre_game_recommendations
         where action <> 'pass' or graded <> 0 or reason not like 'no recommendation: %has a result yet'",
    )
    .await;
    assert_eq!(unknown, 0, "no record, no recommendation, and it says so");
    assert_eq!(
        recommend_new(pool, &shown, &Records::new(), now)
            .await
            .unwrap(),
        0
    );

    sqlx::query("delete from operational.pre_game_recommendations")
        .execute(pool)
        .await
        .unwrap();
    let record = Record {
        graded: 400,
        won: 220.0,
        lost: 180.0,
        roi: Some(0.12),
        deviation: Some(1.0),
        clv: Some(0.01),
    };
    let market = ["moneyline", "spread", "total"];
    let known: Records = SUMMARY
        .iter()
        .flat_map(|p| market.map(|m| (((*p).to_owned(), "mlb".to_owned(), m.to_owned()), record)))
        .collect();
    // A game that began is nobody's any more.
    let late = recommend_new(pool, &shown, &known, now + TimeDelta::days(3)).await;
    assert_eq!(late.unwrap(), 0);
    assert!(recommend_new(pool, &shown, &known, now).await.unwrap() > 0);
    assert!(number(pool, "select count(*) from operational.pre_game_recommendations where action = 'bet' and american is not null").await > 0);

    finish(pool).await;
    let graded = grade(pool, judge).await.unwrap();
    assert!(graded.signals > 0);
    let tracked = store::recommendations::track(&mut pool.acquire().await.unwrap())
        .await
        .unwrap();
    let off = number(
        pool,
        "select count(*) from operational.pre_game_recommendations p
         left join operational.recommendation_tracking t using (game_id, detected_at, kind, market, period, side, preset, revision)
         join analytics.signal_grades g using (game_id, detected_at, kind, market, period, side, preset, revision)
         where t.outcome is distinct from g.outcome or t.units is distinct from g.profit_loss or t.action <> p.action",
    )
    .await;
    assert!(tracked > 0 && off == 0, "{tracked} tracked, {off} wrong");
    let again = store::recommendations::track(&mut pool.acquire().await.unwrap())
        .await
        .unwrap();
    assert_eq!(again, 0);
    let records = store::recommendations::records(&mut pool.acquire().await.unwrap())
        .await
        .unwrap();
    assert!(records.values().any(|r| r.graded > 0 && r.roi.is_some()));
}

/// Every game ends 5–2.
async fn finish(pool: &PgPool) {
    sqlx::query(
        "update core_betting.games set status = 'final', home_score = 5, away_score = 2, updated_at = now()",
    )
    .execute(pool)
    .await
    .unwrap();
}

async fn backtests(pool: &PgPool, judge: &Judge) {
    let report = walk(pool, judge, "sports_options").await;
    assert!(report.performance.bets > 0, "{:?}", report.run);
    assert_eq!(report.run.open_bets, 0);
    assert!(keep(pool, &report).await.unwrap());
    let first = kept(pool).await;
    // The same inputs make the same rows, under the same name.
    let again = walk(pool, judge, "sports_options").await;
    assert_eq!(again, report);
    assert!(!keep(pool, &again).await.unwrap());
    assert_eq!(kept(pool).await, first);
    // What is told of the bets adds up in each table.
    let off = number(
        pool,
        "select count(*) from analytics.performance_metrics m
         join analytics.strategy_results s using (run_id)
         cross join lateral (select sum(b.profit_loss) filter (where b.verdict = 'bet') as made, max(b.settled_at) as last
                             from analytics.betting_recommendations b where b.run_id = m.run_id) b
         cross join lateral (select sum(p.profit_loss) as made from analytics.profitability p where p.run_id = m.run_id) d
         cross join lateral (select sum(r.profit_loss) as made from analytics.roi_calculations r
                             where r.run_id = m.run_id and r.dimension = 'book') r
         where (s.league, s.market, s.bucket) = ('all', 'all', 'all')
           and (abs(m.profit_loss - b.made) > 1e-6 or abs(m.profit_loss - d.made) > 1e-6 or abs(m.profit_loss - r.made) > 1e-6
                or abs(m.profit_loss - s.profit_loss) > 1e-6 or abs(m.bankroll_end - m.bankroll_start - m.profit_loss) > 1e-6)",
    )
    .await;
    assert_eq!(off, 0);
    assert!(number(pool, "select count(*) from analytics.confidence_scores").await > 0);
    for view in [
        "analytics.timing_analysis_results",
        "operational.strategy_performance",
        "curated.strategy_results",
        "clean.betting_recommendations",
    ] {
        let sql = format!("select count(*) from {view}");
        let rows: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .fetch_one(pool)
            .await
            .unwrap();
        assert!(rows > 0, "{view}");
    }

    // Planted: what a bet rests on was known a day later than it says. The bet is not made then.
    let choice = report
        .walked
        .choices
        .iter()
        .find(|c| c.verdict == Verdict::Bet)
        .unwrap();
    let mut tx = pool.begin().await.unwrap();
    sqlx::query("set local session_replication_role = replica")
        .execute(&mut *tx)
        .await
        .unwrap();
    let moved = sqlx::query(
        "update core_betting.line_history set observed_at = observed_at + interval '2 days'
         where game_id = $1 and market = $2 and at = $3",
    )
    .bind(choice.game)
    .bind(choice.market.as_str())
    .bind(choice.detected_at)
    .execute(&mut *tx)
    .await
    .unwrap();
    assert!(moved.rows_affected() > 0);
    tx.commit().await.unwrap();
    let blind = walk(pool, judge, "sports_options").await;
    let same = |c: &&linetape::analytics::backtest::Choice| {
        (c.game, &c.market, c.side, c.detected_at)
            == (choice.game, &choice.market, choice.side, choice.detected_at)
            && c.verdict == Verdict::Bet
    };
    assert!(
        blind.walked.choices.iter().find(same).is_none(),
        "it was not known"
    );
    assert_ne!(blind.run.run_id, report.run.run_id);
}

/// `signals backtest` with one's own preset makes what it makes with the one that has its numbers.
fn own_backtest(url: &str) {
    let settings = OWN.replace("[presets.", "[signals.presets.");
    let day = slate_date(EPOCH).to_string();
    let walked = |preset: &str| {
        let args = format!(
            "--json signals backtest --preset {preset} --from {day} --to {day} --bets --dry-run"
        );
        let args: Vec<&str> = args.split(' ').collect();
        let (code, rows) = linetape_with(&settings, url, &args);
        assert_eq!(code, Some(0), "{rows:?}");
        let (name, run) = (json!(preset).to_string(), rows[0]["run_id"].to_string());
        assert!(rows[0]["bets"].as_i64() > Some(0), "{}", rows[0]);
        // All but its name, and the run's, which is made of it.
        json!(rows).to_string().replace(&name, "").replace(&run, "")
    };
    assert_eq!(walked("mine"), walked("linetape"));
}

async fn vectors(pool: &PgPool, judge: &Judge, game: GameId, start: DateTime<Utc>) {
    let mut connection = pool.acquire().await.unwrap();
    let early = features::write(&mut connection, judge, game, start - Duration::days(2))
        .await
        .unwrap();
    assert_eq!(early, 0, "none of its moments has come");
    let late = start + TimeDelta::hours(1);
    let new = features::write(&mut connection, judge, game, late)
        .await
        .unwrap();
    assert!(new > 0);
    let again = features::write(&mut connection, judge, game, late)
        .await
        .unwrap();
    assert_eq!(again, 0, "the same rows give the same vectors");
    // What the shops said of both sides is the whole, and their lines are each other's.
    let off = number(
        pool,
        "select count(*) from analytics.consensus a join analytics.consensus b using (game_id, at, market, period)
         where (a.side, b.side) in (('home', 'away'), ('over', 'under'))
           and (abs(a.probability + b.probability - 1) > 0.0000001 or a.books < 2
                or a.market = 'spread' and a.line <> -b.line or a.market = 'total' and a.line <> b.line)",
    )
    .await;
    assert_eq!(off, 0);
    assert!(number(pool, "select count(*) from analytics.consensus").await >= 2);
    assert!(
        number(
            pool,
            "select count(*) from analytics.lead_lag where followed > 0 and median_ms >= 0"
        )
        .await
            > 0
    );
    let (at, names, values): (DateTime<Utc>, Vec<String>, Vec<Option<f64>>) = sqlx::query_as(
        "select at, names, values from analytics.feature_vectors where game_id = $1 order by at limit 1",
    )
    .bind(game.as_i64())
    .fetch_one(&mut *connection)
    .await
    .unwrap();
    let asked = features::at(&mut connection, judge, game, at)
        .await
        .unwrap()
        .unwrap();
    let stored: Vec<(String, Option<f64>)> = names.into_iter().zip(values).collect();
    assert_eq!(stored, asked);
    assert!(
        stored
            .iter()
            .any(|(name, value)| name == "moneyline.fair" && value.is_some())
    );
}

async fn bets(pool: &PgPool, judge: &Judge, game: GameId) {
    let placed = (EPOCH + TimeDelta::minutes(100)).to_rfc3339();
    let before = (EPOCH - TimeDelta::days(1)).to_rfc3339();
    let file = format!(
        "game,market,side,line,price,stake,book,placed_at,pitchers\n\
         g,moneyline,home,,-110,110,DraftKings,{placed},\n\
         g,total,over,7,1.95,50,fan duel,{placed},\n\
         g,spread,away,+3.25,+100,20,my uncle,{placed},\n\
         g,moneyline,home,,-110,110,DraftKings,{before},listed\n"
    );
    let (told, rejected) = read_file(file.as_bytes()).unwrap();
    assert!(rejected.is_empty(), "{rejected:?}");
    let mut connection = pool.acquire().await.unwrap();
    for round in 0..2 {
        for (_, _, ticket) in &told {
            let added = mybets::add(&mut connection, judge, game, ticket.clone())
                .await
                .unwrap()
                .unwrap();
            assert_eq!(added.new, round == 0, "told twice, kept once");
            assert_eq!(added.worth.is_some(), ticket.placed_at > EPOCH, "{added:?}");
        }
    }
    let settled = mybets::settle(pool, judge).await.unwrap();
    assert_eq!(
        (settled.ended, settled.waiting),
        (3, 1),
        "listed pitchers wait for a word"
    );
    let found = store::mybets::list(&mut connection).await.unwrap();
    let of = |book: &str| found.iter().find(|b| b.book == book).unwrap();
    let home = of("draftkings");
    assert_eq!(
        (home.outcome.as_deref(), home.profit_loss),
        (Some("win"), Some(100.0))
    );
    let (fair, close) = (
        home.fair_probability.unwrap(),
        home.close_probability.unwrap(),
    );
    assert!((home.expected_value.unwrap() - (fair * home.decimal - 1.0)).abs() < 1e-4);
    assert!((home.clv.unwrap() - (close * home.decimal - 1.0)).abs() < 1e-4);
    assert_eq!(of("fanduel").outcome.as_deref(), Some("push"));
    // Three runs ahead against 3¼: half comes back, half wins.
    let uncle = of("my uncle");
    assert_eq!(
        (uncle.outcome.as_deref(), uncle.profit_loss),
        (Some("half_win"), Some(10.0))
    );
    let listed = found.iter().find(|b| b.pitchers == "listed").unwrap();
    assert!(listed.outcome.is_none() && listed.fair_probability.is_none());
    assert!(
        store::mybets::pitchers(&mut connection, &listed.bet_id, true)
            .await
            .unwrap()
    );
    assert_eq!(mybets::settle(pool, judge).await.unwrap().ended, 1);
    let off = number(pool, "select count(*) from core_betting.my_bets where pitchers = 'listed' and outcome = 'no_action' and profit_loss = 0").await;
    assert_eq!(off, 1);
}

#[tokio::test]
async fn strategies_recommendations_features_and_own_bets_on_stored_history() {
    let database = test_database().await;
    let pool = &database.pool;
    let reference = Arc::new(Reference::builtin().unwrap());
    prepare(pool, &reference).await;
    let (presets, refused) = Presets::read(&toml::from_str(OWN).unwrap());
    assert_eq!(refused, []);
    let judge = Judge::with(Arc::clone(&reference), presets);
    store::signals::seed_presets(
        &mut pool.acquire().await.unwrap(),
        judge.presets(),
        &SUMMARY,
    )
    .await
    .unwrap();
    let mut stager = Stager::new(reference, true, 1_000);
    stager.write(pool, &looks()).await.unwrap();
    settle(pool, &judge, &mut Games::default()).await;
    own(pool).await;
    let (game, start): (i64, DateTime<Utc>) = sqlx::query_as(
        "select game_id, starts_at from core_betting.games g
         where exists (select from core_betting.lines_current c where c.game_id = g.game_id and c.market = 'spread')
         order by starts_at, game_id limit 1",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    let game = GameId::from_i64(game);
    recommendations(pool, &judge).await;
    bets(pool, &judge, game).await;
    vectors(pool, &judge, game, start).await;
    backtests(pool, &judge).await;
    own_backtest(&database.url());
}
