//! What connections share.

use super::places::Places;
use crate::page::Sessions;
use crate::request::Hosts;
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};

/// What all connections share.
pub(super) struct Shared {
    pub(super) places: Places,
    pub(super) hosts: Hosts,
    /// Browsers that opened the page.
    pub(super) sessions: Arc<Sessions>,
    /// How many requests may wait for an index at once.
    pub(super) waiters: Arc<Semaphore>,
    /// Becomes true when the server ends.
    pub(super) ending: watch::Receiver<bool>,
}
