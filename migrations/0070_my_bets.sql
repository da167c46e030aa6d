-- One's own bets: what was bet, what it was worth when it was bet, how it ended, and what the close said of it.

create table core_betting.my_bets (
    bet_id            text             primary key check (bet_id ~ '^[0-9a-f]{16}$'),
    ticket_hash       bytea            not null check (octet_length(ticket_hash) = 32),
    game_id           bigint           not null,
    league            text             not null references core_betting.leagues,
    event_name        text             not null,
    market            text             not null check (market in ('moneyline', 'spread', 'total', 'team_total')),
    period            text             not null,
    side              text             not null check (side in ('home', 'away', 'over', 'under', 'draw')),
    team_side         text             check (team_side in ('home', 'away')),
    line              numeric(6, 2)    check (line * 4 = trunc(line * 4)),
    price             text             not null,
    american          integer          not null check (american >= 100 or american < -100),
    decimal           numeric(12, 4)   not null check (decimal > 1),
    stake             numeric(14, 2)   not null check (stake > 0),
    book              text             not null,
    placed_at         timestamptz      not null check (isfinite(placed_at)),
    event_time        timestamptz      check (isfinite(event_time)),
    pitchers          text             not null default 'action' check (pitchers in ('action', 'listed')),
    pitcher_changed   boolean,
    note              text             check (length(note) <= 400),
    fair_probability  double precision check (fair_probability > 0 and fair_probability < 1),
    fair_books        smallint         check (fair_books > 0),
    fair_method       text,
    expected_value    double precision check (expected_value >= -1),
    outcome           text             check (outcome in ('win', 'half_win', 'push', 'half_lose', 'lose', 'no_action')),
    profit_loss       numeric(14, 2),
    close_line        numeric(6, 2)    check (close_line * 4 = trunc(close_line * 4)),
    close_probability double precision check (close_probability > 0 and close_probability < 1),
    clv               double precision,
    settled_at        timestamptz      check (isfinite(settled_at)),
    created_at        timestamptz      not null default now(),
    constraint line_fits_market check ((line is null) = (market = 'moneyline')),
    constraint team_of_a_team_total check ((team_side is null) = (market <> 'team_total')),
    constraint fair_is_whole check ((fair_probability is null) = (expected_value is null)
                                    and (fair_probability is null) = (fair_method is null)
                                    and (fair_probability is null) = (fair_books is null)),
    constraint settled_is_whole check ((outcome is null) = (profit_loss is null) and (outcome is null) = (settled_at is null))
);
create index my_bets_ticket on core_betting.my_bets (ticket_hash);
create index my_bets_open   on core_betting.my_bets (game_id) where outcome is null;
create index my_bets_time   on core_betting.my_bets (placed_at);
comment on table  core_betting.my_bets                   is 'One''s own bets, with what they were worth when they were made, their result and the close. Written by `linetape mybets`, settled by it and by the job grade_signals.';
comment on column core_betting.my_bets.bet_id            is 'Hash of game and ticket: the same bet told twice is one row.';
comment on column core_betting.my_bets.ticket_hash       is 'BLAKE3 of all that was told of the bet but its game, whose id may change when games are joined.';
comment on column core_betting.my_bets.game_id           is 'The game; an id that was given up leads on through core_betting.resolve_game.';
comment on column core_betting.my_bets.event_name        is 'Away at home, as stored when the bet was told.';
comment on column core_betting.my_bets.period            is 'full, 1h, f5 …; only bets on the whole game are settled.';
comment on column core_betting.my_bets.team_side         is 'The team of a team total.';
comment on column core_betting.my_bets.line              is 'Bettor''s sign; null for a moneyline.';
comment on column core_betting.my_bets.price             is 'The price as it was written.';
comment on column core_betting.my_bets.american          is 'The same, American; rounded where it was decimal.';
comment on column core_betting.my_bets.decimal           is 'The same, decimal.';
comment on column core_betting.my_bets.stake             is 'What was staked.';
comment on column core_betting.my_bets.book              is 'Where: canonical slug where linetape knows the book, else as written.';
comment on column core_betting.my_bets.event_time        is 'Start of the game as announced when the bet was told: a game that is played on another day undoes the bet.';
comment on column core_betting.my_bets.pitchers          is 'action: stands whoever starts; listed: only if the pitchers named start.';
comment on column core_betting.my_bets.pitcher_changed   is 'Of a listed bet, whether another pitcher started; null until a person said so, since no feed here tells.';
comment on column core_betting.my_bets.note              is 'A word of one''s own.';
comment on column core_betting.my_bets.fair_probability  is 'Median fair probability of the side at the line that was bet, by the board as it was known when the bet was made; null where none was.';
comment on column core_betting.my_bets.fair_books        is 'Shops in that median.';
comment on column core_betting.my_bets.fair_method       is 'How the margin was taken out.';
comment on column core_betting.my_bets.expected_value    is 'Decimal price times that probability, less one.';
comment on column core_betting.my_bets.outcome           is 'How it ended; null while it is open.';
comment on column core_betting.my_bets.profit_loss       is 'Won less lost, for the stake.';
comment on column core_betting.my_bets.close_line        is 'Line most shops closed at.';
comment on column core_betting.my_bets.close_probability is 'Median fair probability of the side at the close, carried to the line that was bet; null for bets made after the start.';
comment on column core_betting.my_bets.clv               is 'Decimal price times that probability, less one.';
comment on column core_betting.my_bets.settled_at        is 'When it was settled.';

insert into operational.table_registry (name, kind, home, filled_by)
values ('core_betting.my_bets', 'table', 'core_betting.my_bets', 'linetape mybets, and the job grade_signals');

select operational.describe_columns('core_betting.my_bets'::regclass);
