//! How bets and reports are printed.

use serde::Serialize;
use serde_json::json;
use sqlx::PgConnection;

use super::Imported;
use crate::analytics::settlement::Outcome;
use crate::analytics::wager::Open;
use crate::analytics::wager::report::{By, Counted, Sum, report as sums};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::open::failed;
use crate::domain::clean::clean;
use crate::engine::mybets::{Added, why_open};
use crate::store;
use crate::store::mybets::StoredBet;

/// A share in percent, with its sign; a dash for none.
fn signed(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |s| format!("{:+.1}", s * 100.0))
}

pub(super) fn added(added: &Added, context: &Context) -> Result<(), CliError> {
    let mut data = context.output.data();
    let worth = added.worth;
    if context.output.json {
        data.json(&json!({
            "type": "bet_added", "bet_id": added.bet_id, "new": added.new, "event": added.event,
            "fair_probability": worth.map(|w| w.probability), "fair_books": worth.map(|w| w.books),
            "expected_value": worth.map(|w| w.expected_value),
        }))?;
    } else {
        let worth = worth.map_or_else(
            || "no fair price is known of that moment, so what it was worth is not".to_owned(),
            |w| {
                format!(
                    "fair {:.1} % by {} shops then, EV {:+.1} %",
                    w.probability * 100.0,
                    w.books,
                    w.expected_value * 100.0
                )
            },
        );
        let known = if added.new { "" } else { " was there already" };
        data.line(&format!(
            "{}{known}  {}  {worth}",
            added.bet_id, added.event
        ))?;
    }
    data.finish()
}

pub(super) fn imported(told: &Imported, context: &Context) -> Result<(), CliError> {
    let mut data = context.output.data();
    if context.output.json {
        data.json(&json!({
            "type": "bets_imported", "new": told.new, "known": told.known, "with_fair": told.with_fair,
            "rejected": told.rejected, "dry_run": told.dry_run,
        }))?;
    } else if told.dry_run {
        data.line(&format!(
            "{} bets could be kept, {} rows are none; nothing was kept",
            told.new,
            told.rejected.len()
        ))?;
    } else {
        data.line(&format!(
            "{} bets kept ({} with what they were worth then), {} were there already, {} rows are none",
            told.new,
            told.with_fair,
            told.known,
            told.rejected.len()
        ))?;
    }
    data.finish()
}

#[derive(Serialize)]
struct BetRow<'a> {
    r#type: &'static str,
    open_because: Option<Open>,
    #[serde(flatten)]
    bet: &'a StoredBet,
}

pub(super) async fn list(connection: &mut PgConnection, context: &Context) -> Result<(), CliError> {
    let bets = store::mybets::list(connection).await.map_err(failed)?;
    if bets.is_empty() {
        context
            .output
            .say("no bet is kept; `linetape mybets add` keeps one, `mybets import` a file of them");
    }
    rows(connection, &bets, context).await
}

pub(super) async fn list_one(
    connection: &mut PgConnection,
    name: &str,
    context: &Context,
) -> Result<(), CliError> {
    let mut bets = store::mybets::list(connection).await.map_err(failed)?;
    bets.retain(|bet| bet.bet_id == name);
    rows(connection, &bets, context).await
}

async fn rows(
    connection: &mut PgConnection,
    bets: &[StoredBet],
    context: &Context,
) -> Result<(), CliError> {
    let mut data = Vec::new();
    for bet in bets {
        data.push((bet, why_open(connection, bet).await.map_err(failed)?));
    }
    let mut out = context.output.data();
    for (bet, open_because) in data {
        if context.output.json {
            out.json(&BetRow {
                r#type: "bet",
                open_because,
                bet,
            })?;
        } else {
            out.line(&sentence(bet, open_because))?;
        }
    }
    out.finish()
}

fn sentence(bet: &StoredBet, open: Option<Open>) -> String {
    let line = bet
        .line
        .map_or_else(String::new, |line| match bet.market.as_str() {
            "spread" => format!(" {line:+}"),
            _ => format!(" {line}"),
        });
    let team = bet.team_side.as_deref().unwrap_or_default();
    let end = match (&bet.outcome, bet.profit_loss) {
        (Some(outcome), Some(profit)) => format!("{outcome} {profit:+.2}"),
        _ => open.map_or_else(String::new, |open| open.why().to_owned()),
    };
    format!(
        "{}  {}  {:<32} {:<10} {team}{}{line} {} {} {:.2}  EV {} %  CLV {} %  {end}",
        bet.bet_id,
        bet.placed_at.format("%Y-%m-%d %H:%MZ"),
        clean(&bet.event_name, 60),
        bet.market,
        bet.side,
        bet.price,
        clean(&bet.book, 24),
        bet.stake,
        signed(bet.expected_value),
        signed(bet.clv),
    )
}

#[derive(Serialize)]
struct SumRow<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    sum: &'a Sum,
}

pub(super) fn report(
    bets: &[StoredBet],
    dimensions: &[By],
    context: &Context,
) -> Result<(), CliError> {
    let counted: Vec<Counted> = bets.iter().map(counted).collect();
    let mut data = context.output.data();
    for by in dimensions {
        if !context.output.json && *by != By::All && !counted.is_empty() {
            data.styled(&context.output.heading(&format!("by {}", by.as_str())))?;
        }
        for sum in sums(&counted, *by) {
            if context.output.json {
                data.json(&SumRow {
                    r#type: "bets_report",
                    sum: &sum,
                })?;
                continue;
            }
            let expected = sum.expected.zip(sum.made).map_or_else(
                || "expected -".to_owned(),
                |(expected, made)| {
                    format!(
                        "expected {expected:+.2}, made {made:+.2} of {}",
                        sum.with_fair
                    )
                },
            );
            data.line(&format!(
                "{:<14} {:>4} bets, {:>3} open  {}–{}–{}  staked {:>10.2}  {:>+10.2}  ROI {:>6} %  {expected}  CLV {} % of {}, {} % beat it",
                clean(&sum.value, 24),
                sum.bets,
                sum.open,
                sum.won,
                sum.lost,
                sum.pushed,
                sum.staked,
                sum.profit,
                signed(sum.roi),
                signed(sum.clv),
                sum.with_close,
                sum.beat_close.map_or_else(|| "-".to_owned(), |s| format!("{:.0}", s * 100.0)),
            ))?;
        }
    }
    data.finish()?;
    if bets.is_empty() {
        context
            .output
            .say("no bet is kept; `linetape mybets add` keeps one, `mybets import` a file of them");
    }
    Ok(())
}

fn counted(bet: &StoredBet) -> Counted {
    let outcome: Option<Outcome> = bet.outcome.as_deref().and_then(|o| o.parse().ok());
    Counted {
        book: bet.book.clone(),
        league: bet.league.clone(),
        market: bet.market.clone(),
        placed_at: bet.placed_at,
        stake: (bet.stake * 100.0).round() as i64,
        ended: outcome
            .zip(bet.profit_loss)
            .map(|(outcome, profit)| (outcome, (profit * 100.0).round() as i64)),
        expected_value: bet.expected_value,
        clv: bet.clv,
    }
}
