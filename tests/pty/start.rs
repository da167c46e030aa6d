//! Opening: on a fresh machine, without a terminal.

use std::process::{Command, Stdio};

use super::launch::{Launch, shared_data_dir};

#[test]
fn a_fresh_machine_sees_the_steps_at_once_and_then_the_board() {
    // No cluster, no settings, no directories: everything is made while the screen is already there.
    let mut cockpit = Launch::new(&["demo", "--games", "4"]).start();
    let steps = cockpit.wait("start-up steps", |frame| {
        frame.has("Postgres").then(|| frame.clone())
    });
    assert!(
        !steps.has(" @ "),
        "no game before the database:\n{}",
        steps.text()
    );
    let first = cockpit.first_frame();
    for step in [
        "Board",
        "Tape",
        "Persistence",
        "pg starting",
        "? help",
        "q quit",
    ] {
        assert!(
            first.has(step),
            "{step} in the first frame:\n{}",
            first.text()
        );
    }
    cockpit.wait("a step under way", |frame| {
        (frame.has("▶ Postgres") || frame.has("✓ Postgres")).then_some(())
    });
    cockpit.wait_for_board();
    // The first of eight feeds to answer need not name this book.
    let board = cockpit.wait_for(" DK ");
    for words in ["DEMO ×60", " ET ", "best", "PostgreSQL", "embedded"] {
        assert!(board.has(words), "{words}:\n{}", board.text());
    }
    cockpit.wait("moves on the tape", |frame| frame.has(" → ").then_some(()));
    assert_eq!(cockpit.quit().code, 0);
    // The cluster was this program's own and nobody else's: the last to leave stopped it.
    let pid_file = cockpit
        .home()
        .join(".local/share/linetape/postgres/data/postmaster.pid");
    assert!(!pid_file.exists(), "the cluster still runs");
}

#[test]
fn without_a_terminal_it_goes_headless_by_itself() {
    let home = tempfile::tempdir().unwrap();
    let data_dir = shared_data_dir();
    let output = Command::new(env!("CARGO_BIN_EXE_linetape"))
        .args([
            "demo",
            "--games",
            "4",
            "--seed",
            "11",
            "--once",
            "--fresh",
            "--data-dir",
        ])
        .arg(data_dir)
        .env_clear()
        .env("HOME", home.path())
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        !text.contains('\u{1b}'),
        "a sequence for a terminal that is none: {text:?}"
    );
    assert!(text.contains("fetched"), "a summary for people: {text}");
}
