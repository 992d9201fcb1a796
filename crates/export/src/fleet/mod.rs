//! Exports many snapshots as Parquet or Arrow files into one folder or bucket. Readers see one
//! table for each kind.
//!
//! Each snapshot has a file for each kind with objects, in folders by cluster and day if requested.
//! Files appear complete or not at all. A manifest lists the snapshots: each counts once, under any
//! file name, and a second run adds only new ones. [`compact`] merges many small files into few
//! large ones.

mod compact;
mod error;
mod folder;
mod ledger;
mod manifest;
mod many;
mod merge;
mod partition;
mod place;
mod snapshot;
mod told;

pub use compact::{CompactReport, compact};
pub use error::FleetError;
pub use folder::Folder;
pub use many::Fleet;
pub use partition::PartitionBy;
pub use place::{Lock, Place, Ready, Replacement};
pub use told::{Fate, Told};
