//! What a zone is rebuilt from: the fetches that may hold a game, with their bytes, and the rows that are copied over.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt as _;
use sqlx::postgres::{PgPoolCopyExt as _, PgRow};
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Row as _};
use uuid::Uuid;

use super::games::parse;
use super::known::Known;
use super::payloads::{body, hash};
use crate::domain::league::League;
use crate::domain::payload::{Payload, PayloadHash, RequestIdentity};

/// On each side of a span: games that start there may have been joined with one that starts in it.
const BESIDE: &str = "interval '6 hours'";

/// Columns of `line_history` that are not generated.
const LINE_COLUMNS: &str = "game_id, at, stream, source_book_id, book, market, period, participant, side, phase, line_slot,
    line, american, decimal, odds_format, status, opener, reconstructed, source_at, observed_at, stored_at, payload_hash, ordinal";

/// Columns of a fetch in the log, in the order in which [`logged`] reads them.
pub(super) const FETCH_COLUMNS: &str =
    "fetch_id, stream, request, league, source_game_id, status, observed_at, elapsed_ms,
    reconstructed, payload_hash";

/// First and last fetch, and the leagues.
type Seen = (
    Option<DateTime<Utc>>,
    Option<DateTime<Utc>>,
    Option<Vec<String>>,
);

/// Games, and the fetches that may hold one of them.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// The games; none for all that is stored.
    pub games: Option<Vec<i64>>,
    /// Only these of the fetches that were ever staged; none for those that are staged.
    pub known: Option<Known>,
    first: Option<DateTime<Utc>>,
    last: Option<DateTime<Utc>>,
    leagues: Option<Vec<String>>,
}

impl Part {
    /// All games, of these fetches.
    pub fn of(known: Known) -> Self {
        Self {
            known: Some(known),
            ..Self::default()
        }
    }
}

/// A staged fetch as the log has it.
#[derive(Debug, Clone)]
pub struct LoggedFetch {
    /// The fetch.
    pub fetch_id: Uuid,
    /// When it was received.
    pub observed_at: DateTime<Utc>,
    request: RequestIdentity,
    status: i16,
    elapsed_ms: i32,
    reconstructed: bool,
    hash: PayloadHash,
}

/// Let one transaction see one moment for as long as it takes, writing nothing.
pub async fn hold_still(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(
        "set transaction isolation level repeatable read, read only;
         set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0",
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The games that start in a span, and between which fetches they were seen. Without a span, everything.
pub async fn part(
    connection: &mut PgConnection,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
) -> Result<Part, sqlx::Error> {
    if from.is_none() && to.is_none() {
        return Ok(Part::default());
    }
    let games: Vec<i64> = sqlx::query_scalar(
        "select game_id from core_betting.games
         where starts_at >= coalesce($1, '-infinity') and starts_at < coalesce($2, 'infinity') order by game_id",
    )
    .bind(from)
    .bind(to)
    .fetch_all(&mut *connection)
    .await?;
    let (first, last, leagues): Seen =
        sqlx::query_as(AssertSqlSafe(format!(
            "with near as (
                 select game_id, league from core_betting.games
                 where game_id = any ($1) or (starts_at >= coalesce($2, '-infinity') - {BESIDE}
                                              and starts_at < coalesce($3, 'infinity') + {BESIDE})
             )
             select least((select min(f.observed_at) from core_betting.game_facts f
                               join core_betting.game_sources s using (source, source_game_id)
                               join near using (game_id)),
                          (select min(h.observed_at) from core_betting.line_history h join near using (game_id)),
                          (select min(b.observed_at) from core_betting.betting_splits b join near using (game_id))),
                    greatest((select max(s.observed_at) from core_betting.game_sources s join near using (game_id)),
                             (select max(b.observed_at) from core_betting.betting_splits b join near using (game_id)),
                             (select max(e.last_extracted_at) from operational.extraction_log e join near using (game_id))),
                    (select array_agg(distinct league) from near)"
        )))
        .bind(&games)
        .bind(from)
        .bind(to)
        .fetch_one(connection)
        .await?;
    Ok(Part {
        games: Some(games),
        known: None,
        first,
        last,
        leagues,
    })
}

/// How many staged fetches a part has.
pub async fn count(connection: &mut PgConnection, part: &Part) -> Result<i64, sqlx::Error> {
    let (after, until) = part.known.as_ref().map(Known::columns).unzip();
    sqlx::query_scalar(
        "select count(*) from raw_data.collection_log
         where case when $4::timestamptz[] is null then staged = 'staged'
                    else staged in ('staged', 'rolled_back') and exists (
                        select from unnest($4::timestamptz[], $5::timestamptz[]) as k(after, until)
                        where stored_at > k.after and stored_at <= k.until) end
           and ($1::timestamptz is null or observed_at >= $1)
           and ($2::timestamptz is null or observed_at <= $2)
           and ($3::text[] is null or league is null or league = any ($3))",
    )
    .bind(part.first)
    .bind(part.last)
    .bind(&part.leagues)
    .bind(after)
    .bind(until)
    .fetch_one(connection)
    .await
}

/// The next staged fetches of a part, as they were received.
pub async fn fetches(
    connection: &mut PgConnection,
    part: &Part,
    after: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> Result<Vec<LoggedFetch>, sqlx::Error> {
    let (stored_after, stored_until) = part.known.as_ref().map(Known::columns).unzip();
    let rows = sqlx::query(AssertSqlSafe(format!(
        "select {FETCH_COLUMNS}
         from raw_data.collection_log
         where case when $7::timestamptz[] is null then staged = 'staged'
                    else staged in ('staged', 'rolled_back') and exists (
                        select from unnest($7::timestamptz[], $8::timestamptz[]) as k(after, until)
                        where stored_at > k.after and stored_at <= k.until) end
           and payload_hash is not null and ($1::timestamptz is null or observed_at >= $1)
           and ($2::timestamptz is null or observed_at <= $2)
           and ($3::text[] is null or league is null or league = any ($3))
           and ($4::timestamptz is null or (observed_at, fetch_id) > ($4, $5))
         order by observed_at, fetch_id limit $6"
    )))
    .bind(part.first)
    .bind(part.last)
    .bind(&part.leagues)
    .bind(after.map(|a| a.0))
    .bind(after.map(|a| a.1))
    .bind(limit)
    .bind(stored_after)
    .bind(stored_until)
    .fetch_all(connection)
    .await?;
    rows.iter().map(logged).collect()
}

pub(super) fn logged(row: &PgRow) -> Result<LoggedFetch, sqlx::Error> {
    let league: Option<&str> = row.try_get(3)?;
    Ok(LoggedFetch {
        fetch_id: row.try_get(0)?,
        request: RequestIdentity {
            stream: parse(row.try_get(1)?)?,
            url: row.try_get(2)?,
            league: league.map(parse::<League>).transpose()?,
            source_game_id: row.try_get::<Option<String>, _>(4)?.map(Arc::from),
        },
        status: row.try_get(5)?,
        observed_at: row.try_get(6)?,
        elapsed_ms: row.try_get(7)?,
        reconstructed: row.try_get(8)?,
        hash: hash(row, 9)?,
    })
}

impl LoggedFetch {
    /// Its place in the order of receipt.
    pub const fn place(&self) -> (DateTime<Utc>, Uuid) {
        (self.observed_at, self.fetch_id)
    }

    /// The fetch with its bytes; none where they are no longer stored.
    pub async fn payload(
        self,
        connection: &mut PgConnection,
    ) -> Result<Option<Payload>, sqlx::Error> {
        Ok(body(connection, self.hash).await?.map(|body| Payload {
            fetch_id: self.fetch_id,
            request: self.request,
            status: u16::try_from(self.status).unwrap_or(0),
            observed_at: self.observed_at,
            elapsed_ms: u32::try_from(self.elapsed_ms).unwrap_or(0),
            reconstructed: self.reconstructed,
            error: None,
            hash: self.hash,
            body: body.into(),
        }))
    }
}

/// Copy what no payload tells: what people decided of games.
pub async fn copy_decisions(
    stored: &mut PgConnection,
    scratch: &PgPool,
) -> Result<(), sqlx::Error> {
    let decisions: Vec<(String, String, String, String, String)> = sqlx::query_as(
        "select source_a, source_game_id_a, source_b, source_game_id_b, verdict from core_betting.game_decisions",
    )
    .fetch_all(stored)
    .await?;
    for (source_a, id_a, source_b, id_b, verdict) in decisions {
        sqlx::query(
            "insert into core_betting.game_decisions (source_a, source_game_id_a, source_b, source_game_id_b, verdict)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(source_a)
        .bind(id_a)
        .bind(source_b)
        .bind(id_b)
        .bind(verdict)
        .execute(scratch)
        .await?;
    }
    Ok(())
}

/// Copy the history of a part's games, and derive every summary from it. Returns the rows copied.
pub async fn copy_history(
    stored: &mut PgConnection,
    scratch: &PgPool,
    part: &Part,
) -> Result<u64, sqlx::Error> {
    let span: (Option<DateTime<Utc>>, Option<DateTime<Utc>>) = sqlx::query_as(
        "select min(at), max(at) from core_betting.line_history where $1::int8[] is null or game_id = any ($1)",
    )
    .bind(&part.games)
    .fetch_one(&mut *stored)
    .await?;
    let (Some(first), Some(last)) = span else {
        return Ok(0);
    };
    let mut connection = scratch.acquire().await?;
    super::payloads::ensure_partitions(&mut connection, first, last).await?;
    // The summaries are not merged row by row here: the rule itself makes them, below.
    sqlx::raw_sql("alter table core_betting.line_history disable trigger merge_lines")
        .execute(&mut *connection)
        .await?;
    drop(connection);
    // COPY takes no parameters; these are numbers.
    let games = part.games.as_ref().map_or_else(String::new, |games| {
        let ids: Vec<String> = games.iter().map(i64::to_string).collect();
        format!(" where game_id = any ('{{{}}}')", ids.join(","))
    });
    let out = format!(
        "copy (select {LINE_COLUMNS} from core_betting.line_history{games}) to stdout (format binary)"
    );
    let into =
        format!("copy core_betting.line_history ({LINE_COLUMNS}) from stdin (format binary)");
    let mut copy = scratch.copy_in_raw(&into).await?;
    let mut chunks = stored.copy_out_raw(&out).await?;
    while let Some(chunk) = chunks.try_next().await? {
        copy.send(chunk).await?;
    }
    drop(chunks);
    let copied = copy.finish().await?;
    recompute_all(scratch).await?;
    Ok(copied)
}

/// Every series, some thousand at a time.
async fn recompute_all(scratch: &PgPool) -> Result<(), sqlx::Error> {
    const AT_ONCE: usize = 2_000;
    let mut connection = scratch.acquire().await?;
    sqlx::raw_sql("analyze core_betting.line_history")
        .execute(&mut *connection)
        .await?;
    let series: Vec<(i64, i64)> = sqlx::query_as(
        "select distinct game_id, series_id from core_betting.line_history order by game_id, series_id",
    )
    .fetch_all(&mut *connection)
    .await?;
    for some in series.chunks(AT_ONCE) {
        super::leftover::recompute(&mut connection, some).await?;
    }
    Ok(())
}
