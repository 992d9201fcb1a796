//! The only table of record types.

use crate::version::VersionRange;
use std::fmt;

/// A record's type byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(pub u8);

/// The form of a record's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// A msgpack map with one entry per struct field.
    Map,
    /// A msgpack list (`CoordinateBatchUpdate`).
    List,
    /// One raw value that holds nested msgpack (`ConfigEntry`).
    NestedMsgpack,
    /// One raw value that holds a protobuf message.
    Protobuf,
    /// Never written into a snapshot, or unknown.
    Unknown,
}

/// A row of the table of record types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindInfo {
    /// The type byte.
    pub number: u8,
    /// Consul's name, or ours where Consul 1.21 prints `Unknown(N)`.
    pub name: &'static str,
    /// Whether Consul 1.21 prints that name.
    pub named_by_consul: bool,
    /// The versions whose servers restore it from a snapshot; `None` if none does (it occurs only
    /// in the Raft log) or, for Enterprise types, if unknown.
    pub versions: Option<VersionRange>,
    /// The form of its body.
    pub body: Body,
}

macro_rules! kinds {
    ($($number:literal $constant:ident $name:literal $consul:literal $versions:expr, $body:ident;)*) => {
        impl Kind {
            $(
                #[doc = concat!("Type ", stringify!($number), ", `", $name, "`.")]
                pub const $constant: Self = Self($number);
            )*
        }

        /// Every record type with a known number, in order of the numbers.
        pub static KINDS: &[KindInfo] = &[
            $(KindInfo {
                number: $number, name: $name, named_by_consul: $consul, versions: $versions,
                body: Body::$body,
            },)*
        ];
    };
}

const fn since(major: u32, minor: u32) -> Option<VersionRange> {
    Some(VersionRange::since(major, minor))
}

const fn since_until(since: (u32, u32), until: (u32, u32)) -> Option<VersionRange> {
    Some(VersionRange::since(since.0, since.1).until(until.0, until.1))
}

// Source of the versions: the calls of `registerRestorer`, and what `Restore` handles itself, in
// agent/consul/fsm of 1.4.0, 1.6.0, 1.8.7 and the first release of each minor version from 1.9 to 1.16,
// 1.18.0 and 1.22.0; before 1.4 agent/consul/fsm.go and the changelog.
kinds! {
    0 REGISTER "Register" true since(0, 1), Map;
    1 DEREGISTER "Deregister" true None, Unknown;
    2 KVS "KVS" true since(0, 1), Map;
    3 SESSION "Session" true since(0, 3), Map;
    4 ACL "ACL" true since_until((0, 4), (1, 15)), Map;
    5 TOMBSTONE "Tombstone" true since(0, 5), Map;
    6 COORDINATE_BATCH_UPDATE "CoordinateBatchUpdate" true since(0, 6), List;
    7 PREPARED_QUERY "PreparedQuery" true since(0, 6), Map;
    8 TXN "Txn" true None, Unknown;
    9 AUTOPILOT "Autopilot" true since(0, 8), Map;
    10 AREA "Area" true None, Unknown;
    11 ACL_BOOTSTRAP "ACLBootstrap" true since_until((0, 9), (1, 15)), Map;
    12 INTENTION "Intention" true since(1, 2), Map;
    13 CONNECT_CA "ConnectCA" true since(1, 2), Map;
    14 CONNECT_CA_PROVIDER_STATE "ConnectCAProviderState" true since(1, 2), Map;
    15 CONNECT_CA_CONFIG "ConnectCAConfig" true since(1, 2), Map;
    16 INDEX "Index" true since(1, 4), Map;
    17 ACL_TOKEN "ACLToken" true since(1, 4), Map;
    18 ACL_TOKEN_DELETE "ACLTokenDelete" true None, Unknown;
    19 ACL_POLICY "ACLPolicy" true since(1, 4), Map;
    20 ACL_POLICY_DELETE "ACLPolicyDelete" true None, Unknown;
    21 CONNECT_CA_LEAF "ConnectCALeaf" true None, Unknown;
    22 CONFIG_ENTRY "ConfigEntry" true since(1, 5), NestedMsgpack;
    23 ACL_ROLE "ACLRole" true since(1, 5), Map;
    24 ACL_ROLE_DELETE "ACLRoleDelete" true None, Unknown;
    25 ACL_BINDING_RULE "ACLBindingRule" true since(1, 5), Map;
    26 ACL_BINDING_RULE_DELETE "ACLBindingRuleDelete" true None, Unknown;
    27 ACL_AUTH_METHOD "ACLAuthMethod" true since(1, 5), Map;
    28 ACL_AUTH_METHOD_DELETE "ACLAuthMethodDelete" true None, Unknown;
    29 CHUNKING_STATE "ChunkingState" true since(1, 6), Map;
    30 FEDERATION_STATE "FederationState" true since(1, 8), Map;
    31 SYSTEM_METADATA "SystemMetadata" true since(1, 9), Map;
    32 SERVICE_VIRTUAL_IP "ServiceVirtualIP" true since(1, 11), Map;
    33 FREE_VIRTUAL_IP "FreeVirtualIP" true since(1, 11), Map;
    34 KIND_SERVICE_NAME "KindServiceName" true None, Unknown;
    35 PEERING "Peering" true since(1, 13), Protobuf;
    36 PEERING_DELETE "PeeringDelete" true None, Unknown;
    37 PEERING_TERMINATE_BY_ID "PeeringTerminateByID" false None, Unknown;
    38 PEERING_TRUST_BUNDLE "PeeringTrustBundle" true since(1, 13), Protobuf;
    39 PEERING_TRUST_BUNDLE_DELETE "PeeringTrustBundleDelete" true None, Unknown;
    40 PEERING_SECRET "PeeringSecret" true since(1, 13), Protobuf;
    41 RAFT_LOG_VERIFIER_CHECKPOINT "RaftLogVerifierCheckpoint" true None, Unknown;
    42 RESOURCE "Resource" true since(1, 16), Protobuf;
    43 UPDATE_VIRTUAL_IP "UpdateManualVirtualIPRequestType" true None, Unknown;
    45 FEATURE_GATE "FeatureGate" false since(2, 1), Map;
    65 NAMESPACE "Namespace" false None, Protobuf;
    69 PARTITION "Partition" false None, Protobuf;
}

/// Position of each number in [`KINDS`], or 255.
static POSITION: [u8; 256] = {
    let mut table = [255u8; 256];
    let mut i = 0u8;
    while (i as usize) < KINDS.len() {
        #[allow(clippy::indexing_slicing)] // both bounds are checked by the compiler's evaluation
        {
            table[KINDS[i as usize].number as usize] = i;
        }
        i = i.wrapping_add(1);
    }
    table
};

impl Kind {
    /// Types from this number on are Enterprise's.
    pub const FIRST_ENTERPRISE: u8 = 64;
    /// Flag in a type byte: a server that does not know the type may ignore the record.
    pub const IGNORABLE: u8 = 0x80;

    /// Returns the table's row for this type, if the number is known.
    #[must_use]
    pub fn info(self) -> Option<&'static KindInfo> {
        let position = *POSITION.get(usize::from(self.0))?;
        KINDS.get(usize::from(position))
    }

    /// Returns the type with this name (in any case), Consul's or ours; also `Unknown(N)`.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        if let Some(info) = KINDS.iter().find(|k| k.name.eq_ignore_ascii_case(name)) {
            return Some(Self(info.number));
        }
        let number = name
            .get(..8)
            .filter(|head| head.eq_ignore_ascii_case("unknown("))
            .and_then(|_| name.get(8..))?;
        number.strip_suffix(')')?.parse().ok().map(Self)
    }

    /// Returns Consul 1.21's name for this type; `None` where it prints `Unknown(N)`.
    #[must_use]
    pub fn consul_name(self) -> Option<&'static str> {
        self.info().filter(|k| k.named_by_consul).map(|k| k.name)
    }
}

/// As Consul 1.21 prints it.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.consul_name() {
            Some(name) => f.pad(name),
            None => f.pad(&format!("Unknown({})", self.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_names_are_unique() {
        let numbers: Vec<u8> = KINDS.iter().map(|k| k.number).collect();
        let mut sorted = numbers.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(numbers, sorted);
        let mut names: Vec<&str> = KINDS.iter().map(|k| k.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), KINDS.len());
    }

    #[test]
    fn every_number_is_found_by_the_name_it_prints() {
        for number in 0..=255u8 {
            assert_eq!(Kind::by_name(&Kind(number).to_string()), Some(Kind(number)));
        }
        assert_eq!(Kind::by_name("featuregate"), Some(Kind::FEATURE_GATE));
        assert_eq!(Kind::by_name("unknown(300)"), None);
        assert_eq!(Kind::by_name("kv"), None);
    }
}
