//! A snapshot from the cluster into a file, verified on the way.
//!
//! ```text
//! server -> chunk -+-> writer's thread: file, SHA-256
//!                  +-> pipe -> archive::open -> fold: container, hashes, every record
//! ```
//!
//! What comes is checked while it comes, so that verifying takes no time of its own as long as the
//! network is slower than inflating. Queues are short: memory doesn't grow with the snapshot.

mod name;
mod pipe;
mod receive;
mod write;

pub use name::{NameParts, append_to, file_name};
pub use receive::{Progress, Received, SaveError, receive};
