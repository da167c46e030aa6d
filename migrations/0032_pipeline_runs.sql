-- Runs of the pipeline, and how good the curated rows are.

create index pipeline_runs_started on operational.pipeline_runs (started_at desc);

comment on table  operational.pipeline_runs                is 'Runs of the pipeline asked for by hand. Written by `linetape pipeline run`.';
comment on column operational.pipeline_runs.run_id         is 'The run; ids grow with time.';
comment on column operational.pipeline_runs.mode           is 'Which zones it went through.';
comment on column operational.pipeline_runs.status         is 'running, and for good when it was killed; partial: some records failed.';
comment on column operational.pipeline_runs.source         is 'The one feed it was about; null for all.';
comment on column operational.pipeline_runs.dry_run        is 'It changed no row of a zone: a dry run, or a comparison.';
comment on column operational.pipeline_runs.started_at     is 'When it began, by the server''s clock.';
comment on column operational.pipeline_runs.completed_at   is 'When it ended.';
comment on column operational.pipeline_runs.records_total  is 'Records it went through; of a comparison the rows compared.';
comment on column operational.pipeline_runs.records_failed is 'Those that failed; of a comparison the rows that differ.';
comment on column operational.pipeline_runs.zones          is 'What it did, by zone.';
comment on column operational.pipeline_runs.errors         is 'The first things that went wrong, as sentences.';

-- The score of a series, by the seeds'' formula. Book, teams and game are the series'' own, and of its prices the
-- extremes are kept; so the lowest score of all its rows is known without reading them.
create view analytics.line_movement_quality as
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
    window market as (partition by c.game_id, c.stream, c.source_book_id, c.market, c.period, c.participant, c.phase)
) s;

comment on view   analytics.line_movement_quality               is 'The quality of every row of line_movement_summary: the lowest score of the rows it is made of, 0 to 1.';
comment on column analytics.line_movement_quality.game_id       is 'Game.';
comment on column analytics.line_movement_quality.series_id     is 'Series; with game_id the key, as in line_movement_summary.';
comment on column analytics.line_movement_quality.stream        is 'Feed and endpoint.';
comment on column analytics.line_movement_quality.changes       is 'Rows of line_history it is made of.';
comment on column analytics.line_movement_quality.completeness  is 'Share of game, book, home, away, source and market that are known.';
comment on column analytics.line_movement_quality.accuracy      is '1, less 0.2 for an unknown book, 0.3 for teams not known, 0.1 for a price beyond 5000.';
comment on column analytics.line_movement_quality.consistency   is '1, less 0.3 where a market of several sides has a price for one only.';
comment on column analytics.line_movement_quality.quality_score is '0.4 completeness, 0.3 accuracy, 0.3 consistency.';
