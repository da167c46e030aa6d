-- Backtests: a preset walked forward over stored history. A run's name is a hash of what went in and what came out, so that
-- the same inputs make the same rows, and other inputs other ones beside them.

drop table analytics.strategy_results;
drop table analytics.profitability;
delete from operational.table_registry
where name in ('analytics.strategy_results', 'analytics.profitability', 'analytics.roi_calculations',
               'analytics.confidence_scores', 'analytics.cross_market_analysis', 'analytics.betting_recommendations',
               'analytics.performance_metrics');

create table analytics.backtest_runs (
    run_id         text             primary key check (run_id ~ '^[0-9a-f]{32}$'),
    strategy       text             not null,
    rule           text             not null,
    data_from      date             not null,
    data_to        date             not null check (data_to >= data_from),
    league         text             references core_betting.leagues,
    parameters     jsonb            not null,
    games          integer          not null check (games >= 0),
    games_left_out integer          not null check (games_left_out >= 0),
    rows_seen      bigint           not null check (rows_seen >= 0),
    signals        integer          not null check (signals >= 0),
    bets           integer          not null check (bets between 0 and signals),
    open_bets      integer          not null check (open_bets between 0 and bets),
    breaches       integer          not null check (breaches = 0),
    created_at     timestamptz      not null default now()
);
comment on table  analytics.backtest_runs                is 'Backtests of a preset on stored history. Written by `linetape signals backtest`.';
comment on column analytics.backtest_runs.run_id         is 'Hash of the settings, and of every choice that followed: the same inputs give the same run.';
comment on column analytics.backtest_runs.rule           is 'The preset''s rule and its numbers, as they were.';
comment on column analytics.backtest_runs.data_from      is 'First slate.';
comment on column analytics.backtest_runs.data_to        is 'Last slate.';
comment on column analytics.backtest_runs.league         is 'Only this league; null for all.';
comment on column analytics.backtest_runs.parameters     is 'Staking, delay, bankroll, least strength, and whether ticks that were fetched after the fact were taken.';
comment on column analytics.backtest_runs.games          is 'Games that were walked over.';
comment on column analytics.backtest_runs.games_left_out is 'Games whose announced start moved by more than 90 minutes: what was known of it when is not told by their rows.';
comment on column analytics.backtest_runs.rows_seen      is 'Rows of prices and splits that were seen.';
comment on column analytics.backtest_runs.signals        is 'Signals of the preset; each is a row of betting_recommendations.';
comment on column analytics.backtest_runs.bets           is 'Those that were bet.';
comment on column analytics.backtest_runs.open_bets      is 'Bets whose game has no result.';
comment on column analytics.backtest_runs.breaches       is 'Choices that knew too much, by the audit: a run with any is refused.';

create table analytics.betting_recommendations (
    run_id            text             not null references analytics.backtest_runs on delete cascade,
    nth               integer          not null check (nth >= 0),
    strategy          text             not null,
    game_id           bigint           not null,
    league            text             not null,
    market            text             not null,
    period            text             not null,
    side              text             not null,
    strength          double precision not null check (strength between 0 and 1),
    detected_at       timestamptz      not null,
    decided_at        timestamptz      not null,
    starts_at         timestamptz,
    verdict           text             not null check (verdict in ('bet', 'paper', 'repeated', 'part_of_game', 'began', 'no_price',
                                                                   'weak', 'broke')),
    reason            text             not null,
    placed_at         timestamptz      check (placed_at >= decided_at),
    bucket            text             check (bucket in ('0-2h', '2-6h', '6-24h', '24h+')),
    book              text,
    line              double precision check (line * 4 = trunc(line * 4)),
    american          integer          check (american >= 100 or american < -100),
    decimal           double precision check (decimal > 1),
    fair_probability  double precision check (fair_probability > 0 and fair_probability < 1),
    expected_value    double precision check (expected_value >= -1),
    stake             double precision check (stake >= 0),
    outcome           text             check (outcome in ('win', 'half_win', 'push', 'half_lose', 'lose', 'no_action')),
    units             double precision,
    profit_loss       double precision,
    bankroll          double precision,
    close_line        double precision,
    close_probability double precision check (close_probability > 0 and close_probability < 1),
    clv               double precision,
    settled_at        timestamptz      check (settled_at >= starts_at),
    primary key (run_id, nth),
    constraint placed_is_whole check ((placed_at is null) = (book is null) and (placed_at is null) = (american is null)
                                      and (placed_at is null) = (decimal is null) and (placed_at is null) = (stake is null)),
    constraint settled_is_whole check ((outcome is null) = (profit_loss is null) and (outcome is null) = (settled_at is null))
);
comment on table  analytics.betting_recommendations                   is 'Every signal a backtest saw, what was done about it and what came of it.';
comment on column analytics.betting_recommendations.nth               is 'Number within the run, in the order in which signals were seen.';
comment on column analytics.betting_recommendations.detected_at       is 'The signal''s market time.';
comment on column analytics.betting_recommendations.decided_at        is 'When it was known; nothing that became known later had a say.';
comment on column analytics.betting_recommendations.verdict           is 'bet, or why not; paper: graded, with no money on it.';
comment on column analytics.betting_recommendations.placed_at         is 'When it was bet: so much later as the run''s delay.';
comment on column analytics.betting_recommendations.bucket            is 'How long before the start it was bet.';
comment on column analytics.betting_recommendations.book              is 'Who had the best price that was known to be open then.';
comment on column analytics.betting_recommendations.fair_probability  is 'Median fair probability of the side at that line by the shops open then (multiplicative).';
comment on column analytics.betting_recommendations.units             is 'Profit on one unit, money on it or not.';
comment on column analytics.betting_recommendations.bankroll          is 'Money after it was settled.';
comment on column analytics.betting_recommendations.close_line        is 'Line most shops closed at.';
comment on column analytics.betting_recommendations.close_probability is 'Median fair probability at the close, at the line that was bet.';
comment on column analytics.betting_recommendations.settled_at        is 'When its result was known.';

create table analytics.confidence_scores (
    run_id     text             not null references analytics.backtest_runs on delete cascade,
    nth        integer          not null,
    strategy   text             not null,
    game_id    bigint           not null,
    market     text             not null,
    side       text             not null,
    decided_at timestamptz      not null,
    strength   double precision not null check (strength between 0 and 1),
    graded     integer          not null check (graded >= 0),
    hit_rate   double precision check (hit_rate between 0 and 1),
    hit_low    double precision check (hit_low between 0 and 1),
    hit_high   double precision check (hit_high between 0 and 1),
    roi        double precision,
    excess     double precision check (excess between -1 and 1),
    confidence double precision check (confidence between 0 and 1),
    primary key (run_id, nth)
);
comment on table  analytics.confidence_scores            is 'What was known of a preset when it chose, from those of its choices that were settled by then. Nothing settled, nothing known.';
comment on column analytics.confidence_scores.nth        is 'The choice, as in betting_recommendations.';
comment on column analytics.confidence_scores.decided_at is 'When it chose.';
comment on column analytics.confidence_scores.graded     is 'Choices settled by then.';
comment on column analytics.confidence_scores.hit_rate   is 'Won over won and lost.';
comment on column analytics.confidence_scores.hit_low    is 'Lower end of Wilson''s 95 % interval.';
comment on column analytics.confidence_scores.hit_high   is 'Upper end of it.';
comment on column analytics.confidence_scores.roi        is 'Their profit by unit.';
comment on column analytics.confidence_scores.excess     is 'What they won beyond their fair probability, on average.';
comment on column analytics.confidence_scores.confidence is 'Probability that their return is above nothing: Φ(√n · mean / standard deviation). Null below two, and where they do not vary.';

create table analytics.strategy_results (
    run_id        text             not null references analytics.backtest_runs on delete cascade,
    strategy      text             not null,
    league        text             not null,
    market        text             not null,
    bucket        text             not null check (bucket in ('all', '0-2h', '2-6h', '6-24h', '24h+')),
    bets          integer          not null check (bets > 0),
    wins          double precision not null check (wins >= 0),
    losses        double precision not null check (losses >= 0),
    pushes        integer          not null check (pushes >= 0),
    win_rate      double precision check (win_rate between 0 and 1),
    win_rate_low  double precision check (win_rate_low between 0 and 1),
    win_rate_high double precision check (win_rate_high between 0 and 1),
    staked        double precision not null check (staked > 0),
    profit_loss   double precision not null,
    roi           double precision,
    roi_low       double precision,
    roi_high      double precision,
    max_drawdown  double precision not null check (max_drawdown >= 0),
    sharpe        double precision,
    p_value       double precision check (p_value between 0 and 1),
    average_clv   double precision,
    primary key (run_id, league, market, bucket)
);
comment on table  analytics.strategy_results               is 'What a backtest''s bets made: together, by league and market, and by time before the start. Bets that ended.';
comment on column analytics.strategy_results.league        is 'League, or all.';
comment on column analytics.strategy_results.market        is 'Market, or all.';
comment on column analytics.strategy_results.bucket        is 'How long before the start they were made, or all.';
comment on column analytics.strategy_results.wins          is 'Number won; halves count half.';
comment on column analytics.strategy_results.losses        is 'Number lost; halves count half.';
comment on column analytics.strategy_results.win_rate_low  is 'Lower end of Wilson''s 95 % interval.';
comment on column analytics.strategy_results.win_rate_high is 'Upper end of it.';
comment on column analytics.strategy_results.roi_low       is 'Lower end of its 95 % interval, by a bootstrap over games.';
comment on column analytics.strategy_results.roi_high      is 'Upper end of it.';
comment on column analytics.strategy_results.p_value       is 'Chance of such a return and better where there is none to be had (normal approximation).';
comment on column analytics.strategy_results.average_clv   is 'Mean value against the close without margin.';

create table analytics.profitability (
    run_id      text             not null references analytics.backtest_runs on delete cascade,
    strategy    text             not null,
    league      text             not null,
    market      text             not null,
    day         date             not null,
    bets        integer          not null check (bets > 0),
    wins        double precision not null check (wins >= 0),
    losses      double precision not null check (losses >= 0),
    pushes      integer          not null check (pushes >= 0),
    staked      double precision not null check (staked > 0),
    profit_loss double precision not null,
    roi         double precision,
    average_clv double precision,
    primary key (run_id, league, market, day)
);
comment on table  analytics.profitability             is 'What a backtest''s bets made by slate.';
comment on column analytics.profitability.wins        is 'Number won; halves count half.';
comment on column analytics.profitability.losses      is 'Number lost; halves count half.';
comment on column analytics.profitability.average_clv is 'Mean value against the close without margin.';

create table analytics.roi_calculations (
    run_id      text             not null references analytics.backtest_runs on delete cascade,
    strategy    text             not null,
    dimension   text             not null check (dimension in ('all', 'market', 'league', 'book', 'strength', 'price', 'month',
                                                               'timing', 'side')),
    value       text             not null,
    bets        integer          not null check (bets > 0),
    staked      double precision not null check (staked > 0),
    profit_loss double precision not null,
    roi         double precision,
    roi_low     double precision,
    roi_high    double precision,
    average_ev  double precision,
    average_clv double precision,
    primary key (run_id, dimension, value)
);
comment on table  analytics.roi_calculations             is 'A backtest''s return by whatever its bets can be told apart by.';
comment on column analytics.roi_calculations.dimension   is 'What they are told apart by.';
comment on column analytics.roi_calculations.value       is 'Which of them; prices by favourite and underdog, strengths by thirds.';
comment on column analytics.roi_calculations.roi_low     is 'Lower end of its 95 % interval, by a bootstrap over games.';
comment on column analytics.roi_calculations.roi_high    is 'Upper end of it.';
comment on column analytics.roi_calculations.average_ev  is 'Mean expected value when they were made.';
comment on column analytics.roi_calculations.average_clv is 'Mean value against the close without margin.';

create table analytics.cross_market_analysis (
    run_id            text             not null references analytics.backtest_runs on delete cascade,
    strategy          text             not null,
    market            text             not null,
    other_market      text             not null check (other_market <> market),
    relation          text             not null check (relation in ('same', 'other', 'over', 'under')),
    pairs             integer          not null check (pairs > 0),
    both_won          integer          not null check (both_won >= 0),
    both_lost         integer          not null check (both_lost >= 0 and both_won + both_lost <= pairs),
    profit_loss       double precision not null,
    roi               double precision,
    other_profit_loss double precision not null,
    other_roi         double precision,
    primary key (run_id, market, other_market, relation)
);
comment on table  analytics.cross_market_analysis                   is 'How a backtest''s bets on two markets of one game went together.';
comment on column analytics.cross_market_analysis.market            is 'One market.';
comment on column analytics.cross_market_analysis.other_market      is 'The other.';
comment on column analytics.cross_market_analysis.relation          is 'same team or the other one; of a team and a total, over or under.';
comment on column analytics.cross_market_analysis.pairs             is 'Pairs of bets.';
comment on column analytics.cross_market_analysis.both_won          is 'Pairs that both made money.';
comment on column analytics.cross_market_analysis.both_lost         is 'Pairs that both lost it.';
comment on column analytics.cross_market_analysis.profit_loss       is 'Won less lost of the first market''s bets.';
comment on column analytics.cross_market_analysis.other_profit_loss is 'Of the other''s.';
comment on column analytics.cross_market_analysis.other_roi         is 'Profit or loss of those for a stake of one.';

create table analytics.performance_metrics (
    run_id         text             primary key references analytics.backtest_runs on delete cascade,
    strategy       text             not null,
    bets           integer          not null check (bets >= 0),
    wins           double precision not null check (wins >= 0),
    losses         double precision not null check (losses >= 0),
    pushes         integer          not null check (pushes >= 0),
    staked         double precision not null check (staked >= 0),
    profit_loss    double precision not null,
    bankroll_start double precision not null check (bankroll_start > 0),
    bankroll_end   double precision not null,
    roi            double precision,
    roi_low        double precision,
    roi_high       double precision,
    win_rate       double precision check (win_rate between 0 and 1),
    win_rate_low   double precision check (win_rate_low between 0 and 1),
    win_rate_high  double precision check (win_rate_high between 0 and 1),
    average_win    double precision check (average_win >= 0),
    average_loss   double precision check (average_loss >= 0),
    profit_factor  double precision check (profit_factor >= 0),
    max_drawdown   double precision not null check (max_drawdown >= 0),
    sharpe         double precision,
    p_value        double precision check (p_value between 0 and 1),
    win_streak     integer          not null check (win_streak >= 0),
    lose_streak    integer          not null check (lose_streak >= 0),
    average_ev     double precision,
    average_clv    double precision,
    beat_close     double precision check (beat_close between 0 and 1)
);
comment on table  analytics.performance_metrics                is 'How a backtest went as a whole. Bets that ended.';
comment on column analytics.performance_metrics.wins           is 'Number won; halves count half.';
comment on column analytics.performance_metrics.losses         is 'Number lost; halves count half.';
comment on column analytics.performance_metrics.bankroll_start is 'Money at the start.';
comment on column analytics.performance_metrics.bankroll_end   is 'Money at the end.';
comment on column analytics.performance_metrics.roi_low        is 'Lower end of its 95 % interval, by a bootstrap over games.';
comment on column analytics.performance_metrics.roi_high       is 'Upper end of it.';
comment on column analytics.performance_metrics.win_rate_low   is 'Lower end of Wilson''s 95 % interval.';
comment on column analytics.performance_metrics.win_rate_high  is 'Upper end of it.';
comment on column analytics.performance_metrics.average_win    is 'Mean profit of those that won.';
comment on column analytics.performance_metrics.average_loss   is 'Mean loss of those that lost.';
comment on column analytics.performance_metrics.profit_factor  is 'All won over all lost.';
comment on column analytics.performance_metrics.p_value        is 'Chance of such a return and better where there is none to be had (normal approximation).';
comment on column analytics.performance_metrics.win_streak     is 'Most wins in a row.';
comment on column analytics.performance_metrics.lose_streak    is 'Most losses in a row.';
comment on column analytics.performance_metrics.average_ev     is 'Mean expected value when they were made.';
comment on column analytics.performance_metrics.average_clv    is 'Mean value against the close without margin.';
comment on column analytics.performance_metrics.beat_close     is 'Share that beat the close.';

insert into operational.table_registry (name, kind, home, filled_by)
select 'analytics.' || name, 'table', 'analytics.' || name, 'linetape signals backtest'
from unnest(array['backtest_runs', 'betting_recommendations', 'confidence_scores', 'strategy_results', 'profitability',
                  'roi_calculations', 'cross_market_analysis', 'performance_metrics']) as name;

-- Earlier names of what is there now.
update operational.table_registry r set home = n.home, definition = n.definition
from (values
('analytics.timing_analysis_results', 'analytics.strategy_results', $$select s.*, r.created_at as run_at, s.bets >= 20 as sample_size_adequate from analytics.strategy_results s join analytics.backtest_runs r using (run_id) where s.bucket <> 'all'$$),
('analytics.current_timing_performance', 'analytics.strategy_results', $$select s.*, r.created_at as run_at, s.bets >= 20 as sample_size_adequate from analytics.strategy_results s join analytics.backtest_runs r using (run_id) where s.bucket <> 'all'$$),
('analytics.timing_bucket_performance', 'analytics.strategy_results', $$select s.*, r.created_at as run_at, s.bets >= 20 as sample_size_adequate from analytics.strategy_results s join analytics.backtest_runs r using (run_id) where s.bucket <> 'all'$$),
('timing_analysis.timing_bucket_performance', 'analytics.strategy_results', $$select s.*, r.created_at as run_at, s.bets >= 20 as sample_size_adequate from analytics.strategy_results s join analytics.backtest_runs r using (run_id) where s.bucket <> 'all'$$),
('analytics.dynamic_thresholds', 'analytics.backtest_runs', 'select strategy, created_at as run_at, league, parameters from analytics.backtest_runs'),
('tracking.active_strategies', 'analytics.strategy_results', $$select s.*, r.created_at as run_at from analytics.strategy_results s join analytics.backtest_runs r using (run_id) where s.bucket = 'all' and s.bets >= 5 and r.created_at > now() - interval '90 days'$$),
('operational.active_strategies', 'analytics.strategy_results', $$select s.*, r.created_at as run_at, case when s.win_rate > 0.65 then 'A' when s.win_rate > 0.58 then 'B' when s.win_rate > 0.52 then 'C' else 'D' end as grade from analytics.strategy_results s join analytics.backtest_runs r using (run_id) where s.bucket = 'all' and s.bets >= 5 and r.created_at > now() - interval '90 days'$$),
('operational.backtesting_configurations', 'analytics.backtest_runs', 'select distinct strategy, league, parameters from analytics.backtest_runs'),
-- Of several runs of a strategy the newest speaks.
('operational.betting_performance_summary', 'analytics.profitability', $$select p.strategy, p.league, p.market, sum(p.bets) as bets, sum(p.wins) as wins, sum(p.losses) as losses, sum(p.pushes) as pushes, sum(p.staked) as staked, sum(p.profit_loss) as profit_loss, sum(p.profit_loss) / nullif(sum(p.staked), 0) as roi from analytics.profitability p where p.day > current_date - 30 and p.run_id = (select r.run_id from analytics.backtest_runs r where r.strategy = p.strategy order by r.created_at desc, r.run_id limit 1) group by p.strategy, p.league, p.market$$),
('clean.betting_recommendations', 'analytics.betting_recommendations', 'select * from analytics.betting_recommendations')
) as n (name, home, definition)
where r.name = n.name;

insert into operational.glossary (name, meaning) values
    ('run_at', 'When the run was made.'),
    ('roi_low', 'Lower end of the return''s 95 % interval.'),
    ('roi_high', 'Upper end of the return''s 95 % interval.'),
    ('win_rate_low', 'Lower end of Wilson''s 95 % interval.'),
    ('win_rate_high', 'Upper end of Wilson''s 95 % interval.'),
    ('sample_size_adequate', 'Whether there are twenty bets at least.')
on conflict do nothing;
select operational.describe_columns(c.oid::regclass)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'analytics' and c.relkind = 'r' and not c.relispartition;
