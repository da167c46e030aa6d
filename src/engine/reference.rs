//! Reference data that ships with linetape, loaded once.

use crate::domain::book::{BookEntry, BookKind, Books};
use crate::domain::clean::clean;
use crate::domain::source::Source;
use crate::domain::team::Teams;

/// What follows a book's id where its untimed openers are kept, apart from its prices.
pub const OPENER_SUFFIX: &str = ":open";

/// Books and teams.
#[derive(Debug, Clone)]
pub struct Reference {
    /// Every known book id.
    pub books: Books,
    /// Every known team.
    pub teams: Teams,
}

impl Reference {
    /// What ships with linetape.
    ///
    /// Fails when an asset is malformed, which tests rule out.
    pub fn builtin() -> Result<Self, toml::de::Error> {
        Ok(Self {
            books: Books::builtin()?,
            teams: Teams::builtin()?,
        })
    }

    /// Short label of a feed's book: the shop's, with its state when the id is not the one that speaks for the shop,
    /// else the feed's id, cleaned.
    pub fn label(&self, source: Source, source_book_id: &str) -> String {
        match self.books.find(source, source_book_id).map(AsRef::as_ref) {
            Some(BookEntry {
                label,
                region: Some(region),
                primary: false,
                ..
            }) => format!("{label}-{region}"),
            Some(entry) => entry.label.to_string(),
            None => clean(source_book_id, 12),
        }
    }

    /// Shop, consensus, opener or exchange; an unknown book is taken for a shop.
    pub fn kind(&self, source: Source, source_book_id: &str) -> BookKind {
        if source_book_id.ends_with(OPENER_SUFFIX) {
            return BookKind::Opener;
        }
        self.books
            .find(source, source_book_id)
            .map_or(BookKind::Book, |b| b.kind)
    }
}
