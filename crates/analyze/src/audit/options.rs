//! Options of an audit.

use crate::acl::ServerVersion;
use crate::secrets::Scanner;
use snapscope_decode::GoTime;
use std::sync::Arc;

/// Options of an audit.
#[derive(Debug, Clone)]
pub struct AuditOptions {
    /// Finds secrets.
    pub scanner: Arc<Scanner>,
    /// Whether to look for secrets at all: it is most of the work.
    pub scan: bool,
    /// Number of bytes at the start of `state.bin` in which secrets are looked for. Records that start later are not
    /// scanned; all other rules read them.
    pub scan_bytes: u64,
    /// Whether findings may contain the secrets.
    pub show_secrets: bool,
    /// The time at which expiry and age are evaluated; by default, when the snapshot was taken.
    pub at: Option<GoTime>,
    /// The servers' datacenter, if the caller knows better than the catalog.
    pub datacenter: Option<String>,
    /// The servers' version, likewise.
    pub version: Option<ServerVersion>,
}

impl Default for AuditOptions {
    fn default() -> Self {
        Self {
            scanner: Arc::new(Scanner::new()),
            scan: true,
            scan_bytes: u64::MAX,
            show_secrets: false,
            at: None,
            datacenter: None,
            version: None,
        }
    }
}
