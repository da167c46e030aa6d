//! Bodies of the two feeds, written by hand.

use chrono::{DateTime, TimeDelta, Utc};
use linetape::domain::league::League;
use linetape::domain::payload::{Payload, RequestIdentity};
use linetape::domain::source::Stream;
use serde_json::{Value, json};

use super::tables::payload;

/// Minutes after noon UTC of the day everything happens.
pub fn noon(minutes: i64) -> DateTime<Utc> {
    let noon: DateTime<Utc> = "2025-07-12T12:00:00Z".parse().unwrap();
    noon + TimeDelta::minutes(minutes)
}

/// One price on Action Network's scoreboard.
#[derive(Debug, Clone)]
pub struct Offer {
    pub book: u32,
    pub market: &'static str,
    pub side: &'static str,
    pub odds: i64,
    pub value: f64,
    pub status: &'static str,
    pub live: bool,
    pub tickets: u32,
}

impl Offer {
    pub fn new(market: &'static str, side: &'static str, value: f64, odds: i64) -> Self {
        Self {
            book: 68,
            market,
            side,
            odds,
            value,
            status: "normal",
            live: false,
            tickets: 0,
        }
    }

    pub fn status(self, status: &'static str) -> Self {
        Self { status, ..self }
    }

    pub fn live(self) -> Self {
        Self { live: true, ..self }
    }

    pub fn tickets(self, tickets: u32) -> Self {
        Self { tickets, ..self }
    }

    pub fn book(self, book: u32) -> Self {
        Self { book, ..self }
    }
}

/// Both sides of a moneyline.
pub fn moneyline(home: i64, away: i64) -> Vec<Offer> {
    vec![
        Offer::new("moneyline", "away", 0.0, away),
        Offer::new("moneyline", "home", 0.0, home),
    ]
}

const HOME: u32 = 11;
const AWAY: u32 = 22;

/// A game on Action Network's scoreboard: Miami at Baltimore.
pub fn an_game(id: u32, starts_at: DateTime<Utc>, status: &str, offers: &[Offer]) -> Value {
    let mut markets = json!({});
    for offer in offers {
        let team = match offer.side {
            "home" => HOME,
            "away" => AWAY,
            _ => 0,
        };
        let list = &mut markets[offer.book.to_string()]["event"][offer.market];
        if list.is_null() {
            *list = json!([]);
        }
        list.as_array_mut().unwrap().push(json!({
            "event_id": id, "book_id": offer.book, "type": offer.market, "period": "event", "side": offer.side,
            "team_id": team, "odds": offer.odds, "value": offer.value, "is_live": offer.live,
            "line_status": offer.status,
            "bet_info": {"tickets": {"value": 0, "percent": offer.tickets},
                         "money": {"value": 0, "percent": offer.tickets}},
        }));
    }
    // The away team first, as often as not.
    json!({
        "id": id, "status": status, "real_status": status, "start_time": starts_at, "league_name": "mlb",
        "home_team_id": HOME, "away_team_id": AWAY, "num_bets": 5,
        "teams": [{"id": AWAY, "full_name": "Miami Marlins"}, {"id": HOME, "full_name": "Baltimore Orioles"}],
        "markets": markets,
    })
}

/// A look at Action Network's slate.
pub fn an_look(at: DateTime<Utc>, games: &[Value]) -> Payload {
    let body = json!({"league": {"id": 8, "name": "mlb"}, "games": games});
    look(Stream::AnScoreboard, at, &body)
}

/// A game of The Odds API: each book's prices as (market, name, price, point).
pub fn odds_game(
    id: &str,
    starts_at: DateTime<Utc>,
    book: &str,
    prices: &[(&str, &str, i64, Option<f64>)],
) -> Value {
    let mut markets: Vec<Value> = Vec::new();
    for (market, name, price, point) in prices {
        let outcome = match point {
            Some(point) => json!({"name": name, "price": price, "point": point}),
            None => json!({"name": name, "price": price}),
        };
        match markets.iter_mut().find(|m| m["key"] == *market) {
            Some(found) => found["outcomes"].as_array_mut().unwrap().push(outcome),
            None => markets.push(json!({"key": market, "outcomes": [outcome]})),
        }
    }
    json!({
        "id": id, "sport_key": "baseball_mlb", "sport_title": "MLB", "commence_time": starts_at,
        "home_team": "Baltimore Orioles", "away_team": "Miami Marlins",
        "bookmakers": [{"key": book, "title": book, "markets": markets}],
    })
}

/// A look at The Odds API's slate.
pub fn odds_look(at: DateTime<Utc>, games: &[Value]) -> Payload {
    look(Stream::OddsApiOdds, at, &json!(games))
}

fn look(stream: Stream, at: DateTime<Utc>, body: &Value) -> Payload {
    let request = RequestIdentity {
        stream,
        url: "https://feed.test/slate".into(),
        league: Some(League::Mlb),
        source_game_id: None,
    };
    payload(request, body.to_string().into_bytes(), at)
}
