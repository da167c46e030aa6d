//! The rules, judged at a moment of one market.

mod apart;
mod shape;
mod splits;
mod steam;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::clones::Clones;
use super::market::{Move, Watch};
use super::preset::Preset;
use super::rule::Rule;
use super::{Cast, Evidence, Follower, Signal, SplitEvidence, reason};
use crate::domain::market::{Line, Side};

/// Between two signals of one preset, market and side that rest on splits: counters of several feeds say the same.
const SPLITS_COOLDOWN: TimeDelta = TimeDelta::minutes(60);
/// Most rows kept as evidence.
const MOST_ROWS: usize = 40;

/// What a rule remembers of a preset in a market, for one side or shop.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Slot {
    market: usize,
    preset: usize,
    /// Side, or shop and side.
    which: (usize, usize),
    /// The counter, for a rule that hears several.
    scope: Option<Arc<str>>,
}

/// Since when the public is on a side, and what the market said then.
#[derive(Debug, Clone, Copy)]
struct Regime {
    /// Consensus probability of the public side.
    p: Option<f64>,
    /// Its line.
    line: Option<Line>,
    /// How far it had fallen when that was last told.
    told: Option<f64>,
}

/// What the rules remember of a game.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// When a preset last spoke, and which signal it was.
    last: HashMap<Slot, (DateTime<Utc>, usize)>,
    /// Conditions that hold, and are told once.
    holding: HashSet<Slot>,
    regimes: HashMap<Slot, Regime>,
    /// Money on a side before the last hours.
    early: HashMap<Slot, f64>,
}

/// One market of a game, just settled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment<'a> {
    pub(super) cast: &'a Cast,
    pub(super) watch: &'a Watch,
    pub(super) clones: &'a Clones,
    /// Number of the market among the game's.
    pub(super) nth: usize,
}

/// What a rule found, before it is a signal.
#[derive(Debug, Default)]
struct Found {
    /// 0 first side, 1 second.
    side: usize,
    strength: f64,
    delta: Option<f64>,
    groups: usize,
    movers: Vec<Follower>,
    waiting: Vec<Follower>,
    juice_only: bool,
    resolution_s: Option<f64>,
    available: Option<super::Available>,
    evidence: Vec<Evidence>,
    splits: Vec<SplitEvidence>,
    says: String,
    reconstructed: bool,
}

impl Moment<'_> {
    /// Every preset, in its order.
    pub(super) fn judge(&self, presets: &[Preset], memory: &mut Memory, out: &mut Vec<Signal>) {
        let started = self
            .cast
            .starts_at
            .is_some_and(|start| self.watch.at >= start);
        if started {
            return;
        }
        for (n, preset) in presets.iter().enumerate() {
            match &preset.rule {
                Rule::Steam(rule) => steam::judge(self, (n, preset), rule, memory, out),
                Rule::Against(rule) => steam::judge_against(self, (n, preset), rule, memory, out),
                Rule::Rlm(rule) => splits::judge_rlm(self, (n, preset), rule, memory, out),
                Rule::Divergence(rule) => {
                    splits::judge_divergence(self, (n, preset), rule, memory, out);
                }
                Rule::Flip(rule) => splits::judge_flip(self, (n, preset), rule, memory, out),
                Rule::Heavy(rule) => splits::judge_heavy(self, (n, preset), rule, memory, out),
                Rule::Fade(rule) => splits::judge_fade(self, (n, preset), *rule, memory, out),
                Rule::Late(rule) => shape::judge_late(self, (n, preset), rule, memory, out),
                Rule::Opener(rule) => shape::judge_opener(self, (n, preset), rule, memory, out),
                Rule::HeadFake(rule) => {
                    shape::judge_head_fake(self, (n, preset), rule, memory, out);
                }
                Rule::Conflict(rule) => apart::judge_conflict(self, (n, preset), rule, memory, out),
                Rule::Stale(rule) => apart::judge_stale(self, (n, preset), rule, memory, out),
            }
        }
    }

    fn slot(&self, preset: usize, side: usize) -> Slot {
        Slot {
            market: self.nth,
            preset,
            which: (side, 0),
            scope: None,
        }
    }

    fn side(&self, nth: usize) -> Side {
        let [first, second] = self.watch.sides();
        if nth == 0 { first } else { second }
    }

    /// A probability of the first side, seen from the `nth`.
    fn seen_from(nth: usize, p: f64) -> f64 {
        if nth == 0 { p } else { 1.0 - p }
    }

    /// Moves of this moment.
    fn fresh(&self) -> impl Iterator<Item = &Move> {
        let skip = self.watch.moves.len() - self.watch.fresh.min(self.watch.moves.len());
        self.watch.moves.iter().skip(skip)
    }

    fn shop(&self, shop: usize) -> Arc<str> {
        self.cast
            .shops
            .get(shop)
            .map_or_else(|| Arc::from(""), |s| Arc::clone(&s.slug))
    }

    /// Put a signal out; remembers that it was said.
    fn say(
        &self,
        (n, preset): (usize, &Preset),
        found: Found,
        memory: &mut Memory,
        out: &mut Vec<Signal>,
    ) {
        let side = found.side;
        let fair = self.watch.fair_now().map(|p| Self::seen_from(side, p));
        let available = found
            .available
            .or_else(|| self.watch.available(self.cast, side));
        let mut evidence = found.evidence;
        evidence.truncate(MOST_ROWS);
        let signal = Signal {
            kind: preset.rule.kind(),
            preset: Arc::clone(&preset.name),
            market: self.watch.market.clone(),
            period: self.watch.period,
            side: self.side(side),
            detected_at: self.watch.at,
            observed_at: self.watch.known_at,
            strength: found.strength.clamp(0.0, 1.0),
            delta: found.delta,
            fair,
            groups: found.groups,
            movers: found.movers,
            waiting: found.waiting,
            later: Vec::new(),
            until: self.watch.at,
            juice_only: found.juice_only,
            resolution_s: found.resolution_s,
            available,
            evidence,
            splits: found.splits,
            reason: found.says,
            reconstructed: found.reconstructed,
        };
        memory
            .last
            .insert(self.slot(n, side), (self.watch.at, out.len()));
        out.push(signal);
    }

    /// Whether the preset spoke of this side less than `span` ago.
    fn spoke(&self, preset: usize, side: usize, span: TimeDelta, memory: &Memory) -> bool {
        memory
            .last
            .get(&self.slot(preset, side))
            .is_some_and(|(at, _)| self.watch.at - *at < span)
    }

    /// How a side is named in a sentence: `BAL`, `over`.
    fn name(&self, nth: usize) -> String {
        reason::side(self.cast, self.side(nth))
    }
}

/// Rows of these moves.
fn rows<'a>(moves: impl Iterator<Item = &'a Move>) -> Vec<Evidence> {
    moves
        .flat_map(|m| m.rows.iter().flatten().copied())
        .collect()
}
