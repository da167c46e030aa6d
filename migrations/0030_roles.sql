-- Roles: who may do what in which schema. Roles are the cluster's, grants the database's. Where the owner of this schema
-- may not make roles nothing fails: what is left to do is listed, as statements for somebody who may.

-- The rights themselves.
create function operational.role_rights() returns table (role_name text, schema_name text, verbs text[])
language sql immutable set search_path = pg_catalog as $$
    values
    ('data_collectors',       'raw_data',     '{select,insert}'::text[]),
    ('betting_processors',    'raw_data',     '{select}'),
    ('betting_processors',    'core_betting', '{select,insert,update,delete}'),
    ('analytics_processors',  'core_betting', '{select}'),
    ('analytics_processors',  'analytics',    '{select,insert,update,delete}'),
    ('strategy_processors',   'raw_data',     '{select}'),
    ('strategy_processors',   'core_betting', '{select}'),
    ('strategy_processors',   'analytics',    '{select,insert,update,delete}'),
    ('strategy_processors',   'operational',  '{select,insert,update,delete}'),
    ('analytics_users',       'core_betting', '{select}'),
    ('analytics_users',       'analytics',    '{select}'),
    ('monitoring_users',      'operational',  '{select}'),
    ('system_administrators', 'raw_data',     '{select,insert,update,delete,truncate,references,trigger}'),
    ('system_administrators', 'core_betting', '{select,insert,update,delete,truncate,references,trigger}'),
    ('system_administrators', 'analytics',    '{select,insert,update,delete,truncate,references,trigger}'),
    ('system_administrators', 'operational',  '{select,insert,update,delete,truncate,references,trigger}'),
    ('mlb_betting_app',       'raw_data',     '{select,insert,update,delete}'),
    ('mlb_betting_app',       'core_betting', '{select,insert,update,delete}'),
    ('mlb_betting_app',       'analytics',    '{select,insert,update,delete}'),
    ('mlb_betting_app',       'operational',  '{select,insert,update,delete}')
$$;
comment on function operational.role_rights is 'What each role may do with the tables of each schema. Views are for reading.';

-- What each role should have on each relation. A view shows its tables with the rights of its owner: a role reads it
-- only where it may read those tables' schema, and nobody writes through one.
create function operational.wanted_grants() returns table (role_name text, relation oid, verb text)
language sql stable set search_path = pg_catalog as $$
    select r.role_name, c.oid, v.verb
    from operational.role_rights() r
    join pg_namespace n on n.nspname = r.schema_name
    join pg_class c on c.relnamespace = n.oid and c.relkind in ('r', 'p')
    cross join unnest(r.verbs) as v (verb)
    union
    select r.role_name, c.oid, 'select'
    from operational.role_rights() r
    join pg_namespace n on n.nspname = r.schema_name
    join pg_class c on c.relnamespace = n.oid and c.relkind in ('v', 'm')
    left join operational.table_registry t on t.kind = 'compatibility view' and to_regclass(t.made_as) = c.oid
    where t.name is null or exists (select from operational.role_rights() h
                                    where h.role_name = r.role_name and h.schema_name = split_part(t.home, '.', 1))
    union
    -- Names of earlier programs in schemas of their own: for the roles that read everything.
    select a.role_name, c.oid, 'select'
    from operational.table_registry t
    join pg_class c on c.oid = to_regclass(t.made_as) and c.relkind = 'v'
    cross join (select h.role_name from operational.role_rights() h group by h.role_name having count(*) = 4) a
    where t.kind = 'compatibility view' and t.state = 'made'
      and c.relnamespace not in (select n.oid from pg_namespace n
                                 where n.nspname in (select h.schema_name from operational.role_rights() h))
$$;
comment on function operational.wanted_grants is 'Every right that a role should have, by relation.';

-- The statements that would make roles and grants complete, in their order; none when nothing is missing.
create function operational.missing_grants() returns setof text
language sql stable set search_path = pg_catalog as $$
    with roles as materialized (
        select distinct r.role_name, p.oid as role_id
        from operational.role_rights() r left join pg_roles p on p.rolname = r.role_name
    ), had as materialized (
        select c.oid as relation, a.grantee, lower(a.privilege_type) as verb
        from pg_class c, aclexplode(c.relacl) a
        where c.relacl is not null
    ), wanted as materialized (
        select w.role_name, r.role_id, w.relation, w.verb
        from operational.wanted_grants() w join roles r using (role_name)
    ), spaces as (
        select distinct w.role_name, w.role_id, n.oid as space, n.nspname, n.nspacl
        from wanted w join pg_class c on c.oid = w.relation join pg_namespace n on n.oid = c.relnamespace
        where n.nspname <> 'public'
    ), keeper as (
        -- Who makes the tables of later migrations and the partitions of later months.
        select pg_get_userbyid(c.relowner) as name, c.relowner as id
        from pg_class c where c.oid = 'core_betting.line_history'::regclass
    )
    select s.statement from (
        select 1 as step, role_name as place, format('create role %I nologin', role_name) as statement
        from roles where role_id is null
        union all
        select 2, format('%s %s', nspname, role_name), format('grant usage on schema %I to %I', nspname, role_name)
        from spaces s
        where not exists (select from aclexplode(s.nspacl) a where a.grantee = s.role_id and a.privilege_type = 'USAGE')
        union all
        select 3, format('%s %s', min(place), role_name),
               format('grant %s on %s to %I', verbs, string_agg(relation::regclass::text, ', ' order by place), role_name)
        from (select w.role_name, w.relation, w.relation::regclass::text as place,
                     string_agg(w.verb, ', ' order by w.verb) as verbs
              from wanted w
              where not exists (select from had h
                                where h.relation = w.relation and h.grantee = w.role_id and h.verb = w.verb)
              group by 1, 2) as lacking
        group by role_name, verbs
        union all
        -- New views get what new tables get by default, which is too much for them.
        select 4, h.relation::regclass::text || role_name,
               format('revoke %s on %s from %I', string_agg(h.verb, ', ' order by h.verb), h.relation::regclass, role_name)
        from had h
        join roles r on r.role_id = h.grantee
        join pg_class c on c.oid = h.relation and c.relkind in ('v', 'm')
        where not exists (select from wanted w
                          where w.relation = h.relation and w.role_id = h.grantee and w.verb = h.verb)
        group by h.relation, role_name
        union all
        select 5, c.oid::regclass::text || r.role_name,
               format('grant usage on sequence %s to %I', c.oid::regclass, r.role_name)
        from operational.role_rights() r
        join roles o on o.role_name = r.role_name
        join pg_namespace n on n.nspname = r.schema_name
        join pg_class c on c.relnamespace = n.oid and c.relkind = 'S'
        where 'insert' = any (r.verbs)
          and not exists (select from had h where h.relation = c.oid and h.grantee = o.role_id and h.verb = 'usage')
        union all
        select 6, r.schema_name || r.role_name,
               format('alter default privileges for role %I in schema %I grant %s on tables to %I', k.name, r.schema_name,
                      array_to_string(r.verbs, ', '), r.role_name)
        from operational.role_rights() r
        join roles o on o.role_name = r.role_name
        join pg_namespace n on n.nspname = r.schema_name
        cross join keeper k
        where not r.verbs <@ (select coalesce(array_agg(lower(a.privilege_type)), '{}')
                              from pg_default_acl d, aclexplode(d.defaclacl) a
                              where d.defaclrole = k.id and d.defaclnamespace = n.oid and d.defaclobjtype = 'r'
                                and a.grantee = o.role_id)
        union all
        select 7, r.role_name, format('grant execute on function %s to %I', f.oid::regprocedure, r.role_name)
        from operational.role_rights() r
        join roles o on o.role_name = r.role_name
        join pg_proc f on f.oid = 'core_betting.recompute_series(bigint[],bigint[])'::regprocedure
        where r.schema_name = 'core_betting' and 'update' = any (r.verbs)
          and not exists (select from aclexplode(f.proacl) a where a.grantee = o.role_id)
    ) as s
    order by s.step, s.place
$$;
comment on function operational.missing_grants is 'The statements that would complete roles and grants, in their order; none when all is done.';

create function operational.make_roles() returns setof text
language plpgsql set search_path = pg_catalog as $$
declare
    missing text;
begin
    for missing in select m from operational.missing_grants() m loop
        begin
            execute missing;
        exception
            -- Another database of the cluster made the role just now, or is changing the same row.
            when duplicate_object or unique_violation then
                null;
            when internal_error then
                -- PostgreSQL has no code of its own for "tuple concurrently updated" and "… deleted".
                if sqlerrm not like 'tuple concurrently %' then
                    raise;
                end if;
            -- Not ours to do, or for a role that could not be made.
            when insufficient_privilege or undefined_object then
                null;
        end;
    end loop;
    return query select m from operational.missing_grants() m;
end $$;
comment on function operational.make_roles is 'Makes roles and grants as far as the caller may; returns the statements that are left for somebody else. Running it again changes nothing.';

-- It writes with its owner's rights, so that it is not everybody's.
revoke execute on function core_betting.recompute_series(bigint[], bigint[]) from public;
