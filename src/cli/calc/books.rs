//! `calc arb`, `calc middle` and `calc consensus`.

use std::str::FromStr;

use super::answer::{Answer, list, percent, plain};
use super::{Answered, read, refused};
use crate::analytics::arbitrage;
use crate::analytics::consensus::{self as common, Opinion, Rules};
use crate::analytics::devig::{self, Method};
use crate::analytics::middle::{self as two, Leg};
use crate::analytics::price::Price;
use crate::domain::market::Line;

/// Arguments of `arb`.
#[derive(Debug, Clone, clap::Args)]
pub struct Arb {
    /// One book's odds of every outcome, with commas between, - where it has none; again for each book
    #[arg(
        long,
        required = true,
        allow_hyphen_values = true,
        value_name = "O,O[,O]"
    )]
    book: Vec<Row>,
}

/// A book's odds.
#[derive(Debug, Clone)]
struct Row(Vec<Option<Price>>);

impl FromStr for Row {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let one = |part: &str| match part.trim() {
            "" | "-" => Ok(None),
            odds => odds
                .parse()
                .map(Some)
                .map_err(|error: crate::analytics::price::PriceError| error.to_string()),
        };
        text.split(',').map(one).collect::<Result<_, _>>().map(Self)
    }
}

/// The best odds of each outcome, and the stakes where they are an arbitrage.
pub(super) fn arb(args: &Arb) -> Answered {
    let decimals = |row: &Row| row.0.iter().map(|odds| odds.map(Price::decimal)).collect();
    let books: Vec<Vec<Option<f64>>> = args.book.iter().map(decimals).collect();
    let found = arbitrage::find(&books).map_err(refused)?;
    let (exists, shown) = (found.exists(), list(&found.stakes, percent));
    let (odds, hold) = (list(&found.best, plain), 1.0 - 1.0 / found.book);
    let named: Vec<f64> = found.books.iter().map(|book| (book + 1) as f64).collect();
    Ok(Answer::new("arb")
        .with("arb", exists, if exists { "yes" } else { "no" })
        .share("return", found.guaranteed)
        .with("stakes", found.stakes, shown)
        .with(
            "books",
            found.books,
            format!("number {}", list(&named, plain)),
        )
        .with("odds", found.best, odds)
        .share("hold", hold))
}

/// Arguments of `middle`.
#[derive(Debug, Clone, clap::Args)]
pub struct Middle {
    /// A bet as LINE@ODDS, twice: -2.5@-110 and +3.5@-120 on opposing teams, or o50@-110 and u51@+100
    #[arg(
        long,
        required = true,
        num_args = 1,
        allow_hyphen_values = true,
        value_name = "LINE@ODDS"
    )]
    leg: Vec<Side>,
    /// What is staked on each, with a comma between
    #[arg(long, default_value = "100,100", value_name = "S,S")]
    stakes: String,
    /// A result and its probability, like 3=0.1; again for each, adding up to 1
    #[arg(long = "p", allow_hyphen_values = true, value_name = "RESULT=P")]
    chances: Vec<String>,
}

/// One bet of a middle.
#[derive(Debug, Clone, Copy)]
struct Side {
    kind: Kind,
    line: f64,
    odds: Price,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Spread,
    Over,
    Under,
}

impl FromStr for Side {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (line, odds) = read::pair(text, '@')
            .ok_or("a bet is a line and its odds; write -2.5@-110, o50@-110 or u51@+100")?;
        let (kind, number) = match line.to_ascii_lowercase().chars().next() {
            Some('o') => (
                Kind::Over,
                line.trim_start_matches(|c: char| c.is_alphabetic()),
            ),
            Some('u') => (
                Kind::Under,
                line.trim_start_matches(|c: char| c.is_alphabetic()),
            ),
            _ => (Kind::Spread, line),
        };
        Ok(Self {
            kind,
            line: read::line(number)?,
            odds: odds
                .parse()
                .map_err(|error: crate::analytics::price::PriceError| error.to_string())?,
        })
    }
}

/// What both bets pay together.
pub(super) fn middle(args: &Middle) -> Answered {
    let &[first, second] = args.leg.as_slice() else {
        return Err(refused("a middle is two bets; give --leg twice"));
    };
    let stakes: Result<Vec<f64>, String> = args.stakes.split(',').map(read::number).collect();
    let stakes = stakes.map_err(refused)?;
    let &[on_first, on_second] = stakes.as_slice() else {
        return Err(refused("two bets have two stakes; write --stakes 110,120"));
    };
    let leg = |side: Side, stake: f64| Leg {
        number: side.line,
        decimal: side.odds.decimal(),
        stake,
    };
    let (a, b) = (leg(first, on_first), leg(second, on_second));
    let found = match (first.kind, second.kind) {
        (Kind::Spread, Kind::Spread) => two::Middle::spreads(a, b),
        (Kind::Over, Kind::Under) => two::Middle::new(a, b),
        (Kind::Under, Kind::Over) => two::Middle::new(b, a),
        _ => {
            return Err(refused(
                "a middle is two spreads on opposing teams, or an over and an under; give --leg -2.5@-110 --leg +3.5@-120",
            ));
        }
    }
    .map_err(refused)?;
    let chances: Result<Vec<(f64, f64)>, String> = args
        .chances
        .iter()
        .map(|text| {
            let (result, p) =
                read::pair(text, '=').ok_or("write a result and its probability, like 3=0.1")?;
            Ok((read::number(result)?, read::number(p)?))
        })
        .collect();
    let chances = chances.map_err(refused)?;
    let ev = if chances.is_empty() {
        None
    } else {
        Some(found.expected(&chances).map_err(refused)?)
    };
    let (window, pushes) = (
        found.window().map(|(low, high)| vec![low, high]),
        found.pushes(),
    );
    let dash = || "–".to_owned();
    let shown = window
        .as_deref()
        .map_or_else(dash, |ends| list(ends, plain));
    let on = if pushes.is_empty() {
        dash()
    } else {
        list(&pushes, plain)
    };
    Ok(Answer::new("middle")
        .with(
            "middle",
            window.is_some(),
            if window.is_some() { "yes" } else { "no" },
        )
        .with("window", window, shown)
        .with("pushes", pushes, on)
        .number("hit", found.hit())
        .number("above", found.above())
        .number("below", found.below())
        .share("break_even", found.break_even())
        .with("ev", ev, ev.map_or_else(dash, plain)))
}

/// Arguments of `consensus`.
#[derive(Debug, Clone, clap::Args)]
pub struct Consensus {
    /// A book's fair probability, or its odds of both sides, with its line if it has one: circa=0.52, circa=-110,-110@-3
    #[arg(required = true, value_name = "BOOK=P[@LINE]")]
    opinions: Vec<Said>,
    /// A book's weight: pinnacle=75; books without one count nothing then
    #[arg(long, value_name = "BOOK=W")]
    weight: Vec<String>,
    /// Fewest books at the common number
    #[arg(long, default_value_t = 2)]
    providers: usize,
    /// A book that must be among them
    #[arg(long)]
    mandatory: Option<String>,
    /// How the margin is taken out of odds
    #[arg(long, default_value = "multiplicative", value_parser = Method::named)]
    method: Method,
}

/// What a book says.
#[derive(Debug, Clone)]
struct Said {
    book: String,
    fair: Fair,
    line: Option<Line>,
}

#[derive(Debug, Clone, Copy)]
enum Fair {
    Probability(f64),
    Odds(Price, Price),
}

impl FromStr for Said {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = "a book says a probability or the odds of both sides; write circa=0.52 or circa=-110,-110@-3";
        let (book, said) = text.split_once('=').ok_or(wrong)?;
        let (said, line) = match said.split_once('@') {
            Some((said, line)) => (said, Line::from_points(read::line(line)?)),
            None => (said, None),
        };
        let fair = match said.split_once(',') {
            Some((side, other)) => {
                let odds = |text: &str| text.parse::<Price>().map_err(|error| error.to_string());
                Fair::Odds(odds(side)?, odds(other)?)
            }
            None => Fair::Probability(read::number(said)?),
        };
        if book.trim().is_empty() {
            return Err(wrong.into());
        }
        Ok(Self {
            book: book.trim().to_owned(),
            fair,
            line,
        })
    }
}

/// The books' median and weighted mean.
pub(super) fn consensus(args: &Consensus) -> Answered {
    let mut rules = Rules {
        providers: args.providers,
        mandatory: args.mandatory.clone(),
        ..Rules::default()
    };
    for text in &args.weight {
        let (book, weight) = read::pair(text, '=')
            .ok_or_else(|| refused("a weight is of a book; write --weight pinnacle=75"))?;
        rules
            .weights
            .insert(book.to_owned(), read::number(weight).map_err(refused)?);
    }
    let mut opinions = Vec::new();
    for said in &args.opinions {
        let fair = match said.fair {
            Fair::Probability(p) => p,
            Fair::Odds(side, other) => {
                let fair = devig::two_way(args.method, side.probability(), other.probability());
                let [fair, _] = fair.map_err(refused)?;
                fair
            }
        };
        opinions.push(Opinion {
            book: &said.book,
            line: said.line,
            fair,
        });
    }
    let found = common::consensus(&opinions, &rules).map_err(refused)?;
    let line = found.line.map(Line::points);
    Ok(Answer::new("consensus")
        .with("line", line, line.map_or_else(|| "–".to_owned(), plain))
        .with("providers", found.providers, found.providers.to_string())
        .share("median", found.median)
        .share("weighted", found.weighted))
}
