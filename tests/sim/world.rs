//! A database and a hub that are given the same payloads.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use linetape::domain::game::GameId;
use linetape::domain::identity::facts::FeedKey;
use linetape::domain::market::{Market, Period, Phase, Side};
use linetape::domain::payload::Payload;
use linetape::domain::series::{Price, SeriesKey};
use linetape::engine::board::{Selector, Speaker, speakers};
use linetape::engine::hub::Hub;
use linetape::engine::pipeline::write::{BatchReport, Decided, Stager};
use linetape::engine::reference::Reference;
use linetape::engine::snapshot::{GameView, Mode, Snapshot};
use linetape::store::history::{LineFilter, current, lines, of_game};
use linetape::store::identity;
use linetape::store::writer::extractions_of;
use sqlx::{PgPool, Row as _};

use super::postgres::{TestDatabase, test_database};
use super::tables::prepare;

/// A person's word on games.
#[derive(Debug, Clone, Copy)]
pub enum Word<'a> {
    Merge(GameId, GameId),
    Split(GameId, &'a FeedKey),
}

pub struct World {
    pub database: TestDatabase,
    pub hub: Hub,
    stager: Stager,
    heard: i64,
}

impl World {
    pub async fn new() -> Self {
        let database = test_database().await;
        let reference = Arc::new(Reference::builtin().unwrap());
        prepare(&database.pool, &reference).await;
        let hub = Hub::new(Arc::clone(&reference), Mode::Live, DateTime::UNIX_EPOCH);
        let stager = Stager::new(reference, false, 500);
        Self {
            database,
            hub,
            stager,
            heard: 0,
        }
    }

    pub fn pool(&self) -> &PgPool {
        &self.database.pool
    }

    /// Show it to both: to the hub one by one, to the writer as one batch.
    pub async fn see(&mut self, payloads: &[Payload]) -> BatchReport {
        for payload in payloads {
            self.show(payload);
        }
        self.write(payloads).await
    }

    /// Show it to the hub only; the writer comes after it.
    pub fn show(&mut self, payload: &Payload) {
        self.hub.apply(payload).unwrap();
    }

    /// Write it, and tell the hub what the drain tells.
    pub async fn write(&mut self, payloads: &[Payload]) -> BatchReport {
        let report = self
            .stager
            .write(&self.database.pool, payloads)
            .await
            .unwrap();
        let mut connection = self.database.pool.acquire().await.unwrap();
        let mut rewritten = report.rewritten.clone();
        if report.regrouped {
            let keys = identity::changed_since(&mut connection, self.heard)
                .await
                .unwrap();
            self.heard = identity::revision(&mut connection).await.unwrap();
            let rows = identity::load(&mut connection, &keys, &[]).await.unwrap();
            let links = rows.links.iter().filter(|(key, _, _)| keys.contains(key));
            let games: Vec<GameId> = links.map(|(_, id, _)| *id).collect();
            rewritten.extend(games.iter().filter(|id| !report.joined.contains(id)));
            self.hub.learn_identity(rows);
        }
        self.hub.note_batch(&report, 1.0, None);
        for game in &rewritten {
            let history = of_game(&mut connection, *game).await.unwrap();
            self.hub.doubt_history(*game);
            self.hub.load_history(*game, history);
            let log = extractions_of(&mut connection, *game).await.unwrap();
            self.hub.set_extractions(*game, log);
        }
        report
    }

    /// Take a person's word as another process does, and hear of it as the drain does.
    pub async fn decide(&mut self, word: Word<'_>) -> Decided {
        let mut other = Stager::new(Arc::new(Reference::builtin().unwrap()), false, 500);
        let decided = match word {
            Word::Merge(one, two) => other.merge(self.pool(), one, two).await,
            Word::Split(game, part) => other.split(self.pool(), game, part).await,
        };
        let decided = decided.unwrap();
        let mut connection = self.pool().acquire().await.unwrap();
        let keys = identity::changed_since(&mut connection, self.heard)
            .await
            .unwrap();
        self.heard = identity::revision(&mut connection).await.unwrap();
        let rows = identity::load(&mut connection, &keys, &[]).await.unwrap();
        self.hub.learn_identity(rows);
        for moved in &decided.moves {
            for game in [moved.from, moved.to] {
                let history = of_game(&mut connection, game).await.unwrap();
                self.hub.doubt_history(game);
                self.hub.load_history(game, history);
            }
        }
        decided
    }

    pub fn snapshot(&mut self) -> Arc<Snapshot> {
        self.hub.snapshot(DateTime::UNIX_EPOCH)
    }

    /// The only game.
    pub fn game(&mut self) -> Arc<GameView> {
        let games = Arc::clone(&self.snapshot().games);
        assert_eq!(games.len(), 1);
        Arc::clone(&games[0])
    }

    /// Rows of the history of a market and side as `status line american`, by series and market time.
    pub async fn rows(&self, market: &str, side: &str) -> Vec<String> {
        sqlx::query_scalar(
            "select concat_ws(' ', phase, status, line::float8, american) from core_betting.line_history
             where market = $1 and side = $2 order by stream, source_book_id, phase, at",
        )
        .bind(market)
        .bind(side)
        .fetch_all(self.pool())
        .await
        .unwrap()
    }

    pub async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(self.pool())
            .await
            .unwrap()
    }

    /// The extraction log as shown is the stored one: title, look, watermark, runs and lines.
    pub async fn check_extractions(&mut self) {
        let snapshot = self.snapshot();
        let mut shown: Vec<String> = snapshot
            .extractions
            .iter()
            .filter(|e| {
                // Whose teams nobody knows has no abbreviation in a table.
                let game = snapshot.games.iter().find(|g| g.id == e.game_id);
                game.is_none_or(|g| g.home.slug.is_some() && g.away.slug.is_some())
            })
            .map(|e| {
                let up_to = e.watermark.map(|at| at.timestamp_micros());
                let at = e.last_extracted_at.timestamp_micros();
                let stream = e.stream.as_str();
                format!(
                    "{} {stream} {at} {up_to:?} {} {}",
                    e.game, e.extractions, e.lines
                )
            })
            .collect();
        let stored = sqlx::query(
            "select a.abbr || ' @ ' || h.abbr || case when g.game_number > 1 then ' G' || g.game_number else '' end,
                    e.stream, e.last_extracted_at, e.watermark, e.total_extractions, e.total_lines_extracted
             from operational.extraction_log e join core_betting.games g using (game_id)
             join core_betting.teams h on h.team = g.home_team join core_betting.teams a on a.team = g.away_team
             order by e.last_extracted_at desc, e.game_id",
        )
        .fetch_all(self.pool())
        .await
        .unwrap();
        let mut stored: Vec<String> = stored
            .iter()
            .map(|row| {
                let (game, stream): (String, String) = (row.get(0), row.get(1));
                let (at, up_to): (DateTime<Utc>, Option<DateTime<Utc>>) = (row.get(2), row.get(3));
                let (at, up_to) = (at.timestamp_micros(), up_to.map(|at| at.timestamp_micros()));
                let (runs, lines): (i64, i64) = (row.get(4), row.get(5));
                format!("{game} {stream} {at} {up_to:?} {runs} {lines}")
            })
            .collect();
        shown.sort();
        stored.sort();
        for (shown, stored) in shown.iter().zip(&stored) {
            assert_eq!(shown, stored, "extraction log, shown and stored");
        }
        assert_eq!(shown.len(), stored.len(), "rows of the extraction log");
    }

    /// Every series of the hub is the stored one: price, times, opening and every point; and no other.
    pub async fn check_hub_equals_database(&mut self) -> usize {
        let snapshot = self.snapshot();
        let ids: Vec<GameId> = sqlx::query("select game_id from core_betting.games order by 1")
            .fetch_all(self.pool())
            .await
            .unwrap()
            .iter()
            .map(|row| GameId::from_i64(row.get(0)))
            .collect();
        let mut shown: Vec<GameId> = snapshot.games.iter().map(|g| g.id).collect();
        shown.sort_unstable();
        assert_eq!(shown, ids, "games");
        let mut connection = self.pool().acquire().await.unwrap();
        for game in snapshot.games.iter() {
            let row = sqlx::query("select status, home_score, away_score, starts_at, game_number from core_betting.games where game_id = $1")
                .bind(game.id.as_i64())
                .fetch_one(&mut *connection)
                .await
                .unwrap();
            let score: (Option<i32>, Option<i32>) = (row.get(1), row.get(2));
            assert_eq!(game.status.as_str(), row.get::<&str, _>(0), "{game:?}");
            assert_eq!(game.score, score.0.zip(score.1), "{:?}", game.id);
            assert_eq!(game.starts_at, row.get(3), "{:?}", game.id);
            assert_eq!(
                i16::from(game.game_number),
                row.get::<i16, _>(4),
                "{:?}",
                game.id
            );
        }
        let stored = current(&mut connection, &ids).await.unwrap();
        let stored: BTreeMap<SeriesKey, _> =
            stored.into_iter().map(|s| (s.key.clone(), s)).collect();
        let mut compared = 0;
        let mut splits: BTreeMap<_, _> = linetape::store::splits::latest(&mut connection, &ids)
            .await
            .unwrap()
            .into_iter()
            .map(|(key, value, at)| (key, (value, at)))
            .collect();
        for game in snapshot.games.iter() {
            let mut points: BTreeMap<SeriesKey, Vec<(DateTime<Utc>, Price)>> = BTreeMap::new();
            for line in lines(&mut connection, game.id, &LineFilter::default())
                .await
                .unwrap()
            {
                points
                    .entry(line.key)
                    .or_default()
                    .push((line.at, line.price));
            }
            for view in &game.series {
                let key = &view.key;
                let row = stored
                    .get(key)
                    .unwrap_or_else(|| panic!("shown, not stored: {view:#?}"));
                assert_eq!(view.price, row.price, "{key:?}");
                assert_eq!(
                    (view.changed_at, view.seen_at),
                    (row.at, row.last_seen_at),
                    "{key:?}"
                );
                let opening = view.opening.map(|p| (p.at, p.price.line, p.price.odds));
                let wanted = row.opening.map(|(at, p)| (at, p.line, p.odds));
                assert_eq!(opening, wanted, "opening of {key:?}");
                let shown: Vec<_> = view.points.iter().map(|p| (p.at, p.price)).collect();
                assert_eq!(Some(&shown), points.get(key), "points of {key:?}");
                compared += 1;
            }
            let moves = snapshot.tape.iter().filter(|m| m.game_id == game.id);
            for shown in moves {
                let mut series = points.iter().filter(|(key, _)| {
                    (key.stream, &key.market, key.period, key.phase, key.side)
                        == (
                            shown.stream,
                            &shown.market,
                            shown.period,
                            shown.phase,
                            shown.side,
                        )
                });
                let stored = series.any(|(_, points)| {
                    points.iter().enumerate().any(|(n, point)| {
                        let before = n.checked_sub(1).map(|n| points[n].1);
                        (*point, before) == ((shown.at, shown.after), shown.before)
                    })
                });
                assert!(stored, "on the tape, not in the history: {shown:#?}");
            }
            for split in game.splits.iter() {
                assert_eq!(
                    splits.remove(&split.key),
                    Some((split.value, split.at)),
                    "{:?}",
                    split.key
                );
            }
        }
        assert_eq!(compared, stored.len(), "every stored series is shown");
        assert_eq!(splits.len(), 0, "every stored split is shown");
        compared
    }
}

/// What a board shows of a pregame market of a whole game, by shop.
pub fn board(game: &GameView, market: Market, side: Side) -> Vec<Speaker<'_>> {
    let selector = Selector {
        market,
        period: Period::Full,
        phase: Phase::Pregame,
    };
    speakers(game, &selector, side)
}
