//! Games that only one feed is known to mean, and the games of other feeds that may be the same.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgPool};

/// A feed's game that joined no other feed's, and one that may be the same where there is any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct Unmatched {
    /// The feed.
    pub source: String,
    /// Its id of the game.
    pub source_game_id: String,
    /// The game as it stands.
    pub game_id: i64,
    /// League.
    pub league: String,
    /// Slate day.
    pub slate_date: NaiveDate,
    /// Away team as the feed names it.
    pub away: String,
    /// Home team as the feed names it.
    pub home: String,
    /// Start, where the feed tells it.
    pub starts_at: Option<DateTime<Utc>>,
    /// `start`, `swapped`, `unknown_team` or `doubleheader`; none where nothing comes near.
    pub near: Option<String>,
    /// The other feed.
    pub near_source: Option<String>,
    /// Its id of the game.
    pub near_source_game_id: Option<String>,
    /// The game that one is.
    pub near_game_id: Option<i64>,
    /// Away team as the other feed names it.
    pub near_away: Option<String>,
    /// Home team as the other feed names it.
    pub near_home: Option<String>,
    /// Minutes from this start to the other's.
    pub minutes: Option<i64>,
}

/// A name or id of a feed that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct Unknown {
    /// `team` or `book`.
    pub what: String,
    /// The feed.
    pub source: String,
    /// League, of a team.
    pub league: Option<String>,
    /// The name or the id.
    pub name: String,
    /// Games, or series of prices.
    pub count: i64,
}

/// Games since a slate day known to one feed alone, although another names games of that league and day; a row for each
/// game that comes near. A game that already has one of the feed's own is no candidate, nor is one a person kept apart.
pub async fn games(
    pool: &PgPool,
    since: NaiveDate,
    limit: i64,
) -> Result<Vec<Unmatched>, sqlx::Error> {
    sqlx::query_as(
        "with named as materialized (
             select s.source, s.source_game_id, s.game_id, s.league, s.game_number, s.away, s.home, s.away_team,
                    s.home_team, s.starts_at,
                    coalesce(((s.starts_at at time zone 'US/Eastern') - interval '4 hours')::date,
                             (select max(f.slate_date) from core_betting.game_facts f
                              where f.source = s.source and f.source_game_id = s.source_game_id)) as slate_date
             from core_betting.game_sources s
             where s.starts_at is null or s.starts_at >= $1::date
         ), days as materialized (
             select * from named where slate_date >= $1
         ), lone as (
             select d.* from days d
             where not exists (select from core_betting.game_sources o
                               where o.game_id = d.game_id and o.source <> d.source)
               and exists (select from days o
                           where o.league = d.league and o.slate_date = d.slate_date and o.source <> d.source)
             order by d.slate_date, d.league, d.source, d.source_game_id limit $2
         )
         select l.source, l.source_game_id, l.game_id, l.league, l.slate_date, l.away, l.home, l.starts_at, n.near,
                n.source as near_source, n.source_game_id as near_source_game_id, n.game_id as near_game_id,
                n.away as near_away, n.home as near_home,
                (extract(epoch from n.starts_at - l.starts_at) / 60)::int8 as minutes
         from lone l
         left join lateral (
             select o.*, case
                 when (o.home_team, o.away_team) = (l.home_team, l.away_team) then
                     case when exists (
                         select from days t where t.league = l.league and t.slate_date = l.slate_date
                            and (t.home_team, t.away_team) = (l.home_team, l.away_team)
                            and ((t.source = o.source and t.source_game_id <> o.source_game_id)
                                 or (t.source = l.source and t.source_game_id <> l.source_game_id)))
                     then 'doubleheader' else 'start' end
                 when (o.home_team, o.away_team) = (l.away_team, l.home_team) then 'swapped'
                 when (o.home_team is null or l.home_team is null) and o.away_team = l.away_team
                   or (o.away_team is null or l.away_team is null) and o.home_team = l.home_team then 'unknown_team'
                 end as near
             from days o
             where o.league = l.league and o.slate_date = l.slate_date and o.source <> l.source
               and not exists (select from core_betting.game_sources own
                               where own.game_id = o.game_id and own.source = l.source)
               and not exists (select from core_betting.game_decisions d
                               where d.verdict = 'different'
                                 and ((d.source_a, d.source_game_id_a, d.source_b, d.source_game_id_b)
                                      in ((l.source, l.source_game_id, o.source, o.source_game_id),
                                          (o.source, o.source_game_id, l.source, l.source_game_id))))
         ) n on n.near is not null
         order by l.slate_date, l.league, l.source, l.source_game_id, abs(extract(epoch from n.starts_at - l.starts_at)),
                  n.source, n.source_game_id",
    )
    .bind(since)
    .bind(limit)
    .fetch_all(pool)
    .await
}

/// Names of teams and ids of books that nobody knows, the most frequent first.
pub async fn unknown(pool: &PgPool, limit: i64) -> Result<Vec<Unknown>, sqlx::Error> {
    sqlx::query_as(
        "select 'team' as what, source, league, name, count(*) as count
         from core_betting.game_sources s
         cross join lateral (values (s.home, s.home_team), (s.away, s.away_team)) t (name, team)
         where t.team is null group by source, league, name
         union all
         select 'book', split_part(stream, '/', 1), null, source_book_id, count(*)
         from core_betting.lines_current where book is null group by 2, 4
         order by 5 desc, 1, 2, 3, 4 limit $1",
    )
    .bind(limit)
    .fetch_all(pool)
    .await
}
