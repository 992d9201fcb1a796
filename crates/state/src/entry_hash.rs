//! The hash in config entries since 1.17. It covers names and values of the fields, in any order.
//!
//! Integers are hashed as eight bytes, nil pointers as the integer 0. Of times only the type is
//! hashed.

use crate::document::Doc;
use snapscope_decode::wire::Value;

/// A struct, under its Go name.
struct Shape {
    name: &'static str,
    fields: &'static [(&'static str, Class)],
}

/// The type of a field's value.
enum Class {
    Text,
    Int,
    Bool,
    Time,
    TextMap,
    Texts,
    Struct(&'static Shape),
    Structs(&'static Shape),
    /// A struct whose fields exist only in Enterprise.
    Enterprise,
}

const INTENTIONS: Shape = Shape {
    name: "ServiceIntentionsConfigEntry",
    fields: &[
        ("Kind", Class::Text),
        ("Name", Class::Text),
        ("Sources", Class::Structs(&SOURCE)),
        ("JWT", Class::Struct(&JWT)),
        ("Meta", Class::TextMap),
        ("EnterpriseMeta", Class::Enterprise),
    ],
};

const SOURCE: Shape = Shape {
    name: "SourceIntention",
    fields: &[
        ("Name", Class::Text),
        ("Action", Class::Text),
        ("Permissions", Class::Structs(&PERMISSION)),
        ("Precedence", Class::Int),
        ("LegacyID", Class::Text),
        ("Type", Class::Text),
        ("Description", Class::Text),
        ("LegacyMeta", Class::TextMap),
        ("LegacyCreateTime", Class::Time),
        ("LegacyUpdateTime", Class::Time),
        ("EnterpriseMeta", Class::Enterprise),
        ("Peer", Class::Text),
        ("SamenessGroup", Class::Text),
    ],
};

const PERMISSION: Shape = Shape {
    name: "IntentionPermission",
    fields: &[
        ("Action", Class::Text),
        ("HTTP", Class::Struct(&HTTP)),
        ("JWT", Class::Struct(&JWT)),
    ],
};

const HTTP: Shape = Shape {
    name: "IntentionHTTPPermission",
    fields: &[
        ("PathExact", Class::Text),
        ("PathPrefix", Class::Text),
        ("PathRegex", Class::Text),
        ("Header", Class::Structs(&HEADER)),
        ("Methods", Class::Texts),
    ],
};

const HEADER: Shape = Shape {
    name: "IntentionHTTPHeaderPermission",
    fields: &[
        ("Name", Class::Text),
        ("Present", Class::Bool),
        ("Exact", Class::Text),
        ("Prefix", Class::Text),
        ("Suffix", Class::Text),
        ("Contains", Class::Text),
        ("Regex", Class::Text),
        ("Invert", Class::Bool),
        ("IgnoreCase", Class::Bool),
    ],
};

const JWT: Shape =
    Shape { name: "IntentionJWTRequirement", fields: &[("Providers", Class::Structs(&PROVIDER))] };

const PROVIDER: Shape = Shape {
    name: "IntentionJWTProvider",
    fields: &[("Name", Class::Text), ("VerifyClaims", Class::Structs(&CLAIM))],
};

const CLAIM: Shape = Shape {
    name: "IntentionJWTClaimVerification",
    fields: &[("Path", Class::Texts), ("Value", Class::Text)],
};

/// The hash of an entry of `service-intentions`.
pub(crate) fn of_intentions(entry: &[u8]) -> u64 {
    Doc::read(entry).map_or(0, |entry| structure(&INTENTIONS, &entry))
}

/// FNV-1, 64 bits.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        hash.wrapping_mul(0x0100_0000_01b3) ^ u64::from(*byte)
    })
}

fn ordered(a: u64, b: u64) -> u64 {
    let mut bytes = a.to_le_bytes().to_vec();
    bytes.extend(b.to_le_bytes());
    fnv(&bytes)
}

fn structure(shape: &Shape, doc: &Doc<'_>) -> u64 {
    shape.fields.iter().fold(fnv(shape.name.as_bytes()), |hash, (field, class)| {
        hash ^ ordered(fnv(field.as_bytes()), value(class, doc, field))
    })
}

/// A nil pointer.
fn nothing() -> u64 {
    fnv(&0i64.to_le_bytes())
}

fn value(class: &Class, doc: &Doc<'_>, field: &str) -> u64 {
    let texts = |items: Vec<&[u8]>| {
        items.into_iter().fold(0, |hash, item| ordered(hash, fnv(crate::document::text(item))))
    };
    match class {
        Class::Text => fnv(doc.text(field)),
        Class::Int => fnv(&doc.uint(field).to_le_bytes()),
        Class::Bool => fnv(&[u8::from(doc.is_true(field))]),
        Class::Time if doc.is_nil(field) => nothing(),
        Class::Time => fnv(b"Time"),
        Class::Enterprise => fnv(b"EnterpriseMeta"),
        Class::Texts => texts(doc.items(field)),
        Class::TextMap => match doc.value(field) {
            Value::Map(entries) => entries.flatten().fold(0, |hash, (key, value)| {
                let part = |value: Value<'_>| fnv(value.as_raw().unwrap_or_default());
                hash ^ ordered(part(key), part(value))
            }),
            _ => 0,
        },
        Class::Struct(_) if doc.is_nil(field) => nothing(),
        Class::Struct(shape) => {
            doc.doc(field).map_or_else(|_| nothing(), |doc| structure(shape, &doc))
        }
        Class::Structs(shape) => doc.items(field).into_iter().fold(0, |hash, item| {
            let item = Doc::read(item).map_or_else(|_| nothing(), |item| structure(shape, &item));
            ordered(hash, item)
        }),
    }
}
