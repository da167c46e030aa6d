//! `calc convert`, `calc devig` and `calc hold`.

use super::answer::{Answer, american, list, percent, plain};
use super::{Answered, read, refused};
use crate::analytics::devig::{self, DevigError, Method};
use crate::analytics::margin;
use crate::analytics::price::{Price, decimal_of_probability, rounded_american};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::table::{Align, Table};

/// Arguments of `convert`.
#[derive(Debug, Clone, clap::Args)]
pub struct Convert {
    /// The odds
    #[arg(allow_negative_numbers = true, required_unless_present = "probability")]
    odds: Option<Price>,
    /// A probability instead, in 0 to 1
    #[arg(long, value_parser = read::number, conflicts_with = "odds")]
    probability: Option<f64>,
}

/// Odds in every format.
pub(super) fn convert(args: &Convert) -> Answered {
    let formats = |odds: i64, decimal: f64, fractional: Option<String>, probability: f64| {
        Answer::new("convert")
            .with("american", odds, american(odds))
            .number("decimal", decimal)
            .with(
                "fractional",
                fractional.clone(),
                fractional.unwrap_or_else(|| "–".into()),
            )
            .share("probability", probability)
    };
    if let Some(price) = args.odds {
        let (profit, stake) = price.fraction();
        return Ok(formats(
            price.american(),
            price.decimal(),
            Some(format!("{profit}/{stake}")),
            price.probability(),
        ));
    }
    let p = args.probability.unwrap_or(f64::NAN);
    let found = decimal_of_probability(p).and_then(|d| Some((rounded_american(d)?, d)));
    let (odds, decimal) = found.ok_or_else(|| {
        refused("a probability has a price between 0 and 1 only; give one like 0.52")
    })?;
    Ok(formats(odds, decimal, None, p))
}

/// Arguments of `devig`.
#[derive(Debug, Clone, clap::Args)]
pub struct Devig {
    /// multiplicative, additive (wpo, `differential_margin`), power, shin, `odds_ratio` (logarithmic), `balanced_book`, goto,
    /// `jensen_shannon` (jsd), probit, `worst_case`, or all
    #[arg(long, default_value = "all", value_parser = chosen)]
    method: Chosen,
    /// The odds of every outcome of the market
    #[arg(required = true, allow_negative_numbers = true)]
    odds: Vec<Price>,
}

/// Which method, or several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chosen {
    One(Method),
    WorstCase,
    All,
}

fn chosen(text: &str) -> Result<Chosen, String> {
    match text.trim().to_ascii_lowercase().replace('-', "_").as_str() {
        "all" => Ok(Chosen::All),
        "worst_case" | "worst" => Ok(Chosen::WorstCase),
        _ => Method::named(text)
            .map(Chosen::One)
            .map_err(|error| format!("{error}worst_case all")),
    }
}

/// Fair probabilities; with `all` one answer a method, in JSON an array.
pub(super) fn devig(args: &Devig, output: &Output) -> Result<(), CliError> {
    let implied: Vec<f64> = args.odds.iter().map(|odds| odds.probability()).collect();
    let overround = margin::of(&implied).map_err(refused)?.overround;
    match args.method {
        Chosen::One(method) => {
            let solution = devig::solve(method, &implied).map_err(refused)?;
            solved(method, &solution).print(output)
        }
        Chosen::WorstCase => {
            let worst = devig::worst_case(&implied).map_err(refused)?;
            let flags = if overround < 1.0 {
                vec!["underround"]
            } else {
                Vec::new()
            };
            answer("worst_case", Some(worst), overround, None, &flags).print(output)
        }
        Chosen::All => all(&implied, overround, output),
    }
}

fn solved(method: Method, solution: &devig::Solution) -> Answer {
    let mut flags = Vec::new();
    if solution.underround() {
        flags.push("underround");
    }
    if solution.out_of_range().is_some() {
        flags.push("out_of_range");
    }
    let fair = Some(solution.probabilities.clone());
    answer(
        method.as_str(),
        fair,
        solution.overround,
        solution.parameter,
        &flags,
    )
}

fn answer(
    method: &str,
    fair: Option<Vec<f64>>,
    overround: f64,
    parameter: Option<f64>,
    flags: &[&str],
) -> Answer {
    let shown = fair
        .as_deref()
        .map_or_else(|| "–".to_owned(), |fair| list(fair, percent));
    let said = if flags.is_empty() {
        "–".to_owned()
    } else {
        flags.join(", ")
    };
    Answer::new("devig")
        .word("method", method)
        .with("probabilities", fair, shown)
        .number("overround", overround)
        .with(
            "parameter",
            parameter,
            parameter.map_or_else(|| "–".to_owned(), plain),
        )
        .with("flags", flags.to_vec(), said)
}

fn all(implied: &[f64], overround: f64, output: &Output) -> Result<(), CliError> {
    let found: Vec<(Method, Result<devig::Solution, DevigError>)> = Method::ALL
        .iter()
        .map(|method| (*method, devig::solve(*method, implied)))
        .collect();
    let mut data = output.data();
    if output.json {
        let of = |(method, found): &(Method, Result<devig::Solution, DevigError>)| match found {
            Ok(solution) => solved(*method, solution),
            Err(error) => answer(method.as_str(), None, overround, None, &[flag(error)]),
        };
        let answers: Vec<Answer> = found.iter().map(of).collect();
        data.json(&answers)?;
        return data.finish();
    }
    let mut columns = vec![("method", Align::Left)];
    columns.extend(implied.iter().map(|_| ("fair", Align::Right)));
    columns.push(("parameter", Align::Right));
    columns.push(("", Align::Left));
    let mut table = Table::new(&columns);
    let cells = |fair: &[f64]| {
        fair.iter()
            .map(|p| format!("{:.4} %", 100.0 * p))
            .collect::<Vec<_>>()
    };
    let dashes = || vec!["–".to_owned(); implied.len()];
    let mut row = |name: &str, cells: Vec<String>, parameter: String, flag: &str| {
        let ends = [parameter, flag.replace('_', " ")];
        table.row(
            std::iter::once(name.replace('_', " "))
                .chain(cells)
                .chain(ends),
        );
    };
    for (method, found) in &found {
        match found {
            Ok(solution) => {
                let out = solution.out_of_range().map_or("", |_| "out_of_range");
                let parameter = solution.parameter.map_or_else(String::new, plain);
                row(
                    method.as_str(),
                    cells(&solution.probabilities),
                    parameter,
                    out,
                );
            }
            Err(error) => row(method.as_str(), dashes(), String::new(), flag(error)),
        }
    }
    let worst = devig::worst_case(implied).map_err(refused)?;
    row("worst_case", cells(&worst), String::new(), "");
    table.print(output, &mut data)?;
    data.line(&format!("overround {}", plain(overround)))?;
    data.finish()
}

const fn flag(error: &DevigError) -> &'static str {
    match error {
        DevigError::Underround { .. } => "underround",
        DevigError::OutOfRange { .. } => "out_of_range",
        DevigError::Degenerate { .. } => "degenerate",
    }
}

/// Arguments of `hold`.
#[derive(Debug, Clone, clap::Args)]
pub struct Hold {
    /// The odds of every outcome of the market; of several books the best of each
    #[arg(required = true, allow_negative_numbers = true)]
    odds: Vec<Price>,
}

/// Overround, margin and hold.
pub(super) fn hold(args: &Hold) -> Answered {
    let implied: Vec<f64> = args.odds.iter().map(|odds| odds.probability()).collect();
    let found = margin::of(&implied).map_err(refused)?;
    Ok(Answer::new("hold")
        .number("overround", found.overround)
        .share("margin", found.margin)
        .share("hold", found.hold))
}
