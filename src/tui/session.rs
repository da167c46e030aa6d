//! The terminal on loan: each mode is recorded once it is set, and exactly those are undone, whatever ends the screen.

use std::future::pending;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::style::{ResetColor, force_color_output};
use crossterm::terminal::{
    EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use crossterm::{execute, queue};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Set when raw mode is on.
const RAW: u8 = 1;
/// Set when the alternate screen is shown.
const ALTERNATE: u8 = 1 << 1;
/// Set when the cursor is hidden.
const CURSOR: u8 = 1 << 2;
/// Set when pasted text is marked.
const PASTE: u8 = 1 << 3;
/// Set when the mouse is read.
const MOUSE: u8 = 1 << 4;

/// Modes set and not yet undone. Shared with the panic hook.
#[derive(Debug, Default)]
struct Modes(AtomicU8);

impl Modes {
    fn set(&self, mode: u8) {
        self.0.fetch_or(mode, Ordering::SeqCst);
    }

    /// Undo what is set; false when nothing was. The first caller does it, all others find nothing to do.
    fn restore(&self) -> bool {
        let was = self.0.swap(0, Ordering::SeqCst);
        if was == 0 {
            return false;
        }
        // A terminal that is gone cannot be restored; whoever calls has nobody to tell.
        let _ = undo(was, &mut io::stdout());
        if was & RAW != 0 {
            let _ = disable_raw_mode();
        }
        true
    }
}

/// Write what undoes these modes.
fn undo(modes: u8, out: &mut impl Write) -> io::Result<()> {
    if modes & ALTERNATE != 0 {
        queue!(out, EndSynchronizedUpdate, ResetColor)?;
    }
    if modes & MOUSE != 0 {
        queue!(out, DisableMouseCapture)?;
    }
    if modes & PASTE != 0 {
        queue!(out, DisableBracketedPaste)?;
    }
    if modes & ALTERNATE != 0 {
        queue!(out, LeaveAlternateScreen)?;
    }
    if modes & CURSOR != 0 {
        queue!(out, Show)?;
    }
    out.flush()
}

/// The terminal while the screen has it. Dropping gives it back.
#[derive(Debug)]
pub struct Session {
    modes: Arc<Modes>,
    mouse: AtomicBool,
    torn: CancellationToken,
}

impl Session {
    /// Take the terminal. What was set before a failure is undone.
    pub fn open(mouse: bool) -> io::Result<Self> {
        // crossterm 0.29 writes an empty colour sequence under NO_COLOR, which wipes bold and reverse too. Colour is
        // decided by the theme alone.
        force_color_output(true);
        let session = Self {
            modes: Arc::default(),
            mouse: AtomicBool::new(mouse),
            torn: CancellationToken::new(),
        };
        session.watch_panics();
        session.enter()?;
        Ok(session)
    }

    fn enter(&self) -> io::Result<()> {
        enable_raw_mode()?;
        self.modes.set(RAW);
        let mut out = io::stdout();
        execute!(out, EnterAlternateScreen)?;
        self.modes.set(ALTERNATE);
        execute!(out, Hide)?;
        self.modes.set(CURSOR);
        execute!(out, EnableBracketedPaste)?;
        self.modes.set(PASTE);
        if self.mouse.load(Ordering::SeqCst) {
            execute!(out, EnableMouseCapture)?;
            self.modes.set(MOUSE);
        }
        Ok(())
    }

    /// Read the mouse from now on, or leave it to the terminal.
    pub fn read_mouse(&self, read: bool) -> io::Result<()> {
        self.mouse.store(read, Ordering::SeqCst);
        let mut out = io::stdout();
        if read {
            execute!(out, EnableMouseCapture)?;
            self.modes.set(MOUSE);
        } else {
            execute!(out, DisableMouseCapture)?;
            self.modes.0.fetch_and(!MOUSE, Ordering::SeqCst);
        }
        Ok(())
    }

    /// A panic anywhere gives the terminal back before it is reported, and ends the screen.
    fn watch_panics(&self) {
        let modes = Arc::clone(&self.modes);
        let torn = self.torn.clone();
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if modes.restore() {
                torn.cancel();
                eprintln!(
                    "linetape: the screen closed because of a mistake in linetape itself; what follows says where."
                );
            }
            previous(info);
        }));
    }

    /// Give the terminal back.
    pub fn restore(&self) {
        self.modes.restore();
    }

    /// Take the terminal again after the shell had it. Modes may have been changed meanwhile, so all are set anew.
    pub fn resume(&self) -> io::Result<()> {
        self.modes.restore();
        self.enter()
    }

    /// Cancelled when a panic took the terminal away.
    pub const fn torn(&self) -> &CancellationToken {
        &self.torn
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.modes.restore();
    }
}

/// Signals the screen answers.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
    resumed: Signal,
}

/// A signal that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// Leave, with the signal's number for the exit status.
    Leave(i32),
    /// The shell gave the terminal back.
    Resumed,
}

impl Signals {
    /// Listen.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            resumed: signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
        })
    }

    /// The next signal.
    pub async fn next(&mut self) -> Came {
        tokio::select! {
            _ = self.terminate.recv() => Came::Leave(SignalKind::terminate().as_raw_value()),
            _ = self.hang_up.recv() => Came::Leave(SignalKind::hangup().as_raw_value()),
            _ = self.interrupt.recv() => Came::Leave(SignalKind::interrupt().as_raw_value()),
            _ = self.resumed.recv() => Came::Resumed,
        }
    }

    /// Stop as Ctrl-Z would in a cooked terminal, until the shell says go on. The whole group stops, so that
    /// `cargo run` and wrappers do too; where no shell can resume it the kernel ignores the wish and we go on at once.
    pub async fn suspend(&mut self) -> io::Result<()> {
        rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)?;
        tokio::select! {
            _ = self.resumed.recv() => {}
            () = tokio::time::sleep(std::time::Duration::from_millis(150)) => {}
        }
        Ok(())
    }
}

/// Tells when the terminal is gone. A reader of keys sees only endless empty reads then, and would spin.
#[derive(Debug)]
pub struct HangUp(Option<AsyncFd<OwnedFd>>);

impl HangUp {
    /// Watch standard input; what cannot be watched (a file) never hangs up.
    pub fn watch() -> Self {
        let input = io::stdin().as_fd().try_clone_to_owned().ok();
        // Only "closed" is of interest; asking for readable as well would wake with every key.
        #[expect(
            deprecated,
            reason = "its replacement is unsafe; an owned descriptor stays open as long as it is watched"
        )]
        Self(input.and_then(|fd| AsyncFd::with_interest(fd, Interest::PRIORITY).ok()))
    }

    /// Ends when the other side of the terminal is closed.
    pub async fn gone(&self) {
        let Some(input) = &self.0 else {
            return pending().await;
        };
        loop {
            match input.ready(Interest::PRIORITY).await {
                Ok(ready) if ready.ready().is_read_closed() => return,
                Ok(mut ready) => ready.clear_ready(),
                Err(_) => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_what_was_set_is_undone() {
        let undone = |modes| {
            let mut out = Vec::new();
            undo(modes, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(undone(RAW), "", "raw mode is no sequence");
        let all = undone(RAW | ALTERNATE | CURSOR | PASTE | MOUSE);
        for sequence in ["?2026l", "?1049l", "?25h", "?2004l", "?1000l"] {
            assert!(all.contains(sequence), "{sequence}");
        }
        let plain = undone(RAW | ALTERNATE | CURSOR | PASTE);
        assert!(
            !plain.contains("?1000l"),
            "a mouse that was never read is left alone"
        );
    }

    #[test]
    fn restoring_twice_does_it_once() {
        let modes = Modes::default();
        assert!(!modes.restore());
        modes.set(CURSOR);
        assert!(modes.restore());
        assert!(!modes.restore());
    }
}
