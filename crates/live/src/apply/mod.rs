//! A part of a snapshot back into a living cluster, object by object through the HTTP API.
//!
//! [`Cluster`] is the current state of the cluster, for the kinds in question. [`Plan`] compares it
//! with the [`Desired`] objects. [`Folder`] keeps what is needed to undo the writes and to resume
//! after an interruption; it is on disk before the first write. [`carry_out`] writes.
//!
//! What servers accept is in `analyze::api`; this module knows how to ask them.

mod between;
mod cluster;
mod decide;
mod endpoints;
mod entries;
mod folder;
mod keys;
mod model;
mod nodes;
mod pace;
mod plan;
mod readers;
mod singles;
mod write;

pub use cluster::{Asked, Cluster};
pub use folder::{Folder, FolderError, Kept, Start};
pub use model::{Action, Desired, Expected, Planned, Policy, Verdict, Written};
pub use plan::{Counts, Plan};
pub use write::{Options, Report, carry_out};

use snapscope_analyze::api::written::Object;

/// An object as the cluster has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Live {
    /// The index of its last change, by which servers detect later changes.
    pub index: u64,
    /// The object.
    pub object: Object,
}
