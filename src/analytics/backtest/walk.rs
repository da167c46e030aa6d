//! The walk. A game's signals and the prices on offer depend on its own rows alone, so games are scouted one by one, and only
//! what came of that is put together: stakes, results, and what later choices may know of earlier ones.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{
    Choice, History, Paid, Placed, Plan, Sight, Staking, Standing, Verdict, chance, confidence,
    shares,
};
use crate::analytics::ev::Chances;
use crate::analytics::kelly;
use crate::analytics::settlement::{Bet, Outcome, Score, settle};
use crate::analytics::signal::{Detector, Preset, Quote, Signal, SplitSeen};
use crate::domain::league::League;
use crate::domain::market::{Market, Period};

/// Smallest stake that is made, and the largest by Kelly.
const LEAST: f64 = 10.0;
const MOST: f64 = 1_000.0;

/// A choice before money: the price it would take, and how that ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Scouted {
    choice: Choice,
    due: Option<Paid>,
}

impl Scouted {
    /// The choice, without stake and result.
    pub fn choice(&self) -> &Choice {
        &self.choice
    }
}

/// What a walk made.
#[derive(Debug, Clone, PartialEq)]
pub struct Walked {
    /// Signals, in the order they were seen.
    pub choices: Vec<Choice>,
    /// Money at the end.
    pub bankroll: f64,
}

/// Go through `histories` with `plan`, seeing what `sight` lets be seen.
pub fn walk(histories: &[History], plan: &Plan, sight: &dyn Sight) -> Walked {
    let all = histories.iter().enumerate();
    let scouted = all.flat_map(|(n, history)| scout(n, history, plan, sight));
    put_together(scouted.collect(), plan)
}

/// A game's rows by the moment they are seen, and its detector.
pub(super) struct Game {
    pub(super) detector: Detector,
    quotes: Vec<Quote>,
    splits: Vec<SplitSeen>,
    heard: (usize, usize),
    told: usize,
}

impl Game {
    pub(super) fn of(history: &History, sight: &dyn Sight, presets: &Arc<[Preset]>) -> Self {
        let mut quotes = history.tape.quotes.clone();
        for quote in &mut quotes {
            quote.known_at = sight.quote(quote);
        }
        quotes.sort_by_key(|quote| (quote.known_at, quote.at));
        let mut splits = history.tape.splits.clone();
        for split in &mut splits {
            split.known_at = sight.split(split);
        }
        splits.sort_by_key(|split| (split.known_at, split.at));
        Self {
            detector: Detector::new(history.tape.cast.clone(), Arc::clone(presets)),
            quotes,
            splits,
            heard: (0, 0),
            told: 0,
        }
    }

    /// When the next rows are seen.
    fn next(&self) -> Option<DateTime<Utc>> {
        let quote = self.quotes.get(self.heard.0).map(|quote| quote.known_at);
        let split = self.splits.get(self.heard.1).map(|split| split.known_at);
        quote.into_iter().chain(split).min()
    }

    /// Hear all that is seen until `at`, itself included.
    pub(super) fn hear(&mut self, at: DateTime<Utc>) {
        let (q, s) = self.heard;
        let quotes = self.quotes.get(q..).unwrap_or_default();
        let quotes: Vec<Quote> = quotes
            .iter()
            .take_while(|quote| quote.known_at <= at)
            .cloned()
            .collect();
        let splits = self.splits.get(s..).unwrap_or_default();
        let splits: Vec<SplitSeen> = splits
            .iter()
            .take_while(|split| split.known_at <= at)
            .cloned()
            .collect();
        self.heard = (q + quotes.len(), s + splits.len());
        if !(quotes.is_empty() && splits.is_empty()) {
            self.detector.hear(quotes, splits);
        }
    }

    /// Signals since they were last asked for.
    fn news(&mut self) -> Vec<Signal> {
        let all = self.detector.signals();
        let news = all.get(self.told..).unwrap_or_default().to_vec();
        self.told = all.len();
        news
    }
}

/// A game's signals, each with the best price that is seen to be open after the delay, and how a bet on it ends.
pub fn scout(n: usize, history: &History, plan: &Plan, sight: &dyn Sight) -> Vec<Scouted> {
    let presets: Arc<[Preset]> = vec![plan.preset.clone()].into();
    let mut game = Game::of(history, sight, &presets);
    let mut all: Vec<Scouted> = Vec::new();
    // Rows of a moment come before bets of that moment: whoever bets has seen its prices.
    let mut unplaced = 0;
    loop {
        let next = game.next();
        while let Some(one) = all.get_mut(unplaced) {
            let due = one.choice.decided_at + plan.delay;
            if next.is_some_and(|next| next <= due) {
                break;
            }
            place(&mut one.choice, &game.detector, due);
            unplaced += 1;
            let taken = all
                .get(unplaced - 1)
                .is_some_and(|o| o.choice.placed.is_some());
            if taken {
                pass_repeats(&mut all, unplaced);
            }
        }
        let Some(at) = next else { break };
        game.hear(at);
        for signal in game.news() {
            let choice = choose(n, history, plan, &signal, at, &all);
            all.push(Scouted { choice, due: None });
        }
    }
    if let Some(ended) = &history.ended {
        let at = sight.ended(ended);
        for one in &mut all {
            one.due = pay(&one.choice, ended.score, &game.detector, at);
        }
    }
    all
}

fn choose(
    n: usize,
    history: &History,
    plan: &Plan,
    signal: &Signal,
    at: DateTime<Utc>,
    before: &[Scouted],
) -> Choice {
    let cast = &history.tape.cast;
    let repeated = before.iter().any(|one| {
        one.choice.placed.is_some()
            && one.choice.market == signal.market
            && one.choice.side == signal.side
    });
    let verdict = if signal.period != Period::Full {
        Verdict::PartOfGame
    } else if cast.starts_at.is_none_or(|start| at + plan.delay >= start) {
        Verdict::Began
    } else if signal.strength < plan.min_strength {
        Verdict::Weak
    } else if repeated {
        Verdict::Repeated
    } else {
        Verdict::Bet
    };
    Choice {
        history: n,
        game: history.game,
        league: cast.league,
        slate: history.slate,
        starts_at: cast.starts_at,
        market: signal.market.clone(),
        period: signal.period,
        side: signal.side,
        strength: signal.strength,
        detected_at: signal.detected_at,
        decided_at: at,
        verdict,
        standing: Standing::default(),
        placed: None,
        paid: None,
    }
}

/// Of choices that wait for their price, those on the side that was just taken are passed.
fn pass_repeats(all: &mut [Scouted], placed: usize) {
    let (done, waiting) = all.split_at_mut(placed);
    let Some(taken) = done.last().map(|one| &one.choice) else {
        return;
    };
    for one in waiting {
        let choice = &mut one.choice;
        let same = choice.market == taken.market && choice.side == taken.side;
        if same && choice.verdict == Verdict::Bet {
            choice.verdict = Verdict::Repeated;
        }
    }
}

/// The price that is taken: the best that is open now.
fn place(choice: &mut Choice, detector: &Detector, at: DateTime<Utc>) {
    if choice.verdict != Verdict::Bet {
        return;
    }
    let Some(best) = detector.best(&choice.market, choice.period, choice.side) else {
        choice.verdict = Verdict::NoPrice;
        return;
    };
    let decimal = best.odds.to_decimal();
    let fair = detector
        .fair(&choice.market, choice.period, choice.side, best.line)
        .map(|(p, _)| p);
    choice.placed = Some(Placed {
        at,
        book: best.shop,
        line: best.line,
        american: best.odds.to_american(),
        decimal,
        fair,
        expected_value: fair.map(|fair| fair * decimal - 1.0),
        stake: 0.0,
    });
}

/// How a choice ends on one unit; none where it was not placed by then.
fn pay(
    choice: &Choice,
    score: Option<Score>,
    detector: &Detector,
    at: DateTime<Utc>,
) -> Option<Paid> {
    let placed = choice.placed.as_ref().filter(|placed| placed.at <= at)?;
    let bet = Bet {
        market: choice.market.clone(),
        side: choice.side,
        line: placed.line,
        team: None,
        three_way: choice.league == League::Soccer && choice.market == Market::Moneyline,
    };
    let outcome = match score {
        None => Outcome::NoAction,
        Some(score) => settle(&bet, score).ok()?,
    };
    let close = detector.closing(&choice.market, choice.period, choice.side, placed.line);
    Some(Paid {
        at,
        outcome,
        units: outcome.profit(placed.decimal),
        profit: 0.0,
        bankroll: 0.0,
        close_line: detector.closing_line(&choice.market, choice.period, choice.side),
        close,
        clv: close.map(|close| placed.decimal * close - 1.0),
    })
}

/// What happens to a choice. At one moment signals come before bets, and bets before results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Seen,
    Placed,
    Paid,
}

/// Stakes, results and what was known of earlier choices, in the order of time.
pub fn put_together(mut scouted: Vec<Scouted>, plan: &Plan) -> Walked {
    // Stable: of one game and moment the order of the detector stays.
    scouted.sort_by_key(|one| (one.choice.decided_at, one.choice.history));
    let mut agenda: Vec<(DateTime<Utc>, Step, usize)> = Vec::with_capacity(3 * scouted.len());
    for (nth, one) in scouted.iter().enumerate() {
        agenda.push((one.choice.decided_at, Step::Seen, nth));
        agenda.extend(one.choice.placed.iter().map(|p| (p.at, Step::Placed, nth)));
        agenda.extend(one.due.iter().map(|due| (due.at, Step::Paid, nth)));
    }
    agenda.sort_unstable();
    let mut book = Book {
        bankroll: plan.bankroll,
        at_stake: 0.0,
        returns: Vec::new(),
        won: 0.0,
        lost: 0.0,
        excess: Vec::new(),
    };
    for (_, step, nth) in agenda {
        let Some(one) = scouted.get_mut(nth) else {
            continue;
        };
        match step {
            Step::Seen => one.choice.standing = book.standing(),
            Step::Placed => book.stake(&mut one.choice, plan),
            Step::Paid => {
                if let Some(due) = one.due {
                    book.pay(&mut one.choice, due);
                }
            }
        }
    }
    Walked {
        choices: scouted.into_iter().map(|one| one.choice).collect(),
        bankroll: book.bankroll,
    }
}

/// Money, and what was settled so far.
struct Book {
    bankroll: f64,
    at_stake: f64,
    returns: Vec<f64>,
    won: f64,
    lost: f64,
    excess: Vec<f64>,
}

impl Book {
    fn standing(&self) -> Standing {
        let mean =
            |all: &[f64]| (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64);
        Standing {
            graded: self.returns.len(),
            won: self.won,
            lost: self.lost,
            roi: mean(&self.returns),
            excess: mean(&self.excess),
            confidence: confidence(&self.returns),
        }
    }

    fn stake(&mut self, choice: &mut Choice, plan: &Plan) {
        let Some(placed) = &mut choice.placed else {
            return;
        };
        let stake = match plan.staking {
            Staking::Flat { unit } => unit,
            Staking::Kelly { share, cap } => {
                let wanted = placed
                    .fair
                    .and_then(|fair| chance(fair, &choice.standing))
                    .and_then(|p| Chances::new(p, 0.0).ok())
                    .and_then(|chances| kelly::stake(placed.decimal, &chances, share).ok())
                    .map_or(0.0, |stake| stake.fraction.min(cap) * self.bankroll);
                // Whole cents, and nothing that no book would take.
                let cents = (wanted.min(MOST) * 100.0).floor() / 100.0;
                if cents < LEAST { 0.0 } else { cents }
            }
        };
        choice.verdict = if stake <= 0.0 {
            Verdict::Paper
        } else if stake > self.bankroll - self.at_stake {
            Verdict::Broke
        } else {
            placed.stake = stake;
            self.at_stake += stake;
            Verdict::Bet
        };
    }

    fn pay(&mut self, choice: &mut Choice, due: Paid) {
        let Some(placed) = &choice.placed else {
            return;
        };
        // A stake of nothing loses nothing, and not -0.
        let profit = due.units * placed.stake + 0.0;
        self.bankroll += profit;
        self.at_stake -= placed.stake;
        let (won, lost) = shares(due.outcome);
        self.won += won;
        self.lost += lost;
        self.returns.push(due.units);
        if let Some(fair) = placed.fair.filter(|_| won + lost > 0.0) {
            self.excess.push(won / (won + lost) - fair);
        }
        choice.paid = Some(Paid {
            profit,
            bankroll: self.bankroll,
            ..due
        });
    }
}
