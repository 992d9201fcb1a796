//! Differences between versions of servers that concern several endpoints.

use snapscope_decode::VersionRange;

/// Since then, answers name the default policy, the method of the query, and whether results were
/// filtered by ACLs.
pub(crate) const DESCRIBED: VersionRange = VersionRange::since(1, 11);

/// Since then, servers know partitions, although only Enterprise accepts them.
pub(crate) const PARTITIONS: VersionRange = VersionRange::since(1, 11);
