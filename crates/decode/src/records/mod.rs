//! Typed views of records: one file per area of Consul.
//!
//! Every struct is declared field by field as stored (see [`crate::schema`]); nested structs are
//! read on demand. Nothing is copied.

mod acl;
mod catalog;
mod check;
mod config_entry;
mod connect_ca;
mod coordinate;
mod feature_gate;
mod federation;
mod intention;
mod kv;
mod peering;
mod proxy;
mod query;
pub(crate) mod resource;
mod servers;
mod session;
mod virtual_ip;

pub use acl::*;
pub use catalog::*;
pub use check::*;
pub use config_entry::*;
pub use connect_ca::*;
pub use coordinate::*;
pub use feature_gate::*;
pub use federation::*;
pub use intention::*;
pub use kv::*;
pub use peering::*;
pub use proxy::*;
pub use query::*;
pub use resource::*;
pub use servers::*;
pub use session::*;
pub use virtual_ip::*;

use crate::schema::{FieldError, List, Schema, Wire, WireStruct, wrong_class};
use crate::stream::{Frame, Kind};
use crate::wire::Value;

/// A record, typed and borrowed.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
#[allow(clippy::large_enum_variant)] // lives on the stack, one at a time
pub enum Record<'a> {
    /// `Register`: a node, service instance or check.
    Register(RegisterRef<'a>),
    /// `KVS`: a key and its value.
    Kv(KvRef<'a>),
    /// `Tombstone`: a deleted key.
    Tombstone(KvRef<'a>),
    /// `Session`
    Session(SessionRef<'a>),
    /// `CoordinateBatchUpdate`: coordinates, one in all snapshots seen.
    Coordinates(List<'a, Option<CoordinateRef<'a>>>),
    /// `PreparedQuery`
    PreparedQuery(PreparedQueryRef<'a>),
    /// `ACL`: a token of the system before 1.4.
    LegacyAcl(LegacyAclRef<'a>),
    /// `ACLBootstrap`: whether the system before 1.4 has had its first management token.
    AclBootstrap(AclBootstrapRef<'a>),
    /// `Autopilot`
    Autopilot(AutopilotRef<'a>),
    /// `Intention`: a legacy intention.
    Intention(IntentionRef<'a>),
    /// `ConnectCA`: a root certificate.
    CaRoot(CaRootRef<'a>),
    /// `ConnectCAProviderState`
    CaProviderState(CaProviderStateRef<'a>),
    /// `ConnectCAConfig`
    CaConfig(CaConfigRef<'a>),
    /// `Index`: a table's highest index.
    Index(IndexRef<'a>),
    /// `ACLToken`
    AclToken(AclTokenRef<'a>),
    /// `ACLPolicy`
    AclPolicy(AclPolicyRef<'a>),
    /// `ACLRole`
    AclRole(AclRoleRef<'a>),
    /// `ACLBindingRule`
    AclBindingRule(AclBindingRuleRef<'a>),
    /// `ACLAuthMethod`
    AclAuthMethod(AclAuthMethodRef<'a>),
    /// `ConfigEntry`
    ConfigEntry(ConfigEntryRef<'a>),
    /// `ChunkingState`
    ChunkingState(ChunkingStateRef<'a>),
    /// `FeatureGate`
    FeatureGate(FeatureGateRef<'a>),
    /// `FederationState`
    FederationState(FederationStateRecordRef<'a>),
    /// `SystemMetadata`
    SystemMetadata(SystemMetadataRef<'a>),
    /// `ServiceVirtualIP`
    ServiceVirtualIp(ServiceVirtualIpRef<'a>),
    /// `FreeVirtualIP`
    FreeVirtualIp(FreeVirtualIpRef<'a>),
    /// `Peering`
    Peering(PeeringRef<'a>),
    /// `PeeringTrustBundle`
    PeeringTrustBundle(PeeringTrustBundleRef<'a>),
    /// `PeeringSecret`
    PeeringSecret(PeeringSecretRef<'a>),
    /// `Resource`: an object of Consul's second catalog.
    Resource(ResourceRef<'a>),
    /// A type this version of snapscope doesn't know (Enterprise's, a newer one).
    Unknown(Value<'a>),
}

macro_rules! map_records {
    ($($kind:ident => $variant:ident $ty:ident;)*) => {
        impl<'a> Frame<'a> {
            /// The record, typed.
            ///
            /// # Errors
            /// When a field is of another kind than the record's type has there.
            pub fn record(&self) -> Result<Record<'a>, FieldError> {
                let value = self.value()?;
                Ok(match self.kind {
                    $(Kind::$kind => Record::$variant($ty::read(map_of(value)?)?),)*
                    Kind::COORDINATE_BATCH_UPDATE => Record::Coordinates(List::read(value)?),
                    Kind::CONFIG_ENTRY => Record::ConfigEntry(ConfigEntryRef::read(value)?),
                    Kind::PEERING => Record::Peering(PeeringRef::read(value)?),
                    Kind::PEERING_TRUST_BUNDLE => {
                        Record::PeeringTrustBundle(PeeringTrustBundleRef::read(value)?)
                    }
                    Kind::PEERING_SECRET => Record::PeeringSecret(PeeringSecretRef::read(value)?),
                    Kind::RESOURCE => Record::Resource(ResourceRef::read(value)?),
                    _ => Record::Unknown(value),
                })
            }
        }

        /// The fields of a record type whose body is a map and known.
        #[must_use]
        pub fn record_schema(kind: Kind) -> Option<&'static Schema> {
            match kind {
                $(Kind::$kind => Some(<$ty<'static> as WireStruct<'static>>::schema()),)*
                _ => None,
            }
        }
    };
}

map_records! {
    REGISTER => Register RegisterRef;
    KVS => Kv KvRef;
    TOMBSTONE => Tombstone KvRef;
    SESSION => Session SessionRef;
    PREPARED_QUERY => PreparedQuery PreparedQueryRef;
    AUTOPILOT => Autopilot AutopilotRef;
    INTENTION => Intention IntentionRef;
    CONNECT_CA => CaRoot CaRootRef;
    CONNECT_CA_PROVIDER_STATE => CaProviderState CaProviderStateRef;
    CONNECT_CA_CONFIG => CaConfig CaConfigRef;
    INDEX => Index IndexRef;
    ACL => LegacyAcl LegacyAclRef;
    ACL_BOOTSTRAP => AclBootstrap AclBootstrapRef;
    ACL_TOKEN => AclToken AclTokenRef;
    ACL_POLICY => AclPolicy AclPolicyRef;
    ACL_ROLE => AclRole AclRoleRef;
    ACL_BINDING_RULE => AclBindingRule AclBindingRuleRef;
    ACL_AUTH_METHOD => AclAuthMethod AclAuthMethodRef;
    CHUNKING_STATE => ChunkingState ChunkingStateRef;
    FEATURE_GATE => FeatureGate FeatureGateRef;
    FEDERATION_STATE => FederationState FederationStateRecordRef;
    SYSTEM_METADATA => SystemMetadata SystemMetadataRef;
    SERVICE_VIRTUAL_IP => ServiceVirtualIp ServiceVirtualIpRef;
    FREE_VIRTUAL_IP => FreeVirtualIp FreeVirtualIpRef;
}

/// A whole record is never nil, so a value that reads as zero inside a struct is an error here.
fn map_of(value: Value<'_>) -> Result<Value<'_>, FieldError> {
    match value {
        Value::Map(_) => Ok(value),
        other => Err(wrong_class("a map", other)),
    }
}
