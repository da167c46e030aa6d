//! The loop: waits for what happens, passes it to `update`, carries out effects, draws when something changed.

use std::io::{self, Stdout, Write};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use crossterm::event::{Event as Input, EventStream};
use futures_util::{FutureExt, StreamExt};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::background::{Answer, Heard, QUESTION};
use super::effect::Effect;
use super::export::Export;
use super::frame::{Pace, Screen};
use super::keymap::Keymap;
use super::memory::Memory;
use super::msg::{Msg, Wishes};
use super::session::{Came, HangUp, Session, Signals};
use super::terminal::Terminal;
use super::theme::Theme;
use super::ui::Ui;
use super::update::update;
use super::{Exit, TuiError, TuiInput, Wished};
use crate::engine::alert::Watchman;
use crate::engine::event::Severity;
use crate::engine::snapshot::Snapshot;

/// Keys taken at a time before other things get their turn.
const KEYS_AT_ONCE: usize = 256;

/// Between two moves of the ages shown.
const TICK: Duration = Duration::from_secs(1);

/// Open the screen and stay until somebody leaves.
pub(super) async fn run(input: TuiInput) -> Result<Exit, TuiError> {
    let keymap = Keymap::new(&input.settings.keys)?;
    let terminal = Terminal::from_environment();
    let choice = terminal.theme(input.settings.theme, input.colour);
    let size = crossterm::terminal::size().map_err(TuiError::Terminal)?;
    let snapshot = Arc::clone(&input.snapshots.borrow());
    let mut ui = Ui::new(
        size,
        snapshot,
        input.zone,
        Theme::named(choice.theme),
        keymap,
        terminal.glyphs(),
    );
    ui.theme_follows_terminal = choice.follows_terminal;
    ui.clock = input.clock.now();
    ui.theme_name = choice.theme;
    ui.mouse = input.settings.mouse;
    ui.own_theme.clone_from(&input.own_theme);
    if let Err(why) = ui.wear(choice.theme) {
        ui.toast(
            Severity::Warning,
            format!("The theme file is not used: {why}"),
        );
    }
    ui.watchman = Watchman::new(&input.alerts).map_err(TuiError::Alerts)?;
    if input.restore {
        Memory::read(&input.memory).apply(&mut ui);
    }
    if let Some((from, speed)) = input.replay {
        ui.travel_to(from);
        ui.travelling(|travel, known| {
            travel.speed = speed;
            travel.toggle(known, Duration::ZERO);
        });
    }
    let (tell, told) = mpsc::channel(8);

    let mut signals = Signals::listen().map_err(TuiError::Terminal)?;
    let session = Session::open(input.settings.mouse).map_err(TuiError::Terminal)?;
    let mut app = App {
        pace: Pace::new(input.settings.max_fps),
        screen: Screen::new(io::stdout()),
        opened: Instant::now(),
        ticked: Duration::ZERO,
        answer: Answer::default(),
        told,
        tell,
        ui,
        input,
    };
    let outcome = app.live(&session, &mut signals).await;
    session.restore();
    let file = &app.input.memory;
    if let Err(error) = Memory::of(&app.ui).write(file) {
        tracing::warn!(file = %file.display(), %error, "the layout of the screen cannot be remembered");
    }
    match outcome {
        // The terminal went away: there is nobody left to show an error to.
        Err(error) if is_gone(&error) => Ok(Exit::HungUp),
        Err(error) => Err(TuiError::Terminal(error)),
        Ok(exit) => Ok(exit),
    }
}

/// Whether an error means that nobody is at the other end.
fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof
    ) || error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error())
}

struct App {
    input: TuiInput,
    ui: Ui,
    screen: Screen<Stdout>,
    pace: Pace,
    opened: Instant,
    ticked: Duration,
    answer: Answer,
    told: mpsc::Receiver<Msg>,
    tell: mpsc::Sender<Msg>,
}

/// What ended the wait.
enum Woke {
    Signal(Came),
    Shutdown,
    Torn,
    HungUp,
    Key(Option<io::Result<Input>>),
    Snapshot(Option<Arc<Snapshot>>),
    Event(Result<crate::engine::event::Event, RecvError>),
    Told(Box<Msg>),
    Deadline,
}

impl App {
    async fn live(&mut self, session: &Session, signals: &mut Signals) -> io::Result<Exit> {
        // First paint before anything is asked of anyone.
        self.paint()?;
        if self.ui.theme_follows_terminal {
            self.answer = Answer::asked(self.opened.elapsed());
            self.screen.out().write_all(QUESTION.as_bytes())?;
            self.screen.out().flush()?;
        }
        let hang_up = HangUp::watch();
        let mut keys = EventStream::new();
        let mut events_open = true;
        loop {
            let deadline = self.deadline();
            let woke = tokio::select! {
                biased;
                came = signals.next() => Woke::Signal(came),
                () = session.torn().cancelled() => Woke::Torn,
                () = self.input.shutdown.cancelled() => Woke::Shutdown,
                () = hang_up.gone() => Woke::HungUp,
                key = keys.next() => Woke::Key(key),
                changed = self.input.snapshots.changed() => Woke::Snapshot(match changed {
                    Ok(()) => Some(Arc::clone(&self.input.snapshots.borrow_and_update())),
                    Err(_) => None,
                }),
                event = self.input.events.recv(), if events_open => Woke::Event(event),
                Some(msg) = self.told.recv() => Woke::Told(Box::new(msg)),
                changed = wishes_changed(&mut self.input.wishes) => Woke::Told(Box::new(Msg::Settings(changed))),
                () = wait(deadline) => Woke::Deadline,
            };
            let mut effects = self.time();
            match woke {
                Woke::Signal(Came::Leave(signal)) => return Ok(Exit::Signal(signal)),
                Woke::Signal(Came::Resumed) => {
                    session.resume()?;
                    self.repaint()?;
                }
                Woke::Torn => return Ok(Exit::Panicked),
                Woke::Shutdown | Woke::Snapshot(None) => return Ok(Exit::Shutdown),
                Woke::HungUp | Woke::Key(None) => return Ok(Exit::HungUp),
                Woke::Key(Some(first)) => {
                    effects.extend(self.key(first?));
                    for _ in 1..KEYS_AT_ONCE {
                        match keys.next().now_or_never() {
                            Some(Some(more)) => effects.extend(self.key(more?)),
                            Some(None) => return Ok(Exit::HungUp),
                            None => break,
                        }
                    }
                }
                Woke::Snapshot(Some(snapshot)) => {
                    effects.extend(update(&mut self.ui, Msg::Snapshot(snapshot)));
                }
                Woke::Event(Ok(event)) => effects.extend(update(&mut self.ui, Msg::Engine(event))),
                Woke::Event(Err(RecvError::Lagged(count))) => {
                    effects.extend(update(&mut self.ui, Msg::Missed(count)));
                }
                Woke::Told(msg) => effects.extend(update(&mut self.ui, *msg)),
                Woke::Event(Err(RecvError::Closed)) => events_open = false,
                Woke::Deadline => {}
            }
            for effect in effects {
                match effect {
                    Effect::Quit => return Ok(Exit::Quit),
                    Effect::Redraw => self.repaint()?,
                    Effect::Bell => self.write(b"\x07")?,
                    Effect::Desktop(text) => self.write(format!("\x1b]9;{text}\x07").as_bytes())?,
                    Effect::Copy(text) => {
                        let encoded = BASE64.encode(text);
                        self.write(format!("\x1b]52;c;{encoded}\x07").as_bytes())?;
                    }
                    Effect::Save(export) => self.save(export),
                    Effect::Mouse(read) => session.read_mouse(read)?,
                    Effect::Suspend => {
                        session.restore();
                        signals.suspend().await?;
                        session.resume()?;
                        self.repaint()?;
                    }
                    Effect::Ask(asked) => {
                        let generation = asked.generation;
                        if let Err(TrySendError::Full(_) | TrySendError::Closed(_)) =
                            self.input.commands.try_send(asked)
                        {
                            update(&mut self.ui, Msg::Refused(generation));
                        }
                    }
                }
            }
            if self.ui.dirty && self.opened.elapsed() >= self.pace.due() {
                self.paint()?;
            }
        }
    }

    /// Real time went on; once a second the ages shown do.
    fn time(&mut self) -> Vec<Effect> {
        let elapsed = self.opened.elapsed();
        let due = elapsed >= self.next_tick();
        if due {
            self.ticked = elapsed;
        }
        let now = due.then(|| self.input.clock.now());
        update(&mut self.ui, Msg::Time { elapsed, now })
    }

    fn next_tick(&self) -> Duration {
        self.ticked + TICK
    }

    /// When to wake without being told: for a frame held back, a toast's end, or the ages. None while frozen and still.
    fn deadline(&self) -> Option<Instant> {
        let frame = self.ui.dirty.then(|| self.pace.due());
        let toast = self.ui.toasts.iter().map(|toast| toast.until).min();
        let tick = self.ui.frozen.is_none().then(|| self.next_tick());
        // Once it was shown, nothing is left to wait for.
        let elapsed = self.opened.elapsed();
        let follow = self.ui.typed.as_ref().map(super::ui::Typed::shown_at);
        let follow = follow.filter(|at| *at > elapsed);
        let flash = self.ui.flashes.values().min().copied();
        let play = self.ui.travel.as_ref().and_then(super::travel::Travel::due);
        [frame, toast, flash, follow, tick, play]
            .into_iter()
            .flatten()
            .min()
            .map(|at| self.opened + at)
    }

    fn key(&mut self, input: Input) -> Vec<Effect> {
        let msg = match input {
            Input::Key(key) => match self.answer.hear(key, self.opened.elapsed()) {
                Heard::Key(key) => Msg::Key(key),
                Heard::Background { light } => Msg::Background { light },
                Heard::Part => return Vec::new(),
            },
            Input::Paste(text) => Msg::Paste(text),
            Input::Mouse(event) => Msg::Mouse(event),
            Input::Resize(width, height) => Msg::Resize { width, height },
            Input::FocusGained | Input::FocusLost => return Vec::new(),
        };
        update(&mut self.ui, msg)
    }

    /// Bytes that are no frame.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.screen.out().write_all(bytes)?;
        self.screen.out().flush()
    }

    /// Write a file aside, and hear of it.
    fn save(&self, export: Export) {
        let (folder, tell) = (self.input.exports.clone(), self.tell.clone());
        tokio::task::spawn_blocking(move || {
            let file = folder.join(&export.name);
            let written = std::fs::create_dir_all(&folder).and_then(|()| {
                // On a full disk no half of it is left behind.
                std::fs::write(&file, export.content.as_bytes()).inspect_err(|_| {
                    let _ = std::fs::remove_file(&file);
                })
            });
            let place = folder.display();
            let saved = written
                .map(|()| format!("{} in {place}", export.name))
                .map_err(|error| {
                    format!(
                        "{place} cannot be written to ({error}); make room there, or set paths.data_dir"
                    )
                });
            // The screen may be gone by now.
            let _ = tell.blocking_send(Msg::Saved(saved));
        });
    }

    fn repaint(&mut self) -> io::Result<()> {
        if let Ok(size) = crossterm::terminal::size() {
            self.ui.size = size;
        }
        self.screen.forget();
        self.paint()
    }

    fn paint(&mut self) -> io::Result<()> {
        self.ui.dirty = false;
        self.pace.drawn(self.opened.elapsed());
        self.screen.draw(&self.ui).map(drop)
    }
}

async fn wait(deadline: Option<Instant>) {
    match deadline {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// The settings were written anew; never, where nobody watches them.
async fn wishes_changed(
    wishes: &mut Option<watch::Receiver<Wished>>,
) -> Result<Box<Wishes>, String> {
    if let Some(watched) = wishes {
        if watched.changed().await.is_ok() {
            return watched.borrow_and_update().clone().map(Box::new);
        }
        *wishes = None;
    }
    std::future::pending().await
}
