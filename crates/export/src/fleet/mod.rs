//! Many snapshots as Parquet or Arrow files in one folder or bucket, which readers take as one table for each kind.
//!
//! Each snapshot has a file for each kind of which it has objects, in folders by cluster and day if requested. Files
//! appear complete or not at all. A manifest says what is there: a snapshot counts once, under any file name, and a
//! second run adds only new ones. [`compact`] makes few large files of many small ones.

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
