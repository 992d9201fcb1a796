//! Differences between server versions.

use snapscope_decode::{ServerVersion, VersionRange};

/// The rules of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rules {
    pub(crate) version: ServerVersion,
}

/// Each kind of service has an index.
const KIND_INDEXES: VersionRange = VersionRange::since(1, 7);
/// Servers store the upstreams of services, for the topology in the UI.
const TOPOLOGY: VersionRange = VersionRange::since(1, 9);
/// Even a check that does not change moves the index of checks.
const EVERY_CHECK_COUNTS: VersionRange = VersionRange::before(1, 9);
/// A gateway that is rewritten without services keeps its old mappings.
const EMPTY_GATEWAYS_STAY: VersionRange = VersionRange::before(1, 9);
/// A gateway's wildcard covers all services, whether or not they are in the mesh.
const WILDCARDS_COVER_ALL: VersionRange = VersionRange::before(1, 9);
/// Servers store the names of services by kind.
const KIND_NAMES: VersionRange = VersionRange::since(1, 12);
/// Servers have indexes of the catalog by peer, and one for each node.
const PEERED_INDEXES: VersionRange = VersionRange::since(1, 13);
/// Snapshots contain only the first auth method.
const ONE_AUTH_METHOD: VersionRange = VersionRange::before(1, 9);
/// Virtual IPs can be set by hand.
const MANUAL_IPS: VersionRange = VersionRange::since(1, 17);
/// A CA configuration written together with roots gets the index after theirs. Deleting the state
/// of the built-in CA does not move an index.
const CA_INDEXES_ARE_OFF: VersionRange = VersionRange::before(1, 10);
/// Any config entry about a service assigns an address to it, not only entries of its discovery
/// chain.
const ALL_ENTRIES_GIVE_IPS: VersionRange = VersionRange::since(1, 17);
/// Intentions are config entries.
const INTENTION_ENTRIES: VersionRange = VersionRange::since(1, 9);
/// Intentions have the fields JWT and Hash. Of snapshots, 1.14 has neither and 1.17 both.
const HASHED_INTENTIONS: VersionRange = VersionRange::since(1, 16);

/// Versions whose servers were compared with this implementation.
const COMPARED: &[VersionRange] =
    &[VersionRange::since(1, 8).until(1, 9), VersionRange::since(1, 21).until(1, 22)];

impl Rules {
    pub(crate) const fn new(version: ServerVersion) -> Self {
        Self { version }
    }

    pub(crate) const fn kind_indexes(self) -> bool {
        KIND_INDEXES.contains(self.version)
    }

    pub(crate) const fn topology(self) -> bool {
        TOPOLOGY.contains(self.version)
    }

    pub(crate) const fn every_check_counts(self) -> bool {
        EVERY_CHECK_COUNTS.contains(self.version)
    }

    pub(crate) const fn empty_gateways_stay(self) -> bool {
        EMPTY_GATEWAYS_STAY.contains(self.version)
    }

    pub(crate) const fn wildcards_cover_all(self) -> bool {
        WILDCARDS_COVER_ALL.contains(self.version)
    }

    pub(crate) const fn kind_names(self) -> bool {
        KIND_NAMES.contains(self.version)
    }

    pub(crate) const fn peered_indexes(self) -> bool {
        PEERED_INDEXES.contains(self.version)
    }

    pub(crate) const fn one_auth_method(self) -> bool {
        ONE_AUTH_METHOD.contains(self.version)
    }

    pub(crate) const fn manual_ips(self) -> bool {
        MANUAL_IPS.contains(self.version)
    }

    pub(crate) const fn ca_indexes_are_off(self) -> bool {
        CA_INDEXES_ARE_OFF.contains(self.version)
    }

    pub(crate) const fn all_entries_give_ips(self) -> bool {
        ALL_ENTRIES_GIVE_IPS.contains(self.version)
    }

    pub(crate) const fn intention_entries(self) -> bool {
        INTENTION_ENTRIES.contains(self.version)
    }

    pub(crate) const fn hashed_intentions(self) -> bool {
        HASHED_INTENTIONS.contains(self.version)
    }

    /// Whether this implementation was compared with a server of that version.
    pub(crate) fn are_compared(self) -> bool {
        COMPARED.iter().any(|range| range.contains(self.version))
    }
}
