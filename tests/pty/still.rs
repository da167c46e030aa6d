//! Other sizes, and silence.

use std::time::{Duration, Instant};

use super::launch::Launch;

#[test]
fn every_size_gets_a_screen_of_its_own() {
    let mut cockpit = Launch::demo("sizes").start();
    let wide = cockpit.wait_for_board();
    assert!(wide.has("╭ Sources"), "{}", wide.text());

    cockpit.resize(80, 24);
    let small = cockpit.wait_for("2 Chart");
    assert_fills(&small, 80, 24);
    assert!(small.has("best") || small.has("open"), "{}", small.text());

    cockpit.resize(50, 12);
    let tiny = cockpit.wait_for("60×16");
    assert!(
        !tiny.has("╭"),
        "no panels, only a sentence:\n{}",
        tiny.text()
    );
    assert_eq!(tiny.rows().len(), 12);

    cockpit.resize(120, 40);
    let middle = cockpit.wait_for("╭ Persistence");
    assert_fills(&middle, 120, 40);
    assert!(middle.has(" @ "), "{}", middle.text());
    cockpit.keys("7");
    cockpit.wait_for("╭ Sources");
    assert_eq!(cockpit.quit().code, 0);
}

/// Header, panels up to the last column, hints in the last row.
fn assert_fills(frame: &super::frame::Frame, width: usize, height: usize) {
    let rows = frame.rows();
    assert_eq!(rows.len(), height);
    assert!(rows[0].starts_with(" linetape"), "{}", frame.text());
    assert!(rows[height - 1].contains("q quit"), "{}", frame.text());
    // The second row says what moved, how fresh the data is, and what is broken.
    assert!(rows[1].contains("data "), "{}", frame.text());
    assert_eq!(frame.cell(2, width - 1).contents(), "╮", "{}", frame.text());
    assert_eq!(
        frame.cell(height - 2, width - 1).contents(),
        "╯",
        "{}",
        frame.text()
    );
}

#[test]
fn paused_and_frozen_it_writes_nothing_and_still_answers() {
    let mut cockpit = Launch::demo("still").start();
    cockpit.wait_for_board();
    cockpit.keys("p");
    cockpit.wait_for("PAUSED");
    cockpit.keys("f");
    cockpit.wait_for("Frozen at");
    // The toasts of the last keys go by themselves; then there is nothing left to draw.
    let quiet = Duration::from_secs(3);
    let until = Instant::now() + super::cockpit::PATIENCE;
    loop {
        let before = cockpit.written();
        std::thread::sleep(quiet);
        let bytes = cockpit.bytes_since(before);
        if bytes.is_empty() {
            break;
        }
        assert!(
            Instant::now() < until,
            "still writing: {:?}",
            String::from_utf8_lossy(&bytes)
        );
    }
    // And nothing comes later either, though the collection has its say in the background.
    let before = cockpit.written();
    std::thread::sleep(quiet);
    assert_eq!(cockpit.bytes_since(before), b"");

    // With no timer running, only the key itself can wake the screen.
    let pressed = Instant::now();
    cockpit.keys("?");
    cockpit.wait_for("Help");
    assert!(
        pressed.elapsed() < Duration::from_secs(2),
        "{:?}",
        pressed.elapsed()
    );
    cockpit.keys("\x1b");
    cockpit.wait_without("Help");
    cockpit.keys("f");
    cockpit.wait_without("Frozen at");
    assert_eq!(cockpit.quit().code, 0);
}
