//! Objects, compared with the answers of real servers about the same snapshots.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod api;
mod damage;
mod filters;
mod reach;
mod rows;
