//! One record of every type, config entry and resource, with all fields filled, so that a test can put a text into
//! every place where a field can be. The declarations are the decoder's, so this is for tests of output, not for
//! tests of the decoder.

use crate::msgpack::{Val, zero_time};
use crate::protobuf::Message;
use crate::records::{Record, config, set};
use snapscope_decode::Kind;
use snapscope_decode::protobuf::{MessageClass, MessageField, MessageSchema};
use snapscope_decode::records::{
    ENTRY_KINDS, PEERING, PEERING_SECRET, PEERING_TRUST_BUNDLE, RESOURCE_TYPES, record_schema,
};
use snapscope_decode::schema::{Class, Schema};

/// The key of every map: the name of a header or setting that holds a credential.
pub const MAP_KEY: &str = "X-Api-Key";
/// A field that no version has.
pub const UNKNOWN_FIELD: &str = "Unheard";
/// How deep nested structs are filled. A service's sidecar is a service, too.
const DEPTH: usize = 9;

/// Returns the text for a field of a struct or message.
pub type Text<'t> = dyn FnMut(&str, &str) -> String + 't;

/// All records. `text` receives the struct and the field, also for fields that no version has.
pub fn records(text: &mut Text<'_>) -> Vec<Record> {
    let mut filler = Filler { text };
    let mut records = Vec::new();
    for number in 0..=u8::MAX {
        if let Some(schema) = record_schema(Kind(number)) {
            records.push(Record::new(number, filler.structure(schema, DEPTH)));
        }
    }
    for known in ENTRY_KINDS {
        let mut entry = filler.structure((known.schema)(), DEPTH);
        for (field, value) in [("Kind", known.name), ("Name", "filled")] {
            if entry.get(field).is_some() {
                set(&mut entry, field, value.into());
            }
        }
        records.push(config::wrap(known.name, &entry));
    }
    for (kind, schema) in [
        (Kind::PEERING, &PEERING),
        (Kind::PEERING_TRUST_BUNDLE, &PEERING_TRUST_BUNDLE),
        (Kind::PEERING_SECRET, &PEERING_SECRET),
    ] {
        records.push(raw(kind, filler.message(schema, DEPTH)));
    }
    for known in RESOURCE_TYPES {
        records.push(raw(Kind::RESOURCE, filler.resource(known.name, known.message)));
    }
    records
}

fn raw(kind: Kind, message: Message) -> Record {
    Record::new(kind.0, Val::Raw(message.into_bytes()))
}

struct Filler<'f, 't> {
    text: &'f mut Text<'t>,
}

impl Filler<'_, '_> {
    fn structure(&mut self, schema: &Schema, depth: usize) -> Val {
        let mut fields: Vec<(Val, Val)> = schema
            .fields
            .iter()
            .map(|field| {
                let value = self.value(schema.name, field.stored, field.class, depth);
                (field.stored.into(), value)
            })
            .collect();
        fields.push((UNKNOWN_FIELD.into(), self.leaf(schema.name, UNKNOWN_FIELD)));
        fields.sort_by(|(a, _), (b, _)| key_of(a).cmp(key_of(b)));
        Val::Map(fields)
    }

    fn leaf(&mut self, owner: &str, field: &str) -> Val {
        (self.text)(owner, field).into()
    }

    fn value(&mut self, owner: &str, field: &str, class: &Class, depth: usize) -> Val {
        let map = |key: Val, value: Val| Val::Map(vec![(key, value)]);
        match class {
            Class::Text | Class::Bytes => self.leaf(owner, field),
            Class::Int | Class::Uint | Class::Uint32 => 7u64.into(),
            Class::Nanos | Class::NanosText => 1_000_000_000u64.into(),
            Class::Bool => true.into(),
            Class::F32 => Val::F32(1.0),
            Class::F64 => 1.0.into(),
            Class::Time => zero_time(),
            Class::Ip => Val::Raw(vec![0, 0, 0, 7]),
            Class::Any => {
                let (text, other) = (self.leaf(owner, field), self.leaf(owner, field));
                map("inside".into(), Val::Array(vec![text, map(MAP_KEY.into(), other)]))
            }
            Class::Optional(of) => self.value(owner, field, of, depth),
            Class::List(of) => Val::Array(vec![self.value(owner, field, of, depth)]),
            Class::Map(of) => map(MAP_KEY.into(), self.value(owner, field, of, depth)),
            Class::NumberMap(of) => map(7u64.into(), self.value(owner, field, of, depth)),
            Class::NameMap(of) => {
                let name = Val::Map(vec![("Name".into(), self.leaf("ServiceName", "Name"))]);
                map(name, self.value(owner, field, of, depth))
            }
            Class::Struct(_) if depth == 0 => Val::Nil,
            Class::Struct(schema) => self.structure(schema(), depth - 1),
            _ => Val::Nil,
        }
    }

    fn message(&mut self, schema: &MessageSchema, depth: usize) -> Message {
        let fields = schema.fields.iter();
        let filled = fields
            .fold(Message::new(), |message, field| self.field(message, schema.name, field, depth));
        // Record types without a number so far.
        filled.text(500, (self.text)(schema.name, UNKNOWN_FIELD))
    }

    fn field(&mut self, out: Message, owner: &str, field: &MessageField, depth: usize) -> Message {
        self.one(out, field.number, owner, field.json, &field.class, depth)
    }

    fn one(
        &mut self,
        out: Message,
        number: u32,
        owner: &str,
        field: &str,
        class: &MessageClass,
        depth: usize,
    ) -> Message {
        match class {
            MessageClass::Text | MessageClass::Bytes => out.text(number, (self.text)(owner, field)),
            MessageClass::Map(of) => {
                let entry = Message::new().text(1, MAP_KEY);
                let entry = self.one(entry, 2, owner, field, of, depth);
                out.message(number, &entry)
            }
            MessageClass::Wrapped(of) => {
                let inner = self.one(Message::new(), 1, owner, field, of, depth);
                out.message(number, &inner)
            }
            MessageClass::Struct => {
                let value = Message::new().text(3, (self.text)(owner, field));
                let entry = Message::new().text(1, MAP_KEY).message(2, &value);
                out.message(number, &Message::new().message(1, &entry))
            }
            MessageClass::Message(schema) if depth > 0 => {
                let inner = self.message(schema, depth - 1);
                out.message(number, &inner)
            }
            MessageClass::Bool
            | MessageClass::Uint
            | MessageClass::Int
            | MessageClass::Uint32
            | MessageClass::Int32
            | MessageClass::Enum(_)
            | MessageClass::Named(_) => out.number(number, 1),
            MessageClass::Timestamp | MessageClass::Duration => {
                out.message(number, &Message::new().number(1, 7))
            }
            _ => out,
        }
    }

    /// An object of the second catalog of this type.
    fn resource(&mut self, name: &str, data: &MessageSchema) -> Message {
        let parts: Vec<&str> = name.split('.').collect();
        let part = |at: usize| parts.get(at).copied().unwrap_or("");
        let kind = Message::new().text(1, part(0)).text(2, part(1)).text(3, part(2));
        let tenancy = Message::new().text(1, "default").text(2, "default");
        let id =
            Message::new().text(1, "uid").text(2, "filled").message(3, &kind).message(4, &tenancy);
        let url = format!("type.googleapis.com/{}", data.name);
        let inner = self.message(data, DEPTH).into_bytes();
        let metadata = (self.text)("hashicorp.consul.resource.Resource", "metadata");
        Message::new()
            .message(1, &id)
            .text(3, "7")
            .text(4, "generation")
            .text_map(5, &[(MAP_KEY, &metadata)])
            .message(7, &Message::new().text(1, url).text(2, inner))
    }
}

fn key_of(key: &Val) -> &[u8] {
    match key {
        Val::Raw(name) => name,
        _ => &[],
    }
}
