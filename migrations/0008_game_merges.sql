-- Which game is which across feeds: what it is decided by, what a person decided, and what became of it. The first two
-- are rebuild inputs and never dropped.

create sequence core_betting.identity_revision;
comment on sequence core_betting.identity_revision is 'Counts changes of game_merges and game_decisions, in the order of their commits.';

create table core_betting.game_facts (
    source         text         not null,
    source_game_id text         not null,
    observed_at    timestamptz  not null check (isfinite(observed_at)),
    payload_hash   bytea        not null check (octet_length(payload_hash) = 32),
    league         text         not null,
    game_number    smallint     not null,
    home_team      text,
    away_team      text,
    starts_at      timestamptz  check (isfinite(starts_at)),
    slate_date     date         check (isfinite(slate_date)),
    primary key (source, source_game_id, observed_at, payload_hash)
);
create index game_facts_pairing on core_betting.game_facts (league, home_team, away_team);
create index game_facts_start   on core_betting.game_facts (starts_at);
create index game_facts_slate   on core_betting.game_facts (slate_date) where slate_date is not null;

comment on table  core_betting.game_facts                is 'What each feed said over time that tells which game it means, a row a change. Written by the drain; never dropped.';
comment on column core_betting.game_facts.source         is 'The feed.';
comment on column core_betting.game_facts.source_game_id is 'The feed''s id of the game.';
comment on column core_betting.game_facts.observed_at    is 'When it was said; the game whose feed spoke first gives the joined game its id.';
comment on column core_betting.game_facts.payload_hash   is 'The payload that said it.';
comment on column core_betting.game_facts.league         is 'League.';
comment on column core_betting.game_facts.game_number    is '1, or 2 for the second game of a doubleheader.';
comment on column core_betting.game_facts.home_team      is 'Canonical home team; null while it is not known.';
comment on column core_betting.game_facts.away_team      is 'Canonical away team; null while it is not known.';
comment on column core_betting.game_facts.starts_at      is 'The start as announced then.';
comment on column core_betting.game_facts.slate_date     is 'The slate day as announced, by a feed that names no start.';

insert into core_betting.game_facts
select source, source_game_id, observed_at, payload_hash, league, game_number, home_team, away_team, starts_at
from core_betting.game_sources;

create table core_betting.game_decisions (
    source_a         text        not null,
    source_game_id_a text        not null,
    source_b         text        not null,
    source_game_id_b text        not null,
    verdict          text        not null check (verdict in ('same', 'different')),
    decided_at       timestamptz not null default now(),
    revision         bigint      not null default nextval('core_betting.identity_revision'),
    primary key (source_a, source_game_id_a, source_b, source_game_id_b),
    check (source_a <> source_b)
);
create index game_decisions_other    on core_betting.game_decisions (source_b, source_game_id_b);
create index game_decisions_revision on core_betting.game_decisions (revision);

comment on table  core_betting.game_decisions                  is 'What a person decided of two feeds'' games with `linetape game merge` and `game split`. Automatic joining never overrides it; never dropped.';
comment on column core_betting.game_decisions.source_a         is 'The feed of one game; the lesser of the two names.';
comment on column core_betting.game_decisions.source_game_id_a is 'Its id of it.';
comment on column core_betting.game_decisions.source_b         is 'The feed of the other.';
comment on column core_betting.game_decisions.source_game_id_b is 'Its id of it.';
comment on column core_betting.game_decisions.verdict          is 'same: they are one game; different: they are not, however alike.';
comment on column core_betting.game_decisions.decided_at       is 'When, by this machine''s clock.';
comment on column core_betting.game_decisions.revision         is 'Grows with every change, so that a running linetape hears of it.';

create table core_betting.game_merges (
    merge_id       bigint      primary key generated always as identity,
    loser_id       bigint      not null,
    winner_id      bigint      not null check (winner_id <> loser_id),
    source         text        not null,
    source_game_id text        not null,
    reason         text        not null,
    decided_by     text        not null check (decided_by in ('automatic', 'hand')),
    merged_at      timestamptz not null default now(),
    undone_at      timestamptz,
    undone_by      text        check (undone_by in ('automatic', 'hand')),
    revision       bigint      not null default nextval('core_betting.identity_revision'),
    check ((undone_at is null) = (undone_by is null))
);
create unique index game_merges_in_force on core_betting.game_merges (loser_id) where undone_at is null;
create index game_merges_winner   on core_betting.game_merges (winner_id);
create index game_merges_revision on core_betting.game_merges (revision);

comment on table  core_betting.game_merges                is 'Joins of games across feeds, and their undoing: the redirect from an id that was given up to the game it is now.';
comment on column core_betting.game_merges.merge_id       is 'Counts joins.';
comment on column core_betting.game_merges.loser_id       is 'The id the feed''s game has, or would have, alone.';
comment on column core_betting.game_merges.winner_id      is 'The game it became: the id of the feed that named it first.';
comment on column core_betting.game_merges.source         is 'The feed whose game was joined.';
comment on column core_betting.game_merges.source_game_id is 'Its id of the game.';
comment on column core_betting.game_merges.reason         is 'Why, as a sentence.';
comment on column core_betting.game_merges.decided_by     is 'automatic: by league, teams, number and start; hand: by a person.';
comment on column core_betting.game_merges.merged_at      is 'When, by this machine''s clock.';
comment on column core_betting.game_merges.undone_at      is 'When they were split again; null while the join is in force.';
comment on column core_betting.game_merges.undone_by      is 'Who split them.';
comment on column core_betting.game_merges.revision       is 'Grows with every change, so that a running linetape hears of it.';

create function core_betting.resolve_game(id bigint) returns bigint
language sql stable parallel safe set search_path = pg_catalog as $$
    select coalesce((select m.winner_id from core_betting.game_merges m where m.loser_id = id and m.undone_at is null), id)
$$;
comment on function core_betting.resolve_game is 'The game that an id means now: itself, or the game it was joined with.';
