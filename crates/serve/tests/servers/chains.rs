//! Discovery chains of random config entries, including incompatible ones: a running server and the
//! served snapshot compile the same chains, or refuse them with the same errors.

use crate::served;
use serde_json::Value;
use snapscope_archive::Source;
use snapscope_decode::ServerVersion;
use snapscope_serve::Settings;
use snapscope_testkit::http::request;
use snapscope_testkit::msgpack::Val;
use snapscope_testkit::random::{SplitMix64, uuid};
use snapscope_testkit::records::{Record, acl, config, connect};
use snapscope_testkit::shapes::build;
use snapscope_testkit::{ConsulServer, ConsulVersion, SnapshotSpec};
use std::net::SocketAddr;

const VERSION: ConsulVersion = ConsulVersion::V1_8_7;
const SERVICES: [&str; 6] = ["api", "db", "ext", "shop", "web", "web-2"];
const SUBSETS: [&str; 3] = ["", "v1", "v2"];
const DATACENTERS: [&str; 3] = ["", "dc1", "dc2"];
const MODES: [&str; 4] = ["", "none", "local", "remote"];

/// The requests for each service, besides the plain one.
const OVERRIDES: [&str; 4] = [
    r#"{"OverrideProtocol": "tcp"}"#,
    r#"{"OverrideProtocol": "grpc", "OverrideConnectTimeout": "5s"}"#,
    r#"{"OverrideConnectTimeout": "7s", "OverrideMeshGateway": {"Mode": "remote"}}"#,
    r#"{"OverrideMeshGateway": {"Mode": "nope"}}"#,
];

#[test]
fn chains_are_those_of_a_running_server() {
    let count = |name: &str, else_: u64| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(else_)
    };
    let Some(mut server) = ConsulServer::for_test("chains_are_those_of_a_running_server") else {
        return;
    };
    let (first, rounds) = (count("SNAPSCOPE_SEED", 1), count("SNAPSCOPE_CHAINS", 6));
    let mut settings = Settings::default();
    // The catalog, which would contain these, is empty.
    settings.basis.version = Some(ServerVersion::new(1, 8, 7));
    settings.basis.datacenter = Some("dc1".to_owned());
    let (mut asked, mut refused, mut different) = (0, 0, Vec::new());
    for seed in first..first + rounds {
        let mut random = SplitMix64::new(seed);
        server.snapshot_restore(&snapshot(&mut random, server.token())).unwrap();
        let snap = server.snapshot_save().unwrap();
        let ours = served(Source::Memory(snap.into()), settings.clone());
        let theirs = server.http_addr();
        for service in SERVICES.iter().chain(&["nope"]) {
            let path = format!("/v1/discovery-chain/{service}");
            let mut questions = vec![("GET", path.clone(), "")];
            questions.push(("GET", format!("{path}?compile-dc=dc2"), ""));
            questions.extend(OVERRIDES.map(|body| ("POST", path.clone(), body)));
            for (method, path, body) in questions {
                let expected = ask(theirs, server.token(), method, &path, body);
                let answer = ask(ours, server.token(), method, &path, body);
                asked += 1;
                refused += usize::from(expected.0 != 200);
                if answer != expected {
                    different.push(format!(
                        "seed {seed}: {method} {path} {body}\n    {answer:?}\n    {expected:?}"
                    ));
                }
            }
        }
    }
    eprintln!("{asked} chains, {refused} refused, {} different", different.len());
    let count = different.len();
    different.truncate(5);
    assert!(count == 0, "{}", different.join("\n"));
    assert!(refused > asked / 20 && refused < asked / 2, "{refused} of {asked}");
}

fn ask(to: SocketAddr, token: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
    let answer = request(to, method, path, token, body.as_bytes()).unwrap();
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let json = serde_json::from_str(&text).unwrap_or(Value::String(text));
    (answer.status, json)
}

/// A snapshot with random config entries of a few services.
fn snapshot(random: &mut SplitMix64, token: &str) -> Vec<u8> {
    let accessor = uuid(1, random);
    let mut spec = SnapshotSpec::new(vec![
        acl::management_token(VERSION, &accessor, token, 5),
        acl::global_management(VERSION, 4),
        connect::ca_root(VERSION, true, 44),
        connect::ca_provider_state(VERSION, 43),
        connect::ca_config(VERSION, 42),
    ]);
    if random.percent(70) {
        spec.push(proxies(random));
    }
    // Most rounds have one protocol, so that most chains are valid.
    let usual = *random.pick(&["http", "http", "grpc", "tcp"]);
    for (at, service) in SERVICES.iter().enumerate() {
        let index = 100 + at as u64 * 10;
        if random.percent(80) {
            spec.push(defaults(random, service, usual, index));
        }
        if random.percent(40) {
            spec.push(resolver(random, service, index + 1));
        }
        if random.percent(30) {
            spec.push(splitter(random, service, index + 2));
        }
        if random.percent(30) {
            spec.push(router(random, service, index + 3));
        }
    }
    spec.in_section_order().snap()
}

fn part(name: &str, fields: Vec<(&str, Val)>) -> Val {
    build(name, VERSION, fields)
}

fn mesh_gateway(random: &mut SplitMix64) -> Val {
    part("MeshGatewayConfig", vec![("Mode", (*random.pick(&MODES)).into())])
}

fn proxies(random: &mut SplitMix64) -> Record {
    let settings = Val::Map(vec![("protocol".into(), "http".into())]);
    let fields = vec![("Config", settings), ("MeshGateway", mesh_gateway(random))];
    config::entry(VERSION, "proxy-defaults", "global", fields, 90)
}

fn defaults(random: &mut SplitMix64, service: &str, usual: &str, index: u64) -> Record {
    let protocol = if random.percent(92) { usual } else { *random.pick(&["", "tcp", "HTTP"]) };
    let sni = if service == "ext" || random.percent(4) { "ext.example.test" } else { "" };
    let fields = vec![
        ("Protocol", protocol.into()),
        ("MeshGateway", mesh_gateway(random)),
        ("ExternalSNI", sni.into()),
    ];
    config::entry(VERSION, "service-defaults", service, fields, index)
}

fn resolver(random: &mut SplitMix64, service: &str, index: u64) -> Record {
    let mut fields: Vec<(&str, Val)> = Vec::new();
    if random.percent(70) {
        let subset = |filter: &str, passing: bool| {
            let fields = vec![("Filter", filter.into()), ("OnlyPassing", passing.into())];
            part("ServiceResolverSubset", fields)
        };
        let subsets = vec![
            ("v1".into(), subset("Service.Meta.v == 1", false)),
            ("v2".into(), subset("", true)),
        ];
        fields.push(("Subsets", Val::Map(subsets)));
        if random.percent(30) {
            fields.push(("DefaultSubset", (*random.pick(&SUBSETS)).into()));
        }
    }
    if random.percent(25) {
        let to = vec![
            ("Service", (*random.pick(&SERVICES)).into()),
            ("Datacenter", (*random.pick(&DATACENTERS)).into()),
        ];
        fields.push(("Redirect", part("ServiceResolverRedirect", to)));
    }
    if random.percent(40) {
        let of = *random.pick(&["*", "v1", ""]);
        let mut to: Vec<(&str, Val)> = Vec::new();
        if random.percent(50) {
            to.push(("Service", (*random.pick(&SERVICES)).into()));
        }
        if random.percent(20) {
            to.push(("ServiceSubset", (*random.pick(&SUBSETS)).into()));
        }
        if random.percent(50) {
            let names = vec!["dc1".into(), "dc2".into(), "dc3".into()];
            to.push(("Datacenters", Val::Array(names)));
        }
        let failover = part("ServiceResolverFailover", to);
        fields.push(("Failover", Val::Map(vec![(of.into(), failover)])));
    }
    if random.percent(30) {
        fields.push(("ConnectTimeout", (random.below(9) * 1_000_000_000).into()));
    }
    config::entry(VERSION, "service-resolver", service, fields, index)
}

fn splitter(random: &mut SplitMix64, service: &str, index: u64) -> Record {
    let first = random.below(10_000);
    let mut split = |hundredths: u64| {
        #[allow(clippy::cast_precision_loss)] // small numbers
        let weight = hundredths as f32 / 100.0;
        let mut fields = vec![("Weight", Val::F32(weight))];
        if random.percent(60) {
            fields.push(("Service", (*random.pick(&SERVICES)).into()));
        }
        if random.percent(25) {
            fields.push(("ServiceSubset", (*random.pick(&SUBSETS)).into()));
        }
        part("ServiceSplit", fields)
    };
    let splits = vec![split(first), split(10_000 - first)];
    config::entry(VERSION, "service-splitter", service, vec![("Splits", Val::Array(splits))], index)
}

fn router(random: &mut SplitMix64, service: &str, index: u64) -> Record {
    let mut routes = Vec::new();
    for at in 0..random.below(4) {
        let prefix = format!("/{at}");
        let http = part("ServiceRouteHTTPMatch", vec![("PathPrefix", prefix.as_str().into())]);
        let mut fields = vec![("Match", part("ServiceRouteMatch", vec![("HTTP", http)]))];
        if random.percent(80) {
            let mut to = vec![("NumRetries", random.below(3).into())];
            if random.percent(80) {
                to.push(("Service", (*random.pick(&SERVICES)).into()));
            }
            if random.percent(25) {
                to.push(("ServiceSubset", (*random.pick(&SUBSETS)).into()));
            }
            fields.push(("Destination", part("ServiceRouteDestination", to)));
        }
        routes.push(part("ServiceRoute", fields));
    }
    config::entry(VERSION, "service-router", service, vec![("Routes", Val::Array(routes))], index)
}
