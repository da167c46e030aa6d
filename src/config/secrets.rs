//! The secrets in force, so that they can be taken out of whatever is about to be written.
//!
//! Nothing should put a secret into a message in the first place; this is the net below.

use std::borrow::Cow;
use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::environment::Environment;
use super::settings::Settings;

/// What stands in a secret's place.
pub const HIDDEN: &str = "<secret>";

/// Shorter ones would tear ordinary words apart, and are no secret to speak of.
const SHORTEST: usize = 4;

/// The secrets in force.
#[derive(Clone, Default)]
pub struct Secrets(Vec<SecretString>);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

impl Secrets {
    /// Keys and passwords of the settings and of the environment.
    pub fn of(settings: &Settings, env: &Environment) -> Self {
        let mut found: Vec<String> = Vec::new();
        let mut add = |text: &str| {
            if text.len() >= SHORTEST {
                found.push(text.to_owned());
            }
        };
        let sources = &settings.sources;
        for key in [&sources.odds_api.key, &sources.goalserve.key]
            .into_iter()
            .flatten()
        {
            add(key.expose_secret());
        }
        for name in [
            "ODDS_API_KEY",
            "GOALSERVE_API_KEY",
            "DB_PASSWORD",
            "PGPASSWORD",
            "REDIS_PASSWORD",
        ] {
            add(env.get(name).unwrap_or_default());
        }
        for url in [&settings.database.url, &settings.cache.redis_url]
            .into_iter()
            .flatten()
        {
            for password in passwords(url.expose_secret()) {
                add(&password);
            }
        }
        // The longest first, so that no part of one is left behind by another.
        found.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        found.dedup();
        Self(found.into_iter().map(SecretString::from).collect())
    }

    /// `text` without any secret: the known ones, the password of any URL, and what an `apiKey=` or a
    /// `/getfeed/` carries.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut out = Cow::Borrowed(text);
        for secret in &self.0 {
            if out.contains(secret.expose_secret()) {
                out = Cow::Owned(out.replace(secret.expose_secret(), HIDDEN));
            }
        }
        for (marker, ends) in [
            ("apikey=", "&\"' \n\t)>#"),
            ("api_key=", "&\"' \n\t)>#"),
            ("password=", "&\"' \n\t)>#"),
            ("/getfeed/", "/?&\"' \n\t)>#"),
        ] {
            if let Some(hidden) = hide_after(&out, marker, ends) {
                out = Cow::Owned(hidden);
            }
        }
        match hide_userinfo(&out) {
            Some(hidden) => Cow::Owned(hidden),
            None => out,
        }
    }
}

/// The password of a URL, as written and as meant, and that of its query.
fn passwords(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    // As written: between the first colon of the user part and the last @ before the path.
    if let Some(user) = userinfo(text)
        && let Some((_, password)) = user.split_once(':')
    {
        found.push(password.to_owned());
        // url's query parser decodes percent signs, but also +, which a password keeps.
        let query = format!("p={}", password.replace('+', "%2B"));
        found.extend(url::form_urlencoded::parse(query.as_bytes()).map(|(_, v)| v.into_owned()));
    }
    if let Ok(url) = Url::parse(text) {
        let query = url.query_pairs().filter(|(name, _)| name == "password");
        found.extend(query.map(|(_, value)| value.into_owned()));
    }
    found
}

/// `user:password` of a URL.
fn userinfo(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest
        .find(['/', '?', '#', ' ', '"', '\''])
        .and_then(|end| rest.get(..end))
        .unwrap_or(rest);
    authority.rsplit_once('@').map(|(user, _)| user)
}

/// With everything from `marker` (any case) to one of `ends` hidden; none when the marker does not occur.
fn hide_after(text: &str, marker: &str, ends: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let mut out = String::new();
    let mut from = 0;
    while let Some(found) = lower.get(from..)?.find(marker) {
        let value = from + found + marker.len();
        let rest = text.get(value..)?;
        let end = value + rest.find(|c| ends.contains(c)).unwrap_or(rest.len());
        out.push_str(text.get(from..value)?);
        if end > value {
            out.push_str(HIDDEN);
        }
        from = end;
    }
    if from == 0 {
        return None;
    }
    out.push_str(text.get(from..)?);
    Some(out)
}

/// With the password of every `scheme://user:password@` hidden; none when there is none.
fn hide_userinfo(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    let mut changed = false;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        rest = after;
        if let Some(user) = userinfo(&format!("x://{after}"))
            && let Some((name, password)) = user.split_once(':')
            && !password.is_empty()
            && password != HIDDEN
        {
            out.push_str(name);
            out.push(':');
            out.push_str(HIDDEN);
            rest = after.get(user.len()..).unwrap_or_default();
            changed = true;
        }
    }
    out.push_str(rest);
    changed.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        let mut settings = Settings::default();
        settings.sources.odds_api.key = Some("k3y-canary".to_owned().into());
        settings.database.url = Some("postgres://u:p%40ss-canary@db/x".to_owned().into());
        settings.cache.redis_url = Some("redis://:redis-canary@r:1/0".to_owned().into());
        let env = [("PGPASSWORD", "pg-canary")].into_iter().collect();
        Secrets::of(&settings, &env)
    }

    #[test]
    fn nothing_secret_is_left() {
        let secrets = secrets();
        for text in [
            "GET /v4/odds?apiKey=k3y-canary&regions=us",
            "GET /v4/odds?apiKey=other-canary",
            "password authentication failed for p@ss-canary and p%40ss-canary",
            "redis://:redis-canary@r:1/0 refused",
            "postgres://someone:another-canary@host/db",
            "pg-canary",
            "http://a:one-canary@b and http://c:two-canary@d",
        ] {
            let out = secrets.redact(text);
            assert!(!out.contains("canary"), "{out}");
            assert!(out.contains(HIDDEN), "{out}");
        }
        assert_eq!(format!("{secrets:?}"), "Secrets(5)");
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        let text = "13 games, https://api.example.com/v2?date=20250712 took 40 ms; mail a:b@c";
        assert!(matches!(secrets().redact(text), Cow::Borrowed(same) if same == text));
        assert_eq!(secrets().redact("é apiKey= é"), "é apiKey= é");
    }
}
