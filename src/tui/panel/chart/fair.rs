//! The line of no margin: what the shops together hold likely. The settings' anchors say what is fair now; they keep no
//! history, so the chart draws the shops' middle through time and marks the anchors' number on the axis.

use chrono::DateTime;

use super::Subject;
use crate::analytics::price::rounded_american;
use crate::domain::market::Phase;
use crate::domain::odds::Odds;
use crate::engine::board::{Pairs, sides, speakers};
use crate::tui::panel::Draw;
use crate::tui::widget::axis::Tick;
use crate::tui::widget::step_chart::pen::Pen;
use crate::tui::widget::step_chart::{Level, Track, reduce};

/// The line over the window, worked out once a column so that it costs by columns; none where fewer than two shops
/// quote both sides.
pub(super) fn track(
    draw: &Draw<'_>,
    subject: &Subject<'_>,
    (from, to): (i64, i64),
    columns: usize,
) -> Option<Track> {
    let [one, two] = sides(&subject.selector.market);
    let other = if subject.side == one { two } else { one };
    let others = speakers(subject.game, &subject.selector, other);
    let pairs = Pairs::of(subject.side, &subject.speakers, &others);
    let width = (to - from).max(1) / columns.max(1) as i64;
    let now = draw.now.timestamp_millis();
    let level = |at: i64| {
        let at = DateTime::from_timestamp_millis(at).unwrap_or(draw.now);
        pairs.fair_at(at).map_or(Level::Gone, Level::Quoted)
    };
    // The moment before the first column gives the level it begins with.
    let newest_first = (-1..columns as i64).rev().map(|column| {
        let at = (from + width * (column + 1) - 1).min(now);
        (at, level(at))
    });
    let columns = reduce(newest_first, from, to, now, columns);
    let newest = columns
        .iter()
        .rev()
        .find_map(|column| column.last.value())?;
    // As a price, so that it reads like its neighbours.
    let price = rounded_american(1.0 / newest).and_then(|price| Odds::american(price).ok());
    Some(Track {
        label: "NOVIG".into(),
        value_text: price.map_or_else(String::new, |odds| odds.to_string()),
        style: draw.theme.accent.patch(draw.theme.strong),
        pen: Pen::Double,
        importance: 2,
        columns,
        seam: None,
    })
}

/// What the anchors of the settings hold fair now, as a mark on the axis of prices.
pub(super) fn mark(draw: &Draw<'_>, subject: &Subject<'_>) -> Option<Tick> {
    let selector = &subject.selector;
    let fair = &draw.snapshot.fair;
    let view = fair.main(subject.game.id, &selector.market, selector.period)?;
    let pregame = selector.phase == Phase::Pregame;
    let at = view.of(subject.side).filter(|_| pregame)?;
    Some(Tick {
        at,
        label: format!("fair {:.1} %", at * 100.0),
    })
}
