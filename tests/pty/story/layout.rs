//! A screen of its own for each size.

use crate::frame::Frame;
use crate::launch::Launch;

#[test]
fn every_size_gets_a_screen_of_its_own() {
    let mut cockpit = Launch::demo("sizes").start();
    let wide = cockpit.wait_for_board();
    assert!(wide.has("╭ Sources"), "{}", wide.text());
    // A wall of panels where there is room for one, each with a frame of its own.
    cockpit.resize(220, 60);
    let wall = cockpit.wait_for("╭ Opportunities");
    assert_fills(&wall, 220, 60);
    assert!(wall.text().matches('╭').count() >= 9, "{}", wall.text());

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
    cockpit.keys("z");
    cockpit.wait("the sources alone", |frame| {
        (frame.is_zoomed() && frame.has("╭ Sources")).then_some(())
    });
    assert_eq!(cockpit.quit().code, 0);
}

/// Header, panels up to the last column, hints in the last row.
fn assert_fills(frame: &Frame, width: usize, height: usize) {
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
