//! `SportsBettingDime`: tickets and money of each game, and several books' prices. No key.
//!
//! `docs/feeds.md` lists the endpoint, the quirks and the shapes no capture proves.

mod book;
mod matchup;
mod request;
mod split;

use chrono::NaiveDate;

use self::matchup::{Group, Matchup};
use super::collector::Collector;
use super::feed::{Cadence, Feed};
use super::json::{Document, List, Pointer, Scalar, Shape, record};
use super::plan::PlanError;
use super::{DecodeContext, NotAResponse, Recognised, Refusal, Request};
use crate::config::settings::Sources;
use crate::domain::clean::clean;
use crate::domain::feed::Decoded;
use crate::domain::league::League;
use crate::domain::source::Stream;

/// `SportsBettingDime`.
#[derive(Debug)]
pub(super) struct Sbd;

impl Feed for Sbd {
    fn name(&self) -> &'static str {
        "SportsBettingDime"
    }

    fn recognise(&self, text: &str) -> Result<Recognised, NotAResponse> {
        let document = Document::new(text.trim_start());
        let body = Body::read(&document).map_err(|error| super::broken_json(&error))?;
        if body.is_splits() {
            Ok(SPLITS)
        } else {
            Err(not_a_response(&document))
        }
    }

    fn by_endpoint(&self, path: &str) -> Option<Recognised> {
        path.ends_with("/betting-splits").then_some(SPLITS)
    }

    fn decode(&self, text: &str, context: &DecodeContext<'_>) -> Result<Decoded, Refusal> {
        let document = Document::new(text);
        let body = Body::read(&document)?;
        if !body.is_splits() {
            return Err(not_a_response(&document).into());
        }
        let mut collector = Collector::new(context);
        body.each(&mut |games, place| matchup::matchups(games, place, &mut collector));
        Ok(collector.finish(&document))
    }

    fn host<'s>(&self, settings: &'s Sources) -> (&'s str, u32) {
        let own = &settings.sbd;
        (&own.base_url, own.per_minute)
    }

    fn cadence(&self, settings: &Sources) -> Cadence {
        Cadence {
            slate: settings.sbd.every,
            ..Cadence::default()
        }
    }

    fn slate(
        &self,
        settings: &Sources,
        league: League,
        _date: NaiveDate,
    ) -> Result<Vec<Request>, PlanError> {
        request::splits(&settings.sbd, league, self.name()).map(|one| vec![one])
    }

    fn past_day(
        &self,
        _settings: &Sources,
        _league: League,
        _date: NaiveDate,
    ) -> Result<Vec<Request>, PlanError> {
        Err(PlanError::NoPast {
            feed: self.name(),
            instead: "leave it in collect.sources, and its days are kept from today on",
        })
    }
}

const SPLITS: Recognised = Recognised {
    stream: Stream::SbdSplits,
    source_game_id: None,
};

record! {
    /// A list of groups under `data`.
    Wrapped<'a> { data: List<Group<'a>> = "data" }
}
record! {
    /// A list of games under `data`.
    Bare<'a> { data: List<Matchup<'a>> = "data" }
}

/// The forms a body has: one group is captured, the others are described by clients.
enum Body<'a> {
    Group(Group<'a>),
    Groups(List<Group<'a>>),
    Wrapped(List<Group<'a>>),
    Bare(List<Matchup<'a>>),
}

impl<'a> Body<'a> {
    fn read(document: &'a Document<'_>) -> Result<Self, serde_json::Error> {
        if document.is_list() {
            return document.read().map(Self::Groups);
        }
        let one: Group<'_> = document.read()?;
        if one.games.shape != Shape::Absent {
            return Ok(Self::Group(one));
        }
        let wrapped: Wrapped<'_> = document.read()?;
        let grouped = |group: &Group<'_>| group.games.shape != Shape::Absent;
        if wrapped.data.items.is_empty() || wrapped.data.items.iter().any(grouped) {
            return Ok(Self::Wrapped(wrapped.data));
        }
        let bare: Bare<'_> = document.read()?;
        Ok(Self::Bare(bare.data))
    }

    fn is_splits(&self) -> bool {
        let grouped = |groups: &List<Group<'_>>| {
            groups.shape == Shape::Right
                && (groups.items.is_empty()
                    || groups
                        .items
                        .iter()
                        .any(|group| group.games.shape == Shape::Right))
        };
        match self {
            Self::Group(group) => group.games.shape == Shape::Right,
            Self::Groups(groups) | Self::Wrapped(groups) => grouped(groups),
            Self::Bare(games) => games.items.iter().any(Matchup::is_one),
        }
    }

    /// Every list of games with its place.
    fn each(&self, take: &mut dyn FnMut(&List<Matchup<'_>>, &Pointer<'_>)) {
        let root = Pointer::Root;
        let data = root.key("data");
        let mut every = |groups: &List<Group<'_>>, place: &Pointer<'_>| {
            for (index, group) in groups.items.iter().enumerate() {
                take(&group.games, &place.at(index).key("games"));
            }
        };
        match self {
            Self::Group(group) => take(&group.games, &root.key("games")),
            Self::Groups(groups) => every(groups, &root),
            Self::Wrapped(groups) => every(groups, &data),
            Self::Bare(games) => take(games, &data),
        }
    }
}

record! {
    /// The members by which an error body shows itself.
    ErrorBody<'a> { message: Scalar<'a> = "message", error: Scalar<'a> = "error" }
}

/// Why `document` is no answer: the feed's own message where it sent one.
fn not_a_response(document: &Document<'_>) -> NotAResponse {
    let told = document.read::<ErrorBody<'_>>().ok().and_then(|body| {
        let text = body.message.text().or(body.error.text())?;
        Some(clean(text, 200))
    });
    NotAResponse(match told {
        Some(message) => format!(
            "SportsBettingDime answered with an error instead of splits: {message}; it is kept raw and asked again"
        ),
        None => {
            "this JSON holds no games with splits of SportsBettingDime; check --source and --endpoint"
                .into()
        }
    })
}
