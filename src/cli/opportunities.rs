//! `linetape opportunities`: prices better than fair, arbitrages and middles, and what became of them over time.

mod read;
mod report;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::Subcommand;
use serde::Serialize;
use serde_json::json;

use super::arguments;
use super::context::Context;
use super::error::{CliError, Exit};
use super::fair::{age, market_words, now};
use super::open::{self, Opened, failed};
use super::table::{Align, Table};
use crate::analytics::fair::Rules;
use crate::analytics::fair::row::Kind;
use crate::analytics::price::rounded_american;
use crate::domain::game::GameId;
use crate::domain::league::League;
use crate::domain::market::{Line, Phase, Side};
use crate::engine::opportunities::live::{chances, sort};
use crate::engine::opportunities::market::quotes;
use crate::engine::opportunities::{Appraiser, Games, rules, stored};
use crate::engine::reference::Reference;
use crate::engine::snapshot::{ChanceView, LegView};
use crate::store;
use crate::store::opportunities::{Game, Written};

/// Arguments.
#[derive(Debug, Clone, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    /// What else than to list what is there now.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Which chances.
    #[command(flatten)]
    pub list: List,
}

/// What else than to list what is there now.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Which book has the best price how often, by league and market
    Best(report::Best),
    /// What offers were worth over time, by league and book
    Ev(report::Ev),
    /// Make bets, fair prices, offers and chances of stored games anew from their rows; what is right already stays
    Rebuild(Rebuild),
    /// Read opportunities as Fair-Edge wrote them: teams, sport, time, line, side, price and both programs' ids
    Read(read::Args),
}

/// Which games.
#[derive(Debug, Clone, clap::Args)]
pub struct Rebuild {
    /// Games that start at or after this time, RFC 3339 or epoch seconds; all when none is given
    #[arg(long, value_parser = arguments::instant)]
    pub since: Option<DateTime<Utc>>,
    /// In the demo's database
    #[arg(long)]
    pub demo: bool,
}

/// Which chances.
#[derive(Debug, Clone, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct List {
    /// Worth at least this share of the stake: 0.02 is 2 %; below 0 the best prices that are worth less than fair too
    #[arg(long, default_value_t = 0.0, value_parser = share, allow_negative_numbers = true)]
    pub min_ev: f64,
    /// Of one league
    #[arg(long)]
    pub league: Option<League>,
    /// With a price of this book, by slug (draftkings)
    #[arg(long)]
    pub book: Option<String>,
    /// Only prices that pay whatever happens
    #[arg(long, conflicts_with = "middles")]
    pub arbs: bool,
    /// Only pairs of bets of which both may win
    #[arg(long)]
    pub middles: bool,
    /// Stale prices too, marked
    #[arg(long)]
    pub stale: bool,
    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub limit: u32,
    /// In the demo's database
    #[arg(long)]
    pub demo: bool,
}

fn share(text: &str) -> Result<f64, String> {
    let wrong = || "not a share; write 0.02 for 2 %".to_owned();
    let value: f64 = text.parse().map_err(|_| wrong())?;
    if (-1.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(wrong())
    }
}

/// List what is there, report, rebuild, or read.
pub async fn run(args: Args, context: &Context) -> Result<(), CliError> {
    match args.command {
        None => list(&args.list, context).await,
        Some(Command::Best(best)) => report::best(&best, context).await,
        Some(Command::Ev(ev)) => report::ev(&ev, context).await,
        Some(Command::Rebuild(rebuild)) => make_anew(&rebuild, context).await,
        Some(Command::Read(args)) => read::run(&args, context),
    }
}

async fn list(args: &List, context: &Context) -> Result<(), CliError> {
    let opened = open::database(context, args.demo, false).await?;
    let rules = rules(&context.settings.fair);
    let found = find(args, &opened, &rules).await;
    opened.leave().await;
    let (mut found, games, now) = found?;
    let stale = found.iter().filter(|c| c.stale).count();
    if !args.stale {
        found.retain(|chance| !chance.stale);
    }
    found.truncate(args.limit as usize);
    let mut data = context.output.data();
    let mut table = Table::new(&[
        ("kind", Align::Left),
        ("class", Align::Left),
        ("EV", Align::Right),
        ("game", Align::Left),
        ("market", Align::Left),
        ("fair", Align::Right),
        ("bets (price, book, seen, changed)", Align::Left),
    ]);
    for chance in &found {
        let game = games.get(&chance.game_id);
        if context.output.json {
            data.json(&row(chance, game, now))?;
        } else {
            table.row(cells(chance, game, now));
        }
    }
    if !found.is_empty() && !context.output.json {
        table.print(&context.output, &mut data)?;
    }
    data.finish()?;
    if found.is_empty() {
        context.output.say(
            "nothing is better than fair now; `linetape fair GAME` shows what is, `linetape opportunities ev` what was",
        );
    }
    if stale > 0 && !args.stale {
        context.output.say(&format!(
            "{stale} with a price that was not seen for {} are left out; --stale shows them",
            age(rules.max_age)
        ));
    }
    Ok(())
}

type Found = (Vec<ChanceView>, BTreeMap<GameId, Game>, DateTime<Utc>);

async fn find(args: &List, opened: &Opened, rules: &Rules) -> Result<Found, CliError> {
    let reference = reference()?;
    let mut connection = opened.pool.acquire().await.map_err(failed)?;
    let now = now(&mut connection, args.demo).await?;
    let ids = store::signals::games_since(&mut connection, now)
        .await
        .map_err(failed)?;
    let mut games = BTreeMap::new();
    for id in ids {
        let game = store::opportunities::game(&mut connection, id).await;
        let game = game.map_err(failed)?;
        games.extend(
            game.filter(|game| args.league.is_none_or(|l| l == game.league))
                .map(|game| (id, game)),
        );
    }
    let wanted: Vec<GameId> = games.keys().copied().collect();
    let prices = stored::now(&mut connection, &wanted)
        .await
        .map_err(failed)?;
    let mut found = Vec::new();
    for (id, prices) in &prices {
        let Some(game) = games.get(id) else { continue };
        let quotes = quotes(game.league, Phase::Pregame, prices, &reference, rules, now);
        found.extend(chances(*id, &quotes, now));
    }
    found.retain(|chance| {
        let kind = match chance.kind {
            Kind::Value => !args.arbs && !args.middles,
            Kind::Arbitrage => !args.middles,
            Kind::Middle => !args.arbs,
        };
        let book = args.book.as_deref();
        // A middle has no value of its own: only its odds are known.
        kind && chance.ev.is_none_or(|ev| ev >= args.min_ev)
            && (chance.ev.is_some() || args.middles || args.min_ev <= 0.0)
            && book.is_none_or(|book| chance.legs.iter().any(|leg| &*leg.book == book))
    });
    sort(&mut found);
    Ok((found, games, now))
}

fn reference() -> Result<Reference, CliError> {
    Reference::builtin().map_err(|e| CliError::new(Exit::Failure, e.to_string()))
}

fn title(game: Option<&Game>) -> String {
    game.map_or_else(String::new, |game| format!("{} @ {}", game.away, game.home))
}

fn percent(share: f64) -> String {
    format!("{:+.2} %", share * 100.0)
}

fn cells(chance: &ChanceView, game: Option<&Game>, now: DateTime<Utc>) -> Vec<String> {
    let worth = match (chance.ev, chance.break_even) {
        (Some(ev), _) => percent(ev),
        (None, Some(hits)) => format!("1 in {:.0}", 1.0 / hits.max(1e-9)),
        _ => "-".to_owned(),
    };
    let worth = if chance.break_even == Some(0.0) {
        "free".to_owned()
    } else {
        worth
    };
    let legs: Vec<String> = chance
        .legs
        .iter()
        .map(|leg| leg_words(leg, game, now))
        .collect();
    let stale = if chance.stale { " stale" } else { "" };
    vec![
        chance.kind.as_str().to_owned(),
        format!("{}{stale}", chance.class),
        worth,
        title(game),
        market_words(&chance.market, chance.period, &chance.participant),
        chance
            .fair
            .map_or_else(|| "-".to_owned(), |p| format!("{:.1} %", p * 100.0)),
        legs.join(" + "),
    ]
}

fn leg_words(leg: &LegView, game: Option<&Game>, now: DateTime<Utc>) -> String {
    let side = match (leg.side, game) {
        (Side::Home, Some(_)) => "home",
        (Side::Away, Some(_)) => "away",
        (side, _) => side.as_str(),
    };
    let line = match leg.line.map(Line::points) {
        Some(line) if matches!(leg.side, Side::Home | Side::Away) => format!(" {line:+}"),
        Some(line) => format!(" {line}"),
        None => String::new(),
    };
    let price = rounded_american(leg.decimal).map_or_else(String::new, |a| format!(" {a:+}"));
    let since = |at: DateTime<Utc>| age((now - at).as_seconds_f64());
    let ages = format!("({}, {})", since(leg.seen_at), since(leg.changed_at));
    format!("{side}{line}{price} {} {ages}", leg.book)
}

/// One leg, as `--json` prints it.
#[derive(Serialize)]
struct LegRow<'a> {
    side: &'static str,
    line: Option<f64>,
    book: &'a str,
    american: Option<i64>,
    decimal: f64,
    net_decimal: f64,
    stake: f64,
    seen_at: DateTime<Utc>,
    changed_at: DateTime<Utc>,
    seen_s: f64,
    changed_s: f64,
}

/// A chance, as `--json` prints it.
#[derive(Serialize)]
struct Row<'a> {
    r#type: &'static str,
    kind: &'static str,
    game_id: i64,
    league: Option<&'static str>,
    game: String,
    starts_at: Option<DateTime<Utc>>,
    market: &'a str,
    period: &'static str,
    participant: &'a str,
    class: &'static str,
    ev: Option<f64>,
    break_even: Option<f64>,
    fair_probability: Option<f64>,
    stale: bool,
    legs: Vec<LegRow<'a>>,
}

fn row<'a>(chance: &'a ChanceView, game: Option<&Game>, now: DateTime<Utc>) -> Row<'a> {
    let since = |at: DateTime<Utc>| (now - at).as_seconds_f64().max(0.0);
    Row {
        r#type: "opportunity",
        kind: chance.kind.as_str(),
        game_id: chance.game_id.as_i64(),
        league: game.map(|g| g.league.as_str()),
        game: title(game),
        starts_at: game.and_then(|g| g.starts_at),
        market: chance.market.as_str(),
        period: chance.period.as_str(),
        participant: &chance.participant,
        class: chance.class.as_str(),
        ev: chance.ev,
        break_even: chance.break_even,
        fair_probability: chance.fair,
        stale: chance.stale,
        legs: chance
            .legs
            .iter()
            .map(|leg| LegRow {
                side: leg.side.as_str(),
                line: leg.line.map(Line::points),
                book: &leg.book,
                american: rounded_american(leg.decimal),
                decimal: leg.decimal,
                net_decimal: leg.net,
                stake: leg.stake,
                seen_at: leg.seen_at,
                changed_at: leg.changed_at,
                seen_s: since(leg.seen_at),
                changed_s: since(leg.changed_at),
            })
            .collect(),
    }
}

async fn make_anew(args: &Rebuild, context: &Context) -> Result<(), CliError> {
    let opened = open::database(context, args.demo, true).await?;
    let done = rebuild(args, &opened, context).await;
    opened.leave().await;
    let (games, done) = done?;
    let mut data = context.output.data();
    if context.output.json {
        data.json(&json!({
            "type": "opportunities_rebuilt", "games": games, "bets": done.bets, "fair": done.fair,
            "offers": done.offers, "chances": done.chances, "removed": done.removed,
        }))?;
    } else {
        data.line(&format!(
            "{games} games: {} bets, {} fair prices, {} offers and {} chances new, {} rows removed",
            done.bets, done.fair, done.offers, done.chances, done.removed
        ))?;
    }
    data.finish()
}

async fn rebuild(
    args: &Rebuild,
    opened: &Opened,
    context: &Context,
) -> Result<(usize, Written), CliError> {
    let appraiser = Appraiser::new(Arc::new(reference()?), rules(&context.settings.fair));
    let since = args.since.unwrap_or(DateTime::UNIX_EPOCH);
    let mut connection = opened.pool.acquire().await.map_err(failed)?;
    let games = store::signals::games_since(&mut connection, since)
        .await
        .map_err(failed)?;
    drop(connection);
    let mut done = Written::default();
    for (n, game) in games.iter().enumerate() {
        let mut anew = Games::default();
        let settled = appraiser.settle(&opened.pool, *game, &mut anew).await;
        done = done.and(settled.map_err(failed)?);
        if (n + 1) % 100 == 0 {
            context
                .output
                .say(&format!("{} of {} games", n + 1, games.len()));
        }
    }
    Ok((games.len(), done))
}
