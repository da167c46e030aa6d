-- What is new: for readers that come back now and then and want only what they have not seen.

-- Which rows are new is a question of when they were stored, never of their market time: a feed publishes points late,
-- and a question by market time would miss them for ever.
create index line_history_stored on core_betting.line_history using brin (stored_at);

create function core_betting.new_lines(since timestamptz default null, games bigint[] default null)
returns setof core_betting.line_history
language sql stable set search_path = pg_catalog as $$
    select h.*
    from core_betting.line_history h
    where since is not null and h.stored_at > since and (games is null or h.game_id = any (games))
    union all
    select h.*
    from operational.extraction_log e
    join core_betting.line_history h
      on h.game_id = e.game_id and h.stream = e.stream and h.observed_at >= e.last_extracted_at
    where since is null and (games is null or e.game_id = any (games))
$$;
comment on function core_betting.new_lines is 'Changes stored after since, late points included; without it, those that each game''s latest extraction brought. Rows of a transaction that is still open come later: ask with some overlap.';

create function core_betting.check_for_new_movements(since timestamptz default null, feed text default 'action_network')
returns jsonb
language sql stable set search_path = pg_catalog as $$
    with checked as (
        select distinct e.game_id from operational.extraction_log e where split_part(e.stream, '/', 1) = feed
    ), news as materialized (
        select h.game_id, h.market, coalesce(h.book, h.source_book_id) as book
        from core_betting.new_lines(since) h
        where split_part(h.stream, '/', 1) = feed
    ), per_game as (
        select n.game_id, count(*) as lines from news n group by n.game_id
    )
    select jsonb_build_object(
        'total_games_checked',      (select count(*) from checked),
        'games_with_new_movements', (select count(*) from per_game),
        'total_new_lines',          (select count(*) from news),
        'by_market', (select coalesce(jsonb_object_agg(market, n), '{}')
                      from (select market, count(*) as n from news group by market) m),
        'by_book',   (select coalesce(jsonb_object_agg(book, n), '{}')
                      from (select book, count(*) as n from news group by book) b),
        'games_needing_update', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'game_id', coalesce(f.source_game_id, p.game_id::text), 'linetape_game_id', p.game_id,
                       'teams', g.away || ' @ ' || g.home, 'new_lines_count', p.lines) order by p.lines desc, p.game_id), '[]')
            from per_game p
            join core_betting.games g using (game_id)
            left join lateral (select min(s.source_game_id) as source_game_id from core_betting.game_sources s
                               where s.game_id = p.game_id and s.source = feed) f on true))
$$;
comment on function core_betting.check_for_new_movements is 'Which games of a feed have news, as one object: games checked, games and lines with news, counts by market and book. What is news, core_betting.new_lines says.';

-- As the earlier repository had it: the time of the last extraction is looked up, not given.
insert into operational.table_registry (name, kind, home, ordinal, definition, state)
values ('action_network.get_new_lines_since_last_extraction(bigint,integer,text)', 'compatibility function',
        'core_betting.line_history', 20, $$(
    p_game_id bigint, p_book_id integer default null, p_market_type text default null
) returns table (id bigint, side text, odds_american integer, odds_decimal numeric, line_value numeric,
                 line_timestamp timestamptz, bet_tickets_percentage numeric, bet_money_percentage numeric)
language sql stable as $body$
    select l.id, l.side, l.odds_american, l.odds_decimal, l.line_value, l.line_timestamp, l.bet_tickets_percentage,
           l.bet_money_percentage
    from action_network.betting_lines l
    join operational.extraction_log e on e.game_id = l.linetape_game_id and e.stream = l.stream
    where l.game_id = p_game_id and (p_book_id is null or l.book_id = p_book_id)
      and (p_market_type is null or l.market_type = p_market_type) and l.extracted_at >= e.last_extracted_at
    order by l.line_timestamp desc, l.id
$body$ $$, 'waiting');
