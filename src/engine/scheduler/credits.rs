//! Which questions the credits left still allow: the dear ones stop first.

use crate::config::settings::OddsApi;
use crate::domain::source::Stream;
use crate::sources::{Request, plan};

/// Why `request` is not asked while `remaining` credits are left; none when it may be.
///
/// What the feed did not tell is no reason: some keys have no limit.
pub(super) fn refusal(
    request: &Request,
    settings: &OddsApi,
    remaining: Option<u64>,
) -> Option<String> {
    let cost = plan::credits(request);
    let remaining = remaining.filter(|_| cost > 0)?;
    let (what, kept, setting) = match request.identity.stream {
        Stream::OddsApiEventOdds if settings.event_keep_credits > settings.keep_credits => (
            "single games",
            settings.event_keep_credits,
            "event_keep_credits",
        ),
        Stream::OddsApiEventOdds => ("single games", settings.keep_credits, "keep_credits"),
        Stream::OddsApiScores => ("scores", settings.keep_credits, "keep_credits"),
        _ => ("odds", settings.keep_credits, "keep_credits"),
    };
    (remaining < u64::from(kept).saturating_add(cost)).then(|| {
        format!(
            "{remaining} credits are left and {kept} are kept (sources.odds_api.{setting}), so {what} are not asked until the feed grants more"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::settings::Sources;
    use crate::domain::league::League;
    use crate::domain::source::Source;

    #[test]
    fn the_dear_ones_stop_first_and_the_free_ones_never() {
        let mut sources = Sources::default();
        sources.odds_api.key = Some("key".into());
        sources.odds_api.event_markets = vec!["alternate_spreads".into()];
        let (odds_api, league) = (Source::OddsApi, League::Mlb);
        let date = chrono::NaiveDate::from_ymd_opt(2025, 7, 12).unwrap();
        let asked = [
            plan::game_markets(odds_api, &sources, &"a".into(), league).unwrap(),
            plan::plan(odds_api, &sources, league, date)
                .unwrap()
                .remove(0),
            plan::scores(odds_api, &sources, league, None, &[])
                .unwrap()
                .unwrap(),
            plan::references(odds_api, &sources, &[]).unwrap().remove(0),
        ];
        let allowed = |remaining| {
            asked
                .each_ref()
                .map(|request| refusal(request, &sources.odds_api, remaining).is_none())
        };
        assert_eq!(allowed(None), [true; 4], "nobody told");
        assert_eq!(allowed(Some(101)), [true; 4]);
        assert_eq!(allowed(Some(100)), [false, true, true, true]);
        assert_eq!(allowed(Some(22)), [false, false, true, true]);
        assert_eq!(allowed(Some(20)), [false, false, false, true]);
        let reason = refusal(&asked[0], &sources.odds_api, Some(7)).unwrap();
        assert!(
            reason.contains("7 credits") && reason.contains("event_keep_credits"),
            "{reason}"
        );
    }
}
