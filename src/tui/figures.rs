//! Numbers as the trade writes them: signs always, half points as ½, short durations.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::domain::market::{Line, Market, Period, QuoteStatus};
use crate::domain::series::Price;

/// A line: `−1½`, `+3`, `PK` for a spread of nought; totals carry no sign.
pub fn line(line: Line, market: &Market) -> String {
    let hundredths = line.hundredths();
    let whole = hundredths.abs() / 100;
    let fraction = match hundredths.abs() % 100 {
        25 => "¼",
        50 => "½",
        75 => "¾",
        _ => "",
    };
    let number = if whole == 0 && !fraction.is_empty() {
        fraction.to_owned()
    } else {
        format!("{whole}{fraction}")
    };
    match (market, hundredths) {
        (Market::Spread, 0) => "PK".to_owned(),
        (Market::Spread, 1..) => format!("+{number}"),
        (_, ..0) => format!("−{number}"),
        _ => number,
    }
}

/// Short name of a market: `ml`, `sprd`.
pub const fn market(market: &Market) -> &'static str {
    match market {
        Market::Moneyline => "ml",
        Market::Spread => "sprd",
        Market::Total => "tot",
        Market::TeamTotal => "team",
        Market::Prop(_) => "prop",
    }
}

/// The same with its part of the game: `F5 tot`.
pub fn market_part(of: &Market, period: Period) -> String {
    match period {
        Period::Full => market(of).to_owned(),
        part => format!("{} {}", part.as_str().to_uppercase(), market(of)),
    }
}

/// `MIA @ BAL G2`, or `MIA@BAL 2` where that is too long: cut, it would be the first game's name.
pub fn matchup(title: &str, width: u16) -> String {
    if title.chars().count() > width.into() {
        title.replace(" @ ", "@").replace(" G", " ")
    } else {
        title.to_owned()
    }
}

/// What a book offers: `−146`, `−1½ −110`, `susp` when locked, `off` when off the board.
pub fn price(price: &Price, market: &Market) -> String {
    match (price.status, price.odds) {
        (QuoteStatus::Suspended, _) => "susp".to_owned(),
        (QuoteStatus::Off, _) | (_, None) => "off".to_owned(),
        (QuoteStatus::Open, Some(odds)) => match price.line {
            Some(at) if market.has_line() => format!("{} {odds}", line(at, market)),
            _ => odds.to_string(),
        },
    }
}

/// A duration in at most four columns: `2s`, `41s`, `3m`, `1h05`, `12h`, `3d`. Negative ones read `0s`.
pub fn age(span: TimeDelta) -> String {
    let seconds = span.num_seconds().max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..36_000 => format!("{}h{:02}", seconds / 3_600, seconds % 3_600 / 60),
        36_000..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", (seconds / 86_400).min(999)),
    }
}

/// Seconds as [`age`].
pub fn seconds(seconds: u64) -> String {
    age(TimeDelta::seconds(
        i64::try_from(seconds).unwrap_or(i64::MAX / 1_000),
    ))
}

/// A whole number with thousands apart: `1,234,567`.
pub fn whole(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::from(if number < 0 { "−" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A whole number in at most five columns: `812`, `12.4k`, `3.1M`.
pub fn short(number: u64) -> String {
    let scaled = |unit: f64, name: &str| {
        let value = number as f64 / unit;
        if value < 100.0 {
            format!("{value:.1}{name}")
        } else {
            format!("{value:.0}{name}")
        }
    };
    match number {
        0..10_000 => number.to_string(),
        10_000..1_000_000 => scaled(1e3, "k"),
        1_000_000..1_000_000_000 => scaled(1e6, "M"),
        _ => scaled(1e9, "G"),
    }
}

/// Bytes: `812 B`, `12.4 kB`, `1.2 GB`.
pub fn bytes(bytes: u64) -> String {
    let value = bytes as f64;
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", value / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", value / 1e6),
        _ => format!("{:.1} GB", value / 1e9),
    }
}

/// Milliseconds: `0.8 ms`, `12 ms`, `1.4 s`.
pub fn millis(millis: f32) -> String {
    match millis {
        m if m < 10.0 => format!("{m:.1} ms"),
        m if m < 1_000.0 => format!("{m:.0} ms"),
        m => format!("{:.1} s", m / 1_000.0),
    }
}

/// A share, 0–1, in per cent: `97.4 %`.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A difference of shares with its sign: `+2.1 %`, `−0.4 %`.
pub fn signed_percent(share: f64) -> String {
    format!("{:+.1} %", share * 100.0).replace('-', "−")
}

/// `19:42:07`.
pub fn clock(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%H:%M:%S").to_string()
}

/// `19:42` on the day of `today`, else `Jul 12`.
pub fn start(at: DateTime<Utc>, today: DateTime<Utc>, zone: Tz) -> String {
    let local = at.with_timezone(&zone);
    if local.date_naive() == today.with_timezone(&zone).date_naive() {
        local.format("%H:%M").to_string()
    } else {
        local.format("%b %-d").to_string()
    }
}

/// The zone's name as people say it: `ET` for US Eastern, else its abbreviation at `at`.
pub fn zone(at: DateTime<Utc>, zone: Tz) -> String {
    let name = at.with_timezone(&zone).format("%Z").to_string();
    match name.as_str() {
        "EST" | "EDT" => "ET".to_owned(),
        "CST" | "CDT" => "CT".to_owned(),
        "MST" | "MDT" => "MT".to_owned(),
        "PST" | "PDT" => "PT".to_owned(),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::odds::Odds;

    #[test]
    fn lines_carry_signs_and_halves() {
        let spread = |points| line(Line::from_points(points).unwrap(), &Market::Spread);
        assert_eq!(spread(-1.5), "−1½");
        assert_eq!(spread(3.0), "+3");
        assert_eq!(spread(0.0), "PK");
        assert_eq!(spread(-0.5), "−½");
        assert_eq!(line(Line::from_points(8.5).unwrap(), &Market::Total), "8½");
        assert_eq!(line(Line::from_points(2.25).unwrap(), &Market::Total), "2¼");
    }

    #[test]
    fn a_suspension_is_a_word_not_a_price() {
        let mut quote = Price {
            line: Line::from_points(-1.5),
            odds: Odds::american(-110).ok(),
            status: QuoteStatus::Open,
        };
        assert_eq!(price(&quote, &Market::Spread), "−1½ −110");
        assert_eq!(price(&quote, &Market::Moneyline), "−110");
        quote.status = QuoteStatus::Suspended;
        assert_eq!(price(&quote, &Market::Spread), "susp");
        quote.status = QuoteStatus::Off;
        assert_eq!(price(&quote, &Market::Spread), "off");
    }

    #[test]
    fn durations_are_short() {
        let text = |s| age(TimeDelta::seconds(s));
        assert_eq!(
            [-5, 2, 41, 190, 3_900, 40_000, 300_000].map(text),
            ["0s", "2s", "41s", "3m", "1h05", "11h", "3d"]
        );
    }

    #[test]
    fn counts_are_readable() {
        assert_eq!(whole(1_234_567), "1,234,567");
        assert_eq!(whole(-12), "−12");
        assert_eq!(
            [short(812), short(12_400), short(3_100_000)],
            ["812", "12.4k", "3.1M"]
        );
        assert_eq!(bytes(1_234_000_000), "1.2 GB");
        assert_eq!([0.0212, -0.004].map(signed_percent), ["+2.1 %", "−0.4 %"]);
    }
}
