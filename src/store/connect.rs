//! Where the database is, from settings and environment.
//!
//! In order: the settings' url (flag, `LINETAPE_…`, file), `DATABASE_URL`, `DB_HOST`/`DB_PORT`/`DB_NAME`/`DB_USER`/
//! `DB_PASSWORD`, libpq's `PG*` (when `PGHOST`, `PGDATABASE` or `PGSERVICE` is set), and else the embedded cluster.
//!
//! TLS: a server that is not on this machine gets `sslmode=require` unless the url or `PGSSLMODE` names a mode, because
//! sqlx's own default, `prefer`, falls back to plain text in silence. `verify-full` is better and needs a root
//! certificate (`sslrootcert`). On loopback and unix sockets nothing is demanded.

mod service;

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::str::FromStr as _;

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::postgres::PgConnectOptions;
use url::Url;

/// Names and values of the environment, `.env` included. Given, not read, so that it can be tested.
pub type Environment = BTreeMap<String, String>;

/// Where the database is.
#[derive(Debug)]
pub enum Target {
    /// The private cluster.
    Embedded,
    /// Somebody's server.
    Server(Box<Server>),
}

/// How to reach a server that linetape does not run.
#[derive(Clone)]
pub struct Server {
    url: Url,
    options: PgConnectOptions,
    /// Which setting decided, `DATABASE_URL`.
    pub from: &'static str,
}

/// What was decided, and what a person should know about it.
#[derive(Debug)]
pub struct Choice {
    /// Where the database is.
    pub target: Target,
    /// Sentences: settings that disagree, weak TLS.
    pub warnings: Vec<String>,
}

/// Why no server can be named from the settings. Never holds a password.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The url is none.
    #[error("{from} is not a database url ({why}); write postgres://user:password@host:5432/name")]
    BadUrl {
        /// The setting.
        from: &'static str,
        /// What is wrong, without the value.
        why: String,
    },
    /// A port is no number.
    #[error("{name} is {value:?}, not a port; write a number from 1 to 65535")]
    BadPort {
        /// The variable.
        name: &'static str,
        /// Its value, cleaned.
        value: String,
    },
    /// `PGSERVICE` names a service that is not to be found.
    #[error(
        "PGSERVICE names the service {service:?}, which {file} does not have; add it there, or set PGSERVICEFILE"
    )]
    NoService {
        /// The service, cleaned.
        service: String,
        /// The file looked at.
        file: String,
    },
}

impl TargetError {
    /// The exit code of design section 8: 78, configuration.
    pub fn exit_code(&self) -> u8 {
        78
    }
}

impl Server {
    fn from_url(url: Url, from: &'static str) -> Result<Self, TargetError> {
        let options =
            PgConnectOptions::from_str(url.as_str()).map_err(|why| TargetError::BadUrl {
                from,
                why: describe(&why, url.password()),
            })?;
        Ok(Self { url, options, from })
    }

    /// How to connect.
    pub fn options(&self) -> PgConnectOptions {
        self.options
            .clone()
            .application_name(super::embedded::APPLICATION)
    }

    /// The name of the database.
    pub fn database(&self) -> &str {
        self.options
            .get_database()
            .unwrap_or_else(|| self.options.get_username())
    }

    /// The same server, another database.
    #[must_use]
    pub fn with_database(mut self, name: &str) -> Self {
        set_database(&mut self.url, name);
        self.options = self.options.database(name);
        self
    }

    /// The url as psql takes it, without any password.
    pub fn shown_url(&self) -> String {
        let mut url = self.url.clone();
        let _ = url.set_password(None);
        let kept: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(key, _)| is_libpq(key))
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect();
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
        url.into()
    }

    /// Whether the server is on this machine.
    pub fn is_local(&self) -> bool {
        self.options.get_socket().is_some() || is_loopback(self.options.get_host())
    }
}

impl fmt::Debug for Server {
    /// sqlx's own `Debug` prints the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("url", &self.shown_url())
            .field("from", &self.from)
            .finish_non_exhaustive()
    }
}

/// Decide where the database is. `configured` is the settings' `database.url`.
pub fn target(configured: Option<&SecretString>, env: &Environment) -> Result<Choice, TargetError> {
    let mut warnings = Vec::new();
    let database_url = value(env, "DATABASE_URL");
    let parts = from_db_parts(env)?;
    let server = if let Some(url) = configured {
        let server = Server::from_url(
            complete(parse(url.expose_secret(), "database.url")?, env),
            "database.url",
        )?;
        if let Some(other) = database_url {
            warn_if_other(
                &server,
                &parse(other, "DATABASE_URL")?,
                "DATABASE_URL",
                &mut warnings,
            );
        }
        Some(server)
    } else if let Some(url) = database_url {
        let server = Server::from_url(complete(parse(url, "DATABASE_URL")?, env), "DATABASE_URL")?;
        if let Some(other) = &parts {
            warn_if_other(&server, other, "DB_*", &mut warnings);
        }
        Some(server)
    } else if let Some(url) = parts {
        Some(Server::from_url(complete(url, env), "DB_*")?)
    } else {
        for name in ["DB_PORT", "DB_USER", "DB_PASSWORD"] {
            if value(env, name).is_some() {
                warnings.push(format!(
                    "{name} is set without DB_HOST or DB_NAME, so it is not used"
                ));
            }
        }
        from_libpq(env)?
    };
    let Some(mut server) = server else {
        return Ok(Choice {
            target: Target::Embedded,
            warnings,
        });
    };
    demand_tls(&mut server, &mut warnings)?;
    Ok(Choice {
        target: Target::Server(Box::new(server)),
        warnings,
    })
}

/// A variable that is set and not empty.
fn value<'a>(env: &'a Environment, name: &str) -> Option<&'a str> {
    env.get(name)
        .map(String::as_str)
        .filter(|value| !value.is_empty())
}

fn parse(text: &str, from: &'static str) -> Result<Url, TargetError> {
    let bad = |why: &str| TargetError::BadUrl {
        from,
        why: why.to_owned(),
    };
    let url = Url::parse(text.trim()).map_err(|why| bad(&why.to_string()))?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(bad("it does not begin with postgres:// or postgresql://"));
    }
    Ok(url)
}

/// Fill what the url leaves open from the environment that was given.
fn complete(mut url: Url, env: &Environment) -> Url {
    if url.username().is_empty()
        && !has_query(&url, "user")
        && let Some(user) = value(env, "PGUSER")
    {
        let _ = url.set_username(&keep_percent(user));
    }
    if url.password().is_none()
        && !has_query(&url, "password")
        && let Some(password) = value(env, "PGPASSWORD")
    {
        let _ = url.set_password(Some(&keep_percent(password)));
    }
    if !has_query(&url, "sslmode")
        && !has_query(&url, "ssl-mode")
        && let Some(mode) = value(env, "PGSSLMODE")
    {
        url.query_pairs_mut().append_pair("sslmode", mode);
    }
    if !has_query(&url, "sslrootcert")
        && let Some(file) = value(env, "PGSSLROOTCERT")
    {
        url.query_pairs_mut().append_pair("sslrootcert", file);
    }
    url
}

fn has_query(url: &Url, key: &str) -> bool {
    url.query_pairs().any(|(name, _)| name == key)
}

/// `url` encodes what a url cannot hold, except percent signs, which it takes for encodings.
fn keep_percent(text: &str) -> String {
    text.replace('%', "%25")
}

/// Name the database; a slash in the name stays part of it.
fn set_database(url: &mut Url, name: &str) {
    if let Ok(mut path) = url.path_segments_mut() {
        path.clear().push(name);
    }
}

/// What a url is put together from.
#[derive(Debug, Default)]
struct Parts {
    host: Option<String>,
    port: Option<u16>,
    name: Option<String>,
    user: Option<String>,
    password: Option<String>,
}

impl Parts {
    /// A url; sqlx then looks a missing password up in the password file for exactly this host, name and user.
    fn url(&self, from: &'static str) -> Result<Url, TargetError> {
        let bad = |why: &str| TargetError::BadUrl {
            from,
            why: why.to_owned(),
        };
        let mut url = parse("postgres://localhost", from)?;
        match self.host.as_deref() {
            Some(dir) if dir.starts_with('/') => {
                url.query_pairs_mut().append_pair("host", dir);
            }
            Some(host) => {
                let host = if host.contains(':') && !host.starts_with('[') {
                    format!("[{host}]")
                } else {
                    host.to_owned()
                };
                url.set_host(Some(&host))
                    .map_err(|_| bad("the host is not a name or address"))?;
            }
            None => {}
        }
        let user = self.user.as_deref().map(keep_percent).unwrap_or_default();
        url.set_username(&user)
            .map_err(|()| bad("the user does not fit into a url"))?;
        let password = self.password.as_deref().map(keep_percent);
        url.set_password(password.as_deref())
            .map_err(|()| bad("the password does not fit into a url"))?;
        url.set_port(self.port)
            .map_err(|()| bad("the port does not fit into a url"))?;
        if let Some(name) = &self.name {
            set_database(&mut url, name);
        }
        Ok(url)
    }
}

fn port(env: &Environment, name: &'static str) -> Result<Option<u16>, TargetError> {
    value(env, name)
        .map(|text| match text.trim().parse() {
            Ok(port) if port != 0 => Ok(port),
            _ => Err(TargetError::BadPort {
                name,
                value: crate::domain::clean::clean(text, 40),
            }),
        })
        .transpose()
}

/// `DB_*`, when a host or a name is given.
fn from_db_parts(env: &Environment) -> Result<Option<Url>, TargetError> {
    let text = |name: &str| value(env, name).map(str::to_owned);
    if value(env, "DB_HOST").or(value(env, "DB_NAME")).is_none() {
        return Ok(None);
    }
    let parts = Parts {
        host: text("DB_HOST"),
        port: port(env, "DB_PORT")?,
        name: text("DB_NAME"),
        user: text("DB_USER"),
        password: text("DB_PASSWORD"),
    };
    parts.url("DB_*").map(Some)
}

/// `PG*`, when a host, a database or a service is given.
fn from_libpq(env: &Environment) -> Result<Option<Server>, TargetError> {
    let text = |name: &str| value(env, name).map(str::to_owned);
    let service = match value(env, "PGSERVICE") {
        Some(name) => service::read(name, env)?,
        None if value(env, "PGHOST").or(value(env, "PGDATABASE")).is_none() => return Ok(None),
        None => BTreeMap::new(),
    };
    // The service wins over the variables, as in libpq.
    let pick = |key: &str, name: &str| service.get(key).cloned().or_else(|| text(name));
    let mut numbers = env.clone();
    if let Some(port) = service.get("port") {
        numbers.insert("PGPORT".into(), port.clone());
    }
    let parts = Parts {
        host: pick("host", "PGHOST"),
        port: port(&numbers, "PGPORT")?,
        name: pick("dbname", "PGDATABASE"),
        user: pick("user", "PGUSER"),
        password: pick("password", "PGPASSWORD"),
    };
    let mut url = parts.url("PG*")?;
    for key in ["sslmode", "sslrootcert", "sslcert", "sslkey"] {
        if let Some(value) = service.get(key) {
            url.query_pairs_mut().append_pair(key, value);
        }
    }
    Server::from_url(complete(url, env), "PG*").map(Some)
}

/// Say which of two settings won, when they mean different databases.
fn warn_if_other(won: &Server, other: &Url, name: &str, warnings: &mut Vec<String>) {
    let Ok(other) = Server::from_url(other.clone(), "") else {
        return;
    };
    let key = |server: &Server| {
        let host = server.options.get_socket().map_or_else(
            || server.options.get_host().to_owned(),
            |dir| dir.display().to_string(),
        );
        (
            host,
            server.options.get_port(),
            server.database().to_owned(),
            server.options.get_username().to_owned(),
        )
    };
    if key(won) != key(&other) {
        warnings.push(format!(
            "{} and {name} name different databases; {} wins: {}",
            won.from,
            won.from,
            won.shown_url()
        ));
    }
}

/// Require TLS of a distant server that no mode is named for, and warn of a named one that may be plain text.
fn demand_tls(server: &mut Server, warnings: &mut Vec<String>) -> Result<(), TargetError> {
    if server.is_local() {
        return Ok(());
    }
    let named = server
        .url
        .query_pairs()
        .find(|(key, _)| matches!(&**key, "sslmode" | "ssl-mode"))
        .map(|(_, value)| value.into_owned());
    match named.as_deref() {
        None => {
            server.url.query_pairs_mut().append_pair("sslmode", "require");
            *server = Server::from_url(server.url.clone(), server.from)?;
        }
        Some(mode @ ("disable" | "allow" | "prefer")) => warnings.push(format!(
            "sslmode={mode} lets the password and the data cross the network in plain text; use verify-full or require"
        )),
        Some(_) => {}
    }
    Ok(())
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.starts_with('/')
        || address
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// Whether psql knows this parameter, and it is no secret.
fn is_libpq(key: &str) -> bool {
    let known = [
        "host",
        "hostaddr",
        "port",
        "dbname",
        "user",
        "sslmode",
        "sslrootcert",
        "sslcert",
        "sslkey",
        "options",
    ];
    known.contains(&key)
}

/// An error's text without the password, should it hold it.
fn describe(error: &sqlx::Error, password: Option<&str>) -> String {
    let text = error.to_string();
    match password.filter(|password| !password.is_empty()) {
        Some(password) => text.replace(password, "***"),
        None => text,
    }
}

/// The home directory's file of this name.
fn home_file(env: &Environment, name: &str) -> Option<std::path::PathBuf> {
    value(env, "HOME").map(|home| Path::new(home).join(name))
}

#[cfg(test)]
mod tests;
