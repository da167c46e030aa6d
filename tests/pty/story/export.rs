//! What is shown, taken away: rows, the chart, the screen; to a file or to the terminal's clipboard.

use std::path::PathBuf;

use crate::cockpit::Cockpit;
use crate::launch::{Launch, shared_data_dir};

/// The place where an export was saved, as the screen tells it.
fn saved(cockpit: &mut Cockpit, ending: &str) -> PathBuf {
    let name = cockpit.wait("the place of the file", |frame| {
        let rows = frame.rows();
        let told = rows.iter().filter_map(|row| row.split("Saved ").nth(1));
        let mut named = told.filter_map(|rest| rest.split_once(ending));
        named.next().map(|(name, _)| format!("{name}{ending}"))
    });
    shared_data_dir().join("exports").join(name)
}

#[test]
fn rows_the_chart_and_the_screen() {
    let mut cockpit = Launch::demo("export").env("NO_COLOR", "1").start();
    cockpit.wait_for_board();
    cockpit.keys("e");
    cockpit.wait_for("╭ Take away");
    cockpit.keys("c");
    let rows = std::fs::read_to_string(saved(&mut cockpit, ".csv")).unwrap();
    assert!(rows.starts_with("game_id,league,away,home,"), "{rows}");
    assert!(rows.lines().count() > 3, "{rows}");

    // The chart with everybody whom the screen lists.
    cockpit.keys("\r");
    cockpit.wait("the chart alone, with prices", |frame| {
        (frame.is_zoomed() && frame.has("NOVIG")).then_some(())
    });
    cockpit.keys("es");
    let chart = std::fs::read_to_string(saved(&mut cockpit, ".svg")).unwrap();
    assert!(chart.starts_with("<svg"), "{chart}");
    assert!(chart.contains(">NOVIG "), "{chart}");
    cockpit.keys("ep");
    let picture = std::fs::read(saved(&mut cockpit, ".png")).unwrap();
    assert!(picture.starts_with(b"\x89PNG"));

    let since = cockpit.written();
    cockpit.keys("eT");
    cockpit.wait_for_bytes_since(since, "\x1b]52;c;");
    assert_eq!(cockpit.quit().code, 0);
}
