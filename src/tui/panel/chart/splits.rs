//! Under the chart, on its time axis: who bets on the side, by tickets and by money.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

use super::State;
use super::plot;
use super::subject::Subject;
use super::window::Window;
use crate::domain::splits::SplitValue;
use crate::engine::snapshot::SplitView;
use crate::tui::panel::Draw;
use crate::tui::widget::axis::Tick;
use crate::tui::widget::scale::{Scale, Unit};
use crate::tui::widget::spark;
use crate::tui::widget::step_chart::pen::Pen;
use crate::tui::widget::step_chart::{Level, Mark, StepChart, Track, reduce};

/// Cells of a bar.
const BAR: usize = 10;

/// Least width of a line of words.
const WORDS: u16 = 60;

/// Rows of room and of the strip in it, the larger first: lines, and under them a line of words.
const STRIPS: [(u16, u16); 2] = [(26, 7), (18, 5)];

/// The splits of the side, one a feed, those over all books before those of one: of one feed the same is always first.
pub(super) fn of<'a>(subject: &Subject<'a>) -> Vec<&'a SplitView> {
    let selector = &subject.selector;
    let mut found: Vec<&'a SplitView> = subject
        .game
        .splits
        .iter()
        .filter(|split| {
            split.key.market == selector.market
                && split.key.period == selector.period
                && split.key.side == subject.side
                && (split.value.tickets_pct.is_some() || split.value.money_pct.is_some())
        })
        .collect();
    let order = |split: &&SplitView| (&*split.key.scope != "all", split.key.stream.source());
    found.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| b.at.cmp(&a.at)));
    let mut feeds = Vec::new();
    found.retain(|split| {
        let source = split.key.stream.source();
        let first = !feeds.contains(&source);
        feeds.push(source);
        first
    });
    found
}

/// Rows for them in the room of a chart.
pub(super) fn rows(room: Rect, known: bool) -> u16 {
    if room.width < WORDS {
        return 0;
    }
    let strip = STRIPS.iter().find(|(least, _)| room.height >= *least);
    match (strip, known) {
        (Some((_, rows)), true) => *rows,
        (Some(_), false) => 1,
        (None, known) => u16::from(known && room.height >= 8),
    }
}

impl State {
    /// Draw them: the first feed's counts as lines where there is room, all feeds' at the cursor as words.
    pub(super) fn bets(
        &self,
        draw: &Draw<'_>,
        subject: &Subject<'_>,
        window: Window,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        if area.height == 0 {
            return;
        }
        let splits = of(subject);
        let words = Rect {
            y: area.bottom() - 1,
            height: 1,
            ..area
        };
        if splits.is_empty() {
            Line::styled(
                " tickets and money: no feed has told who bets on this side",
                draw.theme.muted,
            )
            .render(words, buffer);
            return;
        }
        if let Some(first) = splits.first().filter(|_| area.height > 1) {
            self.strip(draw, (subject, first), window, area, buffer);
        }
        self.words(draw, &splits, words, buffer);
    }

    fn strip(
        &self,
        draw: &Draw<'_>,
        (subject, split): (&Subject<'_>, &SplitView),
        window: Window,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let theme = draw.theme;
        let base = |label, style, pen, importance| Track {
            label: String::from(label),
            value_text: String::new(),
            style,
            pen,
            importance,
            columns: Vec::new(),
            seam: None,
        };
        let tickets = base("tickets", theme.text, Pen::Light, 1);
        let money = base("money", theme.accent, Pen::Heavy, Track::FRONT);
        let tracks: Vec<Track> = [
            over_time(tickets, split, window, draw, |value| value.tickets_pct),
            over_time(money, split, window, draw, |value| value.money_pct),
        ]
        .into_iter()
        .flatten()
        .collect();
        let spans = tracks
            .iter()
            .flat_map(|track| track.columns.iter().filter_map(|column| column.span));
        let (low, high) = spans.fold((0.5_f64, 0.5_f64), |(low, high), span| {
            (low.min(span.0), high.max(span.1))
        });
        StepChart {
            tracks: &tracks,
            from: window.from,
            to: window.to,
            // The last row is the time axis, whose place the words take: the chart above has one already.
            scale: Scale::fit(Unit::Probability, low, high, area.height - 1),
            values: Vec::new(),
            keys: vec![Tick {
                at: 0.5,
                label: "50%".into(),
            }],
            times: Vec::new(),
            marks: plot::marks(subject, draw)
                .into_iter()
                .map(|mark| Mark {
                    label: String::new(),
                    ..mark
                })
                .collect(),
            cursor: self.cursor.map(|at| at.timestamp_millis()),
            styles: plot::styles(theme),
        }
        .render(area, buffer);
    }

    /// A feed after the other, each whole or not at all.
    fn words(&self, draw: &Draw<'_>, splits: &[&SplitView], area: Rect, buffer: &mut Buffer) {
        let at = self.cursor.unwrap_or(draw.now).min(draw.now);
        let mut line = Line::default();
        for (nth, split) in splits.iter().enumerate() {
            let told = told(draw, split, at);
            // The space after the last one may go.
            if nth > 0 && line.width() + told.width() > usize::from(area.width) + 1 {
                break;
            }
            line.extend(told);
        }
        line.render(area, buffer);
    }
}

/// ` an 2m tickets ███░ 61 % money ██░░ 55 % money ▼6 `.
fn told(draw: &Draw<'_>, split: &SplitView, at: DateTime<Utc>) -> Line<'static> {
    let theme = draw.theme;
    let feed = split.key.stream.source().short();
    let Some(point) = split.at(at) else {
        let words = format!(" {feed} nothing counted yet ");
        return Line::from(Span::styled(words, theme.muted));
    };
    let age = crate::tui::figures::age(at - point.at);
    let mut line = Line::from(Span::styled(format!(" {feed} {age} "), theme.muted));
    for (what, share) in [
        ("tickets", point.value.tickets_pct),
        ("money", point.value.money_pct),
    ] {
        let Some(share) = share else { continue };
        let bar = if what == "money" {
            theme.accent
        } else {
            theme.spark
        };
        line.push_span(Span::styled(format!("{what} "), theme.muted));
        line.push_span(Span::styled(spark::progress(share / 100.0, BAR), bar));
        line.push_span(Span::styled(format!(" {share:.0} % "), theme.text));
    }
    line.extend(difference(point.value, (theme.up, theme.down, theme.muted)));
    line
}

/// How far the money is from the tickets: `money ▲12`, where more of it is on the side than of the bets.
fn difference(
    value: SplitValue,
    (up, down, level): (Style, Style, Style),
) -> Option<Span<'static>> {
    let points = (value.money_pct? - value.tickets_pct?).round();
    Some(match points.partial_cmp(&0.0)? {
        Ordering::Greater => Span::styled(format!("money ▲{points:.0} "), up),
        Ordering::Less => Span::styled(format!("money ▼{:.0} ", -points), down),
        Ordering::Equal => Span::styled("money level ", level),
    })
}

/// A share over the window; none where the feed does not tell it.
fn over_time(
    track: Track,
    split: &SplitView,
    window: Window,
    draw: &Draw<'_>,
    share: impl Fn(SplitValue) -> Option<f64>,
) -> Option<Track> {
    share(split.value)?;
    let levels = split.points.iter().map(|point| {
        let level = share(point.value).map_or(Level::Gone, |share| Level::Quoted(share / 100.0));
        (point.at.timestamp_millis(), level)
    });
    let now = draw.now.timestamp_millis();
    let columns = reduce(levels, window.from, window.to, now, window.columns);
    let newest = columns.iter().rev().find_map(|column| column.last.value());
    Some(Track {
        value_text: newest.map_or_else(String::new, |share| format!("{:.0}%", share * 100.0)),
        columns,
        ..track
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strip_has_rows_where_the_chart_keeps_enough() {
        let room = |width, height| Rect::new(0, 0, width, height);
        assert_eq!(rows(room(100, 30), true), 7);
        assert_eq!(rows(room(100, 18), true), 5);
        assert_eq!(rows(room(100, 17), true), 1);
        assert_eq!(rows(room(100, 30), false), 1, "words that there is none");
        assert_eq!(rows(room(100, 12), false), 0);
        assert_eq!(rows(room(59, 30), true), 0);
        assert_eq!(rows(room(80, 7), true), 0);
    }

    #[test]
    fn money_is_held_against_tickets() {
        let value = |tickets, money| SplitValue {
            tickets_pct: tickets,
            money_pct: money,
            tickets: None,
            money: None,
        };
        let said = |tickets, money| {
            let plain = Style::new();
            difference(value(tickets, money), (plain, plain, plain))
                .map(|span| span.content.into_owned())
        };
        assert_eq!(said(Some(40.0), Some(52.4)).as_deref(), Some("money ▲12 "));
        assert_eq!(said(Some(70.0), Some(55.0)).as_deref(), Some("money ▼15 "));
        assert_eq!(
            said(Some(50.2), Some(50.0)).as_deref(),
            Some("money level ")
        );
        assert_eq!(said(None, Some(50.0)), None);
    }
}
