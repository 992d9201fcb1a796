//! What the caller decides.

use snapscope_analyze::acl::ResolverOptions;
use snapscope_archive::OpenOptions;

/// Facts that snapshots do not record, and how to read.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Datacenter, version, time and default policy, as far as the caller knows them.
    pub basis: ResolverOptions,
    /// Whether the default policy was given: otherwise a snapshot without tokens is one of servers without ACLs.
    pub default_policy_is_given: bool,
    /// Whether listing keys needs `list` (`acl.enable_key_list_policy`).
    pub key_list_policy: bool,
    /// Whether requests are answered without looking at their tokens.
    pub no_acl: bool,
    /// How to open snapshots.
    pub open: OpenOptions,
}
