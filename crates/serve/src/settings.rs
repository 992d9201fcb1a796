//! Settings that the caller chooses.

use snapscope_analyze::acl::ResolverOptions;
use snapscope_archive::OpenOptions;

/// Facts that snapshots do not record, and options for reading.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Datacenter, version, time and default policy, as far as the caller gives them.
    pub basis: ResolverOptions,
    /// Whether the caller gave the default policy. If not, a snapshot without tokens comes from
    /// servers without ACLs.
    pub default_policy_is_given: bool,
    /// Whether listing keys needs the permission `list` (`acl.enable_key_list_policy`).
    pub key_list_policy: bool,
    /// Whether requests are answered regardless of tokens.
    pub no_acl: bool,
    /// Options for opening snapshots.
    pub open: OpenOptions,
}
