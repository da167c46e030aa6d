//! One batch of payloads, written in one transaction: raw, staging, summary and log, or nothing.

mod batch;
mod decide;
mod item;
mod placement;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use self::batch::{Batch, report};
use self::item::{Item, asked_game, unlisted_books};
use self::placement::Placement;
use super::replay::{self, Doubt};
use super::stage::{self, Games, Staged};
use crate::domain::clean::clean;
use crate::domain::feed::{Decoded, FeedBook, FeedGame, Reject};
use crate::domain::game::GameId;
use crate::domain::identity::Identity;
use crate::domain::payload::Payload;
use crate::domain::series::SeriesKey;
use crate::domain::source::{Source, Stream};
use crate::domain::splits::SplitTape;
use crate::domain::tape::{Origin, Tape, late_among};
use crate::engine::reference::Reference;
use crate::store;
use crate::store::games::GameFacts;
use crate::store::lines::Confirmation;
use crate::store::payloads::{Fate, Logged};

pub use self::batch::{BatchReport, SourceTally};
pub use self::decide::{Decided, Refusal};

/// Series remembered before memory is emptied: about 200 bytes each.
const MOST_SERIES: usize = 200_000;
/// Batches after which a game that none of them touched is no longer remembered: it is over, or is read again.
const QUIET: u64 = 500;

/// Writes batches, and remembers the current prices between them.
#[derive(Debug)]
pub struct Stager {
    writer: Uuid,
    reference: Arc<Reference>,
    demo: bool,
    batch_rows: usize,
    identity: Identity,
    tape: Tape,
    splits: SplitTape,
    /// Games remembered, and the batch that touched each last.
    loaded: HashMap<GameId, u64>,
    batches: u64,
    months: HashSet<String>,
}

impl Games for Identity {
    fn id(&self, source: Source, source_game_id: &str) -> GameId {
        self.get(source, source_game_id)
            .unwrap_or_else(|| GameId::mint(source, source_game_id))
    }

    fn starts_at(&self, game: GameId) -> Option<DateTime<Utc>> {
        Self::starts_at(self, game)
    }
}

impl Stager {
    /// A writer with an empty memory. `demo` marks every row it logs; `batch_rows` bounds one `insert`.
    pub fn new(reference: Arc<Reference>, demo: bool, batch_rows: usize) -> Self {
        Self {
            writer: Uuid::now_v7(),
            reference,
            demo,
            batch_rows: batch_rows.max(1),
            identity: Identity::default(),
            tape: Tape::default(),
            splits: SplitTape::default(),
            loaded: HashMap::new(),
            batches: 0,
            months: HashSet::new(),
        }
    }

    /// Write a batch in one transaction. After a failure nothing is written and the memory is empty.
    pub async fn write(
        &mut self,
        pool: &PgPool,
        payloads: &[Payload],
    ) -> Result<BatchReport, sqlx::Error> {
        let written = self.try_write(pool, payloads).await;
        if written.is_err() || self.tape.len() > MOST_SERIES {
            self.forget();
        }
        self.batches += 1;
        if self.batches.is_multiple_of(QUIET) {
            self.forget_quiet();
        }
        written
    }

    /// Forget games that were quiet for long, so that a service that runs for weeks stays small.
    fn forget_quiet(&mut self) {
        let old = self.batches.saturating_sub(QUIET);
        self.loaded.retain(|_, batch| *batch >= old);
        let loaded = &self.loaded;
        self.tape.keep_games(|game| loaded.contains_key(&game));
        self.splits.keep_games(|game| loaded.contains_key(&game));
    }

    fn forget(&mut self) {
        self.identity = Identity::default();
        self.tape.clear();
        self.splits.clear();
        self.loaded.clear();
        self.months.clear();
    }

    async fn try_write(
        &mut self,
        pool: &PgPool,
        payloads: &[Payload],
    ) -> Result<BatchReport, sqlx::Error> {
        let mut tx = pool.begin().await?;
        let changed_hands = store::writer::take_pen(&mut tx, self.writer).await?;
        if changed_hands {
            self.forget();
        }
        let all: Vec<&Payload> = payloads.iter().collect();
        let logged = store::payloads::already_logged(&mut tx, &all).await?;
        let fresh: Vec<&Payload> = all
            .into_iter()
            .filter(|p| !logged.contains(&p.fetch_id))
            .collect();
        let mut items = self.look(&mut tx, &fresh).await?;
        let placement = self.place_games(&mut tx, &items).await?;
        for item in items.iter_mut().filter(|i| i.fate == Fate::Staged) {
            item.staged = stage::stage(
                &item.decoded,
                &item.payload.request,
                item.payload.observed_at,
                &self.identity,
            );
        }
        self.make_partitions(&mut tx, &items).await?;
        store::payloads::store_bodies(&mut tx, &fresh).await?;
        self.load(&mut tx, &items).await?;

        let mut kept = Batch::default();
        for item in items.iter_mut().filter(|i| i.fate == Fate::Staged) {
            self.keep(item, &mut kept);
        }
        for rows in kept.whole_payloads(self.batch_rows) {
            store::lines::append(&mut tx, &rows).await?;
        }
        store::splits::append(&mut tx, &kept.splits).await?;
        let books: Vec<FeedBook> = items
            .iter()
            .flat_map(|i| unlisted_books(i, &self.reference))
            .collect();
        store::reference::add_books(&mut tx, &books).await?;
        write_teams(&mut tx, &items).await?;
        let log: Vec<Logged<'_>> = items.iter().map(Item::log).collect();
        store::payloads::log(&mut tx, &log, self.demo).await?;

        let doubts = Self::doubts(&mut tx, &kept, &placement).await?;
        let uncounted: HashSet<Origin> = fresh.iter().map(|p| stage::origin(p)).collect();
        self.settle(&mut tx, &doubts, &uncounted).await?;
        self.confirm(&mut tx, &kept).await?;
        let extractions = kept.extractions(&items, &self.identity);
        store::writer::log_extractions(&mut tx, &extractions).await?;
        store::writer::keep_invalid(
            &mut tx,
            &items.iter().flat_map(Item::invalid).collect::<Vec<_>>(),
        )
        .await?;
        tx.commit().await?;

        let mut rewritten = placement.rewritten.clone();
        rewritten.extend(doubts.iter().map(|d| d.game_id));
        self.read_anew(&rewritten);
        // Whoever takes these payloads one by one has seen these games as they are not.
        rewritten.extend(placement.unsettled.iter().copied());
        let mut report = report(&items, &kept, extractions, rewritten);
        report.regrouped = changed_hands || !placement.moves.is_empty();
        report.joined = placement.moves.iter().map(|m| m.to).collect();
        report.stored = payloads.iter().map(stage::origin).collect();
        Ok(report)
    }

    /// Replay what is doubtful, a stream at a time.
    async fn settle(
        &self,
        connection: &mut PgConnection,
        doubts: &[Doubt],
        uncounted: &HashSet<Origin>,
    ) -> Result<(), sqlx::Error> {
        for same_stream in doubts.chunk_by(|a, b| a.stream == b.stream) {
            let Some(Doubt { stream, .. }) = same_stream.first() else {
                continue;
            };
            replay::settle(
                &mut *connection,
                *stream,
                same_stream,
                &self.reference,
                &self.identity,
                uncounted,
            )
            .await?;
        }
        Ok(())
    }

    /// What was rewritten is read anew with the next batch that touches the game.
    fn read_anew(&mut self, games: &BTreeSet<GameId>) {
        for game in games {
            for stream in Stream::ALL {
                self.tape.forget(*game, *stream);
                self.splits.forget(*game, *stream);
            }
            self.loaded.remove(game);
        }
    }

    /// Decide each payload's fate and decode what is new.
    async fn look<'a>(
        &self,
        connection: &mut PgConnection,
        fresh: &[&'a Payload],
    ) -> Result<Vec<Item<'a>>, sqlx::Error> {
        let repeats = store::payloads::already_staged(connection, fresh).await?;
        let mut in_batch = HashSet::new();
        let items = fresh.iter().map(|payload| {
            let request = &payload.request;
            let identity = (
                payload.hash,
                payload.observed_at,
                request.stream,
                request.source_game_id.clone(),
            );
            let mut decoded = Decoded::default();
            let fate = if payload.error.is_some() {
                Fate::Failed
            } else if repeats.contains(&payload.fetch_id) || !in_batch.insert(identity) {
                Fate::Duplicate
            } else {
                match stage::decode(&payload.body, request, payload.observed_at, &self.reference) {
                    Ok(found) => {
                        decoded = found;
                        Fate::Staged
                    }
                    Err(refusal) => {
                        decoded.rejects.push(Reject {
                            path: String::new(),
                            reason: refusal.to_string(),
                            value: clean(
                                &String::from_utf8_lossy(
                                    payload.body.get(..200).unwrap_or(&payload.body),
                                ),
                                200,
                            ),
                            game: request.source_game_id.clone(),
                        });
                        Fate::Refused
                    }
                }
            };
            Item {
                payload,
                fate,
                decoded,
                staged: Staged::default(),
                changes: 0,
            }
        });
        Ok(items.collect())
    }

    /// Give every game its id, write the feeds' facts, and learn the starts that follow from them.
    async fn place_games(
        &mut self,
        connection: &mut PgConnection,
        items: &[Item<'_>],
    ) -> Result<Placement, sqlx::Error> {
        let asked: Vec<FeedGame> = items.iter().filter_map(|i| asked_game(i.payload)).collect();
        let named = items.iter().flat_map(|i| &i.decoded.games);
        placement::learn(connection, &mut self.identity, named.chain(&asked)).await?;
        let told = placement::hear(&mut self.identity, items);
        store::identity::keep_facts(connection, &told.said).await?;
        let mut facts = Vec::new();
        for item in items.iter().filter(|i| i.fate == Fate::Staged) {
            for game in &item.decoded.games {
                facts.push(GameFacts {
                    game_id: Games::id(&self.identity, game.source, &game.source_game_id),
                    feed: game.clone(),
                    origin: stage::origin(item.payload),
                });
            }
        }
        let mut placement = placement::place(
            connection,
            &mut self.identity,
            told.moves,
            &facts,
            self.demo,
        )
        .await?;
        self.read_anew(&placement.rewritten);
        placement.unsettled = told.unsettled;
        for moved in &placement.moves {
            self.loaded.remove(&moved.to);
        }
        let results: Vec<_> = items
            .iter()
            .filter(|i| i.fate == Fate::Staged)
            .flat_map(|i| {
                i.decoded
                    .results
                    .iter()
                    .map(|r| (r, stage::origin(i.payload)))
            })
            .map(|(r, origin)| {
                (
                    Games::id(&self.identity, r.source, &r.source_game_id),
                    r.clone(),
                    origin,
                )
            })
            .collect();
        store::games::write_outcomes(connection, &results).await?;
        Ok(placement)
    }

    async fn make_partitions(
        &mut self,
        connection: &mut PgConnection,
        items: &[Item<'_>],
    ) -> Result<(), sqlx::Error> {
        let times = items.iter().flat_map(|i| {
            i.staged
                .observations
                .iter()
                .map(|o| o.at)
                .chain([i.payload.observed_at])
        });
        let mut months: BTreeMap<String, DateTime<Utc>> = BTreeMap::new();
        for at in times {
            months.entry(at.format("%Y-%m").to_string()).or_insert(at);
        }
        for (month, at) in months {
            if self.months.insert(month) {
                store::payloads::ensure_partitions(connection, at, at).await?;
            }
        }
        Ok(())
    }

    /// Read the current prices of games that this batch touches for the first time.
    async fn load(
        &mut self,
        connection: &mut PgConnection,
        items: &[Item<'_>],
    ) -> Result<(), sqlx::Error> {
        let touched: BTreeSet<GameId> = items
            .iter()
            .flat_map(|i| {
                let lines = i.staged.observations.iter().map(|o| o.key.game_id);
                lines.chain(i.staged.splits.iter().map(|s| s.key.game_id))
            })
            .collect();
        let mut ids: Vec<GameId> = Vec::new();
        for game in touched {
            match self.loaded.get_mut(&game) {
                Some(batch) => *batch = self.batches,
                None => ids.push(game),
            }
        }
        if ids.is_empty() {
            return Ok(());
        }
        for (key, tail) in store::lines::tails(&mut *connection, &ids).await? {
            self.tape.load(key, tail);
        }
        for (key, value, at) in store::splits::latest(connection, &ids).await? {
            self.splits.load(key, value, at);
        }
        let batch = self.batches;
        self.loaded
            .extend(ids.into_iter().map(|game| (game, batch)));
        Ok(())
    }

    fn keep(&mut self, item: &mut Item<'_>, batch: &mut Batch) {
        let origin = stage::origin(item.payload);
        let kept = self
            .tape
            .keep_changes(std::mem::take(&mut item.staged.observations), origin);
        item.changes = i32::try_from(kept.changes.len()).unwrap_or(i32::MAX);
        for (change, _) in &kept.changes {
            let key = &change.seen.key;
            *batch.lines.entry((key.game_id, key.stream)).or_default() += 1;
        }
        let mut newest_change: HashMap<SeriesKey, DateTime<Utc>> = HashMap::new();
        for (change, _) in &kept.changes {
            let last = newest_change
                .entry(change.seen.key.clone())
                .or_insert(change.seen.at);
            *last = change.seen.at.max(*last);
        }
        let changes = kept.changes.into_iter().map(|(change, _)| change);
        batch.changes.push(changes.collect());
        for (key, at) in kept.seen {
            let touched = batch
                .touched
                .entry((key.game_id, key.stream))
                .or_insert((at, item.payload.observed_at));
            touched.0 = touched.0.max(at);
            touched.1 = touched.1.max(item.payload.observed_at);
            let changed_at = newest_change.get(&key).copied();
            let seen = batch.seen.entry(key).or_default();
            seen.at = seen.at.max(at);
            seen.changed_at = seen.changed_at.max(changed_at);
            seen.fetches += 1;
            seen.counted += i64::from(changed_at.is_some());
        }
        if !kept.suspects.is_empty() {
            batch.suspects.push((kept.suspects, origin));
        }
        let (splits, late) = self
            .splits
            .keep_changes(std::mem::take(&mut item.staged.splits), origin);
        batch.splits.extend(splits);
        for (key, from) in late {
            batch.doubt(key, from);
        }
    }

    /// Which streams must be replayed: those a suspect disagrees with, and those of games whose start moved across
    /// prices already seen.
    async fn doubts(
        connection: &mut PgConnection,
        batch: &Batch,
        placement: &Placement,
    ) -> Result<Vec<Doubt>, sqlx::Error> {
        let mut from = batch.late.clone();
        if !batch.suspects.is_empty() {
            let mut keys: Vec<&SeriesKey> = batch
                .suspects
                .iter()
                .flat_map(|(s, _)| s)
                .map(|o| &o.key)
                .collect();
            keys.sort_unstable();
            keys.dedup();
            let rows = store::lines::rows_of(&mut *connection, &keys).await?;
            for (suspects, origin) in &batch.suspects {
                for (key, at) in late_among(suspects, *origin, &rows) {
                    let earliest = from.entry(key).or_insert(at);
                    *earliest = at.min(*earliest);
                }
            }
        }
        for (&(game_id, source), shift) in &placement.shifts {
            let first = shift.old.min(shift.new);
            for stream in store::lines::streams_seen_since(&mut *connection, game_id, first).await?
            {
                if stream.source() == source {
                    let earliest = from.entry((game_id, stream)).or_insert(first);
                    *earliest = first.min(*earliest);
                }
            }
        }
        let mut doubts: Vec<Doubt> = from
            .into_iter()
            .map(|((game_id, stream), from)| Doubt {
                game_id,
                stream,
                from,
                old_start: placement
                    .shifts
                    .get(&(game_id, stream.source()))
                    .map(|shift| shift.old),
            })
            .collect();
        doubts.sort_by_key(|d| (d.stream, d.game_id));
        Ok(doubts)
    }

    async fn confirm(
        &mut self,
        connection: &mut PgConnection,
        batch: &Batch,
    ) -> Result<(), sqlx::Error> {
        let unnamed: Vec<&SeriesKey> = batch
            .seen
            .keys()
            .filter(|key| {
                self.tape
                    .tail(key)
                    .is_none_or(|tail| tail.series_id.is_none())
            })
            .collect();
        let ids = store::lines::series_ids(connection, &unnamed).await?;
        for (key, id) in unnamed.into_iter().zip(ids) {
            self.tape.name(key, id);
        }
        let rows: Vec<Confirmation> = batch
            .seen
            .iter()
            .filter(|(_, seen)| !seen.is_merged())
            .filter_map(|(key, seen)| {
                let series_id = self.tape.tail(key)?.series_id?;
                Some(Confirmation {
                    game_id: key.game_id,
                    series_id,
                    seen_at: seen.at,
                    fetches: seen.fetches - seen.counted,
                })
            })
            .collect();
        for chunk in rows.chunks(self.batch_rows) {
            store::lines::confirm(connection, chunk).await?;
        }
        Ok(())
    }
}

/// Lists of teams and standings, as the feeds give them.
async fn write_teams(connection: &mut PgConnection, items: &[Item<'_>]) -> Result<(), sqlx::Error> {
    let staged = || items.iter().filter(|i| i.fate == Fate::Staged);
    let teams: Vec<_> = staged()
        .flat_map(|i| {
            let origin = stage::origin(i.payload);
            i.decoded.teams.iter().map(move |team| (team, origin))
        })
        .collect();
    store::teams::write(&mut *connection, &teams).await?;
    let standings: Vec<_> = staged()
        .flat_map(|i| {
            let origin = stage::origin(i.payload);
            i.decoded.standings.iter().map(move |row| (row, origin))
        })
        .collect();
    store::teams::write_standings(connection, &standings).await
}
