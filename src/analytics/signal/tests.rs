use std::fs;
use std::path::Path;

use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// A tape written by hand.
#[derive(Debug, Clone)]
struct Draft {
    tape: GameTape,
    market: Market,
}

fn at(second: f64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_752_300_000_000 + (second * 1000.0) as i64).unwrap()
}

impl Draft {
    fn new(league: League, market: Market, shops: &[&str]) -> Self {
        let shops: Vec<Shop> = shops
            .iter()
            .map(|slug| Shop {
                slug: Arc::from(*slug),
                weight: 1.0,
            })
            .collect();
        let voices = (0..shops.len())
            .map(|shop| Voice {
                shop,
                order: (false, 0),
                id: Arc::from("1"),
            })
            .collect();
        Self {
            market,
            tape: GameTape {
                cast: Cast {
                    league,
                    starts_at: Some(at(6.0 * 3600.0)),
                    teams: ["HOM".into(), "AWY".into()],
                    shops,
                    voices,
                },
                quotes: Vec::new(),
                splits: Vec::new(),
            },
        }
    }

    fn side(
        &mut self,
        second: f64,
        shop: usize,
        side: Side,
        line: Option<f64>,
        american: Option<i64>,
    ) {
        self.tape.quotes.push(Quote {
            known_at: at(second),
            at: at(second),
            voice: shop,
            series_id: (shop * 10) as i64 + i64::from(side.opposite().is_some_and(|o| o < side)),
            market: self.market.clone(),
            period: Period::Full,
            side,
            line: line.and_then(Line::from_points),
            odds: american.map(|a| Odds::american(a).unwrap()),
            reconstructed: false,
        });
    }

    /// Both sides: the first side's line and price, the other's price.
    fn quote(
        &mut self,
        second: f64,
        shop: usize,
        line: Option<f64>,
        first: i64,
        second_price: i64,
    ) {
        let [one, other] = if self.market == Market::Total {
            [Side::Over, Side::Under]
        } else {
            [Side::Home, Side::Away]
        };
        let opposite = if self.market == Market::Spread {
            line.map(|l| -l)
        } else {
            line
        };
        self.side(second, shop, one, line, Some(first));
        self.side(second, shop, other, opposite, Some(second_price));
    }

    fn suspend(&mut self, second: f64, shop: usize) {
        self.side(second, shop, Side::Home, None, None);
        self.side(second, shop, Side::Away, None, None);
    }

    fn split(&mut self, second: f64, tickets: f64, money: Option<f64>) {
        for (side, tickets, money) in [
            (Side::Home, tickets, money),
            (Side::Away, 100.0 - tickets, money.map(|m| 100.0 - m)),
        ] {
            self.tape.splits.push(SplitSeen {
                known_at: at(second),
                at: at(second),
                scope: "vsin".into(),
                market: self.market.clone(),
                period: Period::Full,
                side,
                tickets_pct: Some(tickets),
                money_pct: money,
                tickets: None,
            });
        }
    }

    fn steam(&self, groups: usize, window_s: f64) -> Vec<Signal> {
        let rule = Rule::Steam(rule::Steam {
            groups,
            window: TimeDelta::milliseconds((window_s * 1000.0) as i64),
            size: rule::Size::ANY,
            mean: None,
            agree: 0.8,
            share: 0.0,
            score: 0.0,
            aligned: false,
            cooldown: TimeDelta::zero(),
        });
        detect(
            &self.tape,
            &Arc::from([Preset {
                name: "test".into(),
                source: "test".into(),
                rule,
            }]),
        )
    }

    fn by(&self, name: &str) -> Vec<Signal> {
        let all = all();
        let own: Arc<[Preset]> = all.iter().filter(|p| *p.name == *name).cloned().collect();
        assert_eq!(own.len(), 1, "{name}");
        detect(&self.tape, &own)
    }
}

/// The other side's price, 20 cents apart.
fn other(american: i64) -> i64 {
    let cents = if american >= 100 {
        american - 100
    } else {
        american + 100
    };
    let cents = -cents - 20;
    if cents >= 0 { 100 + cents } else { cents - 100 }
}

fn all() -> Arc<[Preset]> {
    presets().into()
}

fn names(followers: &[Follower]) -> Vec<&str> {
    followers.iter().map(|f| &*f.shop).collect()
}

#[test]
fn three_shops_on_a_spread_are_steam_and_the_fourth_is_named() {
    let mut draft = Draft::new(League::Nba, Market::Spread, &["dk", "fd", "mgm", "rivers"]);
    for shop in 0..4 {
        draft.quote(0.0, shop, Some(-3.5), -110, -110);
    }
    for (shop, second) in [(1, 30.0), (0, 40.0), (2, 50.0)] {
        draft.quote(second, shop, Some(-4.0), -110, -110);
    }
    let found = draft.steam(3, 60.0);
    assert_eq!(found.len(), 1, "{found:#?}");
    let signal = &found[0];
    assert_eq!(signal.side, Side::Home);
    assert_eq!(
        names(&signal.movers),
        ["fd", "dk", "mgm"],
        "the first mover leads"
    );
    assert_eq!(names(&signal.waiting), ["rivers"]);
    assert!(
        signal.waiting[0].delta > 0.01,
        "it is behind by the half point"
    );
    assert_eq!(signal.detected_at, at(50.0));
    assert!(!signal.juice_only);
    assert_eq!(signal.evidence.len(), 6, "both sides of each mover");
    assert!(signal.reason.contains("fd led"), "{}", signal.reason);
    assert!(draft.steam(4, 60.0).is_empty());
    assert!(draft.steam(3, 15.0).is_empty(), "not within 15 s");
}

#[test]
fn the_window_ends_where_it_ends() {
    let mut draft = Draft::new(League::Mlb, Market::Moneyline, &["a", "b", "c"]);
    for shop in 0..3 {
        draft.quote(0.0, shop, None, -110, -110);
    }
    for (shop, second) in [(0, 100.0), (1, 104.0), (2, 110.1)] {
        draft.quote(second, shop, None, -120, 100);
    }
    assert!(draft.steam(3, 10.0).is_empty());
    assert_eq!(draft.steam(3, 10.1).len(), 1);
}

#[test]
fn only_the_shortening_side_is_told() {
    let mut draft = Draft::new(League::Mlb, Market::Moneyline, &["a", "b", "c"]);
    for shop in 0..3 {
        draft.quote(0.0, shop, None, 130, -150);
        draft.quote(60.0, shop, None, 110, -130);
    }
    let found = draft.steam(3, 120.0);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].side, Side::Home);
    assert!(found[0].delta.unwrap() > 0.02);
}

#[test]
fn a_suspension_is_no_move_and_does_not_hide_one() {
    let mut draft = Draft::new(League::Mlb, Market::Moneyline, &["a", "b", "c"]);
    for shop in 0..3 {
        draft.quote(0.0, shop, None, -110, -110);
        draft.suspend(60.0, shop);
    }
    assert!(detect(&draft.tape, &all()).is_empty());
    for shop in 0..3 {
        draft.quote(90.0, shop, None, -130, 110);
    }
    assert_eq!(draft.steam(3, 60.0).len(), 1, "they opened again elsewhere");
    let mut late = Draft::new(League::Mlb, Market::Moneyline, &["a", "b", "c"]);
    for shop in 0..3 {
        late.quote(0.0, shop, None, -110, -110);
        late.suspend(60.0, shop);
        late.quote(3600.0, shop, None, -130, 110);
    }
    assert!(
        late.steam(3, 60.0).is_empty(),
        "after an hour it is a first price"
    );
}

#[test]
fn an_even_lines_sign_says_nothing() {
    // Pick'em to a favourite and across even money.
    let mut draft = Draft::new(League::Nfl, Market::Spread, &["a", "b", "c"]);
    for shop in 0..3 {
        draft.quote(0.0, shop, Some(1.0), -110, -110);
        draft.quote(10.0, shop, Some(-1.0), -110, -110);
    }
    assert_eq!(draft.steam(3, 20.0)[0].side, Side::Home);
    let mut even = Draft::new(League::Mlb, Market::Moneyline, &["a", "b", "c"]);
    for (shop, (before, after)) in [(102, -105), (105, -102), (100, -104)]
        .into_iter()
        .enumerate()
    {
        even.quote(0.0, shop, None, before, other(before));
        even.quote(10.0, shop, None, after, other(after));
    }
    let found = even.steam(3, 20.0);
    assert_eq!(found.len(), 1);
    assert!(found[0].delta.unwrap() < 0.03, "7 cents are not 207");
}

#[test]
fn juice_and_line_are_one() {
    let mut draft = Draft::new(League::Nfl, Market::Spread, &["a", "b", "c"]);
    for shop in 0..3 {
        draft.quote(0.0, shop, Some(-3.0), -110, -110);
    }
    draft.quote(10.0, 0, Some(-3.0), -125, 105);
    draft.quote(12.0, 1, Some(-3.5), -105, -115);
    draft.quote(14.0, 2, Some(-3.0), -120, 100);
    let found = draft.by("sports_options");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(!found[0].juice_only);
    // A line that moves while its price takes it back is no move.
    let mut none = Draft::new(League::Nfl, Market::Spread, &["a", "b", "c"]);
    for shop in 0..3 {
        none.quote(0.0, shop, Some(-3.0), -117, -103);
        none.quote(10.0, shop, Some(-3.5), -110, -110);
    }
    let probability = Preset {
        name: "test".into(),
        source: "".into(),
        rule: Rule::Steam(rule::Steam {
            size: rule::Size {
                probability: 0.004,
                points: f64::INFINITY,
                cents: i32::MAX,
            },
            groups: 3,
            share: 0.0,
            mean: None,
            ..match all()[0].rule {
                Rule::Steam(rule) => rule,
                _ => unreachable!(),
            }
        }),
    };
    let probability: Arc<[Preset]> = Arc::from([probability]);
    assert!(detect(&none.tape, &probability).is_empty());
    // The same line with the price unmoved is one.
    for quote in none.tape.quotes.iter_mut().filter(|q| q.at == at(10.0)) {
        quote.odds = Odds::american(if quote.side == Side::Home { -117 } else { -103 }).ok();
    }
    assert_eq!(detect(&none.tape, &probability).len(), 1);
}

#[test]
fn a_side_that_stayed_adds_nothing_to_a_move() {
    let mut draft = Draft::new(League::Mlb, Market::Moneyline, &["dk", "fd", "mgm"]);
    for shop in 0..3 {
        draft.quote(0.0, shop, None, -110, -110);
    }
    let alike: Arc<[Preset]> = all()
        .iter()
        .filter(|p| &*p.name == "ev_strike")
        .cloned()
        .collect();
    // Long before, the away side went 6 cents; now only the home side goes, by 2 and then by 4.
    for shop in 0..3 {
        draft.side(3_600.0, shop, Side::Away, None, Some(-116));
    }
    let before = detect(&draft.tape, &alike).len();
    for shop in 0..3 {
        draft.side(7_200.0, shop, Side::Home, None, Some(-112));
    }
    assert_eq!(
        detect(&draft.tape, &alike).len(),
        before,
        "2 cents are none of 3"
    );
    for shop in 0..3 {
        draft.side(10_800.0, shop, Side::Home, None, Some(-116));
    }
    let found = detect(&draft.tape, &alike);
    assert_eq!(found.len(), before + 1, "{found:#?}");
    let last = found.last().unwrap();
    let away = last.evidence.iter().filter(|row| row.at == at(3_600.0));
    assert_eq!(away.clone().count(), 3, "{last:#?}");
    assert!(
        away.clone().all(|row| row.before_odds == row.odds),
        "{last:#?}"
    );
}

#[test]
fn clones_count_once() {
    let mut draft = Draft::new(League::Mlb, Market::Moneyline, &["a", "b", "c", "d"]);
    // b and c follow a to the cent within a second; d goes its own way.
    let path = [
        -110, -112, -115, -113, -118, -120, -117, -121, -125, -122, -126, -128, -124, -130,
    ];
    for (n, price) in path.into_iter().enumerate() {
        let second = n as f64 * 400.0;
        for shop in 0..3 {
            draft.quote(second + shop as f64 * 0.4, shop, None, price, other(price));
        }
        draft.quote(
            second + 200.0,
            3,
            None,
            -110 - n as i64,
            other(-110 - n as i64),
        );
    }
    draft.quote(6000.0, 0, None, -160, 140);
    draft.quote(6000.5, 1, None, -160, 140);
    draft.quote(6001.0, 2, None, -160, 140);
    let late = |found: Vec<Signal>| {
        found
            .into_iter()
            .filter(|s| s.detected_at >= at(6000.0))
            .count()
    };
    assert_eq!(late(draft.steam(2, 10.0)), 0, "three names, one shop");
    assert_eq!(late(draft.steam(1, 10.0)), 1);
}

#[test]
fn newcomers_extend_what_goes_on() {
    let shops = ["a", "b", "c", "d", "e"];
    let mut draft = Draft::new(League::Mlb, Market::Moneyline, &shops);
    for shop in 0..5 {
        draft.quote(0.0, shop, None, -110, -110);
    }
    for shop in 0..5 {
        draft.quote(10.0 + 8.0 * shop as f64, shop, None, -125, 105);
    }
    let found = draft.steam(3, 20.0);
    assert_eq!(found.len(), 1, "told once");
    assert_eq!(names(&found[0].movers), ["a", "b", "c"]);
    assert_eq!(names(&found[0].later), ["d", "e"]);
    assert_eq!(found[0].until, at(42.0));
}

#[test]
fn a_seam_between_voices_is_no_move() {
    let mut draft = Draft::new(League::Mlb, Market::Moneyline, &["a", "b", "c"]);
    for shop in 0..3 {
        draft.tape.cast.voices.push(Voice {
            shop,
            order: (false, 5),
            id: "x".into(),
        });
        draft.quote(0.0, 3 + shop, None, -110, -110);
        draft.quote(10.0, shop, None, -130, 110);
    }
    assert!(draft.steam(1, 60.0).is_empty());
    draft.quote(20.0, 3, None, -160, 140);
    assert!(
        draft.steam(1, 60.0).is_empty(),
        "another speaks for the shop now"
    );
}

#[test]
fn there_and_back_is_a_head_fake() {
    let mut draft = Draft::new(League::Nfl, Market::Spread, &["a", "b", "c"]);
    for shop in 0..3 {
        let s = shop as f64;
        draft.quote(s, shop, Some(-3.0), -110, -110);
        draft.quote(600.0 + s, shop, Some(-4.0), -110, -110);
        draft.quote(1200.0 + s, shop, Some(-3.0), -110, -110);
    }
    let found = draft.by("linetape_head_fake");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].side, Side::Away, "the feint went to the home side");
}

#[test]
fn a_stale_shop_is_priced() {
    let mut draft = Draft::new(
        League::Mlb,
        Market::Moneyline,
        &["a", "b", "c", "d", "slow"],
    );
    for n in 0..12 {
        for shop in 0..5 {
            let price = -110 - i64::from(n % 2) * (2 + shop as i64 % 2);
            draft.quote(f64::from(n) * 30.0, shop, None, price, other(price));
        }
    }
    for (n, price) in [-150, -155].into_iter().enumerate() {
        for shop in 0..4 {
            draft.quote(400.0 + n as f64 * 60.0, shop, None, price, other(price));
        }
    }
    let found = draft.by("linetape_stale");
    assert_eq!(found.len(), 1, "{found:#?}");
    let signal = &found[0];
    assert_eq!(signal.available.as_ref().map(|a| &*a.shop), Some("slow"));
    assert_eq!(signal.side, Side::Home);
    assert!(
        signal.reason.contains("expected value of +"),
        "{}",
        signal.reason
    );
}

#[test]
fn splits_are_differenced_where_counts_allow() {
    let mut draft = Draft::new(League::Nfl, Market::Spread, &["a", "b"]);
    draft.quote(0.0, 0, Some(-7.0), -110, -110);
    draft.quote(0.0, 1, Some(-7.0), -110, -110);
    let counts = [(0.0, 700, 300), (60.0, 720, 380)];
    for (second, home, away) in counts {
        for (side, own) in [(Side::Home, home), (Side::Away, away)] {
            draft.tape.splits.push(SplitSeen {
                known_at: at(second),
                at: at(second),
                scope: "an".into(),
                market: Market::Spread,
                period: Period::Full,
                side,
                tickets_pct: Some(100.0 * own as f64 / (home + away) as f64),
                money_pct: None,
                tickets: Some(own),
            });
        }
    }
    for shop in 0..2 {
        draft.quote(100.0, shop, Some(-6.5), -110, -110);
    }
    let found = draft.by("linetape_rlm");
    assert_eq!(found.len(), 1);
    let split = &found[0].splits[0];
    assert_eq!(
        split.recent_tickets_pct,
        Some(20.0),
        "20 of the latest 100 bets"
    );
    assert!(
        found[0].reason.contains("20 % of the latest"),
        "{}",
        found[0].reason
    );
}

// ---- the vectors --------------------------------------------------------------------------------------------------

fn vectors() -> Option<Vec<Value>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors/signals.json");
    let text = fs::read_to_string(path).ok()?;
    let file: Value = serde_json::from_str(&text).unwrap();
    Some(file["vectors"].as_array().unwrap().clone())
}

fn of(vectors: &[Value], id: &str) -> Value {
    vectors
        .iter()
        .find(|v| v["id"] == id)
        .unwrap_or_else(|| panic!("no vector {id}"))
        .clone()
}

fn spread_case(vector: &Value) -> Draft {
    let books: Vec<&str> = vector["before"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let mut draft = Draft::new(League::Nba, Market::Spread, &books);
    for (shop, book) in books.iter().enumerate() {
        draft.quote(0.0, shop, vector["before"][book].as_f64(), -110, -110);
    }
    let later = vector["dt_s"].as_f64().unwrap();
    for (shop, book) in books.iter().enumerate() {
        if vector["before"][book] != vector["after"][book] {
            draft.quote(later, shop, vector["after"][book].as_f64(), -110, -110);
        }
    }
    draft
}

/// A side with `tickets` on it while its number falls: the other side is where it points.
fn rlm_case(vector: &Value) -> Draft {
    let tickets = vector["tickets"].as_f64().unwrap();
    let moneyline = vector.get("moneyline");
    let market = if moneyline.is_some() {
        Market::Moneyline
    } else {
        Market::Spread
    };
    let path = moneyline
        .or_else(|| vector.get("line"))
        .unwrap()
        .as_array()
        .unwrap()
        .clone();
    let mut draft = Draft::new(League::Nfl, market, &["a", "b", "c"]);
    for (n, number) in path.iter().enumerate() {
        for shop in 0..3 {
            let second = n as f64 * 600.0;
            if moneyline.is_some() {
                let price = number.as_i64().unwrap();
                draft.quote(second, shop, None, price, other(price));
            } else {
                draft.quote(second, shop, number.as_f64(), -110, -110);
            }
        }
        if n == 0 {
            draft.split(1.0, tickets, vector["money"].as_f64());
        }
    }
    draft
}

#[test]
fn the_vectors_of_the_trade() {
    let Some(vectors) = vectors() else {
        eprintln!("SKIPPED: ../shared/vectors/signals.json is not here");
        return;
    };
    let mut shown = Vec::new();
    for id in ["ss/steam_spread", "ss/below"] {
        let vector = of(&vectors, id);
        let found = spread_case(&vector).steam(3, 1800.0);
        assert_eq!(
            !found.is_empty(),
            vector["expect"]["steam"].as_bool().unwrap(),
            "{id}"
        );
        if let Some(stale) = vector["expect"]["stale"].as_array() {
            let stale: Vec<&str> = stale.iter().map(|s| s.as_str().unwrap()).collect();
            assert_eq!(names(&found[0].waiting), stale, "{id}");
            assert_eq!(found[0].side, Side::Home, "{id}");
        }
        shown.push(id);
    }

    let vector = of(&vectors, "ss/one_side_only");
    let mut draft = Draft::new(League::Mlb, Market::Moneyline, &["a", "b", "c"]);
    for shop in 0..3 {
        for (second, when) in [(0.0, "before"), (1200.0, "after")] {
            let price = |team: &str| vector["two_sided"][team][when][shop].as_i64().unwrap();
            draft.quote(second, shop, None, price("Mets"), price("Cubs"));
        }
    }
    let found = draft.steam(3, 1800.0);
    assert_eq!(
        found.len() as u64,
        vector["expect"]["signals"].as_u64().unwrap()
    );
    assert_eq!(found[0].side, Side::Home, "toward the Mets");
    shown.push("ss/one_side_only");

    let vector = of(&vectors, "dbs2k/3in10_miss");
    let mut draft = Draft::new(League::Mlb, Market::Moneyline, &["A", "B", "C"]);
    for shop in 0..3 {
        draft.quote(0.0, shop, None, -110, -110);
    }
    for (shop, step) in vector["moves"].as_array().unwrap().iter().enumerate() {
        draft.quote(100.0 + step[1].as_f64().unwrap(), shop, None, -120, 100);
    }
    assert!(draft.by("don_best").is_empty());
    shown.push("dbs2k/3in10_miss");

    let vector = of(&vectors, "parcae/lakers");
    let books: Vec<String> = (0..vector["books"].as_u64().unwrap())
        .map(|n| format!("book{n:02}"))
        .collect();
    let books: Vec<&str> = books.iter().map(String::as_str).collect();
    let mut draft = Draft::new(League::Nba, Market::Spread, &books);
    for shop in 0..books.len() {
        draft.quote(0.0, shop, Some(-3.0), -110, -110);
    }
    for shop in 0..25 {
        draft.quote(100.0 + shop as f64, shop, Some(-3.5), -110, -110);
        draft.quote(160.0 + shop as f64, shop, Some(-4.0), -110, -110);
    }
    for shop in 25..30 {
        draft.quote(900.0 + 60.0 * shop as f64, shop, Some(-4.0), -110, -110);
    }
    let found: Vec<Signal> = draft
        .steam(25, 90.0)
        .into_iter()
        .filter(|s| s.side == Side::Home)
        .collect();
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].waiting.len() as u64,
        vector["expect"]["stale"].as_u64().unwrap()
    );
    shown.push("parcae/lakers");

    for id in ["rlm/dal", "rlm/bills", "rlm/chargers", "rlm/yankees"] {
        let found = rlm_case(&of(&vectors, id)).by("linetape_rlm");
        assert_eq!(found.len(), 1, "{id}");
        assert_eq!(
            found[0].side,
            Side::Away,
            "{id}: the opponent is the sharp side"
        );
        shown.push(id);
    }
    let bills = rlm_case(&of(&vectors, "rlm/bills")).by("casino_org");
    let split = &bills[0].splits[0];
    assert!((split.money_pct.unwrap() - split.tickets_pct.unwrap() + 33.0).abs() < 1e-9);

    let vector = of(&vectors, "splits/cumulative");
    let mut draft = Draft::new(League::Nfl, Market::Spread, &["a", "b"]);
    for (n, line) in vector["line"].as_array().unwrap().iter().enumerate() {
        for shop in 0..2 {
            draft.quote(n as f64 * 600.0, shop, line.as_f64(), -110, -110);
        }
    }
    draft.split(
        700.0,
        vector["tickets_fav"].as_f64().unwrap(),
        vector["money_fav"].as_f64(),
    );
    assert!(
        draft.by("linetape_rlm").is_empty(),
        "50 to 50 over all numbers says nothing"
    );
    shown.push("splits/cumulative");

    let vector = of(&vectors, "leadlag/wagerbird");
    let mut draft = Draft::new(League::Nfl, Market::Spread, &["PIN", "CIR", "FD"]);
    for step in vector["quotes"].as_array().unwrap() {
        let minute: f64 = step[0].as_str().unwrap()[1..].parse().unwrap();
        for (shop, book) in ["PIN", "CIR", "FD"].into_iter().enumerate() {
            draft.quote(
                7200.0 + minute * 60.0,
                shop,
                step[1][book].as_f64(),
                -110,
                -110,
            );
        }
    }
    let found = draft.steam(3, 600.0);
    let movers = &found[0].movers;
    assert_eq!(names(movers), ["PIN", "CIR", "FD"]);
    for (n, book) in ["PIN", "CIR", "FD"].into_iter().enumerate().skip(1) {
        let lag = seconds(movers[n].at - movers[0].at) / 60.0;
        let expected = vector["expect"]["lag_min"][book].as_f64().unwrap();
        assert!((lag - expected).abs() < 1e-9, "{book}: {lag}");
    }
    shown.push("leadlag/wagerbird");

    let vector = of(&vectors, "crossing_even");
    for (n, pair) in vector["moneyline"].as_array().unwrap().iter().enumerate() {
        let odds = |m: usize| Odds::american(pair[m].as_i64().unwrap()).unwrap();
        assert_eq!(
            i64::from(odds(0).cents_to(odds(1))),
            vector["expect"]["cents"][n].as_i64().unwrap()
        );
        assert!(
            odds(1).probability() > odds(0).probability(),
            "toward this side"
        );
    }
    shown.push("crossing_even");

    let vector = of(&vectors, "missing_price");
    let mut draft = Draft::new(League::Mlb, Market::Moneyline, &["A", "B", "C"]);
    for (shop, book) in ["A", "B", "C"].into_iter().enumerate() {
        draft.quote(
            0.0,
            shop,
            None,
            vector["before"][book].as_i64().unwrap(),
            -110,
        );
        assert!(vector["after"][book].is_null());
        draft.side(60.0, shop, Side::Home, None, None);
    }
    assert!(detect(&draft.tape, &all()).is_empty());
    shown.push("missing_price");

    let vector = of(&vectors, "seed000/miami");
    let odds = |n: usize| Odds::american(vector["moneyline"][n].as_i64().unwrap()).unwrap();
    assert_eq!(
        i64::from(odds(0).cents_to(odds(1))),
        vector["expect"]["cents"].as_i64().unwrap()
    );
    assert!(
        odds(1).probability() > odds(0).probability(),
        "toward Miami"
    );
    shown.push("seed000/miami");

    let missing: Vec<&str> = vectors
        .iter()
        .filter_map(|v| v["id"].as_str())
        .filter(|id| !shown.contains(id))
        .collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
    println!("signals.json: {} of {} vectors", shown.len(), vectors.len());
}

// ---- properties ----------------------------------------------------------------------------------------------------

fn random_tape() -> impl Strategy<Value = Draft> {
    let step = (0..4_usize, 1..40_i64, -3..=3_i64, any::<bool>());
    proptest::collection::vec(step, 10..120).prop_map(|steps| {
        let mut draft = Draft::new(League::Mlb, Market::Moneyline, &["a", "b", "c", "d"]);
        let mut prices = [-110_i64; 4];
        let mut second = 0.0;
        for shop in 0..4 {
            draft.quote(0.0, shop, None, -110, -110);
        }
        for (shop, wait, by, together) in steps {
            if !together {
                second += wait as f64;
            }
            let price = &mut prices[shop];
            *price = (*price + by * 3).clamp(-200, -101);
            let price = *price;
            draft
                .tape
                .quotes
                .retain(|q| q.voice != shop || q.at != at(second));
            draft.quote(second, shop, None, price, other(price));
            if shop == 0 {
                draft.tape.splits.retain(|s| s.at != at(second));
                draft.split(second, 50.0 + (price + 200) as f64 / 4.0, Some(50.0));
            }
        }
        draft
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_arrival_says_nothing(draft in random_tape(), seed in any::<u64>()) {
        let all = all();
        let expected = detect(&draft.tape, &all);
        let mut shuffled = draft.tape.clone();
        let mut state = seed | 1;
        for n in (1..shuffled.quotes.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            shuffled.quotes.swap(n, (state >> 33) as usize % (n + 1));
        }
        shuffled.splits.reverse();
        prop_assert_eq!(&detect(&shuffled, &all), &expected);
        // Every message twice.
        let mut twice = draft.tape.clone();
        twice.quotes.extend(draft.tape.quotes.clone());
        prop_assert_eq!(&detect(&twice, &all), &expected);
    }

    #[test]
    fn what_was_said_stays_said(draft in random_tape(), cut in 0.0..1.0_f64) {
        // Replayed up to any moment, history says what it said live.
        let all = all();
        let whole = detect(&draft.tape, &all);
        let last = draft.tape.quotes.iter().map(|q| q.known_at).max().unwrap();
        let first = draft.tape.quotes.iter().map(|q| q.known_at).min().unwrap();
        let until = first + TimeDelta::milliseconds(((last - first).num_milliseconds() as f64 * cut) as i64);
        let mut part = draft.tape.clone();
        part.quotes.retain(|q| q.known_at <= until);
        part.splits.retain(|s| s.known_at <= until);
        let live = detect(&part, &all);
        let replayed: Vec<&Signal> = whole.iter().filter(|s| s.observed_at <= until).collect();
        prop_assert_eq!(live.len(), replayed.len());
        for (live, replayed) in live.iter().zip(replayed) {
            // What comes later may only be added to it.
            let mut replayed = replayed.clone();
            replayed.later.retain(|f| f.at <= until);
            replayed.until = live.until;
            prop_assert_eq!(live, &replayed);
        }
    }

    #[test]
    fn told_in_pieces_or_at_once(draft in random_tape(), cut in 0.0..1.0_f64) {
        let last = draft.tape.quotes.iter().map(|q| q.known_at).max().unwrap();
        let first = draft.tape.quotes.iter().map(|q| q.known_at).min().unwrap();
        let until = first + TimeDelta::milliseconds(((last - first).num_milliseconds() as f64 * cut) as i64);
        let (early, late): (Vec<_>, Vec<_>) = draft.tape.quotes.iter().cloned().partition(|q| q.known_at <= until);
        let (counted, later): (Vec<_>, Vec<_>) = draft.tape.splits.iter().cloned().partition(|s| s.known_at <= until);
        let mut detector = Detector::new(draft.tape.cast.clone(), all());
        detector.hear(early, counted);
        detector.hear(late, later);
        prop_assert_eq!(detector.in_order(), detect(&draft.tape, &all()));
    }

    #[test]
    fn a_shop_that_says_nothing_is_as_if_it_never_was(draft in random_tape(), shop in 0..4_usize) {
        let all = all();
        let mut silent = draft.tape.clone();
        silent.quotes.retain(|q| q.voice != shop);
        let mut without = silent.clone();
        let gone = without.cast.shops.remove(shop).slug;
        without.cast.voices.remove(shop);
        for voice in without.cast.voices.iter_mut().skip(shop) {
            voice.shop -= 1;
        }
        for quote in &mut without.quotes {
            quote.voice -= usize::from(quote.voice > shop);
        }
        let found = detect(&silent, &all);
        prop_assert_eq!(&detect(&without, &all), &found);
        for signal in &found {
            let mut named = signal.movers.iter().chain(&signal.waiting).chain(&signal.later);
            prop_assert!(named.all(|f| f.shop != gone));
            prop_assert!(signal.available.as_ref().is_none_or(|a| a.shop != gone));
        }
    }

    #[test]
    fn suspensions_between_quotes_change_nothing(draft in random_tape()) {
        let all: Arc<[Preset]> = all().iter().filter(|p| ["don_best", "linetape"].contains(&&*p.name)).cloned().collect();
        let mut with = draft.tape.clone();
        let moments: std::collections::BTreeSet<_> = draft.tape.quotes.iter().map(|q| q.at).collect();
        // Shop 3 closes for half a second after each of its quotes and opens at the same price.
        for quote in draft.tape.quotes.iter().filter(|q| q.voice == 3) {
            let (shut, open) = (quote.at + TimeDelta::milliseconds(250), quote.at + TimeDelta::milliseconds(500));
            assert!(!moments.contains(&shut) && !moments.contains(&open));
            with.quotes.push(Quote { at: shut, known_at: shut, odds: None, ..quote.clone() });
            with.quotes.push(Quote { at: open, known_at: open, ..quote.clone() });
        }
        let plain = |signals: Vec<Signal>| -> Vec<(DateTime<Utc>, Side, Vec<Follower>)> {
            signals.into_iter().map(|s| (s.detected_at, s.side, s.movers)).collect()
        };
        prop_assert_eq!(plain(detect(&with, &all)), plain(detect(&draft.tape, &all)));
    }
}
