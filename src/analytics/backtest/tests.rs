use chrono::TimeDelta;

use super::audit::{Leak, audit};
use super::measure::{performance, settled, together};
use super::walk::walk;
use super::*;
use crate::analytics::signal::{Cast, Shop, Voice, presets};
use crate::domain::odds::Odds;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_752_300_000 + second, 0).unwrap()
}

/// Six hours after the first row.
const START: i64 = 6 * 3600;
const SHOPS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

fn history(score: (i32, i32)) -> History {
    History {
        game: 7,
        slate: "2025-07-12".parse().unwrap(),
        tape: GameTape {
            cast: Cast {
                league: League::Mlb,
                starts_at: Some(at(START)),
                teams: ["HOM".into(), "AWY".into()],
                shops: SHOPS
                    .iter()
                    .map(|slug| Shop {
                        slug: Arc::from(*slug),
                        weight: 1.0,
                    })
                    .collect(),
                voices: (0..SHOPS.len())
                    .map(|shop| Voice {
                        shop,
                        order: (false, 0),
                        id: "1".into(),
                    })
                    .collect(),
            },
            quotes: Vec::new(),
            splits: Vec::new(),
        },
        ended: Some(Ended {
            known_at: at(START + 4 * 3600),
            score: Some(Score {
                home: score.0,
                away: score.1,
            }),
        }),
    }
}

/// Home and away as a shop has them from `when` on, known at `known`.
fn quote(history: &mut History, shop: usize, when: i64, known: i64, home: i64, away: i64) {
    for (side, price, nth) in [(Side::Home, home, 0), (Side::Away, away, 1)] {
        history.tape.quotes.push(Quote {
            known_at: at(known),
            at: at(when),
            voice: shop,
            series_id: (2 * shop + nth) as i64,
            market: Market::Moneyline,
            period: Period::Full,
            side,
            line: None,
            odds: Odds::american(price).ok(),
            reconstructed: false,
        });
    }
}

/// Five shops open; `a`, `b` and `c` move to the home team within four seconds of the hour.
fn steam(score: (i32, i32)) -> History {
    let mut history = history(score);
    for shop in 0..5 {
        let tilt = shop as i64;
        quote(&mut history, shop, tilt, tilt, -110 - tilt, -110 + tilt);
    }
    for shop in 0..3 {
        let when = 3600 + 2 * shop as i64;
        quote(&mut history, shop, when, when, -130, 110);
    }
    history
}

fn plan(delay: i64, staking: Staking) -> Plan {
    Plan {
        preset: presets()
            .into_iter()
            .find(|preset| &*preset.name == "don_best")
            .unwrap(),
        delay: TimeDelta::seconds(delay),
        bankroll: 1_000.0,
        staking,
        min_strength: 0.0,
    }
}

const FLAT: Staking = Staking::Flat { unit: 100.0 };

/// What a careless reader does: a row is there from its market time on, a result from the start.
struct Hindsight;

impl Sight for Hindsight {
    fn quote(&self, quote: &Quote) -> DateTime<Utc> {
        quote.at
    }

    fn split(&self, split: &SplitSeen) -> DateTime<Utc> {
        split.at
    }

    fn ended(&self, _: &Ended) -> DateTime<Utc> {
        at(60)
    }
}

fn leaks(histories: &[History], plan: &Plan, sight: &dyn Sight) -> Vec<Leak> {
    let walked = walk(histories, plan, sight);
    audit(histories, plan, &walked)
        .iter()
        .map(|breach| breach.leak)
        .collect()
}

#[test]
fn a_signal_is_bet_at_the_price_on_offer_after_the_delay_and_settled_by_the_result() {
    let mut game = steam((5, 2));
    // The last shop follows nine seconds after the third.
    for shop in 3..5 {
        quote(&mut game, shop, 3613, 3613, -125, 105);
    }
    let all = [game];
    let at_once = walk(&all, &plan(0, FLAT), &AsKnown);
    let bets: Vec<&Choice> = at_once
        .choices
        .iter()
        .filter(|c| c.placed.is_some())
        .collect();
    assert_eq!(bets.len(), 1, "{:#?}", at_once.choices);
    let placed = bets[0].placed.as_ref().unwrap();
    assert_eq!((bets[0].side, bets[0].decided_at), (Side::Home, at(3604)));
    assert_eq!(
        (placed.american, placed.at),
        (-113, at(3604)),
        "shop d had not moved"
    );
    let paid = bets[0].paid.unwrap();
    assert_eq!(
        (paid.outcome, paid.at),
        (Outcome::Win, at(START + 4 * 3600))
    );
    assert!((paid.profit - 100.0 / 1.13).abs() < 1e-9);
    assert!((at_once.bankroll - 1_000.0 - paid.profit).abs() < 1e-9);
    assert!(paid.clv.unwrap() > 0.0 && placed.expected_value.is_some());
    assert_eq!(bets[0].bucket(), Some("2-6h"));

    // Ten seconds later everybody has moved.
    let slow = walk(&all, &plan(10, FLAT), &AsKnown);
    let placed = slow.choices[0].placed.as_ref().unwrap();
    assert_eq!((placed.american, placed.at), (-125, at(3614)));
    // And six hours later the game has begun.
    let late = walk(&all, &plan(START, FLAT), &AsKnown);
    assert_eq!(late.choices[0].verdict, Verdict::Began);
    assert!(late.choices[0].placed.is_none());
    for delay in [0, 10, START] {
        assert!(leaks(&all, &plan(delay, FLAT), &AsKnown).is_empty());
    }
    assert_eq!(
        walk(&all, &plan(10, FLAT), &AsKnown),
        slow,
        "the same again"
    );
}

#[test]
fn a_planted_price_that_was_not_known_yet_is_not_seen_and_a_walk_that_sees_it_is_caught() {
    let honest = walk(&[steam((5, 2))], &plan(0, FLAT), &AsKnown);
    // Shop f's +400 stands since before the signal, and was fetched an hour after it.
    let mut planted = steam((5, 2));
    quote(&mut planted, 5, 3000, 7200, 400, -550);
    let all = [planted];
    let walked = walk(&all, &plan(0, FLAT), &AsKnown);
    assert_eq!(walked.choices[0].placed, honest.choices[0].placed);
    assert!((walked.bankroll - honest.bankroll).abs() < 1e-9);
    assert!(leaks(&all, &plan(0, FLAT), &AsKnown).is_empty());

    let careless = walk(&all, &plan(0, FLAT), &Hindsight);
    let placed = careless.choices[0].placed.as_ref().unwrap();
    assert_eq!(placed.american, 400, "hindsight takes it");
    assert!(leaks(&all, &plan(0, FLAT), &Hindsight).contains(&Leak::Price));
}

#[test]
fn a_planted_signal_that_was_known_after_the_game_is_no_bet_and_a_walk_that_bets_it_is_caught() {
    let mut all = [steam((5, 2))];
    for quote in &mut all[0].tape.quotes {
        if quote.at >= at(3600) {
            quote.known_at = at(START + 3600);
        }
    }
    let walked = walk(&all, &plan(0, FLAT), &AsKnown);
    assert!(walked.choices.iter().all(|c| c.verdict == Verdict::Began));
    assert!((walked.bankroll - 1_000.0).abs() < 1e-12);
    assert!(leaks(&all, &plan(0, FLAT), &AsKnown).is_empty());

    let careless = walk(&all, &plan(0, FLAT), &Hindsight);
    assert!(careless.choices.iter().any(|c| c.verdict == Verdict::Bet));
    assert!(leaks(&all, &plan(0, FLAT), &Hindsight).contains(&Leak::Signal));
}

#[test]
fn a_result_before_its_time_is_caught_in_what_it_settles_and_in_what_later_choices_know() {
    struct Early;
    impl Sight for Early {
        fn quote(&self, quote: &Quote) -> DateTime<Utc> {
            quote.known_at
        }
        fn split(&self, split: &SplitSeen) -> DateTime<Utc> {
            split.known_at
        }
        fn ended(&self, _: &Ended) -> DateTime<Utc> {
            at(3700)
        }
    }
    let mut later = steam((1, 2));
    for quote in &mut later.tape.quotes {
        quote.at += TimeDelta::seconds(600);
        quote.known_at += TimeDelta::seconds(600);
    }
    let all = [steam((5, 2)), later];
    assert!(leaks(&all, &plan(0, FLAT), &AsKnown).is_empty());
    let found = leaks(&all, &plan(0, FLAT), &Early);
    assert!(
        found.contains(&Leak::Result) && found.contains(&Leak::Record),
        "{found:?}"
    );
    let honest = walk(&all, &plan(0, FLAT), &AsKnown);
    assert!(honest.choices.iter().all(|c| c.standing.graded == 0));
}

/// A generator for tapes: Numerical Recipes' linear congruence.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: i64) -> i64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as i64) % n
    }
}

/// Games one after the other, with rows that come late, out of order and not at all.
fn season(games: usize, seed: u64) -> Vec<History> {
    let mut dice = Dice(seed);
    (0..games)
        .map(|n| {
            let shift = 5 * 3600 * n as i64;
            let mut game = history((dice.below(9) as i32, dice.below(9) as i32));
            game.game = n as i64;
            game.tape.cast.starts_at = Some(at(shift + START));
            game.ended = game.ended.map(|ended| Ended {
                known_at: at(shift + START + 3 * 3600 + dice.below(3600)),
                ..ended
            });
            let mut price = -110;
            for step in 0..20 {
                let when = shift + step * 1_000 + dice.below(300);
                price -= dice.below(21) - 10;
                for shop in 0..SHOPS.len() {
                    let when = when + dice.below(9);
                    let late = if dice.below(4) == 0 {
                        dice.below(9_000)
                    } else {
                        0
                    };
                    let home = if (-100..100).contains(&price) {
                        price - 200
                    } else {
                        price
                    };
                    quote(
                        &mut game,
                        shop,
                        when,
                        when + late,
                        home,
                        100 + dice.below(30),
                    );
                }
            }
            game
        })
        .collect()
}

#[test]
fn honest_walks_pass_the_audit_on_any_tape_and_make_the_same_twice() {
    let kelly = Staking::Kelly {
        share: 0.25,
        cap: 0.05,
    };
    let mut kinds = (0, 0, 0);
    for seed in 0..3 {
        let all = season(30, seed);
        for staking in [FLAT, kelly] {
            let plan = Plan {
                preset: presets().remove(1),
                ..plan(30, staking)
            };
            let walked = walk(&all, &plan, &AsKnown);
            assert!(audit(&all, &plan, &walked).is_empty(), "seed {seed}");
            let mut turned = all.clone();
            for game in &mut turned {
                game.tape.quotes.reverse();
            }
            assert_eq!(
                walk(&turned, &plan, &AsKnown),
                walked,
                "the order of rows says nothing"
            );
            let count = |verdict| {
                walked
                    .choices
                    .iter()
                    .filter(|c| c.verdict == verdict)
                    .count()
            };
            kinds.0 += count(Verdict::Bet);
            kinds.1 += count(Verdict::Paper);
            kinds.2 += count(Verdict::Repeated);
            // Money is what was bet and paid, whatever the order.
            let made: f64 = walked
                .choices
                .iter()
                .filter_map(|c| Some(c.paid?.profit))
                .sum();
            assert!((walked.bankroll - 1_000.0 - made).abs() < 1e-6);
            for choice in &walked.choices {
                let Some(placed) = &choice.placed else {
                    continue;
                };
                assert!(
                    placed.stake <= 1_000.0
                        && (placed.stake > 0.0) == (choice.verdict == Verdict::Bet)
                );
                if staking == kelly && choice.standing.graded < KELLY_NEEDS {
                    assert_eq!(choice.verdict, Verdict::Paper, "no record, no stake");
                }
            }
        }
    }
    assert!(kinds.0 > 50 && kinds.1 > 20 && kinds.2 > 20, "{kinds:?}");
}

fn choice(
    history: usize,
    market: Market,
    side: Side,
    stake: f64,
    decimal: f64,
    outcome: Outcome,
) -> Choice {
    Choice {
        history,
        game: history as i64,
        league: League::Mlb,
        slate: "2025-07-12".parse().unwrap(),
        starts_at: Some(at(START)),
        market,
        period: Period::Full,
        side,
        strength: 0.5,
        detected_at: at(0),
        decided_at: at(0),
        verdict: Verdict::Bet,
        standing: Standing::default(),
        placed: Some(Placed {
            at: at(0),
            book: "a".into(),
            line: None,
            american: 100,
            decimal,
            fair: None,
            expected_value: None,
            stake,
        }),
        paid: Some(Paid {
            at: at(START + history as i64),
            outcome,
            units: outcome.profit(decimal),
            profit: stake * outcome.profit(decimal),
            bankroll: 0.0,
            close_line: None,
            close: None,
            clv: None,
        }),
    }
}

#[test]
fn a_performance_by_hand() {
    let ml = |n, outcome| choice(n, Market::Moneyline, Side::Home, 100.0, 2.5, outcome);
    let all = [
        ml(0, Outcome::Win),
        ml(1, Outcome::Lose),
        ml(2, Outcome::Push),
        ml(3, Outcome::Lose),
        ml(4, Outcome::Win),
    ];
    let found = performance(&settled(&all), 1_000.0);
    assert_eq!(
        (
            found.bets,
            found.pushed,
            found.win_streak,
            found.lose_streak
        ),
        (5, 1, 1, 2)
    );
    assert!((found.profit - 100.0).abs() < 1e-9 && (found.staked - 500.0).abs() < 1e-9);
    let roi = found.roi_between.unwrap();
    assert!((roi.estimate - 0.2).abs() < 1e-12 && roi.low < 0.0 && roi.high > 0.2);
    assert_eq!(found.roi, Some(roi.estimate));
    assert_eq!(
        performance(&settled(&all[..1]), 1_000.0).roi_between,
        None,
        "of one game nothing is known"
    );
    // From 1150 to 950.
    assert!((found.max_drawdown - 200.0 / 1_150.0).abs() < 1e-12);
    assert!((found.profit_factor.unwrap() - 1.5).abs() < 1e-12);
    assert_eq!(
        (found.average_win, found.average_loss),
        (Some(150.0), Some(100.0))
    );
    assert!((found.hits.unwrap().estimate - 0.5).abs() < 1e-12);
    let p = found.p_value.unwrap();
    assert!(
        p > 0.3
            && p < 0.5
            && (1.0 - p - confidence(&[1.5, -1.0, 0.0, -1.0, 1.5]).unwrap()).abs() < 1e-12
    );
    let nothing = performance(&[], 1_000.0);
    assert_eq!(
        (
            nothing.roi,
            nothing.hits,
            nothing.sharpe,
            nothing.profit_factor
        ),
        (None, None, None, None)
    );
    assert!(nothing.max_drawdown.abs() < 1e-15);

    let pairs = [
        ml(0, Outcome::Win),
        choice(0, Market::Spread, Side::Home, 100.0, 1.9, Outcome::Win),
        choice(0, Market::Total, Side::Under, 100.0, 1.9, Outcome::Lose),
        ml(1, Outcome::Lose),
        choice(1, Market::Spread, Side::Away, 100.0, 1.9, Outcome::Lose),
    ];
    let found = together(&settled(&pairs));
    let names: Vec<(&str, &str, &str, usize)> = found
        .iter()
        .map(|t| {
            (
                t.market.as_str(),
                t.other.as_str(),
                t.relation,
                t.both_won + t.both_lost,
            )
        })
        .collect();
    assert_eq!(
        names,
        [
            ("moneyline", "spread", "other", 1),
            ("moneyline", "spread", "same", 1),
            ("moneyline", "total", "under", 0),
            ("spread", "total", "under", 0),
        ]
    );
}

#[test]
fn kelly_stakes_on_a_record_drawn_towards_nothing_while_it_is_short() {
    let standing = |graded, excess| Standing {
        graded,
        excess: Some(excess),
        ..Standing::default()
    };
    assert_eq!(chance(0.5, &standing(19, 0.1)), None);
    assert!((chance(0.5, &standing(50, 0.1)).unwrap() - 0.55).abs() < 1e-12);
    assert!((chance(0.9, &standing(1_000_000, 0.5)).unwrap() - 1.0).abs() < 1e-12);
    assert_eq!(confidence(&[1.0]), None);
    assert!((confidence(&[1.0, -1.0]).unwrap() - 0.5).abs() < 1e-12);
}
