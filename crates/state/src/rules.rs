//! What servers of different versions do differently.

use snapscope_decode::{ServerVersion, VersionRange};

/// The rules of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rules {
    pub(crate) version: ServerVersion,
}

/// Kinds of services have an index.
const KIND_INDEXES: VersionRange = VersionRange::since(1, 7);
/// Which services route to which is kept, for the topology in the UI.
const TOPOLOGY: VersionRange = VersionRange::since(1, 9);
/// A check that stays as it is moves the index of checks all the same.
const EVERY_CHECK_COUNTS: VersionRange = VersionRange::before(1, 9);
/// A gateway without services takes the services of its former self along.
const EMPTY_GATEWAYS_STAY: VersionRange = VersionRange::before(1, 9);
/// Gateways are tied to all services that their wildcard covers, whether those are in the mesh or not.
const WILDCARDS_COVER_ALL: VersionRange = VersionRange::before(1, 9);
/// Names of services are kept by kind.
const KIND_NAMES: VersionRange = VersionRange::since(1, 12);
/// Indexes of the catalog are kept by peer, and nodes have one each.
const PEERED_INDEXES: VersionRange = VersionRange::since(1, 13);
/// Snapshots hold the first auth method alone.
const ONE_AUTH_METHOD: VersionRange = VersionRange::before(1, 9);
/// Virtual IPs can be set by hand.
const MANUAL_IPS: VersionRange = VersionRange::since(1, 17);
/// A configuration of the CA that comes with roots gets the index after theirs; a state of the built-in CA
/// goes without a trace.
const CA_INDEXES_ARE_OFF: VersionRange = VersionRange::before(1, 10);
/// Any entry about a service gives it an address, not only those of its discovery chain.
const ALL_ENTRIES_GIVE_IPS: VersionRange = VersionRange::since(1, 17);
/// Intentions are config entries.
const INTENTION_ENTRIES: VersionRange = VersionRange::since(1, 9);
/// Versions whose servers were compared with what is written here.
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

    /// Whether what is written here was compared with a server of that version.
    pub(crate) fn are_compared(self) -> bool {
        COMPARED.iter().any(|range| range.contains(self.version))
    }
}
