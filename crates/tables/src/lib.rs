#![doc = include_str!("../README.md")]

mod about;
mod cells;
#[cfg(feature = "columnar")]
pub mod columnar;
mod masking;
mod narrowing;
mod relation;
mod scan;
pub mod schema;
mod snapshot;
pub mod sql;

pub use about::{damage, facts};
pub use cells::{Cell, Cells, Seen, Value, referenced};
pub use masking::Masking;
pub use narrowing::{Bound, Condition, Narrowing};
pub use relation::{Class, RELATIONS, Relation, RelationColumn, Rows, relation};
pub use scan::{Batch, Request, Scan, collect, read_together};
pub use snapshot::Snapshot;
