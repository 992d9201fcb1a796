//! Config entries: one record type, a kind for each entry.
//!
//! The record's body is one raw value. It holds the kind as text, then the request that wrote the
//! entry, of which a snapshot keeps only `Entry`. In a `proxy-defaults` entry, `Entry` is a nested
//! raw value that holds msgpack.

mod certificates;
mod defaults;
mod discovery;
mod gateways;
mod intentions;
mod jwt_provider;
mod mesh;
mod newer;
mod routes;
mod sharing;

pub use certificates::*;
pub use defaults::*;
pub use discovery::*;
pub use gateways::*;
pub use intentions::*;
pub use jwt_provider::*;
pub use mesh::*;
pub use newer::*;
pub use routes::*;
pub use sharing::*;

use super::sort_key::Indexes;
use crate::schema::{FieldError, Schema, Text, Wire, WireStruct, wrong_class};
use crate::version::VersionRange;
use crate::wire::{Cursor, Entries, Value};

/// A `ConfigEntry` record with its entry as stored.
#[derive(Debug, Clone, Copy)]
pub struct ConfigEntryRef<'a> {
    /// The kind, which precedes the request.
    pub kind: Text<'a>,
    /// The request's fields: `Datacenter`, `Entry`, `Op`, `Token`.
    pub request: Entries<'a>,
    /// The entry's fields; those of the inner value for `proxy-defaults`.
    pub entry: Value<'a>,
}

/// A row of the table of kinds of config entries.
#[derive(Debug, Clone, Copy)]
pub struct EntryKind {
    /// Its name, `service-defaults`.
    pub name: &'static str,
    /// The versions whose servers know it; others can't restore one.
    pub versions: VersionRange,
    /// Its fields.
    pub schema: fn() -> &'static Schema,
}

impl EntryKind {
    /// The row of a kind, if it is known.
    #[must_use]
    pub fn by_name(kind: &[u8]) -> Option<&'static Self> {
        ENTRY_KINDS.iter().find(|known| known.name.as_bytes() == kind)
    }
}

macro_rules! entry_kinds {
    ($($variant:ident $ty:ident $kind:literal $versions:expr;)*) => {
        /// A config entry of a kind that is known.
        #[derive(Debug, Clone, Copy)]
        #[non_exhaustive]
        #[allow(clippy::large_enum_variant)] // lives on the stack, one at a time
        pub enum EntryRef<'a> {
            $(
                #[doc = concat!("`", $kind, "`")]
                $variant($ty<'a>),
            )*
            /// A kind this version of snapscope doesn't know (Enterprise's, a newer one).
            Unknown(Value<'a>),
        }

        /// The kinds of config entries that are known, sorted by name.
        pub static ENTRY_KINDS: &[EntryKind] = &[$(EntryKind {
            name: $kind,
            versions: $versions,
            schema: <$ty<'static> as WireStruct<'static>>::schema,
        },)*];

        impl<'a> ConfigEntryRef<'a> {
            /// The typed entry.
            ///
            /// # Errors
            /// If a field has another type than declared.
            pub fn typed(&self) -> Result<EntryRef<'a>, FieldError> {
                Ok(match self.kind.0 {
                    $(kind if kind == $kind.as_bytes() => EntryRef::$variant(
                        <$ty<'a> as Wire<'a>>::read(self.entry).map_err(|e| e.inside("Entry", 0))?,
                    ),)*
                    _ => EntryRef::Unknown(self.entry),
                })
            }
        }
    };
}

// Source of the versions: `MakeConfigEntry` in agent/structs/config_entry.go of 1.6.0, 1.8.7 and
// the first release of each minor version from 1.9 to 1.16, 1.18.0 and 1.22.0; the changelog for
// 1.5 and 1.19 (GH-20873). None of these has the kinds of 2.0.
entry_kinds! {
    AiGateway AiGatewayEntryRef "ai-gateway" VersionRange::since(2, 0);
    ApiGateway ApiGatewayEntryRef "api-gateway" VersionRange::since(1, 15);
    BoundApiGateway BoundApiGatewayEntryRef "bound-api-gateway" VersionRange::since(1, 15);
    ExportedServices ExportedServicesEntryRef "exported-services" VersionRange::since(1, 11);
    FileSystemCertificate FileSystemCertificateEntryRef "file-system-certificate" VersionRange::since(1, 19);
    GlobalRateLimit RateLimitEntryRef "global-rate-limit" VersionRange::since(2, 0);
    HttpRoute HttpRouteEntryRef "http-route" VersionRange::since(1, 15);
    InferenceGateway InferenceGatewayEntryRef "inference-gateway" VersionRange::since(2, 0);
    IngressGateway IngressGatewayEntryRef "ingress-gateway" VersionRange::since(1, 8);
    InlineCertificate InlineCertificateEntryRef "inline-certificate" VersionRange::since(1, 15);
    JwtProvider JwtProviderEntryRef "jwt-provider" VersionRange::since(1, 16);
    Mesh MeshEntryRef "mesh" VersionRange::since(1, 10);
    ProxyDefaults ProxyDefaultsEntryRef "proxy-defaults" VersionRange::since(1, 5);
    RateLimit RateLimitEntryRef "rate-limit" VersionRange::since(2, 0);
    SamenessGroup SamenessGroupEntryRef "sameness-group" VersionRange::since(1, 16);
    ServiceDefaults ServiceDefaultsEntryRef "service-defaults" VersionRange::since(1, 5);
    ServiceIntentions ServiceIntentionsEntryRef "service-intentions" VersionRange::since(1, 9);
    ServiceResolver ServiceResolverEntryRef "service-resolver" VersionRange::since(1, 6);
    ServiceRouter ServiceRouterEntryRef "service-router" VersionRange::since(1, 6);
    ServiceSplitter ServiceSplitterEntryRef "service-splitter" VersionRange::since(1, 6);
    TcpRoute TcpRouteEntryRef "tcp-route" VersionRange::since(1, 15);
    TerminatingGateway TerminatingGatewayEntryRef "terminating-gateway" VersionRange::since(1, 8);
}

impl<'a> ConfigEntryRef<'a> {
    /// Opens the body of a `ConfigEntry` record.
    ///
    /// # Errors
    /// If the body is not raw bytes, or does not hold a kind and a request.
    pub fn read(body: Value<'a>) -> Result<Self, FieldError> {
        let Value::Raw(inner) = body else {
            return Err(wrong_class("raw bytes that hold a config entry", body));
        };
        let mut cursor = Cursor::new(inner);
        let kind = Text::read(cursor.value()?).map_err(|e| e.inside("Kind", 0))?;
        let request = match cursor.value()? {
            Value::Map(entries) => entries,
            other => return Err(wrong_class("a request around a config entry", other)),
        };
        let mut entry = request.find(b"Entry")?.unwrap_or(Value::Nil);
        if kind.0 == b"proxy-defaults"
            && let Value::Raw(encoded) = entry
        {
            entry = Value::read(encoded).map_err(|e| FieldError::from(e).inside("Entry", 0))?;
        }
        Ok(Self { kind, request, entry })
    }

    /// The fields of the entry's kind, if the kind is known.
    #[must_use]
    pub fn schema(&self) -> Option<&'static Schema> {
        entry_schema(self.kind.0)
    }

    /// A text field of the entry (`Name`, for one); empty if it has none.
    #[must_use]
    pub fn text(&self, field: &str) -> Text<'a> {
        match self.entry {
            Value::Map(entries) => match entries.find(field.as_bytes()) {
                Ok(Some(Value::Raw(text))) => Text(text),
                _ => Text(&[]),
            },
            _ => Text(&[]),
        }
    }

    /// The indexes of the entry, if it is a map.
    pub(crate) fn indexes(&self) -> Option<Indexes> {
        let Value::Map(entries) = self.entry else { return None };
        let number = |name: &str| match entries.find(name.as_bytes()) {
            Ok(Some(Value::Uint(n))) => n,
            _ => 0,
        };
        Some(Indexes { created: number("CreateIndex"), modified: number("ModifyIndex") })
    }

    /// The entry's [name](entry_name).
    #[must_use]
    pub fn name(&self) -> Text<'a> {
        Text(entry_name(self.kind.0, self.text("Name").0))
    }
}

/// The name of a config entry of a kind, which may be in its `Name` field. There is only one mesh entry, and it stores no
/// name: servers use its kind.
#[must_use]
pub fn entry_name<'a>(kind: &'a [u8], name: &'a [u8]) -> &'a [u8] {
    if kind == b"mesh" { kind } else { name }
}

/// The fields of a kind of config entry, if it is known.
#[must_use]
pub fn entry_schema(kind: &[u8]) -> Option<&'static Schema> {
    EntryKind::by_name(kind).map(|known| (known.schema)())
}
