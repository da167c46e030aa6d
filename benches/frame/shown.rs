//! From the receipt of an answer to the frame that shows it: spool with fsync, decode, hub, publication, draw.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use linetape::config::settings::{self, ThemeName};
use linetape::engine::clock::Clock;
use linetape::engine::hub::Hub;
use linetape::engine::hub::task::{self, LogFeed};
use linetape::engine::intake::Intake;
use linetape::engine::reference::Reference;
use linetape::engine::snapshot::Mode;
use linetape::spool::Spool;
use linetape::tui::frame::{Pace, Screen};
use linetape::tui::glyph::Glyphs;
use linetape::tui::keymap::Keymap;
use linetape::tui::msg::Msg;
use linetape::tui::theme::Theme;
use linetape::tui::ui::Ui;
use linetape::tui::update::update;
use tokio_util::sync::CancellationToken;

use super::bodies;

const LOOKS: i32 = 150;
const BUDGET: Duration = Duration::from_millis(100);

/// One answer after the other, at moments that have nothing to do with the screen's frames.
pub async fn run() {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::open(folder.path(), "bench", &settings::Spool::default()).unwrap();
    let payloads = bodies::market(LOOKS, TimeDelta::seconds(90));
    let clock = Clock::stepped(payloads[0].observed_at);
    let stop = CancellationToken::new();
    let (_lines, lines) = tokio::sync::mpsc::channel(1);
    let logs = LogFeed {
        lines,
        dropped: Arc::new(AtomicU64::new(0)),
    };
    let reference = Arc::new(Reference::builtin().unwrap());
    let hub = Hub::new(reference, Mode::Live, clock.now());
    let (hub, mut snapshots, _task) = task::spawn(hub, clock.clone(), logs, stop.clone());
    let intake = Intake::new(spool, hub, clock);
    let mut ui = Ui::new(
        (200, 60),
        Arc::clone(&snapshots.borrow()),
        chrono_tz::US::Eastern,
        Theme::named(ThemeName::Dark),
        Keymap::new(&BTreeMap::new()).unwrap(),
        Glyphs::Unicode,
    );
    let mut screen = Screen::new(Vec::new());
    let mut pace = Pace::new(30);
    let opened = Instant::now();
    let mut took = Vec::new();
    for (n, payload) in payloads.into_iter().enumerate() {
        // Somewhere between two frames.
        tokio::time::sleep(Duration::from_millis(5 + (n as u64 * 37) % 61)).await;
        let before = ui.live.tape.first().map(|entry| entry.serial);
        let received = Instant::now();
        let admitted = intake.admit(payload);
        let mut admitted = std::pin::pin!(admitted);
        let mut taken = false;
        // An answer in which nothing changed is none that could be seen.
        let given_up = tokio::time::sleep(Duration::from_secs(2));
        let mut given_up = std::pin::pin!(given_up);
        loop {
            tokio::select! {
                heard = &mut admitted, if !taken => {
                    heard.unwrap();
                    taken = true;
                }
                () = &mut given_up => break,
                published = snapshots.changed() => {
                    published.unwrap();
                    let snapshot = Arc::clone(&snapshots.borrow_and_update());
                    update(&mut ui, Msg::Snapshot(snapshot));
                    let due = pace.due().saturating_sub(opened.elapsed());
                    tokio::time::sleep(due).await;
                    screen.out().clear();
                    let bytes = screen.draw(&ui).unwrap();
                    pace.drawn(opened.elapsed());
                    if bytes > 0 && ui.live.tape.first().map(|entry| entry.serial) != before {
                        took.push(received.elapsed());
                        break;
                    }
                }
            }
        }
    }
    stop.cancel();
    took.sort_unstable();
    let at = |share: usize| took[(took.len() - 1) * share / 100];
    println!(
        "received → on screen, {} answers of 15 games  p50 {:.0}ms  p99 {:.0}ms  most {:.0}ms  budget p99 100ms: {}",
        took.len(),
        at(50).as_secs_f64() * 1e3,
        at(99).as_secs_f64() * 1e3,
        at(100).as_secs_f64() * 1e3,
        if at(99) <= BUDGET { "met" } else { "MISSED" }
    );
}
