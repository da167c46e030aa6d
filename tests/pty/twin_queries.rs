//! The SQL twins: what a person with psql would ask to check the screen.
//!
//! Nothing here goes through linetape's own reading code. The one thing taken from the library is which of a shop's ids
//! are not the one that speaks for it, because that stands in an asset and in no table.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use linetape::domain::book::Books;
use linetape::store::embedded::Embedded;
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Row as _};

use super::launch::shared_data_dir;
use super::postgres::options;
use super::written::{move_text, price};

/// A way into the demo's database, beside the program.
pub struct Database {
    pub pool: PgPool,
    embedded: Embedded,
}

/// Connect to a database of the shared cluster.
pub async fn open(name: &str) -> Database {
    let embedded = Embedded::start(options(shared_data_dir()), &|_| {})
        .await
        .unwrap();
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .connect_with(embedded.connect_options(name))
        .await
        .unwrap();
    Database { pool, embedded }
}

/// Who speaks for a shop on a side of the main moneyline of the whole game, and the price now.
///
/// A game that is on and quoted in play shows those prices, any other its prices before the start. Of a shop's series
/// the id that speaks for it wins, then the stream of lower rank, then the smaller id.
const SPEAKERS: &str = r#"
    with second(source, id) as (select * from unnest($1::text[], $2::text[])),
    phase as (
        select g.game_id,
               case when g.status = 'live' and exists (
                        select from core_betting.lines_current l
                        where l.game_id = g.game_id and l.phase = 'live' and l.market = 'moneyline'
                          and l.period = 'full' and l.line_slot = 'main' and l.participant = '')
                    then 'live' else 'pregame' end as phase
        from core_betting.games g
    ), named as (
        select l.*, split_part(l.stream, '/', 1) as source,
               coalesce(b.kind, 'book') as kind,
               coalesce(b.label, l.source_book_id)
                   || case when s.id is not null then '-' || coalesce(k.region, '') else '' end as label,
               coalesce('0' || l.book, '1' || l.source_book_id) collate "C" as shop,
               s.id is not null as is_second,
               array_position(array['action_network/scoreboard', 'odds_api/odds', 'odds_api/event_odds',
                   'action_network/scoreboard_v1', 'action_network/history', 'odds_api/historical'], l.stream) as rank
        from core_betting.lines_current l
        join phase p using (game_id, phase)
        left join core_betting.sportsbooks b using (book)
        left join core_betting.sportsbook_sources k
               on k.source = split_part(l.stream, '/', 1) and k.source_book_id = l.source_book_id
        left join second s on s.source = split_part(l.stream, '/', 1) and s.id = l.source_book_id
        where l.market = 'moneyline' and l.period = 'full' and l.line_slot = 'main' and l.participant = ''
    ), placed as (
        select n.*, row_number() over (partition by game_id, side, shop
                                       order by is_second, rank, source_book_id collate "C") as place
        from named n
    ), speaker as (
        select p.*, t.series_id as ticks_id, t.opening_at as ticks_opening_at, t.opening_american as ticks_opening
        from placed p
        left join placed t on t.game_id = p.game_id and t.side = p.side and t.shop = p.shop and t.place > 1
              and t.stream = 'action_network/history' and t.source = p.source
              and t.source_book_id = p.source_book_id
        where p.place = 1
    )"#;

/// The parameters of [`SPEAKERS`]: ids that do not speak for their shop.
fn second_ids() -> (Vec<String>, Vec<String>) {
    let books = Books::builtin().unwrap();
    books
        .iter()
        .filter(|(_, _, entry)| !entry.primary)
        .map(|(source, id, _)| (source.as_str().to_owned(), id.to_owned()))
        .unzip()
}

/// One row of the board: a side of a game.
#[derive(Debug)]
pub struct BoardLine {
    /// `MIA @ BAL`.
    pub game: String,
    pub game_id: i64,
    /// `home` or `away`.
    pub side: String,
    /// The earliest opening among shops.
    pub open: String,
    /// The highest open price among shops.
    pub best: String,
    /// Labels of those who have it.
    pub best_at: Vec<String>,
    /// Price by label.
    pub prices: BTreeMap<String, String>,
    /// Whether shops hold this side likelier.
    pub is_favourite: bool,
}

impl Database {
    /// Give the cluster back.
    pub async fn leave(self) {
        self.pool.close().await;
        self.embedded.leave().await.unwrap();
    }

    /// The main moneyline of every game, in the board's order, away side first.
    pub async fn board(&self) -> Vec<BoardLine> {
        let (sources, ids) = second_ids();
        let query = format!(
            r"{SPEAKERS}, chance as (
                select game_id, side,
                       percentile_cont(0.5) within group (order by case when american < 0
                           then -american::float8 / (100 - american) else 100::float8 / (100 + american) end) as median
                from speaker where kind = 'book' and status = 'open' group by game_id, side
            ), favourite as (
                select g.game_id,
                       case when h.median is null and a.median is null then 'home'
                            when h.median is null then case when a.median > 0.5 then 'away' else 'home' end
                            when a.median is null then case when h.median < 0.5 then 'away' else 'home' end
                            when a.median > h.median then 'away' else 'home' end as side
                from core_betting.games g
                left join chance h on h.game_id = g.game_id and h.side = 'home'
                left join chance a on a.game_id = g.game_id and a.side = 'away'
            )
            select g.game_id, a.abbr || ' @ ' || h.abbr
                       || case when g.game_number > 1 then ' G' || g.game_number else '' end as game,
                   sides.side, f.side = sides.side as is_favourite,
                   s.label, s.american, s.status, s.kind,
                   least(s.opening_at, s.ticks_opening_at) as opening_at,
                   case when s.ticks_opening_at < s.opening_at or s.opening_at is null
                        then s.ticks_opening else s.opening_american end as opening
            from core_betting.games g
            join core_betting.teams h on h.team = g.home_team
            join core_betting.teams a on a.team = g.away_team
            join favourite f using (game_id)
            cross join (values ('away', 1), ('home', 2)) as sides(side, n)
            left join speaker s on s.game_id = g.game_id and s.side = sides.side
            order by g.starts_at nulls last, g.game_id, sides.n, s.shop"
        );
        let rows = sqlx::query(AssertSqlSafe(query))
            .bind(sources)
            .bind(ids)
            .fetch_all(&self.pool)
            .await
            .unwrap();
        let mut sides: Vec<BoardLine> = Vec::new();
        let mut openings: Vec<Option<(DateTime<Utc>, i32)>> = Vec::new();
        let mut bests: Vec<Option<f64>> = Vec::new();
        for row in rows {
            let (game_id, side): (i64, String) = (row.get("game_id"), row.get("side"));
            if sides
                .last()
                .is_none_or(|s| (s.game_id, &s.side) != (game_id, &side))
            {
                sides.push(BoardLine {
                    game: row.get("game"),
                    game_id,
                    side,
                    open: String::new(),
                    best: String::new(),
                    best_at: Vec::new(),
                    prices: BTreeMap::new(),
                    is_favourite: row.get("is_favourite"),
                });
                openings.push(None);
                bests.push(None);
            }
            let (Some(label), Some(side), Some(opening), Some(best)) = (
                row.get::<Option<String>, _>("label"),
                sides.last_mut(),
                openings.last_mut(),
                bests.last_mut(),
            ) else {
                continue;
            };
            let (american, status): (Option<i32>, String) =
                (row.get("american"), row.get("status"));
            side.prices
                .insert(label.clone(), price(None, american, &status, "moneyline"));
            if row.get::<String, _>("kind") != "book" {
                continue;
            }
            let opened: Option<DateTime<Utc>> = row.get("opening_at");
            if let Some(at) = opened.filter(|at| opening.is_none_or(|(first, _)| *at < first)) {
                let american: i32 = row.get("opening");
                *opening = Some((at, american));
                side.open = price(None, Some(american), "open", "moneyline");
            }
            if let Some(american) = american.filter(|_| status == "open") {
                let pays = if american > 0 {
                    f64::from(american) / 100.0
                } else {
                    -100.0 / f64::from(american)
                };
                if best.is_none_or(|best| pays > best) {
                    *best = Some(pays);
                    side.best = price(None, Some(american), "open", "moneyline");
                    side.best_at.clear();
                }
                if *best == Some(pays) {
                    side.best_at.push(label);
                }
            }
        }
        sides
    }

    /// The chart's read-out: every speaker's price of a side as it stood at the `back`-th newest change before `now`,
    /// and that moment.
    pub async fn chart(
        &self,
        game_id: i64,
        side: &str,
        now: DateTime<Utc>,
        back: i64,
    ) -> (DateTime<Utc>, BTreeMap<String, String>) {
        let (sources, ids) = second_ids();
        let query = format!(
            r"{SPEAKERS}, point as (
                select s.shop, s.label, h.at, h.american, h.status,
                       h.series_id = s.series_id as own
                from speaker s
                join core_betting.line_history h
                  on h.game_id = s.game_id and (h.series_id = s.series_id or h.series_id = s.ticks_id)
                where s.game_id = $3 and s.side = $4
            ), shown as (
                -- A shop's tick history reaches back from the first point of the series that speaks for it.
                select p.* from point p
                where own or p.at < (select min(o.at) from point o where o.shop = p.shop and o.own)
            ), moment as (
                select distinct at from shown where at <= $5 order by at desc offset $6 - 1 limit 1
            )
            select distinct on (s.shop) m.at as moment, s.label, s.american, s.status
            from shown s, moment m where s.at <= m.at
            order by s.shop, s.at desc"
        );
        let rows = sqlx::query(AssertSqlSafe(query))
            .bind(sources)
            .bind(ids)
            .bind(game_id)
            .bind(side)
            .bind(now)
            .bind(back)
            .fetch_all(&self.pool)
            .await
            .unwrap();
        let moment = rows.first().expect("a change that far back").get("moment");
        let prices = rows
            .iter()
            .map(|row| {
                let (american, status): (Option<i32>, String) =
                    (row.get("american"), row.get("status"));
                (
                    row.get("label"),
                    price(None, american, &status, "moneyline"),
                )
            })
            .collect();
        (moment, prices)
    }

    /// Every move ever, as the tape writes one: time, book, side, market, before → after, game.
    pub async fn moves(&self) -> std::collections::BTreeSet<String> {
        let (sources, ids) = second_ids();
        let rows = sqlx::query(
            r"
            with second(source, id) as (select * from unnest($1::text[], $2::text[]))
            select to_char(l.at at time zone 'US/Eastern', 'HH24:MI:SS') as time,
                   coalesce(b.label, l.source_book_id)
                       || case when s.id is not null then '-' || coalesce(k.region, '') else '' end as label,
                   case when l.participant <> '' then left(l.participant, 4) || '…'
                        when l.side = 'home' then h.abbr when l.side = 'away' then a.abbr else l.side end as selection,
                   case l.market when 'moneyline' then 'ml' when 'spread' then 'sprd' when 'total' then 'tot'
                                 when 'team_total' then 'team' else 'prop' end
                       || case l.phase when 'live' then '●' else '' end as short,
                   l.market, l.line::float8 as line, l.american, l.status,
                   lag(l.line::float8) over series as line_before, lag(l.american) over series as american_before,
                   lag(l.status) over series as status_before,
                   a.abbr || ' @ ' || h.abbr
                       || case when g.game_number > 1 then ' G' || g.game_number else '' end as game
            from core_betting.line_history l
            join core_betting.games g using (game_id)
            join core_betting.teams h on h.team = g.home_team
            join core_betting.teams a on a.team = g.away_team
            left join core_betting.sportsbooks b using (book)
            left join core_betting.sportsbook_sources k
                   on k.source = split_part(l.stream, '/', 1) and k.source_book_id = l.source_book_id
            left join second s on s.source = split_part(l.stream, '/', 1) and s.id = l.source_book_id
            -- Of a team total the screen has room for the first letters of the team.
            where l.participant = '' or l.market = 'team_total'
            window series as (partition by l.game_id, l.series_id order by l.at)",
        )
        .bind(sources)
        .bind(ids)
        .fetch_all(&self.pool)
        .await
        .unwrap();
        rows.iter().map(move_text).collect()
    }

    /// The extraction log as the panel writes it: time, game, stream, `+lines`, total, runs, up to, sign.
    pub async fn extractions(&self) -> Vec<String> {
        let rows = sqlx::query(
            r"
            select to_char(e.last_extracted_at at time zone 'US/Eastern', 'HH24:MI:SS') || ' '
                   || a.abbr || ' @ ' || h.abbr
                   || case when g.game_number > 1 then ' G' || g.game_number else '' end || ' '
                   || case split_part(e.stream, '/', 1) when 'action_network' then 'an' else 'oddsapi' end || ' '
                   || case split_part(e.stream, '/', 2) when 'scoreboard' then 'board'
                                                        else split_part(e.stream, '/', 2) end || ' '
                   || '+' || e.last_lines_extracted || ' '
                   || to_char(e.total_lines_extracted, 'FM999,999,990') || ' ' || e.total_extractions
                   || coalesce(' ' || to_char(e.watermark at time zone 'US/Eastern', 'HH24:MI:SS'), '') || ' '
                   || case e.extraction_status when 'success' then '✓' when 'partial' then '!' else '✗' end
            from operational.extraction_log e
            join core_betting.games g using (game_id)
            join core_betting.teams h on h.team = g.home_team
            join core_betting.teams a on a.team = g.away_team",
        )
        .fetch_all(&self.pool)
        .await
        .unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// The persistence panel's totals, counted from the data itself.
    pub async fn totals(&self) -> BTreeMap<&'static str, i64> {
        let row = sqlx::query(
            "select (select count(*) from raw_data.collection_log),
                    (select count(*) from core_betting.line_history),
                    (select coalesce(sum(observations), 0)::int8 from core_betting.lines_current),
                    (select count(*) from operational.validation_results)",
        )
        .fetch_one(&self.pool)
        .await
        .unwrap();
        BTreeMap::from([
            ("payloads", row.get(0)),
            ("changes", row.get(1)),
            ("seen", row.get(2)),
            ("rejects", row.get(3)),
        ])
    }

    /// Sources by short name: answers, failures, changes, rejects, quota left.
    pub async fn sources(&self) -> BTreeMap<String, [Option<i64>; 5]> {
        let rows = sqlx::query(
            "select case source when 'action_network' then 'an' else 'oddsapi' end,
                    fetched, failed, changes, rejects, quota_remaining from raw_data.source_health",
        )
        .fetch_all(&self.pool)
        .await
        .unwrap();
        let numbers = |row: &sqlx::postgres::PgRow| [1, 2, 3, 4, 5].map(|n| row.get(n));
        rows.iter().map(|row| (row.get(0), numbers(row))).collect()
    }

    /// Fetches of a run that brought a body, and those that did not, by source's short name.
    pub async fn fetches_since(&self, since: DateTime<Utc>) -> BTreeMap<String, [Option<i64>; 2]> {
        let rows = sqlx::query(
            "select case source when 'action_network' then 'an' else 'oddsapi' end,
                    count(*) filter (where error is null), count(*) filter (where error is not null)
             from raw_data.collection_log where stored_at >= $1 group by source",
        )
        .bind(since)
        .fetch_all(&self.pool)
        .await
        .unwrap();
        let numbers = |row: &sqlx::postgres::PgRow| [1, 2].map(|n| row.get(n));
        rows.iter().map(|row| (row.get(0), numbers(row))).collect()
    }

    /// The cache's families: answered from memory, from Redis, by neither.
    pub async fn cache(&self) -> BTreeMap<String, [i64; 3]> {
        let rows = sqlx::query(
            "select distinct on (family) family, memory_hits, redis_hits, misses
             from operational.cache_metrics order by family, at desc",
        )
        .fetch_all(&self.pool)
        .await
        .unwrap();
        let numbers = |row: &sqlx::postgres::PgRow| [1, 2, 3].map(|n| row.get(n));
        rows.iter().map(|row| (row.get(0), numbers(row))).collect()
    }

    /// Everything that would still move if the collection were not at rest.
    pub async fn pulse(&self) -> String {
        let health: Vec<String> =
            sqlx::query_scalar("select h::text from raw_data.source_health h order by source")
                .fetch_all(&self.pool)
                .await
                .unwrap();
        format!(
            "{:?} {health:?} {:?}",
            self.totals().await,
            self.cache().await
        )
    }
}
