//! Probabilities without the margin: each book's own, and what the shops together hold likely. The settings' anchors say
//! what is fair now; they keep no history, so the chart draws the shops' middle through time and marks the anchors' number
//! on the axis.

use std::collections::HashMap;
use std::ops::Range;

use chrono::{DateTime, Utc};

use super::State;
use super::memo::Middle;
use super::series::unconfirmed;
use super::subject::Subject;
use super::window::Window;
use crate::analytics::consensus::median;
use crate::analytics::devig::Method;
use crate::analytics::fair::Devig;
use crate::analytics::price::rounded_american;
use crate::domain::market::{Line, Phase, QuoteStatus, Side};
use crate::domain::odds::Odds;
use crate::domain::series::Price;
use crate::engine::board::{Pairs, Speaker, main_line, mirrored};
use crate::tui::figures;
use crate::tui::panel::Draw;
use crate::tui::widget::axis::Tick;
use crate::tui::widget::step_chart::pen::Pen;
use crate::tui::widget::step_chart::{Column, Level, Track, reduce};

/// Takes the margin out as the settings want it, of each pair of prices once: a day of prices repeats few of them.
pub(super) struct Margin {
    devig: Devig,
    known: HashMap<(u64, u64), Option<f64>>,
}

impl Margin {
    pub(super) fn of(draw: &Draw<'_>) -> Self {
        let named = draw.snapshot.fair.method.parse();
        Self {
            devig: named.unwrap_or(Devig::Method(Method::Multiplicative)),
            known: HashMap::new(),
        }
    }

    /// How it is done: `multiplicative`.
    pub(super) fn method(&self) -> &'static str {
        self.devig.as_str()
    }

    fn out(&mut self, one: Odds, other: Odds) -> Option<f64> {
        let (one, other) = (one.probability(), other.probability());
        let devig = self.devig;
        *self
            .known
            .entry((one.to_bits(), other.to_bits()))
            .or_insert_with(|| devig.first(one, other))
    }

    /// What both prices of a book make of the side: nothing where one is missing or they belong to different bets.
    pub(super) fn level(&mut self, side: Side, price: &Price, other: &Price) -> Level {
        let is_off = |p: &Price| p.status == QuoteStatus::Off;
        if is_off(price) || is_off(other) || !mirrored(side, price.line, other.line) {
            return Level::Gone;
        }
        let odds = price.odds.zip(other.odds);
        let Some(fair) = odds.and_then(|(one, other)| self.out(one, other)) else {
            return Level::Gone;
        };
        let open = |p: &Price| p.status == QuoteStatus::Open;
        if open(price) && open(other) {
            Level::Quoted(fair)
        } else {
            Level::Held(fair)
        }
    }

    /// The same of a book at a moment.
    pub(super) fn at(
        &mut self,
        side: Side,
        speaker: &Speaker<'_>,
        other: Option<&Speaker<'_>>,
        at: DateTime<Utc>,
    ) -> Level {
        let prices = speaker.at(at).zip(other.and_then(|other| other.at(at)));
        prices.map_or(Level::Gone, |(one, other)| {
            self.level(side, &one.price, &other.price)
        })
    }
}

/// `54.2%`.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

/// Ends of numbered columns, newest first. None lies beyond now.
fn ends(
    window: Window,
    numbers: Range<i64>,
    now: i64,
) -> impl Iterator<Item = (i64, DateTime<Utc>)> {
    numbers.rev().filter_map(move |number| {
        let at = (window.begins(number + 1) - 1).min(now);
        Some((at, DateTime::from_timestamp_millis(at)?))
    })
}

/// The columns of a window and the one before it, whose end gives the level they begin with.
fn with_the_one_before(window: Window) -> Range<i64> {
    let numbers = window.numbers();
    numbers.start - 1..numbers.end
}

impl State {
    /// Every book's own probability over the window and the middle of the shops. Worked out once a column, so that it
    /// costs by columns: a price that came and went within one does not show.
    pub(super) fn fair_tracks(
        &self,
        draw: &Draw<'_>,
        subject: &Subject<'_>,
        window: Window,
    ) -> (Vec<Track>, Option<Track>) {
        let mut margin = Margin::of(draw);
        let now = draw.now.timestamp_millis();
        let moments: Vec<(i64, DateTime<Utc>)> =
            ends(window, with_the_one_before(window), now).collect();
        let lined = subject.selector.market.has_line();
        // Of each column the shops' lines and probabilities: the middle is of those at the line most have.
        let mut said: Vec<Vec<(Option<Line>, f64)>> = vec![Vec::new(); moments.len()];
        let mut tracks: Vec<Track> = Vec::new();
        for speaker in &subject.speakers {
            let mut one = speaker.rewind();
            let mut other = subject.other(&speaker.shop).map(Speaker::rewind);
            let stale_from = unconfirmed(draw, speaker);
            let levels: Vec<(i64, Level)> = moments
                .iter()
                .zip(&mut said)
                .map(|((millis, at), said)| {
                    let price = one.to(*at).map(|point| point.price);
                    let against = other.as_mut().and_then(|other| other.to(*at));
                    let level = price.zip(against).map_or(Level::Gone, |(price, against)| {
                        margin.level(subject.side, &price, &against.price)
                    });
                    let level = match (level, stale_from) {
                        (Level::Quoted(fair), Some(since)) if since < *millis => Level::Held(fair),
                        (level, _) => level,
                    };
                    if let (Level::Quoted(fair), true) = (level, speaker.is_shop()) {
                        let line = price.and_then(|price| price.line);
                        said.push((line.filter(|_| lined), fair));
                    }
                    (*millis, level)
                })
                .collect();
            let newest = levels.first().and_then(|(_, level)| level.value());
            let line = speaker.series.price.line.filter(|_| lined);
            let value = match (newest, line) {
                (Some(fair), Some(line)) => {
                    let line = figures::line(line, &subject.selector.market);
                    format!("{line} {}", percent(fair))
                }
                (Some(fair), None) => percent(fair),
                (None, _) => String::new(),
            };
            tracks.push(Track {
                value_text: value,
                columns: columns(levels, window, now),
                ..self.dressed(draw, speaker)
            });
        }
        let middle: Vec<(i64, Level)> = moments
            .iter()
            .zip(&said)
            .map(|((millis, _), said)| (*millis, middle(said).map_or(Level::Gone, Level::Quoted)))
            .collect();
        let middle = no_margin(draw, columns(middle, window, now), percent);
        (tracks, middle)
    }
}

fn columns(newest_first: Vec<(i64, Level)>, window: Window, now: i64) -> Vec<Column> {
    reduce(
        newest_first.into_iter().rev(),
        window.from,
        window.to,
        now,
        window.columns,
    )
}

/// The median at the line most shops have; one shop alone is no middle.
fn middle(said: &[(Option<Line>, f64)]) -> Option<f64> {
    let line = main_line(said.iter().map(|(line, _)| *line));
    let fair: Vec<f64> = said
        .iter()
        .filter(|(at, _)| *at == line)
        .map(|(_, fair)| *fair)
        .collect();
    median(&fair).filter(|_| fair.len() > 1)
}

fn no_margin(draw: &Draw<'_>, columns: Vec<Column>, text: impl Fn(f64) -> String) -> Option<Track> {
    let newest = columns
        .iter()
        .rev()
        .find_map(|column| column.last.value())?;
    Some(Track {
        label: "NOVIG".into(),
        value_text: text(newest),
        style: draw.theme.accent.patch(draw.theme.strong),
        pen: Pen::Double,
        importance: 2,
        columns,
        seam: None,
    })
}

/// The middle of the shops over the window: gone where fewer than two quote both sides.
pub(super) fn middle_columns(
    draw: &Draw<'_>,
    subject: &Subject<'_>,
    window: Window,
    known: &mut Middle,
) -> Vec<Column> {
    let pairs = Pairs::of(subject.side, &subject.speakers, &subject.others);
    let now = draw.now.timestamp_millis();
    let levels = known.levels(&pairs, window, now, |numbers| {
        let moments: Vec<DateTime<Utc>> = ends(window, numbers, now).map(|(_, at)| at).collect();
        let middles = pairs.fair_back(&moments).into_iter().rev();
        let level = |fair: Option<f64>| fair.map_or(Level::Gone, Level::Quoted);
        middles.map(level).collect()
    });
    let ends = ends(window, with_the_one_before(window), now).map(|(at, _)| at);
    columns(ends.zip(levels.into_iter().rev()).collect(), window, now)
}

/// The middle of the shops among prices.
pub(super) fn track(draw: &Draw<'_>, columns: Vec<Column>) -> Option<Track> {
    // As a price, so that it reads like its neighbours.
    let text = |fair: f64| {
        let price = rounded_american(1.0 / fair).and_then(|price| Odds::american(price).ok());
        price.map_or_else(String::new, |odds| odds.to_string())
    };
    no_margin(draw, columns, text)
}

/// What the anchors of the settings hold fair now, as a mark on an axis of prices or probabilities.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn price(american: i64, line: Option<f64>, status: QuoteStatus) -> Price {
        Price {
            line: line.and_then(Line::from_points),
            odds: Odds::american(american).ok(),
            status,
        }
    }

    fn margin(name: &str) -> Margin {
        Margin {
            devig: name.parse().unwrap(),
            known: HashMap::new(),
        }
    }

    #[test]
    fn a_pair_of_prices_gives_the_side_its_share_by_the_method_wished() {
        let open = |american| price(american, None, QuoteStatus::Open);
        let fair = |method: &str, one, other| {
            let level = margin(method).level(Side::Home, &open(one), &open(other));
            level.value().unwrap()
        };
        // 60 % and 100/230 of 238.26/230: what is left of the first side.
        let expected = 0.6 / (0.6 + 100.0 / 230.0);
        assert!((fair("multiplicative", -150, 130) - expected).abs() < 1e-12);
        assert!((fair("additive", -150, 130) - expected).abs() > 1e-4);
        for method in ["multiplicative", "power", "shin", "worst_case"] {
            let (one, other) = (fair(method, -110, -110), fair(method, -105, -115));
            assert!((one - 0.5).abs() < 1e-9 && other < one, "{method}");
        }
        assert_eq!(percent(0.5423), "54.2%");
    }

    #[test]
    fn one_side_alone_or_two_bets_are_no_pair() {
        use QuoteStatus::{Off, Open, Suspended};
        let level = |one: Price, other: Price, side| {
            let mut margin = margin("multiplicative");
            margin.level(side, &one, &other)
        };
        let open = price(-110, Some(-1.5), Open);
        let against = |line| price(-110, Some(line), Open);
        assert_eq!(level(open, against(1.5), Side::Home), Level::Quoted(0.5));
        assert_eq!(level(open, against(2.5), Side::Home), Level::Gone);
        assert_eq!(level(open, against(-1.5), Side::Home), Level::Gone);
        let total = price(-110, Some(8.5), Open);
        assert_eq!(level(total, against(8.5), Side::Over), Level::Quoted(0.5));
        let off = price(-110, Some(1.5), Off);
        assert_eq!(level(open, off, Side::Home), Level::Gone);
        let locked = price(-110, Some(1.5), Suspended);
        assert_eq!(level(open, locked, Side::Home), Level::Held(0.5));
        let unknown = Price {
            odds: None,
            ..against(1.5)
        };
        assert_eq!(level(open, unknown, Side::Home), Level::Gone);
    }

    #[test]
    fn the_middle_is_of_the_line_most_have() {
        let at = |line: f64, fair| (Line::from_points(line), fair);
        let said = [at(8.5, 0.5), at(8.5, 0.52), at(9.0, 0.4)];
        assert!((middle(&said).unwrap() - 0.51).abs() < 1e-12);
        assert_eq!(middle(&said[..1]), None, "one shop is no middle");
        assert_eq!(middle(&[]), None);
    }
}
