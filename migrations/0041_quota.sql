-- The ledger of credits: what each collector reserved, what it spent of it, and what the feed told last.

alter table operational.quota_ledger
    add column told_at   timestamptz check (isfinite(told_at)),
    add column closed_at timestamptz check (closed_at >= reserved_at),
    add constraint quota_spent_within check (spent <= credits);

comment on table operational.quota_ledger is
    'Blocks of a feed''s credits that collectors reserved and spent. The writer is the engine''s quota: it reserves before it asks, so a budget holds with Postgres down too.';
comment on column operational.quota_ledger.credits is 'Credits reserved in the block.';
comment on column operational.quota_ledger.spent is 'Credits of the block that were spent, as the feed''s own headers tell the cost.';
comment on column operational.quota_ledger.remaining is 'Credits left in the period as the feed told at told_at; null while it has told nothing.';
comment on column operational.quota_ledger.told_at is 'When the feed last told this holder what is left.';
comment on column operational.quota_ledger.closed_at is 'When the holder gave back what it had not spent; null while the block is in use.';

-- Reserve up to `wanted` credits of `source`: never more than the feed has left beyond `kept` and beyond what others hold.
-- A block that was not closed counts for a day, after which its holder spends nothing of it. Before the feed has told
-- anything one block is granted, for only an answer can tell.
create function operational.reserve_credits(
    wanted_source text, wanted bigint, kept bigint, for_holder uuid, at timestamptz, until timestamptz)
returns table (granted bigint, remaining bigint, open_elsewhere bigint)
language plpgsql as $$
declare
    told record;
    held bigint;
    room bigint;
begin
    perform pg_advisory_xact_lock(hashtext('linetape quota'), hashtext(wanted_source));
    select q.remaining, q.told_at into told
    from operational.quota_ledger q
    where q.source = wanted_source and q.told_at is not null and q.resets_at > at
    order by q.told_at desc limit 1;
    select coalesce(sum(q.credits - q.spent), 0) into held
    from operational.quota_ledger q
    where q.source = wanted_source and q.closed_at is null and q.reserved_at > at - interval '1 day'
      and q.resets_at > at;
    room := case when told is null or told.remaining is null
                 then case when held > 0 then 0 else wanted end
                 else greatest(told.remaining - kept - held, 0) end;
    granted := least(wanted, room);
    remaining := told.remaining;
    open_elsewhere := held;
    if granted > 0 then
        insert into operational.quota_ledger (source, reserved_at, holder, credits, resets_at)
        values (wanted_source, at, for_holder, granted, until);
    end if;
    return next;
end $$;
comment on function operational.reserve_credits is
    'Reserves credits of a feed for a collector, one at a time over all processes; grants what is left beyond those kept and those others hold.';

-- What was spent of a feed's credits since an instant, over all collectors.
create function operational.credits_spent(wanted_source text, since timestamptz) returns bigint
language sql stable as $$
    select coalesce(sum(spent), 0)::bigint from operational.quota_ledger
    where source = wanted_source and reserved_at >= since
$$;
comment on function operational.credits_spent is 'Credits of a feed spent of blocks that were reserved since an instant, over all collectors.';
