//! The path from bytes to committed rows, beside what it is measured against, in one run.
//!
//! `cargo bench` prints ratios, which hold on any machine; the absolute numbers are this machine's. Set
//! `LINETAPE_BENCH_ROWS=1000000` for the million changes of the budget; the default is 200,000.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "path/bodies.rs"]
mod bodies;
#[path = "path/decode.rs"]
mod decode;
#[path = "path/persist.rs"]
mod persist;
#[path = "../tests/support/postgres.rs"]
mod postgres;
#[path = "path/whole.rs"]
mod whole;

use std::time::Duration;

/// Seconds of something that was done `count` times, as a rate.
fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

/// A line of the report: what, how fast, and whether the budget is met.
#[expect(
    clippy::needless_pass_by_value,
    reason = "numbers are made where they are reported"
)]
fn report(what: &str, number: String, budget: Option<(&str, bool)>) {
    let verdict = budget.map_or_else(String::new, |(budget, met)| {
        format!("  budget {budget}: {}", if met { "met" } else { "MISSED" })
    });
    println!("{what:<52} {number:>24}{verdict}");
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    decode::run();
    runtime.block_on(async {
        whole::run().await;
        persist::run().await;
    });
}
