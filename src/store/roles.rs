//! Roles and what they may do: the matrix as it stands, and what is missing to complete it.

use serde::Serialize;
use sqlx::{FromRow, PgPool};

/// What one role may do with the tables of one schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct Grant {
    /// The role.
    pub role: String,
    /// The schema.
    pub schema: String,
    /// Whether the role is there.
    pub exists: bool,
    /// What it should be able to do with every table.
    pub wanted: Vec<String>,
    /// What it can do with every table, in its own name or by membership.
    pub granted: Vec<String>,
    /// Who is in the role, directly.
    pub members: Vec<String>,
}

/// Every role with every schema, also those where it may do nothing.
pub async fn matrix(pool: &PgPool) -> Result<Vec<Grant>, sqlx::Error> {
    sqlx::query_as(
        "with roles as (select role_name, min(nth) as nth
                        from operational.role_rights() with ordinality as r (role_name, schema_name, verbs, nth)
                        group by role_name),
              spaces (schema_name, place) as (values ('raw_data', 1), ('core_betting', 2), ('analytics', 3), ('operational', 4)),
              verbs (verb, nth) as (values ('select', 1), ('insert', 2), ('update', 3), ('delete', 4), ('truncate', 5),
                                           ('references', 6), ('trigger', 7))
         select r.role_name as role, s.schema_name as schema, p.oid is not null as exists,
                coalesce((select w.verbs from operational.role_rights() w
                          where w.role_name = r.role_name and w.schema_name = s.schema_name), '{}') as wanted,
                coalesce((select array_agg(v.verb order by v.nth) from verbs v
                          where p.oid is not null and has_schema_privilege(p.oid, s.schema_name, 'usage')
                            and exists (select from pg_class c where c.relnamespace = s.schema_name::regnamespace)
                            and not exists (select from pg_class c
                                            where c.relnamespace = s.schema_name::regnamespace and c.relkind in ('r', 'p')
                                              and not has_table_privilege(p.oid, c.oid, v.verb))), '{}') as granted,
                coalesce((select array_agg(distinct u.rolname::text) from pg_auth_members m
                          join pg_roles u on u.oid = m.member where m.roleid = p.oid), '{}') as members
         from roles r
         cross join spaces s
         left join pg_roles p on p.rolname = r.role_name
         order by r.nth, s.place",
    )
    .fetch_all(pool)
    .await
}

/// The statements that would complete roles and grants, in their order.
pub async fn missing(pool: &PgPool) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("select operational.missing_grants()")
        .fetch_all(pool)
        .await
}

/// Make what may be made; returns the statements that are left for somebody with more rights.
pub async fn make(pool: &PgPool) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("select operational.make_roles()")
        .fetch_all(pool)
        .await
}
