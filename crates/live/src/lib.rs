#![doc = include_str!("../README.md")]
//!
//! This is the only crate of the workspace that opens connections. The binary links it behind its
//! feature `live`, so that an offline build cannot reach a network.
//!
//! [`client`] is Consul's HTTP API as far as snapshots need it. [`save`] downloads a snapshot from
//! a cluster into a file, [`restore`] sends one back. [`agent`] saves regularly, as its [`config`]
//! says, into [`store`]s.

pub mod agent;
pub mod apply;
pub mod client;
pub mod config;
mod duration;
mod interrupt;
pub mod listing;
pub mod log;
pub mod restore;
pub mod retention;
mod runtime;
pub mod save;
pub mod schedule;
pub mod settings;
pub mod sidecar;
pub mod store;

pub use duration::{go_duration, parse_duration};
pub use interrupt::{Interrupted, until_interrupted};
pub use runtime::{block_on, blocking, detached};
