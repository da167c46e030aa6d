//! One game's tape, and how it is told of the store's rows.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use sqlx::PgConnection;

use super::Appraiser;
use super::market::{draws, open, shop};
use crate::analytics::fair::row::{BetKey, Told};
use crate::analytics::fair::tape::{Seen, Tape, Voice};
use crate::domain::bet::{BetId, seed};
use crate::domain::clean::clean;
use crate::domain::game::GameId;
use crate::domain::market::{Line, Market, Side};
use crate::domain::source::Stream;
use crate::store;
use crate::store::opportunities::{Bet, Game, Reach, Rows, TapeLine, Written};

/// A game as far as its rows were heard.
#[derive(Debug)]
pub(super) struct Heard {
    facts: Game,
    tape: Tape,
    /// A feed's endpoint and its id of a shop, and the voice's place.
    voices: HashMap<(Stream, Arc<str>), usize>,
    bets: HashMap<BetKey, Bet>,
    reach: Option<Reach>,
    /// When each chance was gone, as it was written.
    written: Vec<Option<DateTime<Utc>>>,
}

impl Heard {
    /// Scheduled start.
    pub(super) fn starts_at(&self) -> Option<DateTime<Utc>> {
        self.facts.starts_at
    }

    /// How far it heard.
    pub(super) fn reach(&self) -> Option<Reach> {
        self.reach
    }

    /// Bring the store's rows of a game up to its history, with what was heard before where that can go on.
    pub(super) async fn settle(
        connection: &mut PgConnection,
        game: GameId,
        had: Option<Self>,
        appraiser: &Appraiser,
    ) -> Result<(Option<Self>, Written), sqlx::Error> {
        let Some(facts) = store::opportunities::game(connection, game).await? else {
            // It was joined with another: what it said is said there.
            let written = store::opportunities::settle(connection, game, &Rows::default()).await?;
            return Ok((None, written));
        };
        let now = store::opportunities::reach(connection, &[game]).await?;
        let now = now.get(&game).copied();
        if let Some(mut heard) = had.filter(|heard| heard.facts == facts) {
            if heard.reach == now {
                return Ok((Some(heard), Written::default()));
            }
            if let Some(lines) = heard.news(connection, game, now).await? {
                let told = heard.hear(&lines, appraiser);
                heard.reach = now;
                let written = heard.add(connection, game, &told).await?;
                return Ok((Some(heard), written));
            }
        }
        let lines = store::opportunities::lines(connection, game, None).await?;
        let mut heard = Self {
            tape: Tape::new(
                appraiser.rules.clone(),
                draws(facts.league),
                facts.starts_at,
                Vec::new(),
            ),
            facts,
            voices: HashMap::new(),
            bets: HashMap::new(),
            reach: now,
            written: Vec::new(),
        };
        let told = heard.hear(&lines, appraiser);
        heard.name(game, &told);
        heard.note();
        let rows = heard.rows(&told, 0);
        let written = store::opportunities::settle(connection, game, &rows).await?;
        Ok((Some(heard), written))
    }

    /// The rows since; none where they do not all come after what was heard.
    async fn news(
        &self,
        connection: &mut PgConnection,
        game: GameId,
        now: Option<Reach>,
    ) -> Result<Option<Vec<TapeLine>>, sqlx::Error> {
        let (Some(had), Some(now)) = (self.reach, now) else {
            return Ok(None);
        };
        if now.newest <= had.newest {
            return Ok(None);
        }
        let lines = store::opportunities::lines(connection, game, Some(had.newest)).await?;
        let all = had.rows + i64::try_from(lines.len()).unwrap_or(i64::MAX) == now.rows;
        Ok(all.then_some(lines))
    }

    fn hear(&mut self, lines: &[TapeLine], appraiser: &Appraiser) -> Told {
        let rows: Vec<Seen> = lines
            .iter()
            .filter_map(|line| {
                Some(Seen {
                    known_at: line.observed_at,
                    at: line.at,
                    voice: self.voice(line, appraiser)?,
                    market: line.key.market.clone(),
                    period: line.key.period,
                    participant: Arc::clone(&line.key.participant),
                    side: line.key.side,
                    slot: line.key.slot,
                    line: line.price.line,
                    decimal: open(&line.price),
                })
            })
            .collect();
        self.tape.hear(rows)
    }

    /// The place of a row's voice; none where it is no shop's.
    fn voice(&mut self, line: &TapeLine, appraiser: &Appraiser) -> Option<usize> {
        let name = (line.key.stream, Arc::clone(&line.key.source_book_id));
        if let Some(place) = self.voices.get(&name) {
            return Some(*place);
        }
        let (book, order) = shop(&appraiser.reference, &line.key)?;
        let stream = Stream::ALL.iter().position(|s| *s == line.key.stream)?;
        let place = self.tape.add_voice(Voice {
            book,
            order,
            stream,
        });
        self.voices.insert(name, place);
        Some(place)
    }

    /// Names for the bets that are new.
    fn name(&mut self, game: GameId, told: &Told) {
        let keys = told.fair.iter().map(|row| &row.bet);
        let keys = keys.chain(told.offers.iter().map(|row| &row.bet));
        let new: Vec<BetKey> = keys
            .filter(|key| !self.bets.contains_key(key))
            .cloned()
            .collect();
        for key in new {
            let bet = bet(game, &self.facts, &key);
            self.bets.insert(key, bet);
        }
    }

    async fn add(
        &mut self,
        connection: &mut PgConnection,
        game: GameId,
        told: &Told,
    ) -> Result<Written, sqlx::Error> {
        let known = self.bets.clone();
        self.name(game, told);
        let mut rows = self.rows(told, self.written.len());
        // Chances that were gone since are written again, with that moment.
        let gone = self.written.iter().zip(self.tape.chances());
        let gone = gone.filter(|(had, chance)| **had != chance.closed_at);
        rows.chances
            .extend(gone.filter_map(|(_, chance)| Some((self.bets.get(&chance.bet)?, chance))));
        rows.bets.retain(|bet| !known.contains_key(&bet.key));
        let written = store::opportunities::add(connection, game, &rows).await?;
        self.note();
        Ok(written)
    }

    /// What is told, with its bets, and the chances from the nth on.
    fn rows<'a>(&'a self, told: &'a Told, from: usize) -> Rows<'a> {
        let of = |key: &BetKey| self.bets.get(key);
        Rows {
            bets: self.bets.values().collect(),
            fair: (told
                .fair
                .iter()
                .filter_map(|row| Some((of(&row.bet)?, row))))
            .collect(),
            offers: (told
                .offers
                .iter()
                .filter_map(|row| Some((of(&row.bet)?, row))))
            .collect(),
            chances: self
                .tape
                .chances()
                .iter()
                .skip(from)
                .filter_map(|chance| Some((of(&chance.bet)?, chance)))
                .collect(),
        }
    }

    fn note(&mut self) {
        let chances = self.tape.chances().iter();
        self.written = chances.map(|chance| chance.closed_at).collect();
    }
}

/// A bet with what is said of it.
fn bet(game: GameId, facts: &Game, key: &BetKey) -> Bet {
    let event_name = format!("{} @ {}", facts.away, facts.home);
    let mut parameters = Map::new();
    if let Some(line) = key.line {
        parameters.insert("line".into(), json!(line.points()));
    }
    if !key.participant.is_empty() {
        parameters.insert("participant".into(), json!(&*key.participant));
    }
    let parameters = Value::Object(parameters);
    let sport = seed::sport(Some(facts.league));
    let market = key.market.as_str();
    let side = key.side.as_str();
    let is_prop = matches!(key.market, Market::Prop(_));
    Bet {
        id: BetId::of(
            game,
            &key.market,
            key.period,
            &key.participant,
            key.line,
            key.side,
        ),
        key: key.clone(),
        league: facts.league,
        home: facts.home.clone(),
        away: facts.away.clone(),
        player: (is_prop && !key.participant.is_empty()).then(|| key.participant.to_string()),
        description: words(facts, key),
        event_time: facts.starts_at,
        sha_key: seed::sha_key(&event_name, facts.starts_at, sport),
        seed_bet_id: seed::bet_id(
            sport,
            facts.league.as_str(),
            &event_name,
            market,
            &parameters,
            side,
        ),
        event_name,
        parameters,
    }
}

/// A bet in words: `Baltimore Orioles -1.5`, `over 8.5`.
fn words(facts: &Game, key: &BetKey) -> String {
    let who = match key.side {
        Side::Home => &facts.home,
        Side::Away => &facts.away,
        side => side.as_str(),
    };
    let line = match key.line.map(Line::points) {
        Some(line) if matches!(key.side, Side::Home | Side::Away) => format!(" {line:+}"),
        Some(line) => format!(" {line}"),
        None => String::new(),
    };
    let of = if key.participant.is_empty() {
        String::new()
    } else {
        format!(", {}", key.participant)
    };
    clean(&format!("{who}{line}{of}"), 200)
}
