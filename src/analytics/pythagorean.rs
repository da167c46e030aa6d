//! Records expected from points scored and allowed, and games from records.

use super::refusal::Refusal;
use crate::domain::league::League;

/// The exponent of a league: MLB 1.83, NFL 2.37, NBA 13.91 (Morey), NHL 2.1 (2.05 to 2.15 are in use). None where none is
/// published.
pub const fn exponent(league: League) -> Option<f64> {
    match league {
        League::Mlb => Some(1.83),
        League::Nfl => Some(2.37),
        League::Nba => Some(13.91),
        League::Nhl => Some(2.1),
        _ => None,
    }
}

/// Expected share of games won: S^x/(S^x + A^x), S scored, A allowed (James 1980).
///
/// Fails for points below 0, none on either side, and an exponent that is not above 0.
pub fn win_share(scored: f64, allowed: f64, exponent: f64) -> Result<f64, Refusal> {
    Refusal::at_least("points scored", 0.0, scored, "0 or more")?;
    Refusal::at_least("points allowed", 0.0, allowed, "0 or more")?;
    if !(exponent > 0.0 && exponent.is_finite()) {
        return Err(Refusal::Number {
            name: "an exponent",
            value: exponent,
            wanted: "one above 0, like 1.83",
        });
    }
    if scored <= 0.0 && allowed <= 0.0 {
        return Err(Refusal::Shape(
            "without a point on either side nothing can be expected; give what was scored and allowed",
        ));
    }
    if scored <= 0.0 {
        return Ok(0.0);
    }
    // As a ratio, so that no power overflows.
    Ok(1.0 / (1.0 + (allowed / scored).powf(exponent)))
}

/// Exponent by runs per game of both sides: rpg^0.287 (pythagenpat; Smyth).
///
/// Fails for runs per game that are not above 0.
pub fn pythagenpat(runs_per_game: f64) -> Result<f64, Refusal> {
    positive(runs_per_game).map(|rpg| rpg.powf(0.287))
}

/// Exponent by runs per game of both sides: 1.5·log₁₀(rpg) + 0.45 (pythagenport; Davenport).
///
/// Fails for runs per game that are not above 0.
pub fn pythagenport(runs_per_game: f64) -> Result<f64, Refusal> {
    positive(runs_per_game).map(|rpg| 1.5 * rpg.log10() + 0.45)
}

fn positive(runs_per_game: f64) -> Result<f64, Refusal> {
    if runs_per_game > 0.0 && runs_per_game.is_finite() {
        return Ok(runs_per_game);
    }
    Err(Refusal::Number {
        name: "runs a game",
        value: runs_per_game,
        wanted: "the runs of both sides, above 0, like 9.2",
    })
}

/// Probability that a team of win share `a` beats one of win share `b`: a(1−b)/(a(1−b) + (1−a)b) (James 1981). With the home
/// team's general win share `home` (0.54 MLB, 0.60 NBA, 0.55 NHL; one half on neutral ground) each side is weighted by it.
///
/// Fails where one is no probability, and where both teams always win, or always lose.
pub fn log5(a: f64, b: f64, home: f64) -> Result<f64, Refusal> {
    Refusal::probability("a win share", a)?;
    Refusal::probability("a win share", b)?;
    Refusal::probability("a home win share", home)?;
    let (wins, loses) = (a * (1.0 - b) * home, (1.0 - a) * b * (1.0 - home));
    if wins + loses <= 0.0 {
        return Err(Refusal::Shape(
            "two teams that always win, or never, tell nothing of each other; give shares between 0 and 1",
        ));
    }
    Ok(wins / (wins + loses))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_to_one_squared_is_nine_to_one() {
        assert!((win_share(3.0, 1.0, 2.0).unwrap() - 0.9).abs() < 1e-15);
        assert!((win_share(500.0, 500.0, 13.91).unwrap() - 0.5).abs() < 1e-15);
        assert_eq!(win_share(0.0, 5.0, 2.0), Ok(0.0));
        assert_eq!(win_share(5.0, 0.0, 2.0), Ok(1.0));
        assert_eq!(win_share(1e300, 1e-300, 14.0), Ok(1.0));
        for (s, a, x) in [
            (0.0, 0.0, 2.0),
            (-1.0, 1.0, 2.0),
            (1.0, 1.0, 0.0),
            (f64::NAN, 1.0, 2.0),
        ] {
            assert!(win_share(s, a, x).is_err());
        }
    }

    #[test]
    fn exponents_follow_scoring() {
        assert!((pythagenpat(1.0).unwrap() - 1.0).abs() < 1e-15);
        assert!((pythagenport(10.0).unwrap() - 1.95).abs() < 1e-12);
        assert!(pythagenpat(0.0).is_err() && pythagenport(f64::NAN).is_err());
        assert!(exponent(League::Nba) > exponent(League::Nfl));
    }

    #[test]
    fn records_make_games() {
        assert!((log5(0.6, 0.45, 0.5).unwrap() - 0.33 / 0.51).abs() < 1e-15);
        assert!((log5(0.573, 0.5, 0.5).unwrap() - 0.573).abs() < 1e-15);
        assert!((log5(0.5, 0.5, 0.54).unwrap() - 0.54).abs() < 1e-15);
        assert!(log5(1.0, 1.0, 0.5).is_err() && log5(0.0, 0.0, 0.5).is_err());
        assert!(log5(1.2, 0.5, 0.5).is_err());
    }
}
