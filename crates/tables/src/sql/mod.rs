//! SQL over snapshots with SQLite's virtual tables. Nothing is imported, and only the columns that
//! a query uses are read.

mod authorizer;
mod consul;
mod copy;
mod database;
mod disk;
mod error;
mod plan;
mod session;
mod table;

pub use database::{Database, Receiver};
pub use error::SqlError;
