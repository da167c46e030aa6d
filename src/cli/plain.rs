//! `--plain`: no drawing, a line for each thing that happens. For screen readers, for `less`, for a second terminal.
//!
//! Words instead of signs, newest last, and nothing is said twice.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use tokio::sync::watch;

use super::error::CliError;
use super::output::Output;
use crate::domain::source::Source;
use crate::engine::alert::{Watchman, level_name};
use crate::engine::snapshot::{
    Collecting, DatabaseState, SignalKey, SignalView, Snapshot, SourceHealth, StepState, TapeEntry,
};
use crate::monitor::{alert, words};

/// Most moves told of one snapshot; a load of thousands is told by its number.
const MOVES: usize = 40;

/// What was told so far.
#[derive(Debug, Default)]
pub struct Teller {
    begun: bool,
    newest_move: Option<u64>,
    signals: HashSet<SignalKey>,
    steps: HashMap<&'static str, String>,
    health: HashMap<Source, SourceHealth>,
    database: Option<String>,
    collecting: Option<String>,
}

impl Teller {
    /// The lines that tell what is new in a snapshot, in the order they happened.
    pub fn tell(&mut self, snapshot: &Snapshot, zone: Tz) -> Vec<String> {
        let mut lines = Vec::new();
        let now = clock(snapshot.now, zone);
        for step in snapshot.startup.iter() {
            let text = match &step.state {
                StepState::Waiting => continue,
                StepState::Running(what) => format!("{}: {what}", step.name),
                StepState::Done(what) => format!("{} ready: {what}", step.name),
                StepState::Failed(why) => format!("{} failed: {why}", step.name),
            };
            if self.steps.get(step.name) != Some(&text) {
                lines.push(format!("{now} {text}"));
                self.steps.insert(step.name, text);
            }
        }
        let database = match &snapshot.persistence.database {
            DatabaseState::Starting(_) => "database starting".to_owned(),
            DatabaseState::Up => "database up".to_owned(),
            DatabaseState::Down { reason, .. } => format!("database down: {reason}"),
            DatabaseState::Unusable(reason) => format!("database unusable: {reason}"),
        };
        if self.database.as_ref() != Some(&database) {
            lines.push(format!("{now} {database}"));
            self.database = Some(database);
        }
        let collecting = match &snapshot.collecting {
            Collecting::On => "collecting".to_owned(),
            Collecting::Paused => "collection paused".to_owned(),
            Collecting::Stopped(why) => format!("collection stopped: {why}"),
        };
        if self.collecting.as_ref() != Some(&collecting) {
            lines.push(format!("{now} {collecting}"));
            self.collecting = Some(collecting);
        }
        for source in snapshot.sources.iter() {
            let before = self.health.insert(source.source, source.health);
            if before.is_some_and(|before| before != source.health) {
                let why = source.reason.as_deref().unwrap_or_default();
                let health = format!("{:?}", source.health).to_lowercase();
                lines.push(
                    format!("{now} source {}: {health} {why}", source.source)
                        .trim_end()
                        .to_owned(),
                );
            }
        }
        self.signals_of(snapshot, zone, &mut lines);
        self.moves_of(snapshot, zone, &mut lines);
        self.begun = true;
        lines
    }

    fn moves_of(&mut self, snapshot: &Snapshot, zone: Tz, lines: &mut Vec<String>) {
        let newest = self.newest_move;
        let fresh: Vec<&TapeEntry> = snapshot
            .tape
            .iter()
            .take_while(|entry| newest.is_none_or(|newest| entry.serial > newest))
            .collect();
        if let Some(first) = snapshot.tape.first() {
            self.newest_move = Some(first.serial);
        }
        // What was stored by an earlier run is no news.
        if newest.is_none() && self.begun && fresh.len() > MOVES {
            lines.push(format!("{} stored moves read", fresh.len()));
            return;
        }
        let told = fresh.len().min(MOVES);
        if fresh.len() > told {
            lines.push(format!("{} moves more", fresh.len() - told));
        }
        lines.extend(fresh.iter().take(told).rev().map(|entry| {
            let at = clock(entry.at, zone);
            format!("{at} move {}", words::moved(entry))
        }));
    }

    fn signals_of(&mut self, snapshot: &Snapshot, zone: Tz, lines: &mut Vec<String>) {
        let fresh: Vec<&SignalView> = snapshot
            .signals
            .iter()
            .filter(|signal| self.signals.insert(signal.key()))
            .collect();
        if !self.begun {
            return;
        }
        lines.extend(fresh.iter().take(MOVES).rev().map(|signal| {
            let at = clock(signal.at, zone);
            let known = snapshot.game(signal.game_id).map(|game| game.title());
            let game = known.unwrap_or_else(|| Arc::clone(&signal.game));
            format!("{at} signal {}", words::signal(signal, &game))
        }));
    }
}

fn clock(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%H:%M:%S").to_string()
}

/// Tell everything as it happens, and what the alert rules call for, until nothing more is published. Fails when standard output does.
pub async fn follow(
    mut snapshots: watch::Receiver<Arc<Snapshot>>,
    mut watchman: Watchman,
    zone: Tz,
    output: &Output,
) -> Result<(), CliError> {
    let begun = Instant::now();
    let mut teller = Teller::default();
    loop {
        let snapshot = Arc::clone(&snapshots.borrow_and_update());
        let mut lines = teller.tell(&snapshot, zone);
        for call in watchman.look(&snapshot, zone, begun.elapsed()) {
            alert::log(&call);
            let (now, level) = (clock(snapshot.now, zone), level_name(call.level));
            lines.push(format!("{now} alert {level}: {}", alert::sentence(&call)));
        }
        if !lines.is_empty() {
            let mut data = output.data();
            for line in &lines {
                data.line(line)?;
            }
            data.finish()?;
        }
        if snapshots.changed().await.is_err() {
            return Ok(());
        }
    }
}
