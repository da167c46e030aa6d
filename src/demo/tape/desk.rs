//! One market at one shop: what it believes, its line, its price.

use super::super::latent::{Latent, Played};
use super::super::price::{chance_of, pair};
use super::super::schedule::Millis;
use super::super::shop::Shop;
use super::{Kind, Status, Tick};
use crate::domain::league::League;

/// What a shop believes when it prices.
#[derive(Clone, Copy)]
pub(super) struct Belief {
    margin: f64,
    total: f64,
    margin_scale: f64,
    total_scale: f64,
    live: bool,
}

impl Belief {
    /// The same, with so much more margin for the home side.
    pub(super) fn and_margin(self, by: f64) -> Self {
        Self {
            margin: self.margin + by,
            ..self
        }
    }
}

/// What has been played when a shop prices.
#[derive(Clone, Copy)]
pub(super) enum Score<'a> {
    NotStarted,
    /// In play, after this part; none before the first is over.
    After(Option<&'a Played>),
}

/// What a shop believes after `seen` steps, and after a part of the game when in play.
pub(super) fn belief(latent: &Latent, seen: usize, score: Score<'_>) -> Belief {
    let (margin, total) = latent
        .steps
        .get(seen)
        .map_or((0.0, 0.0), |step| (step.margin, step.total));
    let (left, ahead, scored) = match score {
        Score::After(Some(played)) => {
            let (home, away) = (f64::from(played.home), f64::from(played.away));
            (played.left, home - away, home + away)
        }
        Score::After(None) | Score::NotStarted => (1.0, 0.0, 0.0),
    };
    // Uncertainty shrinks with the square root of what is left, and never quite to nothing.
    let shrink = (left + 0.015_f64).sqrt();
    Belief {
        margin: ahead + margin * left,
        total: scored + total * left,
        margin_scale: latent.margin_scale * shrink,
        total_scale: latent.total_scale * shrink,
        live: matches!(score, Score::After(_)),
    }
}

/// One market at one shop: its line and the probability it last priced.
pub(super) struct Desk<'a> {
    league: League,
    shop: &'a Shop,
    kind: Kind,
    half_points: Option<i16>,
    priced: f64,
}

impl<'a> Desk<'a> {
    /// A desk that has hung nothing yet.
    pub(super) fn new(league: League, shop: &'a Shop, kind: Kind) -> Self {
        Self {
            league,
            shop,
            kind,
            half_points: None,
            priced: f64::NAN,
        }
    }

    /// The tick to hang, unless the change is too small to bother.
    pub(super) fn price(&mut self, at: Millis, belief: Belief, must: bool) -> Option<Tick> {
        let had = self.half_points;
        let half_points = match self.kind {
            Kind::Moneyline => 0,
            Kind::Spread | Kind::Total => self.line(belief),
        };
        let p = self.fair(belief, half_points);
        if !must && had == Some(half_points) && (p - self.priced).abs() < self.shop.threshold {
            return None;
        }
        self.half_points = Some(half_points);
        self.priced = p;
        let leaned = (p + self.shop.bias).clamp(0.004, 0.996);
        let (first, second) = pair(leaned, self.shop.margin, self.shop.grid);
        Some(Tick {
            at,
            half_points,
            first,
            second,
            status: Status::Open,
            live: belief.live,
        })
    }

    /// Fair probability of the first side at a line.
    fn fair(&self, belief: Belief, half_points: i16) -> f64 {
        let line = f64::from(half_points) / 2.0;
        match self.kind {
            Kind::Moneyline => chance_of(belief.margin / belief.margin_scale),
            Kind::Spread => chance_of((belief.margin + line) / belief.margin_scale),
            Kind::Total => chance_of((belief.total - line) / belief.total_scale),
        }
    }

    /// Keep the line while juice can say it; move it when not.
    fn line(&self, belief: Belief) -> i16 {
        let baseball = self.league == League::Mlb;
        if self.kind == Kind::Spread && baseball && !belief.live {
            return self.run_line(belief.margin);
        }
        let balanced = match self.kind {
            Kind::Total => belief.total,
            Kind::Moneyline | Kind::Spread => -belief.margin,
        };
        let nearest = if self.kind == Kind::Spread && baseball {
            // Live run lines end in a half.
            (balanced.floor() * 2.0) as i16 + 1
        } else {
            (balanced * 2.0).round() as i16
        };
        let Some(had) = self.half_points else {
            return nearest;
        };
        let key_number =
            self.league == League::Nfl && self.kind == Kind::Spread && matches!(had.abs(), 6 | 14);
        let tolerance = match (self.kind, baseball) {
            // Three and seven are worth more than their half point: juice first.
            (Kind::Spread, false) if key_number => 0.05,
            (Kind::Spread, true) => 0.12,
            (Kind::Total, true) => 0.036,
            _ => 0.021,
        };
        if (self.fair(belief, had) - 0.5).abs() <= tolerance {
            had
        } else {
            nearest
        }
    }

    /// ±1.5, on the favourite's side; near pick'em shops disagree on which that is.
    fn run_line(&self, margin: f64) -> i16 {
        let favourite = if margin > 0.0 { -3 } else { 3 };
        match self.half_points {
            Some(had) if had.abs() == 3 && margin.abs() < 0.15 => had,
            _ => favourite,
        }
    }
}
