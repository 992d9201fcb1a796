//! A compiled chain.

use super::entries::items;
use super::graph_node::{GraphNode, Part};
use super::target::{DEFAULT, Target};
use super::{DEFAULTS, DEFINITIONS, DETAILED_TARGETS, EXTENSIONS, META, VIRTUAL_IPS};
use crate::answer::text_member;
use crate::versions::PARTITIONS;
use snapscope_decode::{ServerVersion, VersionRange};
use snapscope_objects::json::{JsonText, Sink as _, duration_text};
use snapscope_objects::value::Node;
use std::collections::{BTreeMap, BTreeSet};

/// A compiled chain.
pub(crate) struct Chain<'e> {
    pub(super) service: String,
    pub(super) datacenter: String,
    pub(super) version: ServerVersion,
    /// Set if the request's overrides had an effect.
    pub(super) hash: Option<String>,
    pub(crate) protocol: String,
    /// The defaults of the service.
    pub(super) defaults: Option<Node<'e>>,
    /// The defaults of all proxies (`proxy-defaults`).
    pub(super) proxies: Option<Node<'e>>,
    pub(super) start: String,
    pub(super) nodes: BTreeMap<String, GraphNode<'e>>,
    pub(crate) targets: BTreeMap<String, Target<'e>>,
    /// Peers that resolvers lead to.
    pub(crate) peers: BTreeSet<String>,
}

/// The virtual IPs of a service.
#[derive(Debug, Clone, Default)]
pub(crate) struct VirtualIps {
    pub(crate) automatic: Vec<Vec<u8>>,
    pub(crate) manual: Vec<Vec<u8>>,
}

impl Chain<'_> {
    /// Whether it results only from defaults.
    pub(crate) fn is_default(&self) -> bool {
        let Some(Part::Resolver(resolve)) = self.nodes.get(&self.start).map(|node| &node.part)
        else {
            return false;
        };
        let target = self.targets.get(&resolve.target);
        resolve.is_default && target.is_some_and(|target| target.place.service == self.service)
    }

    /// Writes the chain in the form of the servers' version.
    pub(crate) fn write(&self, json: &mut JsonText, ips: Option<&VirtualIps>) {
        let has = |versions: VersionRange| versions.contains(self.version);
        json.begin_object();
        text_member(json, "ServiceName", &self.service);
        text_member(json, "Namespace", DEFAULT);
        if has(PARTITIONS) {
            text_member(json, "Partition", DEFAULT);
        }
        text_member(json, "Datacenter", &self.datacenter);
        if let Some(hash) = &self.hash {
            text_member(json, "CustomizationHash", hash);
        }
        if has(DEFAULTS) && self.is_default() {
            json.key(b"Default");
            json.bool(true);
        }
        text_member(json, "Protocol", &self.protocol);
        let meta = self.defaults.and_then(|defaults| defaults.get("Meta"));
        if let Some(meta) = meta.filter(|meta| has(META) && !meta.members().is_empty()) {
            json.key(b"ServiceMeta");
            meta.render(json);
        }
        if has(EXTENSIONS) {
            self.write_extensions(json);
        }
        text_member(json, "StartNode", &self.start);
        json.key(b"Nodes");
        json.begin_object();
        for (key, node) in &self.nodes {
            json.key(key.as_bytes());
            node.write(json, has(PARTITIONS), has(DEFINITIONS));
        }
        json.end_object();
        json.key(b"Targets");
        json.begin_object();
        for (id, target) in &self.targets {
            json.key(id.as_bytes());
            self.write_target(json, id, target);
        }
        json.end_object();
        if has(VIRTUAL_IPS) {
            write_ips(json, "AutoVirtualIPs", ips.map(|ips| &ips.automatic));
            write_ips(json, "ManualVirtualIPs", ips.map(|ips| &ips.manual));
        }
        json.end_object();
    }

    /// The extensions of all proxies, then those of the service.
    fn write_extensions(&self, json: &mut JsonText) {
        let of = |entry: Option<Node<'_>>| {
            entry.is_some_and(|e| !items(e, "EnvoyExtensions").is_empty())
        };
        if !of(self.proxies) && !of(self.defaults) {
            return;
        }
        json.key(b"EnvoyExtensions");
        json.begin_list();
        for entry in [self.proxies, self.defaults].into_iter().flatten() {
            items(entry, "EnvoyExtensions").iter().for_each(|extension| extension.render(json));
        }
        json.end_list();
    }

    fn write_target(&self, json: &mut JsonText, id: &str, target: &Target<'_>) {
        let has = |versions: VersionRange| versions.contains(self.version);
        let place = &target.place;
        let optional = |json: &mut JsonText, name: &str, text: &str| {
            if !text.is_empty() {
                text_member(json, name, text);
            }
        };
        json.begin_object();
        if has(DETAILED_TARGETS) {
            text_member(json, "ConnectTimeout", duration_text(target.connect_timeout));
        }
        text_member(json, "ID", id);
        text_member(json, "Service", &place.service);
        optional(json, "ServiceSubset", &place.subset);
        text_member(json, "Namespace", &place.namespace);
        if has(PARTITIONS) {
            text_member(json, "Partition", &place.partition);
        }
        optional(json, "Datacenter", &place.datacenter);
        optional(json, "Peer", &place.peer);
        json.key(b"MeshGateway");
        json.begin_object();
        optional(json, "Mode", &target.mesh_gateway);
        json.end_object();
        json.key(b"Subset");
        match target.subset {
            Some(subset) => subset.render(json),
            None => {
                json.begin_object();
                json.end_object();
            }
        }
        if has(DETAILED_TARGETS) {
            json.key(b"TransparentProxy");
            json.begin_object();
            if target.dialed_directly {
                json.key(b"DialedDirectly");
                json.bool(true);
            }
            json.end_object();
        }
        if target.is_external {
            json.key(b"External");
            json.bool(true);
        }
        optional(json, "SNI", &target.sni);
        optional(json, "Name", &target.name);
        json.end_object();
    }
}

fn write_ips(json: &mut JsonText, name: &str, ips: Option<&Vec<Vec<u8>>>) {
    json.key(name.as_bytes());
    let Some(ips) = ips else {
        json.null();
        return;
    };
    json.begin_list();
    ips.iter().for_each(|ip| json.text(ip));
    json.end_list();
}
