//! The foundation of the other crates' tests and benches. Not published.
//!
//! It builds snapshots byte by byte with its own encoder ([`msgpack`], [`records`], [`snapshot`], [`archive`]), generates
//! large ones ([`generate`]), damages bytes ([`damage`]) and finds the recorded snapshots ([`fixtures`]). It starts a
//! real Consul server ([`consul`]), a cluster of them ([`cluster`]) and object stores ([`stores`]), drives a browser
//! ([`browser`]), builds the Python package ([`package`]), and gives processes clocks that jump ([`clock`]). It must not
//! use the decoder, because it is the independent check of the decoder. The exceptions need the feature `fuzz`: the fuzz
//! bodies (`fuzz`), which test the decoder, and `filled`, which needs the list of declared fields.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap)]

pub mod adversarial;
pub mod archive;
pub mod browser;
mod child;
pub mod clock;
pub mod cluster;
pub mod consul;
pub mod damage;
mod fetch;
pub mod fill;
#[cfg(feature = "fuzz")]
pub mod filled;
pub mod fixtures;
#[cfg(feature = "fuzz")]
pub mod fuzz;
pub mod generate;
pub mod http;
mod install;
mod meta;
pub mod msgpack;
pub mod mutate;
pub mod numbers;
pub mod package;
pub mod policy_texts;
pub mod protobuf;
pub mod raftlog;
pub mod random;
pub mod records;
pub mod shapes;
pub mod snapshot;
pub mod stores;

pub use archive::Archive;
pub use cluster::ConsulCluster;
pub use consul::ConsulServer;
pub use fetch::{hcl_rules, raft_logs, render_template};
pub use install::{duckdb, python, spark};
pub use msgpack::Val;
pub use records::Record;
pub use shapes::ConsulVersion;
pub use snapshot::{Meta, SnapshotSpec};
