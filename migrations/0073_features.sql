-- Feature vectors get their writer, and lead and lag of shops with them: both are made anew from the stored rows by the
-- curated zone.

alter table analytics.feature_vectors
    drop column payload_hash,
    add column before_start  integer not null check (before_start >= 0),
    add column reconstructed boolean not null;
comment on table  analytics.feature_vectors               is 'What a model is told of a game as known at set times before its start. Written by `linetape pipeline run --zone curated`; docs/features.md has unit, range and source of each.';
comment on column analytics.feature_vectors.at            is 'The moment: nothing that became known later is in it.';
comment on column analytics.feature_vectors.feature_set   is 'Name and version of the set: market/1.';
comment on column analytics.feature_vectors.names         is 'Names of the features: moneyline.movement.';
comment on column analytics.feature_vectors.values        is 'Their values in the order of names; null where a number cannot be had, never a constant in its place.';
comment on column analytics.feature_vectors.before_start  is 'Minutes before the start.';
comment on column analytics.feature_vectors.reconstructed is 'Whether ticks that were fetched after the fact are in it, as of their market time.';

comment on table  analytics.lead_lag           is 'Of waves of a game''s market (moves one way of two shops and more within two minutes): who moved first, how often another followed, and how long it took. Written by `linetape pipeline run --zone curated`.';
comment on column analytics.lead_lag.day       is 'The game''s slate.';
comment on column analytics.lead_lag.leader    is 'The shop that moved first, alone or with others.';
comment on column analytics.lead_lag.follower  is 'The other shop.';
comment on column analytics.lead_lag.moves     is 'Waves that the leader led.';
comment on column analytics.lead_lag.followed  is 'Those in which the follower moved too.';
comment on column analytics.lead_lag.median_ms is 'Median of how much later it did, milliseconds.';
comment on column analytics.lead_lag.p90_ms    is '90th percentile of it.';

comment on table  analytics.consensus             is 'What the shops that were open together said at the moments of a game''s feature vectors. Written by `linetape pipeline run --zone curated`.';
comment on column analytics.consensus.at          is 'The moment: nothing that became known later is in it.';
comment on column analytics.consensus.line        is 'The line most of them had, with the sign of the side.';
comment on column analytics.consensus.probability is 'Median of their fair probabilities at that line (multiplicative).';
comment on column analytics.consensus.spread      is 'Standard deviation (n) of those; null below two shops.';
comment on column analytics.consensus.books       is 'Shops in it.';

update operational.table_registry set reserved = false, filled_by = 'linetape pipeline run --zone curated'
where name in ('analytics.feature_vectors', 'analytics.lead_lag', 'analytics.consensus') and kind = 'table';

insert into operational.glossary (name, meaning) values
    ('before_start', 'Minutes before the start.')
on conflict do nothing;
