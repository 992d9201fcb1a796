//! What to generate, and what was generated.

use crate::shapes::ConsulVersion;

/// The minimum size of state.bin. In a smaller one, the fixed records would leave no room for KV.
pub const MIN_BYTES: u64 = 256 << 10;

/// What to generate.
#[derive(Clone, Debug)]
pub struct GenerateOptions {
    /// Size of state.bin; raised to [`MIN_BYTES`].
    pub bytes: u64,
    /// Another seed gives other data of the same kind.
    pub seed: u64,
    /// The version whose record types and fields are written.
    pub version: ConsulVersion,
    /// Gzip level of the archive form. Servers use 6.
    pub level: u32,
    /// About this percentage of keys has another value than with 0; everything else is the same.
    pub changed: u64,
}

impl Default for GenerateOptions {
    fn default() -> Self {
        Self { bytes: 1 << 20, seed: 1, version: ConsulVersion::V1_8_7, level: 6, changed: 0 }
    }
}

/// What was generated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Generated {
    /// Size of state.bin.
    pub state_bytes: u64,
    /// The header's LastIndex. meta.json's index is 3 higher.
    pub last_index: u64,
    /// All records.
    pub records: u64,
    /// KV entries.
    pub kv: u64,
    /// Nodes.
    pub nodes: u64,
    /// Services.
    pub services: u64,
    /// Checks.
    pub checks: u64,
    /// Sessions.
    pub sessions: u64,
    /// ACL tokens.
    pub tokens: u64,
    /// ACL policies.
    pub policies: u64,
}

impl GenerateOptions {
    /// The size state.bin will have.
    #[must_use]
    pub fn state_bytes(&self) -> u64 {
        self.bytes.max(MIN_BYTES)
    }
}
