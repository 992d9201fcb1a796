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
mod resource;
pub(crate) mod resource_type;
mod servers;
mod session;
mod sort_key;
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
pub use resource_type::ResourceType;
pub use servers::*;
pub use session::*;
pub use sort_key::{Indexes, SortKey, peer_key};
pub use virtual_ip::*;

use crate::schema::{FieldError, List, Schema, Wire, WireStruct, wrong_class};
use crate::stream::{Frame, Kind};
use crate::wire::Value;
use sort_key::indexes;

/// The coordinates in a `CoordinateBatchUpdate`.
pub type CoordinatesRef<'a> = List<'a, Option<CoordinateRef<'a>>>;

/// The table of record types: type, variant, struct, whether the body is a map or another single
/// value, the subject, the sort key, and the indexes of the object.
macro_rules! records {
    ($(
        $(#[$doc:meta])*
        $kind:ident => $variant:ident $ty:ident $how:ident, |$record:ident| $identity:expr, $key:expr, $indexes:expr;
    )*) => {
        /// A record, typed and borrowed.
        #[derive(Debug, Clone, Copy)]
        #[non_exhaustive]
        #[allow(clippy::large_enum_variant)] // lives on the stack, one at a time
        pub enum Record<'a> {
            $($(#[$doc])* $variant($ty<'a>),)*
            /// A type this version of snapscope doesn't know (Enterprise's, a newer one).
            Unknown(Value<'a>),
        }

        impl<'a> Frame<'a> {
            /// The typed record.
            ///
            /// # Errors
            /// If a field has another type than declared.
            pub fn record(&self) -> Result<Record<'a>, FieldError> {
                match self.kind {
                    Kind::KVS => return KvRef::of(self).map(Record::Kv),
                    Kind::TOMBSTONE => return KvRef::of(self).map(Record::Tombstone),
                    _ => {}
                }
                let value = self.value()?;
                Ok(match self.kind {
                    $(Kind::$kind => Record::$variant($ty::read(records!(@body $how value))?),)*
                    _ => Record::Unknown(value),
                })
            }
        }

        impl Record<'_> {
            /// The subject in a word or two, never a secret: a token is named by its accessor.
            ///
            /// # Errors
            /// If a required field has the wrong type.
            #[allow(unused_variables)] // not every type has a subject
            pub fn identity(&self) -> Result<Vec<u8>, FieldError> {
                Ok(match self {
                    $(Self::$variant($record) => $identity,)*
                    Self::Unknown(_) => Vec::new(),
                })
            }

            /// The indexes of its object; `None` if it has none, or several objects.
            ///
            /// # Errors
            /// If a field on the way to them has the wrong type.
            #[allow(unused_variables)] // not every type has indexes
            pub fn indexes(&self) -> Result<Option<Indexes>, FieldError> {
                Ok(match self {
                    $(Self::$variant($record) => $indexes,)*
                    Self::Unknown(_) => None,
                })
            }
        }

        impl<'a> Record<'a> {
            /// Its sort key, except for registrations, which hold three kinds of objects.
            ///
            /// # Errors
            /// If a field of the key has the wrong type.
            #[allow(unused_variables)] // not every type has a key
            pub fn sort_key(&self) -> Result<SortKey<'a>, FieldError> {
                Ok(match self {
                    $(Self::$variant($record) => $key,)*
                    Self::Unknown(_) => SortKey::Unknown,
                })
            }
        }

        impl Record<'_> {
            /// Whether every text among its own fields is UTF-8; nested values are not checked.
            #[must_use]
            pub fn is_text(&self) -> bool {
                match self {
                    $(Self::$variant(record) => records!(@is_text $how record),)*
                    Self::Unknown(_) => true,
                }
            }
        }

        impl<'a> Record<'a> {
            /// Calls `take` with each list and map among its own fields (they are read on demand),
            /// and the position of the field in its [schema](record_schema).
            pub fn each_unread(&self, take: &mut dyn FnMut(usize, Value<'a>)) {
                match self {
                    $(Self::$variant(record) => records!(@each_unread $how record take),)*
                    Self::Unknown(_) => {}
                }
            }

            /// Whether its map has every field once, in the servers' order.
            #[must_use]
            pub fn is_in_order(&self) -> bool {
                match self {
                    $(Self::$variant(record) => records!(@is_in_order $how record),)*
                    Self::Unknown(_) => true,
                }
            }
        }

        /// The fields of a record type whose body is a map with known fields.
        #[must_use]
        pub fn record_schema(kind: Kind) -> Option<&'static Schema> {
            match kind {
                $(Kind::$kind => records!(@schema $how $ty),)*
                _ => None,
            }
        }
    };
    (@body map $value:ident) => { map_of($value)? };
    (@body whole $value:ident) => { $value };
    (@is_text map $record:ident) => { $crate::schema::Wire::is_text($record) };
    (@is_text whole $record:ident) => { { let _ = $record; true } };
    (@each_unread map $record:ident $take:ident) => { WireStruct::each_unread($record, $take) };
    (@each_unread whole $record:ident $take:ident) => { { let _ = $record; } };
    (@is_in_order map $record:ident) => { WireStruct::is_in_order($record) };
    (@is_in_order whole $record:ident) => { { let _ = $record; true } };
    (@schema map $ty:ident) => { Some(<$ty<'static> as WireStruct<'static>>::schema()) };
    (@schema whole $ty:ident) => { None };
}

records! {
    /// `Register`: a node, service instance or check.
    REGISTER => Register RegisterRef map, |register| match (register.service.get()?, register.check.get()?) {
            (Some(service), _) => path(register.node.0, service.id.0),
            (None, Some(check)) => path(register.node.0, check.check_id.0),
            (None, None) => register.node.0.to_vec(),
        },
        SortKey::Unknown,
        None;
    /// `KVS`: a key and its value.
    KVS => Kv KvRef map, |kv| kv.key.0.to_vec(),
        SortKey::Exact(kv.key.0),
        indexes!(kv);
    /// `Tombstone`: a deleted key.
    TOMBSTONE => Tombstone KvRef map, |kv| kv.key.0.to_vec(),
        SortKey::Exact(kv.key.0),
        Some(Indexes { created: 0, modified: kv.modify_index });
    /// `Session`
    SESSION => Session SessionRef map, |session| session.id.0.to_vec(),
        SortKey::Folded(session.id.0),
        indexes!(session);
    /// `CoordinateBatchUpdate`: coordinates, one in all snapshots seen.
    COORDINATE_BATCH_UPDATE => Coordinates CoordinatesRef whole, |coordinates| match coordinates.iter().next().transpose()? {
            Some(Some(coordinate)) => coordinate.node.0.to_vec(),
            _ => Vec::new(),
        },
        match coordinates.iter().next().transpose()? {
            Some(Some(coordinate)) => SortKey::Pair(coordinate.node.0, coordinate.segment.0),
            _ => SortKey::Unknown,
        },
        None;
    /// `PreparedQuery`
    PREPARED_QUERY => PreparedQuery PreparedQueryRef map, |query| query.name.or_else(query.id).to_vec(),
        SortKey::Folded(query.id.0),
        indexes!(query);
    /// `ACL`: a token of the system before 1.4.
    ACL => LegacyAcl LegacyAclRef map, |acl| acl.as_token().called(),
        SortKey::Unknown,
        None;
    /// `ACLBootstrap`: whether the system before 1.4 has had its first management token.
    ACL_BOOTSTRAP => AclBootstrap AclBootstrapRef map, |record| Vec::new(),
        SortKey::Only,
        None;
    /// `Autopilot`
    AUTOPILOT => Autopilot AutopilotRef map, |record| Vec::new(),
        SortKey::Only,
        None;
    /// `Intention`: a legacy intention.
    INTENTION => Intention IntentionRef map, |intention| [intention.source_name.0, b" => ", intention.destination_name.0].concat(),
        SortKey::Folded(intention.id.0),
        indexes!(intention);
    /// `ConnectCA`: a root certificate.
    CONNECT_CA => CaRoot CaRootRef map, |root| root.id.0.to_vec(),
        SortKey::Folded(root.id.0),
        indexes!(root);
    /// `ConnectCAProviderState`
    CONNECT_CA_PROVIDER_STATE => CaProviderState CaProviderStateRef map, |state| state.id.0.to_vec(),
        SortKey::Folded(state.id.0),
        indexes!(state);
    /// `ConnectCAConfig`
    CONNECT_CA_CONFIG => CaConfig CaConfigRef map, |config| config.provider.0.to_vec(),
        SortKey::Only,
        indexes!(config);
    /// `Index`: a table's highest index.
    INDEX => Index IndexRef map, |index| index.key.0.to_vec(),
        SortKey::Folded(index.key.0),
        None;
    /// `ACLToken`
    ACL_TOKEN => AclToken AclTokenRef map, |token| token.called(),
        SortKey::Exact(token.secret_id.0),
        indexes!(token);
    /// `ACLPolicy`
    ACL_POLICY => AclPolicy AclPolicyRef map, |policy| policy.name.0.to_vec(),
        SortKey::Folded(policy.id.0),
        indexes!(policy);
    /// `ACLRole`
    ACL_ROLE => AclRole AclRoleRef map, |role| role.name.0.to_vec(),
        SortKey::Folded(role.id.0),
        indexes!(role);
    /// `ACLBindingRule`
    ACL_BINDING_RULE => AclBindingRule AclBindingRuleRef map, |rule| rule.id.0.to_vec(),
        SortKey::Folded(rule.id.0),
        indexes!(rule);
    /// `ACLAuthMethod`
    ACL_AUTH_METHOD => AclAuthMethod AclAuthMethodRef map, |method| method.name.0.to_vec(),
        SortKey::Folded(method.name.0),
        indexes!(method);
    /// `ConfigEntry`
    CONFIG_ENTRY => ConfigEntry ConfigEntryRef whole, |entry| path(entry.kind.0, entry.name().0),
        SortKey::Pair(entry.kind.0, entry.name().0),
        entry.indexes();
    /// `ChunkingState`
    CHUNKING_STATE => ChunkingState ChunkingStateRef map, |record| Vec::new(),
        SortKey::Unknown,
        None;
    /// `FeatureGate`
    FEATURE_GATE => FeatureGate FeatureGateRef map, |record| Vec::new(),
        SortKey::Unknown,
        None;
    /// `FederationState`
    FEDERATION_STATE => FederationState FederationStateRecordRef map, |record| match record.state.get()? {
            Some(state) => state.datacenter.0.to_vec(),
            None => record.datacenter.0.to_vec(),
        },
        match record.state.get()? {
            Some(state) => SortKey::Folded(state.datacenter.0),
            None => SortKey::Unknown,
        },
        record.state.get()?.map(|state| Indexes { created: state.create_index, modified: state.modify_index });
    /// `SystemMetadata`
    SYSTEM_METADATA => SystemMetadata SystemMetadataRef map, |metadata| metadata.key.0.to_vec(),
        SortKey::Folded(metadata.key.0),
        indexes!(metadata);
    /// `ServiceVirtualIP`
    SERVICE_VIRTUAL_IP => ServiceVirtualIp ServiceVirtualIpRef map, |ip| ip.service_name()?.to_vec(),
        SortKey::Pair(peer_key(ip.service.get()?.peer.0), ip.service_name()?),
        indexes!(ip);
    /// `FreeVirtualIP`
    FREE_VIRTUAL_IP => FreeVirtualIp FreeVirtualIpRef map, |record| Vec::new(),
        SortKey::Unknown,
        None;
    /// `Peering`
    PEERING => Peering PeeringRef whole, |peering| peering.name.0.to_vec(),
        SortKey::Folded(peering.name.0),
        indexes!(peering);
    /// `PeeringTrustBundle`
    PEERING_TRUST_BUNDLE => PeeringTrustBundle PeeringTrustBundleRef whole, |bundle| bundle.peer_name.0.to_vec(),
        SortKey::Folded(bundle.peer_name.0),
        indexes!(bundle);
    /// `PeeringSecret`
    PEERING_SECRET => PeeringSecret PeeringSecretRef whole, |secret| secret.peer_id.0.to_vec(),
        SortKey::Folded(secret.peer_id.0),
        None;
    /// `Resource`: an object of Consul's second catalog.
    RESOURCE => Resource ResourceRef whole, |resource| resource.name().0.to_vec(),
        SortKey::Unknown,
        None;
}

/// `FIRST/SECOND`
fn path(first: &[u8], second: &[u8]) -> Vec<u8> {
    [first, b"/", second].concat()
}

/// A whole record is never nil, so a value that reads as zero inside a struct is an error here.
fn map_of(value: Value<'_>) -> Result<Value<'_>, FieldError> {
    match value {
        Value::Map(_) => Ok(value),
        other => Err(wrong_class("a map", other)),
    }
}
