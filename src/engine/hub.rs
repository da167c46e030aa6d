//! The hub: the live state in memory, and the snapshots made of it.
//!
//! It goes through the same pure `stage` as the writer, so screen and database agree. One task owns it ([`task`]);
//! everything here is plain, so a test drives it without a runtime.

mod games;
mod history;
mod late;
mod moves;
mod regroup;
pub mod task;
mod warm;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use self::games::{Standing, draw_game, new_series, place_split};
use self::late::Late;
use self::moves::{Move, Moves};
pub use self::warm::Warmth;
use super::event::LogLine;
use super::pipeline::stage;
use super::pipeline::write::BatchReport;
use super::reference::Reference;
use super::snapshot::{
    BackfillView, CacheView, Collecting, DatabaseState, ErrandView, ExtractionStatus,
    ExtractionView, FairBoard, GameView, JobsView, Mode, PersistenceView, Point, SeriesView,
    SignalView, Snapshot, SourceView, StartupStep,
};
use crate::domain::feed::FeedGame;
use crate::domain::game::GameId;
use crate::domain::identity::Identity;
use crate::domain::identity::facts::FeedKey;
use crate::domain::payload::Payload;
use crate::domain::series::{Price, SeriesKey};
use crate::domain::source::{Source, Stream};
use crate::domain::splits::SplitTape;
use crate::domain::status::GameStatus;
use crate::domain::tape::{Change, Tape};
use crate::sources::NotAResponse;
use crate::store::metrics::Totals;
use crate::store::writer::StoredExtraction;

/// Extraction rows kept for the panel.
const EXTRACTIONS: usize = 200;
/// Log lines kept for the panel.
const LOG_LINES: usize = 500;
/// Seconds and batches kept for the sparklines.
const SPARK: usize = 60;

/// What this run has staged, by source.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    rejects: HashMap<Source, u64>,
    changes: HashMap<Source, u64>,
    staged: HashMap<Source, u64>,
}

/// What a payload holds.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    /// The games it names.
    pub games: Vec<FeedGame>,
    /// Games and prices, as `raw_data.collection_log` counts them; none where it was heard before.
    pub rows: Option<u32>,
    /// What was not understood.
    pub rejects: u32,
}

/// The live state.
#[derive(Debug)]
pub struct Hub {
    reference: Arc<Reference>,
    mode: Mode,
    identity: Identity,
    tape: Tape,
    /// What came out of its stream's order and is not stored yet.
    late: Late,
    splits: SplitTape,
    /// Series whose opening is the book's own word, so that no other price takes its place.
    declared: HashSet<SeriesKey>,
    games: BTreeMap<GameId, Arc<GameView>>,
    /// How each feed's games stand, by the feed itself.
    standings: HashMap<FeedKey, Standing>,
    moves: Moves,
    redirects: Arc<BTreeMap<GameId, GameId>>,
    extractions: HashMap<(GameId, Stream), ExtractionView>,
    counts: Counts,
    /// How each source's format changed of late.
    drift: BTreeMap<Source, String>,
    view: Snapshot,
    changes_this_second: u32,
}

impl Hub {
    /// An empty hub.
    pub fn new(reference: Arc<Reference>, mode: Mode, now: DateTime<Utc>) -> Self {
        let view = Snapshot {
            version: 0,
            now,
            mode: mode.clone(),
            startup: Arc::default(),
            collecting: Collecting::On,
            games: Arc::default(),
            redirects: Arc::default(),
            tape: Arc::default(),
            signals: Arc::default(),
            fair: Arc::default(),
            extractions: Arc::default(),
            persistence: Arc::new(empty_persistence()),
            cache: Arc::default(),
            sources: Arc::default(),
            errands: Arc::default(),
            backfills: Arc::default(),
            jobs: Arc::default(),
            logs: Arc::default(),
            logs_dropped: 0,
        };
        Self {
            reference,
            mode,
            identity: Identity::default(),
            tape: Tape::default(),
            late: Late::default(),
            splits: SplitTape::default(),
            declared: HashSet::new(),
            games: BTreeMap::new(),
            standings: HashMap::new(),
            moves: Moves::default(),
            redirects: Arc::default(),
            extractions: HashMap::new(),
            counts: Counts::default(),
            drift: BTreeMap::new(),
            view,
            changes_this_second: 0,
        }
    }

    /// Take a payload: decode, stage, keep changes, show. Returns the games it names, for whoever wants their history.
    ///
    /// Fails when the body is no answer of its feed, which is counted as a reject.
    pub fn apply(&mut self, payload: &Payload) -> Result<Heard, NotAResponse> {
        if payload.error.is_some() {
            return Ok(Heard::default());
        }
        let request = &payload.request;
        let source = request.stream.source();
        let decoded = stage::decode(&payload.body, request, payload.observed_at, &self.reference)
            .inspect_err(|_| *self.counts.rejects.entry(source).or_default() += 1)?;
        self.identity
            .hear((payload.observed_at, payload.hash), &decoded.games);
        self.regroup();
        let moment = (payload.observed_at, payload.hash);
        for game in &decoded.games {
            let standing = self.standings.entry(FeedKey::of(game)).or_default();
            standing.hear(moment, game);
            let id = stage::Games::id(&self.identity, game.source, &game.source_game_id);
            let before = self.games.get(&id).map(|had| had.title());
            let mut view = draw_game(
                self.games.get(&id),
                id,
                game,
                self.identity.starts_at(id),
                &self.reference,
                payload.observed_at,
            );
            let number = self.identity.game_number(id);
            if let Some(number) = number.filter(|n| *n != view.game_number) {
                Arc::make_mut(&mut view).game_number = number;
            }
            let title = view.title();
            if before.is_some_and(|before| before != title) {
                self.moves.retitle(id, &title);
            }
            self.games.insert(id, view);
            self.stand(id);
        }
        let staged = stage::stage(&decoded, request, payload.observed_at, &self.identity);
        let rejects = decoded.rejects.len() + staged.rejects.len();
        *self.counts.rejects.entry(source).or_default() += rejects as u64;
        let rows = decoded.games.len() + decoded.quotes.len();

        *self.counts.staged.entry(source).or_default() += staged.observations.len() as u64;

        let origin = stage::origin(payload);
        let kept = self.tape.keep_changes(staged.observations, origin);
        *self.counts.changes.entry(source).or_default() += kept.changes.len() as u64;
        let mut lines: HashMap<GameId, i64> = HashMap::new();
        for (change, before) in kept.changes {
            *lines.entry(change.seen.key.game_id).or_default() += 1;
            self.show(&change, before);
        }
        for late in kept.suspects {
            self.show_late(&late);
        }
        self.late.heard(request.stream, origin, &kept.seen);
        for (key, at) in kept.seen {
            lines.entry(key.game_id).or_default();
            self.confirm(&key, at);
        }
        let (splits, _) = self.splits.keep_changes(staged.splits, origin);
        for change in splits {
            if let Some(game) = self.games.get_mut(&change.seen.key.game_id) {
                place_split(game, change.seen);
            }
        }
        let size = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Ok(Heard {
            games: decoded.games,
            rows: Some(size(rows)),
            rejects: size(rejects),
        })
    }

    /// Where a game stands: by the feed that gave it its id, else by the first that says, as the store has it.
    fn stand(&mut self, id: GameId) {
        let Some(game) = self.games.get_mut(&id) else {
            return;
        };
        let said: Vec<&Standing> = self
            .identity
            .speaking(id)
            .filter_map(|key| self.standings.get(key))
            .collect();
        if said.is_empty() {
            return;
        }
        let status = said.iter().find_map(|s| s.status);
        let status = status.unwrap_or(GameStatus::Scheduled);
        let home = said.iter().find_map(|s| s.home);
        let score = home.zip(said.iter().find_map(|s| s.away));
        if (game.status, game.score) != (status, score) {
            let game = Arc::make_mut(game);
            (game.status, game.score) = (status, score);
        }
    }

    /// A change, in its series, on the tape.
    fn show(&mut self, change: &Change, before: Option<Price>) {
        let seen = &change.seen;
        let point = Point {
            at: seen.at,
            price: seen.price,
        };
        let game = self
            .games
            .entry(seen.key.game_id)
            .or_insert_with(|| games::unnamed_game(seen.key.game_id, change.origin.observed_at));
        let game = Arc::make_mut(game);
        game.changed_at = game.changed_at.max(Some(seen.at));
        let can_open = games::opening(&seen.key, point).is_some();
        let declares = can_open && seen.opener && self.declared.insert(seen.key.clone());
        match game.series.binary_search_by(|s| s.key.cmp(&seen.key)) {
            Ok(index) => {
                if let Some(series) = game.series.get_mut(index) {
                    let series = Arc::make_mut(series);
                    series.points.push(point);
                    series.price = seen.price;
                    series.changed_at = seen.at;
                    series.seen_at = series.seen_at.max(seen.at);
                    if declares || (can_open && series.opening.is_none()) {
                        series.opening = Some(point);
                    }
                }
            }
            Err(index) => game
                .series
                .insert(index, Arc::new(new_series(seen, &self.reference))),
        }
        self.changes_this_second = self.changes_this_second.saturating_add(1);
        let latest = Move {
            key: &seen.key,
            book: seen.book.clone(),
            after: point,
            before,
        };
        self.moves.push(game, latest, &self.reference);
    }

    /// A price before the tail: put in its place on the chart, without touching what is current.
    fn show_late(&mut self, seen: &crate::domain::series::Observation) {
        let Some(game) = self.games.get_mut(&seen.key.game_id) else {
            return;
        };
        let game = Arc::make_mut(game);
        let Ok(index) = game.series.binary_search_by(|s| s.key.cmp(&seen.key)) else {
            return;
        };
        let Some(series) = game.series.get_mut(index) else {
            return;
        };
        let agrees = series
            .points
            .at(seen.at)
            .is_some_and(|p| p.price == seen.price);
        if !agrees {
            Arc::make_mut(series).points.push(Point {
                at: seen.at,
                price: seen.price,
            });
        }
    }

    fn confirm(&mut self, key: &SeriesKey, at: DateTime<Utc>) {
        let Some(game) = self.games.get_mut(&key.game_id) else {
            return;
        };
        let game = Arc::make_mut(game);
        game.seen_at = game.seen_at.max(Some(at));
        if let Ok(index) = game.series.binary_search_by(|s| s.key.cmp(key))
            && let Some(series) = game.series.get_mut(index)
            && series.seen_at < at
        {
            Arc::make_mut(series).seen_at = at;
        }
    }

    /// What this run has staged so far.
    pub fn counts(&self) -> Counts {
        self.counts.clone()
    }

    /// Go back to these counts.
    pub fn set_counts(&mut self, counts: Counts) {
        self.counts = counts;
    }

    /// The extraction log of a game whose rows came from another game or went to one, as it is stored.
    pub fn set_extractions(&mut self, game: GameId, rows: Vec<StoredExtraction>) {
        self.extractions.retain(|(id, _), _| *id != game);
        for row in rows {
            let view = self.extraction(row);
            self.extractions.insert((view.game_id, view.stream), view);
        }
    }

    /// A batch went through.
    pub fn note_batch(&mut self, report: &BatchReport, took_ms: f32, lag_ms: Option<f32>) {
        self.late.stored(&report.stored);
        let total = report.total();
        for row in &report.extractions {
            let mut view = self.extraction(StoredExtraction {
                game_id: row.game_id,
                stream: row.stream,
                last_extracted_at: row.at,
                watermark: row.watermark,
                extractions: row.extractions,
                lines: i64::from(row.lines),
                last_lines: row.lines,
                status: row.status.to_owned(),
                error: row.error.clone(),
            });
            if let Some(had) = self.extractions.get(&(row.game_id, row.stream)) {
                view.extractions += had.extractions;
                view.lines += had.lines;
                view.watermark = view.watermark.max(had.watermark);
                view.last_extracted_at = view.last_extracted_at.max(had.last_extracted_at);
            }
            self.extractions.insert((row.game_id, row.stream), view);
        }
        let view = Arc::make_mut(&mut self.view.persistence);
        view.payloads += i64::try_from(total.payloads).unwrap_or(0);
        view.changes += i64::try_from(total.changes).unwrap_or(0);
        view.observations += i64::try_from(report.observations).unwrap_or(0);
        view.rejects += i64::try_from(total.rejects).unwrap_or(0);
        push_bounded(&mut view.batch_ms, took_ms, SPARK);
        view.batch_p95_ms = percentile_95(&view.batch_ms);
        view.last_batch_rows = u32::try_from(total.changes).unwrap_or(u32::MAX);
        view.lag_ms = lag_ms;
    }

    /// Totals as the store counts them.
    pub fn set_totals(&mut self, totals: Totals) {
        let view = Arc::make_mut(&mut self.view.persistence);
        view.payloads = totals.payloads;
        view.changes = totals.changes;
        view.observations = totals.observations;
        view.rejects = totals.rejects;
        view.database_bytes = Some(totals.bytes);
    }

    /// Totals as shown.
    pub fn totals(&self) -> Totals {
        let view = &self.view.persistence;
        Totals {
            payloads: view.payloads,
            changes: view.changes,
            observations: view.observations,
            rejects: view.rejects,
            bytes: view.database_bytes.unwrap_or(0),
        }
    }

    /// Change the persistence panel.
    pub fn persistence(&mut self, change: impl FnOnce(&mut PersistenceView)) {
        change(Arc::make_mut(&mut self.view.persistence));
    }

    /// Replace the cache panel.
    pub fn set_cache(&mut self, cache: CacheView) {
        if *self.view.cache != cache {
            self.view.cache = Arc::new(cache);
        }
    }

    /// Replace a source's row; changes and rejects are the hub's own counts.
    pub fn set_source(&mut self, mut row: SourceView) {
        row.changes = self.counts.changes.get(&row.source).copied().unwrap_or(0);
        row.staged = self.counts.staged.get(&row.source).copied().unwrap_or(0);
        row.rejects = self.counts.rejects.get(&row.source).copied().unwrap_or(0);
        row.drift = self.drift.get(&row.source).cloned();
        let rows = Arc::make_mut(&mut self.view.sources);
        if let Some(had) = rows.iter_mut().find(|r| r.source == row.source) {
            *had = row;
        } else {
            rows.push(row);
            rows.sort_by_key(|r| r.source);
        }
    }

    /// Replace the signals.
    pub fn set_signals(&mut self, signals: Vec<SignalView>) {
        self.view.signals = Arc::new(signals);
    }

    /// Replace fair prices and chances.
    pub fn set_fair(&mut self, fair: FairBoard) {
        self.view.fair = Arc::new(fair);
    }

    /// The format of a source changed: how, in a sentence.
    pub fn set_drift(&mut self, source: Source, sentence: String) {
        let rows = Arc::make_mut(&mut self.view.sources);
        if let Some(row) = rows.iter_mut().find(|r| r.source == source) {
            row.drift = Some(sentence.clone());
        }
        self.drift.insert(source, sentence);
    }

    /// Replace or add a backfill.
    pub fn set_backfill(&mut self, row: BackfillView) {
        let rows = Arc::make_mut(&mut self.view.backfills);
        match rows.iter_mut().find(|r| r.id == row.id) {
            Some(had) => *had = row,
            None => rows.insert(0, row),
        }
        rows.truncate(20);
    }

    /// Replace the work under way.
    pub fn set_errands(&mut self, errands: Vec<ErrandView>) {
        self.view.errands = Arc::new(errands);
    }

    /// Replace the jobs.
    pub fn set_jobs(&mut self, jobs: JobsView) {
        if *self.view.jobs != jobs {
            self.view.jobs = Arc::new(jobs);
        }
    }

    /// Replace or add a start-up step.
    pub fn set_step(&mut self, step: StartupStep) {
        let steps = Arc::make_mut(&mut self.view.startup);
        match steps.iter_mut().find(|s| s.name == step.name) {
            Some(had) => *had = step,
            None => steps.push(step),
        }
    }

    /// Whether polling is on.
    pub fn set_collecting(&mut self, collecting: Collecting) {
        self.view.collecting = collecting;
    }

    /// Add log lines, and how many were lost so far.
    pub fn add_logs(&mut self, lines: impl IntoIterator<Item = LogLine>, dropped: u64) {
        let logs = Arc::make_mut(&mut self.view.logs);
        for line in lines {
            logs.insert(0, line);
        }
        logs.truncate(LOG_LINES);
        self.view.logs_dropped = dropped;
    }

    /// A second of real time went by: the sparkline moves on.
    pub fn second(&mut self) {
        let rate = std::mem::take(&mut self.changes_this_second);
        let view = Arc::make_mut(&mut self.view.persistence);
        push_bounded(&mut view.rate, rate, SPARK);
    }

    /// The ids feeds use for a game.
    pub fn sources_of(&self, game: GameId) -> Vec<(Source, Arc<str>)> {
        self.games
            .get(&game)
            .map(|g| g.sources.clone())
            .unwrap_or_default()
    }

    /// A game as shown.
    pub fn game(&self, game: GameId) -> Option<&Arc<GameView>> {
        self.games.get(&game)
    }

    /// Forget games that ended long ago, so that a screen open for weeks stays small.
    pub fn forget_before(&mut self, start: DateTime<Utc>) {
        let gone: HashSet<GameId> = self
            .games
            .values()
            .filter(|g| g.starts_at.is_some_and(|s| s < start))
            .map(|g| g.id)
            .collect();
        if gone.is_empty() {
            return;
        }
        for game in &gone {
            for key in self.identity.members(*game) {
                self.standings.remove(key);
            }
        }
        self.games.retain(|id, _| !gone.contains(id));
        self.declared.retain(|key| !gone.contains(&key.game_id));
        for id in &gone {
            for stream in Stream::ALL {
                self.tape.forget(*id, *stream);
                self.splits.forget(*id, *stream);
            }
        }
    }

    /// What is known now, as a value.
    pub fn snapshot(&mut self, now: DateTime<Utc>) -> Arc<Snapshot> {
        self.view.version += 1;
        self.view.now = now;
        self.view.mode = self.mode.clone();
        // A result of a game that nobody quoted is stored, and there is nothing to show of it.
        let shown =
            |game: &&Arc<GameView>| game.status != GameStatus::Final || !game.series.is_empty();
        let mut games: Vec<Arc<GameView>> = self.games.values().filter(shown).cloned().collect();
        games.sort_by_key(|g| (g.starts_at.is_none(), g.starts_at, g.id));
        self.view.games = Arc::new(games);
        self.view.redirects = Arc::clone(&self.redirects);
        if let Some(moves) = self.moves.take_changed() {
            self.view.tape = moves;
        }
        let mut extractions: Vec<ExtractionView> = self.extractions.values().cloned().collect();
        extractions.sort_by(|a, b| {
            (b.last_extracted_at, a.game_id, a.stream).cmp(&(
                a.last_extracted_at,
                b.game_id,
                b.stream,
            ))
        });
        extractions.truncate(EXTRACTIONS);
        for row in &mut extractions {
            // Its number in a doubleheader may have been told after the row was made.
            if let Some(game) = self.games.get(&row.game_id) {
                row.game = game.title();
            }
        }
        self.view.extractions = Arc::new(extractions);
        Arc::new(self.view.clone())
    }

    fn extraction(&self, row: StoredExtraction) -> ExtractionView {
        ExtractionView {
            game_id: row.game_id,
            game: self
                .games
                .get(&row.game_id)
                .map_or_else(|| row.game_id.to_string().into(), |g| g.title()),
            stream: row.stream,
            last_extracted_at: row.last_extracted_at,
            watermark: row.watermark,
            extractions: row.extractions,
            lines: row.lines,
            last_lines: i64::from(row.last_lines),
            status: match row.status.as_str() {
                "success" => ExtractionStatus::Success,
                "partial" => ExtractionStatus::Partial,
                _ => ExtractionStatus::Failed,
            },
            error: row.error.map(Into::into),
        }
    }
}

fn push_bounded<T>(values: &mut Vec<T>, value: T, most: usize) {
    values.push(value);
    if values.len() > most {
        values.remove(0);
    }
}

/// Nearest-rank 95th percentile.
fn percentile_95(values: &[f32]) -> Option<f32> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    sorted
        .get((sorted.len() * 95).div_ceil(100).saturating_sub(1))
        .copied()
}

fn empty_persistence() -> PersistenceView {
    PersistenceView {
        database: DatabaseState::Starting("waiting for PostgreSQL".into()),
        server: String::new(),
        database_bytes: None,
        spool_depth: 0,
        spool_bytes: 0,
        spool_oldest_s: None,
        spool_dropped: 0,
        quarantined: 0,
        payloads: 0,
        changes: 0,
        observations: 0,
        rejects: 0,
        rate: Vec::new(),
        batch_ms: Vec::new(),
        batch_p95_ms: None,
        last_batch_rows: 0,
        lag_ms: None,
        errors: 0,
        last_error: None,
    }
}

/// The series of a game view by key.
pub fn series<'a>(game: &'a GameView, key: &SeriesKey) -> Option<&'a Arc<SeriesView>> {
    let index = game.series.binary_search_by(|s| s.key.cmp(key)).ok()?;
    game.series.get(index)
}
