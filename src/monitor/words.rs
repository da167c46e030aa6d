//! What happened, in words without signs: for logs, for screen readers, for pipes.

use crate::domain::market::{Market, QuoteStatus};
use crate::domain::series::Price;
use crate::engine::snapshot::{SignalView, TapeEntry};

/// `CHC at MIL moneyline MIL DK -120 to -125, dearer`.
pub fn moved(entry: &TapeEntry) -> String {
    let before = entry
        .before
        .as_ref()
        .map_or_else(|| "first price".to_owned(), |p| price(p, &entry.market));
    let way = match entry.drift {
        Some(drift) if drift > 0.0 => ", dearer",
        Some(drift) if drift < 0.0 => ", cheaper",
        _ => "",
    };
    format!(
        "{} {} {} {} {before} to {}{way}",
        entry.game.replace(" @ ", " at "),
        entry.market,
        entry.selection,
        entry.label,
        price(&entry.after, &entry.market),
    )
}

/// `steam CHC at MIL: 3 books in 40 s`, where the game is called `CHC @ MIL`.
pub fn signal(signal: &SignalView, game: &str) -> String {
    format!(
        "{} {}: {}",
        signal.kind.map_or("", |kind| kind.as_str()),
        game.replace(" @ ", " at "),
        signal.reason.replace('−', "-"),
    )
}

/// `-120`, `+1.5 at -110`, `suspended`.
pub fn price(price: &Price, market: &Market) -> String {
    match (price.status, price.odds) {
        (QuoteStatus::Suspended, _) => "suspended".to_owned(),
        (QuoteStatus::Off, _) | (_, None) => "off the board".to_owned(),
        (QuoteStatus::Open, Some(odds)) => {
            let american = odds.to_american();
            let sign = if american > 0 { "+" } else { "" };
            match price.line.filter(|_| market.has_line()) {
                Some(line) if *market == Market::Spread => {
                    format!("{:+} at {sign}{american}", line.points())
                }
                Some(line) => format!("{} at {sign}{american}", line.points()),
                None => format!("{sign}{american}"),
            }
        }
    }
}
