//! The fields of objects, for selectors, derived from the schemas of records.

use snapscope_decode::protobuf::{MessageClass, MessageSchema};
use snapscope_decode::records::{ENTRY_KINDS, EntryKind, RESOURCE, RESOURCE_TYPES, resource_type};
use snapscope_decode::schema::{Class, Schema};

/// The type of a value, as far as selectors and operators need it.
///
/// Shapes are expanded one level at a time ([`Shape::member`]): a service's sidecar contains a
/// service again, so a shape could never be written out in full.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Shape {
    /// Text, including times and durations that are shown as text.
    Text,
    /// Bytes that are compared as stored: a key's value.
    Bytes,
    /// Bytes that are compared by their base64, as JSON shows them: hashes.
    Base64,
    /// True or false.
    Bool,
    /// An integer that may be negative.
    Int,
    /// An unsigned integer.
    Uint,
    /// A 32-bit unsigned integer.
    Uint32,
    /// A 64-bit float.
    Float,
    /// A 32-bit float.
    Float32,
    /// A value chosen by users: any selector and statement is valid.
    Any,
    /// A list.
    List(Box<Shape>),
    /// An object with any keys.
    Map(Box<Shape>),
    /// An object with these fields.
    Object(&'static [Field]),
    /// An object with these fields, each created on demand.
    Fields(Vec<(&'static str, Shape)>),
    /// Fields in addition to those of the other shape; they take precedence.
    With(&'static [Field], Box<Shape>),
    /// A stored struct.
    Struct(&'static Schema),
    /// A protobuf message; the flag is set if it is rendered as protobuf's own JSON.
    Message(&'static MessageSchema, bool),
    /// One of several, such as config entries of all kinds.
    OneOf(Vec<Shape>),
}

/// A field of an object that is rendered differently from how it is stored.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its shape.
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

    /// The config entries of a kind, or of all kinds if the kind is unknown.
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

    /// The shape of a field of this class.
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

    /// The shape of the `data` of resources: one of the messages of known types.
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
            // An unknown number stays a number, and equals no text.
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

    /// The shape that a name or key selects; a list continues with its items. `None` if the name
    /// does not exist.
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

    /// The names of the fields, sorted; empty if any name is possible.
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

    /// Whether both are equal without expanding them.
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

    /// A description for errors.
    pub(super) const fn words(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Bytes | Self::Base64 => "bytes",
            Self::Bool => "a bool",
            Self::Int => "an integer",
            Self::Uint => "a non-negative integer",
            Self::Uint32 => "an integer from 0 to 4294967295",
            Self::Float | Self::Float32 => "a number",
            Self::Any => "any value",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
            _ => "an object",
        }
    }
}
