//! Config entries.

use crate::filter::Shape;
use crate::kind::declare::{INDEXES_AND_HASH, columns, field, text};
use crate::kind::{KindId, Maker, ObjectKind, Parts, Rows, Traits};
use crate::render::RecordFields;
use crate::value::Node;
use snapscope_decode::Kind;
use snapscope_decode::records::{ConfigEntryRef, entry_name};
use snapscope_decode::wire::Value;

/// The answer of `config/KIND`, for all kinds.
pub(super) static CONFIG_ENTRIES: ObjectKind = ObjectKind {
    id: KindId::ConfigEntries,
    name: "config-entries",
    one: "config-entry",
    object: Some("config-entry"),
    about: "config entries of all kinds",
    from: &[Kind::CONFIG_ENTRY],
    rows: Rows::Direct(entry),
    shape: || Shape::config_entry(None),
    columns: columns![
        "kind" = field("Kind"),
        "name" = field("Name"),
        "protocol" = field("Protocol"),
        "meta" = field("Meta"),
        "modified" = field("ModifyIndex"),
        @wide "created" = field("CreateIndex"),
    ],
    write_id: id,
    id_fields: &["Kind", "Name"],
    names: &["Name"],
    bookkeeping: INDEXES_AND_HASH,
    traits: Traits {
        order: |entry| Some([text(entry, "Kind"), text(entry, "Name"), b"", b""]),
        parts: Some(Parts {
            kind: KindId::Intentions,
            field: "Sources",
            of: |entry| text(entry, "Kind") == b"service-intentions",
        }),
        // Looking a field up in the shapes of all kinds would cost as much as the rest.
        shape_of: Some(|entry| Shape::config_entry(std::str::from_utf8(text(entry, "Kind")).ok())),
        ..Traits::NONE
    },
};

/// `KIND/NAME`.
fn id(object: Node<'_>, out: &mut Vec<u8>) {
    let text = |name: &str| text(object, name);
    out.extend_from_slice(text("Kind"));
    out.push(b'/');
    out.extend_from_slice(entry_name(text("Kind"), text("Name")));
}

fn entry(record: &RecordFields<'_>, maker: &mut Maker<'_>) {
    let entry = match record.frame.value().map_err(Into::into).and_then(ConfigEntryRef::read) {
        Ok(entry) => entry,
        Err(e) => {
            maker.problems.push(e);
            return;
        }
    };
    maker.value(|engine| match (entry.schema(), entry.entry) {
        (Some(schema), Value::Map(fields)) => {
            // Fields of transparent proxies are stored by all later servers.
            let has = |name: &[u8]| matches!(fields.find(name), Ok(Some(_)));
            engine.early =
                schema.stored(b"TransparentProxy").is_some() && !has(b"TransparentProxy");
            // Stored beside the configuration that it derives from, and never shown.
            engine.without = Some(("proxy-defaults", "Protocol"));
            engine.object(schema, Some(fields));
        }
        (_, other) => engine.unknown_entry(entry.kind.0, other),
    });
}
