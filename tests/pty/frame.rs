//! One whole frame: what a person sees between two paints.

use std::num::NonZero;

use vt100::{Cell, Color, Parser, Screen};

/// An empty terminal of this many columns and rows.
pub fn terminal((width, height): (u16, u16)) -> Parser {
    Parser::new(side(height), side(width), 0)
}

/// A terminal's width or height.
pub fn side(length: u16) -> NonZero<u16> {
    NonZero::new(length).expect("a terminal has some size")
}

/// One whole frame.
#[derive(Clone)]
pub struct Frame {
    screen: Screen,
}

impl Frame {
    pub fn new(screen: Screen) -> Self {
        Self { screen }
    }

    /// Every row as text, spaces at the end left out.
    pub fn rows(&self) -> Vec<String> {
        let (_, width) = self.screen.size();
        self.screen.rows(0, width.get()).collect()
    }

    /// All rows.
    pub fn text(&self) -> String {
        self.rows().join("\n")
    }

    /// Rows and columns.
    fn size(&self) -> (usize, usize) {
        let (height, width) = self.screen.size();
        (height.get().into(), width.get().into())
    }

    pub fn has(&self, words: &str) -> bool {
        self.rows().iter().any(|row| row.contains(words))
    }

    /// Whether one panel has the whole screen.
    pub fn is_zoomed(&self) -> bool {
        self.text().matches('╭').count() == 1
    }

    /// Number of the first row with these words.
    pub fn row_of(&self, words: &str) -> Option<usize> {
        self.rows().iter().position(|row| row.contains(words))
    }

    /// The row with these words.
    pub fn row(&self, words: &str) -> String {
        let row = self.row_of(words);
        let row = row.unwrap_or_else(|| panic!("no row has {words:?}:\n{}", self.text()));
        self.rows().swap_remove(row)
    }

    /// The cell of a row and column.
    pub fn cell(&self, row: usize, column: usize) -> &Cell {
        let at = |n: usize| u16::try_from(n).unwrap();
        self.screen
            .cell(at(row), at(column))
            .expect("on the screen")
    }

    /// Every cell with its row and column.
    pub fn cells(&self) -> impl Iterator<Item = (usize, usize, &Cell)> {
        let (height, width) = self.size();
        (0..height)
            .flat_map(move |row| (0..width).map(move |column| (row, column)))
            .map(|(row, column)| (row, column, self.cell(row, column)))
    }

    /// Whether any cell has a colour.
    pub fn is_coloured(&self) -> bool {
        self.cells().any(|(_, _, cell)| {
            cell.fgcolor() != Color::Default || cell.bgcolor() != Color::Default
        })
    }

    /// Text of the selected row: the longest reversed stretch of the screen that is inside a panel.
    pub fn selected(&self) -> String {
        let (height, width) = self.size();
        let reversed = |row: usize| -> String {
            (0..width)
                .map(|column| self.cell(row, column))
                .filter(|cell| cell.inverse())
                .map(|cell| {
                    if cell.has_contents() {
                        cell.contents()
                    } else {
                        " "
                    }
                })
                .collect()
        };
        (0..height)
            .map(reversed)
            .max_by_key(String::len)
            .unwrap_or_default()
    }
}
