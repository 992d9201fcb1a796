//! Objects: rows of lists, lines of exports, sides of comparisons.
//!
//! A [`Reader`] turns records into the rows of one kind. For most kinds a record is a row (or none,
//! or a few), and rows stream: the same [`Row`] is filled again and again, and a caller that needs
//! to keep one clones it. Services, locks and intentions are joins: their rows come at the end.

mod object;
mod reader;

pub use object::{PackedRow, Row};
pub use reader::{Reader, RowOptions};
