-- Recommendations before a game: what the record of a signal's preset says of it, in words, and what came of it.

delete from operational.table_registry
where name in ('operational.pre_game_recommendations', 'operational.recommendation_tracking');

create table operational.pre_game_recommendations (
    game_id        bigint           not null,
    detected_at    timestamptz      not null check (isfinite(detected_at)),
    kind           text             not null,
    market         text             not null,
    period         text             not null,
    side           text             not null,
    preset         text             not null,
    revision       integer          not null,
    league         text             not null references core_betting.leagues,
    action         text             not null check (action in ('bet', 'pass')),
    reason         text             not null,
    graded         integer          not null check (graded >= 0),
    hit_rate       double precision check (hit_rate between 0 and 1),
    hit_low        double precision check (hit_low between 0 and 1),
    hit_high       double precision check (hit_high between 0 and 1),
    roi            double precision,
    average_clv    double precision,
    confidence     double precision check (confidence between 0 and 1),
    book           text,
    line           numeric(6, 2)    check (line * 4 = trunc(line * 4)),
    american       integer          check (american >= 100 or american < -100),
    decimal        numeric(12, 4)   check (decimal > 1),
    expected_value double precision check (expected_value >= -1),
    starts_at      timestamptz      not null check (isfinite(starts_at)),
    made_at        timestamptz      not null check (made_at < starts_at),
    primary key (game_id, detected_at, kind, market, period, side, preset, revision),
    constraint no_bet_without_record check (action = 'pass' or graded > 0 and american is not null)
);
comment on table  operational.pre_game_recommendations                is 'What the record of a signal''s preset said of it when it was seen, before the game. No record, no recommendation. Written by engine::signals.';
comment on column operational.pre_game_recommendations.detected_at    is 'The signal''s market time; with kind, market, period, side, preset and revision it is the key in analytics.signals.';
comment on column operational.pre_game_recommendations.revision       is 'The signal''s revision.';
comment on column operational.pre_game_recommendations.action         is 'bet, or pass.';
comment on column operational.pre_game_recommendations.graded         is 'Signals of the preset in this league and market that were graded by then, with a price.';
comment on column operational.pre_game_recommendations.hit_rate       is 'Won over won and lost.';
comment on column operational.pre_game_recommendations.hit_low        is 'Lower end of Wilson''s 95 % interval.';
comment on column operational.pre_game_recommendations.hit_high       is 'Upper end of it.';
comment on column operational.pre_game_recommendations.average_clv    is 'Their mean value against the close without margin.';
comment on column operational.pre_game_recommendations.confidence     is 'Probability that their return is above nothing: Φ(√n · mean / standard deviation).';
comment on column operational.pre_game_recommendations.book           is 'Who had the best price when the signal was seen.';
comment on column operational.pre_game_recommendations.made_at        is 'When it was made, by the engine''s clock.';

create table operational.recommendation_tracking (
    game_id           bigint           not null,
    detected_at       timestamptz      not null check (isfinite(detected_at)),
    kind              text             not null,
    market            text             not null,
    period            text             not null,
    side              text             not null,
    preset            text             not null,
    revision          integer          not null,
    action            text             not null check (action in ('bet', 'pass')),
    status            text             not null check (status in ('graded', 'withdrawn')),
    outcome           text             check (outcome in ('win', 'half_win', 'push', 'half_lose', 'lose', 'no_action')),
    units             double precision,
    close_probability double precision check (close_probability > 0 and close_probability < 1),
    clv               double precision,
    tracked_at        timestamptz      not null default now(),
    primary key (game_id, detected_at, kind, market, period, side, preset, revision),
    constraint graded_has_an_outcome check ((status = 'graded') = (outcome is not null))
);
comment on table  operational.recommendation_tracking                   is 'What came of each recommendation, passes included: what was passed is the measure of what was not. Written by the job grade_signals.';
comment on column operational.recommendation_tracking.detected_at       is 'The recommendation''s key, which is the signal''s.';
comment on column operational.recommendation_tracking.revision          is 'The signal''s revision.';
comment on column operational.recommendation_tracking.action            is 'What was recommended.';
comment on column operational.recommendation_tracking.status            is 'graded, or withdrawn: rows that came late took the signal back.';
comment on column operational.recommendation_tracking.units             is 'Profit on one unit.';
comment on column operational.recommendation_tracking.close_probability is 'Median fair probability of the side at the close, at the line of the recommendation.';
comment on column operational.recommendation_tracking.tracked_at        is 'When it was last looked at.';

create function operational.update_recommendation_outcomes() returns bigint
language sql security invoker set search_path = pg_catalog as $$
    with done as (
        insert into operational.recommendation_tracking as t (game_id, detected_at, kind, market, period, side, preset,
            revision, action, status, outcome, units, close_probability, clv)
        select p.game_id, p.detected_at, p.kind, p.market, p.period, p.side, p.preset, p.revision, p.action,
               case when g.outcome is null then 'withdrawn' else 'graded' end,
               g.outcome, g.profit_loss, g.close_probability, g.clv
        from operational.pre_game_recommendations p
        left join analytics.signals s using (game_id, detected_at, kind, market, period, side, preset, revision)
        left join analytics.signal_grades g using (game_id, detected_at, kind, market, period, side, preset, revision)
        where g.outcome is not null or s.superseded or s.game_id is null
        on conflict (game_id, detected_at, kind, market, period, side, preset, revision) do update set
            status = excluded.status, outcome = excluded.outcome, units = excluded.units,
            close_probability = excluded.close_probability, clv = excluded.clv, tracked_at = now()
        where (t.status, t.outcome, t.units, t.close_probability, t.clv)
              is distinct from (excluded.status, excluded.outcome, excluded.units, excluded.close_probability, excluded.clv)
        returning 1)
    select count(*) from done
$$;
comment on function operational.update_recommendation_outcomes is 'Writes down what came of recommendations whose signals were graded or taken back; returns how many are new or changed.';

insert into operational.table_registry (name, kind, home, filled_by) values
    ('operational.pre_game_recommendations', 'table', 'operational.pre_game_recommendations', 'engine::signals, beside the drain'),
    ('operational.recommendation_tracking', 'table', 'operational.recommendation_tracking', 'the job grade_signals');

update operational.table_registry r set home = n.home, definition = n.definition
from (values
('tracking.pre_game_recommendations', 'operational.pre_game_recommendations', 'select * from operational.pre_game_recommendations'),
('analytics.timing_recommendations_cache', 'operational.pre_game_recommendations', $$select * from operational.pre_game_recommendations where action = 'bet'$$),
('analytics.recommendation_history', 'operational.pre_game_recommendations', 'select p.*, t.status, t.outcome, t.units, t.close_probability, t.clv, t.tracked_at from operational.pre_game_recommendations p left join operational.recommendation_tracking t using (game_id, detected_at, kind, market, period, side, preset, revision)')
) as n (name, home, definition)
where r.name = n.name;

insert into operational.glossary (name, meaning) values
    ('action', 'bet, or pass.'),
    ('average_clv', 'Mean value against the close without margin.'),
    ('close_probability', 'Fair probability at the close.'),
    ('graded', 'Number graded.'),
    ('hit_high', 'Upper end of Wilson''s 95 % interval of the hit rate.'),
    ('hit_low', 'Lower end of Wilson''s 95 % interval of the hit rate.'),
    ('hit_rate', 'Won over won and lost.'),
    ('kind', 'What it says: steam, rlm …'),
    ('made_at', 'When it was made.'),
    ('revision', 'The signal''s revision.'),
    ('tracked_at', 'When it was last looked at.'),
    ('units', 'Profit on one unit.')
on conflict do nothing;
select operational.describe_columns('operational.pre_game_recommendations'::regclass);
select operational.describe_columns('operational.recommendation_tracking'::regclass);
