//! Saves a snapshot of the cluster into a file, and verifies it on the way.
//!
//! ```text
//! server -> chunk -> writer's thread: file, SHA-256
//!                      file, as far as it is written -> archive::open -> fold: container, hashes, every record
//! ```
//!
//! Data is verified while it arrives, so verification takes no extra time as long as the network is
//! slower than inflating. The verification reads the file that is being written from the page
//! cache: at any offset, so all cores can inflate, and without delaying the download. Queues are
//! short, so memory does not grow with the snapshot. Where nothing is kept no file is created, and
//! the chunks go through a pipe.

mod existing;
mod growing;
mod intact;
mod name;
mod pipe;
mod receive;
mod write;

pub use existing::{CompareError, Comparison, Existing, compare};
pub use intact::find_damage;
pub use name::{NameParts, append_to, file_name};
pub use receive::{Progress, Received, SaveError, receive};
