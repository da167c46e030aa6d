-- Daily jobs get their writer. A due run is claimed by inserting its row, or by taking it over from `waiting`, so that
-- of several linetapes on one database one does it.

alter table operational.jobs
    add column by_hand boolean not null default false,
    add column holder  uuid,
    add column seen_at timestamptz;

create index jobs_waiting on operational.jobs (job, due_at) where state = 'waiting';
create index jobs_running on operational.jobs (seen_at) where state = 'running';

comment on table  operational.jobs             is 'Runs of the daily jobs: when each was due and what came of it. `linetape jobs list` shows the newest.';
comment on column operational.jobs.job         is 'Job.';
comment on column operational.jobs.due_at      is 'When it was due; of a run by hand, when it was asked for.';
comment on column operational.jobs.state       is 'waiting: the next one due; missed: nobody was there; failed: error says why.';
comment on column operational.jobs.attempts    is 'How often it was begun.';
comment on column operational.jobs.started_at  is 'When it was last begun; long after due_at when it was made up.';
comment on column operational.jobs.finished_at is 'When it ended.';
comment on column operational.jobs.result      is 'What came of it: `said` is a sentence, the rest are counts.';
comment on column operational.jobs.error       is 'Why it failed or was missed.';
comment on column operational.jobs.by_hand     is 'Asked for with `linetape jobs run`.';
comment on column operational.jobs.holder      is 'The process that does it, or did.';
comment on column operational.jobs.seen_at     is 'Last sign of life of a run, by the server''s clock; one that falls silent for two minutes has failed.';

update operational.table_registry set reserved = false, filled_by = 'the engine, when jobs are due; linetape jobs run'
where name = 'operational.jobs' and kind = 'table';
