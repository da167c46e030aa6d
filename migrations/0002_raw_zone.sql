-- Raw zone. Written by the drain, before anything reads the bytes.

-- Bodies, stored once by hash. Partitioned by time so that old bytes can be detached. A unique key on a partitioned
-- table must hold the partition column, so the writer looks the hash up before it inserts; two writers racing would
-- at worst store the same bytes twice.
create table raw_data.payloads (
    payload_hash   bytea        not null check (octet_length(payload_hash) = 32),
    observed_at    timestamptz  not null check (isfinite(observed_at)),
    stored_at      timestamptz  not null default now(),
    encoding       text         not null default 'zstd' check (encoding in ('zstd', 'identity')),
    original_bytes integer      not null check (original_bytes >= 0),
    body           bytea        not null,
    primary key (payload_hash, observed_at)
) partition by range (observed_at);

-- Already compressed: asking Postgres to try again only costs time.
alter table raw_data.payloads alter column body set storage external;

comment on table  raw_data.payloads              is 'Response bodies byte for byte (zstd), once by BLAKE3 hash. Written by the drain.';
comment on column raw_data.payloads.payload_hash is 'BLAKE3 of the body before compression.';
comment on column raw_data.payloads.observed_at  is 'When the first fetch that brought these bytes was received.';

-- Every fetch, good or bad, also when it brought bytes already known.
create table raw_data.collection_log (
    fetch_id       uuid         primary key,
    stream         text         not null,
    source         text         not null,
    request        text         not null,
    league         text,
    source_game_id text,
    status         smallint     not null,
    observed_at    timestamptz  not null check (isfinite(observed_at)),
    stored_at      timestamptz  not null default now(),
    elapsed_ms     integer      not null check (elapsed_ms >= 0),
    body_bytes     integer      not null check (body_bytes >= 0),
    payload_hash   bytea        check (octet_length(payload_hash) = 32),
    error          text,
    reconstructed  boolean      not null default false,
    demo           boolean      not null,
    -- What staging made of it.
    staged         text         not null default 'pending'
                   check (staged in ('pending', 'staged', 'duplicate', 'refused', 'failed')),
    games          integer      not null default 0,
    quotes         integer      not null default 0,
    changes        integer      not null default 0,
    rejects        integer      not null default 0,
    min_at         timestamptz,
    max_at         timestamptz
);

create index collection_log_payload on raw_data.collection_log (payload_hash, observed_at);
create index collection_log_stream  on raw_data.collection_log (stream, max_at);
create index collection_log_game    on raw_data.collection_log (source_game_id, stream) where source_game_id is not null;
create index collection_log_time    on raw_data.collection_log using brin (observed_at);

comment on table  raw_data.collection_log          is 'Every fetch: who was asked, when, what came back and what staging made of it. Written by the drain.';
comment on column raw_data.collection_log.request  is 'The URL without any key, or the name of an ingested file.';
comment on column raw_data.collection_log.staged   is 'duplicate: the same bytes of the same instant were staged before; refused: not a response; failed: the fetch brought no body.';
comment on column raw_data.collection_log.min_at   is 'Earliest market time of a quote in the payload: which payloads a late point may touch.';
comment on column raw_data.collection_log.demo     is 'Made by the built-in market, not by a real feed.';

-- How each source does, one row a source, rewritten as it changes.
create table raw_data.source_health (
    source           text         primary key,
    health           text         not null check (health in ('unknown', 'healthy', 'degraded', 'down', 'off')),
    last_success     timestamptz,
    next_at          timestamptz,
    every_s          integer      not null,
    fetched          bigint       not null,
    failed           bigint       not null,
    changes          bigint       not null,
    rejects          bigint       not null,
    last_ms          integer,
    quota_remaining  bigint,
    quota_used       bigint,
    reason           text,
    updated_at       timestamptz  not null default now()
);

comment on table raw_data.source_health is 'How each source does in the current or latest run. Written by the engine every few seconds and at shutdown.';
