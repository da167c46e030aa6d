-- The names themselves. First linetape's own tables and views with who fills them, then the names of earlier programs.

insert into operational.table_registry (name, kind, home, filled_by, reserved)
select name, 'table', name, filled_by, filled_by like 'reserved: %'
from (values
    ('raw_data.payloads',                      'the drain'),
    ('raw_data.collection_log',                'the drain'),
    ('raw_data.source_health',                 'the engine, every few seconds'),
    ('core_betting.sports',                    'the schema'),
    ('core_betting.leagues',                   'every start'),
    ('core_betting.teams',                     'every start'),
    ('core_betting.team_aliases',              'every start'),
    ('core_betting.sportsbooks',               'every start'),
    ('core_betting.sportsbook_sources',        'every start, and the drain for books it meets'),
    ('core_betting.superseded_sportsbook_ids', 'the schema'),
    ('core_betting.games',                     'the drain'),
    ('core_betting.game_sources',              'the drain'),
    ('core_betting.game_outcomes',             'the drain'),
    ('core_betting.line_history',              'the drain'),
    ('core_betting.lines_current',             'the trigger of line_history, and the drain'),
    ('core_betting.betting_splits',            'the drain'),
    ('core_betting.bets',                      'reserved: one''s own bets and what is offered on them'),
    ('core_betting.bet_offers',                'reserved: one''s own bets and what is offered on them'),
    ('core_betting.team_stats_daily',          'reserved: daily jobs and ratings'),
    ('analytics.signals',                      'engine::signals, beside the drain'),
    ('analytics.signal_presets',               'the program, at start'),
    ('analytics.signal_evidence',              'engine::signals, beside the drain'),
    ('analytics.signal_grades',                'the job grade_signals'),
    ('analytics.fair_odds',                    'reserved: fair odds and opportunities'),
    ('analytics.opportunities',                'reserved: fair odds and opportunities'),
    ('analytics.consensus',                    'reserved: fair odds and opportunities'),
    ('analytics.lead_lag',                     'reserved: signals'),
    ('analytics.strategy_results',             'reserved: backtests'),
    ('analytics.profitability',                'reserved: backtests and bets'),
    ('analytics.team_ratings_history',         'reserved: predictions'),
    ('analytics.predictions_log',              'reserved: predictions'),
    ('analytics.model_performance',            'reserved: predictions'),
    ('analytics.feature_vectors',              'reserved: predictions'),
    ('operational.writer_head',                'the drain'),
    ('operational.extraction_log',             'the drain'),
    ('operational.validation_results',         'the drain, when a feed sends what is not understood'),
    ('operational.persistence_metrics',        'the engine, every few seconds'),
    ('operational.cache_metrics',              'the engine, once the cache is asked'),
    ('operational.backfill_progress',          'backfills'),
    ('operational.table_registry',             'the schema'),
    ('operational.glossary',                   'the schema'),
    ('operational.migration_log',              'make_compatibility()'),
    ('operational.pipeline_runs',              'linetape pipeline run'),
    ('operational.health_checks',              'reserved: health checks'),
    ('operational.alert_configurations',       'reserved: alerts'),
    ('operational.alerts',                     'reserved: alerts'),
    ('operational.jobs',                       'reserved: daily jobs'),
    ('operational.leases',                     'reserved: several collectors sharing the work'),
    ('operational.quota_ledger',               'engine::quota'),
    ('operational.profiles',                   'reserved: preferences of people')
) as own (name, filled_by);

insert into operational.table_registry (name, kind, home, filled_by)
select name, 'table', name, filled_by
from (values
    ('core_betting.game_facts',     'the drain: what each feed says of a game over time'),
    ('core_betting.game_decisions', 'linetape game merge and game split'),
    ('core_betting.game_merges',    'the drain, when two feeds'' games turn out to be one')
) as own (name, filled_by);

insert into operational.table_registry (name, kind, home)
select name, 'view', home
from (values
    ('core_betting.game_names',          'core_betting.game_sources'),
    ('core_betting.games_history',       'core_betting.games'),
    ('core_betting.odds_history',        'core_betting.line_history'),
    ('core_betting.splits_by_market',    'core_betting.betting_splits'),
    ('analytics.line_movement_summary',  'core_betting.lines_current'),
    ('analytics.line_movements',         'core_betting.line_history'),
    ('analytics.signal_record',          'analytics.signal_grades'),
    ('analytics.moneylines',             'core_betting.lines_current'),
    ('analytics.spreads',                'core_betting.lines_current'),
    ('analytics.totals',                 'core_betting.lines_current'),
    ('raw_data.responses',               'raw_data.collection_log'),
    ('raw_data.parsing_status_logs',     'raw_data.collection_log'),
    ('operational.data_quality_metrics', 'raw_data.collection_log')
) as own (name, home);

-- Action Network's store: ids are the feed's numbers.
insert into operational.table_registry (name, kind, home, ordinal, definition, state)
select name, case when name like '%(%' then 'compatibility function' else 'compatibility view' end, home, 10, definition, 'waiting'
from (values
('action_network.sportsbooks', 'core_betting.sportsbook_sources', $$
select core_betting.feed_number(s.source_book_id) as id, core_betting.feed_number(s.source_book_id) as book_id,
       s.name, coalesce(b.name, s.name) as display_name, coalesce(b.label, upper(left(s.name, 4))) as abbreviation,
       s.book, s.region, b.kind, true as is_active, s.first_seen_at as created_at, s.first_seen_at as updated_at
from core_betting.sportsbook_sources s
left join core_betting.sportsbooks b on b.book = s.book
where s.source = 'action_network' and core_betting.feed_number(s.source_book_id) is not null $$),

('action_network.betting_lines', 'core_betting.line_history', $$
select core_betting.row_id(h.series_id::text, extract(epoch from h.at)::text) as id,
       core_betting.feed_number(f.source_game_id) as game_id, g.home as home_team, g.away as away_team,
       g.starts_at as game_datetime,
       core_betting.feed_number(h.source_book_id) as book_id, coalesce(b.name, h.source_book_id) as sportsbook_name,
       h.market as market_type, h.side, h.phase as period,
       h.american as odds_american, h.decimal as odds_decimal, h.line as line_value,
       (analytics.latest_split(h.game_id, 'action_network', h.source_book_id, h.market, h.period, h.side, h.at)).tickets as bet_tickets_count,
       (analytics.latest_split(h.game_id, 'action_network', h.source_book_id, h.market, h.period, h.side, h.at)).tickets_pct as bet_tickets_percentage,
       (analytics.latest_split(h.game_id, 'action_network', h.source_book_id, h.market, h.period, h.side, h.at)).money_pct as bet_money_percentage,
       h.at as line_timestamp,
       coalesce(h.at = c.opening_at, false) as is_opening_line, coalesce(h.at = c.closing_at, false) as is_closing_line,
       (select case when h.line > p.line then 'up' when h.line < p.line then 'down' else 'none' end
        from core_betting.line_history p
        where p.game_id = h.game_id and p.series_id = h.series_id and p.at < h.at order by p.at desc limit 1) as line_movement_direction,
       (select case when h.decimal < p.decimal then 'up' when h.decimal > p.decimal then 'down' else 'none' end
        from core_betting.line_history p
        where p.game_id = h.game_id and p.series_id = h.series_id and p.at < h.at order by p.at desc limit 1) as odds_movement_direction,
       analytics.signalled(h.game_id, h.market, h.period, h.side, 'rlm') > 0 as reverse_line_movement,
       analytics.signalled(h.game_id, h.market, h.period, h.side, 'steam') > 0 as steam_move,
       analytics.sharp_side(h.game_id, h.market, h.period) as sharp_action,
       null::jsonb as raw_market_data, h.observed_at as extracted_at,
       'https://api.actionnetwork.com/web/v2/markets/event/' || f.source_game_id || '/history' as history_url,
       h.status as line_status, h.stream, h.game_id as linetape_game_id, h.stored_at as created_at, h.stored_at as updated_at
from core_betting.game_sources f
join core_betting.games g on g.game_id = f.game_id
join core_betting.line_history h on h.game_id = f.game_id
join core_betting.lines_current c on c.game_id = h.game_id and c.series_id = h.series_id
left join core_betting.sportsbook_sources b on b.source = 'action_network' and b.source_book_id = h.source_book_id
where f.source = 'action_network' and core_betting.feed_number(f.source_game_id) is not null
  and h.stream like 'action\_network/%' and h.market in ('moneyline', 'spread', 'total') and h.period = 'full'
  and h.line_slot = 'main' and h.participant = '' and h.american is not null $$),

('action_network.line_movement_summary', 'analytics.line_movement_summary', $$
select distinct on (core_betting.feed_number(f.source_game_id), core_betting.feed_number(c.source_book_id), c.market, c.side)
       core_betting.row_id(c.series_id::text) as id,
       core_betting.feed_number(f.source_game_id) as game_id, g.home as home_team, g.away as away_team,
       g.starts_at as game_datetime,
       core_betting.feed_number(c.source_book_id) as book_id, coalesce(b.name, c.source_book_id) as sportsbook_name,
       c.market as market_type, c.side,
       c.opening_odds_american, c.opening_odds_decimal, c.opening_line_value, c.opening_timestamp,
       c.closing_odds_american, c.closing_odds_decimal, c.closing_line_value, c.closing_timestamp,
       c.total_movements, c.observations, c.max_odds_american, c.min_odds_american, c.max_line_value, c.min_line_value,
       c.movement_probability,
       analytics.signalled(c.game_id, c.market, c.period, c.side, 'rlm') > 0 as reverse_line_movement_detected,
       analytics.signalled(c.game_id, c.market, c.period, c.side, 'steam') as steam_moves_detected,
       case when analytics.sharp_side(c.game_id, c.market, c.period) = c.side then 'toward'
            when analytics.sharp_side(c.game_id, c.market, c.period) <> c.side then 'against' end as sharp_action_direction,
       (analytics.latest_split(c.game_id, 'action_network', c.source_book_id, c.market, c.period, c.side, 'infinity')).tickets_pct as final_bet_tickets_percentage,
       (analytics.latest_split(c.game_id, 'action_network', c.source_book_id, c.market, c.period, c.side, 'infinity')).money_pct as final_bet_money_percentage,
       c.stream, c.game_id as linetape_game_id, c.first_at as created_at, c.last_seen_at as updated_at
from core_betting.game_sources f
join core_betting.games g on g.game_id = f.game_id
join analytics.line_movement_summary c on c.game_id = f.game_id
left join core_betting.sportsbook_sources b on b.source = 'action_network' and b.source_book_id = c.source_book_id
where f.source = 'action_network' and core_betting.feed_number(f.source_game_id) is not null
  and c.stream like 'action\_network/%' and c.market in ('moneyline', 'spread', 'total') and c.period = 'full'
  and c.line_slot = 'main' and c.participant = '' and c.phase = 'pregame'
-- Of one book's series the one that has seen most of the game speaks: ticks know what polls missed.
order by core_betting.feed_number(f.source_game_id), core_betting.feed_number(c.source_book_id), c.market, c.side,
         (c.stream = 'action_network/history') desc, c.stream $$),

('action_network.extraction_log', 'operational.extraction_log', $$
select core_betting.row_id(f.source_game_id) as id, core_betting.feed_number(f.source_game_id) as game_id,
       g.home as home_team, g.away as away_team, g.starts_at as game_datetime,
       max(l.last_extracted_at) as last_extracted_at, sum(l.total_extractions)::bigint as total_extractions,
       sum(l.total_lines_extracted)::bigint as total_lines_extracted,
       (array_agg(l.extraction_status order by l.last_extracted_at desc, l.stream))[1] as extraction_status,
       (array_agg(l.error_message order by l.last_extracted_at desc, l.stream))[1] as error_message,
       'https://api.actionnetwork.com/web/v2/markets/event/' || f.source_game_id || '/history' as history_url,
       min(l.created_at) as created_at, max(l.updated_at) as updated_at
from core_betting.game_sources f
join core_betting.games g on g.game_id = f.game_id
join operational.extraction_log l on l.game_id = f.game_id and l.stream like 'action\_network/%'
where f.source = 'action_network' and core_betting.feed_number(f.source_game_id) is not null
group by f.source, f.source_game_id, g.game_id $$)
) as seed (name, home, definition);

insert into operational.table_registry (name, kind, home, ordinal, definition, state)
select name, case when name like '%(%' then 'compatibility function' else 'compatibility view' end, home, 20, definition, 'waiting'
from (values
('action_network.betting_lines_with_books', 'core_betting.line_history', $$
select l.*, s.display_name, s.abbreviation
from action_network.betting_lines l left join action_network.sportsbooks s on s.book_id = l.book_id
order by l.game_id, l.market_type, l.side, l.book_id, l.line_timestamp $$),
('action_network.latest_betting_lines', 'core_betting.line_history', $$
select distinct on (game_id, book_id, market_type, side) *
from action_network.betting_lines order by game_id, book_id, market_type, side, line_timestamp desc $$),
('action_network.get_new_lines_since_last_extraction(bigint,integer,text,timestamptz)', 'core_betting.line_history', $$(
    p_game_id bigint, p_book_id integer, p_market_type text, p_since timestamptz
) returns table (id bigint, side text, odds_american integer, odds_decimal numeric, line_value numeric,
                 line_timestamp timestamptz, bet_tickets_percentage numeric, bet_money_percentage numeric)
language sql stable as $body$
    select l.id, l.side, l.odds_american, l.odds_decimal, l.line_value, l.line_timestamp, l.bet_tickets_percentage,
           l.bet_money_percentage
    from action_network.betting_lines l
    where l.game_id = p_game_id and l.book_id = p_book_id and l.market_type = p_market_type and l.line_timestamp > p_since
    order by l.line_timestamp desc, l.id
$body$ $$),

-- The pipeline's zones and the consolidated schemas.
('core_betting.moneylines',              'analytics.moneylines', 'select * from analytics.moneylines'),
('core_betting.spreads',                 'analytics.spreads',    'select * from analytics.spreads'),
('core_betting.totals',                  'analytics.totals',     'select * from analytics.totals'),
('core_betting.betting_lines_moneyline', 'analytics.moneylines', 'select * from analytics.moneylines'),
('core_betting.betting_lines_spreads',   'analytics.spreads',    'select * from analytics.spreads'),
('core_betting.betting_lines_totals',    'analytics.totals',     'select * from analytics.totals'),
('core_betting.line_movements',          'analytics.line_movements', 'select * from analytics.line_movements'),
('core_betting.steam_moves',             'analytics.signals', $$select * from analytics.signals where kind = 'steam'$$),
('core_betting.sharp_action_indicators', 'analytics.signals', $$select * from analytics.signals where kind in ('rlm', 'divergence')$$),
('mlb_betting.moneyline',                'analytics.moneylines', 'select * from analytics.moneylines'),
('mlb_betting.spreads',                  'analytics.spreads',    'select * from analytics.spreads'),
('mlb_betting.totals',                   'analytics.totals',     'select * from analytics.totals'),
('raw_data.moneylines_raw',              'analytics.moneylines', 'select * from analytics.moneylines'),
('raw_data.spreads_raw',                 'analytics.spreads',    'select * from analytics.spreads'),
('raw_data.totals_raw',                  'analytics.totals',     'select * from analytics.totals'),
('raw_data.betting_lines_raw',           'core_betting.line_history', 'select * from core_betting.line_history'),
('raw_data.line_movements_raw',          'core_betting.line_history', 'select * from core_betting.line_history'),
('raw_data.action_network_games',        'raw_data.responses', $$select * from raw_data.responses where stream in ('action_network/scoreboard', 'action_network/scoreboard_v1')$$),
('raw_data.action_network_odds',         'raw_data.responses', $$select * from raw_data.responses where source = 'action_network'$$),
('raw_data.action_network_history',      'raw_data.responses', $$select * from raw_data.responses where stream = 'action_network/history'$$),
('raw_data.odds_api_responses',          'raw_data.responses', $$select * from raw_data.responses where source = 'odds_api'$$),
('raw_data.sbd_betting_splits',          'raw_data.responses', $$select * from raw_data.responses where source = 'sbd'$$),
('raw_data.vsin_data',                   'raw_data.responses', $$select * from raw_data.responses where source = 'vsin'$$),
('raw_data.vsin_raw_data',               'raw_data.responses', $$select * from raw_data.responses where source = 'vsin'$$),
('raw_data.mlb_stats_api',               'raw_data.responses', $$select * from raw_data.responses where source = 'mlb_stats'$$),
('raw_data.mlb_stats_api_games',         'raw_data.responses', $$select * from raw_data.responses where source = 'mlb_stats'$$),
('raw_data.mlb_api_responses',           'raw_data.responses', $$select * from raw_data.responses where source = 'mlb_stats'$$),
('raw_data.sbr_raw_html',                'raw_data.responses', $$select * from raw_data.responses where source = 'sbr'$$),
('raw_data.sbr_parsed_games',            'core_betting.game_sources', $$select * from core_betting.game_sources where source = 'sbr'$$),
('public.sbr_raw_html',                  'raw_data.responses', $$select * from raw_data.responses where source = 'sbr'$$),
('public.sbr_parsed_games',              'core_betting.game_sources', $$select * from core_betting.game_sources where source = 'sbr'$$),
('raw_data.raw_mlb_betting_splits',      'core_betting.betting_splits', 'select * from core_betting.splits_by_market'),
('splits.raw_mlb_betting_splits',        'core_betting.betting_splits', 'select * from core_betting.splits_by_market'),

('staging.moneylines',           'analytics.moneylines', 'select * from analytics.moneylines'),
('staging.spreads',              'analytics.spreads',    'select * from analytics.spreads'),
('staging.totals',               'analytics.totals',     'select * from analytics.totals'),
('staging.betting_lines',        'core_betting.odds_history', 'select * from core_betting.odds_history'),
('staging.betting_odds_unified', 'core_betting.odds_history', 'select * from core_betting.odds_history'),
('staging.action_network_odds_historical', 'core_betting.odds_history', $$select * from core_betting.odds_history where stream like 'action\_network/%'$$),
('staging.line_movements',       'analytics.line_movements', 'select * from analytics.line_movements'),
('staging.games',                'core_betting.games_history', 'select * from core_betting.games_history'),
('staging.teams',                'core_betting.teams', $$select team, split_part(team, ':', 2) as team_id, upper(league) as league, name, abbr as abbreviation from core_betting.teams$$),
('staging.betting_splits',       'core_betting.betting_splits', 'select * from core_betting.splits_by_market'),
('staging.sharp_action_signals', 'analytics.signals', 'select * from analytics.signals'),
('staging.data_quality_metrics', 'operational.data_quality_metrics', 'select * from operational.data_quality_metrics'),
('staging.validation_results',   'operational.validation_results', 'select * from operational.validation_results'),

('curated.moneylines',             'analytics.moneylines', 'select * from analytics.moneylines'),
('curated.spreads',                'analytics.spreads',    'select * from analytics.spreads'),
('curated.totals',                 'analytics.totals',     'select * from analytics.totals'),
('curated.betting_lines_enhanced', 'analytics.line_movement_summary', 'select * from analytics.line_movement_summary'),
('curated.enhanced_games',         'core_betting.games_history', 'select * from core_betting.games_history'),
('curated.betting_analysis',       'analytics.signals', 'select * from analytics.signals'),
('curated.movement_analysis',      'analytics.line_movement_summary', 'select * from analytics.line_movement_summary'),
('curated.strategy_results',       'analytics.strategy_results', 'select * from analytics.strategy_results'),
('curated.profitability_metrics',  'analytics.profitability', 'select * from analytics.profitability'),
('curated.feature_vectors',        'analytics.feature_vectors', 'select * from analytics.feature_vectors'),
('curated.prediction_inputs',      'analytics.feature_vectors', 'select * from analytics.feature_vectors'),

('public.games',         'core_betting.games', $$select game_id as id, game_id, upper(league) as league, home as home_team, away as away_team, slate_date as game_date, starts_at as game_datetime, game_number, status, home_score, away_score, created_at, updated_at from core_betting.games$$),
('splits.games',         'core_betting.games', $$select game_id as id, game_id, upper(league) as league, home as home_team, away as away_team, slate_date as game_date, starts_at as game_datetime, game_number, status, home_score, away_score, created_at, updated_at from core_betting.games$$),
('public.game_outcomes', 'core_betting.game_outcomes', 'select * from core_betting.game_outcomes'),
('action.dim_teams',     'core_betting.teams', $$select team, split_part(team, ':', 2) as team_id, upper(league) as league, name, abbr as abbreviation from core_betting.teams$$),

('analytics.strategy_signals',        'analytics.signals', 'select * from analytics.signals'),
('analytics.confidence_scores',       'analytics.signals', 'select game_id, detected_at, kind, market, side, preset, strength, strength as confidence from analytics.signals'),
('analytics.betting_recommendations', 'analytics.opportunities', 'select * from analytics.opportunities'),
('analytics.cross_market_analysis',   'analytics.opportunities', $$select * from analytics.opportunities where kind in ('arbitrage', 'middle')$$),
('analytics.timing_analysis_results', 'analytics.strategy_results', $$select *, bets >= 20 as sample_size_adequate from analytics.strategy_results where bucket <> 'all'$$),
('analytics.roi_calculations',        'analytics.profitability', 'select * from analytics.profitability'),
('analytics.performance_metrics',     'analytics.profitability', 'select * from analytics.profitability'),
('analytics.recommendation_history',  'analytics.opportunities', 'select * from analytics.opportunities'),
('analytics.current_timing_performance',   'analytics.strategy_results', $$select *, bets >= 20 as sample_size_adequate from analytics.strategy_results where bucket <> 'all'$$),
('analytics.timing_bucket_performance',    'analytics.strategy_results', $$select *, bets >= 20 as sample_size_adequate from analytics.strategy_results where bucket <> 'all'$$),
('analytics.comprehensive_analyses',       'analytics.strategy_results', 'select * from analytics.strategy_results'),
('analytics.timing_recommendations_cache', 'analytics.opportunities', 'select * from analytics.opportunities'),
('analytics.dynamic_thresholds',           'analytics.strategy_results', 'select strategy, run_at, league, market, parameters from analytics.strategy_results'),
('analytics.clv_analytics',                'analytics.predictions_log', 'select game_id, model_name, predicted_at, opening_line, bet_line, closing_line, clv_percent, clv_points, beat_closing from analytics.predictions_log'),
('analytics.calibration_metrics',          'analytics.model_performance', 'select model_name, league, period_start, period_end, predictions, brier_score, log_loss, calibration_error from analytics.model_performance'),
('clean.betting_recommendations',             'analytics.opportunities', 'select * from analytics.opportunities'),
('timing_analysis.timing_bucket_performance', 'analytics.strategy_results', $$select *, bets >= 20 as sample_size_adequate from analytics.strategy_results where bucket <> 'all'$$),
('backtesting.strategy_performance',          'analytics.strategy_results', 'select * from analytics.strategy_results'),
('backtesting.orchestrator_update_triggers',  'operational.jobs', 'select * from operational.jobs'),
('tracking.pre_game_recommendations',         'analytics.opportunities', 'select * from analytics.opportunities'),
('tracking.active_strategies',                'analytics.strategy_results', $$select * from analytics.strategy_results where bets >= 5 and run_at > now() - interval '90 days'$$),
('validation.data_quality_metrics',           'operational.data_quality_metrics', 'select * from operational.data_quality_metrics'),

('operational.strategy_performance',         'analytics.strategy_results', 'select * from analytics.strategy_results'),
('operational.pre_game_recommendations',     'analytics.opportunities', 'select * from analytics.opportunities'),
('operational.recommendation_tracking',      'analytics.signal_grades', 'select * from analytics.signal_grades'),
('operational.orchestrator_update_triggers', 'operational.jobs', 'select * from operational.jobs'),
('operational.system_health_checks',         'operational.health_checks', 'select * from operational.health_checks'),
('operational.pipeline_execution_logs',      'operational.pipeline_runs', 'select * from operational.pipeline_runs'),
('operational.alert_history',                'operational.alerts', 'select * from operational.alerts'),
('operational.backtesting_configurations',   'analytics.strategy_results', 'select distinct strategy, league, market, parameters from analytics.strategy_results'),
('operational.betting_performance_summary',  'analytics.profitability', $$select strategy, league, market, sum(bets) as bets, sum(wins) as wins, sum(losses) as losses, sum(pushes) as pushes, sum(staked) as staked, sum(profit_loss) as profit_loss, round(sum(profit_loss) / nullif(sum(staked), 0), 6) as roi from analytics.profitability where day > current_date - 30 group by strategy, league, market$$),
('operational.active_strategies',            'analytics.strategy_results', $$select *, case when win_rate > 0.65 then 'A' when win_rate > 0.58 then 'B' when win_rate > 0.52 then 'C' else 'D' end as grade from analytics.strategy_results where bets >= 5 and run_at > now() - interval '90 days'$$),

-- GameLens and Fair-Edge: names without a schema.
('public.games_history',        'core_betting.games_history', 'select * from core_betting.games_history'),
('public.odds_history',         'core_betting.odds_history',  'select * from core_betting.odds_history'),
('public.team_stats_daily',     'core_betting.team_stats_daily', $$select split_part(s.team, ':', 2) as team_id, upper(t.league) as league, s.*, round(s.wins::numeric / nullif(s.wins + s.losses, 0), 4) as win_pct from core_betting.team_stats_daily s join core_betting.teams t using (team)$$),
('public.team_ratings_history', 'analytics.team_ratings_history', $$select split_part(r.team, ':', 2) as team_id, upper(t.league) as league, r.at as rating_date, r.* from analytics.team_ratings_history r join core_betting.teams t using (team)$$),
('public.predictions_log',      'analytics.predictions_log', $$select n.source_game_id as game_id, upper(n.league) as league, p.game_id as linetape_game_id, p.predicted_at as prediction_datetime, p.model_name, p.home_win_probability, p.cover_probability, p.over_probability, p.predicted_spread, p.predicted_total, p.confidence, p.agreement, p.recommended_bet, p.kelly_stake, p.market_spread, p.market_total, p.edge, p.actual_home_score, p.actual_away_score, p.prediction_correct, p.brier_score, p.profit_loss, p.opening_line, p.bet_line, p.closing_line, p.clv_percent, p.clv_points, p.beat_closing, p.calibrated_probability from analytics.predictions_log p left join core_betting.game_names n on n.game_id = p.game_id$$),
('public.model_performance',    'analytics.model_performance', 'select m.model_name, upper(m.league) as league, m.period_start, m.period_end, m.predictions as total_predictions, m.correct as correct_predictions, round(m.correct::numeric / nullif(m.predictions, 0), 6) as accuracy, m.brier_score, m.log_loss, m.calibration_error, m.average_confidence, m.bets, m.bets_won, m.profit_loss, m.roi, m.sharpe, m.ats_accuracy, m.total_accuracy, m.average_clv, m.beat_closing_rate, m.updated_at from analytics.model_performance m'),
('public.sports',       'core_betting.sports', 'select sport as sport_id, name, sport as category from core_betting.sports'),
('public.leagues',      'core_betting.leagues', 'select upper(league) as league_id, upper(league) as name, sport as sport_id from core_betting.leagues'),
('public.books',        'core_betting.sportsbooks', $$select book as book_id, name, case when kind = 'exchange' then 'exchange' when book in ('pinnacle', 'circa') then 'sharp' else 'us_book' end as book_type, kind, created_at, true as active from core_betting.sportsbooks where kind in ('book', 'exchange')$$),
('public.bets',         'core_betting.bets', 'select b.bet_id, l.sport as sport_id, upper(b.league) as league_id, b.event_name, b.home_team, b.away_team, b.player_name, b.bet_type, b.market_description, b.parameters, b.outcome_side, b.event_time, b.sha_key, b.created_at, b.updated_at from core_betting.bets b left join core_betting.leagues l using (league)'),
('public.bet_offers',   'core_betting.bet_offers', $$select core_betting.row_id(o.bet_id, o.book, extract(epoch from o.offered_at)::text) as offer_id, o.bet_id, o.book as book_id, jsonb_build_object('american', o.american, 'decimal', o.decimal) as odds, o.expected_value, o.fair_probability, o.implied_probability, o.confidence_score, o.volume_indicator, o.available_limits, o.metadata as offer_metadata, o.offered_at as "timestamp", o.refresh_cycle_id from core_betting.bet_offers o$$),
('public.profiles',     'operational.profiles', 'select * from operational.profiles'),
('public.migration_log', 'operational.migration_log', 'select * from operational.migration_log'),

-- The database of that program is this one. For an unmarked literal PostgreSQL prefers this function to its own, which
-- takes a name; it answers for every database, and for the earlier programs' names where no such database exists.
('public.pg_database_size(text)', 'pg_catalog.pg_database_size', $$(database text) returns bigint
language sql volatile strict set search_path = pg_catalog as $body$
    select pg_database_size(case when database in ('gamelens', 'mlb_betting')
                                  and not exists (select from pg_database d where d.datname = database)
                                 then current_database() else database::name end)
$body$ $$),

-- Roles are the cluster's, so that they are made when they are first granted, by whoever has the right to.
('public.grant_user_permissions(text,text)', 'roles', $$(username text, user_type text) returns text
language plpgsql set search_path = pg_catalog as $body$
declare
    types constant jsonb := '{"collector": "data_collectors", "processor": "betting_processors",
        "analytics_processor": "analytics_processors", "analyst": "analytics_users", "strategy": "strategy_processors",
        "monitor": "monitoring_users", "admin": "system_administrators", "app": "mlb_betting_app"}';
    role text := types ->> user_type;
begin
    -- A grant to nobody harms nothing, so it is said, not thrown: a script goes on to its next user.
    if not exists (select from pg_roles r where r.rolname = username) then
        raise warning 'there is no role %; nothing was granted', quote_ident(username)
            using hint = format('create role %I login', username);
        return format('nothing granted: there is no role %I; make it with: create role %I login', username, username);
    end if;
    if role is null then
        raise exception '% is no type of user', quote_literal(user_type)
            using hint = 'Types are ' || (select string_agg(t, ', ' order by t) from jsonb_object_keys(types) t);
    end if;
    perform operational.make_roles();
    if exists (select from pg_roles r where r.rolname = role and pg_has_role(username::name, r.oid, 'member')) then
        return format('%I is in %I already', username, role);
    end if;
    begin
        execute format('grant %I to %I', role, username);
    exception when insufficient_privilege or undefined_object then
        raise exception '% may not be put into %: %', quote_ident(username), quote_ident(role), sqlerrm
            using errcode = 'insufficient_privilege',
                  hint = format('Let a superuser run: grant %I to %I. What else is missing, linetape database grants prints.', role, username);
    end;
    return format('%I is now in %I', username, role);
end
$body$ $$),
('public.revoke_user_permissions(text)', 'roles', $$(username text) returns text
language plpgsql set search_path = pg_catalog as $body$
declare
    role text;
    gone text[] := '{}';
begin
    for role in
        select g.rolname from pg_auth_members m
        join pg_roles g on g.oid = m.roleid join pg_roles u on u.oid = m.member
        where u.rolname = username and g.rolname in ('data_collectors', 'betting_processors', 'analytics_processors',
            'strategy_processors', 'analytics_users', 'monitoring_users', 'system_administrators', 'mlb_betting_app')
        order by 1
    loop
        execute format('revoke %I from %I', role, username);
        gone := gone || role;
    end loop;
    return format('%I was taken out of %s', username, coalesce(nullif(array_to_string(gone, ', '), ''), 'nothing: it was in no role of linetape'));
end
$body$ $$),
('public.check_user_permissions(text)', 'roles', $$(username text default current_user)
returns table (schema_name text, table_name text, privilege text)
language sql stable set search_path = pg_catalog as $body$
    select n.nspname::text, c.relname::text, p.name
    from pg_roles r
    cross join pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    cross join (values ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) as p (name)
    where r.rolname = username and n.nspname in ('raw_data', 'core_betting', 'analytics', 'operational')
      and c.relkind in ('r', 'p', 'v') and not c.relispartition
      and has_schema_privilege(r.oid, n.oid, 'USAGE') and has_table_privilege(r.oid, c.oid, p.name)
    order by 1, 2, 3
$body$ $$)
) as seed (name, home, definition);

-- Names that were never tables but stood for one.
insert into operational.table_registry (name, kind, home, state)
select name, 'logical', home, 'alias'
from (values
    ('raw_betting_splits', 'raw_data.raw_mlb_betting_splits'), ('sbr_raw_html', 'raw_data.sbr_raw_html'),
    ('sbr_parsed_games', 'raw_data.sbr_parsed_games'), ('mlb_api_responses', 'raw_data.mlb_api_responses'),
    ('odds_api_responses', 'raw_data.odds_api_responses'), ('vsin_raw_data', 'raw_data.vsin_raw_data'),
    ('parsing_status_logs', 'raw_data.parsing_status_logs'),
    ('games', 'core_betting.games'), ('game_outcomes', 'core_betting.game_outcomes'), ('teams', 'core_betting.teams'),
    ('sportsbooks', 'core_betting.sportsbooks'), ('betting_lines_moneyline', 'core_betting.betting_lines_moneyline'),
    ('betting_lines_spreads', 'core_betting.betting_lines_spreads'),
    ('betting_lines_totals', 'core_betting.betting_lines_totals'), ('betting_splits', 'core_betting.betting_splits'),
    ('line_movements', 'core_betting.line_movements'), ('steam_moves', 'core_betting.steam_moves'),
    ('sharp_action_indicators', 'core_betting.sharp_action_indicators'),
    ('moneyline', 'core_betting.betting_lines_moneyline'), ('spreads', 'core_betting.betting_lines_spreads'),
    ('totals', 'core_betting.betting_lines_totals'),
    ('strategy_signals', 'analytics.strategy_signals'), ('betting_recommendations', 'analytics.betting_recommendations'),
    ('timing_analysis_results', 'analytics.timing_analysis_results'),
    ('cross_market_analysis', 'analytics.cross_market_analysis'), ('confidence_scores', 'analytics.confidence_scores'),
    ('roi_calculations', 'analytics.roi_calculations'), ('performance_metrics', 'analytics.performance_metrics'),
    ('clean_betting_recommendations', 'analytics.betting_recommendations'),
    ('recommendation_history', 'analytics.recommendation_history'),
    ('current_timing_performance', 'analytics.current_timing_performance'),
    ('timing_bucket_performance', 'analytics.timing_bucket_performance'),
    ('comprehensive_analyses', 'analytics.comprehensive_analyses'),
    ('timing_recommendations_cache', 'analytics.timing_recommendations_cache'),
    ('dynamic_thresholds', 'analytics.dynamic_thresholds'),
    ('strategy_performance', 'operational.strategy_performance'),
    ('pre_game_recommendations', 'operational.pre_game_recommendations'),
    ('system_health_checks', 'operational.system_health_checks'),
    ('data_quality_metrics', 'operational.data_quality_metrics'),
    ('pipeline_execution_logs', 'operational.pipeline_execution_logs'),
    ('alert_configurations', 'operational.alert_configurations'), ('alert_history', 'operational.alert_history'),
    ('recommendation_tracking', 'operational.recommendation_tracking'),
    ('backtesting_configurations', 'operational.backtesting_configurations'),
    ('orchestrator_update_triggers', 'operational.orchestrator_update_triggers'),
    ('legacy_games', 'public.games'), ('legacy_betting_splits', 'splits.raw_mlb_betting_splits'),
    ('legacy_mlb_betting_splits', 'splits.raw_mlb_betting_splits'),
    ('legacy_strategy_performance', 'backtesting.strategy_performance'),
    ('legacy_pre_game_recommendations', 'tracking.pre_game_recommendations'),
    ('legacy_moneyline', 'mlb_betting.moneyline'), ('legacy_spreads', 'mlb_betting.spreads'),
    ('legacy_totals', 'mlb_betting.totals'), ('legacy_clean_betting_recommendations', 'clean.betting_recommendations')
) as seed (name, home);
