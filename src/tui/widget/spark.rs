//! A row of bars.

/// Bars of the last `width` numbers, scaled to the largest; a gap for none, the lowest bar for nought.
pub fn bars(
    numbers: impl DoubleEndedIterator<Item = Option<f64>>,
    width: usize,
    top: Option<f64>,
) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let mut shown: Vec<Option<f64>> = numbers.rev().take(width).collect();
    shown.reverse();
    let highest = top.unwrap_or_else(|| shown.iter().flatten().copied().fold(0.0, f64::max));
    let pad = width.saturating_sub(shown.len());
    let bar = |number: &Option<f64>| match number {
        None => ' ',
        Some(number) if highest > 0.0 => {
            let step = (number / highest * 7.0).round().clamp(0.0, 7.0) as usize;
            BARS.get(step).copied().unwrap_or(' ')
        }
        Some(_) => '▁',
    };
    std::iter::repeat_n(' ', pad)
        .chain(shown.iter().map(bar))
        .collect()
}

/// A share 0–1 as a bar of `width` columns.
pub fn progress(share: f64, width: usize) -> String {
    let full = (share.clamp(0.0, 1.0) * width as f64).floor() as usize;
    format!("{}{}", "█".repeat(full), "░".repeat(width - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_scale_and_keep_gaps() {
        let text = bars(
            [Some(0.0), None, Some(5.0), Some(10.0)].into_iter(),
            6,
            None,
        );
        assert_eq!(text, "  ▁ ▅█");
        assert_eq!(bars([Some(0.0)].into_iter(), 1, None), "▁");
        assert_eq!(progress(0.5, 4), "██░░");
        assert_eq!(progress(9.0, 2), "██");
    }
}
