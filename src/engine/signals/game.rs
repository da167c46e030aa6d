//! One game's detector, and how it is told of the store's rows.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::Judge;
use crate::analytics::signal::{Cast, Detector, GameTape, Quote, Shop, Signal, SplitSeen, Voice};
use crate::domain::book::BookKind;
use crate::domain::game::GameId;
use crate::domain::league::League;
use crate::domain::market::QuoteStatus;
use crate::store;
use crate::store::signals::{Reach, SignalGame, SignalLine, SignalSplit};

/// A feed's endpoint, and its id of a shop.
type Name = (String, Arc<str>);

/// A game as judged so far.
#[derive(Debug)]
pub(in crate::engine) struct Judged {
    facts: SignalGame,
    detector: Detector,
    /// Where each voice stands in the detector's cast: by feed and its id of the shop.
    voices: HashMap<Name, usize>,
    reach: HashMap<i64, Reach>,
    splits: usize,
    news: bool,
}

impl Judged {
    /// League.
    pub(super) fn league(&self) -> League {
        self.facts.league
    }

    /// Scheduled start.
    pub(in crate::engine) fn starts_at(&self) -> Option<DateTime<Utc>> {
        self.facts.starts_at
    }

    /// What is known of the game beside its prices.
    pub(in crate::engine) fn facts(&self) -> &SignalGame {
        &self.facts
    }

    /// Whether it was told of rows since it was settled.
    pub(super) fn is_news(&self) -> bool {
        self.news
    }

    /// What the shops had last.
    pub(in crate::engine) fn detector(&self) -> &Detector {
        &self.detector
    }

    /// Its signals.
    pub(super) fn signals(&self) -> Vec<Signal> {
        self.detector.in_order()
    }

    /// What was told is stored.
    pub(super) fn settled(self) -> Self {
        Self {
            news: false,
            ..self
        }
    }

    /// Everything the store has of a game; none where it knows no such game.
    pub(in crate::engine) async fn whole(
        connection: &mut PgConnection,
        game: GameId,
        judge: &Judge,
    ) -> Result<Option<Self>, sqlx::Error> {
        let Some(facts) = store::signals::game(connection, game).await? else {
            return Ok(None);
        };
        let lines = store::signals::lines(connection, game, None).await?;
        let splits = store::signals::splits(connection, game).await?;
        let (cast, voices) = cast(&facts, &lines, judge);
        let mut judged = Self {
            detector: Detector::new(cast, Arc::clone(judge.presets())),
            facts,
            voices,
            reach: HashMap::new(),
            splits: splits.len(),
            news: true,
        };
        judged.note(&lines);
        let quotes = lines.iter().filter_map(|line| judged.quote(line)).collect();
        let splits = splits.iter().map(|split| seen(split, judge)).collect();
        judged.detector.hear(quotes, splits);
        Ok(Some(judged))
    }

    /// Everything the store has of a game, as a tape. Rows that were fetched after the fact are left out, or, where they are
    /// `reconstructed`, count as known from their market time on.
    pub(in crate::engine) async fn tape(
        connection: &mut PgConnection,
        game: GameId,
        judge: &Judge,
        reconstructed: bool,
    ) -> Result<Option<GameTape>, sqlx::Error> {
        let Some(facts) = store::signals::game(connection, game).await? else {
            return Ok(None);
        };
        let mut lines = store::signals::lines(connection, game, None).await?;
        lines.retain(|line| reconstructed || !line.reconstructed);
        for line in lines.iter_mut().filter(|line| line.reconstructed) {
            line.observed_at = line.at;
        }
        let splits = store::signals::splits(connection, game).await?;
        let (cast, voices) = cast(&facts, &lines, judge);
        let quotes = lines.iter().filter_map(|line| quote(&voices, line));
        Ok(Some(GameTape {
            quotes: quotes.collect(),
            splits: splits.iter().map(|split| seen(split, judge)).collect(),
            cast,
        }))
    }

    /// The board of a game as it was known at a moment, by prices alone. Ticks that were fetched after the fact count from
    /// their market time: whoever looked then saw them.
    pub(in crate::engine) async fn until(
        connection: &mut PgConnection,
        game: GameId,
        judge: &Judge,
        moment: DateTime<Utc>,
    ) -> Result<Option<Self>, sqlx::Error> {
        let Some(facts) = store::signals::game(connection, game).await? else {
            return Ok(None);
        };
        let mut lines = store::signals::lines(connection, game, None).await?;
        for line in lines.iter_mut().filter(|line| line.reconstructed) {
            line.observed_at = line.at;
        }
        lines.retain(|line| line.observed_at <= moment && line.at <= moment);
        let (cast, voices) = cast(&facts, &lines, judge);
        let mut judged = Self {
            detector: Detector::new(cast, Vec::new().into()),
            facts,
            voices,
            reach: HashMap::new(),
            splits: 0,
            news: false,
        };
        let quotes = lines.iter().filter_map(|line| judged.quote(line)).collect();
        judged.detector.hear(quotes, Vec::new());
        Ok(Some(judged))
    }

    /// What came since; everything anew where that cannot be added.
    pub(super) async fn go_on(
        mut self,
        connection: &mut PgConnection,
        game: GameId,
        judge: &Judge,
    ) -> Result<Option<Self>, sqlx::Error> {
        if store::signals::game(connection, game).await?.as_ref() != Some(&self.facts) {
            return Self::whole(connection, game, judge).await;
        }
        let now = store::signals::reach(connection, game).await?;
        let after: Vec<(i64, DateTime<Utc>)> = now
            .iter()
            .filter(|(id, reach)| self.reach.get(id) != Some(reach))
            .map(|(id, _)| {
                (
                    *id,
                    self.reach
                        .get(id)
                        .map_or(DateTime::UNIX_EPOCH, |had| had.at),
                )
            })
            .collect();
        let gone = self.reach.keys().any(|id| !now.contains_key(id));
        let splits = store::signals::splits(connection, game).await?;
        if !gone && after.is_empty() && splits.len() == self.splits {
            return Ok(Some(self));
        }
        let lines = if after.is_empty() {
            Vec::new()
        } else {
            store::signals::lines(connection, game, Some(&after)).await?
        };
        let until = self.detector.heard_until();
        let is_new = |known_at, at| until.is_none_or(|until| (known_at, at) > until);
        let fresh: Vec<&SignalSplit> = splits
            .iter()
            .filter(|s| is_new(s.observed_at, s.at))
            .collect();
        let in_order = lines.iter().all(|l| is_new(l.observed_at, l.at));
        let all_splits = fresh.len() + self.splits == splits.len();
        let known = lines
            .iter()
            .all(|l| self.voices.contains_key(&name(l)) || kind(l, judge) != BookKind::Book);
        self.note(&lines);
        if gone || !in_order || !all_splits || !known || self.reach != now {
            return Self::whole(connection, game, judge).await;
        }
        let quotes = lines.iter().filter_map(|line| self.quote(line)).collect();
        let fresh = fresh.into_iter().map(|split| seen(split, judge)).collect();
        self.splits = splits.len();
        self.detector.hear(quotes, fresh);
        self.news = true;
        Ok(Some(self))
    }

    /// How far its series are with these rows.
    fn note(&mut self, lines: &[SignalLine]) {
        for line in lines {
            let reach = self.reach.entry(line.series_id).or_insert(Reach {
                at: line.at,
                changes: 0,
            });
            reach.changes += 1;
            reach.at = reach.at.max(line.at);
        }
    }

    fn quote(&self, line: &SignalLine) -> Option<Quote> {
        quote(&self.voices, line)
    }
}

/// A row as its voice says it; none where it is no shop's.
fn quote(voices: &HashMap<Name, usize>, line: &SignalLine) -> Option<Quote> {
    Some(Quote {
        known_at: line.observed_at,
        at: line.at,
        voice: *voices.get(&name(line))?,
        series_id: line.series_id,
        market: line.key.market.clone(),
        period: line.key.period,
        side: line.key.side,
        line: line.price.line,
        odds: line
            .price
            .odds
            .filter(|_| line.price.status == QuoteStatus::Open),
        reconstructed: line.reconstructed,
    })
}

fn name(line: &SignalLine) -> Name {
    (
        line.key.stream.as_str().to_owned(),
        Arc::clone(&line.key.source_book_id),
    )
}

fn kind(line: &SignalLine, judge: &Judge) -> BookKind {
    judge
        .reference
        .kind(line.key.stream.source(), &line.key.source_book_id)
}

/// Shops and voices of these rows, in an order of their own.
fn cast(facts: &SignalGame, lines: &[SignalLine], judge: &Judge) -> (Cast, HashMap<Name, usize>) {
    let mut heard: Vec<(Name, Arc<str>, bool, u8)> = Vec::new();
    let mut known = std::collections::HashSet::new();
    for line in lines {
        let name = name(line);
        if kind(line, judge) != BookKind::Book || !known.insert(name.clone()) {
            continue;
        }
        let stream = line.key.stream;
        let entry = judge
            .reference
            .books
            .find(stream.source(), &line.key.source_book_id);
        let slug = entry.map_or_else(
            || {
                judge
                    .reference
                    .label(stream.source(), &line.key.source_book_id)
                    .into()
            },
            |entry| Arc::from(entry.slug.as_str()),
        );
        heard.push((name, slug, !entry.is_none_or(|e| e.primary), stream.rank()));
    }
    heard.sort();
    let mut slugs: Vec<Arc<str>> = heard.iter().map(|h| Arc::clone(&h.1)).collect();
    slugs.sort();
    slugs.dedup();
    let mut voices = Vec::new();
    let mut places = HashMap::new();
    for (name, slug, secondary, rank) in heard {
        let Ok(shop) = slugs.binary_search(&slug) else {
            continue;
        };
        voices.push(Voice {
            shop,
            order: (secondary, rank),
            id: Arc::clone(&name.1),
        });
        places.insert(name, voices.len() - 1);
    }
    let cast = Cast {
        league: facts.league,
        starts_at: facts.starts_at,
        teams: [judge.team(&facts.teams[0]), judge.team(&facts.teams[1])],
        shops: slugs
            .into_iter()
            .map(|slug| Shop { slug, weight: 1.0 })
            .collect(),
        voices,
    };
    (cast, places)
}

fn seen(split: &SignalSplit, judge: &Judge) -> SplitSeen {
    let source = split.stream.source();
    let scope = if split.scope == "all" {
        source.as_str().to_owned()
    } else {
        let book = judge
            .reference
            .books
            .find(source, &split.scope)
            .map_or_else(
                || crate::domain::clean::clean(&split.scope, 24),
                |b| b.slug.as_str().to_owned(),
            );
        format!("{}:{book}", source.as_str())
    };
    SplitSeen {
        known_at: split.observed_at,
        at: split.at,
        scope: scope.into(),
        market: split.market.clone(),
        period: split.period,
        side: split.side,
        tickets_pct: split.tickets_pct,
        money_pct: split.money_pct,
        tickets: split.tickets,
    }
}
