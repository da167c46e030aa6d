-- Wide views: a game, a market or a fetch in one row, for people who query the tables by hand. The compatibility views
-- select from them.

-- A feed's id as a number, where it is one.
create function core_betting.feed_number(id text) returns bigint
language sql immutable parallel safe
return case when id ~ '^[0-9]{1,18}$' then id::bigint end;
comment on function core_betting.feed_number is 'A feed''s id as a number; null when it is none.';

create index game_sources_number on core_betting.game_sources (source, core_betting.feed_number(source_game_id));

-- Row ids for programs that want one: a hash of the natural key, so that it stays the same.
create function core_betting.row_id(variadic key text[]) returns bigint
language sql immutable parallel safe
return hashtextextended(array_to_string(key, chr(31), '~'), 0) & 9223372036854775807;
comment on function core_betting.row_id is 'A number for a natural key: always the same, in no order.';

create function core_betting.season(league text, day date) returns integer
language sql immutable parallel safe
return extract(year from day)::integer - (extract(month from day) <
    case league when 'nba' then 10 when 'nhl' then 10 when 'nfl' then 9 when 'mlb' then 3 when 'ncaaf' then 8
                when 'ncaab' then 11 when 'soccer' then 8 else 1 end)::integer;
comment on function core_betting.season is 'The season a day belongs to: the year it began in.';

-- What a game is called by the feed that named it first: the text ids of earlier programs.
create view core_betting.game_names as
select s.game_id, s.source_game_id, s.source, s.league
from core_betting.game_sources s
where not exists (
    select from core_betting.game_sources o
    where o.game_id = s.game_id and (not o.minted, o.source, o.source_game_id) < (not s.minted, s.source, s.source_game_id));
comment on view core_betting.game_names is 'One name a game: the id of the feed that named it first.';

create function analytics.latest_split(
    game_id bigint, source text, source_book_id text, market text, period text, side text, as_of timestamptz
) returns core_betting.betting_splits
language sql stable parallel safe set search_path = pg_catalog as $$
    select s.*
    from core_betting.betting_splits s
    where s.game_id = $1 and s.stream like $2 || '/%' and s.scope in ($3, 'all') and s.market = $4 and s.period = $5
      and s.side = $6 and s.at <= $7
    order by (s.scope = $3) desc, s.at desc
    limit 1
$$;
comment on function analytics.latest_split is 'The split of a side as it stood at a moment: the book''s own, else the one of no book.';

-- Consensus closing over the shops: the middle one.
create function analytics.middle_close(game bigint, of_market text, of_side text, out line numeric, out american integer)
language sql stable parallel safe set search_path = pg_catalog as $$
    select percentile_disc(0.5) within group (order by c.closing_line),
           percentile_disc(0.5) within group (order by c.closing_american)
    from core_betting.lines_current c
    join core_betting.sportsbooks b on b.book = c.book and b.kind in ('book', 'exchange')
    where c.game_id = $1 and c.market = $2 and c.side = $3 and c.period = 'full' and c.phase = 'pregame'
      and c.line_slot = 'main' and c.closing_at is not null
$$;
comment on function analytics.middle_close is 'The median closing line and price of a side over all shops.';

create view core_betting.games_history as
select n.source_game_id as game_id, g.game_id as linetape_game_id,
       upper(g.league) as league, core_betting.season(g.league, g.slate_date) as season,
       g.slate_date as game_date, g.starts_at as game_datetime,
       split_part(g.home_team, ':', 2) as home_team_id, g.home as home_team_name,
       split_part(g.away_team, ':', 2) as away_team_id, g.away as away_team_name,
       g.home_score, g.away_score, g.status, g.game_number,
       null::text as venue, null::integer as attendance, null::boolean as neutral_site, null::boolean as is_playoff,
       (analytics.middle_close(g.game_id, 'spread', 'home')).line as spread,
       (analytics.middle_close(g.game_id, 'total', 'over')).line as total,
       (analytics.middle_close(g.game_id, 'moneyline', 'home')).american as home_moneyline,
       (analytics.middle_close(g.game_id, 'moneyline', 'away')).american as away_moneyline,
       -- A push neither covers nor fails to.
       case when g.status = 'final' then
           nullif(sign(g.home_score - g.away_score + (analytics.middle_close(g.game_id, 'spread', 'home')).line), 0) > 0
       end as home_covered,
       case when g.status = 'final' then
           nullif(sign(g.home_score + g.away_score - (analytics.middle_close(g.game_id, 'total', 'over')).line), 0) > 0
       end as went_over,
       g.slate_date - (select max(p.slate_date) from core_betting.games p
                       where (p.home_team = g.home_team or p.away_team = g.home_team) and p.starts_at < g.starts_at) as home_rest_days,
       g.slate_date - (select max(p.slate_date) from core_betting.games p
                       where (p.home_team = g.away_team or p.away_team = g.away_team) and p.starts_at < g.starts_at) as away_rest_days,
       n.source as data_source, g.demo, g.created_at, g.updated_at
from core_betting.games g
join core_betting.game_names n using (game_id);
comment on view   core_betting.games_history                is 'Games with their closing lines and how they were settled, under the id of the feed that named them first.';
comment on column core_betting.games_history.game_id        is 'Id of the feed that named the game first (text).';
comment on column core_betting.games_history.home_team_id   is 'Nickname part of the canonical slug: lakers.';
comment on column core_betting.games_history.away_team_id   is 'Nickname part of the canonical slug: celtics.';
comment on column core_betting.games_history.status         is 'scheduled, live, final, postponed, cancelled or suspended.';
comment on column core_betting.games_history.spread         is 'Median closing line of the home side; negative: home favoured.';
comment on column core_betting.games_history.total          is 'Median closing total.';

create view core_betting.odds_history as
select core_betting.row_id(h.series_id::text, extract(epoch from h.at)::text) as id,
       n.source_game_id as game_id, h.game_id as linetape_game_id, upper(n.league) as league,
       coalesce(h.book, h.source_book_id) as bookmaker, h.stream,
       case h.market when 'moneyline' then 'h2h' when 'spread' then 'spreads' when 'total' then 'totals' else h.market end as market,
       h.side, h.period, h.phase,
       case when h.market = 'spread' then h.line end as spread,
       case when h.market = 'total' then h.line end as total,
       h.american as price, h.decimal as price_decimal,
       case when h.market = 'moneyline' and h.side = 'home' then h.american end as home_moneyline,
       case when h.market = 'moneyline' and h.side = 'away' then h.american end as away_moneyline,
       case when h.at = c.closing_at then 'closing' when h.at = c.opening_at then 'opening' else 'movement' end as line_type,
       (select p.line from core_betting.line_history p
        where p.game_id = h.game_id and p.series_id = h.series_id and p.at < h.at order by p.at desc limit 1) as line_moved_from,
       h.line - c.opening_line as total_line_movement,
       (analytics.latest_split(h.game_id, split_part(h.stream, '/', 1), h.source_book_id, h.market, h.period, h.side, h.at)).tickets_pct as public_percentage,
       analytics.sharp_side(h.game_id, h.market, h.period) = h.side as sharp_action,
       h.at as odds_datetime,
       coalesce(h.at = c.closing_at, false) as is_closing_line,
       h.status as line_status, h.reconstructed
from core_betting.line_history h
join core_betting.lines_current c on c.game_id = h.game_id and c.series_id = h.series_id
join core_betting.game_names n on n.game_id = h.game_id
where h.american is not null and h.line_slot = 'main';
comment on view   core_betting.odds_history         is 'Every price of a main line with what it was: opening, movement or closing.';
comment on column core_betting.odds_history.game_id is 'Id of the feed that named the game first (text).';
comment on column core_betting.odds_history.spread  is 'Line of the side, bettor''s sign.';

create view analytics.line_movements as
select core_betting.row_id(h.series_id::text, extract(epoch from h.at)::text) as id,
       h.game_id, h.series_id, h.stream, h.source_book_id, h.book, h.market, h.period, h.side, h.phase, h.at,
       h.line, h.american, h.decimal, h.status,
       p.line as previous_line, p.american as previous_american, p.decimal as previous_decimal, p.at as previous_at,
       round(1 / h.decimal - 1 / p.decimal, 6) as movement_probability,
       case when h.decimal < p.decimal then 'up' when h.decimal > p.decimal then 'down'
            when h.decimal = p.decimal then 'none' end as odds_movement_direction,
       case when h.line > p.line then 'up' when h.line < p.line then 'down'
            when h.line = p.line then 'none' end as line_movement_direction,
       h.observed_at, h.payload_hash
from core_betting.line_history h
cross join lateral (
    select b.line, b.american, b.decimal, b.at from core_betting.line_history b
    where b.game_id = h.game_id and b.series_id = h.series_id and b.at < h.at
    order by b.at desc limit 1) p;
comment on view analytics.line_movements is 'Every change with the price before it; a first price is no movement.';

-- Both sides of a market in one row, one row a game, stream and book: pregame, whole game, main line.
create view analytics.moneylines as
select core_betting.row_id(g.game_id::text, l.stream, l.source_book_id, 'moneyline') as id,
       g.game_id, upper(g.league) as league, g.home as home_team, g.away as away_team, g.starts_at as game_datetime,
       split_part(l.stream, '/', 1) as source, l.stream, l.source_book_id as sportsbook_id,
       coalesce(b.name, l.source_book_id) as sportsbook, l.book,
       max(l.at) as odds_timestamp,
       max(l.american) filter (where l.side = 'home') as home_ml,
       max(l.american) filter (where l.side = 'away') as away_ml,
       max(l.opening_american) filter (where l.side = 'home') as opening_home_ml,
       max(l.opening_american) filter (where l.side = 'away') as opening_away_ml,
       max(l.closing_american) filter (where l.side = 'home') as closing_home_ml,
       max(l.closing_american) filter (where l.side = 'away') as closing_away_ml,
       round(1 / max(l.decimal) filter (where l.side = 'home'), 6) as home_implied_probability,
       round(1 / max(l.decimal) filter (where l.side = 'away'), 6) as away_implied_probability,
       round(max(l.decimal) filter (where l.side = 'away') / sum(l.decimal), 6) as home_no_vig_probability,
       round(max(l.decimal) filter (where l.side = 'home') / sum(l.decimal), 6) as away_no_vig_probability,
       (analytics.latest_split(g.game_id, split_part(l.stream, '/', 1), l.source_book_id, 'moneyline', 'full', 'home', 'infinity')).tickets_pct as home_bets_percentage,
       (analytics.latest_split(g.game_id, split_part(l.stream, '/', 1), l.source_book_id, 'moneyline', 'full', 'away', 'infinity')).tickets_pct as away_bets_percentage,
       (analytics.latest_split(g.game_id, split_part(l.stream, '/', 1), l.source_book_id, 'moneyline', 'full', 'home', 'infinity')).money_pct as home_money_percentage,
       (analytics.latest_split(g.game_id, split_part(l.stream, '/', 1), l.source_book_id, 'moneyline', 'full', 'away', 'infinity')).money_pct as away_money_percentage,
       analytics.sharp_side(g.game_id, 'moneyline', 'full') as sharp_action,
       analytics.signalled(g.game_id, 'moneyline', 'full', null, 'rlm') > 0 as reverse_line_movement,
       analytics.signalled(g.game_id, 'moneyline', 'full', null, 'steam') > 0 as steam_move,
       case when g.status = 'final' then
           case when g.home_score > g.away_score then 'home' when g.home_score < g.away_score then 'away' else 'draw' end
       end as winning_side,
       sum(l.changes)::bigint as changes, max(l.last_seen_at) as last_seen_at
from core_betting.lines_current l
join core_betting.games g on g.game_id = l.game_id
left join core_betting.sportsbook_sources b on b.source = split_part(l.stream, '/', 1) and b.source_book_id = l.source_book_id
where l.market = 'moneyline' and l.period = 'full' and l.phase = 'pregame' and l.line_slot = 'main' and l.participant = ''
  and l.side in ('home', 'away')
group by g.game_id, l.stream, l.source_book_id, l.book, b.name;
comment on view analytics.moneylines is 'Pregame moneylines, both sides in a row: now, opening, closing.';

create view analytics.spreads as
select core_betting.row_id(g.game_id::text, l.stream, l.source_book_id, 'spread') as id,
       g.game_id, upper(g.league) as league, g.home as home_team, g.away as away_team, g.starts_at as game_datetime,
       split_part(l.stream, '/', 1) as source, l.stream, l.source_book_id as sportsbook_id,
       coalesce(b.name, l.source_book_id) as sportsbook, l.book,
       max(l.at) as odds_timestamp,
       max(l.line) filter (where l.side = 'home') as home_spread,
       max(l.line) filter (where l.side = 'away') as away_spread,
       max(l.american) filter (where l.side = 'home') as home_spread_price,
       max(l.american) filter (where l.side = 'away') as away_spread_price,
       max(l.opening_line) filter (where l.side = 'home') as opening_home_spread,
       max(l.opening_american) filter (where l.side = 'home') as opening_home_spread_price,
       max(l.opening_american) filter (where l.side = 'away') as opening_away_spread_price,
       max(l.closing_line) filter (where l.side = 'home') as closing_home_spread,
       max(l.closing_american) filter (where l.side = 'home') as closing_home_spread_price,
       max(l.closing_american) filter (where l.side = 'away') as closing_away_spread_price,
       (analytics.latest_split(g.game_id, split_part(l.stream, '/', 1), l.source_book_id, 'spread', 'full', 'home', 'infinity')).tickets_pct as home_bets_percentage,
       (analytics.latest_split(g.game_id, split_part(l.stream, '/', 1), l.source_book_id, 'spread', 'full', 'away', 'infinity')).tickets_pct as away_bets_percentage,
       (analytics.latest_split(g.game_id, split_part(l.stream, '/', 1), l.source_book_id, 'spread', 'full', 'home', 'infinity')).money_pct as home_money_percentage,
       (analytics.latest_split(g.game_id, split_part(l.stream, '/', 1), l.source_book_id, 'spread', 'full', 'away', 'infinity')).money_pct as away_money_percentage,
       analytics.sharp_side(g.game_id, 'spread', 'full') as sharp_action,
       analytics.signalled(g.game_id, 'spread', 'full', null, 'rlm') > 0 as reverse_line_movement,
       analytics.signalled(g.game_id, 'spread', 'full', null, 'steam') > 0 as steam_move,
       case when g.status = 'final' then
           case sign(g.home_score - g.away_score + max(l.closing_line) filter (where l.side = 'home'))
               when 1 then 'home' when -1 then 'away' when 0 then 'push' end
       end as winning_side,
       sum(l.changes)::bigint as changes, max(l.last_seen_at) as last_seen_at
from core_betting.lines_current l
join core_betting.games g on g.game_id = l.game_id
left join core_betting.sportsbook_sources b on b.source = split_part(l.stream, '/', 1) and b.source_book_id = l.source_book_id
where l.market = 'spread' and l.period = 'full' and l.phase = 'pregame' and l.line_slot = 'main' and l.participant = ''
group by g.game_id, l.stream, l.source_book_id, l.book, b.name;
comment on view analytics.spreads is 'Pregame spreads, both sides in a row: now, opening, closing.';

create view analytics.totals as
select core_betting.row_id(g.game_id::text, l.stream, l.source_book_id, 'total') as id,
       g.game_id, upper(g.league) as league, g.home as home_team, g.away as away_team, g.starts_at as game_datetime,
       split_part(l.stream, '/', 1) as source, l.stream, l.source_book_id as sportsbook_id,
       coalesce(b.name, l.source_book_id) as sportsbook, l.book,
       max(l.at) as odds_timestamp,
       max(l.line) as total_line,
       max(l.american) filter (where l.side = 'over') as over_price,
       max(l.american) filter (where l.side = 'under') as under_price,
       max(l.opening_line) filter (where l.side = 'over') as opening_total,
       max(l.opening_american) filter (where l.side = 'over') as opening_over_price,
       max(l.opening_american) filter (where l.side = 'under') as opening_under_price,
       max(l.closing_line) filter (where l.side = 'over') as closing_total,
       max(l.closing_american) filter (where l.side = 'over') as closing_over_price,
       max(l.closing_american) filter (where l.side = 'under') as closing_under_price,
       (analytics.latest_split(g.game_id, split_part(l.stream, '/', 1), l.source_book_id, 'total', 'full', 'over', 'infinity')).tickets_pct as over_bets_percentage,
       (analytics.latest_split(g.game_id, split_part(l.stream, '/', 1), l.source_book_id, 'total', 'full', 'under', 'infinity')).tickets_pct as under_bets_percentage,
       (analytics.latest_split(g.game_id, split_part(l.stream, '/', 1), l.source_book_id, 'total', 'full', 'over', 'infinity')).money_pct as over_money_percentage,
       (analytics.latest_split(g.game_id, split_part(l.stream, '/', 1), l.source_book_id, 'total', 'full', 'under', 'infinity')).money_pct as under_money_percentage,
       analytics.sharp_side(g.game_id, 'total', 'full') as sharp_action,
       analytics.signalled(g.game_id, 'total', 'full', null, 'rlm') > 0 as reverse_line_movement,
       analytics.signalled(g.game_id, 'total', 'full', null, 'steam') > 0 as steam_move,
       case when g.status = 'final' then
           case sign(g.home_score + g.away_score - max(l.closing_line) filter (where l.side = 'over'))
               when 1 then 'over' when -1 then 'under' when 0 then 'push' end
       end as winning_side,
       sum(l.changes)::bigint as changes, max(l.last_seen_at) as last_seen_at
from core_betting.lines_current l
join core_betting.games g on g.game_id = l.game_id
left join core_betting.sportsbook_sources b on b.source = split_part(l.stream, '/', 1) and b.source_book_id = l.source_book_id
where l.market = 'total' and l.period = 'full' and l.phase = 'pregame' and l.line_slot = 'main' and l.participant = ''
group by g.game_id, l.stream, l.source_book_id, l.book, b.name;
comment on view analytics.totals is 'Pregame totals, both sides in a row: now, opening, closing.';

create view raw_data.responses as
select l.fetch_id as id, l.source, l.stream, l.source_game_id as external_id, upper(l.league) as league, l.request as url,
       l.status as status_code, l.staged as processing_status, l.error as error_message, l.body_bytes, l.payload_hash,
       -- Compressed with zstd: linetape inspect and backups read it, SQL does not.
       (select p.body from raw_data.payloads p where p.payload_hash = l.payload_hash order by p.observed_at limit 1) as raw_body,
       l.observed_at as collected_at, (l.observed_at at time zone 'US/Eastern')::date as collected_date
from raw_data.collection_log l;
comment on view raw_data.responses is 'Every fetch with its bytes.';

create view raw_data.parsing_status_logs as
select l.fetch_id as id, l.source, l.stream, l.payload_hash, l.staged as parsing_status, l.games, l.quotes, l.changes, l.rejects,
       l.error as error_message, l.observed_at, l.stored_at
from raw_data.collection_log l;
comment on view raw_data.parsing_status_logs is 'What staging made of each fetch. Rejected parts are in operational.validation_results.';

create view operational.data_quality_metrics as
select l.source, (l.observed_at at time zone 'UTC')::date as day,
       count(*) as fetches,
       count(*) filter (where l.staged = 'staged') as staged,
       count(*) filter (where l.staged = 'duplicate') as duplicates,
       count(*) filter (where l.staged in ('refused', 'failed')) as failures,
       sum(l.quotes)::bigint as quotes, sum(l.changes)::bigint as changes, sum(l.rejects)::bigint as rejects,
       round(sum(l.quotes)::numeric / nullif(sum(l.quotes) + sum(l.rejects), 0), 4) as quality_score
from raw_data.collection_log l
group by 1, 2;
comment on view   operational.data_quality_metrics               is 'How much of what each feed sent was understood, by day.';
comment on column operational.data_quality_metrics.quality_score is 'Share of quotes among quotes and rejects.';

create view core_betting.splits_by_market as
select core_betting.row_id(s.game_id::text, s.stream, s.scope, s.market, s.period, extract(epoch from s.at)::text) as id,
       s.game_id, upper(g.league) as league, g.home as home_team, g.away as away_team, g.starts_at as game_datetime,
       s.market as split_type, s.period, split_part(s.stream, '/', 1) as source,
       case when s.scope <> 'all' then coalesce(b.name, s.scope) end as book,
       max(s.tickets)     filter (where s.side in ('home', 'over'))  as home_or_over_bets,
       max(s.tickets_pct) filter (where s.side in ('home', 'over'))  as home_or_over_bets_percentage,
       max(s.money_pct)   filter (where s.side in ('home', 'over'))  as home_or_over_stake_percentage,
       max(s.tickets)     filter (where s.side in ('away', 'under')) as away_or_under_bets,
       max(s.tickets_pct) filter (where s.side in ('away', 'under')) as away_or_under_bets_percentage,
       max(s.money_pct)   filter (where s.side in ('away', 'under')) as away_or_under_stake_percentage,
       s.at as last_updated
from core_betting.betting_splits s
join core_betting.games g on g.game_id = s.game_id
left join core_betting.sportsbook_sources b on b.source = split_part(s.stream, '/', 1) and b.source_book_id = s.scope
group by s.game_id, g.game_id, s.stream, s.scope, s.market, s.period, s.at, b.name;
comment on view core_betting.splits_by_market is 'Tickets and money with both sides in a row.';
