//! Backtests: the games they go over, and what they leave.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::{AssertSqlSafe, FromRow, PgConnection};

use crate::domain::league::League;

/// A game to go over.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Candidate {
    /// The game.
    pub game_id: i64,
    /// Its slate.
    pub slate_date: NaiveDate,
    /// Its start.
    pub starts_at: Option<DateTime<Utc>>,
    /// Home score of a game that is over.
    pub home_score: Option<i32>,
    /// Away score.
    pub away_score: Option<i32>,
    /// Whether it was called off.
    pub called_off: bool,
    /// When a feed first had its end, as far as that is kept; never before the start.
    pub ended_at: Option<DateTime<Utc>>,
    /// Whether its announced start moved by more than ninety minutes.
    pub moved: bool,
}

/// Games with prices whose slates lie in a span, by start.
pub async fn games(
    connection: &mut PgConnection,
    from: NaiveDate,
    to: NaiveDate,
    league: Option<League>,
) -> Result<Vec<Candidate>, sqlx::Error> {
    sqlx::query_as(
        "select g.game_id, g.slate_date, g.starts_at,
                case when g.status = 'final' then g.home_score end as home_score,
                case when g.status = 'final' then g.away_score end as away_score,
                g.status = 'cancelled' as called_off,
                greatest(g.starts_at,
                         coalesce((select min(o.observed_at) from core_betting.game_outcomes o
                                   where o.game_id = g.game_id and o.status in ('final', 'cancelled')),
                                  g.starts_at + interval '12 hours')) as ended_at,
                exists (select from core_betting.game_facts f
                        join core_betting.game_sources s using (source, source_game_id)
                        where s.game_id = g.game_id
                          and abs(extract(epoch from f.starts_at - g.starts_at)) > 5400) as moved
         from core_betting.games g
         where g.slate_date between $1 and $2 and ($3::text is null or g.league = $3)
           and exists (select from core_betting.lines_current c where c.game_id = g.game_id)
         order by g.starts_at, g.game_id",
    )
    .bind(from)
    .bind(to)
    .bind(league.map(League::as_str))
    .fetch_all(connection)
    .await
}

/// A run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// Its name.
    pub run_id: String,
    /// The preset.
    pub strategy: String,
    /// Its rule and numbers.
    pub rule: String,
    /// First slate.
    pub data_from: NaiveDate,
    /// Last slate.
    pub data_to: NaiveDate,
    /// Only this league.
    pub league: Option<String>,
    /// The rest of the settings.
    pub parameters: Value,
    /// Games gone over.
    pub games: i32,
    /// Games left out.
    pub games_left_out: i32,
    /// Rows seen.
    pub rows_seen: i64,
    /// Signals.
    pub signals: i32,
    /// Bets.
    pub bets: i32,
    /// Bets without a result.
    pub open_bets: i32,
}

/// Tables a run writes to, in the order in which they are filled.
pub const TABLES: [&str; 7] = [
    "analytics.betting_recommendations",
    "analytics.confidence_scores",
    "analytics.strategy_results",
    "analytics.profitability",
    "analytics.roi_calculations",
    "analytics.cross_market_analysis",
    "analytics.performance_metrics",
];

/// Write a run and its rows: for each of [`TABLES`] an array of objects by column. Returns whether the run is new; one that is
/// there already has the same rows, since its name is a hash of them.
pub async fn save(
    connection: &mut PgConnection,
    run: &Run,
    rows: &[Value; TABLES.len()],
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "insert into analytics.backtest_runs (run_id, strategy, rule, data_from, data_to, league, parameters, games,
             games_left_out, rows_seen, signals, bets, open_bets, breaches)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0)
         on conflict (run_id) do nothing",
    )
    .bind(&run.run_id)
    .bind(&run.strategy)
    .bind(&run.rule)
    .bind(run.data_from)
    .bind(run.data_to)
    .bind(&run.league)
    .bind(&run.parameters)
    .bind(run.games)
    .bind(run.games_left_out)
    .bind(run.rows_seen)
    .bind(run.signals)
    .bind(run.bets)
    .bind(run.open_bets)
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    for (table, rows) in TABLES.iter().zip(rows) {
        let text = format!(
            "insert into {table} select * from jsonb_populate_recordset(null::{table}, $1)"
        );
        sqlx::query(AssertSqlSafe(text))
            .bind(rows)
            .execute(&mut *connection)
            .await?;
    }
    Ok(true)
}
