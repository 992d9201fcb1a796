//! Credentials in unexpected fields: none is shown by default, in any encoding.

use crate::support::{Ran, run, write};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use snapscope_objects::kinds::{BARE_KINDS, KINDS};
use snapscope_testkit::filled::{self, UNKNOWN_FIELD};
use snapscope_testkit::msgpack::structure;
use snapscope_testkit::records::catalog::{Check, Node, Service};
use snapscope_testkit::records::{acl, cluster, config, connect, kv};
use snapscope_testkit::shapes::build;
use snapscope_testkit::{ConsulVersion, Record, SnapshotSpec, Val};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const VERSION: ConsulVersion = ConsulVersion::V1_21_4;

/// The common part of all markers. Eight characters precede it, because the first eight characters
/// of the secret name a token without an accessor.
const CORE: &str = "zKmarkerWx7";

/// Makes markers, each for one place at most.
#[derive(Default)]
struct Markers(usize);

impl Markers {
    fn text(&mut self) -> String {
        self.0 += 1;
        format!("q{:07}{CORE}{}", self.0, self.0 * 7 + 1000)
    }

    fn val(&mut self) -> Val {
        self.text().as_str().into()
    }

    /// A map of headers or settings, none of which is known to be harmless.
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

/// Fields with certificates, which are public, and values of keys, in which `diff` and `history`
/// hide only what looks like a secret.
const SHOWN: &[(&str, &str)] = &[
    ("ConnectCA", "IntermediateCerts"),
    ("ConnectCA", "RootCert"),
    ("ConnectCA", "SigningCert"),
    ("ConnectCAProviderState", "IntermediateCert"),
    ("ConnectCAProviderState", "RootCert"),
    ("JWKSTLSCertTrustedCA", "InlineBytes"),
    ("JWKSTLSCertTrustedCA", "InlineString"),
    ("KVS", "Value"),
    ("Peering", "PeerCAPems"),
    ("PeeringTrustBundle", "RootPEMs"),
    ("file-system-certificate", "Certificate"),
    ("inline-certificate", "Certificate"),
];

/// What `redact` replaces according to its own table: the fields that may hold credentials.
fn redacted_fields() -> BTreeSet<(&'static str, &'static str)> {
    let mut fields = BTreeSet::new();
    let mut owner = "";
    for line in include_str!("../../crates/rewrite/src/redact/fields.txt").lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            owner = name;
        } else if let Some((class, names)) = line.split_once(": ")
            && matches!(class, "secret" | "hidden" | "setting" | "value")
        {
            fields.extend(names.split_whitespace().map(|name| (owner, name)));
        }
    }
    SHOWN.iter().for_each(|shown| assert!(fields.remove(shown), "{shown:?}"));
    fields
}

/// The same for messages of the second catalog, which `redact` replaces as a whole.
fn is_credential_of_a_message(owner: &str, field: &str) -> bool {
    let value_of = ["Header", "HeaderMatch", "QueryParamMatch", "QueryParameterMatch"];
    match field {
        "clientSecret" | "opaqueConfig" | "header" | "body" => true,
        "value" | "exact" | "prefix" | "suffix" | "regex" => {
            value_of.iter().any(|end| owner.ends_with(end))
        }
        "key" => owner.ends_with("LeafCertificate"),
        field => {
            field.ends_with("Json")
                || field.ends_with("JsonTpl")
                || field.starts_with("escapeHatch")
        }
    }
}

/// All records with all fields filled: with markers where a credential may be, by name, place or
/// format.
fn everything(markers: &mut Markers) -> SnapshotSpec {
    let redacted = redacted_fields();
    let mut records = filled::records(&mut |owner, field| {
        let url = ["HTTP", "URI", "ProxyHTTP", "httpProxy", "httpsProxy", "url", "endpoint"];
        if redacted.contains(&(owner, field))
            || field == UNKNOWN_FIELD
            || (owner.starts_with("hashicorp.") && is_credential_of_a_message(owner, field))
            // The key of the map describes the value.
            || field.ends_with("Meta")
            || field == "metadata"
        {
            markers.text()
        } else if url.contains(&field) {
            format!("http://user:{}@example.test/", markers.text())
        } else if ["Notes", "Output", "Description", "Tags", "description"].contains(&field) {
            format!("password={}", markers.text())
        } else {
            format!("plain {field}").to_ascii_lowercase().replace(' ', "-")
        }
    });
    for nested in [
        "{\"db\":{\"password\":\"MARKER\"}}",
        "export DB_PASSWORD='MARKER'\n",
        "postgres://app:MARKER@db/app",
    ] {
        let value = nested.replace("MARKER", &markers.text());
        records.push(kv::entry(format!("app/{}", records.len()), &value, 0, 9));
        let wrapped = STANDARD.encode(nested.replace("MARKER", &markers.text()));
        records.push(kv::entry(format!("app/{}", records.len()), &wrapped, 0, 9));
    }
    records.push(cluster::system_metadata(VERSION, "from-the-future", &markers.text(), 9));
    SnapshotSpec::new(records).in_section_order()
}

/// The common part in every encoding: as it is, in base64 at each of three offsets, in hexadecimal.
fn encoded() -> Vec<(String, String)> {
    let mut all = vec![("as it is".to_owned(), CORE.to_owned())];
    for before in 0..3 {
        let text = STANDARD.encode(["x".repeat(before), CORE.to_owned()].concat());
        // Characters that also depend on neighbouring bytes are cut off.
        let part = text.trim_end_matches('=').get(before.div_ceil(3) * 4..).unwrap_or("");
        let part = &part[..part.len() - 1];
        all.push((format!("base64 after {before}"), part.to_owned()));
    }
    let hex: String = CORE.bytes().map(|byte| format!("{byte:02x}")).collect();
    all.push(("upper hex".to_owned(), hex.to_ascii_uppercase()));
    all.push(("hex".to_owned(), hex));
    let escaped: String = CORE.bytes().map(|byte| format!("%{byte:02X}")).collect();
    all.push(("percent".to_owned(), escaped));
    let escaped: String = CORE.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    all.push(("escaped".to_owned(), escaped));
    all
}

/// The start of the character at a byte.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn holds_no_marker(text: &[u8], what: &str) {
    let text = String::from_utf8_lossy(text);
    for (encoding, part) in encoded() {
        if let Some(at) = text.find(&part) {
            let from = boundary(&text, at.saturating_sub(300));
            let to = boundary(&text, (at + 200).min(text.len()));
            panic!("{what} shows a marker {encoding}: {}", &text[from..to]);
        }
    }
}

#[test]
fn a_marker_is_found_in_every_encoding() {
    for before in 0..3 {
        let text = ["x".repeat(before), format!("q0000001{CORE}1007")].concat();
        for engine in [STANDARD, STANDARD_NO_PAD] {
            let shown = engine.encode(&text);
            assert!(encoded().iter().any(|(_, part)| shown.contains(part)), "{before}");
        }
    }
}

/// Every command that shows content by default, in every form.
fn commands(empty: &str, file: &str, other: &str) -> Vec<Vec<String>> {
    let mut all: Vec<Vec<&str>> = vec![
        vec!["inspect", "--more", "--kvdetails", "--kvdepth", "9", file],
        vec!["inspect", "--more", "--kvdetails", "--format", "json", file],
        vec!["acl", "explain", file, "plain-accessorid"],
        vec!["acl", "explain", "-o", "json", file, "plain-accessorid"],
        vec!["acl", "can", file, "plain-accessorid", "key", "read", "a"],
        vec!["verify", "--deep", file],
        vec!["verify", "--deep", "-o", "json", file],
        vec!["verify", "--for-consul", "1.8.7", "-o", "jsonl", file],
        vec!["salvage", "--dry-run", "--out", "x.snap", file],
        vec!["salvage", "--dry-run", "--out", "x.snap", "-o", "json", file],
        vec!["extract", "--dry-run", "--out", "x.snap", "--only", "acl", file],
        vec!["extract", "--dry-run", "--out", "x.snap", "-o", "json", "--drop", "acl", file],
        vec!["redact", "--dry-run", "--out", "x.snap", file],
        vec!["redact", "--dry-run", "--out", "x.snap", "-o", "json", "--pseudonymise", file],
        vec!["pack", "--dry-run", "--out", "x.snap", file],
        vec!["snapshots", file],
    ];
    for form in ["table", "json", "jsonl", "csv"] {
        for kind in KINDS {
            let mut list = vec!["list", "--wide", "-o", form, kind.name, file];
            if kind.traits.by_peer {
                list.extend(["--peer", "all"]);
            }
            all.push(list);
        }
        for by in ["type", "prefix", "service", "node", "kind", "policy", "namespace"] {
            all.push(vec!["breakdown", "--by", by, "-o", form, file]);
        }
        all.push(vec!["top", "-n", "100000", "-o", form, file]);
        all.push(vec!["acl", "who-can", "-o", form, file, "key", "read", "a"]);
    }
    for form in ["table", "json", "jsonl"] {
        for (before, after) in [(empty, file), (file, empty), (file, other)] {
            all.push(vec!["diff", "--limit", "0", "--with-touched", "-o", form, before, after]);
        }
        all.push(vec![
            "trend",
            "--by",
            "type,prefix,service,node",
            "--depth",
            "9",
            "-o",
            form,
            file,
            other,
        ]);
        for kind in KINDS.iter().chain(BARE_KINDS).filter_map(|kind| kind.object) {
            all.push(vec!["history", "-o", form, "--under", "", kind, empty, file, other]);
        }
    }
    for form in ["table", "json", "jsonl", "sarif"] {
        all.push(vec!["audit", "-o", form, file]);
    }
    all.into_iter().map(|words| words.into_iter().map(str::to_owned).collect()).collect()
}

fn none_is_shown(dir: &Path, first: &SnapshotSpec, second: &SnapshotSpec) {
    let put = |name: &str, spec: &SnapshotSpec, index| {
        let mut spec = spec.clone();
        spec.last_index = index;
        write(dir, name, &spec.state())
    };
    let [empty, file, other]: [PathBuf; 3] = [
        put("empty.bin", &SnapshotSpec::new(Vec::new()), 1),
        put("state.bin", first, 1000),
        put("other.bin", second, 2000),
    ];
    let text = |path: &PathBuf| path.to_str().unwrap().to_owned();
    let mut masked = 0;
    for command in commands(&text(&empty), &text(&file), &text(&other)) {
        let ran: Ran = run(&command);
        let known =
            ["history", "verify", "acl", "salvage", "snapshots"].contains(&command[0].as_str());
        assert!(ran.code() < 2 || known, "{command:?}: {}", ran.stderr);
        holds_no_marker(&ran.stdout, &format!("{command:?}"));
        holds_no_marker(ran.stderr.as_bytes(), &format!("{command:?} on standard error"));
        masked += usize::from(String::from_utf8_lossy(&ran.stdout).contains("masked"));
    }
    assert!(masked > 20, "{masked}");
    // A copy without secrets has none of them either.
    let copy = dir.join("redacted.snap");
    let ran = run(["redact", &text(&file), "--out", copy.to_str().unwrap(), "--values", "fake"]);
    assert_eq!(ran.code(), 0, "{}", ran.stderr);
    for raw in [&["decode"][..], &["decode", "--raw"]] {
        let decoded = run(raw.iter().copied().chain([copy.to_str().unwrap()]));
        holds_no_marker(&decoded.stdout, "the redacted copy");
    }
}

#[test]
fn nothing_that_may_be_a_credential_is_shown_unasked() {
    let dir = tempfile::tempdir().unwrap();
    let mut markers = Markers::default();
    let [first, second] = [snapshot(&mut markers), snapshot(&mut markers)];
    assert!(markers.0 >= 80, "{}", markers.0);
    none_is_shown(dir.path(), &first, &second);
    // They are shown on request.
    let file = dir.path().join("state.bin");
    let all =
        run(["list", "-o", "json", "--show-secrets", "config-entries", file.to_str().unwrap()]);
    assert!(all.text().contains(CORE));
}

#[test]
fn no_field_of_any_record_shows_a_credential_unasked() {
    let dir = tempfile::tempdir().unwrap();
    let mut markers = Markers::default();
    let first = everything(&mut markers);
    let placed = markers.0;
    assert!(placed > 500, "{placed}");
    none_is_shown(dir.path(), &first, &everything(&mut markers));
}

/// The scan searches where credentials are, and names the field.
#[test]
fn the_scan_looks_everywhere() {
    let dir = tempfile::tempdir().unwrap();
    let key = "AKIAQ3EGUX7RZ4MNLT2W";
    let mut fields = BTreeSet::new();
    let records = filled::records(&mut |owner, field| {
        fields.insert(format!("{owner}.{field}"));
        key.to_owned()
    });
    let file =
        write(dir.path(), "state.bin", &SnapshotSpec::new(records).in_section_order().state());
    let ran = run(["audit", "-o", "json", "--only", "SECRET002", file.to_str().unwrap()]);
    let found: BTreeSet<(String, String)> = ran.json()["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let text = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
            (text("type"), text("field"))
        })
        .collect();
    for (kind, field) in [
        ("auth-method", "Config.X-Api-Key.inside"),
        ("binding-rule", "Selector"),
        ("ca-config", "Config.X-Api-Key.inside"),
        ("ca-config", "State.X-Api-Key"),
        ("check", "Definition.ScriptArgs"),
        ("check", "Output"),
        ("config-entry", "Config.X-Api-Key.inside"),
        ("config-entry", "EnvoyExtensions.Arguments.X-Api-Key.inside"),
        ("config-entry", "Routes.Match.HTTP.Header.Exact"),
        ("config-entry", "Rules.Matches.Headers.Value"),
        ("config-entry", "Sources.Permissions.HTTP.Header.Exact"),
        ("config-entry", "JSONWebKeySet.Local.JWKS"),
        ("federation-state", "State.MeshGateways.Service.Proxy.Config.X-Api-Key.inside"),
        ("intention", "Description"),
        ("kv", ""),
        ("service", "Unheard"),
        ("peering", "Meta.X-Api-Key"),
        ("policy", "Rules"),
        ("query", "Template.Regexp"),
        ("resource", "data.opaqueConfig.X-Api-Key"),
        ("resource", "metadata.X-Api-Key"),
        ("role", "Description"),
        ("service", "Connect.SidecarService.Proxy.Config.X-Api-Key.inside"),
        ("service", "Proxy.Upstreams.Config.X-Api-Key.inside"),
        ("session", "Name"),
        ("token", "Description"),
    ] {
        assert!(found.contains(&(kind.to_owned(), field.to_owned())), "{kind} {field}: {found:#?}");
    }
}

/// Symmetric keys of JWT providers, in base64 and inline, and names that describe their values.
#[test]
fn what_stands_beside_a_value_says_what_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let keys =
        r#"{"keys":[{"kty":"RSA","n":"AQAB"},{"kty":"oct","k":"c2VjcmV0LWtleS1mb3ItdGVzdHM"}]}"#;
    let provider = |keys: &str| {
        let set = structure([("Local", structure([("JWKS", keys.into())]))]);
        vec![("JSONWebKeySet", set)]
    };
    let header = |name: &str| {
        let header = structure([("Name", name.into()), ("Exact", "fT6Oa42hGoDiSwJvd3rqfx".into())]);
        let http = structure([("Header", list(header))]);
        vec![("Routes", list(structure([("Match", structure([("HTTP", http)]))])))]
    };
    let records = vec![
        config::entry(VERSION, "jwt-provider", "encoded", provider(&STANDARD.encode(keys)), 7),
        config::entry(VERSION, "jwt-provider", "inline", provider(keys), 7),
        config::entry(
            VERSION,
            "jwt-provider",
            "public",
            provider(r#"{"keys":[{"kty":"RSA","n":"AQAB"}]}"#),
            7,
        ),
        config::entry(VERSION, "service-router", "secret", header("X-Api-Key"), 7),
        config::entry(VERSION, "service-router", "harmless", header("User-Agent"), 7),
        kv::entry("app/keys", format!("{{\"auth\": {keys:?}}}"), 0, 7),
    ];
    let file = write(dir.path(), "state.bin", &SnapshotSpec::new(records).state());
    let ran = run(["audit", "-o", "json", "--only", "SECRET", file.to_str().unwrap()]);
    let found: BTreeSet<(String, String)> = ran.json()["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["rule"].as_str().unwrap().to_owned(), f["id"].as_str().unwrap().to_owned()))
        .collect();
    let expected = [
        ("SECRET001", "app/keys"),
        ("SECRET001", "jwt-provider/encoded"),
        ("SECRET001", "jwt-provider/inline"),
        ("SECRET008", "service-router/secret"),
    ];
    let expected = expected.map(|(rule, id)| (rule.to_owned(), id.to_owned()));
    assert_eq!(found, expected.into_iter().collect());
}
