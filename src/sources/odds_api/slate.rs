//! Events with the books' markets on them, as The Odds API writes them.
//!
//! A slate has a hundred times as many outcomes as events. Each level is one list, of which the level above has a
//! stretch, because a list an object would cost more than reading what is in it.

use std::ops::Range;

use crate::sources::json::{Json, Read, Reader, Scalar, Shape, Skip, members, record};

/// Every event of a body.
#[derive(Debug, Default)]
pub(super) struct Slate<'a> {
    /// What stood where events belong.
    pub(super) shape: Shape,
    /// Whether they came as a list, not as one event.
    pub(super) is_list: bool,
    /// The events.
    pub(super) events: Vec<Event<'a>>,
    bookmakers: Vec<Bookmaker<'a>>,
    markets: Vec<MarketRow<'a>>,
    outcomes: Vec<Outcome<'a>>,
}

/// An event; without bookmakers in the lists of events.
#[derive(Debug, Default)]
pub(super) struct Event<'a> {
    pub(super) shape: Shape,
    pub(super) id: Scalar<'a>,
    pub(super) sport_key: Scalar<'a>,
    pub(super) commence_time: Scalar<'a>,
    pub(super) home_team: Scalar<'a>,
    pub(super) away_team: Scalar<'a>,
    pub(super) bookmakers: Stretch,
}

/// A book on an event.
#[derive(Debug, Default)]
pub(super) struct Bookmaker<'a> {
    pub(super) shape: Shape,
    pub(super) key: Scalar<'a>,
    pub(super) last_update: Scalar<'a>,
    pub(super) markets: Stretch,
}

/// A market of a book.
#[derive(Debug, Default)]
pub(super) struct MarketRow<'a> {
    pub(super) shape: Shape,
    pub(super) key: Scalar<'a>,
    pub(super) last_update: Scalar<'a>,
    pub(super) outcomes: Stretch,
    /// The JSON of the outcomes.
    written: &'a str,
}

record! {
    /// One side of a market.
    Outcome<'a> {
        name: Scalar<'a> = "name",
        description: Scalar<'a> = "description",
        price: Scalar<'a> = "price",
        point: Scalar<'a> = "point",
    }
}

/// A list on a lower level.
#[derive(Debug, Clone, Default)]
pub(super) struct Stretch {
    /// What stood there.
    pub(super) shape: Shape,
    range: Range<usize>,
}

impl<'a> Slate<'a> {
    /// The bookmakers of `event`.
    pub(super) fn bookmakers(&self, event: &Event<'_>) -> &[Bookmaker<'a>] {
        of(&self.bookmakers, &event.bookmakers)
    }

    /// The markets of `bookmaker`.
    pub(super) fn markets(&self, bookmaker: &Bookmaker<'_>) -> &[MarketRow<'a>] {
        of(&self.markets, &bookmaker.markets)
    }

    /// The outcomes of `market`.
    pub(super) fn outcomes(&self, market: &MarketRow<'_>) -> &[Outcome<'a>] {
        of(&self.outcomes, &market.outcomes)
    }

    /// The JSON of each outcome of `market`.
    pub(super) fn written(market: &MarketRow<'a>) -> Vec<&'a str> {
        let mut out = Vec::new();
        let mut reader = Reader::new(market.written, &[]);
        // It was read before, so that it is a list.
        let _ = reader.elements(|reader| {
            out.push(reader.raw(Reader::skip)?);
            Ok(())
        });
        out
    }

    /// Every outcome there is.
    pub(super) fn every_outcome(&self) -> impl Iterator<Item = &Outcome<'a>> {
        let bookmakers = self.events.iter().flat_map(|event| self.bookmakers(event));
        let markets = bookmakers.flat_map(|bookmaker| self.markets(bookmaker));
        markets.flat_map(|market| self.outcomes(market))
    }

    /// About how many outcomes there are; more where members are repeated.
    pub(super) const fn size(&self) -> usize {
        self.outcomes.len()
    }

    fn read_event(&mut self, reader: &mut Reader<'a>) -> Read<()> {
        let mut event = Event::default();
        if reader.peek() == b'{' {
            event.shape = Shape::Right;
            members!(reader, {
                "id" => event.id.fill(reader),
                "sport_key" => event.sport_key.fill(reader),
                "sport_title" => Skip.fill(reader),
                "commence_time" => event.commence_time.fill(reader),
                "home_team" => event.home_team.fill(reader),
                "away_team" => event.away_team.fill(reader),
                "bookmakers" => self.read_bookmakers(reader).map(|stretch| event.bookmakers = stretch),
            });
        } else {
            event.shape = reader.unexpected()?;
        }
        self.events.push(event);
        Ok(())
    }

    fn read_bookmakers(&mut self, reader: &mut Reader<'a>) -> Read<Stretch> {
        let from = self.bookmakers.len();
        let shape = list(reader, |reader| self.read_bookmaker(reader))?;
        let range = from..self.bookmakers.len();
        Ok(Stretch { shape, range })
    }

    fn read_bookmaker(&mut self, reader: &mut Reader<'a>) -> Read<()> {
        let mut bookmaker = Bookmaker::default();
        if reader.peek() == b'{' {
            bookmaker.shape = Shape::Right;
            members!(reader, {
                "key" => bookmaker.key.fill(reader),
                "title" => Skip.fill(reader),
                "last_update" => bookmaker.last_update.fill(reader),
                "markets" => self.read_markets(reader).map(|stretch| bookmaker.markets = stretch),
            });
        } else {
            bookmaker.shape = reader.unexpected()?;
        }
        self.bookmakers.push(bookmaker);
        Ok(())
    }

    fn read_markets(&mut self, reader: &mut Reader<'a>) -> Read<Stretch> {
        let from = self.markets.len();
        let shape = list(reader, |reader| self.read_market(reader))?;
        let range = from..self.markets.len();
        Ok(Stretch { shape, range })
    }

    fn read_market(&mut self, reader: &mut Reader<'a>) -> Read<()> {
        let mut market = MarketRow::default();
        if reader.peek() == b'{' {
            market.shape = Shape::Right;
            members!(reader, {
                "key" => market.key.fill(reader),
                "last_update" => market.last_update.fill(reader),
                "outcomes" => self.read_outcomes(reader, &mut market),
            });
        } else {
            market.shape = reader.unexpected()?;
        }
        self.markets.push(market);
        Ok(())
    }

    fn read_outcomes(&mut self, reader: &mut Reader<'a>, market: &mut MarketRow<'a>) -> Read<()> {
        let from = self.outcomes.len();
        let mut shape = Shape::Wrong;
        market.written = reader.raw(|reader| {
            shape = list(reader, |reader| self.read_outcome(reader))?;
            Ok(())
        })?;
        let range = from..self.outcomes.len();
        market.outcomes = Stretch { shape, range };
        Ok(())
    }

    fn read_outcome(&mut self, reader: &mut Reader<'a>) -> Read<()> {
        self.outcomes.push(Outcome::default());
        match self.outcomes.last_mut() {
            Some(outcome) => outcome.fill(reader),
            None => Ok(()),
        }
    }
}

impl<'a> Json<'a> for Slate<'a> {
    fn fill(&mut self, reader: &mut Reader<'a>) -> Read<()> {
        *self = Self::default();
        // An outcome of a common market takes about so many bytes, with its share of what is above it.
        self.outcomes.reserve(reader.left() / 96);
        self.markets.reserve(reader.left() / 192);
        self.is_list = reader.peek() == b'[';
        if self.is_list {
            self.shape = list(reader, |reader| self.read_event(reader))?;
        } else {
            self.shape = Shape::Right;
            self.read_event(reader)?;
        }
        Ok(())
    }
}

/// Read a list element by element, and say what stood there.
fn list<'a>(
    reader: &mut Reader<'a>,
    element: impl FnMut(&mut Reader<'a>) -> Read<()>,
) -> Read<Shape> {
    if reader.peek() != b'[' {
        return reader.unexpected();
    }
    reader.elements(element)?;
    Ok(Shape::Right)
}

fn of<'s, T>(all: &'s [T], stretch: &Stretch) -> &'s [T] {
    all.get(stretch.range.clone()).unwrap_or_default()
}
