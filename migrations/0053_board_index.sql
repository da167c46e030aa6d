-- A board at a past instant asks for one market of every game in view: the series of it that were quoted by then, without
-- reading those of other markets, or any row at all where a page has not changed of late. None of these columns changes
-- when a price does, so that updates go on touching no index.
create index lines_current_board on core_betting.lines_current (game_id, market, period, phase, first_at)
    include (series_id);
