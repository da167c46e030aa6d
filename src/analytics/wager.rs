//! One's own bets: what a ticket says, how it ends, and what many of them add up to.

pub mod file;
pub mod report;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Datelike as _, Utc};
use serde::Serialize;

use super::price::Price;
use super::settlement::{
    Bet, Conditions, Innings, Outcome, Pitchers, Score, settle, settle_baseball,
};
use crate::domain::clean::clean;
use crate::domain::league::League;
use crate::domain::market::{Line, Market, Period, Side};
use crate::domain::status::GameStatus;
use crate::domain::time::{parse_feed_time, slate_date};

/// Longest note kept, characters.
const LONGEST_NOTE: usize = 400;
/// Longest book name kept.
const LONGEST_BOOK: usize = 40;
/// Largest stake, in hundredths.
const LARGEST_STAKE: i64 = 100_000_000_000;

/// A bet as it is told, before anything is known of its game.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    /// Moneyline, spread, total or team total.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// Which side.
    pub side: Side,
    /// The number, with the bettor's sign; none for a moneyline.
    pub line: Option<Line>,
    /// The team of a team total.
    pub team: Option<Side>,
    /// The price.
    pub price: Price,
    /// The price as it was written.
    pub written: String,
    /// Hundredths of the currency.
    pub stake: i64,
    /// Where, as written, cleaned.
    pub book: String,
    /// When.
    pub placed_at: DateTime<Utc>,
    /// What was agreed on about starting pitchers.
    pub pitchers: Pitchers,
    /// A word of one's own.
    pub note: Option<String>,
}

/// What a ticket is made of, as text: the fields of a row or of a command.
#[derive(Debug, Clone, Copy, Default)]
pub struct Told<'a> {
    /// Market: `moneyline`, `spread`, `total`, `team_total` and the names in use for them.
    pub market: &'a str,
    /// `home`, `away`, `over`, `under`, `draw`.
    pub side: &'a str,
    /// Points; empty for a moneyline.
    pub line: &'a str,
    /// American, decimal or a fraction.
    pub price: &'a str,
    /// An amount.
    pub stake: &'a str,
    /// The book.
    pub book: &'a str,
    /// RFC 3339, or epoch seconds.
    pub placed_at: &'a str,
    /// `full` when empty.
    pub period: &'a str,
    /// `home` or `away`, for a team total.
    pub team: &'a str,
    /// `action` when empty, or `listed`.
    pub pitchers: &'a str,
    /// A word of one's own.
    pub note: &'a str,
}

impl Told<'_> {
    /// Read it.
    ///
    /// Fails with a sentence that names the field.
    pub fn read(&self) -> Result<Ticket, String> {
        let market = market(self.market)?;
        let side: Side = lower(self.side).parse().map_err(|_| {
            format!(
                "side {:?} is none of home, away, over, under, draw",
                short(self.side)
            )
        })?;
        if !market.allows(side) {
            return Err(format!(
                "a {market} has no side {side}; moneylines and spreads have home and away, totals over and under"
            ));
        }
        let line = line(self.line, &market)?;
        let team = match (lower(self.team).as_str(), &market) {
            ("home", Market::TeamTotal) => Some(Side::Home),
            ("away", Market::TeamTotal) => Some(Side::Away),
            (_, Market::TeamTotal) => {
                return Err("a team total needs its team; give home or away".into());
            }
            ("", _) => None,
            _ => return Err(format!("a {market} has no team; leave it empty")),
        };
        let price: Price = self.price.parse().map_err(|e| format!("price: {e}"))?;
        let placed_at = parse_feed_time(self.placed_at.trim()).ok_or_else(|| {
            format!("placed_at {:?} is no time; write RFC 3339 like 2025-07-12T19:05:00Z, or epoch seconds", short(self.placed_at))
        })?;
        let period = match lower(self.period).as_str() {
            "" => Period::Full,
            name => name.parse().map_err(|e| format!("period: {e}"))?,
        };
        let pitchers = match lower(self.pitchers).as_str() {
            "" | "action" => Pitchers::Action,
            "listed" => Pitchers::Listed,
            _ => {
                return Err(format!(
                    "pitchers {:?} is neither action nor listed",
                    short(self.pitchers)
                ));
            }
        };
        let book = clean(self.book.trim(), LONGEST_BOOK);
        if book.is_empty() {
            return Err("a bet needs its book; give its name, like draftkings".into());
        }
        let note = clean(self.note.trim(), LONGEST_NOTE);
        Ok(Ticket {
            market,
            period,
            side,
            line,
            team,
            price,
            written: clean(self.price.trim(), 24),
            stake: stake(self.stake)?,
            book,
            placed_at,
            pitchers,
            note: (!note.is_empty()).then_some(note),
        })
    }
}

fn short(text: &str) -> String {
    clean(text, 40)
}

fn lower(text: &str) -> String {
    text.trim().to_ascii_lowercase().replace(['-', ' '], "_")
}

fn market(text: &str) -> Result<Market, String> {
    Ok(match lower(text).as_str() {
        "moneyline" | "ml" | "h2h" => Market::Moneyline,
        "spread" | "spreads" | "run_line" | "runline" | "puck_line" | "handicap" => Market::Spread,
        "total" | "totals" | "over_under" => Market::Total,
        "team_total" => Market::TeamTotal,
        _ => {
            return Err(format!(
                "market {:?} is none that a score settles; write moneyline, spread, total or team_total",
                short(text)
            ));
        }
    })
}

fn line(text: &str, market: &Market) -> Result<Option<Line>, String> {
    let plain = text.trim().to_ascii_lowercase();
    let plain = plain.replace('\u{2212}', "-").replace('½', ".5");
    match (plain.as_str(), market.has_line()) {
        ("", false) => Ok(None),
        ("", true) => Err(format!(
            "a {market} needs its line; give the number with your side's sign"
        )),
        (_, false) => Err("a moneyline has no line; leave it empty".into()),
        ("pk" | "pick" | "even" | "ev", true) => Ok(Some(Line::from_hundredths(0))),
        (number, true) => {
            let points = number.parse::<f64>().ok().and_then(Line::from_points);
            let fits = points.filter(|l| *market == Market::Spread || l.hundredths() > 0);
            fits.map(Some).ok_or_else(|| {
                format!(
                    "line {:?} is none; write points like -1.5, 8 or 2.25",
                    short(text)
                )
            })
        }
    }
}

/// An amount in hundredths.
fn stake(text: &str) -> Result<i64, String> {
    let wrong = || {
        format!(
            "stake {:?} is no amount; write one above 0 like 25 or 110.50",
            short(text)
        )
    };
    let plain = text
        .trim()
        .trim_start_matches(['$', '€', '£'])
        .replace(',', "");
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.len() + part.len() == 0
        || whole.len() > 12
        || part.len() > 2
        || !digits(whole)
        || !digits(part)
    {
        return Err(wrong());
    }
    let number = |text: &str| {
        if text.is_empty() {
            Ok(0)
        } else {
            text.parse::<i64>()
        }
    };
    let cents = number(&format!("{part:0<2}")).map_err(|_| wrong())?;
    let all = number(whole).map_err(|_| wrong())? * 100 + cents;
    if all == 0 || all > LARGEST_STAKE {
        return Err(wrong());
    }
    Ok(all)
}

impl Ticket {
    /// All that was told, in one order: equal tickets have equal words.
    pub fn words(&self) -> String {
        let (profit, stake) = self.price.fraction();
        format!(
            "{}\u{1f}{}\u{1f}{}\u{1f}{}\u{1f}{}\u{1f}{profit}/{stake}\u{1f}{}\u{1f}{}\u{1f}{}",
            self.market,
            self.period,
            self.side,
            self.line
                .map_or_else(String::new, |l| l.hundredths().to_string()),
            self.team.map_or("", Side::as_str),
            self.stake,
            lower(&self.book),
            self.placed_at.timestamp_micros(),
        )
    }

    /// The same bet with its book under another name.
    #[must_use]
    pub fn at_book(self, book: &str) -> Self {
        Self {
            book: book.to_owned(),
            ..self
        }
    }
}

/// What is known of a bet's game when it is to be settled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ending {
    /// League.
    pub league: League,
    /// Where the game stands.
    pub status: GameStatus,
    /// Its score.
    pub score: Option<Score>,
    /// When it was to start as the bet was told.
    pub announced: Option<DateTime<Utc>>,
    /// When it started.
    pub started: Option<DateTime<Utc>>,
    /// Half innings of a baseball game, where a feed tells innings.
    pub halves: Option<u16>,
    /// Of a bet with listed pitchers: whether another started, once a person said so.
    pub pitcher_changed: Option<bool>,
}

/// Why a bet stays open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Open {
    /// The game is not over, or nobody told its score.
    NoResult,
    /// Scores of a part of the game are not kept.
    PartOfGame,
    /// No feed here tells who started; a person has to.
    Pitchers,
}

impl Open {
    /// What to do about it.
    pub const fn why(self) -> &'static str {
        match self {
            Self::NoResult => "no result yet",
            Self::PartOfGame => "only bets on the whole game are settled",
            Self::Pitchers => "listed pitchers: say `mybets pitchers BET started` or `changed`",
        }
    }
}

/// How a bet ends, or why it stays open.
///
/// A cancelled game, and one that was played on another day than was announced when the bet was told, is no action. Baseball
/// that ended early settles by [`settle_baseball`]; seven-inning doubleheaders were played in 2020 and 2021.
pub fn end(ticket: &Ticket, ending: &Ending) -> Result<Outcome, Open> {
    if ending.status == GameStatus::Cancelled {
        return Ok(Outcome::NoAction);
    }
    let over = ending.status == GameStatus::Final;
    let Some(score) = ending.score.filter(|_| over) else {
        return Err(Open::NoResult);
    };
    if ticket.period != Period::Full {
        return Err(Open::PartOfGame);
    }
    let moved = match (ending.announced, ending.started) {
        (Some(announced), Some(started)) => slate_date(announced) != slate_date(started),
        _ => false,
    };
    let bet = Bet {
        market: ticket.market.clone(),
        side: ticket.side,
        line: ticket.line,
        team: ticket.team,
        three_way: ending.league == League::Soccer && ticket.market == Market::Moneyline,
    };
    if ending.league != League::Mlb {
        let outcome = if moved {
            Ok(Outcome::NoAction)
        } else {
            settle(&bet, score)
        };
        return outcome.map_err(|_| Open::PartOfGame);
    }
    let pitcher_changed = match (ticket.pitchers, ending.pitcher_changed) {
        (Pitchers::Action, _) => false,
        // A game that was not played on its day undoes the bet whoever would have started.
        (Pitchers::Listed, None) if moved => false,
        (Pitchers::Listed, None) => return Err(Open::Pitchers),
        (Pitchers::Listed, Some(changed)) => changed,
    };
    let sevens = ending
        .started
        .is_some_and(|at| (2020..=2021).contains(&at.year()));
    let innings = ending
        .halves
        .filter(|halves| *halves < 17)
        .map(|halves| Innings {
            halves,
            scheduled: if sevens && (13..=14).contains(&halves) {
                7
            } else {
                9
            },
        });
    let conditions = Conditions {
        innings,
        pitchers: ticket.pitchers,
        pitcher_changed,
        postponed: moved,
        decided_counts: false,
    };
    settle_baseball(&bet, score, &conditions).map_err(|_| Open::PartOfGame)
}

/// Profit of a bet in hundredths, rounded half away from zero.
pub fn profit(ticket_stake: i64, decimal: f64, outcome: Outcome) -> i64 {
    (ticket_stake as f64 * outcome.profit(decimal)).round() as i64
}
