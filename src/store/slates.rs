//! What should be there of a day that is over, and is not.

use chrono::NaiveDate;
use serde::Serialize;
use sqlx::{FromRow, PgPool};

use crate::domain::league::League;
use crate::domain::source::Source;

/// Feeds that give no results.
const WITHOUT_RESULTS: [Source; 2] = [Source::Sbd, Source::Vsin];

/// What is missing of a league's day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct Lack {
    /// League.
    pub league: String,
    /// `results`: games without one, although a feed that gives results has them. `games`: another feed has games of
    /// the day, this one none. `looks`: nobody asked.
    pub lack: String,
    /// The feed, where it is about one.
    pub source: Option<String>,
    /// Games concerned.
    pub games: i64,
    /// Some of them, `away @ home`.
    pub named: Vec<String>,
}

/// What is missing of `date`, a slate date, in these leagues and of these feeds.
pub async fn lacks(
    pool: &PgPool,
    date: NaiveDate,
    leagues: &[League],
    sources: &[Source],
) -> Result<Vec<Lack>, sqlx::Error> {
    let with_results: Vec<&str> = Source::ALL
        .iter()
        .filter(|source| !WITHOUT_RESULTS.contains(source))
        .map(|source| source.as_str())
        .collect();
    sqlx::query_as(
        "with slate as (
             select * from core_betting.games where slate_date = $1
         ), before as (
             -- Games of the two weeks before, by feed: a league that is on.
             select distinct g.league, s.source from core_betting.games g join core_betting.game_sources s using (game_id)
             where g.slate_date >= $1 - 14 and g.slate_date < $1
         ), followed as (
             select league, source from unnest($2::text[]) as league cross join unnest($3::text[]) as source
         ), lack as (
             select g.league, 'results' as lack, null::text as source, count(*) as games,
                    (array_agg(g.away || ' @ ' || g.home order by g.starts_at, g.game_id))[:3] as named
             from slate g
             where g.league = any ($2) and g.status not in ('postponed', 'cancelled')
               and (g.status <> 'final' or g.home_score is null)
               and not exists (select from core_betting.game_outcomes o
                               where o.game_id = g.game_id and o.status = 'final' and o.home_score is not null)
               and exists (select from core_betting.game_sources s where s.game_id = g.game_id and s.source = any ($4))
             group by g.league
             union all
             select f.league, 'games', f.source, count(*), (array_agg(g.away || ' @ ' || g.home order by g.starts_at, g.game_id))[:3]
             from followed f join before b using (league, source) join slate g using (league)
             where not exists (select from slate o join core_betting.game_sources s using (game_id)
                               where o.league = f.league and s.source = f.source)
             group by f.league, f.source
             union all
             select distinct b.league, 'looks', null, 0::bigint, '{}'::text[]
             from before b
             where b.league = any ($2) and not exists (select from slate g where g.league = b.league)
               and not exists (
                   select from raw_data.collection_log l
                   where l.league = b.league and l.staged in ('staged', 'duplicate')
                     and l.observed_at >= (($1 + time '05:00') at time zone 'US/Eastern')
                     and l.observed_at < (($1 + 1 + time '05:00') at time zone 'US/Eastern'))
         )
         select * from lack order by league, lack, source",
    )
    .bind(date)
    .bind(leagues.iter().map(|l| l.as_str()).collect::<Vec<_>>())
    .bind(sources.iter().map(|s| s.as_str()).collect::<Vec<_>>())
    .bind(with_results)
    .fetch_all(pool)
    .await
}
