//! bbolt files: pages, and the trees of keys in them.

mod bucket;
mod database;
mod page;

pub use bucket::{Bucket, Item};
pub use database::Database;
