//! Services: their instances and checks taken together.

use super::instances::{checks_of, peer_of};
use super::{ObjectKind, Rows, columns, field, id};
use crate::filter::{Field, Shape};
use crate::json::Sink as _;
use crate::row::{Join, PeerSelection, Row};
use crate::shape::{Engine, Problem, Stored};
use snapscope_decode::records::{HealthCheckRef, NodeServiceRef};
use snapscope_decode::schema::WireStruct;
use snapscope_decode::wire::Value;
use snapscope_decode::{Frame, Kind};
use std::collections::{BTreeMap, BTreeSet};

/// Services by name, with the names Consul's UI has for what it shows of them. An instance is as
/// bad as the worst check of its own and of its node.
pub(super) static SERVICES: ObjectKind = ObjectKind {
    name: "services",
    one: "service",
    object: None,
    about: "services, their instances and checks summed up",
    from: &[Kind::REGISTER],
    rows: Rows::Joined(|| Join::Services(ServicesJoin::default())),
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
        "instances" = field("InstanceCount"),
        "passing" = field("InstancesPassing"),
        "warning" = field("InstancesWarning"),
        "critical" = field("InstancesCritical"),
        "tags" = field("Tags"),
        @wide "nodes" = field("Nodes"),
        @wide "checks-passing" = field("ChecksPassing"),
        @wide "checks-warning" = field("ChecksWarning"),
        @wide "checks-critical" = field("ChecksCritical"),
        @wide "peer" = field("PeerName"),
    ],
    id: |object, out| {
        id::peer(object, "PeerName", out);
        id::fields(object, &["Name"], out);
    },
    id_fields: &["Name", "PeerName"],
    names: &["Name"],
    secrets: &[],
    bookkeeping: &[],
};

/// Peer, node, and the id of the service there.
type Place = (Vec<u8>, Vec<u8>, Vec<u8>);

/// What records say, as they come: they are stored in the order of places, so that sorting them in
/// the end costs next to nothing.
#[derive(Debug, Default)]
pub(crate) struct ServicesJoin {
    instances: Vec<(Place, Instance)>,
    /// Checks with their places; those of a node have no service's id.
    checks: Vec<(Place, Checks)>,
}

#[derive(Debug)]
struct Instance {
    /// That of its record.
    number: u64,
    service: Vec<u8>,
    kind: Vec<u8>,
    tags: Vec<Vec<u8>>,
}

/// How many checks are in which state.
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
    nodes: BTreeSet<Vec<u8>>,
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
            // A check in maintenance or of a state that is not known is no passing one.
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

impl ServicesJoin {
    pub(crate) fn frame(
        &mut self,
        frame: &Frame<'_>,
        peers: &PeerSelection,
        problems: &mut Vec<Problem>,
    ) {
        let Some(node) = Stored::record(frame, problems) else { return };
        let name = node.text("Node").to_vec();
        if let Some(value) = node.get("Service") {
            let service = Stored::of(<NodeServiceRef<'_> as WireStruct<'_>>::schema(), Some(value));
            let peer = peer_of(&node, &service);
            if peers.has(peer) {
                let tags = match service.get("Tags") {
                    Some(Value::Array(tags)) => {
                        tags.flatten().filter_map(|tag| tag.as_raw().map(<[u8]>::to_vec)).collect()
                    }
                    _ => Vec::new(),
                };
                let place = (peer.to_vec(), name.clone(), service.text("ID").to_vec());
                let (kind, service) = (service.text("Kind"), service.text("Service"));
                let instance = Instance {
                    number: frame.number,
                    service: service.to_vec(),
                    kind: kind.to_vec(),
                    tags,
                };
                self.instances.push((place, instance));
            }
        }
        for value in checks_of(&node) {
            let check = Stored::of(<HealthCheckRef<'_> as WireStruct<'_>>::schema(), Some(value));
            let peer = peer_of(&node, &check);
            if peers.has(peer) {
                let place = (peer.to_vec(), name.clone(), check.text("ServiceID").to_vec());
                self.checks.push((place, Checks::of(check.text("Status"))));
            }
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.instances.extend(other.instances);
        self.checks.extend(other.checks);
    }

    /// The checks of a service, or with no id those of the node. They must be sorted.
    fn checks_at(&self, peer: &[u8], node: &[u8], id: &[u8]) -> Checks {
        let order = |(other, _): &(Place, Checks)| {
            (other.0.as_slice(), other.1.as_slice(), other.2.as_slice()).cmp(&(peer, node, id))
        };
        let first = self.checks.partition_point(|checks| order(checks).is_lt());
        let mut sum = Checks::default();
        for checks in self.checks.iter().skip(first).take_while(|checks| order(checks).is_eq()) {
            sum.add(checks.1);
        }
        sum
    }

    pub(crate) fn finish(mut self, row: &mut Row, each: &mut dyn FnMut(&Row)) {
        self.checks.sort_by(|(a, _), (b, _)| a.cmp(b));
        // Of records for one place, which no server writes, the last one counts.
        self.instances.sort_by(|(a, one), (b, two)| a.cmp(b).then(two.number.cmp(&one.number)));
        self.instances.dedup_by(|(a, _), (b, _)| a == b);
        let mut services: BTreeMap<(Vec<u8>, Vec<u8>), Summary> = BTreeMap::new();
        for ((peer, node, id), instance) in std::mem::take(&mut self.instances) {
            let of_node = self.checks_at(&peer, &node, b"");
            // An instance whose id is empty would count its node's checks as its own.
            let own =
                if id.is_empty() { Checks::default() } else { self.checks_at(&peer, &node, &id) };
            let summary = services.entry((peer, instance.service)).or_default();
            if summary.kind.is_empty() {
                summary.kind = instance.kind;
            }
            summary.tags.extend(instance.tags);
            let mut all = own;
            all.add(of_node);
            summary.instances.add(all.worst());
            summary.checks.add(own);
            // Checks of a node count once for a service, however many of its instances run there.
            if summary.nodes.insert(node) {
                summary.checks.add(of_node);
            }
        }
        for ((peer, name), summary) in services {
            let tape = row.tape_mut();
            tape.clear();
            let engine = &mut Engine::new(tape);
            engine.sink.begin_object();
            engine.text_member("Name", &name);
            engine.text_member("Kind", &summary.kind);
            if !peer.is_empty() {
                engine.text_member("PeerName", &peer);
            }
            for (key, texts) in [("Tags", &summary.tags), ("Nodes", &summary.nodes)] {
                engine.sink.key(key.as_bytes());
                engine.sink.begin_list();
                texts.iter().for_each(|text| engine.sink.text(text));
                engine.sink.end_list();
            }
            let Checks { passing, warning, critical } = summary.instances;
            engine.uint_member("InstanceCount", passing + warning + critical);
            engine.uint_member("InstancesPassing", passing);
            engine.uint_member("InstancesWarning", warning);
            engine.uint_member("InstancesCritical", critical);
            engine.uint_member("ChecksPassing", summary.checks.passing);
            engine.uint_member("ChecksWarning", summary.checks.warning);
            engine.uint_member("ChecksCritical", summary.checks.critical);
            engine.sink.end_object();
            each(row);
        }
    }
}
