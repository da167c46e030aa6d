-- The rest of the house. What nothing in linetape writes yet is reserved: operational.table_registry says for what.
-- Natural keys hold game_id, and the column of time where a table will grow with it, so that each can be partitioned
-- and distributed as line_history is. Big tables carry no foreign keys.

create table core_betting.sports (
    sport text primary key,
    name  text not null
);
insert into core_betting.sports values
    ('baseball', 'Baseball'), ('football', 'American football'), ('basketball', 'Basketball'), ('hockey', 'Ice hockey'),
    ('soccer', 'Association football'), ('other', 'Other');
alter table core_betting.leagues add constraint leagues_sport foreign key (sport) references core_betting.sports;
comment on table core_betting.sports is 'Sports by slug. Seeded by the schema.';

create table core_betting.team_aliases (
    league text not null references core_betting.leagues,
    alias  text not null,
    team   text not null references core_betting.teams,
    primary key (league, alias)
);
comment on table core_betting.team_aliases is 'Every name a feed may use for a team: full names and abbreviations. Seeded at start.';

-- Maps that were once believed, kept with their dates: nothing reads them but whoever asks why an old number differs.
create table core_betting.superseded_sportsbook_ids (
    source         text not null,
    source_book_id text not null,
    authority      text not null,
    name           text not null,
    book           text,
    valid_from     date not null,
    valid_to       date not null check (valid_to >= valid_from),
    primary key (source, source_book_id, authority)
);
insert into core_betting.superseded_sportsbook_ids values
    ('action_network', '15', 'mlb_betting', 'DraftKings', 'draftkings', '2025-06-01', '2025-08-31'),
    ('action_network', '30', 'mlb_betting', 'FanDuel', 'fanduel', '2025-06-01', '2025-08-31'),
    ('action_network', '68', 'mlb_betting', 'BetMGM', 'betmgm', '2025-06-01', '2025-08-31'),
    ('action_network', '69', 'mlb_betting', 'Caesars', 'caesars', '2025-06-01', '2025-08-31'),
    ('action_network', '71', 'mlb_betting', 'PointsBet', 'pointsbet', '2025-06-01', '2025-08-31'),
    ('action_network', '75', 'mlb_betting', 'Circa', 'circa', '2025-06-01', '2025-08-31'),
    ('action_network', '15', 'sportsbook_utils', 'FanDuel', 'fanduel', '2025-06-01', '2025-08-31'),
    ('action_network', '30', 'sportsbook_utils', 'DraftKings', 'draftkings', '2025-06-01', '2025-08-31'),
    ('action_network', '71', 'sportsbook_utils', 'Bet365', 'bet365', '2025-06-01', '2025-08-31'),
    ('action_network', '75', 'sportsbook_utils', 'Pinnacle', 'pinnacle', '2025-06-01', '2025-08-31'),
    ('action_network', '79', 'sportsbook_utils', 'Circa', 'circa', '2025-06-01', '2025-08-31'),
    ('action_network', '123', 'sportsbook_utils', 'PointsBet', 'pointsbet', '2025-06-01', '2025-08-31'),
    ('action_network', '972', 'sportsbook_utils', 'Fanatics', 'fanatics', '2025-06-01', '2025-08-31'),
    ('action_network', '68', 'analyzer', 'Caesars', 'caesars', '2025-06-01', '2025-08-31'),
    ('action_network', '69', 'analyzer', 'BetMGM', 'betmgm', '2025-06-01', '2025-08-31'),
    ('action_network', '79', 'mapping_table', 'Caesars', 'caesars', '2025-06-01', '2025-08-31'),
    ('action_network', '83', 'mapping_table', 'BetRivers', 'betrivers', '2025-06-01', '2025-08-31'),
    ('action_network', '84', 'mapping_table', 'PointsBet', 'pointsbet', '2025-06-01', '2025-08-31'),
    ('action_network', '71', 'unnamed_71_betrivers', 'BetRivers', 'betrivers', '2025-06-01', '2025-08-31'),
    ('action_network', '75', 'unnamed_75_espn_bet', 'ESPN BET', 'espnbet', '2025-06-01', '2025-08-31'),
    ('action_network', '75', 'unnamed_75_barstool', 'Barstool', 'espnbet', '2025-06-01', '2025-08-31');
comment on table core_betting.superseded_sportsbook_ids is
    'Book ids as earlier programs read them. Action Network''s own list (sportsbook_sources) is the authority: 15 is its consensus, 30 its opener. An authority is the part of the earlier program that held the map; unnamed_* are readings whose place is not recorded.';

create table core_betting.bets (
    bet_id             text        primary key check (bet_id ~ '^[0-9a-f]{64}$'),
    game_id            bigint,
    league             text        references core_betting.leagues,
    event_name         text        not null,
    home_team          text,
    away_team          text,
    player_name        text,
    bet_type           text        not null,
    market_description text,
    parameters         jsonb       not null default '{}',
    outcome_side       text        check (outcome_side in ('home', 'away', 'over', 'under', 'draw')),
    event_time         timestamptz check (isfinite(event_time)),
    sha_key            text        check (length(sha_key) in (16, 64)),
    placed_at          timestamptz check (isfinite(placed_at)),
    stake              numeric(14, 2) check (stake > 0),
    american           integer     check (american >= 100 or american < -100),
    decimal            numeric(12, 4) check (decimal > 1),
    outcome            text        check (outcome in ('win', 'half_win', 'push', 'half_lose', 'lose', 'no_action')),
    profit_loss        numeric(14, 2),
    created_at         timestamptz not null default now(),
    updated_at         timestamptz not null default now(),
    constraint price_is_whole check ((american is null) = (decimal is null))
);
create index bets_game on core_betting.bets (game_id) where game_id is not null;
create index bets_event on core_betting.bets (league, bet_type, event_time);
comment on table core_betting.bets is 'A selection one may bet on, and one''s own bet on it where there is one. Reserved.';

create table core_betting.bet_offers (
    bet_id              text        not null check (bet_id ~ '^[0-9a-f]{64}$'),
    book                text        not null,
    offered_at          timestamptz not null check (isfinite(offered_at)),
    american            integer     not null check (american >= 100 or american < -100),
    decimal             numeric(12, 4) not null check (decimal > 1),
    fair_probability    numeric(9, 6) check (fair_probability > 0 and fair_probability < 1),
    expected_value      numeric(9, 6) check (expected_value >= -1),
    implied_probability numeric(9, 6) check (implied_probability > 0 and implied_probability < 1),
    confidence_score    numeric(4, 3) check (confidence_score between 0 and 1),
    volume_indicator    text        check (volume_indicator in ('low', 'medium', 'high')),
    available_limits    numeric(14, 2) check (available_limits >= 0),
    metadata            jsonb       not null default '{}',
    refresh_cycle_id    uuid,
    primary key (bet_id, book, offered_at)
);
create index bet_offers_time on core_betting.bet_offers using brin (offered_at);
comment on table core_betting.bet_offers is 'What a book offered on a bet at a moment, with fair price and expected value. Reserved.';

create table core_betting.team_stats_daily (
    team                text        not null references core_betting.teams,
    snapshot_date       date        not null,
    season              smallint    not null check (season between 1870 and 2200),
    games_played        integer     not null check (games_played >= 0),
    wins                integer     not null check (wins >= 0),
    losses              integer     not null check (losses >= 0),
    ties                integer     not null default 0 check (ties >= 0),
    points_for          integer     check (points_for >= 0),
    points_against      integer     check (points_against >= 0),
    ppg                 numeric(7, 3) check (ppg >= 0),
    papg                numeric(7, 3) check (papg >= 0),
    home_wins           integer     check (home_wins >= 0),
    home_losses         integer     check (home_losses >= 0),
    away_wins           integer     check (away_wins >= 0),
    away_losses         integer     check (away_losses >= 0),
    last_10_wins        smallint    check (last_10_wins between 0 and 10),
    last_10_losses      smallint    check (last_10_losses between 0 and 10),
    recent_ppg          numeric(7, 3),
    recent_papg         numeric(7, 3),
    streak              smallint,
    elo_rating          numeric(8, 3),
    pythagorean_win_pct numeric(7, 6) check (pythagorean_win_pct between 0 and 1),
    strength_of_schedule numeric(8, 3),
    created_at          timestamptz not null default now(),
    primary key (team, snapshot_date)
);
comment on table core_betting.team_stats_daily is 'A team''s record and averages as they stood on a day. Reserved.';

-- Signals: why, evidence, record. A signal is a function of line_history and betting_splits in the order in which they
-- became known, so the numbers are doubles: the same rows give the same bits.
create table analytics.signal_presets (
    preset  text    primary key,
    kind    text    not null,
    source  text    not null,
    rule    text    not null,
    summary boolean not null
);
comment on table  analytics.signal_presets         is 'The presets of this linetape: what counts as a signal, with its numbers. Written at start.';
comment on column analytics.signal_presets.source  is 'Whose definition it is.';
comment on column analytics.signal_presets.rule    is 'The rule and its numbers.';
comment on column analytics.signal_presets.summary is 'Whether its signals fill the summary''s columns: steam_move, reverse_line_movement, sharp_action.';

create table analytics.signals (
    game_id          bigint           not null,
    detected_at      timestamptz      not null check (isfinite(detected_at)),
    kind             text             not null check (kind in ('steam', 'rlm', 'divergence', 'late_money', 'consensus',
                                                               'public_fade', 'book_conflict', 'stale', 'opener',
                                                               'head_fake')),
    market           text             not null check (market in ('moneyline', 'spread', 'total')),
    period           text             not null,
    side             text             not null check (side in ('home', 'away', 'over', 'under')),
    preset           text             not null,
    revision         integer          not null default 0 check (revision >= 0),
    observed_at      timestamptz      not null check (isfinite(observed_at)),
    strength         double precision not null check (strength between 0 and 1),
    delta            double precision check (delta between -1 and 1),
    fair_probability double precision check (fair_probability > 0 and fair_probability < 1),
    shops            smallint         not null check (shops > 0),
    leader           text,
    movers           jsonb            not null default '[]',
    waiting          jsonb            not null default '[]',
    later            jsonb            not null default '[]',
    ongoing_until    timestamptz      not null check (ongoing_until >= detected_at),
    juice_only       boolean          not null,
    resolution_s     double precision check (resolution_s > 0),
    book             text,
    line             numeric(6, 2)    check (line * 4 = trunc(line * 4)),
    american         integer          check (american >= 100 or american < -100),
    decimal          numeric(12, 4)   check (decimal > 1),
    splits           jsonb            not null default '[]',
    reason           text             not null,
    content_hash     bytea            not null check (octet_length(content_hash) = 32),
    reconstructed    boolean          not null default false,
    superseded       boolean          not null default false,
    created_at       timestamptz      not null default now(),
    primary key (game_id, detected_at, kind, market, period, side, preset, revision),
    constraint price_is_whole check ((american is null) = (decimal is null) and (american is null) = (book is null))
);
create index signals_time on analytics.signals using brin (detected_at);
comment on table  analytics.signals                  is 'What a preset saw in a game before its start. Late data adds a revision and supersedes the old.';
comment on column analytics.signals.detected_at      is 'Market time at which it was complete: that of the row that completed it, or of a later one that was known before.';
comment on column analytics.signals.observed_at      is 'When that row was received: from then on the signal was known.';
comment on column analytics.signals.side             is 'The side it points to.';
comment on column analytics.signals.strength         is '0 to 1, by the rule''s own measure.';
comment on column analytics.signals.delta            is 'Change of the side''s fair probability that it speaks of; null where it speaks of splits alone.';
comment on column analytics.signals.fair_probability is 'Median fair probability of the side when it was seen, at the line most shops had.';
comment on column analytics.signals.shops            is 'Groups of shops that moved (clones count once), or 1.';
comment on column analytics.signals.leader           is 'First mover; null where nobody moved.';
comment on column analytics.signals.movers           is 'Shops that moved, first mover first: shop, at, delta.';
comment on column analytics.signals.waiting          is 'Shops that had not moved: shop, at (since when their price stands), delta (how far it lags).';
comment on column analytics.signals.later            is 'Shops that moved afterwards while it went on.';
comment on column analytics.signals.ongoing_until    is 'When its last mover moved.';
comment on column analytics.signals.juice_only       is 'Prices moved and no line did.';
comment on column analytics.signals.resolution_s     is 'Seconds between looks at the shops: what is shorter cannot be seen.';
comment on column analytics.signals.book             is 'Who had the best price of the side when it was seen.';
comment on column analytics.signals.splits           is 'The splits it rests on.';
comment on column analytics.signals.reason           is 'One sentence.';
comment on column analytics.signals.content_hash     is 'BLAKE3 of all that was said when it was seen: evidence, shops, price and words. What goes on afterwards is not in it.';
comment on column analytics.signals.superseded       is 'Rows that came late took it back, or changed it: a higher revision holds.';

create table analytics.signal_evidence (
    game_id     bigint      not null,
    detected_at timestamptz not null check (isfinite(detected_at)),
    kind        text        not null,
    market      text        not null,
    period      text        not null,
    side        text        not null,
    preset      text        not null,
    revision    integer     not null,
    nth         smallint    not null check (nth > 0),
    series_id   bigint      not null,
    at          timestamptz not null check (isfinite(at)),
    line        numeric(6, 2) check (line * 4 = trunc(line * 4)),
    american    integer     check (american >= 100 or american < -100),
    before_line numeric(6, 2) check (before_line * 4 = trunc(before_line * 4)),
    before_american integer check (before_american >= 100 or before_american < -100),
    primary key (game_id, detected_at, kind, market, period, side, preset, revision, nth)
);
comment on table  analytics.signal_evidence                 is 'The rows of line_history a signal rests on: (game_id, series_id, at) is their key there.';
comment on column analytics.signal_evidence.before_line     is 'Line before the change.';
comment on column analytics.signal_evidence.before_american is 'Price before the change.';

create table analytics.signal_grades (
    game_id     bigint      not null,
    detected_at timestamptz not null check (isfinite(detected_at)),
    kind        text        not null,
    market      text        not null,
    period      text        not null,
    side        text        not null,
    preset      text        not null,
    revision    integer     not null,
    outcome     text        not null check (outcome in ('win', 'half_win', 'push', 'half_lose', 'lose', 'no_action')),
    american    integer     check (american >= 100 or american < -100),
    profit_loss double precision,
    close_line  numeric(6, 2) check (close_line * 4 = trunc(close_line * 4)),
    close_probability double precision check (close_probability > 0 and close_probability < 1),
    clv         double precision,
    method      text        not null,
    graded_at   timestamptz not null default now(),
    primary key (game_id, detected_at, kind, market, period, side, preset, revision)
);
comment on table  analytics.signal_grades                   is 'How a signal turned out: one unit at the price of its moment, and against the close without margin.';
comment on column analytics.signal_grades.profit_loss       is 'Units won on one unit staked.';
comment on column analytics.signal_grades.close_line        is 'Line most shops closed at.';
comment on column analytics.signal_grades.close_probability is 'Median fair probability of the side at the close, carried to the line that was bet.';
comment on column analytics.signal_grades.clv               is 'Decimal price times that probability, less one.';
comment on column analytics.signal_grades.method            is 'How the margin was taken from the close.';

-- The record of a preset: no results, no record. Signals from prices that were fetched after the fact are left out.
create view analytics.signal_record as
select t.preset, t.kind, t.league, t.market, t.strength_band, t.graded, t.won, t.lost, t.pushed,
       t.won / nullif(t.won + t.lost, 0) as hit_rate,
       -- Wilson (1927), 95 %.
       greatest(0, (t.won + 1.920729410347062) / nullif(t.won + t.lost + 3.841458820694124, 0)
           - 1.959963984540054 * sqrt(t.won * t.lost / nullif(t.won + t.lost, 0) + 0.960364705173531) / (t.won + t.lost + 3.841458820694124)) as hit_low,
       least(1, (t.won + 1.920729410347062) / nullif(t.won + t.lost + 3.841458820694124, 0)
           + 1.959963984540054 * sqrt(t.won * t.lost / nullif(t.won + t.lost, 0) + 0.960364705173531) / (t.won + t.lost + 3.841458820694124)) as hit_high,
       t.profit_loss, t.profit_loss / nullif(t.priced, 0) as roi, t.average_clv, t.clv_count
from (
    select s.preset, s.kind, g.league, s.market,
           case when s.strength < 1 / 3.0::float8 then 'weak' when s.strength < 2 / 3.0::float8 then 'medium'
                else 'strong' end as strength_band,
           count(*)::integer as graded,
           sum(case r.outcome when 'win' then 1 when 'half_win' then 0.5 else 0 end)::float8 as won,
           sum(case r.outcome when 'lose' then 1 when 'half_lose' then 0.5 else 0 end)::float8 as lost,
           count(*) filter (where r.outcome in ('push', 'no_action'))::integer as pushed,
           sum(r.profit_loss) as profit_loss, count(r.profit_loss) as priced,
           avg(r.clv) as average_clv, count(r.clv)::integer as clv_count
    from analytics.signals s
    join analytics.signal_grades r using (game_id, detected_at, kind, market, period, side, preset, revision)
    join core_betting.games g on g.game_id = s.game_id
    where not s.superseded and not s.reconstructed
    group by 1, 2, 3, 4, 5) t;
comment on view   analytics.signal_record               is 'How each preset''s signals turned out, by league, market and strength. No results, no record.';
comment on column analytics.signal_record.preset        is 'The preset.';
comment on column analytics.signal_record.strength_band is 'weak below a third, medium below two, strong.';
comment on column analytics.signal_record.graded        is 'Signals of games that are over.';
comment on column analytics.signal_record.won           is 'Wins; half wins count half.';
comment on column analytics.signal_record.lost          is 'Losses; half losses count half.';
comment on column analytics.signal_record.pushed        is 'Pushes and bets that did not stand.';
comment on column analytics.signal_record.hit_rate      is 'Won over won and lost; pushes do not count.';
comment on column analytics.signal_record.hit_low       is 'Lower end of Wilson''s 95 % interval of the hit rate.';
comment on column analytics.signal_record.hit_high      is 'Upper end of it.';
comment on column analytics.signal_record.profit_loss   is 'Units won on one unit each, at the best price when the signal was seen.';
comment on column analytics.signal_record.roi           is 'The same by unit staked.';
comment on column analytics.signal_record.average_clv   is 'Mean value of those prices against the close without margin.';
comment on column analytics.signal_record.clv_count     is 'Signals with a close.';

-- What the summary says of a side: the latest of the presets that speak for it.
create function analytics.signalled(p_game bigint, p_market text, p_period text, p_side text, p_kind text) returns integer
language sql stable security definer set search_path = pg_catalog as $$
    select count(*)::integer from analytics.signals s join analytics.signal_presets p using (preset)
    where s.game_id = p_game and s.market = p_market and s.period = p_period and (p_side is null or s.side = p_side)
      and s.kind = p_kind and p.summary and not s.superseded
$$;
comment on function analytics.signalled is 'How many signals of a kind point to a side (to either, when none is given), by the presets that fill the summary.';

create function analytics.sharp_side(p_game bigint, p_market text, p_period text) returns text
language sql stable security definer set search_path = pg_catalog as $$
    select s.side from analytics.signals s join analytics.signal_presets p using (preset)
    where s.game_id = p_game and s.market = p_market and s.period = p_period
      and s.kind in ('steam', 'rlm', 'divergence') and p.summary and not s.superseded
    order by s.detected_at desc, s.strength desc, s.side limit 1
$$;
comment on function analytics.sharp_side is 'The side that the latest steam, reverse movement or divergence points to; null when there is none.';

create table analytics.fair_odds (
    game_id     bigint      not null,
    at          timestamptz not null check (isfinite(at)),
    market      text        not null,
    period      text        not null,
    side        text        not null check (side in ('home', 'away', 'over', 'under', 'draw')),
    line_slot   text        not null default 'main',
    method      text        not null,
    line        numeric(6, 2) check (line * 4 = trunc(line * 4)),
    probability numeric(9, 8) not null check (probability > 0 and probability < 1),
    overround   numeric(9, 6),
    books       smallint    not null check (books > 0),
    primary key (game_id, at, market, period, side, line_slot, method)
);
create index fair_odds_time on analytics.fair_odds using brin (at);
comment on table analytics.fair_odds is 'Probabilities without margin, by method. Reserved.';

create table analytics.opportunities (
    game_id          bigint      not null,
    at               timestamptz not null check (isfinite(at)),
    kind             text        not null check (kind in ('value', 'arbitrage', 'middle')),
    market           text        not null,
    period           text        not null,
    side             text        not null,
    book             text        not null,
    line             numeric(6, 2) check (line * 4 = trunc(line * 4)),
    american         integer     not null check (american >= 100 or american < -100),
    decimal          numeric(12, 4) not null check (decimal > 1),
    fair_probability numeric(9, 8) check (fair_probability > 0 and fair_probability < 1),
    expected_value   numeric(9, 6) check (expected_value >= -1),
    stake            numeric(9, 6) check (stake between 0 and 1),
    legs             jsonb       not null default '[]',
    closed_at        timestamptz check (closed_at >= at),
    primary key (game_id, at, kind, market, period, side, book)
);
create index opportunities_time on analytics.opportunities using brin (at);
comment on table analytics.opportunities is 'Prices better than fair, and combinations of books that cannot lose. Reserved.';

create table analytics.consensus (
    game_id     bigint      not null,
    at          timestamptz not null check (isfinite(at)),
    market      text        not null,
    period      text        not null,
    side        text        not null check (side in ('home', 'away', 'over', 'under', 'draw')),
    line        numeric(6, 2) check (line * 4 = trunc(line * 4)),
    probability numeric(9, 8) not null check (probability > 0 and probability < 1),
    spread      numeric(9, 8) check (spread >= 0),
    books       smallint    not null check (books > 0),
    primary key (game_id, at, market, period, side)
);
create index consensus_time on analytics.consensus using brin (at);
comment on table analytics.consensus is 'What the shops together say, and how far they differ. Reserved.';

create table analytics.lead_lag (
    game_id   bigint      not null,
    day       date        not null,
    market    text        not null,
    leader    text        not null,
    follower  text        not null check (follower <> leader),
    moves     integer     not null check (moves >= 0),
    followed  integer     not null check (followed between 0 and moves),
    median_ms bigint      check (median_ms >= 0),
    p90_ms    bigint      check (p90_ms >= median_ms),
    primary key (game_id, day, market, leader, follower)
);
comment on table analytics.lead_lag is 'Which book moved first, and how long the others took. Reserved.';

create table analytics.team_ratings_history (
    team                text        not null references core_betting.teams,
    game_id             bigint      not null,
    at                  timestamptz not null check (isfinite(at)),
    elo_rating          numeric(8, 3) not null,
    elo_offense         numeric(8, 3),
    elo_defense         numeric(8, 3),
    pythagorean_win_pct numeric(7, 6) check (pythagorean_win_pct between 0 and 1),
    expected_wins       numeric(8, 3),
    actual_wins         numeric(8, 3),
    luck                numeric(8, 3),
    primary key (team, game_id, at)
);
create index team_ratings_history_latest on analytics.team_ratings_history (team, at desc);
comment on table analytics.team_ratings_history is 'Ratings after each game. Reserved.';

create table analytics.predictions_log (
    game_id             bigint      not null,
    model_name          text        not null,
    predicted_at        timestamptz not null check (isfinite(predicted_at)),
    home_win_probability numeric(9, 8) check (home_win_probability between 0 and 1),
    cover_probability   numeric(9, 8) check (cover_probability between 0 and 1),
    over_probability    numeric(9, 8) check (over_probability between 0 and 1),
    predicted_spread    numeric(7, 3),
    predicted_total     numeric(7, 3),
    confidence          numeric(7, 6) check (confidence between 0 and 1),
    agreement           numeric(7, 6) check (agreement between 0 and 1),
    recommended_bet     text,
    kelly_stake         numeric(9, 6) check (kelly_stake between 0 and 1),
    market_spread       numeric(6, 2) check (market_spread * 4 = trunc(market_spread * 4)),
    market_total        numeric(6, 2) check (market_total * 4 = trunc(market_total * 4)),
    edge                numeric(9, 6),
    actual_home_score   integer     check (actual_home_score >= 0),
    actual_away_score   integer     check (actual_away_score >= 0),
    prediction_correct  boolean,
    brier_score         numeric(9, 8) check (brier_score between 0 and 1),
    profit_loss         numeric(9, 6),
    opening_line        numeric(6, 2) check (opening_line * 4 = trunc(opening_line * 4)),
    bet_line            numeric(6, 2) check (bet_line * 4 = trunc(bet_line * 4)),
    closing_line        numeric(6, 2) check (closing_line * 4 = trunc(closing_line * 4)),
    clv_percent         numeric(9, 6),
    clv_points          numeric(6, 2),
    beat_closing        boolean,
    calibrated_probability numeric(9, 8) check (calibrated_probability between 0 and 1),
    primary key (game_id, model_name, predicted_at)
);
create index predictions_log_model on analytics.predictions_log (model_name, predicted_at);
comment on table analytics.predictions_log is 'What a model said before a game, and what came of it. Reserved.';

create table analytics.model_performance (
    model_name        text    not null,
    league            text    not null references core_betting.leagues,
    period_start      date    not null,
    period_end        date    not null check (period_end >= period_start),
    predictions       integer not null check (predictions >= 0),
    correct           integer not null check (correct between 0 and predictions),
    brier_score       numeric(9, 8) check (brier_score between 0 and 1),
    log_loss          numeric(9, 6) check (log_loss >= 0),
    calibration_error numeric(9, 8) check (calibration_error between 0 and 1),
    average_confidence numeric(7, 6) check (average_confidence between 0 and 1),
    bets              integer not null default 0 check (bets >= 0),
    bets_won          integer not null default 0 check (bets_won between 0 and bets),
    profit_loss       numeric(12, 4),
    roi               numeric(9, 6),
    sharpe            numeric(9, 6),
    ats_accuracy      numeric(7, 6) check (ats_accuracy between 0 and 1),
    total_accuracy    numeric(7, 6) check (total_accuracy between 0 and 1),
    average_clv       numeric(9, 6),
    beat_closing_rate numeric(7, 6) check (beat_closing_rate between 0 and 1),
    updated_at        timestamptz not null default now(),
    primary key (model_name, league, period_start, period_end)
);
comment on table analytics.model_performance is 'A model''s record by league and span. Reserved.';

create table analytics.feature_vectors (
    game_id     bigint      not null,
    at          timestamptz not null check (isfinite(at)),
    feature_set text        not null,
    names       text[]      not null,
    values      double precision[] not null,
    payload_hash bytea      check (octet_length(payload_hash) = 32),
    primary key (game_id, at, feature_set),
    constraint one_value_a_name check (cardinality(names) = cardinality(values))
);
comment on table analytics.feature_vectors is 'Inputs of a model for a game as known at a moment. Reserved.';

create table analytics.strategy_results (
    strategy      text        not null,
    run_at        timestamptz not null check (isfinite(run_at)),
    league        text        not null references core_betting.leagues,
    market        text        not null,
    bucket        text        not null default 'all',
    data_from     timestamptz not null check (isfinite(data_from)),
    data_to       timestamptz not null check (data_to >= data_from),
    parameters    jsonb       not null default '{}',
    bets          integer     not null check (bets >= 0),
    wins          integer     not null check (wins >= 0),
    losses        integer     not null check (losses >= 0),
    pushes        integer     not null check (pushes >= 0),
    win_rate      numeric(7, 6) check (win_rate between 0 and 1),
    roi           numeric(9, 6),
    profit_loss   numeric(12, 4),
    max_drawdown  numeric(9, 6) check (max_drawdown >= 0),
    sharpe        numeric(9, 6),
    p_value       numeric(9, 8) check (p_value between 0 and 1),
    average_clv   numeric(9, 6),
    primary key (strategy, run_at, league, market, bucket)
);
comment on table analytics.strategy_results is 'Backtests: what a strategy would have made. Reserved.';

create table analytics.profitability (
    strategy    text    not null,
    league      text    not null references core_betting.leagues,
    market      text    not null,
    day         date    not null,
    bets        integer not null check (bets >= 0),
    wins        integer not null check (wins >= 0),
    losses      integer not null check (losses >= 0),
    pushes      integer not null check (pushes >= 0),
    staked      numeric(14, 4) not null check (staked >= 0),
    profit_loss numeric(14, 4) not null,
    roi         numeric(9, 6),
    average_clv numeric(9, 6),
    primary key (strategy, league, market, day)
);
comment on table analytics.profitability is 'What signals and bets made, by strategy and day. Reserved.';

create table operational.pipeline_runs (
    run_id        uuid        primary key,
    mode          text        not null check (mode in ('full', 'raw_only', 'staging_only', 'curated_only',
                                                       'raw_to_staging', 'staging_to_curated')),
    status        text        not null check (status in ('pending', 'running', 'success', 'partial', 'failed')),
    source        text,
    dry_run       boolean     not null default false,
    started_at    timestamptz not null default now(),
    completed_at  timestamptz check (completed_at >= started_at),
    records_total bigint      not null default 0 check (records_total >= 0),
    records_failed bigint     not null default 0 check (records_failed between 0 and records_total),
    zones         jsonb       not null default '{}',
    errors        jsonb       not null default '[]'
);
comment on table operational.pipeline_runs is 'Runs of the pipeline asked for by hand or by a job.';

create table operational.health_checks (
    component  text        not null,
    checked_at timestamptz not null check (isfinite(checked_at)),
    status     text        not null check (status in ('healthy', 'warning', 'error', 'unknown')),
    latency_ms real        check (latency_ms >= 0),
    detail     jsonb       not null default '{}',
    primary key (component, checked_at)
);
comment on table operational.health_checks is 'What a health check found. Reserved.';

create table operational.alert_configurations (
    rule       text        primary key,
    enabled    boolean     not null default true,
    severity   text        not null check (severity in ('info', 'warning', 'critical')),
    condition  jsonb       not null,
    channels   text[]      not null default '{}',
    updated_at timestamptz not null default now()
);
comment on table operational.alert_configurations is 'Which alerts are wanted, and where they go. Reserved.';

create table operational.alerts (
    rule            text        not null,
    subject         text        not null,
    raised_at       timestamptz not null check (isfinite(raised_at)),
    severity        text        not null check (severity in ('info', 'warning', 'critical')),
    message         text        not null,
    acknowledged_at timestamptz check (acknowledged_at >= raised_at),
    acknowledged_by text,
    resolved_at     timestamptz check (resolved_at >= raised_at),
    primary key (rule, subject, raised_at)
);
comment on table operational.alerts is 'Alerts raised, acknowledged and resolved. Reserved.';

create table operational.jobs (
    job         text        not null,
    due_at      timestamptz not null check (isfinite(due_at)),
    state       text        not null check (state in ('waiting', 'running', 'done', 'failed', 'missed')),
    attempts    integer     not null default 0 check (attempts >= 0),
    started_at  timestamptz,
    finished_at timestamptz check (finished_at >= started_at),
    result      jsonb,
    error       text,
    primary key (job, due_at)
);
comment on table operational.jobs is 'Daily jobs: when each was due and what came of it. Reserved.';

create table operational.leases (
    resource   text        primary key,
    holder     uuid        not null,
    epoch      bigint      not null check (epoch > 0),
    acquired_at timestamptz not null default now(),
    expires_at timestamptz not null check (expires_at > acquired_at)
);
comment on table operational.leases is 'Which collector does what; the epoch fences off a holder that lost its lease. Reserved.';

create table operational.quota_ledger (
    source      text        not null,
    reserved_at timestamptz not null check (isfinite(reserved_at)),
    holder      uuid        not null,
    credits     bigint      not null check (credits > 0),
    spent       bigint      not null default 0 check (spent >= 0),
    remaining   bigint      check (remaining >= 0),
    resets_at   timestamptz,
    primary key (source, reserved_at, holder)
);
comment on table operational.quota_ledger is 'Blocks of a feed''s credits that collectors reserved and spent. Reserved.';

create table operational.profiles (
    profile             text        primary key,
    role                text        not null default 'free' check (role in ('free', 'basic', 'premium', 'admin')),
    subscription_status text,
    preferred_sports    text[]      not null default '{}',
    alert_thresholds    jsonb       not null default '{}',
    analytics_settings  jsonb       not null default '{}',
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now()
);
comment on table operational.profiles is 'People and their preferences. Reserved.';

-- Indexes that the wide views below lean on.
create index games_home on core_betting.games (home_team, starts_at);
create index games_away on core_betting.games (away_team, starts_at);
create index game_sources_id on core_betting.game_sources (source_game_id);
