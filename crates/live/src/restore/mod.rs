//! Restores a snapshot into a cluster: compares, sends, and waits for the result.
//!
//! ```text
//! file -> Look (counts, origin, is my token in there?) -> Contents --+
//! cluster's own snapshot -> the same look ----------------> Contents +-> Plan
//! both once more -> compared object by object ------------> Changes -+
//! file -> Parcel (a .snap as it is, a raft folder packed) -> PUT -> wait for leader and index
//! ```

mod changes;
mod contents;
mod parcel;
mod plan;
mod wait;

pub use changes::{Changes, Named, TypeChanges, compare};
pub use contents::{Contents, Survey, Surveyed};
pub use parcel::{Parcel, ParcelError};
pub use plan::{Plan, Refusal, TypeCounts, Warning, types_of};
pub use wait::{Arrived, NotSeen, wait_for_restore};
