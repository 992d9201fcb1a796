//! Kinds of objects that clients can write one by one: their order, how an object is found again,
//! and which of its parts are compared.
//!
//! An object is the JSON that the API shows, with two exceptions: links of ACL objects are by name,
//! because servers choose the IDs of policies and roles, and a node includes its `Services` and
//! `Checks`, as lists.

use super::Refusal;
use super::acl::{
    binding_refused, builtin_policy, ids_refused, is_expired, is_reserved, link_refused,
    method_refused, name_refused, strip,
};
use super::entries::{altered, as_taken, is_text, writable};
use super::keys::in_transaction;
use super::{LARGEST_VALUE, fields, path};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value};
use snapscope_decode::VersionRange;
use snapscope_decode::records::entry_name;
use snapscope_objects::json::{JsonText, Sink as _, write_value};
use snapscope_objects::kind::KindId;
use snapscope_objects::kinds;
use snapscope_objects::row::Row;
use snapscope_objects::value::Tape;

/// The kinds, in the order in which their objects are written; they are deleted in reverse. An
/// object comes after those that it refers to.
pub static WRITTEN: &[KindId] = &[
    KindId::Kv,
    KindId::ConfigEntries,
    KindId::Intentions,
    KindId::Nodes,
    KindId::Policies,
    KindId::Roles,
    KindId::AuthMethods,
    KindId::BindingRules,
    KindId::Tokens,
    KindId::Queries,
];

/// An object.
pub type Object = Map<String, Value>;

/// The position of a kind in [`WRITTEN`]; `None` for others.
#[must_use]
pub fn place(kind: KindId) -> Option<usize> {
    WRITTEN.iter().position(|written| *written == kind)
}

/// A text of an object; empty if it is absent.
#[must_use]
pub fn text<'o>(object: &'o Object, name: &str) -> &'o str {
    object.get(name).and_then(Value::as_str).unwrap_or("")
}

/// The items of a list in an object.
pub fn list<'o>(object: &'o Object, name: &str) -> impl Iterator<Item = &'o Value> {
    object.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// The object to write for a row of a snapshot.
///
/// # Errors
/// The reason why the API cannot express it.
pub fn of_row(row: &Row) -> Result<Object, &'static str> {
    let mut json = JsonText::new();
    match row.kind.id {
        KindId::Kv => {
            in_transaction(row.text("Key"))?;
            row.render(&mut json);
        }
        KindId::ConfigEntries => {
            let kind = row.text("Kind");
            writable(kind, entry_name(kind, row.text("Name")))?;
            if let Some(why) = altered(kind, row.object()) {
                return Err(why);
            }
            as_taken(row.object(), &mut json);
        }
        _ if !is_text(row.object()) => {
            return Err("it has text that is not UTF-8, which JSON cannot express");
        }
        _ => row.render(&mut json),
    }
    match serde_json::from_slice(json.as_bytes()) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err("it is not an object"),
    }
}

/// A key.
#[must_use]
pub fn key_object(key: &str, value: &[u8], flags: u64) -> Object {
    let mut object = Object::new();
    object.insert("Key".to_owned(), key.into());
    object.insert("Value".to_owned(), BASE64.encode(value).into());
    object.insert("Flags".to_owned(), flags.into());
    object
}

/// An object as a row, for comparisons and lists.
#[must_use]
pub fn row(kind: KindId, object: &Object) -> Row {
    let mut tape = Tape::new();
    tape.begin_object();
    for (name, value) in object {
        tape.key(name.as_bytes());
        match value {
            Value::String(text) if kind == KindId::Kv && name == "Value" => {
                tape.bytes(&BASE64.decode(text).unwrap_or_default());
            }
            value => write_value(value, &mut tape),
        }
    }
    tape.end_object();
    Row::new(kinds::of(kind), tape)
}

/// The name of an object for people: a key, `KIND/NAME`, an accessor, a name, or an ID only if
/// there is no name.
#[must_use]
pub fn id(kind: KindId, object: &Object) -> String {
    let of = |name: &str| text(object, name);
    match kind {
        KindId::Kv => of("Key").to_owned(),
        KindId::ConfigEntries => {
            let name = entry_name(of("Kind").as_bytes(), of("Name").as_bytes());
            format!("{}/{}", of("Kind"), String::from_utf8_lossy(name))
        }
        KindId::Intentions => {
            let peer = match of("SourcePeer") {
                "" => String::new(),
                peer => format!("peer:{peer}/"),
            };
            format!("{peer}{}=>{}", of("SourceName"), of("DestinationName"))
        }
        KindId::Tokens => of("AccessorID").to_owned(),
        KindId::Nodes => of("Node").to_owned(),
        KindId::BindingRules => of("ID").to_owned(),
        KindId::Queries if of("Name").is_empty() => of("ID").to_owned(),
        _ => of("Name").to_owned(),
    }
}

/// The ID that a server chose for an object, by which the API finds it.
#[must_use]
pub fn chosen_id(kind: KindId, object: &Object) -> Option<&str> {
    let has = matches!(
        kind,
        KindId::Policies
            | KindId::Roles
            | KindId::BindingRules
            | KindId::Queries
            | KindId::Intentions
    );
    has.then(|| text(object, "ID")).filter(|id| !id.is_empty())
}

/// Identifies an object if its [`chosen_id`] differs: its name, or its whole content.
#[must_use]
pub fn name(kind: KindId, object: &Object) -> String {
    let is_nameless = kind == KindId::BindingRules
        || (kind == KindId::Queries && text(object, "Name").is_empty());
    if is_nameless {
        let mut members: Vec<(String, Value)> =
            pruned(&written(kind, object)).into_iter().collect();
        members.sort_by(|a, b| a.0.cmp(&b.0));
        return Value::Object(members.into_iter().collect()).to_string();
    }
    match kind {
        // The catalog and config entries ignore the case of names.
        KindId::Nodes => id(kind, object).to_lowercase(),
        KindId::ConfigEntries => {
            String::from_utf8_lossy(&super::entries::folded(id(kind, object).as_bytes()))
                .into_owned()
        }
        _ => id(kind, object),
    }
}

/// The compared parts of an object. In some places servers show empty members of nodes' parts, in
/// others they leave them out.
#[must_use]
pub fn compared(kind: KindId, object: &Object) -> Object {
    let object = written(kind, object);
    if kind == KindId::Nodes { pruned(&object) } else { object }
}

/// The written parts of an object except IDs: without anything that servers set themselves.
#[must_use]
pub fn written(kind: KindId, object: &Object) -> Object {
    let mut object = object.clone();
    strip(&mut object);
    let mut drop = |names: &[&str]| object.retain(|name, _| !names.contains(&name.as_str()));
    match kind {
        KindId::Kv => drop(&["LockIndex", "Session", "KeyBase64"]),
        KindId::Policies | KindId::BindingRules => drop(&["ID"]),
        KindId::Roles => {
            drop(&["ID"]);
            by_name(&mut object, &["Policies"]);
        }
        KindId::Tokens => {
            drop(&["Legacy", "Type", "Rules", "AuthMethodNamespace"]);
            if !text(&object, "ExpirationTime").is_empty() {
                // Servers derive one from the other, and refuse both together.
                object.remove("ExpirationTTL");
            }
            by_name(&mut object, &["Policies", "Roles"]);
        }
        KindId::Queries => {
            drop(&["ID"]);
            // Servers refuse fields that are newer than they are, even without content.
            object = pruned(&object);
        }
        KindId::Intentions => drop(&[
            "ID",
            "CreatedAt",
            "UpdatedAt",
            "Precedence",
            "DefaultAddr",
            "DefaultPort",
            // Community servers have one of each.
            "SourceNS",
            "DestinationNS",
            "SourcePartition",
            "DestinationPartition",
        ]),
        KindId::Nodes => {
            drop(&["Datacenter", "PeerName", "Partition"]);
            parts(&mut object, "Services", "ID");
            parts(&mut object, "Checks", "CheckID");
        }
        _ => {}
    }
    object
}

/// Links by name; those without one stay as they are.
fn by_name(object: &mut Object, lists: &[&str]) {
    for list in lists {
        let Some(links) = object.get_mut(*list).and_then(Value::as_array_mut) else { continue };
        for link in links.iter_mut().filter_map(Value::as_object_mut) {
            if !text(link, "Name").is_empty() {
                link.remove("ID");
            }
        }
        links.sort_by_key(|link| link.get("Name").and_then(Value::as_str).unwrap_or("").to_owned());
    }
}

/// The services or checks of a node, in a fixed order and without anything that servers set
/// themselves.
fn parts(node: &mut Object, list: &str, id: &str) {
    let Some(parts) = node.get_mut(list).and_then(Value::as_array_mut) else { return };
    for part in parts.iter_mut().filter_map(Value::as_object_mut) {
        strip(part);
        // Servers take these from the node and the service.
        part.retain(|name, _| {
            let copied = ["Node", "ServiceName", "ServiceTags", "PeerName", "Datacenter"];
            list == "Services" || !copied.contains(&name.as_str())
        });
    }
    parts.sort_by_key(|part| part.get(id).and_then(Value::as_str).unwrap_or("").to_owned());
}

/// Members whose content users choose.
const OPAQUE: [&str; 5] = ["Config", "Meta", "NodeMeta", "ServiceMeta", "Arguments"];

/// An object without empty members, at any depth.
fn pruned(object: &Object) -> Object {
    let mut out = Object::new();
    for (name, value) in object {
        let value =
            if OPAQUE.contains(&name.as_str()) { value.clone() } else { pruned_value(value) };
        let is_empty = match &value {
            Value::Null | Value::Bool(false) => true,
            Value::Number(n) => n.as_f64() == Some(0.0),
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(members) => members.is_empty(),
            Value::Bool(true) => false,
        };
        if !is_empty {
            out.insert(name.clone(), value);
        }
    }
    out
}

fn pruned_value(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(pruned(members)),
        Value::Array(items) => Value::Array(items.iter().map(pruned_value).collect()),
        value => value.clone(),
    }
}

/// The servers that refuse to write an object, and why; `now_ms` is the time in milliseconds since
/// 1970.
#[must_use]
pub fn refused(kind: KindId, object: &Object, now_ms: i64) -> Vec<Refusal> {
    let of = |name: &str| text(object, name);
    let all = |why: &str| (VersionRange::ALL, why.to_owned());
    let mut refused = Vec::new();
    let body = Value::Object(object.clone());
    refused.extend(match kind {
        KindId::ConfigEntries => fields::entry_refused(of("Kind"), &body),
        kind => fields::object_refused(kind, &body),
    });
    match kind {
        KindId::Policies => match builtin_policy(of("Name")) {
            Some(_) => refused.push(all("servers create this policy themselves, and keep it")),
            None => refused.extend(name_refused(kind, of("Name"))),
        },
        KindId::Roles => refused.extend(name_refused(kind, of("Name"))),
        KindId::AuthMethods => {
            refused.extend(name_refused(kind, of("Name")));
            refused.extend(method_refused(of("Type")));
        }
        KindId::BindingRules => refused.extend(binding_refused(of("BindType"))),
        KindId::Tokens => refused.extend(token_refused(object, now_ms)),
        KindId::Queries if !of("Session").is_empty() => {
            refused.push(all("it belongs to a session, with which servers delete it"));
        }
        KindId::Nodes
            if list(object, "Services")
                .any(|service| service.pointer("/Proxy/Config").is_some_and(has_null)) =>
        {
            refused.push(all("servers cannot show a null in the configuration of a proxy"));
        }
        KindId::Intentions if !of("SourcePeer").is_empty() => {
            refused.push(all("an intention for a peer is part of a config entry; apply that"));
        }
        _ => {}
    }
    if kind == KindId::Intentions {
        refused.extend(intention_refused(object));
    }
    for list_of in ["Policies", "Roles"] {
        let links = list(object, list_of).filter_map(|link| link.get("Name")?.as_str());
        refused.extend(links.filter_map(link_refused));
    }
    refused
}

/// An intention has the fields of a source in an entry, and one field of the entry.
fn intention_refused(intention: &Object) -> Vec<Refusal> {
    let mut entry = Object::new();
    entry.extend(intention.get("JWT").map(|jwt| ("JWT".to_owned(), jwt.clone())));
    entry.insert("Sources".to_owned(), Value::Array(vec![Value::Object(intention.clone())]));
    let mut refused: Vec<Refusal> =
        fields::entry_refused("service-intentions", &Value::Object(entry)).into_iter().collect();
    if list(intention, "Permissions").next().is_some() {
        refused.push((VersionRange::before(1, 9), "they do not know Permissions".to_owned()));
    }
    refused
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(has_null),
        Value::Object(members) => members.values().any(has_null),
        _ => false,
    }
}

fn token_refused(token: &Object, now_ms: i64) -> Vec<Refusal> {
    let of = |name: &str| text(token, name);
    let all = |why: &str| vec![(VersionRange::ALL, why.to_owned())];
    let has = |name: &str| list(token, name).next().is_some();
    let has_links =
        ["Policies", "Roles", "ServiceIdentities", "NodeIdentities"].into_iter().any(has);
    if of("AccessorID").is_empty() {
        return all("it is of the ACL system before 1.4, and has no accessor");
    }
    // Servers also give the first management token a type.
    if !of("Rules").is_empty() || (!of("Type").is_empty() && !has_links) {
        return all(
            "it has rules of its own, as tokens had before 1.4; `snapscope export --to acl` writes it",
        );
    }
    if !of("AuthMethod").is_empty() {
        return all("only a login creates such a token");
    }
    let end = of("ExpirationTime");
    if !end.is_empty() && is_expired(end, now_ms) {
        return all(&format!("it expired at {end}"));
    }
    if is_reserved(of("AccessorID")) {
        return Vec::new();
    }
    ids_refused(token)
}

/// Why a value cannot be put to a key, if servers accept values up to this size.
///
/// # Errors
/// The reason.
pub fn large_key(key: &str, size: usize, most: usize) -> Result<String, String> {
    if size > most {
        let what = if most == LARGEST_VALUE { " by default" } else { "" };
        return Err(format!("its value has {size} bytes; servers accept up to {most}{what}"));
    }
    path::escaped(key).map_err(|why| {
        format!("a value this large needs the key in a path, which is not safe: {why}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Object {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn what_servers_choose_does_not_count() {
        let role = |id: &str, index: u64, policies: Value| {
            let role = json!({"ID": id, "Name": "ops", "Policies": policies, "Hash": "x",
                              "CreateIndex": index, "ModifyIndex": index});
            written(KindId::Roles, &object(role))
        };
        let a = role("1", 7, json!([{"ID": "p", "Name": "b"}, {"ID": "q", "Name": "a"}]));
        let b = role("2", 9, json!([{"ID": "r", "Name": "a"}, {"ID": "s", "Name": "b"}]));
        assert_eq!(a, b);
        assert_eq!(
            Value::Object(a),
            json!({"Name": "ops", "Policies": [{"Name": "a"}, {"Name": "b"}]})
        );
    }

    #[test]
    fn nameless_objects_are_found_by_their_content() {
        let rule = |id: &str, selector: &str| {
            object(json!({"ID": id, "AuthMethod": "m", "Selector": selector, "BindType": "role",
                          "BindName": "r", "Description": ""}))
        };
        let name = |rule: &Object| name(KindId::BindingRules, rule);
        assert_eq!(name(&rule("1", "a")), name(&rule("2", "a")));
        assert_ne!(name(&rule("1", "a")), name(&rule("1", "b")));
    }

    #[test]
    fn tokens_that_nobody_can_create_are_known() {
        let of = |token: Value| {
            let refused = refused(KindId::Tokens, &object(token), 1_795_403_400_000);
            refused.iter().map(|(_, why)| why.clone()).collect::<Vec<_>>().join("; ")
        };
        let id = "5ec5ec5e-c5ec-4ec5-8c5e-c5ec5ec5ec5e";
        assert_eq!(of(json!({"AccessorID": id, "SecretID": id})), "");
        assert!(of(json!({"AccessorID": ""})).contains("before 1.4"));
        assert!(of(json!({"AccessorID": id, "Rules": "key \"\" {}"})).contains("rules of its own"));
        assert!(of(json!({"AccessorID": id, "AuthMethod": "k8s"})).contains("login"));
        let ended = "2026-11-23T03:10:00Z";
        assert!(of(json!({"AccessorID": id, "ExpirationTime": ended})).contains("expired"));
        assert!(of(json!({"AccessorID": id, "SecretID": "root"})).contains("UUID"));
        let master = json!({"AccessorID": id, "Type": "management", "Policies": [{"Name": "p"}]});
        assert_eq!(of(master), "");
    }
}
