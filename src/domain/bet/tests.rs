//! Fair-Edge's six groups of tests, by name, and what its own code got wrong in each.

use serde_json::{Map, Value, json};

use super::*;

fn fields(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}

mod time {
    use super::*;
    use crate::domain::bet::text::event_time;

    fn read(value: Value) -> Option<String> {
        event_time(&fields(value)).map(seed::iso)
    }

    #[test]
    fn seconds_milliseconds_and_text_are_one_moment() {
        let wanted = Some("2025-07-12T23:05:00+00:00".to_owned());
        for value in [
            json!(1_752_361_500),
            json!(1_752_361_500_000_i64),
            json!(1_752_361_500.0),
            json!("2025-07-12T23:05:00Z"),
            json!("2025-07-12T19:05:00-04:00"),
            json!("2025-07-12 19:05:00-04:00"),
            json!("2025-07-12T23:05:00"),
            json!("2025-07-12 23:05"),
            json!("07/12/2025 11:05 PM"),
            json!("Jul 12, 2025 11:05 PM"),
            json!("Sat, 12 Jul 2025 19:05:00 -0400"),
            json!(" 1752361500 "),
        ] {
            assert_eq!(
                read(json!({ "commence_time": value.clone() })),
                wanted,
                "{value}"
            );
        }
        let half = read(json!({"start_time": 1_752_361_500_250_i64}));
        assert_eq!(half.as_deref(), Some("2025-07-12T23:05:00.250000+00:00"));
    }

    #[test]
    fn the_first_that_can_be_read_counts() {
        let both = json!({"game_time": 1, "event_time": "2025-07-12", "commence_time": "Tomorrow"});
        assert_eq!(read(both).as_deref(), Some("2025-07-12T00:00:00+00:00"));
        for none in [
            json!({}),
            json!({"commence_time": null, "game_time": "TBD"}),
            json!({"commence_time": 1e30}),
            json!({"commence_time": -5}),
            json!({"commence_time": "9999-12-31T00:00:00Z"}),
            json!({"commence_time": [1_752_361_500]}),
        ] {
            assert_eq!(read(none.clone()), None, "{none}");
        }
    }
}

mod sha {
    use super::*;

    #[test]
    fn the_recipe() {
        let at = "2025-07-12T23:05:00Z".parse().ok();
        let key = seed::sha_key("Miami Marlins @ Baltimore Orioles", at, "baseball_mlb");
        // printf 'Miami Marlins @ Baltimore Orioles|2025-07-12T23:05:00+00:00|baseball_mlb' | sha256sum
        assert_eq!(key, "ab6b062055122f34");
        assert_eq!(key.len(), 16);
        // printf 'A @ B||unknown' | sha256sum
        assert_eq!(seed::sha_key("A @ B", None, "unknown"), "a4c5b67aacea6f86");
    }

    #[test]
    fn it_names_the_event() {
        let at = "2025-07-12T23:05:00Z".parse().ok();
        let later = "2025-07-13T23:05:00Z".parse().ok();
        let key = |event, at, sport| seed::sha_key(event, at, sport);
        let one = key("A @ B", at, "baseball_mlb");
        assert_eq!(one, key("A @ B", at, "baseball_mlb"));
        for other in [
            key("A @ C", at, "baseball_mlb"),
            key("A @ B", later, "baseball_mlb"),
            key("A @ B", None, "baseball_mlb"),
            key("A @ B", at, "basketball_nba"),
        ] {
            assert_ne!(one, other);
        }
    }
}

mod teams {
    use crate::domain::bet::text::teams;

    #[test]
    fn home_and_away_of_a_name() {
        let wanted = Some(("Baltimore Orioles", "Miami Marlins"));
        for event in [
            "Miami Marlins @ Baltimore Orioles",
            "Baltimore Orioles vs Miami Marlins",
            "Baltimore Orioles vs. Miami Marlins • Tomorrow 7:05 PM",
            "  Miami Marlins @ Baltimore Orioles  •  Today",
        ] {
            assert_eq!(teams(event), wanted, "{event}");
        }
        for none in [
            "",
            "World Series winner",
            " @ Baltimore",
            "A vs ",
            "• Today",
        ] {
            assert_eq!(teams(none), None, "{none}");
        }
    }
}

mod sport {
    use super::*;
    use crate::domain::bet::text::league;
    use crate::domain::league::League;
    use crate::domain::team::Teams;

    #[test]
    fn by_teams_and_by_words() {
        let known = Teams::builtin().unwrap();
        let of = |event: &str, text: &str| league(event, text, &known);
        for (event, text, wanted) in [
            (
                "Miami Marlins @ Baltimore Orioles",
                "Moneyline",
                Some(League::Mlb),
            ),
            (
                "Kansas City Chiefs @ Buffalo Bills",
                "Spread -3.5",
                Some(League::Nfl),
            ),
            ("Boston Celtics vs Miami Heat", "", Some(League::Nba)),
            ("Boston Bruins @ Toronto Maple Leafs", "", Some(League::Nhl)),
            // Nicknames that two leagues have: Fair-Edge took each of these for baseball.
            ("Giants @ Cowboys", "Moneyline", Some(League::Nfl)),
            (
                "Arizona Cardinals @ Seattle Seahawks",
                "Moneyline",
                Some(League::Nfl),
            ),
            ("Rangers @ Devils", "Moneyline", Some(League::Nhl)),
            ("Rangers @ Astros", "Moneyline", Some(League::Mlb)),
            (
                "Giants @ Cardinals",
                "Passing Yards Over 250.5",
                Some(League::Nfl),
            ),
            (
                "Giants @ Cardinals",
                "Strikeouts Over 5.5",
                Some(League::Mlb),
            ),
            ("", "LeBron James Over 25.5 Points", Some(League::Nba)),
            ("", "Shots on goal", Some(League::Nhl)),
            // A word within a word is none.
            ("Someone @ Somebody", "Appointments", None),
            ("", "", None),
        ] {
            assert_eq!(of(event, text), wanted, "{event} {text}");
        }
        assert_eq!(seed::sport(Some(League::Mlb)), "baseball_mlb");
        assert_eq!(seed::sport(None), "unknown");
    }
}

mod bet_id {
    use super::*;
    use crate::domain::bet::text::{line, player, side};

    fn id(market: &str, participant: &str, points: Option<f64>, side: Side) -> BetId {
        let line = points.and_then(Line::from_points);
        let market = Market::from_name(market);
        BetId::of(
            GameId::from_i64(7),
            &market,
            Period::Full,
            participant,
            line,
            side,
        )
    }

    #[test]
    fn what_settles_apart_has_ids_apart() {
        let ids = [
            // Both sides of a moneyline shared one id in Fair-Edge, as did two players at one line.
            id("moneyline", "", None, Side::Home),
            id("moneyline", "", None, Side::Away),
            id("player_points", "LeBron James", Some(25.5), Side::Over),
            id("player_points", "Anthony Davis", Some(25.5), Side::Over),
            // So did "49ers −3.5" and "49ers +7".
            id("spread", "", Some(-3.5), Side::Away),
            id("spread", "", Some(7.0), Side::Away),
            id("total", "", Some(7.0), Side::Over),
            id("team_total", "", Some(7.0), Side::Over),
            id("total", "1", None, Side::Over),
        ];
        let all: std::collections::BTreeSet<&BetId> = ids.iter().collect();
        assert_eq!(all.len(), ids.len());
        let first = &ids[0];
        assert!(
            first.as_str().len() == 64 && first.as_str().bytes().all(|b| b.is_ascii_hexdigit())
        );
        let other = |game, period| {
            BetId::of(
                GameId::from_i64(game),
                &Market::Moneyline,
                period,
                "",
                None,
                Side::Home,
            )
        };
        assert_eq!(*first, other(7, Period::Full));
        assert!(*first != other(8, Period::Full) && *first != other(7, Period::Half1));
        // A promise to rows that are stored: it stays.
        assert_eq!(
            first.as_str(),
            "7a5fd78857f1fccce7e5822a093af38c7d7f3551de2835998e649b60f4e5581a"
        );
    }

    #[test]
    fn the_seeds_recipe_and_its_collisions() {
        let none = json!({});
        let of = |event: &str, kind: &str, parameters: &Value, side: &str| {
            seed::bet_id("", "", event, kind, parameters, side)
        };
        // printf '||Miami Marlins @ Baltimore Orioles|spread|{"line": -1.5}|home' | sha256sum
        let spread = of(
            "Miami Marlins @ Baltimore Orioles",
            "spread",
            &json!({"line": -1.5}),
            "home",
        );
        assert_eq!(
            spread,
            "ffa9dddee9b1d4a595319bc37849ef0abcd2dfa05f7299b8497d38dc4407f89d"
        );
        // Neither side of a moneyline says home or away, so both had one id.
        assert_eq!(of("A @ B", "h2h", &none, ""), of("A @ B", "h2h", &none, ""));
        assert_ne!(
            of("A @ B • Tomorrow", "h2h", &none, ""),
            of("A @ B • Today", "h2h", &none, "")
        );
        // printf '||A @ B|x|{"a": [1, true], "b": "\\u00e9\\ud83d\\ude00\\""}|' | sha256sum
        let odd = of("A @ B", "x", &json!({"b": "é😀\"", "a": [1, true]}), "");
        assert_eq!(
            odd,
            "198eebe32256c59d10ad41b0c884c8b81edda0abc2bc4e558c2514bfcba169b2"
        );
    }

    #[test]
    fn numbers_sides_and_players_out_of_words() {
        let points = |text: &str| line(text).map(Line::points);
        assert_eq!(points("49ers -3.5"), Some(-3.5));
        assert_eq!(points("49ers +7"), Some(7.0));
        assert_eq!(points("Philadelphia 76ers \u{2212}4½ (-110)"), Some(-4.5));
        assert_eq!(points("Over 8.5"), Some(8.5));
        assert_eq!(points("LeBron James Over 25.5 Points"), Some(25.5));
        assert_eq!(points("49ers Moneyline"), None);
        assert_eq!(points("Over 1e9"), None);
        let event = "Miami Marlins @ Baltimore Orioles";
        for (text, wanted) in [
            ("Over 8.5", Some(Side::Over)),
            ("Aaron Judge Under 0.5 Home Runs", Some(Side::Under)),
            ("Baltimore Orioles", Some(Side::Home)),
            ("Marlins +1.5", Some(Side::Away)),
            ("Aaron Judge Home Runs", None),
            ("Overtime: no", None),
            ("Marlins or Orioles", None),
        ] {
            assert_eq!(side(text, event), wanted, "{text}");
        }
        assert_eq!(
            player("LeBron James Over 25.5 Points").as_deref(),
            Some("LeBron James")
        );
        assert_eq!(player("Over 8.5"), None);
        assert_eq!(player("Will there be a run Over 8.5"), None);
    }
}

mod odds_text {
    use crate::domain::bet::text::{all_odds, odds};

    fn american(text: &str) -> Option<i32> {
        odds(text).map(crate::domain::odds::Odds::to_american)
    }

    #[test]
    fn a_price_out_of_text() {
        for (text, wanted) in [
            ("+120", Some(120)),
            ("-110", Some(-110)),
            ("\u{2212}110", Some(-110)),
            ("120", Some(120)),
            ("Best: +142 at Novig", Some(142)),
            ("-100", Some(100)),
            ("49ers -3.5 -115", Some(-115)),
            // Fair-Edge made +100 of these.
            ("N/A", None),
            ("", None),
            ("-99", None),
            ("3.5", None),
            ("+99999999999999999999", None),
        ] {
            assert_eq!(american(text), wanted, "{text}");
        }
        let decimal = odds("-110").map(|o| (o.to_decimal() * 1e4).round() / 1e4);
        assert_eq!(decimal, Some(1.9091));
    }

    #[test]
    fn a_list_of_all_books() {
        let list =
            all_odds("Pinnacle: +120; Novig: +142 (+139); ProphetX: N/A; : +100; DraftKings: -105");
        let seen: Vec<_> = list
            .iter()
            .map(|l| {
                let fee = l.after_fee.map(crate::domain::odds::Odds::to_american);
                (l.book.as_str(), l.quoted.to_american(), fee)
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("Pinnacle", 120, None),
                ("Novig", 142, Some(139)),
                ("DraftKings", -105, None)
            ]
        );
        assert!(all_odds("").is_empty());
    }
}
