//! What is there now: fair prices and chances of the games to come, as the snapshot and the command line show them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::market::{Quoted, Quotes, quotes};
use crate::analytics::fair::Rules;
use crate::analytics::fair::board::{Leg, Number, Offer, Outcome};
use crate::analytics::fair::offer::Class;
use crate::analytics::fair::row::Kind;
use crate::domain::clean::clean;
use crate::domain::game::GameId;
use crate::domain::market::{Period, Phase};
use crate::domain::status::GameStatus;
use crate::engine::clock::Clock;
use crate::engine::hub::task::{HubHandle, HubMessage};
use crate::engine::reference::Reference;
use crate::engine::snapshot::{ChanceView, FairBoard, FairView, GameView, LegView, Snapshot};

/// Between two looks.
const EVERY: Duration = Duration::from_secs(2);
/// After which a game is looked at although nothing came: its prices grow old.
const AGES: Duration = Duration::from_secs(20);
/// Chances on the screen.
const SHOWN: usize = 300;

/// Chances in a game's markets, in no order: every price better than fair, and the best of each outcome whatever it is worth.
pub fn chances(game: GameId, quotes: &[Quotes], now: DateTime<Utc>) -> Vec<ChanceView> {
    let mut found = Vec::new();
    for of in quotes {
        let view = |kind, fair, legs: &[Leg]| ChanceView {
            game_id: game,
            kind,
            market: of.market.clone(),
            period: of.period,
            participant: clean(&of.participant, 40).into(),
            fair,
            ev: None,
            break_even: None,
            class: Class::Green,
            stale: false,
            legs: legs.iter().map(|leg| leg_view(leg, now)).collect(),
        };
        for number in &of.board.numbers {
            for (place, outcome) in number.outcomes.iter().enumerate() {
                let fair = number.probability(place);
                let best = outcome.best();
                let good = outcome.offers.iter().filter(|offer| match offer.class {
                    Class::Green | Class::Amber => true,
                    Class::Grey => best.is_some_and(|best| std::ptr::eq(best, *offer)),
                    Class::Unknown => false,
                });
                found.extend(good.map(|offer| ChanceView {
                    ev: offer.ev,
                    class: offer.class,
                    stale: offer.stale,
                    ..view(Kind::Value, fair, &[single(outcome, offer)])
                }));
            }
            if let Some(arb) = &number.arb {
                found.push(ChanceView {
                    ev: Some(arb.profit),
                    ..view(Kind::Arbitrage, number.probability(0), &arb.legs)
                });
            }
        }
        found.extend(of.board.middles.iter().map(|middle| ChanceView {
            break_even: Some(middle.break_even),
            class: Class::Unknown,
            ..view(Kind::Middle, None, &middle.legs)
        }));
    }
    found
}

/// The best first: by what they are worth, arbitrages before prices of the same worth, fresh before stale; middles by how
/// seldom they must hit, last.
pub fn sort(chances: &mut [ChanceView]) {
    chances.sort_by(|a, b| {
        let worth = |c: &ChanceView| c.ev.unwrap_or(-1.0 - c.break_even.unwrap_or(1.0));
        (a.stale.cmp(&b.stale))
            .then(worth(b).total_cmp(&worth(a)))
            .then_with(|| a.key().cmp(&b.key()))
    });
}

fn single(outcome: &Outcome, offer: &Offer) -> Leg {
    Leg {
        side: outcome.side,
        line: outcome.line,
        book: Arc::clone(&offer.book),
        decimal: offer.decimal,
        net: offer.net,
        stake: 1.0,
        seen: offer.seen,
        changed: offer.changed,
    }
}

fn leg_view(leg: &Leg, now: DateTime<Utc>) -> LegView {
    let before = |seconds: f64| now - TimeDelta::microseconds((seconds * 1e6).round() as i64);
    LegView {
        side: leg.side,
        line: leg.line,
        book: clean(&leg.book, 24).into(),
        decimal: leg.decimal,
        net: leg.net,
        stake: leg.stake,
        seen_at: before(leg.seen),
        changed_at: before(leg.changed),
    }
}

/// Fair prices of a game's own markets.
fn fair(quotes: &[Quotes]) -> Vec<FairView> {
    let mut views = Vec::new();
    for of in quotes.iter().filter(|of| of.participant.is_empty()) {
        // Of numbers that as many books have the one nearest to nothing, as on the board.
        let main = of.board.numbers.iter().max_by_key(|number| {
            let away = number.line.map_or(0, |line| line.hundredths().abs());
            (number.mains, -away)
        });
        let is_main = |number: &Number| main.is_some_and(|main| std::ptr::eq(main, number));
        views.extend(of.board.numbers.iter().filter_map(|number| {
            let fair = number.fair.as_ref().ok()?;
            let sides = number.outcomes.iter().map(|outcome| outcome.side);
            Some(FairView {
                market: of.market.clone(),
                period: of.period,
                line: number.line,
                main: is_main(number),
                sides: sides.zip(fair.probabilities.iter().copied()).collect(),
                anchors: fair.anchors.len(),
            })
        }));
    }
    views.sort_by_key(|view| {
        (
            view.period != Period::Full,
            view.period,
            view.market.clone(),
        )
    });
    views
}

/// What is shown of one game.
#[derive(Debug, Clone)]
struct Looked {
    game: Arc<GameView>,
    at: Instant,
    fair: Vec<FairView>,
    chances: Vec<ChanceView>,
}

/// Keeps the snapshot's fair prices and chances.
#[derive(Debug)]
pub struct Live {
    /// What is quoted.
    pub snapshots: watch::Receiver<Arc<Snapshot>>,
    /// Who is told.
    pub hub: HubHandle,
    /// Books.
    pub reference: Arc<Reference>,
    /// What counts.
    pub rules: Rules,
    /// The engine's clock.
    pub clock: Clock,
}

impl Live {
    /// Run until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut looked: HashMap<GameId, Looked> = HashMap::new();
        let mut told = FairBoard::default();
        loop {
            let board = self.look(&mut looked);
            if board != told {
                told = board.clone();
                self.hub.tell(HubMessage::Fair(Box::new(board))).await;
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stop.cancelled() => return,
            }
            tokio::select! {
                changed = self.snapshots.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(AGES) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    fn look(&mut self, looked: &mut HashMap<GameId, Looked>) -> FairBoard {
        let snapshot = Arc::clone(&self.snapshots.borrow_and_update());
        let now = self.clock.now();
        let mut games = BTreeMap::new();
        let mut all = Vec::new();
        let mut before = std::mem::take(looked);
        for game in snapshot.games.iter() {
            let is_to_come = game.status == GameStatus::Scheduled
                && game.starts_at.is_none_or(|start| start > now);
            if !is_to_come || game.series.is_empty() {
                continue;
            }
            let had = before.remove(&game.id);
            let had = had.filter(|l| Arc::ptr_eq(&l.game, game) && l.at.elapsed() < AGES);
            let found = had.unwrap_or_else(|| self.game(game, now));
            games.insert(game.id, found.fair.clone());
            all.extend(found.chances.iter().cloned());
            looked.insert(game.id, found);
        }
        sort(&mut all);
        all.truncate(SHOWN);
        FairBoard {
            method: self.rules.devig.as_str(),
            looked: !snapshot.games.is_empty(),
            games,
            chances: all,
        }
    }

    fn game(&self, game: &Arc<GameView>, now: DateTime<Utc>) -> Looked {
        let prices: Vec<Quoted> = game
            .series
            .iter()
            .filter(|series| series.key.phase == Phase::Pregame)
            .map(|series| Quoted {
                key: series.key.clone(),
                price: series.price,
                changed_at: series.changed_at,
                seen_at: series.seen_at,
            })
            .collect();
        let quotes = quotes(
            game.league,
            Phase::Pregame,
            &prices,
            &self.reference,
            &self.rules,
            now,
        );
        Looked {
            game: Arc::clone(game),
            at: Instant::now(),
            fair: fair(&quotes),
            chances: chances(game.id, &quotes, now),
        }
    }
}
