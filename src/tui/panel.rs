//! The panels. Each file holds one panel's state, what keys do to it, and its drawing.

pub mod backfill;
pub mod board;
pub mod cache;
pub mod chart;
pub mod extraction;
pub mod jobs;
pub mod list;
pub mod logs;
pub mod opportunities;
pub mod persistence;
pub mod signals;
pub mod sources;
pub mod startup;
pub mod tape;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Paragraph, Widget, Wrap};

use super::figures;
use super::theme::Theme;
use crate::domain::game::GameId;
use crate::domain::series::SeriesKey;
use crate::domain::source::Source;
use crate::engine::query::Query;
use crate::engine::snapshot::{DatabaseState, GameView, Mode, SignalKey, Snapshot};

/// A panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Panel {
    /// Games and books.
    Board,
    /// One game's line by book.
    Chart,
    /// Moves as they happen.
    Tape,
    /// What was read from each game.
    Extraction,
    /// Spool and Postgres.
    Persistence,
    /// Hit rates.
    Cache,
    /// Feeds.
    Sources,
    /// Backfills.
    Backfill,
    /// Log lines.
    Logs,
    /// Why lines move.
    Signals,
    /// What is better than fair.
    Opportunities,
    /// What is done at set times.
    Jobs,
}

impl Panel {
    /// Every panel: those of keys 1–9, then those of letters.
    pub const ALL: [Self; 12] = [
        Self::Board,
        Self::Chart,
        Self::Tape,
        Self::Extraction,
        Self::Persistence,
        Self::Cache,
        Self::Sources,
        Self::Backfill,
        Self::Logs,
        Self::Signals,
        Self::Opportunities,
        Self::Jobs,
    ];

    /// Name in titles and tabs.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Board => "Board",
            Self::Chart => "Chart",
            Self::Tape => "Tape",
            Self::Extraction => "Extraction log",
            Self::Persistence => "Persistence",
            Self::Cache => "Cache",
            Self::Sources => "Sources",
            Self::Backfill => "Backfills",
            Self::Logs => "Logs",
            Self::Signals => "Signals",
            Self::Opportunities => "Opportunities",
            Self::Jobs => "Jobs",
        }
    }

    /// Name where room is short.
    pub const fn short(self) -> &'static str {
        match self {
            Self::Extraction => "Extract",
            Self::Persistence => "Persist",
            Self::Backfill => "Backfill",
            Self::Opportunities => "Chances",
            other => other.title(),
        }
    }

    /// Whether rows can be filtered.
    pub const fn has_filter(self) -> bool {
        matches!(
            self,
            Self::Board
                | Self::Tape
                | Self::Extraction
                | Self::Logs
                | Self::Signals
                | Self::Opportunities
        )
    }
}

/// What every panel draws with. No clock: time is a value.
#[derive(Clone, Copy)]
pub struct Draw<'a> {
    /// What is shown.
    pub snapshot: &'a Snapshot,
    /// The engine's clock, moved on since the snapshot.
    pub now: DateTime<Utc>,
    /// Zone of every time.
    pub zone: Tz,
    /// Styles.
    pub theme: &'a Theme,
    /// Whether the panel gets the keys.
    pub focused: bool,
    /// Words rows must hold.
    pub filter: &'a str,
    /// Series that changed a moment ago, and until when they show it.
    pub flashes: Option<&'a HashMap<SeriesKey, Duration>>,
    /// Signals somebody has seen.
    pub seen: Option<&'a HashSet<SignalKey>>,
    /// Whether the screen stands in the past and this panel shows now all the same.
    pub of_now: bool,
}

impl Draw<'_> {
    /// A game of the snapshot, by the id it had or has.
    pub fn game(&self, id: GameId) -> Option<&Arc<GameView>> {
        self.snapshot.game(id)
    }

    /// Age of a moment as text.
    pub fn age(&self, at: DateTime<Utc>) -> String {
        figures::age(self.now - at)
    }

    /// Seconds of the engine's clock in a real second.
    pub fn speed(&self) -> u32 {
        match self.snapshot.mode {
            Mode::Live | Mode::Watch | Mode::Replay => 1,
            Mode::Demo { speed, .. } => speed.max(1),
        }
    }

    /// Real seconds since the snapshot, for countdowns.
    pub fn real_seconds_since(&self) -> u64 {
        let span = (self.now - self.snapshot.now).num_seconds().max(0);
        span as u64 / u64::from(self.speed())
    }

    /// Whether a change at `at` is news: two minutes, or five real seconds where time runs faster.
    pub fn is_recent(&self, at: DateTime<Utc>) -> bool {
        let span = i64::from(self.speed()) * 5;
        self.now - at < TimeDelta::seconds(span.max(120))
    }

    /// Whether a price last seen at `at` should have been confirmed since: three looks missed, at least a minute.
    pub fn is_stale(&self, source: Source, at: DateTime<Utc>) -> bool {
        let every = self
            .snapshot
            .sources
            .iter()
            .find(|s| s.source == source)
            .map_or(60, |s| s.every_s);
        let allowed = i64::try_from(every.saturating_mul(3)).unwrap_or(i64::MAX / 1_000);
        self.now - at > TimeDelta::seconds(allowed.clamp(60, 30 * 86_400))
    }

    /// Whether nothing is being stored, so that what is made of stored rows stands still.
    pub fn store_is_away(&self) -> bool {
        matches!(
            self.snapshot.persistence.database,
            DatabaseState::Down { .. } | DatabaseState::Unusable(_)
        )
    }

    /// What the filter asks of rows; read once a frame, not once a row.
    pub fn query(&self) -> Query {
        Query::parse(self.filter)
    }

    /// Style of the selected row.
    pub fn selection(&self) -> Style {
        if self.focused {
            self.theme.selected
        } else {
            self.theme.selected_idle
        }
    }

    /// Draw the panel's frame and return the room within.
    pub fn frame(&self, title: &str, aside: &str, area: Rect, buffer: &mut Buffer) -> Rect {
        let (border, titled) = if self.focused {
            (self.theme.border_focus, self.theme.title_focus)
        } else {
            (self.theme.border, self.theme.title)
        };
        let mut heading = vec![Span::styled(format!(" {title} "), titled)];
        if self.of_now {
            heading.push(Span::styled("now ", self.theme.warn));
        }
        if !self.filter.is_empty() {
            heading.push(Span::styled(
                format!("/{} ", self.filter),
                self.theme.accent,
            ));
        }
        let mut block = Block::bordered()
            .border_type(BorderType::Rounded)
            .border_style(border)
            .title(Line::from(heading));
        // A title and an aside that would meet say less than the title alone.
        if !aside.is_empty()
            && title.chars().count() + aside.chars().count() + 8 <= area.width.into()
        {
            block = block.title(
                Line::from(Span::styled(format!(" {aside} "), self.theme.muted))
                    .alignment(Alignment::Right),
            );
        }
        let inner = block.inner(area);
        block.render(area, buffer);
        inner
    }

    /// Words in an otherwise empty panel: what is, and what to do.
    pub fn say(&self, what: &str, next: &str, area: Rect, buffer: &mut Buffer) {
        let lines = vec![
            Line::from(Span::styled(what.to_owned(), self.theme.text)),
            Line::from(Span::styled(next.to_owned(), self.theme.muted)),
        ];
        let top = area.height.saturating_sub(4) / 3;
        let area = Rect {
            x: area.x + 1.min(area.width),
            width: area.width.saturating_sub(2),
            y: area.y + top,
            height: area.height - top,
        };
        Paragraph::new(lines)
            .wrap(Wrap { trim: true })
            .alignment(Alignment::Center)
            .render(area, buffer);
    }
}

/// First row shown so that `selected` of `rows` is in view of `height` rows, near the middle.
pub fn first_row(selected: usize, rows: usize, height: usize) -> usize {
    selected
        .saturating_sub(height / 2)
        .min(rows.saturating_sub(height))
}

#[cfg(test)]
mod tests {
    use super::first_row;

    #[test]
    fn the_selected_row_is_always_in_view() {
        for rows in 0..40 {
            for selected in 0..rows {
                for height in 1..20 {
                    let first = first_row(selected, rows, height);
                    assert!(first <= selected && selected < first + height);
                }
            }
        }
    }
}
