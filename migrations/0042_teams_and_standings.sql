-- Teams and standings as the feeds list them, written by the drain like everything else. Of what was said of a team the
-- latest observed stands, whatever the order of arrival.


create table core_betting.team_sources (
    source         text        not null,
    league         text        not null references core_betting.leagues,
    source_team_id text        not null,
    name           text        not null,
    abbr           text,
    team           text        references core_betting.teams,
    observed_at    timestamptz not null check (isfinite(observed_at)),
    payload_hash   bytea       not null check (octet_length(payload_hash) = 32),
    primary key (source, league, source_team_id)
);
create index team_sources_team on core_betting.team_sources (team);
comment on table  core_betting.team_sources                is 'Each feed''s id, name and abbreviation of a team, as last listed. Written by the drain.';
comment on column core_betting.team_sources.source         is 'The feed.';
comment on column core_betting.team_sources.league         is 'League.';
comment on column core_betting.team_sources.source_team_id is 'The feed''s id of the team; feeds number the teams of each league by themselves.';
comment on column core_betting.team_sources.name           is 'The feed''s name of it, as received.';
comment on column core_betting.team_sources.abbr           is 'The feed''s abbreviation, as received.';
comment on column core_betting.team_sources.team           is 'Canonical team; null while the name is not known.';
comment on column core_betting.team_sources.observed_at    is 'When it was last listed.';
comment on column core_betting.team_sources.payload_hash   is 'The payload that listed it.';

alter table core_betting.team_stats_daily
    add column source       text        not null,
    add column observed_at  timestamptz not null check (isfinite(observed_at)),
    add column payload_hash bytea       not null check (octet_length(payload_hash) = 32);
comment on table  core_betting.team_stats_daily              is 'A team''s record as a feed''s standings gave it on a day; the latest that tells points stands. Written by the drain; ratings are to come with predictions.';
comment on column core_betting.team_stats_daily.losses       is 'Games lost, those lost in overtime among them.';
comment on column core_betting.team_stats_daily.source       is 'The feed whose standings these are.';
comment on column core_betting.team_stats_daily.observed_at  is 'When they were observed.';
comment on column core_betting.team_stats_daily.payload_hash is 'The payload they stood in.';

insert into operational.table_registry (name, kind, home, filled_by)
values ('core_betting.team_sources', 'table', 'core_betting.team_sources', 'the drain, from lists of teams');
update operational.table_registry set reserved = false, filled_by = 'the drain, from standings'
where name = 'core_betting.team_stats_daily' and kind = 'table';

-- Columns that came after the compatibility names were made, and now stand in their views.
insert into operational.glossary (name, meaning) values
    ('by_hand', 'Whether a person asked for it.'),
    ('seen_at', 'When it last gave a sign of life.')
on conflict do nothing;
