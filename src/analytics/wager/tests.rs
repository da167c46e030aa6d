use super::file::{HEADER, read_file};
use super::report::{By, Counted, report};
use super::*;
use crate::analytics::settlement::Outcome::{HalfLose, HalfWin, Lose, NoAction, Push, Win};

fn told() -> Told<'static> {
    Told {
        market: "ML",
        side: "Home",
        price: "-110",
        stake: "$1,100.50",
        book: "draftkings",
        placed_at: "2025-07-12T15:00:00Z",
        ..Told::default()
    }
}

fn ending(home: i32, away: i32) -> Ending {
    let started = "2025-07-12T23:05:00Z".parse().ok();
    Ending {
        league: League::Mlb,
        status: GameStatus::Final,
        score: Some(Score { home, away }),
        announced: started,
        started,
        halves: None,
        pitcher_changed: None,
    }
}

#[test]
fn a_ticket_is_read_as_people_write_it_or_refused_with_its_field() {
    let ticket = told().read().unwrap();
    assert_eq!((ticket.stake, ticket.price.american()), (110_050, -110));
    assert_eq!((ticket.period, ticket.line), (Period::Full, None));
    let spread = Told {
        market: "run line",
        side: "away",
        line: "+1½",
        ..told()
    };
    assert_eq!(spread.read().unwrap().line, Line::from_points(1.5));
    let minus = Told {
        market: "spread",
        line: "\u{2212}0.25",
        ..told()
    };
    assert_eq!(minus.read().unwrap().line, Line::from_points(-0.25));
    let team = Told {
        market: "team total",
        side: "over",
        line: "4.5",
        team: "home",
        ..told()
    };
    assert_eq!(team.read().unwrap().team, Some(Side::Home));
    for (field, wrong) in [
        (
            "market",
            Told {
                market: "hits",
                ..told()
            },
        ),
        (
            "side",
            Told {
                side: "left",
                ..told()
            },
        ),
        (
            "side over",
            Told {
                side: "over",
                ..told()
            },
        ),
        (
            "line",
            Told {
                market: "total",
                side: "over",
                ..told()
            },
        ),
        (
            "line",
            Told {
                line: "-1.5",
                ..told()
            },
        ),
        (
            "line",
            Told {
                market: "total",
                side: "over",
                line: "8.3",
                ..told()
            },
        ),
        (
            "team",
            Told {
                team: "home",
                ..told()
            },
        ),
        (
            "price",
            Told {
                price: "-99",
                ..told()
            },
        ),
        (
            "stake",
            Told {
                stake: "0",
                ..told()
            },
        ),
        (
            "stake",
            Told {
                stake: "1.005",
                ..told()
            },
        ),
        (
            "stake",
            Told {
                stake: "-5",
                ..told()
            },
        ),
        (
            "book",
            Told {
                book: " ",
                ..told()
            },
        ),
        (
            "placed_at",
            Told {
                placed_at: "yesterday",
                ..told()
            },
        ),
        (
            "period",
            Told {
                period: "9q",
                ..told()
            },
        ),
        (
            "pitchers",
            Told {
                pitchers: "some",
                ..told()
            },
        ),
    ] {
        let error = wrong.read().unwrap_err();
        assert!(error.contains(field), "{field}: {error}");
    }
    // What differs in writing only is the same bet.
    let again = Told {
        price: "10/11",
        stake: "1100.5",
        side: "home ",
        book: "DraftKings",
        ..told()
    };
    assert_eq!(again.read().unwrap().words(), ticket.words());
    let other = Told {
        placed_at: "2025-07-12T15:00:01Z",
        ..told()
    };
    assert_ne!(other.read().unwrap().words(), ticket.words());
}

#[test]
fn bets_end_by_result_line_day_and_pitchers() {
    let of = |told: Told<'_>, ending: &Ending| end(&told.read().unwrap(), ending);
    assert_eq!(of(told(), &ending(5, 2)), Ok(Win));
    assert_eq!(
        of(
            Told {
                side: "away",
                ..told()
            },
            &ending(5, 2)
        ),
        Ok(Lose)
    );
    let total = |side, line| Told {
        market: "total",
        side,
        line,
        ..told()
    };
    assert_eq!(of(total("over", "7"), &ending(5, 2)), Ok(Push));
    assert_eq!(of(total("under", "7.25"), &ending(5, 2)), Ok(HalfWin));
    assert_eq!(of(total("over", "7.25"), &ending(5, 2)), Ok(HalfLose));
    let waiting = Ending {
        status: GameStatus::Live,
        ..ending(5, 2)
    };
    assert_eq!(of(told(), &waiting), Err(Open::NoResult));
    let called_off = Ending {
        status: GameStatus::Cancelled,
        score: None,
        ..ending(0, 0)
    };
    assert_eq!(of(told(), &called_off), Ok(NoAction));
    let next_day = Ending {
        started: "2025-07-13T23:05:00Z".parse().ok(),
        ..ending(5, 2)
    };
    assert_eq!(of(told(), &next_day), Ok(NoAction));
    // Three hours of rain on the same slate are no postponement.
    let delayed = Ending {
        started: "2025-07-13T02:05:00Z".parse().ok(),
        ..ending(5, 2)
    };
    assert_eq!(of(told(), &delayed), Ok(Win));
    assert_eq!(
        of(
            Told {
                period: "f5",
                ..told()
            },
            &ending(5, 2)
        ),
        Err(Open::PartOfGame)
    );

    let listed = Told {
        pitchers: "listed",
        ..told()
    };
    assert_eq!(of(listed, &ending(5, 2)), Err(Open::Pitchers));
    let said = |changed| Ending {
        pitcher_changed: Some(changed),
        ..ending(5, 2)
    };
    assert_eq!(of(listed, &said(false)), Ok(Win));
    assert_eq!(of(listed, &said(true)), Ok(NoAction));
    assert_eq!(
        of(told(), &said(true)),
        Ok(Win),
        "action stands whoever starts"
    );

    // Rain after six and a half innings: the moneyline stands, the run line does not.
    let rain = Ending {
        halves: Some(13),
        ..ending(5, 2)
    };
    assert_eq!(of(told(), &rain), Ok(Win));
    let run_line = Told {
        market: "spread",
        line: "-1.5",
        ..told()
    };
    assert_eq!(of(run_line, &rain), Ok(NoAction));
    assert_eq!(
        of(
            run_line,
            &Ending {
                halves: Some(18),
                ..ending(5, 2)
            }
        ),
        Ok(Win)
    );
    let sevens = |day: &str| Ending {
        halves: Some(13),
        announced: day.parse().ok(),
        started: day.parse().ok(),
        ..ending(5, 2)
    };
    assert_eq!(of(run_line, &sevens("2021-07-12T23:05:00Z")), Ok(Win));
}

#[test]
fn a_file_gives_its_bets_and_says_which_lines_are_none() {
    let text = "game,market,side,line,price,stake,book,placed_at,note\n\
                an:257653,moneyline,home,,-110,25,draftkings,2025-07-12T15:00:00Z,\"first, of all\"\n\
                an:257653,total,over,8.3,-110,25,fanduel,2025-07-12T15:00:00Z,\n\
                \n\
                ,moneyline,home,,-110,25,draftkings,2025-07-12T15:00:00Z,\n\
                42,spread,away,+1.5,1.95,10,circa,1752333600,\n\
                42,spread,away,+1.5,1.95,10,circa,1752333600,a,b\n";
    let (bets, rejected) = read_file(text.as_bytes()).unwrap();
    let found: Vec<(u64, &str)> = bets
        .iter()
        .map(|(line, game, _)| (*line, game.as_str()))
        .collect();
    assert_eq!(found, [(2, "an:257653"), (6, "42")]);
    assert_eq!(bets[0].2.note.as_deref(), Some("first, of all"));
    let lines: Vec<u64> = rejected.iter().map(|r| r.line).collect();
    assert_eq!(lines, [3, 5, 7]);
    assert!(rejected[0].reason.contains("8.3") && rejected[1].reason.contains("game"));

    let wrong = |text: &str| read_file(text.as_bytes()).unwrap_err();
    assert!(wrong("game,market\n").contains("lacks side, price, stake, book, placed_at"));
    assert!(
        wrong("game,odds\n").contains("\"odds\" is not known") && wrong("a\n").contains(HEADER)
    );
    assert!(wrong("game,game\n").contains("twice"));
    assert!(read_file(b"game\xff\n").unwrap_err().contains("UTF-8"));
}

#[test]
fn a_report_counts_what_was_won_against_what_was_worth() {
    let bet = |book: &str, at: &str, stake: i64, outcome: Option<Outcome>, ev, clv| Counted {
        book: book.into(),
        league: "mlb".into(),
        market: "moneyline".into(),
        placed_at: at.parse().unwrap(),
        stake,
        ended: outcome.map(|outcome| (outcome, profit(stake, 2.5, outcome))),
        expected_value: ev,
        clv,
    };
    let july = "2025-07-12T15:00:00Z";
    let bets = [
        bet("circa", july, 10_000, Some(Win), Some(0.05), Some(0.02)),
        bet("circa", july, 5_000, Some(Lose), None, Some(-0.01)),
        bet("fanduel", july, 20_000, Some(NoAction), Some(0.5), None),
        bet(
            "fanduel",
            "2025-08-02T15:00:00Z",
            10_000,
            Some(HalfLose),
            Some(-0.02),
            None,
        ),
        bet(
            "fanduel",
            "2025-08-02T15:00:00Z",
            10_000,
            None,
            Some(0.01),
            None,
        ),
    ];
    let all = &report(&bets, By::All)[0];
    assert_eq!((all.bets, all.open, all.pushed), (5, 1, 1));
    assert!((all.staked - 250.0).abs() < 1e-9 && (all.profit - (150.0 - 50.0 - 50.0)).abs() < 1e-9);
    assert!((all.roi.unwrap() - 0.2).abs() < 1e-9);
    // 5 % of 100 and −2 % of 100: the bet that did not stand and the open one promise nothing.
    assert!((all.expected.unwrap() - 3.0).abs() < 1e-9 && (all.made.unwrap() - 100.0).abs() < 1e-9);
    assert_eq!((all.with_fair, all.with_close), (2, 2));
    assert!(
        (all.clv.unwrap() - 0.005).abs() < 1e-12 && (all.beat_close.unwrap() - 0.5).abs() < 1e-12
    );
    assert!((all.won - 1.0).abs() < 1e-12 && (all.lost - 1.5).abs() < 1e-12);
    let values = |by| {
        report(&bets, by)
            .iter()
            .map(|s| (s.value.clone(), s.bets))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        values(By::Book),
        [("circa".into(), 2), ("fanduel".into(), 3)]
    );
    assert_eq!(
        values(By::Month),
        [("2025-07".into(), 3), ("2025-08".into(), 2)]
    );
    assert!(report(&[], By::All).is_empty());
    assert_eq!(report(&bets[4..], By::All)[0].roi, None);
}
