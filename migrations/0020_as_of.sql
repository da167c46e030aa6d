-- What was true at a past moment, and where a number comes from. Read-only: nothing here stores anything.

-- By market time, or by what had been received by then: with known_at a row counts only if its payload had arrived.
-- One probe of the primary key a series: the partitions before its first row and after the moment are never opened.
-- The functions of this file that answer with rows have no settings of their own, so that the planner puts their body
-- into the query and knows the arguments; with them the whole history would be scanned for what is null.
create function core_betting.lines_as_of(
    moment timestamptz, known_at timestamptz default null, games bigint[] default null,
    of_market text default null, of_period text default null, of_phase text default null
) returns setof core_betting.line_history
language sql stable security invoker as $$
    select h.*
    from core_betting.lines_current c
    cross join lateral (
        select l.*
        from core_betting.line_history l
        where l.game_id = c.game_id and l.series_id = c.series_id
          and l.at >= c.first_at and l.at <= moment
          and (known_at is null or l.observed_at <= known_at)
        order by l.at desc
        limit 1
    ) h
    where c.first_at <= moment
      and (games is null or c.game_id = any (games))
      and (of_market is null or c.market = of_market)
      and (of_period is null or c.period = of_period)
      and (of_phase is null or c.phase = of_phase)
$$;
comment on function core_betting.lines_as_of is
    'The row in force of every series at a moment: market time <= moment, and with known_at only what had been received by then. Name the games, or every series is probed.';

-- The games a board shows at a moment: quoted by then, and not over for a day and a half.
create function core_betting.games_as_of(moment timestamptz)
returns setof core_betting.games
language sql stable security invoker as $$
    select g.*
    from core_betting.games g
    where g.starts_at between moment - interval '36 hours' and moment + interval '14 days'
      and exists (select from core_betting.lines_current c where c.game_id = g.game_id and c.first_at <= moment)
$$;
comment on function core_betting.games_as_of is
    'Games that were quoted at a moment and whose start lies at most 36 hours before it; status and score are today''s.';

create function core_betting.board_as_of(
    moment timestamptz, known_at timestamptz default null,
    of_market text default 'moneyline', of_period text default 'full', of_phase text default 'pregame'
) returns setof core_betting.line_history
language sql stable security invoker as $$
    select h.*
    from core_betting.lines_current c
    cross join lateral (
        select l.*
        from core_betting.line_history l
        where l.game_id = c.game_id and l.series_id = c.series_id
          and l.at >= c.first_at and l.at <= moment
          and (known_at is null or l.observed_at <= known_at)
        order by l.at desc
        limit 1
    ) h
    -- As an array, a day's games are looked up by the key, however many games there are.
    where c.game_id = any (array(
        select g.game_id from core_betting.games g
        where g.starts_at between moment - interval '36 hours' and moment + interval '14 days'))
      and c.first_at <= moment
      and (of_market is null or c.market = of_market)
      and (of_period is null or c.period = of_period)
      and (of_phase is null or c.phase = of_phase)
$$;
comment on function core_betting.board_as_of is 'The whole board of one market at a moment.';

create index games_start on core_betting.games (starts_at);

create function core_betting.splits_as_of(
    moment timestamptz, known_at timestamptz default null, games bigint[] default null
) returns setof core_betting.betting_splits
language sql stable security invoker as $$
    select distinct on (s.game_id, s.stream, s.scope, s.market, s.period, s.side) s.*
    from core_betting.betting_splits s
    where s.at <= moment
      and (games is null or s.game_id = any (games))
      and (known_at is null or s.observed_at <= known_at)
    order by s.game_id, s.stream, s.scope, s.market, s.period, s.side, s.at desc
$$;
comment on function core_betting.splits_as_of is 'Tickets and money in force at a moment, a row a side.';

-- From a curated number to the bytes: the summary of each series, the rows it is made of, the fetches that brought them.
create function operational.lineage(
    game bigint, series bigint default null, of_market text default null
) returns table (
    step smallint, zone text, relation text, series_id bigint, at timestamptz, value text,
    observed_at timestamptz, payload_hash bytea, ordinal integer, fetch_id uuid, request text, payload_stored boolean
)
language sql stable security invoker set search_path = pg_catalog as $$
    with rows as (
        select l.*
        from core_betting.line_history l
        where l.game_id = game and (series is null or l.series_id = series)
          and (of_market is null or l.market = of_market)
    ), fetches as (
        select distinct on (r.payload_hash, r.observed_at) r.payload_hash, r.observed_at, f.fetch_id, f.request
        from (select distinct payload_hash, observed_at from rows) r
        left join raw_data.collection_log f using (payload_hash, observed_at)
        order by r.payload_hash, r.observed_at, f.fetch_id
    )
    select 1::smallint, 'curated', 'analytics.line_movement_summary', s.series_id, s.changed_at,
           concat_ws(' ', s.market, s.side, s.phase, s.source_book_id,
                     'open', coalesce(s.opening_odds_american::text, '-'),
                     'close', coalesce(s.closing_odds_american::text, '-'), 'changes', s.changes),
           null::timestamptz, null::bytea, null::integer, null::uuid, null::text, null::boolean
    from analytics.line_movement_summary s
    where s.game_id = game and (series is null or s.series_id = series) and (of_market is null or s.market = of_market)
    union all
    select 2::smallint, 'staging', 'core_betting.line_history', r.series_id, r.at,
           concat_ws(' ', r.status, r.line, r.american), r.observed_at, r.payload_hash, r.ordinal,
           null, null, null
    from rows r
    union all
    select 3::smallint, 'raw', 'raw_data.payloads', null, null, null, f.observed_at, f.payload_hash, null,
           f.fetch_id, f.request,
           exists (select from raw_data.payloads p where p.payload_hash = f.payload_hash)
    from fetches f
    order by 1, 4, 5, 7
$$;
comment on function operational.lineage is
    'Where a game''s numbers come from: 1 the summary of each series, 2 the rows it is made of, 3 the fetches and payloads that brought them.';
