//! Which server's rules apply: what changed between Consul's versions, each with both ends.

pub use snapscope_decode::ServerVersion;
use snapscope_decode::VersionRange;

/// Tokens have accessors; before, a token was known by its secret alone.
pub(crate) const ACCESSORS: VersionRange = VersionRange::since(1, 4);

/// The last of several legacy rules for one name counts; later versions merge them.
pub(super) const LAST_LEGACY_RULE_COUNTS: VersionRange = VersionRange::before(1, 4);

/// A level may be written in any case. Before, one that wasn't in lower case was no level.
pub(super) const LEVELS_IN_ANY_CASE: VersionRange = VersionRange::since(1, 7);

/// `mesh` rules and questions.
pub(super) const MESH: VersionRange = VersionRange::since(1, 10);

/// `peering` rules and questions.
pub(super) const PEERING: VersionRange = VersionRange::since(1, 13);

/// `identity` and `identity_prefix` rules, and questions about `identity`.
pub(super) const IDENTITY: VersionRange = VersionRange::since(1, 17).until(1, 20);

/// `identity` rules are read as rules are, but don't count.
pub(super) const FORMER_IDENTITY: VersionRange = VersionRange::since(1, 20);

/// Rules in a token itself count.
pub(super) const LEGACY_TOKENS: VersionRange = VersionRange::before(1, 11);

/// A rule text may have an `id` and must not have a `revision`, which were fields of the struct it
/// is read into.
pub(super) const ID_AND_REVISION: VersionRange = VersionRange::before(1, 12);

/// Half a surrogate pair in a text of JSON is the replacement character. Servers built with Go 1.18 and
/// later refuse it where they look at the text.
pub(super) const HALF_SURROGATES: VersionRange = VersionRange::before(1, 13);

/// Rules are read with a newer release of the reader: what is wrong in front of a `}` is no longer
/// forgiven, in JSON all keys of an object's first item are looked at, also those of an item that is ignored.
pub(super) const READER_OF_1_21: VersionRange = VersionRange::since(1, 21);

/// Servers' structs of rules have the names they have today, and no `sentinel`.
pub(super) const RULES_OF_1_7: VersionRange = VersionRange::since(1, 7);

/// Of two identities for one service, one of them for all datacenters, the result is for all
/// datacenters. Later versions unite the lists, and all is an empty list.
pub(super) const ALL_DATACENTERS_WIN: VersionRange = VersionRange::before(1, 13);

/// Templated policies, and binding rules that bind to them or to policies.
pub(super) const TEMPLATED_POLICIES: VersionRange = VersionRange::since(1, 17);
