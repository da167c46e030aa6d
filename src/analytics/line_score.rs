//! The score of a part of a game, out of its line score.

use std::ops::Range;

use serde::{Serialize, Serializer};

use super::settlement::Score;
use crate::domain::league::League;
use crate::domain::market::Period;

/// One period as a feed told it: home and away; none for a team that did not play it, as a home team that leads after the
/// top of the ninth.
pub type Played = (Option<i32>, Option<i32>);

/// Why a part of a game has no score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum NoScore {
    /// There is no line score.
    #[error("no feed told the score by period")]
    Untold,
    /// It is of something else.
    #[error("the periods do not add up to the final score")]
    Apart,
    /// It ends before the part does.
    #[error("the part was not played to its end")]
    Unplayed,
    /// The league knows no such part.
    #[error("the league is not played in such parts")]
    Foreign,
}

/// As its sentence.
impl Serialize for NoScore {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The score of `period` in a game that ended with `result`. A second half takes in what was played beyond time; a last
/// quarter, period or inning does not.
pub fn of_part(
    league: League,
    period: Period,
    line: &[Played],
    result: Score,
) -> Result<Score, NoScore> {
    if period == Period::Full {
        return Ok(result);
    }
    let (part, to_the_end) = part(league, period).ok_or(NoScore::Foreign)?;
    if line.is_empty() {
        return Err(NoScore::Untold);
    }
    let sum = |of: fn(&Played) -> Option<i32>| line.iter().filter_map(of).sum::<i32>();
    if (sum(|p| p.0), sum(|p| p.1)) != (result.home, result.away) {
        return Err(NoScore::Apart);
    }
    // Fewer than the league plays: the feed tells other parts, halves for quarters.
    if line.len() < regulation(league).map_or(0, |(_, fewest)| fewest) {
        return Err(NoScore::Unplayed);
    }
    let part = if to_the_end {
        part.start..line.len()
    } else {
        part
    };
    let played = line.get(part).filter(|p| !p.is_empty());
    let mut score = Score { home: 0, away: 0 };
    for (home, away) in played.ok_or(NoScore::Unplayed)? {
        score.home += home.ok_or(NoScore::Unplayed)?;
        score.away += away.ok_or(NoScore::Unplayed)?;
    }
    Ok(score)
}

/// The score of `period` by the first of several line scores that tells it, each a feed's; else why the last does not.
pub fn of_part_by_any(
    league: League,
    period: Period,
    lines: &[Vec<Played>],
    result: Score,
) -> Result<Score, NoScore> {
    let of = |line: &[Played]| of_part(league, period, line, result);
    let told = lines.iter().map(|line| of(line));
    told.fold(of(&[]), Result::or)
}

/// Periods in a game of full length, and the fewest that its line score may have.
const fn regulation(league: League) -> Option<(usize, usize)> {
    match league {
        // A game that is called early counts as it stands.
        League::Mlb => Some((9, 1)),
        League::Nhl => Some((3, 3)),
        League::Soccer | League::Ncaab => Some((2, 2)),
        League::Nfl | League::Ncaaf | League::Nba | League::Wnba => Some((4, 4)),
        League::Other => None,
    }
}

/// Which periods a part is made of, and whether it goes on to the end of the game.
fn part(league: League, period: Period) -> Option<(Range<usize>, bool)> {
    let (periods, _) = regulation(league)?;
    let one = |nth: usize| (nth..nth + 1, false);
    Some(match (period, periods) {
        (Period::Innings3, 9) => (0..3, false),
        (Period::Innings5, 9) => (0..5, false),
        (Period::Innings7, 9) => (0..7, false),
        (Period::Half1, 2 | 4) => (0..periods / 2, false),
        (Period::Half2, 2 | 4) => (periods / 2..periods, true),
        (Period::Inning1, 9) | (Period::Quarter1, 4) | (Period::Period1, 3) => one(0),
        (Period::Quarter2, 4) | (Period::Period2, 3) => one(1),
        (Period::Quarter3, 4) | (Period::Period3, 3) => one(2),
        (Period::Quarter4, 4) => one(3),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(home: &[i32], away: &[i32]) -> (Vec<Played>, Score) {
        let all = home.iter().zip(away);
        let score = Score {
            home: home.iter().sum(),
            away: away.iter().sum(),
        };
        (all.map(|(h, a)| (Some(*h), Some(*a))).collect(), score)
    }

    #[test]
    fn parts_are_sums_of_their_periods() {
        let (nine, score) = line(&[1, 0, 2, 0, 0, 3, 0, 0, 0], &[0, 0, 0, 4, 0, 0, 0, 1, 0]);
        let of = |period| of_part(League::Mlb, period, &nine, score).map(|s| (s.home, s.away));
        assert_eq!(of(Period::Inning1), Ok((1, 0)));
        assert_eq!(of(Period::Innings3), Ok((3, 0)));
        assert_eq!(of(Period::Innings5), Ok((3, 4)));
        assert_eq!(of(Period::Innings7), Ok((6, 4)));
        assert_eq!(of(Period::Full), Ok((6, 5)));
        assert_eq!(of(Period::Half1), Err(NoScore::Foreign));
        // Four quarters and an overtime, which belongs to the second half and to no quarter.
        let (five, score) = line(&[30, 20, 25, 25, 10], &[20, 30, 20, 30, 8]);
        let of = |period| of_part(League::Nba, period, &five, score).map(|s| (s.home, s.away));
        assert_eq!(of(Period::Half1), Ok((50, 50)));
        assert_eq!(of(Period::Half2), Ok((60, 58)));
        assert_eq!(of(Period::Quarter4), Ok((25, 30)));
        assert_eq!(of(Period::Period1), Err(NoScore::Foreign));
        let (halves, score) = line(&[30, 41], &[35, 30]);
        let half = of_part(League::Ncaab, Period::Half2, &halves, score);
        assert_eq!(half.map(|s| (s.home, s.away)), Ok((41, 30)));
        let (three, score) = line(&[1, 0, 2], &[0, 0, 1]);
        let third = of_part(League::Nhl, Period::Period3, &three, score);
        assert_eq!(third.map(|s| (s.home, s.away)), Ok((2, 1)));
    }

    #[test]
    fn what_cannot_be_told_says_why() {
        let (mut called, score) = line(&[1, 0, 2, 0, 0], &[0, 0, 0, 1, 0]);
        called[4].0 = None;
        let of = |period, line: &[Played], score| of_part(League::Mlb, period, line, score);
        assert_eq!(of(Period::Innings5, &called, score), Err(NoScore::Unplayed));
        assert!(of(Period::Innings3, &called, score).is_ok());
        assert_eq!(of(Period::Innings7, &called, score), Err(NoScore::Unplayed));
        assert_eq!(of(Period::Innings3, &[], score), Err(NoScore::Untold));
        let other = Score { home: 9, away: 1 };
        assert_eq!(of(Period::Innings3, &called, other), Err(NoScore::Apart));
        // Halves where quarters are played are no quarters.
        let (halves, score) = line(&[50, 50], &[40, 40]);
        let quarter = of_part(League::Nba, Period::Quarter1, &halves, score);
        assert_eq!(quarter, Err(NoScore::Unplayed));
    }
}
