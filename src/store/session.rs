//! Sessions: whose rights they use. linetape's daily work is done with the rights of one role, which may read and write
//! its rows and change no table; migrations and setting up are the login's own.

use serde::Serialize;
use sqlx::postgres::{PgConnection, PgPool};
use sqlx::{Connection as _, FromRow};

use super::pool;
use crate::config::settings::Database;

/// The role whose rights the daily work uses.
pub const WORKING_ROLE: &str = "mlb_betting_app";

/// What is left to a pool's statements that are the owner's.
const OWNERS_CONNECTIONS: u32 = 2;

/// Take on the working role where it is there, is complete in this database, and the login is in it. A login that came
/// with a role of its own choice keeps that. Cheap: one look at the catalogue, once a connection.
pub async fn take_on_role(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query(
        "select set_config('role', r.rolname, false)
         from pg_roles r
         where r.rolname = $1 and current_user = session_user
           and pg_has_role(session_user, r.oid,
                   case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end)
           -- Granted last of all, so that the rest is there with it.
           and exists (select from pg_proc p join pg_namespace n on n.oid = p.pronamespace
                       where n.nspname = 'core_betting' and p.proname = 'ensure_partitions' and p.prosecdef
                         and has_function_privilege(r.oid, p.oid, 'execute'))",
    )
    .bind(WORKING_ROLE)
    .execute(connection)
    .await?;
    Ok(())
}

/// A connection of its own beside a pool's, with the login's rights. For what changes tables; close it soon.
pub async fn of_owner(pool: &PgPool) -> Result<PgConnection, sqlx::Error> {
    let options = pool.connect_options();
    let connecting = async {
        let mut connection = PgConnection::connect_with(&options).await?;
        // Not how long: a migration takes as long as there are rows.
        pool::dress(&mut connection, "0", "0").await?;
        Ok(connection)
    };
    match tokio::time::timeout(pool.options().get_acquire_timeout(), connecting).await {
        Ok(connected) => connected,
        Err(_) => Err(sqlx::Error::PoolTimedOut),
    }
}

/// A small pool beside another, with the login's rights. For setting up; close it soon.
pub fn owners(pool: &PgPool, settings: &Database) -> PgPool {
    let settings = Database {
        max_connections: OWNERS_CONNECTIONS,
        ..settings.clone()
    };
    pool::lazy(pool.connect_options().as_ref().clone(), &settings)
}

/// Whose rights a session uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct Standing {
    /// Who logged in.
    pub login: String,
    /// Whose rights are used.
    pub works_as: String,
    /// Whether there is a working role on the server.
    pub role_exists: bool,
    /// Whether the login is in it, so that it may take it on.
    pub member: bool,
}

impl Standing {
    /// As a sentence, with what to do where the rights are more than needed.
    pub fn sentence(&self) -> String {
        let Self {
            login, works_as, ..
        } = self;
        if works_as == WORKING_ROLE {
            return format!("{works_as}, logged in as {login}");
        }
        let why = if login != works_as {
            format!("the connection names the role {works_as}")
        } else if !self.role_exists {
            format!(
                "there is no role {WORKING_ROLE}; `linetape database grants` prints how to make it"
            )
        } else if !self.member {
            format!("grant {WORKING_ROLE} to {login}, and linetape does with fewer rights")
        } else {
            format!("{WORKING_ROLE} lacks rights; `linetape database grants` prints them")
        };
        format!("{works_as}, with all its rights: {why}")
    }
}

/// Whose rights this session uses.
pub async fn standing(connection: &mut PgConnection) -> Result<Standing, sqlx::Error> {
    sqlx::query_as(
        "select session_user::text as login, current_user::text as works_as, r.oid is not null as role_exists,
                coalesce(pg_has_role(session_user, r.oid,
                    case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end), false)
                    as member
         from (values ($1)) as wanted (name) left join pg_roles r on r.rolname = wanted.name",
    )
    .bind(WORKING_ROLE)
    .fetch_one(connection)
    .await
}
