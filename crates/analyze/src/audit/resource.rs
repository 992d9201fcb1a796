//! Resources of the second catalog: their names, and the texts in them.

use snapscope_decode::protobuf::{FieldValue, MessageClass, MessageSchema, fields};
use snapscope_decode::records::{RESOURCE, ResourceRef, message_by_url};

/// Maximum nesting of messages that is examined.
const DEPTH: u32 = 32;

/// As `list resources` names it.
pub(super) fn name_of(message: &[u8]) -> Vec<u8> {
    let id = ResourceRef::part(message, 1);
    let (of, tenancy) = (ResourceRef::part(id, 3), ResourceRef::part(id, 4));
    let parts = [(of, 1), (of, 2), (of, 3), (tenancy, 1), (tenancy, 2), (id, 2)];
    let parts = parts.map(|(message, number)| ResourceRef::part(message, number));
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(&b'/')
}

/// The Raft index at which it was written, which a resource stores as text.
pub(super) fn index_of(resource: &ResourceRef<'_>) -> u64 {
    str::from_utf8(resource.version.0).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// The messages, texts or bytes stored under a number of a message.
pub(super) fn all(message: &[u8], number: u32) -> impl Iterator<Item = &[u8]> {
    fields(message).map_while(Result::ok).filter(move |field| field.number == number).filter_map(
        |field| match field.value {
            FieldValue::Bytes(inner) => Some(inner),
            _ => None,
        },
    )
}

/// Called with each text: the path of fields, the last field, the text.
type See<'s> = dyn FnMut(&str, &[u8], &[u8]) + 's;

/// All texts of a resource.
pub(super) fn texts(message: &[u8], see: &mut See<'_>) {
    in_message(message, &RESOURCE, &mut String::new(), DEPTH, see);
}

fn inside(path: &mut String, name: &[u8], then: impl FnOnce(&mut String)) {
    let length = path.len();
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(&String::from_utf8_lossy(name));
    then(path);
    path.truncate(length);
}

fn in_message(
    message: &[u8],
    schema: &MessageSchema,
    path: &mut String,
    depth: u32,
    see: &mut See<'_>,
) {
    let Some(depth) = depth.checked_sub(1) else { return };
    for stored in fields(message).map_while(Result::ok) {
        let (Some(field), FieldValue::Bytes(bytes)) = (schema.field(stored.number), stored.value)
        else {
            continue;
        };
        let name = field.json.as_bytes();
        inside(path, name, |path| in_value(bytes, field.class, name, path, depth, see));
    }
}

fn in_value(
    bytes: &[u8],
    class: MessageClass,
    name: &[u8],
    path: &mut String,
    depth: u32,
    see: &mut See<'_>,
) {
    match class {
        MessageClass::Text | MessageClass::Bytes => see(path, name, bytes),
        MessageClass::Wrapped(of) => {
            in_value(ResourceRef::part(bytes, 1), *of, name, path, depth, see);
        }
        MessageClass::Map(of) => {
            let (key, value) = (ResourceRef::part(bytes, 1), ResourceRef::part(bytes, 2));
            inside(path, key, |path| in_value(value, *of, key, path, depth, see));
        }
        MessageClass::Message(schema) => in_message(bytes, schema, path, depth, see),
        MessageClass::AnyMessage => {
            if let Some(schema) = message_by_url(ResourceRef::part(bytes, 1)) {
                in_message(ResourceRef::part(bytes, 2), schema, path, depth, see);
            }
        }
        MessageClass::Struct => in_object(bytes, path, depth, see),
        _ => {}
    }
}

/// `google.protobuf.Struct`: {1 entries {1 key, 2 value}}.
fn in_object(message: &[u8], path: &mut String, depth: u32, see: &mut See<'_>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    for entry in all(message, 1) {
        let key = ResourceRef::part(entry, 1);
        let value = ResourceRef::part(entry, 2);
        inside(path, key, |path| in_any_value(value, key, path, depth, see));
    }
}

/// `google.protobuf.Value`: of its members {3 text, 5 object, 6 list {1 values}}.
fn in_any_value(message: &[u8], name: &[u8], path: &mut String, depth: u32, see: &mut See<'_>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    all(message, 3).for_each(|text| see(path, name, text));
    all(message, 5).for_each(|object| in_object(object, path, depth, see));
    for item in all(message, 6).flat_map(|list| all(list, 1)) {
        in_any_value(item, name, path, depth, see);
    }
}
