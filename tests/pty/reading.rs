//! One line read to the bottom: the chart alone, its books, its axes and ranges, the cursor, and the bytes a change came
//! in. Then the same screen in other clothes, while it runs.

use super::cockpit::Cockpit;
use super::launch::Launch;
use crate::frame::Frame;

/// The rows of the frame that hold the chart's title and what stands under it.
fn title(frame: &Frame) -> String {
    frame.row("╭ Chart")
}

fn settings(cockpit: &Cockpit) -> std::path::PathBuf {
    cockpit.home().join(".config/linetape/config.toml")
}

#[test]
fn a_line_down_to_its_bytes_and_other_clothes() {
    let mut cockpit = Launch::demo("reading").speed(120).start();
    cockpit.wait_for_board();
    cockpit.keys("m\r");
    cockpit.keys("z");
    let spread = cockpit.wait("the chart alone", |frame| {
        (frame.is_zoomed() && frame.has("╭ Chart")).then(|| frame.clone())
    });
    assert!(title(&spread).contains("spread"), "{}", spread.text());

    // Another range, another book in front, another axis: each says what it is.
    let before = title(&spread);
    cockpit.keys("+");
    cockpit.wait("a shorter range", |frame| {
        (title(frame) != before).then_some(())
    });
    cockpit.keys("]");
    cockpit.keys("y");
    cockpit.wait("another axis", |frame| {
        title(frame).contains("price").then_some(())
    });
    cockpit.keys("--");

    // The cursor stands on changes, and every book says what it had then.
    cockpit.keys("\x1b[D\x1b[D");
    let read = cockpit.wait_for("Δ prob");
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
