//! Rows in PostgreSQL's binary `COPY` format (manual, `COPY`, "Binary Format").

use chrono::{DateTime, Utc};

/// Microseconds from the Unix epoch to PostgreSQL's, 2000-01-01.
const EPOCH: i64 = 946_684_800_000_000;

/// Rows being written, field by field, in the order of the statement's columns.
#[derive(Debug)]
pub(super) struct CopyRows(Vec<u8>);

impl CopyRows {
    /// No rows yet, with room for so many bytes.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        let mut out = Vec::with_capacity(bytes);
        out.extend_from_slice(b"PGCOPY\n\xff\r\n\0");
        // No flags, no extension.
        out.extend_from_slice(&[0; 8]);
        Self(out)
    }

    /// Begin a row of so many fields.
    pub(super) fn row(&mut self, fields: i16) {
        self.0.extend_from_slice(&fields.to_be_bytes());
    }

    /// A value through `write`, or null.
    pub(super) fn nullable<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        match value {
            Some(value) => write(self, value),
            None => self.0.extend_from_slice(&(-1_i32).to_be_bytes()),
        }
    }

    /// `bytea`, or the bytes of any other type.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        // PostgreSQL refuses a field of 1 GB anyway.
        let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(bytes);
    }

    /// `text`.
    pub(super) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// `boolean`.
    pub(super) fn bool(&mut self, value: bool) {
        self.bytes(&[u8::from(value)]);
    }

    /// `integer`.
    pub(super) fn int4(&mut self, value: i32) {
        self.bytes(&value.to_be_bytes());
    }

    /// `bigint`.
    pub(super) fn int8(&mut self, value: i64) {
        self.bytes(&value.to_be_bytes());
    }

    /// `timestamptz`.
    pub(super) fn timestamp(&mut self, at: DateTime<Utc>) {
        self.int8(at.timestamp_micros() - EPOCH);
    }

    /// `numeric` with `places` digits after the point, at most four, from its ten-thousandths.
    pub(super) fn numeric(&mut self, ten_thousandths: i64, places: i16) {
        let all = ten_thousandths.unsigned_abs();
        // Digits of base 10,000, the most significant first; the last one is the fraction.
        let digits = [
            all / 1_000_000_000_000 % 10_000,
            all / 100_000_000 % 10_000,
            all / 10_000 % 10_000,
            all % 10_000,
        ];
        let sign: i16 = if ten_thousandths < 0 { 0x4000 } else { 0 };
        let mut field = [0; 16];
        let numbers = [4, 2, sign, places]
            .into_iter()
            .chain(digits.map(|d| i16::try_from(d).unwrap_or(i16::MAX)));
        for (place, number) in field.chunks_exact_mut(2).zip(numbers) {
            place.copy_from_slice(&number.to_be_bytes());
        }
        self.bytes(&field);
    }

    /// The whole, with its end mark.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.0.extend_from_slice(&(-1_i16).to_be_bytes());
        self.0
    }
}
