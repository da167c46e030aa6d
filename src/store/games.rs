//! Games and the feeds' ids of them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, Row as _};

use super::payloads::hash;
use crate::domain::feed::{FeedGame, FeedResult};
use crate::domain::game::GameId;
use crate::domain::identity::KnownGame;
use crate::domain::identity::facts::{FeedKey, Moment};
use crate::domain::league::League;
use crate::domain::source::Source;
use crate::domain::status::GameStatus;
use crate::domain::tape::Origin;
use crate::domain::team::TeamSlug;

/// A feed's facts of a game, placed.
#[derive(Debug, Clone)]
pub struct GameFacts {
    /// linetape's id.
    pub game_id: GameId,
    /// The feed's words.
    pub feed: FeedGame,
    /// The fetch they came from.
    pub origin: Origin,
}

/// A game's start before and after its facts were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// Game.
    pub game_id: GameId,
    /// Before; none for a new game.
    pub old: Option<DateTime<Utc>>,
    /// After.
    pub new: Option<DateTime<Utc>>,
}

/// A stored name as its type.
pub(super) fn parse<T: std::str::FromStr>(text: &str) -> Result<T, sqlx::Error>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.parse()
        .map_err(|e: T::Err| sqlx::Error::Decode(e.into()))
}

/// Write facts; of one feed's facts of a game the latest observed stand. Returns every touched game's start.
pub async fn write(
    connection: &mut PgConnection,
    facts: &[GameFacts],
    demo: bool,
) -> Result<Vec<Start>, sqlx::Error> {
    if facts.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query(
        "insert into core_betting.game_sources as s (source, source_game_id, game_id, minted, league, game_number, home,
             away, home_team, away_team, starts_at, status, home_score, away_score, observed_at, payload_hash)
         select distinct on (source, source_game_id) *
         from unnest($1::text[], $2::text[], $3::int8[], $4::bool[], $5::text[], $6::int2[], $7::text[], $8::text[],
             $9::text[], $10::text[], $11::timestamptz[], $12::text[], $13::int4[], $14::int4[], $15::timestamptz[],
             $16::bytea[])
             as i(source, source_game_id, game_id, minted, league, game_number, home, away, home_team, away_team,
                  starts_at, status, home_score, away_score, observed_at, payload_hash)
         order by source, source_game_id, observed_at desc, payload_hash desc
         on conflict (source, source_game_id) do update set
             game_number = greatest(s.game_number, excluded.game_number), home = excluded.home, away = excluded.away,
             home_team = excluded.home_team, away_team = excluded.away_team,
             starts_at = coalesce(excluded.starts_at, s.starts_at), status = coalesce(excluded.status, s.status),
             home_score = coalesce(excluded.home_score, s.home_score),
             away_score = coalesce(excluded.away_score, s.away_score),
             observed_at = excluded.observed_at, payload_hash = excluded.payload_hash
         where (excluded.observed_at, excluded.payload_hash) > (s.observed_at, s.payload_hash)",
    )
    .bind(facts.iter().map(|f| f.feed.source.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|f| &*f.feed.source_game_id).collect::<Vec<_>>())
    .bind(facts.iter().map(|f| f.game_id.as_i64()).collect::<Vec<_>>())
    .bind(facts.iter().map(|f| f.game_id == GameId::mint(f.feed.source, &f.feed.source_game_id)).collect::<Vec<_>>())
    .bind(facts.iter().map(|f| f.feed.league.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|f| i16::from(f.feed.game_number)).collect::<Vec<_>>())
    .bind(facts.iter().map(|f| &*f.feed.home).collect::<Vec<_>>())
    .bind(facts.iter().map(|f| &*f.feed.away).collect::<Vec<_>>())
    .bind(facts.iter().map(|f| f.feed.home_team.as_ref().map(TeamSlug::as_str)).collect::<Vec<_>>())
    .bind(facts.iter().map(|f| f.feed.away_team.as_ref().map(TeamSlug::as_str)).collect::<Vec<_>>())
    .bind(facts.iter().map(|f| f.feed.starts_at).collect::<Vec<_>>())
    .bind(facts.iter().map(|f| f.feed.status.map(GameStatus::as_str)).collect::<Vec<_>>())
    .bind(facts.iter().map(|f| f.feed.home_score).collect::<Vec<_>>())
    .bind(facts.iter().map(|f| f.feed.away_score).collect::<Vec<_>>())
    .bind(facts.iter().map(|f| f.origin.observed_at).collect::<Vec<_>>())
    .bind(facts.iter().map(|f| f.origin.payload_hash.0.to_vec()).collect::<Vec<_>>())
    .execute(&mut *connection)
    .await?;

    // Only a slate that holds both games of a doubleheader tells the second's number; whenever it came, it stands.
    let seconds: Vec<&GameFacts> = facts.iter().filter(|f| f.feed.game_number > 1).collect();
    if !seconds.is_empty() {
        sqlx::query(
            "update core_betting.game_sources s set game_number = i.game_number
             from unnest($1::text[], $2::text[], $3::int2[]) as i(source, source_game_id, game_number)
             where s.source = i.source and s.source_game_id = i.source_game_id and s.game_number < i.game_number",
        )
        .bind(seconds.iter().map(|f| f.feed.source.as_str()).collect::<Vec<_>>())
        .bind(seconds.iter().map(|f| &*f.feed.source_game_id).collect::<Vec<_>>())
        .bind(seconds.iter().map(|f| i16::from(f.feed.game_number)).collect::<Vec<_>>())
        .execute(&mut *connection)
        .await?;
    }

    let ids: Vec<GameId> = facts.iter().map(|f| f.game_id).collect();
    derive(connection, &ids, demo).await
}

/// Derive games from what the feeds say of them. Returns every such game's start before and after.
pub async fn derive(
    connection: &mut PgConnection,
    games: &[GameId],
    demo: bool,
) -> Result<Vec<Start>, sqlx::Error> {
    let mut ids: Vec<i64> = games.iter().map(|g| g.as_i64()).collect();
    ids.sort_unstable();
    ids.dedup();
    let rows =
        sqlx::query("select game_id, old_starts_at, new_starts_at from core_betting.derive_games($1::int8[], $2)")
            .bind(&ids)
            .bind(demo)
            .fetch_all(connection)
            .await?;
    rows.iter()
        .map(|row| {
            Ok(Start {
                game_id: GameId::from_i64(row.try_get(0)?),
                old: row.try_get(1)?,
                new: row.try_get(2)?,
            })
        })
        .collect()
}

/// Write scores; of one feed's scores of a game the latest observed stands.
pub async fn write_outcomes(
    connection: &mut PgConnection,
    results: &[(GameId, FeedResult, Origin)],
) -> Result<(), sqlx::Error> {
    if results.is_empty() {
        return Ok(());
    }
    let periods = |r: &FeedResult| serde_json::to_value(&r.periods).unwrap_or_default();
    sqlx::query(
        "insert into core_betting.game_outcomes as o (game_id, source, home_score, away_score, periods, status,
             observed_at, payload_hash)
         select distinct on (game_id, source) * from unnest($1::int8[], $2::text[], $3::int4[], $4::int4[], $5::jsonb[],
             $6::text[], $7::timestamptz[], $8::bytea[])
             as i(game_id, source, home_score, away_score, periods, status, observed_at, payload_hash)
         order by game_id, source, observed_at desc, payload_hash desc
         on conflict (game_id, source) do update set
             home_score = excluded.home_score, away_score = excluded.away_score, periods = excluded.periods,
             status = excluded.status, observed_at = excluded.observed_at, payload_hash = excluded.payload_hash
         where (excluded.observed_at, excluded.payload_hash) > (o.observed_at, o.payload_hash)",
    )
    .bind(results.iter().map(|r| r.0.as_i64()).collect::<Vec<_>>())
    .bind(results.iter().map(|r| r.1.source.as_str()).collect::<Vec<_>>())
    .bind(results.iter().map(|r| r.1.home_score).collect::<Vec<_>>())
    .bind(results.iter().map(|r| r.1.away_score).collect::<Vec<_>>())
    .bind(results.iter().map(|r| periods(&r.1)).collect::<Vec<_>>())
    .bind(results.iter().map(|r| r.1.status.map_or("live", GameStatus::as_str)).collect::<Vec<_>>())
    .bind(results.iter().map(|r| r.2.observed_at).collect::<Vec<_>>())
    .bind(results.iter().map(|r| r.2.payload_hash.0.to_vec()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// Games of a source that started in a span and have no result of it yet: the feed's id, league and start.
pub async fn without_result(
    pool: &PgPool,
    source: Source,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<(Arc<str>, League, DateTime<Utc>)>, sqlx::Error> {
    let rows = sqlx::query(
        "select source_game_id, league, starts_at from core_betting.game_sources
         where source = $1 and starts_at between $2 and $3
           and (status is null or status not in ('final', 'postponed', 'cancelled'))
         order by starts_at, source_game_id",
    )
    .bind(source.as_str())
    .bind(from)
    .bind(to)
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| {
            Ok((
                row.try_get::<String, _>(0)?.into(),
                parse(row.try_get(1)?)?,
                row.try_get(2)?,
            ))
        })
        .collect()
}

/// A game as stored, with the feeds' ids of it.
#[derive(Debug, Clone)]
pub struct StoredGame {
    /// Facts.
    pub known: KnownGame,
    /// Home and away as first named.
    pub names: (String, String),
    /// Where it stands.
    pub status: GameStatus,
    /// Score, home first.
    pub score: Option<(i32, i32)>,
    /// The feeds' ids.
    pub sources: Vec<(Source, Arc<str>)>,
}

/// How a game stands by one feed.
#[derive(Debug, Clone)]
pub struct StoredStanding {
    /// The feed's game.
    pub key: FeedKey,
    /// The fetch that said it.
    pub at: Moment,
    /// Where it stands.
    pub status: Option<GameStatus>,
    /// Home and away score.
    pub score: (Option<i32>, Option<i32>),
}

/// How games stand by each feed.
pub async fn standings(
    connection: &mut PgConnection,
    games: &[GameId],
) -> Result<Vec<StoredStanding>, sqlx::Error> {
    let rows = sqlx::query(
        "select source, source_game_id, observed_at, payload_hash, status, home_score, away_score
         from core_betting.game_sources where game_id = any ($1)",
    )
    .bind(games.iter().map(|g| g.as_i64()).collect::<Vec<_>>())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let status: Option<String> = row.try_get(4)?;
            Ok(StoredStanding {
                key: FeedKey::new(parse(row.try_get(0)?)?, row.try_get::<String, _>(1)?),
                at: (row.try_get(2)?, hash(row, 3)?),
                status: status.as_deref().map(parse).transpose()?,
                score: (row.try_get(5)?, row.try_get(6)?),
            })
        })
        .collect()
}

const STORED_GAME: &str = "select g.game_id, g.league, g.home, g.away, g.home_team, g.away_team, g.starts_at,
    g.game_number, g.status, g.home_score, g.away_score, array_agg(s.source order by s.source, s.source_game_id),
    array_agg(s.source_game_id order by s.source, s.source_game_id)
    from core_betting.games g join core_betting.game_sources s using (game_id) ";

/// Games that start in a span, by start.
pub async fn starting_between(
    connection: &mut PgConnection,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<StoredGame>, sqlx::Error> {
    let sql = format!(
        "{STORED_GAME} where g.starts_at between $1 and $2 group by g.game_id order by g.starts_at, g.game_id"
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(from)
        .bind(to)
        .fetch_all(connection)
        .await?;
    rows.iter().map(stored_game).collect()
}

/// One game.
pub async fn find(
    connection: &mut PgConnection,
    id: GameId,
) -> Result<Option<StoredGame>, sqlx::Error> {
    let sql = format!("{STORED_GAME} where g.game_id = $1 group by g.game_id");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(id.as_i64())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(stored_game).transpose()
}

/// The id of a feed's game.
pub async fn id_of(
    connection: &mut PgConnection,
    source: Source,
    source_game_id: &str,
) -> Result<Option<GameId>, sqlx::Error> {
    let id: Option<i64> = sqlx::query_scalar(
        "select game_id from core_betting.game_sources where source = $1 and source_game_id = $2",
    )
    .bind(source.as_str())
    .bind(source_game_id)
    .fetch_optional(connection)
    .await?;
    Ok(id.map(GameId::from_i64))
}

fn stored_game(row: &PgRow) -> Result<StoredGame, sqlx::Error> {
    let team =
        |index| Ok::<_, sqlx::Error>(row.try_get::<Option<String>, _>(index)?.map(TeamSlug::new));
    let sources: Vec<String> = row.try_get(11)?;
    let ids: Vec<String> = row.try_get(12)?;
    let sources = sources
        .iter()
        .zip(ids)
        .map(|(source, id)| Ok((parse(source)?, Arc::from(id))))
        .collect::<Result<_, sqlx::Error>>()?;
    Ok(StoredGame {
        known: KnownGame {
            game_id: GameId::from_i64(row.try_get(0)?),
            league: parse::<League>(row.try_get(1)?)?,
            teams: team(4)?.zip(team(5)?),
            starts_at: row.try_get(6)?,
            game_number: u8::try_from(row.try_get::<i16, _>(7)?).unwrap_or(1),
        },
        names: (row.try_get(2)?, row.try_get(3)?),
        status: parse(row.try_get(8)?)?,
        score: row.try_get::<Option<i32>, _>(9)?.zip(row.try_get(10)?),
        sources,
    })
}
