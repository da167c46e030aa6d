//! Other clothes while it runs: the terminal's own background, the settings written anew, and no drawing at all.

use vt100::Color;

use crate::frame::Frame;
use crate::launch::Launch;

fn header(frame: &Frame) -> Color {
    frame.cell(0, 2).bgcolor()
}

#[test]
fn a_light_terminal_other_clothes_and_none() {
    let mut cockpit = Launch::demo("themes").start();
    cockpit.wait_for("Board");
    let dark = header(&cockpit.frame());
    // A light terminal gets the light theme, and its answer is no typing.
    cockpit.wait_for_bytes("\x1b]11;?");
    cockpit.keys("\x1b]11;rgb:ffff/ffff/ffff\x1b\\");
    let light = cockpit.wait("another header", |frame| {
        let colour = header(frame);
        (colour != dark).then_some(colour)
    });
    assert_ne!(light, Color::Default);
    let frame = cockpit.frame();
    assert!(
        !frame.has("Help") && !frame.has("Frozen"),
        "{}",
        frame.text()
    );

    // The settings are written anew while it runs: what is wrong is said and changes nothing, what is right is worn.
    let file = cockpit.home().join(".config/linetape/config.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let wish = |theme: &str| {
        std::fs::write(&file, format!("{text}\n[screen]\ntheme = \"{theme}\"\n")).unwrap();
    };
    wish("drak");
    cockpit.wait_for("did you mean");
    assert_eq!(header(&cockpit.frame()), light);
    wish("dark");
    cockpit.wait("the dark theme", |frame| {
        (header(frame) == dark).then_some(())
    });
    wish("contrast");
    cockpit.wait("the theme of high contrast", |frame| {
        let colour = header(frame);
        (colour != dark && colour != light).then_some(())
    });
    // Moves are stored for whoever reads lines instead of a screen.
    cockpit.wait_for_board();
    cockpit.wait("moves on the tape", |frame| frame.has(" → ").then_some(()));
    assert_eq!(cockpit.quit().code, 0);

    // Without drawing: words, a line each.
    let plain = Launch::resumed_demo("themes")
        .arg("--plain")
        .arg("--for")
        .arg("12s")
        .print();
    assert!(
        plain
            .lines()
            .any(|line| line.contains(" move ") && line.contains(" to ")),
        "{plain}"
    );
    assert!(plain.contains("database up"), "{plain}");
    assert!(
        !plain.contains('\u{1b}') && !plain.contains(" → "),
        "{plain}"
    );
}
