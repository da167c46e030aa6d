//! `linetape fair GAME`: the fair price of every outcome, what it rests on, and who pays more.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::arguments::{self, GameName};
use super::context::Context;
use super::error::{CliError, Exit};
use super::open::{self, Opened, failed};
use super::table::{Align, Table};
use crate::analytics::fair::Rules;
use crate::analytics::fair::board::{Number, Offer, Outcome};
use crate::analytics::fair::offer::{Venue, maker, seed_maker, where_to_ask};
use crate::analytics::price::rounded_american;
use crate::domain::market::{Line, Market, Period, Phase};
use crate::engine::opportunities::market::{Quotes, quotes};
use crate::engine::opportunities::{rules, stored};
use crate::engine::reference::Reference;
use crate::store;

/// Which prices of a game.
#[derive(Debug, Clone, clap::Args)]
pub struct Which {
    /// The game: its id, or source:id (an:257653)
    pub game: GameName,
    /// Only this market: moneyline, spread, total …
    #[arg(long, value_parser = market)]
    pub market: Option<Market>,
    /// Only this part of the game: full, 1h, f5 …
    #[arg(long)]
    pub period: Option<Period>,
    /// As it was known at this time, RFC 3339 or epoch seconds; now when none is given
    #[arg(long, value_parser = arguments::instant)]
    pub at: Option<DateTime<Utc>>,
    /// Prices in play instead of those before the start
    #[arg(long)]
    pub live: bool,
    /// In the demo's database
    #[arg(long)]
    pub demo: bool,
}

/// Arguments.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Which game, market and moment.
    #[command(flatten)]
    pub which: Which,
    /// Numbers without a fair price too, with the reason
    #[arg(long)]
    pub all: bool,
}

#[expect(clippy::unnecessary_wraps, reason = "clap's parsers may fail")]
fn market(name: &str) -> Result<Market, String> {
    Ok(Market::from_name(name))
}

/// Print the fair prices.
pub async fn run(args: Args, context: &Context) -> Result<(), CliError> {
    let opened = open::database(context, args.which.demo, false).await?;
    let rules = rules(&context.settings.fair);
    let found = find(&args.which, &opened, &rules).await;
    opened.leave().await;
    let (game, found, now) = found?;
    let mut data = context.output.data();
    let mut table = Table::new(&[
        ("market", Align::Left),
        ("side", Align::Left),
        ("line", Align::Right),
        ("fair", Align::Right),
        ("prob", Align::Right),
        ("best", Align::Right),
        ("book", Align::Left),
        ("EV", Align::Right),
        ("class", Align::Left),
        ("seen", Align::Right),
        ("changed", Align::Right),
        ("ask", Align::Right),
        ("anchors", Align::Left),
    ]);
    let mut shown = false;
    for quotes in &found {
        for number in &quotes.board.numbers {
            if number.fair.is_err() && !args.all {
                continue;
            }
            shown = true;
            for (place, outcome) in number.outcomes.iter().enumerate() {
                let asked = asked(number, place, outcome, &rules);
                if context.output.json {
                    let game_id = game.as_i64();
                    data.json(&row(
                        game_id,
                        quotes,
                        number,
                        place,
                        asked.as_ref(),
                        &rules,
                        now,
                    ))?;
                } else {
                    table.row(cells(quotes, number, place, outcome, asked.as_ref()));
                }
            }
        }
    }
    let rests = format!(
        "margin taken out by {}; weights, what was left out and every other price: --json",
        rules.devig
    );
    let instead = "no number of the game has a fair price; --all says why, fair.anchors and fair.min_anchors decide whose prices count";
    table.end(&context.output, data, shown, &rests, instead)
}

/// The game, its markets, and the moment they are told of.
pub(super) type Found = (crate::domain::game::GameId, Vec<Quotes>, DateTime<Utc>);

/// A game's markets, as the store has them.
pub(super) async fn find(args: &Which, opened: &Opened, rules: &Rules) -> Result<Found, CliError> {
    let game = opened.game(&args.game).await?;
    let reference =
        Reference::builtin().map_err(|e| CliError::new(Exit::Failure, e.to_string()))?;
    let mut connection = opened.pool.acquire().await.map_err(failed)?;
    let facts = store::opportunities::game(&mut connection, game)
        .await
        .map_err(failed)?;
    let facts = facts.ok_or_else(|| {
        CliError::new(
            Exit::Failure,
            "the game is gone; `linetape database check-data` shows what is stored",
        )
    })?;
    let (prices, now) = if let Some(at) = args.at {
        let found = stored::at(&mut connection, game, at).await;
        (found.map_err(failed)?, at)
    } else {
        let mut found = stored::now(&mut connection, &[game])
            .await
            .map_err(failed)?;
        let prices = found.remove(&game).unwrap_or_default();
        (prices, now(&mut connection, args.demo).await?)
    };
    let phase = if args.live {
        Phase::Live
    } else {
        Phase::Pregame
    };
    let mut found = quotes(facts.league, phase, &prices, &reference, rules, now);
    found.retain(|of| {
        args.market
            .as_ref()
            .is_none_or(|market| of.market == *market)
            && args.period.is_none_or(|period| of.period == period)
    });
    found.sort_by_key(|of| (of.period != Period::Full, of.period));
    Ok((game, found, now))
}

/// The moment ages are told of: the demo's time is not ours.
pub(super) async fn now(
    connection: &mut sqlx::PgConnection,
    demo: bool,
) -> Result<DateTime<Utc>, CliError> {
    if demo {
        let newest = stored::newest(connection).await.map_err(failed)?;
        return Ok(newest.unwrap_or_else(Utc::now));
    }
    Ok(Utc::now())
}

/// What to ask for on an exchange.
#[derive(Serialize)]
struct Asked {
    book: String,
    decimal: f64,
    american: Option<i64>,
    /// What Fair-Edge would ask, which falls short of its target where there is a fee.
    seed_decimal: f64,
}

fn asked(number: &Number, place: usize, outcome: &Outcome, rules: &Rules) -> Option<Asked> {
    let p = number.probability(place)?;
    let quoted = |book: &Arc<str>| outcome.offers.iter().find(|o| o.book == *book);
    let venues: Vec<Venue<'_>> = rules
        .commission
        .keys()
        .map(|book| Venue {
            book,
            decimal: quoted(book).map(|offer| offer.decimal),
        })
        .collect();
    let book = where_to_ask(p, &venues)?;
    let fee = rules.commission.get(book).copied().unwrap_or_default();
    let decimal = maker(p, rules.take, fee).ok()?;
    Some(Asked {
        book: book.to_owned(),
        decimal,
        american: rounded_american(decimal),
        seed_decimal: seed_maker(p, rules.take, fee).ok()?,
    })
}

fn american(decimal: f64) -> String {
    rounded_american(decimal).map_or_else(|| "-".to_owned(), |a| format!("{a:+}"))
}

/// An age for people: `12s`, `5m`, `3h`.
pub(super) fn age(seconds: f64) -> String {
    let seconds = seconds.max(0.0);
    if seconds < 100.0 {
        format!("{seconds:.0}s")
    } else if seconds < 6_000.0 {
        format!("{:.0}m", seconds / 60.0)
    } else {
        format!("{:.0}h", seconds / 3_600.0)
    }
}

/// A market with its part of the game and participant: `total f5`.
pub(super) fn market_words(market: &Market, period: Period, participant: &str) -> String {
    let mut words = market.as_str().to_owned();
    if period != Period::Full {
        words = format!("{words} {period}");
    }
    if !participant.is_empty() {
        words = format!("{words} {participant}");
    }
    words
}

fn cells(
    quotes: &Quotes,
    number: &Number,
    place: usize,
    outcome: &Outcome,
    asked: Option<&Asked>,
) -> Vec<String> {
    let p = number.probability(place);
    let dash = || "-".to_owned();
    let best = outcome.best();
    let line = match outcome.line.map(Line::points) {
        Some(line) if quotes.market == Market::Spread => format!("{line:+}"),
        Some(line) => line.to_string(),
        None => String::new(),
    };
    let anchors = match &number.fair {
        Ok(fair) => {
            let names = fair.anchors.iter();
            let names = names.map(|a| format!("{} {:.0} %", a.book, a.weight * 100.0));
            names.collect::<Vec<_>>().join(", ")
        }
        Err(why) => why.to_string(),
    };
    vec![
        market_words(&quotes.market, quotes.period, &quotes.participant),
        outcome.side.to_string(),
        line,
        p.map_or_else(dash, |p| american(1.0 / p)),
        p.map_or_else(dash, |p| format!("{:.2} %", p * 100.0)),
        best.map_or_else(dash, |o| american(o.decimal)),
        best.map_or_else(dash, |o| o.book.to_string()),
        best.and_then(|o| o.ev)
            .map_or_else(dash, |ev| format!("{:+.2} %", ev * 100.0)),
        best.map_or_else(dash, |o| o.class.to_string()),
        best.map_or_else(dash, |o| age(o.seen)),
        best.map_or_else(dash, |o| age(o.changed)),
        asked.map_or_else(dash, |a| format!("{} {}", american(a.decimal), a.book)),
        anchors,
    ]
}

/// An anchor, as `--json` prints it.
#[derive(Serialize)]
struct AnchorRow<'a> {
    book: &'a str,
    weight: f64,
    probability: Option<f64>,
    overround: f64,
    seen_s: f64,
}

#[derive(Serialize)]
struct LeftOutRow<'a> {
    book: &'a str,
    reason: String,
}

/// A price, as `--json` prints it.
#[derive(Serialize)]
struct OfferRow<'a> {
    book: &'a str,
    american: Option<i64>,
    decimal: f64,
    net_decimal: f64,
    ev: Option<f64>,
    class: &'static str,
    main: bool,
    seen_s: f64,
    changed_s: f64,
    stale: bool,
}

impl<'a> OfferRow<'a> {
    fn of(offer: &'a Offer) -> Self {
        Self {
            book: &offer.book,
            american: rounded_american(offer.decimal),
            decimal: offer.decimal,
            net_decimal: offer.net,
            ev: offer.ev,
            class: offer.class.as_str(),
            main: offer.main,
            seen_s: offer.seen,
            changed_s: offer.changed,
            stale: offer.stale,
        }
    }
}

/// An outcome, as `--json` prints it.
#[derive(Serialize)]
struct Row<'a> {
    r#type: &'static str,
    game_id: i64,
    at: DateTime<Utc>,
    market: &'a str,
    period: &'a str,
    participant: &'a str,
    side: &'a str,
    line: Option<f64>,
    fair_probability: Option<f64>,
    fair_decimal: Option<f64>,
    fair_american: Option<i64>,
    method: &'static str,
    reason: Option<String>,
    anchors: Vec<AnchorRow<'a>>,
    left_out: Vec<LeftOutRow<'a>>,
    best: Option<OfferRow<'a>>,
    maker: Option<&'a Asked>,
    offers: Vec<OfferRow<'a>>,
    closed: Vec<&'a str>,
}

fn row<'a>(
    game_id: i64,
    quotes: &'a Quotes,
    number: &'a Number,
    place: usize,
    asked: Option<&'a Asked>,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Option<Row<'a>> {
    let outcome = number.outcomes.get(place)?;
    let p = number.probability(place);
    let fair = number.fair.as_ref();
    Some(Row {
        r#type: "fair",
        game_id,
        at: now,
        market: quotes.market.as_str(),
        period: quotes.period.as_str(),
        participant: &quotes.participant,
        side: outcome.side.as_str(),
        line: outcome.line.map(Line::points),
        fair_probability: p,
        fair_decimal: p.map(|p| 1.0 / p),
        fair_american: p.and_then(|p| rounded_american(1.0 / p)),
        method: rules.devig.as_str(),
        reason: fair.err().map(ToString::to_string),
        anchors: fair.map_or_else(
            |_| Vec::new(),
            |fair| {
                let anchors = fair.anchors.iter();
                anchors
                    .map(|a| AnchorRow {
                        book: &a.book,
                        weight: a.weight,
                        probability: a.probabilities.get(place).copied(),
                        overround: a.overround,
                        seen_s: a.seen,
                    })
                    .collect()
            },
        ),
        left_out: number
            .left_out
            .iter()
            .map(|(book, why)| LeftOutRow {
                book,
                reason: why.to_string(),
            })
            .collect(),
        best: outcome.best().map(OfferRow::of),
        maker: asked,
        offers: outcome.offers.iter().map(OfferRow::of).collect(),
        closed: outcome.closed.iter().map(|book| &**book).collect(),
    })
}
