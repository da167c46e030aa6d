//! What a question costs, as the price list says: the answer's headers tell it only afterwards.

use std::borrow::Cow;

use crate::domain::source::Stream;
use crate::sources::Request;

/// Ten named bookmakers count as a region.
const BOOKMAKERS_A_REGION: usize = 10;

/// Credits that `request` costs at most: a market that nobody offers is not charged.
pub(in crate::sources) fn credits(request: &Request) -> u64 {
    let value = |name: &str| {
        let mut pairs = request.url.query_pairs();
        pairs.find(|(key, _)| key == name).map(|(_, value)| value)
    };
    let items = |list: Option<Cow<'_, str>>| {
        list.map_or(0, |list| list.split(',').filter(|s| !s.is_empty()).count())
    };
    let priced = || {
        let regions = match items(value("bookmakers")) {
            0 => items(value("regions")),
            named => named.div_ceil(BOOKMAKERS_A_REGION),
        };
        // Without a list the feed sends one market.
        (items(value("markets")).max(1) * regions.max(1)) as u64
    };
    match request.identity.stream {
        Stream::OddsApiOdds | Stream::OddsApiEventOdds => priced(),
        Stream::OddsApiScores if value("daysFrom").is_some() => 2,
        Stream::OddsApiHistorical if request.url.path().ends_with("/odds") => 10 * priced(),
        Stream::OddsApiScores | Stream::OddsApiHistorical => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::request;
    use super::*;
    use crate::config::settings::OddsApi;
    use crate::domain::league::League;

    #[test]
    fn follows_the_price_list() {
        let settings = OddsApi {
            key: Some("key".into()),
            regions: vec!["us".into(), "us2".into()],
            ..OddsApi::default()
        };
        let id: Arc<str> = "a".into();
        let markets = ["alternate_spreads".to_owned()];
        let at = chrono::DateTime::UNIX_EPOCH;
        let league = League::Mlb;
        for (asked, cost) in [
            (request::sports(&settings), 0),
            (request::events(&settings, league, None), 0),
            (request::odds(&settings, league, None), 6),
            (request::event_odds(&settings, league, &id, &markets), 2),
            (request::scores(&settings, league, None, &[]), 1),
            (request::scores(&settings, league, Some(1), &[]), 2),
            (request::historical_odds(&settings, league, at), 60),
            (request::historical_events(&settings, league, at), 1),
        ] {
            let asked = asked.unwrap();
            assert_eq!(credits(&asked), cost, "{asked:?}");
        }
    }
}
