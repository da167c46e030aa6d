//! Opens the database for commands that only read or set up, and leaves it in order.

use std::sync::Arc;

use sqlx::PgPool;

use super::arguments::GameName;
use super::context::Context;
use super::error::{CliError, Exit};
use super::runtime;
use crate::domain::clean::clean;
use crate::domain::game::GameId;
use crate::domain::source::Source;
use crate::engine::connection::Connection;
use crate::store;

/// An open database.
#[derive(Debug)]
pub struct Opened {
    /// Connections.
    pub pool: PgPool,
    /// `PostgreSQL 15.18 embedded`.
    pub server: String,
    /// The way to it.
    pub connection: Arc<Connection>,
}

/// Open the live database, or the demo's; starts the embedded cluster when that is used.
pub async fn database(context: &Context, demo: bool, install: bool) -> Result<Opened, CliError> {
    let name = if demo {
        runtime::demo_database(&context.settings)
    } else {
        context.settings.database.name.clone()
    };
    let connection = runtime::connection(context, &name, demo, install)?;
    let output = context.output.clone();
    let say = move |step: String| output.say(&step);
    let connected = connection
        .open(&say)
        .await
        .map_err(|e| runtime::unreachable(&e))?;
    Ok(Opened {
        pool: connected.pool,
        server: connected.server,
        connection: Arc::new(connection),
    })
}

impl Opened {
    /// Bring the schema up to date; returns its version.
    pub async fn migrate(&self) -> Result<i64, CliError> {
        store::migrate::migrate(&self.pool)
            .await
            .map_err(|e| CliError::new(Exit::of_code(e.exit_code()), clean(&e.to_string(), 400)))
    }

    /// Connections with the login's own rights, for what changes tables and grants; to be closed.
    pub fn owners(&self, context: &Context) -> PgPool {
        store::session::owners(&self.pool, &context.settings.database)
    }

    /// The id of a game as a person names it. A number that is no id of linetape's is Action Network's, as in earlier
    /// programs. Fails when nothing is stored of it.
    pub async fn game(&self, name: &GameName) -> Result<GameId, CliError> {
        let mut connection = self.pool.acquire().await.map_err(failed)?;
        let found = match name {
            GameName::Id(id) => {
                // An id that was given up when games were joined still finds the game.
                let now = store::identity::resolve(&mut connection, *id)
                    .await
                    .map_err(failed)?;
                let found = store::games::find(&mut connection, now).await;
                if let Some(game) = found.map_err(failed)? {
                    return Ok(game.known.game_id);
                }
                let number = id.as_i64().to_string();
                store::games::id_of(&mut connection, Source::ActionNetwork, &number)
                    .await
                    .map_err(failed)?
            }
            GameName::Feed(source, id) => store::games::id_of(&mut connection, *source, id)
                .await
                .map_err(failed)?,
        };
        found.ok_or_else(|| {
            let message =
                format!("no game {name} is stored; `linetape database check-data` shows what is");
            CliError::new(Exit::Failure, message)
        })
    }

    /// Close the connections and leave the cluster; the last to leave stops it.
    pub async fn leave(self) {
        self.pool.close().await;
        self.connection.leave().await;
    }
}

/// A statement that did not work.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub fn failed(error: sqlx::Error) -> CliError {
    let text = clean(&error.to_string(), 300);
    let undefined = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|c| c == "42P01" || c == "3F000");
    if undefined {
        let message = "the database has no linetape schema yet; run `linetape database setup`";
        return CliError::new(Exit::Unavailable, message);
    }
    CliError::new(
        Exit::Unavailable,
        format!("PostgreSQL did not answer: {text}"),
    )
}
