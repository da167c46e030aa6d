//! `backfill --file`: a season's archive, fed twice.

use sqlx::Row as _;

use super::postgres::test_database;
use super::program::Program;

const ARCHIVE: &str = "Date,Rot,VH,Team,Pitcher,1st,2nd,Final,Open,Close,Run Line,,Open OU,,Close OU,\n\
    329,901,V,Chicago Cubs,X,3,1,8,-175,-200,-1.5,-125,8,-105,8.5,-120\n\
    329,902,H,Miami Marlins,X,1,x,4,155,170,1.5,105,8,-115,8.5,100\n";

#[tokio::test]
async fn an_archive_fed_twice_is_there_once() {
    let database = test_database().await;
    let program = Program::on(&database);
    program.write_text("odds.csv", ARCHIVE);
    let args = ["backfill", "--file", "odds.csv", "--source", "sbr"];
    let refused = program.run(&[&args[..], &["--dry-run"]].concat());
    assert_eq!(refused.code, Some(1), "{}{}", refused.out, refused.err);
    assert!(refused.err.contains("--season"), "{}", refused.err);

    let told = [&args[..], &["--league", "mlb", "--season", "2018"]].concat();
    let planned = program.ok(&[&told[..], &["--dry-run"]].concat()).out;
    assert!(
        planned.contains("1 games, 10 quotes, 0 rejects"),
        "{planned}"
    );
    let pool = sqlx::PgPool::connect(&database.url()).await.unwrap();
    let counts = async || -> Vec<i64> {
        let mut found = Vec::new();
        for what in [
            "core_betting.line_history",
            "core_betting.line_history where reconstructed",
            "core_betting.games",
            "core_betting.game_outcomes",
            "core_betting.odds_history where is_closing_line",
            "core_betting.games_history where home_score = 4 and away_score = 8 and season = 2018",
        ] {
            let sql = format!("select count(*) from {what}");
            let row = sqlx::query(sqlx::AssertSqlSafe(sql))
                .fetch_one(&pool)
                .await
                .unwrap();
            found.push(row.get(0));
        }
        found
    };
    let first = program.ok(&told).out;
    assert!(
        first.contains("sbr/archive staged, 1 games, 10 quotes"),
        "{first}"
    );
    let rows = counts().await;
    // Moneylines and totals move from opener to close; the run line is told once.
    assert_eq!(rows, [10, 10, 1, 1, 6, 1]);
    program.ok(&told);
    assert_eq!(counts().await, rows);
    let row = sqlx::query(
        "select opening_american, closing_american, opener from core_betting.lines_current
         where market = 'moneyline' and side = 'away'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(
        (row.get(0), row.get(1), row.get(2)),
        (-175_i32, -200_i32, true)
    );
    pool.close().await;
}
