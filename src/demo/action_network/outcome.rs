//! One side of a market as Action Network writes it, with the key sets it has.

use serde::Serialize;

use super::super::dice::mix;
use super::super::market::Market;
use super::super::reply::{Nullable, Number};
use super::super::schedule::Millis;
use super::super::shop::{Role, Shop, Trait};
use super::super::slate::{Game, Stage};
use super::super::splits::{Share, share};
use super::super::tape::{Kind, Status, Tick};
use crate::domain::market::Side;

/// Name of the team-total market.
pub(super) const TEAM_TOTAL: &str = "core_bet_type_6_team_score";

#[derive(Serialize)]
pub(super) struct Outcome {
    #[serde(rename = "outcome_id")]
    id: u64,
    market_id: u64,
    event_type: &'static str,
    event_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    league_id: Option<u32>,
    book_id: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    book_parent_id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    core_book_id: Option<u32>,
    r#type: &'static str,
    pub(super) side: Side,
    period: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    team_id: Option<Nullable<u32>>,
    odds: i32,
    value: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_live: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deeplink_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line_status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bet_info: Option<BetInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    odds_coefficient_score: Option<Nullable<Number>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    player_id: Option<Nullable<u8>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    competitor_id: Option<Nullable<u8>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    option_type_id: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prop_type_id: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) history: Option<Vec<HistoryTick>>,
}

#[derive(Serialize)]
pub(super) struct HistoryTick {
    pub(super) odds: i32,
    pub(super) value: Number,
    /// Microseconds, Z.
    pub(super) updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line_status: Option<&'static str>,
}

#[derive(Serialize)]
struct BetInfo {
    tickets: Count,
    money: Count,
}

#[derive(Serialize)]
struct Count {
    /// Always 0: the feed gives shares only.
    value: u8,
    percent: u8,
}

/// A shop's place in the feed.
#[derive(Clone, Copy)]
pub(super) struct Hung<'a> {
    pub(super) market: &'a Market,
    pub(super) game: &'a Game,
    pub(super) n: usize,
    pub(super) shop: &'a Shop,
    pub(super) at: Millis,
}

/// The feed's name of a market.
pub(super) const fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Moneyline => "moneyline",
        Kind::Spread => "spread",
        Kind::Total => "total",
    }
}

impl Hung<'_> {
    fn book_id(&self) -> u32 {
        self.shop.an.unwrap_or_default()
    }

    fn outcome_id(&self, slot: u64) -> u64 {
        (self.game.fixture.an_id * 64 + self.n as u64) * 16 + slot
    }

    /// The sides of a market, in the feed's random order, one of them missing at times.
    pub(super) fn outcomes(&self, kind: Kind) -> Vec<Outcome> {
        let Some(shown) = self.game.shown(self.n, self.shop, kind, self.at) else {
            return Vec::new();
        };
        let share = share(
            self.market.seed,
            &self.game.fixture,
            &self.game.latent,
            kind,
            self.at,
        );
        let mut both = vec![
            self.outcome(kind, true, &shown.tick, shown.opener, share),
            self.outcome(kind, false, &shown.tick, shown.opener, share),
        ];
        let order = mix(&[self.outcome_id(kind as u64), shown.tick.at as u64]);
        if order & 1 == 1 {
            both.swap(0, 1);
        }
        let one_sided = self.shop.takes_bets()
            && self
                .market
                .luck(self.game, &[20, self.n as u64, kind as u64])
                < 0.012;
        if one_sided {
            both.truncate(1);
        }
        both
    }

    /// One side of a market at a tick.
    pub(super) fn outcome(
        &self,
        kind: Kind,
        first: bool,
        tick: &Tick,
        opener: bool,
        share: Share,
    ) -> Outcome {
        let fixture = &self.game.fixture;
        let (home, away) = (fixture.home.an_id, fixture.away.an_id);
        let (side, team_id) = match (kind, first) {
            (Kind::Total, true) => (Side::Over, None),
            (Kind::Total, false) => (Side::Under, None),
            (_, true) => (Side::Home, Some(home)),
            (_, false) => (Side::Away, Some(away)),
        };
        let slot = kind as u64 * 2 + u64::from(!first);
        let outcome_id = self.outcome_id(slot);
        let opener_book = self.shop.is_opener();
        let (tickets, money) = share.of(first);
        let shop = self.shop.takes_bets();
        // The opener's unused ids are 0 on most games and null on some.
        let unset = (self.market.luck(self.game, &[26]) >= 0.15).then_some(0_u8);
        Outcome {
            id: outcome_id,
            market_id: fixture.an_id * 8 + kind as u64,
            event_type: "game",
            event_id: fixture.an_id,
            league_id: (!opener_book).then(|| super::league::id(fixture.league)),
            book_id: self.book_id(),
            book_parent_id: self.shop.parent,
            core_book_id: self.shop.core,
            r#type: name(kind),
            side,
            period: "event",
            team_id: team_id
                .map(Nullable::Is)
                .or(opener_book.then_some(unset.map(u32::from).into())),
            odds: if first { tick.first } else { tick.second },
            value: self.value(kind, first, tick),
            is_live: (!opener_book).then_some(tick.live),
            deeplink_id: (!opener_book).then(|| {
                if shop {
                    format!("ML{outcome_id}")
                } else {
                    String::new()
                }
            }),
            line_status: (!opener_book).then_some(match tick.status {
                Status::Open if opener => "opener",
                Status::Open => "normal",
                Status::Suspended | Status::Closed => "suspended",
            }),
            bet_info: (!opener_book).then_some(BetInfo {
                tickets: Count {
                    value: 0,
                    percent: tickets,
                },
                money: Count {
                    value: 0,
                    percent: money,
                },
            }),
            odds_coefficient_score: (!opener_book).then(|| self.coefficient(kind, tick).into()),
            player_id: opener_book.then_some(unset.into()),
            competitor_id: opener_book.then_some(unset.into()),
            option_type_id: opener_book.then_some(0),
            prop_type_id: None,
            history: None,
        }
    }

    /// The line as the feed writes it: 0 for a moneyline, else whole numbers now as 46, now as 46.0.
    pub(super) fn value(&self, kind: Kind, first: bool, tick: &Tick) -> Number {
        let line = match (kind, first) {
            (Kind::Moneyline, _) => return Number::Int(0),
            (Kind::Spread, false) => -tick.line(),
            _ => tick.line(),
        };
        let pointed = mix(&[self.outcome_id(kind as u64), tick.at as u64, 21]).is_multiple_of(8);
        // No negative zero.
        Number::of(line + 0.0, pointed)
    }

    fn coefficient(&self, kind: Kind, tick: &Tick) -> Option<Number> {
        match (kind, self.shop.role) {
            (Kind::Moneyline, _) => None,
            (_, Role::Consensus) => Some(Number::Int(-10_000)),
            _ => {
                let luck = mix(&[self.outcome_id(kind as u64), tick.at as u64, 22]) % 999_983;
                Some(Number::Float((luck as f64 + 0.5) / 1e6))
            }
        }
    }

    /// Both teams' totals, over and under: four outcomes, told apart by team.
    pub(super) fn team_totals(&self) -> Vec<Outcome> {
        let offered = self.shop.has(Trait::TeamTotals) || !self.shop.takes_bets();
        if !offered || self.game.stage(self.at) != Stage::Scheduled {
            return Vec::new();
        }
        let shown = |kind| self.game.shown(self.n, self.shop, kind, self.at);
        let (Some(total), Some(winner)) = (shown(Kind::Total), shown(Kind::Moneyline)) else {
            return Vec::new();
        };
        let latent = &self.game.latent;
        // What the prices say of the margin: the logit of the home side's share.
        let implied = |a: i32| 1.0 / super::super::price::decimal(a);
        let (home, away) = (implied(winner.tick.first), implied(winner.tick.second));
        let margin = latent.margin_scale * (home / away).ln();
        let fixture = &self.game.fixture;
        let mut out = Vec::with_capacity(4);
        for (team, lead) in [(&fixture.home, margin), (&fixture.away, -margin)] {
            let mean = f64::midpoint(total.tick.line(), lead);
            let line = mean.floor().max(0.0) + 0.5;
            // A team's score spreads about 1/√2 as wide as the total.
            let p = super::super::price::chance_of((mean - line) / (latent.total_scale * 0.71));
            let (over, under) =
                super::super::price::pair(p, self.shop.margin + 0.02, self.shop.grid);
            for (side, odds) in [(Side::Over, over), (Side::Under, under)] {
                out.push(self.team_total(team.an_id, side, odds, line, total.tick.status));
            }
        }
        let order = mix(&[self.outcome_id(9), total.tick.at as u64]);
        if order & 1 == 1 {
            out.swap(0, 3);
        }
        if order & 2 == 2 {
            out.swap(1, 2);
        }
        out
    }

    fn team_total(&self, team: u32, side: Side, odds: i32, line: f64, status: Status) -> Outcome {
        let fixture = &self.game.fixture;
        let away = team == fixture.away.an_id;
        let over = side == Side::Over;
        let outcome_id = self.outcome_id(8 + u64::from(away) * 2 + u64::from(!over));
        let opener_book = self.shop.is_opener();
        Outcome {
            id: outcome_id,
            market_id: fixture.an_id * 8 + 4 + u64::from(away),
            event_type: "game",
            event_id: fixture.an_id,
            league_id: None,
            book_id: self.book_id(),
            book_parent_id: None,
            core_book_id: None,
            r#type: TEAM_TOTAL,
            side,
            period: "event",
            team_id: Some(Nullable::Is(team)),
            odds,
            value: Number::Float(line),
            is_live: (!opener_book).then_some(false),
            deeplink_id: (!opener_book).then(|| {
                if self.shop.takes_bets() {
                    format!("ML{outcome_id}")
                } else {
                    String::new()
                }
            }),
            line_status: (!opener_book).then_some(if status == Status::Open {
                "normal"
            } else {
                "suspended"
            }),
            bet_info: (!opener_book).then_some(BetInfo {
                tickets: Count {
                    value: 0,
                    percent: 0,
                },
                money: Count {
                    value: 0,
                    percent: 0,
                },
            }),
            odds_coefficient_score: (!opener_book).then_some(Nullable::Null),
            player_id: opener_book.then_some(Nullable::Null),
            competitor_id: opener_book.then_some(Nullable::Null),
            option_type_id: Some(if over { 1 } else { 2 }),
            prop_type_id: (!opener_book).then_some(166),
            history: None,
        }
    }
}
