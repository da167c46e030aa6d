-- A zone can be taken back to what it was after a run, and be made anew where it lies.

alter table operational.pipeline_runs drop constraint pipeline_runs_mode_check;
alter table operational.pipeline_runs add constraint pipeline_runs_mode_check
    check (mode in ('full', 'raw_only', 'staging_only', 'curated_only', 'raw_to_staging', 'staging_to_curated',
                    'rebuild', 'rollback'));

alter table raw_data.collection_log drop constraint collection_log_staged_check;
alter table raw_data.collection_log add constraint collection_log_staged_check
    check (staged in ('pending', 'staged', 'duplicate', 'refused', 'failed', 'rolled_back'));
-- By the clock, not by the beginning of a transaction that may have waited for a rollback.
alter table raw_data.collection_log alter column stored_at set default clock_timestamp();

comment on column raw_data.collection_log.staged
    is 'duplicate: the same bytes of the same instant were staged before; refused: not a response; failed: the fetch brought no body; rolled_back: its rows were taken back, and `pipeline run --zone staging --rebuild` makes them again.';
comment on column operational.pipeline_runs.mode
    is 'Which zones it went through; rebuild: a zone was made anew where it lies; rollback: staging and curated were taken back to what they were after a run.';
