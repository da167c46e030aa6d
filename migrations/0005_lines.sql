-- Lines: the append-only history, and one row a series that holds what is true now and what happened so far.
-- Written by the drain; partitions are made ahead by core_betting.ensure_partitions().

-- The natural key of a series is nine columns; hashing them keeps one narrow index on the largest table. The columns
-- stay beside it, and the hash is generated, so that it cannot disagree with them.
create function core_betting.series_id(
    game_id bigint, stream text, source_book_id text, market text, period text,
    participant text, side text, phase text, line_slot text
) returns bigint
language sql immutable strict parallel safe
return hashtextextended(
    game_id::text || chr(31) || stream || chr(31) || source_book_id || chr(31) || market || chr(31) || period
    || chr(31) || participant || chr(31) || side || chr(31) || phase || chr(31) || line_slot, 0);

comment on function core_betting.series_id is 'Id of a price series: a hash of the columns that must agree for two prices to be one line''s history.';

create table core_betting.line_history (
    game_id        bigint        not null,
    at             timestamptz   not null check (isfinite(at)),
    series_id      bigint        not null generated always as (
                       core_betting.series_id(game_id, stream, source_book_id, market, period,
                                              participant, side, phase, line_slot)) stored,
    stream         text          not null,
    source_book_id text          not null,
    book           text,
    market         text          not null,
    period         text          not null,
    participant    text          not null default '',
    side           text          not null check (side in ('home', 'away', 'over', 'under', 'draw')),
    phase          text          not null check (phase in ('pregame', 'live')),
    line_slot      text          not null default 'main',
    line           numeric(6, 2) check (line * 4 = trunc(line * 4)),
    american       integer       check (american >= 100 or american < -100),
    decimal        numeric(12, 4) check (decimal > 1),
    odds_format    text          check (odds_format in ('american', 'decimal')),
    status         text          not null check (status in ('open', 'suspended', 'off')),
    opener         boolean       not null default false,
    reconstructed  boolean       not null default false,
    source_at      timestamptz   check (isfinite(source_at)),
    observed_at    timestamptz   not null check (isfinite(observed_at)),
    stored_at      timestamptz   not null default now(),
    payload_hash   bytea         not null,
    ordinal        integer       not null,
    primary key (game_id, series_id, at),
    -- A suspension is a status, never a price of 0: the price it had may stay, and "off" has none.
    constraint price_is_whole check ((american is null) = (decimal is null)),
    constraint off_has_no_price check (status <> 'off' or american is null),
    constraint open_has_a_price check (status <> 'open' or american is not null),
    constraint side_fits_market check (
        case market
            when 'moneyline'  then side in ('home', 'away', 'draw') and line is null
            when 'spread'     then side in ('home', 'away')
            when 'total'      then side in ('over', 'under')
            when 'team_total' then side in ('over', 'under')
            else true
        end),
    constraint open_line_has_a_number check (
        status <> 'open' or market not in ('spread', 'total', 'team_total') or line is not null)
) partition by range (at);

comment on table  core_betting.line_history               is 'Every change of line, price or status, by series and market time. Append-only: a late look re-derives its series from raw.';
comment on column core_betting.line_history.at            is 'Market time: the tick''s own time where the feed gives ticks, else the time of the look.';
comment on column core_betting.line_history.stream        is 'Feed and endpoint. One shop through two streams is two series.';
comment on column core_betting.line_history.line_slot     is 'main, or the number of an alternate line.';
comment on column core_betting.line_history.line          is 'Bettor''s sign for the own side (home -1.5 is away +1.5); a total''s line is on both sides.';
comment on column core_betting.line_history.odds_format   is 'The format the feed gave; the other column is converted.';
comment on column core_betting.line_history.reconstructed is 'Fetched after the fact by a backfill: not known at the time.';
comment on column core_betting.line_history.payload_hash  is 'The payload this row came from; with observed_at it names the fetch in raw_data.collection_log.';
comment on column core_betting.line_history.ordinal       is 'Position of the quote in its payload.';

-- One row a series: what is true now, how often it was seen, and the movement so far. Current and summary share a key,
-- so they share a row: one write a change instead of two. analytics.line_movement_summary shows its curated side.
-- More than half of each page is left free: a look changes all series of a game, which lie side by side, and with their
-- new versions on the same pages no index is touched.
create table core_betting.lines_current (
    game_id          bigint        not null,
    series_id        bigint        not null,
    stream           text          not null,
    source_book_id   text          not null,
    book             text,
    market           text          not null,
    period           text          not null,
    participant      text          not null,
    side             text          not null,
    phase            text          not null,
    line_slot        text          not null,
    -- Now.
    line             numeric(6, 2),
    american         integer,
    decimal          numeric(12, 4),
    status           text          not null,
    at               timestamptz   not null,
    observed_at      timestamptz   not null,
    payload_hash     bytea         not null,
    -- Seen.
    last_seen_at     timestamptz   not null,
    observations     bigint        not null default 0,
    -- So far.
    changes          integer       not null,
    first_at         timestamptz   not null,
    opening_line     numeric(6, 2),
    opening_american integer,
    opening_decimal  numeric(12, 4),
    opening_at       timestamptz,
    opener           boolean       not null default false,
    closing_line     numeric(6, 2),
    closing_american integer,
    closing_decimal  numeric(12, 4),
    closing_at       timestamptz,
    max_american     integer,
    min_american     integer,
    max_line         numeric(6, 2),
    min_line         numeric(6, 2),
    -- Set when a late row arrived; cleared by the recomputation at the end of the same statement.
    stale            boolean       not null default false,
    primary key (game_id, series_id)
) with (fillfactor = 45);

-- Empty but within a statement: which series wait for their recomputation.
create index lines_current_stale on core_betting.lines_current (game_id, series_id) where stale;

comment on table  core_betting.lines_current              is 'One row a series: the price in force, when it was last confirmed, and opening, closing, extremes and counts.';
comment on column core_betting.lines_current.at           is 'When the price in force began.';
comment on column core_betting.lines_current.last_seen_at is 'When the price was last confirmed: "unchanged" as opposed to "not seen".';
comment on column core_betting.lines_current.observations is 'Fetches that showed this series, repeats included.';
comment on column core_betting.lines_current.changes      is 'Rows of line_history, the first included.';
comment on column core_betting.lines_current.closing_at   is 'Pregame only: the last open price before the start. Provisional until the start is confirmed.';

-- Tickets and money. A change of a percentage is never a movement of a line.
create table core_betting.betting_splits (
    game_id      bigint        not null,
    stream       text          not null,
    scope        text          not null,
    market       text          not null,
    period       text          not null,
    side         text          not null,
    at           timestamptz   not null check (isfinite(at)),
    tickets_pct  numeric(6, 3) check (tickets_pct between 0 and 100),
    money_pct    numeric(6, 3) check (money_pct between 0 and 100),
    tickets      bigint        check (tickets >= 0),
    money        bigint        check (money >= 0),
    observed_at  timestamptz   not null,
    payload_hash bytea         not null,
    primary key (game_id, stream, scope, market, period, side, at)
);
comment on table  core_betting.betting_splits       is 'Tickets and money by side, a row a change. 0/0 is no data and never stored.';
comment on column core_betting.betting_splits.scope is 'all for a number that belongs to no book, else the feed''s id of the book.';

-- Months from first to last, and one to spare. Called by the drain when it meets a month it has not seen in this run.
create function core_betting.ensure_partitions(first timestamptz, last timestamptz) returns void
language plpgsql set search_path = pg_catalog as $$
declare
    month  timestamptz := date_trunc('month', first, 'UTC');
    parent text;
    child  text;
begin
    while month <= last + interval '1 month' loop
        foreach parent in array array['core_betting.line_history', 'raw_data.payloads'] loop
            child := parent || '_' || to_char(month at time zone 'UTC', 'YYYYMM');
            if to_regclass(child) is null then
                execute format('create table if not exists %s partition of %s for values from (%L) to (%L)',
                               child, parent, month, month + interval '1 month');
            end if;
            -- A statement fires the triggers of the table that it names only, and the writer names the partition.
            if parent = 'core_betting.line_history' and not exists (
                select from pg_trigger where tgrelid = to_regclass(child) and tgname = 'merge_lines') then
                execute format('create trigger merge_lines after insert on %s referencing new table as new_lines
                                for each statement execute function core_betting.merge_lines()', child);
            end if;
        end loop;
        month := month + interval '1 month';
    end loop;
end $$;
comment on function core_betting.ensure_partitions is 'Makes the monthly partitions of line_history and payloads from first to a month past last.';
