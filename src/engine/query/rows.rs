//! What a query asks of a move and of a signal.

use super::{Field, Row};
use crate::engine::snapshot::{SignalView, TapeEntry};

impl Row for TapeEntry {
    fn words(&self) -> String {
        format!(
            "{} {} {} {} {} {} {}",
            self.game, self.label, self.selection, self.side, self.market, self.period, self.phase
        )
    }

    fn text(&self, field: Field) -> String {
        match field {
            Field::Team => self.game.to_string(),
            Field::Book => {
                let slug = self.book.as_ref().map_or("", |book| book.as_str());
                format!("{} {slug}", self.label)
            }
            Field::Market => self.market.to_string(),
            _ => self.words(),
        }
    }

    fn number(&self, field: Field) -> Option<f64> {
        let before = self.before.and_then(|price| price.odds)?;
        let cents = before.cents_to(self.after.odds?);
        (field == Field::Moved).then(|| f64::from(cents))
    }
}

impl Row for SignalView {
    fn words(&self) -> String {
        let kind = self.kind.map_or("", |kind| kind.as_str());
        format!(
            "{kind} {} {} {} {} {} {}",
            self.preset, self.game, self.side, self.market, self.period, self.reason
        )
    }

    fn text(&self, field: Field) -> String {
        match field {
            Field::Team => self.game.to_string(),
            Field::Kind => format!("{} {}", self.kind.map_or("", |k| k.as_str()), self.preset),
            Field::Market => self.market.to_string(),
            Field::Book => {
                let shops = self.movers.iter().chain(&self.waiting);
                shops
                    .map(|moved| moved.shop.to_string())
                    .collect::<Vec<_>>()
                    .join(" ")
            }
            _ => self.words(),
        }
    }

    fn number(&self, field: Field) -> Option<f64> {
        match field {
            Field::Strength => Some(self.strength * 100.0),
            Field::Books => Some(f64::from(self.shops)),
            _ => None,
        }
    }
}
