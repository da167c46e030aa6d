//! `linetape export lines|games|splits|summary --format csv|ndjson`.

use std::fs::File;
use std::io::{BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use clap::ValueEnum;
use futures_util::TryStreamExt as _;
use serde_json::{Map, Value};

use super::arguments::{self, GameName};
use super::context::Context;
use super::error::{CliError, Exit};
use super::json;
use super::open::{self, Opened, failed};
use crate::domain::clean::clean;
use crate::domain::league::League;
use crate::store::as_of::AsOf;
use crate::store::export::{self, Column, Filter, Kind, Subject};

/// How often progress is told.
const EVERY: Duration = Duration::from_secs(2);

/// Arguments.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// What to write
    pub subject: What,
    /// How
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    pub format: Format,
    /// Where, instead of standard output; the file appears when it is whole
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Only this league
    #[arg(long)]
    pub league: Option<League>,
    /// Only this game: its id, or source:id (an:257653)
    #[arg(long)]
    pub game: Option<GameName>,
    /// From this market time (games: start) on, RFC 3339 or epoch seconds
    #[arg(long, value_parser = arguments::instant)]
    pub since: Option<DateTime<Utc>>,
    /// Up to this market time (games: start)
    #[arg(long, value_parser = arguments::instant)]
    pub until: Option<DateTime<Utc>>,
    /// What was in force at this past market time, in place of every change
    #[arg(long, value_parser = arguments::instant)]
    pub as_of: Option<DateTime<Utc>>,
    /// With --as-of: only what had been received by then
    #[arg(long, requires = "as_of", value_parser = arguments::instant)]
    pub known_at: Option<DateTime<Utc>>,
    /// From the demo's database
    #[arg(long)]
    pub demo: bool,
}

/// What can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Every change of every series
    Lines,
    /// Games
    Games,
    /// Tickets and money
    Splits,
    /// Opening, closing, extremes and counts of every series
    Summary,
}

/// File format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Comma-separated with a heading; text that a spreadsheet would run as a formula gets an apostrophe in front
    Csv,
    /// One JSON object a line
    Ndjson,
}

impl From<What> for Subject {
    fn from(what: What) -> Self {
        match what {
            What::Lines => Self::Lines,
            What::Games => Self::Games,
            What::Splits => Self::Splits,
            What::Summary => Self::Summary,
        }
    }
}

/// Write the rows as they come; a file gets its name when it is whole.
pub async fn run(args: Args, context: &Context) -> Result<(), CliError> {
    let opened = open::database(context, args.demo, false).await?;
    let done = write(&args, context, &opened).await;
    opened.leave().await;
    done
}

async fn write(args: &Args, context: &Context, opened: &Opened) -> Result<(), CliError> {
    let Some(path) = &args.out else {
        let mut data = context.output.data();
        let count = copy(args, context, opened, &mut data).await?;
        told(context, count, None);
        return data.finish();
    };
    let part = path.with_added_extension("part");
    let io = |error: std::io::Error| {
        let message = format!("{} cannot be written: {error}", part.display());
        CliError::new(Exit::Io, message)
    };
    let mut file = BufWriter::new(File::create(&part).map_err(io)?);
    let copied = copy(args, context, opened, &mut file).await;
    let count = match copied {
        Ok(count) => count,
        Err(error) => {
            let _ = std::fs::remove_file(&part);
            return Err(error);
        }
    };
    let file = file.into_inner().map_err(|e| io(e.into_error()))?;
    file.sync_all().map_err(io)?;
    std::fs::rename(&part, path).map_err(io)?;
    told(context, count, Some(path));
    Ok(())
}

fn told(context: &Context, count: u64, path: Option<&Path>) {
    let place = path.map_or_else(String::new, |path| format!(" in {}", path.display()));
    context.output.say(&format!("{count} rows{place}"));
}

async fn copy(
    args: &Args,
    context: &Context,
    opened: &Opened,
    out: &mut impl Write,
) -> Result<u64, CliError> {
    let game = match &args.game {
        Some(name) => Some(opened.game(name).await?),
        None => None,
    };
    let filter = Filter {
        league: args.league,
        game,
        since: args.since,
        until: args.until,
        as_of: args.as_of.map(|at| AsOf {
            at,
            known_at: args.known_at,
        }),
    };
    let subject = Subject::from(args.subject);
    if filter.as_of.is_some() && !subject.has_past() {
        let message =
            "a summary is of everything up to now; export lines, games or splits with --as-of";
        return Err(CliError::new(Exit::Usage, message));
    }
    let columns = subject.columns();
    let mut connection = opened.pool.acquire().await.map_err(failed)?;
    let mut rows = std::pin::pin!(export::rows(&mut connection, subject, &filter));
    let mut sheet = Sheet {
        format: args.format,
        columns,
        out,
    };
    sheet.heading()?;
    let tells = std::io::stderr().is_terminal();
    let (mut count, mut told) = (0_u64, Instant::now());
    while let Some(cells) = rows.try_next().await.map_err(failed)? {
        sheet.row(&cells)?;
        count += 1;
        if tells && count.is_multiple_of(1_000) && told.elapsed() >= EVERY {
            told = Instant::now();
            context.output.say(&format!("{count} rows so far"));
        }
    }
    sheet
        .out
        .flush()
        .map_err(|error| CliError::stdout(&error))?;
    Ok(count)
}

/// Rows in one of the formats.
struct Sheet<'a, W> {
    format: Format,
    columns: &'static [Column],
    out: &'a mut W,
}

impl<W: Write> Sheet<'_, W> {
    fn heading(&mut self) -> Result<(), CliError> {
        match self.format {
            Format::Csv => {
                let names = self.columns.iter().map(|c| c.name.to_owned()).collect();
                self.csv(names)
            }
            Format::Ndjson => Ok(()),
        }
    }

    fn row(&mut self, cells: &[Option<String>]) -> Result<(), CliError> {
        let cells = self.columns.iter().zip(cells);
        match self.format {
            Format::Csv => {
                let cells = cells.map(|(column, cell)| csv_cell(column.kind, cell.as_deref()));
                self.csv(cells.collect())
            }
            Format::Ndjson => {
                let object: Map<String, Value> = cells
                    .map(|(column, cell)| {
                        (
                            column.name.to_owned(),
                            json_cell(column.kind, cell.as_deref()),
                        )
                    })
                    .collect();
                json::line(self.out, &object).map_err(|error| CliError::stdout(&error))
            }
        }
    }

    /// RFC 4180: a cell with a comma, a quote or a line break stands in quotes.
    fn csv(&mut self, cells: Vec<String>) -> Result<(), CliError> {
        let mut line = String::new();
        for (index, cell) in cells.into_iter().enumerate() {
            if index > 0 {
                line.push(',');
            }
            if cell.contains([',', '"']) {
                line.push('"');
                line.push_str(&cell.replace('"', "\"\""));
                line.push('"');
            } else {
                line.push_str(&cell);
            }
        }
        line.push_str("\r\n");
        self.out
            .write_all(line.as_bytes())
            .map_err(|error| CliError::stdout(&error))
    }
}

/// A cell's text: cleaned, and never a formula. What begins with `=`, `+`, `-`, `@`, or a space before one of them is run
/// by spreadsheets, unless it is a number of ours.
fn csv_cell(kind: Kind, cell: Option<&str>) -> String {
    let Some(cell) = cell else {
        return String::new();
    };
    if kind != Kind::Text {
        return cell.to_owned();
    }
    let cell = clean(cell, usize::MAX);
    if cell.trim_start().starts_with(['=', '+', '-', '@']) {
        format!("'{cell}")
    } else {
        cell
    }
}

fn json_cell(kind: Kind, cell: Option<&str>) -> Value {
    match (kind, cell) {
        (_, None) => Value::Null,
        (Kind::Number, Some(text)) => text.parse().map_or(Value::Null, Value::Number),
        (Kind::Bool, Some(text)) => Value::Bool(text == "true"),
        (Kind::Text | Kind::Time, Some(text)) => Value::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let cell = |text| csv_cell(Kind::Text, Some(text));
        for hostile in ["=1+1", "+cmd", "-2+3", "@sum(a1)", "\t=1", " =1"] {
            assert!(cell(hostile).starts_with('\''), "{hostile:?}");
        }
        assert_eq!(cell("draft\u{1b}[31mkings"), "draft[31mkings");
        assert_eq!(csv_cell(Kind::Number, Some("-146")), "-146");
        assert_eq!(csv_cell(Kind::Text, None), "");
    }

    #[test]
    fn cells_with_commas_and_quotes_stand_in_quotes() {
        let mut out = Vec::new();
        let mut sheet = Sheet {
            format: Format::Csv,
            columns: Subject::Games.columns(),
            out: &mut out,
        };
        sheet
            .csv(vec!["a,b".into(), "say \"hi\"".into(), "c".into()])
            .unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\"a,b\",\"say \"\"hi\"\"\",c\r\n"
        );
    }

    #[test]
    fn numbers_are_numbers_in_json() {
        let number = json_cell(Kind::Number, Some("-1.50"));
        assert_eq!(number.as_f64(), Some(-1.5));
        assert_eq!(json_cell(Kind::Bool, Some("true")), Value::Bool(true));
        assert_eq!(json_cell(Kind::Text, None), Value::Null);
    }
}
