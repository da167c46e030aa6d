//! Goalserve: scores, schedules and prices before the start, as XML or JSON. Needs a key.
//!
//! `docs/feeds.md` lists the endpoints, the quirks and the shapes no capture proves.

mod fixture;
mod names;
mod odds;
mod request;
mod tree;

use std::sync::Arc;

use chrono::NaiveDate;

use self::names::Sport;
use self::tree::{Item, Tree};
use super::collector::Collector;
use super::feed::{Cadence, Feed, Format};
use super::json::Document;
use super::plan::PlanError;
use super::{DecodeContext, NotAResponse, Recognised, Refusal, Request};
use crate::config::settings::Sources;
use crate::domain::clean::clean;
use crate::domain::feed::Decoded;
use crate::domain::league::League;
use crate::domain::source::Stream;

/// Goalserve.
#[derive(Debug)]
pub(super) struct Goalserve;

impl Feed for Goalserve {
    fn name(&self) -> &'static str {
        "Goalserve"
    }

    fn format(&self, _text: &str) -> Format {
        Format::Markup
    }

    fn recognise(&self, text: &str) -> Result<Recognised, NotAResponse> {
        let document = Document::new(text);
        let tree = Tree::read(text, &document).map_err(|refusal| match refusal {
            Refusal::NotAResponse(error) => error,
            Refusal::Json(error) => super::broken_json(&error),
        })?;
        let scores = scores_of(&tree)?;
        let groups = scores.children().flat_map(Item::children);
        let mut games = groups.flat_map(|item| {
            let inside = item.all(&["match"]);
            std::iter::once(item).chain(inside)
        });
        let has_odds = games.any(|item| item.one(&["odds"]).is_some());
        Ok(recognised(if has_odds {
            Stream::GoalserveOdds
        } else {
            Stream::GoalserveScores
        }))
    }

    fn by_endpoint(&self, path: &str) -> Option<Recognised> {
        match *names::parts(path).first()? {
            "getodds" => Some(recognised(Stream::GoalserveOdds)),
            folder if names::sport(folder) != Sport::Other => {
                Some(recognised(Stream::GoalserveScores))
            }
            _ => None,
        }
    }

    fn decode(&self, text: &str, context: &DecodeContext<'_>) -> Result<Decoded, Refusal> {
        let document = Document::new(text);
        let tree = Tree::read(text, &document)?;
        let scores = scores_of(&tree)?;
        let mut collector = Collector::new(context);
        let told = scores.get("sport").map(names::sport);
        let asked = || context.endpoint.map_or(Sport::Other, names::asked_sport);
        let sport = told
            .filter(|sport| *sport != Sport::Other)
            .unwrap_or_else(asked);
        collector.decoded.taken_at = odds::time(scores, &mut collector);
        fixture::all(scores, sport, &mut collector);
        Ok(if text.trim_start().starts_with('<') {
            collector.finish_markup()
        } else {
            collector.finish(&document)
        })
    }

    fn host<'s>(&self, settings: &'s Sources) -> (&'s str, u32) {
        let own = &settings.goalserve;
        (&own.base_url, own.per_minute)
    }

    fn cadence(&self, settings: &Sources) -> Cadence {
        Cadence {
            slate: settings.goalserve.every,
            scores: Some(settings.goalserve.scores_every),
            ..Cadence::default()
        }
    }

    fn slate(
        &self,
        settings: &Sources,
        league: League,
        date: NaiveDate,
    ) -> Result<Vec<Request>, PlanError> {
        request::odds(&settings.goalserve, league, date).map(|one| vec![one])
    }

    fn scores(
        &self,
        settings: &Sources,
        league: League,
        _days_from: Option<u8>,
        _games: &[Arc<str>],
    ) -> Option<Result<Request, PlanError>> {
        Some(request::scores(&settings.goalserve, league, None))
    }

    fn past_day(
        &self,
        settings: &Sources,
        league: League,
        date: NaiveDate,
    ) -> Result<Vec<Request>, PlanError> {
        // Prices are those before the start: of a past day only scores are left.
        request::scores(&settings.goalserve, league, Some(date)).map(|one| vec![one])
    }
}

const fn recognised(stream: Stream) -> Recognised {
    Recognised {
        stream,
        source_game_id: None,
    }
}

/// The element that holds every category.
fn scores_of<'a>(tree: &'a Tree<'a>) -> Result<Item<'a>, NotAResponse> {
    let root = tree.root();
    if let Some(scores) = root.one(&["scores"]) {
        return Ok(scores);
    }
    if root.one(&["category"]).is_some() {
        return Ok(root);
    }
    let told = root
        .get("message")
        .or_else(|| root.one(&["error"])?.get("message"));
    Err(NotAResponse(match told {
        Some(message) => format!(
            "Goalserve answered with an error instead of scores: {}; it is kept raw and asked again",
            clean(message, 200)
        ),
        None => "this is no answer of Goalserve, whose answers are categories of matches; check --source and --endpoint".into(),
    }))
}
