//! What a decoder has found so far: shared text is kept once, and no price is taken twice.

mod seen;

use std::rc::Rc;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use self::seen::{QuoteKey, Seen};
use super::DecodeContext;
use super::json::{Document, Pointer, Scalar};
use super::reject::{Place, Rejects};
use crate::domain::book::BookSlug;
use crate::domain::feed::{Decoded, FeedGame, FeedResult, Quote};
use crate::domain::league::League;
use crate::domain::market::{Line, Market, Period, Phase, QuoteStatus, Side};
use crate::domain::odds::Odds;
use crate::domain::source::Source;
use crate::domain::status::GameStatus;
use crate::domain::team::TeamSlug;
use crate::domain::time::slate_date;

/// A text kept once a payload, and its number.
#[derive(Debug, Clone)]
pub(super) struct Word {
    index: u32,
    /// The text.
    pub(super) text: Arc<str>,
}

/// A book of the payload.
#[derive(Debug)]
pub(super) struct BookRef {
    word: Word,
    slug: Option<BookSlug>,
}

impl BookRef {
    /// The feed's id.
    pub(super) const fn id(&self) -> &Arc<str> {
        &self.word.text
    }
}

/// What is offered: the part of a quote that differs from outcome to outcome.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Offer {
    /// Line, where the market has one.
    pub(super) line: Option<Line>,
    /// Price; none when off the board.
    pub(super) odds: Option<Odds>,
    /// Whether it can be bet.
    pub(super) status: QuoteStatus,
    /// Main line or an alternate.
    pub(super) main: bool,
    /// Declared opener.
    pub(super) opener: bool,
    /// The feed's own time.
    pub(super) source_at: Option<DateTime<Utc>>,
}

/// Where an offer belongs.
#[derive(Debug, Clone)]
pub(super) struct Slot<'s> {
    /// The feed's id of the game.
    pub(super) game: Option<&'s Word>,
    /// Book.
    pub(super) book: &'s BookRef,
    /// Market.
    pub(super) market: &'s Market,
    /// Part of the game.
    pub(super) period: Period,
    /// The feed's flag.
    pub(super) phase: Option<Phase>,
    /// Side.
    pub(super) side: Side,
    /// Team of a team total, player of a prop.
    pub(super) participant: Option<&'s Word>,
}

/// The state of decoding one payload.
pub(super) struct Collector<'c> {
    /// What is known besides the bytes.
    pub(super) context: &'c DecodeContext<'c>,
    /// What was found.
    pub(super) decoded: Decoded,
    /// What was not understood.
    pub(super) rejects: Rejects,
    source: Source,
    words: HashMap<Arc<str>, u32>,
    books: HashMap<Arc<str>, Rc<BookRef>>,
    games: HashSet<Arc<str>>,
    seen: Seen,
}

impl<'c> Collector<'c> {
    /// Nothing found yet.
    pub(super) fn new(context: &'c DecodeContext<'c>) -> Self {
        let mut rejects = Rejects::default();
        rejects.about(context.source_game_id);
        Self {
            context,
            decoded: Decoded::default(),
            rejects,
            source: context.stream.source(),
            words: HashMap::new(),
            books: HashMap::new(),
            games: HashSet::new(),
            seen: Seen::default(),
        }
    }

    /// Everything found; `document` is the JSON the rejects point into.
    pub(super) fn finish(mut self, document: &Document<'_>) -> Decoded {
        number_doubleheaders(&mut self.decoded.games);
        self.decoded.rejects = self.rejects.finish(document);
        self.decoded
    }

    /// Everything found in a page or XML, whose places tell what stands there.
    pub(super) fn finish_markup(mut self) -> Decoded {
        number_doubleheaders(&mut self.decoded.games);
        self.decoded.rejects = self.rejects.close();
        self.decoded
    }

    /// What is read from here on belongs to the game with this id; without one, to the game that was asked for.
    pub(super) fn reading(&mut self, id: Option<&str>) {
        let named = id.map(|id| self.word(id).text);
        self.rejects
            .about(named.as_ref().or(self.context.source_game_id));
    }

    /// `text`, kept once.
    pub(super) fn word(&mut self, text: &str) -> Word {
        if let Some((text, index)) = self.words.get_key_value(text) {
            return Word {
                index: *index,
                text: Arc::clone(text),
            };
        }
        let index = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        let text: Arc<str> = Arc::from(text);
        self.words.insert(Arc::clone(&text), index);
        Word { index, text }
    }

    /// The book behind the feed's id.
    pub(super) fn book(&mut self, id: &str) -> Rc<BookRef> {
        self.meet(id).0
    }

    /// The same, and whether the payload had not named it before.
    pub(super) fn meet(&mut self, id: &str) -> (Rc<BookRef>, bool) {
        if let Some(book) = self.books.get(id) {
            return (Rc::clone(book), false);
        }
        let word = self.word(id);
        let text = Arc::clone(&word.text);
        let entry = self.context.books.find(self.source, id);
        let slug = entry.map(|entry| entry.slug.clone());
        let book = Rc::new(BookRef { word, slug });
        self.books.insert(text, Rc::clone(&book));
        (book, true)
    }

    /// A time that may be absent but, where it stands, must be one.
    pub(super) fn optional_time(
        &mut self,
        scalar: &Scalar<'_>,
        place: &Pointer<'_>,
    ) -> Option<DateTime<Utc>> {
        if scalar.is_none() {
            return None;
        }
        let time = scalar.time();
        if time.is_none() {
            self.rejects
                .push(place, "this is not a time, so none is kept");
        }
        time
    }

    /// Take `game` unless the payload had it already.
    pub(super) fn game(&mut self, game: FeedGame, place: &impl Place) -> bool {
        if !self.games.insert(Arc::clone(&game.source_game_id)) {
            self.rejects.push(
                place,
                "the payload has this game twice; the first one stands",
            );
            return false;
        }
        self.decoded.games.push(game);
        true
    }

    /// A game with the canonical names of its teams, and without status or score.
    pub(super) fn name_game(
        &self,
        id: &Arc<str>,
        league: League,
        home: &Arc<str>,
        away: &Arc<str>,
        starts_at: Option<DateTime<Utc>>,
    ) -> FeedGame {
        // An archive may use a name that meant one team then and two today.
        let once = |name: &str| {
            let date = slate_date(starts_at?);
            let team = self.context.teams.find_on(league, name, date)?;
            Some(team.slug.clone())
        };
        let slug = |name: &str| self.team(league, name).or_else(|| once(name));
        FeedGame {
            source: self.source,
            source_game_id: Arc::clone(id),
            league,
            game_number: 1,
            home: Arc::clone(home),
            away: Arc::clone(away),
            home_team: slug(home),
            away_team: slug(away),
            starts_at,
            slate_date: None,
            status: None,
            home_score: None,
            away_score: None,
        }
    }

    /// The canonical team of a name.
    pub(super) fn team(&self, league: League, name: &str) -> Option<TeamSlug> {
        let team = self.context.teams.find(league, name)?;
        Some(team.slug.clone())
    }

    /// Take a result.
    pub(super) fn result(&mut self, result: FeedResult) {
        self.decoded.results.push(result);
    }

    /// Make room for `count` more prices.
    pub(super) fn expect_quotes(&mut self, count: usize) {
        self.decoded.quotes.reserve(count);
    }

    /// Take a price unless the payload had one of the same key already.
    pub(super) fn quote(&mut self, slot: &Slot<'_>, offer: &Offer, place: &impl Place) {
        if !slot.market.allows(slot.side) {
            let reason = format!("{} has no side {:?}", slot.market, slot.side.as_str());
            self.rejects.push(place, reason);
            return;
        }
        let market = match slot.market {
            Market::Moneyline => 0,
            Market::Spread => 1,
            Market::Total => 2,
            Market::TeamTotal => 3,
            Market::Prop(key) => self.word(key).index.saturating_add(4),
        };
        // Ticks of one outcome differ by their time; a snapshot has one quote an outcome.
        let ticks = self.context.stream.is_ticks();
        let tick = offer
            .source_at
            .filter(|_| ticks)
            .map(|at| at.timestamp_micros());
        let key = QuoteKey {
            game: slot.game.map_or(u32::MAX, |word| word.index),
            book: slot.book.word.index,
            participant: slot.participant.map_or(u32::MAX, |word| word.index),
            period: slot.period,
            market,
            side: slot.side,
            phase: slot.phase,
            alternate: offer.line.filter(|_| !offer.main),
            // An opener beside the current price is no second current price.
            opener: offer.opener && self.context.stream.tells_openers(),
            tick,
        };
        if !self.seen.insert(&key) {
            self.rejects.push(
                place,
                "the payload has a price of this book, market and side already; the first one stands",
            );
            return;
        }
        self.decoded.quotes.push(Quote {
            source: self.source,
            source_game_id: slot.game.map(|word| Arc::clone(&word.text)),
            source_book_id: Arc::clone(slot.book.id()),
            book: slot.book.slug.clone(),
            market: slot.market.clone(),
            period: slot.period,
            phase: slot.phase,
            side: slot.side,
            participant: slot.participant.map(|word| Arc::clone(&word.text)),
            line: offer.line,
            odds: offer.odds,
            status: offer.status,
            main: offer.main,
            opener: offer.opener,
            source_at: offer.source_at,
        });
    }
}

/// Give the later of two games of one pair on one slate the number 2.
///
/// A payload that lists only one of them cannot tell, so a stored number may only grow.
fn number_doubleheaders(games: &mut [FeedGame]) {
    let mut pairs: HashMap<_, Vec<usize>> = HashMap::with_capacity(games.len());
    for (index, game) in games.iter().enumerate() {
        let pair = (game.league, Arc::clone(&game.home), Arc::clone(&game.away));
        pairs.entry(pair).or_default().push(index);
    }
    // The slate takes a calendar, which only pairs that meet again need.
    for again in pairs.into_values().filter(|games| games.len() > 1) {
        let mut slates: HashMap<_, Vec<_>> = HashMap::new();
        for index in again {
            let moved = |game: &FeedGame| {
                matches!(
                    game.status,
                    Some(GameStatus::Postponed | GameStatus::Cancelled)
                )
            };
            if let Some(game) = games.get(index).filter(|game| !moved(game))
                && let Some(start) = game.starts_at
            {
                let order = (start, Arc::clone(&game.source_game_id), index);
                slates.entry(slate_date(start)).or_default().push(order);
            }
        }
        for mut slate in slates.into_values() {
            // A feed that numbers them itself knows better: the second of two may have no start of its own yet.
            let numbered = |index: usize| games.get(index).is_some_and(|g| g.game_number > 1);
            if slate.iter().any(|(_, _, index)| numbered(*index)) {
                continue;
            }
            slate.sort();
            for (order, (_, _, index)) in slate.into_iter().enumerate() {
                if let Some(game) = games.get_mut(index) {
                    game.game_number = u8::try_from(order + 1).unwrap_or(u8::MAX);
                }
            }
        }
    }
}
