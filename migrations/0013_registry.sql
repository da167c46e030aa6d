-- The registry of names: every name that linetape or one of its predecessors uses, what it is today, and who fills it.
-- Compatibility views and functions are made from its rows, and only where their names are free.

create table operational.table_registry (
    name       text        primary key,
    kind       text        not null check (kind in ('table', 'view', 'logical', 'compatibility view', 'compatibility function')),
    home       text        not null,
    ordinal    integer     not null default 0,
    definition text,
    filled_by  text,
    reserved   boolean     not null default false,
    made_as    text,
    state      text        not null default 'own' check (state in ('own', 'alias', 'waiting', 'made', 'taken', 'denied', 'failed')),
    detail     text,
    updated_at timestamptz not null default now(),
    constraint made_from_a_definition check ((definition is not null) = (kind like 'compatibility %'))
);
comment on table  operational.table_registry            is 'Every name, old and new, and where its rows are today. Compatibility views and functions are made from it.';
comment on column operational.table_registry.name       is 'The name as its program writes it; a function with the types of its arguments.';
comment on column operational.table_registry.kind       is 'table or view: linetape''s own; logical: a name that stands for another; compatibility: made from definition.';
comment on column operational.table_registry.home       is 'Where the rows are today; for a logical name the name it stands for.';
comment on column operational.table_registry.ordinal    is 'Order in which compatibility names are made.';
comment on column operational.table_registry.definition is 'The query of a compatibility view, or result and body of a function.';
comment on column operational.table_registry.filled_by  is 'Who writes an own table; for a reserved one, who will.';
comment on column operational.table_registry.reserved   is 'Whether the table still waits for the part of linetape that fills it.';
comment on column operational.table_registry.made_as    is 'The name it was made under, where settings name another schema.';
comment on column operational.table_registry.state      is 'own, alias; waiting, made, taken (somebody else''s object has the name), denied (privilege missing), failed.';
comment on column operational.table_registry.detail     is 'Why it was not made.';

create table operational.migration_log (
    id                uuid        primary key default gen_random_uuid(),
    migration_phase   text        not null,
    source_table      text,
    destination_table text,
    records_migrated  bigint      check (records_migrated >= 0),
    started_at        timestamptz not null default now(),
    completed_at      timestamptz check (completed_at >= started_at),
    status            text        not null check (status in ('started', 'completed', 'failed')),
    error_message     text,
    notes             text
);
create index migration_log_time on operational.migration_log (started_at);
comment on table  operational.migration_log                 is 'What was moved or made under another name, phase by phase. Written when compatibility names are made, and by consolidation.';
comment on column operational.migration_log.id              is 'Ordered by started_at; an id says nothing of order.';
comment on column operational.migration_log.migration_phase is 'compatibility, or a phase of a consolidation (Phase1 …).';

-- One word, one meaning: what a column is called in all tables and views that have no comment of their own on it.
create table operational.glossary (
    name    text primary key,
    meaning text not null
);
comment on table  operational.glossary         is 'What column names mean wherever a table or view says nothing else. Seeded by the schema.';
comment on column operational.glossary.name    is 'Column name.';
comment on column operational.glossary.meaning is 'What it holds.';

create function operational.describe_columns(relation regclass) returns void
language plpgsql set search_path = pg_catalog as $$
declare
    found record;
begin
    for found in
        select a.attname, g.meaning
        from pg_attribute a join operational.glossary g on g.name = a.attname
        where a.attrelid = relation and a.attnum > 0 and not a.attisdropped
          and col_description(relation, a.attnum) is null
    loop
        execute format('comment on column %s.%I is %L', relation, found.attname, found.meaning);
    end loop;
end $$;
comment on function operational.describe_columns is 'Gives the uncommented columns of a table or view the meaning their names have in the glossary.';

-- The mark by which linetape knows what it made; without it an object is somebody else's and left alone.
create function operational.is_compatibility(comment text) returns boolean
language sql immutable return coalesce(starts_with(comment, 'linetape compatibility: '), false);
comment on function operational.is_compatibility is 'Whether an object''s comment says that linetape made it for compatibility.';

-- Schemas that were made for compatibility names go with the last of them.
create function operational.drop_empty_schemas() returns void
language plpgsql set search_path = pg_catalog as $$
declare
    found record;
begin
    for found in
        select n.nspname from pg_namespace n
        where operational.is_compatibility(obj_description(n.oid, 'pg_namespace'))
          and not exists (select from pg_class c where c.relnamespace = n.oid)
          and not exists (select from pg_proc p where p.pronamespace = n.oid)
    loop
        execute format('drop schema %I', found.nspname);
    end loop;
end $$;
comment on function operational.drop_empty_schemas is 'Drops the schemas made for compatibility names that hold nothing any more.';

create function operational.make_compatibility(schemas jsonb default '{}')
returns table (name text, state text, detail text)
language plpgsql set search_path = pg_catalog as $$
-- A column wins over the result's column of the same name.
#variable_conflict use_column
declare
    entry   operational.table_registry;
    wanted  text;
    space   text;
    remark  text;
    was     text;
    there   oid;
    catalog regclass;
    outcome text;
    why     text;
    begun   timestamptz;
begin
    -- Two set-ups at once would trip over each other's half-made names.
    perform pg_advisory_xact_lock(hashtextextended('linetape compatibility', 0));
    for entry in
        select r.* from operational.table_registry r where r.definition is not null order by r.ordinal, r.name
    loop
        begun := clock_timestamp();
        space := split_part(entry.name, '.', 1);
        wanted := quote_ident(coalesce(schemas ->> space, space)) || substr(entry.name, length(space) + 1);
        space := coalesce(schemas ->> space, space);
        remark := 'linetape compatibility: ' || entry.home;
        outcome := 'made';
        why := null;
        begin
            if to_regnamespace(quote_ident(space)) is null then
                execute format('create schema %I', space);
                execute format('comment on schema %I is %L', space, 'linetape compatibility: names of earlier programs');
            end if;
            -- Settings may have named another schema since.
            if entry.kind = 'compatibility view' and entry.made_as <> wanted
               and operational.is_compatibility(obj_description(to_regclass(entry.made_as), 'pg_class')) then
                execute format('drop view %s', entry.made_as);
            end if;
            if entry.kind = 'compatibility view' then
                catalog := 'pg_class';
                there := to_regclass(wanted);
            else
                catalog := 'pg_proc';
                there := to_regprocedure(wanted);
            end if;
            was := obj_description(there, catalog::text);
            if there is not null and not operational.is_compatibility(was) then
                outcome := 'taken';
                why := 'the name belongs to an object that linetape did not make';
            elsif entry.kind = 'compatibility view' then
                execute format('create or replace view %s as %s', wanted, entry.definition);
                execute format('comment on view %s is %L', wanted, remark);
                perform operational.describe_columns(wanted::regclass);
            else
                -- The definition begins with the named arguments.
                execute format('create or replace function %s%s', split_part(wanted, '(', 1), entry.definition);
                execute format('comment on function %s is %L', wanted, remark);
            end if;
        exception
            when insufficient_privilege then
                outcome := 'denied';
                why := sqlerrm || '; grant it, or let a role that has it run linetape database setup';
            when others then
                outcome := 'failed';
                why := sqlerrm;
        end;
        if (entry.state, entry.made_as, entry.detail) is distinct from (outcome, wanted, why) then
            update operational.table_registry r
               set state = outcome, made_as = wanted, detail = why, updated_at = now()
             where r.name = entry.name;
            insert into operational.migration_log (migration_phase, source_table, destination_table, records_migrated,
                started_at, completed_at, status, error_message, notes)
            values ('compatibility', entry.home, wanted, 0, begun, clock_timestamp(),
                    case when outcome in ('made', 'taken') then 'completed' else 'failed' end,
                    case when outcome not in ('made', 'taken') then why end,
                    case when outcome = 'taken' then why else entry.kind end);
        end if;
        if outcome <> 'made' then
            return query select entry.name, outcome, why;
        end if;
    end loop;
    perform operational.drop_empty_schemas();
end $$;
comment on function operational.make_compatibility is 'Makes the compatibility views and functions of the registry where their names are free; returns those not made, and why. The argument maps schemas to other names, {"staging": "stage"}.';

create function operational.drop_compatibility() returns integer
language plpgsql set search_path = pg_catalog as $$
declare
    entry   operational.table_registry;
    dropped integer := 0;
begin
    for entry in
        select r.* from operational.table_registry r
        where r.definition is not null and r.state = 'made' order by r.ordinal desc, r.name desc
    loop
        if entry.kind = 'compatibility view'
           and operational.is_compatibility(obj_description(to_regclass(entry.made_as), 'pg_class')) then
            execute format('drop view %s', entry.made_as);
            dropped := dropped + 1;
        elsif entry.kind = 'compatibility function'
           and operational.is_compatibility(obj_description(to_regprocedure(entry.made_as), 'pg_proc')) then
            execute format('drop function %s', entry.made_as);
            dropped := dropped + 1;
        end if;
        update operational.table_registry r set state = 'waiting', made_as = null, updated_at = now() where r.name = entry.name;
    end loop;
    perform operational.drop_empty_schemas();
    return dropped;
end $$;
comment on function operational.drop_compatibility is 'Takes away every compatibility name that linetape made, and nothing else; make_compatibility() makes them again.';

insert into operational.glossary (name, meaning) values
    ('abbr', 'Abbreviation shown: MIA.'),
    ('acknowledged_at', 'When somebody took note of it.'),
    ('acknowledged_by', 'Who took note of it.'),
    ('acquired_at', 'When it was taken.'),
    ('actual_away_score', 'Away score as it ended.'),
    ('actual_home_score', 'Home score as it ended.'),
    ('actual_wins', 'Wins so far in the season.'),
    ('agreement', 'How far the models agree, 0 to 1.'),
    ('alert_thresholds', 'What this person wants to be told of.'),
    ('alias', 'Name as a feed writes it.'),
    ('american', 'American price; null when there is none.'),
    ('analytics_settings', 'What this person has set for the analytics.'),
    ('at', 'Market time of the row.'),
    ('ats_accuracy', 'Share of picks against the spread that were right.'),
    ('attempts', 'How often it was tried.'),
    ('attendance', 'Spectators; null when no feed tells.'),
    ('authority', 'Which program believed it.'),
    ('available_limits', 'Most the book takes.'),
    ('average_clv', 'Mean value against the closing price.'),
    ('average_confidence', 'Mean of what the model claimed.'),
    ('away', 'Away side as the feed names it.'),
    ('away_bets_percentage', 'Share of bets on the away side, 0 to 100.'),
    ('away_implied_probability', 'One over the away side''s decimal price.'),
    ('away_losses', 'Losses away from home.'),
    ('away_ml', 'Away side''s American price.'),
    ('away_money_percentage', 'Share of money on the away side, 0 to 100.'),
    ('away_moneyline', 'Away side''s American moneyline.'),
    ('away_no_vig_probability', 'Away side''s implied probability without the margin, shared in proportion.'),
    ('away_or_under_bets', 'Bets on the away side or the under.'),
    ('away_or_under_bets_percentage', 'Share of bets on the away side or the under, 0 to 100.'),
    ('away_or_under_stake_percentage', 'Share of money on the away side or the under, 0 to 100.'),
    ('away_rest_days', 'Days since the away side''s game before.'),
    ('away_score', 'Away score.'),
    ('away_spread', 'Away side''s line, bettor''s sign.'),
    ('away_spread_price', 'Away side''s American price.'),
    ('away_team', 'Away side: canonical slug or, in compatibility views, its name.'),
    ('away_team_name', 'Away side as the feed names it.'),
    ('away_wins', 'Wins away from home.'),
    ('batch_p95_ms', '95th percentile of the time a batch takes to commit.'),
    ('batches', 'Batches written so far.'),
    ('beat_closing', 'Whether the price taken was better than the close.'),
    ('beat_closing_rate', 'Share of bets at a price better than the close.'),
    ('before_american', 'American price before the move.'),
    ('before_line', 'Line before the move.'),
    ('bet_id', 'SHA-256 of what makes the selection one.'),
    ('bet_line', 'Line at which the bet was made.'),
    ('bet_type', 'What kind of bet it is.'),
    ('bets', 'Number of bets.'),
    ('bets_won', 'Bets won.'),
    ('body', 'The bytes, compressed as encoding says.'),
    ('body_bytes', 'Bytes received, before compression.'),
    ('book', 'Canonical slug of the shop; null when nobody knows it.'),
    ('bookmaker', 'Canonical slug of the shop, else the feed''s id of it.'),
    ('books', 'Number of books taken into account.'),
    ('brier_score', 'Squared error of the probability.'),
    ('bucket', 'Part of the bets counted, by hours to the start (0-2h …); all for all of them.'),
    ('calibrated_probability', 'Probability after calibration.'),
    ('calibration_error', 'Mean gap of claimed and observed frequency, ten bins.'),
    ('changed_at', 'When the price in force began.'),
    ('changes', 'Changes of line, price or status, first prices included.'),
    ('channels', 'Where the alert goes.'),
    ('checked_at', 'When it was looked at.'),
    ('closed_at', 'When it was gone; null while it stands.'),
    ('closing_american', 'American price at the close.'),
    ('closing_away_ml', 'Away side''s American price at the close.'),
    ('closing_away_spread_price', 'Away side''s American price at the close.'),
    ('closing_decimal', 'Decimal price at the close.'),
    ('closing_home_ml', 'Home side''s American price at the close.'),
    ('closing_home_spread', 'Home side''s line at the close.'),
    ('closing_home_spread_price', 'Home side''s American price at the close.'),
    ('closing_line', 'Line at the close.'),
    ('closing_line_value', 'Line at the close.'),
    ('closing_odds_american', 'American price at the close.'),
    ('closing_odds_decimal', 'Decimal price at the close.'),
    ('closing_over_price', 'The over''s American price at the close.'),
    ('closing_timestamp', 'When the closing price began. Pregame only.'),
    ('closing_total', 'Total at the close.'),
    ('closing_under_price', 'The under''s American price at the close.'),
    ('clv', 'Value against the closing price without margin.'),
    ('clv_percent', 'Value against the closing price, per cent.'),
    ('clv_points', 'Points gained against the closing line.'),
    ('collected_at', 'When the response was received.'),
    ('collected_date', 'US Eastern date on which it was received.'),
    ('completed_at', 'When it was done.'),
    ('component', 'What was looked at.'),
    ('condition', 'When the alert is raised.'),
    ('confidence', 'How sure, 0 to 1.'),
    ('confidence_score', 'How sure, 0 to 1.'),
    ('correct', 'Predictions that came true.'),
    ('cover_probability', 'Probability that the home side covers.'),
    ('created_at', 'When the row was first written.'),
    ('credits', 'Credits of the feed reserved.'),
    ('data_from', 'Begin of the data used.'),
    ('data_source', 'Feed that named the game first.'),
    ('data_to', 'End of the data used.'),
    ('day', 'The day, US Eastern or as the feed counts it.'),
    ('decimal', 'Decimal price.'),
    ('demo', 'Made by the built-in market, not by a real feed.'),
    ('destination_table', 'Name under which it is found now.'),
    ('detail', 'Particulars.'),
    ('detected_at', 'Market time at which the condition was met.'),
    ('dry_run', 'Whether nothing was written.'),
    ('due_at', 'When it was due.'),
    ('duplicates', 'Fetches whose bytes had been staged before.'),
    ('edge', 'Probability of the model less that of the price.'),
    ('elapsed_ms', 'How long the feed took.'),
    ('elo_defense', 'Elo rating of the defence.'),
    ('elo_offense', 'Elo rating of the offence.'),
    ('elo_rating', 'Elo rating.'),
    ('enabled', 'Whether it is wanted.'),
    ('encoding', 'zstd, or identity where compression did not pay.'),
    ('epoch', 'Grows with every holder.'),
    ('error', 'Why there is no response or no result.'),
    ('error_message', 'Why it went wrong.'),
    ('errors', 'What failed.'),
    ('event_name', 'The game as the feed names it.'),
    ('event_time', 'Start of the game.'),
    ('every_s', 'Seconds between two polls.'),
    ('expected_value', 'Expected gain for a stake of one.'),
    ('expected_wins', 'Wins that points for and against would make likely.'),
    ('expires_at', 'When it is free again unless renewed.'),
    ('external_id', 'The feed''s id of the game, where the request was for one.'),
    ('extraction_status', 'success, partial or failed.'),
    ('failed', 'Fetches without a usable answer.'),
    ('failures', 'Fetches that were no response or could not be read.'),
    ('fair_probability', 'Probability without margin.'),
    ('family', 'Key family.'),
    ('feature_set', 'Name and version of the set of features.'),
    ('fetch_id', 'The fetch, by UUIDv7.'),
    ('fetched', 'Fetches answered.'),
    ('fetches', 'Number of fetches.'),
    ('finished_at', 'When it ended.'),
    ('first_at', 'Market time of the first row.'),
    ('first_seen_at', 'When the feed first used it.'),
    ('followed', 'Moves that the follower made too.'),
    ('follower', 'The book that came after.'),
    ('game_date', 'Slate date, US Eastern.'),
    ('game_datetime', 'Start of the game.'),
    ('game_id', 'linetape''s id of the game; in core_betting.game_names it is found under the feed''s.'),
    ('game_number', '1, or 2 for the second game of a doubleheader.'),
    ('games', 'Games in it.'),
    ('games_played', 'Games so far in the season.'),
    ('grade', 'A to D by win rate: above 65 %, 58 %, 52 %.'),
    ('graded_at', 'When it was settled.'),
    ('health', 'unknown, healthy, degraded, down or off.'),
    ('holder', 'The process that has it.'),
    ('home', 'Home side as the feed names it.'),
    ('home_bets_percentage', 'Share of bets on the home side, 0 to 100.'),
    ('home_covered', 'Whether the home side beat the spread; null on a push and before the end.'),
    ('home_implied_probability', 'One over the home side''s decimal price.'),
    ('home_losses', 'Losses at home.'),
    ('home_ml', 'Home side''s American price.'),
    ('home_money_percentage', 'Share of money on the home side, 0 to 100.'),
    ('home_moneyline', 'Home side''s American moneyline.'),
    ('home_no_vig_probability', 'Home side''s implied probability without the margin, shared in proportion.'),
    ('home_or_over_bets', 'Bets on the home side or the over.'),
    ('home_or_over_bets_percentage', 'Share of bets on the home side or the over, 0 to 100.'),
    ('home_or_over_stake_percentage', 'Share of money on the home side or the over, 0 to 100.'),
    ('home_rest_days', 'Days since the home side''s game before.'),
    ('home_score', 'Home score.'),
    ('home_spread', 'Home side''s line, bettor''s sign.'),
    ('home_spread_price', 'Home side''s American price.'),
    ('home_team', 'Home side: canonical slug or, in compatibility views, its name.'),
    ('home_team_name', 'Home side as the feed names it.'),
    ('home_win_probability', 'Probability that the home side wins.'),
    ('home_wins', 'Wins at home.'),
    ('id', 'A number or UUID that stays the same for the same row; in no order.'),
    ('implied_probability', 'One over the decimal price.'),
    ('is_closing_line', 'Whether this is the last open price before the start.'),
    ('is_playoff', 'Whether it is a play-off; null when no feed tells.'),
    ('job', 'Name of the job.'),
    ('kelly_stake', 'Share of the bankroll by Kelly''s rule, as scaled.'),
    ('kind', 'What kind it is.'),
    ('label', 'Two to four letters for narrow columns.'),
    ('last_10_losses', 'Losses in the last ten games.'),
    ('last_10_wins', 'Wins in the last ten games.'),
    ('last_extracted_at', 'When its latest payload was received.'),
    ('last_lines_extracted', 'Changes that its latest payload brought.'),
    ('last_ms', 'How long the latest fetch took.'),
    ('last_seen_at', 'When it was last confirmed.'),
    ('last_success', 'When the feed last gave a usable answer.'),
    ('last_updated', 'Market time of the row.'),
    ('latency_ms', 'How long the answer took.'),
    ('leader', 'The book that moved first.'),
    ('league', 'League by slug; upper case in compatibility views.'),
    ('legs', 'The other bets that belong to it.'),
    ('line', 'Bettor''s sign for the own side; a total''s line is on both sides.'),
    ('line_moved_from', 'Line before this change.'),
    ('line_movement_direction', 'up, down or none: whether the line grew.'),
    ('line_slot', 'main, or the number of an alternate line.'),
    ('line_status', 'open, suspended or off.'),
    ('line_type', 'opening, movement or closing.'),
    ('linetape_game_id', 'linetape''s id of the game.'),
    ('log_loss', 'Mean negative logarithm of the probability given to what happened.'),
    ('losses', 'Number lost.'),
    ('luck', 'Wins less expected wins.'),
    ('market', 'moneyline, spread, total, team_total or the name of a prop.'),
    ('market_description', 'The market in the feed''s words.'),
    ('market_spread', 'Home side''s line when the prediction was made.'),
    ('market_total', 'Total when the prediction was made.'),
    ('max_american', 'Highest American price.'),
    ('max_at', 'Latest market time of a quote in the payload.'),
    ('max_drawdown', 'Deepest fall from a peak, share of the bankroll.'),
    ('max_line', 'Highest line.'),
    ('max_line_value', 'Highest line.'),
    ('max_odds_american', 'Highest American price.'),
    ('median_ms', 'Half of the follower''s moves came within this time.'),
    ('memory_hits', 'Answered from memory.'),
    ('message', 'What happened, as a sentence.'),
    ('metadata', 'What else the feed told.'),
    ('method', 'How the margin was taken out.'),
    ('min_american', 'Lowest American price.'),
    ('min_line', 'Lowest line.'),
    ('min_line_value', 'Lowest line.'),
    ('min_odds_american', 'Lowest American price.'),
    ('minted', 'Whether this feed named the game first.'),
    ('misses', 'Answered by no tier.'),
    ('mode', 'Which zones were run.'),
    ('model_name', 'Name of the model.'),
    ('money', 'Money staked.'),
    ('money_pct', 'Share of the money, 0 to 100.'),
    ('movement_probability', 'Change of implied probability, margin included; positive means toward this side.'),
    ('moves', 'Moves of the leader.'),
    ('name', 'Full name.'),
    ('names', 'Names of the features, in the order of values.'),
    ('neutral_site', 'Whether nobody is at home; null when no feed tells.'),
    ('next_at', 'When the next poll is due.'),
    ('notes', 'What else there is to say.'),
    ('nth', 'Position in the evidence, from 1.'),
    ('observations', 'Fetches that showed it, repeats included.'),
    ('observed_at', 'When the payload was received.'),
    ('odds_datetime', 'Market time of the price.'),
    ('odds_format', 'The format the feed gave; the other is converted.'),
    ('odds_movement_direction', 'up, down or none: whether the side got dearer.'),
    ('odds_timestamp', 'When the price in force began, on either side.'),
    ('offered_at', 'When it was offered.'),
    ('one', 'Always true: there is one row.'),
    ('opener', 'Whether it is the book''s own declared opener.'),
    ('opening_american', 'First American price.'),
    ('opening_at', 'When the opening price began.'),
    ('opening_away_ml', 'Away side''s first American price.'),
    ('opening_away_spread_price', 'Away side''s first American price.'),
    ('opening_decimal', 'First decimal price.'),
    ('opening_home_ml', 'Home side''s first American price.'),
    ('opening_home_spread', 'Home side''s first line.'),
    ('opening_home_spread_price', 'Home side''s first American price.'),
    ('opening_line', 'First line.'),
    ('opening_line_value', 'First line.'),
    ('opening_odds_american', 'First American price.'),
    ('opening_odds_decimal', 'First decimal price.'),
    ('opening_over_price', 'The over''s first American price.'),
    ('opening_timestamp', 'When the opening price began.'),
    ('opening_total', 'First total.'),
    ('opening_under_price', 'The under''s first American price.'),
    ('ordinal', 'Position in the payload.'),
    ('original_bytes', 'Bytes before compression.'),
    ('outcome', 'win, half_win, push, half_lose, lose or no_action.'),
    ('outcome_side', 'home, away, over, under or draw.'),
    ('over_bets_percentage', 'Share of bets on the over, 0 to 100.'),
    ('over_money_percentage', 'Share of money on the over, 0 to 100.'),
    ('over_price', 'The over''s American price.'),
    ('over_probability', 'Probability of the over.'),
    ('overround', 'Sum of implied probabilities less one.'),
    ('p90_ms', 'Nine in ten of the follower''s moves came within this time.'),
    ('p_value', 'Chance of a result as good without any skill.'),
    ('papg', 'Points against a game.'),
    ('parameters', 'What it was run with.'),
    ('parsing_status', 'pending, staged, duplicate, refused or failed.'),
    ('participant', 'Player or team of a prop; empty for the game''s own markets.'),
    ('path', 'Where in the payload: JSON pointer, XML or CSS path.'),
    ('payload_hash', 'BLAKE3 of the payload it came from; raw_data.payloads has the bytes.'),
    ('payloads', 'Number of payloads.'),
    ('period', 'full, 1h, 2h, 1q … f5; in action_network.betting_lines pregame or live.'),
    ('period_end', 'Last day counted.'),
    ('period_start', 'First day counted.'),
    ('periods', 'Score by period, as the feed gives it.'),
    ('phase', 'pregame or live.'),
    ('placed_at', 'When the bet was made.'),
    ('player_name', 'The player of a prop.'),
    ('points_against', 'Points against so far in the season.'),
    ('points_for', 'Points for so far in the season.'),
    ('ppg', 'Points for a game.'),
    ('predicted_at', 'When the prediction was made.'),
    ('predicted_spread', 'Home score less away score as predicted.'),
    ('predicted_total', 'Sum of the scores as predicted.'),
    ('prediction_correct', 'Whether the side favoured won; null until the end.'),
    ('predictions', 'Number of predictions.'),
    ('preferred_sports', 'Sports this person follows.'),
    ('preset', 'Named set of parameters.'),
    ('previous_american', 'American price before.'),
    ('previous_at', 'When the price before began.'),
    ('previous_decimal', 'Decimal price before.'),
    ('previous_line', 'Line before.'),
    ('price', 'American price.'),
    ('price_decimal', 'Decimal price.'),
    ('probability', 'Probability without margin.'),
    ('processing_status', 'pending, staged, duplicate, refused or failed.'),
    ('profile', 'Name of the person.'),
    ('profit_loss', 'Won less lost, for the stake.'),
    ('public_percentage', 'Share of bets on the side as it stood then, 0 to 100.'),
    ('pushes', 'Number pushed.'),
    ('pythagorean_win_pct', 'Share of wins that points for and against would make likely.'),
    ('quota_remaining', 'Credits left, as the feed tells.'),
    ('quota_used', 'Credits used, as the feed tells.'),
    ('quotes', 'Quotes in it.'),
    ('raised_at', 'When it was raised.'),
    ('raw_body', 'The bytes, compressed with zstd.'),
    ('reason', 'Why, as a sentence.'),
    ('recent_papg', 'Points against a game in the last ten.'),
    ('recent_ppg', 'Points for a game in the last ten.'),
    ('recommended_bet', 'What the model would bet; null for nothing.'),
    ('reconstructed', 'Fetched after the fact: not known at the time.'),
    ('records_failed', 'Records that failed.'),
    ('records_migrated', 'Rows copied; 0 for a view.'),
    ('records_total', 'Records taken up.'),
    ('redis_hits', 'Answered from Redis.'),
    ('refresh_cycle_id', 'The refresh that brought it.'),
    ('region', 'State or region, where the feed splits the shop by it.'),
    ('rejects', 'What was not understood.'),
    ('remaining', 'Credits left after it, as the feed tells.'),
    ('reserved_at', 'When it was reserved.'),
    ('resets_at', 'When the feed counts from zero again.'),
    ('resolved_at', 'When it was over.'),
    ('resource', 'What is leased.'),
    ('result', 'What came of it.'),
    ('content_hash', 'BLAKE3 of all that was said when it was seen.'),
    ('close_line', 'Line most shops closed at.'),
    ('close_probability', 'Median fair probability of the side at the close, carried to the line that was bet.'),
    ('delta', 'Change of the side''s fair probability; null where only splits speak.'),
    ('juice_only', 'Prices moved and no line did.'),
    ('later', 'Shops that moved afterwards while it went on.'),
    ('movers', 'Shops that moved, first mover first.'),
    ('ongoing_until', 'When its last mover moved.'),
    ('resolution_s', 'Seconds between looks at the shops: what is shorter cannot be seen.'),
    ('shops', 'Groups of shops that moved (clones count once), or 1.'),
    ('splits', 'The splits it rests on.'),
    ('waiting', 'Shops that had not moved.'),
    ('reverse_line_movement', 'Whether the line moved against the bets, by the presets that fill the summary.'),
    ('revision', 'Grows when late data changes it.'),
    ('roi', 'Profit or loss for a stake of one.'),
    ('role', 'free, basic, premium or admin.'),
    ('rule', 'Name of the rule.'),
    ('run_at', 'When it was run.'),
    ('run_id', 'The run.'),
    ('sample_size_adequate', 'Whether there are at least twenty bets.'),
    ('season', 'Year in which the season began.'),
    ('series_id', 'Id of the price series: a hash of the columns that make it one.'),
    ('severity', 'info, warning or critical.'),
    ('sha_key', 'SHA-256 of event, time and sport, as earlier programs made it.'),
    ('sharp_action', 'The side that the latest steam, reverse movement or divergence points to; null when there is none.'),
    ('sharpe', 'Mean over spread of the results.'),
    ('side', 'home, away, over, under or draw.'),
    ('snapshot_date', 'The day it describes.'),
    ('source', 'Feed.'),
    ('source_at', 'The feed''s own time.'),
    ('source_book_id', 'The feed''s id of the book.'),
    ('source_game_id', 'The feed''s id of the game.'),
    ('source_table', 'Where it comes from.'),
    ('spent', 'Credits spent of those reserved.'),
    ('split_type', 'Market.'),
    ('spool_bytes', 'Bytes waiting for the database.'),
    ('spool_depth', 'Payloads waiting for the database.'),
    ('sport', 'Sport by slug.'),
    ('sportsbook', 'Name of the book.'),
    ('sportsbook_id', 'The feed''s id of the book.'),
    ('spread', 'How far the books differ: highest less lowest probability.'),
    ('staged', 'Fetches that were staged.'),
    ('stake', 'What was staked; for opportunities the share of the bankroll.'),
    ('staked', 'Sum of the stakes.'),
    ('stale', 'A late row arrived; false again at the end of its statement.'),
    ('started_at', 'When it began.'),
    ('starts_at', 'Start of the game.'),
    ('state', 'Where it stands.'),
    ('status', 'Where it stands.'),
    ('status_code', 'HTTP status.'),
    ('steam_move', 'Whether several books moved at once, by the presets that fill the summary.'),
    ('stored_at', 'When the row was written.'),
    ('strategy', 'Name of the strategy.'),
    ('streak', 'Wins in a row; negative for losses.'),
    ('stream', 'Feed and endpoint.'),
    ('strength', 'How strong, 0 to 1.'),
    ('strength_of_schedule', 'Mean rating of the opponents.'),
    ('subject', 'What the alert is about.'),
    ('subscription_status', 'State of the subscription.'),
    ('superseded', 'Whether a later revision replaced it.'),
    ('team', 'Canonical slug of the team: mlb:marlins.'),
    ('tickets', 'Number of bets.'),
    ('tickets_pct', 'Share of bets, 0 to 100.'),
    ('ties', 'Games without a winner.'),
    ('total', 'The total.'),
    ('total_accuracy', 'Share of picks on totals that were right.'),
    ('total_extractions', 'Payloads that held it.'),
    ('total_line', 'The total.'),
    ('total_line_movement', 'Line less opening line.'),
    ('total_lines_extracted', 'Changes so far.'),
    ('total_movements', 'Changes after the first price.'),
    ('under_bets_percentage', 'Share of bets on the under, 0 to 100.'),
    ('under_money_percentage', 'Share of money on the under, 0 to 100.'),
    ('under_price', 'The under''s American price.'),
    ('updated_at', 'When the row was last written.'),
    ('url', 'The request without any key.'),
    ('valid_from', 'First day it was believed.'),
    ('valid_to', 'Last day it was believed.'),
    ('value', 'What it holds, cleaned and cut.'),
    ('values', 'Values of the features, in the order of names.'),
    ('venue', 'Where it was played; null when no feed tells.'),
    ('volume_indicator', 'low, medium or high: how many books quote it.'),
    ('went_over', 'Whether the total was beaten; null on a push and before the end.'),
    ('win_rate', 'Share won of those won or lost.'),
    ('winning_side', 'Who won it; null before the end.'),
    ('wins', 'Number won.'),
    ('writer', 'The process that wrote.'),
    ('written_at', 'When it wrote.'),
    ('zones', 'Counts by zone.');

select operational.describe_columns(c.oid::regclass)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('raw_data', 'core_betting', 'analytics', 'operational')
  and c.relkind in ('r', 'p', 'v') and not c.relispartition;
