//! A book keeps its colour: slug to slot, never by order of arrival.

use crate::engine::board::ShopId;

/// Different hues in a theme.
pub const HUES: usize = 8;

/// Slots: the hues, and a second round of half of them with a second channel.
const SLOTS: u8 = 12;

/// Colour slot of a series, 0–11.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot(u8);

/// The shops people compare most, spread over the hues by hand so that neighbours differ. Others get a slot by hash.
const BY_SLUG: [(&str, u8); 14] = [
    ("draftkings", 2),
    ("fanduel", 1),
    ("betmgm", 0),
    ("caesars", 3),
    ("circa", 5),
    ("pinnacle", 6),
    ("bet365", 4),
    ("betrivers", 7),
    ("espnbet", 8),
    ("fanatics", 9),
    ("hardrock", 10),
    ("bovada", 11),
    ("an-consensus", 7),
    ("an-open", 7),
];

impl Slot {
    /// The slot of a shop, the same in every run.
    pub fn of(shop: &ShopId) -> Self {
        let slug = shop.as_str();
        let known = BY_SLUG.iter().find(|(name, _)| *name == slug);
        Self(known.map_or_else(
            || {
                (slug.bytes().fold(7_u32, |sum, byte| {
                    sum.wrapping_mul(31).wrapping_add(byte.into())
                }) % u32::from(SLOTS)) as u8
            },
            |(_, slot)| *slot,
        ))
    }

    /// Which hue.
    pub const fn hue(self) -> usize {
        self.0 as usize % HUES
    }

    /// Which of `patterns`, taking turns.
    pub const fn turn(self, patterns: u8) -> u8 {
        self.0 % patterns
    }

    /// Whether the hue is used a second time and needs a second channel.
    pub const fn second_round(self) -> bool {
        self.0 as usize >= HUES
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::book::BookSlug;

    #[test]
    fn slots_are_stable_and_in_range() {
        let slot = |slug: &str| Slot::of(&ShopId::Known(BookSlug::new(slug)));
        assert_eq!(slot("draftkings"), slot("draftkings"));
        assert_ne!(slot("draftkings"), slot("fanduel"));
        assert_eq!(slot("espnbet").hue(), slot("draftkings").hue() - 2);
        assert!(slot("espnbet").second_round());
        for slug in ["a", "novig", "prophetx", ""] {
            assert!(slot(slug).0 < SLOTS);
        }
    }
}
