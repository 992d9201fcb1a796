//! Joins nodes, services and checks for answers.

use super::call::Call;
use super::central_config::CentralConfig;
use crate::answer::Found;
use crate::state::{InstanceAt, NodeAt, Nodes, View};
use snapscope_analyze::acl::Resource;
use snapscope_decode::VersionRange;
use snapscope_objects::filter::{Filter, Shape};
use snapscope_objects::json::{JsonText, Sink};
use snapscope_objects::kind::{KindId, PeerSelection};
use snapscope_objects::kinds;
use snapscope_objects::row::{Reader, Row, RowOptions};
use snapscope_objects::value::{Json, Node, Tape};

/// Since then, objects can be imported from peers, which have separate tables.
pub(super) const PEERING: VersionRange = VersionRange::since(1, 13);

/// Until then, answers showed a port of zero; since then a socket path can replace it.
const PORTS: VersionRange = VersionRange::before(1, 10);

/// The name of a table's index, or of a part of it, in the servers' version.
pub(super) fn index_name(view: &View<'_>, peer: &[u8], name: &str) -> String {
    if !view.is(PEERING) {
        return name.to_owned();
    }
    let peer = if peer.is_empty() { "~".into() } else { String::from_utf8_lossy(peer) };
    format!("peer.{peer}:{name}")
}

/// The index of a table in the catalog, or of a part of it.
pub(super) fn index_of(view: &View<'_>, peer: &[u8], name: &str) -> Option<u64> {
    view.facts.index_of(index_name(view, peer, name).as_bytes())
}

/// The highest index of some tables in a catalog; 1 if they have none.
pub(super) fn highest(view: &View<'_>, peer: &[u8], tables: &[&str]) -> u64 {
    tables.iter().filter_map(|table| index_of(view, peer, table)).max().unwrap_or(1)
}

/// The header for answers that an agent could cache. Nothing is cached here.
pub(super) fn with_cache(call: &Call<'_>, found: Found) -> Found {
    if call.query().has("cached") { found.header("x-cache", "MISS") } else { found }
}

/// The objects of a kind in the record at an offset, of any peer.
pub(super) fn rows_at(view: &View<'_>, kind: KindId, at: u64) -> Vec<Row> {
    let mut rows = Vec::new();
    let options = RowOptions { peers: PeerSelection::All, ..RowOptions::default() };
    if let Some(frame) = view.spool.frame(at) {
        // Problems were reported when the snapshot was read.
        Reader::new(kinds::of(kind), options).frame(&frame, &mut |row| rows.push(row.clone()));
    }
    rows
}

/// The only object of a kind in a record.
pub(super) fn row_at(view: &View<'_>, kind: KindId, at: u64) -> Option<Row> {
    rows_at(view, kind, at).into_iter().next()
}

/// A service as stored, without fields that only servers see.
pub(super) fn stored_service_at(view: &View<'_>, at: u64) -> Option<Tape> {
    let frame = view.spool.frame(at)?;
    let mut stored = Tape::new();
    if !kinds::write_service(&frame, &mut stored) {
        return None;
    }
    let mut shown = Tape::new();
    shown.begin_object();
    for (name, value) in stored.root()?.members() {
        if !matches!(name, b"LocallyRegisteredAsSidecar" | b"ProxyDestination") {
            shown.key(name);
            value.render(&mut shown);
        }
    }
    let has_port = stored.root().is_some_and(|service| service.get("Port").is_some());
    if !has_port && view.is(PORTS) {
        shown.key(b"Port");
        shown.uint(0);
    }
    shown.end_object();
    Some(shown)
}

/// A service in the form that the API shows below its node.
pub(super) fn service_at(view: &View<'_>, at: u64) -> Option<Tape> {
    let stored = stored_service_at(view, at)?;
    let mut shown = Tape::new();
    shown.begin_object();
    for (name, value) in stored.root()?.members() {
        shown.key(name);
        match (name, value.json()) {
            (b"Tags", Json::Null) => {
                shown.begin_list();
                shown.end_list();
            }
            (b"Weights", Json::Null) => {
                shown.begin_object();
                for part in ["Passing", "Warning"] {
                    shown.key(part.as_bytes());
                    shown.uint(1);
                }
                shown.end_object();
            }
            _ => value.render(&mut shown),
        }
    }
    shown.end_object();
    Some(shown)
}

/// The checks of a node and its services.
pub(super) fn checks_of(view: &View<'_>, node: &NodeAt) -> Vec<Row> {
    node.checks.iter().flat_map(|at| rows_at(view, KindId::Checks, *at)).collect()
}

/// The checks of a node and its services, as stored.
pub(super) fn stored_checks_of(view: &View<'_>, node: &NodeAt) -> Vec<Tape> {
    let mut all = Vec::new();
    for frame in node.checks.iter().filter_map(|at| view.spool.frame(*at)) {
        kinds::stored_checks(&frame, &mut |check| all.push(check));
    }
    all
}

/// An instance with its node and checks, as `health/` shows it.
pub(super) struct Checked {
    pub(super) tape: Tape,
}

impl Checked {
    /// Reads the records.
    pub(super) fn at(view: &View<'_>, nodes: &Nodes, instance: InstanceAt) -> Option<Self> {
        let node = nodes.node(instance.node)?;
        let service = service_at(view, instance.at)?;
        let checks = checks_of(view, node);
        let checks = checks.iter().map(Row::object).collect();
        Self::joined(view, node, service.root()?, checks)
    }

    /// Reads the records, with service and checks as stored.
    pub(super) fn stored_at(view: &View<'_>, nodes: &Nodes, instance: InstanceAt) -> Option<Self> {
        let node = nodes.node(instance.node)?;
        let service = stored_service_at(view, instance.at)?;
        let checks = stored_checks_of(view, node);
        let checks = checks.iter().filter_map(Tape::root).collect();
        Self::joined(view, node, service.root()?, checks)
    }

    fn joined(
        view: &View<'_>,
        node: &NodeAt,
        service: Node<'_>,
        checks: Vec<Node<'_>>,
    ) -> Option<Self> {
        let own = row_at(view, KindId::Nodes, node.at)?;
        let id = service.get("ID").and_then(|id| id.text()).unwrap_or_default();
        let of = |wanted: &[u8]| -> Vec<Node<'_>> {
            let is_it = |check: &Node<'_>| {
                check.get("ServiceID").and_then(|id| id.text()).unwrap_or_default() == wanted
            };
            checks.iter().copied().filter(is_it).collect()
        };
        let (of_node, of_service) = (of(b""), if id.is_empty() { Vec::new() } else { of(id) });
        let mut tape = Tape::new();
        tape.begin_object();
        tape.key(b"Node");
        own.render(&mut tape);
        tape.key(b"Service");
        service.render(&mut tape);
        tape.key(b"Checks");
        tape.begin_list();
        of_node.into_iter().chain(of_service).for_each(|check| check.render(&mut tape));
        tape.end_list();
        tape.end_object();
        Some(Self { tape })
    }

    /// Returns it with the config entries that apply to it.
    pub(super) fn merged(self, central: &CentralConfig) -> Self {
        if !CentralConfig::applies_to(self.text("Service", "Kind")) {
            return self;
        }
        let Some(object) = self.object() else { return self };
        let (proxy, service) = (["Service", "Proxy"], ["Service", "Service"]);
        Self { tape: central.merged(object, &proxy, &service, |_| {}) }
    }

    /// The whole as JSON.
    pub(super) fn object(&self) -> Option<Node<'_>> {
        self.tape.root()
    }

    /// The name of its node.
    pub(super) fn node(&self) -> &[u8] {
        self.text("Node", "Node")
    }

    /// The name of its service.
    pub(super) fn service(&self) -> &[u8] {
        self.text("Service", "Service")
    }

    /// A text field of its node or service.
    pub(super) fn text(&self, part: &str, name: &str) -> &[u8] {
        self.object().and_then(|object| object.at([part, name])?.text()).unwrap_or_default()
    }

    /// Whether all its checks pass.
    pub(super) fn is_passing(&self) -> bool {
        let checks = self.object().and_then(|object| object.get("Checks"));
        checks.is_none_or(|checks| {
            let status =
                |check: Node<'_>| check.get("Status").and_then(|s| s.text()) == Some(b"passing");
            checks.items().into_iter().all(status)
        })
    }

    /// Whether it has all these tags, ignoring case.
    pub(super) fn has_tags(&self, tags: &[String]) -> bool {
        let tags_of = self.object().and_then(|object| object.at(["Service", "Tags"]));
        has_tags(tags_of, tags)
    }

    /// The metadata of its node.
    pub(super) fn node_meta(&self) -> Option<Node<'_>> {
        self.object()?.at(["Node", "Meta"])
    }
}

/// Whether a list contains all these tags, ignoring case.
pub(super) fn has_tags(list: Option<Node<'_>>, tags: &[String]) -> bool {
    tags.iter().all(|tag| {
        list.is_some_and(|list| {
            let is_it = |item: Node<'_>| {
                item.text().is_some_and(|t| {
                    String::from_utf8_lossy(t).to_lowercase() == tag.to_lowercase()
                })
            };
            list.items().into_iter().any(is_it)
        })
    })
}

/// The shape of an instance with its node and checks, for filters.
pub(super) fn checked_shape() -> Shape {
    use snapscope_decode::records::CheckServiceNodeRef;
    use snapscope_decode::schema::WireStruct;
    Shape::Struct(<CheckServiceNodeRef<'static> as WireStruct<'static>>::schema())
}

/// The pairs that a node's metadata must contain.
pub(super) fn meta_pairs(call: &Call<'_>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let pair = |text: String| {
        let (name, value) = text.split_once(':').unwrap_or((&text, ""));
        (name.as_bytes().to_vec(), value.as_bytes().to_vec())
    };
    call.query()
        .all("node-meta")
        .map(|text| pair(String::from_utf8_lossy(text).into_owned()))
        .collect()
}

/// Whether metadata contains all pairs.
pub(super) fn has_pairs(meta: Option<Node<'_>>, pairs: &[(Vec<u8>, Vec<u8>)]) -> bool {
    pairs.iter().all(|(name, value)| {
        let found = meta.and_then(|meta| meta.get(name)).and_then(|value| value.text());
        found == Some(value)
    })
}

/// The conditions for objects in a list.
pub(super) struct Kept<'c> {
    pub(super) call: &'c Call<'c>,
    pub(super) filter: Option<Filter>,
    /// Whether objects were left out that the token may not read.
    pub(super) is_filtered: bool,
}

impl<'c> Kept<'c> {
    pub(super) const fn new(call: &'c Call<'c>, filter: Option<Filter>) -> Self {
        Self { call, filter, is_filtered: false }
    }

    /// Whether an object is kept: the token may read its node and service, and it matches.
    pub(super) fn keeps(&mut self, node: &[u8], service: Option<&[u8]>, object: Node<'_>) -> bool {
        self.may(node, service.unwrap_or(b"")) && self.holds(object)
    }

    /// Whether the token may read a node and a service on it. The name of the service may be empty.
    pub(super) fn may(&mut self, node: &[u8], service: &[u8]) -> bool {
        let may = self.call.may_read(Resource::Node, node)
            && (service.is_empty() || self.call.may_read(Resource::Service, service));
        self.is_filtered |= !may;
        may
    }

    /// Whether an object matches the conditions.
    pub(super) fn holds(&self, object: Node<'_>) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.holds(object))
    }
}

/// Writes a tape.
pub(super) fn write(json: &mut JsonText, tape: &Tape) {
    match tape.root() {
        Some(root) => root.render(json),
        None => json.null(),
    }
}

/// The tags in a request.
pub(super) fn tags_of(call: &Call<'_>) -> Vec<String> {
    call.query().all("tag").map(|tag| String::from_utf8_lossy(tag).into_owned()).collect()
}
