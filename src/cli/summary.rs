//! What a payload holds, for a person: counts, games, and what was not understood.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::feed::{Decoded, FeedGame};
use crate::domain::source::Stream;

/// Rejects listed; the rest is counted.
const REJECTS_SHOWN: usize = 20;

/// A payload in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Stream and counts.
    pub heading: String,
    /// Games, then rejects. May hold feed text: clean when printing.
    pub lines: Vec<String>,
}

#[derive(Default)]
struct Quoted<'a> {
    quotes: usize,
    splits: usize,
    books: BTreeSet<&'a str>,
    markets: BTreeMap<&'a str, usize>,
}

/// The summary of one decoded payload.
pub fn of(stream: Stream, decoded: &Decoded) -> Summary {
    let heading = format!(
        "{stream}: {} games, {} quotes, {} splits, {} results, {} books, {} rejects",
        decoded.games.len(),
        decoded.quotes.len(),
        decoded.splits.len(),
        decoded.results.len(),
        decoded.books.len(),
        decoded.rejects.len()
    );
    let heading = match (decoded.teams.len(), decoded.standings.len()) {
        (0, 0) => heading,
        (teams, standings) => format!("{heading}, {teams} teams, {standings} standings"),
    };
    let mut by_game: BTreeMap<&str, Quoted<'_>> = BTreeMap::new();
    for quote in &decoded.quotes {
        let game = quote.source_game_id.as_deref().unwrap_or("(no game)");
        let quoted = by_game.entry(game).or_default();
        quoted.quotes += 1;
        quoted.books.insert(&quote.source_book_id);
        *quoted.markets.entry(quote.market.as_str()).or_default() += 1;
    }
    for split in &decoded.splits {
        let game = split.source_game_id.as_deref().unwrap_or("(no game)");
        by_game.entry(game).or_default().splits += 1;
    }
    let mut lines = Vec::new();
    for game in &decoded.games {
        let quoted = by_game.remove(game.source_game_id.as_ref());
        lines.push(line(&matchup(game), &quoted.unwrap_or_default()));
    }
    for (id, quoted) in &by_game {
        lines.push(line(&format!("{id:<12}"), quoted));
    }
    for team in &decoded.teams {
        let short = team.abbreviation.as_deref().unwrap_or("-");
        let known = team.team.as_ref().map_or("not known", |team| team.as_str());
        lines.push(format!(
            "{:<12} {} {short:<4} {}: {known}",
            team.source_team_id, team.league, team.name
        ));
    }
    for standing in &decoded.standings {
        let count = |number: Option<i32>| number.map_or_else(|| "?".into(), |n| n.to_string());
        lines.push(format!(
            "{:<12} {} {} {}–{}, {} tied",
            standing.source_team_id,
            standing.league,
            standing.name,
            count(standing.wins),
            count(standing.losses),
            count(standing.ties)
        ));
    }
    for reject in decoded.rejects.iter().take(REJECTS_SHOWN) {
        lines.push(format!(
            "reject {}: {} — {}",
            reject.path, reject.reason, reject.value
        ));
    }
    if let Some(more) = decoded
        .rejects
        .len()
        .checked_sub(REJECTS_SHOWN)
        .filter(|n| *n > 0)
    {
        lines.push(format!("… and {more} more rejects; --json lists them all"));
    }
    Summary { heading, lines }
}

fn matchup(game: &FeedGame) -> String {
    let start = game.starts_at.map_or_else(
        || "no start".to_owned(),
        |start| start.format("%Y-%m-%d %H:%MZ").to_string(),
    );
    let status = game
        .status
        .map_or("status unknown", |status| status.as_str());
    format!(
        "{:<12} {} {start} {status:<9} {} @ {}",
        game.source_game_id, game.league, game.away, game.home
    )
}

fn line(game: &str, quoted: &Quoted<'_>) -> String {
    let markets: Vec<String> = quoted
        .markets
        .iter()
        .map(|(market, count)| format!("{market} {count}"))
        .collect();
    format!(
        "{game}: {} quotes from {} books ({}), {} splits",
        quoted.quotes,
        quoted.books.len(),
        markets.join(", "),
        quoted.splits
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::feed::Reject;

    #[test]
    fn rejects_are_listed_then_counted() {
        let reject = |n: usize| Reject {
            path: format!("/{n}"),
            reason: "no".into(),
            value: "x".into(),
            game: None,
        };
        let decoded = Decoded {
            rejects: (0..23).map(reject).collect(),
            ..Decoded::default()
        };
        let summary = of(Stream::AnBooks, &decoded);
        assert!(summary.heading.ends_with("0 books, 23 rejects"));
        assert_eq!(summary.lines.len(), REJECTS_SHOWN + 1);
        assert_eq!(
            summary.lines.last().map(String::as_str),
            Some("… and 3 more rejects; --json lists them all")
        );
    }
}
