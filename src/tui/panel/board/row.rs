//! One row: one side of one game.

use std::cmp::Ordering;
use std::sync::Arc;

use chrono::TimeDelta;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::State;
use crate::analytics::movement::Direction;
use crate::domain;
use crate::domain::market::{Market, Phase, QuoteStatus, Side};
use crate::domain::series::Price;
use crate::domain::status::GameStatus;
use crate::engine::board::{Best, Drift, Reading, ShopId, Speaker, best, opening, sides, speakers};
use crate::engine::snapshot::GameView;
use crate::tui::figures;
use crate::tui::panel::Draw;

/// One side of one game and everyone who quotes it.
pub(super) struct Row<'a> {
    pub(super) game: &'a Arc<GameView>,
    side: Side,
    first: bool,
    speakers: Vec<Speaker<'a>>,
    others: Vec<Speaker<'a>>,
    best: Option<Best>,
}

impl<'a> Row<'a> {
    /// A side of a game, the first one shown of it or the second.
    pub(super) fn new(state: &State, game: &'a Arc<GameView>, side: Side, first: bool) -> Self {
        let selector = state.selector(game);
        let [one, two] = sides(&selector.market);
        let other = if side == one { two } else { one };
        let others = speakers(game, &selector, other);
        let speakers = speakers(game, &selector, side);
        Self {
            game,
            side,
            first,
            best: best(&speakers),
            speakers,
            others,
        }
    }

    /// Who speaks for a shop.
    pub(super) fn speaker(&self, shop: &ShopId) -> Option<&Speaker<'a>> {
        self.speakers.iter().find(|speaker| speaker.shop == *shop)
    }

    /// Game, start, side, fair, open, moved since then and in the hour, hold, best.
    pub(super) fn head(&self, board: &State, draw: &Draw<'_>) -> Vec<Line<'static>> {
        let theme = draw.theme;
        let market = &board.market;
        let hour = draw.now - TimeDelta::hours(1);
        let reading = Reading::of(self.side, &self.speakers, &self.others, hour);
        let (game, start) = if self.first {
            (self.name(board, draw), self.start(draw))
        } else {
            (Line::default(), Line::default())
        };
        let side = self.game.side_name(self.side).to_string();
        let opened = opening(&self.speakers)
            .map(|point| Line::styled(figures::price(&point.price, market), theme.muted))
            .unwrap_or_default();
        let best = self
            .best
            .map(|best| self.best_text(best, draw, market))
            .unwrap_or_default();
        let percent = |share: Option<f64>, style| {
            share.map_or_else(Line::default, |share| {
                Line::styled(format!("{:.1}", share * 100.0), style)
            })
        };
        vec![
            game,
            start,
            Line::styled(side, theme.muted),
            percent(self.fair(draw, market).or(reading.fair), theme.accent),
            opened,
            moved(reading.since_open, draw),
            moved(reading.lately, draw),
            percent(
                reading.hold,
                if reading.hold.is_some_and(|hold| hold < 0.0) {
                    theme.best
                } else {
                    theme.muted
                },
            ),
            best,
        ]
    }

    /// What the anchors of the settings hold it worth; none in play and before this run, where nothing of theirs is kept.
    fn fair(&self, draw: &Draw<'_>, market: &Market) -> Option<f64> {
        let period = self.speakers.first()?.series.key.period;
        let view = draw.snapshot.fair.main(self.game.id, market, period)?;
        let live = self.speakers.first()?.series.key.phase == Phase::Live;
        view.of(self.side).filter(|_| !live)
    }

    /// `−143 CIR`; `−143 CIR+` where other shops have it, too.
    fn best_text(&self, best: Best, draw: &Draw<'_>, market: &Market) -> Line<'static> {
        let price = Price {
            line: best.line,
            odds: Some(best.odds),
            status: QuoteStatus::Open,
        };
        let mut shops = self
            .speakers
            .iter()
            .filter(|speaker| best.is_at(speaker))
            .map(Speaker::label);
        let first = shops.next().unwrap_or_default();
        // As wide with others as without, so that the prices stand one under the other.
        let who = match shops.count() {
            0 => format!(" {first:<4}"),
            _ => format!(" {:<4}", format!("{first:.3}+")),
        };
        Line::from(vec![
            Span::styled(figures::price(&price, market), draw.theme.strong),
            Span::styled(who, draw.theme.muted),
        ])
    }

    /// `MIA @ BAL`, the team whose price is shown in strong letters; a star before a favourite.
    fn name(&self, board: &State, draw: &Draw<'_>) -> Line<'static> {
        let game = self.game;
        let over = matches!(
            game.status,
            GameStatus::Final | GameStatus::Cancelled | GameStatus::Postponed
        );
        let plain = if over {
            draw.theme.muted
        } else {
            draw.theme.text
        };
        let style = |side| {
            if self.side == side {
                draw.theme.strong
            } else {
                plain
            }
        };
        let star = board.favourites.contains(&game.id);
        let mut line = Line::from(vec![
            Span::styled(if star { "♥" } else { "" }, draw.theme.accent),
            Span::styled(game.away.abbr.to_string(), style(Side::Away)),
            Span::styled(" @ ", draw.theme.muted),
            Span::styled(game.home.abbr.to_string(), style(Side::Home)),
        ]);
        if game.game_number > 1 {
            line.push_span(Span::styled(
                format!(" G{}", game.game_number),
                draw.theme.muted,
            ));
        }
        line
    }

    fn start(&self, draw: &Draw<'_>) -> Line<'static> {
        let theme = draw.theme;
        let score = self.game.score.map(|(home, away)| format!("{away}-{home}"));
        match self.game.status {
            GameStatus::Scheduled => self.game.starts_at.map_or_else(
                || Line::styled("tba", theme.muted),
                |at| Line::styled(figures::start(at, draw.now, draw.zone), theme.text),
            ),
            GameStatus::Live => Line::styled(
                format!("●{}", score.unwrap_or_else(|| "live".into())),
                theme.ok,
            ),
            GameStatus::Final => Line::styled(
                format!("F {}", score.unwrap_or_default()).trim().to_owned(),
                theme.muted,
            ),
            GameStatus::Postponed => Line::styled("postp", theme.warn),
            GameStatus::Cancelled => Line::styled("cancl", theme.warn),
            GameStatus::Suspended => Line::styled("halted", theme.warn),
        }
    }

    /// A book's price with two marks: ★ for the best, ▲▼ for just moved or ~ for stale.
    pub(super) fn cell(&self, draw: &Draw<'_>, shop: &ShopId, market: &Market) -> Line<'static> {
        let theme = draw.theme;
        let Some(speaker) = self.speaker(shop) else {
            return Line::styled("---  ", theme.faint);
        };
        let series = speaker.series;
        let over = self.game.status == GameStatus::Final;
        let unconfirmed = !over && draw.is_stale(series.key.stream.source(), series.seen_at);
        let moved = speaker
            .direction()
            .filter(|_| draw.is_recent(series.changed_at));
        let is_best = self.best.is_some_and(|best| best.is_at(speaker));
        let flash = draw
            .flashes
            .is_some_and(|all| all.contains_key(&series.key));
        let style = if series.price.status != QuoteStatus::Open {
            theme.muted
        } else if unconfirmed {
            theme.stale
        } else if is_best {
            theme.best
        } else {
            theme.text
        };
        let star = if is_best {
            Span::styled("★", theme.best)
        } else {
            Span::raw(" ")
        };
        let mark = match (unconfirmed, moved) {
            (true, _) => Span::styled("~", theme.warn),
            (false, Some(Ordering::Greater)) => Span::styled("▲", theme.up),
            (false, Some(_)) => Span::styled("▼", theme.down),
            (false, None) => Span::styled(" ", Style::new()),
        };
        Line::from(vec![
            Span::styled(
                figures::price(&series.price, market),
                if flash {
                    style.patch(theme.flash)
                } else {
                    style
                },
            ),
            star,
            mark,
        ])
    }
}

/// `▲12` cents dearer, `▼½` of the line; nothing where it stayed.
fn moved(drift: Option<Drift>, draw: &Draw<'_>) -> Line<'static> {
    let Some(drift) = drift else {
        return Line::default();
    };
    let (sign, style) = match drift.direction {
        Direction::Toward => ("▲", draw.theme.up),
        Direction::Against => ("▼", draw.theme.down),
        Direction::Unmoved => return Line::styled("0", draw.theme.faint),
    };
    let size = if drift.points > 0.0 {
        let line = domain::market::Line::from_points((drift.points * 4.0).round() / 4.0);
        line.map_or_else(String::new, |line| figures::line(line, &Market::Total))
    } else {
        format!("{:.0}", drift.cents)
    };
    Line::styled(format!("{sign}{size}"), style)
}
