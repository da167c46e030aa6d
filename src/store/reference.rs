//! Leagues, teams and books: seeded from assets, completed by what feeds name.

use sqlx::{PgConnection, PgPool};

use crate::domain::book::Books;
use crate::domain::feed::FeedBook;
use crate::domain::league::League;
use crate::domain::team::Teams;

const fn sport(league: League) -> &'static str {
    match league {
        League::Mlb => "baseball",
        League::Nfl | League::Ncaaf => "football",
        League::Nba | League::Ncaab | League::Wnba => "basketball",
        League::Nhl => "hockey",
        League::Soccer => "soccer",
        League::Other => "other",
    }
}

/// Write leagues, teams and books that ship with linetape; later versions overwrite names, never ids.
pub async fn seed(pool: &PgPool, books: &Books, teams: &Teams) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    let leagues: Vec<&str> = League::ALL.iter().map(|l| l.as_str()).collect();
    let sports: Vec<&str> = League::ALL.iter().map(|l| sport(*l)).collect();
    sqlx::query(
        "insert into core_betting.leagues (league, sport) select * from unnest($1::text[], $2::text[])
         on conflict (league) do nothing",
    )
    .bind(&leagues)
    .bind(&sports)
    .execute(&mut *tx)
    .await?;

    let rows: Vec<_> = teams.iter().collect();
    sqlx::query(
        "insert into core_betting.teams (team, league, name, abbr)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])
         on conflict (team) do update set name = excluded.name, abbr = excluded.abbr
         where (teams.name, teams.abbr) is distinct from (excluded.name, excluded.abbr)",
    )
    .bind(rows.iter().map(|t| t.slug.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|t| t.league.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|t| &*t.name).collect::<Vec<_>>())
    .bind(rows.iter().map(|t| &*t.abbr).collect::<Vec<_>>())
    .execute(&mut *tx)
    .await?;

    let aliases: Vec<_> = teams.names().collect();
    sqlx::query(
        "insert into core_betting.team_aliases (league, alias, team)
         select distinct on (league, alias) league, alias, team
         from unnest($1::text[], $2::text[], $3::text[]) with ordinality as n(league, alias, team, nth)
         order by league, alias, nth desc
         on conflict (league, alias) do update set team = excluded.team where team_aliases.team <> excluded.team",
    )
    .bind(aliases.iter().map(|(_, t)| t.league.as_str()).collect::<Vec<_>>())
    .bind(aliases.iter().map(|(name, _)| *name).collect::<Vec<_>>())
    .bind(aliases.iter().map(|(_, t)| t.slug.as_str()).collect::<Vec<_>>())
    .execute(&mut *tx)
    .await?;

    let mut shops: Vec<_> = books
        .iter()
        .map(|(_, _, b)| (b.slug.as_str(), &*b.name, &*b.label, b.kind.as_str()))
        .collect();
    shops.sort_unstable();
    shops.dedup();
    sqlx::query(
        "insert into core_betting.sportsbooks (book, name, label, kind)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])
         on conflict (book) do update set name = excluded.name, label = excluded.label, kind = excluded.kind
         where (sportsbooks.name, sportsbooks.label, sportsbooks.kind)
               is distinct from (excluded.name, excluded.label, excluded.kind)",
    )
    .bind(shops.iter().map(|s| s.0).collect::<Vec<_>>())
    .bind(shops.iter().map(|s| s.1).collect::<Vec<_>>())
    .bind(shops.iter().map(|s| s.2).collect::<Vec<_>>())
    .bind(shops.iter().map(|s| s.3).collect::<Vec<_>>())
    .execute(&mut *tx)
    .await?;

    let mut ids: Vec<_> = books.iter().collect();
    ids.sort_unstable_by_key(|(source, id, _)| (*source, id.to_owned()));
    sqlx::query(
        "insert into core_betting.sportsbook_sources (source, source_book_id, book, name, region)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
         on conflict (source, source_book_id) do update set book = excluded.book, region = excluded.region
         where (sportsbook_sources.book, sportsbook_sources.region) is distinct from (excluded.book, excluded.region)",
    )
    .bind(ids.iter().map(|(s, _, _)| s.as_str()).collect::<Vec<_>>())
    .bind(ids.iter().map(|(_, id, _)| *id).collect::<Vec<_>>())
    .bind(ids.iter().map(|(_, _, b)| b.slug.as_str()).collect::<Vec<_>>())
    .bind(ids.iter().map(|(_, _, b)| &*b.name).collect::<Vec<_>>())
    .bind(ids.iter().map(|(_, _, b)| b.region.as_deref()).collect::<Vec<_>>())
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// Add book ids that a feed names and nobody knew; a list of books gives a name to one that was met with prices only.
pub async fn add_books(
    connection: &mut PgConnection,
    books: &[FeedBook],
) -> Result<u64, sqlx::Error> {
    if books.is_empty() {
        return Ok(0);
    }
    let done = sqlx::query(
        "insert into core_betting.sportsbook_sources (source, source_book_id, book, name, region)
         select distinct on (source, source_book_id) *
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
             as b(source, source_book_id, book, name, region)
         order by source, source_book_id, name = source_book_id
         on conflict (source, source_book_id) do update set name = excluded.name, region = excluded.region
         where sportsbook_sources.book is null and excluded.name <> excluded.source_book_id
           and (sportsbook_sources.name, sportsbook_sources.region) is distinct from (excluded.name, excluded.region)",
    )
    .bind(books.iter().map(|b| b.source.as_str()).collect::<Vec<_>>())
    .bind(books.iter().map(|b| &*b.source_book_id).collect::<Vec<_>>())
    .bind(books.iter().map(|b| b.book.as_ref().map(crate::domain::book::BookSlug::as_str)).collect::<Vec<_>>())
    .bind(books.iter().map(|b| &*b.name).collect::<Vec<_>>())
    .bind(books.iter().map(|b| b.state.as_deref()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
