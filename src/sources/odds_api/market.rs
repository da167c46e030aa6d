//! The Odds API's market keys.

use std::sync::Arc;

use crate::domain::market::{Market, Period};

/// How the outcomes of a market are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Outcomes named by team, or `Draw`.
    Teams,
    /// `Over` and `Under`.
    Total,
    /// `Over` and `Under`, with the team or player in `description`.
    OverUnderOf,
}

/// What a market key means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) market: Market,
    pub(super) period: Period,
    /// Main line, or an alternate.
    pub(super) main: bool,
    pub(super) style: Style,
}

/// Suffixes of a market key that name a part of the game.
const PERIODS: [(&str, Period); 13] = [
    ("_h1", Period::Half1),
    ("_h2", Period::Half2),
    ("_q1", Period::Quarter1),
    ("_q2", Period::Quarter2),
    ("_q3", Period::Quarter3),
    ("_q4", Period::Quarter4),
    ("_p1", Period::Period1),
    ("_p2", Period::Period2),
    ("_p3", Period::Period3),
    ("_1st_1_innings", Period::Inning1),
    ("_1st_3_innings", Period::Innings3),
    ("_1st_5_innings", Period::Innings5),
    ("_1st_7_innings", Period::Innings7),
];

/// Beginnings of the keys of player markets.
const PLAYERS: [&str; 3] = ["player_", "batter_", "pitcher_"];

/// The meaning of `key`, or why it has none here.
pub(super) fn known(key: &str) -> Result<Known, String> {
    // Nearly every market is of the whole game, so that its key is tried before its parts.
    if let Some((market, main, style)) = of_game(key) {
        return Ok(Known {
            market,
            period: Period::Full,
            main,
            style,
        });
    }
    if PLAYERS.iter().any(|start| key.starts_with(start)) {
        let key = key.to_ascii_lowercase();
        return Ok(Known {
            main: !key.ends_with("_alternate"),
            market: Market::Prop(Arc::from(key)),
            period: Period::Full,
            style: Style::OverUnderOf,
        });
    }
    let (base, period) = PERIODS
        .iter()
        .find_map(|(suffix, period)| Some((key.strip_suffix(suffix)?, *period)))
        .unwrap_or((key, Period::Full));
    let (market, main, style) = of_game(base).ok_or_else(|| {
        if base.ends_with("_lay") {
            format!("{key} is a price to lay a bet at an exchange, not to back it")
        } else if base.starts_with("outrights") {
            "outrights are bets on a season, not on a game".to_owned()
        } else {
            format!("market {key:?} is not known")
        }
    })?;
    Ok(Known {
        market,
        period,
        main,
        style,
    })
}

/// A key without its period: market, main line or alternate, and how its outcomes are written.
fn of_game(base: &str) -> Option<(Market, bool, Style)> {
    Some(match base {
        "h2h" => (Market::Moneyline, true, Style::Teams),
        "spreads" => (Market::Spread, true, Style::Teams),
        "totals" => (Market::Total, true, Style::Total),
        // Another bet than the two-way moneyline at the same book: a draw loses both sides.
        "h2h_3_way" => (Market::Prop(Arc::from(base)), true, Style::Teams),
        "alternate_spreads" => (Market::Spread, false, Style::Teams),
        "alternate_totals" => (Market::Total, false, Style::Total),
        "team_totals" => (Market::TeamTotal, true, Style::OverUnderOf),
        "alternate_team_totals" => (Market::TeamTotal, false, Style::OverUnderOf),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_market_period_and_slot() {
        let read = |key| {
            let known = known(key).unwrap();
            (known.market.to_string(), known.period, known.main)
        };
        assert_eq!(read("h2h"), ("moneyline".into(), Period::Full, true));
        assert_eq!(
            read("spreads_q4"),
            ("spread".into(), Period::Quarter4, true)
        );
        assert_eq!(
            read("alternate_totals_1st_5_innings"),
            ("total".into(), Period::Innings5, false)
        );
        assert_eq!(
            read("alternate_team_totals"),
            ("team_total".into(), Period::Full, false)
        );
        assert_eq!(
            read("h2h_3_way_h1"),
            ("h2h_3_way".into(), Period::Half1, true)
        );
        assert_eq!(
            read("player_points_alternate"),
            ("player_points_alternate".into(), Period::Full, false)
        );
    }

    #[test]
    fn refuses_with_a_reason() {
        for key in [
            "h2h_lay",
            "outrights",
            "outrights_lay",
            "btts",
            "",
            "h2h_q5",
        ] {
            assert!(known(key).is_err(), "{key}");
        }
    }
}
