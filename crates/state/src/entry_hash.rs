//! The hash in config entries since 1.17. It covers names and values of the fields, in any order.
//!
//! Integers are hashed as eight bytes, nil pointers as the integer 0. Of times only the type is
//! hashed.

use crate::document::Doc;
use snapscope_decode::wire::Value;

/// A struct, under its Go name.
struct GoStruct {
    name: &'static str,
    fields: &'static [(&'static str, GoType)],
}

/// The type of a field's value.
enum GoType {
    Text,
    Int,
    Bool,
    Time,
    TextMap,
    Texts,
    Struct(&'static GoStruct),
    Structs(&'static GoStruct),
    /// A struct whose fields exist only in Enterprise.
    Enterprise,
}

const INTENTIONS: GoStruct = GoStruct {
    name: "ServiceIntentionsConfigEntry",
    fields: &[
        ("Kind", GoType::Text),
        ("Name", GoType::Text),
        ("Sources", GoType::Structs(&SOURCE)),
        ("JWT", GoType::Struct(&JWT)),
        ("Meta", GoType::TextMap),
        ("EnterpriseMeta", GoType::Enterprise),
    ],
};

const SOURCE: GoStruct = GoStruct {
    name: "SourceIntention",
    fields: &[
        ("Name", GoType::Text),
        ("Action", GoType::Text),
        ("Permissions", GoType::Structs(&PERMISSION)),
        ("Precedence", GoType::Int),
        ("LegacyID", GoType::Text),
        ("Type", GoType::Text),
        ("Description", GoType::Text),
        ("LegacyMeta", GoType::TextMap),
        ("LegacyCreateTime", GoType::Time),
        ("LegacyUpdateTime", GoType::Time),
        ("EnterpriseMeta", GoType::Enterprise),
        ("Peer", GoType::Text),
        ("SamenessGroup", GoType::Text),
    ],
};

const PERMISSION: GoStruct = GoStruct {
    name: "IntentionPermission",
    fields: &[
        ("Action", GoType::Text),
        ("HTTP", GoType::Struct(&HTTP)),
        ("JWT", GoType::Struct(&JWT)),
    ],
};

const HTTP: GoStruct = GoStruct {
    name: "IntentionHTTPPermission",
    fields: &[
        ("PathExact", GoType::Text),
        ("PathPrefix", GoType::Text),
        ("PathRegex", GoType::Text),
        ("Header", GoType::Structs(&HEADER)),
        ("Methods", GoType::Texts),
    ],
};

const HEADER: GoStruct = GoStruct {
    name: "IntentionHTTPHeaderPermission",
    fields: &[
        ("Name", GoType::Text),
        ("Present", GoType::Bool),
        ("Exact", GoType::Text),
        ("Prefix", GoType::Text),
        ("Suffix", GoType::Text),
        ("Contains", GoType::Text),
        ("Regex", GoType::Text),
        ("Invert", GoType::Bool),
        ("IgnoreCase", GoType::Bool),
    ],
};

const JWT: GoStruct = GoStruct {
    name: "IntentionJWTRequirement",
    fields: &[("Providers", GoType::Structs(&PROVIDER))],
};

const PROVIDER: GoStruct = GoStruct {
    name: "IntentionJWTProvider",
    fields: &[("Name", GoType::Text), ("VerifyClaims", GoType::Structs(&CLAIM))],
};

const CLAIM: GoStruct = GoStruct {
    name: "IntentionJWTClaimVerification",
    fields: &[("Path", GoType::Texts), ("Value", GoType::Text)],
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

fn structure(shape: &GoStruct, doc: &Doc<'_>) -> u64 {
    shape.fields.iter().fold(fnv(shape.name.as_bytes()), |hash, (field, class)| {
        hash ^ ordered(fnv(field.as_bytes()), value(class, doc, field))
    })
}

/// A nil pointer.
fn nothing() -> u64 {
    fnv(&0i64.to_le_bytes())
}

fn value(class: &GoType, doc: &Doc<'_>, field: &str) -> u64 {
    let texts = |items: Vec<&[u8]>| {
        items.into_iter().fold(0, |hash, item| ordered(hash, fnv(crate::document::text(item))))
    };
    match class {
        GoType::Text => fnv(doc.text(field)),
        GoType::Int => fnv(&doc.uint(field).to_le_bytes()),
        GoType::Bool => fnv(&[u8::from(doc.is_true(field))]),
        GoType::Time if doc.is_nil(field) => nothing(),
        GoType::Time => fnv(b"Time"),
        GoType::Enterprise => fnv(b"EnterpriseMeta"),
        GoType::Texts => texts(doc.items(field)),
        GoType::TextMap => match doc.value(field) {
            Value::Map(entries) => entries.flatten().fold(0, |hash, (key, value)| {
                let part = |value: Value<'_>| fnv(value.as_raw().unwrap_or_default());
                hash ^ ordered(part(key), part(value))
            }),
            _ => 0,
        },
        GoType::Struct(_) if doc.is_nil(field) => nothing(),
        GoType::Struct(shape) => {
            doc.doc(field).map_or_else(|_| nothing(), |doc| structure(shape, &doc))
        }
        GoType::Structs(shape) => doc.items(field).into_iter().fold(0, |hash, item| {
            let item = Doc::read(item).map_or_else(|_| nothing(), |item| structure(shape, &item));
            ordered(hash, item)
        }),
    }
}
