//! Whether a payload's prices are American or decimal: the body does not say.
//!
//! The request does (`oddsFormat=`), and wins. For a bare capture the prices themselves tell, together: decimal odds
//! are never negative and mostly fractional, American odds are whole and lie at or beyond ±100. Prices that speak
//! against the majority are refused one by one; an even split is refused whole, for a wrong guess turns +101 into 101.0.

use super::slate::Slate;
use crate::domain::odds::{Odds, OddsFormat};
use crate::sources::DecodeContext;
use crate::sources::json::Scalar;

/// The format of a payload's prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Known.
    Known(OddsFormat),
    /// As many prices speak for one as for the other.
    Torn,
}

impl Format {
    /// As the request said, else as the prices of `slate` tell.
    pub(super) fn of(slate: &Slate<'_>, context: &DecodeContext<'_>) -> Self {
        match context.endpoint.and_then(asked) {
            Some(format) => Self::Known(format),
            None => Self::told_by(slate.every_outcome().map(|outcome| &outcome.price)),
        }
    }

    fn told_by<'p, 'a: 'p>(prices: impl Iterator<Item = &'p Scalar<'a>>) -> Self {
        let (mut american, mut decimal) = (0_u32, 0_u32);
        // +100 and more may be either; 0 is off the board.
        prices.for_each(|price| match price {
            Scalar::Int(..=-100) => american += 1,
            Scalar::Int(2..=99) => decimal += 1,
            Scalar::Float(price) if *price <= -100.0 => american += 1,
            Scalar::Float(price) if *price > 1.0 && (*price < 100.0 || price.fract() != 0.0) => {
                decimal += 1;
            }
            _ => {}
        });
        match american.cmp(&decimal) {
            std::cmp::Ordering::Greater => Self::Known(OddsFormat::American),
            std::cmp::Ordering::Less => Self::Known(OddsFormat::Decimal),
            // Only whole prices of 100 and more: two such sides of one market would be absurd in decimal.
            std::cmp::Ordering::Equal if american == 0 => Self::Known(OddsFormat::American),
            std::cmp::Ordering::Equal => Self::Torn,
        }
    }

    /// A price; none where the market is off the board, which feeds write as null or 0.
    pub(super) fn price(self, price: &Scalar<'_>) -> Result<Option<Odds>, String> {
        let number = match price {
            Scalar::Null => return Ok(None),
            Scalar::Absent => return Err("there is no price".into()),
            _ => price.number().ok_or("the price is not a number")?,
        };
        if number == 0.0 {
            return Ok(None);
        }
        let odds = match self {
            Self::Known(OddsFormat::American) => match price.whole() {
                Some(whole) => Odds::american(whole),
                None => {
                    return Err(
                        "American odds are whole numbers, as this payload's others are".into(),
                    );
                }
            },
            Self::Known(OddsFormat::Decimal) => Odds::decimal(number),
            Self::Torn => {
                return Err(
                    "half of this payload's prices are American and half decimal; give --endpoint with its oddsFormat"
                        .into(),
                );
            }
        };
        odds.map(Some).map_err(|error| error.to_string())
    }
}

/// The `oddsFormat` of a request.
fn asked(endpoint: &str) -> Option<OddsFormat> {
    let (_, query) = endpoint.split_once('?')?;
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "oddsFormat")
        .and_then(|(_, value)| match &*value {
            "american" => Some(OddsFormat::American),
            "decimal" => Some(OddsFormat::Decimal),
            _ => None,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(prices: &[Scalar<'_>]) -> Format {
        Format::told_by(prices.iter())
    }

    #[test]
    fn prices_tell_together() {
        use Scalar::{Float, Int};
        let american = Format::Known(OddsFormat::American);
        let decimal = Format::Known(OddsFormat::Decimal);
        assert_eq!(told(&[Int(-110), Int(100)]), american);
        assert_eq!(told(&[Float(1.91), Int(2), Int(101)]), decimal);
        assert_eq!(told(&[Int(105), Int(110)]), american);
        assert_eq!(told(&[Int(-110), Float(1.91)]), Format::Torn);
        assert_eq!(told(&[Int(-110), Int(-120), Float(1.91)]), american);
        assert_eq!(told(&[]), american);
        assert_eq!(told(&[Float(151.0), Float(1.001)]), decimal);
    }

    #[test]
    fn the_minority_is_refused() {
        let american = Format::Known(OddsFormat::American);
        assert!(american.price(&Scalar::Float(1.91)).is_err());
        assert!(american.price(&Scalar::Int(50)).is_err());
        assert_eq!(
            american.price(&Scalar::Float(-110.0)),
            Ok(Odds::american(-110).ok())
        );
        assert_eq!(american.price(&Scalar::Int(0)), Ok(None));
        let decimal = Format::Known(OddsFormat::Decimal);
        assert!(decimal.price(&Scalar::Int(-110)).is_err());
        assert!(Format::Torn.price(&Scalar::Int(-110)).is_err());
    }

    #[test]
    fn the_request_says_it() {
        assert_eq!(
            asked("/v4/sports/x/odds?markets=h2h&oddsFormat=decimal"),
            Some(OddsFormat::Decimal)
        );
        assert_eq!(asked("/v4/sports/x/odds"), None);
        assert_eq!(asked("capture.json"), None);
    }
}
