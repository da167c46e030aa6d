//! From a fair probability to a book's price, and back.

/// Logistic function: probability that a margin with mean `x` (in units of its scale) is positive.
pub(super) fn chance_of(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Longest price hung; captured in-play prices reach −20000 and +8000.
const LONGEST: f64 = 20_000.0;

/// American price of an implied probability (margin included) on a book's grid.
pub(super) fn american(implied: f64, grid: i32) -> i32 {
    let q = implied.clamp(0.005, 0.995);
    let exact = if q >= 0.5 {
        -100.0 * q / (1.0 - q)
    } else {
        100.0 * (1.0 - q) / q
    };
    // Long prices are hung on a coarser grid, as shops do.
    let step = match exact.abs() {
        far if far >= 2_000.0 => 100.0,
        far if far >= 500.0 => 10.0,
        _ => f64::from(grid),
    };
    let hung = ((exact / step).round() * step).clamp(-LONGEST, LONGEST) as i32;
    match hung {
        -100..=100 => 100,
        other => other,
    }
}

/// The two prices of a market whose first side (home, over) has fair probability `p`.
pub(super) fn pair(p: f64, margin: f64, grid: i32) -> (i32, i32) {
    // A proportional margin would hang a long favourite above certainty.
    let cap = |q: f64| q.min(0.992);
    (
        american(cap(p * (1.0 + margin)), grid),
        american(cap((1.0 - p) * (1.0 + margin)), grid),
    )
}

/// Decimal price of an American one, to two places, as feeds give it.
pub(super) fn decimal(american: i32) -> f64 {
    let a = f64::from(american);
    let exact = if american > 0 {
        1.0 + a / 100.0
    } else {
        1.0 - 100.0 / a
    };
    ((exact * 100.0).round() / 100.0).max(1.01)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_exist_and_hold_a_margin() {
        for step in 1..200 {
            let p = f64::from(step) / 200.0;
            for grid in [1, 2, 5] {
                let (a, b) = pair(p, 0.045, grid);
                assert!(a.abs() >= 100 && b.abs() >= 100, "{p}: {a} {b}");
                assert!(1.0 / decimal(a) + 1.0 / decimal(b) > 0.99, "{p}: {a} {b}");
            }
        }
        assert_eq!(pair(0.5, 0.0476, 1), (-110, -110));
        assert_eq!(american(0.5, 1), 100);
    }
}
