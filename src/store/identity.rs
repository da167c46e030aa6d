//! Which game is which: what the feeds said, what a person decided, which games were joined.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row as _};

use super::games::parse;
use super::payloads::hash;
use crate::domain::game::GameId;
use crate::domain::identity::facts::{Facts, FeedKey, Moment, Pairing};
use crate::domain::identity::{IdentityRows, Move, Verdict};
use crate::domain::league::League;
use crate::domain::source::Source;
use crate::domain::team::TeamSlug;

/// What is kept of these feeds' games, of every other game of their pairings and of `pairings`, and of the games that a
/// person named together with any of them.
pub async fn load(
    connection: &mut PgConnection,
    keys: &[FeedKey],
    pairings: &[Pairing],
) -> Result<IdentityRows, sqlx::Error> {
    let found = sqlx::query(
        "with named as (
             select * from unnest($1::text[], $2::text[]) as n(source, source_game_id)
         ), pairs as (
             select * from unnest($3::text[], $4::text[], $5::text[]) as p(league, home_team, away_team)
             union
             select f.league, f.home_team, f.away_team
             from named join core_betting.game_facts f using (source, source_game_id)
             where f.home_team is not null and f.away_team is not null
         ), wanted as (
             select source, source_game_id from named
             union
             select f.source, f.source_game_id from pairs join core_betting.game_facts f using (league, home_team, away_team)
         )
         select source, source_game_id from wanted
         union
         select d.source_b, d.source_game_id_b from wanted w
             join core_betting.game_decisions d on d.source_a = w.source and d.source_game_id_a = w.source_game_id
         union
         select d.source_a, d.source_game_id_a from wanted w
             join core_betting.game_decisions d on d.source_b = w.source and d.source_game_id_b = w.source_game_id",
    )
    .bind(sources(keys))
    .bind(ids(keys))
    .bind(pairings.iter().map(|p| p.league.as_str()).collect::<Vec<_>>())
    .bind(pairings.iter().map(|p| p.home.as_str()).collect::<Vec<_>>())
    .bind(pairings.iter().map(|p| p.away.as_str()).collect::<Vec<_>>())
    .fetch_all(&mut *connection)
    .await?;
    let found = found.iter().map(feed_key).collect::<Result<Vec<_>, _>>()?;
    let mut rows = of(connection, &found).await?;
    rows.whole.extend(pairings.iter().cloned());
    let asked: std::collections::HashSet<&FeedKey> = keys.iter().collect();
    let of_asked = rows.facts.iter().filter(|(key, _, _)| asked.contains(key));
    let more: Vec<Pairing> = of_asked
        .filter_map(|(_, _, facts)| facts.pairing.clone())
        .collect();
    rows.whole.extend(more);
    Ok(rows)
}

/// What is kept of every game that starts at `from` or later, and of the others of their pairings.
pub async fn starting_since(
    connection: &mut PgConnection,
    from: DateTime<Utc>,
) -> Result<IdentityRows, sqlx::Error> {
    let found = sqlx::query(
        "select distinct source, source_game_id from core_betting.game_facts
         where starts_at >= $1 or slate_date >= ($1 at time zone 'US/Eastern')::date",
    )
    .bind(from)
    .fetch_all(&mut *connection)
    .await?;
    let found = found.iter().map(feed_key).collect::<Result<Vec<_>, _>>()?;
    load(connection, &found, &[]).await
}

/// What is kept of exactly these feeds' games.
async fn of(connection: &mut PgConnection, keys: &[FeedKey]) -> Result<IdentityRows, sqlx::Error> {
    let links = sqlx::query(
        "select s.source, s.source_game_id, s.game_id, s.observed_at, s.payload_hash
         from unnest($1::text[], $2::text[]) as k(source, source_game_id)
         join core_betting.game_sources s using (source, source_game_id)",
    )
    .bind(sources(keys))
    .bind(ids(keys))
    .fetch_all(&mut *connection)
    .await?;
    let facts = sqlx::query(
        "select f.source, f.source_game_id, f.observed_at, f.payload_hash, f.league, f.home_team, f.away_team, f.starts_at,
                f.game_number, f.slate_date
         from unnest($1::text[], $2::text[]) as k(source, source_game_id)
         join core_betting.game_facts f using (source, source_game_id)",
    )
    .bind(sources(keys))
    .bind(ids(keys))
    .fetch_all(&mut *connection)
    .await?;
    let verdicts = sqlx::query(
        "select d.source_a, d.source_game_id_a, d.source_b, d.source_game_id_b, d.verdict
         from unnest($1::text[], $2::text[]) as k(source, source_game_id)
         join core_betting.game_decisions d on d.source_a = k.source and d.source_game_id_a = k.source_game_id
         union
         select d.source_a, d.source_game_id_a, d.source_b, d.source_game_id_b, d.verdict
         from unnest($1::text[], $2::text[]) as k(source, source_game_id)
         join core_betting.game_decisions d on d.source_b = k.source and d.source_game_id_b = k.source_game_id",
    )
    .bind(sources(keys))
    .bind(ids(keys))
    .fetch_all(connection)
    .await?;
    Ok(IdentityRows {
        links: links
            .iter()
            .map(|row| {
                Ok((
                    feed_key(row)?,
                    GameId::from_i64(row.try_get(2)?),
                    (row.try_get(3)?, hash(row, 4)?),
                ))
            })
            .collect::<Result<_, sqlx::Error>>()?,
        facts: facts.iter().map(said).collect::<Result<_, sqlx::Error>>()?,
        verdicts: verdicts
            .iter()
            .map(|row| {
                let other = FeedKey::new(parse(row.try_get(2)?)?, row.try_get::<String, _>(3)?);
                let verdict = match row.try_get(4)? {
                    "same" => Verdict::Same,
                    _ => Verdict::Different,
                };
                Ok((feed_key(row)?, other, verdict))
            })
            .collect::<Result<_, sqlx::Error>>()?,
        whole: Vec::new(),
    })
}

fn said(row: &PgRow) -> Result<(FeedKey, Moment, Facts), sqlx::Error> {
    let team =
        |index| Ok::<_, sqlx::Error>(row.try_get::<Option<String>, _>(index)?.map(TeamSlug::new));
    let league: League = parse(row.try_get(4)?)?;
    let facts = Facts {
        league,
        pairing: team(5)?
            .zip(team(6)?)
            .map(|(home, away)| Pairing { league, home, away }),
        starts_at: row.try_get(7)?,
        slate_date: row.try_get(9)?,
        game_number: u8::try_from(row.try_get::<i16, _>(8)?).unwrap_or(1),
    };
    Ok((feed_key(row)?, (row.try_get(2)?, hash(row, 3)?), facts))
}

/// The first two columns.
fn feed_key(row: &PgRow) -> Result<FeedKey, sqlx::Error> {
    Ok(FeedKey::new(
        parse::<Source>(row.try_get(0)?)?,
        row.try_get::<String, _>(1)?,
    ))
}

fn sources(keys: &[FeedKey]) -> Vec<&'static str> {
    keys.iter().map(|k| k.source.as_str()).collect()
}

fn ids(keys: &[FeedKey]) -> Vec<&str> {
    keys.iter().map(|k| &*k.id).collect()
}

/// Keep what feeds said.
pub async fn keep_facts(
    connection: &mut PgConnection,
    facts: &[(FeedKey, Moment, Facts)],
) -> Result<(), sqlx::Error> {
    if facts.is_empty() {
        return Ok(());
    }
    let team = |of: fn(&Pairing) -> &TeamSlug| -> Vec<Option<&str>> {
        facts
            .iter()
            .map(|(_, _, f)| f.pairing.as_ref().map(|p| of(p).as_str()))
            .collect()
    };
    sqlx::query(
        "insert into core_betting.game_facts (source, source_game_id, observed_at, payload_hash, league, game_number,
             home_team, away_team, starts_at, slate_date)
         select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::bytea[], $5::text[], $6::int2[], $7::text[],
             $8::text[], $9::timestamptz[], $10::date[])
         on conflict do nothing",
    )
    .bind(facts.iter().map(|(k, _, _)| k.source.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|(k, _, _)| &*k.id).collect::<Vec<_>>())
    .bind(facts.iter().map(|(_, at, _)| at.0).collect::<Vec<_>>())
    .bind(facts.iter().map(|(_, at, _)| at.1.0.to_vec()).collect::<Vec<_>>())
    .bind(facts.iter().map(|(_, _, f)| f.league.as_str()).collect::<Vec<_>>())
    .bind(facts.iter().map(|(_, _, f)| i16::from(f.game_number)).collect::<Vec<_>>())
    .bind(team(|p| &p.home))
    .bind(team(|p| &p.away))
    .bind(facts.iter().map(|(_, _, f)| f.starts_at).collect::<Vec<_>>())
    .bind(facts.iter().map(|(_, _, f)| f.slate_date).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// Record a person's word; a later one on the same two games takes its place.
pub async fn keep_verdict(
    connection: &mut PgConnection,
    one: &FeedKey,
    other: &FeedKey,
    verdict: Verdict,
) -> Result<(), sqlx::Error> {
    let named = |key: &FeedKey| (key.source.as_str(), Arc::clone(&key.id));
    let (a, b) = (named(one).min(named(other)), named(one).max(named(other)));
    sqlx::query(
        "insert into core_betting.game_decisions (source_a, source_game_id_a, source_b, source_game_id_b, verdict)
         values ($1, $2, $3, $4, $5)
         on conflict (source_a, source_game_id_a, source_b, source_game_id_b) do update set
             verdict = excluded.verdict, decided_at = excluded.decided_at, revision = excluded.revision",
    )
    .bind(a.0)
    .bind(&*a.1)
    .bind(b.0)
    .bind(&*b.1)
    .bind(verdict.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

/// The starts that these games' rows were staged by.
pub async fn starts(
    connection: &mut PgConnection,
    games: &[GameId],
) -> Result<Vec<(GameId, Option<DateTime<Utc>>)>, sqlx::Error> {
    let rows: Vec<(i64, Option<DateTime<Utc>>)> = sqlx::query_as(
        "select game_id, starts_at from core_betting.games where game_id = any ($1)",
    )
    .bind(games.iter().map(|g| g.as_i64()).collect::<Vec<_>>())
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, start)| (GameId::from_i64(id), start))
        .collect())
}

/// Take everything that came under feeds' games to other ids, and leave redirects.
pub async fn carry_out(connection: &mut PgConnection, moves: &[Move]) -> Result<(), sqlx::Error> {
    // By way of the id each has alone, so that two games of one feed never meet under one id.
    let alone: Vec<(&Move, GameId, GameId)> = moves
        .iter()
        .map(|m| (m, m.from, m.key.own_id()))
        .filter(|(_, from, to)| from != to)
        .collect();
    let joined: Vec<(&Move, GameId, GameId)> = moves
        .iter()
        .map(|m| (m, m.key.own_id(), m.to))
        .filter(|(_, from, to)| from != to)
        .collect();
    rekey(&mut *connection, &alone).await?;
    rekey(&mut *connection, &joined).await?;
    redirect(connection, moves).await
}

/// Each table whose rows name a game, and what else its key holds.
const REKEYED: [&str; 6] = [
    "update core_betting.line_history t set game_id = m.to_id",
    "update core_betting.lines_current t set game_id = m.to_id, series_id = core_betting.series_id(m.to_id, t.stream,
         t.source_book_id, t.market, t.period, t.participant, t.side, t.phase, t.line_slot)",
    "update core_betting.betting_splits t set game_id = m.to_id",
    "update operational.extraction_log t set game_id = m.to_id",
    "update core_betting.game_outcomes t set game_id = m.to_id",
    "update core_betting.game_sources t set game_id = m.to_id, minted = m.to_id = m.own_id",
];

async fn rekey(
    connection: &mut PgConnection,
    moves: &[(&Move, GameId, GameId)],
) -> Result<(), sqlx::Error> {
    if moves.is_empty() {
        return Ok(());
    }
    for (nth, update) in REKEYED.iter().enumerate() {
        let theirs = match nth {
            0..4 => "starts_with(t.stream, m.source || '/')",
            4 => "t.source = m.source",
            _ => "t.source = m.source and t.source_game_id = m.source_game_id",
        };
        let sql = format!(
            "{update} from unnest($1::text[], $2::text[], $3::int8[], $4::int8[], $5::int8[])
                 as m(source, source_game_id, from_id, to_id, own_id)
             where t.game_id = m.from_id and {theirs}"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(
                moves
                    .iter()
                    .map(|(m, _, _)| m.key.source.as_str())
                    .collect::<Vec<_>>(),
            )
            .bind(moves.iter().map(|(m, _, _)| &*m.key.id).collect::<Vec<_>>())
            .bind(
                moves
                    .iter()
                    .map(|(_, from, _)| from.as_i64())
                    .collect::<Vec<_>>(),
            )
            .bind(
                moves
                    .iter()
                    .map(|(_, _, to)| to.as_i64())
                    .collect::<Vec<_>>(),
            )
            .bind(
                moves
                    .iter()
                    .map(|(m, _, _)| m.key.own_id().as_i64())
                    .collect::<Vec<_>>(),
            )
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn redirect(connection: &mut PgConnection, moves: &[Move]) -> Result<(), sqlx::Error> {
    let by = |m: &Move| if m.by_hand { "hand" } else { "automatic" };
    sqlx::query(
        "update core_betting.game_merges g
         set undone_at = now(), undone_by = m.by, revision = nextval('core_betting.identity_revision')
         from unnest($1::int8[], $2::text[]) as m(own_id, by)
         where g.loser_id = m.own_id and g.undone_at is null",
    )
    .bind(moves.iter().map(|m| m.key.own_id().as_i64()).collect::<Vec<_>>())
    .bind(moves.iter().map(by).collect::<Vec<_>>())
    .execute(&mut *connection)
    .await?;
    let joins: Vec<&Move> = moves.iter().filter(|m| m.to != m.key.own_id()).collect();
    let reason = |m: &&Move| {
        if m.by_hand {
            "a person named both one game"
        } else {
            "league, teams and game number agree, and the starts lie within 90 minutes"
        }
    };
    sqlx::query(
        "insert into core_betting.game_merges (loser_id, winner_id, source, source_game_id, reason, decided_by)
         select * from unnest($1::int8[], $2::int8[], $3::text[], $4::text[], $5::text[], $6::text[])",
    )
    .bind(joins.iter().map(|m| m.key.own_id().as_i64()).collect::<Vec<_>>())
    .bind(joins.iter().map(|m| m.to.as_i64()).collect::<Vec<_>>())
    .bind(joins.iter().map(|m| m.key.source.as_str()).collect::<Vec<_>>())
    .bind(joins.iter().map(|m| &*m.key.id).collect::<Vec<_>>())
    .bind(joins.iter().map(reason).collect::<Vec<_>>())
    .bind(joins.iter().map(|m| by(m)).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// Remove games that no feed names any more, and give those that feeds came to or left the first start that was
/// announced of them.
pub async fn tidy(connection: &mut PgConnection, games: &[GameId]) -> Result<(), sqlx::Error> {
    let ids: Vec<i64> = games.iter().map(|g| g.as_i64()).collect();
    sqlx::query(
        "delete from core_betting.games g
         where g.game_id = any ($1) and not exists (select from core_betting.game_sources s where s.game_id = g.game_id)",
    )
    .bind(&ids)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "update core_betting.games g set original_starts_at = f.starts_at
         from (select distinct on (s.game_id) s.game_id, f.starts_at
               from core_betting.game_sources s join core_betting.game_facts f using (source, source_game_id)
               where s.game_id = any ($1) and f.starts_at is not null
               order by s.game_id, s.minted desc, f.observed_at, f.payload_hash) f
         where g.game_id = f.game_id and g.original_starts_at is distinct from f.starts_at",
    )
    .bind(&ids)
    .execute(connection)
    .await?;
    Ok(())
}

/// The game that an id means now: itself, or the game it was joined with.
pub async fn resolve(connection: &mut PgConnection, id: GameId) -> Result<GameId, sqlx::Error> {
    let now: i64 = sqlx::query_scalar("select core_betting.resolve_game($1)")
        .bind(id.as_i64())
        .fetch_one(connection)
        .await?;
    Ok(GameId::from_i64(now))
}

/// The newest change of joins and decisions; 0 before the first.
pub async fn revision(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "select greatest((select max(revision) from core_betting.game_merges),
                         (select max(revision) from core_betting.game_decisions), 0)",
    )
    .fetch_one(connection)
    .await
}

/// The feeds' games whose joins or decisions changed after `revision`.
pub async fn changed_since(
    connection: &mut PgConnection,
    revision: i64,
) -> Result<Vec<FeedKey>, sqlx::Error> {
    let rows = sqlx::query(
        "select source, source_game_id from core_betting.game_merges where revision > $1
         union select source_a, source_game_id_a from core_betting.game_decisions where revision > $1
         union select source_b, source_game_id_b from core_betting.game_decisions where revision > $1",
    )
    .bind(revision)
    .fetch_all(connection)
    .await?;
    rows.iter().map(feed_key).collect()
}
