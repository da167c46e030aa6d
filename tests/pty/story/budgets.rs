//! Silence: with nothing to show not a byte is written and no timer runs, and a key is answered at once.

use std::time::{Duration, Instant};

use crate::cockpit::PATIENCE;
use crate::launch::Launch;

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
    let until = Instant::now() + PATIENCE;
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
