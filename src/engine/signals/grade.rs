//! How signals turned out: one unit at the best price of their moment, settled by the result and held against the close.

use std::collections::BTreeMap;

use sqlx::PgPool;

use super::Judge;
use super::game::Judged;
use crate::analytics::line_score::{NoScore, of_part_by_any};
use crate::analytics::settlement::{Bet, Score, settle};
use crate::domain::league::League;
use crate::domain::market::Market;
use crate::store;
use crate::store::signals::{Grade, Ungraded};

/// What was graded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graded {
    /// Games.
    pub games: usize,
    /// Signals.
    pub signals: usize,
    /// Those with a close.
    pub closed: usize,
    /// Signals on parts of games that are over and have no grade, by the reason.
    pub without: BTreeMap<NoScore, usize>,
}

/// Grade every signal of games that are over. Those on a part of a game rest on a feed's line score that adds up to the result;
/// where none does they stay without a grade, and the reason is told.
pub async fn grade(pool: &PgPool, judge: &Judge) -> Result<Graded, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let games = store::signals::to_grade(&mut connection).await?;
    let mut done = Graded::default();
    for (game, home, away) in games {
        let Some(judged) = Judged::whole(&mut connection, game, judge).await? else {
            continue;
        };
        let signals = store::signals::gradable(&mut connection, game).await?;
        let lines = store::signals::line_scores(&mut connection, game).await?;
        let mut grades: Vec<(Ungraded, Grade)> = Vec::new();
        for signal in signals {
            match of_part_by_any(judged.league(), signal.period, &lines, Score { home, away }) {
                Ok(score) => {
                    let grade = of(&signal, &judged, score);
                    grades.extend(grade.map(|grade| (signal, grade)));
                }
                Err(NoScore::Untold) => {}
                Err(why) => *done.without.entry(why).or_default() += 1,
            }
        }
        store::signals::write_grades(&mut connection, game, &grades).await?;
        done.games += 1;
        done.signals += grades.len();
        done.closed += grades.iter().filter(|(_, g)| g.clv.is_some()).count();
    }
    let untold = store::signals::untold(&mut connection).await?;
    if untold > 0 {
        let untold = usize::try_from(untold).unwrap_or(usize::MAX);
        done.without.insert(NoScore::Untold, untold);
    }
    Ok(done)
}

/// A signal's grade; none where its bet cannot be settled, because no price with a line was there.
fn of(signal: &Ungraded, judged: &Judged, score: Score) -> Option<Grade> {
    let line = signal.price.and_then(|(line, _, _)| line);
    let bet = Bet {
        market: signal.market.clone(),
        side: signal.side,
        line,
        team: None,
        three_way: judged.league() == League::Soccer && signal.market == Market::Moneyline,
    };
    let outcome = settle(&bet, score).ok()?;
    let detector = judged.detector();
    let close = detector.closing(&signal.market, signal.period, signal.side, line);
    let decimal = signal.price.map(|(_, _, decimal)| decimal);
    Some(Grade {
        outcome: outcome.as_str(),
        profit_loss: decimal.map(|decimal| outcome.profit(decimal)),
        close_line: detector.closing_line(&signal.market, signal.period, signal.side),
        close_probability: close,
        clv: decimal
            .zip(close)
            .map(|(decimal, close)| decimal * close - 1.0),
    })
}
