-- Old months can be detached: the rows stay in a table of their own, for a backup or a drop by hand. linetape never
-- calls this by itself unless a setting says so.
create function core_betting.detach_partitions(older_than timestamptz) returns setof text
language plpgsql set search_path = pg_catalog as $$
declare
    child record;
begin
    if older_than is null or not isfinite(older_than) or older_than > now() - interval '1 month' then
        raise exception 'detach_partitions takes a time at least a month ago, not %', older_than
            using hint = 'Months in use must stay attached, or their rows would be taken for missing.';
    end if;
    for child in
        select i.inhparent::regclass as parent, c.oid::regclass as partition, n.nspname, c.relname
        from pg_inherits i
        join pg_class c on c.oid = i.inhrelid
        join pg_namespace n on n.oid = c.relnamespace
        where i.inhparent in ('core_betting.line_history'::regclass, 'raw_data.payloads'::regclass)
          and c.relname ~ '_[0-9]{6}$'
          and (to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month') at time zone 'UTC' <= older_than
        order by c.relname
    loop
        execute format('alter table %s detach partition %s', child.parent, child.partition);
        execute format('comment on table %s is %L', child.partition,
                       format('Detached from %s on %s; drop it, or attach it again.', child.parent, current_date));
        return next child.partition::text;
    end loop;
end $$;
comment on function core_betting.detach_partitions is 'Detaches the months of line_history and payloads that ended before the given time; returns their names. Off unless called.';

-- Rows lie nearly in the order of their times, so that these stay a few pages a month: for whole-board questions.
create index line_history_observed on core_betting.line_history using brin (observed_at);
create index line_history_at on core_betting.line_history using brin (at);
create index payloads_observed on raw_data.payloads using brin (observed_at);
