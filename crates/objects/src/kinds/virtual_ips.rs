//! Virtual IPs of services.

use crate::filter::{Field, Shape};
use crate::json::{Sink as _, ip_text};
use crate::kind::declare::{INDEXES, columns, field, peer_order, text};
use crate::kind::{KindId, Maker, ObjectKind, Rows, Traits, id};
use crate::render::{Engine, RecordFields, Show, Stored};
use crate::value::{Json, Tape};
use snapscope_decode::Kind;
use snapscope_decode::records::{PeeredServiceNameRef, ServiceNameRef};
use snapscope_decode::schema::WireStruct;

/// The virtual IPs of services, and free ones. No API lists them.
pub(super) static VIRTUAL_IPS: ObjectKind = ObjectKind {
    id: KindId::VirtualIps,
    name: "virtual-ips",
    one: "virtual-ip",
    object: Some("virtual-ip"),
    about: "virtual IPs of services, and free ones",
    from: &[Kind::SERVICE_VIRTUAL_IP, Kind::FREE_VIRTUAL_IP],
    rows: Rows::Direct(virtual_ip),
    shape: || {
        static FIELDS: &[Field] = &[
            Field { name: "VirtualIP", shape: || Shape::Text },
            Field { name: "Service", shape: || Shape::Text },
            Field { name: "PeerName", shape: || Shape::Text },
            Field { name: "ManualIPs", shape: Shape::texts },
            Field { name: "Offset", shape: || Shape::Text },
            Field { name: "Free", shape: || Shape::Bool },
            Field { name: "IsCounter", shape: || Shape::Bool },
            Field { name: "CreateIndex", shape: || Shape::Uint },
            Field { name: "ModifyIndex", shape: || Shape::Uint },
        ];
        Shape::Object(FIELDS)
    },
    columns: columns![
        "ip" = field("VirtualIP"),
        #1 "service" = field("Service"),
        "manual-ips" = field("ManualIPs"),
        "free" = field("Free"),
        @wide "counter" = field("IsCounter"),
        @wide #2 "peer" = field("PeerName"),
        @wide "modified" = field("ModifyIndex"),
    ],
    write_id: |object, out| {
        // The counter may have the value of a free IP; it is a separate object.
        if object.get("IsCounter").is_some_and(|n| matches!(n.json(), Json::Bool(true))) {
            out.extend_from_slice(b"counter/");
        }
        id::fields(object, &["VirtualIP"], out);
    },
    id_fields: &["VirtualIP", "IsCounter"],
    names: &["Service"],
    bookkeeping: INDEXES,
    traits: Traits {
        by_peer: true,
        // Ordered by the service; free addresses have none.
        ordered_by_id: false,
        order: |object| match text(object, "Service") {
            [] => None,
            service => Some([peer_order(object), service, b"", b""]),
        },
        sets: &["ManualIPs"],
        ..Traits::NONE
    },
};

fn virtual_ip(record: &RecordFields<'_>, maker: &mut Maker<'_>) {
    let frame = &record.frame;
    let Some(stored) = record.stored(maker.problems) else { return };
    let service =
        Stored::of(<PeeredServiceNameRef<'_> as WireStruct<'_>>::schema(), stored.get("Service"));
    if frame.kind == Kind::SERVICE_VIRTUAL_IP && !maker.peers.has(service.text("Peer")) {
        return;
    }
    maker.object(|engine| {
        address(engine, stored.text("IP"));
        if frame.kind == Kind::SERVICE_VIRTUAL_IP {
            let schema = <ServiceNameRef<'_> as WireStruct<'_>>::schema();
            // Before 1.13 the name was in `Service` itself.
            let name = match Stored::of(schema, service.get("ServiceName")).text("Name") {
                [] => Stored::of(schema, stored.get("Service")).text("Name"),
                name => name,
            };
            engine.text_member("Service", name);
            engine.member("PeerName", &service, "Peer", Show::NotEmpty);
            engine.member("ManualIPs", stored, "ManualIPs", Show::Always);
        }
        for (name, value) in [("Free", frame.kind == Kind::FREE_VIRTUAL_IP), ("IsCounter", false)] {
            if name == "IsCounter" && frame.kind == Kind::FREE_VIRTUAL_IP {
                engine.member("IsCounter", stored, "IsCounter", Show::Always);
            } else if engine.sink.wants(name.as_bytes()) {
                engine.sink.key(name.as_bytes());
                engine.sink.bool(value);
            }
        }
        engine.member("CreateIndex", stored, "CreateIndex", Show::IfStored);
        engine.member("ModifyIndex", stored, "ModifyIndex", Show::IfStored);
    });
}

/// The stored value is an offset to 240.0.0.0.
fn address(engine: &mut Engine<'_, Tape>, stored: &[u8]) {
    let last4 = stored.len().checked_sub(4).and_then(|from| stored.get(from..));
    let bytes = last4.and_then(|four| <[u8; 4]>::try_from(four).ok());
    if let Some(bytes) = bytes {
        let ip = 0xf000_0000_u32.wrapping_add(u32::from_be_bytes(bytes));
        engine.text_member("VirtualIP", std::net::Ipv4Addr::from(ip).to_string().as_bytes());
    }
    if let Some(offset) = ip_text(stored) {
        engine.text_member("Offset", offset.as_bytes());
    }
}
