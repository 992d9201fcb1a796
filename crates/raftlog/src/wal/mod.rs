//! raft-wal: segment files of log entries, and the list of them in `wal-meta.db`.

mod meta;
mod segment;

pub use meta::{SegmentInfo, segments_of};
pub use segment::{Committed, Segment, SegmentEnd};
