//! Many snapshots of one or more clusters, in the order of their states.
//!
//! [`find`] resolves names (files, folders, patterns) to sources, [`read`] runs the same question
//! on all of them, one snapshot per worker, and [`Series`] sorts the answers: by cluster, then by
//! raft index, with duplicates set aside. The order depends neither on the order of the names nor
//! on the number of workers.

mod cluster;
mod find;
mod read;

pub use cluster::{Cluster, Duplicate, Series, Snapshot, Unreadable, by_cluster};
pub use find::{FindError, Found, Named, find};
pub use read::{Answer, read};
