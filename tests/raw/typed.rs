//! Typed records have what an independent decoder finds in the same bytes.

use crate::support::{all, split};
use serde::Deserialize;
use snapscope_decode::records::{
    AclTokenRef, ConfigEntryRef, CoordinateRef, KvRef, Record as Typed, RegisterRef, record_schema,
};
use snapscope_decode::schema::{Class, Map, Schema, Text};
use snapscope_decode::{Frame, Kind, frames_of};
use std::collections::BTreeMap;

/// Raw bytes as any msgpack reader returns them: as text if they are UTF-8, otherwise as bytes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Blob(Vec<u8>);

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Blob;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("raw bytes")
            }
            fn visit_str<E>(self, text: &str) -> Result<Blob, E> {
                Ok(Blob(text.as_bytes().to_vec()))
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Blob, E> {
                Ok(Blob(bytes.to_vec()))
            }
            fn visit_unit<E>(self) -> Result<Blob, E> {
                Ok(Blob::default())
            }
        }
        from.deserialize_any(Visitor)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KvStored {
    key: Blob,
    value: Blob,
    flags: u64,
    session: Blob,
    lock_index: u64,
    create_index: u64,
    modify_index: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RegisterStored {
    node: Blob,
    address: Blob,
    node_meta: Option<BTreeMap<String, String>>,
    service: Option<ServiceStored>,
    check: Option<CheckStored>,
    /// Not stored before 1.7.
    #[serde(default)]
    modify_index: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServiceStored {
    #[serde(rename = "ID")]
    id: Blob,
    service: Blob,
    tags: Option<Vec<Blob>>,
    /// Not stored before 1.0.7.
    #[serde(default)]
    meta: Option<BTreeMap<String, String>>,
    port: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CheckStored {
    #[serde(rename = "CheckID")]
    check_id: Blob,
    status: Blob,
    output: Blob,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TokenStored {
    #[serde(rename = "AccessorID")]
    accessor_id: Blob,
    #[serde(rename = "SecretID")]
    secret_id: Blob,
    policies: Option<Vec<LinkStored>>,
    roles: Option<Vec<LinkStored>>,
    create_time: Blob,
    hash: Blob,
    local: bool,
    /// Not stored since 1.15.
    #[serde(default)]
    rules: Blob,
}

#[derive(Deserialize, Debug, PartialEq)]
#[serde(rename_all = "PascalCase")]
struct LinkStored {
    #[serde(rename = "ID")]
    id: Blob,
    name: Blob,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CoordinateStored {
    node: Blob,
    coord: SerfStored,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SerfStored {
    vec: Vec<f64>,
    error: f64,
    adjustment: f64,
    height: f64,
}

fn stored<'de, T: Deserialize<'de>>(frame: &Frame<'de>) -> T {
    rmp_serde::from_slice(frame.body()).unwrap_or_else(|e| panic!("{}: {e}", frame.kind))
}

fn blob(bytes: &[u8]) -> Blob {
    Blob(bytes.to_vec())
}

/// Every record of every fixture can be read as its type, without unknown fields, and its values
/// are those that an independent reader finds in the same bytes.
#[test]
fn typed_records_hold_what_is_stored() {
    let mut seen = BTreeMap::<String, usize>::new();
    for fixture in all() {
        let state = fixture.state();
        for (number, (kind, bytes)) in split(&state).into_iter().enumerate() {
            let frame = frames_of(bytes).next().unwrap().unwrap();
            let what = format!("{} record {} ({})", fixture.name, number + 1, frame.kind);
            let record = frame.record().unwrap_or_else(|e| panic!("{what}: {e}"));
            *seen.entry(frame.kind.to_string()).or_default() += 1;
            let mut body = &bytes[1..];
            let value = rmpv::decode::read_value(&mut body).unwrap();
            if let Some(schema) = record_schema(Kind(kind)) {
                walk(schema, &value, &what);
            }
            compare(&record, &frame, &what);
        }
    }
    assert!(seen.len() >= 26, "few types: {seen:?}");
}

fn compare(record: &Typed<'_>, frame: &Frame<'_>, what: &str) {
    match record {
        Typed::Kv(kv) | Typed::Tombstone(kv) => compare_kv(kv, frame, what),
        Typed::Register(register) => compare_register(register, frame, what),
        Typed::AclToken(token) => compare_token(token, frame, what),
        Typed::Coordinates(coordinates) => {
            let s: Vec<CoordinateStored> = stored(frame);
            assert_eq!(coordinates.len() as usize, s.len(), "{what}");
            for (ours, s) in coordinates.iter().zip(s) {
                compare_coordinate(&ours.unwrap().unwrap(), &s, what);
            }
        }
        Typed::ConfigEntry(entry) => compare_entry(entry, frame, what),
        Typed::Unknown(_) => panic!("{what}: a fixture holds only types that are known"),
        _ => {}
    }
}

fn compare_kv(kv: &KvRef<'_>, frame: &Frame<'_>, what: &str) {
    let s: KvStored = stored(frame);
    assert_eq!((blob(kv.key.0), blob(kv.value.0)), (s.key, s.value), "{what}");
    assert_eq!(blob(kv.session.0), s.session, "{what}");
    let ours = (kv.flags, kv.lock_index, kv.create_index, kv.modify_index);
    assert_eq!(ours, (s.flags, s.lock_index, s.create_index, s.modify_index), "{what}");
    assert!(kv.rest.is_empty(), "{what}");
}

fn compare_register(r: &RegisterRef<'_>, frame: &Frame<'_>, what: &str) {
    let s: RegisterStored = stored(frame);
    assert_eq!((blob(r.node.0), blob(r.address.0)), (s.node, s.address), "{what}");
    assert_eq!(r.modify_index, s.modify_index, "{what}");
    assert!(r.rest.is_empty(), "{what}");
    assert_eq!(text(&r.node_meta), s.node_meta.unwrap_or_default(), "{what}");
    let service = r.service.get().unwrap();
    assert_eq!(service.is_some(), s.service.is_some(), "{what}");
    if let (Some(ours), Some(s)) = (service, s.service) {
        assert_eq!((blob(ours.id.0), blob(ours.service.0)), (s.id, s.service), "{what}");
        assert_eq!(ours.port, s.port, "{what}");
        assert_eq!(text(&ours.meta), s.meta.unwrap_or_default(), "{what}");
        let tags: Vec<Blob> = ours.tags.iter().map(|t| blob(t.unwrap().0)).collect();
        assert_eq!(tags, s.tags.unwrap_or_default(), "{what}");
        assert!(ours.rest.is_empty(), "{what}");
    }
    let check = r.check.get().unwrap();
    assert_eq!(check.is_some(), s.check.is_some(), "{what}");
    if let (Some(ours), Some(s)) = (check, s.check) {
        assert_eq!(blob(ours.check_id.0), s.check_id, "{what}");
        assert_eq!(blob(ours.status.0), s.status, "{what}");
        assert_eq!(blob(ours.output.0), s.output, "{what}");
    }
}

/// A map of texts.
fn text(map: &Map<'_, Text<'_>>) -> BTreeMap<String, String> {
    map.iter()
        .map(|entry| entry.unwrap())
        .map(|(key, value)| (key.lossy().into_owned(), value.lossy().into_owned()))
        .collect()
}

fn compare_token(token: &AclTokenRef<'_>, frame: &Frame<'_>, what: &str) {
    let s: TokenStored = stored(frame);
    assert_eq!(blob(token.accessor_id.0), s.accessor_id, "{what}");
    assert_eq!(blob(token.secret_id.0), s.secret_id, "{what}");
    assert_eq!((blob(token.hash.0), token.local), (s.hash, s.local), "{what}");
    assert_eq!(blob(token.rules.0), s.rules, "{what}");
    let seconds = i64::from_be_bytes(s.create_time.0[1..9].try_into().unwrap());
    assert_eq!(token.create_time.seconds, seconds, "{what}");
    let ours: Vec<LinkStored> = token
        .policies
        .iter()
        .map(|l| l.unwrap())
        .map(|l| LinkStored { id: blob(l.id.0), name: blob(l.name.0) })
        .collect();
    assert_eq!(ours, s.policies.unwrap_or_default(), "{what}");
    assert_eq!(token.roles.len() as usize, s.roles.unwrap_or_default().len(), "{what}");
}

fn compare_coordinate(ours: &CoordinateRef<'_>, s: &CoordinateStored, what: &str) {
    assert_eq!(blob(ours.node.0), s.node, "{what}");
    let coord = ours.coord.get().unwrap().unwrap();
    let vec: Vec<f64> = coord.vec.iter().map(Result::unwrap).collect();
    assert_eq!(vec, s.coord.vec, "{what}");
    let rest = (coord.error, coord.adjustment, coord.height);
    assert_eq!(rest, (s.coord.error, s.coord.adjustment, s.coord.height), "{what}");
}

fn compare_entry(entry: &ConfigEntryRef<'_>, frame: &Frame<'_>, what: &str) {
    let typed = entry.typed().unwrap_or_else(|e| panic!("{what}: {e}"));
    assert!(!format!("{typed:?}").starts_with("Unknown"), "{what}");
    let mut outer = frame.body();
    let rmpv::Value::String(inner) = rmpv::decode::read_value(&mut outer).unwrap() else {
        panic!("{what}: not raw")
    };
    let mut inner = inner.as_bytes();
    let kind = rmpv::decode::read_value(&mut inner).unwrap();
    let request = rmpv::decode::read_value(&mut inner).unwrap();
    assert!(inner.is_empty(), "{what}: bytes behind the request");
    assert_eq!(kind.as_str().map(str::as_bytes), Some(entry.kind.0), "{what}");
    let mut stored = find(&request, "Entry").cloned().unwrap();
    if let rmpv::Value::String(nested) = &stored {
        let bytes = nested.as_bytes().to_vec();
        stored = rmpv::decode::read_value(&mut bytes.as_slice()).unwrap();
    }
    walk(entry.schema().unwrap(), &stored, what);
    if let Some(name) = find(&stored, "Name").and_then(rmpv::Value::as_str) {
        assert_eq!(entry.name().0, name.as_bytes(), "{what}");
    }
}

fn find<'a>(map: &'a rmpv::Value, key: &str) -> Option<&'a rmpv::Value> {
    map.as_map()?.iter().find(|(k, _)| k.as_str() == Some(key)).map(|(_, v)| v)
}

/// Every stored field is declared, and has the declared class.
fn walk(schema: &Schema, value: &rmpv::Value, what: &str) {
    let entries = value.as_map().unwrap_or_else(|| panic!("{what}: {} is no map", schema.name));
    for (key, value) in entries {
        let key = key.as_str().unwrap_or_else(|| panic!("{what}: a field without a name"));
        let field = schema.stored(key.as_bytes());
        let field = field.unwrap_or_else(|| panic!("{what}: {}.{key} is unknown", schema.name));
        class(field.class, value, &format!("{what}: {}.{key}", schema.name));
    }
}

fn class(class_: &Class, value: &rmpv::Value, what: &str) {
    use rmpv::Value as V;
    let fits = match (class_, value) {
        (Class::Any, _) | (_, V::Nil) => true,
        (Class::Optional(inner), value) => {
            class(inner, value, what);
            true
        }
        (Class::Text | Class::Bytes, V::String(_)) => true,
        (Class::Time, V::String(s)) => matches!(s.as_bytes().len(), 15 | 16),
        (Class::Ip, V::String(s)) => matches!(s.as_bytes().len(), 0 | 4 | 16),
        (Class::Int | Class::Nanos | Class::NanosText, V::Integer(n)) => n.is_i64(),
        (Class::Uint, V::Integer(n)) => n.is_u64(),
        (Class::Uint32, V::Integer(n)) => n.as_u64().is_some_and(|n| u32::try_from(n).is_ok()),
        (Class::Bool, V::Boolean(_)) | (Class::F32, V::F32(_)) | (Class::F64, V::F64(_)) => true,
        (Class::List(inner), V::Array(items)) => {
            items.iter().for_each(|item| class(inner, item, what));
            true
        }
        (Class::Map(inner) | Class::NumberMap(inner) | Class::NameMap(inner), V::Map(entries)) => {
            entries.iter().for_each(|(_, value)| class(inner, value, what));
            true
        }
        (Class::Struct(schema), V::Map(_)) => {
            walk(schema(), value, what);
            true
        }
        _ => false,
    };
    assert!(fits, "{what}: {value} is not {class_:?}");
}
