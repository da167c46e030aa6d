//! How signals turned out: one unit at the best price of their moment, settled by the result and held against the close.

use sqlx::PgPool;

use super::Judge;
use super::game::Judged;
use crate::analytics::settlement::{Bet, Score, settle};
use crate::domain::league::League;
use crate::domain::market::Market;
use crate::store;
use crate::store::signals::{Grade, Ungraded};

/// What was graded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Graded {
    /// Games.
    pub games: usize,
    /// Signals.
    pub signals: usize,
    /// Those with a close.
    pub closed: usize,
}

/// Grade every signal of games that are over. Signals on parts of a game wait for feeds that tell of their scores.
pub async fn grade(pool: &PgPool, judge: &Judge) -> Result<Graded, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let games = store::signals::to_grade(&mut connection).await?;
    let mut done = Graded::default();
    for (game, home, away) in games {
        let Some(judged) = Judged::whole(&mut connection, game, judge).await? else {
            continue;
        };
        let signals = store::signals::gradable(&mut connection, game).await?;
        let grades: Vec<(Ungraded, Grade)> = signals
            .into_iter()
            .filter_map(|signal| {
                let grade = of(&signal, &judged, Score { home, away })?;
                Some((signal, grade))
            })
            .collect();
        store::signals::write_grades(&mut connection, game, &grades).await?;
        done.games += 1;
        done.signals += grades.len();
        done.closed += grades.iter().filter(|(_, g)| g.clv.is_some()).count();
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
