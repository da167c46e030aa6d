//! A driver: starts the program in a pseudo-terminal, types, waits for what is to be seen, and ends it.

use std::io::{Read as _, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{
    Child, CommandBuilder, MasterPty, PtyPair, PtySize, SlavePty, native_pty_system,
};
use rustix::process::{Pid, Signal, kill_process};

use super::frame::{Frame, side, terminal};

/// Longest wait for anything; far longer than it should take, so that only what never comes fails.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// Ends every frame.
const FRAME_END: &[u8] = b"\x1b[?2026l";

fn pty_size((cols, rows): (u16, u16)) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn termios(master: &dyn MasterPty) -> String {
    format!(
        "{:?}",
        master
            .get_termios()
            .expect("a pseudo-terminal has settings")
    )
}

/// What the program has written so far.
struct Seen {
    parser: vt100::Parser,
    bytes: Vec<u8>,
    parsed: usize,
    frames: usize,
    first: Option<Frame>,
    last: Option<Frame>,
    closed: bool,
}

impl Seen {
    fn new(size: (u16, u16)) -> Self {
        Self {
            parser: terminal(size),
            bytes: Vec::new(),
            parsed: 0,
            frames: 0,
            first: None,
            last: None,
            closed: false,
        }
    }

    /// Take bytes; a frame counts once it is whole.
    fn take(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        while let Some(end) = find(&self.bytes[self.parsed..], FRAME_END) {
            let end = self.parsed + end + FRAME_END.len();
            self.parser.process(&self.bytes[self.parsed..end]);
            self.parsed = end;
            self.frames += 1;
            let frame = Frame::new(self.parser.screen().clone());
            self.first.get_or_insert_with(|| frame.clone());
            self.last = Some(frame);
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

/// A running cockpit.
pub struct Cockpit {
    master: Option<Box<dyn MasterPty + Send>>,
    /// Kept open, so that the terminal's settings can be read after the program ended.
    _slave: Box<dyn SlavePty + Send>,
    child: Box<dyn Child + Send + Sync>,
    writer: Option<Box<dyn Write + Send>>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    before: String,
    home: tempfile::TempDir,
}

/// How it ended.
pub struct Ended {
    /// Exit code; 128 and more for a signal nobody caught.
    pub code: u32,
    /// The terminal's settings before and after.
    pub termios: (String, String),
    /// Everything written.
    pub bytes: Vec<u8>,
}

impl Cockpit {
    /// Start a program in a terminal of its own.
    pub fn open(command: CommandBuilder, size: (u16, u16), home: tempfile::TempDir) -> Self {
        let PtyPair { master, slave } = native_pty_system().openpty(pty_size(size)).unwrap();
        let before = termios(&*master);
        let child = slave.spawn_command(command).unwrap();
        let seen = Arc::new((Mutex::new(Seen::new(size)), Condvar::new()));
        let mut reader = master.try_clone_reader().unwrap();
        let writer = master.take_writer().unwrap();
        let reading = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut buffer = [0; 16_384];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                // A test that failed holds nobody up.
                let Ok(mut seen) = reading.0.lock() else {
                    break;
                };
                if seen.closed {
                    break;
                }
                seen.take(&buffer[..count]);
                reading.1.notify_all();
            }
        });
        Self {
            master: Some(master),
            _slave: slave,
            child,
            writer: Some(writer),
            seen,
            before,
            home,
        }
    }

    /// Its home directory.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Type.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        let writer = self.writer.as_mut().expect("the terminal is open");
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
        self
    }

    /// Wait until the last whole frame shows something; what, when it never does.
    pub fn wait<T>(&mut self, what: &str, look: impl Fn(&Frame) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        let (seen, changed) = &*self.seen;
        let mut guard = seen.lock().unwrap();
        loop {
            if let Some(found) = guard.last.as_ref().and_then(&look) {
                return found;
            }
            let left = until.saturating_duration_since(Instant::now());
            let ended = self.child.try_wait().unwrap();
            if left.is_zero() || ended.is_some() {
                let screen = guard.last.as_ref().map_or_else(
                    || String::from_utf8_lossy(&guard.bytes).into_owned(),
                    Frame::text,
                );
                let ended = ended.map_or("still runs".to_owned(), |status| status.to_string());
                let tail = String::from_utf8_lossy(&guard.bytes[guard.parsed..]).into_owned();
                panic!("waited for {what}; the program: {ended}; the screen:\n{screen}\n{tail}");
            }
            let pause = left.min(Duration::from_millis(250));
            guard = changed.wait_timeout(guard, pause).unwrap().0;
        }
    }

    /// Wait for words.
    pub fn wait_for(&mut self, words: &str) -> Frame {
        self.wait(words, |frame| frame.has(words).then(|| frame.clone()))
    }

    /// Wait until words are gone.
    pub fn wait_without(&mut self, words: &str) -> Frame {
        let what = format!("no {words:?}");
        self.wait(&what, |frame| (!frame.has(words)).then(|| frame.clone()))
    }

    /// Wait until the board has games with prices.
    pub fn wait_for_board(&mut self) -> Frame {
        self.wait("a board with prices", |frame| {
            let rows = frame.rows();
            let priced = rows
                .iter()
                .any(|row| row.contains(" @ ") && row.contains(['−', '+']));
            (priced && frame.has("pg ✓")).then(|| frame.clone())
        })
    }

    /// The last whole frame.
    pub fn frame(&self) -> Frame {
        let seen = self.seen.0.lock().unwrap();
        seen.last.clone().expect("a frame was painted")
    }

    /// The first whole frame.
    pub fn first_frame(&self) -> Frame {
        let seen = self.seen.0.lock().unwrap();
        seen.first.clone().expect("a frame was painted")
    }

    /// Bytes written so far.
    pub fn written(&self) -> usize {
        self.seen.0.lock().unwrap().bytes.len()
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.process_id().expect("it runs")
    }

    /// Let go of what was written and looked at already.
    pub fn forget(&self) {
        let mut seen = self.seen.0.lock().unwrap();
        let looked_at = seen.parsed;
        seen.bytes.drain(..looked_at);
        seen.parsed = 0;
    }

    /// What was written after `since`.
    pub fn bytes_since(&self, since: usize) -> Vec<u8> {
        self.seen.0.lock().unwrap().bytes[since..].to_vec()
    }

    /// Wait until a sequence was written that shows nowhere.
    pub fn wait_for_bytes(&mut self, wanted: &str) {
        self.wait_for_bytes_since(0, wanted);
    }

    /// Wait until a sequence was written after the first `since` bytes.
    pub fn wait_for_bytes_since(&mut self, since: usize, wanted: &str) {
        let until = Instant::now() + PATIENCE;
        while find(&self.bytes_since(since), wanted.as_bytes()).is_none() {
            assert!(Instant::now() < until, "{wanted:?} was never written");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Give the terminal another size.
    pub fn resize(&mut self, width: u16, height: u16) -> &mut Self {
        {
            let mut seen = self.seen.0.lock().unwrap();
            seen.parser.screen_mut().set_size(side(height), side(width));
            // What was shown before is not what is waited for.
            seen.last = None;
        }
        let master = self.master.as_ref().expect("the terminal is open");
        master.resize(pty_size((width, height))).unwrap();
        self
    }

    pub fn signal(&mut self, signal: Signal) -> &mut Self {
        let id = Pid::from_raw(i32::try_from(self.id()).unwrap()).unwrap();
        kill_process(id, signal).unwrap();
        self
    }

    /// Close the terminal, as a closed window does. The reader holds it too and lets go at the next byte.
    pub fn close_terminal(&mut self) -> &mut Self {
        self.seen.0.lock().unwrap().closed = true;
        self.writer = None;
        self.master = None;
        self
    }

    /// Wait for its end.
    pub fn ended(&mut self) -> Ended {
        let code = self.exit_code();
        let master = self.master.as_ref().expect("the terminal is open");
        let after = termios(&**master);
        // The reader may be a moment behind the program.
        let (seen, changed) = &*self.seen;
        let mut guard = seen.lock().unwrap();
        loop {
            let (next, waited) = changed
                .wait_timeout(guard, Duration::from_millis(200))
                .unwrap();
            guard = next;
            if waited.timed_out() {
                break;
            }
        }
        Ended {
            code,
            termios: (self.before.clone(), after),
            bytes: guard.bytes.clone(),
        }
    }

    /// Wait for its exit code.
    pub fn exit_code(&mut self) -> u32 {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(Instant::now() < until, "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Press q and wait for the end.
    pub fn quit(&mut self) -> Ended {
        self.keys("q");
        self.ended()
    }
}

impl Drop for Cockpit {
    /// A test that failed leaves no program behind: it is asked to end, then made to.
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.signal(Signal::TERM);
            let until = Instant::now() + Duration::from_secs(8);
            while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(50));
            }
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
