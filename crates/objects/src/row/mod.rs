//! Objects: rows of lists, lines of exports, sides of comparisons.
//!
//! A [`Reader`] makes the rows of one kind out of records. Of most kinds a record is a row (or
//! none, or a few), which streams: the same [`Row`] is filled again and again, and whoever wants to
//! keep one clones it. Services, locks and intentions are joins: their rows come at the end.

mod object;
mod reader;

pub use object::Row;
pub use reader::{Problems, Reader, RowOptions};
