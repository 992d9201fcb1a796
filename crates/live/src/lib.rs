//! Talks to a live Consul cluster.
//!
//! The only crate of the workspace that opens connections; the binary links it behind its feature
//! `live`, so that an offline tool can be built in which nothing could reach a network.
//!
//! [`client`] is Consul's HTTP API as far as snapshots need it; [`save`] brings a snapshot from a
//! cluster into a file, [`restore`] one back.

pub mod client;
mod duration;
mod interrupt;
pub mod restore;
mod runtime;
pub mod save;
mod staged;

pub use duration::{go_duration, parse_duration};
pub use interrupt::{Interrupted, until_interrupted};
pub use runtime::block_on;
pub use staged::{StageError, StagedFile};
