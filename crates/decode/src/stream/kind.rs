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
    /// Whether Consul's own decoder shows it differently from the HTTP API. The API is then the
    /// reference.
    pub misread_by_consul: bool,
    /// The position of its section in snapshots, from 1; `None` if no known server writes it.
    pub section: Option<u8>,
}

/// The position of a type's section: servers write one section after another. Unknown types, such
/// as those of Enterprise, come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Section(u16);

macro_rules! kinds {
    ($(
        $number:literal $constant:ident $name:literal $consul:ident $versions:expr, $body:ident
        $(, $section:literal)?;
    )*) => {
        impl Kind {
            $(
                #[doc = concat!("Type ", stringify!($number), ", `", $name, "`.")]
                pub const $constant: Self = Self($number);
            )*
        }

        /// Every record type with a known number, in order of the numbers.
        pub static KINDS: &[KindInfo] = &[
            $(KindInfo {
                number: $number,
                name: $name,
                named_by_consul: kinds!(@named $consul),
                misread_by_consul: kinds!(@misread $consul),
                versions: $versions,
                body: Body::$body,
                section: kinds!(@section $($section)?),
            },)*
        ];
    };
    (@named unnamed) => { false };
    (@named $other:ident) => { true };
    (@misread misread) => { true };
    (@misread $other:ident) => { false };
    (@section) => { None };
    (@section $section:literal) => { Some($section) };
}

const fn since(major: u32, minor: u32) -> Option<VersionRange> {
    Some(VersionRange::since(major, minor))
}

const fn since_until(since: (u32, u32), until: (u32, u32)) -> Option<VersionRange> {
    Some(VersionRange::since(since.0, since.1).until(until.0, until.1))
}

// A row: number, constant, name, whether Consul 1.21 prints the name (`misread`: it does, but shows
// other values than stored), versions, body, and the position of its section.
//
// Source of the versions: the calls of `registerRestorer`, and what `Restore` handles itself, in
// agent/consul/fsm of 1.4.0, 1.6.0, 1.8.7 and the first release of each minor version from 1.9 to 1.16,
// 1.18.0 and 1.22.0; before 1.4 agent/consul/fsm.go and the changelog.
kinds! {
    0 REGISTER "Register" named since(0, 1), Map, 3;
    1 DEREGISTER "Deregister" named None, Unknown;
    2 KVS "KVS" misread since(0, 1), Map, 13;
    3 SESSION "Session" misread since(0, 3), Map, 5;
    4 ACL "ACL" named since_until((0, 4), (1, 15)), Map, 6;
    5 TOMBSTONE "Tombstone" misread since(0, 5), Map, 14;
    6 COORDINATE_BATCH_UPDATE "CoordinateBatchUpdate" named since(0, 6), List, 4;
    7 PREPARED_QUERY "PreparedQuery" misread since(0, 6), Map, 15;
    8 TXN "Txn" named None, Unknown;
    9 AUTOPILOT "Autopilot" misread since(0, 8), Map, 16;
    10 AREA "Area" named None, Unknown;
    11 ACL_BOOTSTRAP "ACLBootstrap" named since_until((0, 9), (1, 15)), Map, 7;
    12 INTENTION "Intention" misread since(1, 2), Map, 17;
    13 CONNECT_CA "ConnectCA" misread since(1, 2), Map, 18;
    14 CONNECT_CA_PROVIDER_STATE "ConnectCAProviderState" named since(1, 2), Map, 19;
    15 CONNECT_CA_CONFIG "ConnectCAConfig" named since(1, 2), Map, 20;
    16 INDEX "Index" named since(1, 4), Map, 24;
    17 ACL_TOKEN "ACLToken" named since(1, 4), Map, 8;
    18 ACL_TOKEN_DELETE "ACLTokenDelete" named None, Unknown;
    19 ACL_POLICY "ACLPolicy" named since(1, 4), Map, 9;
    20 ACL_POLICY_DELETE "ACLPolicyDelete" named None, Unknown;
    21 CONNECT_CA_LEAF "ConnectCALeaf" named None, Unknown;
    22 CONFIG_ENTRY "ConfigEntry" named since(1, 5), NestedMsgpack, 21;
    23 ACL_ROLE "ACLRole" named since(1, 5), Map, 10;
    24 ACL_ROLE_DELETE "ACLRoleDelete" named None, Unknown;
    25 ACL_BINDING_RULE "ACLBindingRule" named since(1, 5), Map, 11;
    26 ACL_BINDING_RULE_DELETE "ACLBindingRuleDelete" named None, Unknown;
    27 ACL_AUTH_METHOD "ACLAuthMethod" named since(1, 5), Map, 12;
    28 ACL_AUTH_METHOD_DELETE "ACLAuthMethodDelete" named None, Unknown;
    29 CHUNKING_STATE "ChunkingState" named since(1, 6), Map, 30;
    30 FEDERATION_STATE "FederationState" named since(1, 8), Map, 22;
    31 SYSTEM_METADATA "SystemMetadata" named since(1, 9), Map, 23;
    32 SERVICE_VIRTUAL_IP "ServiceVirtualIP" named since(1, 11), Map, 1;
    33 FREE_VIRTUAL_IP "FreeVirtualIP" named since(1, 11), Map, 2;
    34 KIND_SERVICE_NAME "KindServiceName" named None, Unknown;
    35 PEERING "Peering" named since(1, 13), Protobuf, 25;
    36 PEERING_DELETE "PeeringDelete" named None, Unknown;
    37 PEERING_TERMINATE_BY_ID "PeeringTerminateByID" unnamed None, Unknown;
    38 PEERING_TRUST_BUNDLE "PeeringTrustBundle" named since(1, 13), Protobuf, 26;
    39 PEERING_TRUST_BUNDLE_DELETE "PeeringTrustBundleDelete" named None, Unknown;
    40 PEERING_SECRET "PeeringSecret" named since(1, 13), Protobuf, 27;
    41 RAFT_LOG_VERIFIER_CHECKPOINT "RaftLogVerifierCheckpoint" named None, Unknown;
    42 RESOURCE "Resource" named since(1, 16), Protobuf, 28;
    43 UPDATE_VIRTUAL_IP "UpdateManualVirtualIPRequestType" named None, Unknown;
    45 FEATURE_GATE "FeatureGate" unnamed since(2, 1), Map, 29;
    65 NAMESPACE "Namespace" unnamed None, Protobuf;
    69 PARTITION "Partition" unnamed None, Protobuf;
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

    /// The position of its records in a snapshot.
    #[must_use]
    pub fn section(self) -> Section {
        let known = self.info().and_then(|info| info.section);
        Section(known.map_or(u16::from(self.0), |place| 256 + u16::from(place)))
    }

    /// Returns Consul 1.21's name for this type; `None` where it prints `Unknown(N)`.
    #[must_use]
    pub fn consul_name(self) -> Option<&'static str> {
        self.info().filter(|k| k.named_by_consul).map(|k| k.name)
    }

    /// Returns what Consul 1.21 prints for this type: its name, or `Unknown(N)`.
    #[must_use]
    pub fn consul_label(self) -> String {
        self.consul_name().map_or_else(|| format!("Unknown({})", self.0), str::to_owned)
    }
}

/// Its name, Consul's or ours; `Unknown(N)` if the number is unknown.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.info() {
            Some(info) => f.pad(info.name),
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
    fn each_section_has_a_place_of_its_own_and_each_type_with_a_body_a_section() {
        let mut sections: Vec<u8> = KINDS.iter().filter_map(|k| k.section).collect();
        sections.sort_unstable();
        let places: Vec<u8> = (1..).take(sections.len()).collect();
        assert_eq!(sections, places);
        for kind in KINDS {
            assert_eq!(kind.section.is_some(), kind.versions.is_some(), "{}", kind.name);
        }
        assert!(Kind(200).section() < Kind::SERVICE_VIRTUAL_IP.section());
        assert!(Kind::KVS.section() < Kind::TOMBSTONE.section());
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
