//! Every text in a protobuf message.

use super::texts::{See, Text, is_value_of_name};
use snapscope_decode::protobuf::{FieldValue, MessageClass, MessageSchema, fields};
use snapscope_decode::records::{ResourceRef, message_by_url};
use snapscope_objects::filter::Shape;
use snapscope_objects::kinds::Disclosure;

/// Maximum nesting of messages that is examined.
const DEPTH: u32 = 32;

/// The values of a field that are texts, bytes or messages.
pub(super) fn all(message: &[u8], number: u32) -> impl Iterator<Item = &[u8]> {
    fields(message).map_while(Result::ok).filter(move |field| field.number == number).filter_map(
        |field| match field.value {
            FieldValue::Bytes(inner) => Some(inner),
            _ => None,
        },
    )
}

/// All texts of a message.
pub(super) fn texts(message: &[u8], schema: &'static MessageSchema, see: &mut See<'_>) {
    let mut walk = Walk { path: String::new(), see };
    walk.message(message, schema, &of_message(schema), DEPTH);
}

const fn of_message(schema: &'static MessageSchema) -> Disclosure {
    Disclosure::of(Shape::Message(schema, true))
}

struct Walk<'w, 's> {
    path: String,
    see: &'w mut See<'s>,
}

impl Walk<'_, '_> {
    fn inside(&mut self, name: &[u8], then: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(&String::from_utf8_lossy(name));
        then(self);
        self.path.truncate(length);
    }

    fn text(&mut self, name: &[u8], bytes: &[u8], disclosure: &Disclosure) {
        (self.see)(Text { path: &self.path, name, bytes, any: disclosure.hides_text() });
    }

    fn message(
        &mut self,
        message: &[u8],
        schema: &'static MessageSchema,
        disclosure: &Disclosure,
        depth: u32,
    ) {
        let Some(depth) = depth.checked_sub(1) else { return };
        // What the value of a match or header belongs to.
        let names = schema.fields.iter().find(|field| matches!(field.json, "name" | "key"));
        let called = names.and_then(|field| all(message, field.number).last());
        for stored in fields(message).map_while(Result::ok) {
            let FieldValue::Bytes(bytes) = stored.value else { continue };
            let Some(field) = schema.field(stored.number) else {
                // Newer than the known fields: a text, or a message.
                let name = format!("field_{}", stored.number);
                let unknown = disclosure.member(name.as_bytes());
                self.inside(name.as_bytes(), |walk| walk.text(b"", bytes, &unknown));
                continue;
            };
            let json = field.json.as_bytes();
            let name = called.filter(|_| is_value_of_name(json)).unwrap_or(json);
            let inside = disclosure.member(json);
            self.inside(json, |walk| walk.value(bytes, field.class, name, &inside, depth));
        }
    }

    fn value(
        &mut self,
        bytes: &[u8],
        class: MessageClass,
        name: &[u8],
        disclosure: &Disclosure,
        depth: u32,
    ) {
        match class {
            MessageClass::Text | MessageClass::Bytes => self.text(name, bytes, disclosure),
            MessageClass::Wrapped(of) => {
                self.value(ResourceRef::part(bytes, 1), *of, name, disclosure, depth);
            }
            MessageClass::Map(of) => {
                let (key, value) = (ResourceRef::part(bytes, 1), ResourceRef::part(bytes, 2));
                let inside = disclosure.member(key);
                self.inside(key, |walk| walk.value(value, *of, key, &inside, depth));
            }
            MessageClass::Message(schema) => self.message(bytes, schema, disclosure, depth),
            MessageClass::AnyMessage => {
                let data = ResourceRef::part(bytes, 2);
                match message_by_url(ResourceRef::part(bytes, 1)) {
                    Some(schema) => self.message(data, schema, &of_message(schema), depth),
                    None => self.text(name, data, &Disclosure::harmless()),
                }
            }
            MessageClass::Struct => self.object(bytes, disclosure, depth),
            _ => {}
        }
    }

    /// `google.protobuf.Struct`: {1 entries {1 key, 2 value}}.
    fn object(&mut self, message: &[u8], disclosure: &Disclosure, depth: u32) {
        let Some(depth) = depth.checked_sub(1) else { return };
        for entry in all(message, 1) {
            let key = ResourceRef::part(entry, 1);
            let value = ResourceRef::part(entry, 2);
            let inside = disclosure.member(key);
            self.inside(key, |walk| walk.any_value(value, key, &inside, depth));
        }
    }

    /// `google.protobuf.Value`: of its members {3 text, 5 object, 6 list {1 values}}.
    fn any_value(&mut self, message: &[u8], name: &[u8], disclosure: &Disclosure, depth: u32) {
        let Some(depth) = depth.checked_sub(1) else { return };
        all(message, 3).for_each(|text| self.text(name, text, disclosure));
        all(message, 5).for_each(|object| self.object(object, disclosure, depth));
        for item in all(message, 6).flat_map(|list| all(list, 1)) {
            self.any_value(item, name, disclosure, depth);
        }
    }
}
