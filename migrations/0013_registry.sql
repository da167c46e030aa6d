-- The registry of names: every name that linetape or one of its predecessors uses, what it is today, and who fills it.
-- Compatibility views and functions are made from its rows, and only where their names are free.

create table operational.table_registry (
    name       text        primary key,
    kind       text        not null check (kind in ('table', 'view', 'logical', 'compatibility view', 'compatibility function')),
    home       text        not null,
    ordinal    integer     not null default 0,
    definition text,
    filled_by  text,
    reserved   boolean     not null default false,
    made_as    text,
    state      text        not null default 'own' check (state in ('own', 'alias', 'waiting', 'made', 'taken', 'denied', 'failed')),
    detail     text,
    updated_at timestamptz not null default now(),
    constraint made_from_a_definition check ((definition is not null) = (kind like 'compatibility %'))
);
comment on table  operational.table_registry            is 'Every name, old and new, and where its rows are today. Compatibility views and functions are made from it.';
comment on column operational.table_registry.name       is 'The name as its program writes it; a function with the types of its arguments.';
comment on column operational.table_registry.kind       is 'table or view: linetape''s own; logical: a name that stands for another; compatibility: made from definition.';
comment on column operational.table_registry.home       is 'Where the rows are today; for a logical name the name it stands for.';
comment on column operational.table_registry.ordinal    is 'Order in which compatibility names are made.';
comment on column operational.table_registry.definition is 'The query of a compatibility view, or result and body of a function.';
comment on column operational.table_registry.filled_by  is 'Who writes an own table; for a reserved one, who will.';
comment on column operational.table_registry.reserved   is 'Whether the table still waits for the part of linetape that fills it.';
comment on column operational.table_registry.made_as    is 'The name it was made under, where settings name another schema.';
comment on column operational.table_registry.state      is 'own, alias; waiting, made, taken (somebody else''s object has the name), denied (privilege missing), failed.';
comment on column operational.table_registry.detail     is 'Why it was not made.';

create table operational.migration_log (
    id                uuid        primary key default gen_random_uuid(),
    migration_phase   text        not null,
    source_table      text,
    destination_table text,
    records_migrated  bigint      check (records_migrated >= 0),
    started_at        timestamptz not null default now(),
    completed_at      timestamptz check (completed_at >= started_at),
    status            text        not null check (status in ('started', 'completed', 'failed')),
    error_message     text,
    notes             text
);
create index migration_log_time on operational.migration_log (started_at);
comment on table  operational.migration_log                 is 'What was moved or made under another name, phase by phase. Written when compatibility names are made, and by consolidation.';
comment on column operational.migration_log.id              is 'Ordered by started_at; an id says nothing of order.';
comment on column operational.migration_log.migration_phase is 'compatibility, or a phase of a consolidation (Phase1 …).';

-- One word, one meaning: what a column is called in all tables and views that have no comment of their own on it.
create table operational.glossary (
    name    text primary key,
    meaning text not null
);
comment on table  operational.glossary         is 'What column names mean wherever a table or view says nothing else. Seeded by the schema.';
comment on column operational.glossary.name    is 'Column name.';
comment on column operational.glossary.meaning is 'What it holds.';

create function operational.describe_columns(relation regclass) returns void
language plpgsql set search_path = pg_catalog as $$
declare
    found record;
begin
    for found in
        select a.attname, g.meaning
        from pg_attribute a join operational.glossary g on g.name = a.attname
        where a.attrelid = relation and a.attnum > 0 and not a.attisdropped
          and col_description(relation, a.attnum) is null
    loop
        execute format('comment on column %s.%I is %L', relation, found.attname, found.meaning);
    end loop;
end $$;
comment on function operational.describe_columns is 'Gives the uncommented columns of a table or view the meaning their names have in the glossary.';

-- The mark by which linetape knows what it made; without it an object is somebody else's and left alone.
create function operational.is_compatibility(comment text) returns boolean
language sql immutable return coalesce(starts_with(comment, 'linetape compatibility: '), false);
comment on function operational.is_compatibility is 'Whether an object''s comment says that linetape made it for compatibility.';

create function operational.make_compatibility(schemas jsonb default '{}')
returns table (name text, state text, detail text)
language plpgsql set search_path = pg_catalog as $$
-- A column wins over the result's column of the same name.
#variable_conflict use_column
declare
    entry   operational.table_registry;
    wanted  text;
    space   text;
    remark  text;
    was     text;
    there   oid;
    catalog regclass;
    outcome text;
    why     text;
    begun   timestamptz;
begin
    for entry in
        select r.* from operational.table_registry r where r.definition is not null order by r.ordinal, r.name
    loop
        begun := clock_timestamp();
        space := split_part(entry.name, '.', 1);
        wanted := quote_ident(coalesce(schemas ->> space, space)) || substr(entry.name, length(space) + 1);
        space := coalesce(schemas ->> space, space);
        remark := 'linetape compatibility: ' || entry.home;
        outcome := 'made';
        why := null;
        begin
            if to_regnamespace(quote_ident(space)) is null then
                execute format('create schema %I', space);
                execute format('comment on schema %I is %L', space, 'linetape compatibility: names of earlier programs');
            end if;
            if entry.kind = 'compatibility view' then
                catalog := 'pg_class';
                there := to_regclass(wanted);
            else
                catalog := 'pg_proc';
                there := to_regprocedure(wanted);
            end if;
            was := obj_description(there, catalog::text);
            if there is not null and not operational.is_compatibility(was) then
                outcome := 'taken';
                why := 'the name belongs to an object that linetape did not make';
            elsif entry.kind = 'compatibility view' then
                execute format('create or replace view %s as %s', wanted, entry.definition);
                execute format('comment on view %s is %L', wanted, remark);
                perform operational.describe_columns(wanted::regclass);
            else
                -- The definition begins with the named arguments.
                execute format('create or replace function %s%s', split_part(wanted, '(', 1), entry.definition);
                execute format('comment on function %s is %L', wanted, remark);
            end if;
        exception
            when insufficient_privilege then
                outcome := 'denied';
                why := sqlerrm || '; grant it, or let a role that has it run linetape database setup';
            when others then
                outcome := 'failed';
                why := sqlerrm;
        end;
        if (entry.state, entry.made_as, entry.detail) is distinct from (outcome, wanted, why) then
            update operational.table_registry r
               set state = outcome, made_as = wanted, detail = why, updated_at = now()
             where r.name = entry.name;
            insert into operational.migration_log (migration_phase, source_table, destination_table, records_migrated,
                started_at, completed_at, status, error_message, notes)
            values ('compatibility', entry.home, wanted, 0, begun, clock_timestamp(),
                    case when outcome in ('made', 'taken') then 'completed' else 'failed' end,
                    case when outcome not in ('made', 'taken') then why end,
                    case when outcome = 'taken' then why else entry.kind end);
        end if;
        if outcome <> 'made' then
            return query select entry.name, outcome, why;
        end if;
    end loop;
end $$;
comment on function operational.make_compatibility is 'Makes the compatibility views and functions of the registry where their names are free; returns those not made, and why. The argument maps schemas to other names, {"staging": "stage"}.';

create function operational.drop_compatibility() returns integer
language plpgsql set search_path = pg_catalog as $$
declare
    entry   operational.table_registry;
    found   record;
    dropped integer := 0;
begin
    for entry in
        select r.* from operational.table_registry r
        where r.definition is not null and r.state = 'made' order by r.ordinal desc, r.name desc
    loop
        if entry.kind = 'compatibility view'
           and operational.is_compatibility(obj_description(to_regclass(entry.made_as), 'pg_class')) then
            execute format('drop view %s', entry.made_as);
            dropped := dropped + 1;
        elsif entry.kind = 'compatibility function'
           and operational.is_compatibility(obj_description(to_regprocedure(entry.made_as), 'pg_proc')) then
            execute format('drop function %s', entry.made_as);
            dropped := dropped + 1;
        end if;
        update operational.table_registry r set state = 'waiting', made_as = null, updated_at = now() where r.name = entry.name;
    end loop;
    for found in
        select n.nspname from pg_namespace n
        where operational.is_compatibility(obj_description(n.oid, 'pg_namespace'))
          and not exists (select from pg_class c where c.relnamespace = n.oid)
          and not exists (select from pg_proc p where p.pronamespace = n.oid)
    loop
        execute format('drop schema %I', found.nspname);
    end loop;
    return dropped;
end $$;
comment on function operational.drop_compatibility is 'Takes away every compatibility name that linetape made, and nothing else; make_compatibility() makes them again.';
