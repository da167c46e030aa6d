//! Rows of `bets`: what can be bet on.

use sqlx::PgConnection;

use super::settling::Bet;
use crate::domain::game::GameId;
use crate::domain::market::Line;

pub(super) async fn put_bets(
    connection: &mut PgConnection,
    game: GameId,
    bets: &[&Bet],
) -> Result<u64, sqlx::Error> {
    if bets.is_empty() {
        return Ok(0);
    }
    let new: Vec<bool> = sqlx::query_scalar(
        "insert into core_betting.bets (bet_id, game_id, league, event_name, home_team, away_team, player_name, bet_type,
             period, participant, line, outcome_side, market_description, parameters, event_time, sha_key, seed_bet_id)
         select bet_id, $2, $3, $4, $5, $6, player, bet_type, period, participant, line::numeric, side, words, parameters,
                $15, $16, seed
         from unnest($1::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::float8[], $12::text[], $13::text[],
             $14::jsonb[], $17::text[])
             as b(bet_id, player, bet_type, period, participant, line, side, words, parameters, seed)
         on conflict (bet_id) do update set event_name = excluded.event_name, home_team = excluded.home_team,
             away_team = excluded.away_team, event_time = excluded.event_time, sha_key = excluded.sha_key,
             seed_bet_id = excluded.seed_bet_id, updated_at = now()
         where (bets.event_name, bets.event_time) is distinct from (excluded.event_name, excluded.event_time)
         returning xmax = 0",
    )
    .bind(bets.iter().map(|b| b.id.as_str()).collect::<Vec<_>>())
    .bind(game.as_i64())
    .bind(bets.first().map(|b| b.league.as_str()))
    .bind(bets.first().map(|b| &*b.event_name))
    .bind(bets.first().map(|b| &*b.home))
    .bind(bets.first().map(|b| &*b.away))
    .bind(bets.iter().map(|b| b.player.as_deref()).collect::<Vec<_>>())
    .bind(bets.iter().map(|b| b.key.market.as_str()).collect::<Vec<_>>())
    .bind(bets.iter().map(|b| b.key.period.as_str()).collect::<Vec<_>>())
    .bind(bets.iter().map(|b| &*b.key.participant).collect::<Vec<_>>())
    .bind(bets.iter().map(|b| b.key.line.map(Line::points)).collect::<Vec<_>>())
    .bind(bets.iter().map(|b| b.key.side.as_str()).collect::<Vec<_>>())
    .bind(bets.iter().map(|b| &*b.description).collect::<Vec<_>>())
    .bind(bets.iter().map(|b| &b.parameters).collect::<Vec<_>>())
    .bind(bets.first().and_then(|b| b.event_time))
    .bind(bets.first().map(|b| &*b.sha_key))
    .bind(bets.iter().map(|b| &*b.seed_bet_id).collect::<Vec<_>>())
    .fetch_all(connection)
    .await?;
    Ok(new.into_iter().filter(|new| *new).count() as u64)
}
