//! The presets: what the trade and the programs before call a signal, with their numbers.
//!
//! A preset's name says whose definition it is. Where a definition speaks of raw cents or points, so does its rule;
//! direction is always taken from fair probability.

use std::sync::Arc;

use chrono::TimeDelta;

use super::rule::{
    Against, Conflict, Divergence, Fade, Flip, HeadFake, Heavy, Late, Opener, Rlm, Rule, Size,
    Stale, Steam,
};

/// A named rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Preset {
    /// Unique name: `don_best`.
    pub name: Arc<str>,
    /// Whose definition it is, and where it is written.
    pub source: Arc<str>,
    /// The rule.
    pub rule: Rule,
}

/// Every preset that ships.
#[allow(clippy::too_many_lines)] // One table.
pub fn presets() -> Vec<Preset> {
    let minutes = TimeDelta::minutes;
    let steam = Steam {
        groups: 3,
        window: minutes(2),
        size: Size::fair(0.004),
        mean: None,
        agree: 0.8,
        share: 0.0,
        score: 0.0,
        aligned: false,
        cooldown: TimeDelta::zero(),
    };
    let rlm = Rlm {
        public: 65.0,
        gap: None,
        size: Size::probability(0.01),
        by_money: false,
    };
    let any = Size::probability(0.002);
    let preset = |name: &str, source: &str, rule| Preset {
        name: name.into(),
        source: source.into(),
        rule,
    };
    vec![
        preset(
            "linetape",
            "two fifths of the market, four groups at least, two points of probability on average within a minute",
            Rule::Steam(Steam {
                groups: 4,
                window: minutes(1),
                size: Size::probability(0.01),
                mean: Some(Size::probability(0.02)),
                share: 0.4,
                ..steam
            }),
        ),
        preset(
            "don_best",
            "Don Best DBS2k, Major Line Move: 3 books in 10 s",
            Rule::Steam(Steam {
                window: TimeDelta::seconds(10),
                size: Size::ANY,
                ..steam
            }),
        ),
        preset(
            "sports_options",
            "Sports Options, Key Moves, at half a point or 5 cents; no repeat within an hour",
            Rule::Steam(Steam {
                window: minutes(5),
                size: Size::points_or_cents(0.5, 5),
                cooldown: minutes(60),
                ..steam
            }),
        ),
        preset(
            "ev_strike",
            "EVStrike: 3 cents at 3 of 7 books in about 2 min",
            Rule::Steam(Steam {
                size: Size::points_or_cents(0.25, 3),
                share: 3.0 / 7.0,
                ..steam
            }),
        ),
        preset(
            "line_gap",
            "Line Gap STEAM: books × total move, at least 30 of 100, polls of 30 min",
            Rule::Steam(Steam {
                window: minutes(30),
                size: Size::ANY,
                score: 30.0,
                ..steam
            }),
        ),
        preset(
            "sharp_seeker",
            "sharp-seeker: 3 books, first against last in 30 min, again after 60 min",
            Rule::Steam(Steam {
                window: minutes(30),
                size: Size::ANY,
                cooldown: minutes(60),
                ..steam
            }),
        ),
        preset(
            "bettrack",
            "BetTrack: 3 books, mean 1.5 points or 15 cents, 900 s",
            Rule::Steam(Steam {
                window: minutes(15),
                size: Size::ANY,
                mean: Some(Size::points_or_cents(1.5, 15)),
                ..steam
            }),
        ),
        preset(
            "mlb_window",
            "seed 0: 3 books in an aligned window of 5 min, modal direction above 60 %",
            Rule::Steam(Steam {
                window: minutes(5),
                size: Size::ANY,
                agree: 0.6,
                aligned: true,
                ..steam
            }),
        ),
        preset(
            "mlb_processor",
            "seed 2: 1 point at 3 books",
            Rule::Steam(Steam {
                window: minutes(240),
                size: Size::points_or_cents(1.0, i32::MAX),
                cooldown: minutes(240),
                ..steam
            }),
        ),
        preset("linetape_rlm", "betting-domain 3.8", Rule::Rlm(rlm)),
        preset(
            "casino_org",
            "casino.org: 65 % of tickets, money 10 points behind",
            Rule::Rlm(Rlm {
                gap: Some(10.0),
                size: any,
                ..rlm
            }),
        ),
        preset(
            "rotogrinders",
            "RotoGrinders, SignalLabs: 70 % of tickets",
            Rule::Rlm(Rlm {
                public: 70.0,
                size: any,
                ..rlm
            }),
        ),
        preset(
            "sportsbooks_net",
            "sportsbooks.net: 75 % of tickets, 1.5 points or what they weigh",
            Rule::Rlm(Rlm {
                public: 75.0,
                size: Size {
                    probability: 0.03,
                    points: 1.5,
                    cents: i32::MAX,
                },
                ..rlm
            }),
        ),
        preset(
            "wagerproof",
            "wagerproof.bet: money 20 points behind tickets",
            Rule::Rlm(Rlm {
                public: 50.0,
                gap: Some(20.0),
                size: any,
                ..rlm
            }),
        ),
        preset(
            "vic",
            "VIC: public above 60, money 15 points behind",
            Rule::Rlm(Rlm {
                public: 60.0,
                gap: Some(15.0),
                size: any,
                ..rlm
            }),
        ),
        preset(
            "mlb_public",
            "seed 0: tickets above 55 %, prices the other way",
            Rule::Rlm(Rlm {
                public: 55.0,
                size: any,
                ..rlm
            }),
        ),
        preset(
            "mlb_hybrid",
            "seed 2: 5 cents against 60 % of the money",
            Rule::Rlm(Rlm {
                public: 60.0,
                size: Size::probability(0.01),
                by_money: true,
                ..rlm
            }),
        ),
        preset(
            "against_pinnacle",
            "sharp-seeker: the mean of the others moves against Pinnacle in 30 min",
            Rule::Against(Against {
                leader: "pinnacle".into(),
                window: minutes(30),
                size: any,
            }),
        ),
        preset(
            "vsin_moderate",
            "seed 2: money 15 points from tickets",
            Rule::Divergence(Divergence {
                gap: 15.0,
                tickets: 0,
                within: None,
            }),
        ),
        preset(
            "vsin_strong",
            "seed 2: money 25 points from tickets",
            Rule::Divergence(Divergence {
                gap: 25.0,
                tickets: 0,
                within: None,
            }),
        ),
        preset(
            "sharp_premium",
            "seed 2: 20 points and 100 bets",
            Rule::Divergence(Divergence {
                gap: 20.0,
                tickets: 100,
                within: None,
            }),
        ),
        preset(
            "sharp_processor",
            "seed 2: 10 points and 100 bets",
            Rule::Divergence(Divergence {
                gap: 10.0,
                tickets: 100,
                within: None,
            }),
        ),
        preset(
            "sharp_late",
            "seed 2: 7 points within 2 h of the start",
            Rule::Divergence(Divergence {
                gap: 7.0,
                tickets: 0,
                within: Some(minutes(120)),
            }),
        ),
        preset(
            "mlb_late",
            "seed 2: half a point, or what it weighs, within 3 h of the start",
            Rule::Late(Late {
                within: minutes(180),
                size: Size {
                    probability: 0.02,
                    points: 0.5,
                    cents: i32::MAX,
                },
            }),
        ),
        preset(
            "mlb_late_flip",
            "seed 2: the money crosses 50 % by 15 points within 3 h of the start, from 60 % and more",
            Rule::Flip(Flip {
                within: minutes(180),
                early: 60.0,
                by: 15.0,
            }),
        ),
        preset(
            "mlb_heavy",
            "seed 2: 90 % of tickets and of money",
            Rule::Heavy(Heavy {
                tickets: 90.0,
                money: 90.0,
                alike: 30.0,
            }),
        ),
        preset(
            "mlb_mixed",
            "seed 2: 80 % of money, 60 % of tickets",
            Rule::Heavy(Heavy {
                tickets: 60.0,
                money: 80.0,
                alike: 30.0,
            }),
        ),
        preset(
            "fade_58",
            "seed 2: 58 % of tickets",
            Rule::Fade(Fade { tickets: 58.0 }),
        ),
        preset(
            "fade_80",
            "seed 2: 80 % of tickets",
            Rule::Fade(Fade { tickets: 80.0 }),
        ),
        preset(
            "fade_85",
            "seed 2: 85 % of tickets",
            Rule::Fade(Fade { tickets: 85.0 }),
        ),
        preset(
            "conflict_10",
            "seed 2: 10 cents from the others",
            Rule::Conflict(Conflict {
                cents: 10.0,
                others: 3,
            }),
        ),
        preset(
            "conflict_15",
            "seed 2: 15 cents from the others",
            Rule::Conflict(Conflict {
                cents: 15.0,
                others: 3,
            }),
        ),
        preset(
            "linetape_stale",
            "betting-domain 3.8",
            Rule::Stale(Stale {
                deviations: 3.0,
                distance: 0.01,
                shops: 4,
            }),
        ),
        preset(
            "linetape_opener",
            "a move off the opening within two hours",
            Rule::Opener(Opener {
                within: minutes(120),
                size: Size {
                    probability: 0.02,
                    points: 1.0,
                    cents: i32::MAX,
                },
                shops: 2,
            }),
        ),
        preset(
            "linetape_head_fake",
            "betting-domain 3.7, there and back",
            Rule::HeadFake(HeadFake {
                out: 0.02,
                back: 0.75,
                within: minutes(60),
                shops: 3,
            }),
        ),
    ]
}
