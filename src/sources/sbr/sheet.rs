//! A sheet as CSV, whose columns have other names in other years.

use csv::StringRecord;

use crate::domain::league::League;
use crate::sources::NotAResponse;

/// Most rows that are read; a season has some five thousand.
const MOST_ROWS: usize = 100_000;

/// How a sheet tells its prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// Two rows a game: moneylines, and lines with a price beside each.
    Priced,
    /// Two rows a game: spread and total exchange rows, and only the moneyline is a price.
    Points,
    /// One row a game.
    Normalised,
}

/// A sheet.
#[derive(Debug)]
pub(super) struct Sheet {
    /// How it tells its prices.
    pub(super) layout: Layout,
    columns: Vec<String>,
    rows: Vec<StringRecord>,
}

/// A row of a sheet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'r> {
    sheet: &'r Sheet,
    cells: &'r StringRecord,
    /// Its number, the header being 0.
    pub(super) number: usize,
}

impl Row<'_> {
    /// What stands in `column`; blank where there is no such column.
    pub(super) fn text(&self, column: &str) -> &str {
        let index = self.sheet.columns.iter().position(|name| name == column);
        index
            .and_then(|index| self.cells.get(index))
            .unwrap_or("")
            .trim()
    }

    /// Whether nothing stands in it.
    pub(super) fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }

    /// The row as it was.
    pub(super) fn shown(&self) -> String {
        self.cells.iter().take(40).collect::<Vec<_>>().join(",")
    }
}

/// Names of columns in letters and digits; the unnamed one to the right of a line holds its price.
fn columns(header: &StringRecord) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in header {
        let name: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let name = match (name.as_str(), names.last()) {
            // Readers of CSV name an unnamed column themselves.
            ("", Some(left)) => format!("{left}price"),
            (unnamed, Some(left)) if unnamed.starts_with("unnamed") => format!("{left}price"),
            ("runlineodds" | "rlodds", _) => "runlineprice".to_owned(),
            ("pucklineodds" | "plodds", _) => "pucklineprice".to_owned(),
            ("openouodds", _) => "openouprice".to_owned(),
            ("closeouodds", _) => "closeouprice".to_owned(),
            ("moneyline", _) => "ml".to_owned(),
            _ => name,
        };
        names.push(name);
    }
    names
}

fn layout(columns: &[String]) -> Option<Layout> {
    let has = |name: &str| columns.iter().any(|column| column == name);
    if ["gamedate", "visteam", "hometeam"].into_iter().all(has) {
        return Some(Layout::Normalised);
    }
    if !["date", "vh", "team", "final", "open", "close"]
        .into_iter()
        .all(has)
    {
        return None;
    }
    Some(if has("openou") || has("closeou") {
        Layout::Priced
    } else {
        Layout::Points
    })
}

fn header(text: &str) -> Option<Vec<String>> {
    let mut reader = reader(text);
    reader.headers().ok().map(columns)
}

fn reader(text: &str) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes())
}

/// Whether `text` is a sheet of the archive.
pub(super) fn is_one(text: &str) -> bool {
    header(text).as_deref().and_then(layout).is_some()
}

/// Why `text` is no sheet that is read.
pub(super) fn refusal(text: &str) -> String {
    let columns = header(text).unwrap_or_default();
    let has = |name: &str| columns.iter().any(|column| column == name);
    if has("eventid") && has("snapshotutc") {
        "these are snapshots of The Odds API as CSV; feed them with --source odds_api".into()
    } else if has("marketid") && has("homemoneyline") {
        "these are rows that somebody made of Action Network's scoreboard: their times are of a clock without a zone, so no price can be placed; nothing is read from them".into()
    } else if has("opensourcebookid") || has("openinferred") {
        "these are closes that somebody made of Action Network's markets: their only time is that of the making, so no price can be placed; nothing is read from them".into()
    } else if has("homespreadlastsource") || has("homespreadlastprice") {
        "this table mixes several feeds' lines in one column, so that a change of source looks like a move; nothing is read from it".into()
    } else if has("gamepk") {
        "these are results of MLB Stats as a table, without any price; fetch them from the feed itself: linetape backfill --source mlb_stats".into()
    } else if text.trim().is_empty() {
        "this body is empty; there is nothing to read".into()
    } else {
        "this is neither a page, nor JSON, nor a season's archive of SportsbookReview: an archive has the columns Date, VH, Team, Final, Open and Close; check --source".into()
    }
}

impl Sheet {
    /// Read a sheet.
    pub(super) fn read(text: &str) -> Result<Self, NotAResponse> {
        let mut reader = reader(text);
        let refused = || NotAResponse(refusal(text));
        let columns = columns(reader.headers().map_err(|_| refused())?);
        let layout = layout(&columns).ok_or_else(refused)?;
        let mut rows = Vec::new();
        for row in reader.records() {
            let row = row.map_err(|error| {
                NotAResponse(format!(
                    "this CSV is broken ({}); nothing is read from it",
                    crate::domain::clean::clean(&error.to_string(), 120)
                ))
            })?;
            if rows.len() >= MOST_ROWS {
                return Err(NotAResponse(format!(
                    "this archive has more than {MOST_ROWS} rows; split it by season"
                )));
            }
            rows.push(row);
        }
        Ok(Self {
            layout,
            columns,
            rows,
        })
    }

    /// Every row below the header.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().enumerate().map(|(index, cells)| Row {
            sheet: self,
            cells,
            number: index + 1,
        })
    }

    /// Columns with the score of a period: `1st`, `2nd`, …
    pub(super) fn periods(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(String::as_str).filter(|name| {
            let digits = name.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            !digits.is_empty()
                && digits.bytes().all(|byte| byte.is_ascii_digit())
                && ["st", "nd", "rd", "th"].contains(&&name[digits.len()..])
        })
    }

    /// The league, where a column belongs to one sport only.
    pub(super) fn league(&self) -> Option<League> {
        let has = |name: &str| self.columns.iter().any(|column| column == name);
        if has("pitcher") || has("runline") || has("visrlline") {
            Some(League::Mlb)
        } else if has("puckline") {
            Some(League::Nhl)
        } else {
            None
        }
    }
}
