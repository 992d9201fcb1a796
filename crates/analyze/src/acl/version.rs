//! Differences between Consul's versions, each with first and last version.

pub use snapscope_decode::ServerVersion;
use snapscope_decode::VersionRange;

/// Tokens have accessors; before, only the secret identified a token.
pub(crate) const ACCESSORS: VersionRange = VersionRange::since(1, 4);

/// The last of several legacy rules for one name counts; later versions merge them.
pub(super) const LAST_LEGACY_RULE_COUNTS: VersionRange = VersionRange::before(1, 4);

/// A level may be written in any case. Before, levels had to be in lower case.
pub(super) const LEVELS_IN_ANY_CASE: VersionRange = VersionRange::since(1, 7);

/// `agent`, `node` and `session` rules and questions ("complete ACL coverage").
pub(super) const NODE_RULES: VersionRange = VersionRange::since(0, 8);

/// The level and the access `list` of keys (GH-3523).
pub(super) const LIST: VersionRange = VersionRange::since(1, 0);

/// `intentions` in service rules, and questions about intentions.
pub(super) const INTENTIONS: VersionRange = VersionRange::since(1, 2);

/// `mesh` rules and questions.
pub(super) const MESH: VersionRange = VersionRange::since(1, 10);

/// `peering` rules and questions.
pub(super) const PEERING: VersionRange = VersionRange::since(1, 13);

/// `identity` and `identity_prefix` rules, and questions about `identity`.
pub(super) const IDENTITY: VersionRange = VersionRange::since(1, 17).until(1, 20);

/// `identity` rules are parsed like others, but have no effect.
pub(super) const FORMER_IDENTITY: VersionRange = VersionRange::since(1, 20);

/// A token's own rules apply.
pub(super) const LEGACY_TOKENS: VersionRange = VersionRange::before(1, 11);

/// A rule text may have an `id` and must not have a `revision`, which were fields of the struct
/// that it is decoded into.
pub(super) const ID_AND_REVISION: VersionRange = VersionRange::before(1, 12);

/// Half a surrogate pair in a JSON string becomes the replacement character. Servers built with Go
/// 1.18 and later (golang/go#47853; GH-12808, in 1.12.0) refuse it where they read the string.
pub(super) const HALF_SURROGATES: VersionRange = VersionRange::before(1, 12);

/// Rules are parsed by a newer release of the HCL module: an error at a `}` is now final, and in
/// JSON keys are checked even in ignored items.
pub(super) const READER_OF_1_21: VersionRange = VersionRange::since(1, 21);

/// Servers' structs of rules have their current names, and no `sentinel`.
pub(super) const RULES_OF_1_7: VersionRange = VersionRange::since(1, 7);

/// Of two identities for one service, if one is for all datacenters, the result is for all. Later
/// versions combine the lists, in which an empty list means all.
pub(super) const ALL_DATACENTERS_WIN: VersionRange = VersionRange::before(1, 13);

/// Templated policies, and binding rules that bind to them or to policies.
pub(super) const TEMPLATED_POLICIES: VersionRange = VersionRange::since(1, 17);
