//! Several seasons merged to one JSON list. Dates are floats, scores text, and some rows have spread and total exchanged.

use chrono::NaiveDate;

use super::{Archive, Finished, Taken, Told, score};
use crate::domain::feed::PeriodScore;
use crate::domain::league::League;
use crate::domain::market::{Line, Market, Period, Side};
use crate::sources::Refusal;
use crate::sources::collector::Collector;
use crate::sources::json::{Document, List, Pointer, Scalar, Shape, record};
use crate::sources::sbr::season;
use crate::sources::written;

record! {
    /// A game.
    Game<'a> {
        date: Scalar<'a> = "date",
        home: Scalar<'a> = "home_team",
        away: Scalar<'a> = "away_team",
        home_1: Scalar<'a> = "home_1stQtr",
        away_1: Scalar<'a> = "away_1stQtr",
        home_2: Scalar<'a> = "home_2ndQtr",
        away_2: Scalar<'a> = "away_2ndQtr",
        home_3: Scalar<'a> = "home_3rdQtr",
        away_3: Scalar<'a> = "away_3rdQtr",
        home_4: Scalar<'a> = "home_4thQtr",
        away_4: Scalar<'a> = "away_4thQtr",
        home_final: Scalar<'a> = "home_final",
        away_final: Scalar<'a> = "away_final",
        home_open_ml: Scalar<'a> = "home_open_ml",
        away_open_ml: Scalar<'a> = "away_open_ml",
        home_close_ml: Scalar<'a> = "home_close_ml",
        away_close_ml: Scalar<'a> = "away_close_ml",
        home_open_spread: Scalar<'a> = "home_open_spread",
        away_open_spread: Scalar<'a> = "away_open_spread",
        home_close_spread: Scalar<'a> = "home_close_spread",
        away_close_spread: Scalar<'a> = "away_close_spread",
        home_2h_spread: Scalar<'a> = "home_2H_spread",
        away_2h_spread: Scalar<'a> = "away_2H_spread",
        total_2h: Scalar<'a> = "2H_total",
        open_total: Scalar<'a> = "open_over_under",
        close_total: Scalar<'a> = "close_over_under",
    }
}

/// Decode a merged archive.
pub(in crate::sources::sbr) fn decode<'c>(
    document: &Document<'_>,
    collector: Collector<'c>,
) -> Result<Collector<'c>, Refusal> {
    let list: List<Game<'_>> = document.read()?;
    let told = collector
        .context
        .endpoint
        .map(season::told)
        .unwrap_or_default();
    let league = told.league.unwrap_or_else(|| league_by_totals(&list));
    let mut archive = Archive::new(league, collector);
    let root = Pointer::Root;
    for (index, game) in list.items.iter().enumerate() {
        archive.collector.reading(None);
        one(game, &root.at(index), &mut archive);
    }
    Ok(archive.collector)
}

/// The league whose totals these are: the middle one lies far from those of any other sport with quarters.
fn league_by_totals(list: &List<Game<'_>>) -> League {
    let mut totals: Vec<f64> = list
        .items
        .iter()
        .filter_map(|game| game.close_total.number())
        .collect();
    totals.sort_by(f64::total_cmp);
    match totals.get(totals.len() / 2) {
        Some(25.0..=60.0) => League::Nfl,
        Some(170.0..=260.0) => League::Nba,
        _ => League::Other,
    }
}

fn one(game: &Game<'_>, place: &Pointer<'_>, archive: &mut Archive<'_>) {
    if game.shape != Shape::Right {
        archive
            .collector
            .rejects
            .push(place, "a game is not an object");
        return;
    }
    let (Some(home), Some(away)) = (game.home.text(), game.away.text()) else {
        archive.collector.rejects.push(
            place,
            "a game without the names of both teams is broken; nothing is read from it",
        );
        return;
    };
    let date = game.date.whole().and_then(|date| {
        let part = |number: i64| u32::try_from(number).ok();
        let year = i32::try_from(date / 10_000).ok()?;
        NaiveDate::from_ymd_opt(year, part(date / 100 % 100)?, part(date % 100)?)
            .filter(|_| (1990..=2100).contains(&year))
    });
    let Some(date) = date else {
        archive
            .collector
            .rejects
            .push(&place.key("date"), "this is no date like 20110908");
        return;
    };
    let periods = [
        ("1st", &game.home_1, &game.away_1),
        ("2nd", &game.home_2, &game.away_2),
        ("3rd", &game.home_3, &game.away_3),
        ("4th", &game.home_4, &game.away_4),
    ];
    let periods = periods
        .into_iter()
        .map(|(period, home, away)| PeriodScore {
            period: period.into(),
            home: points_of(home),
            away: points_of(away),
        })
        .filter(|period| period.home.is_some() || period.away.is_some())
        .collect();
    let finished = Finished {
        date,
        away,
        home,
        away_score: points_of(&game.away_final),
        home_score: points_of(&game.home_final),
        periods,
    };
    let scoreless = finished.away_score.is_none() || finished.home_score.is_none();
    let Some(taken) = archive.game(finished, place) else {
        return;
    };
    if scoreless {
        archive.collector.rejects.push(
            &place.key("home_final"),
            "the final score is none; the game is kept without a result",
        );
    }
    let moneylines = [
        ("home_open_ml", Side::Home, true, &game.home_open_ml),
        ("away_open_ml", Side::Away, true, &game.away_open_ml),
        ("home_close_ml", Side::Home, false, &game.home_close_ml),
        ("away_close_ml", Side::Away, false, &game.away_close_ml),
    ];
    for (member, side, opener, price) in moneylines {
        match written::american_of(price) {
            Ok(odds) => {
                let told = Told {
                    market: Market::Moneyline,
                    period: Period::Full,
                    side,
                    opener,
                    line: None,
                    odds,
                };
                archive.tell(&taken, &told, &place.key(member));
            }
            Err(reason) => archive.collector.rejects.push(&place.key(member), reason),
        }
    }
    let stages = [
        Stage {
            period: Period::Full,
            opener: true,
            spread: (
                "home_open_spread",
                &game.home_open_spread,
                &game.away_open_spread,
            ),
            total: ("open_over_under", &game.open_total),
        },
        Stage {
            period: Period::Full,
            opener: false,
            spread: (
                "home_close_spread",
                &game.home_close_spread,
                &game.away_close_spread,
            ),
            total: ("close_over_under", &game.close_total),
        },
        Stage {
            period: Period::Half2,
            opener: false,
            spread: ("home_2H_spread", &game.home_2h_spread, &game.away_2h_spread),
            total: ("2H_total", &game.total_2h),
        },
    ];
    for stage in stages {
        stage.take(&taken, place, archive);
    }
}

/// A score; text in all but broken rows, where it is the number 0.
fn points_of(scalar: &Scalar<'_>) -> Option<i32> {
    match scalar {
        Scalar::Text(text) => score(text),
        other => other.score(),
    }
}

/// A spread and a total that were written together: where one is out of range, both are.
struct Stage<'s> {
    period: Period,
    opener: bool,
    spread: (&'static str, &'s Scalar<'s>, &'s Scalar<'s>),
    total: (&'static str, &'s Scalar<'s>),
}

impl Stage<'_> {
    fn take(&self, game: &Taken, place: &Pointer<'_>, archive: &mut Archive<'_>) {
        let (spread_member, home, away) = self.spread;
        let (total_member, total) = self.total;
        match self.read(archive) {
            Ok([home, away, total]) => {
                let told = [
                    (Market::Spread, Side::Home, home, spread_member),
                    (Market::Spread, Side::Away, away, spread_member),
                    (Market::Total, Side::Over, total, total_member),
                    (Market::Total, Side::Under, total, total_member),
                ];
                for (market, side, line, member) in told {
                    let told = Told {
                        market,
                        period: self.period,
                        side,
                        opener: self.opener,
                        line,
                        odds: None,
                    };
                    archive.tell(game, &told, &place.key(member));
                }
            }
            Err(reason) => {
                if !(home.is_none() && away.is_none()) {
                    archive
                        .collector
                        .rejects
                        .push(&place.key(spread_member), reason.as_str());
                }
                if !total.is_none() {
                    archive
                        .collector
                        .rejects
                        .push(&place.key(total_member), reason);
                }
            }
        }
    }

    fn read(&self, archive: &Archive<'_>) -> Result<[Option<Line>; 3], String> {
        let (_, home, away) = self.spread;
        let (home, away) = (written::line_of(home)?, written::line_of(away)?);
        let total = written::line_of(self.total.1)?;
        if let Some((home, away)) = home.zip(away)
            && home.hundredths() != -away.hundredths()
        {
            return Err(
                "the two points of a spread are not opposite, so neither side's is known".into(),
            );
        }
        let mirrored = |line: Line| Line::from_hundredths(-line.hundredths());
        let home = home.or(away.map(mirrored));
        if let Some(line) = home {
            archive.bounds.check_spread(line, self.period)?;
        }
        if let Some(line) = total {
            archive.bounds.check_total(line, self.period)?;
        }
        Ok([home, away.or(home.map(mirrored)), total])
    }
}
