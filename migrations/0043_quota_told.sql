-- Answers of two collectors may be written down in another order than the feed gave them, and the later note then tells
-- of more credits than are left. Within a minute of the newest word, the least that was told holds; a minute later a
-- feed that granted new ones is believed.
create or replace function operational.reserve_credits(
    wanted_source text, wanted bigint, kept bigint, for_holder uuid, at timestamptz, until timestamptz)
returns table (granted bigint, remaining bigint, open_elsewhere bigint)
language plpgsql as $$
declare
    told bigint;
    held bigint;
    room bigint;
begin
    perform pg_advisory_xact_lock(hashtext('linetape quota'), hashtext(wanted_source));
    select min(q.remaining) into told
    from operational.quota_ledger q
    where q.source = wanted_source and q.remaining is not null and q.resets_at > at
      and q.told_at >= (select max(l.told_at) - interval '1 minute' from operational.quota_ledger l
                        where l.source = wanted_source and l.remaining is not null and l.resets_at > at);
    select coalesce(sum(q.credits - q.spent), 0) into held
    from operational.quota_ledger q
    where q.source = wanted_source and q.closed_at is null and q.reserved_at > at - interval '1 day'
      and q.resets_at > at;
    room := case when told is null then case when held > 0 then 0 else wanted end
                 else greatest(told - kept - held, 0) end;
    granted := least(wanted, room);
    remaining := told;
    open_elsewhere := held;
    if granted > 0 then
        insert into operational.quota_ledger (source, reserved_at, holder, credits, resets_at)
        values (wanted_source, at, for_holder, granted, until);
    end if;
    return next;
end $$;
