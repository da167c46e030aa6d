//! A page of odds: one market of a day's games, every book's opener and current price.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::event;
use super::line::{self, LineView};
use super::request::{self, Asked};
use crate::domain::feed::{FeedResult, Split};
use crate::domain::league::League;
use crate::domain::market::{Market, Period, Side};
use crate::domain::source::Source;
use crate::domain::status::GameStatus;
use crate::sources::Refusal;
use crate::sources::collector::{Collector, Word};
use crate::sources::json::{Document, List, Pointer, Scalar, Shape, record};

record! {
    /// A whole page, the JSON beside it, or the table itself.
    Root<'a> {
        props: Props<'a> = "props",
        page: PageProps<'a> = "pageProps",
        tables: List<Table<'a>> = "oddsTables",
        model: Model<'a> = "oddsTableModel",
        league: Scalar<'a> = "league",
    }
}
record! {
    Props<'a> { page: PageProps<'a> = "pageProps" }
}
record! {
    PageProps<'a> { tables: List<Table<'a>> = "oddsTables" }
}
record! {
    Table<'a> { league: Scalar<'a> = "league", model: Model<'a> = "oddsTableModel" }
}
record! {
    Model<'a> { rows: List<Row<'a>> = "gameRows" }
}
record! {
    /// A game.
    Row<'a> { game: GameView<'a> = "gameView", odds: List<OddsView<'a>> = "oddsViews" }
}
record! {
    GameView<'a> {
        id: Scalar<'a> = "gameId",
        league: Scalar<'a> = "leagueName",
        starts_at: Scalar<'a> = "startDate",
        away: Team<'a> = "awayTeam",
        away_score: Scalar<'a> = "awayTeamScore",
        home: Team<'a> = "homeTeam",
        home_score: Scalar<'a> = "homeTeamScore",
        status_text: Scalar<'a> = "gameStatusText",
        consensus: Consensus<'a> = "consensus",
    }
}
record! {
    Team<'a> {
        name: Scalar<'a> = "name",
        full: Scalar<'a> = "fullName",
        short: Scalar<'a> = "shortName",
        display: Scalar<'a> = "displayName",
        nickname: Scalar<'a> = "nickname",
    }
}
record! {
    /// Shares of the site's visitors' picks.
    Consensus<'a> {
        home_ml: Scalar<'a> = "homeMoneyLinePickPercent",
        away_ml: Scalar<'a> = "awayMoneyLinePickPercent",
        home_spread: Scalar<'a> = "homeSpreadPickPercent",
        away_spread: Scalar<'a> = "awaySpreadPickPercent",
        over: Scalar<'a> = "overPickPercent",
        under: Scalar<'a> = "underPickPercent",
    }
}
record! {
    /// A book on a game; null where it has no price.
    OddsView<'a> {
        book: Scalar<'a> = "sportsbook",
        book_id: Scalar<'a> = "sportsbookId",
        view: Scalar<'a> = "viewType",
        opening: LineView<'a> = "openingLine",
        current: LineView<'a> = "currentLine",
    }
}

/// What every price of a game has in common.
pub(super) struct Reading<'r> {
    pub(super) game: &'r Word,
    pub(super) period: Period,
    /// The market that the page's address names.
    pub(super) asked: Option<Market>,
    /// Just before the start of a game that is over: its current line is its closing line.
    pub(super) closed_at: Option<DateTime<Utc>>,
}

/// Decode a page's JSON.
pub(super) fn decode<'c>(
    document: &Document<'_>,
    mut collector: Collector<'c>,
) -> Result<Collector<'c>, Refusal> {
    let root = Pointer::Root;
    let asked = collector
        .context
        .endpoint
        .map(request::asked)
        .unwrap_or_default();
    if document.is_list() {
        let list: List<Table<'_>> = document.read()?;
        tables(&list, &asked, &root, &mut collector);
        return Ok(collector);
    }
    let body: Root<'_> = document.read()?;
    let props = root.key("props");
    let (in_props, in_page) = (props.key("pageProps"), root.key("pageProps"));
    if body.props.page.tables.shape != Shape::Absent {
        tables(
            &body.props.page.tables,
            &asked,
            &in_props.key("oddsTables"),
            &mut collector,
        );
    } else if body.page.tables.shape != Shape::Absent {
        tables(
            &body.page.tables,
            &asked,
            &in_page.key("oddsTables"),
            &mut collector,
        );
    } else if body.tables.shape != Shape::Absent {
        tables(
            &body.tables,
            &asked,
            &root.key("oddsTables"),
            &mut collector,
        );
    } else if body.model.shape == Shape::Right {
        let place = root.key("oddsTableModel");
        rows(
            &body.model.rows,
            &body.league,
            &asked,
            &place.key("gameRows"),
            &mut collector,
        );
    } else {
        return Err(super::not_a_response("holds no table of odds").into());
    }
    Ok(collector)
}

fn tables(
    list: &List<Table<'_>>,
    asked: &Asked,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    if list.shape == Shape::Wrong {
        collector
            .rejects
            .push(place, "the tables of odds are not a list");
    }
    for (index, table) in list.items.iter().enumerate() {
        let at = place.at(index);
        match table.model.shape {
            // A day without games.
            Shape::Absent | Shape::Null if table.shape == Shape::Right => {}
            Shape::Right => {
                let place = at.key("oddsTableModel");
                rows(
                    &table.model.rows,
                    &table.league,
                    asked,
                    &place.key("gameRows"),
                    collector,
                );
            }
            _ => collector
                .rejects
                .push(&at, "a table of odds is not an object"),
        }
    }
}

fn rows(
    list: &List<Row<'_>>,
    league: &Scalar<'_>,
    asked: &Asked,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    if list.shape == Shape::Wrong {
        collector
            .rejects
            .push(place, "a table's games are not a list");
    }
    let period = match asked.period.clone().unwrap_or(Ok(Period::Full)) {
        Ok(period) => Some(period),
        Err(reason) => {
            collector.rejects.push(
                place,
                format!("{reason}; its games are kept without prices"),
            );
            None
        }
    };
    for (index, row) in list.items.iter().enumerate() {
        one(row, league, asked, period, &place.at(index), collector);
        collector.reading(None);
    }
}

fn one(
    row: &Row<'_>,
    of_table: &Scalar<'_>,
    asked: &Asked,
    period: Option<Period>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    if row.shape != Shape::Right || row.game.shape != Shape::Right {
        collector
            .rejects
            .push(place, "a game is not an object with a gameView");
        return;
    }
    let view = &row.game;
    let place_of_game = place.key("gameView");
    let id = view.id.id();
    collector.reading(id.as_deref());
    let Some(id) = id else {
        collector.rejects.push(
            &place_of_game.key("gameId"),
            "a game without an id cannot be placed",
        );
        return;
    };
    let named = [&view.league, of_table]
        .into_iter()
        .find_map(|name| request::league(name.text()?));
    let league = named.or(asked.league).unwrap_or_else(|| {
        collector.rejects.push(
            &place_of_game.key("leagueName"),
            "the league is not known; the game is kept under \"other\"",
        );
        League::Other
    });
    let (Some(home), Some(away)) = (
        team(
            &view.home,
            league,
            &place_of_game.key("homeTeam"),
            collector,
        ),
        team(
            &view.away,
            league,
            &place_of_game.key("awayTeam"),
            collector,
        ),
    ) else {
        return;
    };
    if home == away {
        collector
            .rejects
            .push(&place_of_game.key("awayTeam"), "a team cannot play itself");
        return;
    }
    let starts_at = collector.optional_time(&view.starts_at, &place_of_game.key("startDate"));
    let status = status(
        &view.status_text,
        &place_of_game.key("gameStatusText"),
        collector,
    );
    // Before the start the scores are 0, which is no score.
    let started = matches!(
        status,
        Some(GameStatus::Live | GameStatus::Final | GameStatus::Suspended)
    );
    let score = |scalar: &Scalar<'_>| scalar.score().filter(|_| started);
    let scores = (score(&view.home_score), score(&view.away_score));
    let id = collector.word(&id);
    let mut game = collector.name_game(&id.text, league, &home, &away, starts_at);
    game.status = status;
    (game.home_score, game.away_score) = scores;
    if !collector.game(game, place) {
        return;
    }
    if started && scores.0.is_some() && scores.1.is_some() {
        collector.result(FeedResult {
            source: Source::Sbr,
            source_game_id: Arc::clone(&id.text),
            home_score: scores.0,
            away_score: scores.1,
            periods: Vec::new(),
            status,
        });
    }
    if period == Some(Period::Full) {
        consensus(
            &view.consensus,
            &id,
            &place_of_game.key("consensus"),
            collector,
        );
    }
    let place = place.key("oddsViews");
    if row.odds.shape == Shape::Wrong {
        collector
            .rejects
            .push(&place, "a game's odds are not a list");
    }
    let Some(period) = period else { return };
    let reading = Reading {
        game: &id,
        period,
        asked: asked.market.as_deref().map(market_of_path),
        closed_at: starts_at
            .filter(|_| status == Some(GameStatus::Final))
            .map(|start| start - TimeDelta::seconds(1)),
    };
    for (index, view) in row.odds.items.iter().enumerate() {
        book(view, &reading, &place.at(index), collector);
    }
}

fn market_of_path(name: &str) -> Market {
    match name {
        "pointspread" => Market::Spread,
        "totals" => Market::Total,
        _ => Market::Moneyline,
    }
}

fn book(
    view: &OddsView<'_>,
    reading: &Reading<'_>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    match view.shape {
        // A book without a price on this game.
        Shape::Null => return,
        Shape::Right => {}
        Shape::Absent | Shape::Wrong => {
            collector
                .rejects
                .push(place, "a book's odds are not an object");
            return;
        }
    }
    // The number is null in every capture.
    let Some(id) = view.book.id().or_else(|| view.book_id.id()) else {
        collector.rejects.push(
            &place.key("sportsbook"),
            "odds without a book's name cannot be placed",
        );
        return;
    };
    let told = view.view.text().and_then(market_of_view);
    let market = told.or_else(|| reading.asked.clone());
    let book = collector.book(&id);
    let (opening, current) = (&view.opening, &view.current);
    if line::is_placeholder(opening, current, market.as_ref()) {
        collector.rejects.push(
            &place.key("openingLine"),
            "a placeholder opener: -110 on both sides of a moneyline that stands far from even money",
        );
    } else {
        line::take(
            opening,
            market.as_ref(),
            &book,
            reading,
            true,
            &place.key("openingLine"),
            collector,
        );
    }
    line::take(
        current,
        market.as_ref(),
        &book,
        reading,
        false,
        &place.key("currentLine"),
        collector,
    );
}

/// `MoneyLineDataOpeningAndLatestOddsDataView` and its likes.
fn market_of_view(name: &str) -> Option<Market> {
    let name = name.to_ascii_lowercase();
    if name.starts_with("moneyline") {
        Some(Market::Moneyline)
    } else if name.starts_with("spread") || name.starts_with("pointspread") {
        Some(Market::Spread)
    } else if name.starts_with("total") {
        Some(Market::Total)
    } else {
        None
    }
}

/// A team's name: the first of its forms that is known, else the full one.
fn team(
    team: &Team<'_>,
    league: League,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) -> Option<Arc<str>> {
    let joined = match (team.name.text(), team.nickname.text()) {
        (Some(name), Some(nickname)) => Some(format!("{name} {nickname}")),
        _ => None,
    };
    let forms = [
        team.full.text(),
        joined.as_deref(),
        team.short.text(),
        team.display.text(),
        team.name.text(),
    ];
    let found = event::known(&forms, league, collector);
    if found.is_none() {
        collector.rejects.push(
            place,
            "a game needs both teams, or its sides cannot be told apart",
        );
    }
    found
}

/// The status as the page words it; its number's meaning is not known.
fn status(
    text: &Scalar<'_>,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) -> Option<GameStatus> {
    let text = text.text()?;
    let found = status_of(text);
    if found.is_none() {
        collector.rejects.push(
            place,
            "this status is not known; the game is kept without one",
        );
    }
    found
}

fn status_of(text: &str) -> Option<GameStatus> {
    let text = text.trim().to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&["postpon", "ppd"]) {
        Some(GameStatus::Postponed)
    } else if has(&["cancel"]) {
        Some(GameStatus::Cancelled)
    } else if has(&["suspend", "delay"]) {
        Some(GameStatus::Suspended)
    } else if has(&["final", "complete", "ended"]) {
        Some(GameStatus::Final)
    } else if is_clock(&text) || has(&["scheduled", "tbd", "not start"]) {
        Some(GameStatus::Scheduled)
    } else if has(&[
        "top", "bot", "mid", "end", "half", "inn", "quarter", "qtr", "period", "1st", "2nd", "3rd",
        "4th", "5th", "6th", "7th", "8th", "9th", "0th", "ot", "live", "progress",
    ]) || is_period_clock(&text)
    {
        Some(GameStatus::Live)
    } else {
        None
    }
}

/// `14:15 et`, `7:05 pm et`.
fn is_clock(text: &str) -> bool {
    let mut parts = text.split_whitespace();
    let clock = parts.next().and_then(|first| first.split_once(':'));
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    clock.is_some_and(|(hour, rest)| {
        let minute = rest.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        digits(hour, 2) && digits(minute, 2) && minute.len() == 2
    }) && parts.clone().count() > 0
        && parts.all(|word| matches!(word, "am" | "pm" | "et" | "est" | "edt"))
}

/// `q3 04:12`, `p2 11:00`.
fn is_period_clock(text: &str) -> bool {
    let mut letters = text.bytes();
    matches!(letters.next(), Some(b'q' | b'p' | b'h'))
        && matches!(letters.next(), Some(b'1'..=b'4'))
}

/// Shares of picks; a pair of zeros is a market without any.
fn consensus(
    found: &Consensus<'_>,
    game: &Word,
    place: &Pointer<'_>,
    collector: &mut Collector<'_>,
) {
    if found.shape == Shape::Wrong {
        collector
            .rejects
            .push(place, "the consensus is not an object");
        return;
    }
    let pairs = [
        (
            Market::Moneyline,
            [
                (Side::Home, "homeMoneyLinePickPercent", &found.home_ml),
                (Side::Away, "awayMoneyLinePickPercent", &found.away_ml),
            ],
        ),
        (
            Market::Spread,
            [
                (Side::Home, "homeSpreadPickPercent", &found.home_spread),
                (Side::Away, "awaySpreadPickPercent", &found.away_spread),
            ],
        ),
        (
            Market::Total,
            [
                (Side::Over, "overPickPercent", &found.over),
                (Side::Under, "underPickPercent", &found.under),
            ],
        ),
    ];
    for (market, sides) in pairs {
        let empty = |scalar: &Scalar<'_>| scalar.is_none() || scalar.number() == Some(0.0);
        if sides.iter().all(|(_, _, share)| empty(share)) {
            continue;
        }
        for (side, member, share) in sides {
            let pct = share.number().filter(|pct| (0.0..=100.0).contains(pct));
            let Some(pct) = pct else {
                collector
                    .rejects
                    .push(&place.key(member), "a share is not a number from 0 to 100");
                continue;
            };
            collector.decoded.splits.push(Split {
                source: Source::Sbr,
                source_game_id: Some(Arc::clone(&game.text)),
                source_book_id: None,
                market: market.clone(),
                period: Period::Full,
                side,
                tickets_pct: Some((pct * 100.0).round() / 100.0),
                money_pct: None,
                tickets: None,
                money: None,
                source_at: None,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_read_from_their_words() {
        for (text, status) in [
            ("14:15 ET", GameStatus::Scheduled),
            ("7:05 PM ET", GameStatus::Scheduled),
            ("FINAL", GameStatus::Final),
            ("Final/10", GameStatus::Final),
            ("Top 5th", GameStatus::Live),
            ("Q3 04:12", GameStatus::Live),
            ("Postponed", GameStatus::Postponed),
        ] {
            assert_eq!(status_of(text), Some(status), "{text}");
        }
        assert_eq!(status_of("???"), None);
    }
}
