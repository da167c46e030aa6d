-- How linetape itself is doing.

-- Which writer wrote last: a writer that finds another's name drops its memory of current prices and reads them anew.
-- Updating the one row also makes writers take turns.
create table operational.writer_head (
    one       boolean     primary key default true check (one),
    writer    uuid        not null,
    batches   bigint      not null default 0,
    written_at timestamptz not null default now()
);
insert into operational.writer_head (writer) values ('00000000-0000-0000-0000-000000000000');
comment on table operational.writer_head is 'The last writer of staging. One row; its lock makes writers take turns.';

create table operational.extraction_log (
    game_id               bigint      not null,
    stream                text        not null,
    last_extracted_at     timestamptz not null,
    watermark             timestamptz,
    total_extractions     bigint      not null default 0,
    total_lines_extracted bigint      not null default 0,
    last_lines_extracted  integer     not null default 0,
    extraction_status     text        not null check (extraction_status in ('success', 'partial', 'failed')),
    error_message         text,
    created_at            timestamptz not null default now(),
    updated_at            timestamptz not null default now(),
    primary key (game_id, stream)
);
create index extraction_log_recent on operational.extraction_log (last_extracted_at desc);
comment on table  operational.extraction_log           is 'Per game and stream: when it was last extracted, how much came of it. Written by the drain.';
comment on column operational.extraction_log.watermark is 'Newest market time extracted.';

-- What was not understood, kept with its reason. The payload has the bytes.
create table operational.validation_results (
    payload_hash bytea       not null,
    observed_at  timestamptz not null,
    ordinal      integer     not null,
    stream       text        not null,
    kind         text        not null check (kind in ('reject', 'refused', 'conflict', 'quarantine')),
    path         text        not null,
    reason       text        not null,
    value        text        not null,
    created_at   timestamptz not null default now(),
    primary key (payload_hash, observed_at, kind, ordinal)
);
comment on table  operational.validation_results      is 'Everything in a payload that did not become a row, with path and reason. Written by the drain.';
comment on column operational.validation_results.kind is 'reject: not understood; refused: the body is no response; conflict: same series and time, other value; quarantine: the database refused it.';

create table operational.persistence_metrics (
    at              timestamptz primary key,
    payloads        bigint      not null,
    changes         bigint      not null,
    observations    bigint      not null,
    rejects         bigint      not null,
    spool_depth     bigint      not null,
    spool_bytes     bigint      not null,
    batch_p95_ms    real,
    errors          bigint      not null
);
comment on table operational.persistence_metrics is 'The numbers of the persistence panel, every few seconds of real time while they change.';

create table operational.cache_metrics (
    at           timestamptz not null,
    family       text        not null,
    memory_hits  bigint      not null,
    redis_hits   bigint      not null,
    misses       bigint      not null,
    primary key (at, family)
);
comment on table operational.cache_metrics is 'The numbers of the cache panel by key family, every few seconds of real time while they change.';

create table operational.backfill_progress (
    source        text        not null,
    league        text        not null,
    day           date        not null,
    state         text        not null check (state in ('running', 'complete')),
    games         integer     not null default 0,
    payloads      integer     not null default 0,
    started_at    timestamptz not null default now(),
    completed_at  timestamptz,
    primary key (source, league, day)
);
comment on table operational.backfill_progress is 'Days of history fetched. A day is complete only when its data is committed.';
