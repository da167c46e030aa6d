//! Matches: teams, start, state and score.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::US::Eastern;

use super::names::{self, Sport};
use super::odds;
use super::tree::Item;
use crate::domain::feed::{FeedGame, FeedResult, PeriodScore};
use crate::domain::league::League;
use crate::domain::source::{Source, Stream};
use crate::domain::status::GameStatus;
use crate::sources::collector::Collector;
use crate::sources::json::Scalar;

/// Scores of periods, by the attribute of a team.
const PERIODS: &[&str] = &[
    "q1", "q2", "q3", "q4", "p1", "p2", "p3", "in1", "in2", "in3", "in4", "in5", "in6", "in7",
    "in8", "in9", "in10", "in11", "in12", "in13", "in14", "in15", "in16", "in17", "in18", "in19",
    "in20", "ot", "so", "pen",
];
/// Longest name of a team, in bytes.
const LONGEST_NAME: usize = 120;

/// A match's teams.
#[derive(Clone, Copy)]
pub(super) struct Sides<'a> {
    pub(super) home: Item<'a>,
    pub(super) away: Item<'a>,
}

/// Every match of an answer.
pub(super) fn all(scores: Item<'_>, sport: Sport, collector: &mut Collector<'_>) {
    for category in scores.all(&["category", "tournament"]) {
        collector.reading(None);
        let name = category.get("name").or_else(|| category.get("league"));
        let league = names::league(sport, name.unwrap_or_default());
        for child in category.children() {
            match child.name() {
                "match" => one(child, None, sport, league, collector),
                "matches" | "week" => {
                    for game in child.all(&["match"]) {
                        one(game, Some(child), sport, league, collector);
                    }
                }
                _ => {}
            }
        }
    }
}

fn one(
    item: Item<'_>,
    group: Option<Item<'_>>,
    sport: Sport,
    league: League,
    collector: &mut Collector<'_>,
) {
    collector.reading(None);
    let found = item.get("id").or_else(|| item.get("static_id"));
    let Some(id) = found.and_then(|id| Scalar::Text(id).id()) else {
        let reason = "a match without a usable id cannot be placed";
        collector.rejects.push(&item.spot(), reason);
        return;
    };
    let id = collector.word(&id);
    collector.reading(Some(&id.text));
    let home = item.one(&["localteam", "hometeam"]);
    let away = item.one(&["visitorteam", "awayteam"]);
    let name = |team: Option<Item<'_>>| {
        let name = team?
            .get("name")
            .filter(|name| name.len() <= LONGEST_NAME)?;
        Some(Arc::<str>::from(name))
    };
    let (Some(home), Some(away), Some(home_name), Some(away_name)) =
        (home, away, name(home), name(away))
    else {
        let reason = "a match needs the names of both teams";
        collector.rejects.push(&item.spot(), reason);
        return;
    };
    let sides = Sides { home, away };
    let starts_at = start(item, group, league, collector);
    let mut game = collector.name_game(&id.text, league, &home_name, &away_name, starts_at);
    if let Some(text) = item.get("status") {
        game.status = names::status(text);
        if game.status.is_none() {
            let reason = "this state of a match is not known";
            collector.rejects.push(&item.at("status"), reason);
        }
    }
    let result = result(item, sides, &mut game, collector);
    if !collector.game(game, &item.spot()) {
        return;
    }
    if let Some(result) = result {
        collector.result(result);
    }
    for sheet in item.all(&["odds"]) {
        odds::all(sheet, sides, &id, sport, collector);
    }
}

/// The score of a match that has begun.
fn result(
    item: Item<'_>,
    sides: Sides<'_>,
    game: &mut FeedGame,
    collector: &mut Collector<'_>,
) -> Option<FeedResult> {
    // Feeds of coming games fill in zeroes.
    if matches!(
        game.status,
        Some(GameStatus::Scheduled | GameStatus::Postponed)
    ) {
        return None;
    }
    let mut of = |team: Item<'_>| {
        let name = ["totalscore", "goals", "score"]
            .into_iter()
            .find(|name| team.get(name).is_some())?;
        score(team, name, collector)
    };
    game.home_score = of(sides.home);
    game.away_score = of(sides.away);
    let periods = periods(item, sides, collector);
    let has_score = game.home_score.is_some() || game.away_score.is_some() || !periods.is_empty();
    has_score.then(|| FeedResult {
        source: Source::Goalserve,
        source_game_id: Arc::clone(&game.source_game_id),
        home_score: game.home_score,
        away_score: game.away_score,
        periods,
        status: game.status,
    })
}

/// A score; `?` is how the feed says that there is none.
fn score(item: Item<'_>, name: &'static str, collector: &mut Collector<'_>) -> Option<i32> {
    let text = item
        .get(name)
        .filter(|text| !matches!(*text, "?" | "-" | "X" | "x"))?;
    let score = Scalar::Text(text).score();
    if score.is_none() {
        collector
            .rejects
            .push(&item.at(name), "this is not a score");
    }
    score
}

fn periods(item: Item<'_>, sides: Sides<'_>, collector: &mut Collector<'_>) -> Vec<PeriodScore> {
    let mut out = Vec::new();
    let mut add = |period: &str, home: Option<i32>, away: Option<i32>| {
        if home.is_some() || away.is_some() {
            out.push(PeriodScore {
                period: period.into(),
                home,
                away,
            });
        }
    };
    // Soccer's first half: `[1-0]`.
    if let Some(half) = item.one(&["ht"])
        && let Some(text) = half.get("score")
        && text != "[-]"
    {
        let read = |text: &str| Scalar::Text(text.trim()).score();
        let pair = text.trim_matches(['[', ']', ' ']).split_once('-');
        match pair.and_then(|(home, away)| Some((read(home)?, read(away)?))) {
            Some((home, away)) => add("ht", Some(home), Some(away)),
            None => collector
                .rejects
                .push(&half.at("score"), "this is not the score of a half"),
        }
    }
    for name in PERIODS {
        let home = score(sides.home, name, collector);
        let away = score(sides.away, name, collector);
        add(name, home, away);
    }
    // Baseball may list its innings below each team instead.
    let innings = |team: Item<'_>, collector: &mut Collector<'_>| -> Vec<(String, Option<i32>)> {
        let rows = team.all(&["innings"]).flat_map(|all| all.all(&["inning"]));
        rows.take(60)
            .filter_map(|row| {
                let number = row.get("number")?;
                let fits = number.len() <= 3 && number.bytes().all(|b| b.is_ascii_alphanumeric());
                fits.then(|| (format!("in{number}"), score(row, "score", collector)))
            })
            .collect()
    };
    let home = innings(sides.home, collector);
    let away = innings(sides.away, collector);
    let of = |all: &[(String, Option<i32>)], name: &str| {
        let found = all.iter().find(|(known, _)| known == name);
        found.and_then(|(_, score)| *score)
    };
    for (name, score) in &away {
        add(name, of(&home, name), *score);
    }
    for (name, score) in home
        .iter()
        .filter(|(name, _)| !away.iter().any(|(had, _)| had == name))
    {
        add(name, *score, None);
    }
    out
}

/// The start: UTC, except that the scores of American leagues are in Eastern time.
fn start(
    item: Item<'_>,
    group: Option<Item<'_>>,
    league: League,
    collector: &mut Collector<'_>,
) -> Option<DateTime<Utc>> {
    if let Some(text) = item.get("datetime_utc") {
        let read = |format| NaiveDateTime::parse_from_str(text, format).ok();
        if let Some(at) = read("%d.%m.%Y %H:%M").or_else(|| read("%d.%m.%Y %H:%M:%S")) {
            return sane(at.and_utc());
        }
        let reason = "this is not a time, so date and time are read instead";
        collector.rejects.push(&item.at("datetime_utc"), reason);
    }
    let date = [Some(item), group]
        .into_iter()
        .flatten()
        .flat_map(|at| [at.get("formatted_date"), at.get("date")])
        .flatten()
        .find_map(|text| NaiveDate::parse_from_str(text, "%d.%m.%Y").ok());
    let time = item
        .get("time")
        .or_else(|| item.get("status").filter(|text| names::is_clock(text)))?;
    if !names::is_clock(time) {
        // `TBA`: a day without its hour is no start.
        return None;
    }
    let Some(date) = date else {
        let reason = "a time without a day that has a year, so no start is kept";
        collector.rejects.push(&item.at("time"), reason);
        return None;
    };
    let clock = time.to_ascii_uppercase().replace(' ', "");
    let read = |format| NaiveTime::parse_from_str(&clock, format).ok();
    let Some(time) = read("%I:%M%p").or_else(|| read("%H:%M")) else {
        let reason = "this is not a time, so no start is kept";
        collector.rejects.push(&item.at("time"), reason);
        return None;
    };
    let zone = item.get("timezone").map(str::to_ascii_uppercase);
    let is_eastern = match zone.as_deref() {
        Some("ET" | "EST" | "EDT") => true,
        Some(_) => false,
        None => {
            collector.context.stream == Stream::GoalserveScores
                && !matches!(league, League::Soccer | League::Other)
        }
    };
    let local = date.and_time(time);
    if !is_eastern {
        return sane(local.and_utc());
    }
    let at = local.and_local_timezone(Eastern).earliest()?;
    sane(at.with_timezone(&Utc))
}

/// A start that Postgres can hold and a calendar of games may have.
fn sane(at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (0..7_258_118_400).contains(&at.timestamp()).then_some(at)
}
