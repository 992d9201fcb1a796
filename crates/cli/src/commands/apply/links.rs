//! Links between objects: their names, and the objects that others need.

use serde_json::Value;
use snapscope_analyze::api::written::{Object, list, text};
use snapscope_decode::Frame;
use snapscope_decode::records::{Record, entry_name};
use snapscope_live::apply::Desired;
use snapscope_objects::kind::KindId;
use snapscope_objects::row::Row;
use snapscope_rewrite::extract::{EntryName, needed_entries};
use std::collections::{BTreeSet, HashMap};

/// The config entries that an entry needs.
pub(super) fn needs_of(frame: &Frame<'_>) -> Option<(EntryName, Vec<EntryName>)> {
    match frame.record() {
        Ok(Record::ConfigEntry(entry)) => {
            let name = EntryName { kind: entry.kind.0.into(), name: entry.name().0.into() };
            Some((name, needed_entries(&entry)))
        }
        // Problems are reported where the row is made.
        _ => None,
    }
}

/// The names of linked objects.
#[derive(Debug)]
pub(super) struct Links {
    needs: HashMap<EntryName, Vec<EntryName>>,
    policies: HashMap<String, String>,
    roles: HashMap<String, String>,
}

impl Links {
    pub(super) fn new(needs: Vec<(EntryName, Vec<EntryName>)>) -> Self {
        let needs = needs.into_iter().collect();
        Self { needs, policies: HashMap::new(), roles: HashMap::new() }
    }

    /// Remembers the name of a policy or role.
    pub(super) fn learn(&mut self, row: &Row) {
        let names = match row.kind.id {
            KindId::Policies => &mut self.policies,
            KindId::Roles => &mut self.roles,
            _ => return,
        };
        let text = |name: &str| String::from_utf8_lossy(row.text(name)).into_owned();
        names.insert(text("ID"), text("Name"));
    }

    /// Replaces links by ID with links by name, because servers choose new IDs. Links to deleted
    /// objects are dropped, as servers do.
    pub(super) fn by_name(&self, object: &mut Object) {
        for (field, names) in [("Policies", &self.policies), ("Roles", &self.roles)] {
            let Some(Value::Array(links)) = object.get_mut(field) else { continue };
            links.retain_mut(|link| {
                let Some(link) = link.as_object_mut() else { return true };
                match names.get(text(link, "ID")) {
                    Some(name) => {
                        link.insert("Name".to_owned(), name.as_str().into());
                        true
                    }
                    None => text(link, "ID").is_empty(),
                }
            });
            if links.is_empty() {
                object.remove(field);
            }
        }
    }

    /// The other objects that applied ones need, directly or indirectly.
    pub(super) fn needed(&self, wanted: &[Desired], others: Vec<Desired>) -> Vec<Desired> {
        let mut names: BTreeSet<(KindId, String)> = BTreeSet::new();
        let mut todo: Vec<&Desired> = wanted.iter().collect();
        while let Some(one) = todo.pop() {
            for name in self.of(one) {
                if names.insert(name.clone()) {
                    todo.extend(others.iter().find(|other| name_of(other) == name));
                }
            }
        }
        let is_needed = |other: &Desired| names.contains(&name_of(other));
        let needed = others.into_iter().filter(is_needed);
        needed.map(|other| Desired { is_needed: true, ..other }).collect()
    }

    /// What an object needs.
    fn of(&self, wanted: &Desired) -> Vec<(KindId, String)> {
        let object = &wanted.object;
        let linked = |field: &str, kind: KindId| -> Vec<(KindId, String)> {
            let links = list(object, field).filter_map(|link| link.get("Name")?.as_str());
            links.map(|name| (kind, name.to_owned())).collect()
        };
        let mut needs = Vec::new();
        match wanted.kind {
            KindId::Tokens | KindId::Roles => {
                needs.extend(linked("Policies", KindId::Policies));
                needs.extend(linked("Roles", KindId::Roles));
            }
            KindId::BindingRules => {
                needs.push((KindId::AuthMethods, text(object, "AuthMethod").to_owned()));
                let kind = match text(object, "BindType") {
                    "role" => KindId::Roles,
                    "policy" => KindId::Policies,
                    _ => return needs,
                };
                needs.push((kind, text(object, "BindName").to_owned()));
            }
            KindId::ConfigEntries => {
                let bytes = |name: &str| text(object, name).as_bytes();
                let (kind, name) = (bytes("Kind"), bytes("Name"));
                let entry = EntryName { name: entry_name(kind, name).into(), kind: kind.into() };
                let of_entry = self.needs.get(&entry).into_iter().flatten();
                needs.extend(of_entry.map(|entry| {
                    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                    (KindId::ConfigEntries, format!("{}/{}", text(&entry.kind), text(&entry.name)))
                }));
            }
            _ => {}
        }
        needs
    }
}

fn name_of(wanted: &Desired) -> (KindId, String) {
    (wanted.kind, snapscope_analyze::api::written::id(wanted.kind, &wanted.object))
}

/// The services and checks of nodes.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    parts: HashMap<String, (Vec<Value>, Vec<Value>)>,
}

impl Nodes {
    /// Remembers an instance or a check.
    pub(super) fn add(&mut self, row: &Row) {
        let Ok(Value::Object(object)) = serde_json::from_slice(&row.to_json()) else { return };
        let node = text(&object, "Node").to_owned();
        let (services, checks) = self.parts.entry(node).or_default();
        match row.kind.id {
            KindId::Instances => services.push(Value::Object(service_of(object))),
            _ => checks.push(Value::Object(object)),
        }
    }

    /// Returns a node with its services and checks.
    pub(super) fn complete(&self, node: &mut Object) {
        let parts = self.parts.get(text(node, "Node")).cloned().unwrap_or_default();
        node.insert("Services".to_owned(), Value::Array(parts.0));
        node.insert("Checks".to_owned(), Value::Array(parts.1));
    }
}

/// An instance in the form of its node's list: without the node, and with plain names.
fn service_of(instance: Object) -> Object {
    let mut service = Object::new();
    for (name, value) in instance {
        let plain = match name.as_str() {
            "ServiceName" => "Service",
            "CreateIndex" | "ModifyIndex" => name.as_str(),
            _ => match name.strip_prefix("Service") {
                Some(plain) => plain,
                None => continue,
            },
        };
        service.insert(plain.to_owned(), value);
    }
    service
}
