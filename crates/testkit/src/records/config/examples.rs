//! The content of an example of each kind of config entry.

use super::super::connect::{ROOT_CERT, ROOT_KEY};
use crate::msgpack::{Val, structure, texts, user_map};
use crate::shapes::{ConsulVersion, build};

/// The fields of an entry.
type Fields = Vec<(&'static str, Val)>;

/// The fields of an example of that kind.
///
/// # Panics
/// If the kind is unknown.
pub(super) fn fields(version: ConsulVersion, config_kind: &str) -> Fields {
    match config_kind {
        "ingress-gateway" => ingress_gateway(version),
        "proxy-defaults" => proxy_defaults(),
        "service-defaults" => service_defaults(),
        "service-resolver" => service_resolver(version),
        "service-router" => service_router(version),
        "service-splitter" => service_splitter(version),
        "terminating-gateway" => terminating_gateway(version),
        "service-intentions" => service_intentions(version),
        "mesh" => mesh(version),
        "exported-services" => exported_services(version),
        "sameness-group" => sameness_group(version),
        "api-gateway" => api_gateway(version),
        "bound-api-gateway" => bound_api_gateway(version),
        "http-route" => http_route(version),
        "tcp-route" => tcp_route(version),
        "inline-certificate" => inline_certificate(),
        "file-system-certificate" => file_system_certificate(),
        "jwt-provider" => jwt_provider(version),
        other => panic!("unknown kind of config entry {other}"),
    }
}

fn one(version: ConsulVersion, struct_name: &str, fields: Vec<(&str, Val)>) -> Val {
    Val::Array(vec![build(struct_name, version, fields)])
}

fn reference(version: ConsulVersion, of: &str, name: &str) -> Val {
    build("ResourceReference", version, vec![("Kind", of.into()), ("Name", name.into())])
}

fn ingress_gateway(version: ConsulVersion) -> Fields {
    let services = one(
        version,
        "IngressService",
        vec![("Name", "web".into()), ("Hosts", texts(&["a.example.test"]))],
    );
    let listener =
        vec![("Port", 8080u64.into()), ("Protocol", "http".into()), ("Services", services)];
    vec![("Listeners", one(version, "IngressListener", listener))]
}

fn proxy_defaults() -> Fields {
    let config = Val::Map(vec![
        ("protocol".into(), "http".into()),
        ("local_connect_timeout_ms".into(), 1500.0.into()),
        (
            "nested".into(),
            Val::Map(vec![("list".into(), Val::Array(vec![1.0.into(), "x".into(), true.into()]))]),
        ),
    ]);
    vec![("Config", config), ("MeshGateway", structure([("Mode", "local".into())]))]
}

fn service_defaults() -> Fields {
    vec![("Protocol", "http".into()), ("MeshGateway", structure([("Mode", "remote".into())]))]
}

fn service_resolver(version: ConsulVersion) -> Fields {
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

fn service_router(version: ConsulVersion) -> Fields {
    let http = build("ServiceRouteHTTPMatch", version, vec![("PathPrefix", "/admin".into())]);
    let to =
        vec![("Service", "admin".into()), ("RetryOnStatusCodes", Val::Array(vec![502u64.into()]))];
    let route = vec![
        ("Match", build("ServiceRouteMatch", version, vec![("HTTP", http)])),
        ("Destination", build("ServiceRouteDestination", version, to)),
    ];
    vec![("Routes", one(version, "ServiceRoute", route))]
}

fn service_splitter(version: ConsulVersion) -> Fields {
    let split = |weight: f32, subset: &str| {
        build(
            "ServiceSplit",
            version,
            vec![("Weight", Val::F32(weight)), ("ServiceSubset", subset.into())],
        )
    };
    vec![("Splits", Val::Array(vec![split(90.5, "v1"), split(9.5, "v2")]))]
}

fn terminating_gateway(version: ConsulVersion) -> Fields {
    let service = vec![
        ("Name", "legacy".into()),
        ("CAFile", "/etc/ca.pem".into()),
        ("SNI", "legacy.test".into()),
    ];
    vec![("Services", one(version, "LinkedService", service))]
}

fn service_intentions(version: ConsulVersion) -> Fields {
    let source = vec![
        ("Name", "web".into()),
        ("Action", "allow".into()),
        ("Precedence", 9u64.into()),
        ("Type", "consul".into()),
    ];
    vec![
        ("Sources", one(version, "SourceIntention", source)),
        ("Meta", user_map(&[("why", "test")])),
    ]
}

fn mesh(version: ConsulVersion) -> Fields {
    let tls = build("MeshDirectionalTLSConfig", version, vec![("TLSMinVersion", "TLSv1_2".into())]);
    vec![("TLS", build("MeshTLSConfig", version, vec![("Incoming", tls)]))]
}

fn exported_services(version: ConsulVersion) -> Fields {
    let to = one(version, "ServiceConsumer", vec![("Peer", "dc2".into())]);
    vec![(
        "Services",
        one(version, "ExportedService", vec![("Name", "web".into()), ("Consumers", to)]),
    )]
}

fn sameness_group(version: ConsulVersion) -> Fields {
    vec![
        ("IncludeLocal", true.into()),
        ("Members", one(version, "SamenessGroupMember", vec![("Peer", "dc2".into())])),
    ]
}

fn api_gateway(version: ConsulVersion) -> Fields {
    let listener =
        vec![("Name", "http".into()), ("Port", 8088u64.into()), ("Protocol", "http".into())];
    vec![("Listeners", one(version, "APIGatewayListener", listener))]
}

fn bound_api_gateway(version: ConsulVersion) -> Fields {
    let routes = Val::Array(vec![reference(version, "http-route", "route")]);
    let listener = vec![("Name", "http".into()), ("Routes", routes.clone())];
    // A map keyed by a map: the service's name with (in Enterprise) its namespace and partition.
    let services = Val::Map(vec![(structure([("Name", "web".into())]), routes)]);
    vec![("Listeners", one(version, "BoundAPIGatewayListener", listener)), ("Services", services)]
}

fn http_route(version: ConsulVersion) -> Fields {
    let service =
        one(version, "HTTPService", vec![("Name", "web".into()), ("Weight", 1u64.into())]);
    vec![
        ("Parents", Val::Array(vec![reference(version, "api-gateway", "gateway")])),
        ("Rules", one(version, "HTTPRouteRule", vec![("Services", service)])),
        ("Hostnames", texts(&["a.example.test"])),
    ]
}

fn tcp_route(version: ConsulVersion) -> Fields {
    vec![
        ("Parents", Val::Array(vec![reference(version, "api-gateway", "gateway")])),
        ("Services", one(version, "TCPService", vec![("Name", "db".into())])),
    ]
}

fn inline_certificate() -> Fields {
    vec![("Certificate", ROOT_CERT.into()), ("PrivateKey", ROOT_KEY.into())]
}

fn file_system_certificate() -> Fields {
    vec![("Certificate", "/etc/tls/cert.pem".into()), ("PrivateKey", "/etc/tls/key.pem".into())]
}

fn jwt_provider(version: ConsulVersion) -> Fields {
    let remote = build("RemoteJWKS", version, vec![("URI", "https://issuer.example/jwks".into())]);
    let keys = build("JSONWebKeySet", version, vec![("Remote", remote)]);
    vec![("JSONWebKeySet", keys), ("Issuer", "https://issuer.example".into())]
}
