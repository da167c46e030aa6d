//! Methods that are linear in the margin; all but the first may leave 0 to 1 on long shots.

pub(super) fn multiplicative(implied: &[f64], book: f64) -> Vec<f64> {
    implied.iter().map(|p| p / book).collect()
}

pub(super) fn additive(implied: &[f64], book: f64) -> Vec<f64> {
    let each = (book - 1.0) / implied.len() as f64;
    implied.iter().map(|p| p - each).collect()
}

pub(super) fn balanced_book(implied: &[f64], book: f64) -> (Vec<f64>, f64) {
    let others = implied.len() as f64 - 1.0;
    let z = (book - 1.0) / others;
    // 1 − z as (n − B)/(n − 1): positive, since each π is below 1.
    let scale = others / (implied.len() as f64 - book);
    (implied.iter().map(|p| (p - z) * scale).collect(), z)
}

pub(super) fn goto(implied: &[f64], book: f64) -> Vec<f64> {
    let errors: f64 = implied.iter().map(|p| (1.0 - p).sqrt()).sum();
    let each = (book - 1.0) / errors;
    let fair = implied.iter().map(|p| p - (1.0 - p).sqrt() * each);
    fair.collect()
}
