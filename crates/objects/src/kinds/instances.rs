//! Instances of services, and checks.

use crate::filter::{Field, Shape};
use crate::json::Sink;
use crate::kind::declare::{INDEXES, columns, field, peer_order, text};
use crate::kind::{KindId, Maker, ObjectKind, Reference, Rows, Traits, id};
use crate::render::{Engine, RecordFields, Show, Stored};
use crate::value::Tape;
use snapscope_decode::records::{
    ConnectProxyConfigRef, HealthCheckRef, LocalityRef, NodeServiceRef, ServiceAddressRef,
    ServiceAiRef, ServiceConnectRef, ServicePortRef, WeightsRef,
};
use snapscope_decode::schema::{Class, WireStruct};
use snapscope_decode::wire::Value;
use snapscope_decode::{Frame, Kind};

/// The node is imported from the same peer.
const PEER: Option<&str> = Some("PeerName");

const AT_NODE: Reference = Reference { to: KindId::Nodes, fields: &["Node"], peer: PEER };

/// The answer of `catalog/service/NAME`.
pub(super) static INSTANCES: ObjectKind = ObjectKind {
    id: KindId::Instances,
    name: "instances",
    one: "instance",
    object: Some("service"),
    about: "instances of services",
    from: &[Kind::REGISTER],
    rows: Rows::Direct(instance),
    shape: instance_shape,
    columns: columns![
        "service" = field("ServiceName"),
        "id" = field("ServiceID"),
        #1 "node" = field("Node"),
        #2 "address" = field("ServiceAddress"),
        #3 "port" = field("ServicePort"),
        "kind" = field("ServiceKind"),
        "tags" = field("ServiceTags"),
        @wide "meta" = field("ServiceMeta"),
        @wide "node-address" = field("Address"),
        @wide #4 "peer" = field("PeerName"),
        @wide "modified" = field("ModifyIndex"),
    ],
    write_id: |object, out| {
        id::peer(object, "PeerName", out);
        id::fields(object, &["Node", "ServiceID"], out);
    },
    id_fields: &["Node", "ServiceID", "PeerName"],
    names: &["ServiceID", "ServiceName"],
    bookkeeping: INDEXES,
    traits: Traits {
        by_peer: true,
        folded_id: true,
        order: |object| {
            Some([peer_order(object), text(object, "Node"), b"1", text(object, "ServiceID")])
        },
        sets: &["ServiceTags"],
        // It repeats all fields of its node.
        repeats: &["ID", "Address", "Datacenter", "TaggedAddresses", "NodeMeta"],
        references: &[
            AT_NODE,
            Reference { to: KindId::Services, fields: &["ServiceName"], peer: PEER },
        ],
        ..Traits::NONE
    },
};

/// The answer of `health/state/any`.
pub(super) static CHECKS: ObjectKind = ObjectKind {
    id: KindId::Checks,
    name: "checks",
    one: "check",
    object: Some("check"),
    about: "checks of nodes and service instances",
    from: &[Kind::REGISTER],
    rows: Rows::Direct(check),
    shape: || Shape::Struct(<HealthCheckRef<'static> as WireStruct<'static>>::schema()),
    columns: columns![
        "node" = field("Node"),
        "id" = field("CheckID"),
        "name" = field("Name"),
        #1 "status" = field("Status"),
        #2 "service" = field("ServiceName"),
        "type" = field("Type"),
        @wide "service-id" = field("ServiceID"),
        @wide "output" = field("Output"),
        @wide "notes" = field("Notes"),
        @wide #3 "peer" = field("PeerName"),
        @wide "modified" = field("ModifyIndex"),
    ],
    write_id: |object, out| {
        id::peer(object, "PeerName", out);
        id::fields(object, &["Node", "CheckID"], out);
    },
    id_fields: &["Node", "CheckID", "PeerName"],
    names: &["CheckID"],
    bookkeeping: INDEXES,
    traits: Traits {
        by_peer: true,
        folded_id: true,
        order: |object| {
            Some([peer_order(object), text(object, "Node"), b"2", text(object, "CheckID")])
        },
        // The fields of its instance.
        repeats: &["ServiceName", "ServiceTags"],
        references: &[
            AT_NODE,
            Reference { to: KindId::Instances, fields: &["Node", "ServiceID"], peer: PEER },
        ],
        ..Traits::NONE
    },
};

fn struct_shape<'a, T: WireStruct<'a>>() -> Shape {
    Shape::Struct(T::schema())
}

fn instance_shape() -> Shape {
    static FIELDS: &[Field] = &[
        Field { name: "ID", shape: || Shape::Text },
        Field { name: "Node", shape: || Shape::Text },
        Field { name: "Address", shape: || Shape::Text },
        Field { name: "Datacenter", shape: || Shape::Text },
        Field { name: "TaggedAddresses", shape: Shape::text_map },
        Field { name: "NodeMeta", shape: Shape::text_map },
        Field { name: "ServiceKind", shape: || Shape::Text },
        Field { name: "ServiceID", shape: || Shape::Text },
        Field { name: "ServiceName", shape: || Shape::Text },
        Field { name: "ServiceTags", shape: Shape::texts },
        Field { name: "ServiceAddress", shape: || Shape::Text },
        Field {
            name: "ServiceTaggedAddresses",
            shape: || Shape::Map(Box::new(struct_shape::<ServiceAddressRef<'_>>())),
        },
        Field { name: "ServiceWeights", shape: struct_shape::<WeightsRef<'_>> },
        Field { name: "ServiceMeta", shape: Shape::text_map },
        Field { name: "ServicePort", shape: || Shape::Int },
        Field { name: "ServiceSocketPath", shape: || Shape::Text },
        Field { name: "ServiceEnableTagOverride", shape: || Shape::Bool },
        Field { name: "ServiceProxyDestination", shape: || Shape::Text },
        Field { name: "ServiceProxy", shape: struct_shape::<ConnectProxyConfigRef<'_>> },
        Field { name: "ServiceConnect", shape: struct_shape::<ServiceConnectRef<'_>> },
        Field { name: "ServiceLocality", shape: struct_shape::<LocalityRef<'_>> },
        Field {
            name: "ServicePorts",
            shape: || Shape::List(Box::new(struct_shape::<ServicePortRef<'_>>())),
        },
        Field { name: "ServiceAI", shape: struct_shape::<ServiceAiRef<'_>> },
        Field { name: "PeerName", shape: || Shape::Text },
        Field { name: "CreateIndex", shape: || Shape::Uint },
        Field { name: "ModifyIndex", shape: || Shape::Uint },
    ];
    Shape::Object(FIELDS)
}

fn instance(record: &RecordFields<'_>, maker: &mut Maker<'_>) {
    let Some(node) = record.stored(maker.problems) else { return };
    let Some(service) = node.get("Service") else { return };
    let schema = <NodeServiceRef<'_> as WireStruct<'_>>::schema();
    let Some(service) = Stored::inside(schema, service, maker.problems) else { return };
    if !maker.peers.has(peer_of(node, &service)) {
        return;
    }
    // Servers with peerings have socket paths; older ones store neither.
    let newer = service.has("PeerName") || service.has("SocketPath");
    maker.object(|engine| {
        engine.early = !newer;
        for name in ["ID", "Node", "Address", "Datacenter", "TaggedAddresses", "NodeMeta"] {
            engine.member(name, node, name, Show::Always);
        }
        // A field that the server's version did not have is neither stored nor in its API.
        engine.member("ServiceKind", &service, "Kind", Show::IfStored);
        engine.member("ServiceID", &service, "ID", Show::Always);
        engine.member("ServiceName", &service, "Service", Show::Always);
        engine.list_member("ServiceTags", &service, "Tags");
        engine.member("ServiceAddress", &service, "Address", Show::Always);
        engine.member("ServiceTaggedAddresses", &service, "TaggedAddresses", Show::NotEmpty);
        weights(engine, &service);
        engine.member("ServiceMeta", &service, "Meta", Show::IfStored);
        engine.member("ServicePort", &service, "Port", Show::Always);
        let show = if newer { Show::Always } else { Show::IfStored };
        engine.member("ServiceSocketPath", &service, "SocketPath", show);
        engine.member("ServiceEnableTagOverride", &service, "EnableTagOverride", Show::Always);
        proxy_destination(engine, &service);
        engine.member("ServiceProxy", &service, "Proxy", Show::IfStored);
        // 1.2 has managed proxies only, and shows what is empty in them.
        engine.stored_empty = service.has("Connect") && !service.has("Proxy");
        engine.member("ServiceConnect", &service, "Connect", Show::IfStored);
        engine.stored_empty = false;
        engine.member("ServiceLocality", &service, "Locality", Show::NotEmpty);
        engine.member("ServicePorts", &service, "Ports", Show::NotEmpty);
        engine.member("ServiceAI", &service, "AI", Show::NotEmpty);
        engine.unknown_members("Service", &service);
        let peer = peer_of(node, &service);
        if !peer.is_empty() {
            engine.text_member("PeerName", peer);
        }
        engine.member("CreateIndex", &service, "CreateIndex", Show::Always);
        engine.member("ModifyIndex", &service, "ModifyIndex", Show::Always);
    });
}

/// Weights default to one.
fn weights(engine: &mut Engine<'_, Tape>, service: &Stored<'_>) {
    if service.get("Weights").is_some() {
        engine.member("ServiceWeights", service, "Weights", Show::Always);
    } else if service.has("Weights") && engine.sink.wants(b"ServiceWeights") {
        engine.sink.key(b"ServiceWeights");
        engine.sink.begin_object();
        engine.uint_member("Passing", 1);
        engine.uint_member("Warning", 1);
        engine.sink.end_object();
    }
}

/// Adds the service that a proxy is for, as 1.2 to 1.5 show it.
fn proxy_destination(engine: &mut Engine<'_, Tape>, service: &Stored<'_>) {
    if !service.has("ProxyDestination") {
        return;
    }
    let proxy = <ConnectProxyConfigRef<'_> as WireStruct<'_>>::schema();
    let destination = match Stored::of(proxy, service.get("Proxy")).text("DestinationServiceName") {
        [] => service.text("ProxyDestination"),
        of_proxy => of_proxy,
    };
    engine.text_member("ServiceProxyDestination", destination);
}

/// Writes the service of a `Register` record as the API shows it below its node, with two fields
/// that only servers see (`LocallyRegisteredAsSidecar`, `ProxyDestination`). Returns whether there
/// is one.
pub fn write_service<S: Sink>(frame: &Frame<'_>, sink: &mut S) -> bool {
    let Some(Ok(Some(service @ Value::Map(_)))) =
        frame.entries().map(|entries| entries.find(b"Service"))
    else {
        return false;
    };
    let class = Class::Struct(<NodeServiceRef<'_> as WireStruct<'_>>::schema);
    let mut engine = Engine::as_stored(sink);
    let is_stored = |name: &[u8]| matches!(service, Value::Map(entries) if matches!(entries.find(name), Ok(Some(_))));
    // Servers with peerings have socket paths; older ones store neither.
    engine.early = !(is_stored(b"PeerName") || is_stored(b"SocketPath"));
    engine.value(&class, Some(service));
    true
}

/// Calls `each` with the checks of a `Register` record as they are stored: the API shows tags that are missing as an
/// empty list only in some answers.
pub fn stored_checks(frame: &Frame<'_>, each: &mut dyn FnMut(Tape)) {
    let Some(entries) = frame.entries() else { return };
    let one = entries.find(b"Check").ok().flatten();
    let list = match entries.find(b"Checks") {
        Ok(Some(Value::Array(items))) => Some(items),
        _ => None,
    };
    let class = Class::Struct(<HealthCheckRef<'_> as WireStruct<'_>>::schema);
    for check in one.into_iter().chain(list.into_iter().flatten().flatten()) {
        if !check.is_nil() {
            let mut tape = Tape::new();
            Engine::as_stored(&mut tape).value(&class, Some(check));
            each(tape);
        }
    }
}

/// The peer from which a service or check was imported.
pub(super) fn peer_of<'a>(node: &Stored<'a>, inside: &Stored<'a>) -> &'a [u8] {
    match inside.text("PeerName") {
        [] => node.text("PeerName"),
        peer => peer,
    }
}

/// The checks of a `Register` record: one, or a list in requests of old servers.
pub(super) fn checks_of<'a>(node: &Stored<'a>) -> impl Iterator<Item = Value<'a>> + use<'a> {
    let list = match node.get("Checks") {
        Some(Value::Array(items)) => Some(items),
        _ => None,
    };
    let listed = list.into_iter().flatten().flatten().filter(|check| !check.is_nil());
    node.get("Check").into_iter().chain(listed)
}

fn check(record: &RecordFields<'_>, maker: &mut Maker<'_>) {
    let Some(node) = record.stored(maker.problems) else { return };
    for value in checks_of(node) {
        let schema = <HealthCheckRef<'_> as WireStruct<'_>>::schema();
        let Some(check) = Stored::inside(schema, value, maker.problems) else { continue };
        if maker.peers.has(peer_of(node, &check)) {
            maker.object(|engine| {
                engine.members_but(&check, "ServiceTags");
                engine.list_member("ServiceTags", &check, "ServiceTags");
            });
        }
    }
}
