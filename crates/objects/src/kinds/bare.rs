//! Records that `list` does not show, because there is only one of each kind or they belong to the
//! servers. Comparisons include them, so that no difference between two snapshots is missed.

use crate::filter::{Field, Shape};
use crate::json::Sink as _;
use crate::kind::declare::{INDEXES, columns, field, schema_shape};
use crate::kind::{KindId, Maker, ObjectKind, Rows, Traits, id};
use crate::render::RecordFields;
use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest as _};
use snapscope_decode::Kind;
use snapscope_decode::records::PEERING_SECRET;
use snapscope_decode::text::hex;

/// The configuration of autopilot.
pub(super) static AUTOPILOT: ObjectKind = ObjectKind {
    id: KindId::Autopilot,
    name: "autopilot",
    one: "autopilot",
    object: Some("autopilot"),
    about: "the configuration of autopilot",
    from: &[Kind::AUTOPILOT],
    rows: Rows::Record,
    shape: || schema_shape(Kind::AUTOPILOT),
    columns: columns!["modified" = field("ModifyIndex")],
    write_id: |_, out| out.extend_from_slice(b"autopilot"),
    id_fields: &[],
    names: &[],
    bookkeeping: INDEXES,
    traits: Traits::NONE,
};

/// The configuration of the mesh CA: of the built-in one, Vault's or a cloud's.
pub(super) static CA_CONFIG: ObjectKind = ObjectKind {
    id: KindId::CaConfig,
    name: "ca-config",
    one: "ca-config",
    object: Some("ca-config"),
    about: "the configuration of the mesh's certificate authority",
    from: &[Kind::CONNECT_CA_CONFIG],
    rows: Rows::Record,
    shape: || schema_shape(Kind::CONNECT_CA_CONFIG),
    columns: columns!["provider" = field("Provider"), "modified" = field("ModifyIndex")],
    write_id: |_, out| out.extend_from_slice(b"ca-config"),
    id_fields: &[],
    names: &[],
    bookkeeping: INDEXES,
    traits: Traits::NONE,
};

/// The state of the built-in CA, including the root's private key.
pub(super) static CA_PROVIDER_STATE: ObjectKind = ObjectKind {
    id: KindId::CaProviderStates,
    name: "ca-provider-states",
    one: "ca-provider-state",
    object: Some("ca-provider-state"),
    about: "state of the built-in certificate authority",
    from: &[Kind::CONNECT_CA_PROVIDER_STATE],
    rows: Rows::Record,
    shape: || schema_shape(Kind::CONNECT_CA_PROVIDER_STATE),
    columns: columns!["id" = field("ID"), "modified" = field("ModifyIndex")],
    write_id: |object, out| id::fields(object, &["ID"], out),
    id_fields: &["ID"],
    names: &[],
    bookkeeping: INDEXES,
    traits: Traits::NONE,
};

/// The secrets of peerings.
pub(super) static PEERING_SECRETS: ObjectKind = ObjectKind {
    id: KindId::PeeringSecrets,
    name: "peering-secrets",
    one: "peering-secret",
    object: Some("peering-secret"),
    about: "the secrets of peerings",
    from: &[Kind::PEERING_SECRET],
    rows: Rows::Record,
    shape: || Shape::Message(&PEERING_SECRET, false),
    columns: columns!["peer" = field("PeerID")],
    write_id: |object, out| id::fields(object, &["PeerID"], out),
    id_fields: &["PeerID"],
    names: &[],
    bookkeeping: &[],
    traits: Traits::NONE,
};

/// Pieces of large writes that were in flight. They may hold anything that was being written.
pub(super) static CHUNKING_STATE: ObjectKind = ObjectKind {
    id: KindId::ChunkingState,
    name: "chunking-state",
    one: "chunking-state",
    object: Some("chunking-state"),
    about: "pieces of large writes that were in flight",
    from: &[Kind::CHUNKING_STATE],
    rows: Rows::Record,
    shape: || schema_shape(Kind::CHUNKING_STATE),
    columns: columns!["chunks" = field("ChunkMap")],
    write_id: |_, out| out.extend_from_slice(b"chunking-state"),
    id_fields: &[],
    names: &[],
    bookkeeping: &[],
    traits: Traits::NONE,
};

/// All records that belong to no other kind: types of unknown versions and editions. Their content
/// may be secret, so only a hash of it is shown.
pub(super) static RECORDS: ObjectKind = ObjectKind {
    id: KindId::Records,
    name: "records",
    one: "record",
    object: Some("record"),
    about: "records of unknown types, by their hash",
    from: &ALL,
    rows: Rows::Direct(record),
    shape: || {
        static FIELDS: &[Field] = &[
            Field { name: "Type", shape: || Shape::Text },
            Field { name: "Bytes", shape: || Shape::Uint },
            Field { name: "Hash", shape: || Shape::Text },
        ];
        Shape::Object(FIELDS)
    },
    columns: columns!["type" = field("Type"), "bytes" = field("Bytes"), "hash" = field("Hash")],
    write_id: |object, out| id::fields(object, &["Type", "Hash"], out),
    id_fields: &["Type", "Hash"],
    names: &[],
    bookkeeping: &[],
    traits: Traits { ordered_by_id: false, ..Traits::NONE },
};

#[allow(clippy::indexing_slicing, clippy::cast_possible_truncation)] // evaluated by the compiler
static ALL: [Kind; 256] = {
    let mut all = [Kind(0); 256];
    let mut at = 0;
    while at < all.len() {
        all[at] = Kind(at as u8);
        at += 1;
    }
    all
};

fn record(record: &RecordFields<'_>, maker: &mut Maker<'_>) {
    let frame = &record.frame;
    let hash = Blake2b::<U32>::digest(frame.bytes);
    let hash = hex(hash.get(..8).unwrap_or(&hash));
    maker.object(|engine| {
        engine.text_member("Type", frame.kind.to_string().as_bytes());
        engine.uint_member("Bytes", frame.size());
        engine.sink.key(b"Hash");
        engine.sink.text(hash.as_bytes());
    });
}
