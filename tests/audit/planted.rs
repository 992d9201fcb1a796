//! Credentials in fields where nobody looks for them: none is shown unasked.

use crate::support::{run, write};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use snapscope_objects::kinds::KINDS;
use snapscope_testkit::msgpack::structure;
use snapscope_testkit::records::catalog::{Check, Node, Service};
use snapscope_testkit::records::{acl, config, connect};
use snapscope_testkit::shapes::build;
use snapscope_testkit::{ConsulVersion, Record, SnapshotSpec, Val};

const VERSION: ConsulVersion = ConsulVersion::V1_21_4;

/// Makes markers, each in no more than one place, and keeps them.
#[derive(Default)]
struct Markers(Vec<String>);

impl Markers {
    fn text(&mut self) -> String {
        let marker = format!("q{}zKmarkerWx{}", self.0.len(), self.0.len() * 7 + 1000);
        self.0.push(marker.clone());
        marker
    }

    fn val(&mut self) -> Val {
        self.text().as_str().into()
    }

    /// A map of headers, or of settings, none of which is known to be harmless.
    fn map(&mut self, names: &[&str]) -> Val {
        Val::Map(names.iter().map(|name| ((*name).into(), self.val())).collect())
    }

    fn headers(&mut self) -> Val {
        let add = self.map(&["X-Api-Key", "Authorization"]);
        let set = self.map(&["X-Internal"]);
        structure([("Add", add), ("Set", set)])
    }
}

fn list(item: Val) -> Val {
    Val::Array(vec![item])
}

fn config_entries(markers: &mut Markers) -> Vec<Record> {
    let entry =
        |kind: &str, fields: Vec<(&str, Val)>| config::entry(VERSION, kind, "web", fields, 7);
    let jwks = format!("{{\"keys\":[{{\"kty\":\"oct\",\"k\":\"{}\"}}]}}", markers.text());
    let jwks = STANDARD.encode(jwks);
    // In base64 the marker looks otherwise.
    markers.0.push(jwks.clone());
    let provider = structure([("Local", structure([("JWKS", jwks.as_str().into())]))]);
    let header = structure([("Name", "X-Api-Key".into()), ("Exact", markers.val())]);
    let other = structure([
        ("Name", "X-Other".into()),
        ("Prefix", markers.val()),
        ("Regex", markers.val()),
    ]);
    let query = structure([("Name", "api_key".into()), ("Exact", markers.val())]);
    let http =
        structure([("Header", Val::Array(vec![header, other])), ("QueryParam", list(query))]);
    let destination =
        structure([("RequestHeaders", markers.headers()), ("ResponseHeaders", markers.headers())]);
    let route = structure([("Match", structure([("HTTP", http)])), ("Destination", destination)]);
    let split = structure([("Weight", Val::F32(100.0)), ("RequestHeaders", markers.headers())]);
    let service = structure([("Name", "web".into()), ("RequestHeaders", markers.headers())]);
    let listener = structure([("Port", Val::Uint(80)), ("Services", list(service))]);
    let matches = structure([
        ("Headers", list(structure([("Name", "X-Key".into()), ("Value", markers.val())]))),
        ("Query", list(structure([("Name", "key".into()), ("Value", markers.val())]))),
    ]);
    let filters = structure([("Headers", list(markers.headers()))]);
    let rule = structure([("Matches", list(matches)), ("Filters", filters)]);
    let permission = structure([(
        "HTTP",
        structure([(
            "Header",
            list(structure([("Name", "X-Key".into()), ("Exact", markers.val())])),
        )]),
    )]);
    let source = structure([("Name", "db".into()), ("Permissions", list(permission))]);
    let extension = structure([
        ("Name", "builtin/lua".into()),
        ("Arguments", markers.map(&["Script", "Other"])),
    ]);
    let opaque = markers.map(&["envoy_public_listener_json", "envoy_tracing_json", "x"]);
    let upstream =
        structure([("EnvoyListenerJSON", markers.val()), ("EnvoyClusterJSON", markers.val())]);
    vec![
        entry("jwt-provider", vec![("JSONWebKeySet", provider)]),
        entry("service-router", vec![("Routes", list(route))]),
        entry("service-splitter", vec![("Splits", list(split))]),
        entry("ingress-gateway", vec![("Listeners", list(listener))]),
        entry("http-route", vec![("Rules", list(rule))]),
        entry("service-intentions", vec![("Sources", list(source))]),
        entry("proxy-defaults", vec![("Config", opaque), ("EnvoyExtensions", list(extension))]),
        entry("service-defaults", vec![("UpstreamConfig", structure([("Defaults", upstream)]))]),
    ]
}

fn snapshot(markers: &mut Markers) -> SnapshotSpec {
    let node = Node::new("node", "09a2ebf4-5609-c38a-5b04-5cfbc786e7c1", 7);
    let service = Service::new("web", "web", 7);
    let mut instance = node.service_record(VERSION, &service);
    if let Some(Val::Map(fields)) = match &mut instance.body {
        Val::Map(entries) => entries.iter_mut().find(|e| e.0 == "Service".into()).map(|e| &mut e.1),
        _ => None,
    } {
        let proxy = structure([("Config", markers.map(&["envoy_listener_json", "key"]))]);
        fields.retain(|(name, _)| *name != "Proxy".into());
        fields.push(("Proxy".into(), proxy));
    }
    let definition = build(
        "HealthCheckDefinition",
        VERSION,
        vec![
            ("HTTP", "http://10.0.0.1/health".into()),
            ("Header", Val::Map(vec![("X-Api-Key".into(), list(markers.val()))])),
            ("Body", markers.val()),
        ],
    );
    let mut check = node.check_record(VERSION, &Check::of_service(&service, "passing", 7));
    if let Some(Val::Map(fields)) = match &mut check.body {
        Val::Map(entries) => entries.iter_mut().find(|e| e.0 == "Check".into()).map(|e| &mut e.1),
        _ => None,
    } {
        fields.retain(|(name, _)| *name != "Definition".into());
        fields.push(("Definition".into(), definition));
    }
    let ca = markers.map(&["AccessKeyID", "SecretAccessKey", "Token", "PrivateKey", "Anything"]);
    let method = markers.map(&["ServiceAccountJWT", "OIDCClientSecret", "BearerToken", "Whatever"]);
    let mut records = vec![
        instance,
        check,
        connect::ca_config(VERSION, 7).with("Config", ca),
        acl::auth_method(VERSION, "method", 7).with("Config", method),
    ];
    records.extend(config_entries(markers));
    SnapshotSpec::new(records).in_section_order()
}

#[test]
fn nothing_that_may_be_a_credential_is_shown_unasked() {
    let dir = tempfile::tempdir().unwrap();
    let mut markers = Markers::default();
    let file = write(dir.path(), "state.bin", &snapshot(&mut markers).state());
    let empty = write(dir.path(), "empty.bin", &SnapshotSpec::new(Vec::new()).state());
    let (file, empty) = (file.to_str().unwrap(), empty.to_str().unwrap());
    assert!(markers.0.len() >= 40, "{}", markers.0.len());
    let mut commands: Vec<Vec<&str>> = Vec::new();
    for kind in KINDS {
        for form in ["table", "json", "jsonl", "csv"] {
            commands.push(vec!["list", "--wide", "-o", form, kind.name, file]);
        }
    }
    for form in ["table", "json", "jsonl"] {
        commands.push(vec!["diff", "--limit", "0", "-o", form, empty, file]);
        commands.push(vec!["audit", "-o", form, file]);
    }
    for kind in ["config-entries", "auth-methods", "checks", "instances", "ca-config", "intentions"]
    {
        commands.push(vec!["history", "-o", "json", "--under", "", kind, empty, file]);
    }
    let mut shown = 0;
    for command in &commands {
        let ran = run(command);
        assert!(ran.code() < 2 || command[0] == "history", "{command:?}: {}", ran.stderr);
        let text = String::from_utf8_lossy(&ran.stdout).into_owned() + &ran.stderr;
        shown += usize::from(text.contains("masked"));
        for marker in &markers.0 {
            let encoded = STANDARD.encode(marker);
            let found = text.contains(marker.as_str()) || text.contains(&encoded);
            assert!(!found, "{command:?} shows {marker}: {text}");
        }
    }
    assert!(shown > 10, "{shown}");
    // They are there for who asks.
    let all = run(["list", "-o", "json", "--show-secrets", "config-entries", file]);
    assert!(markers.0.iter().any(|marker| all.text().contains(marker.as_str())));
}
