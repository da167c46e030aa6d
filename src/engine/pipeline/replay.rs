//! Replaying a game's stream from raw, when a late payload or a changed start makes its rows doubtful.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::stage::{self, Games};
use crate::domain::feed::Decoded;
use crate::domain::game::GameId;
use crate::domain::payload::{PayloadHash, RequestIdentity};
use crate::domain::series::{Observation, Price, SeriesKey};
use crate::domain::source::{Source, Stream};
use crate::domain::splits::{SplitObservation, replay_splits};
use crate::domain::tape::{Change, Origin, Row, replay};
use crate::engine::reference::Reference;
use crate::store;
use crate::store::lines::Confirmation;
use crate::store::payloads::StoredFetch;
use crate::store::writer::Invalid;

/// Looks before a moved start that are searched for a series' last sighting; nearly always the first of them has it.
const LOOKS_BACK: i64 = 20;

/// Which stream of which game, from when on.
#[derive(Debug, Clone, Copy)]
pub struct Doubt {
    /// Game.
    pub game_id: GameId,
    /// Feed and endpoint.
    pub stream: Stream,
    /// Rows before this market time stand.
    pub from: DateTime<Utc>,
    /// The start the stored rows were staged by, when it changed.
    pub old_start: Option<DateTime<Utc>>,
}

/// The same games under the starts their rows were staged by, to see which series a fetch was counted for before.
struct OldStarts<'a, G> {
    games: &'a G,
    starts: HashMap<GameId, DateTime<Utc>>,
}

impl<G: Games> Games for OldStarts<'_, G> {
    fn id(&self, source: Source, source_game_id: &str) -> GameId {
        self.games.id(source, source_game_id)
    }

    fn starts_at(&self, game: GameId) -> Option<DateTime<Utc>> {
        self.starts.get(&game).copied()
    }
}

/// What the payloads say of one doubtful game.
#[derive(Debug, Default)]
struct Evidence {
    sightings: Vec<(Observation, Origin)>,
    splits: Vec<(SplitObservation, Origin)>,
    counted: HashMap<SeriesKey, i64>,
    /// Newest sightings before the doubt, as far as they are known.
    earlier: HashMap<SeriesKey, DateTime<Utc>>,
}

impl Evidence {
    /// Series that were seen under the old start and, under the new one, are not seen from `from` on; and whose
    /// sighting before `from` is still to be found.
    fn orphans(&self, from: DateTime<Utc>) -> HashSet<SeriesKey> {
        let sightings = self.sightings.iter().filter(|(o, _)| o.at >= from);
        let seen: HashSet<&SeriesKey> = sightings.map(|(o, _)| &o.key).collect();
        self.counted
            .keys()
            .filter(|key| !self.earlier.contains_key(*key) && !seen.contains(key))
            .cloned()
            .collect()
    }

    fn note_earlier(&mut self, observation: &Observation) {
        let newest = self
            .earlier
            .entry(observation.key.clone())
            .or_insert(observation.at);
        *newest = observation.at.max(*newest);
    }
}

/// Bodies of the raw zone, each read once.
#[derive(Debug, Default)]
struct Bodies(HashMap<PayloadHash, Vec<u8>>);

impl Bodies {
    /// What a fetch brought; none when its bytes are gone or are no answer.
    async fn decode(
        &mut self,
        connection: &mut PgConnection,
        fetch: StoredFetch,
        reference: &Reference,
    ) -> Result<Option<(Decoded, RequestIdentity)>, sqlx::Error> {
        let hash = fetch.origin.payload_hash;
        if !self.0.contains_key(&hash)
            && let Some(body) = store::payloads::body(connection, hash).await?
        {
            self.0.insert(hash, body);
        }
        let request = RequestIdentity {
            stream: fetch.stream,
            url: fetch.url,
            league: None,
            source_game_id: fetch.source_game_id,
        };
        let decoded = self.0.get(&hash).and_then(|body| {
            stage::decode(body, &request, fetch.origin.observed_at, reference).ok()
        });
        Ok(decoded.map(|decoded| (decoded, request)))
    }
}

/// Rewrite the rows of doubtful games of one stream so that they are what its payloads give, in whatever order they
/// came. Each payload is decoded once for all of them. `uncounted` are the fetches of the batch at hand, whose
/// sightings the caller counts itself.
pub async fn settle(
    connection: &mut PgConnection,
    stream: Stream,
    doubts: &[Doubt],
    reference: &Reference,
    games: &impl Games,
    uncounted: &HashSet<Origin>,
) -> Result<(), sqlx::Error> {
    let mut evidence: HashMap<GameId, Evidence> = HashMap::new();
    let (mut ids, mut leagues) = (Vec::new(), Vec::new());
    for doubt in doubts {
        // A game that only a tick history has named so far has no row yet; its request names it all the same.
        if let Some(game) = store::games::find(&mut *connection, doubt.game_id).await? {
            ids.extend(
                game.sources
                    .into_iter()
                    .filter(|(s, _)| *s == stream.source())
                    .map(|(_, id)| id),
            );
            leagues.push(game.known.league);
        }
        evidence.insert(doubt.game_id, Evidence::default());
    }
    let Some(from) = doubts.iter().map(|d| d.from).min() else {
        return Ok(());
    };
    let froms: HashMap<GameId, DateTime<Utc>> =
        doubts.iter().map(|d| (d.game_id, d.from)).collect();
    let old = OldStarts {
        games,
        starts: doubts
            .iter()
            .filter_map(|d| Some((d.game_id, d.old_start?)))
            .collect(),
    };
    let mut bodies = Bodies::default();
    for fetch in
        store::payloads::fetches_since(&mut *connection, stream, &ids, &leagues, from).await?
    {
        let origin = fetch.origin;
        let observed_at = origin.observed_at;
        let read = bodies.decode(&mut *connection, fetch, reference).await?;
        let Some((decoded, request)) = read else {
            continue;
        };
        let staged = stage::stage(&decoded, &request, observed_at, games);
        if !old.starts.is_empty() && !uncounted.contains(&origin) {
            let before = stage::stage(&decoded, &request, observed_at, &old);
            let moved = |o: &&Observation| old.starts.contains_key(&o.key.game_id);
            count(&mut evidence, before.observations.iter().filter(moved), -1);
            count(&mut evidence, staged.observations.iter().filter(moved), 1);
        }
        for observation in staged.observations {
            if let Some(found) = evidence.get_mut(&observation.key.game_id) {
                if froms.get(&observation.key.game_id) > Some(&observation.at) {
                    found.note_earlier(&observation);
                }
                found.sightings.push((observation, origin));
            }
        }
        for split in staged.splits {
            if let Some(found) = evidence.get_mut(&split.key.game_id) {
                found.splits.push((split, origin));
            }
        }
    }
    // A start that moved earlier took sightings away from pregame series: when were those last seen before it?
    let mut orphans: HashSet<SeriesKey> = doubts
        .iter()
        .filter_map(|d| Some(evidence.get(&d.game_id)?.orphans(d.from)))
        .flatten()
        .collect();
    if !orphans.is_empty() {
        let before = store::payloads::fetches_before(
            &mut *connection,
            stream,
            &ids,
            &leagues,
            from,
            LOOKS_BACK,
        );
        for fetch in before.await? {
            let observed_at = fetch.origin.observed_at;
            let read = bodies.decode(&mut *connection, fetch, reference).await?;
            let Some((decoded, request)) = read else {
                continue;
            };
            for observation in stage::stage(&decoded, &request, observed_at, games).observations {
                if orphans.remove(&observation.key)
                    && let Some(found) = evidence.get_mut(&observation.key.game_id)
                {
                    found.note_earlier(&observation);
                }
            }
            if orphans.is_empty() {
                break;
            }
        }
    }
    for doubt in doubts {
        if let Some(found) = evidence.remove(&doubt.game_id) {
            rewrite(&mut *connection, *doubt, found).await?;
        }
    }
    Ok(())
}

/// Write what the evidence gives for one game.
async fn rewrite(
    connection: &mut PgConnection,
    doubt: Doubt,
    found: Evidence,
) -> Result<(), sqlx::Error> {
    let Doubt {
        game_id,
        stream,
        from,
        ..
    } = doubt;
    let stored = store::lines::rows_of_stream(&mut *connection, game_id, stream).await?;
    let before = |rows: &Vec<Row>| rows.iter().rev().find(|r| r.at < from).map(|r| r.price);
    let in_force: HashMap<SeriesKey, Price> = stored
        .iter()
        .filter_map(|(key, rows)| Some((key.clone(), before(rows)?)))
        .collect();
    let replayed = replay(found.sightings, &in_force, from);
    write_difference(&mut *connection, &stored, &replayed.changes, from).await?;

    let mut keys: Vec<&SeriesKey> = replayed.last_seen.keys().collect();
    keys.extend(
        found
            .counted
            .keys()
            .filter(|k| !replayed.last_seen.contains_key(*k)),
    );
    let series = store::lines::series_ids(&mut *connection, &keys).await?;
    let confirmations: Vec<Confirmation> = keys
        .iter()
        .zip(series)
        .map(|(key, series_id)| Confirmation {
            game_id,
            series_id,
            seen_at: replayed
                .last_seen
                .get(*key)
                .copied()
                .unwrap_or(DateTime::UNIX_EPOCH),
            fetches: found.counted.get(*key).copied().unwrap_or(0),
        })
        .collect();
    store::lines::confirm(&mut *connection, &confirmations).await?;
    let (orphans, seen_at): (Vec<&SeriesKey>, Vec<DateTime<Utc>>) = found
        .counted
        .keys()
        .filter(|key| !replayed.last_seen.contains_key(*key))
        // The row itself was a sighting, which is all that is known of one that older looks do not show.
        .map(|key| {
            (
                key,
                found
                    .earlier
                    .get(key)
                    .copied()
                    .unwrap_or(DateTime::UNIX_EPOCH),
            )
        })
        .unzip();
    store::lines::set_last_seen(&mut *connection, &orphans, &seen_at).await?;

    let split_before = store::splits::before(&mut *connection, game_id, stream, from).await?;
    let split_rows = replay_splits(found.splits, &split_before, from);
    store::splits::replace(&mut *connection, game_id, stream, from, &split_rows).await?;
    store::writer::keep_invalid(connection, &conflicts(&replayed.conflicts)).await?;
    Ok(())
}

fn count<'a>(
    evidence: &mut HashMap<GameId, Evidence>,
    seen: impl Iterator<Item = &'a Observation>,
    by: i64,
) {
    let distinct: HashSet<&SeriesKey> = seen.map(|o| &o.key).collect();
    for key in distinct {
        if let Some(found) = evidence.get_mut(&key.game_id) {
            *found.counted.entry(key.clone()).or_default() += by;
        }
    }
}

/// Remove rows that the replay does not give, append those it gives anew, leave the rest as it is.
async fn write_difference(
    connection: &mut PgConnection,
    stored: &HashMap<SeriesKey, Vec<Row>>,
    wanted: &[Change],
    from: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let same = |row: &Row, change: &Change| {
        row.at == change.seen.at
            && row.price == change.seen.price
            && row.origin.observed_at == change.origin.observed_at
            && row.origin.payload_hash == change.origin.payload_hash
    };
    let mut wanted_by_key: HashMap<&SeriesKey, Vec<&Change>> = HashMap::new();
    for change in wanted {
        wanted_by_key
            .entry(&change.seen.key)
            .or_default()
            .push(change);
    }
    let mut gone = Vec::new();
    for (key, rows) in stored {
        let keep = wanted_by_key.get(key);
        for row in rows.iter().filter(|r| r.at >= from) {
            if !keep.is_some_and(|changes| changes.iter().any(|c| same(row, c))) {
                gone.push((key, row.at));
            }
        }
    }
    let fresh: Vec<&Change> = wanted
        .iter()
        .filter(|c| {
            !stored
                .get(&c.seen.key)
                .is_some_and(|rows| rows.iter().any(|r| same(r, c)))
        })
        .collect();
    let mut touched: Vec<&SeriesKey> = gone
        .iter()
        .map(|(key, _)| *key)
        .chain(fresh.iter().map(|c| &c.seen.key))
        .collect();
    touched.sort_unstable();
    touched.dedup();
    store::lines::remove(&mut *connection, &gone).await?;
    store::lines::append_replayed(&mut *connection, &fresh).await?;
    store::lines::recompute(connection, &touched).await
}

fn conflicts(losers: &[Change]) -> Vec<Invalid> {
    losers
        .iter()
        .map(|loser| Invalid {
            payload_hash: loser.origin.payload_hash,
            observed_at: loser.origin.observed_at,
            ordinal: i32::try_from(loser.seen.ordinal).unwrap_or(i32::MAX),
            stream: loser.seen.key.stream,
            kind: "conflict",
            path: format!("/quotes/{}", loser.seen.ordinal),
            reason: format!(
                "another price of the same series at {} was observed earlier",
                loser.seen.at
            ),
            value: loser
                .seen
                .price
                .odds
                .map(|o| o.to_string())
                .unwrap_or_default(),
        })
        .collect()
}
