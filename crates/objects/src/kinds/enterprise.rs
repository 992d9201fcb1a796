//! Namespaces and partitions, which only Enterprise has.
//!
//! Their format is not published: a protobuf message in a raw value. The message is kept as is; the
//! first text in it is used as the name.

use crate::filter::{Field, Shape};
use crate::json::Sink as _;
use crate::kind::declare::{columns, field};
use crate::kind::{KindId, Maker, ObjectKind, Rows, Traits, id};
use crate::render::RecordFields;
use crate::value::Node;
use snapscope_decode::Kind;
use snapscope_decode::protobuf::{FieldValue, fields};
use snapscope_decode::wire::Value;

/// Namespaces.
pub(super) static NAMESPACES: ObjectKind = ObjectKind {
    id: KindId::Namespaces,
    name: "namespaces",
    one: "namespace",
    object: Some("namespace"),
    about: "Enterprise's namespaces, as stored",
    from: &[Kind::NAMESPACE],
    rows: Rows::Direct(stored),
    shape,
    columns: columns!["name" = field("Name"), "record" = field("RecordFields")],
    write_id: id,
    id_fields: &["Name", "RecordFields"],
    names: &["Name"],
    // An inserted record changes the numbers of those after it.
    bookkeeping: &["RecordFields"],
    traits: Traits::NONE,
};

/// Admin partitions.
pub(super) static PARTITIONS: ObjectKind = ObjectKind {
    id: KindId::Partitions,
    name: "partitions",
    one: "partition",
    object: Some("partition"),
    about: "Enterprise's admin partitions, as stored",
    from: &[Kind::PARTITION],
    rows: Rows::Direct(stored),
    shape,
    columns: columns!["name" = field("Name"), "record" = field("RecordFields")],
    write_id: id,
    id_fields: &["Name", "RecordFields"],
    names: &["Name"],
    // An inserted record changes the numbers of those after it.
    bookkeeping: &["RecordFields"],
    traits: Traits::NONE,
};

/// The name, or the number of the record if none was found.
fn id(object: Node<'_>, out: &mut Vec<u8>) {
    id::fields(object, &["Name"], out);
    if out.is_empty() {
        id::fields(object, &["RecordFields"], out);
    }
}

fn shape() -> Shape {
    static FIELDS: &[Field] = &[
        Field { name: "Name", shape: || Shape::Text },
        Field { name: "RecordFields", shape: || Shape::Uint },
        Field { name: "Data", shape: || Shape::Any },
    ];
    Shape::Object(FIELDS)
}

fn stored(record: &RecordFields<'_>, maker: &mut Maker<'_>) {
    let frame = &record.frame;
    let body = frame.value().unwrap_or(Value::Nil);
    let name = match body {
        Value::Raw(message) => fields(message).filter_map(Result::ok).find_map(|f| match f.value {
            FieldValue::Bytes(text)
                if !text.is_empty() && text.iter().all(|b| (0x20..0x7f).contains(b)) =>
            {
                Some(text)
            }
            _ => None,
        }),
        _ => None,
    };
    maker.object(|engine| {
        engine.text_member("Name", name.unwrap_or(&[]));
        engine.uint_member("RecordFields", frame.number);
        if engine.sink.wants(b"Data") {
            engine.sink.key(b"Data");
            match body {
                Value::Raw(message) => engine.sink.bytes(message),
                other => engine.generic(other),
            }
        }
    });
}
