//! How a game is played, part by part.

use super::super::dice::Dice;
use super::super::schedule::{Fixture, MINUTE, Millis};
use super::Played;
use crate::domain::league::League;

/// Play the game: nine innings or four quarters, more when tied.
pub(super) fn play(fixture: &Fixture, margin: f64, total: f64, dice: &mut Dice) -> Vec<Played> {
    let baseball = fixture.league == League::Mlb;
    // Half innings, or drives: six a quarter.
    let (parts, minutes) = if baseball {
        (18_u32, 9.0)
    } else {
        (24_u32, 7.8)
    };
    let (home_mean, away_mean) = (
        f64::midpoint(total, margin).max(1.0),
        f64::midpoint(total, -margin).max(1.0),
    );
    let mut played = Vec::new();
    let (mut home, mut away) = (0, 0);
    let mut until = fixture.actual;
    for part in 0..200 {
        if part >= parts && part % 2 == 0 && home != away {
            break;
        }
        until += (dice.between(0.6, 1.4) * minutes * MINUTE as f64) as Millis;
        let home_bats = part % 2 == 1;
        let mean = if home_bats { home_mean } else { away_mean };
        let points = if baseball {
            dice.poisson(mean / 9.0)
        } else {
            // A drive brings about 1.9 points: a touchdown one time in five, a field goal one in six.
            let drive = mean / 12.0;
            match dice.unit() {
                u if u < drive * 0.105 => 7,
                u if u < drive * 0.195 => 3,
                _ => 0,
            }
        };
        if home_bats {
            home += points;
        } else {
            away += points;
        }
        let period = if baseball { part / 2 + 1 } else { part / 6 + 1 };
        played.push(Played {
            until,
            period: period as u8,
            home,
            away,
            left: f64::from(parts.saturating_sub(part + 1)) / f64::from(parts),
            scored: points > 0,
        });
    }
    played
}
