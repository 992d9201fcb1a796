//! Summaries of services: their instances and health.

use crate::api::joined::Checked;
use crate::api::rows::{number_member, text_member};
use crate::state::View;
use snapscope_decode::VersionRange;
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::value::{Json, Node};
use std::collections::{BTreeMap, BTreeSet};

/// Since then, a sidecar also counts for its service.
pub(super) const SIDECARS_COUNT: VersionRange = VersionRange::since(1, 9);
/// Since then, summaries say whether sidecars intercept all connections.
const TRANSPARENCY: VersionRange = VersionRange::since(1, 10);
/// Since then, summaries say whether instances are native members of the mesh.
const NATIVE: VersionRange = VersionRange::since(1, 10);

/// The metadata that names the source of a registration.
const SOURCE: &str = "external-source";

/// A summary of a service.
#[derive(Debug, Default)]
pub(super) struct Summary {
    kind: Vec<u8>,
    pub(super) datacenter: Vec<u8>,
    tags: Vec<Vec<u8>>,
    nodes: Vec<Vec<u8>>,
    sources: Vec<Vec<u8>>,
    pub(super) instances: u64,
    /// The states of checks by node and check ID, and by instance if instances are counted
    /// separately.
    checks: BTreeMap<(u64, Vec<u8>, Vec<u8>), Vec<u8>>,
    proxy_for: Vec<Vec<u8>>,
    is_native: bool,
    /// Whether all its sidecars intercept all connections; `None` without sidecars.
    is_transparent: Option<bool>,
    /// The addresses at which a gateway offers it.
    pub(super) addresses: Vec<String>,
    /// The number of services behind it, if it is a gateway.
    pub(super) associated: u64,
}

/// The name of a service and its peer.
pub(super) type Key = (Vec<u8>, Vec<u8>);

/// Summaries by service name and peer.
#[derive(Debug, Default)]
pub(super) struct Summaries {
    pub(super) all: BTreeMap<Key, Summary>,
    counts_sidecars: bool,
    /// The nodes and IDs of instances that are counted once.
    seen: BTreeSet<(Vec<u8>, Vec<u8>)>,
}

fn text<'t>(node: Node<'t>, path: &[&str]) -> &'t [u8] {
    node.at(path.iter().copied()).and_then(|text| text.text()).unwrap_or_default()
}

fn push_new(list: &mut Vec<Vec<u8>>, item: &[u8]) {
    if !list.iter().any(|known| known == item) {
        list.push(item.to_vec());
    }
}

impl Summaries {
    pub(super) fn new(view: &View<'_>) -> Self {
        Self { counts_sidecars: view.is(SIDECARS_COUNT), ..Self::default() }
    }

    /// The summary of a service, created if necessary.
    pub(super) fn of(&mut self, name: &[u8], peer: &[u8]) -> &mut Summary {
        self.all.entry((name.to_vec(), peer.to_vec())).or_default()
    }

    /// Adds an instance.
    pub(super) fn add(&mut self, peer: &[u8], instance: &Checked) {
        let Some(object) = instance.object() else { return };
        let counts_sidecars = self.counts_sidecars;
        let checks: Vec<(Vec<u8>, Vec<u8>)> = object
            .get("Checks")
            .into_iter()
            .flat_map(|checks| checks.items())
            .map(|check| (text(check, &["CheckID"]).to_vec(), text(check, &["Status"]).to_vec()))
            .collect();
        let node = instance.node();
        let is_proxy = text(object, &["Service", "Kind"]) == b"connect-proxy";
        let destination = text(object, &["Service", "Proxy", "DestinationServiceName"]);
        let own = self.of(instance.service(), peer);
        own.describe(object);
        own.count(node, &checks, counts_sidecars);
        if !is_proxy {
            return;
        }
        if !counts_sidecars {
            push_new(&mut own.proxy_for, destination);
            return;
        }
        let is_transparent = text(object, &["Service", "Proxy", "Mode"]) == b"transparent";
        let served = self.of(destination, peer);
        served.count(node, &checks, true);
        served.is_transparent = Some(is_transparent && served.is_transparent.unwrap_or(true));
    }

    /// Adds an instance of the cluster's own, unless it was added before.
    pub(super) fn add_once(&mut self, instance: &Checked) {
        let id = instance.text("Service", "ID").to_vec();
        if self.seen.insert((instance.node().to_vec(), id)) {
            self.add(b"", instance);
        }
    }

    /// Keeps only the services of some kinds.
    pub(super) fn retain_kinds(&mut self, kinds: &[&[u8]]) {
        self.all.retain(|_, summary| kinds.contains(&summary.kind.as_slice()));
    }

    /// All summaries as a list; `last` writes the last members of each.
    pub(super) fn write(
        &self,
        json: &mut JsonText,
        view: &View<'_>,
        last: &dyn Fn(&mut JsonText, &Key),
    ) {
        for (key, summary) in &self.all {
            json.begin_object();
            summary.write(json, view, key);
            last(json, key);
            json.end_object();
        }
    }
}

impl Summary {
    /// Adds what an instance reveals about its service.
    fn describe(&mut self, object: Node<'_>) {
        self.instances += 1;
        self.kind = text(object, &["Service", "Kind"]).to_vec();
        self.datacenter = text(object, &["Node", "Datacenter"]).to_vec();
        self.nodes.push(text(object, &["Node", "Node"]).to_vec());
        let native = object.at(["Service", "Connect", "Native"]);
        self.is_native = native.is_some_and(|native| matches!(native.json(), Json::Bool(true)));
        let tags = object.at(["Service", "Tags"]);
        for tag in tags.into_iter().flat_map(|tags| tags.items()) {
            push_new(&mut self.tags, tag.text().unwrap_or_default());
        }
        let source = text(object, &["Service", "Meta", SOURCE]);
        if !source.is_empty() {
            push_new(&mut self.sources, source);
        }
    }

    fn count(&mut self, node: &[u8], checks: &[(Vec<u8>, Vec<u8>)], once: bool) {
        let instance = if once { 0 } else { self.instances };
        for (id, status) in checks {
            self.checks.insert((instance, node.to_vec(), id.clone()), status.clone());
        }
    }

    fn write(&self, json: &mut JsonText, view: &View<'_>, (name, peer): &Key) {
        let is_long = view.is(SIDECARS_COUNT);
        let optional = |json: &mut JsonText, name: &str, text: &[u8]| {
            if !text.is_empty() {
                text_member(json, name, text);
            }
        };
        optional(json, "Kind", &self.kind);
        text_member(json, "Name", name);
        if is_long {
            text_member(json, "Datacenter", &self.datacenter);
        }
        texts(json, "Tags", sorted(&self.tags));
        texts(json, "Nodes", sorted(&self.nodes));
        if is_long {
            texts(json, "ExternalSources", self.sources.clone());
        }
        number_member(json, "InstanceCount", self.instances);
        if !self.proxy_for.is_empty() {
            texts(json, "ProxyFor", sorted(&self.proxy_for));
        }
        for (name, state) in [
            ("ChecksPassing", "passing"),
            ("ChecksWarning", "warning"),
            ("ChecksCritical", "critical"),
        ] {
            let count = self.checks.values().filter(|status| *status == state.as_bytes()).count();
            number_member(json, name, count as u64);
        }
        if !is_long {
            texts(json, "ExternalSources", self.sources.clone());
        }
        json.key(b"GatewayConfig");
        json.begin_object();
        if self.associated > 0 {
            number_member(json, "AssociatedServiceCount", self.associated);
        }
        if !self.addresses.is_empty() {
            let addresses = self.addresses.iter().map(|text| text.clone().into_bytes());
            texts(json, "Addresses", addresses.collect());
        }
        json.end_object();
        if view.is(TRANSPARENCY) {
            flag(json, "TransparentProxy", self.is_transparent == Some(true));
        }
        if view.is(NATIVE) {
            flag(json, "ConnectNative", self.is_native);
        }
        optional(json, "PeerName", peer);
    }
}

/// A boolean member.
pub(super) fn flag(json: &mut JsonText, name: &str, flag: bool) {
    json.key(name.as_bytes());
    json.bool(flag);
}

fn sorted(texts: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut texts = texts.to_vec();
    texts.sort();
    texts
}

/// A member that is a list of texts, left out if it is empty.
fn texts(json: &mut JsonText, name: &str, texts: Vec<Vec<u8>>) {
    json.key(name.as_bytes());
    if texts.is_empty() {
        json.null();
        return;
    }
    json.begin_list();
    texts.iter().for_each(|text| json.text(text));
    json.end_list();
}
