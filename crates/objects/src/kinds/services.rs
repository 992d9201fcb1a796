//! Services, with totals of their instances and checks.

use super::instances::{checks_of, peer_of};
use crate::filter::{Field, Shape};
use crate::json::Sink as _;
use crate::kind::declare::{columns, field};
use crate::kind::{Join, KindId, Maker, ObjectKind, Rows, Traits, id, same};
use crate::render::{Engine, RecordFields, Stored};
use crate::value::Tape;
use snapscope_decode::Kind;
use snapscope_decode::records::{HealthCheckRef, NodeServiceRef};
use snapscope_decode::schema::WireStruct;
use snapscope_decode::wire::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Services by name; fields are named as in Consul's UI. The state of an instance is that of the
/// worst check of the instance and its node.
pub(super) static SERVICES: ObjectKind = ObjectKind {
    id: KindId::Services,
    name: "services",
    one: "service",
    object: None,
    about: "services, with the totals of their instances and checks",
    from: &[Kind::REGISTER],
    rows: Rows::Joined(|| Box::new(ServicesJoin::default())),
    shape: || {
        static FIELDS: &[Field] = &[
            Field { name: "Name", shape: || Shape::Text },
            Field { name: "Kind", shape: || Shape::Text },
            Field { name: "PeerName", shape: || Shape::Text },
            Field { name: "Tags", shape: Shape::texts },
            Field { name: "Nodes", shape: Shape::texts },
            Field { name: "InstanceCount", shape: || Shape::Uint },
            Field { name: "InstancesPassing", shape: || Shape::Uint },
            Field { name: "InstancesWarning", shape: || Shape::Uint },
            Field { name: "InstancesCritical", shape: || Shape::Uint },
            Field { name: "ChecksPassing", shape: || Shape::Uint },
            Field { name: "ChecksWarning", shape: || Shape::Uint },
            Field { name: "ChecksCritical", shape: || Shape::Uint },
        ];
        Shape::Object(FIELDS)
    },
    columns: columns![
        "name" = field("Name"),
        "kind" = field("Kind"),
        #4 "instances" = field("InstanceCount"),
        #3 "passing" = field("InstancesPassing"),
        #2 "warning" = field("InstancesWarning"),
        #1 "critical" = field("InstancesCritical"),
        "tags" = field("Tags"),
        @wide "nodes" = field("Nodes"),
        @wide "checks-passing" = field("ChecksPassing"),
        @wide "checks-warning" = field("ChecksWarning"),
        @wide "checks-critical" = field("ChecksCritical"),
        @wide #5 "peer" = field("PeerName"),
    ],
    write_id: |object, out| {
        id::peer(object, "PeerName", out);
        id::fields(object, &["Name"], out);
    },
    id_fields: &["Name", "PeerName"],
    names: &["Name"],
    bookkeeping: &[],
    traits: Traits { by_peer: true, ..Traits::NONE },
};

/// Data from records, by peer and node in stored order. A node's records are adjacent, so most of
/// the work is done as they pass, and little remains for the end, which runs on one thread while
/// the others wait.
#[derive(Debug, Default)]
struct ServicesJoin {
    peers: BTreeMap<Vec<u8>, HashMap<Vec<u8>, AtNode>>,
}

/// The registrations of a node.
#[derive(Debug, Default)]
struct AtNode {
    /// The node's own checks.
    checks: Checks,
    /// By ID. A tree reserves room for eleven, and most nodes have one or two.
    services: HashMap<Vec<u8>, AtService>,
}

#[derive(Debug, Default)]
struct AtService {
    checks: Checks,
    instance: Option<Box<Instance>>,
}

#[derive(Debug)]
struct Instance {
    /// The number of its record.
    number: u64,
    service: Vec<u8>,
    kind: Vec<u8>,
    tags: Vec<Vec<u8>>,
}

/// Number of checks by state.
#[derive(Debug, Default, Clone, Copy)]
struct Checks {
    passing: u64,
    warning: u64,
    critical: u64,
}

#[derive(Default)]
struct Summary {
    kind: Vec<u8>,
    tags: BTreeSet<Vec<u8>>,
    /// Sorted, because they are processed in order.
    nodes: Vec<Vec<u8>>,
    instances: Checks,
    checks: Checks,
}

impl Checks {
    fn add(&mut self, other: Self) {
        self.passing += other.passing;
        self.warning += other.warning;
        self.critical += other.critical;
    }

    const fn of(status: &[u8]) -> Self {
        match status {
            b"passing" => Self { passing: 1, warning: 0, critical: 0 },
            b"warning" => Self { passing: 0, warning: 1, critical: 0 },
            // A check in maintenance or with an unknown state does not pass.
            _ => Self { passing: 0, warning: 0, critical: 1 },
        }
    }

    const fn worst(self) -> Self {
        match self {
            Self { critical: 1.., .. } => Self { passing: 0, warning: 0, critical: 1 },
            Self { warning: 1.., .. } => Self { passing: 0, warning: 1, critical: 0 },
            _ => Self { passing: 1, warning: 0, critical: 0 },
        }
    }
}

impl AtNode {
    fn service(&mut self, id: &[u8]) -> &mut AtService {
        self.services.entry(id.to_vec()).or_default()
    }

    fn merge(&mut self, other: Self) {
        self.checks.add(other.checks);
        for (id, at) in other.services {
            let service = self.services.entry(id).or_default();
            service.checks.add(at.checks);
            if let Some(instance) = at.instance {
                service.keep(instance);
            }
        }
    }
}

impl AtService {
    /// If several records have one place, which no server writes, the last one counts.
    fn keep(&mut self, instance: Box<Instance>) {
        if self.instance.as_ref().is_none_or(|kept| kept.number < instance.number) {
            self.instance = Some(instance);
        }
    }
}

impl Summary {
    /// Adds the instances of a service on a node, which are adjacent.
    fn add(&mut self, node: &[u8], of_node: Checks, own: Checks, instance: Instance) {
        if self.kind.is_empty() {
            self.kind = instance.kind;
        }
        for tag in instance.tags {
            if !self.tags.contains(&tag) {
                self.tags.insert(tag);
            }
        }
        let mut all = own;
        all.add(of_node);
        self.instances.add(all.worst());
        self.checks.add(own);
        // Checks of a node count once for a service, however many of its instances run there.
        if self.nodes.last().is_none_or(|last| last != node) {
            self.nodes.push(node.to_vec());
            self.checks.add(of_node);
        }
    }
}

impl ServicesJoin {
    fn node(&mut self, peer: &[u8], node: &[u8]) -> &mut AtNode {
        self.peers.entry(peer.to_vec()).or_default().entry(node.to_vec()).or_default()
    }
}

impl Join for ServicesJoin {
    fn record(&mut self, record: &RecordFields<'_>, maker: &mut Maker<'_>) {
        let peers = maker.peers;
        let Some(node) = record.stored(maker.problems) else { return };
        let name = node.text("Node");
        if let Some(value) = node.get("Service") {
            let service = Stored::of(<NodeServiceRef<'_> as WireStruct<'_>>::schema(), Some(value));
            let peer = peer_of(node, &service);
            if peers.has(peer) {
                let tags = match service.get("Tags") {
                    Some(Value::Array(tags)) => {
                        tags.flatten().filter_map(|tag| tag.as_raw().map(<[u8]>::to_vec)).collect()
                    }
                    _ => Vec::new(),
                };
                self.node(peer, name).service(service.text("ID")).keep(Box::new(Instance {
                    number: record.frame.number,
                    service: service.text("Service").to_vec(),
                    kind: service.text("Kind").to_vec(),
                    tags,
                }));
            }
        }
        for value in checks_of(node) {
            let check = Stored::of(<HealthCheckRef<'_> as WireStruct<'_>>::schema(), Some(value));
            let peer = peer_of(node, &check);
            if peers.has(peer) {
                let at = self.node(peer, name);
                let checks = match check.text("ServiceID") {
                    b"" => &mut at.checks,
                    id => &mut at.service(id).checks,
                };
                checks.add(Checks::of(check.text("Status")));
            }
        }
    }

    fn merge(&mut self, other: Box<dyn Join>) {
        let Some(other) = same::<Self>(other) else { return };
        for (peer, nodes) in other.peers {
            let known = self.peers.entry(peer).or_default();
            for (name, at) in nodes {
                known.entry(name).or_default().merge(at);
            }
        }
    }

    fn finish(self: Box<Self>, maker: &mut Maker<'_>) {
        for (peer, nodes) in self.peers {
            let mut nodes: Vec<(Vec<u8>, AtNode)> = nodes.into_iter().collect();
            nodes.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
            let mut services: HashMap<Vec<u8>, Summary> = HashMap::new();
            for (node, at) in nodes {
                let mut of_node: Vec<(Vec<u8>, AtService)> = at.services.into_iter().collect();
                of_node.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
                for (_, own) in of_node {
                    let Some(mut instance) = own.instance.map(|instance| *instance) else {
                        continue;
                    };
                    let service = std::mem::take(&mut instance.service);
                    let summary = services.entry(service).or_default();
                    summary.add(&node, at.checks, own.checks, instance);
                }
            }
            let mut services: Vec<(Vec<u8>, Summary)> = services.into_iter().collect();
            services.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
            for (name, summary) in services {
                maker.object(|engine| summary.render(&peer, &name, engine));
            }
        }
    }
}

impl Summary {
    fn render(&self, peer: &[u8], name: &[u8], engine: &mut Engine<'_, Tape>) {
        engine.text_member("Name", name);
        engine.text_member("Kind", &self.kind);
        if !peer.is_empty() {
            engine.text_member("PeerName", peer);
        }
        texts(engine, "Tags", self.tags.iter());
        texts(engine, "Nodes", self.nodes.iter());
        let Checks { passing, warning, critical } = self.instances;
        engine.uint_member("InstanceCount", passing + warning + critical);
        engine.uint_member("InstancesPassing", passing);
        engine.uint_member("InstancesWarning", warning);
        engine.uint_member("InstancesCritical", critical);
        engine.uint_member("ChecksPassing", self.checks.passing);
        engine.uint_member("ChecksWarning", self.checks.warning);
        engine.uint_member("ChecksCritical", self.checks.critical);
    }
}

fn texts<'t>(engine: &mut Engine<'_, Tape>, key: &str, texts: impl Iterator<Item = &'t Vec<u8>>) {
    engine.sink.key(key.as_bytes());
    engine.sink.begin_list();
    texts.for_each(|text| engine.sink.text(text));
    engine.sink.end_list();
}
