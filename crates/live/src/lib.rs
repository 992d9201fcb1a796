//! Talks to a live Consul cluster.
//!
//! The only crate of the workspace that opens connections; the binary links it behind its feature
//! `live`, so that an offline tool can be built in which nothing could reach a network.
//!
//! [`client`] is Consul's HTTP API as far as snapshots need it.

pub mod client;
pub mod config;
mod duration;
pub mod log;
mod runtime;
pub mod store;

pub use duration::{go_duration, parse_duration};
pub use runtime::block_on;
