//! Config entries: one raw value that holds the kind, then the request map around the entry.

use super::{Record, kind};
use crate::msgpack::{Val, put_raw, structure, texts, user_map};
use crate::shapes::{ConsulVersion, build};

/// The kinds 1.8.7 knows.
pub const KINDS_1_8_7: [&str; 7] = [
    "ingress-gateway",
    "proxy-defaults",
    "service-defaults",
    "service-resolver",
    "service-router",
    "service-splitter",
    "terminating-gateway",
];

/// The kinds 1.21.4 knows.
pub const KINDS_1_21_4: [&str; 18] = [
    "api-gateway",
    "bound-api-gateway",
    "exported-services",
    "file-system-certificate",
    "http-route",
    "ingress-gateway",
    "inline-certificate",
    "jwt-provider",
    "mesh",
    "proxy-defaults",
    "sameness-group",
    "service-defaults",
    "service-intentions",
    "service-resolver",
    "service-router",
    "service-splitter",
    "tcp-route",
    "terminating-gateway",
];

/// A config entry whose stored struct is `entry`.
#[must_use]
pub fn wrap(config_kind: &str, entry: &Val) -> Record {
    // proxy-defaults writes itself through a marshaller of its own, which nests it once more.
    let entry =
        if config_kind == "proxy-defaults" { Val::Raw(entry.bytes()) } else { entry.clone() };
    let request = structure([
        ("Datacenter", "".into()),
        ("Entry", entry),
        ("Op", "".into()),
        ("Token", "".into()),
    ]);
    let mut inner = Vec::new();
    put_raw(&mut inner, config_kind.as_bytes());
    request.encode(&mut inner);
    Record::new(kind::CONFIG_ENTRY, Val::Raw(inner))
}

/// A config entry with the given fields; the others are zero. Kind and indexes are filled in where stored.
#[must_use]
pub fn entry(
    version: ConsulVersion,
    config_kind: &str,
    name: &str,
    mut fields: Vec<(&str, Val)>,
    index: u64,
) -> Record {
    // These three keep no kind, and a mesh has no name either.
    if !matches!(config_kind, "mesh" | "exported-services" | "sameness-group") {
        fields.push(("Kind", config_kind.into()));
    }
    if config_kind != "mesh" {
        fields.push(("Name", name.into()));
    }
    fields.push(("CreateIndex", index.into()));
    fields.push(("ModifyIndex", index.into()));
    wrap(config_kind, &build(config_kind, version, fields))
}

/// An entry of that kind with enough in it to be worth reading.
///
/// # Panics
/// When the kind is unknown.
#[must_use]
pub fn example(version: ConsulVersion, config_kind: &str, name: &str, index: u64) -> Record {
    let one = |struct_name: &str, fields: Vec<(&str, Val)>| {
        Val::Array(vec![build(struct_name, version, fields)])
    };
    let reference = |of: &str, name: &str| {
        build("ResourceReference", version, vec![("Kind", of.into()), ("Name", name.into())])
    };
    let fields: Vec<(&str, Val)> = match config_kind {
        "ingress-gateway" => {
            let services = one(
                "IngressService",
                vec![("Name", "web".into()), ("Hosts", texts(&["a.example.test"]))],
            );
            let listener =
                vec![("Port", 8080u64.into()), ("Protocol", "http".into()), ("Services", services)];
            vec![("Listeners", one("IngressListener", listener))]
        }
        "proxy-defaults" => {
            let config = Val::Map(vec![
                ("protocol".into(), "http".into()),
                ("local_connect_timeout_ms".into(), 1500.0.into()),
                (
                    "nested".into(),
                    Val::Map(vec![(
                        "list".into(),
                        Val::Array(vec![1.0.into(), "x".into(), true.into()]),
                    )]),
                ),
            ]);
            vec![("Config", config), ("MeshGateway", structure([("Mode", "local".into())]))]
        }
        "service-defaults" => {
            vec![
                ("Protocol", "http".into()),
                ("MeshGateway", structure([("Mode", "remote".into())])),
            ]
        }
        "service-resolver" => {
            let subset = build(
                "ServiceResolverSubset",
                version,
                vec![("Filter", "Service.Meta.version == v1".into())],
            );
            vec![
                ("DefaultSubset", "v1".into()),
                ("Subsets", Val::Map(vec![("v1".into(), subset)])),
                ("ConnectTimeout", 5_000_000_000u64.into()),
            ]
        }
        "service-router" => {
            let http =
                build("ServiceRouteHTTPMatch", version, vec![("PathPrefix", "/admin".into())]);
            let to = vec![
                ("Service", "admin".into()),
                ("RetryOnStatusCodes", Val::Array(vec![502u64.into()])),
            ];
            let route = vec![
                ("Match", build("ServiceRouteMatch", version, vec![("HTTP", http)])),
                ("Destination", build("ServiceRouteDestination", version, to)),
            ];
            vec![("Routes", one("ServiceRoute", route))]
        }
        "service-splitter" => {
            let split = |weight: f32, subset: &str| {
                build(
                    "ServiceSplit",
                    version,
                    vec![("Weight", Val::F32(weight)), ("ServiceSubset", subset.into())],
                )
            };
            vec![("Splits", Val::Array(vec![split(90.5, "v1"), split(9.5, "v2")]))]
        }
        "terminating-gateway" => {
            let service = vec![
                ("Name", "legacy".into()),
                ("CAFile", "/etc/ca.pem".into()),
                ("SNI", "legacy.test".into()),
            ];
            vec![("Services", one("LinkedService", service))]
        }
        "service-intentions" => {
            let source = vec![
                ("Name", "web".into()),
                ("Action", "allow".into()),
                ("Precedence", 9u64.into()),
                ("Type", "consul".into()),
            ];
            vec![
                ("Sources", one("SourceIntention", source)),
                ("Meta", user_map(&[("why", "test")])),
            ]
        }
        "mesh" => {
            let tls = build(
                "MeshDirectionalTLSConfig",
                version,
                vec![("TLSMinVersion", "TLSv1_2".into())],
            );
            vec![("TLS", build("MeshTLSConfig", version, vec![("Incoming", tls)]))]
        }
        "exported-services" => {
            let to = one("ServiceConsumer", vec![("Peer", "dc2".into())]);
            vec![(
                "Services",
                one("ExportedService", vec![("Name", "web".into()), ("Consumers", to)]),
            )]
        }
        "sameness-group" => {
            vec![
                ("IncludeLocal", true.into()),
                ("Members", one("SamenessGroupMember", vec![("Peer", "dc2".into())])),
            ]
        }
        "api-gateway" => {
            let listener = vec![
                ("Name", "http".into()),
                ("Port", 8088u64.into()),
                ("Protocol", "http".into()),
            ];
            vec![("Listeners", one("APIGatewayListener", listener))]
        }
        "bound-api-gateway" => {
            let routes = Val::Array(vec![reference("http-route", "route")]);
            let listener = vec![("Name", "http".into()), ("Routes", routes.clone())];
            // A map keyed by a map: the service's name with (in Enterprise) its namespace and partition.
            let services = Val::Map(vec![(structure([("Name", "web".into())]), routes)]);
            vec![("Listeners", one("BoundAPIGatewayListener", listener)), ("Services", services)]
        }
        "http-route" => {
            let service = one("HTTPService", vec![("Name", "web".into()), ("Weight", 1u64.into())]);
            vec![
                ("Parents", Val::Array(vec![reference("api-gateway", "gateway")])),
                ("Rules", one("HTTPRouteRule", vec![("Services", service)])),
                ("Hostnames", texts(&["a.example.test"])),
            ]
        }
        "tcp-route" => vec![
            ("Parents", Val::Array(vec![reference("api-gateway", "gateway")])),
            ("Services", one("TCPService", vec![("Name", "db".into())])),
        ],
        "inline-certificate" => vec![
            ("Certificate", super::connect::ROOT_CERT.into()),
            ("PrivateKey", super::connect::ROOT_KEY.into()),
        ],
        "file-system-certificate" => {
            vec![
                ("Certificate", "/etc/tls/cert.pem".into()),
                ("PrivateKey", "/etc/tls/key.pem".into()),
            ]
        }
        "jwt-provider" => {
            let remote =
                build("RemoteJWKS", version, vec![("URI", "https://issuer.example/jwks".into())]);
            let keys = build("JSONWebKeySet", version, vec![("Remote", remote)]);
            vec![("JSONWebKeySet", keys), ("Issuer", "https://issuer.example".into())]
        }
        other => panic!("no config entry is of kind {other}"),
    };
    entry(version, config_kind, name, fields, index)
}
