//! Books: one canonical slug a shop, with every source's ids as data.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::market::{UnknownName, names};
use super::source::Source;

/// Canonical name of a shop, lower case: `draftkings`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BookSlug(Arc<str>);

impl BookSlug {
    /// A slug as stored.
    pub fn new(slug: impl Into<Arc<str>>) -> Self {
        Self(slug.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BookSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

mod kind {
    use super::{UnknownName, fmt, names};
    use serde::{Deserialize, Serialize, Serializer};
    use std::str::FromStr;

    names! {
        /// What a book id of a feed stands for.
        BookKind, "book kind" {
            /// A shop that takes bets.
            Book = "book",
            /// An average over shops: never in best price, steam or arbitrage.
            Consensus = "consensus",
            /// A feed's opening line: never in best price, steam or arbitrage.
            Opener = "opener",
            /// An exchange.
            Exchange = "exchange",
        }
    }
}
pub use kind::BookKind;

/// One feed's id of a book, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookEntry {
    /// Canonical slug of the shop.
    pub slug: BookSlug,
    /// Shop, consensus, opener or exchange.
    pub kind: BookKind,
    /// Two to four letters for narrow columns: `DK`.
    pub label: Arc<str>,
    /// Full name: `DraftKings`.
    pub name: Arc<str>,
    /// State or region, when the feed splits the shop by it.
    pub region: Option<Arc<str>>,
    /// Whether this is the id that speaks for the shop where no region is chosen.
    pub primary: bool,
}

/// Every known book id of every source, from `assets/books.toml`.
#[derive(Debug, Clone)]
pub struct Books {
    entries: HashMap<(Source, Arc<str>), Arc<BookEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BooksFile {
    shop: Vec<Shop>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shop {
    slug: String,
    label: String,
    name: String,
    #[serde(default = "default_kind")]
    kind: BookKind,
    /// Action Network ids, `"68" = "NJ"`; the first listed in `primary` speaks for the shop.
    #[serde(default)]
    action_network: HashMap<String, String>,
    #[serde(default)]
    action_network_primary: Option<String>,
    /// The Odds API keys, past and present.
    #[serde(default)]
    odds_api: Vec<String>,
    /// Ids of ESPN's providers.
    #[serde(default)]
    espn: Vec<String>,
    /// `SportsBettingDime`'s slugs, and Sportradar's ids that it also uses.
    #[serde(default)]
    sbd: Vec<String>,
    /// The views of `VSiN`'s page.
    #[serde(default)]
    vsin: Vec<String>,
    /// `SportsbookReview`'s slugs, and the `paid` numbers of its withdrawn service.
    #[serde(default)]
    sbr: Vec<String>,
    /// Goalserve's ids of bookmakers.
    #[serde(default)]
    goalserve: Vec<String>,
}

impl Shop {
    /// The ids of feeds that do not split a shop by state.
    fn plain(&self) -> [(Source, &[String]); 6] {
        [
            (Source::OddsApi, &self.odds_api),
            (Source::Espn, &self.espn),
            (Source::Sbd, &self.sbd),
            (Source::Vsin, &self.vsin),
            (Source::Sbr, &self.sbr),
            (Source::Goalserve, &self.goalserve),
        ]
    }
}

const fn default_kind() -> BookKind {
    BookKind::Book
}

impl Books {
    /// The books that ship with linetape.
    ///
    /// Fails when `assets/books.toml` is malformed, which a test rules out.
    pub fn builtin() -> Result<Self, toml::de::Error> {
        Self::parse(include_str!("../../assets/books.toml"))
    }

    fn parse(text: &str) -> Result<Self, toml::de::Error> {
        let file: BooksFile = toml::from_str(text)?;
        let mut entries = HashMap::new();
        for shop in file.shop {
            let entry = |region: Option<&str>, primary: bool| {
                Arc::new(BookEntry {
                    slug: BookSlug::new(shop.slug.as_str()),
                    kind: shop.kind,
                    label: shop.label.as_str().into(),
                    name: shop.name.as_str().into(),
                    region: region.filter(|r| !r.is_empty()).map(Arc::from),
                    primary,
                })
            };
            for (id, region) in &shop.action_network {
                let primary = shop.action_network_primary.as_ref().is_none_or(|p| p == id);
                entries.insert(
                    (Source::ActionNetwork, Arc::from(id.as_str())),
                    entry(Some(region), primary),
                );
            }
            for (source, ids) in shop.plain() {
                for id in ids {
                    entries.insert((source, Arc::from(id.as_str())), entry(None, true));
                }
            }
        }
        Ok(Self { entries })
    }

    /// The book behind a source's id, when known.
    pub fn find(&self, source: Source, source_book_id: &str) -> Option<&Arc<BookEntry>> {
        self.entries.get(&(source, Arc::from(source_book_id)))
    }

    /// Every known id.
    pub fn iter(&self) -> impl Iterator<Item = (Source, &str, &BookEntry)> {
        self.entries
            .iter()
            .map(|((source, id), entry)| (*source, &**id, &**entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_map_agrees_with_action_networks_own_list() {
        let books = Books::builtin().unwrap();
        let kind = |id| {
            books
                .find(Source::ActionNetwork, id)
                .map(|b| (b.slug.to_string(), b.kind))
        };
        assert_eq!(
            kind("15"),
            Some(("an-consensus".into(), BookKind::Consensus))
        );
        assert_eq!(kind("30"), Some(("an-open".into(), BookKind::Opener)));
        assert_eq!(kind("68"), Some(("draftkings".into(), BookKind::Book)));
        assert_eq!(kind("69"), Some(("fanduel".into(), BookKind::Book)));
        assert_eq!(kind("79"), Some(("bet365".into(), BookKind::Book)));
    }

    #[test]
    fn williamhill_is_caesars() {
        let books = Books::builtin().unwrap();
        let slug = |key| books.find(Source::OddsApi, key).map(|b| b.slug.to_string());
        assert_eq!(slug("williamhill_us").as_deref(), Some("caesars"));
        assert_eq!(slug("nonesuch"), None);
    }

    #[test]
    fn every_feed_that_names_books_has_its_ids_here() {
        let books = Books::builtin().unwrap();
        let slug = |source, id| books.find(source, id).map(|b| b.slug.to_string());
        for (source, id, wanted) in [
            (Source::Espn, "58", "espnbet"),
            (Source::Espn, "100", "draftkings"),
            (Source::Espn, "45", "caesars"),
            (Source::Sbd, "sr:book:17324", "betmgm"),
            (Source::Sbd, "fanatics", "fanatics"),
            (Source::Vsin, "dk", "draftkings"),
            (Source::Vsin, "circa", "circa"),
            (Source::Sbr, "bet365", "bet365"),
            (Source::Sbr, "20", "pinnacle"),
            (Source::Sbr, "9", "bovada"),
            (Source::Sbr, "93", "cloudbet"),
            (Source::Sbr, "sbro", "sbro"),
            (Source::Goalserve, "231", "888sport"),
            (Source::Goalserve, "18", "pinnacle"),
        ] {
            assert_eq!(slug(source, id).as_deref(), Some(wanted), "{source} {id}");
        }
        let consensus = books.find(Source::Espn, "1004").unwrap();
        assert_eq!(consensus.kind, BookKind::Consensus);
        let archive = books.find(Source::Sbr, "sbro").unwrap();
        assert_eq!(archive.kind, BookKind::Book, "its closing lines count");
        assert_eq!(slug(Source::Goalserve, "2"), None, "two books in one file");
    }
}
