//! The mesh: intentions, proxies, gateways, identities.

use super::resources::{identity, traffic};
use super::{Case, V, entry, id, list, of};
use snapscope_testkit::Val;
use snapscope_testkit::msgpack::structure;
use snapscope_testkit::records::{Record, config, connect};

pub(super) fn cases() -> Vec<Case> {
    vec![
        ("MESH001", of(vec![intention("*", "*", "allow")]), of(vec![intention("*", "*", "deny")])),
        (
            "MESH002",
            of(vec![intention("*", "web", "allow")]),
            of(vec![intention("*", "web", "deny")]),
        ),
        (
            "MESH003",
            of(vec![intention("web", "*", "allow")]),
            of(vec![intention("web", "api", "allow")]),
        ),
        (
            "MESH004",
            of(vec![source(true)]),
            of(vec![source(true), config::entry(V, "jwt-provider", "okta", vec![], 10)]),
        ),
        (
            "MESH005",
            of(vec![mesh("AllowEnablingPermissiveMutualTLS", true.into())]),
            of(vec![mesh("AllowEnablingPermissiveMutualTLS", false.into())]),
        ),
        (
            "MESH006",
            of(vec![entry("service-defaults", vec![("MutualTLSMode", "permissive".into())])]),
            of(vec![entry("service-defaults", vec![("MutualTLSMode", "strict".into())])]),
        ),
        ("MESH011", of(vec![identity("web")]), of(vec![identity("web"), traffic("web", "api", 2)])),
        (
            "MESH012",
            of(vec![identity("web"), traffic("api", "web", 2)]),
            of(vec![identity("web"), traffic("web", "api", 2)]),
        ),
        ("MESH007", of(vec![ingress("*")]), of(vec![ingress("web")])),
        ("MESH008", of(vec![tls("TLSv1_1")]), of(vec![tls("TLSv1_2")])),
        ("MESH009", of(vec![paths(true)]), of(vec![paths(false)])),
        (
            "MESH010",
            of(vec![intention("web", "api", "allow")]),
            of(vec![intention("web", "api", "allow"), intention("*", "*", "deny")]),
        ),
    ]
}

fn source(jwt: bool) -> Record {
    let provider = structure([("Name", "okta".into())]);
    let jwt = if jwt { structure([("Providers", list(provider))]) } else { Val::Nil };
    entry("service-intentions", vec![("JWT", jwt)])
}

fn mesh(field: &'static str, value: Val) -> Record {
    entry("mesh", vec![(field, value)])
}

fn tls(version: &str) -> Record {
    let direction = structure([("TLSMinVersion", version.into())]);
    mesh("TLS", structure([("Incoming", direction)]))
}

fn paths(insecure: bool) -> Record {
    let normalization = structure([("InsecureDisablePathNormalization", insecure.into())]);
    let incoming = structure([("RequestNormalization", normalization)]);
    mesh("HTTP", structure([("Incoming", incoming)]))
}

fn ingress(name: &str) -> Record {
    let service = structure([("Name", name.into())]);
    entry(
        "ingress-gateway",
        vec![("Listeners", list(structure([("Port", 80u64.into()), ("Services", list(service))])))],
    )
}

fn intention(source: &str, destination: &str, action: &str) -> Record {
    connect::intention(V, &id(1), source, destination, action, 10)
}
