//! Staging: a decoded payload in linetape's own terms. Pure: the same payload gives the same rows, whoever asks.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::clean::clean;
use crate::domain::feed::{Decoded, Quote, Reject, Split};
use crate::domain::game::GameId;
use crate::domain::market::{Market, Phase, QuoteStatus};
use crate::domain::payload::{Payload, RequestIdentity};
use crate::domain::series::{LineSlot, Observation, Price, SeriesKey};
use crate::domain::source::{Source, Stream};
use crate::domain::splits::{SplitKey, SplitObservation, SplitValue};
use crate::domain::tape::{Origin, in_market_order};
use crate::engine::reference::{OPENER_SUFFIX, Reference};
use crate::sources::{self, DecodeContext, NotAResponse};

/// A feed's own time may run ahead of ours by a skewed clock or a capture fed with a rough `--at`; a price dated
/// further ahead would hold its series' tail for good.
const FURTHEST_AHEAD: TimeDelta = TimeDelta::days(30);

/// Prices and splits of one payload, placed.
#[derive(Debug, Clone, Default)]
pub struct Staged {
    /// Prices, each series in market order.
    pub observations: Vec<Observation>,
    /// Tickets and money.
    pub splits: Vec<SplitObservation>,
    /// What could not be placed.
    pub rejects: Vec<Reject>,
    /// Earliest and latest market time.
    pub span: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// What staging asks about a game.
pub trait Games {
    /// linetape's id of a feed's game.
    fn id(&self, source: Source, source_game_id: &str) -> GameId;
    /// The start that divides pregame from live.
    fn starts_at(&self, game: GameId) -> Option<DateTime<Utc>>;
}

/// Which fetch a payload is.
pub fn origin(payload: &Payload) -> Origin {
    Origin {
        observed_at: payload.observed_at,
        payload_hash: payload.hash,
        reconstructed: payload.reconstructed,
    }
}

/// Decode a body that came for `request`.
pub fn decode(
    body: &[u8],
    request: &RequestIdentity,
    observed_at: DateTime<Utc>,
    reference: &Reference,
) -> Result<Decoded, NotAResponse> {
    let context = DecodeContext {
        stream: request.stream,
        endpoint: Some(&request.url),
        source_game_id: request.source_game_id.as_ref(),
        observed_at: Some(observed_at),
        books: &reference.books,
        teams: &reference.teams,
    };
    let mut decoded = sources::decode(body, &context)?;
    if request.stream == Stream::OddsApiScores {
        // A list of scores names every coming game too, weeks ahead and without a price; odds name those that matter.
        decoded.games.retain(|game| game.status.is_some());
    }
    Ok(decoded)
}

/// Place a payload's prices and splits.
pub fn stage(
    decoded: &Decoded,
    request: &RequestIdentity,
    observed_at: DateTime<Utc>,
    games: &impl Games,
) -> Staged {
    let mut staged = Staged::default();
    for (ordinal, quote) in decoded.quotes.iter().enumerate() {
        match place(
            quote,
            ordinal,
            decoded.taken_at,
            request,
            observed_at,
            games,
        ) {
            Ok(observation) => staged.observations.push(observation),
            Err(reason) => staged.rejects.push(Reject {
                path: format!("/quotes/{ordinal}"),
                reason,
                value: clean(&serde_json::to_string(quote).unwrap_or_default(), 200),
                game: game_of(quote.source_game_id.as_ref(), request)
                    .ok()
                    .cloned(),
            }),
        }
    }
    for (ordinal, split) in decoded.splits.iter().enumerate() {
        match place_split(split, decoded.taken_at, request, observed_at, games) {
            Ok(Some(observation)) => staged.splits.push(observation),
            Ok(None) => {}
            Err(reason) => staged.rejects.push(Reject {
                path: format!("/splits/{ordinal}"),
                reason,
                value: clean(&serde_json::to_string(split).unwrap_or_default(), 200),
                game: game_of(split.source_game_id.as_ref(), request)
                    .ok()
                    .cloned(),
            }),
        }
    }
    let times = || {
        staged
            .observations
            .iter()
            .map(|o| o.at)
            .chain(staged.splits.iter().map(|s| s.at))
    };
    staged.span = times().min().zip(times().max());
    staged.observations = in_market_order(staged.observations);
    staged
}

/// The game a record names, else the one the request asked for.
fn game_of<'a>(
    named: Option<&'a Arc<str>>,
    request: &'a RequestIdentity,
) -> Result<&'a Arc<str>, String> {
    named.or(request.source_game_id.as_ref()).ok_or_else(|| {
        "neither the payload nor its request names the game; give the endpoint with the game's id".to_owned()
    })
}

/// Market time: the feed's own time of the price, else when the payload says it was taken, else when it was received.
fn market_time(
    own: Option<DateTime<Utc>>,
    taken_at: Option<DateTime<Utc>>,
    observed_at: DateTime<Utc>,
) -> Result<DateTime<Utc>, String> {
    let at = own.or(taken_at).unwrap_or(observed_at);
    if at > observed_at + FURTHEST_AHEAD {
        return Err(format!(
            "dated {at}, more than {} days after it was received",
            FURTHEST_AHEAD.num_days()
        ));
    }
    // Postgres keeps microseconds; comparing finer would see changes that cannot be stored.
    Ok(DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at))
}

fn place(
    quote: &Quote,
    ordinal: usize,
    taken_at: Option<DateTime<Utc>>,
    request: &RequestIdentity,
    observed_at: DateTime<Utc>,
    games: &impl Games,
) -> Result<Observation, String> {
    let source_game_id = game_of(quote.source_game_id.as_ref(), request)?;
    let game_id = games.id(quote.source, source_game_id);
    let at = market_time(quote.source_at, taken_at, observed_at)?;
    if !quote.market.allows(quote.side) {
        return Err(format!("{} has no side {}", quote.market, quote.side));
    }
    if quote.status == QuoteStatus::Open && quote.odds.is_none() {
        return Err("open without a price".to_owned());
    }
    if quote.status == QuoteStatus::Open && quote.market.has_line() && quote.line.is_none() {
        return Err(format!("an open {} without a line", quote.market));
    }
    if matches!(quote.market, Market::TeamTotal) && quote.participant.is_none() {
        return Err("a team total without its team".to_owned());
    }
    // A book opens before the start, whenever it is told.
    let started = !quote.opener && games.starts_at(game_id).is_some_and(|start| at >= start);
    let by_start = if started { Phase::Live } else { Phase::Pregame };
    let slot = match quote.line {
        Some(line) if !quote.main => LineSlot::Alternate(line),
        _ => LineSlot::Main,
    };
    // Nobody knows when an untimed opener stood: in the book's own series it would be a move at the time of the look.
    let apart = quote.opener && quote.source_at.is_none() && request.stream.tells_openers();
    let source_book_id = if apart {
        Arc::from(format!("{}{OPENER_SUFFIX}", quote.source_book_id))
    } else {
        Arc::clone(&quote.source_book_id)
    };
    Ok(Observation {
        key: SeriesKey {
            game_id,
            stream: request.stream,
            source_book_id,
            market: quote.market.clone(),
            period: quote.period,
            participant: quote.participant.clone().unwrap_or_default(),
            side: quote.side,
            phase: quote.phase.unwrap_or(by_start),
            slot,
        },
        book: quote.book.clone().filter(|_| !apart),
        at,
        source_at: quote.source_at,
        price: Price {
            line: quote.line.filter(|_| quote.market != Market::Moneyline),
            odds: quote.odds.filter(|_| quote.status != QuoteStatus::Off),
            status: quote.status,
        },
        opener: quote.opener,
        ordinal: u32::try_from(ordinal).unwrap_or(u32::MAX),
    })
}

fn place_split(
    split: &Split,
    taken_at: Option<DateTime<Utc>>,
    request: &RequestIdentity,
    observed_at: DateTime<Utc>,
    games: &impl Games,
) -> Result<Option<SplitObservation>, String> {
    let shares = [split.tickets_pct, split.money_pct];
    if shares.iter().flatten().any(|p| !(0.0..=100.0).contains(p)) {
        return Err("a share outside 0 to 100".to_owned());
    }
    if shares.iter().all(Option::is_none) && split.tickets.is_none() && split.money.is_none() {
        return Ok(None);
    }
    let source_game_id = game_of(split.source_game_id.as_ref(), request)?;
    Ok(Some(SplitObservation {
        key: SplitKey {
            game_id: games.id(split.source, source_game_id),
            stream: request.stream,
            scope: split.source_book_id.clone().unwrap_or_else(|| "all".into()),
            market: split.market.clone(),
            period: split.period,
            side: split.side,
        },
        at: market_time(split.source_at, taken_at, observed_at)?,
        value: SplitValue {
            tickets_pct: split.tickets_pct,
            money_pct: split.money_pct,
            tickets: split.tickets,
            money: split.money,
        },
    }))
}
