//! Fields that may hold a credential, and which parts of an object may be shown without being
//! requested.
//!
//! One table for all objects: it names fields by the struct or message in which they are declared,
//! so a field counts wherever an object contains it, at any depth. Anything without a declaration
//! (settings of proxies, auth methods and CAs, fields of newer versions) counts as a credential
//! unless its name is known to be [harmless](is_harmless).

use super::harmless::{has_harmless_members, is_harmless};
use crate::filter::Shape;

/// What a declared field may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Credential {
    /// All texts in it are credentials.
    All,
    /// Its members are, unless their names are known to be harmless.
    Members,
}

use Credential::{All, Members};

type Row = (&'static str, &'static [(&'static str, Credential)]);

/// The fields of each struct and message by their names in JSON. Sorted by struct.
///
/// Certificates are public and not listed. Private keys stored with them are recognised by their
/// form. Fields declared as any value need no row.
static FIELDS: &[Row] = &[
    ("ACL", &[("ID", All)]),
    ("ACLToken", &[("SecretID", All)]),
    // Other data that probes send or run.
    ("CheckType", &[("Body", All), ("Header", Members), ("ScriptArgs", All)]),
    ("ChunkInfo", &[("Data", All)]),
    ("ConfigEntryRequest", &[("Token", All)]),
    ("ConnectCA", &[("SigningKey", All)]),
    ("ConnectCAConfig", &[("State", Members)]),
    ("ConnectCAProviderState", &[("PrivateKey", All)]),
    ("Establishment", &[("SecretID", All)]),
    ("ExtProcMetadataKV", &[("Value", All)]),
    ("FederationStateRequest", &[("Token", All)]),
    ("GatewayServiceCredential", &[("BindingID", All)]),
    ("HTTPHeaderFilter", &[("Add", Members), ("Set", Members)]),
    ("HTTPHeaderMatch", &[("Value", All)]),
    ("HTTPHeaderModifiers", &[("Add", Members), ("Set", Members)]),
    ("HTTPQueryMatch", &[("Value", All)]),
    ("HealthCheckDefinition", &[("Body", All), ("Header", Members), ("ScriptArgs", All)]),
    (
        "IntentionHTTPHeaderPermission",
        &[("Contains", All), ("Exact", All), ("Prefix", All), ("Regex", All), ("Suffix", All)],
    ),
    ("IntentionJWTClaimVerification", &[("Value", All)]),
    // They may be symmetric keys, which only reading them would show.
    ("LocalJWKS", &[("JWKS", All)]),
    ("PreparedQuery", &[("Token", All)]),
    ("Register", &[("Token", All)]),
    ("ServiceDefinition", &[("Token", All)]),
    ("ServiceDefinitionConnectProxy", &[("Command", All)]),
    (
        "ServiceRouteHTTPMatchHeader",
        &[("Exact", All), ("Prefix", All), ("Regex", All), ("Suffix", All)],
    ),
    ("ServiceRouteHTTPMatchQueryParam", &[("Exact", All), ("Regex", All)]),
    ("Stream", &[("ActiveSecretID", All), ("PendingSecretID", All)]),
    ("UpstreamConfig", &[("EnvoyClusterJSON", All), ("EnvoyListenerJSON", All)]),
    ("file-system-certificate", &[("PrivateKey", All)]),
    (
        "hashicorp.consul.auth.v2beta1.DestinationRuleHeader",
        &[("exact", All), ("prefix", All), ("regex", All), ("suffix", All)],
    ),
    ("hashicorp.consul.catalog.v1alpha1.HTTPCheck", &[("body", All), ("header", Members)]),
    ("hashicorp.consul.hcp.v2.Link", &[("clientSecret", All)]),
    ("hashicorp.consul.hcp.v2.TelemetryState", &[("clientSecret", All)]),
    ("hashicorp.consul.mesh.v1alpha1.BootstrapConfig", BOOTSTRAP),
    ("hashicorp.consul.mesh.v1alpha1.DynamicConfig", DYNAMIC),
    ("hashicorp.consul.mesh.v2beta1.BootstrapConfig", BOOTSTRAP),
    ("hashicorp.consul.mesh.v2beta1.DynamicConfig", DYNAMIC),
    ("hashicorp.consul.mesh.v2beta1.GRPCHeaderMatch", &[("value", All)]),
    ("hashicorp.consul.mesh.v2beta1.HTTPHeader", &[("value", All)]),
    ("hashicorp.consul.mesh.v2beta1.HTTPHeaderMatch", &[("value", All)]),
    ("hashicorp.consul.mesh.v2beta1.HTTPQueryParamMatch", &[("value", All)]),
    ("hashicorp.consul.mesh.v2beta1.pbproxystate.Cluster", &[("escapeHatchClusterJson", All)]),
    (
        "hashicorp.consul.mesh.v2beta1.pbproxystate.DestinationRuleHeader",
        &[("exact", All), ("prefix", All), ("regex", All), ("suffix", All)],
    ),
    ("hashicorp.consul.mesh.v2beta1.pbproxystate.EscapeHatches", &[("listenerTracingJson", All)]),
    ("hashicorp.consul.mesh.v2beta1.pbproxystate.Header", &[("value", All)]),
    (
        "hashicorp.consul.mesh.v2beta1.pbproxystate.HeaderMatch",
        &[("exact", All), ("prefix", All), ("regex", All), ("suffix", All)],
    ),
    ("hashicorp.consul.mesh.v2beta1.pbproxystate.LeafCertificate", &[("key", All)]),
    ("hashicorp.consul.mesh.v2beta1.pbproxystate.Listener", &[("escapeHatchListener", All)]),
    (
        "hashicorp.consul.mesh.v2beta1.pbproxystate.QueryParameterMatch",
        &[("exact", All), ("regex", All)],
    ),
    ("inline-certificate", &[("PrivateKey", All)]),
];

/// Configuration of Envoy as texts.
const BOOTSTRAP: &[(&str, Credential)] = &[
    ("overrideJsonTpl", All),
    ("staticClustersJson", All),
    ("staticListenersJson", All),
    ("statsConfigJson", All),
    ("statsSinksJson", All),
    ("tracingConfigJson", All),
];
const DYNAMIC: &[(&str, Credential)] =
    &[("listenerTracingJson", All), ("localClusterJson", All), ("publicListenerJson", All)];

/// For each first byte, the lengths of the fields in the table. Few fields of an object are in it.
static LENGTHS: [u64; 256] = {
    let mut lengths = [0; 256];
    let mut row = 0;
    while row < FIELDS.len() {
        let fields = FIELDS[row].1;
        let mut at = 0;
        while at < fields.len() {
            let name = fields[at].0.as_bytes();
            lengths[name[0] as usize] |= 1 << name.len();
            at += 1;
        }
        row += 1;
    }
    lengths
};

/// What a field of a struct or message may hold.
fn credential(owner: &str, field: &[u8]) -> Option<Credential> {
    let lengths = field.first().map_or(0, |first| LENGTHS[usize::from(*first)]);
    if lengths.checked_shr(u32::try_from(field.len()).ok()?)? & 1 == 0 {
        return None;
    }
    let at = FIELDS.binary_search_by(|(name, _)| (*name).cmp(owner)).ok()?;
    let (_, fields) = FIELDS.get(at)?;
    fields.iter().find(|(name, _)| name.as_bytes() == field).map(|(_, holds)| *holds)
}

/// What a field of this shape may hold.
fn credential_in(shape: &Shape, field: &[u8]) -> Option<Credential> {
    match shape {
        Shape::Struct(schema) => credential(schema.name, field),
        Shape::Message(schema, _) => credential(schema.name, field),
        Shape::List(of) | Shape::With(_, of) => credential_in(of, field),
        // The shape does not show which of them it is.
        Shape::OneOf(shapes) => {
            let held = || shapes.iter().filter_map(|shape| credential_in(shape, field));
            held().find(|holds| *holds == All).or_else(|| held().next())
        }
        _ => None,
    }
}

/// How much of a value in an object may be shown, determined on the path from the object to the
/// value.
#[derive(Debug, Clone)]
pub struct Disclosure(Way);

#[derive(Debug, Clone)]
enum Way {
    /// A declared value that holds no credential itself, though fields in it may.
    Declared(Shape),
    /// Settings chosen by users; whether the name before it is known to be harmless.
    Settings { harmless: bool },
    /// Nothing in it may be shown.
    Secret,
    /// The names in it reveal nothing about their values.
    Harmless,
}

impl Disclosure {
    /// For an object of this shape.
    #[must_use]
    pub const fn of(shape: Shape) -> Self {
        Self(Way::Declared(shape))
    }

    /// For a value that is a secret as a whole.
    #[must_use]
    pub const fn secret() -> Self {
        Self(Way::Secret)
    }

    /// For a value in which only text that looks like a secret is one.
    #[must_use]
    pub const fn harmless() -> Self {
        Self(Way::Harmless)
    }

    /// For a member of the value, by its shown or stored name; for a list, for a member of its
    /// items.
    #[must_use]
    pub fn member(&self, name: &[u8]) -> Self {
        Self(match &self.0 {
            Way::Secret => Way::Secret,
            Way::Harmless => Way::Harmless,
            Way::Settings { .. } => setting(name),
            Way::Declared(shape) => match shape.through_lists() {
                Shape::Any => setting(name),
                Shape::Map(of) if !matches!(**of, Shape::Any) => Way::Declared((**of).clone()),
                Shape::Map(_) => setting(name),
                shape => declared(shape, name),
            },
        })
    }

    /// Whether a text there is always a credential, whatever its form.
    #[must_use]
    pub fn hides_text(&self) -> bool {
        match &self.0 {
            Way::Secret | Way::Settings { harmless: false } => true,
            Way::Settings { harmless: true } | Way::Harmless => false,
            Way::Declared(shape) => matches!(shape.through_lists(), Shape::Any),
        }
    }
}

fn setting(name: &[u8]) -> Way {
    match is_harmless(name) {
        false => Way::Secret,
        true if has_harmless_members(name) => Way::Harmless,
        true => Way::Settings { harmless: true },
    }
}

fn declared(shape: &Shape, name: &[u8]) -> Way {
    match credential_in(shape, name) {
        Some(All) => Way::Secret,
        Some(Members) => Way::Settings { harmless: false },
        // No known version has such a field, so nothing is known about it.
        None => {
            let known = shape.member(name).or_else(|| shape.stored_member(name));
            known.map_or(Way::Secret, Way::Declared)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::{BARE_KINDS, KINDS};
    use snapscope_decode::Kind;
    use snapscope_decode::protobuf::{MessageClass, MessageSchema};
    use snapscope_decode::records::{
        ENTRY_KINDS, PEERING, PEERING_SECRET, PEERING_TRUST_BUNDLE, RESOURCE, RESOURCE_TYPES,
        record_schema,
    };
    use snapscope_decode::schema::{Class, Schema};
    use std::collections::BTreeSet;

    type Declared = BTreeSet<(&'static str, &'static str)>;

    fn of_class(class: &'static Class, seen: &mut Declared) {
        match class {
            Class::Struct(inner) => of_schema(inner(), seen),
            Class::Optional(of)
            | Class::List(of)
            | Class::Map(of)
            | Class::NumberMap(of)
            | Class::NameMap(of) => of_class(of, seen),
            _ => {}
        }
    }

    fn of_schema(schema: &'static Schema, seen: &mut Declared) {
        for field in schema.fields {
            if seen.insert((schema.name, field.json)) {
                of_class(field.class, seen);
            }
        }
    }

    fn of_message(schema: &'static MessageSchema, seen: &mut Declared) {
        for field in schema.fields {
            if seen.insert((schema.name, field.json)) {
                let mut class = &field.class;
                while let MessageClass::Map(of) | MessageClass::Wrapped(of) = class {
                    class = of;
                }
                if let MessageClass::Message(inner) = class {
                    of_message(inner, seen);
                }
            }
        }
    }

    fn declared() -> Declared {
        let mut seen = Declared::new();
        (0..=u8::MAX)
            .filter_map(|number| record_schema(Kind(number)))
            .for_each(|schema| of_schema(schema, &mut seen));
        ENTRY_KINDS.iter().for_each(|kind| of_schema((kind.schema)(), &mut seen));
        for message in [&PEERING, &PEERING_SECRET, &PEERING_TRUST_BUNDLE, &RESOURCE] {
            of_message(message, &mut seen);
        }
        RESOURCE_TYPES.iter().for_each(|known| of_message(known.message, &mut seen));
        seen.insert(("ConfigEntryRequest", "Token"));
        seen
    }

    #[test]
    fn the_table_is_of_declared_fields_and_sorted() {
        assert!(FIELDS.is_sorted_by(|a, b| a.0 < b.0));
        let declared = declared();
        for (owner, fields) in FIELDS {
            for (field, _) in *fields {
                assert!(declared.contains(&(*owner, *field)), "{owner}.{field}");
            }
        }
    }

    /// Fields whose names indicate a secret are in the table, or listed here with a reason.
    #[test]
    fn no_field_that_is_called_a_secret_is_left_out() {
        let harmless = [
            // An identity, of which the type is named.
            ("ConnectCA", "SigningKeyID"),
            ("ConnectCA", "PrivateKeyType"),
            ("ConnectCA", "PrivateKeyBits"),
            ("ACLAuthMethod", "MaxTokenTTL"),
            ("ACLAuthMethod", "TokenLocality"),
            // What leads to them.
            ("terminating-gateway", "CredentialInjection"),
            ("LinkedService", "Credential"),
            // A path on the gateway's disk.
            ("LinkedService", "KeyFile"),
            ("hashicorp.consul.mesh.v2beta1.pbproxystate.OutboundNonMeshTLS", "keyFile"),
            // Names of certificates that are elsewhere.
            ("hashicorp.consul.mesh.v2beta1.pbproxystate.InboundMeshMTLS", "identityKey"),
            ("hashicorp.consul.mesh.v2beta1.pbproxystate.InboundNonMeshTLS", "leafKey"),
            ("hashicorp.consul.mesh.v2beta1.pbproxystate.OutboundMeshMTLS", "identityKey"),
            // Names of keys, headers, peers and tables.
            ("ExtProcMetadataKV", "Key"),
            ("Index", "Key"),
            ("KVS", "Key"),
            ("SystemMetadata", "Key"),
            ("jwt-provider", "JSONWebKeySet"),
            ("hashicorp.consul.mesh.v2beta1.pbproxystate.Header", "key"),
            ("hashicorp.consul.mesh.v2beta1.pbproxystate.RequestHeaderRemove", "headerKeys"),
            ("hashicorp.consul.mesh.v2beta1.pbproxystate.ResponseHeaderRemove", "headerKeys"),
            (
                "hashicorp.consul.mesh.v2beta1.pbproxystate.MeshInboundValidationContext",
                "trustBundlePeerNameKeys",
            ),
            (
                "hashicorp.consul.mesh.v2beta1.pbproxystate.MeshOutboundValidationContext",
                "trustBundlePeerNameKey",
            ),
        ];
        let words = ["secret", "token", "password", "credential", "key"];
        for (owner, field) in declared() {
            let name = field.to_ascii_lowercase();
            let telling = words.iter().any(|word| name.contains(word));
            let known = credential(owner, field.as_bytes()).is_some();
            assert!(!telling || known || harmless.contains(&(owner, field)), "{owner}.{field}");
        }
    }

    fn hidden(kind: &str, path: &str) -> bool {
        let mut kinds = KINDS.iter().chain(BARE_KINDS);
        let kind = kinds.find(|row| row.object == Some(kind)).expect("an object");
        let way = path
            .split('.')
            .fold(Disclosure::of(kind.shape()), |way, name| way.member(name.as_bytes()));
        way.hides_text()
    }

    #[test]
    fn credentials_are_hidden_wherever_an_object_holds_them() {
        for (kind, path) in [
            ("token", "SecretID"),
            ("auth-method", "Config.ServiceAccountJWT"),
            ("auth-method", "Config.Unheard.Of"),
            ("ca-config", "Config.AccessKeyID"),
            ("ca-config", "Config.AuthMethod.Params.role_id"),
            ("ca-config", "State.anything"),
            ("service", "ServiceProxy.Config.envoy_tracing_json"),
            ("service", "ServiceProxy.Upstreams.Config.x"),
            ("service", "ServiceConnect.SidecarService.Proxy.Config.x"),
            ("service", "ServiceConnect.SidecarService.Checks.Header.X-Api-Key"),
            ("service", "ServiceConnect.Proxy.Command"),
            ("service", "ServiceFromTheFuture"),
            ("check", "Definition.Header.X-Api-Key"),
            ("check", "Definition.ScriptArgs"),
            ("federation-state", "MeshGateways.Checks.Definition.Header.X-Api-Key"),
            ("intention", "Permissions.HTTP.Header.Exact"),
            ("intention", "Permissions.JWT.Providers.VerifyClaims.Value"),
            ("peering-secret", "stream.PendingSecretID"),
            ("resource", "data.clientSecret"),
            ("resource", "data.opaqueConfig.x"),
            ("chunking-state", "ChunkMap.7.Data"),
            ("kv", "Newer"),
        ] {
            assert!(hidden(kind, path), "{kind} {path}");
        }
        let route = |path: &str| {
            let way = Disclosure::of(Shape::resource(b"mesh.v2beta1.HTTPRoute"));
            path.split('.').fold(way, |way, name| way.member(name.as_bytes())).hides_text()
        };
        assert!(route("data.rules.matches.headers.value") && route("data.rules.unheard.of"));
        assert!(!route("data.rules.matches.path.value") && !route("id.name"));
        for (kind, path) in [
            ("token", "AccessorID"),
            ("auth-method", "Config.Host"),
            ("auth-method", "Config.ClaimMappings.first_name"),
            ("ca-config", "Config.AuthMethod.MountPath"),
            ("ca-config", "Provider"),
            ("service", "ServiceMeta.version"),
            ("service", "ServiceProxy.Config.protocol"),
            ("check", "Definition.Header.Content-Type"),
            ("check", "Definition.HTTP"),
            ("kv", "Key"),
        ] {
            assert!(!hidden(kind, path), "{kind} {path}");
        }
    }
}
