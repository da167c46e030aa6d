//! Games that joined no other feed's, with what comes near and the command that settles it; names nobody knows.

use chrono::{Days, Utc};
use serde::Serialize;

use crate::cli::error::CliError;
use crate::cli::open::{Opened, failed};
use crate::cli::output::Data;
use crate::domain::clean::clean;
use crate::domain::source::Source;
use crate::domain::time::slate_date;
use crate::store;
use crate::store::unmatched::{Unknown, Unmatched};

/// Games told, and names told.
const MOST: i64 = 200;

/// What `data quality` tells of identity.
#[derive(Debug)]
pub(super) struct Doubts {
    games: Vec<Unmatched>,
    unknown: Vec<Unknown>,
}

#[derive(Serialize)]
struct GameRow<'a> {
    r#type: &'static str,
    command: Option<String>,
    #[serde(flatten)]
    game: &'a Unmatched,
}

#[derive(Serialize)]
struct UnknownRow<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    unknown: &'a Unknown,
}

/// Read it, from yesterday on. The demo's clock is where its tape ended.
pub(super) async fn read(opened: &Opened, demo: bool) -> Result<Doubts, CliError> {
    let pool = &opened.pool;
    let mut now = Utc::now();
    if demo {
        let mut connection = pool.acquire().await.map_err(failed)?;
        let latest = store::metrics::latest_observation(&mut connection).await;
        now = latest.map_err(failed)?.unwrap_or(now);
    }
    let today = slate_date(now);
    let since = today.checked_sub_days(Days::new(1)).unwrap_or(today);
    let games = store::unmatched::games(pool, since, MOST).await;
    let unknown = store::unmatched::unknown(pool, MOST).await;
    Ok(Doubts {
        games: games.map_err(failed)?,
        unknown: unknown.map_err(failed)?,
    })
}

impl Doubts {
    pub(super) fn print(&self, json: bool, data: &mut Data) -> Result<(), CliError> {
        for game in &self.games {
            if json {
                let command = command(game);
                data.json(&GameRow {
                    r#type: "unmatched",
                    command,
                    game,
                })?;
            } else {
                data.line(&sentence(game))?;
            }
        }
        for unknown in &self.unknown {
            if json {
                data.json(&UnknownRow {
                    r#type: "unknown",
                    unknown,
                })?;
            } else {
                let Unknown { what, source, .. } = unknown;
                let league = unknown.league.as_deref().unwrap_or_default();
                let name = clean(&unknown.name, 60);
                let count = unknown.count;
                data.line(&format!(
                    "{count:>8} × unknown {what} of {source} {league}: {name}"
                ))?;
            }
        }
        Ok(())
    }
}

/// How to name a feed's game on a command line; an id that a shell might read otherwise gives way to the game's own.
fn name(source: &str, id: &str, game_id: i64) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    match Source::parse_lenient(source) {
        Ok(source) if !id.is_empty() && id.chars().all(plain) => {
            format!("{}:{id}", source.short())
        }
        _ => game_id.to_string(),
    }
}

fn command(game: &Unmatched) -> Option<String> {
    let (source, id) = (
        game.near_source.as_deref()?,
        game.near_source_game_id.as_deref()?,
    );
    let one = name(&game.source, &game.source_game_id, game.game_id);
    let other = name(source, id, game.near_game_id?);
    Some(format!("linetape game merge {one} {other}"))
}

fn sentence(game: &Unmatched) -> String {
    let teams = |away: &str, home: &str| format!("{} @ {}", clean(away, 60), clean(home, 60));
    let who = format!(
        "unmatched: {} {} {} of {} alone",
        game.league,
        game.slate_date,
        teams(&game.away, &game.home),
        game.source
    );
    let (Some(near), Some(command)) = (game.near.as_deref(), command(game)) else {
        return format!("{who}; no game of another feed comes near");
    };
    let why = match (near, game.minutes) {
        ("swapped", _) => "home and away swapped".to_owned(),
        ("unknown_team", _) => "one team is not known".to_owned(),
        ("doubleheader", _) => "one of several games of the two that day".to_owned(),
        (_, Some(minutes)) => format!("starts {} minutes apart", minutes.abs()),
        (_, None) => "one start is not told".to_owned(),
    };
    let other = teams(
        game.near_away.as_deref().unwrap_or_default(),
        game.near_home.as_deref().unwrap_or_default(),
    );
    let source = game.near_source.as_deref().unwrap_or_default();
    format!("{who}; {source} has {other}: {why}; `{command}` if they are one")
}
