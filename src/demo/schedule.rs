//! Who plays whom and when: a slate for any day.

use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::US::Eastern;

use super::dice::{Dice, mix, mix_unit};
use crate::domain::league::League;
use crate::domain::team::{Team, Teams};

/// Milliseconds since 1970: the market's own reckoning.
pub(super) type Millis = i64;

pub(super) const SECOND: Millis = 1_000;
pub(super) const MINUTE: Millis = 60 * SECOND;
pub(super) const HOUR: Millis = 60 * MINUTE;

/// Baseball games a day at most: 29 rounds of 15 pairings keep every pairing of a day different.
pub(super) const MOST_GAMES: u16 = 435;
/// Football games a day: there so that spreads move, whatever the month.
const FOOTBALL_GAMES: u16 = 2;
/// Ids of a day; [`MOST_GAMES`] and the football games fit.
const IDS_A_DAY: u64 = 1_000;

/// A team and its place in its league.
#[derive(Debug, Clone)]
pub(super) struct Club {
    pub(super) team: Arc<Team>,
    /// Action Network's id in the demo.
    pub(super) an_id: u32,
}

/// One game of the schedule, before anything happens.
#[derive(Debug, Clone)]
pub(super) struct Fixture {
    /// Place on the slate.
    pub(super) index: u16,
    pub(super) league: League,
    pub(super) date: NaiveDate,
    /// Action Network's id.
    pub(super) an_id: u64,
    /// The Odds API's id: 32 hexadecimal digits.
    pub(super) odds_api_id: String,
    pub(super) home: Club,
    pub(super) away: Club,
    /// Start as scheduled.
    pub(super) scheduled: Millis,
    /// When the first pitch or the kick-off comes.
    pub(super) actual: Millis,
    /// When a delay of many minutes is announced.
    pub(super) delayed_at: Option<Millis>,
    /// When the postponement is announced; the game is then not played.
    pub(super) postponed_at: Option<Millis>,
    /// 2 for the second game of a doubleheader.
    pub(super) number: u8,
    /// First lines come hours later than elsewhere.
    pub(super) opens_late: bool,
}

/// The day an Action Network id of the demo belongs to.
pub(super) fn date_of(an_id: u64) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(i32::try_from(an_id / IDS_A_DAY).ok()?)
}

/// A wall time of a day in US Eastern.
pub(super) fn eastern(date: NaiveDate, hour: u32, minute: u32) -> Millis {
    let wall = date.and_time(NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default());
    // 10:00 to 23:00 exists once on every day; midnight's date is the harmless fallback.
    Eastern
        .from_local_datetime(&wall)
        .earliest()
        .map_or_else(|| wall.and_utc(), |t| t.with_timezone(&Utc))
        .timestamp_millis()
}

/// The millisecond of a time.
pub(super) fn millis(time: DateTime<Utc>) -> Millis {
    time.timestamp_millis()
}

/// The time of a millisecond.
pub(super) fn time(at: Millis) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at).unwrap_or_default()
}

const BASEBALL_SLOTS: [(u32, u32); 16] = [
    (13, 35),
    (14, 10),
    (15, 10),
    (16, 5),
    (16, 10),
    (18, 40),
    (18, 45),
    (19, 5),
    (19, 7),
    (19, 10),
    (19, 15),
    (19, 40),
    (20, 5),
    (20, 10),
    (21, 38),
    (21, 40),
];
const FOOTBALL_SLOTS: [(u32, u32); 3] = [(13, 0), (16, 25), (20, 15)];

/// Games that something always happens to, by their place on the slate.
pub(super) mod place {
    /// Night game on the first day of a series, day game on the next: two games of one UTC date.
    pub(in crate::demo) const SERIES: u16 = 0;
    /// First game of the doubleheader; the second is the slate's last baseball game.
    pub(in crate::demo) const DOUBLEHEADER: u16 = 1;
    /// Postponed.
    pub(in crate::demo) const POSTPONED: u16 = 2;
    /// Starts late after rain.
    pub(in crate::demo) const DELAYED: u16 = 4;
    /// Opens late: its pitchers are not named.
    pub(in crate::demo) const OPENS_LATE: u16 = 5;
}

/// The fixtures of a day. `games` counts baseball; football comes on top.
pub(super) fn fixtures(seed: u64, games: u16, date: NaiveDate, teams: &Teams) -> Vec<Fixture> {
    let day = u64::from(date.num_days_from_ce().unsigned_abs());
    let mut dice = Dice::new(seed, &[1, day]);
    // The epoch's day is the first of a series of three.
    let (series, day_of_series) = (day.div_ceil(3), (day + 2) % 3);
    let mut out = Vec::new();

    let baseball = Club::all(League::Mlb, teams);
    let doubleheader = games > place::POSTPONED + 1;
    let pairings = games - u16::from(doubleheader);
    for index in 0..pairings {
        let Some((home, away)) = pairing(seed, series, index, &baseball) else {
            break;
        };
        let (hour, minute) = match index {
            place::SERIES if day_of_series == 0 => (22, 10),
            place::SERIES | place::DOUBLEHEADER => (13, 5),
            place::POSTPONED => (16, 10),
            _ => BASEBALL_SLOTS[dice.below(BASEBALL_SLOTS.len())],
        };
        let start = eastern(date, hour, minute);
        out.push(fixture(
            seed,
            League::Mlb,
            date,
            index,
            (home, away),
            start,
            &mut dice,
        ));
    }
    if doubleheader && let Some(first) = out.get(usize::from(place::DOUBLEHEADER)) {
        let teams = (first.home.clone(), first.away.clone());
        let start = first.scheduled + 3 * HOUR + 30 * MINUTE;
        let mut second = fixture(seed, League::Mlb, date, pairings, teams, start, &mut dice);
        second.number = 2;
        out.push(second);
    }

    let mut football = Club::all(League::Nfl, teams);
    Dice::new(seed, &[2, series]).shuffle(&mut football);
    for (n, two) in (0..FOOTBALL_GAMES).zip(football.chunks_exact(2)) {
        let [home, away] = two else { break };
        let (hour, minute) = FOOTBALL_SLOTS[dice.below(FOOTBALL_SLOTS.len())];
        out.push(fixture(
            seed,
            League::Nfl,
            date,
            games + n,
            (home.clone(), away.clone()),
            eastern(date, hour, minute),
            &mut dice,
        ));
    }
    out
}

fn fixture(
    seed: u64,
    league: League,
    date: NaiveDate,
    index: u16,
    (home, away): (Club, Club),
    scheduled: Millis,
    dice: &mut Dice,
) -> Fixture {
    let an_id = u64::from(date.num_days_from_ce().unsigned_abs()) * IDS_A_DAY + u64::from(index);
    let hash = blake3::hash(format!("linetape demo {seed} {an_id}").as_bytes());
    let odds_api_id = hash.to_hex().chars().take(32).collect();
    let baseball = league == League::Mlb;
    let delayed = baseball && index == place::DELAYED;
    let late = dice.between(10.0, 240.0) as Millis * SECOND;
    Fixture {
        index,
        league,
        date,
        an_id,
        odds_api_id,
        home,
        away,
        scheduled,
        actual: scheduled + late + if delayed { 38 * MINUTE } else { 0 },
        delayed_at: delayed.then_some(scheduled - 20 * MINUTE),
        postponed_at: (baseball && index == place::POSTPONED)
            .then(|| scheduled - (dice.between(100.0, 160.0) as Millis) * MINUTE),
        number: 1,
        opens_late: baseball && index == place::OPENS_LATE,
    }
}

/// Pairing `index` of a series by the circle method: no two of 435 are the same pair of teams.
fn pairing(seed: u64, series: u64, index: u16, clubs: &[Club]) -> Option<(Club, Club)> {
    let even = clubs.len() & !1;
    let circle = even.checked_sub(1).filter(|n| *n > 0)?;
    let half = even / 2;
    // Another series, another round first and another table first.
    let round = (mix(&[seed, series, 3]) as usize % circle + usize::from(index) / half) % circle;
    let table = (usize::from(index) + mix(&[seed, series, 4]) as usize % half) % half;
    let seat = |place: usize| {
        if place == 0 {
            circle
        } else {
            (round + place - 1) % circle
        }
    };
    let one = clubs.get(seat(table))?.clone();
    let two = clubs.get(seat(even - 1 - table))?.clone();
    let swap = mix_unit(&[seed, series, 5, u64::from(index)]) < 0.5;
    Some(if swap { (two, one) } else { (one, two) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn slate(games: u16, day: &str) -> Vec<Fixture> {
        fixtures(7, games, day.parse().unwrap(), &Teams::builtin().unwrap())
    }

    #[test]
    fn a_big_slate_never_pairs_two_teams_twice() {
        let slate = slate(MOST_GAMES, "2025-07-12");
        let baseball: Vec<_> = slate.iter().filter(|f| f.league == League::Mlb).collect();
        assert_eq!(baseball.len(), usize::from(MOST_GAMES));
        let pairs: HashSet<_> = baseball
            .iter()
            .filter(|f| f.number == 1)
            .map(|f| {
                let mut pair = [f.home.an_id, f.away.an_id];
                pair.sort_unstable();
                pair
            })
            .collect();
        assert_eq!(pairs.len(), baseball.len() - 1);
        let ids: HashSet<_> = slate.iter().map(|f| f.an_id).collect();
        assert_eq!(ids.len(), slate.len());
        assert!(slate.iter().all(|f| date_of(f.an_id) == Some(f.date)));
    }

    #[test]
    fn a_team_plays_one_game_a_day_but_for_the_doubleheader() {
        let slate = slate(15, "2025-07-12");
        let mut seen = HashSet::new();
        for game in slate.iter().filter(|f| f.number == 1) {
            assert!(seen.insert(game.home.an_id), "{}", game.home.team.name);
            assert!(seen.insert(game.away.an_id), "{}", game.away.team.name);
        }
        assert_eq!(slate.iter().filter(|f| f.number == 2).count(), 1);
    }

    #[test]
    fn a_series_has_two_games_on_one_utc_date() {
        let (night, day) = (slate(15, "2025-07-12"), slate(15, "2025-07-13"));
        assert_eq!(night[0].home.an_id, day[0].home.an_id);
        assert_eq!(
            time(night[0].scheduled).date_naive(),
            time(day[0].scheduled).date_naive()
        );
    }

    #[test]
    fn a_slate_of_one_works() {
        assert_eq!(slate(1, "2025-07-12").len(), 3);
        assert_eq!(slate(0, "2025-07-12").len(), 2);
    }
}
