//! A walk as rows of the tables that keep it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::Ask;
use crate::analytics::backtest::measure::{Performance, Together, performance, settled, together};
use crate::analytics::backtest::walk::Walked;
use crate::analytics::backtest::{Choice, Paid, Placed};
use crate::analytics::metrics::wilson;
use crate::domain::league::League;
use crate::domain::market::{Line, Market};
use crate::store::backtests::{Run, TABLES};

type Settled<'a> = (&'a Choice, &'a Placed, &'a Paid);
/// What bets are told apart by.
type Key = fn(&Settled<'_>) -> Option<String>;

/// The rows of each table, in the order of [`TABLES`], still without the run's name.
pub(super) fn of(walked: &Walked, whole: &Performance, ask: &Ask) -> [Value; TABLES.len()] {
    let choices = &walked.choices;
    let bets = settled(choices);
    let start = ask.plan.bankroll;
    let numbered = || choices.iter().enumerate();
    [
        numbered().map(|(nth, c)| recommendation(nth, c)).collect(),
        numbered().map(|(nth, c)| known(nth, c)).collect(),
        results(&bets, start),
        by_day(&bets, start),
        returns(&bets, start),
        together(&bets).iter().map(pair).collect(),
        json!([metrics(whole, start, walked.bankroll)]),
    ]
}

/// Rows with the run's name and the preset's.
pub(super) fn named(mut rows: Value, run: &Run) -> Value {
    for row in rows.as_array_mut().into_iter().flatten() {
        if let Some(row) = row.as_object_mut() {
            row.insert("run_id".to_owned(), json!(run.run_id));
            row.insert("strategy".to_owned(), json!(run.strategy));
        }
    }
    rows
}

fn points(line: Option<Line>) -> Option<f64> {
    line.map(Line::points)
}

fn recommendation(nth: usize, choice: &Choice) -> Value {
    let (placed, paid) = (choice.placed.as_ref(), choice.paid.as_ref());
    json!({
        "nth": nth, "game_id": choice.game, "league": choice.league, "market": choice.market, "period": choice.period,
        "side": choice.side, "strength": choice.strength, "detected_at": choice.detected_at,
        "decided_at": choice.decided_at, "starts_at": choice.starts_at, "verdict": choice.verdict,
        "reason": choice.verdict.why(), "placed_at": placed.map(|p| p.at), "bucket": choice.bucket(),
        "book": placed.map(|p| &*p.book), "line": placed.and_then(|p| points(p.line)),
        "american": placed.map(|p| p.american), "decimal": placed.map(|p| p.decimal),
        "fair_probability": placed.and_then(|p| p.fair), "expected_value": placed.and_then(|p| p.expected_value),
        "stake": placed.map(|p| p.stake), "outcome": paid.map(|p| p.outcome), "units": paid.map(|p| p.units),
        "profit_loss": paid.map(|p| p.profit), "bankroll": paid.map(|p| p.bankroll),
        "close_line": paid.and_then(|p| points(p.close_line)), "close_probability": paid.and_then(|p| p.close),
        "clv": paid.and_then(|p| p.clv), "settled_at": paid.map(|p| p.at),
    })
}

fn known(nth: usize, choice: &Choice) -> Value {
    let standing = &choice.standing;
    let decided = standing.won + standing.lost;
    // A half counts as half here, and the interval takes whole bets.
    let hits = wilson(standing.won.round() as u64, decided.round() as u64, 0.95);
    json!({
        "nth": nth, "game_id": choice.game, "market": choice.market, "side": choice.side,
        "decided_at": choice.decided_at, "strength": choice.strength, "graded": standing.graded,
        "hit_rate": (decided > 0.0).then(|| standing.won / decided), "hit_low": hits.map(|h| h.low),
        "hit_high": hits.map(|h| h.high), "roi": standing.roi, "excess": standing.excess,
        "confidence": standing.confidence,
    })
}

/// Bets by what they have in common.
fn grouped<'a, K: Ord>(
    bets: &[Settled<'a>],
    key: impl Fn(&Settled<'a>) -> Option<K>,
) -> BTreeMap<K, Vec<Settled<'a>>> {
    let mut groups: BTreeMap<K, Vec<Settled<'a>>> = BTreeMap::new();
    for bet in bets {
        if let Some(key) = key(bet) {
            groups.entry(key).or_default().push(*bet);
        }
    }
    groups
}

fn results(bets: &[Settled<'_>], start: f64) -> Value {
    let mut rows = Vec::new();
    let mut add = |league: &str, market: &str, bucket: &str, bets: &[Settled<'_>]| {
        let p = performance(bets, start);
        rows.push(json!({
            "league": league, "market": market, "bucket": bucket, "bets": p.bets, "wins": p.won, "losses": p.lost,
            "pushes": p.pushed, "win_rate": p.hits.map(|h| h.estimate), "win_rate_low": p.hits.map(|h| h.low),
            "win_rate_high": p.hits.map(|h| h.high), "staked": p.staked, "profit_loss": p.profit,
            "roi": p.roi, "roi_low": p.roi_between.map(|r| r.low), "roi_high": p.roi_between.map(|r| r.high),
            "max_drawdown": p.max_drawdown, "sharpe": p.sharpe, "p_value": p.p_value, "average_clv": p.average_clv,
        }));
    };
    if !bets.is_empty() {
        add("all", "all", "all", bets);
    }
    for ((league, market), bets) in grouped(bets, |b| Some((b.0.league, b.0.market.clone()))) {
        add(league.as_str(), market.as_str(), "all", &bets);
    }
    for (bucket, bets) in grouped(bets, |b| b.0.bucket()) {
        add("all", "all", bucket, &bets);
    }
    Value::Array(rows)
}

fn by_day(bets: &[Settled<'_>], start: f64) -> Value {
    let groups = grouped(bets, |b| Some((b.0.league, b.0.market.clone(), b.0.slate)));
    let row = |((league, market, day), bets): ((League, Market, NaiveDate), Vec<Settled<'_>>)| {
        let p = performance(&bets, start);
        json!({
            "league": league, "market": market, "day": day, "bets": p.bets, "wins": p.won, "losses": p.lost,
            "pushes": p.pushed, "staked": p.staked, "profit_loss": p.profit, "roi": p.roi,
            "average_clv": p.average_clv,
        })
    };
    groups.into_iter().map(row).collect()
}

fn returns(bets: &[Settled<'_>], start: f64) -> Value {
    let mut rows = Vec::new();
    let dimensions: [(&str, Key); 9] = [
        ("all", |_| Some("all".to_owned())),
        ("market", |b| Some(b.0.market.as_str().to_owned())),
        ("league", |b| Some(b.0.league.as_str().to_owned())),
        ("book", |b| Some(b.1.book.to_string())),
        ("strength", |b| Some(band(b.0.strength).to_owned())),
        ("price", |b| {
            Some(
                if b.1.decimal < 2.0 {
                    "favourite"
                } else {
                    "underdog"
                }
                .to_owned(),
            )
        }),
        ("month", |b| Some(b.0.slate.format("%Y-%m").to_string())),
        ("timing", |b| b.0.bucket().map(ToOwned::to_owned)),
        ("side", |b| Some(b.0.side.as_str().to_owned())),
    ];
    for (dimension, of) in dimensions {
        for (value, bets) in grouped(bets, of) {
            let p = performance(&bets, start);
            rows.push(json!({
                "dimension": dimension, "value": value, "bets": p.bets, "staked": p.staked, "profit_loss": p.profit,
                "roi": p.roi, "roi_low": p.roi_between.map(|r| r.low), "roi_high": p.roi_between.map(|r| r.high),
                "average_ev": p.average_ev, "average_clv": p.average_clv,
            }));
        }
    }
    Value::Array(rows)
}

/// As `signal_record` bands strengths.
fn band(strength: f64) -> &'static str {
    if strength < 1.0 / 3.0 {
        "weak"
    } else if strength < 2.0 / 3.0 {
        "medium"
    } else {
        "strong"
    }
}

fn pair(pair: &Together) -> Value {
    let roi = |profit: f64, staked: f64| (staked > 0.0).then(|| profit / staked);
    json!({
        "market": pair.market, "other_market": pair.other, "relation": pair.relation, "pairs": pair.pairs,
        "both_won": pair.both_won, "both_lost": pair.both_lost, "profit_loss": pair.profit,
        "roi": roi(pair.profit, pair.staked), "other_profit_loss": pair.other_profit,
        "other_roi": roi(pair.other_profit, pair.other_staked),
    })
}

fn metrics(p: &Performance, start: f64, end: f64) -> Value {
    json!({
        "bets": p.bets, "wins": p.won, "losses": p.lost, "pushes": p.pushed, "staked": p.staked,
        "profit_loss": p.profit, "bankroll_start": start, "bankroll_end": end, "roi": p.roi,
        "roi_low": p.roi_between.map(|r| r.low), "roi_high": p.roi_between.map(|r| r.high),
        "win_rate": p.hits.map(|h| h.estimate), "win_rate_low": p.hits.map(|h| h.low),
        "win_rate_high": p.hits.map(|h| h.high), "average_win": p.average_win, "average_loss": p.average_loss,
        "profit_factor": p.profit_factor, "max_drawdown": p.max_drawdown, "sharpe": p.sharpe, "p_value": p.p_value,
        "win_streak": p.win_streak, "lose_streak": p.lose_streak, "average_ev": p.average_ev,
        "average_clv": p.average_clv, "beat_close": p.beat_close,
    })
}
