//! Bodies nobody would send on purpose.

use linetape::domain::source::Stream;
use proptest::prelude::*;
use serde_json::Value;

use crate::payloads::{decode, fixture};

pub const FIXTURES: [(&str, Stream); 14] = [
    ("an_scoreboard.json", Stream::AnScoreboard),
    ("an_history.json", Stream::AnHistory),
    ("an_scoreboard_v1.json", Stream::AnScoreboardV1),
    ("odds_api_odds.json", Stream::OddsApiOdds),
    ("odds_api_scores.json", Stream::OddsApiScores),
    ("goalserve_odds.json", Stream::GoalserveOdds),
    ("espn_scoreboard.json", Stream::EspnScoreboard),
    ("espn_core_odds.json", Stream::EspnCoreOdds),
    ("espn_standings.json", Stream::EspnStandings),
    ("mlb_schedule.json", Stream::MlbSchedule),
    ("sbd_splits.json", Stream::SbdSplits),
    ("sbr_page.json", Stream::SbrOdds),
    ("sbr_graphql.json", Stream::SbrGraphql),
    ("sbr_merged.json", Stream::SbrArchive),
];

/// Pages and XML, and the most prices that a change of one bit may leave.
pub const MARKUP: [(&str, Stream, usize); 5] = [
    ("vsin_freeze.html", Stream::VsinSplits, 8),
    ("vsin_sp.html", Stream::VsinSplits, 8),
    ("goalserve_odds.xml", Stream::GoalserveOdds, 24),
    ("goalserve_scores.xml", Stream::GoalserveScores, 0),
    ("goalserve_soccer.xml", Stream::GoalserveScores, 0),
];

/// What a mutation puts in a value's place.
fn odd_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(serde_json::json!([])),
        Just(serde_json::json!({})),
        Just(serde_json::json!([[1, "x"], {"a": null}])),
        Just(serde_json::json!({"a": {"b": []}})),
    ]
}

/// Every value of a document, by pointer.
fn pointers(value: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, &format!("{at}/{index}"), out);
            }
        }
        Value::Object(members) => {
            for (name, item) in members {
                pointers(item, &format!("{at}/{name}"), out);
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_mutation_panics_and_every_reject_has_its_place(
        which in 0..FIXTURES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), odd_value(), any::<bool>()), 1..6),
    ) {
        let (name, stream) = FIXTURES[which];
        let mut body: Value = serde_json::from_slice(&fixture(name)).unwrap();
        for (index, odd, drop) in changes {
            let mut all = Vec::new();
            pointers(&body, "", &mut all);
            let pointer = all[index.index(all.len())].clone();
            let (parent, member) = pointer.rsplit_once('/').unwrap_or(("", ""));
            match body.pointer_mut(parent) {
                Some(Value::Object(members)) if drop => { members.remove(member); }
                _ => if let Some(value) = body.pointer_mut(&pointer) { *value = odd; },
            }
        }
        if let Ok(decoded) = decode(stream, body.to_string().as_bytes(), None) {
            for reject in &decoded.rejects {
                prop_assert!(!reject.reason.is_empty());
                prop_assert!(reject.value.chars().count() <= 200);
                // The place exists, or is a member missing from a place that exists.
                let parent = reject.path.rsplit_once('/').map_or("", |(parent, _)| parent);
                prop_assert!(body.pointer(parent).is_some(), "{}", reject.path);
            }
        }
    }

    #[test]
    fn truncated_bodies_are_refused_and_flipped_bits_do_not_panic(
        which in 0..FIXTURES.len(),
        cut in any::<prop::sample::Index>(),
        flip in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let (name, stream) = FIXTURES[which];
        let mut body = fixture(name);
        let end = body.trim_ascii_end().len();
        prop_assert!(decode(stream, &body[..cut.index(end)], None).is_err());
        let at = flip.index(body.len());
        body[at] ^= 1 << bit;
        if let Ok(decoded) = decode(stream, &body, None) {
            prop_assert!(decoded.quotes.len() <= 24, "one bit makes no new prices");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 90, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_change_of_a_page_or_xml_panics(
        which in 0..MARKUP.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..5_u8), 1..6),
        flip in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let (name, stream, most) = MARKUP[which];
        let mut body = fixture(name);
        let at = flip.index(body.len());
        body[at] ^= 1 << bit;
        if let Ok(decoded) = decode(stream, &body, None) {
            prop_assert!(decoded.quotes.len() <= most, "one bit makes no new prices");
        }
        for (one, other, how) in changes {
            if body.is_empty() {
                break;
            }
            let (one, other) = (one.index(body.len()), other.index(body.len()));
            let part: Vec<u8> = body[one.min(other)..one.max(other)].to_vec();
            match how {
                0 => drop(body.drain(one.min(other)..one.max(other).min(one.min(other) + 200))),
                1 => drop(body.splice(one..one, part.into_iter().take(500))),
                2 => body.swap(one, other),
                3 => drop(body.splice(one..one, *b"<div><td>\"'&lt;")),
                _ => body.truncate(one.max(other) + 1),
            }
            if let Ok(decoded) = decode(stream, &body, None) {
                for reject in &decoded.rejects {
                    prop_assert!(!reject.reason.is_empty() && !reject.path.is_empty());
                    prop_assert!(reject.value.chars().count() <= 200);
                }
            }
        }
    }
}

#[test]
fn deep_wide_and_tangled_markup_costs_no_more_than_its_length() {
    let many = 50_000;
    let deep = format!("<scores>{}</scores>", "<category>".repeat(many));
    assert!(decode(Stream::GoalserveOdds, deep.as_bytes(), None).is_err());
    let repeat = |part: fn(usize) -> String, many| (0..many).map(part).collect::<Vec<_>>().concat();
    let attributes = repeat(|n| format!(" a{n}=\"\""), many);
    let wide = format!("<scores{attributes}/>");
    assert!(decode(Stream::GoalserveOdds, wide.as_bytes(), None).is_ok());
    let mixed = "<category/><match/>".repeat(many);
    let mixed = format!("<scores>{mixed}</scores>");
    assert!(decode(Stream::GoalserveOdds, mixed.as_bytes(), None).is_ok());
    let nested = format!("{}{}", r#"{"scores":"#.repeat(many), "}".repeat(many));
    assert!(decode(Stream::GoalserveOdds, nested.as_bytes(), None).is_err());

    let page = |inside: &str| {
        format!("<table class=freezetable><tr><td data-param2=20260110NBA00501>{inside}")
    };
    let tangled = repeat(|n| format!("<font size={n}><p>"), many / 4);
    for inside in [
        "<div>".repeat(many),
        "<table><tr><td>".repeat(many),
        "<a href=x>x".repeat(many),
        "<hr>".repeat(many),
        "<td>".repeat(many),
        "&nbsp;x".repeat(many),
        tangled,
    ] {
        let decoded = decode(Stream::VsinSplits, page(&inside).as_bytes(), None).unwrap();
        assert!(decoded.games.is_empty());
    }
    let large = page(&format!("<b{attributes}>"));
    let error = decode(Stream::VsinSplits, large.as_bytes(), None).unwrap_err();
    assert!(
        error.to_string().contains("larger than any page"),
        "{error}"
    );
}

#[test]
fn an_impossible_number_costs_only_itself() {
    let text = String::from_utf8(fixture("odds_api_odds.json")).unwrap();
    let whole = decode(Stream::OddsApiOdds, text.as_bytes(), None).unwrap();
    let broken = text.replacen("\"price\": -146", "\"price\": 1e999", 1);
    let decoded = decode(Stream::OddsApiOdds, broken.as_bytes(), None).unwrap();
    assert_eq!(decoded.quotes.len() + 1, whole.quotes.len());
    assert_eq!(decoded.rejects.len(), whole.rejects.len() + 1);
    assert_eq!(
        decoded.rejects[0].path,
        "/0/bookmakers/0/markets/0/outcomes/0/price"
    );
}

#[test]
fn a_byte_order_mark_is_no_matter() {
    let mut body = b"\xEF\xBB\xBF".to_vec();
    body.extend(fixture("an_scoreboard.json"));
    let with = decode(Stream::AnScoreboard, &body, None).unwrap();
    assert_eq!(
        with,
        decode(Stream::AnScoreboard, &body[3..], None).unwrap()
    );
}

#[test]
fn depth_bombs_are_refused_or_skipped() {
    let deep = "[".repeat(200_000);
    assert!(decode(Stream::OddsApiOdds, deep.as_bytes(), None).is_err());
    let closed = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let inside = format!("{{\"games\":[{{\"id\":1,\"meta\":{closed}}}]}}");
    let decoded = decode(Stream::AnScoreboard, inside.as_bytes(), None).unwrap();
    assert_eq!(decoded.rejects.len(), 1);
    assert!(decode(Stream::AnScoreboard, closed.as_bytes(), None).is_err());
}

#[test]
fn repeated_members_do_not_make_two_prices() {
    let outcome =
        r#"{"side":"over","odds":-110,"value":8},{"side":"over","odds":-105,"value":8.5}"#;
    let book = format!(r#""68":{{"event":{{"total":[{outcome}]}}}}"#);
    let body = format!(
        r#"{{"games":[{{"id":1,"home_team_id":1,"away_team_id":2,"teams":[{{"id":1,"full_name":"A"}},{{"id":2,"full_name":"B"}}],"markets":{{{book},{book}}}}}]}}"#
    );
    let decoded = decode(Stream::AnScoreboard, body.as_bytes(), None).unwrap();
    assert_eq!((decoded.quotes.len(), decoded.rejects.len()), (1, 3));
}
