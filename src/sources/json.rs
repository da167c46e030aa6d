//! JSON read without trust and in one pass.
//!
//! Every type here accepts any JSON value and remembers what it could not use, so one odd item never costs the rest
//! of a payload, and the common case borrows its text from the body instead of copying it.

mod pointer;
mod repair;
mod scalar;
mod shape;

pub(super) use pointer::Pointer;
pub(super) use repair::quote_impossible_numbers;
pub(super) use scalar::Scalar;
pub(super) use shape::{Dict, Key, List, Shape, record, refuse_scalars};
