-- Fair odds, bets and what is offered on them, and chances: written beside the drain by engine::opportunities, a function of
-- line_history. The tables were reserved and hold nothing yet. Numbers are doubles: the same rows give the same bits.


alter table core_betting.bets
    add column period      text not null default 'full',
    add column participant text not null default '',
    add column line        numeric(6, 2) check (line * 4 = trunc(line * 4)),
    add column seed_bet_id text check (seed_bet_id ~ '^[0-9a-f]{64}$');
create unique index bets_outcome on core_betting.bets (game_id, bet_type, period, participant, line, outcome_side)
    nulls not distinct where game_id is not null;
comment on table  core_betting.bets             is 'An outcome one may bet on, whoever offers it: game, market, part of the game, team or player, line and side. Written by engine::opportunities once it has a fair price; one''s own bet on it is told beside it.';
comment on column core_betting.bets.bet_id      is 'SHA-256 of what it settles on, and of nothing that is only said about it: the same for as long as the game keeps its id.';
comment on column core_betting.bets.bet_type    is 'The market: moneyline, spread, total, team_total or the name of a prop.';
comment on column core_betting.bets.event_name  is 'Away @ home.';
comment on column core_betting.bets.parameters  is 'Line and participant, as an earlier program''s recipe takes them.';
comment on column core_betting.bets.sha_key     is 'The event''s key by an earlier program''s recipe: 16 digits of SHA-256 of event, time and sport. No key here.';
comment on column core_betting.bets.seed_bet_id is 'The bet''s id by an earlier program''s recipe, with what that recipe asks for filled in. No key here.';

drop table core_betting.bet_offers;
create table core_betting.bet_offers (
    game_id             bigint           not null,
    bet_id              text             not null check (bet_id ~ '^[0-9a-f]{64}$'),
    book                text             not null,
    offered_at          timestamptz      not null check (isfinite(offered_at)),
    status              text             not null check (status in ('open', 'closed', 'unseen')),
    american            integer          check (american >= 100 or american < -100),
    decimal             double precision check (decimal > 1),
    net_decimal         double precision check (net_decimal > 1),
    implied_probability double precision check (implied_probability > 0 and implied_probability < 1),
    fair_probability    double precision check (fair_probability > 0 and fair_probability < 1),
    expected_value      double precision check (expected_value >= -1),
    class               text             not null check (class in ('green', 'amber', 'grey', 'unknown')),
    confidence_score    double precision check (confidence_score between 0 and 1),
    volume_indicator    text             not null check (volume_indicator in ('low', 'medium', 'high')),
    available_limits    numeric(14, 2)   check (available_limits >= 0),
    metadata            jsonb            not null default '{}',
    refresh_cycle_id    uuid,
    primary key (game_id, bet_id, book, offered_at),
    constraint open_has_a_price check ((status = 'open') = (decimal is not null)
        and (decimal is null) = (american is null) and (decimal is null) = (net_decimal is null)
        and (decimal is null) = (implied_probability is null)),
    constraint value_needs_fair check (expected_value is null or (fair_probability is not null and decimal is not null)),
    constraint unknown_has_no_value check ((class = 'unknown') = (expected_value is null))
);
create index bet_offers_time on core_betting.bet_offers using brin (offered_at);
create index bet_offers_bet on core_betting.bet_offers (bet_id, offered_at);
comment on table  core_betting.bet_offers                  is 'What a book offered on a bet from a moment on, with the fair price and its worth then. A row where price, status or class changed, or its worth by a point (fair.min_change).';
comment on column core_betting.bet_offers.offered_at       is 'When this became known; it stands until the book''s next row of the bet, at most until the start.';
comment on column core_betting.bet_offers.status           is 'open; closed: suspended, off the board or moved to another number; unseen: its feed was silent for longer than fair.max_age.';
comment on column core_betting.bet_offers.decimal          is 'Decimal price as offered; null while it could not be taken.';
comment on column core_betting.bet_offers.net_decimal      is 'Decimal price after the book''s commission (fair.commission).';
comment on column core_betting.bet_offers.implied_probability is 'One over the price as offered.';
comment on column core_betting.bet_offers.fair_probability is 'The fair probability then; fair_odds has what it rests on.';
comment on column core_betting.bet_offers.expected_value   is 'fair_probability times net_decimal, less one; null without a fair price.';
comment on column core_betting.bet_offers.class            is 'green from fair.take on, amber above nothing, else grey; unknown without a fair price.';
comment on column core_betting.bet_offers.confidence_score is 'An earlier program''s measure: ten times the worth, whatever its sign, a tenth more with other books'' prices, at most 1.';
comment on column core_betting.bet_offers.metadata         is 'What else is known of it.';

drop table analytics.fair_odds;
create table analytics.fair_odds (
    game_id     bigint           not null,
    bet_id      text             not null check (bet_id ~ '^[0-9a-f]{64}$'),
    at          timestamptz      not null check (isfinite(at)),
    market      text             not null,
    period      text             not null,
    participant text             not null default '',
    side        text             not null check (side in ('home', 'away', 'over', 'under', 'draw')),
    line        numeric(6, 2)    check (line * 4 = trunc(line * 4)),
    method      text             not null,
    probability double precision check (probability > 0 and probability < 1),
    books       smallint         not null check (books >= 0),
    anchors     jsonb            not null default '[]',
    reason      text,
    primary key (game_id, bet_id, at),
    constraint a_price_or_a_reason check ((probability is null) = (reason is not null) and (probability is null) = (books = 0))
);
create index fair_odds_time on analytics.fair_odds using brin (at);
comment on table  analytics.fair_odds             is 'Fair prices from a moment on, with the method and every anchor they rest on. A row a change.';
comment on column analytics.fair_odds.at          is 'When it became known; it stands until the bet''s next row.';
comment on column analytics.fair_odds.probability is 'Without margin; where a result can push, of the bets that are decided. Null while too few anchors price it.';
comment on column analytics.fair_odds.books       is 'Anchors that counted.';
comment on column analytics.fair_odds.anchors     is 'Each anchor with its weight, its own fair probability of this side, its overround after commission and the seconds since it was seen.';
comment on column analytics.fair_odds.reason      is 'Why there is none.';

drop table analytics.opportunities;
create table analytics.opportunities (
    game_id          bigint           not null,
    at               timestamptz      not null check (isfinite(at)),
    kind             text             not null check (kind in ('value', 'arbitrage', 'middle')),
    bet_id           text             not null check (bet_id ~ '^[0-9a-f]{64}$'),
    book             text             not null,
    others           text             not null default '',
    market           text             not null,
    period           text             not null,
    participant      text             not null default '',
    side             text             not null,
    line             numeric(6, 2)    check (line * 4 = trunc(line * 4)),
    american         integer          not null check (american >= 100 or american < -100),
    decimal          double precision not null check (decimal > 1),
    fair_probability double precision check (fair_probability > 0 and fair_probability < 1),
    expected_value   double precision check (expected_value >= -1),
    break_even       double precision check (break_even between 0 and 1),
    stake            double precision check (stake between 0 and 1),
    legs             jsonb            not null default '[]',
    closed_at        timestamptz      check (closed_at >= at),
    primary key (game_id, at, kind, bet_id, book, others)
);
create index opportunities_time on analytics.opportunities using brin (at);
comment on table  analytics.opportunities                is 'Prices to take, combinations of books that cannot lose, and middles, from when they were there to when they were gone.';
comment on column analytics.opportunities.at             is 'When it was first there, with the prices it had then.';
comment on column analytics.opportunities.bet_id         is 'The bet of its first leg.';
comment on column analytics.opportunities.book           is 'The book of its first leg.';
comment on column analytics.opportunities.others         is 'Side, line and book of the other legs; empty for a single price.';
comment on column analytics.opportunities.decimal        is 'Decimal price of its first leg as offered.';
comment on column analytics.opportunities.expected_value is 'Of a single price its worth; of an arbitrage the profit on one staked in all; null for a middle.';
comment on column analytics.opportunities.break_even     is 'Of a middle, how often it must hit for nothing to be lost.';
comment on column analytics.opportunities.stake          is 'Share of the whole stake on its first leg.';
comment on column analytics.opportunities.legs           is 'Every leg: side, line, book, decimal, net, stake, and the seconds since it was seen and since it changed.';
comment on column analytics.opportunities.closed_at      is 'When it was gone; null while it stands, or stood until the start.';

-- Which book has the best price of a bet, and for how long: every stretch of time between two rows of a bet's offers goes to
-- whoever pays most after commission, several books sharing it alike.
create view analytics.best_price_time as
with moment as (
    select m.game_id, m.bet_id, m.begins, b.league, b.bet_type, b.period,
           least(lead(m.begins) over (partition by m.game_id, m.bet_id order by m.begins), b.event_time) as ends
    from (select distinct game_id, bet_id, offered_at as begins from core_betting.bet_offers) m
    join core_betting.bets b using (bet_id)
), quoting as (
    select game_id, bet_id, book, min(offered_at) as since from core_betting.bet_offers group by game_id, bet_id, book
), numbered as (
    -- A book's row stands until its next: rows are numbered, and all moments of a number have its price.
    select m.*, q.book, o.net_decimal, o.expected_value,
           count(o.book) over (partition by m.game_id, m.bet_id, q.book order by m.begins) as nth
    from moment m
    join quoting q on q.game_id = m.game_id and q.bet_id = m.bet_id and q.since <= m.begins
    left join core_betting.bet_offers o on o.game_id = m.game_id and o.bet_id = m.bet_id and o.book = q.book
        and o.offered_at = m.begins
), standing as (
    select game_id, bet_id, league, bet_type, period, begins, ends, book,
           first_value(net_decimal) over same as net_decimal, first_value(expected_value) over same as expected_value
    from numbered
    window same as (partition by game_id, bet_id, book, nth order by begins)
), ranked as (
    select s.*, s.net_decimal = max(s.net_decimal) over (partition by s.game_id, s.bet_id, s.begins) as is_best
    from standing s
    where s.net_decimal is not null and s.ends > s.begins
)
select game_id, bet_id, league, bet_type as market, period, begins, ends, book, net_decimal, expected_value, is_best,
       (case when is_best then 1.0 / count(*) filter (where is_best) over (partition by game_id, bet_id, begins)
             else 0 end)::float8 as share
from ranked;
comment on view   analytics.best_price_time                is 'Every stretch of a bet''s time with each book''s price in it, and who had the best. Ends at the start.';
comment on column analytics.best_price_time.begins         is 'From then on.';
comment on column analytics.best_price_time.ends           is 'Until some book''s next row of the bet, or the start.';
comment on column analytics.best_price_time.book           is 'The shop.';
comment on column analytics.best_price_time.net_decimal    is 'Its price after commission.';
comment on column analytics.best_price_time.expected_value is 'What it was worth when its row was written.';
comment on column analytics.best_price_time.is_best        is 'Whether no book paid more.';
comment on column analytics.best_price_time.share          is 'One, shared alike by those that paid most.';

create function analytics.best_books(
    of_league text default null, of_market text default null, since timestamptz default null)
returns table (book text, league text, market text, bets bigint, hours double precision, best_hours double precision,
               best_share double precision, alone_share double precision)
language sql stable set search_path = pg_catalog as $$
    select t.book, t.league, t.market, count(distinct t.bet_id), sum(t.seconds) / 3600, sum(t.seconds * t.share) / 3600,
           sum(t.seconds * t.share) / sum(t.seconds), coalesce(sum(t.seconds) filter (where t.share = 1), 0) / sum(t.seconds)
    from (select *, extract(epoch from ends - begins)::float8 as seconds from analytics.best_price_time) t
    where (of_league is null or t.league = of_league) and (of_market is null or t.market = of_market)
      and (since is null or t.begins >= since)
    group by t.book, t.league, t.market
    order by t.league, t.market, sum(t.seconds * t.share) / sum(t.seconds) desc, t.book
$$;
comment on function analytics.best_books is
    'How often each book has the best price, by the time it quotes: best_share counts a time that several share in parts, alone_share only what nobody shares.';

-- What offers were worth, as they were written. Only those that could be taken and had a fair price.
create function analytics.ev_over_time(
    step interval default '1 day', of_league text default null, of_book text default null, since timestamptz default null)
returns table (begins timestamptz, league text, book text, offers bigint, positive bigint, green bigint,
               mean_ev double precision, max_ev double precision)
language sql stable set search_path = pg_catalog as $$
    select date_bin(step, o.offered_at, '2000-01-01 00:00:00+00'), b.league, o.book, count(*),
           count(*) filter (where o.class in ('green', 'amber')), count(*) filter (where o.class = 'green'),
           avg(o.expected_value), max(o.expected_value)
    from core_betting.bet_offers o join core_betting.bets b using (bet_id)
    where o.expected_value is not null and (of_league is null or b.league = of_league)
      and (of_book is null or o.book = of_book) and (since is null or o.offered_at >= since)
    group by 1, 2, 3
    order by 1, 2, 3
$$;
comment on function analytics.ev_over_time is
    'Offers by time, league and book: how many, how many better than fair, how many to be taken, mean and greatest worth.';

insert into operational.glossary (name, meaning) values
    ('anchors', 'The books a fair price rests on.'),
    ('break_even', 'How often a middle must hit for nothing to be lost.'),
    ('class', 'green, amber, grey or unknown: how good the price is.'),
    ('net_decimal', 'Decimal price after commission.'),
    ('others', 'The other legs: side, line and book.'),
    ('seed_bet_id', 'The bet''s id by an earlier program''s recipe.')
on conflict do nothing;
select operational.describe_columns(c)
from unnest(array['core_betting.bets', 'core_betting.bet_offers', 'analytics.fair_odds', 'analytics.opportunities',
                  'analytics.best_price_time']::regclass[]) c;

update operational.table_registry set reserved = false, filled_by = 'engine::opportunities, beside the drain'
where name in ('core_betting.bets', 'core_betting.bet_offers', 'analytics.fair_odds', 'analytics.opportunities')
  and kind = 'table';
insert into operational.table_registry (name, kind, home)
values ('analytics.best_price_time', 'view', 'core_betting.bet_offers');
