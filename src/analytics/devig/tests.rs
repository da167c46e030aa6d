use super::*;

fn close(left: &[f64], right: &[f64], tolerance: f64) {
    assert_eq!(left.len(), right.len());
    for (l, r) in left.iter().zip(right) {
        assert!((l - r).abs() <= tolerance, "{left:?} is not {right:?}");
    }
}

fn of_decimal(odds: &[f64]) -> Vec<f64> {
    odds.iter().map(|d| 1.0 / d).collect()
}

#[test]
fn a_two_way_market_by_hand() {
    // −300/+240: π = 3/4 and 5/17.
    let (a, b) = (0.75, 5.0 / 17.0);
    let expected = |method| match method {
        Method::Multiplicative => 0.75 / (0.75 + 5.0 / 17.0),
        // (1 + 3/4 − 5/17)/2 = 99/136
        Method::Additive | Method::Shin => 99.0 / 136.0,
        // √3/(√3 + √(5/12)) = 6/(6 + √5)
        Method::OddsRatio => 6.0 / (6.0 + 5.0_f64.sqrt()),
        // (12/17)/(12/17 + 1/4) = 48/65
        Method::BalancedBook => 48.0 / 65.0,
        // σ are 1/2 and √(12/17), the margin is 3/68.
        Method::Goto => 0.75 - (3.0 / 68.0) * 0.5 / (0.5 + (12.0_f64 / 17.0).sqrt()),
        Method::Power => 0.733_083_830_150_3,
        Method::JensenShannon => 0.728_221_828_592_868,
        Method::Probit => 0.728_387_167_358_63,
    };
    for method in Method::ALL {
        let tolerance = match method {
            Method::Power | Method::JensenShannon | Method::Probit => 1e-12,
            _ => 1e-15,
        };
        let fair = two_way(*method, a, b).unwrap();
        close(&[fair[0]], &[expected(*method)], tolerance);
        close(&[fair[0] + fair[1]], &[1.0], 1e-15);
        close(
            &fair,
            &solve(*method, &[a, b]).unwrap().probabilities,
            1e-13,
        );
    }
}

#[test]
fn parameters_solve_their_equations() {
    let implied = of_decimal(&[2.4, 3.4, 3.1]);
    let solved = |method| {
        let solution = solve(method, &implied).unwrap();
        (solution.probabilities, solution.parameter.unwrap())
    };
    let (fair, z) = solved(Method::Shin);
    assert!((z - 0.016_689).abs() < 1e-6 && (fair[0] - 0.404_949).abs() < 1e-6);
    let (fair, c) = solved(Method::OddsRatio);
    assert!((c - 1.051_534).abs() < 1e-6 && (fair[0] - 0.404_507).abs() < 1e-6);
    let (fair, k) = solved(Method::Power);
    for (p, implied) in fair.iter().zip(&implied) {
        assert!((p.powf(k) - implied).abs() < 1e-14);
    }
    let (fair, c) = solved(Method::Probit);
    for (p, implied) in fair.iter().zip(&implied) {
        use crate::analytics::normal::quantile;
        let shift = quantile(*implied).unwrap() - quantile(*p).unwrap();
        assert!((shift - c).abs() < 1e-13);
    }
    // The definition of the divergence, term by term.
    let divergence = |p: f64, q: f64| {
        let m = 0.5 * (p + q);
        let kl = |x: f64, y: f64| x * (x / y).ln();
        0.5 * (kl(p, m) + kl(1.0 - p, 1.0 - m) + kl(q, m) + kl(1.0 - q, 1.0 - m))
    };
    let (fair, d) = solved(Method::JensenShannon);
    for (p, implied) in fair.iter().zip(&implied) {
        assert!((divergence(*p, *implied).sqrt() - d).abs() < 1e-12);
    }
}

#[test]
fn long_shots_that_a_method_overdraws_are_told() {
    let implied = of_decimal(&[1.15, 5.0, 10.0, 25.0]);
    for method in [Method::Additive, Method::BalancedBook] {
        let solution = solve(method, &implied).unwrap();
        assert_eq!(solution.out_of_range(), Some(3));
        assert_eq!(
            fair(method, &implied),
            Err(DevigError::OutOfRange { outcome: 3 })
        );
    }
    // Here no common distance is short enough for the last outcome.
    let race = of_decimal(&[1.1, 1.2, 5.0, 1000.0]);
    let found = solve(Method::JensenShannon, &race);
    assert_eq!(found, Err(DevigError::OutOfRange { outcome: 3 }));
    for method in [
        Method::Power,
        Method::Shin,
        Method::OddsRatio,
        Method::Probit,
    ] {
        assert!(fair(method, &race).is_ok(), "{method}");
    }
}

#[test]
fn below_one_there_is_no_insider() {
    let under = of_decimal(&[2.1, 2.1]);
    let refused = solve(Method::Shin, &under).unwrap_err();
    assert!(matches!(refused, DevigError::Underround { overround } if overround < 1.0));
    assert_eq!(two_way(Method::Shin, under[0], under[1]), Err(refused));
    assert!(solve(Method::Shin, &of_decimal(&[3.2, 3.6, 3.4])).is_err());
    for method in Method::ALL.iter().filter(|m| **m != Method::Shin) {
        let solution = solve(*method, &under).unwrap();
        close(&solution.probabilities, &[0.5, 0.5], 1e-15);
        assert!(solution.underround());
        let three = fair(*method, &of_decimal(&[3.2, 3.6, 3.4])).unwrap();
        assert!((three.iter().sum::<f64>() - 1.0).abs() < 1e-14);
    }
}

#[test]
fn what_is_no_market_is_refused() {
    for bad in [
        &[][..],
        &[0.5],
        &[0.5, 1.0],
        &[0.5, 0.0],
        &[-0.1, 0.9],
        &[f64::NAN, 0.5],
        &[1e-10, 0.5],
        &[f64::INFINITY, 0.5],
    ] {
        for method in Method::ALL {
            let refused = solve(*method, bad);
            assert!(
                matches!(refused, Err(DevigError::Degenerate { .. })),
                "{bad:?}"
            );
            if let &[a, b] = bad {
                assert!(matches!(
                    two_way(*method, a, b),
                    Err(DevigError::Degenerate { .. })
                ));
            }
        }
        assert!(worst_case(bad).is_err());
    }
}

#[test]
fn extreme_markets_end() {
    let markets: [&[f64]; 6] = [
        &[1e-9, 1e-9],
        &[1e-9, 1.0 - 1e-9],
        &[0.999_999, 0.999_999, 0.999_999],
        &[1e-6, 1e-6, 1e-6, 0.99],
        &[0.9; 20],
        &[1.0 - 1e-15, 1e-9],
    ];
    for implied in markets {
        for method in Method::ALL {
            match fair(*method, implied) {
                Ok(found) => {
                    let sum: f64 = found.iter().sum();
                    assert!((sum - 1.0).abs() < 1e-9, "{method} {implied:?} {found:?}");
                    assert!(found.iter().all(|p| (0.0..=1.0).contains(p)));
                }
                Err(DevigError::Degenerate { .. }) => panic!("{method} {implied:?}"),
                Err(_) => {}
            }
            if let &[a, b] = implied {
                let two = two_way(*method, a, b).map(|both| both.to_vec());
                let any = fair(*method, implied);
                assert_eq!(two.is_ok(), any.is_ok(), "{method} {implied:?}");
            }
        }
    }
}

#[test]
fn the_worst_case_is_below_every_method() {
    let implied = of_decimal(&[1.19, 7.0, 14.0]);
    let worst = worst_case(&implied).unwrap();
    for method in Method::ALL {
        let found = fair(*method, &implied).unwrap();
        assert!(found.iter().zip(&worst).all(|(p, least)| p >= least));
    }
    assert!(worst.iter().sum::<f64>() < 1.0);
}

#[test]
fn methods_answer_to_all_their_names() {
    for (name, method) in [
        ("wpo", Method::Additive),
        ("Differential-Margin", Method::Additive),
        ("logarithmic", Method::OddsRatio),
        ("jsd", Method::JensenShannon),
        ("balanced book", Method::BalancedBook),
        ("POWER", Method::Power),
    ] {
        assert_eq!(Method::named(name).unwrap(), method);
    }
    let unknown = Method::named("magic").unwrap_err().to_string();
    assert!(unknown.contains("multiplicative"), "{unknown}");
}
