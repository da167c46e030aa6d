//! `SportsbookReview`: openers and current prices of each book, and results; archives from files. No key.
//!
//! `docs/feeds.md` lists the endpoints, the quirks and the shapes no capture proves.

mod archive;
mod event;
mod graphql;
mod line;
mod page;
mod request;
mod season;
mod sheet;
mod workbook;

use std::borrow::Cow;

use chrono::NaiveDate;

use super::collector::Collector;
use super::feed::{Cadence, Feed, Format};
use super::json::{Document, List, Scalar, record};
use super::plan::PlanError;
use super::{DecodeContext, NotAResponse, Recognised, Refusal, Request};
use crate::config::settings::Sources;
use crate::domain::feed::Decoded;
use crate::domain::league::League;
use crate::domain::source::Stream;

/// `SportsbookReview`.
#[derive(Debug)]
pub(super) struct Sbr;

impl Feed for Sbr {
    fn name(&self) -> &'static str {
        "SportsbookReview"
    }

    fn text<'b>(&self, body: &'b [u8]) -> Result<Cow<'b, str>, NotAResponse> {
        if workbook::is_one(body) {
            return workbook::as_csv(body).map(Cow::Owned);
        }
        super::text_of(body).map(Cow::Borrowed)
    }

    fn format(&self, _text: &str) -> Format {
        Format::Text
    }

    fn recognise(&self, text: &str) -> Result<Recognised, NotAResponse> {
        Ok(Recognised {
            stream: Form::of(text)?.stream(),
            source_game_id: None,
        })
    }

    fn by_endpoint(&self, path: &str) -> Option<Recognised> {
        let stream = if path.contains("/betting-odds") {
            Stream::SbrOdds
        } else if path.contains("odds-v2-service") {
            Stream::SbrGraphql
        } else if path.contains("scoresoddsarchives") || path.starts_with("file:") {
            Stream::SbrArchive
        } else {
            return None;
        };
        Some(Recognised {
            stream,
            source_game_id: None,
        })
    }

    fn decode(&self, text: &str, context: &DecodeContext<'_>) -> Result<Decoded, Refusal> {
        let form = Form::of(text)?;
        if form.stream() != context.stream {
            return Err(NotAResponse(format!(
                "this is an answer of {}, not of {}; check --endpoint",
                form.stream(),
                context.stream
            ))
            .into());
        }
        let collector = Collector::new(context);
        let json = match form {
            Form::Page if text.trim_start().starts_with('<') => {
                super::action_network::page::next_data(text)?
            }
            _ => text,
        };
        let document = Document::new(json);
        let collector = match form {
            Form::Page => page::decode(&document, collector)?,
            Form::Graphql => graphql::decode(&document, collector)?,
            Form::Merged => archive::decode_json(&document, collector)?,
            Form::Sheet => archive::decode_sheet(text, collector)?,
        };
        Ok(collector.finish(&document))
    }

    fn host<'s>(&self, settings: &'s Sources) -> (&'s str, u32) {
        let own = &settings.sbr;
        (&own.base_url, own.per_minute)
    }

    fn cadence(&self, settings: &Sources) -> Cadence {
        Cadence {
            slate: settings.sbr.every,
            ..Cadence::default()
        }
    }

    fn slate(
        &self,
        settings: &Sources,
        league: League,
        date: NaiveDate,
    ) -> Result<Vec<Request>, PlanError> {
        request::pages(&settings.sbr, league, date, self.name())
    }
}

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The web site's page, or the JSON in it.
    Page,
    /// An answer of the withdrawn service.
    Graphql,
    /// Several seasons merged to one list.
    Merged,
    /// A season's sheet, as CSV.
    Sheet,
}

record! {
    Top<'a> {
        props: Scalar<'a> = "props",
        page_props: Scalar<'a> = "pageProps",
        tables: Scalar<'a> = "oddsTables",
        model: Scalar<'a> = "oddsTableModel",
        data: Scalar<'a> = "data",
        errors: Scalar<'a> = "errors",
    }
}
record! {
    Element<'a> {
        model: Scalar<'a> = "oddsTableModel",
        season: Scalar<'a> = "season",
        home_team: Scalar<'a> = "home_team",
        close: Scalar<'a> = "close_over_under",
    }
}

impl Form {
    fn of(text: &str) -> Result<Self, NotAResponse> {
        let start = text.trim_start();
        if start.starts_with('<') {
            super::action_network::page::next_data(start)?;
            return Ok(Self::Page);
        }
        let document = Document::new(text);
        if start.starts_with('[') {
            let list: List<Element<'_>> = read(&document)?;
            let first = list.items.first();
            return match first {
                Some(table) if table.model != Scalar::Absent => Ok(Self::Page),
                Some(game)
                    if !game.season.is_none()
                        && (game.home_team != Scalar::Absent || game.close != Scalar::Absent) =>
                {
                    Ok(Self::Merged)
                }
                _ => Err(not_a_response(
                    "holds neither a table of odds nor a season's games",
                )),
            };
        }
        if start.starts_with('{') {
            let top: Top<'_> = read(&document)?;
            let nested = |member: &Scalar<'_>| *member == Scalar::Nested;
            return if [&top.props, &top.page_props, &top.tables, &top.model]
                .into_iter()
                .any(nested)
            {
                Ok(Self::Page)
            } else if nested(&top.data) || nested(&top.errors) {
                Ok(Self::Graphql)
            } else {
                Err(not_a_response("holds no table of odds"))
            };
        }
        if sheet::is_one(text) {
            return Ok(Self::Sheet);
        }
        Err(NotAResponse(sheet::refusal(text)))
    }

    const fn stream(self) -> Stream {
        match self {
            Self::Page => Stream::SbrOdds,
            Self::Graphql => Stream::SbrGraphql,
            Self::Merged | Self::Sheet => Stream::SbrArchive,
        }
    }
}

fn read<'a, T: super::json::Json<'a>>(document: &'a Document<'_>) -> Result<T, NotAResponse> {
    document.read().map_err(|error| super::broken_json(&error))
}

fn not_a_response(what: &str) -> NotAResponse {
    NotAResponse(format!(
        "this JSON of SportsbookReview {what}; check --source and --endpoint"
    ))
}
