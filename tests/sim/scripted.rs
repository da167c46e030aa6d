//! What must never go wrong with a price, one small market each.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use linetape::domain::market::{Line, Market, QuoteStatus, Side};
use linetape::domain::odds::Odds;
use linetape::engine::board::{best, favourite};
use linetape::engine::snapshot::{GameView, SeriesView, SplitView};
use linetape::store::history::of_game;
use serde_json::Value;

use super::script::{Offer, an_game, an_look, moneyline, noon, odds_game, odds_look};
use super::tables::{Tables, check_summary};
use super::world::{World, board};

fn american(odds: i64) -> Odds {
    Odds::american(odds).unwrap()
}

/// The one game, at 17:05 UTC.
fn game(offers: &[Offer]) -> Value {
    an_game(900_001, noon(305), "scheduled", offers)
}

/// Phase, and opening and closing price and time.
type Ends = (
    String,
    Option<i32>,
    Option<DateTime<Utc>>,
    Option<i32>,
    Option<DateTime<Utc>>,
);

#[tokio::test]
async fn a_suspension_is_a_status_and_a_row_never_a_price_of_nothing() {
    let mut world = World::new().await;
    let looks: [(i64, &str); 5] = [
        (-150, "normal"),
        (-150, "suspended"),
        (0, "suspended"),
        (0, "normal"),
        (-155, "normal"),
    ];
    for (minute, (home, status)) in (0..).zip(looks) {
        let offers: Vec<Offer> = moneyline(home, 130)
            .into_iter()
            .map(|o| o.status(status))
            .collect();
        world.see(&[an_look(noon(minute), &[game(&offers)])]).await;
        let view = world.game();
        let home = board(&view, Market::Moneyline, Side::Home);
        assert_eq!(home.len(), 1);
        let open = home[0].open_price();
        assert_eq!(
            open.is_some(),
            minute == 0 || minute == 4,
            "at minute {minute}"
        );
        assert_eq!(
            best(&home).is_some(),
            open.is_some(),
            "locked prices are nobody's best"
        );
    }
    assert_eq!(
        world.rows("moneyline", "home").await,
        [
            "pregame open -150",
            "pregame suspended -150",
            "pregame off",
            "pregame open -155"
        ]
    );
    assert_eq!(
        world.rows("moneyline", "away").await,
        [
            "pregame open 130",
            "pregame suspended 130",
            "pregame open 130"
        ]
    );
    let prices = "select count(*) from core_betting.line_history where american = 0 or abs(american) < 100 or decimal <= 1 or (status = 'off' and american is not null)";
    assert_eq!(world.number(prices).await, 0);
    check_summary(world.pool()).await;
    world.check_hub_equals_database().await;
}

#[tokio::test]
async fn sides_are_never_swapped() {
    let mut world = World::new().await;
    let mut offers = moneyline(-150, 130);
    offers.extend([
        Offer::new("spread", "away", 1.5, -165),
        Offer::new("spread", "home", -1.5, 140),
        Offer::new("total", "under", 8.5, -115),
        Offer::new("total", "over", 8.5, -105),
    ]);
    let prices = [
        ("h2h", "Miami Marlins", 132, None),
        ("h2h", "Baltimore Orioles", -152, None),
        ("spreads", "Miami Marlins", -167, Some(1.5)),
        ("spreads", "Baltimore Orioles", 142, Some(-1.5)),
        ("totals", "Under", -117, Some(8.5)),
        ("totals", "Over", -107, Some(8.5)),
    ];
    world
        .see(&[
            an_look(noon(0), &[game(&offers)]),
            odds_look(noon(1), &[odds_game("aaaa", noon(305), "fanduel", &prices)]),
        ])
        .await;
    for (market, side, line, an, odds) in [
        (Market::Moneyline, Side::Home, None, -150, -152),
        (Market::Moneyline, Side::Away, None, 130, 132),
        (Market::Spread, Side::Home, Some(-1.5), 140, 142),
        (Market::Spread, Side::Away, Some(1.5), -165, -167),
        (Market::Total, Side::Over, Some(8.5), -105, -107),
        (Market::Total, Side::Under, Some(8.5), -115, -117),
    ] {
        let stored: Vec<(Option<f64>, i32)> = sqlx::query_as(
            "select line::float8, american from core_betting.lines_current where market = $1 and side = $2 order by stream",
        )
        .bind(market.as_str())
        .bind(side.as_str())
        .fetch_all(world.pool())
        .await
        .unwrap();
        assert_eq!(stored, [(line, an), (line, odds)], "{market} {side}");
        let view = world.game();
        let mut shown: Vec<_> = board(&view, market, side)
            .iter()
            .map(|s| s.open_price().unwrap())
            .collect();
        shown.sort_by_key(|(_, odds)| odds.to_american().abs());
        let line = line.and_then(Line::from_points);
        let wanted = [
            (line, american(i64::from(an))),
            (line, american(i64::from(odds))),
        ];
        assert_eq!(shown, wanted);
        assert_eq!(view.home.abbr.as_ref(), "BAL");
        assert_eq!(view.away.abbr.as_ref(), "MIA");
    }
    let selector = linetape::engine::board::Selector {
        market: Market::Moneyline,
        period: linetape::domain::market::Period::Full,
        phase: linetape::domain::market::Phase::Pregame,
    };
    assert_eq!(favourite(&world.game(), &selector), Side::Home);
    world.check_hub_equals_database().await;
}

#[tokio::test]
async fn a_late_look_never_overwrites_what_is_current() {
    let looks = [(0, -110), (10, -120), (20, -130), (30, -125)]
        .map(|(minute, home)| an_look(noon(minute), &[game(&moneyline(home, 101))]));
    let mut ordered = World::new().await;
    for look in &looks {
        ordered.see(std::slice::from_ref(look)).await;
    }
    let wanted = Tables::read(ordered.pool()).await;
    for order in [[0, 2, 3, 1], [3, 2, 1, 0], [2, 3, 0, 1], [1, 3, 2, 0]] {
        let mut world = World::new().await;
        let mut newest: Option<DateTime<Utc>> = None;
        for nth in order {
            let look = &looks[nth];
            newest = newest.max(Some(look.observed_at));
            world.see(std::slice::from_ref(look)).await;
            let (at, home): (DateTime<Utc>, i32) = sqlx::query_as(
                "select at, american from core_betting.lines_current where market = 'moneyline' and side = 'home'",
            )
            .fetch_one(world.pool())
            .await
            .unwrap();
            let of_newest = looks
                .iter()
                .position(|l| Some(l.observed_at) == newest)
                .unwrap();
            assert_eq!(
                (Some(at), home),
                (newest, [-110, -120, -130, -125][of_newest]),
                "{order:?} after {nth}"
            );
            let view = world.game();
            let shown = &board(&view, Market::Moneyline, Side::Home)[0];
            assert_eq!(
                shown.series.price.odds,
                Some(american(i64::from(home))),
                "on the board too"
            );
            check_summary(world.pool()).await;
        }
        Tables::read(world.pool())
            .await
            .must_equal(&wanted, "any order");
        world.check_hub_equals_database().await;
    }
}

#[tokio::test]
async fn opening_and_closing_are_of_the_time_before_the_start() {
    let mut world = World::new().await;
    // Off the board first; the last look before the start is locked; then it is live.
    for (minute, home, status, live) in [
        (0, 0, "normal", false),
        (10, -110, "normal", false),
        (200, -120, "normal", false),
        (300, -140, "suspended", false),
        (310, -200, "normal", true),
        (400, -500, "normal", true),
    ] {
        let offers: Vec<Offer> = moneyline(home, 100)
            .into_iter()
            .map(|o| {
                if live {
                    o.status(status).live()
                } else {
                    o.status(status)
                }
            })
            .collect();
        let state = if live { "inprogress" } else { "scheduled" };
        world
            .see(&[an_look(
                noon(minute),
                &[an_game(900_001, noon(305), state, &offers)],
            )])
            .await;
    }
    let ends: Vec<Ends> = sqlx::query_as(
        "select phase, opening_odds_american, opening_timestamp, closing_odds_american, closing_timestamp
         from analytics.line_movement_summary where side = 'home' order by phase desc",
    )
    .fetch_all(world.pool())
    .await
    .unwrap();
    assert_eq!(
        ends,
        [
            (
                "pregame".to_owned(),
                Some(-110),
                Some(noon(10)),
                Some(-120),
                Some(noon(200))
            ),
            ("live".to_owned(), None, None, None, None),
        ]
    );
    check_summary(world.pool()).await;
    world.check_hub_equals_database().await;
}

/// The Odds API has no flag of the phase: the start divides, and a start that moves divides anew.
#[tokio::test]
async fn a_start_that_moves_later_makes_its_live_prices_pregame() {
    let look = |minute, start, home, away| {
        let prices = [
            ("h2h", "Baltimore Orioles", home, None),
            ("h2h", "Miami Marlins", away, None),
        ];
        odds_look(
            noon(minute),
            &[odds_game("aaaa", noon(start), "draftkings", &prices)],
        )
    };
    let looks = [
        look(290, 305, -110, 100),
        look(310, 305, -120, 100),
        look(315, 305, -120, 105),
        look(320, 425, -130, 105),
    ];
    let mut world = World::new().await;
    for payload in &looks[..3] {
        world.see(std::slice::from_ref(payload)).await;
    }
    assert_eq!(
        world.rows("moneyline", "home").await,
        ["live open -120", "pregame open -110"]
    );
    let report = world.see(&looks[3..]).await;
    assert_eq!(report.rewritten.len(), 1);
    assert_eq!(
        world.rows("moneyline", "home").await,
        [
            "pregame open -110",
            "pregame open -120",
            "pregame open -130"
        ]
    );
    assert_eq!(
        world.rows("moneyline", "away").await,
        ["pregame open 100", "pregame open 105"]
    );
    let counted: Vec<(String, String, i32, i64)> = sqlx::query_as(
        "select side, phase, changes, observations from core_betting.lines_current order by side desc",
    )
    .fetch_all(world.pool())
    .await
    .unwrap();
    let counts = |side: &str, changes| (side.to_owned(), "pregame".to_owned(), changes, 4);
    assert_eq!(counted, [counts("home", 3), counts("away", 2)]);
    check_summary(world.pool()).await;
    world.check_hub_equals_database().await;

    // The other way round, and from the last look to the first, it is the same.
    let mut backwards = World::new().await;
    for payload in looks.iter().rev() {
        backwards.see(std::slice::from_ref(payload)).await;
    }
    let (one, other) = (
        Tables::read(world.pool()).await,
        Tables::read(backwards.pool()).await,
    );
    other.must_equal(&one, "backwards");
    backwards.check_hub_equals_database().await;
}

#[tokio::test]
async fn a_start_that_moves_earlier_makes_its_pregame_prices_live() {
    let look = |minute, start, home| {
        let prices = [
            ("h2h", "Baltimore Orioles", home, None),
            ("h2h", "Miami Marlins", 100, None),
        ];
        odds_look(
            noon(minute),
            &[odds_game("aaaa", noon(start), "draftkings", &prices)],
        )
    };
    let looks = [
        look(280, 305, -110),
        look(295, 305, -120),
        look(300, 290, -120),
        look(310, 290, -140),
    ];
    let mut world = World::new().await;
    for payload in &looks {
        world.see(std::slice::from_ref(payload)).await;
    }
    assert_eq!(
        world.rows("moneyline", "home").await,
        ["live open -120", "live open -140", "pregame open -110"]
    );
    let counted =
        "select sum(observations)::int8 from core_betting.lines_current where side = 'home'";
    assert_eq!(world.number(counted).await, 4);
    check_summary(world.pool()).await;
    world.check_hub_equals_database().await;

    let mut backwards = World::new().await;
    for payload in looks.iter().rev() {
        backwards.see(std::slice::from_ref(payload)).await;
    }
    let (one, other) = (
        Tables::read(world.pool()).await,
        Tables::read(backwards.pool()).await,
    );
    other.must_equal(&one, "backwards");
    backwards.check_hub_equals_database().await;
}

#[tokio::test]
async fn a_confirmation_that_came_out_of_order_outlasts_a_history_without_it() {
    let with = |minute, offers: &[Offer]| an_look(noon(minute), &[game(offers)]);
    let (one, other) = (moneyline(-150, 130), moneyline(-145, 125));
    let other: Vec<Offer> = other.into_iter().map(|offer| offer.book(69)).collect();
    let both = [one.clone(), other].concat();
    let mut world = World::new().await;
    world.see(&[with(0, &both)]).await;
    // The later look comes first, and lacks a shop that the earlier one confirms.
    let (later, earlier) = (with(10, &one), with(5, &both));
    world.show(&later);
    world.show(&earlier);
    let seen = |world: &mut World| {
        let game = world.game();
        let of = |book| move |s: &&Arc<SeriesView>| &*s.key.source_book_id == book;
        ["68", "69"].map(|book| game.series.iter().find(of(book)).unwrap().seen_at)
    };
    assert_eq!(seen(&mut world), [noon(10), noon(5)]);
    world.write(&[later]).await;
    // The store has the later one only when the chart is read.
    let id = world.game().id;
    let mut connection = world.pool().acquire().await.unwrap();
    let history = of_game(&mut connection, id).await.unwrap();
    world.hub.load_history(id, history);
    assert_eq!(seen(&mut world), [noon(10), noon(5)]);
    world.write(&[earlier]).await;
    assert_eq!(seen(&mut world), [noon(10), noon(5)]);
    world.check_hub_equals_database().await;
}

#[tokio::test]
async fn tickets_that_change_never_count_as_a_move() {
    let mut world = World::new().await;
    for (minute, tickets) in [(0, 60), (1, 61), (2, 61), (3, 75)] {
        let [away, home]: [Offer; 2] = moneyline(-150, 130).try_into().unwrap();
        let offers = [away.tickets(100 - tickets), home.tickets(tickets)];
        let report = world.see(&[an_look(noon(minute), &[game(&offers)])]).await;
        assert_eq!(
            report.total().changes,
            if minute == 0 { 2 } else { 0 },
            "minute {minute}"
        );
    }
    assert_eq!(
        world
            .number("select count(*) from core_betting.line_history")
            .await,
        2
    );
    assert_eq!(
        world
            .number("select count(*) from core_betting.betting_splits where side = 'home'")
            .await,
        3
    );
    assert_eq!(
        world
            .number("select sum(total_movements)::int8 from analytics.line_movement_summary")
            .await,
        0
    );
    assert_eq!(
        world.snapshot().tape.len(),
        2,
        "the tape shows the two first prices only"
    );
    // Every count is on the chart, as it came and as it is read back.
    let tickets = |game: &GameView| -> Vec<Option<f64>> {
        let home = |split: &&SplitView| split.key.side == Side::Home;
        let split = game.splits.iter().find(home).unwrap();
        split.points.iter().map(|p| p.value.tickets_pct).collect()
    };
    let counted = [60.0, 61.0, 75.0].map(Some);
    let game = world.game();
    assert_eq!(tickets(&game), counted);
    assert_eq!(tickets(&game.at(noon(2))), counted[..2], "as known then");
    let mut connection = world.pool().acquire().await.unwrap();
    let history = of_game(&mut connection, game.id).await.unwrap();
    drop(connection);
    assert_eq!(history.splits.len(), 6);
    world.hub.load_history(game.id, history);
    assert_eq!(tickets(&world.game()), counted);
    world.check_hub_equals_database().await;
}

#[tokio::test]
async fn the_games_of_a_doubleheader_stay_apart() {
    let mut world = World::new().await;
    let first = |home| an_game(900_001, noon(305), "scheduled", &moneyline(home, 130));
    let second = |home| an_game(900_002, noon(515), "scheduled", &moneyline(home, -110));
    let prices = |home| {
        [
            ("h2h", "Baltimore Orioles", home, None),
            ("h2h", "Miami Marlins", 115, None),
        ]
    };
    // The other feed names the later game first, and its starts are some minutes off.
    world
        .see(&[
            an_look(noon(0), &[second(-105), first(-150)]),
            odds_look(
                noon(1),
                &[
                    odds_game("late", noon(520), "fanduel", &prices(-104)),
                    odds_game("early", noon(301), "fanduel", &prices(-149)),
                ],
            ),
            an_look(noon(2), &[first(-155), second(-105)]),
        ])
        .await;
    let games: Vec<(i16, i64, Vec<i32>)> = sqlx::query_as(
        "select g.game_number, (select count(*) from core_betting.game_sources s where s.game_id = g.game_id),
                (select array_agg(c.american order by c.stream) from core_betting.lines_current c
                 where c.game_id = g.game_id and c.side = 'home')
         from core_betting.games g order by g.starts_at",
    )
    .fetch_all(world.pool())
    .await
    .unwrap();
    assert_eq!(games, [(1, 2, vec![-155, -149]), (2, 2, vec![-105, -104])]);
    let snapshot = world.snapshot();
    let numbers: Vec<u8> = snapshot.games.iter().map(|g| g.game_number).collect();
    assert_eq!(numbers, [1, 2]);
    world.check_hub_equals_database().await;
}

#[tokio::test]
async fn two_feeds_of_one_game_are_one_game() {
    for odds_api_first in [false, true] {
        let mut world = World::new().await;
        let an = an_look(noon(0), &[game(&moneyline(-150, 130))]);
        let prices = [
            ("h2h", "Baltimore Orioles", -152, None),
            ("h2h", "Miami Marlins", 132, None),
        ];
        let odds = odds_look(
            noon(0),
            &[odds_game("aaaa", noon(306), "draftkings", &prices)],
        );
        let (first, second) = if odds_api_first {
            (odds, an)
        } else {
            (an, odds)
        };
        world.see(&[first]).await;
        world.see(&[second]).await;
        assert_eq!(
            world
                .number("select count(*) from core_betting.games")
                .await,
            1
        );
        assert_eq!(
            world
                .number("select count(distinct game_id) from core_betting.lines_current")
                .await,
            1
        );
        assert_eq!(world.game().sources.len(), 2);
        // One shop through two feeds is two series, and one of them speaks.
        let view = world.game();
        let shops = board(&view, Market::Moneyline, Side::Home);
        assert_eq!(shops.len(), 1);
        assert_eq!(shops[0].open_price(), Some((None, american(-150))));
        assert_eq!(shops[0].series.price.status, QuoteStatus::Open);
        world.check_hub_equals_database().await;
    }
}

/// An id on a state of a shop, a consensus and an opener are series of their own.
#[tokio::test]
async fn ids_of_one_shop_stay_apart_and_a_consensus_is_no_shop() {
    let mut world = World::new().await;
    let offers: Vec<Offer> = [(68, -150), (1548, -151), (15, -149), (30, -140)]
        .into_iter()
        .flat_map(|(book, home)| moneyline(home, 130).into_iter().map(move |o| o.book(book)))
        .collect();
    world.see(&[an_look(noon(0), &[game(&offers)])]).await;
    assert_eq!(
        world
            .number("select count(*) from core_betting.lines_current")
            .await,
        8
    );
    let view = world.game();
    let home = board(&view, Market::Moneyline, Side::Home);
    assert_eq!(
        best(&home).map(|b| b.odds),
        Some(american(-150)),
        "neither consensus nor opener"
    );
    world.check_hub_equals_database().await;
}
