//! Cluster peering: three records, each a raw value with a protobuf message.

use super::{Record, kind};
use crate::msgpack::Val;
use crate::protobuf::Message;

/// A peering in state 3 (active) with the cluster of another datacenter.
#[must_use]
pub fn peering(id: &str, name: &str, index: u64) -> Record {
    let message = Message::new()
        .text(1, id)
        .text(2, name)
        .text_map(5, &[("env", "test")])
        .number(6, 3)
        .text(7, "8cbdd627-8a1a-7ab0-842d-516202c5856d")
        .texts(8, &[super::connect::ROOT_CERT])
        .text(9, "server.dc2.peering.7e57c0de-0000-4000-8000-000000000002.consul")
        .texts(10, &["192.0.2.10:8502", "192.0.2.11:8502"])
        .number(11, index)
        .number(12, index)
        .message(17, &Message::new().text(2, "dc2"));
    raw(kind::PEERING, message)
}

/// The trust bundle: the certificates of a peer's services.
#[must_use]
pub fn trust_bundle(peer: &str, index: u64) -> Record {
    let message = Message::new()
        .text(1, "7e57c0de-0000-4000-8000-000000000002.consul")
        .text(2, peer)
        .texts(4, &[super::connect::ROOT_CERT])
        .number(6, index)
        .number(7, index);
    raw(kind::PEERING_TRUST_BUNDLE, message)
}

/// The secret that opens a peering's stream.
#[must_use]
pub fn secret(peering_id: &str, active: &str) -> Record {
    raw(
        kind::PEERING_SECRET,
        Message::new().text(1, peering_id).message(3, &Message::new().text(1, active)),
    )
}

fn raw(kind: u8, message: Message) -> Record {
    Record::new(kind, Val::Raw(message.into_bytes()))
}
