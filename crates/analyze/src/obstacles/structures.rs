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
    /// What to do about it.
    pub advice: &'static str,
    /// The source of this fact.
    pub source: &'static str,
}

macro_rules! structures {
    ($($name:ident $id:literal $one:literal $many:literal $versions:expr, $advice:literal $source:literal;)*) => {
        $(pub(super) static $name: Structure = Structure {
            id: $id,
            one: $one,
            many: $many,
            refused_by: $versions,
            advice: $advice,
            source: $source,
        };)*

        /// All of them.
        pub static STRUCTURES: &[&Structure] = &[$(&$name,)*];
    };
}

const ALL: VersionRange = VersionRange::ALL;

structures! {
    CHECK_NODE_CASE "check-node-case"
        "check whose node is spelled in another case than its registration"
        "checks whose node is spelled in another case than their registrations"
        VersionRange::before(1, 12),
        "register the node and its checks under one spelling and take a new snapshot, or upgrade the servers to 1.12"
        "agent/consul/state/catalog.go: ensureCheckIfNodeMatches (GH-6991, GH-5316, GH-4413; GH-12444)";
    CHECK_NODE "check-node"
        "check that names another node than its registration"
        "checks that name another node than their registrations"
        ALL,
        "register the check anew and take a new snapshot"
        "agent/consul/state/catalog.go: ensureCheckIfNodeMatches";
    CHECK_SERVICE "check-service"
        "check of a service that its node doesn't have"
        "checks of services that their nodes don't have"
        ALL,
        "deregister the check and take a new snapshot"
        "agent/consul/state/catalog.go: ensureCheckTxn, ErrMissingService";
    CHECK_SERVICE_RENAMED "check-service-renamed"
        "check of a service that is lost when its node is spelled in another case"
        "checks of services that are lost when their node is spelled in another case"
        VersionRange::before(1, 12),
        "register the node under one spelling and take a new snapshot, or upgrade the servers to 1.12"
        "agent/consul/state/catalog.go: ensureNodeTxn deletes a node it renames (GH-12444)";
    CHECK_PEER "check-peer"
        "registration that mixes peers"
        "registrations that mix peers"
        VersionRange::since(1, 13),
        "register the service or check anew and take a new snapshot"
        "agent/consul/state/catalog.go: validateRegisterRequestPeerNamesTxn, ensureCheckIfNodeMatches";
    NODE_NAME "node-name"
        "node whose name belongs to another node that is alive"
        "nodes whose names belong to other nodes that are alive"
        ALL,
        "deregister one of them and take a new snapshot"
        "agent/consul/state/catalog.go: ensureNoNodeWithSimilarNameTxn (GH-3983)";
    SERVICE_META "service-meta"
        "service whose Meta servers don't allow"
        "services whose Meta servers don't allow"
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
        "virtual IP of no service"
        "virtual IPs of no service"
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
        "configuration of the built-in certificate authority that servers don't take"
        "configurations of the built-in certificate authority that servers don't take"
        VersionRange::since(1, 8),
        "set a valid one in the cluster (`consul connect ca set-config`) and take a new snapshot"
        "agent/connect/ca/provider_consul_config.go: ParseConsulCAConfig";
    CONFIG_ENTRY_NAME "config-entry-name"
        "config entry without a name"
        "config entries without a name"
        ALL,
        "delete it and take a new snapshot"
        "agent/consul/state/config_entry.go: table config-entries, index id";
    CONFIG_ENTRY_EMPTY "config-entry-empty"
        "record of a config entry without the entry"
        "records of config entries without the entry"
        ALL,
        "take a new snapshot"
        "agent/consul/state/config_entry.go: ConfigEntry reads what is nil";
}

/// Whether servers allow this key and value in a service's Meta. `mesh_gateway`: whether it is one,
/// which may have one more key.
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
