use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn terms(reset_day: u32) -> Terms {
    Terms {
        kept: 20,
        block: 60,
        reset_day,
    }
}

#[test]
fn a_period_ends_on_its_day_at_midnight_utc() {
    let resets = |day, now| terms(day).resets_at(at(now)).to_rfc3339();
    assert_eq!(
        resets(1, "2025-07-12T10:00:00Z"),
        "2025-08-01T00:00:00+00:00"
    );
    assert_eq!(
        resets(1, "2025-08-01T00:00:00Z"),
        "2025-09-01T00:00:00+00:00"
    );
    assert_eq!(
        resets(15, "2025-12-14T23:59:59Z"),
        "2025-12-15T00:00:00+00:00"
    );
    assert_eq!(
        resets(28, "2025-12-30T00:00:00Z"),
        "2026-01-28T00:00:00+00:00"
    );
}

#[test]
fn what_was_told_before_the_new_credits_tells_nothing() {
    let mut purse = Purse::new(Source::OddsApi, terms(1));
    let before = at("2025-07-31T23:59:59Z");
    assert_eq!(terms(1).began_at(before), at("2025-07-01T00:00:00Z"));
    assert_eq!(
        terms(15).began_at(at("2026-01-14T12:00:00Z")),
        at("2025-12-15T00:00:00Z")
    );
    purse.told = Some((21, before));
    assert_eq!(purse.remaining(before), Some(21));
    assert_eq!(purse.remaining(at("2025-08-01T00:00:00Z")), None);
}

#[test]
fn the_forecast_follows_the_last_days_rate_and_starts_over_with_new_credits() {
    let mut purse = Purse::new(Source::OddsApi, terms(1));
    let now = at("2025-07-12T10:00:00Z");
    assert_eq!(purse.exhausted_at(now), None, "nothing was told");
    purse.observe(500, now - TimeDelta::hours(10));
    purse.observe(420, now);
    // 8 an hour, 400 beyond those kept: 50 hours.
    assert_eq!(purse.exhausted_at(now), Some(now + TimeDelta::hours(50)));
    purse.observe(419, now + TimeDelta::hours(20));
    assert_eq!(
        purse.exhausted_at(now + TimeDelta::hours(20)),
        None,
        "at one credit in twenty hours they last"
    );
    purse.observe(500, now + TimeDelta::hours(21));
    assert_eq!(purse.observed.len(), 1);
}

#[tokio::test]
async fn without_the_ledger_nothing_is_spent() {
    let mut purse = Purse::new(Source::OddsApi, terms(1));
    let now = at("2025-07-12T10:00:00Z");
    assert!(
        purse.take(0, None, now).await.is_ok(),
        "what is free is free"
    );
    let reason = purse.take(3, None, now).await.unwrap_err();
    assert!(reason.contains("database"), "{reason}");
}
