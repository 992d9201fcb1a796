//! What fields objects have, for selectors: derived from the schemas of the records.

use snapscope_decode::protobuf::{MessageClass, MessageSchema};
use snapscope_decode::records::{ENTRY_KINDS, EntryKind, RESOURCE, RESOURCE_TYPES, resource_type};
use snapscope_decode::schema::{Class, Schema};

/// What a value is, as far as a selector or an operator must know.
///
/// Shapes are taken apart one level at a time ([`Shape::member`]): a service's sidecar holds a
/// service again, so that no shape could ever be spelled out whole.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Shape {
    /// Text; times and durations that are shown as text too.
    Text,
    /// Bytes that are compared as they are stored: a key's value.
    Bytes,
    /// Bytes that are compared by their base64, as JSON shows them: hashes.
    Base64,
    /// True or false.
    Bool,
    /// An integer that may be negative.
    Int,
    /// An integer that can't be negative.
    Uint,
    /// An integer of 32 bits that can't be negative.
    Uint32,
    /// A 64-bit float.
    Float,
    /// A 32-bit float.
    Float32,
    /// Whatever a user put there: anything may be selected in it and said of it.
    Any,
    /// A list.
    List(Box<Shape>),
    /// An object with any keys.
    Map(Box<Shape>),
    /// An object with these fields.
    Object(&'static [Field]),
    /// An object with these fields, each put together as it is needed.
    Fields(Vec<(&'static str, Shape)>),
    /// Fields that stand beside those of the other shape, and win over them.
    With(&'static [Field], Box<Shape>),
    /// A stored struct.
    Struct(&'static Schema),
    /// A protobuf message; the flag tells whether it is shown as protobuf's own JSON.
    Message(&'static MessageSchema, bool),
    /// One of several, as the entries of all kinds are.
    OneOf(Vec<Shape>),
}

/// A field of an object that is not stored as it is shown.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub shape: fn() -> Shape,
}

impl Shape {
    /// A list of texts.
    #[must_use]
    pub fn texts() -> Self {
        Self::List(Box::new(Self::Text))
    }

    /// A map to texts.
    #[must_use]
    pub fn text_map() -> Self {
        Self::Map(Box::new(Self::Text))
    }

    /// The config entries of a kind; of all kinds if there is no such kind.
    #[must_use]
    pub fn config_entry(kind: Option<&str>) -> Self {
        let of = |known: &EntryKind| Self::Struct((known.schema)());
        match ENTRY_KINDS.iter().find(|known| Some(known.name) == kind) {
            Some(known) => of(known),
            None => Self::OneOf(ENTRY_KINDS.iter().map(of).collect()),
        }
    }

    /// The resources of a type, named with dots: `catalog.v2beta1.Workload`. Of a type that isn't known any
    /// value may be in `data`.
    #[must_use]
    pub fn resource(of: &[u8]) -> Self {
        let data = match resource_type(of) {
            Some(known) => Self::Message(known.message, true),
            None => Self::Any,
        };
        let members = RESOURCE.fields.iter().map(|field| match field.json {
            "data" => ("data", data.clone()),
            name => (name, Self::of_message_class(field.class, field.repeated, true)),
        });
        Self::Fields(members.collect())
    }

    /// What a field of this class holds.
    #[must_use]
    pub fn of_class(class: &'static Class) -> Self {
        match class {
            Class::Text | Class::NanosText | Class::Time | Class::Ip => Self::Text,
            Class::Bytes => Self::Base64,
            Class::Int | Class::Nanos => Self::Int,
            Class::Uint => Self::Uint,
            Class::Uint32 => Self::Uint32,
            Class::Bool => Self::Bool,
            Class::F32 => Self::Float32,
            Class::F64 => Self::Float,
            Class::Optional(class) => Self::of_class(class),
            Class::List(class) => Self::List(Box::new(Self::of_class(class))),
            Class::Map(class) | Class::NumberMap(class) | Class::NameMap(class) => {
                Self::Map(Box::new(Self::of_class(class)))
            }
            Class::Struct(schema) => Self::Struct(schema()),
            _ => Self::Any,
        }
    }

    /// What the `data` of resources holds: one of the messages of the types that are known.
    fn resource_data() -> Self {
        static FIELDS: &[Field] = &[
            Field { name: "@type", shape: || Shape::Text },
            Field { name: "value", shape: || Shape::Any },
        ];
        let messages = RESOURCE_TYPES.iter().map(|known| Self::Message(known.message, true));
        Self::With(FIELDS, Box::new(Self::OneOf(messages.collect())))
    }

    fn of_message_class(class: MessageClass, repeated: bool, proto_json: bool) -> Self {
        let one = match class {
            MessageClass::Text => Self::Text,
            MessageClass::Bytes => Self::Base64,
            // Protobuf's JSON has 64-bit integers as text.
            MessageClass::Uint | MessageClass::Int if proto_json => Self::Text,
            MessageClass::Uint => Self::Uint,
            MessageClass::Int => Self::Int,
            MessageClass::Bool => Self::Bool,
            MessageClass::Uint32 => Self::Uint32,
            MessageClass::Int32 => Self::Int,
            MessageClass::Double => Self::Float,
            MessageClass::Timestamp if proto_json => Self::Text,
            MessageClass::Duration => Self::Text,
            // A number no value has stays a number, and then equals no text.
            MessageClass::Named(_) => Self::Text,
            MessageClass::Wrapped(of) => Self::of_message_class(*of, false, proto_json),
            MessageClass::AnyMessage => Self::resource_data(),
            MessageClass::Message(schema) => Self::Message(schema, proto_json),
            MessageClass::Map(of) => {
                return Self::Map(Box::new(Self::of_message_class(*of, false, proto_json)));
            }
            _ => Self::Any,
        };
        if repeated { Self::List(Box::new(one)) } else { one }
    }

    /// What a name or key leads to; through a list it leads on from the items. `None` if there is
    /// nothing of that name.
    #[must_use]
    pub fn member(&self, name: &[u8]) -> Option<Self> {
        match self {
            Self::Any => Some(Self::Any),
            Self::Map(of) => Some((**of).clone()),
            Self::List(of) => of.member(name),
            Self::Object(fields) => {
                fields.iter().find(|f| f.name.as_bytes() == name).map(|f| (f.shape)())
            }
            Self::Fields(fields) => fields
                .iter()
                .find(|(field, _)| field.as_bytes() == name)
                .map(|(_, shape)| shape.clone()),
            Self::With(fields, of) => Self::Object(fields).member(name).or_else(|| of.member(name)),
            Self::Struct(schema) => match name {
                b"Kind" if schema.kind_constant.is_some() => Some(Self::Text),
                name => schema
                    .fields
                    .iter()
                    .find(|f| f.json.as_bytes() == name)
                    .map(|f| Self::of_class(f.class)),
            },
            Self::Message(schema, proto_json) => schema
                .fields
                .iter()
                .find(|f| f.json.as_bytes() == name)
                .map(|f| Self::of_message_class(f.class, f.repeated, *proto_json)),
            Self::OneOf(shapes) => {
                let mut found: Vec<Self> =
                    shapes.iter().filter_map(|shape| shape.member(name)).collect();
                found.dedup_by(|a, b| a.is_plainly(b));
                match found.len() {
                    0 | 1 => found.pop(),
                    _ => Some(Self::OneOf(found)),
                }
            }
            _ => None,
        }
    }

    /// What a name leads to under which a field is stored and not shown.
    pub(crate) fn stored_member(&self, name: &[u8]) -> Option<Self> {
        match self {
            Self::Struct(schema) => schema.stored(name).map(|field| Self::of_class(field.class)),
            Self::OneOf(shapes) => shapes.iter().find_map(|shape| shape.stored_member(name)),
            _ => None,
        }
    }

    /// What the items of lists of lists are; anything else is itself.
    pub(crate) fn through_lists(&self) -> &Self {
        match self {
            Self::List(of) => of.through_lists(),
            other => other,
        }
    }

    /// The names of the fields, sorted; none if there can be any.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = match self {
            Self::List(of) => of.names(),
            Self::Object(fields) => fields.iter().map(|f| f.name).collect(),
            Self::Fields(fields) => fields.iter().map(|(name, _)| *name).collect(),
            Self::With(fields, of) => fields.iter().map(|f| f.name).chain(of.names()).collect(),
            Self::Struct(schema) => schema
                .fields
                .iter()
                .map(|f| f.json)
                .chain(schema.kind_constant.map(|_| "Kind"))
                .collect(),
            Self::Message(schema, _) => schema.fields.iter().map(|f| f.json).collect(),
            Self::OneOf(shapes) => shapes.iter().flat_map(Self::names).collect(),
            _ => Vec::new(),
        };
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether both are the same without a look into them.
    fn is_plainly(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Struct(a), Self::Struct(b)) => std::ptr::eq(*a, *b),
            (Self::List(a), Self::List(b)) | (Self::Map(a), Self::Map(b)) => a.is_plainly(b),
            (
                Self::List(_)
                | Self::Map(_)
                | Self::Object(_)
                | Self::Fields(_)
                | Self::With(..)
                | Self::Message(..)
                | Self::OneOf(_),
                _,
            ) => false,
            (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
        }
    }

    /// What this is, in words, for errors.
    pub(super) const fn words(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Bytes | Self::Base64 => "bytes",
            Self::Bool => "a bool",
            Self::Int => "an integer",
            Self::Uint => "an integer that is not negative",
            Self::Uint32 => "an integer from 0 to 4294967295",
            Self::Float | Self::Float32 => "a number",
            Self::Any => "any value",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
            _ => "an object",
        }
    }
}
