//! One's own bets: what they were worth when they were made, and how they ended.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};

use super::signals::Judge;
use super::signals::game::Judged;
use crate::analytics::price::Price;
use crate::analytics::settlement::{Pitchers, Score};
use crate::analytics::wager::{self, Ending, Open, Ticket};
use crate::domain::clean::clean;
use crate::domain::game::GameId;
use crate::domain::market::{Line, Market};
use crate::store;
use crate::store::mybets::{NewBet, Settlement, StoredBet, Worth};

/// Longest name of an event kept.
const LONGEST_EVENT: usize = 120;

/// What became of a bet that was told.
#[derive(Debug, Clone, PartialEq)]
pub struct Added {
    /// Its name.
    pub bet_id: String,
    /// Whether it was not there yet.
    pub new: bool,
    /// Away at home.
    pub event: String,
    /// What it was worth by the board as known when it was made; none where no shop was known then.
    pub worth: Option<Worth>,
}

/// Keep a bet. None where there is no such game.
pub async fn add(
    connection: &mut PgConnection,
    judge: &Judge,
    game: GameId,
    ticket: Ticket,
) -> Result<Option<Added>, sqlx::Error> {
    let Some(judged) = Judged::until(connection, game, judge, ticket.placed_at).await? else {
        return Ok(None);
    };
    let facts = judged.facts();
    let [home, away] = &facts.teams;
    let event = clean(&format!("{away} @ {home}"), LONGEST_EVENT);
    let book = judge.book(&ticket.book);
    let ticket = ticket.at_book(&book);
    let began = facts
        .starts_at
        .is_some_and(|start| start <= ticket.placed_at);
    let fair = if began {
        // The board is pregame's: of a bet in play it says nothing.
        None
    } else {
        judged
            .detector()
            .fair(&ticket.market, ticket.period, ticket.side, ticket.line)
    };
    let worth = fair.map(|(probability, books)| Worth {
        probability,
        books,
        expected_value: probability * ticket.price.decimal() - 1.0,
    });
    let new = NewBet {
        game,
        league: facts.league.as_str(),
        event: &event,
        event_time: facts.starts_at,
        ticket: &ticket,
        worth,
    };
    let (bet_id, new) = store::mybets::add(connection, &new).await?;
    Ok(Some(Added {
        bet_id,
        new,
        event,
        worth,
    }))
}

/// What settling did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    /// Bets that ended, or ended otherwise than was thought.
    pub ended: usize,
    /// Bets whose game is over and that wait for something else.
    pub waiting: usize,
}

/// Settle every bet whose game is over.
pub async fn settle(pool: &PgPool, judge: &Judge) -> Result<Settled, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let bets = store::mybets::to_settle(&mut connection).await?;
    let mut done = Settled::default();
    let mut at_hand: Option<(GameId, Judged)> = None;
    for bet in bets {
        let game = GameId::from_i64(bet.game_id);
        let Some((ticket, ending)) = read(&mut connection, &bet, game).await? else {
            continue;
        };
        let Ok(outcome) = wager::end(&ticket, &ending) else {
            done.waiting += 1;
            continue;
        };
        if at_hand.as_ref().is_none_or(|(had, _)| *had != game) {
            let whole =
                Judged::until(&mut connection, game, judge, DateTime::<Utc>::MAX_UTC).await?;
            at_hand = whole.map(|judged| (game, judged));
        }
        let Some((_, judged)) = &at_hand else {
            continue;
        };
        let detector = judged.detector();
        let pregame = ending.started.is_none_or(|start| ticket.placed_at < start);
        let close_probability = detector
            .closing(&ticket.market, ticket.period, ticket.side, ticket.line)
            .filter(|_| pregame);
        let decimal = ticket.price.decimal();
        let end = Settlement {
            outcome,
            profit: wager::profit(ticket.stake, decimal, outcome),
            close_line: detector
                .closing_line(&ticket.market, ticket.period, ticket.side)
                .filter(|_| pregame),
            close_probability,
            clv: close_probability.map(|close| decimal * close - 1.0),
        };
        store::mybets::settle(&mut connection, &bet.bet_id, &end).await?;
        done.ended += 1;
    }
    Ok(done)
}

/// Why an open bet is open.
pub async fn why_open(
    connection: &mut PgConnection,
    bet: &StoredBet,
) -> Result<Option<Open>, sqlx::Error> {
    if bet.outcome.is_some() {
        return Ok(None);
    }
    let read = read(connection, bet, GameId::from_i64(bet.game_id)).await?;
    Ok(Some(read.map_or(Open::NoResult, |(ticket, ending)| {
        wager::end(&ticket, &ending).err().unwrap_or(Open::NoResult)
    })))
}

/// A stored bet as a ticket, and how its game stands. None where the row or its game is not understood.
async fn read(
    connection: &mut PgConnection,
    bet: &StoredBet,
    game: GameId,
) -> Result<Option<(Ticket, Ending)>, sqlx::Error> {
    let Some(end) = store::mybets::game_end(connection, game).await? else {
        return Ok(None);
    };
    let of_row = || {
        let price: Price = bet.price.parse().ok()?;
        let ticket = Ticket {
            market: Market::from_name(&bet.market),
            period: bet.period.parse().ok()?,
            side: bet.side.parse().ok()?,
            line: bet.line.and_then(Line::from_points),
            team: bet.team_side.as_deref().and_then(|side| side.parse().ok()),
            price,
            written: bet.price.clone(),
            stake: (bet.stake * 100.0).round() as i64,
            book: bet.book.clone(),
            placed_at: bet.placed_at,
            pitchers: if bet.pitchers == "listed" {
                Pitchers::Listed
            } else {
                Pitchers::Action
            },
            note: None,
        };
        let ending = Ending {
            league: end.league.parse().ok()?,
            status: end.status.parse().ok()?,
            score: end
                .home_score
                .zip(end.away_score)
                .map(|(home, away)| Score { home, away }),
            announced: bet.event_time,
            started: end.starts_at,
            halves: end.halves.and_then(|halves| u16::try_from(halves).ok()),
            pitcher_changed: bet.pitcher_changed,
        };
        Some((ticket, ending))
    };
    Ok(of_row())
}
