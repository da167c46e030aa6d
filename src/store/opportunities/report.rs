//! What stored offers tell: who has the best price how often, and what prices were worth over time.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use sqlx::postgres::types::PgInterval;
use sqlx::{FromRow, PgConnection};

use crate::domain::league::League;

/// Which offers.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this league.
    pub league: Option<League>,
    /// Of this market.
    pub market: Option<String>,
    /// Of this book.
    pub book: Option<String>,
    /// From this time on.
    pub since: Option<DateTime<Utc>>,
}

/// How often a book has the best price.
#[derive(Debug, Clone, PartialEq, Serialize, FromRow)]
pub struct BestBook {
    /// Book.
    pub book: String,
    /// League.
    pub league: String,
    /// Market.
    pub market: String,
    /// Bets it quoted.
    pub bets: i64,
    /// Hours it quoted them.
    pub hours: f64,
    /// Hours it had the best price, those shared in parts.
    pub best_hours: f64,
    /// Its share of the hours it quoted.
    pub best_share: f64,
    /// Share in which nobody else paid as much.
    pub alone_share: f64,
}

/// Which book has the best price how often, by league and market.
pub async fn best_books(
    connection: &mut PgConnection,
    filter: &Filter,
) -> Result<Vec<BestBook>, sqlx::Error> {
    sqlx::query_as(
        "select * from analytics.best_books($1, $2, $3) where $4::text is null or book = $4
         order by league, market, best_share desc, book",
    )
    .bind(filter.league.map(League::as_str))
    .bind(&filter.market)
    .bind(filter.since)
    .bind(&filter.book)
    .fetch_all(connection)
    .await
}

/// What offers were worth in a span of time.
#[derive(Debug, Clone, PartialEq, Serialize, FromRow)]
pub struct EvSpan {
    /// From then on.
    pub begins: DateTime<Utc>,
    /// League.
    pub league: String,
    /// Book.
    pub book: String,
    /// Offers written.
    pub offers: i64,
    /// Those better than fair.
    pub positive: i64,
    /// Those to be taken.
    pub green: i64,
    /// Mean worth.
    pub mean_ev: f64,
    /// Greatest worth.
    pub max_ev: f64,
}

/// Worth of offers over time, by league and book.
pub async fn ev_over_time(
    connection: &mut PgConnection,
    step: TimeDelta,
    filter: &Filter,
) -> Result<Vec<EvSpan>, sqlx::Error> {
    let step = PgInterval {
        months: 0,
        days: 0,
        microseconds: step.num_microseconds().unwrap_or(86_400_000_000),
    };
    sqlx::query_as("select * from analytics.ev_over_time($1, $2, $3, $4)")
        .bind(step)
        .bind(filter.league.map(League::as_str))
        .bind(&filter.book)
        .bind(filter.since)
        .fetch_all(connection)
        .await
}
