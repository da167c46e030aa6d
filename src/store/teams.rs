//! Teams and standings as feeds list them: of each team what was observed last.

use sqlx::PgConnection;

use crate::domain::feed::{FeedStanding, FeedTeam};
use crate::domain::tape::Origin;
use crate::domain::team::TeamSlug;
use crate::domain::time::slate_date;

/// Write lists of teams.
pub async fn write(
    connection: &mut PgConnection,
    teams: &[(&FeedTeam, Origin)],
) -> Result<(), sqlx::Error> {
    if teams.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into core_betting.team_sources as t
             (source, league, source_team_id, name, abbr, team, observed_at, payload_hash)
         select distinct on (i.source, i.league, i.source_team_id)
                i.source, i.league, i.source_team_id, i.name, i.abbr, c.team, i.observed_at, i.payload_hash
         from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::bytea[])
             as i(source, league, source_team_id, name, abbr, team, observed_at, payload_hash)
         left join core_betting.teams c on c.team = i.team
         order by i.source, i.league, i.source_team_id, i.observed_at desc, i.payload_hash desc
         on conflict (source, league, source_team_id) do update set
             name = excluded.name, abbr = excluded.abbr, team = excluded.team, observed_at = excluded.observed_at,
             payload_hash = excluded.payload_hash
         where (excluded.observed_at, excluded.payload_hash) > (t.observed_at, t.payload_hash)",
    )
    .bind(teams.iter().map(|(t, _)| t.source.as_str()).collect::<Vec<_>>())
    .bind(teams.iter().map(|(t, _)| t.league.as_str()).collect::<Vec<_>>())
    .bind(teams.iter().map(|(t, _)| &*t.source_team_id).collect::<Vec<_>>())
    .bind(teams.iter().map(|(t, _)| &*t.name).collect::<Vec<_>>())
    .bind(teams.iter().map(|(t, _)| t.abbreviation.as_deref()).collect::<Vec<_>>())
    .bind(teams.iter().map(|(t, _)| t.team.as_ref().map(TeamSlug::as_str)).collect::<Vec<_>>())
    .bind(teams.iter().map(|(_, o)| o.observed_at).collect::<Vec<_>>())
    .bind(teams.iter().map(|(_, o)| o.payload_hash.0.to_vec()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// A count that the table takes; what is none of the kind is left out.
fn count(number: Option<i32>) -> Option<i32> {
    number.filter(|n| (0..100_000).contains(n))
}

fn of_ten(number: Option<i32>) -> Option<i16> {
    i16::try_from(number?).ok().filter(|n| (0..=10).contains(n))
}

/// Write standings of teams that are known, with season, games won and games lost.
pub async fn write_standings(
    connection: &mut PgConnection,
    standings: &[(&FeedStanding, Origin)],
) -> Result<(), sqlx::Error> {
    let whole = |s: &FeedStanding| {
        let season = s.season.filter(|year| (1870..=2200).contains(year));
        s.team.is_some() && season.is_some() && count(s.wins).is_some() && count(s.losses).is_some()
    };
    let rows: Vec<_> = standings.iter().filter(|(s, _)| whole(s)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let zero = |number| count(number).unwrap_or(0);
    let losses = |s: &FeedStanding| zero(s.losses) + zero(s.overtime_losses);
    let played =
        |s: &FeedStanding| count(s.games_played).unwrap_or(zero(s.wins) + losses(s) + zero(s.ties));
    let counts = |of: fn(&FeedStanding) -> Option<i32>| -> Vec<Option<i32>> {
        rows.iter().map(|(s, _)| count(of(s))).collect()
    };
    let tens = |of: fn(&FeedStanding) -> Option<i32>| -> Vec<Option<i16>> {
        rows.iter().map(|(s, _)| of_ten(of(s))).collect()
    };
    let streak = |s: &FeedStanding| s.streak.and_then(|n| i16::try_from(n).ok());
    sqlx::query(
        "insert into core_betting.team_stats_daily as d
             (team, snapshot_date, season, games_played, wins, losses, ties, points_for, points_against, ppg, papg,
              home_wins, home_losses, away_wins, away_losses, last_10_wins, last_10_losses, streak, source, observed_at,
              payload_hash)
         select distinct on (i.team, i.snapshot_date)
                i.team, i.snapshot_date, i.season, i.played, i.wins, i.losses, i.ties, i.points_for, i.points_against,
                round(i.points_for::numeric / nullif(i.played, 0), 3), round(i.points_against::numeric / nullif(i.played, 0), 3),
                i.home_wins, i.home_losses, i.away_wins, i.away_losses, i.ten_wins, i.ten_losses, i.streak, i.source,
                i.observed_at, i.payload_hash
         from unnest($1::text[], $2::date[], $3::int2[], $4::int4[], $5::int4[], $6::int4[], $7::int4[], $8::int4[],
             $9::int4[], $10::int4[], $11::int4[], $12::int4[], $13::int4[], $14::int2[], $15::int2[], $16::int2[],
             $17::text[], $18::timestamptz[], $19::bytea[])
             as i(team, snapshot_date, season, played, wins, losses, ties, points_for, points_against, home_wins,
                  home_losses, away_wins, away_losses, ten_wins, ten_losses, streak, source, observed_at, payload_hash)
         join core_betting.teams c on c.team = i.team
         order by i.team, i.snapshot_date, i.points_for is not null desc, i.observed_at desc, i.payload_hash desc
         on conflict (team, snapshot_date) do update set
             season = excluded.season, games_played = excluded.games_played, wins = excluded.wins,
             losses = excluded.losses, ties = excluded.ties, points_for = excluded.points_for,
             points_against = excluded.points_against, ppg = excluded.ppg, papg = excluded.papg,
             home_wins = excluded.home_wins, home_losses = excluded.home_losses, away_wins = excluded.away_wins,
             away_losses = excluded.away_losses, last_10_wins = excluded.last_10_wins,
             last_10_losses = excluded.last_10_losses, streak = excluded.streak, source = excluded.source,
             observed_at = excluded.observed_at, payload_hash = excluded.payload_hash
         where (excluded.points_for is not null, excluded.observed_at, excluded.payload_hash)
               > (d.points_for is not null, d.observed_at, d.payload_hash)",
    )
    .bind(rows.iter().map(|(s, _)| s.team.as_ref().map(TeamSlug::as_str)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, o)| slate_date(o.observed_at)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(s, _)| s.season.and_then(|y| i16::try_from(y).ok())).collect::<Vec<_>>())
    .bind(rows.iter().map(|(s, _)| played(s)).collect::<Vec<_>>())
    .bind(counts(|s| s.wins))
    .bind(rows.iter().map(|(s, _)| losses(s)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(s, _)| zero(s.ties)).collect::<Vec<_>>())
    .bind(counts(|s| s.points_for))
    .bind(counts(|s| s.points_against))
    .bind(counts(|s| s.home_wins))
    .bind(counts(|s| s.home_losses))
    .bind(counts(|s| s.away_wins))
    .bind(counts(|s| s.away_losses))
    .bind(tens(|s| s.last_10_wins))
    .bind(tens(|s| s.last_10_losses))
    .bind(rows.iter().map(|(s, _)| streak(s)).collect::<Vec<_>>())
    .bind(rows.iter().map(|(s, _)| s.source.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, o)| o.observed_at).collect::<Vec<_>>())
    .bind(rows.iter().map(|(_, o)| o.payload_hash.0.to_vec()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}
