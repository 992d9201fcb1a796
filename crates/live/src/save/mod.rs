//! A snapshot from the cluster into a file, verified on the way.
//!
//! ```text
//! server -> chunk -> writer's thread: file, SHA-256
//!                      file, as far as it is written -> archive::open -> fold: container, hashes, every record
//! ```
//!
//! What comes is checked while it comes, so that verifying takes no time of its own as long as the
//! network is slower than inflating. It is read from the file that is being written, out of the page
//! cache: at any offset, so that all cores can inflate, and without holding up the download. Queues are
//! short: memory doesn't grow with the snapshot. Where nothing is to be kept there is no file, and the
//! chunks go through a pipe.

mod existing;
mod growing;
mod name;
mod pipe;
mod receive;
mod write;

pub use existing::{Existing, of_same_state};
pub use name::{NameParts, append_to, file_name};
pub use receive::{Progress, Received, SaveError, receive};
