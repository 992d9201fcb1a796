//! Facts about a snapshot.

mod collect;
mod rows;

pub use collect::{Collect, Facts};
pub use rows::{FailingCheck, KindCounts, RowFacts, ServiceHealth};
