//! The timetable: every job with its schedule, its next run and its last, for whoever shows it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use tokio::sync::watch;

use super::said;
use crate::config::settings;
use crate::domain::clean::clean;
use crate::domain::job::Job;
use crate::engine::snapshot::{JobOutcome, JobRun, JobState, JobView, JobsView, RunsKnown};
use crate::store::jobs::Run;

/// Longest sentence kept of a run, characters.
const SENTENCE: usize = 300;

/// What each job of this process does just now.
#[derive(Debug, Clone)]
pub struct Steps(watch::Sender<Vec<(Job, String)>>);

impl Default for Steps {
    fn default() -> Self {
        Self(watch::Sender::new(Vec::new()))
    }
}

impl Steps {
    /// `job` comes to `step`.
    pub fn tell(&self, job: Job, step: &str) {
        self.0.send_modify(|steps| {
            steps.retain(|(had, _)| *had != job);
            steps.push((job, clean(step, SENTENCE)));
        });
    }

    /// `job` is over.
    pub fn over(&self, job: Job) {
        self.0
            .send_modify(|steps| steps.retain(|(had, _)| *had != job));
    }

    /// What `job` does just now; none where it is not done here.
    pub fn now(&self, job: Job) -> Option<String> {
        let steps = self.0.borrow();
        let step = steps.iter().find(|(of, _)| *of == job);
        step.map(|(_, step)| step.clone())
    }
}

/// What is known of the jobs without asking anyone.
#[derive(Debug)]
pub struct Timetable {
    /// Schedules.
    pub settings: settings::Jobs,
    /// Their zone.
    pub zone: Tz,
    /// What is done here just now.
    pub steps: Steps,
}

impl Timetable {
    /// Every job as it stands at `now`. `runs` holds those on record: none while they were not read, or why they
    /// could not be.
    pub fn view(&self, runs: Option<Result<&[Run], &str>>, now: DateTime<Utc>) -> JobsView {
        let known = match runs {
            None => RunsKnown::Reading,
            Some(Ok(_)) => RunsKnown::Read,
            Some(Err(reason)) => RunsKnown::Unread(clean(reason, SENTENCE)),
        };
        let runs = runs.and_then(Result::ok).unwrap_or_default();
        JobsView {
            rows: Job::ALL
                .iter()
                .map(|job| self.row(*job, runs, now))
                .collect(),
            runs: known,
        }
    }

    fn row(&self, job: Job, runs: &[Run], now: DateTime<Utc>) -> JobView {
        let schedule = self.settings.schedule(job);
        let newest = runs
            .iter()
            .find(|run| run.job == job.as_str() && run.state != "waiting");
        let last = newest.map(last);
        let step = self.steps.now(job);
        let runs_now = step.is_some()
            || last
                .as_ref()
                .is_some_and(|run| run.outcome == JobOutcome::Running);
        let state = match (job.comes_with(), schedule) {
            (Some(with), _) => JobState::Later(with),
            _ if runs_now => JobState::Running(step),
            (None, None) => JobState::Off("its schedule is empty in the settings, under [jobs]"),
            (None, Some(_)) if !self.settings.enabled => {
                JobState::Off("jobs.enabled is false in the settings")
            }
            (None, Some(_)) => JobState::Scheduled,
        };
        let waits = matches!(state, JobState::Scheduled | JobState::Running(_));
        JobView {
            job,
            words: schedule.map(|schedule| clean(&schedule.words(), SENTENCE)),
            next_at: schedule
                .filter(|_| waits && self.settings.enabled)
                .and_then(|schedule| schedule.next_due(self.zone, now)),
            state,
            missed: newest.map_or(0, |run| u32::try_from(run.missed).unwrap_or(u32::MAX)),
            last,
        }
    }
}

fn last(run: &Run) -> JobRun {
    let told = match (&run.error, &run.result) {
        (Some(error), _) => error.as_str(),
        (None, Some(result)) => said(result),
        (None, None) => "",
    };
    JobRun {
        due_at: run.due_at,
        ended_at: run.finished_at,
        outcome: match run.state.as_str() {
            "running" => JobOutcome::Running,
            "done" => JobOutcome::Done,
            "missed" => JobOutcome::Missed,
            _ => JobOutcome::Failed,
        },
        said: clean(told, SENTENCE),
        by_hand: run.by_hand,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::schedule::Schedule;
    use serde_json::json;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn table() -> Timetable {
        Timetable {
            settings: settings::Jobs {
                update_games: Schedule::parse("0 3 * * *").ok(),
                warm_cache: None,
                ..settings::Jobs::default()
            },
            zone: chrono_tz::US::Eastern,
            steps: Steps::default(),
        }
    }

    fn run(job: Job, state: &str, missed: i64) -> Run {
        Run {
            job: job.to_string(),
            due_at: at("2025-07-12T07:00:00Z"),
            state: state.into(),
            attempts: 1,
            started_at: None,
            finished_at: None,
            result: (state == "done").then(|| json!({"said": "12 results\u{1b}[2J"})),
            error: (state == "failed").then(|| "no feed answered".into()),
            by_hand: false,
            missed,
        }
    }

    fn row(view: &JobsView, job: Job) -> &JobView {
        view.rows.iter().find(|row| row.job == job).unwrap()
    }

    #[test]
    fn schedules_are_known_without_runs_and_right_across_a_change_of_the_clocks() {
        // 03:00 EST is 08:00 UTC, and 03:00 EDT the next day 07:00.
        let view = table().view(None, at("2026-03-07T07:59:00Z"));
        let games = row(&view, Job::UpdateGames);
        assert_eq!(view.runs, RunsKnown::Reading);
        assert_eq!(games.words.as_deref(), Some("At 03:00"));
        assert_eq!(games.next_at, Some(at("2026-03-07T08:00:00Z")));
        let view = table().view(Some(Err("gone")), at("2026-03-07T08:00:00Z"));
        assert_eq!(view.runs, RunsKnown::Unread("gone".into()));
        assert_eq!(
            row(&view, Job::UpdateGames).next_at,
            Some(at("2026-03-08T07:00:00Z"))
        );
        let off = row(&view, Job::WarmCache);
        assert!(matches!(off.state, JobState::Off(_)) && off.next_at.is_none());
    }

    #[test]
    fn the_last_run_the_missed_ones_and_the_step_under_way_are_told() {
        let table = table();
        let now = at("2025-07-12T12:00:00Z");
        let runs = [
            run(Job::UpdateGames, "done", 0),
            run(Job::UpdateOdds, "missed", 3),
            run(Job::GradeSignals, "running", 0),
        ];
        let view = table.view(Some(Ok(&runs)), now);
        let last = row(&view, Job::UpdateGames).last.clone().unwrap();
        assert_eq!(
            (last.outcome, &*last.said),
            (JobOutcome::Done, "12 results[2J")
        );
        assert_eq!(row(&view, Job::UpdateOdds).missed, 3);
        // Another process does it: what it is at is not known.
        let state = |view: &JobsView, job| row(view, job).state.clone();
        assert_eq!(state(&view, Job::GradeSignals), JobState::Running(None));
        table.steps.tell(Job::UpdateGames, "mlb of yesterday");
        table.steps.tell(Job::UpdateGames, "nfl of yesterday");
        let view = table.view(Some(Ok(&runs)), now);
        assert_eq!(
            state(&view, Job::UpdateGames),
            JobState::Running(Some("nfl of yesterday".into()))
        );
        assert!(row(&view, Job::UpdateGames).next_at.is_some());
        table.steps.over(Job::UpdateGames);
        let view = table.view(Some(Ok(&runs)), now);
        assert_eq!(state(&view, Job::UpdateGames), JobState::Scheduled);
    }
}
