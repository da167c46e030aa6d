//! The Odds API's sports and our leagues.

use crate::domain::league::League;

/// Sports whose games are a league of ours.
const LEAGUES: [(&str, League); 7] = [
    ("baseball_mlb", League::Mlb),
    ("americanfootball_nfl", League::Nfl),
    ("basketball_nba", League::Nba),
    ("icehockey_nhl", League::Nhl),
    ("americanfootball_ncaaf", League::Ncaaf),
    ("basketball_ncaab", League::Ncaab),
    ("basketball_wnba", League::Wnba),
];

/// The league of a sport's key; one linetape does not model is [`League::Other`].
pub(super) fn league(sport_key: &str) -> League {
    if sport_key.starts_with("soccer_") {
        return League::Soccer;
    }
    LEAGUES
        .iter()
        .find(|(key, _)| *key == sport_key)
        .map_or(League::Other, |(_, league)| *league)
}

/// The sport to ask for; none for a league that is many sports there.
pub(super) fn key(league: League) -> Option<&'static str> {
    LEAGUES
        .iter()
        .find(|(_, known)| *known == league)
        .map(|(key, _)| *key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_both_ways() {
        for (key_text, of) in LEAGUES {
            assert_eq!(league(key_text), of);
            assert_eq!(key(of), Some(key_text));
        }
        assert_eq!(league("soccer_epl"), League::Soccer);
        assert_eq!(league("baseball_mlb_preseason"), League::Other);
        assert_eq!(key(League::Soccer), None);
    }
}
