//! References between resources of the second catalog.

use super::id::Id;
use snapscope_decode::protobuf::{FieldValue, MessageClass, MessageSchema, fields};
use snapscope_decode::records::{RESOURCE_ID, RESOURCE_REFERENCE, ResourceRef, message_by_url};

/// Maximum nesting that is examined; messages of servers have less.
const DEPTH: usize = 24;
/// Fields of a resource: its ID, and its owner's.
const ID: u32 = 1;
const OWNER: u32 = 2;

/// A resource's parts of a name. The group's version is not one of them, and the unique ID of an instance
/// isn't either: a name belongs to one resource at a time.
fn named([of, tenancy]: [&[u8]; 2], name: &[u8]) -> Id {
    let part = ResourceRef::part;
    let (partition, namespace) = (part(tenancy, 1), part(tenancy, 2));
    Id::of(&[b"resource", part(of, 1), part(of, 3), partition, namespace, name])
}

/// The resource that an `ID` message is.
fn by_id(message: &[u8]) -> Id {
    let part = |number| ResourceRef::part(message, number);
    named([part(3), part(4)], part(2))
}

/// The one that a `Reference` message names.
fn by_reference(message: &[u8]) -> Id {
    let part = |number| ResourceRef::part(message, number);
    named([part(1), part(2)], part(3))
}

pub(super) fn id(resource: &ResourceRef<'_>) -> Id {
    by_id(ResourceRef::part(resource.message, ID))
}

/// A resource, its owner, and everything it needs: its owner, its namespace, and those it names.
pub(super) fn references(resource: &ResourceRef<'_>) -> (Id, Option<Id>, Vec<Id>) {
    let own = ResourceRef::part(resource.message, ID);
    let owner = ResourceRef::part(resource.message, OWNER);
    let owner = (!owner.is_empty()).then(|| by_id(owner));
    let mut needs: Vec<Id> = owner.into_iter().collect();
    let tenancy = ResourceRef::part(own, 4);
    let (partition, namespace) = (ResourceRef::part(tenancy, 1), ResourceRef::part(tenancy, 2));
    if !namespace.is_empty() {
        needs.push(Id::of(&[b"resource", b"tenancy", b"Namespace", partition, b"", namespace]));
    }
    let (url, data) = resource.data();
    if let Some(schema) = message_by_url(url) {
        walk(schema, data, DEPTH, &mut needs);
    }
    (by_id(own), owner, needs)
}

fn walk(schema: &MessageSchema, message: &[u8], depth: usize, needs: &mut Vec<Id>) {
    if schema.name == RESOURCE_ID.name {
        return needs.push(by_id(message));
    }
    if schema.name == RESOURCE_REFERENCE.name {
        return needs.push(by_reference(message));
    }
    for field in fields(message).flatten() {
        if let (Some(declared), FieldValue::Bytes(bytes)) =
            (schema.field(field.number), field.value)
            && depth > 0
        {
            value(&declared.class, bytes, depth - 1, needs);
        }
    }
}

fn value(class: &MessageClass, bytes: &[u8], depth: usize, needs: &mut Vec<Id>) {
    match class {
        MessageClass::Message(inner) => walk(inner, bytes, depth, needs),
        MessageClass::Map(of) => value(of, ResourceRef::part(bytes, 2), depth, needs),
        MessageClass::AnyMessage => {
            if let Some(schema) = message_by_url(ResourceRef::part(bytes, 1)) {
                walk(schema, ResourceRef::part(bytes, 2), depth, needs);
            }
        }
        _ => {}
    }
}
