//! References of config entries.

use super::id::Id;
use snapscope_decode::records::ConfigEntryRef;
use snapscope_decode::wire::{Entries, Value};

/// Maximum nesting that is examined; entries of servers have less.
const DEPTH: usize = 32;

/// Kinds of entries that define how a service is reached; those of a referenced service are needed.
const OF_A_SERVICE: [&[u8]; 3] = [b"service-defaults", b"service-resolver", b"service-splitter"];
/// A further kind for services that are reached from outside the mesh, through a gateway.
const OF_A_GATEWAY: &[u8] = b"service-router";

/// Fields whose content users choose.
const OPAQUE: [&[u8]; 3] = [b"Meta", b"Config", b"Arguments"];

/// The name of a config entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryName {
    /// Its kind.
    pub kind: Box<[u8]>,
    /// Its name among those of its kind.
    pub name: Box<[u8]>,
}

/// The needs of an entry.
#[derive(Debug, Default)]
pub(super) struct Needs {
    pub(super) entries: Vec<EntryName>,
    pub(super) peers: Vec<Id>,
}

/// The entries that an entry needs, if any; not all of them have to exist.
#[must_use]
pub fn needed_entries(entry: &ConfigEntryRef<'_>) -> Vec<EntryName> {
    of_entry(entry).entries
}

/// The entries that an entry needs (the defaults of all proxies, those that define how its services
/// are reached, and those it names by kind and name), and the peers it names.
pub(super) fn of_entry(entry: &ConfigEntryRef<'_>) -> Needs {
    let mut needs = Needs::default();
    needs.entry(b"proxy-defaults", b"global");
    let own = entry.name().0;
    match entry.kind.0 {
        b"service-router" | b"service-splitter" | b"service-resolver" | b"service-intentions" => {
            needs.service(own);
        }
        // Servers store what is bound to a gateway under the gateway's name.
        b"api-gateway" => needs.entry(b"bound-api-gateway", own),
        b"bound-api-gateway" => needs.entry(b"api-gateway", own),
        _ => {}
    }
    needs.walk(entry.entry, b"", DEPTH);
    needs
}

/// A field's text; `None` if it is empty.
fn text<'a>(entries: Entries<'a>, name: &[u8]) -> Option<&'a [u8]> {
    match entries.find(name) {
        Ok(Some(Value::Raw(text))) if !text.is_empty() => Some(text),
        _ => None,
    }
}

impl Needs {
    fn entry(&mut self, kind: &[u8], name: &[u8]) {
        self.entries.push(EntryName { kind: kind.into(), name: name.into() });
    }

    fn service(&mut self, name: &[u8]) {
        if name != b"*" && !name.is_empty() {
            OF_A_SERVICE.iter().for_each(|kind| self.entry(kind, name));
        }
    }

    /// The references of a struct inside an entry.
    fn named(&mut self, entries: Entries<'_>, field: &[u8]) {
        let of = |name: &[u8]| text(entries, name);
        // A service of another cluster is configured there.
        if let Some(peer) = of(b"Peer").or_else(|| of(b"PeerName")) {
            return self.peers.push(Id::peer(peer));
        }
        match (of(b"Kind"), of(b"Name"), field) {
            (Some(kind), Some(name), _) => self.entry(kind, name),
            (None, Some(name), b"Services") => {
                self.service(name);
                self.entry(OF_A_GATEWAY, name);
            }
            (None, Some(name), b"Destination") => self.service(name),
            (None, Some(name), b"Parents") => self.entry(b"api-gateway", name),
            (None, Some(name), b"Providers") => self.entry(b"jwt-provider", name),
            _ => {}
        }
        if let Some(name) = of(b"Service") {
            self.service(name);
        }
    }

    fn walk(&mut self, value: Value<'_>, field: &[u8], depth: usize) {
        if depth == 0 || OPAQUE.contains(&field) {
            return;
        }
        match value {
            Value::Array(items) => {
                items.flatten().for_each(|item| self.walk(item, field, depth - 1));
            }
            Value::Map(entries) => {
                // The entry itself also has a kind and a name.
                if depth < DEPTH {
                    self.named(entries, field);
                }
                if let Some(group) = text(entries, b"SamenessGroup") {
                    self.entry(b"sameness-group", group);
                }
                for (key, value) in entries.flatten() {
                    if let Value::Raw(key) = key {
                        self.walk(value, key, depth - 1);
                    }
                }
            }
            _ => {}
        }
    }
}
