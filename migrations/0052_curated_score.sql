-- A curated row carries its score: the lowest of the rows it is made of, by the seeds' formula. It is derived, not stored,
-- and still costs a reader nothing who does not ask for it, and two or three probes of a key a row who does: book, teams
-- and game are the series' own, of its prices the extremes are kept, and the ids of the other sides of its market are
-- hashes of what is in the row. So it is a function of what is stored, whatever order that came in.


create or replace view analytics.line_movement_summary as
select s.game_id, s.series_id, s.stream, s.source_book_id, s.book, s.market, s.period, s.participant, s.side, s.phase,
       s.line_slot,
       s.opening_odds_american, s.opening_odds_decimal, s.opening_line_value, s.opening_timestamp,
       s.closing_odds_american, s.closing_odds_decimal, s.closing_line_value, s.closing_timestamp,
       s.changes, s.total_movements, s.observations,
       s.max_odds_american, s.min_odds_american, s.max_line_value, s.min_line_value,
       s.movement_probability, s.first_at, s.changed_at, s.last_seen_at,
       s.completeness, s.accuracy, s.consistency,
       round(0.4 * s.completeness + 0.3 * s.accuracy + 0.3 * s.consistency, 4) as quality_score
from (
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
           c.first_at, c.at as changed_at, c.last_seen_at,
           round(((g.game_id is not null)::int + (c.book is not null)::int + (coalesce(g.home, '') <> '')::int
                  + (coalesce(g.away, '') <> '')::int + (c.stream <> '')::int + (c.market <> '')::int) / 6.0, 4)
               as completeness,
           1 - 0.2 * (c.book is null)::int
             - 0.3 * (g.home_team is null or g.away_team is null or g.home_team = g.away_team)::int
             - 0.1 * (coalesce(c.max_american > 5000, false) or coalesce(c.min_american < -5000, false))::int
               as accuracy,
           1 - 0.3 * (c.line_slot = 'main' and c.market in ('moneyline', 'spread', 'total', 'team_total')
                      and (c.max_american is null or not exists (
                          select from core_betting.lines_current o
                          where o.game_id = c.game_id and o.max_american is not null and o.series_id in (
                              core_betting.series_id(c.game_id, c.stream, c.source_book_id, c.market, c.period, c.participant,
                                  case c.side when 'home' then 'away' when 'over' then 'under' when 'under' then 'over'
                                              else 'home' end, c.phase, c.line_slot),
                              -- A draw is a third side, of a moneyline.
                              core_betting.series_id(c.game_id, c.stream, c.source_book_id, c.market, c.period, c.participant,
                                  case when c.side = 'draw' then 'away' when c.market = 'moneyline' then 'draw' end,
                                  c.phase, c.line_slot)))))::int
               as consistency
    from core_betting.lines_current c
    left join core_betting.games g on g.game_id = c.game_id
) s;

comment on view   analytics.line_movement_summary               is 'Opening, closing (pregame only), extremes, counts and quality of every series.';
comment on column analytics.line_movement_summary.completeness  is 'Share of game, book, home, away, source and market that are known.';
comment on column analytics.line_movement_summary.accuracy      is '1, less 0.2 for an unknown book, 0.3 for teams not known, 0.1 for a price beyond 5000.';
comment on column analytics.line_movement_summary.consistency   is '1, less 0.3 where a main market of several sides has a price for one only.';
comment on column analytics.line_movement_summary.quality_score is 'The lowest score of the rows it is made of, 0 to 1: 0.4 completeness, 0.3 accuracy, 0.3 consistency.';

-- The same of every series at once, in one pass instead of probes; a test compares the two. An alternate line is no other
-- side of a main one.
create or replace view analytics.line_movement_quality as
select s.*, round(0.4 * s.completeness + 0.3 * s.accuracy + 0.3 * s.consistency, 4) as quality_score
from (
    select c.game_id, c.series_id, c.stream, c.changes,
           round(((g.game_id is not null)::int + (c.book is not null)::int + (coalesce(g.home, '') <> '')::int
                  + (coalesce(g.away, '') <> '')::int + (c.stream <> '')::int + (c.market <> '')::int) / 6.0, 4)
               as completeness,
           1 - 0.2 * (c.book is null)::int
             - 0.3 * (g.home_team is null or g.away_team is null or g.home_team = g.away_team)::int
             - 0.1 * (coalesce(c.max_american > 5000, false) or coalesce(c.min_american < -5000, false))::int
               as accuracy,
           1 - 0.3 * (c.line_slot = 'main' and c.market in ('moneyline', 'spread', 'total', 'team_total')
                      and (min(c.side) filter (where c.max_american is not null) over market
                           = max(c.side) filter (where c.max_american is not null) over market
                           or c.max_american is null))::int
               as consistency
    from core_betting.lines_current c
    left join core_betting.games g using (game_id)
    window market as (partition by c.game_id, c.stream, c.source_book_id, c.market, c.period, c.participant, c.phase,
                                   c.line_slot)
) s;

-- Columns that came to tables after the names of earlier programs were made of them.
insert into operational.glossary (name, meaning) values
    ('by_hand', 'Asked for by hand, not by the clock.'),
    ('quality_score', 'How good it is, 0 to 1.'),
    ('seen_at', 'Last sign of life.')
on conflict do nothing;
