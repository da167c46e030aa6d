//! A season's workbook as the CSV of its first sheet that holds anything.
//!
//! A workbook is a packed archive from anywhere: what it unpacks to is measured before anything parses it, and its cells
//! are counted as they come, so that neither a bomb nor a cell in the last row of a billion costs memory.

use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, Xlsx};

use crate::domain::clean::clean;
use crate::sources::NotAResponse;

/// What a packed file of this kind begins with.
const MARK: &[u8] = b"PK\x03\x04";
/// Most bytes that a workbook may unpack to. A season has about 4 MB.
const MOST_BYTES: u64 = 64 << 20;
/// Most parts of a workbook.
const MOST_PARTS: usize = 1_000;
/// Most rows and columns that are read of a sheet.
const MOST_ROWS: u32 = 60_000;
const MOST_COLUMNS: u32 = 64;

/// Whether `body` is a workbook, or packed like one.
pub(super) fn is_one(body: &[u8]) -> bool {
    body.starts_with(MARK)
}

/// The first sheet that holds anything, as CSV.
pub(super) fn as_csv(body: &[u8]) -> Result<String, NotAResponse> {
    measure(body)?;
    let broken = |error: &dyn std::fmt::Display| {
        NotAResponse(format!(
            "this workbook cannot be read ({}); save it again as .xlsx or as CSV",
            clean(&error.to_string(), 120)
        ))
    };
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(body)).map_err(|error| broken(&error))?;
    for name in book.sheet_names() {
        // A sheet of charts only has no cells.
        let Ok(mut cells) = book.worksheet_cells_reader(&name) else {
            continue;
        };
        let mut rows: Vec<Vec<String>> = Vec::new();
        loop {
            let cell = match cells.next_cell() {
                Ok(Some(cell)) => cell,
                Ok(None) => break,
                Err(error) => return Err(broken(&error)),
            };
            let (row, column) = cell.get_position();
            let text = text_of(cell.get_value());
            if text.is_empty() {
                continue;
            }
            if row >= MOST_ROWS || column >= MOST_COLUMNS {
                return Err(NotAResponse(format!(
                    "this workbook has more than {MOST_ROWS} rows or {MOST_COLUMNS} columns, so it is no season's archive; nothing is read from it"
                )));
            }
            let (row, column) = (row as usize, column as usize);
            if rows.len() <= row {
                rows.resize_with(row + 1, Vec::new);
            }
            if let Some(row) = rows.get_mut(row) {
                if row.len() <= column {
                    row.resize_with(column + 1, String::new);
                }
                if let Some(slot) = row.get_mut(column) {
                    *slot = text;
                }
            }
        }
        if !rows.is_empty() {
            return write(&rows).map_err(|error| broken(&error));
        }
    }
    Err(NotAResponse(
        "this workbook has no sheet with anything in it; there is nothing to read".into(),
    ))
}

/// Unpack everything once and throw it away, to know that it has a size.
fn measure(body: &[u8]) -> Result<(), NotAResponse> {
    let broken = |error: &dyn std::fmt::Display| {
        NotAResponse(format!(
            "this packed file is broken ({}); fetch it again",
            clean(&error.to_string(), 120)
        ))
    };
    let mut packed = zip::ZipArchive::new(Cursor::new(body)).map_err(|error| broken(&error))?;
    let too_large = || {
        NotAResponse(format!(
            "this workbook unpacks to more than {} MB or {MOST_PARTS} parts, so it is no season's archive; nothing is read from it",
            MOST_BYTES >> 20
        ))
    };
    if packed.len() > MOST_PARTS {
        return Err(too_large());
    }
    let mut left = MOST_BYTES;
    for index in 0..packed.len() {
        let part = packed.by_index(index).map_err(|error| broken(&error))?;
        let mut part = part.take(left + 1);
        let size =
            std::io::copy(&mut part, &mut std::io::sink()).map_err(|error| broken(&error))?;
        left = left.checked_sub(size).ok_or_else(too_large)?;
    }
    Ok(())
}

fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::DateTime(time) => time.as_f64().to_string(),
        _ => String::new(),
    }
}

fn write(rows: &[Vec<String>]) -> Result<String, csv::Error> {
    let widest = rows.iter().map(Vec::len).max().unwrap_or_default();
    let mut out = csv::WriterBuilder::new().from_writer(Vec::new());
    for row in rows {
        let blank = std::iter::repeat_n("", widest - row.len());
        out.write_record(row.iter().map(String::as_str).chain(blank))?;
    }
    let bytes = out
        .into_inner()
        .map_err(|error| std::io::Error::other(error.to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
