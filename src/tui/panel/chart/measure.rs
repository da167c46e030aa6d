//! What the lines of the chart measure: points, prices or fair probabilities.

use chrono::{DateTime, Utc};

use super::State;
use super::subject::Subject;
use crate::tui::figures;

/// What somebody wants a market drawn by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// The line where it moved, else the price.
    #[default]
    Fitting,
    /// Points.
    Line,
    /// Implied probability of the price, whatever the line.
    Price,
    /// Probability of the side without the book's margin.
    Fair,
}

/// What a chart is drawn by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// Points.
    Line,
    /// Implied probability of the price.
    Price,
    /// Probability of the side without the book's margin.
    Fair,
}

impl State {
    /// What this chart is drawn by: a market without a line never goes by it.
    pub(super) fn measure(&self, subject: &Subject<'_>) -> Measure {
        let has_line = subject.selector.market.has_line();
        match self.unit {
            Unit::Fair => Measure::Fair,
            Unit::Line if has_line => Measure::Line,
            Unit::Fitting if has_line && subject.line_moved() => Measure::Line,
            _ => Measure::Price,
        }
    }

    /// The next way to draw it.
    pub(super) fn next_unit(&self, subject: &Subject<'_>) -> Unit {
        match self.measure(subject) {
            Measure::Price => Unit::Fair,
            Measure::Fair if subject.selector.market.has_line() => Unit::Line,
            Measure::Line | Measure::Fair => Unit::Price,
        }
    }

    /// `spread by line`, `total by fair % of 8½`: the market and what is compared. Books with different lines have
    /// probabilities of different bets, which has to be said.
    pub(super) fn measured(&self, subject: &Subject<'_>, from: DateTime<Utc>) -> String {
        let market = &subject.selector.market;
        match (self.measure(subject), market.has_line()) {
            (Measure::Line, _) => format!("{market} by line"),
            (Measure::Price, true) => format!("{market} by price"),
            (Measure::Price, false) => market.to_string(),
            (Measure::Fair, false) => format!("{market} by fair %"),
            (Measure::Fair, true) => match subject.one_line(from) {
                Some(line) => format!("{market} by fair % of {}", figures::line(line, market)),
                None => format!("{market} by fair %, each at its own line"),
            },
        }
    }
}
