//! Rows in columns, for people.

use unicode_width::UnicodeWidthStr as _;

use super::error::CliError;
use super::output::{Data, Output};
use crate::domain::clean::clean;

/// Longest cell shown, characters.
const WIDEST: usize = 60;

/// How a column is aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A table: a heading and rows of as many cells.
#[derive(Debug, Clone)]
pub struct Table {
    columns: Vec<(&'static str, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub fn new(columns: &[(&'static str, Align)]) -> Self {
        Self {
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Add a row. Cells are cleaned, for they may hold a feed's text.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells = cells.into_iter().map(|cell| clean(&cell, WIDEST));
        self.rows.push(cells.collect());
    }

    /// Print it: the heading, then the rows.
    pub fn print(&self, output: &Output, data: &mut Data) -> Result<(), CliError> {
        let mut lines = self.lines().into_iter();
        if let Some(heading) = lines.next() {
            data.styled(&output.heading(&heading))?;
        }
        lines.try_for_each(|line| data.line(&line))
    }

    /// End a report that has these rows, or printed them as JSON: below them what they rest on. Where nothing was `found`
    /// stands what to ask instead.
    pub fn end(
        &self,
        output: &Output,
        mut data: Data,
        found: bool,
        rests: &str,
        instead: &str,
    ) -> Result<(), CliError> {
        if found && !output.json {
            self.print(output, &mut data)?;
        }
        data.finish()?;
        match (found, output.json) {
            (false, _) => output.say(instead),
            (true, false) => output.say(rests),
            (true, true) => {}
        }
        Ok(())
    }

    /// Heading and rows as lines of text.
    fn lines(&self) -> Vec<String> {
        let heading = self.columns.iter().map(|(name, _)| (*name).to_owned());
        let heading: Vec<String> = heading.collect();
        let all = || std::iter::once(&heading).chain(&self.rows);
        let widest = |n: usize| {
            let cells = all().filter_map(|row| row.get(n));
            cells.map(|cell| cell.width()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(widest).collect();
        let line = |row: &Vec<String>| {
            let mut line = String::new();
            for ((cell, (_, align)), width) in row.iter().zip(&self.columns).zip(&widths) {
                if !line.is_empty() {
                    line.push_str("  ");
                }
                let space = " ".repeat(width.saturating_sub(cell.width()));
                match align {
                    Align::Left => line.extend([cell.as_str(), &space]),
                    Align::Right => line.extend([space.as_str(), cell]),
                }
            }
            line.truncate(line.trim_end().len());
            line
        };
        all().map(line).collect()
    }
}

/// A count with its thousands apart: `12,345`.
pub fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if number < 0 {
        out.insert(0, '-');
    }
    out
}

/// Bytes as people read them: `1.5 MiB`.
pub fn bytes(number: i64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let (mut size, mut unit) = (number as f64, 0);
    while size.abs() >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    let unit_name = UNITS.get(unit).copied().unwrap_or_default();
    if unit == 0 {
        format!("{number} {unit_name}")
    } else {
        format!("{size:.1} {unit_name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_their_headings() {
        let mut table = Table::new(&[("book", Align::Left), ("seen", Align::Right)]);
        table.row(["draftkings".to_owned(), "7".to_owned()]);
        table.row(["\u{1b}[2Jfd".to_owned(), "1,234".to_owned()]);
        assert_eq!(
            table.lines(),
            [
                "book         seen",
                "draftkings      7",
                "[2Jfd       1,234"
            ]
        );
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(-1_234_567), "-1,234,567");
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(1536), "1.5 KiB");
        assert_eq!(bytes(3 << 30), "3.0 GiB");
    }
}
