//! The list of kinds, from which their numbers and the table are generated.

/// Passes the list to a macro. The kinds that can be listed come first, in the order of `list
/// --help`; after the semicolon come those that are only compared. The last of these covers record
/// types without a kind. A kind's position is its number.
macro_rules! object_kinds {
    ($to:ident) => {
        $to! {
            Kv = kv::KV,
            Keys = kv::KEYS,
            Nodes = nodes::NODES,
            Services = services::SERVICES,
            Instances = instances::INSTANCES,
            Checks = instances::CHECKS,
            Sessions = sessions::SESSIONS,
            Locks = locks::LOCKS,
            Queries = queries::QUERIES,
            Tokens = acl::TOKENS,
            Policies = acl::POLICIES,
            Roles = acl::ROLES,
            BindingRules = acl::BINDING_RULES,
            AuthMethods = acl::AUTH_METHODS,
            ConfigEntries = config_entries::CONFIG_ENTRIES,
            Intentions = intentions::INTENTIONS,
            CaRoots = connect::CA_ROOTS,
            Peerings = peering::PEERINGS,
            TrustBundles = peering::TRUST_BUNDLES,
            Coordinates = nodes::COORDINATES,
            VirtualIps = virtual_ips::VIRTUAL_IPS,
            Tombstones = kv::TOMBSTONES,
            Federation = mesh_gateways::FEDERATION,
            Metadata = servers::METADATA,
            Indexes = servers::INDEXES,
            Namespaces = enterprise::NAMESPACES,
            Partitions = enterprise::PARTITIONS,
            FeatureGates = feature_gates::FEATURE_GATES,
            Resources = resources::RESOURCES,
            V2Services = second_catalog::V2_SERVICES,
            V2Workloads = second_catalog::V2_WORKLOADS,
            V2Health = second_catalog::V2_HEALTH,
            V2Permissions = second_catalog::V2_PERMISSIONS;
            Autopilot = bare::AUTOPILOT,
            CaConfig = bare::CA_CONFIG,
            CaProviderStates = bare::CA_PROVIDER_STATE,
            PeeringSecrets = bare::PEERING_SECRETS,
            ChunkingState = bare::CHUNKING_STATE,
            Records = bare::RECORDS,
        }
    };
}
pub(crate) use object_kinds;

macro_rules! numbers {
    ($($listed:ident = $_row:path),*; $($bare:ident = $_bare_row:path),* $(,)?) => {
        /// A kind's number: its position in the list.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[allow(missing_docs)] // the rows of the table say what they are
        pub enum KindId {
            $($listed,)*
            $($bare,)*
        }
    };
}
object_kinds!(numbers);

impl KindId {
    /// The number, an index into tables with an entry for each kind.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}
