//! Teams and standings.

use chrono::Datelike;
use serde_json::{Value, json};

use super::super::market::Market;
use super::super::reply::Reply;
use super::super::schedule::Club;
use super::super::spelling::standings as divisions;
use super::team::{division, full, league, named, short};
use crate::demo::EPOCH;
use crate::domain::league::League;

/// The notice in every body.
pub(super) const NOTICE: &str = "linetape's demo market; none of this is real";

/// `/api/v1/teams`.
pub(super) fn teams(market: &Market) -> Reply {
    let clubs = Club::all(League::Mlb, &market.teams);
    let year = EPOCH.year();
    let teams: Vec<_> = clubs.iter().map(|club| full(market, club, year)).collect();
    Reply::ok(&json!({"copyright": NOTICE, "teams": teams}))
}

/// The same for another sport.
pub(super) fn no_teams() -> Reply {
    Reply::ok(&json!({"copyright": NOTICE, "teams": []}))
}

/// `/api/v1/standings`: a record a division, of the leagues asked for.
pub(super) fn standings(market: &Market, leagues: &[&str]) -> Reply {
    let year = EPOCH.year().to_string();
    let mut records = Vec::new();
    for standing in divisions(League::Mlb, &market.cast, &market.teams) {
        let (league_id, _) = league(standing.conference);
        if !leagues.contains(&league_id.to_string().as_str()) {
            continue;
        }
        let (division_id, _) = division(standing.conference, standing.division);
        let best = standing.clubs.first().map_or(0, |club| club.record().0);
        let rows: Vec<_> = (1..)
            .zip(&standing.clubs)
            .map(|(rank, club)| row(club, rank, best, &year))
            .collect();
        records.push(json!({
            "standingsType": "regularSeason",
            "league": {"id": league_id, "link": format!("/api/v1/league/{league_id}")},
            "division": {"id": division_id, "link": format!("/api/v1/divisions/{division_id}")},
            "sport": {"id": 1, "link": "/api/v1/sports/1"},
            "roundRobin": {"status": "false"},
            "lastUpdated": EPOCH.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            "teamRecords": rows,
        }));
    }
    Reply::ok(&json!({"copyright": NOTICE, "records": records}))
}

fn row(club: &Club, rank: usize, best: u64, season: &str) -> Value {
    let (won, lost) = club.record();
    let behind = match best - won {
        0 => "-".to_owned(),
        games => format!("{games}.0"),
    };
    let pct = club.percentage();
    let scored = 240 + won * 2;
    let (home_won, home_lost) = (won.div_ceil(2), lost / 2);
    let half = |kind: &str, won: u64, lost: u64| json!({"type": kind, "wins": won, "losses": lost, "pct": pct});
    let split = [
        half("home", home_won, home_lost),
        half("away", won - home_won, lost - home_lost),
    ];
    let mut out = json!({
        "team": short(club), "season": season,
        "streak": {"streakType": "wins", "streakNumber": 1, "streakCode": "W1"},
        "divisionRank": rank.to_string(), "leagueRank": rank.to_string(), "sportRank": rank.to_string(),
        "gamesPlayed": won + lost, "gamesBack": behind, "wildCardGamesBack": behind, "leagueGamesBack": behind,
        "springLeagueGamesBack": "-", "sportGamesBack": behind, "divisionGamesBack": behind,
        "conferenceGamesBack": "-",
        "leagueRecord": {"wins": won, "losses": lost, "ties": 0, "pct": pct},
        "lastUpdated": EPOCH.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "records": {
            "splitRecords": split, "overallRecords": split,
            "divisionRecords": [{
                "wins": won, "losses": lost, "pct": pct, "division": named("divisions", 200, "American League West"),
            }],
            "leagueRecords": [{
                "wins": won, "losses": lost, "pct": pct, "league": named("league", 103, "American League"),
            }],
            "expectedRecords": [half("xWinLoss", won, lost)],
        },
        "runsAllowed": 360, "runsScored": scored, "runDifferential": scored as i64 - 360,
        "divisionChamp": false, "divisionLeader": rank == 1, "hasWildcard": true, "clinched": false,
        "eliminationNumber": "-", "eliminationNumberSport": "-", "eliminationNumberLeague": "-",
        "eliminationNumberDivision": "-", "eliminationNumberConference": "-", "wildCardEliminationNumber": "-",
        "wins": won, "losses": lost, "winningPercentage": pct,
    });
    if let Some(out) = out.as_object_mut() {
        // The first of a division has a magic number, the others a place among the wild cards.
        if rank == 1 {
            out.insert("magicNumber".into(), json!("-"));
            out.insert("wildCardLeader".into(), json!(true));
        } else {
            out.insert("wildCardRank".into(), json!((rank - 1).to_string()));
        }
    }
    out
}
