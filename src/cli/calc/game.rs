//! `calc settle`, `calc elo`, `calc pythagorean`, `calc log5` and `calc prob-spread`.

use super::answer::{Answer, american, plain};
use super::value::margins;
use super::{Answered, read, refused};
use crate::analytics::elo::{Elo as Constants, Ratings};
use crate::analytics::price::{Price, rounded_american};
use crate::analytics::pythagorean as record;
use crate::analytics::settlement::{
    self, Bet, Conditions, Innings, Pitchers, Score, settle_baseball,
};
use crate::analytics::spread::Margins;
use crate::domain::league::League;
use crate::domain::market::{Line, Market, Side};

/// Arguments of `settle`.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
#[derive(Debug, Clone, clap::Args)]
pub struct Settle {
    /// moneyline, spread (`run_line`, `asian_handicap`), total or `team_total`
    #[arg(long, value_parser = read::market)]
    market: Market,
    /// The line with the bettor's sign; quarters settle by halves
    #[arg(long, value_parser = read::line, allow_hyphen_values = true)]
    line: Option<f64>,
    /// home, away, draw, over or under
    #[arg(long)]
    side: Side,
    /// The score, the home team's first: 5-2
    #[arg(long, value_parser = read::score)]
    score: Score,
    /// The team of a team total: home or away
    #[arg(long)]
    team: Option<Side>,
    /// A draw is a bet of its own, so that it beats both teams
    #[arg(long)]
    three_way: bool,
    /// Innings completed of a shortened baseball game: 4.5 when the home team did not bat in the fifth
    #[arg(long, value_parser = read::number)]
    innings: Option<f64>,
    /// Innings the game was to have
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u16).range(5..=9))]
    scheduled: u16,
    /// What was agreed on starting pitchers: action or listed
    #[arg(long, default_value = "action", value_parser = pitchers)]
    pitchers: Pitchers,
    /// Another pitcher started than was named
    #[arg(long)]
    pitcher_changed: bool,
    /// Not played on its day
    #[arg(long)]
    postponed: bool,
    /// A shortened game's total counts when it is decided already, as at some books
    #[arg(long)]
    decided_counts: bool,
    /// The odds, to tell what 1 staked returns
    #[arg(long, allow_hyphen_values = true)]
    odds: Option<Price>,
}

fn pitchers(text: &str) -> Result<Pitchers, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "action" => Ok(Pitchers::Action),
        "listed" => Ok(Pitchers::Listed),
        _ => Err("write action or listed".into()),
    }
}

/// How the bet ends.
pub(super) fn settle(args: &Settle) -> Answered {
    let innings = match args.innings {
        None => None,
        Some(innings) if (0.0..=40.0).contains(&innings) && (2.0 * innings).fract() == 0.0 => {
            Some(Innings {
                halves: (2.0 * innings) as u16,
                scheduled: args.scheduled,
            })
        }
        Some(_) => return Err(refused("innings come in halves; write --innings 4.5")),
    };
    let bet = Bet {
        market: args.market.clone(),
        side: args.side,
        line: args.line.and_then(Line::from_points),
        team: args.team,
        three_way: args.three_way,
    };
    let conditions = Conditions {
        innings,
        pitchers: args.pitchers,
        pitcher_changed: args.pitcher_changed,
        postponed: args.postponed,
        decided_counts: args.decided_counts,
    };
    let outcome: settlement::Outcome =
        settle_baseball(&bet, args.score, &conditions).map_err(refused)?;
    let answer = Answer::new("settle").with(
        "outcome",
        outcome.as_str(),
        outcome.as_str().replace('_', " "),
    );
    Ok(match args.odds {
        Some(odds) => answer.number("return", outcome.returned(odds.decimal())),
        None => answer,
    })
}

/// Arguments of `elo`.
#[derive(Debug, Clone, clap::Args)]
pub struct Elo {
    /// nfl, nba, mlb or nhl
    #[arg(long)]
    league: League,
    /// The home team's rating
    #[arg(long, value_parser = read::number, allow_negative_numbers = true)]
    home: f64,
    /// The away team's rating
    #[arg(long, value_parser = read::number, allow_negative_numbers = true)]
    away: f64,
    /// The score, the home team's first; without it ratings stay
    #[arg(long, value_parser = read::score)]
    score: Option<Score>,
    /// Nobody is at home
    #[arg(long)]
    neutral: bool,
}

/// Expected result, and the ratings after the game.
pub(super) fn elo(args: &Elo) -> Answered {
    let constants = Constants::of(args.league).ok_or_else(|| {
        refused(format!(
            "there are no Elo constants for {}; give nfl, nba, mlb or nhl",
            args.league
        ))
    })?;
    let before = Ratings {
        home: args.home,
        away: args.away,
    };
    let expected = constants.forecast(before, args.neutral).map_err(refused)?;
    let after = match args.score {
        Some(score) => constants
            .update(before, score.home, score.away, args.neutral)
            .map_err(refused)?,
        None => before,
    };
    Ok(Answer::new("elo")
        .share("expected", expected)
        .number("home_rating", after.home)
        .number("away_rating", after.away))
}

/// Arguments of `pythagorean`.
#[derive(Debug, Clone, clap::Args)]
pub struct Pythagorean {
    /// Points scored
    #[arg(long = "for", value_parser = read::number, allow_negative_numbers = true)]
    scored: f64,
    /// Points allowed
    #[arg(long, value_parser = read::number, allow_negative_numbers = true)]
    against: f64,
    /// The exponent
    #[arg(long, value_parser = read::number, allow_negative_numbers = true, required_unless_present = "league")]
    exponent: Option<f64>,
    /// A league instead: mlb 1.83, nfl 2.37, nba 13.91, nhl 2.1
    #[arg(long, conflicts_with = "exponent")]
    league: Option<League>,
}

/// Expected share of games won.
pub(super) fn pythagorean(args: &Pythagorean) -> Answered {
    let exponent = args.exponent.or_else(|| record::exponent(args.league?));
    let exponent = exponent.ok_or_else(|| {
        refused("there is no exponent for this league; give --exponent, or mlb, nfl, nba, nhl")
    })?;
    let share = record::win_share(args.scored, args.against, exponent).map_err(refused)?;
    Ok(Answer::new("pythagorean")
        .share("win_pct", share)
        .number("exponent", exponent))
}

/// Arguments of `log5`.
#[derive(Debug, Clone, clap::Args)]
pub struct Log5 {
    /// Share of games that the one team wins, in 0 to 1
    #[arg(value_parser = read::number)]
    team: f64,
    /// Share of games that its opponent wins
    #[arg(value_parser = read::number)]
    opponent: f64,
    /// Share of games that home teams win, when the first is at home: 0.54 in MLB
    #[arg(long, default_value = "0.5", value_parser = read::number)]
    home: f64,
}

/// Chance of the first against the second.
pub(super) fn log5(args: &Log5) -> Answered {
    let p = record::log5(args.team, args.opponent, args.home).map_err(refused)?;
    Ok(Answer::new("log5").share("p", p))
}

/// Arguments of `prob-spread`.
#[derive(Debug, Clone, clap::Args)]
pub struct ProbSpread {
    /// The spread at which both sides are equally likely, with the team's sign
    #[arg(long, value_parser = read::number, allow_negative_numbers = true, required_unless_present = "p")]
    spread: Option<f64>,
    /// Its chance to win the game instead, in 0 to 1
    #[arg(long, value_parser = read::number, allow_negative_numbers = true, conflicts_with = "spread")]
    p: Option<f64>,
    /// Another line to tell the chances at
    #[arg(long, value_parser = read::line, allow_hyphen_values = true)]
    line: Option<f64>,
    /// nfl, nba, ncaaf or ncaab
    #[arg(long, required_unless_present = "sigma")]
    league: Option<League>,
    /// Standard deviation of the margin instead of a league's, points
    #[arg(long, value_parser = read::number, allow_negative_numbers = true)]
    sigma: Option<f64>,
    /// normal, or margins: whole margins with the NFL's key numbers
    #[arg(long, default_value = "normal", value_parser = ["normal", "margins"])]
    model: String,
}

/// Chances of winning and covering.
pub(super) fn prob_spread(args: &ProbSpread) -> Answered {
    let margins = model(args)?;
    let (spread, p) = match (args.spread, args.p) {
        (Some(spread), _) => (spread, margins.win_probability(spread).map_err(refused)?),
        (None, p) => {
            let p = p.unwrap_or(f64::NAN);
            (margins.spread_for(p).map_err(refused)?, p)
        }
    };
    let fair = rounded_american(1.0 / p)
        .ok_or_else(|| refused("a chance so near to 0 or 1 has no price; give a smaller spread"))?;
    let mut answer = Answer::new("prob_spread")
        .word("model", &args.model)
        .number("spread", spread)
        .share("p_win", p)
        .with("american", fair, american(fair));
    if let Some(line) = args.line {
        let mean = match margins {
            Margins::Normal { .. } => -spread,
            Margins::Weighted { .. } => margins.mean_for(spread, 0.5).map_err(refused)?,
        };
        let chances = margins.chances(mean, line).map_err(refused)?;
        answer = answer
            .with("line", line, plain(line))
            .share("win", chances.win)
            .share("push", chances.push)
            .share("lose", chances.lose);
    }
    Ok(answer)
}

fn model(args: &ProbSpread) -> Result<Margins, crate::cli::error::CliError> {
    match (args.sigma, args.league) {
        (Some(sigma), _) if !(sigma > 0.0 && sigma.is_finite()) => Err(refused(
            "a standard deviation is above 0; give one like --sigma 13.86",
        )),
        (Some(sigma), _) if args.model == "normal" => Ok(Margins::Normal { sigma }),
        (None, Some(League::Nfl)) if args.model == "margins" => Ok(Margins::nfl()),
        _ if args.model == "margins" => Err(refused(
            "whole margins are known of the NFL only; give --league nfl, or leave --model out",
        )),
        (_, Some(league)) => match Margins::normal(league) {
            Some(normal) => Ok(normal),
            None => margins(league).map_err(refused),
        },
        (_, None) => Err(refused("give a league or --sigma")),
    }
}
