//! What is typed: numbers, lines, scores, and things with an at sign.

use crate::analytics::settlement::Score;
use crate::domain::market::{Line, Market};

/// A finite number; the typographic minus is a minus.
pub(super) fn number(text: &str) -> Result<f64, String> {
    let plain = text.trim().replace('\u{2212}', "-");
    match plain.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err("not a number; write one like 0.52 or -3.5".into()),
    }
}

/// A line: whole, half or quarter points, `PK` or `EV` for none, ½ for a half.
pub(super) fn line(text: &str) -> Result<f64, String> {
    let plain = text.trim();
    if ["pk", "pick", "ev", "even"]
        .iter()
        .any(|name| plain.eq_ignore_ascii_case(name))
    {
        return Ok(0.0);
    }
    let halved = plain.replace('½', ".5");
    let points = number(&halved)
        .ok()
        .filter(|points| Line::from_points(*points).is_some());
    points.ok_or_else(|| "not a line; write points like -3, +7.5, -0.25 or PK".into())
}

/// A score, the home team's first: 5-2.
pub(super) fn score(text: &str) -> Result<Score, String> {
    let wrong = || "not a score; write the home team's points first, like 5-2".to_owned();
    let (home, away) = text.split_once(['-', ':', '–']).ok_or_else(wrong)?;
    let points = |text: &str| {
        text.trim()
            .parse::<u16>()
            .map(i32::from)
            .map_err(|_| wrong())
    };
    Ok(Score {
        home: points(home)?,
        away: points(away)?,
    })
}

/// A market by the names in use.
pub(super) fn market(text: &str) -> Result<Market, String> {
    let name = text.trim().to_ascii_lowercase().replace(['-', ' '], "_");
    Ok(match name.as_str() {
        "moneyline" | "ml" | "h2h" => Market::Moneyline,
        "spread" | "run_line" | "runline" | "puck_line" | "handicap" | "asian_handicap" => {
            Market::Spread
        }
        "total" | "totals" | "over_under" => Market::Total,
        "team_total" => Market::TeamTotal,
        _ => {
            return Err(
                "not a market that a score settles; write moneyline, spread, total or team_total"
                    .into(),
            );
        }
    })
}

/// Two parts on either side of a character.
pub(super) fn pair(text: &str, between: char) -> Option<(&str, &str)> {
    text.rsplit_once(between).map(|(a, b)| (a.trim(), b.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_scores_as_people_write_them() {
        for (text, points) in [
            ("PK", 0.0),
            ("-3½", -3.5),
            ("\u{2212}7", -7.0),
            ("+0.25", 0.25),
        ] {
            assert!((line(text).unwrap() - points).abs() < 1e-12, "{text}");
        }
        for bad in ["", "three", "1.3", "nan", "inf"] {
            assert!(line(bad).is_err(), "{bad}");
        }
        assert_eq!(score("5-2"), Ok(Score { home: 5, away: 2 }));
        for bad in ["5", "5-", "-5-2", "a-b", "1-2-3"] {
            assert!(score(bad).is_err(), "{bad}");
        }
        assert_eq!(market("Run-Line"), Ok(Market::Spread));
        assert!(market("hits").is_err());
    }
}
