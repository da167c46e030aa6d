//! The truth of a game: its expected margin and total over time, what was planted in them, and how it is played.

use super::dice::Dice;
use super::planted::{Planted, PlantedKind};
use super::schedule::{Fixture, HOUR, MINUTE, Millis, SECOND, eastern, time};
use crate::domain::league::League;
use crate::domain::market::{Market, Side};

/// How a change of the truth reaches the shops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Each at its own lag, if it cares.
    Drift,
    /// Everybody within seconds.
    Fast,
    /// Everybody locks for this long and opens again at the new price.
    News(Millis),
}

/// A change of the truth.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) at: Millis,
    /// Expected margin, home view, after the step.
    pub(super) margin: f64,
    /// Expected total after the step.
    pub(super) total: f64,
    pub(super) pace: Pace,
}

/// A part of the game that has been played: half an inning, or a drive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Played {
    pub(super) until: Millis,
    /// 1-based inning or quarter.
    pub(super) period: u8,
    /// Score after it.
    pub(super) home: u16,
    pub(super) away: u16,
    /// Share of the game still to play, 0–1.
    pub(super) left: f64,
    /// Whether the score changed.
    pub(super) scored: bool,
}

/// Which side the public is on, for a planted reverse line move.
#[derive(Debug, Clone, Copy)]
pub(super) struct PublicSide {
    pub(super) side: Side,
}

/// What happens in a game.
#[derive(Debug)]
pub(super) struct Latent {
    /// From the first opening on, by time; the first is the opening.
    pub(super) steps: Vec<Step>,
    /// The game, part by part; empty when postponed.
    pub(super) played: Vec<Played>,
    pub(super) planted: Vec<Planted>,
    pub(super) public: Option<PublicSide>,
    /// Scale of the margin's logistic distribution.
    pub(super) margin_scale: f64,
    /// Scale of the total's.
    pub(super) total_scale: f64,
}

impl Latent {
    /// When the last part was played; none when the game is not played.
    pub(super) fn ends(&self) -> Option<Millis> {
        self.played.last().map(|p| p.until)
    }

    /// The part of the game last completed at `at`.
    pub(super) fn played_at(&self, at: Millis) -> Option<&Played> {
        let done = self.played.partition_point(|p| p.until <= at);
        done.checked_sub(1).and_then(|last| self.played.get(last))
    }
}

/// Standard deviation of a normal distribution times this is the scale of the logistic one with the same spread.
const LOGISTIC: f64 = 0.551_328_895;

/// What is to happen in a game besides drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plot {
    Steam,
    ReverseLine,
    HeadFake,
    Suspension,
}

/// A change still to be added up: at, change of margin, change of total, pace.
type Change = (Millis, f64, f64, Pace);

/// Live through a game once. `early` plants within minutes of 10:00 Eastern, so that a fresh demo shows it soon.
pub(super) fn live_through(
    fixture: &Fixture,
    plots: &[Plot],
    early: bool,
    dice: &mut Dice,
) -> Latent {
    let baseball = fixture.league == League::Mlb;
    let (margin_sd, total_sd) = if baseball { (4.3, 4.4) } else { (13.86, 13.0) };
    let (margin_scale, total_scale) = (margin_sd * LOGISTIC, total_sd * LOGISTIC);
    let (mut margin, mut total) = if baseball {
        (
            (0.25 + 0.75 * dice.normal()).clamp(-2.2, 2.4),
            8.6 + 0.7 * dice.normal(),
        )
    } else {
        (
            (1.5 + 4.5 * dice.normal()).clamp(-11.0, 12.0),
            45.0 + 3.0 * dice.normal(),
        )
    };
    let ten = eastern(fixture.date, 10, 0);
    let opening = ten - 21 * HOUR;
    let last = fixture.postponed_at.unwrap_or(fixture.scheduled) - 2 * MINUTE;

    let mut changes: Vec<Change> = Vec::new();
    for n in 0..170 {
        // The market gets busier towards the start.
        let at = last - ((last - opening) as f64 * dice.unit().powf(1.7)) as Millis;
        let size = 0.026 * dice.normal();
        changes.push(if n % 2 == 0 {
            (at, size * margin_scale, 0.0, Pace::Drift)
        } else {
            (at, 0.0, size * total_scale, Pace::Drift)
        });
    }
    let mut planted = Vec::new();
    let mut public = None;
    for plot in plots {
        let story = Story {
            fixture,
            from: if early {
                ten + 3 * MINUTE
            } else {
                (fixture.scheduled - 5 * HOUR).max(ten + 75 * MINUTE)
            },
            until: if early {
                ten + 6 * MINUTE
            } else {
                last - 12 * MINUTE
            },
            scales: (margin_scale, total_scale),
        };
        let event = story.plant(*plot, &mut changes, dice);
        if plot == &Plot::ReverseLine {
            public = event
                .side
                .and_then(Side::opposite)
                .map(|side| PublicSide { side });
        }
        planted.push(event);
    }
    planted.extend(told_by_the_schedule(fixture));

    changes.sort_by_key(|change| change.0);
    let mut steps = vec![Step {
        at: opening,
        margin,
        total,
        pace: Pace::Drift,
    }];
    for (at, by_margin, by_total, pace) in changes {
        margin += by_margin;
        total += by_total;
        steps.push(Step {
            at,
            margin,
            total,
            pace,
        });
    }
    let played = if fixture.postponed_at.is_some() {
        Vec::new()
    } else {
        play(fixture, margin, total, dice)
    };
    Latent {
        steps,
        played,
        planted,
        public,
        margin_scale,
        total_scale,
    }
}

/// The postponement and the doubleheader.
fn told_by_the_schedule(fixture: &Fixture) -> impl Iterator<Item = Planted> {
    let tell = |kind, at, until| Planted {
        kind,
        league: fixture.league,
        game: fixture.an_id,
        odds_api_id: fixture.odds_api_id.clone(),
        market: None,
        side: None,
        at: time(at),
        until: time(until),
    };
    let postponed = fixture
        .postponed_at
        .map(|at| tell(PlantedKind::Postponement, at, at + 5 * MINUTE));
    let second = (fixture.number == 2).then(|| {
        tell(
            PlantedKind::Doubleheader,
            fixture.scheduled,
            fixture.scheduled,
        )
    });
    postponed.into_iter().chain(second)
}

struct Story<'a> {
    fixture: &'a Fixture,
    from: Millis,
    until: Millis,
    scales: (f64, f64),
}

/// Change of fair probability near even money, as a share of the distribution's scale.
const fn scaled(probability: f64) -> f64 {
    4.0 * probability
}

impl Story<'_> {
    fn plant(&self, plot: Plot, changes: &mut Vec<Change>, dice: &mut Dice) -> Planted {
        let (from, until) = (self.from, self.until.max(self.from + MINUTE));
        let mut at = from + ((until - from) as f64 * dice.unit()) as Millis;
        let on_total = dice.chance(0.3);
        let up = dice.chance(0.5);
        let sign = if up { 1.0 } else { -1.0 };
        let change = |at, probability: f64, pace| -> Change {
            let by = sign * scaled(probability);
            if on_total {
                (at, 0.0, by * self.scales.1, pace)
            } else {
                (at, by * self.scales.0, 0.0, pace)
            }
        };
        let (kind, end) = match plot {
            Plot::Steam => {
                changes.push(change(at, dice.between(0.030, 0.042), Pace::Fast));
                (PlantedKind::Steam, at + 15 * SECOND)
            }
            Plot::HeadFake => {
                let back = at + dice.between(6.0, 11.0) as Millis * MINUTE;
                let size = dice.between(0.030, 0.040);
                changes.push(change(at, size, Pace::Fast));
                changes.push(change(back, -size, Pace::Fast));
                (PlantedKind::HeadFake, back + 15 * SECOND)
            }
            Plot::Suspension => {
                let locked = dice.between(4.0, 9.0) as Millis * MINUTE;
                changes.push(change(at, dice.between(0.035, 0.060), Pace::News(locked)));
                (PlantedKind::Suspension, at + locked + MINUTE)
            }
            Plot::ReverseLine => {
                let span = ((until - from) / 2).min(3 * HOUR);
                at = from + ((until - from - span) as f64 * dice.unit()) as Millis;
                for part in 0..6 {
                    changes.push(change(at + span * part / 6, 0.011, Pace::Drift));
                }
                (PlantedKind::ReverseLine, at + span)
            }
        };
        // Football's moneylines are thin; its story is told by the spread.
        let (market, side) = match (on_total, self.fixture.league) {
            (true, _) => (Market::Total, if up { Side::Over } else { Side::Under }),
            (false, League::Mlb) => (Market::Moneyline, if up { Side::Home } else { Side::Away }),
            (false, _) => (Market::Spread, if up { Side::Home } else { Side::Away }),
        };
        Planted {
            kind,
            league: self.fixture.league,
            game: self.fixture.an_id,
            odds_api_id: self.fixture.odds_api_id.clone(),
            market: Some(market),
            side: Some(side),
            at: time(at),
            until: time(end),
        }
    }
}

/// Play the game: nine innings or four quarters, more when tied.
fn play(fixture: &Fixture, margin: f64, total: f64, dice: &mut Dice) -> Vec<Played> {
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
