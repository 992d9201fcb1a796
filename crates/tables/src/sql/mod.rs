//! SQL over snapshots, by SQLite's virtual tables: nothing is imported, and only columns that a query uses are read.

mod authorizer;
mod consul;
mod copy;
mod database;
mod error;
mod plan;
mod session;
mod table;

pub use database::{Database, Receiver};
pub use error::SqlError;
