//! What a request asks for, checked as the service checks it.

use serde_json::json;

use super::super::reply::{Params, Reply};
use super::super::schedule::{Millis, millis};

/// Why a request is refused.
#[derive(Debug, Clone, Copy)]
pub(super) enum Refusal {
    Missing(&'static str),
    Invalid(&'static str),
    UnknownSport,
    UnknownEvent,
    NotFound,
}

impl Refusal {
    /// The refusal as the service words it.
    pub(super) fn reply(self) -> Reply {
        let (status, code, message) = match self {
            Self::Missing(name) => (
                422,
                "MISSING_PARAMETER",
                format!("Missing parameter {name}"),
            ),
            Self::Invalid(name) => (
                422,
                "INVALID_PARAMETER",
                format!("Invalid value for parameter {name}"),
            ),
            Self::UnknownSport => (404, "UNKNOWN_SPORT", "Unknown sport".to_owned()),
            Self::UnknownEvent => (404, "EVENT_NOT_FOUND", "Event not found".to_owned()),
            Self::NotFound => (404, "NOT_FOUND", "Not found".to_owned()),
        };
        Reply::json(
            status,
            &json!({
                "message": message, "error_code": code,
                "details_url": "https://the-odds-api.com/liveapi/guides/v4/api-error-codes.html",
            }),
        )
    }
}

/// A checked request.
#[derive(Debug, Clone, Default)]
pub(super) struct Ask {
    pub(super) regions: Vec<String>,
    pub(super) bookmakers: Vec<String>,
    pub(super) markets: Vec<String>,
    pub(super) american: bool,
    pub(super) unix: bool,
    pub(super) days_from: Option<i64>,
    event_ids: Option<Vec<String>>,
    from: Option<Millis>,
    to: Option<Millis>,
}

const REGIONS: [&str; 5] = ["us", "us2", "uk", "eu", "au"];
const FEATURED: [&str; 4] = ["h2h", "spreads", "totals", "outrights"];
const EXTRA: [&str; 3] = ["alternate_spreads", "alternate_totals", "h2h_lay"];

impl Ask {
    /// Parameters that every list takes.
    pub(super) fn events(params: &Params) -> Result<Self, Refusal> {
        let owned = |name| {
            params
                .list(name)
                .map(|list| list.into_iter().map(str::to_owned).collect::<Vec<_>>())
        };
        let moment = |name| match params.get(name) {
            None => Ok(None),
            Some(text) => chrono::DateTime::parse_from_rfc3339(text)
                .map(|t| Some(millis(t.to_utc())))
                .map_err(|_| Refusal::Invalid(name)),
        };
        let one_of = |name, other: &str, usual: &str| match params.get(name) {
            None => Ok(false),
            Some(text) if text == usual => Ok(false),
            Some(text) if text == other => Ok(true),
            Some(_) => Err(Refusal::Invalid(name)),
        };
        Ok(Self {
            american: one_of("oddsFormat", "american", "decimal")?,
            unix: one_of("dateFormat", "unix", "iso")?,
            event_ids: owned("eventIds"),
            from: moment("commenceTimeFrom")?,
            to: moment("commenceTimeTo")?,
            ..Self::default()
        })
    }

    /// Parameters of prices. One event may be asked for more markets than a whole sport.
    pub(super) fn odds(params: &Params, one_event: bool) -> Result<Self, Refusal> {
        let owned = |name| -> Vec<String> {
            let list = params.list(name).unwrap_or_default();
            list.into_iter().map(str::to_owned).collect()
        };
        let mut ask = Self {
            regions: owned("regions"),
            bookmakers: owned("bookmakers"),
            markets: owned("markets"),
            ..Self::events(params)?
        };
        if ask.regions.is_empty() && ask.bookmakers.is_empty() {
            return Err(Refusal::Missing("regions"));
        }
        if ask.regions.iter().any(|r| !REGIONS.contains(&r.as_str())) {
            return Err(Refusal::Invalid("regions"));
        }
        if ask.markets.is_empty() {
            ask.markets.push("h2h".to_owned());
        }
        let known = |m: &str| FEATURED.contains(&m) || (one_event && EXTRA.contains(&m));
        if !ask.markets.iter().all(|m| known(m)) {
            return Err(Refusal::Invalid("markets"));
        }
        Ok(ask)
    }

    /// The same shops, every market of an event.
    pub(super) fn every_market(&self) -> Self {
        let markets = FEATURED.iter().chain(&EXTRA);
        Self {
            markets: markets.map(|&m| m.to_owned()).collect(),
            ..self.clone()
        }
    }

    /// Parameters of scores.
    pub(super) fn scores(params: &Params) -> Result<Self, Refusal> {
        let days_from = match params.get("daysFrom").map(str::parse) {
            None => None,
            Some(Ok(days @ 1..=3)) => Some(days),
            Some(_) => return Err(Refusal::Invalid("daysFrom")),
        };
        Ok(Self {
            days_from,
            ..Self::events(params)?
        })
    }

    /// Credits: one a market and region; ten named bookmakers count as a region.
    pub(super) fn cost(&self) -> u32 {
        self.cost_of(self.markets.len())
    }

    /// Credits for so many markets.
    pub(super) fn cost_of(&self, markets: usize) -> u32 {
        let regions = if self.bookmakers.is_empty() {
            self.regions.len()
        } else {
            self.bookmakers.len().div_ceil(10)
        };
        (markets * regions) as u32
    }

    /// Whether a market is asked for. Exchanges bring their lay prices along with `h2h`.
    pub(super) fn wants(&self, key: &str) -> bool {
        self.markets
            .iter()
            .any(|m| m == key || (key == "h2h_lay" && m == "h2h"))
    }

    /// Whether a shop is asked for; named bookmakers win over regions.
    pub(super) fn wants_shop(&self, key: &str, region: Option<&str>) -> bool {
        if self.bookmakers.is_empty() {
            self.regions.iter().any(|r| Some(r.as_str()) == region)
        } else {
            self.bookmakers.iter().any(|b| b == key)
        }
    }

    /// Whether an event is asked for.
    pub(super) fn wants_event(&self, id: &str, starts: Millis) -> bool {
        self.event_ids
            .as_ref()
            .is_none_or(|ids| ids.iter().any(|known| known == id))
            && self.from.is_none_or(|from| starts >= from)
            && self.to.is_none_or(|to| starts <= to)
    }
}
