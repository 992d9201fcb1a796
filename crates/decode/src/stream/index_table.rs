//! The only table of servers' tables whose last index is in snapshots.

use super::kind::Kind;

/// A table of a server's state. Each change of it moves its index, which an `Index` record has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexTable {
    /// Its name: the key of the `Index` record.
    pub name: &'static str,
    /// The record types with the objects whose changes move its index.
    pub records: &'static [Kind],
    /// The objects whose indexes it is never below, in any version.
    pub bounds: Option<Bounded>,
}

/// Objects that are never newer than the index of their table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bounded {
    /// All objects of a record type.
    Records(Kind),
    /// Nodes, without their services and checks.
    Nodes,
    /// Health checks.
    Checks,
}

impl IndexTable {
    /// The table with this name.
    #[must_use]
    pub fn by_name(name: &[u8]) -> Option<&'static Self> {
        INDEX_TABLES.iter().find(|table| table.name.as_bytes() == name)
    }
}

macro_rules! tables {
    ($($name:literal [$($kind:ident)*] $(bounds $bounds:expr)?;)*) => {
        /// All of them, in the order of the sections of their records.
        pub static INDEX_TABLES: &[IndexTable] = &[$(IndexTable {
            name: $name,
            records: &[$(Kind::$kind),*],
            bounds: tables!(@bounds $($bounds)?),
        },)*];
    };
    (@bounds) => { None };
    (@bounds $bounds:expr) => { Some($bounds) };
}

use Bounded::{Checks, Nodes, Records};

tables! {
    "service-virtual-ips" [SERVICE_VIRTUAL_IP FREE_VIRTUAL_IP] bounds Records(Kind::SERVICE_VIRTUAL_IP);
    "free-virtual-ips" [SERVICE_VIRTUAL_IP FREE_VIRTUAL_IP];
    "nodes" [REGISTER CONFIG_ENTRY] bounds Nodes;
    // It changes only when a name appears or disappears.
    "services" [REGISTER CONFIG_ENTRY];
    "checks" [REGISTER CONFIG_ENTRY] bounds Checks;
    "node" [REGISTER CONFIG_ENTRY];
    "service" [REGISTER CONFIG_ENTRY];
    "service_kind" [REGISTER CONFIG_ENTRY];
    "service_last_extinction" [REGISTER CONFIG_ENTRY];
    "kind_service_names" [REGISTER CONFIG_ENTRY];
    "kind-service-names" [REGISTER CONFIG_ENTRY];
    "gateway-services" [REGISTER CONFIG_ENTRY];
    "mesh-topology" [REGISTER CONFIG_ENTRY];
    "coordinates" [COORDINATE_BATCH_UPDATE];
    "sessions" [SESSION] bounds Records(Kind::SESSION);
    "session_checks" [SESSION];
    "acls" [ACL_TOKEN ACL];
    "acl-tokens" [ACL_TOKEN ACL] bounds Records(Kind::ACL_TOKEN);
    "acl-token-bootstrap" [ACL_TOKEN ACL];
    "acl-policies" [ACL_POLICY] bounds Records(Kind::ACL_POLICY);
    "acl-roles" [ACL_ROLE] bounds Records(Kind::ACL_ROLE);
    "acl-binding-rules" [ACL_BINDING_RULE] bounds Records(Kind::ACL_BINDING_RULE);
    "acl-auth-methods" [ACL_AUTH_METHOD] bounds Records(Kind::ACL_AUTH_METHOD);
    "kvs" [KVS] bounds Records(Kind::KVS);
    "tombstones" [TOMBSTONE KVS] bounds Records(Kind::TOMBSTONE);
    "prepared-queries" [PREPARED_QUERY] bounds Records(Kind::PREPARED_QUERY);
    "autopilot-config" [AUTOPILOT];
    "connect-intentions" [INTENTION CONFIG_ENTRY] bounds Records(Kind::INTENTION);
    "connect-ca-roots" [CONNECT_CA CONNECT_CA_PROVIDER_STATE CONNECT_CA_CONFIG]
        bounds Records(Kind::CONNECT_CA);
    "connect-ca-builtin" [CONNECT_CA CONNECT_CA_PROVIDER_STATE CONNECT_CA_CONFIG]
        bounds Records(Kind::CONNECT_CA_PROVIDER_STATE);
    "connect-ca-builtin-serial" [CONNECT_CA CONNECT_CA_PROVIDER_STATE CONNECT_CA_CONFIG];
    "connect-ca-config" [CONNECT_CA CONNECT_CA_PROVIDER_STATE CONNECT_CA_CONFIG];
    "connect-ca-leaf-certs" [CONNECT_CA CONNECT_CA_PROVIDER_STATE CONNECT_CA_CONFIG];
    "config-entries" [CONFIG_ENTRY] bounds Records(Kind::CONFIG_ENTRY);
    "enterprise-meta" [CONFIG_ENTRY];
    "federation-states" [FEDERATION_STATE] bounds Records(Kind::FEDERATION_STATE);
    "system-metadata" [SYSTEM_METADATA] bounds Records(Kind::SYSTEM_METADATA);
    "peering" [PEERING];
    "peering-trust-bundles" [PEERING_TRUST_BUNDLE];
    "peering-secrets" [PEERING_SECRET];
    "peering-secret-uuids" [PEERING_SECRET];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::KINDS;

    #[test]
    fn every_record_type_moves_an_index_but_those_that_servers_keep_without() {
        let without = [
            Kind::ACL_BOOTSTRAP,
            Kind::INDEX,
            Kind::CHUNKING_STATE,
            Kind::RESOURCE,
            Kind::FEATURE_GATE,
        ];
        for info in KINDS.iter().filter(|info| info.section.is_some()) {
            let kind = Kind(info.number);
            let moves = INDEX_TABLES.iter().any(|table| table.records.contains(&kind));
            assert_eq!(moves, !without.contains(&kind), "{kind}");
        }
    }

    #[test]
    fn a_table_bounds_objects_that_move_it() {
        for table in INDEX_TABLES {
            assert_eq!(IndexTable::by_name(table.name.as_bytes()), Some(table), "named twice");
            let kind = match table.bounds {
                Some(Records(kind)) => kind,
                Some(Nodes | Checks) => Kind::REGISTER,
                None => continue,
            };
            assert!(table.records.contains(&kind), "{}", table.name);
        }
    }
}
