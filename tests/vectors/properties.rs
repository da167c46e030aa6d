//! What holds of every market, without an oracle.

use linetape::analytics::devig::{DevigError, Method, fair, solve, two_way, worst_case};
use linetape::analytics::normal;
use proptest::prelude::*;

/// Fair probabilities of 2 to 12 outcomes.
fn fair_market() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(0.01..1.0_f64, 2..12).prop_map(|weights| {
        let sum: f64 = weights.iter().sum();
        weights.iter().map(|w| w / sum).collect()
    })
}

/// Implied probabilities with a margin of 0.01 to 15 %.
fn market() -> impl Strategy<Value = Vec<f64>> {
    (fair_market(), 1e-4..0.15_f64)
        .prop_map(|(fair, margin)| fair.iter().map(|p| p * (1.0 + margin)).collect::<Vec<_>>())
        .prop_filter("a price is below 1", |implied| {
            implied.iter().all(|p| *p < 0.999)
        })
}

fn two() -> impl Strategy<Value = (f64, f64)> {
    (0.02..0.98_f64, 0.0..0.1_f64)
        .prop_map(|(p, margin)| (p * (1.0 + margin), (1.0 - p) * (1.0 + margin)))
        .prop_filter("a price is below 1", |(a, b)| *a < 0.999 && *b < 0.999)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn they_add_up_to_one_and_keep_their_order(implied in market()) {
        for method in Method::ALL {
            let Ok(solution) = solve(*method, &implied) else { continue };
            let found = solution.probabilities;
            prop_assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{method} {found:?}");
            for (p, a) in found.iter().zip(&implied) {
                for (q, b) in found.iter().zip(&implied) {
                    prop_assert!(a <= b || *p >= q - 1e-13, "{method} {found:?}");
                }
            }
        }
    }

    #[test]
    fn turned_round_they_are_turned_round(implied in market()) {
        let mut turned = implied.clone();
        turned.reverse();
        for method in Method::ALL {
            match (solve(*method, &implied), solve(*method, &turned)) {
                (Ok(there), Ok(back)) => {
                    for (p, q) in there.probabilities.iter().zip(back.probabilities.iter().rev()) {
                        prop_assert!((p - q).abs() < 1e-12, "{method}");
                    }
                }
                (there, back) => prop_assert!(there.is_err() && back.is_err(), "{method}"),
            }
        }
    }

    #[test]
    fn equal_prices_are_equally_likely(n in 2_usize..20, margin in 0.0..0.3_f64) {
        let implied = vec![(1.0 + margin) / n as f64; n];
        for method in Method::ALL {
            for p in fair(*method, &implied).unwrap() {
                prop_assert!((p - 1.0 / n as f64).abs() < 1e-13, "{method} {p}");
            }
        }
    }

    #[test]
    fn a_margin_that_vanishes_leaves_the_price(of in fair_market()) {
        prop_assume!(of.iter().all(|p| *p < 0.99));
        for margin in [1e-3, 1e-6, 1e-9, 1e-12, 0.0] {
            let implied: Vec<f64> = of.iter().map(|p| p * (1.0 + margin)).collect();
            for method in Method::ALL {
                // Rounding may leave the sum a hair below 1.
                let Ok(found) = fair(*method, &implied) else {
                    prop_assert!(margin > 1e-4, "{method} {implied:?}");
                    continue;
                };
                for (p, q) in found.iter().zip(&of) {
                    prop_assert!((p - q).abs() <= 2.0 * margin + 1e-12, "{method} at {margin}");
                }
            }
        }
    }

    #[test]
    fn two_way_identities((a, b) in two()) {
        let both = |method| two_way(method, a, b).unwrap();
        let shin = both(Method::Shin);
        let additive = both(Method::Additive);
        prop_assert!((shin[0] - additive[0]).abs() < 1e-15);
        // Logarithmic: the same shift of both log-odds.
        let ratio = both(Method::OddsRatio);
        let logit = |p: f64| (p / (1.0 - p)).ln();
        let shifts = [logit(a) - logit(ratio[0]), logit(b) - logit(ratio[1])];
        prop_assert!((shifts[0] - shifts[1]).abs() < 1e-10, "{shifts:?}");
        for method in Method::ALL {
            let fast = both(*method);
            let general = fair(*method, &[a, b]).unwrap();
            prop_assert!((fast[0] - general[0]).abs() < 1e-13, "{method}");
            prop_assert!((fast[0] + fast[1] - 1.0).abs() < 1e-15, "{method}");
            let turned = two_way(*method, b, a).unwrap();
            prop_assert!((turned[1] - fast[0]).abs() < 1e-13, "{method}");
        }
    }

    #[test]
    fn a_margin_put_on_comes_off(of in fair_market(), t in 0.0..0.08_f64) {
        let n = of.len() as f64;
        // Each method's formula, the other way round.
        let on = |method: Method| -> Option<Vec<f64>> {
            let each = |f: &dyn Fn(f64) -> f64| of.iter().map(|p| f(*p)).collect::<Vec<f64>>();
            Some(match method {
                Method::Multiplicative => each(&|p| p * (1.0 + t)),
                Method::Additive => each(&|p| p + t / n),
                Method::Power => each(&|p| p.powf(1.0 - t)),
                Method::OddsRatio => each(&|p| p * (1.0 + t) / (1.0 + p * t)),
                Method::BalancedBook => each(&|p| p * (1.0 - 0.1 * t) + 0.1 * t),
                Method::Probit => each(&|p| normal::cumulative(normal::quantile(p).unwrap() + t)),
                Method::Shin => {
                    // π is in proportion to √(zp + (1−z)p²), and B is the square of their sum.
                    let roots = each(&|p| (t * p + (1.0 - t) * p * p).sqrt());
                    let sum: f64 = roots.iter().sum();
                    roots.iter().map(|root| root * sum).collect()
                }
                Method::Goto | Method::JensenShannon => return None,
            })
        };
        for method in Method::ALL {
            let Some(implied) = on(*method) else { continue };
            if implied.iter().any(|p| *p >= 1.0) {
                continue;
            }
            for (p, q) in fair(*method, &implied).unwrap().iter().zip(&of) {
                prop_assert!((p - q).abs() < 1e-11, "{method}: {p} {q}");
            }
        }
    }

    #[test]
    fn the_worst_case_is_a_lower_bound(implied in market()) {
        let worst = worst_case(&implied).unwrap();
        for method in Method::ALL {
            if let Ok(found) = fair(*method, &implied) {
                prop_assert!(found.iter().zip(&worst).all(|(p, least)| p >= least));
            }
        }
    }

    #[test]
    fn books_of_any_size_end_in_probabilities(exponents in prop::collection::vec(0.0..9.0_f64, 2..8)) {
        let implied: Vec<f64> = exponents.iter().map(|e| 10.0_f64.powf(-e).min(1.0 - 1e-12)).collect();
        for method in Method::ALL {
            match fair(*method, &implied) {
                Ok(found) => {
                    prop_assert!((found.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{method} {implied:?} {found:?}");
                    prop_assert!(found.iter().all(|p| (0.0..=1.0).contains(p)));
                }
                Err(DevigError::Degenerate { .. }) => prop_assert!(false, "{method} {implied:?}"),
                Err(_) => {}
            }
            if let &[a, b] = implied.as_slice() {
                let fast = two_way(*method, a, b).map(|both| both.to_vec());
                prop_assert!(fast.is_ok() == fair(*method, &implied).is_ok(), "{method} {implied:?}");
            }
        }
    }

    #[test]
    fn anything_at_all_ends_in_numbers_or_a_refusal(implied in prop::collection::vec(any::<f64>(), 0..6)) {
        for method in Method::ALL {
            if let Ok(found) = fair(*method, &implied) {
                prop_assert!(found.iter().all(|p| (0.0..=1.0).contains(p)));
            }
            if let &[a, b] = implied.as_slice()
                && let Ok(found) = two_way(*method, a, b)
            {
                prop_assert!(found.iter().all(|p| (0.0..=1.0).contains(p)));
            }
        }
    }
}
