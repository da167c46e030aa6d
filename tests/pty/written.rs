//! How the screen writes prices and moves, a second time and from columns: linetape's own words are not their witness.

use sqlx::Row as _;
use sqlx::postgres::PgRow;

/// A price as the screen writes it.
pub fn price(line: Option<f64>, american: Option<i32>, status: &str, market: &str) -> String {
    let odds = match (status, american) {
        ("suspended", _) => return "susp".into(),
        ("open", Some(odds)) if odds < 0 => format!("−{}", -odds),
        ("open", Some(odds)) => format!("+{odds}"),
        _ => return "off".into(),
    };
    match line {
        Some(line) => format!("{} {odds}", points(line, market)),
        None => odds,
    }
}

/// A line as the screen writes it: halves as ½, signs for spreads only.
fn points(line: f64, market: &str) -> String {
    let sign = match market {
        "spread" if line > 0.0 => "+",
        _ if line < 0.0 => "−",
        "spread" => return "PK".into(),
        _ => "",
    };
    let (whole, half) = (line.abs().trunc(), line.abs().fract());
    let half = if half > 0.0 {
        assert!(
            (half - 0.5).abs() < 1e-9,
            "the demo has whole and half points"
        );
        "½"
    } else {
        ""
    };
    if whole == 0.0 {
        format!("{sign}{half}")
    } else {
        format!("{sign}{whole}{half}")
    }
}

/// Columns of the tape for what is bet on.
const SELECTION: usize = 5;

/// A text in a column of this width.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(width - 1).collect();
    cut.truncate(cut.trim_end().len());
    cut + "…"
}

/// A move as the tape writes it: time, book, side, market, before → after, game.
pub fn move_text(row: &PgRow) -> String {
    let market: String = row.get("market");
    let status: String = row.get("status");
    let (line, american): (Option<f64>, Option<i32>) = (row.get("line"), row.get("american"));
    let line_before: Option<f64> = row.get("line_before");
    let status_before: Option<String> = row.get("status_before");
    let before = status_before.as_ref().map_or_else(
        || "new".to_owned(),
        |status| price(line_before, row.get("american_before"), status, &market),
    );
    // A line that stayed is said once.
    let stayed =
        status == "open" && status_before.as_deref() == Some("open") && line == line_before;
    let after = price(if stayed { None } else { line }, american, &status, &market);
    let [time, label, selection, short, game] =
        ["time", "label", "selection", "short", "game"].map(|name| row.get::<String, _>(name));
    let selection = cut(&selection, SELECTION);
    format!("{time} {label} {selection} {short} {before} → {after} {game}")
}
