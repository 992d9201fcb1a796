//! Listens and talks to clients.

mod address;
mod begin;
mod body;
mod connection;
mod error;
mod exchange;
mod files;
mod page;
mod patient;
mod places;
mod run;
mod shared;
mod tls;

pub use address::Listening;
pub use error::ServeError;
pub use places::{Find, Served};
pub use run::{Event, Server};
pub use tls::TlsFiles;
