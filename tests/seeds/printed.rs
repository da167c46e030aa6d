//! The statements: our own copies of what earlier programs ran, and those found in their documents when these lie
//! beside the project.

use std::path::Path;

/// Queries and calls, as they are to run on linetape's database.
pub const QUERIES: &[&str] = &[
    // Action Network's store.
    "SELECT * FROM action_network.betting_lines WHERE game_id = 257653 AND market_type = 'moneyline' AND side = 'home'",
    "SELECT * FROM action_network.line_movement_summary WHERE game_id = 257653 AND market_type = 'moneyline'",
    "SELECT * FROM action_network.get_new_lines_since_last_extraction(257653, 15, 'moneyline', '2025-07-13 20:00:00')",
    "SELECT * FROM action_network.extraction_log WHERE game_id = 257653",
    "SELECT * FROM action_network.sportsbooks WHERE book_id IN (15, 30)",
    "SELECT * FROM action_network.latest_betting_lines WHERE game_id = 257653",
    "SELECT * FROM action_network.betting_lines_with_books WHERE game_id = 257653",
    // The pipeline's zones.
    "SELECT * FROM core_betting.spreads",
    "SELECT * FROM core_betting.totals",
    "SELECT * FROM core_betting.moneylines",
    "SELECT * FROM core_betting.spreads WHERE 1=0",
    // GameLens.
    "SELECT * FROM games_history WHERE league = 'NBA' AND game_date = '2024-01-15'",
    "SELECT * FROM team_stats_daily WHERE team_id = 'lakers' AND snapshot_date = CURRENT_DATE",
    "SELECT * FROM odds_history WHERE game_id = 'game_123' AND is_closing_line = true",
    "SELECT model_name, AVG(CASE WHEN prediction_correct THEN 1 ELSE 0 END) as accuracy FROM predictions_log
     WHERE prediction_datetime >= NOW() - INTERVAL '7 days' GROUP BY model_name",
    "SELECT pg_size_pretty(pg_database_size('gamelens'))",
    "SELECT schemaname, tablename, pg_size_pretty(pg_total_relation_size(schemaname||'.'||tablename)) AS size
     FROM pg_tables WHERE schemaname = 'public' ORDER BY pg_total_relation_size(schemaname||'.'||tablename) DESC",
    "VACUUM ANALYZE games_history",
    "SELECT league, COUNT(*) as games, MIN(game_date), MAX(game_date) FROM games_history GROUP BY league",
    // The consolidated schemas.
    "SELECT * FROM migration_log WHERE migration_phase = 'Phase1' ORDER BY id",
    "SELECT * FROM migration_log WHERE status = 'failed'",
    "SELECT * FROM splits.raw_mlb_betting_splits",
    "SELECT 'old' as source, COUNT(*) FROM splits.raw_mlb_betting_splits
     UNION ALL SELECT 'new' as source, COUNT(*) FROM raw_data.raw_mlb_betting_splits",
    "SELECT 'old' as source, COUNT(*) FROM public.game_outcomes
     UNION ALL SELECT 'new' as source, COUNT(*) FROM core_betting.game_outcomes",
    "SELECT 'old' as source, COUNT(*) FROM backtesting.strategy_performance
     UNION ALL SELECT 'new' as source, COUNT(*) FROM operational.strategy_performance",
    "SELECT grant_user_permissions('scraper_service', 'collector')",
    "SELECT grant_user_permissions('data_scientist', 'analyst')",
    "SELECT * FROM check_user_permissions('username')",
    "SELECT check_user_permissions()",
    "SELECT grant_user_permissions('user', 'type')",
];

/// Definitions and copies, as they are to run on a scratch database that has `core_betting.spreads|totals|moneylines`.
pub const DEFINITIONS: &[&str] = &[
    "CREATE SCHEMA raw_data",
    "CREATE SCHEMA staging",
    "CREATE SCHEMA curated",
    "CREATE TABLE raw_data.spreads_raw AS SELECT * FROM core_betting.spreads WHERE 1=0",
    "CREATE TABLE raw_data.totals_raw AS SELECT * FROM core_betting.totals WHERE 1=0",
    "CREATE TABLE raw_data.moneylines_raw AS SELECT * FROM core_betting.moneylines WHERE 1=0",
    "CREATE TABLE staging.spreads AS SELECT * FROM core_betting.spreads WHERE 1=0",
    "CREATE TABLE staging.totals AS SELECT * FROM core_betting.totals WHERE 1=0",
    "CREATE TABLE staging.moneylines AS SELECT * FROM core_betting.moneylines WHERE 1=0",
    "INSERT INTO staging.spreads SELECT * FROM core_betting.spreads",
    "INSERT INTO staging.totals SELECT * FROM core_betting.totals",
    "INSERT INTO staging.moneylines SELECT * FROM core_betting.moneylines",
];

/// What the documents hold.
#[derive(Debug, Default)]
pub struct Printed {
    /// Queries and calls.
    pub queries: Vec<String>,
    /// `CREATE` and `INSERT`, each once, schemas first.
    pub definitions: Vec<String>,
    /// Tables that are named with their schema.
    pub names: Vec<String>,
}

/// Schemas in which the documents name tables.
const SCHEMAS: [&str; 15] = [
    "action_network",
    "raw_data",
    "staging",
    "curated",
    "core_betting",
    "analytics",
    "operational",
    "public",
    "splits",
    "mlb_betting",
    "backtesting",
    "tracking",
    "timing_analysis",
    "clean",
    "action",
];

/// Read the documents; none when they are not there.
pub fn read() -> Option<Printed> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/seeds");
    let mut printed = Printed::default();
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .ok()?
        .map(|e| e.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        printed.take(&String::from_utf8_lossy(&std::fs::read(file).unwrap()));
    }
    printed
        .definitions
        .sort_by_key(|sql| !sql.starts_with("CREATE SCHEMA"));
    Some(printed)
}

impl Printed {
    fn take(&mut self, text: &str) {
        let mut block: Option<String> = None;
        for line in text.lines() {
            let trimmed = line.trim();
            if let Some(sql) = &mut block {
                if trimmed.starts_with("```") {
                    let sql = block.take().unwrap();
                    self.take_block(&sql);
                } else {
                    sql.push_str(line.split("--").next().unwrap());
                    sql.push('\n');
                }
            } else if trimmed.starts_with("```sql") {
                block = Some(String::new());
            } else {
                self.take_line(line);
            }
            self.take_names(line);
        }
    }

    fn take_block(&mut self, sql: &str) {
        for statement in sql.split(';') {
            let statement = statement.trim();
            // A list of names follows some statements without any separator of its own.
            let first = statement.split_whitespace().next().unwrap_or_default();
            match first {
                "SELECT" | "VACUUM" => self.queries.push(statement.to_owned()),
                "CREATE" | "INSERT" if !self.definitions.iter().any(|d| d == statement) => {
                    self.definitions.push(statement.to_owned());
                }
                _ => {}
            }
        }
    }

    /// A statement in quotes or backticks, to the mark that ends it; one with a placeholder of its program is none.
    fn take_line(&mut self, line: &str) {
        for (at, _) in line.match_indices("SELECT ") {
            let Some(mark) = line[..at].chars().last().filter(|c| matches!(c, '"' | '`')) else {
                continue;
            };
            let rest = &line[at..];
            let Some(end) = rest.find(mark) else { continue };
            if !rest[..end].contains('{') {
                self.queries
                    .push(rest[..end].trim_end_matches(';').to_owned());
            }
        }
    }

    fn take_names(&mut self, line: &str) {
        let part_of_a_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
        for word in line.split(|c| !part_of_a_name(c)) {
            let word = word.trim_matches('.');
            let mut parts = word.split('.');
            let (Some(schema), Some(table), None) = (parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            let is_table = table.contains('_')
                || matches!(
                    table,
                    "moneyline" | "moneylines" | "spreads" | "totals" | "games" | "teams"
                );
            if SCHEMAS.contains(&schema) && is_table && !self.names.iter().any(|n| n == word) {
                self.names.push(word.to_owned());
            }
        }
    }
}
