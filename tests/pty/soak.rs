//! An hour of the demo at 600 times, with somebody at the keys: memory stays flat.
//!
//! Not part of the suite for its length: `cargo nextest run --release --test pty --run-ignored only soak --no-capture`,
//! with `LINETAPE_SOAK_MINUTES` for another length.

use std::time::{Duration, Instant};

use super::cockpit::Cockpit;
use super::launch::Launch;

/// Resident memory of the program, MiB.
fn resident(cockpit: &Cockpit) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", cockpit.id())).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .expect("the kernel tells it");
    let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1024.0
}

#[test]
#[ignore = "takes an hour"]
fn an_hour_at_six_hundred_times_takes_no_more_memory() {
    let minutes: u64 = std::env::var("LINETAPE_SOAK_MINUTES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(60);
    let mut cockpit = Launch::new(&["demo", "--fresh", "--speed", "600"]).start();
    cockpit.wait_for_board();
    let begun = Instant::now();
    let until = Duration::from_secs(minutes * 60);
    let mut samples: Vec<f64> = Vec::new();
    // Panels, the chart's books and ranges, other markets, the past and back, again and again.
    let habits = [
        "j", "2", "]", "z", "z", "1", "m", "t<< ", "t", "w", "O", "3", "9", "1",
    ];
    for habit in habits.iter().cycle() {
        if begun.elapsed() >= until {
            break;
        }
        cockpit.keys(habit);
        std::thread::sleep(Duration::from_secs(2));
        cockpit.forget();
        samples.push(resident(&cockpit));
        if samples.len().is_multiple_of(30) {
            let minute = begun.elapsed().as_secs() / 60;
            println!(
                "minute {minute:>3}: {:.0} MiB resident",
                samples.last().unwrap()
            );
        }
    }
    assert_eq!(cockpit.quit().code, 0);
    let most = |from: usize, to: usize| samples[from..to].iter().copied().fold(0.0, f64::max);
    let third = samples.len() / 3;
    let (middle, last) = (most(third, third * 2), most(third * 2, samples.len()));
    println!("most in the middle third {middle:.0} MiB, in the last {last:.0} MiB");
    assert!(
        last <= middle * 1.10 + 4.0,
        "it grows: {middle:.0} MiB, then {last:.0} MiB"
    );
}
