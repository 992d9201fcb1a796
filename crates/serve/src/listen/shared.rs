//! State that all connections share.

use super::places::Places;
use crate::page::Sessions;
use crate::request::Hosts;
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};

/// State that all connections share.
pub(super) struct Shared {
    pub(super) places: Places,
    pub(super) hosts: Hosts,
    /// The sessions of browsers.
    pub(super) sessions: Arc<Sessions>,
    /// Limits how many requests wait for an index at once.
    pub(super) waiters: Arc<Semaphore>,
    /// Becomes true when the server shuts down.
    pub(super) ending: watch::Receiver<bool>,
}
