//! Fills a server through its HTTP API with at least one of everything it can store, unusual cases included.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::consul::{ConsulServer, NODE_NAME};
use crate::http::percent_encode;
use crate::records::connect::ROOT_CERT;

/// A key as it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKey {
    /// The key's bytes.
    pub key: Vec<u8>,
    /// The value's bytes.
    pub value: Vec<u8>,
    /// Its flags.
    pub flags: u64,
    /// The session that holds it, or empty.
    pub session: String,
}

/// What was stored in the server.
#[derive(Clone, Debug, Default)]
pub struct Filled {
    /// All keys, sorted by bytes.
    pub keys: Vec<StoredKey>,
    /// A deleted key, whose tombstone is in the snapshot.
    pub deleted_key: Vec<u8>,
    /// Names of the registered nodes, except for the server itself.
    pub nodes: Vec<String>,
    /// `(node, service ID)` of the registered services.
    pub services: Vec<(String, String)>,
    /// Session IDs.
    pub sessions: Vec<String>,
    /// `(accessor, secret)` of the created tokens.
    pub tokens: Vec<(String, String)>,
    /// Policy IDs.
    pub policies: Vec<String>,
    /// Role IDs.
    pub roles: Vec<String>,
    /// Binding rule IDs.
    pub binding_rules: Vec<String>,
    /// Auth method names.
    pub auth_methods: Vec<String>,
    /// Prepared query IDs.
    pub queries: Vec<String>,
    /// `(kind, name)` of the config entries.
    pub config_entries: Vec<(String, String)>,
    /// `(source, destination, action)` of the intentions.
    pub intentions: Vec<(String, String, String)>,
}

/// Fills the server and returns what it stored.
///
/// # Errors
/// If the server refuses something. The message contains the request and the answer.
pub fn fill(server: &ConsulServer) -> Result<Filled, String> {
    let mut filled = Filled::default();
    catalog(server, &mut filled)?;
    sessions_and_keys(server, &mut filled)?;
    acl(server, &mut filled)?;
    queries(server, &mut filled)?;
    config_entries(server, &mut filled)?;
    intentions(server, &mut filled)?;
    Ok(filled)
}

fn catalog(server: &ConsulServer, filled: &mut Filled) -> Result<(), String> {
    let nodes = ["ap-south-1-node-01", "eu-west-1-node-02", "Node_With-Caps3.example.test"];
    for (i, node) in nodes.into_iter().enumerate() {
        let address = format!("10.0.0.{}", i + 1);
        let about = json!({
            "ID": format!("aaaaaaaa-0000-4000-8000-{i:012}"), "Node": node, "Address": address,
            "TaggedAddresses": {"lan": address, "wan": "203.0.113.9"},
            "NodeMeta": {"external-node": "true", "zone": "a"},
        });
        let register = |more: Value| -> Result<(), String> {
            let mut body = about.clone();
            body.as_object_mut()
                .expect("an object")
                .extend(more.as_object().expect("an object").clone());
            server.put("/v1/catalog/register", body.to_string()).map(drop)
        };
        register(json!({"Check": {"CheckID": "disk", "Name": "Disk space", "Status": "warning",
            "Notes": "checks /var", "Output": "88 % full\nline two\t\"quoted\" \u{2713}"}}))?;
        filled.nodes.push(node.to_owned());
        for (id, name, more) in [
            (
                "web-1",
                "web",
                json!({"Tags": ["v1", "prod"], "Meta": {"version": "1.2.3"}, "Port": 8080}),
            ),
            (
                "db-1",
                "db",
                json!({"Port": 5432, "Address": "172.16.0.9",
                "TaggedAddresses": {"lan": {"Address": "172.16.0.9", "Port": 5432}},
                "Weights": {"Passing": 10, "Warning": 1}}),
            ),
            (
                "web-1-sidecar-proxy",
                "web-sidecar-proxy",
                json!({"Kind": "connect-proxy", "Port": 21000,
                "Proxy": {"DestinationServiceName": "web", "DestinationServiceID": "web-1",
                    "LocalServiceAddress": "127.0.0.1", "LocalServicePort": 8080,
                    "Config": {"protocol": "http", "list": [1, "two", 3.5, true], "nothing": null},
                    "Upstreams": [{"DestinationType": "service", "DestinationName": "db", "LocalBindPort": 9001}]}}),
            ),
        ] {
            let mut service = json!({"ID": id, "Service": name});
            service
                .as_object_mut()
                .expect("an object")
                .extend(more.as_object().expect("an object").clone());
            // 1.8.7 stores a null there, but breaks the connection when it should show it. So only one node has it.
            let config = service.pointer_mut("/Proxy/Config").and_then(Value::as_object_mut);
            if let Some(config) = config.filter(|_| i > 0) {
                config.remove("nothing");
            }
            register(json!({"SkipNodeUpdate": true, "Service": service}))?;
            filled.services.push((node.to_owned(), id.to_owned()));
        }
        let status = ["passing", "warning", "critical"][i];
        register(
            json!({"SkipNodeUpdate": true, "Check": {"CheckID": "service:web-1", "Name": "web alive",
            "ServiceID": "web-1", "Status": status, "Output": "HTTP GET: 200 OK",
            "Definition": {"HTTP": "http://10.0.0.1:8080/health", "Interval": "10s", "Timeout": "2s",
                "Header": {"X-Probe": ["1", "two"]}, "DeregisterCriticalServiceAfter": "30m"}}}),
        )?;
    }
    Ok(())
}

fn sessions_and_keys(server: &ConsulServer, filled: &mut Filled) -> Result<(), String> {
    for body in [
        json!({"Node": NODE_NAME, "Name": "leader-lock", "LockDelay": "1s", "Behavior": "delete"}),
        json!({"Node": NODE_NAME, "Name": "séance", "TTL": "86400s"}),
        json!({"Node": NODE_NAME, "NodeChecks": []}),
    ] {
        filled.sessions.push(created(server, "/v1/session/create", &body, "ID")?);
    }
    let binary: Vec<u8> = (0..=255).collect();
    let mut stored: Vec<StoredKey> = [
        (&b"plain/key"[..], &b"value"[..], 0),
        (b"plain/empty", b"", 0),
        (b"plain/folder/", b"", 0),
        (b"plain/binary", &binary, 42),
        (b"plain/flags", b"the largest flags", u64::MAX),
        (b"plain/json", br#"{"a":1,"b":[true,null]}"#, 3),
        (b"odd//double//slash", b"x", 0),
        (b"/leading/slash", b"x", 0),
        (b"odd/new\nline", b"x", 0),
        (b"odd/not-utf8-\xff\xfe", b"x", 0),
        (b"odd/space and % and ?", b"x", 0),
        ("odd/snowman-\u{2603}".as_bytes(), b"x", 0),
    ]
    .into_iter()
    .map(|(key, value, flags)| StoredKey {
        key: key.into(),
        value: value.into(),
        flags,
        session: String::new(),
    })
    .collect();
    for i in 0..40u64 {
        let value = vec![b'a' + (i % 26) as u8; i as usize * 37];
        stored.push(StoredKey {
            key: format!("many/{i:03}").into(),
            value,
            flags: i,
            session: String::new(),
        });
    }
    for (i, session) in filled.sessions.iter().enumerate() {
        let key = format!("locks/{i}/.lock").into_bytes();
        stored.push(StoredKey { key, value: b"held".to_vec(), flags: 0, session: session.clone() });
    }
    for entry in &stored {
        if entry.key.starts_with(b"/") || entry.key.windows(2).any(|w| w == b"//") {
            // The server redirects such paths; in a transaction the key is in the body.
            let key = String::from_utf8(entry.key.clone()).map_err(|e| e.to_string())?;
            let set = json!([{"KV": {"Verb": "set", "Key": key, "Value": STANDARD.encode(&entry.value), "Flags": entry.flags}}]);
            server.put("/v1/txn", set.to_string())?;
            continue;
        }
        let acquire = if entry.session.is_empty() {
            String::new()
        } else {
            format!("&acquire={}", entry.session)
        };
        let path = format!("/v1/kv/{}?flags={}{acquire}", percent_encode(&entry.key), entry.flags);
        let answer = server.put(&path, &entry.value)?;
        if !answer.starts_with(b"true") {
            return Err(format!(
                "PUT {path}: the server answered {:?}",
                String::from_utf8_lossy(&answer)
            ));
        }
    }
    stored.sort_by(|a, b| a.key.cmp(&b.key));
    filled.keys = stored;
    filled.deleted_key = b"gone/soon".to_vec();
    server.put("/v1/kv/gone/soon", "x")?;
    server.delete("/v1/kv/gone/soon")?;
    Ok(())
}

fn acl(server: &ConsulServer, filled: &mut Filled) -> Result<(), String> {
    for (name, rules, datacenters) in [
        ("kv-read", "key_prefix \"\" { policy = \"read\" }", json!([])),
        (
            "web-write",
            "service \"web\" { policy = \"write\" intentions = \"read\" }\nnode_prefix \"\" { policy = \"read\" }",
            json!(["dc1"]),
        ),
        (
            "json-rules",
            r#"{"key_prefix": {"secret/": {"policy": "deny"}}, "operator": "read"}"#,
            json!([]),
        ),
    ] {
        let body = json!({"Name": name, "Description": "made for tests", "Rules": rules, "Datacenters": datacenters});
        filled.policies.push(created(server, "/v1/acl/policy", &body, "ID")?);
    }
    for body in [
        json!({"Name": "role-policies", "Policies": [{"Name": "kv-read"}, {"Name": "web-write"}]}),
        json!({"Name": "role-identities", "ServiceIdentities": [{"ServiceName": "web"}, {"ServiceName": "db", "Datacenters": ["dc1"]}],
            "NodeIdentities": [{"NodeName": "node-x", "Datacenter": "dc1"}]}),
    ] {
        filled.roles.push(created(server, "/v1/acl/role", &body, "ID")?);
    }
    for body in [
        json!({"Description": "reads keys", "Policies": [{"Name": "kv-read"}]}),
        json!({"Description": "by roles", "Roles": [{"Name": "role-policies"}], "Local": true}),
        json!({"Description": "expires", "Policies": [{"Name": "json-rules"}], "ExpirationTTL": "20h"}),
        json!({"Description": "is a service", "ServiceIdentities": [{"ServiceName": "web", "Datacenters": ["dc1"]}]}),
        json!({"Description": ""}),
    ] {
        let answer = server.put("/v1/acl/token", body.to_string())?;
        let answer: Value = serde_json::from_slice(&answer).map_err(|e| e.to_string())?;
        filled.tokens.push((text(&answer, "AccessorID")?, text(&answer, "SecretID")?));
    }
    let config = json!({"Host": "https://192.0.2.42:8443", "CACert": ROOT_CERT,
        "ServiceAccountJWT": "eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl"});
    let method = json!({"Name": "minikube", "Type": "kubernetes", "DisplayName": "a cluster", "Description": "fake",
        "MaxTokenTTL": "5m", "Config": config});
    filled.auth_methods.push(created(server, "/v1/acl/auth-method", &method, "Name")?);
    for body in [
        json!({"AuthMethod": "minikube", "BindType": "service", "BindName": "${serviceaccount.name}",
            "Selector": "serviceaccount.namespace==default"}),
        json!({"AuthMethod": "minikube", "BindType": "role", "BindName": "role-policies", "Description": "to a role"}),
    ] {
        filled.binding_rules.push(created(server, "/v1/acl/binding-rule", &body, "ID")?);
    }
    Ok(())
}

fn queries(server: &ConsulServer, filled: &mut Filled) -> Result<(), String> {
    for body in [
        json!({"Name": "failover", "Service": {"Service": "web", "Failover": {"NearestN": 2, "Datacenters": ["dc2"]}, "OnlyPassing": true}, "DNS": {"TTL": "10s"}}),
        json!({"Name": "geo-", "Template": {"Type": "name_prefix_match", "Regexp": "^geo-(.*)$", "RemoveEmptyTags": true},
            "Service": {"Service": "${match(1)}", "Tags": ["${match(0)}", "!old"]}}),
        json!({"Name": "bound", "Session": filled.sessions[0], "Service": {"Service": "db", "Near": "_agent", "NodeMeta": {"zone": "a"}}}),
    ] {
        let answer = server.post("/v1/query", body.to_string())?;
        let answer: Value = serde_json::from_slice(&answer).map_err(|e| e.to_string())?;
        filled.queries.push(text(&answer, "ID")?);
    }
    Ok(())
}

/// Every kind that 1.8.7 knows, in an order in which each may refer to earlier ones.
fn config_entries(server: &ConsulServer, filled: &mut Filled) -> Result<(), String> {
    for body in [
        json!({"Kind": "proxy-defaults", "Name": "global", "MeshGateway": {"Mode": "local"},
            "Config": {"protocol": "http", "local_connect_timeout_ms": 1500, "nested": {"a": [1, 2.5, "x", {"b": "c"}], "flag": true}}}),
        json!({"Kind": "service-defaults", "Name": "web", "Protocol": "http", "MeshGateway": {"Mode": "remote"}}),
        json!({"Kind": "service-defaults", "Name": "db", "Protocol": "tcp", "ExternalSNI": "db.example.test"}),
        json!({"Kind": "service-resolver", "Name": "web", "DefaultSubset": "v1", "ConnectTimeout": "5s",
            "Subsets": {"v1": {"Filter": "Service.Meta.version == v1"}, "v2": {"OnlyPassing": true}},
            "Failover": {"*": {"Datacenters": ["dc2", "dc3"]}}}),
        json!({"Kind": "service-splitter", "Name": "web", "Splits": [{"Weight": 90.5, "ServiceSubset": "v1"}, {"Weight": 9.5, "ServiceSubset": "v2"}]}),
        json!({"Kind": "service-router", "Name": "web", "Routes": [{
            "Match": {"HTTP": {"PathPrefix": "/admin", "Methods": ["GET"], "Header": [{"Name": "x-debug", "Exact": "1"}]}},
            "Destination": {"ServiceSubset": "v2", "RequestTimeout": "5s", "NumRetries": 3, "RetryOnStatusCodes": [502, 503]}}]}),
        json!({"Kind": "ingress-gateway", "Name": "ingress", "Listeners": [
            {"Port": 8080, "Protocol": "http", "Services": [{"Name": "web", "Hosts": ["a.example.test"]}]}]}),
        json!({"Kind": "terminating-gateway", "Name": "terminating", "Services": [
            {"Name": "legacy", "CAFile": "/etc/ca.pem", "SNI": "legacy.example.test"}, {"Name": "*"}]}),
    ] {
        server.put("/v1/config", body.to_string())?;
        filled.config_entries.push((text(&body, "Kind")?, text(&body, "Name")?));
    }
    filled.config_entries.sort();
    Ok(())
}

fn intentions(server: &ConsulServer, filled: &mut Filled) -> Result<(), String> {
    for (source, destination, action) in
        [("web", "db", "allow"), ("*", "db", "deny"), ("*", "*", "deny")]
    {
        let body = json!({"SourceName": source, "DestinationName": destination, "SourceType": "consul",
            "Action": action, "Description": "made for tests"});
        server.post("/v1/connect/intentions", body.to_string())?;
        filled.intentions.push((source.to_owned(), destination.to_owned(), action.to_owned()));
    }
    Ok(())
}

fn created(server: &ConsulServer, path: &str, body: &Value, id: &str) -> Result<String, String> {
    let answer = server.put(path, body.to_string())?;
    let answer: Value = serde_json::from_slice(&answer).map_err(|e| format!("PUT {path}: {e}"))?;
    text(&answer, id)
}

fn text(value: &Value, key: &str) -> Result<String, String> {
    value[key].as_str().map(str::to_owned).ok_or_else(|| format!("{key} is missing in {value}"))
}
