-- Games and the feeds' ids of them. Written by the drain.

create table core_betting.games (
    game_id            bigint       primary key check (game_id > 0),
    league             text         not null references core_betting.leagues,
    home               text         not null,
    away               text         not null,
    home_team          text,
    away_team          text,
    game_number        smallint     not null default 1 check (game_number between 1 and 9),
    original_starts_at timestamptz  check (isfinite(original_starts_at)),
    starts_at          timestamptz  check (isfinite(starts_at)),
    slate_date         date,
    status             text         not null default 'scheduled'
                       check (status in ('scheduled', 'live', 'final', 'postponed', 'cancelled', 'suspended')),
    home_score         integer,
    away_score         integer,
    demo               boolean      not null,
    created_at         timestamptz  not null default now(),
    updated_at         timestamptz  not null default now()
);
create index games_slate on core_betting.games (slate_date, league);

comment on table  core_betting.games                    is 'Games. The facts are those of the feed that named the game first; others fill what it lacks.';
comment on column core_betting.games.game_id            is '63 bits of BLAKE3 of source:source_game_id of the feed that named it first.';
comment on column core_betting.games.original_starts_at is 'The first start announced; a postponed game keeps it.';
comment on column core_betting.games.slate_date         is 'US Eastern date of the start, games after midnight counted to the night before.';

-- Rebuild input: never dropped.
create table core_betting.game_sources (
    source         text         not null,
    source_game_id text         not null,
    game_id        bigint       not null,
    minted         boolean      not null,
    league         text         not null,
    game_number    smallint     not null,
    home           text         not null,
    away           text         not null,
    home_team      text,
    away_team      text,
    starts_at      timestamptz,
    status         text,
    home_score     integer,
    away_score     integer,
    observed_at    timestamptz  not null,
    payload_hash   bytea        not null,
    primary key (source, source_game_id)
);
create index game_sources_game on core_betting.game_sources (game_id);

comment on table  core_betting.game_sources             is 'Each feed''s id and latest facts of a game. The latest observation wins, whatever the order of arrival.';
comment on column core_betting.game_sources.minted      is 'Whether this feed named the game first: its facts come first in core_betting.games.';
comment on column core_betting.game_sources.observed_at is 'When the facts were observed; with payload_hash it decides which are the latest.';

-- games is a function of game_sources: the minting feed's facts first, others fill what it lacks.
create function core_betting.derive_games(ids bigint[], is_demo boolean)
returns table (game_id bigint, old_starts_at timestamptz, new_starts_at timestamptz)
language sql security definer set search_path = pg_catalog as $$
    with facts as (
        select s.game_id,
               (array_agg(s.league      order by s.minted desc, s.source))[1]  as league,
               (array_agg(s.home        order by s.minted desc, s.source))[1]  as home,
               (array_agg(s.away        order by s.minted desc, s.source))[1]  as away,
               (array_agg(s.game_number order by s.minted desc, s.source))[1]  as game_number,
               (array_agg(s.home_team   order by s.minted desc, s.source) filter (where s.home_team is not null))[1] as home_team,
               (array_agg(s.away_team   order by s.minted desc, s.source) filter (where s.away_team is not null))[1] as away_team,
               (array_agg(s.starts_at   order by s.minted desc, s.source) filter (where s.starts_at is not null))[1] as starts_at,
               (array_agg(s.status      order by s.minted desc, s.source) filter (where s.status is not null))[1]    as status,
               (array_agg(s.home_score  order by s.minted desc, s.source) filter (where s.home_score is not null))[1] as home_score,
               (array_agg(s.away_score  order by s.minted desc, s.source) filter (where s.away_score is not null))[1] as away_score
        from core_betting.game_sources s
        where s.game_id = any (ids)
        group by s.game_id
    ), old as (
        select g.game_id, g.starts_at from core_betting.games g where g.game_id = any (ids)
    ), written as (
        insert into core_betting.games as g (game_id, league, home, away, home_team, away_team, game_number,
            original_starts_at, starts_at, slate_date, status, home_score, away_score, demo)
        select f.game_id, f.league, f.home, f.away, f.home_team, f.away_team, f.game_number,
               f.starts_at, f.starts_at, ((f.starts_at at time zone 'US/Eastern') - interval '4 hours')::date,
               coalesce(f.status, 'scheduled'), f.home_score, f.away_score, is_demo
        from facts f
        on conflict (game_id) do update set
            home = excluded.home, away = excluded.away, home_team = excluded.home_team, away_team = excluded.away_team,
            game_number = excluded.game_number,
            original_starts_at = coalesce(g.original_starts_at, excluded.starts_at),
            starts_at = excluded.starts_at, slate_date = excluded.slate_date, status = excluded.status,
            home_score = excluded.home_score, away_score = excluded.away_score, updated_at = now()
        where (g.home, g.away, g.home_team, g.away_team, g.game_number, g.starts_at, g.status, g.home_score, g.away_score)
              is distinct from
              (excluded.home, excluded.away, excluded.home_team, excluded.away_team, excluded.game_number,
               excluded.starts_at, excluded.status, excluded.home_score, excluded.away_score)
    )
    select f.game_id, o.starts_at, f.starts_at from facts f left join old o using (game_id)
$$;
comment on function core_betting.derive_games is 'Rewrites the given games from game_sources; returns their start before and after.';

create table core_betting.game_outcomes (
    game_id     bigint       not null,
    source      text         not null,
    home_score  integer,
    away_score  integer,
    periods     jsonb        not null default '[]',
    status      text         not null,
    observed_at timestamptz  not null,
    payload_hash bytea       not null,
    primary key (game_id, source)
);
comment on table core_betting.game_outcomes is 'Latest score of a game by feed, final or not.';
