//! Registrations of nodes, services and checks, coordinates, sessions, prepared queries, virtual IPs.

use super::{Record, kind};
use crate::msgpack::{Val, ipv4, structure, texts, user_map};
use crate::shapes::{ConsulVersion, build};

/// The part that all registrations of a node repeat.
#[derive(Clone, Debug)]
pub struct Node {
    /// The node's ID, a UUID, or empty for external nodes.
    pub id: String,
    /// The node's name.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Its datacenter.
    pub datacenter: String,
    /// The peer it was imported from, or empty.
    pub peer: String,
    /// Node meta.
    pub meta: Vec<(String, String)>,
    /// Create index of the node.
    pub create_index: u64,
    /// Modify index of the node.
    pub modify_index: u64,
}

impl Node {
    /// A node of datacenter dc1 with an address and some meta.
    #[must_use]
    pub fn new(name: &str, id: &str, index: u64) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            address: "10.0.0.1".into(),
            datacenter: "dc1".into(),
            peer: String::new(),
            meta: vec![("consul-network-segment".into(), String::new())],
            create_index: index,
            modify_index: index,
        }
    }

    /// The registration of the node itself.
    #[must_use]
    pub fn record(&self, version: ConsulVersion) -> Record {
        self.registration(version, vec![])
    }

    /// The registration of one of its services.
    #[must_use]
    pub fn service_record(&self, version: ConsulVersion, service: &Service) -> Record {
        self.registration(version, vec![("Service", service.value(version, &self.peer))])
    }

    /// The registration of one of its checks.
    #[must_use]
    pub fn check_record(&self, version: ConsulVersion, check: &Check) -> Record {
        self.registration(version, vec![("Check", check.value(version, self))])
    }

    fn registration(&self, version: ConsulVersion, mut fields: Vec<(&str, Val)>) -> Record {
        let meta: Vec<(&str, &str)> =
            self.meta.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let address = self.address.as_str();
        fields.extend([
            ("ID", self.id.as_str().into()),
            ("Node", self.name.as_str().into()),
            ("Address", address.into()),
            ("Datacenter", self.datacenter.as_str().into()),
            ("PeerName", self.peer.as_str().into()),
            (
                "TaggedAddresses",
                user_map(&[
                    ("lan", address),
                    ("lan_ipv4", address),
                    ("wan", address),
                    ("wan_ipv4", address),
                ]),
            ),
            ("NodeMeta", if meta.is_empty() { Val::Nil } else { user_map(&meta) }),
            ("CreateIndex", self.create_index.into()),
            ("ModifyIndex", self.modify_index.into()),
        ]);
        Record::new(kind::REGISTER, build("Register", version, fields))
    }
}

/// A service of a node.
#[derive(Clone, Debug)]
pub struct Service {
    /// The service's ID, unique on its node.
    pub id: String,
    /// The service's name.
    pub name: String,
    /// Empty, or `connect-proxy`, `mesh-gateway`, ...
    pub kind: String,
    /// Its address, or empty for the node's.
    pub address: String,
    /// Its port.
    pub port: u64,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its meta.
    pub meta: Vec<(String, String)>,
    /// For a proxy: its service.
    pub proxy_for: String,
    /// Create index.
    pub create_index: u64,
    /// Modify index.
    pub modify_index: u64,
}

impl Service {
    /// A plain service on port 8080.
    #[must_use]
    pub fn new(id: &str, name: &str, index: u64) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            kind: String::new(),
            address: String::new(),
            port: 8080,
            tags: vec![],
            meta: vec![],
            proxy_for: String::new(),
            create_index: index,
            modify_index: index,
        }
    }

    /// The service's stored struct, as in registrations and federation states.
    #[must_use]
    pub fn value(&self, version: ConsulVersion, peer: &str) -> Val {
        let meta: Vec<(&str, &str)> =
            self.meta.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let mut fields = vec![
            ("ID", self.id.as_str().into()),
            ("Service", self.name.as_str().into()),
            ("Kind", self.kind.as_str().into()),
            ("Address", self.address.as_str().into()),
            ("Port", self.port.into()),
            ("Tags", tags(&self.tags)),
            ("Meta", if meta.is_empty() { Val::Nil } else { user_map(&meta) }),
            ("PeerName", peer.into()),
            ("Weights", structure([("Passing", 1u64.into()), ("Warning", 1u64.into())])),
            ("CreateIndex", self.create_index.into()),
            ("ModifyIndex", self.modify_index.into()),
        ];
        if !self.proxy_for.is_empty() {
            let upstream = build(
                "Upstream",
                version,
                vec![
                    ("DestinationType", "service".into()),
                    ("DestinationName", "db".into()),
                    ("LocalBindAddress", "127.0.0.1".into()),
                    ("LocalBindPort", 9001u64.into()),
                ],
            );
            let proxy = vec![
                ("DestinationServiceName", self.proxy_for.as_str().into()),
                ("DestinationServiceID", self.proxy_for.as_str().into()),
                ("LocalServiceAddress", "127.0.0.1".into()),
                ("LocalServicePort", self.port.into()),
                ("Config", Val::Map(vec![("protocol".into(), "http".into())])),
                ("Upstreams", Val::Array(vec![upstream])),
            ];
            fields.push(("Proxy", build("ConnectProxyConfig", version, proxy)));
        }
        build("NodeService", version, fields)
    }
}

/// A check of a node or of one of its services.
#[derive(Clone, Debug)]
pub struct Check {
    /// The check's ID, unique on its node.
    pub id: String,
    /// The check's name.
    pub name: String,
    /// `passing`, `warning` or `critical`.
    pub status: String,
    /// The latest output of the check.
    pub output: String,
    /// ID and name of the service it belongs to, both empty for a node's check.
    pub service: (String, String),
    /// The service's tags, which its checks repeat.
    pub service_tags: Vec<String>,
    /// Create index.
    pub create_index: u64,
    /// Modify index.
    pub modify_index: u64,
}

impl Check {
    /// The check of every node with an agent.
    #[must_use]
    pub fn serf_health(index: u64) -> Self {
        Self {
            id: "serfHealth".into(),
            name: "Serf Health Status".into(),
            status: "passing".into(),
            output: "Agent alive and reachable".into(),
            service: (String::new(), String::new()),
            service_tags: vec![],
            create_index: index,
            modify_index: index,
        }
    }

    /// An HTTP check of a service.
    #[must_use]
    pub fn of_service(service: &Service, status: &str, index: u64) -> Self {
        Self {
            id: format!("service:{}", service.id),
            name: format!("Service '{}' check", service.name),
            status: status.into(),
            output: format!("HTTP GET http://127.0.0.1:{}/health: 200 OK", service.port),
            service: (service.id.clone(), service.name.clone()),
            service_tags: service.tags.clone(),
            create_index: index,
            modify_index: index,
        }
    }

    /// The check's stored struct.
    #[must_use]
    pub fn value(&self, version: ConsulVersion, node: &Node) -> Val {
        let of_service = !self.service.0.is_empty();
        let mut fields = vec![
            ("Node", node.name.as_str().into()),
            ("CheckID", self.id.as_str().into()),
            ("Name", self.name.as_str().into()),
            ("Status", self.status.as_str().into()),
            ("Output", self.output.as_str().into()),
            ("ServiceID", self.service.0.as_str().into()),
            ("ServiceName", self.service.1.as_str().into()),
            ("PeerName", node.peer.as_str().into()),
            ("CreateIndex", self.create_index.into()),
            ("ModifyIndex", self.modify_index.into()),
        ];
        if of_service {
            let definition = vec![
                ("HTTP", "http://127.0.0.1:8080/health".into()),
                ("Interval", 10_000_000_000u64.into()),
                ("Timeout", 2_000_000_000u64.into()),
            ];
            fields.push(("Type", "http".into()));
            fields.push(("ServiceTags", tags(&self.service_tags)));
            fields.push(("Definition", build("HealthCheckDefinition", version, definition)));
        }
        build("HealthCheck", version, fields)
    }
}

fn tags(tags: &[String]) -> Val {
    if tags.is_empty() {
        return Val::Nil;
    }
    Val::Array(tags.iter().map(|t| t.as_str().into()).collect())
}

/// The network coordinate of a node.
#[must_use]
pub fn coordinate(version: ConsulVersion, node: &str, vec: [f64; 8], height: f64) -> Record {
    let coord = structure([
        ("Vec", Val::Array(vec.into_iter().map(Val::F64).collect())),
        ("Error", 0.5.into()),
        ("Adjustment", 0.00005.into()),
        ("Height", height.into()),
    ]);
    let one = build("Coordinate", version, vec![("Node", node.into()), ("Coord", coord)]);
    Record::new(kind::COORDINATES, Val::Array(vec![one]))
}

/// A session of a node, bound to its serfHealth check.
#[must_use]
pub fn session(version: ConsulVersion, id: &str, name: &str, node: &str, index: u64) -> Record {
    let fields = vec![
        ("ID", id.into()),
        ("Name", name.into()),
        ("Node", node.into()),
        ("LockDelay", 15_000_000_000u64.into()),
        ("Behavior", "release".into()),
        ("NodeChecks", texts(&["serfHealth"])),
        ("CreateIndex", index.into()),
        ("ModifyIndex", index.into()),
    ];
    Record::new(kind::SESSION, build("Session", version, fields))
}

/// A prepared query for a service.
#[must_use]
pub fn prepared_query(
    version: ConsulVersion,
    id: &str,
    name: &str,
    service: &str,
    index: u64,
) -> Record {
    let failover = build(
        "QueryFailoverOptions",
        version,
        vec![("NearestN", 2u64.into()), ("Datacenters", texts(&["dc2", "dc3"]))],
    );
    let service = build(
        "ServiceQuery",
        version,
        vec![("Service", service.into()), ("Failover", failover), ("OnlyPassing", true.into())],
    );
    let fields = vec![
        ("ID", id.into()),
        ("Name", name.into()),
        ("Service", service),
        ("DNS", structure([("TTL", "10s".into())])),
        ("CreateIndex", index.into()),
        ("ModifyIndex", index.into()),
    ];
    Record::new(kind::PREPARED_QUERY, build("PreparedQuery", version, fields))
}

/// The virtual IP of a service: `offset` counts from 240.0.0.0. Not written by 1.8.7.
#[must_use]
pub fn service_virtual_ip(
    version: ConsulVersion,
    service: &str,
    peer: &str,
    offset: u32,
    index: u64,
) -> Record {
    let name =
        structure([("ServiceName", structure([("Name", service.into())])), ("Peer", peer.into())]);
    let fields = vec![
        ("Service", name),
        ("IP", ipv4(offset.to_be_bytes())),
        ("CreateIndex", index.into()),
        ("ModifyIndex", index.into()),
    ];
    Record::new(kind::SERVICE_VIRTUAL_IP, build("ServiceVirtualIP", version, fields))
}

/// A virtual IP that was freed, or (with `counter`) the highest one assigned so far.
#[must_use]
pub fn free_virtual_ip(offset: u32, counter: bool) -> Record {
    let body = structure([("IP", ipv4(offset.to_be_bytes())), ("IsCounter", counter.into())]);
    Record::new(kind::FREE_VIRTUAL_IP, body)
}
