//! Elo ratings, as 538 kept them.
//!
//! Expected result E = 1/(1 + 10^(−Δ/400)), Δ the difference of ratings with the home advantage; after the game R' = R + K·M·(S−E),
//! M a multiplier by the margin of victory. Checked against 538's published NFL ratings (1920 to 2021) and NBA games.

use super::refusal::Refusal;
use crate::domain::league::League;

/// How the margin of victory counts. `d` is the winner's lead in ratings before the game, home advantage included, so that
/// favourites do not gain from running up scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Multiplier {
    /// M = 1.
    Flat,
    /// M = ln(max(|margin|, 1) + 1)·2.2/(0.001·d + 2.2); a tie has 2.2/1.
    Nfl,
    /// M = (|margin| + 3)^0.8/(7.5 + 0.006·d).
    Nba,
    /// M = (0.6686·ln(max(|margin|, 1)) + 0.8048)·2.05/(0.001·d + 2.05). From descriptions of 538's model; no published rating
    /// was at hand to check it.
    Nhl,
}

/// The constants of a league.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Elo {
    /// Most a game can move a rating, times the multiplier.
    pub k: f64,
    /// Points the home team is given.
    pub home: f64,
    /// Share by which a rating goes back to `mean` between seasons.
    pub revert: f64,
    /// Rating of an average team.
    pub mean: f64,
    /// How the margin counts.
    pub multiplier: Multiplier,
    /// Rating points that are worth a point of the spread; none where no scale is published.
    pub per_point: Option<f64>,
}

/// The ratings of both teams.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratings {
    /// The home team's; of a neutral game the first's.
    pub home: f64,
    /// The away team's.
    pub away: f64,
}

/// Expected result of a side that leads by `difference` rating points: 1/(1 + 10^(−Δ/400)), in 0 to 1.
pub fn expected(difference: f64) -> f64 {
    1.0 / (1.0 + 10_f64.powf(-difference / 400.0))
}

/// Rating points of home advantage that make an equal home team win `share` of its games: 400·log₁₀(p/(1−p)). None outside 0
/// to 1.
pub fn home_advantage(share: f64) -> Option<f64> {
    (share > 0.0 && share < 1.0).then(|| 400.0 * (share / (1.0 - share)).log10())
}

impl Elo {
    /// 538's constants: NFL, NBA, MLB (without a margin, which is not verified) and NHL. None for other leagues.
    pub const fn of(league: League) -> Option<Self> {
        Some(match league {
            League::Nfl => Self {
                k: 20.0,
                home: 65.0,
                revert: 1.0 / 3.0,
                mean: 1505.0,
                multiplier: Multiplier::Nfl,
                per_point: Some(25.0),
            },
            League::Nba => Self {
                k: 20.0,
                home: 100.0,
                revert: 0.25,
                mean: 1505.0,
                multiplier: Multiplier::Nba,
                per_point: Some(28.0),
            },
            League::Mlb => Self {
                k: 4.0,
                home: 24.0,
                revert: 1.0 / 3.0,
                mean: 1500.0,
                multiplier: Multiplier::Flat,
                per_point: None,
            },
            League::Nhl => Self {
                k: 6.0,
                home: 50.0,
                revert: 0.3,
                mean: 1505.0,
                multiplier: Multiplier::Nhl,
                per_point: None,
            },
            _ => return None,
        })
    }

    /// The home team's lead, with the home advantage unless the ground is neutral.
    fn lead(&self, ratings: Ratings, neutral: bool) -> f64 {
        let home = if neutral { 0.0 } else { self.home };
        ratings.home - ratings.away + home
    }

    /// Probability that the home team wins.
    ///
    /// Fails for ratings that are not finite.
    pub fn forecast(&self, ratings: Ratings, neutral: bool) -> Result<f64, Refusal> {
        checked(ratings)?;
        Ok(expected(self.lead(ratings, neutral)))
    }

    /// The spread in the home team's sign (a favourite gives points): −Δ/25 for the NFL, −Δ/28 for the NBA. None where no scale is
    /// published.
    pub fn spread(&self, ratings: Ratings, neutral: bool) -> Option<f64> {
        self.per_point
            .map(|per_point| -self.lead(ratings, neutral) / per_point)
    }

    /// Ratings after the home team's game of `scored` to `allowed`; what one gains the other loses.
    ///
    /// Fails for ratings that are not finite.
    pub fn update(
        &self,
        ratings: Ratings,
        scored: i32,
        allowed: i32,
        neutral: bool,
    ) -> Result<Ratings, Refusal> {
        checked(ratings)?;
        let lead = self.lead(ratings, neutral);
        let margin = f64::from(scored) - f64::from(allowed);
        let result = if margin > 0.0 {
            1.0
        } else if margin < 0.0 {
            0.0
        } else {
            0.5
        };
        let winner = if margin < 0.0 { -lead } else { lead };
        let size = margin.abs();
        let multiplier = match self.multiplier {
            Multiplier::Flat => 1.0,
            Multiplier::Nfl if size == 0.0 => 2.0_f64.ln() * 2.2,
            Multiplier::Nfl => (size.max(1.0) + 1.0).ln() * 2.2 / (0.001 * winner + 2.2),
            Multiplier::Nba => (size + 3.0).powf(0.8) / (7.5 + 0.006 * winner),
            Multiplier::Nhl => {
                (0.6686 * size.max(1.0).ln() + 0.8048) * 2.05 / (0.001 * winner + 2.05)
            }
        };
        // A lead of thousands would turn the multiplier's sign.
        let gained = self.k * multiplier.max(0.0) * (result - expected(lead));
        Ok(Ratings {
            home: ratings.home + gained,
            away: ratings.away - gained,
        })
    }

    /// A rating before the next season.
    pub fn between_seasons(&self, rating: f64) -> f64 {
        rating + self.revert * (self.mean - rating)
    }
}

fn checked(ratings: Ratings) -> Result<(), Refusal> {
    for value in [ratings.home, ratings.away] {
        if !value.is_finite() || value.abs() > 10_000.0 {
            return Err(Refusal::Number {
                name: "a rating",
                value,
                wanted: "one like 1500",
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVEN: Ratings = Ratings {
        home: 1500.0,
        away: 1500.0,
    };

    #[test]
    fn four_hundred_points_are_ten_to_one() {
        assert!((expected(400.0) - 10.0 / 11.0).abs() < 1e-15);
        assert!((expected(0.0) - 0.5).abs() < 1e-15);
        assert!((home_advantage(10.0 / 11.0).unwrap() - 400.0).abs() < 1e-9);
        assert_eq!(home_advantage(1.0), None);
    }

    #[test]
    fn what_one_gains_the_other_loses() {
        for league in [League::Nfl, League::Nba, League::Mlb, League::Nhl] {
            let elo = Elo::of(league).unwrap();
            for (scored, allowed) in [(31, 3), (3, 31), (20, 20), (20, 19)] {
                let after = elo.update(EVEN, scored, allowed, false).unwrap();
                assert!((after.home + after.away - 3000.0).abs() < 1e-9);
                let rises = scored > allowed;
                assert_eq!(after.home > 1500.0, rises, "{league} {scored}-{allowed}");
            }
            assert!(elo.forecast(EVEN, false).unwrap() > elo.forecast(EVEN, true).unwrap());
        }
        assert_eq!(Elo::of(League::Soccer), None);
    }

    #[test]
    fn an_even_neutral_game_of_the_nfl_by_hand() {
        let elo = Elo::of(League::Nfl).unwrap();
        // 20·ln(8)·(2.2/2.2)·(1 − ½) = 20.794
        let after = elo.update(EVEN, 27, 20, true).unwrap();
        assert!((after.home - 1500.0 - 10.0 * 8.0_f64.ln()).abs() < 1e-12);
        assert!((elo.spread(EVEN, false).unwrap() + 2.6).abs() < 1e-12);
        assert!((elo.between_seasons(1655.0) - 1605.0).abs() < 1e-12);
        let nowhere = Ratings {
            home: f64::NAN,
            away: 1500.0,
        };
        assert!(elo.forecast(nowhere, false).is_err());
    }
}
