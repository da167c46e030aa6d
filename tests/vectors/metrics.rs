//! `metrics.json`.

use linetape::analytics::metrics::{
    Forecast, brier, calibration, calibration_error, cumulative_return, drawdown, log_loss,
    points_538, ranked_probability_score, sharpe,
};
use serde_json::Value;

use super::file::{self, Tally, id, number, numbers};

#[test]
fn metrics_json() {
    let Some(file) = file::read("metrics.json") else {
        return;
    };
    let mut tally = Tally::new("metrics.json");
    for vector in file["vectors"].as_array().unwrap() {
        let of = |name| number(vector, name).unwrap();
        let pairs = match id(vector) {
            "brier" => {
                let given = forecasts(vector);
                vec![
                    (brier(&given).unwrap(), of("brier")),
                    (log_loss(&given).unwrap(), of("log_loss")),
                ]
            }
            "ece5" => {
                let given = forecasts(vector);
                let count = of("n_bins") as usize;
                let bins = calibration(&given, count).unwrap();
                let mut pairs = vec![(calibration_error(&given, count).unwrap(), of("ece"))];
                let columns = [
                    numbers(&vector["bin_counts"]),
                    numbers(&vector["bin_mean_p"]),
                    numbers(&vector["bin_frac_pos"]),
                ];
                for (n, bin) in bins.iter().enumerate() {
                    let found = [bin.count as f64, bin.forecast, bin.happened];
                    pairs.extend(found.into_iter().zip(columns.iter().map(|c| c[n])));
                }
                assert_eq!(bins.len(), columns[0].len());
                pairs
            }
            "rps_doc" | "rps_calc" => ranked(vector),
            "538_points" => {
                let found = points_538(of("prob"), of("result") > 0.5).unwrap();
                vec![(found, of("points"))]
            }
            "drawdown" => {
                let returns = numbers(&vector["returns"]);
                vec![
                    (drawdown(&returns), of("max_drawdown")),
                    (cumulative_return(&returns), of("cum_return")),
                    (sharpe(&returns).unwrap(), of("sharpe_unannualised")),
                ]
            }
            other => panic!("no formula for {other}"),
        };
        tally.near(
            id(vector),
            &pairs,
            number(vector, "tolerance").unwrap_or(1e-12),
        );
    }
    tally.end();
}

fn forecasts(vector: &Value) -> Vec<Forecast> {
    let happened = numbers(&vector["y"]).into_iter().map(|y| y > 0.5);
    numbers(&vector["p"]).into_iter().zip(happened).collect()
}

fn ranked(vector: &Value) -> Vec<(f64, f64)> {
    let predictions = vector["predictions"].as_array().unwrap();
    let observed = vector["observed"].as_array().unwrap();
    let found: Vec<f64> = predictions
        .iter()
        .zip(observed)
        .map(|(p, y)| ranked_probability_score(&numbers(p), y.as_u64().unwrap() as usize).unwrap())
        .collect();
    let mut pairs: Vec<(f64, f64)> = found.iter().copied().zip(numbers(&vector["rps"])).collect();
    if let Some(average) = number(vector, "average") {
        pairs.push((found.iter().sum::<f64>() / found.len() as f64, average));
    }
    pairs
}
