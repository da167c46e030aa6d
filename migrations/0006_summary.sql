-- The summary rule, in one place. In-order rows merge into their series; a late row makes its series recompute from
-- history. Both ways give the same row, which a test compares.

-- Recompute the given series from history: the rule itself.
create function core_betting.recompute_series(games bigint[], series bigint[]) returns integer
language plpgsql security definer
-- Called by merge_lines, whose settings must not reach here.
set search_path = pg_catalog set plan_cache_mode = auto
set enable_hashjoin = on set enable_mergejoin = on set enable_seqscan = on as $$
declare
    touched integer;
begin
    with wanted as (
        select distinct g as game_id, s as series_id from unnest(games, series) as w(g, s)
    ), rows as (
        select h.*,
               row_number() over up        as nth,
               row_number() over down      as nth_last,
               count(*)     over whole     as changes,
               min(h.at)    over whole     as first_at,
               max(h.american) over whole  as max_american,
               min(h.american) over whole  as min_american,
               max(h.line)  over whole     as max_line,
               min(h.line)  over whole     as min_line
        from wanted w
        join core_betting.line_history h using (game_id, series_id)
        window whole as (partition by h.game_id, h.series_id),
               up    as (partition by h.game_id, h.series_id order by h.at),
               down  as (partition by h.game_id, h.series_id order by h.at desc)
    ), opening as (
        select distinct on (game_id, series_id) *
        from rows where phase = 'pregame' and american is not null
        order by game_id, series_id, opener desc, at
    ), closing as (
        select distinct on (game_id, series_id) *
        from rows where phase = 'pregame' and status = 'open'
        order by game_id, series_id, at desc
    )
    insert into core_betting.lines_current as c (
        game_id, series_id, stream, source_book_id, book, market, period, participant, side, phase, line_slot,
        line, american, decimal, status, at, observed_at, payload_hash, last_seen_at, changes, first_at,
        opening_line, opening_american, opening_decimal, opening_at, opener,
        closing_line, closing_american, closing_decimal, closing_at,
        max_american, min_american, max_line, min_line, stale)
    select r.game_id, r.series_id, r.stream, r.source_book_id, r.book, r.market, r.period, r.participant, r.side,
           r.phase, r.line_slot, r.line, r.american, r.decimal, r.status, r.at, r.observed_at, r.payload_hash, r.at,
           r.changes, r.first_at,
           o.line, o.american, o.decimal, o.at, coalesce(o.opener, false),
           z.line, z.american, z.decimal, z.at,
           r.max_american, r.min_american, r.max_line, r.min_line, false
    from rows r
    left join opening o using (game_id, series_id)
    left join closing z using (game_id, series_id)
    where r.nth_last = 1
    on conflict (game_id, series_id) do update set
        book = excluded.book, line = excluded.line, american = excluded.american, decimal = excluded.decimal,
        status = excluded.status, at = excluded.at, observed_at = excluded.observed_at,
        payload_hash = excluded.payload_hash,
        last_seen_at = greatest(c.last_seen_at, excluded.at),
        changes = excluded.changes, first_at = excluded.first_at,
        opening_line = excluded.opening_line, opening_american = excluded.opening_american,
        opening_decimal = excluded.opening_decimal, opening_at = excluded.opening_at, opener = excluded.opener,
        closing_line = excluded.closing_line, closing_american = excluded.closing_american,
        closing_decimal = excluded.closing_decimal, closing_at = excluded.closing_at,
        max_american = excluded.max_american, min_american = excluded.min_american,
        max_line = excluded.max_line, min_line = excluded.min_line, stale = false;
    get diagnostics touched = row_count;

    -- A series whose last row is gone is gone too.
    delete from core_betting.lines_current c
    using (select distinct g as game_id, s as series_id from unnest(games, series) as w(g, s)) w
    where c.game_id = w.game_id and c.series_id = w.series_id
      and not exists (select from core_betting.line_history h
                      where h.game_id = w.game_id and h.series_id = w.series_id);
    return touched;
end $$;
comment on function core_betting.recompute_series is 'The summary rule: recomputes the given series (two arrays of equal length) from line_history.';

-- Merge the rows of one statement. Nothing fires per row. The rows that one fetch brought to a series must come in one
-- statement: each such fetch is counted as an observation here, so that a changed series is written once, not twice.
create function core_betting.merge_lines() returns trigger
language plpgsql security definer
-- A plan is made once a session, and often while lines_current is empty: it must be the one by the index, since any
-- other slows down as series are added.
set search_path = pg_catalog set plan_cache_mode = force_generic_plan
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off as $$
declare
    arrived     bigint;
    merged      bigint;
    many        boolean;
    late_games  bigint[];
    late_series bigint[];
begin
    -- A replay recomputes the series it rewrites by itself.
    if current_setting('linetape.replay', true) = 'on' then
        return null;
    end if;
    -- Nearly always every series has one row, in order, and is known: then one update is all.
    select coalesce(sum(n), 0), coalesce(max(n) > 1, false) into arrived, many
    from (select count(*) as n from new_lines group by game_id, series_id) as of_series;
    if not many then
        update core_betting.lines_current c set
            line = n.line, american = n.american, decimal = n.decimal, status = n.status,
            at = n.at, observed_at = n.observed_at, payload_hash = n.payload_hash,
            last_seen_at = greatest(c.last_seen_at, n.at),
            observations = c.observations + 1,
            changes = c.changes + 1,
            opening_line     = case when n.opens and c.opening_at is null then n.line else c.opening_line end,
            opening_american = case when n.opens and c.opening_at is null then n.american else c.opening_american end,
            opening_decimal  = case when n.opens and c.opening_at is null then n.decimal else c.opening_decimal end,
            opening_at       = case when n.opens and c.opening_at is null then n.at else c.opening_at end,
            closing_line     = case when n.closes then n.line else c.closing_line end,
            closing_american = case when n.closes then n.american else c.closing_american end,
            closing_decimal  = case when n.closes then n.decimal else c.closing_decimal end,
            closing_at       = case when n.closes then n.at else c.closing_at end,
            max_american = greatest(c.max_american, n.american),
            min_american = least(c.min_american, n.american),
            max_line = greatest(c.max_line, n.line),
            min_line = least(c.min_line, n.line)
        from (select l.*,
                     l.phase = 'pregame' and l.american is not null as opens,
                     l.phase = 'pregame' and l.status = 'open'      as closes
              from new_lines l) as n
        where c.game_id = n.game_id and c.series_id = n.series_id
          and n.at > c.at and (c.opener or not (n.opener and n.opens));
        get diagnostics merged = row_count;
        if merged = arrived then
            return null;
        end if;
    end if;

    -- The rest: new series, late rows, openers declared afterwards, and several rows of one series.
    with lines as materialized (
        select n.*, 1::bigint as rows, 1::bigint as of_fetch
        from new_lines n
        -- What was merged above is in force; a late row is not, for no series has two rows of one time.
        where not many and not exists (
            select from core_betting.lines_current c
            where c.game_id = n.game_id and c.series_id = n.series_id and c.at = n.at)
        union all
        select n.*, count(*) over whole, row_number() over looks
        from new_lines n where many
        window whole as (partition by n.game_id, n.series_id),
               looks as (partition by n.game_id, n.series_id, n.observed_at, n.payload_hash)
    ), placed as (
        select l.*,
               l.phase = 'pregame' and l.american is not null as opens,
               l.phase = 'pregame' and l.status = 'open'      as closes
        from lines l
    ), several as (
        select l.*,
               min(l.at)  over s as first_at,
               count(*)   filter (where l.of_fetch = 1) over s as fetches,
               min(l.at)  filter (where l.opens)  over s as opening_at,
               max(l.at)  filter (where l.closes) over s as closing_at,
               bool_or(l.opener and l.opens) over s as declared
        from placed l
        where l.rows > 1
        window s as (partition by l.game_id, l.series_id)
    )
    insert into core_betting.lines_current as c (
        game_id, series_id, stream, source_book_id, book, market, period, participant, side, phase, line_slot,
        line, american, decimal, status, at, observed_at, payload_hash, last_seen_at, observations, changes, first_at,
        opening_line, opening_american, opening_decimal, opening_at, opener,
        closing_line, closing_american, closing_decimal, closing_at,
        max_american, min_american, max_line, min_line, stale)
    select l.game_id, l.series_id, l.stream, l.source_book_id, l.book, l.market, l.period, l.participant, l.side,
           l.phase, l.line_slot, l.line, l.american, l.decimal, l.status, l.at, l.observed_at, l.payload_hash, l.at,
           1, 1, l.at,
           case when l.opens then l.line end, case when l.opens then l.american end,
           case when l.opens then l.decimal end, case when l.opens then l.at end,
           l.opener and l.opens,
           case when l.closes then l.line end, case when l.closes then l.american end,
           case when l.closes then l.decimal end, case when l.closes then l.at end,
           l.american, l.american, l.line, l.line, false
    from placed l
    where l.rows = 1
    union all
    (select distinct on (l.game_id, l.series_id)
           l.game_id, l.series_id, l.stream, l.source_book_id, l.book, l.market, l.period, l.participant, l.side,
           l.phase, l.line_slot, l.line, l.american, l.decimal, l.status, l.at, l.observed_at, l.payload_hash, l.at,
           l.fetches, l.rows, l.first_at,
           max(l.line)     filter (where l.at = l.opening_at) over s,
           max(l.american) filter (where l.at = l.opening_at) over s,
           max(l.decimal)  filter (where l.at = l.opening_at) over s,
           l.opening_at, l.declared,
           max(l.line)     filter (where l.at = l.closing_at) over s,
           max(l.american) filter (where l.at = l.closing_at) over s,
           max(l.decimal)  filter (where l.at = l.closing_at) over s,
           l.closing_at,
           max(l.american) over s, min(l.american) over s, max(l.line) over s, min(l.line) over s,
           -- A declared opener among several rows need not be the first of them.
           l.declared
    from several l
    window s as (partition by l.game_id, l.series_id)
    order by l.game_id, l.series_id, l.at desc)
    on conflict (game_id, series_id) do update set
        line = excluded.line, american = excluded.american, decimal = excluded.decimal, status = excluded.status,
        at = excluded.at, observed_at = excluded.observed_at, payload_hash = excluded.payload_hash,
        last_seen_at = greatest(c.last_seen_at, excluded.at),
        observations = c.observations + excluded.observations,
        changes = c.changes + excluded.changes,
        opening_line     = case when c.opening_at is null then excluded.opening_line else c.opening_line end,
        opening_american = case when c.opening_at is null then excluded.opening_american else c.opening_american end,
        opening_decimal  = case when c.opening_at is null then excluded.opening_decimal else c.opening_decimal end,
        opening_at       = coalesce(c.opening_at, excluded.opening_at),
        opener           = c.opener or (c.opening_at is null and excluded.opener),
        closing_line     = case when excluded.closing_at is null then c.closing_line else excluded.closing_line end,
        closing_american = case when excluded.closing_at is null then c.closing_american else excluded.closing_american end,
        closing_decimal  = case when excluded.closing_at is null then c.closing_decimal else excluded.closing_decimal end,
        closing_at       = coalesce(excluded.closing_at, c.closing_at),
        max_american = greatest(c.max_american, excluded.max_american),
        min_american = least(c.min_american, excluded.min_american),
        max_line = greatest(c.max_line, excluded.max_line),
        min_line = least(c.min_line, excluded.min_line),
        -- Late, or an opener declared after the first price.
        stale = excluded.stale or excluded.first_at <= c.at or (excluded.opener and not c.opener);

    select array_agg(c.game_id), array_agg(c.series_id) into late_games, late_series
    from core_betting.lines_current c where c.stale;
    if late_games is not null then
        perform core_betting.recompute_series(late_games, late_series);
    end if;
    return null;
end $$;
comment on function core_betting.merge_lines is 'Statement trigger of line_history: merges in-order rows into lines_current, recomputes late series.';

create trigger merge_lines
    after insert on core_betting.line_history
    referencing new table as new_lines
    for each statement execute function core_betting.merge_lines();

-- The curated side of lines_current.
create view analytics.line_movement_summary as
select c.game_id, c.series_id, c.stream, c.source_book_id, c.book, c.market, c.period, c.participant, c.side, c.phase,
       c.line_slot,
       c.opening_american as opening_odds_american, c.opening_decimal as opening_odds_decimal,
       c.opening_line     as opening_line_value,    c.opening_at      as opening_timestamp,
       c.closing_american as closing_odds_american, c.closing_decimal as closing_odds_decimal,
       c.closing_line     as closing_line_value,    c.closing_at      as closing_timestamp,
       c.changes, c.changes - 1 as total_movements, c.observations,
       c.max_american as max_odds_american, c.min_american as min_odds_american,
       c.max_line     as max_line_value,    c.min_line     as min_line_value,
       -- Positive: the side got dearer, the market moved toward it. In probability, so right across even money.
       round(1 / c.closing_decimal - 1 / c.opening_decimal, 6) as movement_probability,
       c.first_at, c.at as changed_at, c.last_seen_at
from core_betting.lines_current c;

comment on view   analytics.line_movement_summary                      is 'Opening, closing (pregame only), extremes and counts of every series.';
comment on column analytics.line_movement_summary.changes              is 'Changes of line, price or status, the first quote included.';
comment on column analytics.line_movement_summary.observations         is 'Fetches that showed the series, repeats included.';
comment on column analytics.line_movement_summary.movement_probability is 'Closing minus opening implied probability, margin included; positive means toward this side.';
