//! Signals: the rows they are made of, and what was made of them.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::{FromRow, PgConnection, Row as _};

use super::games::parse;
use super::lines::{price, series_key};
use super::recommendations::RecordKey;
use crate::analytics::line_score::{NoScore, Played, of_part_by_any};
use crate::analytics::settlement::Score;
use crate::analytics::signal::{Follower, Preset, Rule, Signal, SplitEvidence};
use crate::domain::game::GameId;
use crate::domain::league::League;
use crate::domain::market::{Line, Market, Period, Side};
use crate::domain::odds::Odds;
use crate::domain::series::{Price, SeriesKey};
use crate::domain::source::Stream;

/// What of a game's lines makes signals: main lines of both teams' markets before the start.
const LINES: &str = "phase = 'pregame' and line_slot = 'main' and participant = '' \
                     and market in ('moneyline', 'spread', 'total') and source_book_id not like '%:open'";

/// A game, as far as signals name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignalGame {
    /// League.
    pub league: League,
    /// Scheduled start.
    pub starts_at: Option<DateTime<Utc>>,
    /// Home and away: the team's slug, else its name.
    pub teams: [String; 2],
}

/// A row of the history.
#[derive(Debug, Clone, PartialEq)]
pub struct SignalLine {
    /// Series.
    pub key: SeriesKey,
    /// Its id in the store.
    pub series_id: i64,
    /// Market time.
    pub at: DateTime<Utc>,
    /// When it was received.
    pub observed_at: DateTime<Utc>,
    /// Price.
    pub price: Price,
    /// Fetched after the fact.
    pub reconstructed: bool,
}

/// A row of the splits.
#[derive(Debug, Clone, PartialEq)]
pub struct SignalSplit {
    /// Feed and endpoint.
    pub stream: Stream,
    /// `all`, or the feed's id of the book.
    pub scope: String,
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// Side.
    pub side: Side,
    /// Market time.
    pub at: DateTime<Utc>,
    /// When it was received.
    pub observed_at: DateTime<Utc>,
    /// Share of bets, percent.
    pub tickets_pct: Option<f64>,
    /// Share of money, percent.
    pub money_pct: Option<f64>,
    /// Number of bets.
    pub tickets: Option<i64>,
}

/// How far a series is: its newest row and how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Market time of its newest row.
    pub at: DateTime<Utc>,
    /// Rows.
    pub changes: i32,
}

/// Write the presets of this program.
pub async fn seed_presets(
    connection: &mut PgConnection,
    presets: &[Preset],
    summary: &[&str],
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into analytics.signal_presets (preset, kind, source, rule, summary)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bool[])
         on conflict (preset) do update set kind = excluded.kind, source = excluded.source, rule = excluded.rule,
             summary = excluded.summary
         where (signal_presets.kind, signal_presets.source, signal_presets.rule, signal_presets.summary)
             is distinct from (excluded.kind, excluded.source, excluded.rule, excluded.summary)",
    )
    .bind(presets.iter().map(|p| &*p.name).collect::<Vec<_>>())
    .bind(presets.iter().map(|p| p.rule.kind().as_str()).collect::<Vec<_>>())
    .bind(presets.iter().map(|p| &*p.source).collect::<Vec<_>>())
    .bind(presets.iter().map(|p| words(&p.rule)).collect::<Vec<_>>())
    .bind(presets.iter().map(|p| summary.contains(&&*p.name)).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// A rule and its numbers, as text.
fn words(rule: &Rule) -> String {
    format!("{rule:?}")
}

/// Games whose start lies after `since`, with prices.
pub async fn games_since(
    connection: &mut PgConnection,
    since: DateTime<Utc>,
) -> Result<Vec<GameId>, sqlx::Error> {
    let ids: Vec<i64> = sqlx::query_scalar(
        "select game_id from core_betting.games g
         where starts_at >= $1 and exists (select from core_betting.lines_current c where c.game_id = g.game_id)
         order by starts_at, game_id",
    )
    .bind(since)
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(GameId::from_i64).collect())
}

/// A game's facts; none where there is no such game.
pub async fn game(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<Option<SignalGame>, sqlx::Error> {
    let row = sqlx::query(
        "select league, starts_at, coalesce(home_team, home), coalesce(away_team, away)
         from core_betting.games where game_id = $1",
    )
    .bind(game.as_i64())
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(SignalGame {
            league: parse(row.try_get(0)?)?,
            starts_at: row.try_get(1)?,
            teams: [row.try_get(2)?, row.try_get(3)?],
        })
    })
    .transpose()
}

/// How far every series of a game is.
pub async fn reach(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<HashMap<i64, Reach>, sqlx::Error> {
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
        "select series_id, at, changes from core_betting.lines_current where game_id = $1 and {LINES}"
    )))
    .bind(game.as_i64())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let reach = Reach {
                at: row.try_get(1)?,
                changes: row.try_get(2)?,
            };
            Ok((row.try_get(0)?, reach))
        })
        .collect()
}

/// A game's rows of these series after a market time each; of every series from its beginning when none are given.
pub async fn lines(
    connection: &mut PgConnection,
    game: GameId,
    after: Option<&[(i64, DateTime<Utc>)]>,
) -> Result<Vec<SignalLine>, sqlx::Error> {
    const COLUMNS: &str = "h.game_id, stream, source_book_id, market, period, participant, side, phase, line_slot,
        line::float8, american, decimal::float8, status, h.series_id, h.at, observed_at, reconstructed";
    let rows = match after {
        None => {
            let text = format!(
                "select {COLUMNS} from core_betting.line_history h where game_id = $1 and {LINES}"
            );
            sqlx::query(sqlx::AssertSqlSafe(text))
                .bind(game.as_i64())
                .fetch_all(connection)
                .await?
        }
        Some(after) => {
            let text = format!(
                "select {COLUMNS} from unnest($2::int8[], $3::timestamptz[]) as k(series_id, since)
                 join core_betting.line_history h on h.game_id = $1 and h.series_id = k.series_id and h.at > k.since
                 where {LINES}"
            );
            sqlx::query(sqlx::AssertSqlSafe(text))
                .bind(game.as_i64())
                .bind(after.iter().map(|a| a.0).collect::<Vec<_>>())
                .bind(after.iter().map(|a| a.1).collect::<Vec<_>>())
                .fetch_all(connection)
                .await?
        }
    };
    rows.iter()
        .map(|row| {
            Ok(SignalLine {
                key: series_key(row)?,
                price: price(row, 9)?,
                series_id: row.try_get(13)?,
                at: row.try_get(14)?,
                observed_at: row.try_get(15)?,
                reconstructed: row.try_get(16)?,
            })
        })
        .collect()
}

/// A game's splits.
pub async fn splits(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<Vec<SignalSplit>, sqlx::Error> {
    let rows = sqlx::query(
        "select stream, scope, market, period, side, at, observed_at, tickets_pct::float8, money_pct::float8, tickets
         from core_betting.betting_splits
         where game_id = $1 and market in ('moneyline', 'spread', 'total') and side <> 'draw'",
    )
    .bind(game.as_i64())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(SignalSplit {
                stream: parse(row.try_get(0)?)?,
                scope: row.try_get(1)?,
                market: Market::from_name(row.try_get(2)?),
                period: parse(row.try_get(3)?)?,
                side: parse(row.try_get(4)?)?,
                at: row.try_get(5)?,
                observed_at: row.try_get(6)?,
                tickets_pct: row.try_get(7)?,
                money_pct: row.try_get(8)?,
                tickets: row.try_get(9)?,
            })
        })
        .collect()
}

/// What settling a game's signals did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Settled {
    /// Signals that were not stored yet.
    pub new: u64,
    /// Stored ones that went on.
    pub extended: u64,
    /// Stored ones that later rows changed: a revision took their place.
    pub revised: u64,
    /// Stored ones that later rows took back.
    pub withdrawn: u64,
}

impl Settled {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            new: self.new + other.new,
            extended: self.extended + other.extended,
            revised: self.revised + other.revised,
            withdrawn: self.withdrawn + other.withdrawn,
        }
    }
}

/// A stored signal's key within its game.
type Key = (DateTime<Utc>, String, String, String, String, String);

fn key(signal: &Signal) -> Key {
    (
        signal.detected_at,
        signal.kind.as_str().to_owned(),
        signal.market.as_str().to_owned(),
        signal.period.as_str().to_owned(),
        signal.side.as_str().to_owned(),
        signal.preset.to_string(),
    )
}

/// What of a stored signal was said when it was seen, and how far it went since.
#[derive(Debug, Clone, PartialEq)]
struct Said {
    revision: i32,
    content: Vec<u8>,
    until: DateTime<Utc>,
    later: usize,
}

/// Make the store's signals of a game those that `signals` are, in one transaction of the caller's: new ones are added,
/// ongoing ones extended, changed ones superseded by a revision, those that are no more marked superseded.
pub async fn settle(
    connection: &mut PgConnection,
    game: GameId,
    signals: &[Signal],
) -> Result<Settled, sqlx::Error> {
    let mut stored = stored(connection, game).await?;
    let mut done = Settled::default();
    for signal in signals {
        let key = key(signal);
        let revision = match stored.remove(&key) {
            None => 0,
            Some(said) => {
                let same = said.content == content(signal);
                if same {
                    if said.until != signal.until || said.later != signal.later.len() {
                        extend(connection, game, &key, said.revision, signal).await?;
                        done.extended += 1;
                    }
                    continue;
                }
                supersede(connection, game, &key, said.revision).await?;
                done.revised += 1;
                said.revision + 1
            }
        };
        done.new += u64::from(revision == 0);
        let revision = insert(connection, game, signal, revision).await?;
        evidence(connection, game, signal, revision).await?;
    }
    for (key, said) in stored {
        supersede(connection, game, &key, said.revision).await?;
        done.withdrawn += 1;
    }
    Ok(done)
}

async fn stored(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<HashMap<Key, Said>, sqlx::Error> {
    let rows = sqlx::query(
        "select detected_at, kind, market, period, side, preset, revision, content_hash, ongoing_until,
                jsonb_array_length(later)
         from analytics.signals where game_id = $1 and not superseded",
    )
    .bind(game.as_i64())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let key = (
                row.try_get(0)?,
                row.try_get(1)?,
                row.try_get(2)?,
                row.try_get(3)?,
                row.try_get(4)?,
                row.try_get(5)?,
            );
            let said = Said {
                revision: row.try_get(6)?,
                content: row.try_get(7)?,
                until: row.try_get(8)?,
                later: usize::try_from(row.try_get::<i32, _>(9)?).unwrap_or(0),
            };
            Ok((key, said))
        })
        .collect()
}

const OF_KEY: &str = "game_id = $1 and detected_at = $2 and kind = $3 and market = $4 and period = $5 and side = $6 \
                      and preset = $7 and revision = $8";

async fn supersede(
    connection: &mut PgConnection,
    game: GameId,
    key: &Key,
    revision: i32,
) -> Result<(), sqlx::Error> {
    let text = format!("update analytics.signals set superseded = true where {OF_KEY}");
    sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(game.as_i64())
        .bind(key.0)
        .bind(&key.1)
        .bind(&key.2)
        .bind(&key.3)
        .bind(&key.4)
        .bind(&key.5)
        .bind(revision)
        .execute(connection)
        .await?;
    Ok(())
}

async fn extend(
    connection: &mut PgConnection,
    game: GameId,
    key: &Key,
    revision: i32,
    signal: &Signal,
) -> Result<(), sqlx::Error> {
    let text =
        format!("update analytics.signals set later = $9, ongoing_until = $10 where {OF_KEY}");
    sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(game.as_i64())
        .bind(key.0)
        .bind(&key.1)
        .bind(&key.2)
        .bind(&key.3)
        .bind(&key.4)
        .bind(&key.5)
        .bind(revision)
        .bind(followers(&signal.later))
        .bind(signal.until)
        .execute(connection)
        .await?;
    Ok(())
}

/// A signal that rows took back and brought again gets the next free revision.
async fn insert(
    connection: &mut PgConnection,
    game: GameId,
    signal: &Signal,
    revision: i32,
) -> Result<i32, sqlx::Error> {
    let available = signal.available.as_ref();
    let american = available.map(|a| a.odds.to_american());
    let decimal = available.map(|a| a.odds.to_decimal());
    sqlx::query_scalar(
        "insert into analytics.signals (game_id, detected_at, kind, market, period, side, preset, revision, observed_at,
             strength, delta, fair_probability, shops, leader, movers, waiting, later, ongoing_until, juice_only,
             resolution_s, book, line, american, decimal, splits, reason, reconstructed, content_hash)
         values ($1, $2, $3, $4, $5, $6, $7,
             greatest($8, (select max(s.revision) + 1 from analytics.signals s
                           where s.game_id = $1 and s.detected_at = $2 and s.kind = $3 and s.market = $4
                             and s.period = $5 and s.side = $6 and s.preset = $7)),
             $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22::float8::numeric, $23,
             $24::float8::numeric, $25, $26, $27, $28)
         returning revision",
    )
    .bind(game.as_i64())
    .bind(signal.detected_at)
    .bind(signal.kind.as_str())
    .bind(signal.market.as_str())
    .bind(signal.period.as_str())
    .bind(signal.side.as_str())
    .bind(&*signal.preset)
    .bind(revision)
    .bind(signal.observed_at)
    .bind(signal.strength)
    .bind(signal.delta)
    .bind(signal.fair)
    .bind(i16::try_from(signal.groups).unwrap_or(i16::MAX))
    .bind(signal.movers.first().map(|f| &*f.shop))
    .bind(followers(&signal.movers))
    .bind(followers(&signal.waiting))
    .bind(followers(&signal.later))
    .bind(signal.until)
    .bind(signal.juice_only)
    .bind(signal.resolution_s)
    .bind(available.map(|a| &*a.shop))
    .bind(available.and_then(|a| a.line).map(Line::points))
    .bind(american)
    .bind(decimal)
    .bind(counted(&signal.splits))
    .bind(&signal.reason)
    .bind(signal.reconstructed)
    .bind(content(signal))
    .fetch_one(connection)
    .await
}

async fn evidence(
    connection: &mut PgConnection,
    game: GameId,
    signal: &Signal,
    revision: i32,
) -> Result<(), sqlx::Error> {
    if signal.evidence.is_empty() {
        return Ok(());
    }
    let rows = &signal.evidence;
    sqlx::query(
        "insert into analytics.signal_evidence (game_id, detected_at, kind, market, period, side, preset, revision, nth,
             series_id, at, line, american, before_line, before_american)
         select $1, $2, $3, $4, $5, $6, $7, $8, nth, series_id, at, line, american, before_line, before_american
         from unnest($9::int8[], $10::timestamptz[], $11::float8[], $12::int4[], $13::float8[], $14::int4[])
             with ordinality as e(series_id, at, line, american, before_line, before_american, nth)",
    )
    .bind(game.as_i64())
    .bind(signal.detected_at)
    .bind(signal.kind.as_str())
    .bind(signal.market.as_str())
    .bind(signal.period.as_str())
    .bind(signal.side.as_str())
    .bind(&*signal.preset)
    .bind(revision)
    .bind(rows.iter().map(|e| e.series_id).collect::<Vec<_>>())
    .bind(rows.iter().map(|e| e.at).collect::<Vec<_>>())
    .bind(rows.iter().map(|e| e.line.map(Line::points)).collect::<Vec<_>>())
    .bind(rows.iter().map(|e| e.odds.map(Odds::to_american)).collect::<Vec<_>>())
    .bind(rows.iter().map(|e| e.before_line.map(Line::points)).collect::<Vec<_>>())
    .bind(rows.iter().map(|e| e.before_odds.map(Odds::to_american)).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// Hash of all that was said when it was seen.
fn content(signal: &Signal) -> Vec<u8> {
    let rows: Value = signal
        .evidence
        .iter()
        .map(|e| {
            json!([
                e.series_id,
                e.at,
                e.line.map(Line::points),
                e.odds.map(Odds::to_american),
                e.before_line.map(Line::points),
                e.before_odds.map(Odds::to_american),
            ])
        })
        .collect();
    let price = signal
        .available
        .as_ref()
        .map(|a| json!([&*a.shop, a.line.map(Line::points), a.odds.to_decimal()]));
    let said = json!([
        signal.observed_at,
        signal.strength,
        signal.delta,
        signal.fair,
        signal.groups,
        followers(&signal.movers),
        followers(&signal.waiting),
        signal.juice_only,
        signal.resolution_s,
        price,
        rows,
        counted(&signal.splits),
        signal.reason,
        signal.reconstructed,
    ]);
    blake3::hash(said.to_string().as_bytes())
        .as_bytes()
        .to_vec()
}

fn followers(list: &[Follower]) -> Value {
    list.iter()
        .map(|f| json!({"shop": &*f.shop, "at": f.at, "delta": f.delta}))
        .collect()
}

fn counted(list: &[SplitEvidence]) -> Value {
    list.iter()
        .map(|s| {
            json!({
                "scope": &*s.scope, "at": s.at, "side": s.side, "tickets_pct": s.tickets_pct,
                "money_pct": s.money_pct, "recent_tickets_pct": s.recent_tickets_pct,
            })
        })
        .collect()
}

/// A stored signal.
#[derive(Debug, Clone, PartialEq, Serialize, FromRow)]
pub struct StoredSignal {
    /// Game.
    pub game_id: i64,
    /// League.
    pub league: String,
    /// Away at home, by slug or name.
    pub game: String,
    /// Market time.
    pub detected_at: DateTime<Utc>,
    /// When it became known.
    pub observed_at: DateTime<Utc>,
    /// What it says.
    pub kind: String,
    /// The preset.
    pub preset: String,
    /// Market.
    pub market: String,
    /// Part of the game.
    pub period: String,
    /// The side it points to.
    pub side: String,
    /// Revision.
    pub revision: i32,
    /// 0 to 1.
    pub strength: f64,
    /// Change of fair probability.
    pub delta: Option<f64>,
    /// Consensus fair probability of the side.
    pub fair_probability: Option<f64>,
    /// Groups of shops.
    pub shops: i16,
    /// First mover.
    pub leader: Option<String>,
    /// Shops that moved.
    pub movers: Value,
    /// Shops that had not.
    pub waiting: Value,
    /// Shops that followed later.
    pub later: Value,
    /// When its last mover moved.
    pub ongoing_until: DateTime<Utc>,
    /// Prices only.
    pub juice_only: bool,
    /// Seconds between looks.
    pub resolution_s: Option<f64>,
    /// Best price's shop.
    pub book: Option<String>,
    /// Its line.
    pub line: Option<f64>,
    /// Its price, American.
    pub american: Option<i32>,
    /// Its price, decimal.
    pub decimal: Option<f64>,
    /// Splits it rests on.
    pub splits: Value,
    /// One sentence.
    pub reason: String,
    /// Fetched after the fact.
    pub reconstructed: bool,
    /// How it turned out, once graded.
    pub outcome: Option<String>,
    /// Units won on one.
    pub profit_loss: Option<f64>,
    /// Against the close.
    pub clv: Option<f64>,
    /// Why a signal on a part of a game that is over has no grade.
    #[sqlx(skip)]
    pub ungraded: Option<NoScore>,
}

impl StoredSignal {
    /// The record that speaks of it.
    pub fn record(&self) -> RecordKey {
        (
            self.preset.clone(),
            self.league.clone(),
            self.market.clone(),
        )
    }
}

/// A signal that can be graded.
#[derive(Debug, Clone, PartialEq)]
pub struct Ungraded {
    /// Key within the game.
    pub detected_at: DateTime<Utc>,
    /// What it says.
    pub kind: String,
    /// Market.
    pub market: Market,
    /// Part of the game.
    pub period: Period,
    /// The side it points to.
    pub side: Side,
    /// The preset.
    pub preset: String,
    /// Revision.
    pub revision: i32,
    /// Best price when it was seen.
    pub price: Option<(Option<Line>, i32, f64)>,
}

/// A grade.
#[derive(Debug, Clone, PartialEq)]
pub struct Grade {
    /// How the bet ended.
    pub outcome: &'static str,
    /// Units won on one, where there was a price.
    pub profit_loss: Option<f64>,
    /// Line most shops closed at.
    pub close_line: Option<Line>,
    /// Fair probability at the close.
    pub close_probability: Option<f64>,
    /// Against the close.
    pub clv: Option<f64>,
}

/// Games that are over with signals that are not graded, or were graded before the game was last heard of; with the score.
pub async fn to_grade(
    connection: &mut PgConnection,
) -> Result<Vec<(GameId, i32, i32)>, sqlx::Error> {
    let rows: Vec<(i64, i32, i32)> = sqlx::query_as(
        "select g.game_id, g.home_score, g.away_score
         from core_betting.games g
         where g.status = 'final' and g.home_score is not null and g.away_score is not null
           and exists (select from analytics.signals s
                       left join analytics.signal_grades r
                           using (game_id, detected_at, kind, market, period, side, preset, revision)
                       where s.game_id = g.game_id and not s.superseded
                         and (s.period = 'full'
                              or exists (select from core_betting.game_outcomes o
                                         where o.game_id = g.game_id and o.status = 'final' and o.periods <> '[]'))
                         and (r.graded_at is null or r.graded_at < g.updated_at))
         order by g.game_id",
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, home, away)| (GameId::from_i64(id), home, away))
        .collect())
}

/// A game's signals, on the whole and on parts of it.
pub async fn gradable(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<Vec<Ungraded>, sqlx::Error> {
    let rows = sqlx::query(
        "select detected_at, kind, market, period, side, preset, revision, line::float8, american, decimal::float8
         from analytics.signals where game_id = $1 and not superseded
         order by detected_at, kind, market, side, preset",
    )
    .bind(game.as_i64())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let line = row
                .try_get::<Option<f64>, _>(7)?
                .and_then(Line::from_points);
            let american: Option<i32> = row.try_get(8)?;
            let decimal: Option<f64> = row.try_get(9)?;
            Ok(Ungraded {
                detected_at: row.try_get(0)?,
                kind: row.try_get(1)?,
                market: Market::from_name(row.try_get(2)?),
                period: parse(row.try_get(3)?)?,
                side: parse(row.try_get(4)?)?,
                preset: row.try_get(5)?,
                revision: row.try_get(6)?,
                price: american
                    .zip(decimal)
                    .map(|(american, decimal)| (line, american, decimal)),
            })
        })
        .collect()
}

/// The line scores of a game that is over: one list a feed, as its periods were played, home and away.
pub async fn line_scores(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<Vec<Vec<Played>>, sqlx::Error> {
    let told: Vec<Value> = sqlx::query_scalar(
        "select periods from core_betting.game_outcomes
         where game_id = $1 and status = 'final' and periods <> '[]' order by source",
    )
    .bind(game.as_i64())
    .fetch_all(connection)
    .await?;
    let number = |period: &Value, side: &str| {
        let points = period.get(side)?.as_i64()?;
        i32::try_from(points).ok()
    };
    let periods = |told: &Value| {
        let all = told.as_array().into_iter().flatten();
        all.map(|period| (number(period, "home"), number(period, "away")))
            .collect()
    };
    Ok(told.iter().map(periods).collect())
}

/// Signals on parts of games that are over, where no feed told of the parts.
pub async fn untold(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "select count(*) from analytics.signals s join core_betting.games g using (game_id)
         where g.status = 'final' and not s.superseded and s.period <> 'full'
           and not exists (select from core_betting.game_outcomes o
                           where o.game_id = g.game_id and o.status = 'final' and o.periods <> '[]')",
    )
    .fetch_one(connection)
    .await
}

/// Write grades; an earlier grade of the same signal gives way.
pub async fn write_grades(
    connection: &mut PgConnection,
    game: GameId,
    grades: &[(Ungraded, Grade)],
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into analytics.signal_grades (game_id, detected_at, kind, market, period, side, preset, revision,
             outcome, american, profit_loss, close_line, close_probability, clv, method)
         select $1, g.*, 'multiplicative' from unnest($2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[],
             $7::text[], $8::int4[], $9::text[], $10::int4[], $11::float8[], $12::float8[], $13::float8[],
             $14::float8[]) as g
         on conflict (game_id, detected_at, kind, market, period, side, preset, revision) do update set
             outcome = excluded.outcome, american = excluded.american, profit_loss = excluded.profit_loss,
             close_line = excluded.close_line, close_probability = excluded.close_probability, clv = excluded.clv,
             graded_at = now()",
    )
    .bind(game.as_i64())
    .bind(grades.iter().map(|(s, _)| s.detected_at).collect::<Vec<_>>())
    .bind(grades.iter().map(|(s, _)| s.kind.as_str()).collect::<Vec<_>>())
    .bind(grades.iter().map(|(s, _)| s.market.as_str()).collect::<Vec<_>>())
    .bind(grades.iter().map(|(s, _)| s.period.as_str()).collect::<Vec<_>>())
    .bind(grades.iter().map(|(s, _)| s.side.as_str()).collect::<Vec<_>>())
    .bind(grades.iter().map(|(s, _)| s.preset.as_str()).collect::<Vec<_>>())
    .bind(grades.iter().map(|(s, _)| s.revision).collect::<Vec<_>>())
    .bind(grades.iter().map(|(_, g)| g.outcome).collect::<Vec<_>>())
    .bind(grades.iter().map(|(s, _)| s.price.map(|p| p.1)).collect::<Vec<_>>())
    .bind(grades.iter().map(|(_, g)| g.profit_loss).collect::<Vec<_>>())
    .bind(grades.iter().map(|(_, g)| g.close_line.map(Line::points)).collect::<Vec<_>>())
    .bind(grades.iter().map(|(_, g)| g.close_probability).collect::<Vec<_>>())
    .bind(grades.iter().map(|(_, g)| g.clv).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// The record of a preset in a league and market, by strength.
#[derive(Debug, Clone, PartialEq, Serialize, FromRow)]
pub struct Record {
    /// The preset.
    pub preset: String,
    /// What its signals say.
    pub kind: String,
    /// League.
    pub league: String,
    /// Market.
    pub market: String,
    /// `weak`, `medium` or `strong`.
    pub strength_band: String,
    /// Signals of games that are over.
    pub graded: i32,
    /// Wins; halves count half.
    pub won: f64,
    /// Losses.
    pub lost: f64,
    /// Pushes.
    pub pushed: i32,
    /// Won over won and lost.
    pub hit_rate: Option<f64>,
    /// Lower end of its 95 % interval.
    pub hit_low: Option<f64>,
    /// Upper end.
    pub hit_high: Option<f64>,
    /// Units won on one unit each.
    pub profit_loss: Option<f64>,
    /// By unit staked.
    pub roi: Option<f64>,
    /// Mean value against the close.
    pub average_clv: Option<f64>,
    /// Signals with a close.
    pub clv_count: i32,
}

/// Every record.
pub async fn records(connection: &mut PgConnection) -> Result<Vec<Record>, sqlx::Error> {
    sqlx::query_as(
        "select * from analytics.signal_record order by preset, league, market, strength_band",
    )
    .fetch_all(connection)
    .await
}

/// Which signals.
#[derive(Debug, Clone, Default)]
pub struct SignalFilter {
    /// Of this game.
    pub game: Option<GameId>,
    /// Of this league.
    pub league: Option<League>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Of these presets; all when empty.
    pub presets: Vec<String>,
    /// Seen at or after this market time.
    pub since: Option<DateTime<Utc>>,
    /// Known by then, as it was said then.
    pub known_at: Option<DateTime<Utc>>,
    /// At most so many.
    pub limit: i64,
}

/// Signals, newest first.
pub async fn list(
    connection: &mut PgConnection,
    filter: &SignalFilter,
) -> Result<Vec<StoredSignal>, sqlx::Error> {
    let mut found: Vec<StoredSignal> = sqlx::query_as(
        "select s.game_id, g.league, coalesce(g.away_team, g.away) || ' @ ' || coalesce(g.home_team, g.home) as game,
                s.detected_at, s.observed_at, s.kind, s.preset, s.market, s.period, s.side, s.revision, s.strength,
                s.delta, s.fair_probability, s.shops, s.leader, s.movers, s.waiting, s.later, s.ongoing_until,
                s.juice_only, s.resolution_s, s.book, s.line::float8 as line, s.american,
                s.decimal::float8 as decimal, s.splits, s.reason, s.reconstructed, r.outcome, r.profit_loss, r.clv
         from analytics.signals s
         left join analytics.signal_grades r using (game_id, detected_at, kind, market, period, side, preset, revision)
         join core_betting.games g on g.game_id = s.game_id
         where not s.superseded
           and ($1::bigint is null or s.game_id = $1) and ($2::text is null or g.league = $2)
           and ($3::text is null or s.kind = $3) and (cardinality($4::text[]) = 0 or s.preset = any ($4))
           and ($5::timestamptz is null or s.detected_at >= $5) and ($6::timestamptz is null or s.observed_at <= $6)
         order by s.detected_at desc, s.game_id, s.kind, s.preset, s.market, s.period, s.side limit $7",
    )
    .bind(filter.game.map(GameId::as_i64))
    .bind(filter.league.map(League::as_str))
    .bind(&filter.kind)
    .bind(&filter.presets)
    .bind(filter.since)
    .bind(filter.known_at)
    .bind(filter.limit)
    .fetch_all(&mut *connection)
    .await?;
    say_why(connection, &mut found).await?;
    Ok(found)
}

/// Why those on parts of games that are over have no grade.
async fn say_why(
    connection: &mut PgConnection,
    signals: &mut [StoredSignal],
) -> Result<(), sqlx::Error> {
    let has_none = |s: &&mut StoredSignal| s.outcome.is_none() && s.period != Period::Full.as_str();
    let waiting: Vec<&mut StoredSignal> = signals.iter_mut().filter(has_none).collect();
    if waiting.is_empty() {
        return Ok(());
    }
    let games: BTreeSet<i64> = waiting.iter().map(|signal| signal.game_id).collect();
    let results: Vec<(i64, i32, i32)> = sqlx::query_as(
        "select game_id, home_score, away_score from core_betting.games
         where game_id = any ($1) and status = 'final' and home_score is not null and away_score is not null",
    )
    .bind(games.into_iter().collect::<Vec<_>>())
    .fetch_all(&mut *connection)
    .await?;
    let mut over = HashMap::new();
    for (game, home, away) in results {
        let lines = line_scores(connection, GameId::from_i64(game)).await?;
        over.insert(game, (lines, Score { home, away }));
    }
    for signal in waiting {
        let Some((lines, result)) = over.get(&signal.game_id) else {
            continue;
        };
        let (league, period) = (parse(&signal.league)?, parse(&signal.period)?);
        signal.ungraded = of_part_by_any(league, period, lines, *result).err();
    }
    Ok(())
}
