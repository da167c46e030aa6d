//! How feed facts and stored rows become the views of a game.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::book::BookSlug;
use crate::domain::clean::clean;
use crate::domain::feed::FeedGame;
use crate::domain::game::GameId;
use crate::domain::identity::facts::Moment;
use crate::domain::league::League;
use crate::domain::market::Phase;
use crate::domain::payload::PayloadHash;
use crate::domain::series::{Observation, SeriesKey};
use crate::domain::splits::SplitObservation;
use crate::domain::status::GameStatus;
use crate::domain::tape::{Origin, Tail};
use crate::domain::team::TeamSlug;
use crate::domain::time::slate_date;
use crate::engine::reference::Reference;
use crate::engine::snapshot::{GameView, Point, PointLog, SeriesView, SplitView, TeamView};
use crate::store::games::StoredGame;
use crate::store::history::StoredSeries;

/// Longest name shown.
const NAME: usize = 40;

fn team(slug: Option<&TeamSlug>, name: &str, reference: &Reference) -> TeamView {
    let known = slug.and_then(|s| reference.teams.get(s));
    let name = clean(name, NAME);
    TeamView {
        slug: slug.cloned(),
        abbr: known.map_or_else(|| abbreviate(&name).into(), |t| Arc::clone(&t.abbr)),
        name: name.into(),
    }
}

/// Initials of an unknown team: `North Texas` → `NT`; of one word its first letters.
fn abbreviate(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    match words.as_slice() {
        [] => "?".to_owned(),
        [one] => one.chars().take(4).collect::<String>().to_uppercase(),
        many => many
            .iter()
            .filter_map(|w| w.chars().next())
            .take(4)
            .collect::<String>()
            .to_uppercase(),
    }
}

/// What a feed last said of how a game stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Standing {
    /// The fetch that said it.
    pub(super) at: Option<Moment>,
    /// Where it stands.
    pub(super) status: Option<GameStatus>,
    /// The home team's score.
    pub(super) home: Option<i32>,
    /// The away team's score.
    pub(super) away: Option<i32>,
}

impl Standing {
    /// Hear the feed again: the latest look has the word, and what it leaves out stands.
    pub(super) fn hear(&mut self, at: Moment, feed: &FeedGame) {
        if self.at.is_none_or(|had| at > had) {
            self.at = Some(at);
            self.status = feed.status.or(self.status);
            self.home = feed.home_score.or(self.home);
            self.away = feed.away_score.or(self.away);
        }
    }
}

/// A game after a feed named it. The feed that named it first decides; others fill what it lacks.
pub(super) fn draw_game(
    had: Option<&Arc<GameView>>,
    id: GameId,
    feed: &FeedGame,
    starts_at: Option<DateTime<Utc>>,
    reference: &Reference,
    now: DateTime<Utc>,
) -> Arc<GameView> {
    let starts_at = starts_at.or(feed.starts_at);
    let link = (feed.source, Arc::clone(&feed.source_game_id));
    if let Some(had) = had.filter(|h| h.home.name.as_ref() != "") {
        let mut next = GameView::clone(had);
        if !next.sources.contains(&link) {
            next.sources.push(link);
            next.sources.sort();
        }
        next.starts_at = starts_at.or(next.starts_at);
        next.slate = next.starts_at.map_or(next.slate, slate_date);
        let unchanged = next.sources == had.sources && next.starts_at == had.starts_at;
        return if unchanged {
            Arc::clone(had)
        } else {
            Arc::new(next)
        };
    }
    let mut view = had.map_or_else(|| unnamed(id, now), |h| GameView::clone(h));
    view.sources = vec![link];
    view.league = feed.league;
    view.home = team(feed.home_team.as_ref(), &feed.home, reference);
    view.away = team(feed.away_team.as_ref(), &feed.away, reference);
    view.game_number = feed.game_number;
    view.starts_at = starts_at;
    view.slate = starts_at.map_or_else(|| slate_date(now), slate_date);
    view.history_loaded = true;
    Arc::new(view)
}

fn unnamed(id: GameId, now: DateTime<Utc>) -> GameView {
    let nobody = TeamView {
        slug: None,
        name: Arc::default(),
        abbr: "?".into(),
    };
    GameView {
        id,
        sources: Vec::new(),
        league: League::Other,
        slate: slate_date(now),
        home: nobody.clone(),
        away: nobody,
        game_number: 1,
        starts_at: None,
        status: GameStatus::Scheduled,
        score: None,
        series: Vec::new(),
        splits: Arc::default(),
        changed_at: None,
        seen_at: None,
        history_loaded: false,
    }
}

/// A game that prices came for before any feed named it.
pub(super) fn unnamed_game(id: GameId, now: DateTime<Utc>) -> Arc<GameView> {
    Arc::new(unnamed(id, now))
}

/// A game as the store has it.
pub(super) fn stored_game(stored: &StoredGame, reference: &Reference) -> GameView {
    let known = &stored.known;
    let teams = known.teams.as_ref();
    GameView {
        sources: stored.sources.clone(),
        league: known.league,
        home: team(teams.map(|t| &t.0), &stored.names.0, reference),
        away: team(teams.map(|t| &t.1), &stored.names.1, reference),
        game_number: known.game_number,
        starts_at: known.starts_at,
        status: stored.status,
        score: stored.score,
        ..unnamed(known.game_id, known.starts_at.unwrap_or_default())
    }
}

/// A series on its first price.
pub(super) fn new_series(seen: &Observation, reference: &Reference) -> SeriesView {
    let point = Point {
        at: seen.at,
        price: seen.price,
    };
    let mut points = PointLog::default();
    points.push(point);
    series_view(
        seen.key.clone(),
        seen.book.clone(),
        point,
        seen.at,
        opening(&seen.key, point),
        points,
        reference,
    )
}

/// A series as the store's current row has it: one point until the history is loaded.
pub(super) fn stored_series(stored: StoredSeries, reference: &Reference) -> SeriesView {
    let point = Point {
        at: stored.at,
        price: stored.price,
    };
    let mut points = PointLog::default();
    let opening = stored.opening.map(|(at, price)| Point { at, price });
    if let Some(opening) = opening.filter(|o| o.at < point.at) {
        points.push(opening);
    }
    points.push(point);
    series_view(
        stored.key,
        stored.book,
        point,
        stored.last_seen_at,
        opening,
        points,
        reference,
    )
}

/// A series known only from its history; none without a point.
pub(super) fn series_from_points(
    key: SeriesKey,
    book: Option<BookSlug>,
    points: Vec<Point>,
    opening: Option<Point>,
    reference: &Reference,
) -> Option<SeriesView> {
    let log = PointLog::from_points(points);
    let last = *log.last()?;
    Some(series_view(
        key, book, last, last.at, opening, log, reference,
    ))
}

/// The point, when it can be its series' opening: pregame, and a price.
pub(super) fn opening(key: &SeriesKey, point: Point) -> Option<Point> {
    (key.phase == Phase::Pregame && point.price.odds.is_some()).then_some(point)
}

fn series_view(
    key: SeriesKey,
    book: Option<BookSlug>,
    last: Point,
    seen_at: DateTime<Utc>,
    opening: Option<Point>,
    points: PointLog,
    reference: &Reference,
) -> SeriesView {
    let source = key.stream.source();
    let entry = reference.books.find(source, &key.source_book_id);
    SeriesView {
        label: reference.label(source, &key.source_book_id).into(),
        kind: reference.kind(source, &key.source_book_id),
        primary: entry.is_none_or(|e| e.primary),
        book,
        price: last.price,
        changed_at: last.at,
        seen_at,
        opening,
        points,
        key,
    }
}

/// The tail that a view stands for.
pub(super) fn tail_of(view: &SeriesView) -> Tail {
    Tail {
        price: view.price,
        changed_at: view.changed_at,
        last_seen_at: view.seen_at,
        origin: unknown_origin(view.changed_at),
        series_id: None,
    }
}

/// Where a price read from the store came from does not matter to the screen.
pub(super) fn unknown_origin(observed_at: DateTime<Utc>) -> Origin {
    Origin {
        observed_at,
        payload_hash: PayloadHash([0; 32]),
        reconstructed: false,
    }
}

/// Put a split in its place.
pub(super) fn place_split(game: &mut Arc<GameView>, seen: SplitObservation) {
    let splits = Arc::make_mut(&mut Arc::make_mut(game).splits);
    match splits.binary_search_by(|s| s.key.cmp(&seen.key)) {
        Ok(index) => {
            if let Some(slot) = splits.get_mut(index) {
                slot.change(seen.value, seen.at);
            }
        }
        Err(index) => splits.insert(index, SplitView::new(seen.key, seen.value, seen.at)),
    }
}
