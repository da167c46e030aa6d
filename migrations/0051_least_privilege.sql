-- linetape's daily work needs no owner: its sessions take on mlb_betting_app, whose rights are those of the matrix. Making
-- a month's partitions is all that a writer needs beyond them, and is done in the owner's name.

alter function core_betting.ensure_partitions(timestamptz, timestamptz) security definer;
revoke execute on function core_betting.ensure_partitions(timestamptz, timestamptz) from public;
-- It writes games with its owner's rights, and was everybody's.
revoke execute on function core_betting.derive_games(bigint[], boolean) from public;

-- What the matrix does not say comes last: a session takes the role on only where it may make partitions, and then has
-- all the rest.
do $$ begin
    -- A copy under another name: who calls it by its old one shall get the new.
    execute replace(pg_get_functiondef('operational.missing_grants()'::regprocedure),
                    'operational.missing_grants()', 'operational.missing_matrix_grants()');
end $$;
comment on function operational.missing_matrix_grants is 'The statements that would complete roles and the rights of operational.role_rights, in their order.';

create or replace function operational.missing_grants() returns setof text
language sql stable set search_path = pg_catalog as $$
    with app as (
        select 'mlb_betting_app' as name, (select oid from pg_roles where rolname = 'mlb_betting_app') as id
    )
    select s.statement from (
        select 1 as step, m.nth, m.statement
        from operational.missing_matrix_grants() with ordinality as m (statement, nth)
        union all
        select 2, 1, format('grant select on public._sqlx_migrations to %I', app.name)
        from app join pg_class c on c.oid = to_regclass('public._sqlx_migrations')
        where not exists (select from aclexplode(c.relacl) a where a.grantee = app.id and a.privilege_type = 'SELECT')
        union all
        select 3, 1, format('grant execute on function %s to %I', f.oid::regprocedure, r.role_name)
        from operational.role_rights() r
        join pg_proc f on f.oid = 'core_betting.derive_games(bigint[], boolean)'::regprocedure
        where r.schema_name = 'core_betting' and '{insert,update}' <@ r.verbs
          and not exists (select from aclexplode(f.proacl) a join pg_roles o on o.oid = a.grantee
                          where o.rolname = r.role_name)
        union all
        select 4, 1, format('grant execute on function %s to %I', f.oid::regprocedure, app.name)
        from app
        join pg_proc f on f.oid = 'core_betting.ensure_partitions(timestamptz, timestamptz)'::regprocedure
        where not exists (select from aclexplode(f.proacl) a where a.grantee = app.id)
    ) as s
    order by s.step, s.nth, s.statement
$$;
