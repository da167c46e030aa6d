//! One line read to the bottom: the chart alone, its books, its axes and ranges, the cursor, and the bytes a change came
//! in. Then the same screen in other clothes, while it runs.

use super::cockpit::Cockpit;
use super::launch::Launch;
use crate::frame::Frame;

/// What the chart alone on the screen is of.
fn title(frame: &Frame) -> String {
    frame.row("╭ ")
}

fn settings(cockpit: &Cockpit) -> std::path::PathBuf {
    cockpit.home().join(".config/linetape/config.toml")
}

#[test]
fn a_line_down_to_its_bytes_and_other_clothes() {
    let mut cockpit = Launch::demo("reading").speed(120).start();
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

    // The settings are written anew while it runs: what is wrong is said and changes nothing, what is right is worn.
    let file = settings(&cockpit);
    let text = std::fs::read_to_string(&file).unwrap();
    let dark = cockpit.frame();
    std::fs::write(&file, format!("{text}\n[screen]\ntheme = \"drak\"\n")).unwrap();
    cockpit.wait_for("did you mean");
    let colours = |frame: &Frame| frame.cell(0, 1).fgcolor();
    assert_eq!(colours(&cockpit.frame()), colours(&dark));
    std::fs::write(&file, format!("{text}\n[screen]\ntheme = \"light\"\n")).unwrap();
    cockpit.wait("the light theme", |frame| {
        (colours(frame) != colours(&dark)).then_some(())
    });
    assert_eq!(cockpit.quit().code, 0);
}
