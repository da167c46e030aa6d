//! The bodies have the captured key paths and types.

use linetape::demo::Market;
use serde_json::Value;

use super::paths::{Paths, captured, captured_paths, compare, walk, walk_markup};
use super::{
    BOOKS, GOALSERVE, HYDRATED, MLB, NFL, ODDS, SBD, SBR, SCHEDULE, VSIN, a_day, json, list,
    next_data, text,
};

fn demo_paths(asks: &[(&str, &str)], pick: impl Fn(Value) -> Vec<Value>) -> Paths {
    let market = Market::new(7, 15).unwrap();
    let mut out = Paths::new();
    for now in a_day() {
        for (path, query) in asks {
            for value in pick(json(&market, path, query, now)) {
                walk(&value, "", &mut out);
            }
        }
    }
    out
}

#[test]
fn espn_scoreboards() {
    let Some(mut known) = captured_paths("espn", |name| name.starts_with("scoreboard_mlb")) else {
        return;
    };
    known.extend(captured_paths("espn", |name| name.starts_with("scoreboard_nfl")).unwrap());
    let demo = demo_paths(
        &[
            (&format!("{MLB}/scoreboard"), "dates=20250712&limit=500"),
            (&format!("{NFL}/scoreboard"), "dates=20250712&limit=500"),
        ],
        |body| vec![body],
    );
    // A provider that has withdrawn is met in the wild only; in 2022 a shop had no openers and no text prices, so a
    // missing spread or moneyline is the older captures'.
    let allowed = ["/odds/-"];
    let absent = [
        // People: leaders, pitchers, what is happening at bat; and what ESPN sells beside the games.
        "/leaders",
        "/probables",
        "/situation",
        "/featuredAthletes",
        "/headlines",
        "/featuredBets",
        "/tickets",
        "/weather",
        "/links",
        "/link",
        "/logos",
        "/geoBroadcasts/-",
        "/statistics/-",
        "/outsText",
        "/highlights/-",
        "/header/logo",
        "/teamsOnBye/-",
        "/venue/capacity",
        "/venue/address/",
        "/tbd",
        // The older providers' numbers.
        "/averageScore",
        "/winPercentage",
        "/spreadRecord",
        "/team/logo",
        "/team/uid",
        "/odds/-/overUnder",
        "/spreadOdds",
        "/provider/displayName",
        "/records/-/abbreviation",
        "/isTBDFlex",
        "/provider",
    ];
    compare(&demo, &known, &allowed, &absent);
}

#[test]
fn espn_odds() {
    // The college games of 2026 have the latest generation of prices, and the NFL's of 2025.
    let Some(known) = captured_paths("espn", |name| name == "scoreboard_nfl_202511.json") else {
        return;
    };
    let odds = "/events/-/competitions/-/odds/-";
    let known: Paths = known
        .into_iter()
        .filter(|(path, _)| path.starts_with(odds))
        .collect();
    let demo = demo_paths(
        &[(&format!("{NFL}/scoreboard"), "dates=20250712")],
        |body| vec![body],
    );
    let demo: Paths = demo
        .into_iter()
        .filter(|(path, _)| path.starts_with(odds))
        .collect();
    let hole = (odds.to_owned(), "null");
    let demo: Paths = demo.into_iter().filter(|path| *path != hole).collect();
    compare(&demo, &known, &[], &["/featuredBets", "/link", "/logo"]);
}

#[test]
fn espn_teams() {
    let Some(known) = captured_paths("espn", |name| name.starts_with("teams")) else {
        return;
    };
    let demo = demo_paths(&[(&format!("{NFL}/teams"), "")], |body| vec![body]);
    compare(&demo, &known, &[], &["/links", "/logos"]);
}

#[test]
fn mlb_schedules() {
    let Some(known) = captured_paths("mlbstatsapi", |name| name.starts_with("schedule")) else {
        return;
    };
    let demo = demo_paths(
        &[
            (SCHEDULE, HYDRATED),
            (SCHEDULE, "sportId=1&date=2025-07-12"),
        ],
        |body| vec![body],
    );
    let absent = [
        // People and pictures, and what only exhibitions have.
        "/probablePitcher/",
        "/offense",
        "/defense",
        "/content/",
        "/review",
        "/flags",
        "/tickets",
        "/decisions",
        "/broadcasts",
        "/weather",
        "/description",
        "/linescore/note",
        "/springLeague",
        "/seriesStatus",
    ];
    // Visitors' side of an unplayed game, and pitchers without their biography, stand in the older captures only.
    compare(
        &demo,
        &known,
        &["/linescore/teams/away/team", "/probablePitcher"],
        &absent,
    );
}

#[test]
fn mlb_teams_and_standings() {
    let teams = captured_paths("mlbstatsapi", |name| name == "teams_all_2019.json");
    let standings = captured_paths("mlbstatsapi", |name| name.starts_with("standings"));
    let (Some(teams), Some(standings)) = (teams, standings) else {
        return;
    };
    let demo = demo_paths(&[("/mlb_stats/api/v1/teams", "sportId=1")], |body| {
        vec![body]
    });
    compare(&demo, &teams, &[], &["/springLeague"]);
    let ask = ("/mlb_stats/api/v1/standings", "leagueId=103,104");
    // Nothing is clinched in July.
    compare(
        &demo_paths(&[ask], |body| vec![body]),
        &standings,
        &[],
        &["/clinchIndicator"],
    );
}

#[test]
fn sbd_splits() {
    let Some(known) = captured_paths("sbd", |_| true) else {
        return;
    };
    let demo = demo_paths(&[(SBD, BOOKS)], |body| list(&body["data"]).to_vec());
    // Whole percentages are ints, wherever they fall; a market nobody has counted is 0.
    let allowed = ["betsPercentage", "stakePercentage", "/bets"];
    compare(&demo, &known, &allowed, &[]);
}

#[test]
fn sbr_pages() {
    let Some(known) = captured_paths("sbr", |name| name.starts_with("nextdata")) else {
        return;
    };
    let market = Market::new(7, 15).unwrap();
    let (mut moneyline, mut others) = (Paths::new(), Paths::new());
    for now in a_day() {
        for page in ["money-line", "pointspread", "totals"] {
            let paths = if page == "money-line" {
                &mut moneyline
            } else {
                &mut others
            };
            let page = text(
                &market,
                &format!("{SBR}/{page}/full-game/"),
                "date=2025-07-12",
                now,
            );
            walk(
                &next_data(&page)["props"]["pageProps"]["oddsTables"],
                "",
                paths,
            );
        }
    }
    compare(&moneyline, &known, &[], &[]);
    // The pages of spreads and totals have the same keys, with other ones filled.
    let keys = |paths: &Paths| {
        paths
            .iter()
            .map(|(path, _)| path.clone())
            .collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(keys(&others), keys(&known));
}

#[test]
fn vsin_rows() {
    let Some(rows) = captured("vsin", |name| name.starts_with("splits_row")) else {
        return;
    };
    let known: Paths = rows.iter().flat_map(|row| walk_markup(row)).collect();
    let market = Market::new(7, 15).unwrap();
    let mut demo = Paths::new();
    for now in a_day() {
        for book in ["circa", "dk"] {
            let page = text(&market, VSIN, &format!("bookid={book}&view=mlb"), now);
            let (_, body) = page.split_once("<tbody>").unwrap();
            for row in body
                .split_inclusive("</tr>")
                .filter(|row| row.starts_with("<tr"))
            {
                assert_eq!(row.matches("<td").count(), 10);
                demo.extend(walk_markup(row));
            }
        }
    }
    compare(
        &demo,
        &known,
        &[],
        &["class/", "@class", "tr/td/div/div/div"],
    );
}

#[test]
fn goalserve_odds() {
    let Some(texts) = captured("goalserve", |name| name.starts_with("pregame")) else {
        return;
    };
    let known: Paths = texts.iter().flat_map(|text| walk_markup(text)).collect();
    let market = Market::new(7, 15).unwrap();
    let demo: Paths = a_day()
        .flat_map(|now| {
            walk_markup(&text(
                &market,
                &format!("{GOALSERVE}/getodds/soccer"),
                ODDS,
                now,
            ))
        })
        .collect();
    // American games are of an `awayteam`; a stopped market is known from notes.
    compare(
        &demo,
        &known,
        &["awayteam", "@stop", "bookmaker@ts"],
        &["visitorteam"],
    );
}
