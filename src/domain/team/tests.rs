use std::collections::BTreeSet;

use super::*;

fn slug(league: League, name: &str) -> Option<String> {
    let teams = Teams::builtin().unwrap();
    teams.find(league, name).map(|t| t.slug.to_string())
}

/// Every spelling of the first list is the one team.
fn all_are(league: League, names: &[&str], wanted: &str) {
    let teams = Teams::builtin().unwrap();
    for name in names {
        let found = teams.find(league, name).map(|t| t.slug.as_str());
        assert_eq!(found, Some(wanted), "{name}");
    }
}

#[test]
fn finds_by_any_known_name() {
    all_are(
        League::Mlb,
        &[
            "Miami Marlins",
            "Miami Marlins       ",
            "MIAMI",
            "marlins",
            "FLA",
        ],
        "mlb:marlins",
    );
    all_are(
        League::Mlb,
        &["St Louis Cardinals", "St. Louis Cardinals", "Saint Louis"],
        "mlb:cardinals",
    );
    all_are(
        League::Nhl,
        &["Montréal Canadiens", "MON", "MTL"],
        "nhl:canadiens",
    );
    assert_eq!(slug(League::Mlb, "Miami Dolphins"), None);
}

#[test]
fn every_league_is_whole() {
    let teams = Teams::builtin().unwrap();
    let count = |league| teams.of_league(league).count();
    assert_eq!(
        [
            League::Mlb,
            League::Nfl,
            League::Nba,
            League::Nhl,
            League::Wnba
        ]
        .map(count),
        [30, 32, 30, 32, 15]
    );
    // 365 schools of the season 2025/26, and two that left since 2023.
    assert_eq!(
        [League::Ncaaf, League::Ncaab].map(count),
        [136 + 129, 365 + 2]
    );
}

#[test]
fn football_is_played_in_the_subdivisions_of_2025() {
    let file: SchoolsFile = toml::from_str(SCHOOLS).unwrap();
    let fbs = |row: &&SchoolRow| matches!(row.football, Some(Subdivision::Fbs));
    assert_eq!(file.school.iter().filter(fbs).count(), 136);
}

#[test]
fn no_name_fits_two_teams_of_a_league_unless_it_is_listed() {
    let teams = Teams::builtin().unwrap();
    let listed: BTreeSet<(League, String)> = teams
        .ambiguous()
        .map(|(league, name)| (league, normalise(name)))
        .collect();
    let unlisted: Vec<_> = teams
        .by_name
        .iter()
        .filter(|(key, team)| team.is_none() && !listed.contains(key))
        .collect();
    assert!(unlisted.is_empty(), "{unlisted:?}");
    for (league, name) in teams.ambiguous() {
        assert_eq!(slug(league, name), None, "{name}");
    }
    let slugs: BTreeSet<_> = teams.iter().map(|t| &t.slug).collect();
    assert_eq!(slugs.len(), teams.iter().count());
}

#[test]
fn a_name_that_fits_two_teams_is_nobodys() {
    let mut teams = Teams::builtin().unwrap();
    let row = |slug: &str| TeamRow {
        slug: slug.into(),
        name: format!("{slug} United"),
        abbr: vec!["UTD".into()],
        names: Vec::new(),
        once: Vec::new(),
    };
    teams.take(
        League::Soccer,
        Vec::new(),
        vec![row("leeds"), row("newcastle")],
    );
    assert!(teams.find(League::Soccer, "UTD").is_none());
    assert!(teams.find(League::Soccer, "Leeds United").is_some());
    assert!(
        teams.names().all(|(name, _)| name != "UTD"),
        "nor is it written to the store"
    );
}

#[test]
fn trap_codes_differ_by_feed() {
    all_are(League::Mlb, &["WAS", "WSH", "WSN"], "mlb:nationals");
    all_are(
        League::Mlb,
        &["OAK", "ATH", "Oakland Athletics", "Athletics Athletics"],
        "mlb:athletics",
    );
    all_are(League::Mlb, &["AZ", "ARI"], "mlb:diamondbacks");
    all_are(League::Mlb, &["SF", "SFG", "SFO"], "mlb:giants");
    all_are(League::Mlb, &["LOS", "LAD"], "mlb:dodgers");
    all_are(League::Mlb, &["TAM", "TB", "TBR"], "mlb:rays");
    all_are(League::Mlb, &["CUB", "CHC"], "mlb:cubs");
    all_are(League::Mlb, &["CWS", "CHW"], "mlb:white-sox");
    all_are(League::Mlb, &["KAN", "KC"], "mlb:royals");
    all_are(League::Mlb, &["SDG", "SD"], "mlb:padres");
    all_are(
        League::Mlb,
        &["Cleveland Indians", "Cleveland Guardians"],
        "mlb:guardians",
    );
    all_are(
        League::Nfl,
        &[
            "WAS",
            "WSH",
            "Washington Redskins",
            "Washington Football Team",
        ],
        "nfl:commanders",
    );
    all_are(League::Nfl, &["OAK", "LV", "LVR"], "nfl:raiders");
    all_are(
        League::Nfl,
        &["LA", "LAR", "STL", "St. Louis Rams"],
        "nfl:rams",
    );
    all_are(League::Nfl, &["JAC", "JAX"], "nfl:jaguars");
    all_are(
        League::Nfl,
        &["SD", "LAC", "San Diego Chargers"],
        "nfl:chargers",
    );
    all_are(League::Nfl, &["AZ", "ARI"], "nfl:cardinals");
    all_are(League::Nfl, &["SF", "SF49", "SFO"], "nfl:49ers");
    all_are(
        League::Nhl,
        &["ARI", "PHX", "UTA", "Utah Hockey Club"],
        "nhl:mammoth",
    );
    for (league, wanted) in [
        (League::Mlb, "mlb:mariners"),
        (League::Nfl, "nfl:seahawks"),
        (League::Nhl, "nhl:kraken"),
        (League::Ncaab, "ncaab:seattle-u"),
    ] {
        all_are(league, &["SEA"], wanted);
    }
}

#[test]
fn trap_codes_and_nicknames_are_of_a_league() {
    all_are(League::Nfl, &["Panthers"], "nfl:panthers");
    all_are(League::Nhl, &["Panthers"], "nhl:panthers");
    all_are(League::Nhl, &["Kings", "LA Kings"], "nhl:kings");
    all_are(League::Nba, &["Kings", "SAC"], "nba:kings");
    all_are(League::Mlb, &["Rangers"], "mlb:rangers");
    all_are(League::Nhl, &["Rangers"], "nhl:rangers");
    assert_eq!(
        slug(League::Ncaaf, "Cardinals"),
        None,
        "many schools are Cardinals"
    );
    assert_eq!(slug(League::Ncaab, "Tigers"), None);
    assert_eq!(slug(League::Soccer, "SEA"), None);
}

#[test]
fn trap_two_teams_of_one_city() {
    for (league, city) in [
        (League::Mlb, "Chicago"),
        (League::Mlb, "New York"),
        (League::Nfl, "New York"),
        (League::Nba, "Los Angeles"),
        (League::Nhl, "New York"),
    ] {
        assert_eq!(slug(league, city), None, "{city}");
    }
}

#[test]
fn trap_schools_that_sound_alike() {
    for league in [League::Ncaaf, League::Ncaab] {
        let of = |slug: &str| format!("{league}:{slug}");
        all_are(
            league,
            &[
                "Washington St",
                "Washington St.",
                "Washington State Cougars",
            ],
            &of("washington-state"),
        );
        all_are(
            league,
            &["Washington", "Washington Huskies"],
            &of("washington"),
        );
        all_are(
            league,
            &["Oregon St", "Oregon State Beavers"],
            &of("oregon-state"),
        );
        all_are(league, &["Oregon", "Oregon Ducks"], &of("oregon"));
        all_are(
            league,
            &["Miami", "Miami (FL)", "Miami Hurricanes"],
            &of("miami"),
        );
        all_are(
            league,
            &["Miami (OH)", "Miami OH", "Miami (OH) RedHawks"],
            &of("miami-oh"),
        );
        all_are(
            league,
            &["USC", "Southern California", "USC Trojans"],
            &of("usc"),
        );
        all_are(
            league,
            &["South Carolina", "South Carolina Gamecocks"],
            &of("south-carolina"),
        );
        all_are(
            league,
            &["NC State", "N.C. State", "North Carolina State"],
            &of("nc-state"),
        );
        all_are(
            league,
            &["UConn", "Connecticut", "UConn Huskies"],
            &of("connecticut"),
        );
        all_are(
            league,
            &["Ole Miss", "Mississippi", "Ole Miss Rebels"],
            &of("ole-miss"),
        );
        all_are(
            league,
            &["UL Monroe", "Louisiana-Monroe", "Louisiana Monroe"],
            &of("ul-monroe"),
        );
        all_are(
            league,
            &["San José State", "San Jose St", "San Jose\u{301} State"],
            &of("san-jose-state"),
        );
        all_are(league, &["Hawai'i", "Hawaiʻi", "Hawaii"], &of("hawaii"));
        all_are(league, &["Texas A&M", "TEXAS A&M AGGIES"], &of("texas-am"));
    }
    all_are(
        League::Ncaab,
        &["Texas A&M-CC", "Texas A&M-Corpus Christi"],
        "ncaab:texas-am-corpus-christi",
    );
    all_are(
        League::Ncaab,
        &[
            "St. John's",
            "Saint John's",
            "St Johns",
            "St. John's Red Storm",
        ],
        "ncaab:st-johns",
    );
    all_are(
        League::Ncaab,
        &["Saint Mary's", "St. Mary's (CA)"],
        "ncaab:saint-marys",
    );
    all_are(League::Ncaab, &["Mount St. Mary's"], "ncaab:mount-st-marys");
    assert_eq!(slug(League::Ncaab, "Loyola"), None);
    assert_eq!(
        slug(League::Ncaaf, "St. John's"),
        None,
        "plays no football in Division I"
    );
}

#[test]
fn a_name_may_have_been_one_teams_until_a_day() {
    let teams = Teams::builtin().unwrap();
    let on = |day: &str| {
        let found = teams.find_on(League::Nfl, "LosAngeles", day.parse().unwrap());
        found.map(|t| t.slug.to_string())
    };
    assert_eq!(on("2016-11-06").as_deref(), Some("nfl:rams"));
    assert_eq!(on("2018-11-04"), None, "the Chargers came in 2017");
    assert_eq!(slug(League::Nfl, "Los Angeles"), None);
}
