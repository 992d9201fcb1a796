//! How records have to fit together, and forms of records that some versions cannot read.

use snapscope_decode::{ServerVersion, VersionRange};

/// A reason to refuse a record although every field is present.
#[derive(Debug, PartialEq, Eq)]
pub struct Structure {
    /// A short name, for programs.
    pub id: &'static str,
    /// Description of one such record.
    pub one: &'static str,
    /// The plural.
    pub many: &'static str,
    /// The versions that refuse it.
    pub refused_by: VersionRange,
    /// Releases in between to which the fix was backported.
    pub fixed_in: &'static [VersionRange],
    /// What to do about it.
    pub advice: &'static str,
    /// The source of this fact.
    pub source: &'static str,
}

macro_rules! structures {
    ($($name:ident $id:literal $one:literal $many:literal $versions:expr $(, except $fixed:expr)?, $advice:literal $source:literal;)*) => {
        $(pub(super) static $name: Structure = Structure {
            id: $id,
            one: $one,
            many: $many,
            refused_by: $versions,
            fixed_in: structures!(@fixed $($fixed)?),
            advice: $advice,
            source: $source,
        };)*

        /// All of them.
        pub static STRUCTURES: &[&Structure] = &[$(&$name,)*];
    };
    (@fixed) => { &[] };
    (@fixed $fixed:expr) => { $fixed };
}

impl Structure {
    /// Whether a version refuses it.
    #[must_use]
    pub fn is_refused_by(&self, version: ServerVersion) -> bool {
        let is_fixed = self.fixed_in.iter().any(|fixed| fixed.contains(version));
        self.refused_by.contains(version) && !is_fixed
    }

    /// The versions that refuse it, for people.
    #[must_use]
    pub fn versions(&self) -> String {
        let mut text = self.refused_by.to_string();
        for fixed in self.fixed_in {
            if let Some(since) = fixed.since {
                let (major, minor) = (since.major, since.minor);
                text.push_str(&format!(", not {since} and later of {major}.{minor}"));
            }
        }
        text
    }
}

/// Releases with the fix of GH-17048, before 1.15.3.
const NULLS_FIXED: &[VersionRange] = &[
    VersionRange {
        since: Some(ServerVersion::new(1, 13, 8)),
        until: Some(ServerVersion::new(1, 14, 0)),
    },
    VersionRange {
        since: Some(ServerVersion::new(1, 14, 7)),
        until: Some(ServerVersion::new(1, 15, 0)),
    },
];

const ALL: VersionRange = VersionRange::ALL;

structures! {
    CHECK_NODE_CASE "check-node-case"
        "check that spells its node in another case than the registration"
        "checks that spell their nodes in another case than the registrations"
        VersionRange::before(1, 12),
        "register the node and its checks under one spelling and take a new snapshot, or upgrade the servers to 1.12"
        "agent/consul/state/catalog.go: ensureCheckIfNodeMatches (GH-6991, GH-5316, GH-4413; GH-12444)";
    CHECK_NODE "check-node"
        "check with another node than its registration"
        "checks with other nodes than their registrations"
        ALL,
        "register the check again and take a new snapshot"
        "agent/consul/state/catalog.go: ensureCheckIfNodeMatches";
    CHECK_SERVICE "check-service"
        "check of a service that does not exist on its node"
        "checks of services that do not exist on their nodes"
        ALL,
        "deregister the check and take a new snapshot"
        "agent/consul/state/catalog.go: ensureCheckTxn, ErrMissingService";
    CHECK_SERVICE_RENAMED "check-service-renamed"
        "check of a service that is lost because its node is spelled in another case"
        "checks of services that are lost because their node is spelled in another case"
        VersionRange::before(1, 12),
        "register the node under one spelling and take a new snapshot, or upgrade the servers to 1.12"
        "agent/consul/state/catalog.go: ensureNodeTxn deletes a node it renames (GH-12444)";
    CHECK_PEER "check-peer"
        "registration that mixes peers"
        "registrations that mix peers"
        VersionRange::since(1, 13),
        "register the service or check again and take a new snapshot"
        "agent/consul/state/catalog.go: validateRegisterRequestPeerNamesTxn, ensureCheckIfNodeMatches";
    NODE_NAME "node-name"
        "node whose name belongs to another node that is alive"
        "nodes whose names belong to other nodes that are alive"
        ALL,
        "deregister one of them and take a new snapshot"
        "agent/consul/state/catalog.go: ensureNoNodeWithSimilarNameTxn (GH-3983)";
    SERVICE_META "service-meta"
        "service with Meta that servers refuse"
        "services with Meta that servers refuse"
        ALL,
        "register the service with valid Meta and take a new snapshot"
        "agent/structs/structs.go: ValidateServiceMetadata, called by ensureServiceTxn";
    VIRTUAL_IP_FORM "virtual-ip-form"
        "virtual IP in the form of 1.11 and 1.12"
        "virtual IPs in the form of 1.11 and 1.12"
        VersionRange::since(1, 13).until_version(ServerVersion::new(1, 13, 1)),
        "upgrade the servers to 1.13.1"
        "GH-14107, GH-14149: agent/consul/fsm/snapshot_oss.go of 1.13.0, restoreServiceVirtualIP";
    VIRTUAL_IP_SERVICE "virtual-ip-service"
        "virtual IP without a service"
        "virtual IPs without a service"
        VersionRange::since(1, 13),
        "find the sidecar proxy without a DestinationServiceName, deregister it, and take a new snapshot"
        "GH-22797: agent/consul/state/catalog_schema.go, indexFromServiceVirtualIP";
    CA_ROOT "ca-root"
        "active root of the built-in certificate authority without the state that holds its key"
        "active roots of the built-in certificate authority without the state that holds their key"
        ALL,
        "set the CA configuration in the cluster once more (`consul connect ca set-config`) and take a new snapshot"
        "agent/consul/leader_connect.go: initializeRootCA, agent/connect/ca/provider_consul.go: Configure (GH-6375)";
    CA_CONFIG "ca-config"
        "configuration of the built-in certificate authority that servers refuse"
        "configurations of the built-in certificate authority that servers refuse"
        VersionRange::since(1, 8),
        "set a valid one in the cluster (`consul connect ca set-config`) and take a new snapshot"
        "agent/connect/ca/provider_consul_config.go: ParseConsulCAConfig";
    CONFIG_ENTRY_NAME "config-entry-name"
        "config entry without a name"
        "config entries without a name"
        ALL,
        "delete it and take a new snapshot"
        "agent/consul/state/config_entry.go: table config-entries, index id";
    CONFIG_NULL "config-null"
        "proxy-defaults entry with a null in its Config, which makes servers panic"
        "proxy-defaults entries with a null in their Config, which makes servers panic"
        VersionRange::since(1, 5).until_version(ServerVersion::new(1, 15, 3)), except NULLS_FIXED,
        "write the entry without the null and take a new snapshot, or upgrade the servers to 1.15.3"
        "GH-17048, GH-17051, GH-17052, GH-17053: lib/map_walker.go, called by agent/structs/config_entry.go";
    CONFIG_NULL_IN_LIST "config-null-in-list"
        "proxy-defaults entry with a null in a list of its Config, which makes servers panic"
        "proxy-defaults entries with a null in a list of their Config, which makes servers panic"
        VersionRange::since(1, 5),
        "write the entry without the null and take a new snapshot"
        "lib/map_walker.go: SliceElem, called by agent/structs/config_entry.go";
    CONFIG_ENTRY_EMPTY "config-entry-empty"
        "config entry record without an entry"
        "config entry records without an entry"
        ALL,
        "take a new snapshot"
        "agent/consul/state/config_entry.go: ConfigEntry reads what is nil";
}

/// Whether servers allow this key and value in a service's Meta. `mesh_gateway` is set for mesh
/// gateways, which may have one more key.
pub(super) fn is_meta_pair(key: &[u8], value: &[u8], mesh_gateway: bool) -> bool {
    let letters = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let reserved =
        key.starts_with(b"consul-") && !(mesh_gateway && key == b"consul-wan-federation");
    !key.is_empty()
        && key.iter().all(letters)
        && key.len() <= META_KEY
        && !reserved
        && value.len() <= META_VALUE
}

/// Longest key of a service's Meta.
const META_KEY: usize = 128;
/// Longest value of a service's Meta.
const META_VALUE: usize = 512;
/// Maximum number of pairs in a service's Meta.
pub(super) const META_PAIRS: u32 = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn rows_are_whole_and_ids_unique() {
        let ids: BTreeSet<&str> = STRUCTURES.iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), STRUCTURES.len());
        for row in STRUCTURES {
            assert!(!row.one.is_empty() && !row.many.is_empty() && !row.advice.is_empty());
            assert!(row.source.contains("agent/"), "{}", row.id);
        }
    }

    #[test]
    fn meta_as_servers_check_it() {
        let long = vec![b'x'; 600];
        for (key, value, is) in [
            (&b"version"[..], &b"1"[..], true),
            (b"a b", b"", false),
            (b"", b"x", false),
            (b"consul-x", b"", false),
            (b"consul-wan-federation", b"1", false),
            (b"k", &long, false),
            (&long, b"", false),
        ] {
            assert_eq!(is_meta_pair(key, value, false), is, "{key:?}");
        }
        assert!(is_meta_pair(b"consul-wan-federation", b"1", true));
    }
}
