//! Many snapshots of one or more clusters, in the order their states had.
//!
//! [`find`] makes sources out of names (files, folders, patterns), [`read`] asks all of them the
//! same question, one snapshot per worker, and [`Series`] is the answers in order: by cluster, then
//! by raft index, duplicates set aside. The order doesn't depend on how the names were given nor
//! on the number of workers.

mod cluster;
mod find;
mod read;

pub use cluster::{Cluster, Duplicate, Series, Snapshot, Unreadable};
pub use find::{FindError, Found, Named, find};
pub use read::{Answer, read};
