//! `/web/v2/markets/event/{id}/history`: every tick, with its own time.

use std::collections::BTreeMap;

use chrono::SecondsFormat;

use super::super::market::Market;
use super::super::reply::{Object, Reply};
use super::super::schedule::{HOUR, Millis, date_of, time};
use super::super::slate::STAMP_GAP;
use super::super::splits::share;
use super::super::tape::{Kind, Status, Tick};
use super::Ask;
use super::outcome::{HistoryTick, Hung, Outcome, name};

/// Older games have no history any more: about the current and the previous week are served.
const SERVED: Millis = 14 * 24 * HOUR;

type Types = Object<&'static str, Vec<Outcome>>;

/// The history of one game as of `at`. Asking for another period than `event` brings an empty object.
pub(super) fn body(market: &Market, id: u64, ask: &Ask, at: Millis) -> Reply {
    let empty = || Reply::ok(&BTreeMap::<u8, u8>::new());
    if !ask.full_game {
        return empty();
    }
    let Some(date) = date_of(id) else {
        return empty();
    };
    // An id far in the future or the past must not build its slate.
    if (date - time(at).date_naive()).num_days().abs() > 20 {
        return empty();
    }
    let slate = market.slate(date);
    let Some(game) = slate.games.iter().find(|game| game.fixture.an_id == id) else {
        return empty();
    };
    if at - game.fixture.scheduled > SERVED {
        return empty();
    }
    let mut books: Vec<(u32, Object<&'static str, Types>)> = Vec::new();
    for n in &ask.shops {
        let Some((shop, book)) = market.cast.shops.get(*n).and_then(|s| Some((s, s.an?))) else {
            continue;
        };
        let hung = Hung {
            market,
            game,
            n: *n,
            shop,
            at,
        };
        let types: Vec<_> = Kind::ALL
            .iter()
            .map(|kind| (name(*kind), sides(&hung, *kind)))
            .filter(|(_, outcomes)| !outcomes.is_empty())
            .collect();
        if !types.is_empty() {
            books.push((book, Object(vec![("event", Object(types))])));
        }
    }
    Reply::ok(&Object(books))
}

fn sides(hung: &Hung<'_>, kind: Kind) -> Vec<Outcome> {
    let shown = hung.game.shown(hung.n, hung.shop, kind, hung.at);
    let (Some(shown), Some(tape)) = (shown, hung.game.tape(hung.n)) else {
        return Vec::new();
    };
    let share = share(
        hung.market.seed,
        &hung.game.fixture,
        &hung.game.latent,
        kind,
        hung.at,
    );
    // The second side is stamped a few milliseconds after the first.
    [(false, 0), (true, STAMP_GAP)]
        .into_iter()
        .map(|(first, gap)| {
            let mut outcome = hung.outcome(kind, first, &shown.tick, shown.opener, share);
            outcome.history = Some(ticks(hung, kind, first, gap, &tape.series(kind).ticks));
            outcome
        })
        .collect()
}

fn ticks(hung: &Hung<'_>, kind: Kind, first: bool, gap: Millis, all: &[Tick]) -> Vec<HistoryTick> {
    let odds = |tick: &Tick| if first { tick.first } else { tick.second };
    let mut out = Vec::new();
    let mut last: Option<&Tick> = None;
    let pregame = all
        .iter()
        .filter(|tick| !tick.live && tick.status != Status::Closed);
    for tick in pregame.take_while(|tick| tick.at + STAMP_GAP <= hung.at) {
        let same = last.is_some_and(|last| {
            odds(last) == odds(tick)
                && last.half_points == tick.half_points
                && last.status == tick.status
        });
        if !same {
            out.push(HistoryTick {
                odds: odds(tick),
                value: hung.value(kind, first, tick),
                updated_at: stamp(tick.at + gap, hung.n),
                line_status: match (last, tick.status) {
                    (None, _) => Some("opener"),
                    (_, Status::Open) => None,
                    (_, Status::Suspended | Status::Closed) => Some("suspended"),
                },
            });
        }
        last = Some(tick);
    }
    out
}

/// The feed's microseconds: the market counts milliseconds, so the last three digits tell the shop.
fn stamp(at: Millis, n: usize) -> String {
    let micros = i64::try_from(n).unwrap_or_default() * 37 % 1_000;
    (time(at) + chrono::TimeDelta::microseconds(micros))
        .to_rfc3339_opts(SecondsFormat::Micros, true)
}
