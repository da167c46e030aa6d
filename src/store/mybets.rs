//! One's own bets.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgConnection};

use crate::analytics::settlement::{Outcome, Pitchers};
use crate::analytics::wager::Ticket;
use crate::domain::game::GameId;
use crate::domain::market::{Line, Side};

/// What a bet was worth when it was made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worth {
    /// Fair probability of its side at its line.
    pub probability: f64,
    /// Shops that say so.
    pub books: usize,
    /// Decimal price times that, less one.
    pub expected_value: f64,
}

/// A bet to store.
#[derive(Debug, Clone, PartialEq)]
pub struct NewBet<'a> {
    /// Its game.
    pub game: GameId,
    /// League.
    pub league: &'a str,
    /// Away at home.
    pub event: &'a str,
    /// Announced start.
    pub event_time: Option<DateTime<Utc>>,
    /// What was told.
    pub ticket: &'a Ticket,
    /// What it was worth.
    pub worth: Option<Worth>,
}

/// A stored bet.
#[derive(Debug, Clone, PartialEq, Serialize, FromRow)]
pub struct StoredBet {
    /// Its name.
    pub bet_id: String,
    /// Game, as it is called now.
    pub game_id: i64,
    /// League.
    pub league: String,
    /// Away at home.
    pub event_name: String,
    /// Market.
    pub market: String,
    /// Part of the game.
    pub period: String,
    /// Side.
    pub side: String,
    /// The team of a team total.
    pub team_side: Option<String>,
    /// Line.
    pub line: Option<f64>,
    /// Price as written.
    pub price: String,
    /// American.
    pub american: i32,
    /// Decimal.
    pub decimal: f64,
    /// Staked.
    pub stake: f64,
    /// Book.
    pub book: String,
    /// When.
    pub placed_at: DateTime<Utc>,
    /// Announced start.
    pub event_time: Option<DateTime<Utc>>,
    /// `action` or `listed`.
    pub pitchers: String,
    /// Whether another pitcher started.
    pub pitcher_changed: Option<bool>,
    /// A word of one's own.
    pub note: Option<String>,
    /// Fair probability when it was made.
    pub fair_probability: Option<f64>,
    /// Shops that said so.
    pub fair_books: Option<i16>,
    /// How the margin was taken out.
    pub fair_method: Option<String>,
    /// Expected value of 1.
    pub expected_value: Option<f64>,
    /// How it ended.
    pub outcome: Option<String>,
    /// Won less lost.
    pub profit_loss: Option<f64>,
    /// Line at the close.
    pub close_line: Option<f64>,
    /// Fair probability at the close.
    pub close_probability: Option<f64>,
    /// Against the close.
    pub clv: Option<f64>,
    /// When it was settled.
    pub settled_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "bet_id, core_betting.resolve_game(game_id) as game_id, league, event_name, market, period, side,
    team_side, line::float8, price, american, decimal::float8, stake::float8, book, placed_at, event_time, pitchers,
    pitcher_changed, note, fair_probability, fair_books, fair_method, expected_value, outcome,
    profit_loss::float8, close_line::float8, close_probability, clv, settled_at";

/// Store a bet. Returns its name, and whether it is new: the same bet told again is one.
pub async fn add(
    connection: &mut PgConnection,
    bet: &NewBet<'_>,
) -> Result<(String, bool), sqlx::Error> {
    let ticket = bet.ticket;
    let hash = blake3::hash(ticket.words().as_bytes());
    let known: Option<String> = sqlx::query_scalar(
        "select bet_id from core_betting.my_bets
         where ticket_hash = $1 and core_betting.resolve_game(game_id) = $2",
    )
    .bind(hash.as_bytes().as_slice())
    .bind(bet.game.as_i64())
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(known) = known {
        return Ok((known, false));
    }
    let whole = blake3::hash(format!("{}\u{1f}{}", bet.game.as_i64(), ticket.words()).as_bytes());
    let id: String = whole.to_hex().chars().take(16).collect();
    let done = sqlx::query(
        "insert into core_betting.my_bets (bet_id, ticket_hash, game_id, league, event_name, market, period, side, team_side,
             line, price, american, decimal, stake, book, placed_at, event_time, pitchers, note, fair_probability,
             fair_books, fair_method, expected_value)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::float8::numeric, $11, $12, round($13::float8::numeric, 4),
             $14::int8::numeric / 100, $15, $16, $17, $18, $19, $20, $21, $22, $23)
         on conflict (bet_id) do nothing",
    )
    .bind(&id)
    .bind(hash.as_bytes().as_slice())
    .bind(bet.game.as_i64())
    .bind(bet.league)
    .bind(bet.event)
    .bind(ticket.market.as_str())
    .bind(ticket.period.as_str())
    .bind(ticket.side.as_str())
    .bind(ticket.team.map(Side::as_str))
    .bind(ticket.line.map(Line::points))
    .bind(&ticket.written)
    .bind(i32::try_from(ticket.price.american()).unwrap_or(i32::MAX))
    .bind(ticket.price.decimal())
    .bind(ticket.stake)
    .bind(&ticket.book)
    .bind(ticket.placed_at)
    .bind(bet.event_time)
    .bind(match ticket.pitchers {
        Pitchers::Action => "action",
        Pitchers::Listed => "listed",
    })
    .bind(&ticket.note)
    .bind(bet.worth.map(|w| w.probability))
    .bind(bet.worth.map(|w| i16::try_from(w.books).unwrap_or(i16::MAX)))
    .bind(bet.worth.map(|_| "multiplicative"))
    .bind(bet.worth.map(|w| w.expected_value))
    .execute(connection)
    .await?;
    Ok((id, done.rows_affected() > 0))
}

/// Bets, the newest first.
pub async fn list(connection: &mut PgConnection) -> Result<Vec<StoredBet>, sqlx::Error> {
    let text =
        format!("select {COLUMNS} from core_betting.my_bets order by placed_at desc, bet_id");
    sqlx::query_as(sqlx::AssertSqlSafe(text))
        .fetch_all(connection)
        .await
}

/// Bets to settle: those that are open, and those settled before their game was last heard of.
pub async fn to_settle(connection: &mut PgConnection) -> Result<Vec<StoredBet>, sqlx::Error> {
    let text = format!(
        "select {COLUMNS} from core_betting.my_bets b
         where exists (select from core_betting.games g
                       where g.game_id = core_betting.resolve_game(b.game_id)
                         and (g.status = 'cancelled' or g.status = 'final' and g.home_score is not null
                              and g.away_score is not null)
                         and (b.settled_at is null or b.settled_at < g.updated_at))
         order by game_id, bet_id"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(text))
        .fetch_all(connection)
        .await
}

/// How a game ended, as far as bets care.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct GameEnd {
    /// League.
    pub league: String,
    /// Where it stands.
    pub status: String,
    /// Home score.
    pub home_score: Option<i32>,
    /// Away score.
    pub away_score: Option<i32>,
    /// Start.
    pub starts_at: Option<DateTime<Utc>>,
    /// Half innings or such that were played, where a feed tells: the home side of the last may be missing.
    pub halves: Option<i32>,
}

/// How a game ended; none where there is no such game.
pub async fn game_end(
    connection: &mut PgConnection,
    game: GameId,
) -> Result<Option<GameEnd>, sqlx::Error> {
    sqlx::query_as(
        "select g.league, g.status, g.home_score, g.away_score, g.starts_at,
                (select max(2 * jsonb_array_length(o.periods)
                            - (case when o.periods -> -1 ->> 'home' is null then 1 else 0 end))
                 from core_betting.game_outcomes o
                 where o.game_id = g.game_id and o.status = 'final' and jsonb_array_length(o.periods) > 0
                   -- A list that does not add up to the score is not the whole game.
                   and (select (sum((p ->> 'home')::int), sum((p ->> 'away')::int)) from jsonb_array_elements(o.periods) p)
                       = (g.home_score::int8, g.away_score::int8)) as halves
         from core_betting.games g where g.game_id = $1",
    )
    .bind(game.as_i64())
    .fetch_optional(connection)
    .await
}

/// A bet's end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settlement {
    /// How it ended.
    pub outcome: Outcome,
    /// Profit, hundredths.
    pub profit: i64,
    /// Line at the close.
    pub close_line: Option<Line>,
    /// Fair probability at the close.
    pub close_probability: Option<f64>,
    /// Against the close.
    pub clv: Option<f64>,
}

/// Write a bet's end.
pub async fn settle(
    connection: &mut PgConnection,
    bet: &str,
    end: &Settlement,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update core_betting.my_bets set outcome = $2, profit_loss = $3::int8::numeric / 100,
             close_line = $4::float8::numeric, close_probability = $5, clv = $6, settled_at = now()
         where bet_id = $1",
    )
    .bind(bet)
    .bind(end.outcome.as_str())
    .bind(end.profit)
    .bind(end.close_line.map(Line::points))
    .bind(end.close_probability)
    .bind(end.clv)
    .execute(connection)
    .await?;
    Ok(())
}

/// Say of a bet with listed pitchers whether another started; it is settled anew. False where there is no such bet.
pub async fn pitchers(
    connection: &mut PgConnection,
    bet: &str,
    changed: bool,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "update core_betting.my_bets set pitcher_changed = $2, outcome = null, profit_loss = null, settled_at = null
         where bet_id = $1 and pitchers = 'listed'",
    )
    .bind(bet)
    .bind(changed)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Take a bet away. False where there is none.
pub async fn remove(connection: &mut PgConnection, bet: &str) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("delete from core_betting.my_bets where bet_id = $1")
        .bind(bet)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}
