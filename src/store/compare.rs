//! Rows of one table in two databases, compared one by one in key order: neither side is ever held in memory.

use std::cmp::Ordering;
use std::fmt;

use futures_util::{Stream, TryStreamExt as _};
use serde::Serialize;
use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, PgConnection};

/// A table that is rebuilt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// `core_betting.games`.
    Games,
    /// `core_betting.line_history`.
    LineHistory,
    /// `core_betting.lines_current`, whole, and its score.
    LinesCurrent,
    /// `core_betting.betting_splits`.
    BettingSplits,
    /// `core_betting.team_sources`: of no game, so no part of the games has them.
    TeamSources,
    /// `core_betting.team_stats_daily`, as little of a game.
    TeamStatsDaily,
    /// `core_betting.lines_current` without what only raw tells: how often and when last a series was seen.
    Summary,
}

impl Relation {
    /// As SQL names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Games => "core_betting.games",
            Self::LineHistory => "core_betting.line_history",
            Self::LinesCurrent => "core_betting.lines_current",
            Self::BettingSplits => "core_betting.betting_splits",
            Self::TeamSources => "core_betting.team_sources",
            Self::TeamStatsDaily => "core_betting.team_stats_daily",
            Self::Summary => "analytics.line_movement_summary",
        }
    }

    /// Key (game, series, words, market time in microseconds) and the row without what tells when this machine wrote
    /// it; in the order of the key.
    const fn query(self) -> &'static str {
        match self {
            Self::Games => {
                "select t.game_id, 0::int8, '', 0::int8,
                        (to_jsonb(t) - 'created_at' - 'updated_at' - 'original_starts_at' - 'demo')::text
                 from core_betting.games t where $1::int8[] is null or t.game_id = any ($1)
                 order by t.game_id"
            }
            Self::LineHistory => {
                "select t.game_id, t.series_id, '', (extract(epoch from t.at) * 1000000)::int8,
                        (to_jsonb(t) - 'stored_at')::text
                 from core_betting.line_history t where $1::int8[] is null or t.game_id = any ($1)
                 order by t.game_id, t.series_id, t.at"
            }
            Self::LinesCurrent => {
                "select t.game_id, t.series_id, '', 0::int8,
                        (to_jsonb(t) || jsonb_build_object('quality_score', s.quality_score))::text
                 from core_betting.lines_current t
                 join analytics.line_movement_summary s using (game_id, series_id)
                 where $1::int8[] is null or t.game_id = any ($1)
                 order by t.game_id, t.series_id"
            }
            Self::BettingSplits => {
                "select t.game_id, 0::int8, concat_ws(chr(31), t.stream, t.scope, t.market, t.period, t.side),
                        (extract(epoch from t.at) * 1000000)::int8, to_jsonb(t)::text
                 from core_betting.betting_splits t where $1::int8[] is null or t.game_id = any ($1)
                 order by t.game_id, concat_ws(chr(31), t.stream, t.scope, t.market, t.period, t.side) collate \"C\", t.at"
            }
            Self::TeamSources => {
                "select 0::int8, 0::int8, concat_ws(chr(31), t.source, t.league, t.source_team_id), 0::int8, to_jsonb(t)::text
                 from core_betting.team_sources t where $1::int8[] is null
                 order by concat_ws(chr(31), t.source, t.league, t.source_team_id) collate \"C\""
            }
            Self::TeamStatsDaily => {
                "select 0::int8, 0::int8, t.team, (extract(epoch from t.snapshot_date) * 1000000)::int8,
                        (to_jsonb(t) - 'created_at')::text
                 from core_betting.team_stats_daily t where $1::int8[] is null
                 order by t.team collate \"C\", t.snapshot_date"
            }
            Self::Summary => {
                "select t.game_id, t.series_id, '', 0::int8, (to_jsonb(t) - 'observations' - 'last_seen_at')::text
                 from core_betting.lines_current t where $1::int8[] is null or t.game_id = any ($1)
                 order by t.game_id, t.series_id"
            }
        }
    }
}

/// How a row differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The rebuild gives it, and the table lacks it.
    Missing,
    /// The table has it, and the rebuild does not give it.
    Extra,
    /// Both have it, with other values.
    Changed,
}

impl Kind {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Changed => "changed",
        }
    }
}

/// One row that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Table.
    pub relation: &'static str,
    /// How.
    pub kind: Kind,
    /// Game; none of a table that is of no game.
    pub game_id: Option<i64>,
    /// Which row, in words of its key.
    pub row: String,
    /// Of a changed row: field, and its two values, the stored one first.
    pub fields: Vec<(String, Value, Value)>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, relation) = (self.kind.as_str(), self.relation);
        write!(f, "{kind} {relation} ")?;
        if let Some(game) = self.game_id {
            write!(f, "game {game} ")?;
        }
        f.write_str(&self.row)?;
        for (nth, (name, stored, rebuilt)) in self.fields.iter().enumerate() {
            let before = if nth == 0 { ":" } else { ";" };
            write!(f, "{before} {name} {stored}, made anew {rebuilt}")?;
        }
        Ok(())
    }
}

/// How many rows of one table agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Table.
    pub relation: &'static str,
    /// Rows that are the same.
    pub equal: u64,
    /// Rows that the rebuild gives and the table lacks.
    pub missing: u64,
    /// Rows that the table has and the rebuild does not give.
    pub extra: u64,
    /// Rows with other values.
    pub changed: u64,
}

impl Comparison {
    /// Whether every row agrees.
    pub const fn agrees(&self) -> bool {
        self.missing == 0 && self.extra == 0 && self.changed == 0
    }
}

type Row = (i64, i64, String, i64, String);

fn rows<'c>(
    connection: &'c mut PgConnection,
    relation: Relation,
    games: Option<&[i64]>,
) -> impl Stream<Item = Result<Row, sqlx::Error>> + Unpin + 'c {
    sqlx::query_as(AssertSqlSafe(relation.query()))
        .bind(games.map(<[i64]>::to_vec))
        .fetch(connection)
}

/// Compare the rows of `games`, or all, of `stored` with those of `rebuilt`. Of the rows that differ, `found` is given
/// up to `most` in all.
pub async fn compare(
    stored: &mut PgConnection,
    rebuilt: &mut PgConnection,
    relation: Relation,
    games: Option<&[i64]>,
    found: &mut Vec<Difference>,
    most: usize,
) -> Result<Comparison, sqlx::Error> {
    let mut count = Comparison {
        relation: relation.name(),
        equal: 0,
        missing: 0,
        extra: 0,
        changed: 0,
    };
    let mut kept = rows(stored, relation, games);
    let mut again = rows(rebuilt, relation, games);
    let (mut left, mut right) = (kept.try_next().await?, again.try_next().await?);
    loop {
        let order = match (&left, &right) {
            (None, None) => return Ok(count),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => (a.0, a.1, &a.2, a.3).cmp(&(b.0, b.1, &b.2, b.3)),
        };
        let kind = match order {
            Ordering::Less => {
                count.extra += 1;
                Some(Kind::Extra)
            }
            Ordering::Greater => {
                count.missing += 1;
                Some(Kind::Missing)
            }
            Ordering::Equal if left != right => {
                count.changed += 1;
                Some(Kind::Changed)
            }
            Ordering::Equal => {
                count.equal += 1;
                None
            }
        };
        if let Some(kind) = kind
            && found.len() < most
        {
            found.extend(difference(relation, kind, left.as_ref(), right.as_ref()));
        }
        if order != Ordering::Greater {
            left = kept.try_next().await?;
        }
        if order != Ordering::Less {
            right = again.try_next().await?;
        }
    }
}

fn difference(
    relation: Relation,
    kind: Kind,
    left: Option<&Row>,
    right: Option<&Row>,
) -> Option<Difference> {
    let row = if kind == Kind::Missing { right } else { left }?;
    let parse = |row: &Row| serde_json::from_str::<Map<String, Value>>(&row.4).unwrap_or_default();
    let named = parse(row);
    let mut fields = Vec::new();
    if kind == Kind::Changed
        && let Some(right) = right
    {
        let other = parse(right);
        for (name, value) in &named {
            let again = other.get(name).cloned().unwrap_or_default();
            if *value != again {
                fields.push((name.clone(), value.clone(), again));
            }
        }
    }
    Some(Difference {
        relation: relation.name(),
        kind,
        game_id: (row.0 != 0).then_some(row.0),
        row: words(&named),
        fields,
    })
}

/// The columns of a key, as far as the row has them.
fn words(row: &Map<String, Value>) -> String {
    const KEY: [&str; 17] = [
        "source",
        "league",
        "source_team_id",
        "team",
        "snapshot_date",
        "away",
        "home",
        "stream",
        "source_book_id",
        "scope",
        "market",
        "period",
        "participant",
        "side",
        "phase",
        "line_slot",
        "at",
    ];
    let word = |name: &&str| row.get(*name).and_then(Value::as_str);
    let words: Vec<&str> = KEY
        .iter()
        .filter_map(word)
        .filter(|w| !w.is_empty())
        .collect();
    words.join(" ")
}
