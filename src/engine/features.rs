//! Feature vectors of games, at set times before their start, from what was known then.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use super::signals::Judge;
use super::signals::game::Judged;
use crate::analytics::consensus::median;
use crate::analytics::features::{FEATURES, SET, ShopMove, of, waves};
use crate::analytics::lead_lag::Wave;
use crate::analytics::signal::{Detector, GameTape, Quote, SplitSeen};
use crate::domain::game::GameId;
use crate::domain::market::{Market, Period, Side};
use crate::domain::time::slate_date;
use crate::store;
use crate::store::features::{Following, Said, Vector};

/// Minutes before the start at which a vector is kept, the first first.
pub const HORIZONS: [i64; 8] = [1_440, 720, 360, 180, 60, 30, 10, 0];
/// The name of what is told of the game itself.
const TO_START: &str = "minutes_to_start";
/// Moves are gathered so often: the detector remembers four hours of them.
const GATHER: TimeDelta = TimeDelta::hours(3);

/// The markets that are looked at, by name.
pub const MARKETS: [&str; 3] = ["moneyline", "spread", "total"];

fn markets() -> [Market; 3] {
    [Market::Moneyline, Market::Spread, Market::Total]
}

/// Names of a vector's values.
pub fn names() -> Vec<String> {
    let market = |market: Market| FEATURES.map(move |f| format!("{market}.{}", f.name));
    std::iter::once(TO_START.to_owned())
        .chain(markets().into_iter().flat_map(market))
        .collect()
}

/// A tape that is heard moment by moment.
struct Listener {
    detector: Detector,
    quotes: Vec<Quote>,
    splits: Vec<SplitSeen>,
    heard: (usize, usize),
    reconstructed: bool,
}

impl Listener {
    fn of(tape: GameTape) -> Self {
        let (mut quotes, mut splits) = (tape.quotes, tape.splits);
        quotes.sort_by_key(|quote| (quote.known_at, quote.at));
        splits.sort_by_key(|split| (split.known_at, split.at));
        Self {
            detector: Detector::new(tape.cast, Vec::new().into()),
            quotes,
            splits,
            heard: (0, 0),
            reconstructed: false,
        }
    }

    fn first(&self) -> Option<DateTime<Utc>> {
        let first = self.quotes.first().map(|quote| quote.known_at);
        first
            .into_iter()
            .chain(self.splits.first().map(|s| s.known_at))
            .min()
    }

    /// Hear what was known by `at`.
    fn hear(&mut self, at: DateTime<Utc>) {
        let (q, s) = self.heard;
        let quotes: Vec<Quote> = self
            .quotes
            .iter()
            .skip(q)
            .take_while(|quote| quote.known_at <= at)
            .cloned()
            .collect();
        let splits: Vec<SplitSeen> = self
            .splits
            .iter()
            .skip(s)
            .take_while(|split| split.known_at <= at)
            .cloned()
            .collect();
        self.heard = (q + quotes.len(), s + splits.len());
        self.reconstructed |= quotes.iter().any(|quote| quote.reconstructed);
        self.detector.hear(quotes, splits);
    }

    /// What the shops together say of each side.
    fn said(&self, at: DateTime<Utc>) -> Vec<Said> {
        let mut all = Vec::new();
        for (market, name) in markets().into_iter().zip(MARKETS) {
            let state = self.detector.state(&market, Period::Full);
            let Some((state, (p, spread))) = state.and_then(|s| s.consensus().map(|c| (s, c)))
            else {
                continue;
            };
            let [first, second] = if market == Market::Total {
                [Side::Over, Side::Under]
            } else {
                [Side::Home, Side::Away]
            };
            let other = state.line.map(|line| match market {
                Market::Spread => -line,
                _ => line,
            });
            for (side, line, probability) in [(first, state.line, p), (second, other, 1.0 - p)] {
                all.push(Said {
                    at,
                    market: name,
                    side,
                    line,
                    probability,
                    spread,
                    books: state.shops.len(),
                });
            }
        }
        all
    }

    /// The values at `at`; none where no market has a price yet.
    fn values(&self, at: DateTime<Utc>, start: Option<DateTime<Utc>>) -> Option<Vec<Option<f64>>> {
        let to_start = start.map(|start| (start - at).as_seconds_f64() / 60.0);
        let mut values = vec![to_start];
        let mut any = false;
        for market in markets() {
            let state = self
                .detector
                .state(&market, Period::Full)
                .unwrap_or_default();
            let found = of(&state, at);
            any |= found.iter().any(Option::is_some);
            values.extend(found);
        }
        any.then_some(values)
    }
}

/// What a game's shops did, by market.
#[derive(Debug, Default)]
pub struct Moves([Vec<ShopMove>; 3]);

impl Moves {
    /// Those of one of [`MARKETS`], in the order of time.
    pub fn of(&self, market: &str) -> &[ShopMove] {
        let nth = MARKETS.iter().position(|name| *name == market);
        nth.and_then(|nth| self.0.get(nth))
            .map_or(&[], Vec::as_slice)
    }

    /// What the listener heard since.
    fn gather(&mut self, listener: &Listener) {
        for (had, market) in self.0.iter_mut().zip(markets()) {
            let state = listener.detector.state(&market, Period::Full);
            let new = state.into_iter().flat_map(|state| state.moves);
            let last = had.last().map(|m| m.at);
            had.extend(new.filter(|m| last.is_none_or(|last| m.at > last)));
        }
    }

    /// Hear until `at`, from `cursor` on, and gather on the way.
    fn follow(&mut self, listener: &mut Listener, cursor: &mut DateTime<Utc>, at: DateTime<Utc>) {
        while *cursor < at {
            listener.hear(*cursor);
            self.gather(listener);
            *cursor += GATHER;
        }
        listener.hear(at);
        self.gather(listener);
    }
}

/// What a game's shops did before its start; none where it has none, or there is no such game.
pub async fn moves(
    connection: &mut PgConnection,
    judge: &Judge,
    game: GameId,
) -> Result<Option<Moves>, sqlx::Error> {
    let Some(tape) = Judged::tape(connection, game, judge, true).await? else {
        return Ok(None);
    };
    let Some(start) = tape.cast.starts_at else {
        return Ok(None);
    };
    let mut listener = Listener::of(tape);
    let mut moves = Moves::default();
    let mut cursor = listener.first().unwrap_or(start);
    moves.follow(&mut listener, &mut cursor, start);
    Ok(Some(moves))
}

/// A game's features at a moment, by name. None where there is no such game, or nothing was known of it then.
pub async fn at(
    connection: &mut PgConnection,
    judge: &Judge,
    game: GameId,
    moment: DateTime<Utc>,
) -> Result<Option<Vec<(String, Option<f64>)>>, sqlx::Error> {
    let Some(tape) = Judged::tape(connection, game, judge, true).await? else {
        return Ok(None);
    };
    let start = tape.cast.starts_at;
    let mut listener = Listener::of(tape);
    listener.hear(moment);
    let values = listener.values(moment, start);
    Ok(values.map(|values| names().into_iter().zip(values).collect()))
}

/// Make a game's stored vectors, and who led whom, what its rows give. Returns how many vectors are new or changed.
pub async fn write(
    connection: &mut PgConnection,
    judge: &Judge,
    game: GameId,
    now: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let Some(tape) = Judged::tape(connection, game, judge, true).await? else {
        return Ok(0);
    };
    let Some(start) = tape.cast.starts_at else {
        return Ok(0);
    };
    let mut listener = Listener::of(tape);
    let (mut vectors, mut said) = (Vec::new(), Vec::new());
    let mut moves = Moves::default();
    let mut cursor = listener.first().unwrap_or(start);
    for horizon in HORIZONS {
        let at = start - TimeDelta::minutes(horizon);
        if at > now {
            break;
        }
        moves.follow(&mut listener, &mut cursor, at);
        said.extend(listener.said(at));
        if let Some(values) = listener.values(at, Some(start)) {
            vectors.push(Vector {
                at,
                before_start: i32::try_from(horizon).unwrap_or(i32::MAX),
                values,
                reconstructed: listener.reconstructed,
            });
        }
    }
    let changed = store::features::write(connection, game, SET, &names(), &vectors).await?;
    let all: Vec<Following> = MARKETS
        .into_iter()
        .flat_map(|market| following(market, &waves(moves.of(market))))
        .collect();
    store::features::write_consensus(connection, game, &said).await?;
    store::features::write_following(connection, game, slate_date(start), &all).await?;
    Ok(changed)
}

/// Who follows whom in these waves.
pub fn following(market: &'static str, waves: &[Wave<'_>]) -> Vec<Following> {
    let mut led: BTreeMap<&str, i32> = BTreeMap::new();
    let mut lags: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
    for wave in waves {
        for leader in &wave.leaders {
            *led.entry(leader).or_default() += 1;
            for (follower, lag) in &wave.followers {
                lags.entry((leader, follower)).or_default().push(*lag);
            }
        }
    }
    lags.into_iter()
        .filter_map(|((leader, follower), mut lags)| {
            lags.sort_by(f64::total_cmp);
            let ms = |seconds: f64| (seconds * 1_000.0).round() as i64;
            let p90 = lags.get((lags.len() * 9).div_ceil(10).saturating_sub(1))?;
            Some(Following {
                market,
                leader: Arc::from(leader),
                follower: Arc::from(follower),
                moves: *led.get(leader)?,
                followed: i32::try_from(lags.len()).unwrap_or(i32::MAX),
                median_ms: ms(median(&lags)?),
                p90_ms: ms(*p90),
            })
        })
        .collect()
}
