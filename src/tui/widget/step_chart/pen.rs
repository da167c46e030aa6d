//! Box-drawing characters by the neighbours a cell of a line joins.

/// To the left neighbour.
pub const LEFT: u8 = 1;
/// To the right neighbour.
pub const RIGHT: u8 = 2;
/// To the neighbour above.
pub const UP: u8 = 4;
/// To the neighbour below.
pub const DOWN: u8 = 8;

/// What a line looks like without colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pen {
    /// `─│┌`: most books.
    #[default]
    Light,
    /// `╌╎┌`: a second book of a hue.
    Dashed,
    /// `┈╎┌`: a third pattern where there are no hues, and references.
    Fine,
    /// `═║╔`: an average over books.
    Double,
    /// `━┃┏`: the book at the front.
    Heavy,
}

/// Indexed by the neighbours joined; an end of a level line looks like the line.
const LIGHT: [&str; 16] = [
    " ", "─", "─", "─", "╵", "┘", "└", "┴", "╷", "┐", "┌", "┬", "│", "┤", "├", "┼",
];
const HEAVY: [&str; 16] = [
    " ", "━", "━", "━", "╹", "┛", "┗", "┻", "╻", "┓", "┏", "┳", "┃", "┫", "┣", "╋",
];
const DOUBLE: [&str; 16] = [
    " ", "═", "═", "═", "║", "╝", "╚", "╩", "║", "╗", "╔", "╦", "║", "╣", "╠", "╬",
];

impl Pen {
    /// The character that joins these neighbours. What is held is dotted.
    pub fn glyph(self, joins: u8, held: bool) -> &'static str {
        let level = joins & (UP | DOWN) == 0 && joins != 0;
        let upright = joins == UP | DOWN;
        match (self, held) {
            (Self::Heavy, true) if level => "┅",
            (Self::Heavy, true) if upright => "┇",
            (_, true) if level => "┄",
            (_, true) if upright => "┆",
            (Self::Dashed, _) if level => "╌",
            (Self::Fine, _) if level => "┈",
            // Moments on the time axis are `┊`.
            (Self::Dashed | Self::Fine, _) if upright => "╎",
            _ => {
                let table = match self {
                    Self::Heavy => &HEAVY,
                    Self::Double => &DOUBLE,
                    Self::Light | Self::Dashed | Self::Fine => &LIGHT,
                };
                table.get(usize::from(joins)).copied().unwrap_or(" ")
            }
        }
    }
}

/// Of two lines of one importance in a cell the one that turns shows, then the riser, then the level run: a run loses
/// one cell of many, a move its only one.
pub const fn salience(joins: u8) -> u8 {
    match (joins & (LEFT | RIGHT) != 0, joins & (UP | DOWN) != 0) {
        (true, true) => 2,
        (false, true) => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_open_towards_what_they_join() {
        assert_eq!(Pen::Light.glyph(LEFT | DOWN, false), "┐");
        assert_eq!(Pen::Light.glyph(RIGHT | DOWN, false), "┌");
        assert_eq!(Pen::Light.glyph(LEFT | UP, false), "┘");
        assert_eq!(Pen::Light.glyph(RIGHT | UP, false), "└");
        assert_eq!(Pen::Heavy.glyph(LEFT | DOWN, false), "┓");
        assert_eq!(Pen::Double.glyph(RIGHT | UP, false), "╚");
        assert_eq!(Pen::Dashed.glyph(LEFT | RIGHT, false), "╌");
        assert_eq!(Pen::Light.glyph(LEFT | RIGHT, true), "┄");
        assert_eq!(Pen::Heavy.glyph(UP | DOWN, true), "┇");
    }

    #[test]
    fn every_join_has_a_character_of_its_shape() {
        for pen in [Pen::Light, Pen::Dashed, Pen::Fine, Pen::Double, Pen::Heavy] {
            for held in [false, true] {
                for joins in 1..16 {
                    assert_ne!(pen.glyph(joins, held), " ", "{pen:?} {joins}");
                }
            }
        }
    }
}
