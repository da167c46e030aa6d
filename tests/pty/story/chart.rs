//! One line read to the bottom: the chart alone, its books, its axes and ranges, the cursor, and the bytes a change came
//! in.

use crate::frame::Frame;
use crate::launch::Launch;

/// What the chart alone on the screen is of.
fn title(frame: &Frame) -> String {
    frame.row("╭ ")
}

#[test]
fn a_line_down_to_its_bytes() {
    let mut cockpit = Launch::demo("chart").speed(120).start();
    cockpit.wait_for_board();
    // A few minutes of the market, so that there is something to read.
    cockpit.wait("signals of what moved", |frame| {
        frame.has(" STEAM ").then_some(())
    });
    cockpit.keys("m\r");
    cockpit.wait("the chart alone", |frame| {
        (frame.is_zoomed() && title(frame).contains("· spread")).then_some(())
    });
    // Another range, another book in front, another axis: each says what it is.
    let before = title(&cockpit.frame());
    cockpit.keys("+");
    cockpit.wait("a shorter range", |frame| {
        (title(frame) != before).then_some(())
    });
    cockpit.keys("]");
    cockpit.keys("y");
    cockpit.wait("another axis", |frame| {
        title(frame).contains("by fair %").then_some(())
    });
    cockpit.keys("--");

    // The cursor stands on changes, and every book says what it had then.
    // What is stored can be read down to its bytes; while more comes in, something always waits.
    cockpit.keys("p");
    cockpit.wait_for("PAUSED");
    cockpit.wait_for("spool 0");
    cockpit.keys("h");
    cockpit.wait("a moment that is not now", |frame| {
        let at = frame.rows().into_iter().find(|row| row.contains("│at "))?;
        (!at.contains("now")).then_some(())
    });
    let read = cockpit.wait_for("Δ fair");
    let books = read
        .rows()
        .into_iter()
        .filter(|row| row.contains(" ● ") || row.contains("│● "));
    assert!(books.count() > 3, "{}", read.text());
    cockpit.keys("\r");
    let bytes = cockpit.wait_for("╭ Payload");
    assert!(bytes.has("quote "), "{}", bytes.text());
    assert!(bytes.has("\""), "{}", bytes.text());
    cockpit.keys("\x1b");
    cockpit.wait_without("╭ Payload");
    assert_eq!(cockpit.quit().code, 0);
}
