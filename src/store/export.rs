//! Rows on their way out of the database: one stream, never held whole in memory.

use chrono::{DateTime, Utc};
use futures_util::{Stream, TryStreamExt as _};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::as_of::AsOf;
use crate::domain::game::GameId;
use crate::domain::league::League;

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text, perhaps a feed's.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// RFC 3339, UTC.
    Time,
}

/// A column of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Name, as in the table.
    pub name: &'static str,
    /// What its cells hold.
    pub kind: Kind,
}

/// What can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// `core_betting.line_history`.
    Lines,
    /// `core_betting.games`.
    Games,
    /// `core_betting.betting_splits`.
    Splits,
    /// `analytics.line_movement_summary`.
    Summary,
}

/// Which rows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this league.
    pub league: Option<League>,
    /// Of this game.
    pub game: Option<GameId>,
    /// From this market time (for games: start) on.
    pub since: Option<DateTime<Utc>>,
    /// Up to this market time (for games: start).
    pub until: Option<DateTime<Utc>>,
    /// What was in force at this instant, in place of every change; for games those in view.
    pub as_of: Option<AsOf>,
}

const fn text(name: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Text,
    }
}

const fn number(name: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Number,
    }
}

const fn truth(name: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Bool,
    }
}

const fn time(name: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Time,
    }
}

const LINES: &[Column] = &[
    text("game_id"),
    text("stream"),
    text("source_book_id"),
    text("book"),
    text("market"),
    text("period"),
    text("participant"),
    text("side"),
    text("phase"),
    text("line_slot"),
    time("at"),
    number("line"),
    number("american"),
    number("decimal"),
    text("status"),
    truth("opener"),
    truth("reconstructed"),
    time("source_at"),
    time("observed_at"),
    text("payload_hash"),
];

const GAMES: &[Column] = &[
    text("game_id"),
    text("league"),
    text("home"),
    text("away"),
    text("home_team"),
    text("away_team"),
    number("game_number"),
    time("original_starts_at"),
    time("starts_at"),
    text("slate_date"),
    text("status"),
    number("home_score"),
    number("away_score"),
    truth("demo"),
];

const SPLITS: &[Column] = &[
    text("game_id"),
    text("stream"),
    text("scope"),
    text("market"),
    text("period"),
    text("side"),
    time("at"),
    number("tickets_pct"),
    number("money_pct"),
    number("tickets"),
    number("money"),
    time("observed_at"),
    text("payload_hash"),
];

const SUMMARY: &[Column] = &[
    text("game_id"),
    text("stream"),
    text("source_book_id"),
    text("book"),
    text("market"),
    text("period"),
    text("participant"),
    text("side"),
    text("phase"),
    text("line_slot"),
    number("opening_odds_american"),
    number("opening_line_value"),
    time("opening_timestamp"),
    number("closing_odds_american"),
    number("closing_line_value"),
    time("closing_timestamp"),
    number("changes"),
    number("observations"),
    number("max_odds_american"),
    number("min_odds_american"),
    number("movement_probability"),
    number("quality_score"),
    time("first_at"),
    time("changed_at"),
    time("last_seen_at"),
];

impl Subject {
    /// Its columns, in the order written. Ids are text, since 63 bits are more than a spreadsheet's number holds.
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Lines => LINES,
            Self::Games => GAMES,
            Self::Splits => SPLITS,
            Self::Summary => SUMMARY,
        }
    }

    /// Table, time that `since` and `until` look at, and order.
    const fn source(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Lines => (
                "core_betting.line_history",
                "t.at",
                "t.game_id, t.series_id, t.at",
            ),
            Self::Games => (
                "core_betting.games",
                "t.starts_at",
                "t.starts_at, t.game_id",
            ),
            Self::Splits => (
                "core_betting.betting_splits",
                "t.at",
                "t.game_id, t.stream, t.scope, t.market, t.period, t.side, t.at",
            ),
            Self::Summary => (
                "analytics.line_movement_summary",
                "t.changed_at",
                "t.game_id, t.series_id",
            ),
        }
    }

    /// The rows of a past instant in place of the table; none where there is no such thing.
    const fn at_instant(self) -> Option<&'static str> {
        match self {
            Self::Lines => Some("core_betting.lines_as_of($5, $6)"),
            Self::Games => Some("core_betting.games_as_of($5)"),
            Self::Splits => Some("core_betting.splits_as_of($5, $6)"),
            Self::Summary => None,
        }
    }

    /// Whether it can be asked of a past instant; a summary is of everything up to now.
    pub const fn has_past(self) -> bool {
        self.at_instant().is_some()
    }

    fn query(self, past: bool) -> String {
        let cells: Vec<String> = self
            .columns()
            .iter()
            .map(|Column { name, kind }| match (kind, *name) {
                (Kind::Time, _) => format!(
                    "to_char(t.{name} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
                ),
                (Kind::Bool, _) => format!("case when t.{name} then 'true' else 'false' end"),
                (_, "payload_hash") => format!("encode(t.{name}, 'hex')"),
                _ => format!("t.{name}::text"),
            })
            .collect();
        let (table, time, order) = self.source();
        let table = if past {
            self.at_instant().unwrap_or(table)
        } else {
            table
        };
        format!(
            "select {} from {table} t
             where ($1::text is null or exists (
                       select from core_betting.games g where g.game_id = t.game_id and g.league = $1))
               and ($2::bigint is null or t.game_id = $2)
               and ($3::timestamptz is null or {time} >= $3)
               and ($4::timestamptz is null or {time} <= $4)
             order by {order}",
            cells.join(", ")
        )
    }
}

/// The rows, one at a time as the server sends them; a cell is its text, or nothing where the database has null.
pub fn rows<'c>(
    connection: &'c mut PgConnection,
    subject: Subject,
    filter: &Filter,
) -> impl Stream<Item = Result<Vec<Option<String>>, sqlx::Error>> + 'c {
    let width = subject.columns().len();
    let past = filter.as_of.filter(|_| subject.has_past());
    let mut query = sqlx::query(AssertSqlSafe(subject.query(past.is_some())))
        .persistent(false)
        .bind(filter.league.map(League::as_str))
        .bind(filter.game.map(GameId::as_i64))
        .bind(filter.since)
        .bind(filter.until);
    if let Some(past) = past {
        query = query.bind(past.at);
        if subject != Subject::Games {
            query = query.bind(past.known_at);
        }
    }
    query
        .fetch(connection)
        .and_then(move |row| async move { (0..width).map(|cell| row.try_get(cell)).collect() })
}
