use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::board::{Ask, Board, board};
use super::offer::Class;
use super::row::{BetKey, Kind, OfferRow, State, Told};
use super::tape::{Seen, Tape, Voice};
use super::*;
use crate::analytics::consensus::{logistic, logit};
use crate::domain::market::{Line, Market, Period, Side};
use crate::domain::series::LineSlot;

fn rules() -> Rules {
    let named = |list: &[(&str, f64)]| -> BTreeMap<Arc<str>, f64> {
        list.iter()
            .map(|(book, n)| (Arc::from(*book), *n))
            .collect()
    };
    Rules {
        anchors: named(&[("pinnacle", 3.0), ("draftkings", 1.0), ("fanduel", 1.0)]),
        devig: Devig::Method(Method::Multiplicative),
        min_anchors: 2,
        anchor_max_age: 3_600.0,
        max_age: 900.0,
        commission: named(&[("novig", 0.02)]),
        take: 0.045,
        min_change: 0.01,
        middle_break_even: 0.05,
    }
}

fn book(name: &str) -> Arc<str> {
    name.into()
}

fn row<'a>(book: &'a Arc<str>, prices: &[f64]) -> Row<'a> {
    Row {
        book,
        prices: prices.iter().map(|d| Some((*d, 10.0))).collect(),
    }
}

#[test]
fn anchors_are_weighed_and_named() {
    let (pin, dk, mgm) = (book("pinnacle"), book("draftkings"), book("betmgm"));
    let rows = [
        row(&pin, &[1.95, 1.95]),
        row(&dk, &[1.8, 2.0]),
        row(&mgm, &[1.01, 50.0]),
    ];
    let (fair, left_out) = price(2, &rows, &rules());
    let fair = fair.unwrap();
    assert!(left_out.is_empty());
    let names: Vec<_> = fair.anchors.iter().map(|a| (&*a.book, a.weight)).collect();
    assert_eq!(
        names,
        [("draftkings", 0.25), ("pinnacle", 0.75)],
        "who is no anchor has no say"
    );
    // The weighted mean of log-odds, of two outcomes.
    let draftkings = (1.0 / 1.8) / (1.0 / 1.8 + 0.5);
    let wanted = logistic(0.25 * logit(draftkings));
    assert!((fair.probabilities[0] - wanted).abs() < 1e-12);
    assert!((fair.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12);
}

#[test]
fn what_does_not_count_is_told_and_too_few_are_no_price() {
    let (pin, dk, fd) = (book("pinnacle"), book("draftkings"), book("fanduel"));
    let mut stale = row(&dk, &[1.9, 1.9]);
    stale.prices[1] = Some((1.9, 3_601.0));
    let mut suspended = row(&fd, &[1.9, 1.9]);
    suspended.prices[0] = None;
    let rows = [row(&pin, &[1.95, 1.95]), stale, suspended];
    let (fair, left_out) = price(2, &rows, &rules());
    assert_eq!(
        fair,
        Err(NoFair::TooFew {
            found: 1,
            needed: 2
        })
    );
    assert_eq!(left_out[0], (Arc::clone(&dk), LeftOut::Stale(3_601.0)));
    assert_eq!(left_out[1], (Arc::clone(&fd), LeftOut::Incomplete));
    let alone = Rules {
        min_anchors: 1,
        ..rules()
    };
    assert!(price(2, &rows, &alone).0.is_ok());
    assert_eq!(price(1, &rows, &alone).0, Err(NoFair::OneSided(1)));
    assert!(price(2, &[], &alone).0.is_err());
    // Ages and prices that are no numbers are left out, not passed on.
    for wrong in [
        (f64::NAN, 1.0),
        (1.9, f64::NAN),
        (1.9, f64::INFINITY),
        (0.5, 1.0),
    ] {
        let rows = [Row {
            book: &pin,
            prices: vec![Some(wrong), Some((1.9, 1.0))],
        }];
        assert!(price(2, &rows, &alone).0.is_err(), "{wrong:?}");
    }
}

#[test]
fn every_method_by_name() {
    for devig in Devig::all() {
        assert_eq!(devig.as_str().parse(), Ok(devig));
    }
    let names: Vec<_> = Devig::all().map(Devig::as_str).collect();
    assert_eq!(
        names,
        crate::config::schema::fair_methods(),
        "what settings take"
    );
    assert_eq!("wpo".parse(), Ok(Devig::Method(Method::Additive)));
    assert!("best".parse::<Devig>().is_err());
}

fn ask(name: &str, side: Side, line: Option<f64>, decimal: Option<f64>) -> Ask {
    Ask {
        book: book(name),
        side,
        line: line.and_then(Line::from_points),
        main: true,
        decimal,
        seen: 5.0,
        changed: 60.0,
    }
}

fn two(name: &str, sides: [Side; 2], lines: [Option<f64>; 2], prices: [f64; 2]) -> [Ask; 2] {
    [
        ask(name, sides[0], lines[0], Some(prices[0])),
        ask(name, sides[1], lines[1], Some(prices[1])),
    ]
}

const TEAMS: [Side; 2] = [Side::Home, Side::Away];
const TOTAL: [Side; 2] = [Side::Over, Side::Under];

fn totals(name: &str, line: f64, prices: [f64; 2]) -> [Ask; 2] {
    two(name, TOTAL, [Some(line); 2], prices)
}

#[test]
fn the_best_price_is_after_commission_and_fresh() {
    let mut asks = Vec::new();
    asks.extend(two("pinnacle", TEAMS, [None; 2], [2.0, 1.9]));
    asks.extend(two("draftkings", TEAMS, [None; 2], [2.0, 1.9]));
    asks.extend(two("novig", TEAMS, [None; 2], [2.2, 1.8]));
    asks.extend(two("betus", TEAMS, [None; 2], [2.19, 1.8]));
    let view = board(&Market::Moneyline, false, &asks, &rules());
    let [number] = view.numbers.as_slice() else {
        panic!("{view:?}")
    };
    let best = number.outcomes[0].best().unwrap();
    // 2.20 less 2 % of the winnings is 2.176.
    assert_eq!((&*best.book, best.class), ("betus", Class::Green));
    let novig = number.outcomes[0]
        .offers
        .iter()
        .find(|o| &*o.book == "novig")
        .unwrap();
    assert!((novig.net - 2.176).abs() < 1e-12 && (novig.decimal - 2.2).abs() < 1e-12);
    let p = number.probability(0).unwrap();
    assert!((novig.ev.unwrap() - (p * 2.176 - 1.0)).abs() < 1e-12);
    assert_eq!(number.books(), 4);

    asks[6].seen = 901.0;
    let view = board(&Market::Moneyline, false, &asks, &rules());
    let outcome = &view.numbers[0].outcomes[0];
    assert_eq!(
        &*outcome.best().unwrap().book,
        "novig",
        "a stale price is shown and not best"
    );
    assert!(
        outcome
            .offers
            .iter()
            .any(|o| &*o.book == "betus" && o.stale)
    );
}

#[test]
fn numbers_belong_together_whoever_calls_them_main() {
    let spread = |name, home: f64, prices| two(name, TEAMS, [Some(home), Some(-home)], prices);
    let mut asks = Vec::new();
    asks.extend(spread("pinnacle", -1.5, [2.3, 1.7]));
    let mut alternate = spread("draftkings", -1.5, [2.2, 1.7]);
    for ask in &mut alternate {
        ask.main = false;
    }
    asks.extend(alternate);
    asks.extend(spread("draftkings", -2.5, [2.9, 1.4]));
    let view = board(&Market::Spread, false, &asks, &rules());
    let numbers: Vec<_> = view
        .numbers
        .iter()
        .map(|n| (n.line.map(Line::points), n.fair.is_ok()))
        .collect();
    assert_eq!(numbers, [(Some(-2.5), false), (Some(-1.5), true)]);
    let away = &view.numbers[1].outcomes[1];
    assert_eq!(
        (away.side, away.line.map(Line::points)),
        (Side::Away, Some(1.5))
    );
    // A draw that is a price of its own needs a third side; elsewhere its book plays by other rules.
    let mut three = Vec::new();
    for name in ["pinnacle", "draftkings"] {
        three.extend(two(name, TEAMS, [None; 2], [2.4, 3.4]));
        three.push(ask(name, Side::Draw, None, Some(3.1)));
    }
    let draws = board(&Market::Moneyline, true, &three, &rules());
    assert_eq!(
        draws.numbers[0].fair.as_ref().unwrap().probabilities.len(),
        3
    );
    let none = board(&Market::Moneyline, false, &three, &rules());
    assert_eq!(none, Board::default());
}

#[test]
fn arbs_and_middles_only_of_fresh_prices_of_several_books() {
    let mut asks = Vec::new();
    asks.extend(totals("pinnacle", 8.5, [2.1, 1.8]));
    asks.extend(totals("draftkings", 8.5, [1.8, 2.1]));
    let view = board(&Market::Total, false, &asks, &rules());
    let arb = view.numbers[0].arb.clone().unwrap();
    assert!((arb.profit - 0.05).abs() < 1e-12);
    assert!(arb.legs.iter().all(|leg| (leg.stake - 0.5).abs() < 1e-12));
    asks[0].seen = 901.0;
    assert_eq!(
        board(&Market::Total, false, &asks, &rules()).numbers[0].arb,
        None
    );
    // One book below 1 is a slip of its feed.
    let slip = totals("pinnacle", 8.5, [2.1, 2.1]);
    assert_eq!(
        board(&Market::Total, false, &slip, &rules()).numbers[0].arb,
        None
    );

    let mut apart = Vec::new();
    apart.extend(totals("pinnacle", 7.5, [1.95, 1.9]));
    apart.extend(totals("draftkings", 8.5, [1.9, 1.95]));
    let middles = board(&Market::Total, false, &apart, &rules()).middles;
    assert_eq!(middles.len(), 1);
    assert_eq!(middles[0].window, (8.0, 8.0));
    let sides =
        [&middles[0].legs[0], &middles[0].legs[1]].map(|l| (l.side, l.line.map(Line::points)));
    assert_eq!(sides, [(Side::Over, Some(7.5)), (Side::Under, Some(8.5))]);
    let mut teams = Vec::new();
    teams.extend(two("pinnacle", TEAMS, [Some(-2.5), Some(2.5)], [1.95, 1.9]));
    teams.extend(two(
        "draftkings",
        TEAMS,
        [Some(-3.5), Some(3.5)],
        [1.9, 1.95],
    ));
    let middles = board(&Market::Spread, false, &teams, &rules()).middles;
    assert_eq!(middles.len(), 1);
    assert_eq!(
        middles[0].window,
        (3.0, 3.0),
        "−2.5 with +3.5: both win by three"
    );
}

fn priced() -> impl Strategy<Value = Vec<[f64; 2]>> {
    // A fair probability and a margin a book, so that most markets are of this world.
    let one = (0.02..0.98_f64, -0.02..0.12_f64).prop_map(|(p, margin)| {
        [p, 1.0 - p].map(|p| 1.0 / (p * (1.0 + margin)).clamp(0.005, 0.995))
    });
    proptest::collection::vec(one, 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Probabilities or a refusal, never NaN; they lie within the anchors' own, add up to 1, and no order matters.
    #[test]
    fn fair_prices_are_probabilities(prices in priced(), method in 0..10_usize) {
        let books = ["draftkings", "fanduel", "pinnacle"].map(book);
        let devig = Devig::all().nth(method).unwrap();
        let rules = Rules { devig, min_anchors: 1, ..rules() };
        let rows: Vec<Row<'_>> = books.iter().zip(&prices).map(|(b, p)| row(b, p)).collect();
        let (found, left_out) = price(2, &rows, &rules);
        let mut turned = rows.clone();
        turned.reverse();
        prop_assert_eq!(&price(2, &turned, &rules).0, &found);
        let Ok(fair) = found else {
            prop_assert_eq!(left_out.len(), rows.len());
            return Ok(());
        };
        prop_assert_eq!(fair.anchors.len() + left_out.len(), rows.len());
        let sum: f64 = fair.probabilities.iter().sum();
        prop_assert!((fair.anchors.iter().map(|a| a.weight).sum::<f64>() - 1.0).abs() < 1e-12);
        let off = if devig == Devig::WorstCase { (sum - 1.0).max(0.0) } else { (sum - 1.0).abs() };
        prop_assert!(off < 1e-12);
        for (n, p) in fair.probabilities.iter().enumerate() {
            prop_assert!(*p > 0.0 && *p < 1.0);
            let own: Vec<f64> = fair.anchors.iter().map(|a| a.probabilities[n]).collect();
            let (low, high) = (own.iter().copied().fold(1.0, f64::min), own.iter().copied().fold(0.0, f64::max));
            prop_assert!(devig == Devig::WorstCase || (*p >= low - 1e-9 && *p <= high + 1e-9));
        }
        // The worst case is no better than any method that it is the worst of.
        if devig != Devig::WorstCase && left_out.is_empty() {
            let careful = Rules { devig: Devig::WorstCase, ..rules };
            let worst = price(2, &rows, &careful).0.unwrap();
            for (least, p) in worst.probabilities.iter().zip(&fair.probabilities) {
                prop_assert!(*least <= p + 1e-12);
            }
        }
    }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_752_000_000 + seconds)
}

fn voices() -> Vec<Voice> {
    ["pinnacle", "draftkings", "betmgm"]
        .iter()
        .enumerate()
        .map(|(n, name)| Voice {
            book: book(name),
            order: (false, 0, book("1")),
            // DraftKings and BetMGM come with one feed.
            stream: n.min(1),
        })
        .collect()
}

fn seen(seconds: i64, voice: usize, side: Side, decimal: Option<f64>) -> Seen {
    Seen {
        known_at: at(seconds),
        at: at(seconds),
        voice,
        market: Market::Moneyline,
        period: Period::Full,
        participant: "".into(),
        side,
        slot: LineSlot::Main,
        line: None,
        decimal,
    }
}

fn tape(starts: Option<i64>) -> Tape {
    Tape::new(rules(), false, starts.map(at), voices())
}

fn first_look() -> Vec<Seen> {
    (0..3)
        .flat_map(|voice| TEAMS.map(|side| seen(0, voice, side, Some(1.95))))
        .collect()
}

fn brief(rows: &[OfferRow]) -> Vec<(&str, Side, State, Class)> {
    rows.iter()
        .map(|row| (&*row.book, row.bet.side, row.state, row.class))
        .collect()
}

#[test]
fn offers_are_written_when_something_changed() {
    let mut tape = tape(None);
    let told = tape.hear(first_look());
    assert_eq!((told.fair.len(), told.offers.len()), (2, 6));
    assert!(
        told.offers
            .iter()
            .all(|o| o.class == Class::Grey && o.fair == Some(0.5))
    );
    // Said again at a later look, a price is not stored anew; here a row that changes nothing comes.
    assert_eq!(
        tape.hear(vec![seen(60, 2, Side::Home, Some(1.95))]).offers,
        []
    );
    // BetMGM alone moves: its own row, and no other, for it is no anchor.
    let told = tape.hear(vec![seen(120, 2, Side::Home, Some(2.1))]);
    assert_eq!(
        brief(&told.offers),
        [("betmgm", Side::Home, State::Open, Class::Green)]
    );
    assert!(told.fair.is_empty());
    assert_eq!(tape.chances().len(), 1);
    // An anchor moves: fair prices move, and with them what everyone's price is worth, where by a point or more.
    let told = tape.hear(vec![
        seen(180, 0, Side::Home, Some(2.15)),
        seen(180, 0, Side::Away, Some(1.75)),
    ]);
    assert_eq!(told.fair.len(), 2);
    assert!(brief(&told.offers).contains(&("draftkings", Side::Home, State::Open, Class::Grey)));
    let chance = &tape.chances()[0];
    assert_eq!(
        (chance.kind, chance.at, chance.closed_at),
        (Kind::Value, at(120), Some(at(180)))
    );
    // A suspension ends an offer once, and of one anchor there is no fair price.
    let told = tape.hear(vec![
        seen(240, 1, Side::Home, None),
        seen(240, 1, Side::Away, None),
    ]);
    let ended: Vec<_> = told
        .offers
        .iter()
        .filter(|o| &*o.book == "draftkings")
        .collect();
    assert!(
        ended.len() == 2
            && ended
                .iter()
                .all(|o| o.state == State::Closed && o.decimal.is_none())
    );
    assert!(
        told.fair
            .iter()
            .all(|f| f.probability.is_none() && f.reason.is_some())
    );
    assert!(told.offers.iter().all(|o| o.ev.is_none()));
    // A feed that was silent for too long: its prices are not there, though nobody took them back.
    let told = tape.hear(vec![seen(240 + 901, 0, Side::Home, Some(2.2))]);
    let unseen: Vec<_> = told
        .offers
        .iter()
        .filter(|o| o.state == State::Unseen)
        .collect();
    assert!(!unseen.is_empty() && unseen.iter().all(|o| &*o.book == "betmgm"));
    let mut started = super::tests::tape(Some(0));
    assert_eq!(
        started.hear(first_look()).offers,
        [],
        "after the start nothing is said"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// However the rows are cut into batches, and in whatever order those of a batch come, the same is told.
    #[test]
    fn batches_do_not_matter(
        moves in proptest::collection::vec((0..40_i64, 0..3_usize, any::<bool>(), 150..280_i32, 0..8_u8), 1..60),
        cuts in proptest::collection::vec(0..40_i64, 0..5),
    ) {
        let rows: Vec<Seen> = moves
            .into_iter()
            // A series has one row a moment.
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .map(|(n, voice, home, price, off)| {
                let side = if home { Side::Home } else { Side::Away };
                ((n, voice, home), seen(n * 60, voice, side, (off > 0).then(|| f64::from(price) / 100.0)))
            })
            .collect::<BTreeMap<_, _>>()
            .into_values()
            .collect();
        let mut whole = tape(Some(35 * 60));
        let all = whole.hear(rows.clone());
        let mut cuts = cuts;
        cuts.sort_unstable();
        cuts.push(i64::MAX / 120);
        let mut piecemeal = tape(Some(35 * 60));
        let mut told = Told::default();
        let mut from = i64::MIN;
        for cut in cuts {
            let mut batch: Vec<Seen> = rows
                .iter()
                .filter(|r| {
                    let n = (r.known_at - at(0)).num_seconds() / 60;
                    n >= from && n < cut
                })
                .cloned()
                .collect();
            batch.reverse();
            let more = piecemeal.hear(batch);
            told.fair.extend(more.fair);
            told.offers.extend(more.offers);
            from = cut;
        }
        prop_assert_eq!(&told, &all);
        prop_assert_eq!(whole.chances(), piecemeal.chances());
        // Change-only: no two rows of an offer say the same, and every number is one.
        let mut last: BTreeMap<(&BetKey, &str), &OfferRow> = BTreeMap::new();
        for row in &all.offers {
            if let Some(had) = last.insert((&row.bet, &row.book), row) {
                let same = (had.state, had.decimal, had.class, had.ev) == (row.state, row.decimal, row.class, row.ev);
                prop_assert!(!same && had.at < row.at);
            }
            prop_assert!(row.ev.is_none_or(f64::is_finite));
            prop_assert_eq!(row.decimal.is_some(), row.state == State::Open);
        }
    }
}
