//! Frames: only what changed is written, and nothing at all when nothing did.

use std::io::{self, Write};
use std::time::Duration;

use crossterm::queue;
use crossterm::style::ResetColor;
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::draw;
use super::ui::Ui;

/// What is on the terminal, and the way there.
#[derive(Debug)]
pub struct Screen<W> {
    out: W,
    shown: Buffer,
    next: Buffer,
    bytes: Vec<u8>,
    wiped: bool,
}

impl<W: Write> Screen<W> {
    /// A screen of which nothing is known yet.
    pub fn new(out: W) -> Self {
        Self {
            out,
            shown: Buffer::default(),
            next: Buffer::default(),
            bytes: Vec::new(),
            wiped: true,
        }
    }

    /// Forget what the terminal shows: the next frame is painted whole.
    pub const fn forget(&mut self) {
        self.wiped = true;
    }

    /// Draw a frame; the bytes written, none when nothing visible changed. Fails when the terminal is gone.
    pub fn draw(&mut self, ui: &Ui) -> io::Result<usize> {
        let area = Rect::new(0, 0, ui.size.0, ui.size.1);
        if self.shown.area != area {
            self.wiped = true;
        }
        if self.wiped {
            self.shown = Buffer::empty(area);
            self.next = Buffer::empty(area);
        }
        self.next.reset();
        draw::draw(ui, &mut self.next);
        let mut changes = self.shown.diff_iter(&self.next).peekable();
        if changes.peek().is_none() && !self.wiped {
            return Ok(0);
        }
        self.bytes.clear();
        // Terminals that know mode 2026 show the frame at once; the others ignore it.
        queue!(self.bytes, BeginSynchronizedUpdate)?;
        if self.wiped {
            // Ratatui's own `clear` asks the terminal for its cursor and waits where nobody answers.
            queue!(self.bytes, ResetColor, Clear(ClearType::All))?;
        }
        CrosstermBackend::new(&mut self.bytes).draw(changes)?;
        queue!(self.bytes, EndSynchronizedUpdate)?;
        self.out.write_all(&self.bytes)?;
        self.out.flush()?;
        self.wiped = false;
        std::mem::swap(&mut self.shown, &mut self.next);
        Ok(self.bytes.len())
    }

    /// The way out, for what is no frame.
    pub const fn out(&mut self) -> &mut W {
        &mut self.out
    }
}

/// When frames may be drawn.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    between: Duration,
    last: Option<Duration>,
}

impl Pace {
    /// At most `per_second` frames, 1–60.
    pub fn new(per_second: u16) -> Self {
        Self {
            between: Duration::from_secs(1) / u32::from(per_second.clamp(1, 60)),
            last: None,
        }
    }

    /// When the next frame may be drawn, since the screen opened.
    pub fn due(&self) -> Duration {
        self.last.map_or(Duration::ZERO, |last| last + self.between)
    }

    /// A frame was drawn.
    pub const fn drawn(&mut self, at: Duration) {
        self.last = Some(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;
    use crate::tui::msg::Msg;
    use crate::tui::update::update;

    #[test]
    fn an_unchanged_screen_writes_no_byte() {
        let mut ui = fixture::ui((120, 40), crate::config::settings::ThemeName::Dark);
        let mut screen = Screen::new(Vec::new());
        assert!(screen.draw(&ui).unwrap() > 0);
        assert_eq!(screen.draw(&ui).unwrap(), 0);
        // The same snapshot published again changes nothing visible.
        let again = std::sync::Arc::new(ui.live.as_ref().clone());
        update(&mut ui, Msg::Snapshot(again));
        assert!(ui.dirty);
        assert_eq!(screen.draw(&ui).unwrap(), 0);
    }

    #[test]
    fn frozen_the_clock_moves_nothing() {
        let mut ui = fixture::ui((80, 24), crate::config::settings::ThemeName::Dark);
        crate::tui::update::act(&mut ui, crate::tui::action::Action::Freeze);
        let mut screen = Screen::new(Vec::new());
        screen.draw(&ui).unwrap();
        ui.dirty = false;
        let now = ui.clock + chrono::TimeDelta::seconds(90);
        update(
            &mut ui,
            Msg::Time {
                elapsed: Duration::from_secs(90),
                now: Some(now),
            },
        );
        assert!(!ui.dirty);
        assert_eq!(screen.draw(&ui).unwrap(), 0);
    }

    #[test]
    fn a_frame_is_synchronised_and_small_changes_are_small() {
        let mut ui = fixture::ui((120, 40), crate::config::settings::ThemeName::Dark);
        let mut screen = Screen::new(Vec::new());
        let whole = screen.draw(&ui).unwrap();
        assert!(screen.out().starts_with(b"\x1b[?2026h") && screen.out().ends_with(b"\x1b[?2026l"));
        let now = ui.clock + chrono::TimeDelta::seconds(1);
        update(
            &mut ui,
            Msg::Time {
                elapsed: Duration::from_secs(1),
                now: Some(now),
            },
        );
        let tick = screen.draw(&ui).unwrap();
        assert!(tick > 0 && tick < whole / 10, "{tick} of {whole}");
    }

    #[test]
    fn no_colour_sequence_leaves_a_mono_screen() {
        let ui = fixture::ui((160, 45), crate::config::settings::ThemeName::Mono);
        let mut screen = Screen::new(Vec::new());
        screen.draw(&ui).unwrap();
        let text = String::from_utf8(screen.out().clone()).unwrap();
        assert!(!text.contains("38;5;") && !text.contains("48;5;") && !text.contains("38;2;"));
        assert!(text.contains("\u{1b}[7m"), "the selection is reversed");
    }
}
