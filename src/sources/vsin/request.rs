//! What to ask `VSiN`: a page a book.

use super::names;
use crate::config::settings::Vsin;
use crate::domain::league::League;
use crate::domain::payload::RequestIdentity;
use crate::domain::source::Stream;
use crate::sources::Request;
use crate::sources::plan::{PlanError, base};

/// The page of a league as each of the settings' books sees it.
pub(super) fn pages(settings: &Vsin, league: League) -> Result<Vec<Request>, PlanError> {
    let view = names::view(league).ok_or(PlanError::League {
        feed: "VSiN",
        league,
    })?;
    let page = |book: &String| {
        let mut url = base(&settings.base_url, &["betting-splits", ""])?;
        url.query_pairs_mut()
            .append_pair("bookid", book)
            .append_pair("view", view);
        let identity = RequestIdentity {
            stream: Stream::VsinSplits,
            url: url.to_string(),
            league: Some(league),
            source_game_id: None,
        };
        Ok(Request { identity, url })
    };
    settings.books.iter().map(page).collect()
}
