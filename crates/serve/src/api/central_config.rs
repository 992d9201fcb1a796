//! `?merge-central-config`: proxies and gateways with the config entries that apply to them.

use super::call::Call;
use super::rows::each_row;
use serde_json::{Map, Value, json};
use snapscope_decode::VersionRange;
use snapscope_objects::json::{JsonText, write_value};
use snapscope_objects::kind::KindId;
use snapscope_objects::value::{Node, Tape};
use std::collections::{BTreeMap, BTreeSet};

/// Since then, instances can be merged with config entries.
const MERGED: VersionRange = VersionRange::since(1, 12);

/// The name for all upstreams.
const ANY: &str = "*";

/// Config of upstreams, by their names in config entries and in the merged config.
const UPSTREAM_CONFIG: [(&str, &str); 8] = [
    ("EnvoyListenerJSON", "envoy_listener_json"),
    ("EnvoyClusterJSON", "envoy_cluster_json"),
    ("Protocol", "protocol"),
    ("ConnectTimeoutMs", "connect_timeout_ms"),
    ("MeshGateway", "mesh_gateway"),
    ("Limits", "limits"),
    ("PassiveHealthCheck", "passive_health_check"),
    ("BalanceOutboundConnections", "balance_outbound_connections"),
];

/// Config of a service's proxy, by its names in config entries and in the merged config.
const SERVICE_CONFIG: [(&str, &str); 5] = [
    ("Protocol", "protocol"),
    ("BalanceInboundConnections", "balance_inbound_connections"),
    ("MaxInboundConnections", "max_inbound_connections"),
    ("LocalConnectTimeoutMs", "local_connect_timeout_ms"),
    ("LocalRequestTimeoutMs", "local_request_timeout_ms"),
];

/// The defaults of all proxies, and those of services by name.
pub(super) struct CentralConfig {
    proxies: Value,
    services: BTreeMap<String, Value>,
}

/// Returns a value of a tape as JSON.
pub(super) fn to_json(node: Node<'_>) -> Value {
    let mut text = JsonText::new();
    node.render(&mut text);
    serde_json::from_slice(text.as_bytes()).unwrap_or(Value::Null)
}

/// Whether a value is what Go takes for missing.
fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_zero),
    }
}

/// Fills in what is missing in an object, and in the objects in it.
fn fill(to: &mut Value, from: &Value) {
    let Value::Object(from) = from else { return };
    if !to.is_object() {
        *to = Value::Object(Map::new());
    }
    let Value::Object(to) = to else { return };
    for (name, value) in from {
        match to.get_mut(name) {
            Some(own @ Value::Object(_)) if value.is_object() => fill(own, value),
            Some(own) if !is_zero(own) => {}
            _ if is_zero(value) => {}
            _ => {
                to.insert(name.clone(), value.clone());
            }
        }
    }
}

/// Returns the members of an entry that are not missing, by their names in merged config.
fn named(entry: &Value, names: &[(&str, &str)]) -> Map<String, Value> {
    let set = names.iter().filter_map(|(name, merged)| {
        let value = entry.get(*name).filter(|value| !is_zero(value))?;
        Some(((*merged).to_owned(), value.clone()))
    });
    set.collect()
}

fn text<'v>(value: &'v Value, path: &[&str]) -> &'v str {
    let found = path.iter().try_fold(value, |value, name| value.get(*name));
    found.and_then(Value::as_str).unwrap_or("")
}

fn items<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

impl CentralConfig {
    /// Reads the config entries, if the request asks for them.
    pub(super) fn asked(call: &Call<'_>) -> Option<Self> {
        if !call.view.is(MERGED) || !call.query().has("merge-central-config") {
            return None;
        }
        let mut config = Self { proxies: Value::Null, services: BTreeMap::new() };
        each_row(call.view, KindId::ConfigEntries, &mut |entry| match entry.text("Kind") {
            b"proxy-defaults" => config.proxies = to_json(entry.object()),
            b"service-defaults" => {
                let name = String::from_utf8_lossy(entry.text("Name")).into_owned();
                config.services.insert(name, to_json(entry.object()));
            }
            _ => {}
        });
        Some(config)
    }

    /// Whether config entries apply to instances of a kind.
    pub(super) fn applies_to(kind: &[u8]) -> bool {
        kind == b"connect-proxy" || kind.ends_with(b"-gateway")
    }

    fn service(&self, name: &str) -> &Value {
        self.services.get(name).unwrap_or(&Value::Null)
    }

    /// Returns a tape with a merged proxy: `proxy` is the path of the proxy in the object, `service` that of the name.
    pub(super) fn merged(
        &self,
        object: Node<'_>,
        proxy: &[&str],
        service: &[&str],
        change: impl FnOnce(&mut Value),
    ) -> Tape {
        let mut whole = to_json(object);
        let name = text(&whole, service).to_owned();
        let own = proxy.iter().try_fold(&mut whole, |value, name| value.get_mut(*name));
        if let Some(own) = own {
            let destination = text(own, &["DestinationServiceName"]);
            let name = if destination.is_empty() { name } else { destination.to_owned() };
            self.merge(&name, own);
        }
        change(&mut whole);
        let mut tape = Tape::new();
        write_value(&whole, &mut tape);
        tape
    }

    /// Merges what applies to the proxy of a service into it.
    fn merge(&self, name: &str, proxy: &mut Value) {
        let service = self.service(name);
        let upstreams = self.upstreams(name, proxy);
        let mut config = self.proxies.get("Config").cloned().unwrap_or(Value::Null);
        let of_service = named(service, &SERVICE_CONFIG);
        if !of_service.is_empty() {
            if !config.is_object() {
                config = Value::Object(Map::new());
            }
            if let Value::Object(config) = &mut config {
                config.extend(of_service);
            }
        }
        // What a service says comes before what is said of all proxies.
        let mut defaults = json!({ "Config": config });
        for from in [service, &self.proxies] {
            for name in ["Expose", "AccessLogs", "MeshGateway", "Mode", "TransparentProxy"] {
                if let Some(value) = from.get(name) {
                    fill(&mut defaults, &json!({ name: value }));
                }
            }
        }
        fill(proxy, &defaults);
        let Value::Object(members) = proxy else { return };
        members.remove("EnvoyExtensions");
        let extensions = [&self.proxies, service].into_iter();
        let extensions: Vec<Value> = extensions
            .flat_map(|from| items(from, "EnvoyExtensions"))
            .map(|extension| {
                let mut extension = extension.clone();
                // The versions that an extension is for are not merged.
                for version in ["ConsulVersion", "EnvoyVersion"] {
                    if let Some(member) = extension.get_mut(version) {
                        *member = Value::from("");
                    }
                }
                extension
            })
            .collect();
        if !extensions.is_empty() {
            members.insert("EnvoyExtensions".to_owned(), Value::from(extensions));
        }
        merge_upstreams(proxy, upstreams);
    }

    /// The config of upstreams by name, with that of all others.
    fn upstreams(&self, name: &str, proxy: &Value) -> BTreeMap<String, Map<String, Value>> {
        let service = self.service(name);
        let is_service = |upstream: &&Value| {
            matches!(text(upstream, &["DestinationType"]), "" | "service")
                && text(upstream, &["DestinationPeer"]).is_empty()
        };
        let registered = items(proxy, "Upstreams").iter().filter(is_service);
        let registered: BTreeSet<&str> =
            registered.map(|upstream| text(upstream, &["DestinationName"])).collect();
        let mode = [text(service, &["Mode"]), text(&self.proxies, &["Mode"])];
        let mode = mode.into_iter().find(|mode| !mode.is_empty()).unwrap_or("");
        let is_transparent = mode == "transparent" || text(proxy, &["Mode"]) == "transparent";
        if registered.is_empty() && !is_transparent {
            return BTreeMap::new();
        }
        let gateway =
            |of: &Value| of.get("MeshGateway").filter(|gateway| !is_zero(gateway)).cloned();
        let central = gateway(service).or_else(|| gateway(&self.proxies));
        let defaults = service.get("UpstreamConfig").and_then(|config| config.get("Defaults"));
        let put = |config: &mut Map<String, Value>, gateway: Option<Value>| {
            if let Some(gateway) = gateway {
                config.insert("mesh_gateway".to_owned(), gateway);
            }
        };
        let mut any = Map::new();
        put(&mut any, central.clone());
        let of_all = defaults.map(|defaults| named(defaults, &UPSTREAM_CONFIG)).unwrap_or_default();
        any.extend(of_all.clone());
        put(&mut any, gateway(proxy));
        let overrides = service.get("UpstreamConfig").map(|config| items(config, "Overrides"));
        let overrides: BTreeMap<&str, &Value> = overrides
            .unwrap_or_default()
            .iter()
            .map(|upstream| (text(upstream, &["Name"]), upstream))
            .filter(|(name, _)| !name.is_empty())
            .collect();
        let mut all = BTreeMap::new();
        let names: BTreeSet<&str> =
            registered.into_iter().chain(overrides.keys().copied()).collect();
        for upstream in names {
            let mut config = Map::new();
            let protocol = text(&self.proxies, &["Config", "protocol"]);
            if !protocol.is_empty() {
                config.insert("protocol".to_owned(), protocol.into());
            }
            config.extend(any.clone());
            let own = text(self.service(upstream), &["Protocol"]);
            if !own.is_empty() {
                config.insert("protocol".to_owned(), own.into());
            }
            // How the service addresses its upstreams counts more than how they want to be addressed.
            config.extend(of_all.clone());
            put(&mut config, gateway(proxy));
            if let Some(upstream) = overrides.get(upstream) {
                config.extend(named(upstream, &UPSTREAM_CONFIG));
            }
            if !config.is_empty() {
                all.insert(upstream.to_owned(), config);
            }
        }
        if !any.is_empty() {
            all.insert(ANY.to_owned(), any);
        }
        all
    }
}

/// Merges the config of upstreams into those of a proxy, and adds others if it intercepts all connections.
fn merge_upstreams(proxy: &mut Value, central: BTreeMap<String, Map<String, Value>>) {
    let is_transparent = text(proxy, &["Mode"]) == "transparent";
    let mut own: BTreeSet<String> = BTreeSet::new();
    let listed = proxy.get_mut("Upstreams").and_then(Value::as_array_mut);
    for upstream in listed.into_iter().flatten() {
        if !matches!(text(upstream, &["DestinationType"]), "" | "service")
            || !text(upstream, &["DestinationPeer"]).is_empty()
        {
            continue;
        }
        let name = text(upstream, &["DestinationName"]).to_owned();
        if let Some(config) = central.get(&name) {
            let mut config = config.clone();
            // The mode is a member of its own, and an upstream's own counts most.
            let gateway = config.remove("mesh_gateway").unwrap_or(Value::Null);
            fill(upstream, &json!({ "MeshGateway": gateway, "Config": config }));
            if let Some(config) = upstream.get_mut("Config").and_then(Value::as_object_mut) {
                config.remove("mesh_gateway");
            }
        }
        own.insert(name);
    }
    if !is_transparent {
        return;
    }
    let added = central.into_iter().filter(|(name, _)| !own.contains(name));
    let added: Vec<Value> = added
        .map(|(name, config)| {
            let gateway = config.get("mesh_gateway").cloned().unwrap_or_else(|| json!({}));
            json!({
                "DestinationType": "",
                "DestinationNamespace": "default",
                "DestinationPartition": "default",
                "DestinationName": name,
                "Datacenter": "",
                "Config": config,
                "MeshGateway": gateway,
                "CentrallyConfigured": true,
            })
        })
        .collect();
    if let (false, Value::Object(members)) = (added.is_empty(), proxy) {
        let listed = members.entry("Upstreams").or_insert_with(|| json!([]));
        if !listed.is_array() {
            *listed = json!([]);
        }
        if let Some(listed) = listed.as_array_mut() {
            listed.extend(added);
        }
    }
}
