//! What is kept of a page: the rows of its tables, and where each stands.

use chrono::NaiveDate;

use crate::sources::reject::Place;

/// Which table it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `table.freezetable`: a row a game.
    Freeze,
    /// `table.sp-table`: two rows a game.
    Sp,
    /// Anything else.
    Other,
}

/// Which part of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Section {
    /// `thead`.
    Head,
    /// `tbody`, written or not.
    #[default]
    Body,
    /// `tfoot`.
    Foot,
}

/// The tables of splits of one page.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// Every row, header rows too.
    pub(super) rows: Vec<Row>,
    /// Whether there is a table of splits, with or without games.
    pub(super) has_table: bool,
    /// The day that the first link to a day's games names.
    pub(super) date: Option<NaiveDate>,
    /// The book whose numbers these are, where the page says.
    pub(super) book: Option<String>,
    /// Whether there were more rows than are read.
    pub(super) more_rows: bool,
    /// Whether the page ends inside a table.
    pub(super) cut: bool,
}

/// A row.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// Its table, and the how manieth of that kind; none for a row saved without one.
    pub(super) table: Option<(Kind, usize)>,
    pub(super) section: Section,
    /// The how manieth body of the table.
    pub(super) body: usize,
    /// The how manieth row of its section.
    pub(super) number: usize,
    /// Whether it is one of the two rows of a game.
    pub(super) is_sp: bool,
    /// The game code, where one stands in it.
    pub(super) code: Option<String>,
    pub(super) cells: Vec<Cell>,
}

/// A cell.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) is_header: bool,
    /// The how manieth of its kind in the row.
    pub(super) number: usize,
    /// What `<hr>` parts; never empty. What is folded away is left out.
    pub(super) parts: Vec<Part>,
}

/// What stands between two `<hr>` of a cell.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// All of its text.
    pub(super) text: String,
    /// The text outside of links.
    pub(super) loose: String,
    /// The text of its badges.
    pub(super) badge: String,
    pub(super) links: Vec<Link>,
}

/// A link.
#[derive(Debug)]
pub(super) struct Link {
    /// Whether it leads to a team.
    pub(super) is_team: bool,
    /// Whether it opens a dialog of the page.
    pub(super) is_dialog: bool,
    pub(super) text: String,
}

impl Part {
    /// The value of a cell: its badge where it has one.
    pub(super) fn value(&self) -> &str {
        let badge = self.badge.trim();
        if badge.is_empty() {
            self.text.trim()
        } else {
            badge
        }
    }

    /// The team it names.
    pub(super) fn team(&self) -> Option<&str> {
        let links = || {
            self.links
                .iter()
                .filter(|link| !link.text.trim().is_empty())
        };
        let link = links()
            .find(|link| link.is_team)
            .or_else(|| links().find(|link| !link.is_dialog));
        let name = link.map_or(&*self.loose, |link| &*link.text).trim();
        Some(name).filter(|name| !name.is_empty())
    }
}

impl Row {
    /// Where the row stands.
    pub(super) const fn spot(&self) -> Spot<'_> {
        Spot {
            row: self,
            cell: None,
        }
    }

    /// Where one of its cells stands.
    pub(super) fn cell(&self, index: usize) -> Spot<'_> {
        Spot {
            row: self,
            cell: self.cells.get(index),
        }
    }

    /// Whether it names columns.
    pub(super) fn is_header(&self) -> bool {
        self.section == Section::Head || self.cells.iter().all(|cell| cell.is_header)
    }
}

/// A row or one of its cells: a CSS path.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'p> {
    row: &'p Row,
    cell: Option<&'p Cell>,
}

impl Place for Spot<'_> {
    fn path(&self) -> String {
        let row = self.row;
        let nth = |name: &str, number: usize| match number {
            0 | 1 => name.to_owned(),
            _ => format!("{name}:nth-of-type({number})"),
        };
        let mut path = match row.table {
            Some((kind, number)) => {
                let table = match kind {
                    Kind::Sp => "table.sp-table",
                    Kind::Freeze | Kind::Other => "table.freezetable",
                };
                let section = match row.section {
                    Section::Head => "thead".to_owned(),
                    Section::Foot => "tfoot".to_owned(),
                    Section::Body => nth("tbody", row.body),
                };
                format!("{} > {section} > ", nth(table, number))
            }
            None => String::new(),
        };
        path += "tr:nth-of-type(";
        path += &row.number.to_string();
        path.push(')');
        if let Some(cell) = self.cell {
            let name = if cell.is_header { "th" } else { "td" };
            path = format!("{path} > {name}:nth-of-type({})", cell.number);
        }
        path
    }

    fn value(&self) -> Option<String> {
        let text = |cell: &Cell| {
            let parts: Vec<&str> = cell.parts.iter().map(|part| part.text.trim()).collect();
            parts.join(" | ")
        };
        Some(match self.cell {
            Some(cell) => text(cell),
            None => self
                .row
                .cells
                .iter()
                .map(text)
                .collect::<Vec<_>>()
                .join(" / "),
        })
    }
}
