//! What a price is worth against the fair one: expected value, its class, and the price to ask for on an exchange.
//!
//! Confidence, volume and [`seed_maker`] are those of Fair-Edge, kept as its rows have them.

use std::fmt;

use super::Rules;
use crate::analytics::ev::{Chances, expected_value};
use crate::analytics::refusal::Refusal;
use crate::domain::market::{UnknownName, names};

/// Values this near to a threshold are on it: decimals are not exact in binary.
const ON_IT: f64 = 1e-9;

mod class {
    use super::{UnknownName, fmt, names};
    use serde::{Deserialize, Serialize, Serializer};
    use std::str::FromStr;

    names! {
        /// How good a price is, in Fair-Edge's colours.
        Class, "class" {
            /// To be taken: 4.5 % and more, unless settings say otherwise.
            Green = "green",
            /// Better than fair.
            Amber = "amber",
            /// Not better than fair.
            Grey = "grey",
            /// There is no fair price to hold it against.
            Unknown = "unknown",
        }
    }
}
pub use class::Class;

impl Class {
    /// The class of an expected value, with the value from which a price is taken.
    pub fn of(ev: Option<f64>, take: f64) -> Self {
        match ev {
            None => Self::Unknown,
            Some(ev) if ev >= take - ON_IT => Self::Green,
            Some(ev) if ev > ON_IT => Self::Amber,
            Some(_) => Self::Grey,
        }
    }
}

/// Expected profit on 1 staked at decimal odds after commission, `p·d − 1`.
///
/// Fails where the one is no probability or the other no price.
pub fn value(p: f64, net: f64) -> Result<f64, Refusal> {
    expected_value(net, &Chances::new(p, 0.0)?)
}

/// How many books quote: Fair-Edge's indicator of volume.
pub const fn volume(books: usize) -> &'static str {
    match books {
        0..3 => "low",
        3 | 4 => "medium",
        _ => "high",
    }
}

/// Fair-Edge's confidence: `min(10·|EV|, 1)`, a tenth more where other books quote too, at most 1.
pub fn confidence(ev: f64, others: bool) -> f64 {
    let base = (ev.abs() * 10.0).min(1.0);
    (if others { base * 1.1 } else { base }).min(1.0)
}

/// The decimal odds to ask for on an exchange so that a bet that is taken is worth `target` after a commission of `fee` on
/// winnings: `1 + ((1 + target)/p − 1)/(1 − fee)`.
///
/// Fails where a share is out of range, and for outcomes that are certain.
pub fn maker(p: f64, target: f64, fee: f64) -> Result<f64, Refusal> {
    let (p, target, fee) = checked(p, target, fee)?;
    Ok(1.0 + ((1.0 + target) / p - 1.0) / (1.0 - fee))
}

/// The odds Fair-Edge asks for: implied probability `p/(1 + fee)/(1 + target − fee)`, without a fee `p/(1 + target)`, kept to
/// 0.05 to 0.95. With a fee its bets are worth less than the target; [`maker`] is right.
///
/// Fails as [`maker`].
pub fn seed_maker(p: f64, target: f64, fee: f64) -> Result<f64, Refusal> {
    let (p, target, fee) = checked(p, target, fee)?;
    let implied = if fee > 0.0 {
        p / (1.0 + fee) / (1.0 + (target - fee))
    } else {
        p / (1.0 + target)
    };
    Ok(1.0 / implied.clamp(0.05, 0.95))
}

fn checked(p: f64, target: f64, fee: f64) -> Result<(f64, f64, f64), Refusal> {
    if !(p > 0.0 && p < 1.0) {
        return Err(Refusal::Number {
            name: "a fair probability",
            value: p,
            wanted: "a number between 0 and 1, both excluded",
        });
    }
    Refusal::probability("a target", target)?;
    if Refusal::probability("a commission", fee)? >= 1.0 {
        return Err(Refusal::Number {
            name: "a commission",
            value: fee,
            wanted: "less than 1",
        });
    }
    Ok((p, target, fee))
}

/// An exchange's quote of an outcome, for the choice where to ask.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Venue<'a> {
    /// Exchange.
    pub book: &'a str,
    /// Its decimal odds; none where it has no market.
    pub decimal: Option<f64>,
}

/// Where Fair-Edge would ask: the exchange without a market; else the one whose price is farther from fair; of equals, and of
/// several without a market, the first in `venues`. None without exchanges.
pub fn where_to_ask<'a>(p: f64, venues: &[Venue<'a>]) -> Option<&'a str> {
    if let Some(empty) = venues.iter().find(|v| v.decimal.is_none()) {
        return Some(empty.book);
    }
    let off = |venue: &Venue<'_>| venue.decimal.map_or(0.0, |d| (1.0 / d - p).abs());
    let mut best: Option<(&Venue<'a>, f64)> = None;
    for venue in venues {
        let far = off(venue);
        if best.is_none_or(|(_, had)| far > had + 1e-12) {
            best = Some((venue, far));
        }
    }
    best.map(|(venue, _)| venue.book)
}

/// A price held against the fair one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worth {
    /// Decimal odds after commission.
    pub net: f64,
    /// Expected value; none without a fair price.
    pub ev: Option<f64>,
    /// Class.
    pub class: Class,
}

/// A book's price held against a fair probability; none for what is no price.
pub fn worth(book: &str, decimal: f64, fair: Option<f64>, rules: &Rules) -> Option<Worth> {
    let net = rules.net(book, decimal)?;
    let ev = fair.and_then(|p| value(p, net).ok());
    Some(Worth {
        net,
        ev,
        class: Class::of(ev, rules.take),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_the_seeds() {
        for (ev, class) in [
            (Some(0.2), Class::Green),
            // −110 at 54.738095 %: exactly 4.5 %.
            (
                Some(0.547_380_952_380_952_4 * (1.0 + 10.0 / 11.0) - 1.0),
                Class::Green,
            ),
            (Some(0.0449), Class::Amber),
            (Some(0.0), Class::Grey),
            (Some(-0.1), Class::Grey),
            (None, Class::Unknown),
        ] {
            assert_eq!(Class::of(ev, 0.045), class, "{ev:?}");
        }
        assert_eq!([volume(2), volume(3), volume(5)], ["low", "medium", "high"]);
        assert!((confidence(-0.05, true) - 0.55).abs() < 1e-12);
        assert!((confidence(0.3, true) - 1.0).abs() < 1e-12);
        assert!((confidence(0.02, false) - 0.2).abs() < 1e-12);
    }

    #[test]
    fn a_maker_price_is_worth_its_target_and_the_seeds_is_not() {
        for (p, target, fee) in [(0.5, 0.045, 0.02), (0.2, 0.045, 0.0), (0.8, 0.1, 0.05)] {
            let ask = maker(p, target, fee).unwrap();
            let net = 1.0 + (ask - 1.0) * (1.0 - fee);
            assert!((value(p, net).unwrap() - target).abs() < 1e-12);
        }
        let seed = seed_maker(0.5, 0.045, 0.02).unwrap();
        assert!((1.0 / seed - 0.5 / 1.02 / 1.025).abs() < 1e-12);
        let net = 1.0 + (seed - 1.0) * 0.98;
        assert!(value(0.5, net).unwrap() < 0.035, "short of its 4.5 %");
        assert!((seed_maker(0.99, 0.0, 0.0).unwrap() - 1.0 / 0.95).abs() < 1e-12);
        assert!((seed_maker(0.02, 0.045, 0.0).unwrap() - 20.0).abs() < 1e-12);
        assert!((seed_maker(0.5, 0.045, 0.0).unwrap() - 2.09).abs() < 1e-12);
        for (p, target, fee) in [(0.0, 0.1, 0.1), (f64::NAN, 0.1, 0.1), (0.5, 0.1, 1.0)] {
            assert!(maker(p, target, fee).is_err() && seed_maker(p, target, fee).is_err());
        }
    }

    #[test]
    fn an_empty_exchange_first_then_the_one_farther_from_fair() {
        let at = |book, decimal| Venue { book, decimal };
        let none = [at("novig", Some(2.0)), at("prophetx", None)];
        assert_eq!(where_to_ask(0.5, &none), Some("prophetx"));
        let far = [at("novig", Some(2.0)), at("prophetx", Some(2.2))];
        assert_eq!(where_to_ask(0.5, &far), Some("prophetx"));
        let tie = [at("novig", Some(2.1)), at("prophetx", Some(2.1))];
        assert_eq!(where_to_ask(0.5, &tie), Some("novig"));
        assert_eq!(where_to_ask(0.5, &[]), None);
    }
}
