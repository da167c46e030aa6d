//! Reading the history back: for the screen, for `lines`, and for whoever asks what was.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

use super::games::parse;
use super::lines::{price, series_key};
use super::splits::{self, StoredSplit};
use crate::domain::book::BookSlug;
use crate::domain::game::GameId;
use crate::domain::series::{Price, SeriesKey};
use crate::domain::source::{Source, Stream};

/// One row of the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredLine {
    /// Series.
    pub key: SeriesKey,
    /// Canonical book, when known.
    pub book: Option<BookSlug>,
    /// Market time.
    pub at: DateTime<Utc>,
    /// Price.
    pub price: Price,
    /// When its payload was received.
    pub observed_at: DateTime<Utc>,
    /// The book's own declared opener.
    pub opener: bool,
}

/// A game's whole history.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GameHistory {
    /// The feeds' games whose rows are in it: a screen may know of a join that was not written yet.
    pub sources: Vec<(Source, Arc<str>)>,
    /// Up to when the payloads of each stream are in it, by the time they were received.
    pub received_until: Vec<(Stream, DateTime<Utc>)>,
    /// Rows by series and market time.
    pub lines: Vec<StoredLine>,
    /// When each series was last confirmed.
    pub seen: Vec<(SeriesKey, DateTime<Utc>)>,
    /// Tickets and money by side and market time.
    #[serde(default)]
    pub splits: Vec<StoredSplit>,
}

/// One current row with its summary.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredSeries {
    /// Series.
    pub key: SeriesKey,
    /// Canonical book, when known.
    pub book: Option<BookSlug>,
    /// Price in force.
    pub price: Price,
    /// When it began.
    pub at: DateTime<Utc>,
    /// When last confirmed.
    pub last_seen_at: DateTime<Utc>,
    /// Opening price and time.
    pub opening: Option<(DateTime<Utc>, Price)>,
    /// Whether the opening is the book's own word.
    pub declared: bool,
}

/// Which rows of a game's history.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct LineFilter {
    /// Market name.
    pub market: Option<String>,
    /// Canonical book or a feed's id of it.
    pub book: Option<String>,
    /// Side name.
    pub side: Option<String>,
    /// From this market time on.
    pub since: Option<DateTime<Utc>>,
    /// Up to this market time.
    pub until: Option<DateTime<Utc>>,
    /// Only what had been received by then.
    pub known_at: Option<DateTime<Utc>>,
}

impl LineFilter {
    /// Whether a row is of the market, book and side asked for; times are not looked at.
    pub fn holds(&self, line: &StoredLine) -> bool {
        let market = self.market.as_deref();
        let side = self.side.as_deref();
        market.is_none_or(|market| line.key.market.as_str() == market)
            && side.is_none_or(|side| line.key.side.as_str() == side)
            && self.book.as_deref().is_none_or(|book| {
                &*line.key.source_book_id == book
                    || line.book.as_ref().is_some_and(|slug| slug.as_str() == book)
            })
    }
}

/// A game's whole history, and up to when it is whole.
pub async fn of_game(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<GameHistory, sqlx::Error> {
    // Asked first: rows that are committed in between are then taken for later ones, which does no harm.
    let streams: Vec<(String, DateTime<Utc>)> = sqlx::query_as(
        "select stream, last_extracted_at from operational.extraction_log where game_id = $1 order by stream",
    )
    .bind(game.as_i64())
    .fetch_all(&mut *connection)
    .await?;
    let received_until = streams
        .into_iter()
        .map(|(stream, at)| Ok((parse(&stream)?, at)))
        .collect::<Result<_, sqlx::Error>>()?;
    let sources: Vec<(String, String)> = sqlx::query_as(
        "select source, source_game_id from core_betting.game_sources where game_id = $1 order by 1, 2",
    )
    .bind(game.as_i64())
    .fetch_all(&mut *connection)
    .await?;
    let sources = sources
        .into_iter()
        .map(|(source, id)| Ok((parse(&source)?, Arc::from(id))))
        .collect::<Result<_, sqlx::Error>>()?;
    let lines = lines(&mut *connection, game, &LineFilter::default()).await?;
    let splits = splits::of_game(&mut *connection, game).await?;
    let seen = current(connection, &[game]).await?;
    Ok(GameHistory {
        sources,
        received_until,
        lines,
        seen: seen.into_iter().map(|s| (s.key, s.last_seen_at)).collect(),
        splits,
    })
}

/// A game's history by series and market time.
pub async fn lines(
    connection: &mut PgConnection,
    game: GameId,
    filter: &LineFilter,
) -> Result<Vec<StoredLine>, sqlx::Error> {
    let rows = sqlx::query(
        "select game_id, stream, source_book_id, market, period, participant, side, phase, line_slot,
                line::float8, american, decimal::float8, status, book, at, observed_at, opener
         from core_betting.line_history
         where game_id = $1 and ($2::text is null or market = $2)
           and ($3::text is null or book = $3 or source_book_id = $3)
           and ($4::text is null or side = $4) and ($5::timestamptz is null or at >= $5)
           and ($6::timestamptz is null or at <= $6) and ($7::timestamptz is null or observed_at <= $7)
         order by series_id, at",
    )
    .bind(game.as_i64())
    .bind(filter.market.as_deref())
    .bind(filter.book.as_deref())
    .bind(filter.side.as_deref())
    .bind(filter.since)
    .bind(filter.until)
    .bind(filter.known_at)
    .fetch_all(connection)
    .await?;
    rows.iter().map(stored_line).collect()
}

/// A row of the history, its columns in the order of [`lines`].
pub(super) fn stored_line(row: &PgRow) -> Result<StoredLine, sqlx::Error> {
    Ok(StoredLine {
        key: series_key(row)?,
        price: price(row, 9)?,
        book: row.try_get::<Option<String>, _>(13)?.map(BookSlug::new),
        at: row.try_get(14)?,
        observed_at: row.try_get(15)?,
        opener: row.try_get(16)?,
    })
}

/// The current rows of games.
pub async fn current(
    connection: &mut PgConnection,
    games: &[GameId],
) -> Result<Vec<StoredSeries>, sqlx::Error> {
    let ids: Vec<i64> = games.iter().map(|g| g.as_i64()).collect();
    let rows = sqlx::query(
        "select game_id, stream, source_book_id, market, period, participant, side, phase, line_slot,
                line::float8, american, decimal::float8, status, book, at, last_seen_at,
                opening_line::float8, opening_american, opening_decimal::float8,
                'open' as opening_status, opening_at, opener
         from core_betting.lines_current where game_id = any ($1) order by game_id, series_id",
    )
    .bind(&ids)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let opened: Option<DateTime<Utc>> = row.try_get(20)?;
            Ok(StoredSeries {
                key: series_key(row)?,
                price: price(row, 9)?,
                book: row.try_get::<Option<String>, _>(13)?.map(BookSlug::new),
                at: row.try_get(14)?,
                last_seen_at: row.try_get(15)?,
                opening: opened
                    .map(|at| Ok::<_, sqlx::Error>((at, price(row, 16)?)))
                    .transpose()?,
                declared: row.try_get(21)?,
            })
        })
        .collect()
}

/// The first and the last moment of market time that a price is stored of; none where none is.
pub async fn span(
    connection: &mut PgConnection,
) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>, sqlx::Error> {
    // The current rows know both ends of their series, and are a small table whatever the history is.
    let (first, last): (Option<DateTime<Utc>>, Option<DateTime<Utc>>) = sqlx::query_as(
        "select min(coalesce(opening_at, at)), max(at) from core_betting.lines_current",
    )
    .fetch_one(connection)
    .await?;
    Ok(first.zip(last))
}

/// A move: a row of the history and the price before it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredMove {
    /// The row.
    pub line: StoredLine,
    /// Price before; none for a first price.
    pub before: Option<Price>,
}

/// The latest rows across all games, newest first, each with the price before it.
pub async fn latest_moves(
    connection: &mut PgConnection,
    limit: i64,
) -> Result<Vec<StoredMove>, sqlx::Error> {
    let rows = sqlx::query(
        "select h.game_id, h.stream, h.source_book_id, h.market, h.period, h.participant, h.side, h.phase, h.line_slot,
                h.line::float8, h.american, h.decimal::float8, h.status, h.book, h.at, h.observed_at,
                p.line::float8, p.american, p.decimal::float8, p.status, h.opener
         from (select * from core_betting.line_history
               where at >= (select max(at) from core_betting.lines_current) - interval '1 day'
               order by at desc, game_id, series_id limit $1) h
         left join lateral (
             select * from core_betting.line_history b
             where b.game_id = h.game_id and b.series_id = h.series_id and b.at < h.at
             order by b.at desc limit 1) p on true
         order by h.at desc, h.game_id, h.series_id",
    )
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let had: Option<&str> = row.try_get(19)?;
            Ok(StoredMove {
                line: StoredLine {
                    key: series_key(row)?,
                    price: price(row, 9)?,
                    book: row.try_get::<Option<String>, _>(13)?.map(BookSlug::new),
                    at: row.try_get(14)?,
                    observed_at: row.try_get(15)?,
                    opener: row.try_get(20)?,
                },
                before: had.map(|_| price(row, 16)).transpose()?,
            })
        })
        .collect()
}
