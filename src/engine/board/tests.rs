use chrono::{NaiveDate, TimeDelta};

use super::*;
use crate::analytics::movement::Direction;
use crate::domain::game::GameId;
use crate::domain::league::League;
use crate::domain::series::SeriesKey;
use crate::domain::source::Stream;
use crate::domain::status::GameStatus;
use crate::engine::snapshot::{PointLog, TeamView};

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
}

fn price(american: i64, line: Option<f64>) -> Price {
    Price {
        line: line.and_then(Line::from_points),
        odds: Odds::american(american).ok(),
        status: QuoteStatus::Open,
    }
}

struct Made(SeriesView);

impl Made {
    fn new(slug: &str, side: Side, american: i64) -> Self {
        let price = price(american, None);
        let point = Point { at: at(60), price };
        Self(SeriesView {
            key: SeriesKey {
                game_id: GameId::from_i64(1),
                stream: Stream::AnScoreboard,
                source_book_id: slug.into(),
                market: Market::Moneyline,
                period: Period::Full,
                participant: "".into(),
                side,
                phase: Phase::Pregame,
                slot: LineSlot::Main,
            },
            book: Some(BookSlug::new(slug)),
            label: slug.into(),
            kind: BookKind::Book,
            primary: true,
            price,
            changed_at: point.at,
            seen_at: point.at,
            opening: Some(point),
            points: PointLog::from_points(vec![point]),
        })
    }

    fn with(mut self, change: impl FnOnce(&mut SeriesView)) -> Self {
        change(&mut self.0);
        self
    }

    fn spread(self, points: f64) -> Self {
        self.with(|s| {
            s.key.market = Market::Spread;
            s.price.line = Line::from_points(points);
        })
    }
}

fn game(series: impl IntoIterator<Item = Made>) -> GameView {
    let team = |abbr: &str| TeamView {
        slug: None,
        name: abbr.into(),
        abbr: abbr.into(),
    };
    GameView {
        id: GameId::from_i64(1),
        sources: Vec::new(),
        league: League::Mlb,
        slate: NaiveDate::default(),
        home: team("BAL"),
        away: team("MIA"),
        game_number: 1,
        starts_at: None,
        status: GameStatus::Scheduled,
        score: None,
        series: series.into_iter().map(|made| Arc::new(made.0)).collect(),
        splits: Arc::default(),
        changed_at: None,
        seen_at: None,
        history_loaded: true,
    }
}

fn selector(market: Market) -> Selector {
    Selector {
        market,
        period: Period::Full,
        phase: Phase::Pregame,
    }
}

#[test]
fn the_primary_id_speaks_then_the_stream_of_lower_rank() {
    let game = game([
        Made::new("dk", Side::Home, -120).with(|s| {
            s.key.source_book_id = "1548".into();
            s.primary = false;
        }),
        Made::new("dk", Side::Home, -130).with(|s| s.key.stream = Stream::OddsApiOdds),
        Made::new("dk", Side::Home, -140),
        Made::new("fd", Side::Home, -110),
    ]);
    let found = speakers(&game, &selector(Market::Moneyline), Side::Home);
    let prices: Vec<_> = found
        .iter()
        .map(|s| (s.shop.as_str(), s.series.price.odds.unwrap().to_american()))
        .collect();
    assert_eq!(prices, [("dk", -140), ("fd", -110)]);
}

#[test]
fn alternates_other_periods_and_props_do_not_speak() {
    let game = game([
        Made::new("a", Side::Home, -120)
            .with(|s| s.key.slot = LineSlot::Alternate(Line::from_hundredths(150))),
        Made::new("b", Side::Home, -120).with(|s| s.key.period = Period::Half1),
        Made::new("c", Side::Home, -120).with(|s| s.key.participant = "Judge".into()),
        Made::new("d", Side::Home, -120).with(|s| s.key.phase = Phase::Live),
    ]);
    assert!(speakers(&game, &selector(Market::Moneyline), Side::Home).is_empty());
}

#[test]
fn an_unknown_book_is_a_shop_under_its_label() {
    let game = game([Made::new("x", Side::Home, 120).with(|s| {
        s.book = None;
        s.label = "9999".into();
    })]);
    let found = speakers(&game, &selector(Market::Moneyline), Side::Home);
    assert_eq!(found[0].shop, ShopId::Labelled("9999".into()));
}

#[test]
fn consensus_opener_suspended_and_off_never_are_the_best_price() {
    let game = game([
        Made::new("cons", Side::Home, 300).with(|s| s.kind = BookKind::Consensus),
        Made::new("open", Side::Home, 310).with(|s| s.kind = BookKind::Opener),
        Made::new("susp", Side::Home, 320).with(|s| s.price.status = QuoteStatus::Suspended),
        Made::new("off", Side::Home, 330).with(|s| s.price.odds = None),
        Made::new("dk", Side::Home, -105),
        Made::new("fd", Side::Home, 102),
    ]);
    let found = speakers(&game, &selector(Market::Moneyline), Side::Home);
    let best = best(&found).unwrap();
    assert_eq!(best.odds.to_american(), 102);
    let holders: Vec<_> = found
        .iter()
        .filter(|s| best.is_at(s))
        .map(|s| s.shop.as_str())
        .collect();
    assert_eq!(holders, ["fd"]);
}

#[test]
fn the_best_price_is_at_the_line_most_books_have() {
    let game = game([
        Made::new("a", Side::Home, -110).spread(-1.5),
        Made::new("b", Side::Home, -105).spread(-1.5),
        Made::new("c", Side::Home, 150).spread(-2.5),
    ]);
    let best = best(&speakers(&game, &selector(Market::Spread), Side::Home)).unwrap();
    assert_eq!(
        (best.line, best.odds.to_american()),
        (Line::from_points(-1.5), -105)
    );
}

#[test]
fn the_favourite_lays_points_or_the_shorter_price() {
    let money = game([
        Made::new("a", Side::Home, 120),
        Made::new("a", Side::Away, -140),
    ]);
    assert_eq!(favourite(&money, &selector(Market::Moneyline)), Side::Away);
    let spread = game([
        Made::new("a", Side::Home, 140).spread(-1.5),
        Made::new("a", Side::Away, -160).spread(1.5),
    ]);
    assert_eq!(
        favourite(&spread, &selector(Market::Spread)),
        Side::Home,
        "points decide, not the price"
    );
    assert_eq!(favourite(&game([]), &selector(Market::Total)), Side::Over);
}

#[test]
fn tick_history_comes_before_the_live_feed_with_a_seam() {
    let history = vec![
        Point {
            at: at(10),
            price: price(-120, None),
        },
        Point {
            at: at(30),
            price: price(-130, None),
        },
        Point {
            at: at(70),
            price: price(-999, None),
        },
    ];
    let game = game([
        Made::new("dk", Side::Home, -140),
        Made::new("dk", Side::Home, -130).with(|s| {
            s.key.stream = Stream::AnHistory;
            s.opening = history.first().copied();
            s.points = PointLog::from_points(history);
        }),
    ]);
    let found = speakers(&game, &selector(Market::Moneyline), Side::Home);
    let minutes: Vec<i64> = found[0]
        .newest_first()
        .map(|p| (p.at - at(0)).num_minutes())
        .collect();
    assert_eq!(
        minutes,
        [60, 30, 10],
        "history never overrides the feed that speaks"
    );
    assert_eq!(found[0].seam(), Some(at(60)));
    assert_eq!(found[0].changes(), found[0].newest_first().count());
    assert_eq!(found[0].opening().map(|o| o.at), Some(at(10)));
    assert_eq!(found[0].at(at(40)).map(|p| p.at), Some(at(30)));
    assert_eq!(found[0].direction(), Some(Ordering::Greater));
}

#[test]
fn direction_goes_by_line_first_then_by_probability() {
    let way = |side, before: (i64, Option<f64>), after: (i64, Option<f64>)| {
        direction(side, &price(before.0, before.1), &price(after.0, after.1))
    };
    assert_eq!(
        way(Side::Home, (-105, None), (102, None)),
        Some(Ordering::Less)
    );
    assert_eq!(
        way(Side::Home, (-110, Some(-2.5)), (-110, Some(-3.5))),
        Some(Ordering::Greater)
    );
    assert_eq!(
        way(Side::Away, (-110, Some(2.5)), (-110, Some(3.5))),
        Some(Ordering::Less)
    );
    assert_eq!(
        way(Side::Over, (-110, Some(8.5)), (-105, Some(9.0))),
        Some(Ordering::Greater)
    );
    assert_eq!(
        way(Side::Under, (-110, Some(8.5)), (-105, Some(9.0))),
        Some(Ordering::Less)
    );
    assert_eq!(way(Side::Over, (-110, Some(8.5)), (-110, Some(8.5))), None);
    let locked = Price {
        status: QuoteStatus::Suspended,
        ..price(-120, None)
    };
    assert_eq!(direction(Side::Home, &price(-110, None), &locked), None);
}

#[test]
fn the_older_scoreboard_speaks_where_it_was_seen_later() {
    let newer = || Made::new("fanduel", Side::Home, -110);
    let older = |minute| {
        Made::new("fanduel", Side::Home, -125).with(|s| {
            s.key.stream = Stream::AnScoreboardV1;
            s.seen_at = at(minute);
        })
    };
    let odds = |minute| {
        Made::new("fanduel", Side::Home, -130).with(|s| {
            s.key.stream = Stream::OddsApiOdds;
            s.seen_at = at(minute);
        })
    };
    let selector = Selector {
        market: Market::Moneyline,
        period: Period::Full,
        phase: Phase::Pregame,
    };
    let speaks = |series: Vec<Made>| {
        let game = game(series);
        speakers(&game, &selector, Side::Home)[0].series.key.stream
    };
    assert_eq!(
        speaks(vec![newer(), older(60), odds(90)]),
        Stream::AnScoreboard
    );
    assert_eq!(
        speaks(vec![newer(), older(61), odds(90)]),
        Stream::AnScoreboardV1
    );
    // Alone it keeps its rank.
    assert_eq!(speaks(vec![older(61), odds(10)]), Stream::OddsApiOdds);
}

/// A shop that opened at `open` at minute 60 and stands at `now` since minute 100.
fn moved(slug: &str, side: Side, open: i64, now: i64) -> Made {
    Made::new(slug, side, now).with(|s| {
        let opened = Point {
            at: at(60),
            price: price(open, None),
        };
        let latest = Point {
            at: at(100),
            price: price(now, None),
        };
        s.opening = Some(opened);
        s.changed_at = latest.at;
        s.points = PointLog::from_points(vec![opened, latest]);
    })
}

#[test]
fn a_side_is_read_from_the_shops_that_quote_both() {
    let view = game([
        moved("a", Side::Home, -134, -146),
        moved("b", Side::Home, -130, -140),
        Made::new("a", Side::Away, 126),
        Made::new("b", Side::Away, 125),
        // Quotes one side only, and so has no margin to take out.
        Made::new("c", Side::Home, -200),
    ]);
    let selector = Selector {
        market: Market::Moneyline,
        period: Period::Full,
        phase: Phase::Pregame,
    };
    let home = speakers(&view, &selector, Side::Home);
    let away = speakers(&view, &selector, Side::Away);
    let reading = Reading::of(Side::Home, &home, &away, at(90));
    let fair = reading.fair.unwrap();
    let other = Reading::of(Side::Away, &away, &home, at(90)).fair.unwrap();
    assert!((fair + other - 1.0).abs() < 1e-9, "{fair} {other}");
    assert!(fair > 0.565 && fair < 0.58, "{fair}");
    // The best of both sides: −140 and +126.
    let hold = reading.hold.unwrap();
    assert!((hold - (1.0 - 1.0 / (140.0 / 240.0 + 100.0 / 226.0))).abs() < 1e-9);
    let open = reading.since_open.unwrap();
    assert_eq!(
        (open.cents, open.points),
        (12.0, 0.0),
        "from −134: the middle of 12, 6 and 66"
    );
    let lately = reading.lately.unwrap();
    assert_eq!(
        (lately.cents, lately.points),
        (10.0, 0.0),
        "the middle of 12, 10 and 0"
    );
    let still = Reading::of(Side::Home, &home, &away, at(101))
        .lately
        .unwrap();
    assert_eq!(still.direction, Direction::Unmoved);
    let pairs = Pairs::of(Side::Home, &home, &away);
    let back = pairs.fair_back(&[at(101), at(100), at(70), at(10)]);
    assert!((back[0].unwrap() - fair).abs() < 1e-12);
    assert!(back[2].unwrap() < fair, "it moved toward home");
    assert_eq!(back[3], None, "nobody quoted yet");
    for (moment, found) in [at(101), at(100), at(70), at(10)].into_iter().zip(&back) {
        let alone = pairs.fair_back(&[moment]);
        assert_eq!(alone[0], *found, "walked to or asked at once");
    }
}
