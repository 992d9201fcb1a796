//! bbolt files: pages, and the trees of keys in them.

mod bucket;
mod buffer;
mod database;
mod leaves;
mod page;

pub use bucket::{Bucket, Item};
pub use database::Database;
pub(crate) use leaves::leaf_values;
