//! JSON read without trust and in one pass.
//!
//! Every type here accepts any JSON value and remembers what it could not use, so one odd item never costs the rest
//! of a payload, and the common case borrows its text from the body instead of copying it.

mod document;
mod number;
mod places;
mod pointer;
mod reader;
mod repair;
mod scalar;
mod shape;
mod skip;

pub(super) use document::Document;
pub(super) use pointer::Pointer;
pub(super) use reader::{Json, Read, Reader};
pub(super) use repair::quote_impossible_numbers;
pub(super) use scalar::Scalar;
pub(super) use shape::{Dict, List, Shape, Skip, members, record};
