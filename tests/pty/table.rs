//! A table of the screen, read back.

use super::frame::Frame;

/// A table read back: the column where each head ends, so that a number is found below its head.
pub struct Table {
    pub heads: Vec<(String, usize)>,
    pub rows: Vec<Vec<char>>,
}

impl Table {
    /// The table whose heads are in the row that begins with `first`.
    pub fn read(frame: &Frame, first: &str) -> Self {
        let rows: Vec<Vec<char>> = frame
            .rows()
            .iter()
            .map(|row| row.chars().collect())
            .collect();
        let is_head = |row: &Vec<char>| row.iter().skip(1).collect::<String>().starts_with(first);
        let at = rows
            .iter()
            .position(is_head)
            .unwrap_or_else(|| panic!("no {first}:\n{}", frame.text()));
        let mut heads = Vec::new();
        let mut head = String::new();
        for (column, c) in rows[at].iter().enumerate().skip(1) {
            match c {
                ' ' | '│' if !head.is_empty() => heads.push((std::mem::take(&mut head), column)),
                ' ' | '│' => {}
                c => head.push(*c),
            }
        }
        Self {
            heads,
            rows: rows.into_iter().skip(at + 1).collect(),
        }
    }

    /// The word of a row that ends where the head does.
    pub fn below(&self, row: usize, end: usize) -> String {
        let cells = &self.rows[row][..end.min(self.rows[row].len())];
        let begin = cells
            .iter()
            .rposition(|c| *c == ' ' || *c == '│')
            .map_or(0, |at| at + 1);
        cells[begin..].iter().collect()
    }

    pub fn end_of(&self, head: &str) -> usize {
        let found = self.heads.iter().find(|(name, _)| name == head);
        found
            .unwrap_or_else(|| panic!("no head {head} in {:?}", self.heads))
            .1
    }

    pub fn text(&self, row: usize, from: usize, to: usize) -> String {
        self.rows[row].iter().skip(from).take(to - from).collect()
    }
}
