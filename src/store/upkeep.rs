//! How tables are kept: dead rows and vacuum, months attached and detached.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgPool};

/// How one table is kept, partitions included. Row counts are the server's estimates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct TableUpkeep {
    /// Schema.
    pub schema: String,
    /// Its name.
    pub table: String,
    /// Rows in force.
    pub live_rows: i64,
    /// Rows that were updated or deleted and whose room is not free yet.
    pub dead_rows: i64,
    /// When a part of it was last vacuumed, by whomever.
    pub last_vacuum: Option<DateTime<Utc>>,
    /// When a part of it was last analysed.
    pub last_analyze: Option<DateTime<Utc>>,
}

impl TableUpkeep {
    /// Dead rows among all rows, 0 to 100.
    pub fn dead_percent(&self) -> f64 {
        let all = self.live_rows + self.dead_rows;
        if all == 0 {
            0.0
        } else {
            self.dead_rows as f64 * 100.0 / all as f64
        }
    }
}

/// One month of a partitioned table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct Partition {
    /// `core_betting.line_history_202507`.
    pub partition: String,
    /// The table it is part of; of a detached month, the one it was.
    pub parent: String,
    /// Whether it is part of it still.
    pub attached: bool,
    /// Bytes on disk with indexes and TOAST.
    pub bytes: i64,
}

/// How the tables of the four schemas are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Upkeep {
    /// By table.
    pub upkeep: Vec<TableUpkeep>,
    /// Months, detached ones too.
    pub partitions: Vec<Partition>,
}

/// Read it. The server's statistics follow within seconds.
pub async fn read(pool: &PgPool) -> Result<Upkeep, sqlx::Error> {
    let upkeep = sqlx::query_as(
        "select n.nspname::text as schema, c.relname::text as \"table\",
                coalesce(sum(s.n_live_tup), 0)::int8 as live_rows, coalesce(sum(s.n_dead_tup), 0)::int8 as dead_rows,
                max(greatest(s.last_vacuum, s.last_autovacuum)) as last_vacuum,
                max(greatest(s.last_analyze, s.last_autoanalyze)) as last_analyze
         from pg_class c
         join pg_namespace n on n.oid = c.relnamespace
         left join pg_stat_all_tables s
                on s.relid = c.oid or s.relid in (select t.relid from pg_partition_tree(c.oid) t)
         where n.nspname in ('raw_data', 'core_betting', 'analytics', 'operational')
           and c.relkind in ('r', 'p') and not c.relispartition
         group by 1, 2 order by 1, 2",
    )
    .fetch_all(pool)
    .await?;
    let partitions = sqlx::query_as(
        "select format('%I.%I', n.nspname, c.relname) as partition,
                coalesce(quote_ident(pn.nspname) || '.' || quote_ident(p.relname),
                         substring(obj_description(c.oid, 'pg_class') from '^Detached from (\\S+) on'), '') as parent,
                c.relispartition as attached, pg_total_relation_size(c.oid) as bytes
         from pg_class c
         join pg_namespace n on n.oid = c.relnamespace
         left join pg_inherits i on i.inhrelid = c.oid
         left join pg_class p on p.oid = i.inhparent
         left join pg_namespace pn on pn.oid = p.relnamespace
         where n.nspname in ('raw_data', 'core_betting', 'analytics', 'operational') and c.relkind = 'r'
           and (c.relispartition or obj_description(c.oid, 'pg_class') like 'Detached from % on %')
         order by 1",
    )
    .fetch_all(pool)
    .await?;
    Ok(Upkeep { upkeep, partitions })
}
