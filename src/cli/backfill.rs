//! `linetape backfill`: fetch the history of past days.

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::context::Context;
use super::error::{CliError, Exit};
use super::{arguments, ingest, one_shot, runtime};
use crate::domain::league::League;
use crate::domain::source::Source;
use crate::domain::time::slate_date;
use crate::engine::Engine;
use crate::engine::backfill;
use crate::engine::command::{Asked, BackfillRequest, Command};
use crate::engine::snapshot::{BackfillState, BackfillView};
use crate::sources::plan;

/// Arguments.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// League, or `all` of collect.leagues; of a file, where its name and its columns do not tell
    #[arg(long, required_unless_present = "file", value_parser = which)]
    pub league: Option<Which>,
    /// First slate day, 2025-07-01
    #[arg(long, required_unless_present_any = ["file", "start_year"])]
    pub from: Option<NaiveDate>,
    /// Last slate day, included
    #[arg(long, required_unless_present_any = ["file", "start_year"])]
    pub to: Option<NaiveDate>,
    /// First season instead of days, by the year in which it begins
    #[arg(long, conflicts_with_all = ["from", "to"], value_parser = clap::value_parser!(i32).range(1990..=2100))]
    pub start_year: Option<i32>,
    /// Last season, included; the first when left out
    #[arg(long, requires = "start_year", value_parser = clap::value_parser!(i32).range(1990..=2100))]
    pub end_year: Option<i32>,
    /// A file that holds history, such as a season's archive; fed in place of asking the feed
    #[arg(long, conflicts_with_all = ["from", "to", "resume", "start_year"])]
    pub file: Vec<PathBuf>,
    /// The year in which the file's season began, where its name does not tell
    #[arg(long, requires = "file", value_parser = clap::value_parser!(i32).range(1990..=2100))]
    pub season: Option<i32>,
    /// When the file was received, RFC 3339 or epoch seconds; the file's own time when left out
    #[arg(long, requires = "file", value_parser = arguments::instant)]
    pub at: Option<DateTime<Utc>>,
    /// Feed
    #[arg(long, value_parser = arguments::source, default_value = "action_network")]
    pub source: Source,
    /// Leave out days already complete
    #[arg(long)]
    pub resume: bool,
    /// Say what would be fetched, and fetch nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Which leagues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Every followed league.
    All,
    /// This one.
    One(League),
}

fn which(text: &str) -> Result<Which, String> {
    if text.eq_ignore_ascii_case("all") {
        return Ok(Which::All);
    }
    let league = text.to_ascii_lowercase().parse::<League>();
    league.map(Which::One).map_err(|e| e.to_string())
}

impl Args {
    /// One request a league and season, or a league's range of days; none reaches beyond `today`. Fails when the dates make
    /// no range, or too long a one.
    pub fn requests(
        &self,
        followed: &[League],
        today: NaiveDate,
    ) -> Result<Vec<BackfillRequest>, CliError> {
        let usage = |message: &str| CliError::new(Exit::Usage, message);
        let leagues = match self.league {
            Some(Which::All) => followed.to_vec(),
            Some(Which::One(league)) => vec![league],
            None => return Err(usage("a backfill needs --league, or a --file")),
        };
        let mut requests = Vec::new();
        for league in leagues {
            let spans = match (self.start_year, self.from, self.to) {
                (Some(first), ..) => {
                    let last = self.end_year.unwrap_or(first);
                    if last < first {
                        return Err(usage("--end-year is before --start-year"));
                    }
                    (first..=last)
                        .filter_map(|year| league.season_days(year))
                        .collect()
                }
                (None, Some(from), Some(to)) => vec![(from, to)],
                _ => {
                    return Err(usage("a backfill needs --from and --to, or --start-year"));
                }
            };
            for (from, to) in spans {
                let request = BackfillRequest {
                    source: self.source,
                    league,
                    from,
                    // What has not been played is no history; a range somebody gave is taken as given.
                    to: if self.start_year.is_some() {
                        to.min(today)
                    } else {
                        to
                    },
                    resume: self.resume,
                };
                if self.start_year.is_some() && request.from > request.to {
                    continue;
                }
                backfill::days(&request).map_err(|e| usage(&e.to_string()))?;
                requests.push(request);
            }
        }
        if requests.is_empty() {
            return Err(usage(
                "no season of these leagues has begun by then; give earlier years",
            ));
        }
        Ok(requests)
    }

    /// The one league, where one is named.
    const fn one_league(&self) -> Option<League> {
        match self.league {
            Some(Which::One(league)) => Some(league),
            _ => None,
        }
    }
}

/// A day as `--dry-run --json` prints it.
#[derive(Debug, Serialize)]
struct Planned {
    r#type: &'static str,
    day: NaiveDate,
    url: String,
}

/// Fetch history by day, with progress; a day is complete only when its data is committed.
pub async fn run(args: Args, context: &Context) -> Result<(), CliError> {
    if !args.file.is_empty() {
        return files(args, context).await;
    }
    let followed = &context.settings.collect.leagues;
    let mut requests = args.requests(followed, slate_date(Utc::now()))?;
    if args.league == Some(Which::All) {
        requests.retain(|request| carried(request, context));
        if requests.is_empty() {
            let message = format!("{} has no history of these leagues", args.source);
            return Err(CliError::new(Exit::Config, message));
        }
    }
    if args.dry_run {
        for request in &requests {
            dry_run(request, context)?;
        }
        return Ok(());
    }
    let ended = one_shot::run(context, async |engine| {
        follow_all(requests, context, engine).await
    });
    match ended.await? {
        None => Ok(()),
        Some(exit) => {
            context
                .output
                .say("stopped; days complete so far stay, go on with --resume");
            Err(CliError::silent(exit))
        }
    }
}

/// Feed files that hold history, marked as known only afterwards. The same file fed again adds nothing.
async fn files(args: Args, context: &Context) -> Result<(), CliError> {
    let league = args.one_league();
    let feed = ingest::Args {
        files: args.file,
        source: args.source,
        endpoint: None,
        at: args.at,
        history: Some(ingest::History {
            season: args.season,
            league,
        }),
    };
    if args.dry_run {
        return ingest::dry_run(&feed, context).await;
    }
    ingest::run(feed, context).await
}

/// Say which requests open each day; nothing is fetched.
fn dry_run(request: &BackfillRequest, context: &Context) -> Result<(), CliError> {
    let days = backfill::days(request).map_err(|e| CliError::new(Exit::Usage, e.to_string()))?;
    let mut data = context.output.data();
    for day in days {
        let asked = plan::past_day(
            request.source,
            &context.settings.sources,
            request.league,
            day,
        )
        .map_err(|e| CliError::new(Exit::Config, e.to_string()))?;
        for request in asked {
            let planned = Planned {
                r#type: "planned",
                day,
                url: request.identity.url,
            };
            if context.output.json {
                data.json(&planned)?;
            } else {
                data.line(&format!(
                    "{}  {} and each game's history",
                    planned.day, planned.url
                ))?;
            }
        }
    }
    data.finish()
}

/// Whether the feed has the league's history; said when it has not.
fn carried(request: &BackfillRequest, context: &Context) -> bool {
    let sources = &context.settings.sources;
    match plan::past_day(request.source, sources, request.league, request.from) {
        Ok(_) => true,
        Err(error) => {
            context.output.say(&format!("{error}"));
            false
        }
    }
}

/// One after the other; the first that fails ends them, and what is complete stays.
async fn follow_all(
    requests: Vec<BackfillRequest>,
    context: &Context,
    engine: &Engine,
) -> Result<(), CliError> {
    let several = requests.len() > 1;
    for request in requests {
        if several {
            context.output.say(&format!(
                "{} of {}, {} to {}",
                request.league, request.source, request.from, request.to
            ));
        }
        follow(request, context, engine).await?;
    }
    Ok(())
}

async fn follow(
    request: BackfillRequest,
    context: &Context,
    engine: &Engine,
) -> Result<(), CliError> {
    let gone = || {
        CliError::new(
            Exit::Failure,
            "the engine stopped before the backfill ended",
        )
    };
    let asked = Asked {
        generation: 1,
        command: Command::Backfill(request.clone()),
    };
    engine.commands().send(asked).await.map_err(|_| gone())?;
    let mut snapshots = engine.snapshots();
    let mut said = None;
    loop {
        let view = snapshots
            .borrow_and_update()
            .backfills
            .iter()
            .find(|view| {
                (view.league, view.from, view.to) == (request.league, request.from, request.to)
            })
            .cloned();
        if let Some(view) = view {
            if said.as_ref() != Some(&view) {
                print(&view, context)?;
                said = Some(view.clone());
            }
            match view.state {
                BackfillState::Running => {}
                BackfillState::Done => return Ok(()),
                BackfillState::Cancelled => {
                    return Err(CliError::new(Exit::Failure, "the backfill was cancelled"));
                }
                BackfillState::Failed(_) if engine.drain().borrow().unusable.is_some() => {
                    let reason = engine.drain().borrow().unusable.clone();
                    return Err(runtime::unusable(&reason.unwrap_or_default()));
                }
                BackfillState::Failed(reason) => {
                    return Err(CliError::new(Exit::Unavailable, reason));
                }
            }
        }
        snapshots.changed().await.map_err(|_| gone())?;
    }
}

fn print(view: &BackfillView, context: &Context) -> Result<(), CliError> {
    let mut data = context.output.data();
    if context.output.json {
        data.json(&serde_json::json!({
            "type": "backfill", "source": view.source, "league": view.league, "from": view.from, "to": view.to,
            "days": view.days, "days_done": view.days_done, "games": view.games, "errors": view.errors,
            "eta_s": view.eta_s,
        }))?;
    } else {
        let eta = view
            .eta_s
            .map(|s| format!(", about {s} s left"))
            .unwrap_or_default();
        data.line(&format!(
            "{} of {} days, {} games{eta}",
            view.days_done, view.days, view.games
        ))?;
    }
    data.finish()
}

#[cfg(test)]
mod tests {
    use clap::{Args as _, FromArgMatches as _};

    use super::*;

    fn requests(arguments: &[&str]) -> Result<Vec<BackfillRequest>, CliError> {
        let command = Args::augment_args(clap::Command::new("backfill"));
        let all = ["backfill"].iter().chain(arguments);
        let matches = command.try_get_matches_from(all).unwrap();
        let followed = [League::Mlb, League::Nba];
        let today = NaiveDate::from_ymd_opt(2025, 7, 12).unwrap();
        let args = Args::from_arg_matches(&matches).unwrap();
        args.requests(&followed, today)
    }

    fn request(from: &str, to: &str) -> Result<BackfillRequest, CliError> {
        requests(&["--league", "mlb", "--from", from, "--to", to]).map(|mut all| all.remove(0))
    }

    #[test]
    fn seasons_are_ranges_that_end_today_at_the_latest() {
        let years = [
            "--league",
            "all",
            "--start-year",
            "2024",
            "--end-year",
            "2025",
        ];
        let spans: Vec<String> = requests(&years)
            .unwrap()
            .iter()
            .map(|r| format!("{} {} {}", r.league, r.from, r.to))
            .collect();
        assert_eq!(
            spans,
            [
                "mlb 2024-03-01 2024-11-30",
                "mlb 2025-03-01 2025-07-12",
                "nba 2024-10-01 2025-06-30",
            ],
            "the NBA's season of 2025 has not begun"
        );
        let later = ["--league", "nba", "--start-year", "2026"];
        assert_eq!(requests(&later).map_err(|e| e.exit), Err(Exit::Usage));
    }

    #[test]
    fn dates_make_a_range() {
        let one = request("2025-07-12", "2025-07-12").unwrap();
        assert_eq!((one.from, one.league), (one.to, League::Mlb));
        for (from, to) in [("2025-07-13", "2025-07-12"), ("2018-01-01", "2025-01-01")] {
            assert_eq!(request(from, to).map_err(|e| e.exit), Err(Exit::Usage));
        }
    }
}
