-- How each feed does, and whether its format drifts.

alter table raw_data.source_health
    add column breaker           text not null default 'closed' check (breaker in ('closed', 'open', 'half_open')),
    add column confidence        double precision check (confidence between 0 and 1),
    add column pattern           text,
    add column failures_in_a_row integer not null default 0,
    add column success_rate      double precision check (success_rate between 0 and 1),
    add column p50_ms            integer,
    add column p95_ms            integer,
    add column assessed_at       timestamptz,
    add column drift             text;

comment on column raw_data.source_health.breaker           is 'closed: asked at its cadence; open: three failures in a row, and asked less and less; half_open: one question is under way that decides.';
comment on column raw_data.source_health.confidence        is '0 to 1, as raw_data.source_health_at(assessed_at) tells it; null before the first look.';
comment on column raw_data.source_health.pattern           is 'The most telling of what goes wrong again and again; null when nothing does.';
comment on column raw_data.source_health.failures_in_a_row is 'Looks without an answer since the last answer.';
comment on column raw_data.source_health.success_rate      is 'Share of the counted looks that brought an answer.';
comment on column raw_data.source_health.p50_ms            is 'Median time of an answer.';
comment on column raw_data.source_health.p95_ms            is '95th percentile of the time of an answer.';
comment on column raw_data.source_health.assessed_at       is 'The moment that confidence, pattern and percentiles are of.';
comment on column raw_data.source_health.drift             is 'What changed last in the format, as a sentence; null while nothing did. raw_data.schema_drift lists it all.';

create index collection_log_source on raw_data.collection_log (source, observed_at desc);

-- What a look came to. A failure's kind is told by its status, and without one by linetape's own sentence.
create function raw_data.look_outcome(status smallint, error text, staged text) returns text
language sql immutable set search_path = pg_catalog as $$
    select case when error is null and staged = 'refused' then 'unreadable'
                when error is null then 'answered'
                when status in (401, 403) then 'refused'
                when status = 429 then 'rate_limited'
                when status > 0 then 'bad_status'
                when strpos(error, ' did not answer within ') > 0 then 'timed_out'
                when strpos(error, ' cannot be reached (') > 0 then 'unreachable'
                else 'broken' end
$$;
comment on function raw_data.look_outcome is 'answered, unreadable, timed_out, rate_limited, refused, bad_status, unreachable or broken: what a row of collection_log came to.';

-- The twin of linetape's own assessment (analytics::health), which keeps its window in memory.
create function raw_data.source_health_at(moment timestamptz)
returns table (source text, looks bigint, answered bigint, failures_in_a_row bigint, last_success timestamptz,
               p50_ms integer, p95_ms integer, usual_rows double precision, latest_rows double precision,
               patterns text[], confidence double precision)
language sql stable set search_path = pg_catalog as $$
    with asked as (
        select h.source, h.every_s * interval '1 second' as every from raw_data.source_health h
    ), look as (
        -- The latest 200 of a day. Backfills and ingested files tell nothing of how a feed does.
        select a.source, a.every, l.observed_at, l.request, raw_data.look_outcome(l.status, l.error, l.staged) as outcome,
               l.games + l.quotes as rows, l.rejects, l.elapsed_ms,
               row_number() over (partition by a.source order by l.observed_at desc, l.fetch_id desc) as back
        from asked a
        cross join lateral (
            select * from raw_data.collection_log c
            where c.source = a.source and c.observed_at <= moment and c.observed_at > moment - interval '24 hours'
              and not c.reconstructed and c.request like 'http%' and c.staged <> 'pending'
            order by c.observed_at desc, c.fetch_id desc limit 200) l
    ), answer as (
        select l.*, row_number() over (partition by l.source, l.request order by back desc) as n,
               row_number() over (partition by l.source, l.request order by back) as back_of_request
        from look l where l.outcome = 'answered'
    ), question as (
        select a.source, a.request,
               sum(a.rows) filter (where a.back_of_request = 1)::float8 as latest,
               avg(a.rows) filter (where a.back_of_request > 1)::float8 as mean,
               count(*) > 3 as is_usual,
               count(*) - coalesce(max(a.n) filter (where a.rows > 0), 0) as empty,
               coalesce(max(a.n) filter (where a.rows > 0), 0) as earlier,
               count(*) filter (where a.rows > 0) as filled
        from answer a group by a.source, a.request
    ), volume as (
        select q.source, sum(q.latest) filter (where q.is_usual) as latest, sum(q.mean) filter (where q.is_usual) as mean,
               bool_or(q.empty >= 2 and q.filled >= 3 and q.filled * 5 >= q.earlier * 4) as dried_up
        from question q group by q.source
    ), total as (
        select l.source, l.every, count(*) as looks, count(*) filter (where l.outcome = 'answered') as answered,
               coalesce(min(l.back) filter (where l.outcome = 'answered') - 1, count(*)) as failures,
               max(l.observed_at) filter (where l.outcome = 'answered') as last_success,
               max(l.observed_at) as last_look,
               (percentile_disc(0.5)  within group (order by l.elapsed_ms) filter (where l.outcome = 'answered')) as p50,
               (percentile_disc(0.95) within group (order by l.elapsed_ms) filter (where l.outcome = 'answered')) as p95,
               bool_or(l.back = 1 and l.outcome = 'unreadable') as is_unreadable,
               bool_or(l.back = 1 and l.outcome = 'refused') as is_refused
        from look l group by l.source, l.every
    ), repeated as (
        select l.source, l.outcome, count(*) as times from look l
        where l.back <= 20 and l.outcome <> 'answered' group by l.source, l.outcome
    ), pattern as (
        select v.source, 1 as place, 'schema_change' as name from volume v where v.dried_up
        union all
        select r.source, array_position(array['refused', 'rate_limited', 'timed_out', 'unreachable', 'bad_status', 'broken',
                   'unreadable'], r.outcome) + 1,
               case r.outcome when 'timed_out' then 'timeout' when 'bad_status' then 'server_errors' else r.outcome end
        from repeated r join total t using (source) where r.times >= 3 or (r.outcome = 'refused' and t.is_refused)
        union all
        select t.source, 9, 'gap' from total t where moment - t.last_look > greatest(4 * t.every, interval '1 hour')
    ), named as (
        select p.source, array_agg(p.name order by p.place) as names from pattern p group by p.source
    ), warned as (
        select distinct on (a.source) a.source, a.rejects * 20::bigint > a.rows + a.rejects as is_warned
        from answer a order by a.source, a.back
    )
    select t.source, t.looks, t.answered, t.failures, t.last_success, t.p50, t.p95, v.mean, v.latest,
           coalesce(n.names, '{}'),
           greatest(0, least(1,
               (1 - 0.3 * t.failures - 0.15 * coalesce(cardinality(n.names), 0)
                  - case when w.is_warned then 0.1 else 0 end - case when t.is_unreadable then 0.2 else 0 end
                  - case when v.latest is null then 0 when v.latest = 0 and v.mean > 0 then 0.4
                         when v.latest < 0.7 * v.mean then 0.2 when v.latest > 1.5 * v.mean then 0.1 else 0 end)::float8
               * coalesce(greatest(0, least(1, 1 -
                     (extract(epoch from moment - t.last_success) - extract(epoch from greatest(3 * t.every, interval '1 minute')))::float8
                     / extract(epoch from greatest(12 * t.every, interval '4 hours') - greatest(3 * t.every, interval '1 minute'))::float8)), 0)))
    from total t left join volume v using (source) left join named n using (source) left join warned w using (source)
$$;
comment on function raw_data.source_health_at is 'How each source did at a moment, by what collection_log holds of the day before it: failures in a row, median and 95th percentile of the time of an answer, rows now and usual, patterns, and the confidence. The formula is in linetape''s `analytics::health`: (1 - 0.3 a failure in a row - 0.1 if over 5 % was not understood - 0.15 a pattern - 0.2 if the last body was no answer - 0.4 without rows, 0.2 below 0.7, 0.1 above 1.5 of the usual) times freshness (1 up to 3 cadences, 0 from 4 hours or 12 cadences on).';

-- What a feed's JSON usually looks like: one row a stream and league.
create table raw_data.schema_baselines (
    stream       text        not null,
    league       text        not null,
    observations bigint      not null check (observations > 0),
    paths        jsonb       not null,
    first_at     timestamptz not null check (isfinite(first_at)),
    last_at      timestamptz not null check (isfinite(last_at)),
    payload_hash bytea       not null check (octet_length(payload_hash) = 32),
    primary key (stream, league)
);
comment on table  raw_data.schema_baselines              is 'The fields of each feed''s JSON as seen so far: names and types, never values. Written beside the drain, from one payload in ten minutes.';
comment on column raw_data.schema_baselines.stream       is 'Feed and endpoint.';
comment on column raw_data.schema_baselines.league       is 'The league asked for; empty where the question names none.';
comment on column raw_data.schema_baselines.observations is 'Payloads looked at.';
comment on column raw_data.schema_baselines.paths        is 'A tree: the types of a place (t, the sum of 1 null, 2 boolean, 4 number, 8 text, 16 list, 32 map), in how many payloads it was (s), how often (n) and how often as a map (m), since when (a), and its fields (k). Items of lists are [], and fields that are data, such as ids, are * (d: all of them).';
comment on column raw_data.schema_baselines.first_at     is 'When the first payload was observed.';
comment on column raw_data.schema_baselines.last_at      is 'When the latest payload was observed.';
comment on column raw_data.schema_baselines.payload_hash is 'The latest payload looked at; its bytes are in raw_data.payloads.';

create table raw_data.schema_drift (
    stream       text        not null,
    league       text        not null,
    path         text        not null,
    change       text        not null check (change in ('new', 'missing', 'type')),
    detail       text        not null,
    observed_at  timestamptz not null check (isfinite(observed_at)),
    payload_hash bytea       not null check (octet_length(payload_hash) = 32),
    ended_at     timestamptz,
    primary key (stream, league, path, change)
);
create index schema_drift_time on raw_data.schema_drift (observed_at);
comment on table  raw_data.schema_drift              is 'Fields that appeared in a feed''s JSON, went missing from it or changed their type, each once. Written beside the drain.';
comment on column raw_data.schema_drift.stream       is 'Feed and endpoint.';
comment on column raw_data.schema_drift.league       is 'The league asked for; empty where the question names none.';
comment on column raw_data.schema_drift.path         is 'Where: games[].teams[].name. Cleaned.';
comment on column raw_data.schema_drift.change       is 'new, missing or type.';
comment on column raw_data.schema_drift.detail       is 'The types found, or those that it had.';
comment on column raw_data.schema_drift.observed_at  is 'When the payload that showed it was observed.';
comment on column raw_data.schema_drift.payload_hash is 'That payload; its bytes are in raw_data.payloads.';
comment on column raw_data.schema_drift.ended_at     is 'When a missing field was there again.';

insert into operational.table_registry (name, kind, home, filled_by)
values ('raw_data.schema_baselines', 'table', 'raw_data.schema_baselines', 'beside the drain, one payload in ten minutes'),
       ('raw_data.schema_drift',     'table', 'raw_data.schema_drift',     'beside the drain, when a feed changes its format');
