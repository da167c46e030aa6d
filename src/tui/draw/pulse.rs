//! The screen in one line: what moved most of late and who moved first, how fresh the data is, and what is broken.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::analytics::movement::{Direction, is_open, shift};
use crate::domain;
use crate::domain::book::BookKind;
use crate::domain::market::{Market, Phase};
use crate::domain::series::Price;
use crate::engine::snapshot::{
    Collecting, DatabaseState, JobOutcome, Snapshot, SourceHealth, TapeEntry,
};
use crate::tui::action::Action;
use crate::tui::figures;
use crate::tui::panel::{Draw, Panel};
use crate::tui::ui::Ui;

/// What counts as of late, by the engine's clock.
const LATELY: TimeDelta = TimeDelta::minutes(15);
/// What is broken and told by name; the rest is counted.
const NAMED: usize = 2;

/// The market that moved most, toward the side that got dearer.
#[derive(Debug, Clone, PartialEq)]
struct Mover<'a> {
    /// The first move of the shop that moved first.
    first: &'a TapeEntry,
    /// Where that shop stands now.
    now: Price,
    /// Shops that moved this way.
    shops: usize,
    /// How far they moved on average: points of the line, and cents where it stayed.
    points: f64,
    /// Cents.
    cents: f64,
}

/// One shop's moves on one side of a market.
struct Walk<'a> {
    first: &'a TapeEntry,
    last: &'a TapeEntry,
}

impl Walk<'_> {
    /// From where it stood to where it stands, in points and cents, toward the side.
    fn net(&self) -> Option<(f64, f64)> {
        let offer =
            |price: &Price| Some((price.line.map(domain::market::Line::points), price.odds?));
        let before = offer(self.first.before.as_ref()?)?;
        let shift = shift(self.first.side, before, offer(&self.last.after)?)?;
        let sign = match shift.direction {
            Direction::Toward => 1.0,
            Direction::Against => -1.0,
            Direction::Unmoved => 0.0,
        };
        let points = shift.points.unwrap_or_default().abs();
        let cents = f64::from(shift.cents.unwrap_or_default().abs());
        Some((sign * points, sign * cents))
    }
}

/// A shop's moves and what they come to: points and cents.
type Walked<'a> = ((f64, f64), Walk<'a>);

/// Both as one number, as the board sorts by it: half a point counts as ten cents.
fn size((points, cents): (f64, f64)) -> f64 {
    points * 20.0 + cents
}

/// The market that all shops together moved farthest since `from`, before the start where any did; none where nothing moved.
fn mover(snapshot: &Snapshot, from: DateTime<Utc>) -> Option<Mover<'_>> {
    let mut sides: HashMap<_, HashMap<&str, Walk<'_>>> = HashMap::new();
    let lately = snapshot.tape.iter().rev().filter(|entry| entry.at >= from);
    for entry in lately {
        let Some(before) = entry.before.filter(is_open) else {
            continue;
        };
        if !is_open(&entry.after) || before == entry.after {
            continue;
        }
        let side = (
            entry.game_id,
            &entry.market,
            entry.period,
            entry.phase,
            entry.side,
        );
        let shops = sides.entry(side).or_default();
        let walk = shops.entry(&*entry.label).or_insert(Walk {
            first: entry,
            last: entry,
        });
        walk.last = entry;
    }
    let mut sides: Vec<_> = sides
        .into_iter()
        .filter_map(|((.., phase, _), shops)| {
            let walks: Vec<Walked<'_>> = shops
                .into_values()
                .filter_map(|walk| Some((walk.net()?, walk)))
                .collect();
            let sum: f64 = walks.iter().map(|(net, _)| size(*net)).sum();
            // The other side of the market moved against it, and is not told again.
            (sum > 0.0).then_some((phase == Phase::Pregame, sum, walks))
        })
        .collect();
    let newest = |walks: &[Walked<'_>]| walks.iter().map(|(_, walk)| walk.last.serial).max();
    sides.sort_by(|a, b| {
        let order = b.0.cmp(&a.0).then(b.1.total_cmp(&a.1));
        order.then_with(|| newest(&b.2).cmp(&newest(&a.2)))
    });
    // Kinds of books are looked up for the market that is told only.
    sides
        .into_iter()
        .find_map(|(.., walks)| of_shops(snapshot, walks))
}

/// What shops made of a move; none where only a consensus or an opener followed.
fn of_shops<'a>(snapshot: &'a Snapshot, walks: Vec<Walked<'a>>) -> Option<Mover<'a>> {
    let game = walks.first()?.1.first.game_id;
    let game = snapshot.games.iter().find(|view| view.id == game)?;
    let is_shop = |entry: &TapeEntry| {
        let mut all = game.series.iter();
        all.any(|s| s.label == entry.label && s.kind == BookKind::Book)
    };
    let toward: Vec<Walked<'_>> = walks
        .into_iter()
        .filter(|(net, walk)| size(*net) > 0.0 && is_shop(walk.first))
        .collect();
    let (_, first) = toward
        .iter()
        .min_by_key(|(_, walk)| (walk.first.at, walk.first.serial))?;
    let count = toward.len();
    Some(Mover {
        first: first.first,
        now: first.last.after,
        shops: count,
        points: toward.iter().map(|(net, _)| net.0).sum::<f64>() / count as f64,
        cents: toward.iter().map(|(net, _)| net.1).sum::<f64>() / count as f64,
    })
}

/// Something that is not as it should be, and the action that shows more of it.
fn broken(ui: &Ui, draw: &Draw<'_>) -> Vec<(String, Option<Action>)> {
    let live = draw.snapshot;
    let store = &live.persistence;
    let mut all = Vec::new();
    if let Collecting::Stopped(_) = live.collecting {
        all.push(("collection stopped".to_owned(), None));
    }
    match store.database {
        DatabaseState::Down { .. } => {
            all.push(("Postgres is down".into(), Some(Action::Persistence)));
        }
        DatabaseState::Unusable(_) => {
            all.push(("Postgres is unusable".into(), Some(Action::Persistence)));
        }
        DatabaseState::Up | DatabaseState::Starting(_) => {}
    }
    if store.spool_dropped > 0 {
        let lost = figures::short(store.spool_dropped);
        all.push((
            format!("{lost} payloads dropped"),
            Some(Action::Persistence),
        ));
    }
    let troubled = |wanted| live.sources.iter().filter(move |s| s.health == wanted);
    for (health, word) in [
        (SourceHealth::Down, "down"),
        (SourceHealth::Degraded, "degraded"),
    ] {
        for source in troubled(health) {
            let name = source.source.short();
            all.push((format!("{name} {word}"), Some(Action::Sources)));
        }
    }
    // Silence of a feed that is not asked is no fault of it.
    for source in troubled(SourceHealth::Healthy).filter(|_| live.collecting == Collecting::On) {
        let silent = source
            .last_success
            .filter(|at| draw.is_stale(source.source, *at));
        if let Some(at) = silent {
            let (name, age) = (source.source.short(), draw.age(at));
            all.push((format!("{name} silent for {age}"), Some(Action::Sources)));
        }
    }
    if store.quarantined > 0 {
        let aside = store.quarantined;
        all.push((
            format!("{aside} payloads put aside"),
            Some(Action::Persistence),
        ));
    }
    let failed = live.jobs.rows.iter().filter(|row| {
        let last = row.last.as_ref().map(|run| run.outcome);
        last == Some(JobOutcome::Failed)
    });
    all.extend(failed.map(|row| (format!("{} failed", row.job), Some(Action::Jobs))));
    if ui.watchman.muted {
        all.push(("alerts muted".into(), Some(Action::Mute)));
    }
    all
}

/// `✗ oddsapi degraded 7 · grade_signals failed J · +2`, or that all is well.
fn health(ui: &Ui, draw: &Draw<'_>, named: usize) -> Line<'static> {
    let theme = draw.theme;
    let all = broken(ui, draw);
    if all.is_empty() {
        return Line::from(vec![
            Span::styled("✓ ", theme.ok),
            Span::styled("nothing broken", theme.muted),
        ]);
    }
    let mut line = Line::from(Span::styled("✗ ", theme.error));
    for (nth, (what, action)) in all.iter().take(named).enumerate() {
        if nth > 0 {
            line.push_span(Span::styled(" · ", theme.muted));
        }
        line.push_span(Span::styled(what.clone(), theme.warn));
        if let Some(action) = action {
            line.push_span(Span::styled(" ", theme.muted));
            line.push_span(Span::styled(ui.keymap.hint(*action), theme.key));
        }
    }
    if all.len() > named {
        let more = if named == 0 {
            format!("{} broken ", all.len())
        } else {
            format!(" · +{} ", all.len() - named)
        };
        line.push_span(Span::styled(more, theme.warn));
        if named == 0 {
            let action = all.iter().find_map(|(_, action)| *action);
            let key = action.map(|action| ui.keymap.hint(action));
            line.push_span(Span::styled(key.unwrap_or_default(), theme.key));
        }
    }
    line
}

/// `data 2s old`.
fn fresh(draw: &Draw<'_>) -> Line<'static> {
    let theme = draw.theme;
    let live = draw.snapshot;
    let answered = live
        .sources
        .iter()
        .filter_map(|s| Some((s.last_success?, s.source)));
    let newest = answered
        .max()
        .map(|(at, source)| (at, draw.is_stale(source, at)));
    // Who reads another linetape's store asks no feed itself.
    let seen = live.games.iter().filter_map(|game| game.seen_at).max();
    let seen = seen.map(|at| (at, draw.now - at > TimeDelta::minutes(5)));
    match newest.or(seen) {
        None => Line::styled("no data yet", theme.muted),
        Some((at, is_late)) => {
            let (sign, style) = if is_late {
                ("! ", theme.warn)
            } else {
                ("✓ ", theme.ok)
            };
            Line::from(vec![
                Span::styled(sign, style),
                Span::styled("data ", theme.muted),
                Span::styled(format!("{} old", draw.age(at)), theme.text),
            ])
        }
    }
}

/// `½` of a line, or `12` cents.
fn far(mover: &Mover<'_>) -> String {
    // Lines are quoted in quarters at least.
    let points = (mover.points * 4.0).round() / 4.0;
    match domain::market::Line::from_points(points) {
        Some(line) if points > 0.0 => figures::line(line, &Market::Total),
        _ => format!("{:.0}", mover.cents),
    }
}

/// What moved most, in more words or fewer.
fn moved(draw: &Draw<'_>, mover: Option<&Mover<'_>>, words: u8) -> Line<'static> {
    let theme = draw.theme;
    let verb = if words == 0 { " " } else { " moved " };
    let mut line = Line::from(Span::styled(verb, theme.muted));
    let Some(mover) = mover else {
        let span = figures::age(LATELY);
        line.push_span(Span::styled(format!("nothing in {span}"), theme.text));
        return line;
    };
    let first = mover.first;
    let mut add = |text: String, style| line.push_span(Span::styled(text, style));
    add(first.game.to_string(), theme.strong);
    let market = figures::market_part(&first.market, first.period);
    if words == 0 {
        add(format!(" {} ", first.selection), theme.text);
    } else {
        add(format!(" {market} {} ", first.selection), theme.text);
    }
    add(format!("▲{}", far(mover)), theme.up);
    if words >= 2 {
        let shops = if mover.shops == 1 {
            "1 book".to_owned()
        } else {
            format!("{} books", mover.shops)
        };
        let span = figures::age(LATELY);
        add(format!(" {shops} in {span}"), theme.muted);
    }
    add(" · first ".to_owned(), theme.muted);
    add(first.label.to_string(), theme.strong);
    if words >= 1 {
        let clock = figures::clock(first.at, draw.zone);
        add(format!(" {clock}"), theme.muted);
    }
    if words >= 3 {
        let price = |price: &Price| figures::price(price, &first.market);
        let before = first.before.as_ref().map(price).unwrap_or_default();
        // A line that stayed is said once.
        let stayed = first
            .before
            .as_ref()
            .is_some_and(|b| b.line == mover.now.line);
        let now = match mover.now.odds.filter(|_| stayed) {
            Some(odds) => odds.to_string(),
            None => price(&mover.now),
        };
        add(format!(" {before} → {now}"), theme.text);
    }
    line
}

/// Draw it: what moved at the left, how linetape does at the right. Of the past only what moved is of the past.
pub(super) fn view(ui: &Ui, area: Rect, buffer: &mut Buffer) {
    if area.height == 0 {
        return;
    }
    let shown = ui.draw(Panel::Board);
    let now = if ui.travel.is_some() {
        Draw {
            snapshot: &ui.live,
            now: ui.clock,
            ..shown
        }
    } else {
        shown
    };
    let mover = mover(shown.snapshot, shown.now - LATELY);
    let fresh = fresh(&now);
    let width = usize::from(area.width);
    // Many words first; what is broken keeps its names longer than the move its prices.
    let ways = [(3, NAMED), (2, NAMED), (2, 1), (1, 1), (1, 0), (0, 0)];
    let mut made = (Line::default(), Line::default());
    for (words, named) in ways {
        made = (
            moved(&shown, mover.as_ref(), words),
            health(ui, &now, named),
        );
        if made.0.width() + fresh.width() + made.1.width() + 5 <= width {
            break;
        }
    }
    let (left, right) = made;
    buffer.set_line(area.x, area.y, &left, area.width);
    let taken = (fresh.width() + right.width() + 3) as u16;
    let x = (area.x + left.width() as u16 + 1).max(area.right().saturating_sub(taken));
    let (next, _) = buffer.set_line(x, area.y, &fresh, area.right().saturating_sub(x));
    buffer.set_line(
        next + 2,
        area.y,
        &right,
        area.right().saturating_sub(next + 2),
    );
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::config::settings::ThemeName;
    use crate::tui::fixture;

    fn line(ui: &Ui) -> String {
        let area = Rect::new(0, 0, ui.size.0, 1);
        let mut buffer = Buffer::empty(area);
        view(ui, area, &mut buffer);
        let cells = buffer.content.iter();
        cells.map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn one_line_names_the_move_its_first_mover_the_age_and_what_is_broken() {
        let mut ui = fixture::ui((160, 45), ThemeName::Dark);
        let said = line(&ui);
        for words in [
            "moved ",
            "first ",
            "✓ data 2s old",
            "✗ oddsapi degraded 7",
            "grade_signals failed J",
        ] {
            assert!(said.contains(words), "{words:?} in {said}");
        }
        for width in [60, 80, 100, 120, 200] {
            ui.size.0 = width;
            let said = line(&ui);
            assert!(
                said.contains("first ") && said.contains("data 2s old"),
                "{said}"
            );
            let end = said.trim_end();
            assert!(end.ends_with(['7', 'J', '1']), "nothing is cut: {said}");
        }
        ui.size.0 = 160;
        let live = Arc::make_mut(&mut ui.live);
        live.tape = Arc::default();
        live.jobs = Arc::default();
        for source in Arc::make_mut(&mut live.sources) {
            source.health = SourceHealth::Healthy;
            source.last_success = Some(live.now);
        }
        let said = line(&ui);
        assert!(
            said.contains("moved nothing in 15m") && said.contains("✓ nothing broken"),
            "{said}"
        );
        let live = Arc::make_mut(&mut ui.live);
        live.sources = Arc::default();
        live.games = Arc::default();
        Arc::make_mut(&mut live.persistence).database = DatabaseState::Unusable("newer".into());
        let said = line(&ui);
        assert!(
            said.contains("no data yet") && said.contains("Postgres is unusable 5"),
            "{said}"
        );
    }

    #[test]
    fn the_whole_market_counts_for_more_than_one_shop_and_the_first_of_it_is_named() {
        let mut ui = fixture::ui((160, 45), ThemeName::Dark);
        let game = Arc::clone(&ui.live.games[2]);
        let series = Arc::clone(&game.series[0]);
        let at = |seconds| fixture::now() - TimeDelta::seconds(seconds);
        let price = |cents| Price {
            odds: fixture::odds(cents),
            ..series.price
        };
        let entry = |serial, label: &str, seconds, cents| TapeEntry {
            label: label.into(),
            ..fixture::tape_entry(
                serial,
                &game,
                &series,
                Some(price(-30)),
                price(cents),
                at(seconds),
            )
        };
        let lone = TapeEntry {
            period: crate::domain::market::Period::Period1,
            ..entry(9, "MGM", 10, -45)
        };
        let tape = vec![
            lone,
            entry(4, "FD", 30, -40),
            entry(3, "CZR", 60, -29),
            entry(2, "DK", 90, -40),
            entry(5, "CONS", 120, -40),
            entry(1, "CIR", 3_000, -90),
        ];
        Arc::make_mut(&mut ui.live).tape = Arc::new(tape);
        let found = mover(&ui.live, fixture::now() - LATELY).unwrap();
        assert_eq!((&*found.first.label, found.shops), ("DK", 2), "{found:?}");
        assert_eq!(far(&found), "10");
    }
}
