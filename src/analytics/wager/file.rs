//! Bets in a CSV file, row by row.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Ticket, Told, lower, short};
use crate::domain::clean::clean;

/// The columns of a file of bets, in any order. Those with a question mark may be missing or empty.
pub const HEADER: &str =
    "game,market,side,line?,price,stake,book,placed_at,period?,team?,pitchers?,note?";

/// A row of a file that is no bet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// Line of the file, from 1.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// A bet of a file: its line, the game as written, the ticket.
pub type Written = (u64, String, Ticket);

/// Read a file of bets: see [`HEADER`]. Rows that are none are told apart, and the rest goes on.
///
/// Fails where the header lacks a column that must be there, or names one that is not known.
pub fn read_file(bytes: &[u8]) -> Result<(Vec<Written>, Vec<Rejected>), String> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| "the file is not UTF-8; save it as UTF-8 CSV".to_owned())?;
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let columns = columns(reader.headers().map_err(|e| clean(&e.to_string(), 200))?)?;
    let (mut bets, mut rejected) = (Vec::new(), Vec::new());
    let mut record = csv::StringRecord::new();
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => {
                let reason = clean(&error.to_string(), 200);
                rejected.push(Rejected { line, reason });
                continue;
            }
        }
        // The reader counts empty lines before a row as the row's own.
        let line = record.position().map_or(line, |at| {
            let from = usize::try_from(at.byte()).unwrap_or(usize::MAX);
            let rest = text.as_bytes().get(from..).unwrap_or_default();
            let blank = rest.iter().take_while(|b| matches!(b, b'\n' | b'\r'));
            at.line() + blank.filter(|b| **b == b'\n').count() as u64
        });
        let field = |name: &str| {
            let at = columns.get(name).copied();
            at.and_then(|at| record.get(at)).unwrap_or_default()
        };
        let told = Told {
            market: field("market"),
            side: field("side"),
            line: field("line"),
            price: field("price"),
            stake: field("stake"),
            book: field("book"),
            placed_at: field("placed_at"),
            period: field("period"),
            team: field("team"),
            pitchers: field("pitchers"),
            note: field("note"),
        };
        let game = field("game");
        let read = if game.is_empty() {
            Err("game is empty; write its id, or source:id like an:257653".to_owned())
        } else if record.len() > columns.len() {
            Err("it has more fields than the header; put text with commas in quotes".to_owned())
        } else {
            told.read()
        };
        match read {
            Ok(ticket) => bets.push((line, clean(game, 60), ticket)),
            Err(reason) => rejected.push(Rejected { line, reason }),
        }
    }
    Ok((bets, rejected))
}

fn columns(header: &csv::StringRecord) -> Result<BTreeMap<String, usize>, String> {
    let mut columns = BTreeMap::new();
    let known: Vec<(&str, bool)> = HEADER
        .split(',')
        .map(|name| (name.trim_end_matches('?'), name.ends_with('?')))
        .collect();
    for (at, name) in header.iter().enumerate() {
        let plain = lower(name);
        if !known.iter().any(|(known, _)| *known == plain) {
            return Err(format!(
                "column {:?} is not known; the header is {HEADER}",
                short(name)
            ));
        }
        if columns.insert(plain, at).is_some() {
            return Err(format!(
                "column {:?} is there twice; the header is {HEADER}",
                short(name)
            ));
        }
    }
    let missing: Vec<&str> = known
        .iter()
        .filter(|(name, optional)| !optional && !columns.contains_key(*name))
        .map(|(name, _)| *name)
        .collect();
    if missing.is_empty() {
        Ok(columns)
    } else {
        Err(format!(
            "the header lacks {}; it is {HEADER}",
            missing.join(", ")
        ))
    }
}
