//! `linetape calc …`: the arithmetic of betting on the command line. Needs neither settings nor a database.
//!
//! Odds are American with a sign or from 100 up, decimal with a point, a fraction with a slash. What is none is refused with
//! exit 2.

mod answer;
mod books;
mod game;
mod odds;
mod read;
mod value;

use clap::Subcommand;

use super::error::{CliError, Exit};
use super::output::Output;
use answer::Answer;

/// Arguments.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// What to work out
    #[command(subcommand)]
    pub what: What,
}

/// What to work out.
#[derive(Debug, Clone, Subcommand)]
#[command(
    after_help = "Odds: -110, +120, 120 and EVEN are American, 1.91 is decimal, 10/11 a fraction. Negative numbers need no --."
)]
pub enum What {
    /// Odds in every format
    Convert(odds::Convert),
    /// Fair probabilities: the odds of a market without the margin
    Devig(odds::Devig),
    /// Overround, margin and hold of a market
    Hold(odds::Hold),
    /// Expected value of a bet
    Ev(value::Ev),
    /// How much to stake
    Kelly(value::Kelly),
    /// A bet against the closing line
    Clv(value::Clv),
    /// Whether several books' odds pay whatever happens
    Arb(books::Arb),
    /// Two bets of which both may win
    Middle(books::Middle),
    /// What several books think together
    Consensus(books::Consensus),
    /// How a bet ends: win, `half_win`, push, `half_lose`, lose, `no_action`
    Settle(game::Settle),
    /// Expected result and new ratings of a game
    Elo(game::Elo),
    /// Share of games won, from points scored and allowed
    Pythagorean(game::Pythagorean),
    /// Chance of one team against another, from the share of games that each wins
    Log5(game::Log5),
    /// Spread and moneyline, one from the other
    ProbSpread(game::ProbSpread),
}

/// Work it out and print it. Input without an answer is refused with exit 2.
pub fn run(args: &Args, output: &Output) -> Result<(), CliError> {
    let answers = match &args.what {
        What::Devig(args) => return odds::devig(args, output),
        What::Convert(args) => odds::convert(args),
        What::Hold(args) => odds::hold(args),
        What::Ev(args) => value::ev(args),
        What::Kelly(args) => value::kelly(args),
        What::Clv(args) => value::clv(args),
        What::Arb(args) => books::arb(args),
        What::Middle(args) => books::middle(args),
        What::Consensus(args) => books::consensus(args),
        What::Settle(args) => game::settle(args),
        What::Elo(args) => game::elo(args),
        What::Pythagorean(args) => game::pythagorean(args),
        What::Log5(args) => game::log5(args),
        What::ProbSpread(args) => game::prob_spread(args),
    }?;
    answers.print(output)
}

/// A refusal: exit 2 and its sentence.
#[expect(
    clippy::needless_pass_by_value,
    reason = "errors are handed over by map_err"
)]
fn refused(error: impl ToString) -> CliError {
    CliError::new(Exit::Usage, error.to_string())
}

/// What a subcommand gives.
type Answered = Result<Answer, CliError>;
