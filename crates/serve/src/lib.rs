#![doc = include_str!("../README.md")]
//!
//! [`Server`] listens and answers. A thread for each snapshot reads and indexes it (`spool`,
//! `state`), and then makes answers (`api`). The threads that talk to clients (`listen`) therefore
//! never wait for a disk or a computation.

mod answer;
mod api;
mod authorizer;
mod discovery_chain;
mod listen;
mod page;
mod request;
mod settings;
mod spool;
mod state;
mod versions;

pub use listen::{Event, Find, Listening, ServeError, Served, Server, TlsFiles};
pub use settings::Settings;
pub use state::{Access, OpenFailed, Report};
