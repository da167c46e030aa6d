//! Snapshots that others saved as CSV, a row an outcome: the same answer in another form.

use serde_json::{Map, Value, json};

use crate::domain::clean::clean;
use crate::sources::NotAResponse;

/// What such a file begins with.
const MARK: &str = "event_id,sport_key,";
/// Most rows; a slate of every book and market has some thousands.
const MOST_ROWS: usize = 200_000;

#[derive(serde::Deserialize)]
struct Row<'r> {
    event_id: &'r str,
    sport_key: &'r str,
    home_team: &'r str,
    away_team: &'r str,
    commence_time: &'r str,
    bookmaker: &'r str,
    #[serde(default)]
    last_update: &'r str,
    market: &'r str,
    outcome_name: &'r str,
    price: &'r str,
    #[serde(default)]
    point: &'r str,
    snapshot_utc: &'r str,
}

/// Whether `text` is such a table.
pub(super) fn is_one(text: &str) -> bool {
    text.starts_with(MARK)
        && text
            .lines()
            .next()
            .is_some_and(|line| line.contains("snapshot_utc"))
}

/// The table as a past snapshot.
pub(super) fn as_json(text: &str) -> Result<String, NotAResponse> {
    let refused = |what: &str| {
        NotAResponse(format!(
            "this CSV is no snapshot of The Odds API: {what}; nothing is read from it"
        ))
    };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader
        .headers()
        .map_err(|error| refused(&clean(&error.to_string(), 120)))?
        .clone();
    let mut taken: Option<String> = None;
    let mut events: Vec<Map<String, Value>> = Vec::new();
    let mut count = 0;
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Err(refused(&clean(&error.to_string(), 120))),
        }
        count += 1;
        if count > MOST_ROWS {
            return Err(refused(&format!("it has more than {MOST_ROWS} rows")));
        }
        let row: Row<'_> = record
            .deserialize(Some(&header))
            .map_err(|error| refused(&clean(&error.to_string(), 120)))?;
        match &taken {
            None => taken = Some(row.snapshot_utc.to_owned()),
            Some(taken) if taken == row.snapshot_utc => {}
            Some(_) => {
                return Err(refused(
                    "it holds several snapshots; split it by snapshot_utc",
                ));
            }
        }
        add(&mut events, &row);
    }
    let stamp = taken.unwrap_or_default();
    let at = chrono::NaiveDateTime::parse_from_str(&stamp, "%Y%m%d_%H%M%S")
        .map_err(|_| refused("its snapshot_utc is no time like 20260303_212706"))?;
    let body = json!({ "timestamp": at.and_utc().to_rfc3339(), "data": events });
    Ok(body.to_string())
}

/// A number as one, so that text where a number belongs is refused in its place.
fn number(text: &str) -> Value {
    text.trim()
        .parse::<f64>()
        .ok()
        .and_then(serde_json::Number::from_f64)
        .map_or_else(|| Value::from(text), Value::Number)
}

fn add(events: &mut Vec<Map<String, Value>>, row: &Row<'_>) {
    let make = || {
        json!({
            "id": row.event_id, "sport_key": row.sport_key, "commence_time": row.commence_time,
            "home_team": row.home_team, "away_team": row.away_team, "bookmakers": [],
        })
    };
    let mut outcome = json!({ "name": row.outcome_name, "price": number(row.price) });
    if !row.point.trim().is_empty()
        && let Some(members) = outcome.as_object_mut()
    {
        members.insert("point".into(), number(row.point));
    }
    let at = events
        .iter()
        .rposition(|event| event.get("id").and_then(Value::as_str) == Some(row.event_id));
    let at = at.unwrap_or_else(|| {
        if let Value::Object(event) = make() {
            events.push(event);
        }
        events.len().saturating_sub(1)
    });
    let Some(books) = events
        .get_mut(at)
        .and_then(|event| event.get_mut("bookmakers"))
    else {
        return;
    };
    let book = json!({ "key": row.bookmaker, "last_update": row.last_update, "markets": [] });
    let Some(markets) = child(books, row.bookmaker, book).and_then(|book| book.get_mut("markets"))
    else {
        return;
    };
    let market = json!({ "key": row.market, "last_update": row.last_update, "outcomes": [] });
    if let Some(Value::Array(outcomes)) =
        child(markets, row.market, market).and_then(|market| market.get_mut("outcomes"))
    {
        outcomes.push(outcome);
    }
}

/// The element of `list` with this key, made where there is none.
fn child<'v>(list: &'v mut Value, key: &str, new: Value) -> Option<&'v mut Value> {
    let list = list.as_array_mut()?;
    let is_it = |item: &Value| item.get("key").and_then(Value::as_str) == Some(key);
    let at = list.iter().rposition(is_it).unwrap_or_else(|| {
        list.push(new);
        list.len() - 1
    });
    list.get_mut(at)
}
