//! Which server's rules apply: what changed between Consul's versions.

pub use snapscope_decode::ServerVersion;
use snapscope_decode::VersionRange;

/// There are `mesh` rules and questions.
pub(crate) const MESH: VersionRange = VersionRange::since(1, 10);
/// There are `peering` rules and questions.
pub(crate) const PEERING: VersionRange = VersionRange::since(1, 13);
/// Rules that are in a token itself count.
pub(crate) const LEGACY_TOKENS: VersionRange = VersionRange::before(1, 11);
/// A rule text may have an `id` and must not have a `revision`, which were fields of the struct it is
/// read into.
pub(crate) const ID_AND_REVISION: VersionRange = VersionRange::before(1, 12);
/// Objects of rules in JSON end where a comma is missing. Asked of 1.8.7 only; the reader of rules
/// was exchanged with 1.21.
pub(crate) const JSON_OBJECTS_END_ANYWHERE: VersionRange = VersionRange::before(1, 21);
/// Of two identities for one service, one of them for all datacenters, the result is for all
/// datacenters. Later versions unite the lists, and all is an empty list.
pub(crate) const ALL_DATACENTERS_WIN: VersionRange = VersionRange::before(1, 13);
/// There are templated policies, and binding rules that bind to them or to policies.
pub(crate) const TEMPLATED_POLICIES: VersionRange = VersionRange::since(1, 17);
