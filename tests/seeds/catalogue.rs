//! Every table and column says what it is, and is filled by a demo or reserved for a reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use linetape::store::registry::{Kind, Registry};
use sqlx::{AssertSqlSafe, PgPool};

use super::opportunities;
use super::postgres::test_database;

const CURATED: &str = "written when somebody runs the curated zone";
const BACKTEST: &str = "written when somebody runs a backtest";

/// Tables that a demo leaves empty although something here writes them.
const NOT_IN_A_DEMO: &[(&str, &str)] = &[
    (
        "analytics.opportunities",
        "written when a price is much better than fair, which must come about",
    ),
    ("analytics.consensus", CURATED),
    ("analytics.feature_vectors", CURATED),
    ("analytics.lead_lag", CURATED),
    (
        "operational.recommendation_tracking",
        "written by the job grade_signals once games are over",
    ),
    ("analytics.backtest_runs", BACKTEST),
    ("analytics.betting_recommendations", BACKTEST),
    ("analytics.confidence_scores", BACKTEST),
    ("analytics.strategy_results", BACKTEST),
    ("analytics.profitability", BACKTEST),
    ("analytics.roi_calculations", BACKTEST),
    ("analytics.cross_market_analysis", BACKTEST),
    ("analytics.performance_metrics", BACKTEST),
    (
        "core_betting.my_bets",
        "one's own bets, written by linetape mybets",
    ),
    (
        "analytics.signal_grades",
        "written by the job grade_signals once games are over",
    ),
    (
        "raw_data.schema_drift",
        "written when a feed changes its format, which the demo's do not",
    ),
    (
        "operational.pipeline_runs",
        "written when somebody runs the pipeline",
    ),
    (
        "core_betting.game_decisions",
        "written when a person joins or splits games by hand",
    ),
    (
        "core_betting.game_merges",
        "written when two games turn out to be one, which the demo's feeds need not bring about",
    ),
    (
        "operational.backfill_progress",
        "written by backfills, which a demo does not ask for by itself",
    ),
];

const NO_RECORD: &str = "only once signals have a record";

/// Columns of filled tables that a demo need not fill.
const NOT_IN_A_DEMO_COLUMNS: &[(&str, &str)] = &[
    (
        "core_betting.bets.player_name",
        "only of props, which the demo's feeds do not quote",
    ),
    (
        "core_betting.bets.placed_at",
        "only of an earlier program's bets; one's own are in core_betting.my_bets",
    ),
    (
        "core_betting.bets.stake",
        "only of an earlier program's bets; one's own are in core_betting.my_bets",
    ),
    (
        "core_betting.bets.american",
        "only of an earlier program's bets; one's own are in core_betting.my_bets",
    ),
    (
        "core_betting.bets.decimal",
        "only of an earlier program's bets; one's own are in core_betting.my_bets",
    ),
    (
        "core_betting.bets.outcome",
        "only of an earlier program's bets; one's own are in core_betting.my_bets",
    ),
    (
        "core_betting.bets.profit_loss",
        "only of an earlier program's bets; one's own are in core_betting.my_bets",
    ),
    (
        "core_betting.bet_offers.available_limits",
        "no feed here tells limits",
    ),
    (
        "core_betting.bet_offers.refresh_cycle_id",
        "of an earlier program: here each look is a refresh",
    ),
    (
        "analytics.fair_odds.reason",
        "only while too few anchors price a bet that had a fair price",
    ),
    (
        "analytics.opportunities.fair_probability",
        "middles have none of their own",
    ),
    (
        "analytics.opportunities.expected_value",
        "middles have none of their own",
    ),
    (
        "analytics.opportunities.line",
        "none of a moneyline, and the others must come about",
    ),
    (
        "analytics.opportunities.break_even",
        "only of middles, which must come about",
    ),
    (
        "analytics.opportunities.closed_at",
        "only once a chance is gone",
    ),
    ("operational.pre_game_recommendations.hit_rate", NO_RECORD),
    ("operational.pre_game_recommendations.hit_low", NO_RECORD),
    ("operational.pre_game_recommendations.hit_high", NO_RECORD),
    ("operational.pre_game_recommendations.roi", NO_RECORD),
    (
        "operational.pre_game_recommendations.average_clv",
        NO_RECORD,
    ),
    ("operational.pre_game_recommendations.confidence", NO_RECORD),
    (
        "core_betting.team_stats_daily.last_10_wins",
        "only where the standings in force tell it",
    ),
    (
        "core_betting.team_stats_daily.last_10_losses",
        "only where the standings in force tell it",
    ),
    (
        "core_betting.team_stats_daily.recent_ppg",
        "ratings and averages are to come with predictions",
    ),
    (
        "core_betting.team_stats_daily.recent_papg",
        "ratings and averages are to come with predictions",
    ),
    (
        "core_betting.team_stats_daily.elo_rating",
        "ratings and averages are to come with predictions",
    ),
    (
        "core_betting.team_stats_daily.pythagorean_win_pct",
        "ratings and averages are to come with predictions",
    ),
    (
        "core_betting.team_stats_daily.strength_of_schedule",
        "ratings and averages are to come with predictions",
    ),
    (
        "raw_data.schema_drift.ended_at",
        "only when a missing field comes back",
    ),
    (
        "raw_data.source_health.pattern",
        "only when something goes wrong again and again",
    ),
    (
        "raw_data.source_health.drift",
        "only when a feed changes its format",
    ),
    (
        "core_betting.game_merges.undone_at",
        "only when a join is undone",
    ),
    (
        "core_betting.game_merges.undone_by",
        "only when a join is undone",
    ),
    (
        "core_betting.betting_splits.money",
        "no feed here counts money, only its share",
    ),
    (
        "core_betting.betting_splits.tickets",
        "no feed here counts tickets on the scoreboard",
    ),
    (
        "core_betting.game_outcomes.home_score",
        "only once a game has begun",
    ),
    (
        "core_betting.game_outcomes.away_score",
        "only once a game has begun",
    ),
    (
        "core_betting.game_sources.home_score",
        "only once a game has begun",
    ),
    (
        "core_betting.game_sources.away_score",
        "only once a game has begun",
    ),
    (
        "core_betting.games.home_score",
        "only once a game has begun",
    ),
    (
        "core_betting.games.away_score",
        "only once a game has begun",
    ),
    (
        "operational.extraction_log.error_message",
        "only when something went wrong",
    ),
    (
        "operational.jobs.error",
        "only when a run failed or was missed",
    ),
    (
        "operational.migration_log.error_message",
        "only when something went wrong",
    ),
    (
        "operational.table_registry.detail",
        "only when a name could not be made",
    ),
    ("raw_data.collection_log.error", "only when a fetch failed"),
    ("raw_data.source_health.reason", "only when a feed fails"),
    (
        "raw_data.source_health.quota_used",
        "only feeds with a quota",
    ),
    (
        "raw_data.source_health.quota_remaining",
        "only feeds with a quota",
    ),
];

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Run the real program's demo on this database until the slowest writers have written.
async fn demo(pool: &PgPool, url: &str, name: &str) {
    let home = tempfile::tempdir().unwrap();
    let mut running = Running(
        Command::new(env!("CARGO_BIN_EXE_linetape"))
            .args(["demo", "--no-tui", "--speed", "600"])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", home.path())
            .env("DATABASE_URL", url)
            .env("LINETAPE_DEMO__DATABASE", name)
            .env("LINETAPE_ALERTS__RULES", "warning move market:moneyline")
            .current_dir(home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let written = "select (select count(*) > 0 from operational.persistence_metrics)
                      and (select count(*) > 0 from operational.cache_metrics)
                      and (select count(p95_ms) > 0 from raw_data.source_health)
                      and (select count(*) > 0 from raw_data.schema_baselines)
                      and (select count(*) > 0 from core_betting.game_outcomes)
                      and exists (select from core_betting.game_sources group by game_id having count(distinct source) = 8)
                      and (select count(*) > 0 from operational.validation_results)
                      and (select count(result) > 0 from operational.jobs)
                      and (select count(line) > 0 from analytics.fair_odds)
                      and (select count(before_line) > 0 from analytics.signal_evidence)
                      and exists (select from core_betting.bet_offers)
                      and (select count(line) > 0 and count(expected_value) > 0
                           from operational.pre_game_recommendations)
                      and (select count(closing_at) > 0 and count(max_line) > 0 from core_betting.lines_current)";
    let begun = Instant::now();
    loop {
        // Until the schema is there the question itself fails.
        let done: bool = sqlx::query_scalar(written)
            .fetch_one(pool)
            .await
            .unwrap_or(false);
        if done {
            break;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(150),
            "the demo has not written everything"
        );
        let ended = running.0.try_wait().unwrap();
        assert!(ended.is_none(), "the demo ended by itself: {ended:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let pid = running.0.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    running.0.wait().unwrap();
    must_have_called(home.path());
}

/// Without a screen, what the alert rules call for stands in the log.
fn must_have_called(home: &Path) {
    let logs = std::fs::read_dir(home.join(".local/state/linetape/logs")).unwrap();
    let logs = logs.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    let calls: Vec<String> = logs
        .flat_map(|log| log.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| line.contains("linetape::monitor::alert: "))
        .collect();
    assert!(!calls.is_empty(), "no rule called in hours of moves");
    for call in &calls {
        assert!(
            call.contains(" WARN ")
                && call.contains(" moneyline ")
                && !call.contains("first price"),
            "{call}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_is_explained_and_filled_or_reserved() {
    let database = test_database().await;
    // The server through its own maintenance database; the demo's is ours.
    demo(
        &database.pool,
        &database.embedded().url("postgres"),
        &database.name,
    )
    .await;
    let pool = &database.pool;
    opportunities::check(pool, &database.embedded().url("postgres"), &database.name).await;

    let silent: Vec<String> = sqlx::query_scalar(
        "select concat_ws('.', n.nspname, c.relname, a.attname)
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
         left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
              and col_description(c.oid, a.attnum) is null
         where n.nspname in ('raw_data', 'core_betting', 'analytics', 'operational')
           and c.relkind in ('r', 'p', 'v') and not c.relispartition
           and (a.attname is not null or obj_description(c.oid, 'pg_class') is null)
         order by 1",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    assert!(silent.is_empty(), "without a comment: {silent:?}");

    let tables: Vec<String> = sqlx::query_scalar(
        "select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('raw_data', 'core_betting', 'analytics', 'operational')
           and c.relkind in ('r', 'p') and not c.relispartition order by 1",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let registry = Registry::read(pool).await.unwrap();
    let known: BTreeMap<&str, _> = registry
        .entries()
        .iter()
        .filter(|e| e.kind == Kind::Table)
        .map(|e| (e.name.as_str(), e))
        .collect();
    let there: BTreeSet<&str> = tables.iter().map(String::as_str).collect();
    assert_eq!(
        there,
        known.keys().copied().collect(),
        "tables and registry"
    );
    let empty: BTreeMap<_, _> = NOT_IN_A_DEMO.iter().copied().collect();
    let unfilled: BTreeMap<_, _> = NOT_IN_A_DEMO_COLUMNS.iter().copied().collect();
    for name in &tables {
        let entry = known[name.as_str()];
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {name}")))
            .fetch_one(pool)
            .await
            .unwrap();
        let by = entry.filled_by.as_deref().unwrap_or_default();
        if entry.reserved {
            assert!(
                by.starts_with("reserved: ") && rows == 0,
                "{name}: {by}, {rows} rows"
            );
            continue;
        }
        assert!(!by.is_empty(), "{name}: nobody fills it");
        assert!(
            rows > 0 || empty.contains_key(name.as_str()),
            "{name} is empty; {by} should fill it"
        );
        if rows == 0 {
            continue;
        }
        let nulls: Vec<String> = sqlx::query_scalar(
            "select a.attname::text from pg_attribute a where a.attrelid = $1::regclass and a.attnum > 0
             and not a.attisdropped and not a.attnotnull",
        )
        .bind(name)
        .fetch_all(pool)
        .await
        .unwrap();
        for column in nulls {
            let some: bool = sqlx::query_scalar(AssertSqlSafe(format!(
                "select exists (select from {name} where \"{column}\" is not null)"
            )))
            .fetch_one(pool)
            .await
            .unwrap();
            let full = format!("{name}.{column}");
            assert!(
                some || unfilled.contains_key(full.as_str()),
                "{full} is never filled"
            );
        }
    }
}
