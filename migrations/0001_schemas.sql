-- Four schemas, one a zone, and one for the program's own records.
-- Every zone can be dropped and rebuilt from the one before it.

create schema if not exists raw_data;
comment on schema raw_data is 'Raw zone: responses byte for byte, and the log of every fetch.';

create schema if not exists core_betting;
comment on schema core_betting is 'Staging zone: games, books and every change of line, price or status.';

create schema if not exists analytics;
comment on schema analytics is 'Curated zone: what is derived from staging.';

create schema if not exists operational;
comment on schema operational is 'How linetape itself is doing: extraction, persistence, cache, backfills.';
