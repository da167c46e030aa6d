//! What was read from each game, and up to which moment: `operational.extraction_log`.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{Draw, list};
use crate::domain::game::GameId;
use crate::domain::source::Stream;
use crate::engine::snapshot::{ExtractionStatus, ExtractionView, Snapshot};
use crate::tui::figures;
use crate::tui::widget::table::{Column, Table};

/// Room from which a game of a doubleheader has its whole name.
const ROOMY: u16 = 60;

/// Room for the longest name of a stream: `oddsapi events`.
const STREAM: u16 = 14;

/// What a row is known by.
pub type Key = (GameId, Stream);

/// Key of a row.
pub const fn key(row: &ExtractionView) -> Key {
    (row.game_id, row.stream)
}

/// The rows the filter leaves.
pub fn rows<'a>(draw: &Draw<'a>) -> impl Iterator<Item = &'a ExtractionView> {
    let snapshot: &'a Snapshot = draw.snapshot;
    let query = draw.query();
    snapshot
        .extractions
        .iter()
        .filter(move |row| query.keeps(format!("{} {}", row.game, row.stream).as_str()))
}

/// `an history`.
fn stream_name(stream: Stream) -> String {
    let endpoint = stream.as_str().rsplit('/').next().unwrap_or_default();
    let endpoint = match endpoint {
        "scoreboard" => "board",
        "scoreboard_v1" => "board v1",
        "event_odds" => "event",
        "historical" => "past",
        other => other,
    };
    format!("{} {endpoint}", stream.source().short())
}

/// Draw it.
pub fn view(draw: &Draw<'_>, state: &list::State<Key>, area: Rect, buffer: &mut Buffer) {
    let theme = draw.theme;
    let rows: Vec<&ExtractionView> = rows(draw).collect();
    let failed = rows
        .iter()
        .filter(|r| r.status != ExtractionStatus::Success)
        .count();
    let aside = if failed > 0 {
        format!("{failed} not whole")
    } else {
        String::new()
    };
    let inner = draw.frame("Extraction log", &aside, area, buffer);
    if rows.is_empty() {
        let (what, next) = if draw.filter.is_empty() {
            (
                "Nothing has been read yet.",
                "A row a game and feed appears with the first answer; 7 shows the sources.",
            )
        } else {
            ("No row has these words.", "Press / and clear the words.")
        };
        draw.say(what, next, inner, buffer);
        return;
    }
    let keys: Vec<Key> = rows.iter().map(|row| key(row)).collect();
    let game_width = if inner.width >= ROOMY { 12 } else { 9 };
    let columns = [
        Column::new("time", 8),
        Column::new("game", game_width),
        Column::new("stream", STREAM).rank(2),
        Column::new("lines", 6).right(),
        Column::new("total", 7).right().rank(1),
        Column::new("runs", 5).right().rank(5),
        Column::new("up to", 8).rank(6),
        Column::new("", 1),
        Column::new("error", 8).flex().rank(4),
    ];
    let table = Table {
        columns: &columns,
        rows: rows.len(),
        selected: state.row(&keys),
        selection: draw.selection(),
        heading: theme.heading,
    };
    table.render(inner, buffer, |index| {
        let Some(row) = rows.get(index) else {
            return Vec::new();
        };
        let (sign, style) = match row.status {
            ExtractionStatus::Success => ("✓", theme.ok),
            ExtractionStatus::Partial => ("!", theme.warn),
            ExtractionStatus::Failed => ("✗", theme.error),
        };
        vec![
            Line::styled(
                figures::clock(row.last_extracted_at, draw.zone),
                theme.muted,
            ),
            Line::from(figures::matchup(&row.game, game_width)),
            Line::styled(stream_name(row.stream), theme.muted),
            Line::styled(
                format!("+{}", row.last_lines),
                if row.last_lines > 0 {
                    theme.strong
                } else {
                    theme.muted
                },
            ),
            Line::styled(figures::whole(row.lines), theme.muted),
            Line::styled(row.extractions.to_string(), theme.muted),
            Line::styled(
                row.watermark
                    .map(|at| figures::clock(at, draw.zone))
                    .unwrap_or_default(),
                theme.muted,
            ),
            Line::styled(sign, style),
            Line::styled(row.error.as_deref().unwrap_or_default().to_owned(), style),
        ]
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stream_has_a_whole_name() {
        for stream in Stream::ALL {
            let name = stream_name(*stream);
            assert!(name.len() <= STREAM.into(), "{name}");
        }
    }

    #[test]
    fn the_second_game_of_a_day_never_reads_as_the_first() {
        assert_eq!(figures::matchup("LAD @ SEA", 9), "LAD @ SEA");
        assert_eq!(figures::matchup("LAD @ SEA G2", 9), "LAD@SEA 2");
        assert_eq!(figures::matchup("LAD @ SEA G2", 12), "LAD @ SEA G2");
    }
}
