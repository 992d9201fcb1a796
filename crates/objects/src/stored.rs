//! Builds records as servers store them in a snapshot from objects as the API shows them.
//!
//! This is the reverse of [`render`](crate::render), for objects that can be written through the
//! API: fields that JSON does not show are absent.

use crate::json::{duration_nanos, time_of_text};
use crate::kind::KindId;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value as Json};
use snapscope_decode::Kind;
use snapscope_decode::records::{RegisterRef, entry_schema, record_schema};
use snapscope_decode::schema::{Class, FieldSpec, Schema, WireStruct};
use snapscope_decode::wire::Value;
use snapscope_decode::wire::encode::{list_head, map_head, negative, raw, scalar, uint};
use std::net::IpAddr;

/// The records of an object, with their types: one, except for a node, which also has one for each
/// of its `Services` and `Checks`. None for kinds whose objects cannot be written through the API.
#[must_use]
pub fn records(kind: KindId, object: &Map<String, Json>) -> Vec<(Kind, Vec<u8>)> {
    let record = match kind {
        KindId::Kv => Kind::KVS,
        KindId::Tokens => Kind::ACL_TOKEN,
        KindId::Policies => Kind::ACL_POLICY,
        KindId::Roles => Kind::ACL_ROLE,
        KindId::BindingRules => Kind::ACL_BINDING_RULE,
        KindId::AuthMethods => Kind::ACL_AUTH_METHOD,
        KindId::Queries => Kind::PREPARED_QUERY,
        KindId::Intentions => Kind::INTENTION,
        KindId::ConfigEntries => return entry(object).into_iter().collect(),
        KindId::Nodes => return node(object),
        _ => return Vec::new(),
    };
    let Some(schema) = record_schema(record) else { return Vec::new() };
    let mut out = vec![record.0];
    write_struct(schema, object, &mut out);
    vec![(record, out)]
}

/// An entry is in raw bytes: its kind, then a request around it.
fn entry(object: &Map<String, Json>) -> Option<(Kind, Vec<u8>)> {
    let kind = object.get("Kind")?.as_str()?;
    let schema = entry_schema(kind.as_bytes())?;
    let mut inner = Vec::new();
    raw(kind.as_bytes(), &mut inner);
    map_head(4, &mut inner);
    for name in ["Datacenter", "Entry", "Op", "Token"] {
        raw(name.as_bytes(), &mut inner);
        if name != "Entry" {
            raw(b"", &mut inner);
            continue;
        }
        let mut entry = Vec::new();
        write_struct(schema, object, &mut entry);
        // Servers encode these values again, inside raw bytes.
        if kind == "proxy-defaults" {
            raw(&entry, &mut inner);
        } else {
            inner.extend_from_slice(&entry);
        }
    }
    let mut out = vec![Kind::CONFIG_ENTRY.0];
    raw(&inner, &mut out);
    Some((Kind::CONFIG_ENTRY, out))
}

/// Every record of a node repeats the node's fields.
fn node(object: &Map<String, Json>) -> Vec<(Kind, Vec<u8>)> {
    let schema = <RegisterRef<'static> as WireStruct<'static>>::schema();
    let mut own = object.clone();
    let services = own.remove("Services");
    let checks = own.remove("Checks");
    if let Some(meta) = own.remove("Meta") {
        own.insert("NodeMeta".to_owned(), meta);
    }
    let record = |part: Option<(&str, &Json)>| {
        let mut own = own.clone();
        if let Some((name, part)) = part {
            for index in ["CreateIndex", "ModifyIndex"] {
                own.extend(part.get(index).map(|value| (index.to_owned(), value.clone())));
            }
            own.insert(name.to_owned(), part.clone());
        }
        let mut out = vec![Kind::REGISTER.0];
        write_struct(schema, &own, &mut out);
        (Kind::REGISTER, out)
    };
    let items = |list: &Option<Json>| list.as_ref().and_then(Json::as_array).cloned();
    let mut records = vec![record(None)];
    for (name, list) in [("Service", services), ("Check", checks)] {
        records.extend(items(&list).iter().flatten().map(|part| record(Some((name, part)))));
    }
    records
}

/// The stored fields of a struct that an object has, as a map in the servers' order.
fn write_struct(schema: &'static Schema, object: &Map<String, Json>, out: &mut Vec<u8>) {
    let in_order = schema.stored_order.iter().filter_map(|at| schema.fields.get(usize::from(*at)));
    let has: Vec<(&FieldSpec, &Json)> =
        in_order.filter_map(|field| Some((field, object.get(field.json)?))).collect();
    map_head(has.len() as u64, out);
    for (field, value) in has {
        raw(field.stored.as_bytes(), out);
        write(field.class, value, out);
    }
}

fn nil(out: &mut Vec<u8>) {
    scalar(Value::Nil, out);
}

fn integer(n: i64, out: &mut Vec<u8>) {
    match u64::try_from(n) {
        Ok(n) => uint(n, out),
        Err(_) => negative(n, out),
    }
}

/// A value of a class; nil if the JSON value has another type.
fn write(class: &'static Class, value: &Json, out: &mut Vec<u8>) {
    match (class, value) {
        (Class::Optional(_), Json::Null) => nil(out),
        (Class::Optional(class), value) => write(class, value, out),
        (Class::Text, Json::String(text)) => raw(text.as_bytes(), out),
        (Class::Bytes, Json::String(text)) => match BASE64.decode(text) {
            Ok(bytes) => raw(&bytes, out),
            Err(_) => nil(out),
        },
        (Class::Int | Class::Uint | Class::Uint32 | Class::Nanos, Json::Number(n)) => {
            match (n.as_u64(), n.as_i64()) {
                (Some(n), _) => uint(n, out),
                (None, Some(n)) => integer(n, out),
                (None, None) => nil(out),
            }
        }
        (Class::NanosText | Class::Nanos, Json::String(text)) => match duration_nanos(text) {
            Some(nanos) => integer(nanos, out),
            None => nil(out),
        },
        (Class::F64 | Class::F32, Json::Number(n)) => {
            scalar(Value::F64(n.as_f64().unwrap_or_default()), out);
        }
        (Class::Bool, Json::Bool(b)) => scalar(Value::Bool(*b), out),
        (Class::Time, Json::String(text)) => match time_of_text(text) {
            Some(time) => raw(&time.to_bytes(), out),
            None => nil(out),
        },
        (Class::Ip, Json::String(text)) => match text.parse() {
            Ok(IpAddr::V4(ip)) => raw(&ip.octets(), out),
            Ok(IpAddr::V6(ip)) => raw(&ip.octets(), out),
            Err(_) => nil(out),
        },
        (Class::Any, value) => any(value, out),
        (Class::List(class), Json::Array(items)) => {
            list_head(items.len() as u64, out);
            items.iter().for_each(|item| write(class, item, out));
        }
        (Class::Map(class), Json::Object(members)) => {
            map_head(members.len() as u64, out);
            for (name, member) in members {
                raw(name.as_bytes(), out);
                write(class, member, out);
            }
        }
        (Class::Struct(schema), Json::Object(members)) => {
            write_struct(schema(), members, out);
        }
        _ => nil(out),
    }
}

/// A value chosen by users: servers read every number as a double.
fn any(value: &Json, out: &mut Vec<u8>) {
    match value {
        Json::Null => nil(out),
        Json::Bool(b) => scalar(Value::Bool(*b), out),
        Json::Number(n) => scalar(Value::F64(n.as_f64().unwrap_or_default()), out),
        Json::String(text) => raw(text.as_bytes(), out),
        Json::Array(items) => {
            list_head(items.len() as u64, out);
            items.iter().for_each(|item| any(item, out));
        }
        Json::Object(members) => {
            map_head(members.len() as u64, out);
            for (name, member) in members {
                raw(name.as_bytes(), out);
                any(member, out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds;
    use crate::row::{Reader, RowOptions};
    use serde_json::json;
    use snapscope_decode::frames_of;

    /// The rows that a snapshot of these records would show.
    fn rows(kind: KindId, bytes: &[u8]) -> Vec<Json> {
        let mut reader = Reader::new(kinds::of(kind), RowOptions::default());
        let mut rows = Vec::new();
        for frame in frames_of(bytes) {
            let take = &mut |row: &crate::row::Row| {
                rows.push(serde_json::from_slice(&row.to_json()).unwrap());
            };
            let problems = reader.frame(&frame.unwrap(), take);
            assert!(problems.is_empty(), "{problems:?}");
        }
        rows
    }

    #[test]
    fn what_is_stored_is_shown_again() {
        let token = json!({
            "AccessorID": "a", "SecretID": "s", "Description": "d", "Policies": [{"ID": "1", "Name": "p"}],
            "Local": true, "ExpirationTime": "2026-11-23T03:10:13.5Z", "CreateTime": "2026-11-23T03:10:13.703271431Z",
            "Hash": "RNVF", "CreateIndex": 5, "ModifyIndex": 6});
        let resolver = json!({
            "Kind": "service-resolver", "Name": "web", "DefaultSubset": "v1",
            "Subsets": {"v1": {"Filter": "x"}}, "ConnectTimeout": "1m30s", "CreateIndex": 1, "ModifyIndex": 2});
        let proxy = json!({
            "Kind": "proxy-defaults", "Name": "global", "Config": {"a": 1.5, "b": ["x", true]},
            "MeshGateway": {}, "Expose": {}, "CreateIndex": 1, "ModifyIndex": 2});
        let method = json!({
            "Name": "m", "Type": "jwt", "MaxTokenTTL": "5m0s", "Config": {"JWKSURL": "http://x"},
            "CreateIndex": 3, "ModifyIndex": 4});
        let key = json!({"LockIndex": 1, "Key": "a", "Flags": 7, "Value": "YQ==", "CreateIndex": 1, "ModifyIndex": 2});
        for (kind, object) in [
            (KindId::Tokens, token),
            (KindId::ConfigEntries, resolver),
            (KindId::ConfigEntries, proxy),
            (KindId::AuthMethods, method),
            (KindId::Kv, key),
        ] {
            let records = records(kind, object.as_object().unwrap());
            let bytes: Vec<u8> = records.into_iter().flat_map(|(_, bytes)| bytes).collect();
            let rows = rows(kind, &bytes);
            assert_eq!(rows.len(), 1);
            for (name, value) in object.as_object().unwrap() {
                assert_eq!(&rows[0][name], value, "{name} of {object}");
            }
        }
    }

    #[test]
    fn a_node_has_a_record_for_each_part() {
        let node = json!({
            "Node": "ext", "Address": "1.2.3.4", "Meta": {"external-node": "true"}, "CreateIndex": 1, "ModifyIndex": 1,
            "Services": [{"ID": "w1", "Service": "web", "Port": 80, "CreateIndex": 2, "ModifyIndex": 2}],
            "Checks": [{"CheckID": "c", "Name": "c", "Status": "passing", "ServiceID": "w1",
                        "Definition": {"Interval": "10s", "HTTP": "http://x"}, "CreateIndex": 3, "ModifyIndex": 3}]});
        let records = records(KindId::Nodes, node.as_object().unwrap());
        let bytes: Vec<u8> = records.into_iter().flat_map(|(_, bytes)| bytes).collect();
        let nodes = rows(KindId::Nodes, &bytes);
        assert_eq!((nodes.len(), &nodes[0]["Meta"]), (1, &node["Meta"]));
        let checks = rows(KindId::Checks, &bytes);
        assert_eq!(checks[0]["Definition"], node["Checks"][0]["Definition"]);
    }
}
