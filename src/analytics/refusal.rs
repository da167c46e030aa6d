//! Why a formula has no answer for what it was given.

/// Input that a formula cannot take: a sentence with a next step. No formula answers with NaN instead.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// Not in 0 to 1.
    #[error("{name} of {value} is no probability; give a number from 0 to 1, like 0.52")]
    Probability {
        /// What it was to be.
        name: &'static str,
        /// What was given.
        value: f64,
    },
    /// Decimal odds include the stake, so they exceed 1.
    #[error("decimal odds of {0} do not exist; they are above 1, like 1.91")]
    Decimal(f64),
    /// A number outside its range.
    #[error("{name} of {value} is out of range; give {wanted}")]
    Number {
        /// What it was to be.
        name: &'static str,
        /// What was given.
        value: f64,
        /// What is in range.
        wanted: &'static str,
    },
    /// Parts that do not fit together.
    #[error("{0}")]
    Shape(&'static str),
}

impl Refusal {
    /// `value` where it lies in 0 to 1.
    pub fn probability(name: &'static str, value: f64) -> Result<f64, Self> {
        if (0.0..=1.0).contains(&value) {
            Ok(value)
        } else {
            Err(Self::Probability { name, value })
        }
    }

    /// `value` where it is a price: finite and above 1.
    pub fn decimal(value: f64) -> Result<f64, Self> {
        if value > 1.0 && value.is_finite() {
            Ok(value)
        } else {
            Err(Self::Decimal(value))
        }
    }

    /// `value` where it is finite and not below `least`.
    pub fn at_least(
        name: &'static str,
        least: f64,
        value: f64,
        wanted: &'static str,
    ) -> Result<f64, Self> {
        if value >= least && value.is_finite() {
            Ok(value)
        } else {
            Err(Self::Number {
                name,
                value,
                wanted,
            })
        }
    }
}
