//! `calc ev`, `calc kelly` and `calc clv`.

use super::answer::{Answer, list, percent};
use super::{Answered, read, refused};
use crate::analytics::devig::Method;
use crate::analytics::ev::{Chances, expected_value};
use crate::analytics::price::Price;
use crate::analytics::refusal::Refusal;
use crate::analytics::spread::Margins;
use crate::analytics::{clv as closing, kelly as bankroll};
use crate::domain::league::League;

/// Arguments of `ev`.
#[derive(Debug, Clone, clap::Args)]
pub struct Ev {
    /// The odds
    #[arg(long, allow_hyphen_values = true)]
    odds: Price,
    /// Probability of a win, in 0 to 1
    #[arg(long, value_parser = read::number, allow_negative_numbers = true)]
    p: f64,
    /// Probability that the stake comes back
    #[arg(long, default_value = "0", value_parser = read::number, allow_negative_numbers = true)]
    push: f64,
}

/// Expected profit on 1 staked.
pub(super) fn ev(args: &Ev) -> Answered {
    let chances = Chances::new(args.p, args.push).map_err(refused)?;
    let ev = expected_value(args.odds.decimal(), &chances).map_err(refused)?;
    Ok(Answer::new("ev").share("ev", ev))
}

/// Arguments of `kelly`.
#[derive(Debug, Clone, clap::Args)]
pub struct Kelly {
    /// The odds; several for outcomes of which one at most comes true
    #[arg(long, required = true, allow_hyphen_values = true)]
    odds: Vec<Price>,
    /// Probability of a win, in 0 to 1; as many as odds
    #[arg(long, required = true, value_parser = read::number, allow_negative_numbers = true)]
    p: Vec<f64>,
    /// Probability that the stake comes back
    #[arg(long, default_value = "0", value_parser = read::number, allow_negative_numbers = true)]
    push: f64,
    /// Share of full Kelly: 0.25 is a quarter
    #[arg(long, default_value = "1", value_parser = read::number, allow_negative_numbers = true)]
    fraction: f64,
    /// Most of the bankroll to stake on several outcomes together
    #[arg(long, default_value = "1", value_parser = read::number, allow_negative_numbers = true)]
    most: f64,
}

/// The stake, and how the bankroll grows.
pub(super) fn kelly(args: &Kelly) -> Answered {
    if let ([odds], [p]) = (args.odds.as_slice(), args.p.as_slice()) {
        let chances = Chances::new(*p, args.push).map_err(refused)?;
        let found = bankroll::stake(odds.decimal(), &chances, args.fraction).map_err(refused)?;
        return Ok(Answer::new("kelly")
            .share("fraction", found.fraction)
            .number("growth", found.growth));
    }
    if args.push > 0.0 || args.fraction < 1.0 {
        return Err(refused(
            "--push and --fraction are for one bet; of several outcomes give --odds, --p and --most",
        ));
    }
    let decimals: Vec<f64> = args.odds.iter().map(|odds| odds.decimal()).collect();
    let found = bankroll::exclusive(&decimals, &args.p, args.most).map_err(refused)?;
    let shown = list(&found.stakes, percent);
    Ok(Answer::new("kelly")
        .with("stakes", found.stakes, shown)
        .number("growth", found.growth))
}

/// Arguments of `clv`.
#[derive(Debug, Clone, clap::Args)]
pub struct Clv {
    /// The odds that were bet
    #[arg(long, allow_hyphen_values = true)]
    bet: Price,
    /// The closing odds of the same side
    #[arg(long, allow_hyphen_values = true)]
    close: Price,
    /// The closing odds of the other side; again for each further outcome
    #[arg(long, allow_hyphen_values = true)]
    other: Vec<Price>,
    /// How the margin is taken out of the close
    #[arg(long, default_value = "multiplicative", value_parser = Method::named)]
    method: Method,
    /// The spread that was bet, when it closed at another
    #[arg(long, value_parser = read::line, allow_hyphen_values = true, requires = "close_line")]
    bet_line: Option<f64>,
    /// The closing spread
    #[arg(long, value_parser = read::line, allow_hyphen_values = true, requires = "bet_line")]
    close_line: Option<f64>,
    /// League of the spread: nfl, nba, ncaaf, ncaab
    #[arg(long, default_value = "nfl")]
    league: League,
}

/// The bet against the close, by four measures.
pub(super) fn clv(args: &Clv) -> Answered {
    let (bet, close) = (args.bet.decimal(), args.close.decimal());
    let others: Vec<f64> = args.other.iter().map(|odds| odds.decimal()).collect();
    let found = match args.bet_line.zip(args.close_line) {
        None => closing::measure(bet, close, &others, args.method),
        Some((from, to)) => {
            let margins = margins(args.league).map_err(refused)?;
            let (bet, close) = ((bet, from), (close, to));
            closing::measure_spread(bet, close, &others, args.method, &margins)
        }
    }
    .map_err(refused)?;
    let cents = found
        .cents
        .map_or_else(|| "–".to_owned(), |cents| cents.to_string());
    let mut answer = Answer::new("clv")
        .with("cents", found.cents, cents)
        .share("points", found.points)
        .share("relative", found.relative)
        .share_if("ev", found.ev);
    if found.ev.is_some() {
        answer = answer.word("method", args.method.as_str());
    }
    Ok(answer)
}

/// The better model of a league's margins.
pub(super) fn margins(league: League) -> Result<Margins, Refusal> {
    if league == League::Nfl {
        return Ok(Margins::nfl());
    }
    Margins::normal(league).ok_or(Refusal::Shape(
        "spreads are told as chances for nfl, nba, ncaaf and ncaab only; give one of these leagues, or --sigma",
    ))
}
