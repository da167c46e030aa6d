//! How a bet ends: win, push, the halves of quarter lines, or no action.
//!
//! A quarter line is two bets of half the stake on the numbers beside it. Books' rules differ; what is here is what most of
//! them write, with the points where they part as arguments.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

use super::refusal::Refusal;
use crate::domain::market::{Line, Market, Side, UnknownName, names};

names! {
    /// How a bet ends.
    Outcome, "outcome" {
        /// It wins.
        Win = "win",
        /// Half of it wins, half comes back.
        HalfWin = "half_win",
        /// The stake comes back.
        Push = "push",
        /// Half of it loses, half comes back.
        HalfLose = "half_lose",
        /// It loses.
        Lose = "lose",
        /// The bet does not stand; the stake comes back.
        NoAction = "no_action",
    }
}

impl Outcome {
    /// What 1 staked at `decimal` odds returns, stake included: with b = d − 1 it is 1+b, 1+b/2, 1, ½, 0 and 1.
    pub fn returned(self, decimal: f64) -> f64 {
        let profit = decimal - 1.0;
        match self {
            Self::Win => 1.0 + profit,
            Self::HalfWin => 1.0 + 0.5 * profit,
            Self::Push | Self::NoAction => 1.0,
            Self::HalfLose => 0.5,
            Self::Lose => 0.0,
        }
    }

    /// Profit on 1 staked at `decimal` odds.
    pub fn profit(self, decimal: f64) -> f64 {
        self.returned(decimal) - 1.0
    }

    /// Both halves of a quarter line together.
    const fn of_halves(first: Ordering, second: Ordering) -> Self {
        match (first, second) {
            (Ordering::Greater, Ordering::Greater) => Self::Win,
            (Ordering::Less, Ordering::Less) => Self::Lose,
            (Ordering::Greater, Ordering::Equal) | (Ordering::Equal, Ordering::Greater) => {
                Self::HalfWin
            }
            (Ordering::Less, Ordering::Equal) | (Ordering::Equal, Ordering::Less) => Self::HalfLose,
            _ => Self::Push,
        }
    }
}

/// Points of both sides in the period that is bet on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    /// The home team's.
    pub home: i32,
    /// The away team's.
    pub away: i32,
}

impl Score {
    /// Points by which `side` is ahead; none for what is no team.
    const fn ahead(self, side: Side) -> Option<i32> {
        match side {
            Side::Home => Some(self.home - self.away),
            Side::Away => Some(self.away - self.home),
            _ => None,
        }
    }
}

/// A bet as it is settled.
#[derive(Debug, Clone, PartialEq)]
pub struct Bet {
    /// What is bet on; props are not settled here.
    pub market: Market,
    /// Which side.
    pub side: Side,
    /// The number, with the bettor's sign: none for a moneyline.
    pub line: Option<Line>,
    /// The team of a team total.
    pub team: Option<Side>,
    /// A moneyline on which the draw is a bet of its own, so that it beats both teams instead of pushing.
    pub three_way: bool,
}

/// How `bet` ends with `score`.
///
/// Fails for a market that scores do not settle, a side that the market lacks, and a line that is missing.
pub fn settle(bet: &Bet, score: Score) -> Result<Outcome, Refusal> {
    if !bet.market.allows(bet.side) {
        return Err(Refusal::Shape(
            "the market has no such side; moneylines and spreads have home and away, totals over and under",
        ));
    }
    let counted = match bet.market {
        Market::Moneyline => return Ok(moneyline(bet, score)),
        Market::Spread => score.ahead(bet.side).unwrap_or_default(),
        Market::Total => score.home + score.away,
        Market::TeamTotal => match bet.team {
            Some(Side::Home) => score.home,
            Some(Side::Away) => score.away,
            _ => {
                return Err(Refusal::Shape(
                    "a team total needs its team; give home or away",
                ));
            }
        },
        Market::Prop(_) => {
            return Err(Refusal::Shape(
                "a score settles moneyline, spread, total and team_total; other markets need their own result",
            ));
        }
    };
    let Some(line) = bet.line else {
        return Err(Refusal::Shape(
            "this market needs its line; give the number",
        ));
    };
    // Hundredths on both sides, so that nothing is rounded. A spread is added, a total is held against.
    let (points, line) = (counted * 100, line.hundredths());
    let against = |number: i32| match bet.side {
        Side::Over => points.cmp(&number),
        Side::Under => number.cmp(&points),
        _ => (points + number).cmp(&0),
    };
    Ok(if line % 50 == 0 {
        Outcome::of_halves(against(line), against(line))
    } else {
        Outcome::of_halves(against(line - 25), against(line + 25))
    })
}

fn moneyline(bet: &Bet, score: Score) -> Outcome {
    match (bet.side, score.home.cmp(&score.away)) {
        (Side::Home, Ordering::Greater)
        | (Side::Away, Ordering::Less)
        | (Side::Draw, Ordering::Equal) => Outcome::Win,
        (Side::Home | Side::Away, Ordering::Equal) if !bet.three_way => Outcome::Push,
        _ => Outcome::Lose,
    }
}

/// How far a baseball game went, in half innings completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Innings {
    /// Half innings completed: 9 is four and a half innings.
    pub halves: u16,
    /// Innings the game was to have: 9, or 7 in a shortened doubleheader.
    pub scheduled: u16,
}

/// What a bettor agreed on about starting pitchers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Pitchers {
    /// The bet stands whoever starts.
    Action,
    /// The bet stands only if the pitchers named start.
    Listed,
}

/// What may undo a bet on a baseball game.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conditions {
    /// How far it went; none for a game played in full.
    pub innings: Option<Innings>,
    /// The agreement.
    pub pitchers: Pitchers,
    /// Whether another pitcher started than was named.
    pub pitcher_changed: bool,
    /// Whether it was not played on its day. Books' windows differ (the same day, 24, 36, 48 hours); this is the strictest.
    pub postponed: bool,
    /// Whether a total that is already over counts in a shortened game, as at some books.
    pub decided_counts: bool,
}

impl Default for Conditions {
    /// A game played in full, on its day, with whoever started.
    fn default() -> Self {
        Self {
            innings: None,
            pitchers: Pitchers::Action,
            pitcher_changed: false,
            postponed: false,
            decided_counts: false,
        }
    }
}

/// How `bet` ends on a baseball game that may have been shortened, postponed or pitched by somebody else.
///
/// A moneyline stands after 5 innings, 4½ with the home team ahead; run lines and totals after all that were scheduled, the
/// last half excepted with the home team ahead. Otherwise, postponed, or with another pitcher under [`Pitchers::Listed`], it
/// is [`Outcome::NoAction`].
///
/// Fails as [`settle`].
pub fn settle_baseball(
    bet: &Bet,
    score: Score,
    conditions: &Conditions,
) -> Result<Outcome, Refusal> {
    let outcome = settle(bet, score)?;
    let unlisted = conditions.pitchers == Pitchers::Listed && conditions.pitcher_changed;
    if conditions.postponed || unlisted {
        return Ok(Outcome::NoAction);
    }
    let Some(innings) = conditions.innings else {
        return Ok(outcome);
    };
    let needed = match bet.market {
        Market::Moneyline => 5,
        _ => innings.scheduled,
    };
    let spared = u16::from(score.home > score.away);
    let official = innings.halves + spared >= 2 * needed;
    // More runs cannot undo an over, nor save an under.
    let decided = conditions.decided_counts
        && match (&bet.market, bet.side) {
            (Market::Total | Market::TeamTotal, Side::Over) => outcome == Outcome::Win,
            (Market::Total | Market::TeamTotal, Side::Under) => outcome == Outcome::Lose,
            _ => false,
        };
    Ok(if official || decided {
        outcome
    } else {
        Outcome::NoAction
    })
}

#[cfg(test)]
mod tests {
    use super::Outcome::{HalfLose, HalfWin, Lose, NoAction, Push, Win};
    use super::*;

    fn bet(market: Market, side: Side, line: Option<f64>) -> Bet {
        Bet {
            market,
            side,
            line: line.map(|points| Line::from_points(points).unwrap()),
            team: None,
            three_way: false,
        }
    }

    fn score(home: i32, away: i32) -> Score {
        Score { home, away }
    }

    #[test]
    fn spreads_and_totals_on_whole_half_and_quarter_lines() {
        let spread = |side, line, home, away| {
            settle(&bet(Market::Spread, side, Some(line)), score(home, away)).unwrap()
        };
        assert_eq!(spread(Side::Home, -3.0, 24, 21), Push);
        assert_eq!(spread(Side::Home, -3.5, 24, 21), Lose);
        assert_eq!(spread(Side::Away, 3.5, 24, 21), Win);
        assert_eq!(spread(Side::Home, 0.0, 1, 1), Push);
        assert_eq!(spread(Side::Home, -0.25, 1, 1), HalfLose);
        assert_eq!(spread(Side::Away, 0.25, 1, 1), HalfWin);
        assert_eq!(spread(Side::Home, -0.75, 2, 1), HalfWin);
        assert_eq!(spread(Side::Away, 0.75, 2, 1), HalfLose);
        assert_eq!(spread(Side::Home, -1.25, 2, 1), HalfLose);
        let total = |side, line, home, away| {
            settle(&bet(Market::Total, side, Some(line)), score(home, away)).unwrap()
        };
        assert_eq!(total(Side::Over, 8.5, 5, 4), Win);
        assert_eq!(total(Side::Under, 9.0, 5, 4), Push);
        assert_eq!(total(Side::Under, 5.25, 3, 2), HalfWin);
        assert_eq!(total(Side::Over, 2.75, 2, 1), HalfWin);
        let mut team = bet(Market::TeamTotal, Side::Under, Some(3.5));
        assert!(settle(&team, score(3, 9)).is_err());
        team.team = Some(Side::Home);
        assert_eq!(settle(&team, score(3, 9)), Ok(Win));
    }

    #[test]
    fn a_tie_pushes_unless_the_draw_is_a_bet() {
        let home = bet(Market::Moneyline, Side::Home, None);
        assert_eq!(settle(&home, score(20, 20)), Ok(Push));
        let three_way = Bet {
            three_way: true,
            ..home.clone()
        };
        assert_eq!(settle(&three_way, score(1, 1)), Ok(Lose));
        let draw = bet(Market::Moneyline, Side::Draw, None);
        assert_eq!(settle(&draw, score(1, 1)), Ok(Win));
        assert_eq!(settle(&draw, score(2, 1)), Ok(Lose));
        assert_eq!(settle(&home, score(2, 1)), Ok(Win));
    }

    #[test]
    fn halves_pay_halves() {
        let expected = [
            (Win, 1.8),
            (HalfWin, 1.4),
            (Push, 1.0),
            (HalfLose, 0.5),
            (Lose, 0.0),
            (NoAction, 1.0),
        ];
        for (outcome, returned) in expected {
            assert!(
                (outcome.returned(1.8) - returned).abs() < 1e-15,
                "{outcome}"
            );
        }
        assert!((HalfLose.profit(1.8) + 0.5).abs() < 1e-15);
    }

    #[test]
    fn baseball_stands_after_its_innings() {
        let ended = |market: Market, side, line, at: Score, halves| {
            let conditions = Conditions {
                innings: Some(Innings {
                    halves,
                    scheduled: 9,
                }),
                ..Conditions::default()
            };
            settle_baseball(&bet(market, side, line), at, &conditions).unwrap()
        };
        let moneyline = |at, halves| ended(Market::Moneyline, Side::Home, None, at, halves);
        assert_eq!(moneyline(score(3, 2), 9), Win);
        assert_eq!(moneyline(score(2, 3), 9), NoAction);
        assert_eq!(moneyline(score(2, 3), 10), Lose);
        let run_line = |at, halves| ended(Market::Spread, Side::Home, Some(-1.5), at, halves);
        assert_eq!(run_line(score(5, 2), 17), Win);
        assert_eq!(run_line(score(5, 2), 16), NoAction);
        assert_eq!(run_line(score(2, 5), 17), NoAction);
        assert_eq!(run_line(score(2, 5), 18), Lose);
        assert_eq!(
            ended(Market::Total, Side::Over, Some(9.5), score(8, 6), 13),
            NoAction
        );
    }

    #[test]
    fn pitchers_postponements_and_decided_totals() {
        let over = bet(Market::Total, Side::Over, Some(9.5));
        let short = Conditions {
            innings: Some(Innings {
                halves: 13,
                scheduled: 9,
            }),
            decided_counts: true,
            ..Conditions::default()
        };
        assert_eq!(settle_baseball(&over, score(8, 6), &short), Ok(Win));
        assert_eq!(settle_baseball(&over, score(3, 2), &short), Ok(NoAction));
        let home = bet(Market::Moneyline, Side::Home, None);
        let changed = Conditions {
            pitcher_changed: true,
            ..Conditions::default()
        };
        assert_eq!(settle_baseball(&home, score(4, 1), &changed), Ok(Win));
        let listed = Conditions {
            pitchers: Pitchers::Listed,
            ..changed
        };
        assert_eq!(settle_baseball(&home, score(4, 1), &listed), Ok(NoAction));
        let postponed = Conditions {
            postponed: true,
            ..Conditions::default()
        };
        assert_eq!(
            settle_baseball(&home, score(4, 1), &postponed),
            Ok(NoAction)
        );
    }

    #[test]
    fn what_scores_do_not_settle_is_refused() {
        for (market, side, line) in [
            (Market::Spread, Side::Over, Some(1.5)),
            (Market::Total, Side::Home, Some(8.5)),
            (Market::Spread, Side::Home, None),
            (Market::Moneyline, Side::Over, None),
            (Market::Prop("hits".into()), Side::Over, Some(0.5)),
        ] {
            assert!(settle(&bet(market, side, line), score(1, 0)).is_err());
        }
    }
}
