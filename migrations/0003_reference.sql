-- Who is who: leagues, teams, books and every feed's ids of them. Seeded from linetape's assets at every start;
-- books that only a feed knows are added as they are met.

create table core_betting.leagues (
    league text primary key,
    sport  text not null
);
comment on table core_betting.leagues is 'Leagues by slug (mlb, nfl …). Seeded at start.';

create table core_betting.teams (
    team   text primary key,
    league text not null references core_betting.leagues,
    name   text not null,
    abbr   text not null
);
comment on table core_betting.teams is 'Canonical teams by slug (mlb:marlins). Seeded at start.';

create table core_betting.sportsbooks (
    book       text        primary key,
    name       text        not null,
    label      text        not null,
    kind       text        not null check (kind in ('book', 'consensus', 'opener', 'exchange')),
    created_at timestamptz not null default now()
);
comment on table  core_betting.sportsbooks      is 'Shops by slug (draftkings). Seeded at start; unknown ones are in sportsbook_sources without a book.';
comment on column core_betting.sportsbooks.kind is 'A consensus or an opener is not a shop: never in best price, steam or arbitrage.';

create table core_betting.sportsbook_sources (
    source         text        not null,
    source_book_id text        not null,
    book           text        references core_betting.sportsbooks,
    name           text        not null,
    region         text,
    first_seen_at  timestamptz not null default now(),
    primary key (source, source_book_id)
);
comment on table core_betting.sportsbook_sources is 'Every id a feed uses for a book. A shop may have one id a state; book is null until someone knows the shop.';
