//! A client of Consul's HTTP API, with the variables and options of Consul's own.
//!
//! One file per group of endpoints. Every request has a bounded wait, and is repeated only where
//! that is safe ([`Repeat`]). Tokens never appear in errors or in `Debug` output.

mod acl;
mod address;
mod advice;
mod agent;
mod catalog;
mod connect;
mod error;
mod kv;
mod operator;
mod options;
mod request;
mod secret;
mod session;
mod snapshot;
mod status;
mod tls;
mod writing;

pub use acl::{Login, LoginToken};
pub use agent::{
    AgentSelf, CheckRegistration, CheckStatus, RegisteredCheck, RegisteredService,
    ServiceRegistration,
};
pub use error::ClientError;
pub use kv::{KeyEntry, KeyQuery};
pub use operator::ServerHealth;
pub use options::{ClientOptions, DEFAULT_ADDRESS};
pub use request::{Query, Repeat};
pub use secret::Secret;
pub use session::{SessionEntry, SessionRequest};
pub use snapshot::{Download, SnapshotHeaders};
pub use tls::use_ring;
pub use writing::{Limits, OperationError, Transaction, Verb};

use address::Address;
use reqwest::header::HeaderValue;
use std::time::Duration;

/// A connection to one Consul agent.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    address: Address,
    /// The address for messages.
    shown: String,
    token: Option<HeaderValue>,
    authorization: Option<HeaderValue>,
    /// The Host header, where it differs from the URL's host.
    host: Option<HeaderValue>,
    scope: Query,
    stale: bool,
    /// Whether it has a client certificate.
    has_certificate: bool,
    idle_timeout: Duration,
    retries: u32,
}
