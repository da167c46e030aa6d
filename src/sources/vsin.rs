//! `VSiN`: pages of tickets and handle as single books see them. No key.
//!
//! `docs/feeds.md` lists the layouts, their quirks and what no capture proves.

mod game;
mod names;
mod page;
mod request;
mod table;
mod value;

use chrono::NaiveDate;

use self::table::Page;
use super::collector::Collector;
use super::feed::{Cadence, Feed, Format};
use super::plan::PlanError;
use super::{DecodeContext, NotAResponse, Recognised, Refusal, Request};
use crate::config::settings::Sources;
use crate::domain::feed::Decoded;
use crate::domain::league::League;
use crate::domain::source::Stream;

/// `VSiN`.
#[derive(Debug)]
pub(super) struct Vsin;

const RECOGNISED: Recognised = Recognised {
    stream: Stream::VsinSplits,
    source_game_id: None,
};

impl Feed for Vsin {
    fn name(&self) -> &'static str {
        "VSiN"
    }

    fn format(&self, _text: &str) -> Format {
        Format::Markup
    }

    fn recognise(&self, text: &str) -> Result<Recognised, NotAResponse> {
        read(text).map(|_| RECOGNISED)
    }

    fn by_endpoint(&self, path: &str) -> Option<Recognised> {
        path.split('/')
            .any(|part| part == "betting-splits")
            .then_some(RECOGNISED)
    }

    fn decode(&self, text: &str, context: &DecodeContext<'_>) -> Result<Decoded, Refusal> {
        let page = read(text)?;
        let mut collector = Collector::new(context);
        game::games(&page, &mut collector);
        Ok(collector.finish_markup())
    }

    fn host<'s>(&self, settings: &'s Sources) -> (&'s str, u32) {
        let own = &settings.vsin;
        (&own.base_url, own.per_minute)
    }

    fn cadence(&self, settings: &Sources) -> Cadence {
        Cadence {
            slate: settings.vsin.every,
            ..Cadence::default()
        }
    }

    fn slate(
        &self,
        settings: &Sources,
        league: League,
        _date: NaiveDate,
    ) -> Result<Vec<Request>, PlanError> {
        // The page is that of today; no address of another day is known.
        request::pages(&settings.vsin, league)
    }

    fn past_day(
        &self,
        _settings: &Sources,
        _league: League,
        _date: NaiveDate,
    ) -> Result<Vec<Request>, PlanError> {
        Err(PlanError::NoPast {
            feed: self.name(),
            instead: "its past is for subscribers only, so leave vsin out of the backfill",
        })
    }
}

/// The page's tables of splits; a page without any is refused.
fn read(text: &str) -> Result<Page, NotAResponse> {
    if !text.trim_start().starts_with('<') {
        return Err(NotAResponse(
            "this is JSON, and VSiN answers with pages; check --source".into(),
        ));
    }
    let mut page = page::read(text)?;
    // A row outside of any table is a game's only where it bears a game's code.
    page.rows
        .retain(|row| row.table.is_some() || row.code.is_some() || row.is_sp);
    if !page.has_table && page.rows.is_empty() {
        return Err(NotAResponse(
            "this page has no table of splits, most likely an article or an error page; the tables are at data.vsin.com/betting-splits/".into(),
        ));
    }
    Ok(page)
}
