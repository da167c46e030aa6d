use secrecy::SecretString;

use super::*;
use crate::domain::source::Stream;
use crate::sources::recognise;

const CANARY: &str = "canary-0123456789";

fn settings() -> Sources {
    let mut settings = Sources::default();
    settings.odds_api.key = Some(SecretString::from(CANARY));
    settings.goalserve.key = Some(SecretString::from(CANARY));
    settings.action_network.book_ids = vec![15, 68];
    settings
}

fn date() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 7, 12).unwrap()
}

fn game() -> Arc<str> {
    Arc::from("257653")
}

#[test]
fn action_networks_slate_is_asked_by_date_without_dashes() {
    let asked = plan(Source::ActionNetwork, &settings(), League::Ncaab, date()).unwrap();
    assert_eq!(
        asked[0].url.as_str(),
        "https://api.actionnetwork.com/web/v2/scoreboard/ncaab?bookIds=15%2C68&periods=event&date=20250712&division=D1&tournament=0"
    );
    assert_eq!(asked[0].identity.url, asked[0].url.as_str());
    let older = fallback(Source::ActionNetwork, &settings(), League::Mlb, date()).unwrap();
    assert_eq!(older.identity.stream, Stream::AnScoreboardV1);
}

#[test]
fn the_odds_apis_slate_is_asked_by_its_window() {
    let asked = plan(Source::OddsApi, &settings(), League::Mlb, date()).unwrap();
    let url = asked[0].identity.url.as_str();
    for part in [
        "/v4/sports/baseball_mlb/odds?",
        "oddsFormat=american",
        "commenceTimeFrom=2025-07-12T08%3A00%3A00Z",
        "commenceTimeTo=2025-07-13T07%3A59%3A59Z",
    ] {
        assert!(url.contains(part), "{part} in {url}");
    }
    assert!(asked[0].url.as_str().ends_with(&format!("apiKey={CANARY}")));
}

#[test]
fn no_identity_holds_a_key_and_each_names_its_stream() {
    let settings = settings();
    let (at, markets) = (DateTime::<Utc>::UNIX_EPOCH, ["h2h".to_owned()]);
    let requests = [
        plan(Source::OddsApi, &settings, League::Nba, date()).map(|mut all| all.remove(0)),
        scores(Source::OddsApi, &settings, League::Nba, Some(3), &[game()]).unwrap(),
        games(Source::OddsApi, &settings, League::Nba, date(), 2).unwrap(),
        references(Source::OddsApi, &settings, &[]).map(|mut all| all.remove(0)),
        past_day(Source::OddsApi, &settings, League::Nba, date()).map(|mut all| all.remove(0)),
        odds_api_events(&settings, League::Nba),
        odds_api_event_odds(&settings, League::Nba, &game(), &markets),
        odds_api_historical_odds(&settings, League::Nba, at),
        odds_api_historical_event_odds(&settings, League::Nba, &game(), &markets, at),
        Ok(history(Source::ActionNetwork, &settings, &game(), League::Nba).unwrap()),
        references(Source::ActionNetwork, &settings, &[]).map(|mut all| all.remove(0)),
        past_day(Source::ActionNetwork, &settings, League::Nba, date())
            .map(|mut all| all.remove(0)),
        plan(Source::Vsin, &settings, League::Nba, date()).map(|mut all| all.remove(0)),
        plan(Source::Goalserve, &settings, League::Nba, date()).map(|mut all| all.remove(0)),
        scores(Source::Goalserve, &settings, League::Nba, None, &[]).unwrap(),
        past_day(Source::Goalserve, &settings, League::Nba, date()).map(|mut all| all.remove(0)),
    ];
    for request in requests {
        let request = request.unwrap();
        let shown = format!("{request:?} {:?}", request.identity);
        assert!(
            !shown.contains(CANARY) && !shown.contains("apiKey"),
            "{shown}"
        );
        let identity = &request.identity;
        let found = recognise(identity.stream.source(), b"[]", Some(&identity.url)).unwrap();
        assert_eq!(found.stream, identity.stream, "{}", identity.url);
        assert_eq!(found.source_game_id, identity.source_game_id);
    }
}

#[test]
fn vsin_is_asked_for_a_page_a_book() {
    let asked = plan(Source::Vsin, &settings(), League::Ncaab, date()).unwrap();
    let urls: Vec<&str> = asked.iter().map(|one| one.url.as_str()).collect();
    assert_eq!(
        urls,
        [
            "https://data.vsin.com/betting-splits/?bookid=circa&view=cbb",
            "https://data.vsin.com/betting-splits/?bookid=dk&view=cbb",
        ]
    );
    let error = plan(Source::Vsin, &settings(), League::Soccer, date()).unwrap_err();
    assert!(error.to_string().contains("soccer"), "{error}");
    let error = past_day(Source::Vsin, &settings(), League::Mlb, date()).unwrap_err();
    assert!(error.to_string().contains("only of today"), "{error}");
}

#[test]
fn goalserves_key_is_in_the_path_and_nowhere_else() {
    let settings = settings();
    let odds = plan(Source::Goalserve, &settings, League::Mlb, date()).unwrap();
    let query = "cat=baseball_10&date_start=12.07.2025&date_end=13.07.2025";
    assert_eq!(
        odds[0].url.as_str(),
        format!("https://www.goalserve.com/getfeed/{CANARY}/getodds/soccer?{query}")
    );
    assert_eq!(
        odds[0].identity.url,
        format!("https://www.goalserve.com/getfeed/KEY/getodds/soccer?{query}")
    );
    for (league, path) in [
        (League::Mlb, "baseball/usa"),
        (League::Nfl, "football/nfl-scores"),
        (League::Nba, "bsktbl/nba-scores"),
        (League::Nhl, "hockey/nhl-scores"),
        (League::Soccer, "soccernew/home"),
    ] {
        let past = past_day(Source::Goalserve, &settings, league, date()).unwrap();
        assert_eq!(
            past[0].identity.url,
            format!("https://www.goalserve.com/getfeed/KEY/{path}?date=12.07.2025")
        );
        assert_eq!(past[0].identity.stream, Stream::GoalserveScores);
    }
    let without = Sources::default();
    let error = plan(Source::Goalserve, &without, League::Mlb, date()).unwrap_err();
    assert!(error.to_string().contains("GOALSERVE_API_KEY"), "{error}");
    // Typed by hand, a key may stand in an address that is no endpoint.
    let typed = format!("https://www.goalserve.com/getfeed/{CANARY}/wibble");
    let error = recognise(Source::Goalserve, b"<scores/>", Some(&typed)).unwrap_err();
    assert!(!error.to_string().contains(CANARY), "{error}");
}

#[test]
fn what_cannot_be_asked_is_said() {
    let mut settings = settings();
    settings.odds_api.key = None;
    let error = plan(Source::OddsApi, &settings, League::Mlb, date()).unwrap_err();
    assert!(error.to_string().contains("ODDS_API_KEY"), "{error}");
    let error = plan(Source::ActionNetwork, &settings, League::Other, date()).unwrap_err();
    assert!(error.to_string().contains("other"), "{error}");
    for bad in ["mailto:x", "nonsense", "https://user:secret@example.com"] {
        settings.action_network.base_url = bad.into();
        let error = references(Source::ActionNetwork, &settings, &[]).unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[test]
fn an_id_cannot_leave_its_path() {
    let id: Arc<str> = Arc::from("../../x?apiKey=1");
    let request = history(Source::ActionNetwork, &settings(), &id, League::Mlb).unwrap();
    assert!(request.url.path().starts_with("/web/v2/markets/event/"));
    assert!(request.url.path().ends_with("/history"));
}

#[test]
fn only_the_base_url_tells_live_from_demo() {
    let mut settings = settings();
    settings.action_network.base_url = "http://127.0.0.1:4000/an/".into();
    let asked = plan(Source::ActionNetwork, &settings, League::Mlb, date()).unwrap();
    assert!(
        asked[0]
            .url
            .as_str()
            .starts_with("http://127.0.0.1:4000/an/web/v2/scoreboard/mlb?")
    );
}
