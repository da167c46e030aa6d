//! The terminal comes back as it was, whatever ends the screen.

use std::collections::BTreeSet;

use rustix::process::Signal;

use super::cockpit::Ended;
use super::frame::terminal;
use super::launch::Launch;
use super::modes::left_on;

/// Settings as before, and no mode left on but the cursor.
fn assert_restored(ended: &Ended) {
    assert_eq!(ended.termios.0, ended.termios.1, "the terminal's settings");
    let text = String::from_utf8_lossy(&ended.bytes);
    assert_eq!(
        left_on(&ended.bytes),
        BTreeSet::from([25]),
        "{:?}",
        tail(&text)
    );
    let mut terminal = terminal((160, 45));
    terminal.process(&ended.bytes);
    assert!(!terminal.screen().alternate_screen(), "{:?}", tail(&text));
    assert_eq!(terminal.screen().fgcolor(), vt100::Color::Default);
    assert_eq!(terminal.screen().bgcolor(), vt100::Color::Default);
    assert!(!terminal.screen().bold() && !terminal.screen().inverse());
}

/// It did take the terminal: otherwise giving it back proves nothing.
fn assert_taken(ended: &Ended) {
    let text = String::from_utf8_lossy(&ended.bytes);
    for sequence in ["\x1b[?1049h", "\x1b[?25l", "\x1b[?2004h"] {
        assert!(text.contains(sequence), "{sequence:?}");
    }
}

fn tail(text: &str) -> String {
    let from = text.len().saturating_sub(400);
    text.chars().skip(from).collect()
}

#[test]
fn after_quitting() {
    let mut cockpit = Launch::demo("quit")
        .setting("[screen]\nmouse = true")
        .start();
    cockpit.wait_for_board();
    let ended = cockpit.quit();
    assert_eq!(ended.code, 0);
    assert_taken(&ended);
    assert!(
        String::from_utf8_lossy(&ended.bytes).contains("\x1b[?1000h"),
        "the mouse was read"
    );
    assert_restored(&ended);
}

#[test]
fn after_ctrl_c_even_while_starting() {
    let mut cockpit = Launch::demo("ctrl_c").start();
    cockpit.wait_for("Board");
    cockpit.keys("\x03");
    let ended = cockpit.ended();
    assert_eq!(ended.code, 0, "the key is a wish to leave, no signal");
    assert_taken(&ended);
    assert_restored(&ended);
}

#[test]
fn after_each_signal() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 143)] {
        let mut cockpit = Launch::demo("signal").start();
        cockpit.wait_for("╭ Board");
        cockpit.signal(signal);
        let ended = cockpit.ended();
        assert_eq!(ended.code, code, "{signal:?}");
        assert_taken(&ended);
        assert_restored(&ended);
    }
}

#[test]
fn the_shell_has_the_terminal_between_ctrl_z_and_fg() {
    let mut cockpit = Launch::demo("ctrl_z").start_from_shell();
    cockpit.wait_for_board();
    let shown = cockpit.written();
    cockpit.keys("\x1a");
    cockpit.wait_for_bytes_since(shown, "Stopped");
    let left = left_on(&cockpit.bytes_since(0));
    assert!(left.contains(&25), "the cursor is back: {left:?}");
    assert!(!left.contains(&1049), "the shell's own screen: {left:?}");
    let stopped = cockpit.written();
    cockpit.keys("fg\n");
    cockpit.wait_for_bytes_since(stopped, "\x1b[?1049h");
    cockpit.wait_for_bytes_since(stopped, "Board");
    cockpit.keys("p");
    cockpit.wait_for("PAUSED");
    let paused = cockpit.written();
    cockpit.keys("q");
    cockpit.wait_for_bytes_since(paused, "\x1b[?1049l");
    cockpit.keys("exit\n");
    let ended = cockpit.ended();
    assert_eq!(ended.code, 0);
    let left = left_on(&ended.bytes);
    assert!(left.contains(&25) && !left.contains(&1049), "{left:?}");
}

#[test]
fn a_closed_terminal_ends_it_in_order() {
    let mut cockpit = Launch::demo("closed").start();
    cockpit.wait_for_board();
    cockpit.close_terminal();
    assert_eq!(cockpit.exit_code(), 143);
}

#[test]
fn after_a_panic_and_the_report_is_readable() {
    let mut cockpit = Launch::demo("panic")
        .env("LINETAPE_TEST_PANIC", "1")
        .start();
    cockpit.wait_for("╭ Board");
    let ended = cockpit.ended();
    assert_eq!(ended.code, 1);
    assert_taken(&ended);
    assert_restored(&ended);
    let mut terminal = terminal((160, 45));
    terminal.process(&ended.bytes);
    let shown = terminal.screen().contents();
    assert!(shown.contains("a mistake in linetape itself"), "{shown}");
    assert!(
        shown.contains("LINETAPE_TEST_PANIC"),
        "the panic's own words: {shown}"
    );
    assert!(shown.contains("crash-"), "where the report is: {shown}");
    let crashes = cockpit.home().join(".local/state/linetape/crashes");
    assert_eq!(std::fs::read_dir(crashes).unwrap().count(), 1);
}

#[test]
fn settings_that_are_wrong_never_take_the_terminal() {
    let mut cockpit = Launch::demo("bad_keys")
        .setting("[screen.keys]\nrefresh = \"ctrl-nonsense\"")
        .start();
    let ended = cockpit.ended();
    assert_eq!(ended.code, 78);
    assert_restored(&ended);
    let text = String::from_utf8_lossy(&ended.bytes);
    assert!(!text.contains("\x1b[?1049h"), "{text}");
    assert!(text.contains("ctrl-nonsense"), "{text}");
}
