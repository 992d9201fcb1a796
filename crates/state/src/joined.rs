//! The changes of an entry to objects that are joined from several records: the changed records,
//! and the other records of the same objects.

use crate::changes::{Changed, Changes, Row, is_stored, node_part, records};
use crate::document::{Doc, lower};
use crate::machine::Machine;
use crate::rows::{Body, Key};
use crate::table::{Link, Table, key_of, links};
use std::collections::{BTreeMap, BTreeSet};

/// Objects that are joined from several records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// Services: all their instances, and the checks that decide their health.
    Services,
    /// Locked keys, each with its session.
    Locks,
}

type ChangedRows<'m> = BTreeMap<(Table, &'m [u8]), Changed>;

impl Machine {
    /// The records of all joined objects that the last applied entry may have changed. They are
    /// complete only if the state holds all these objects: see
    /// [`Touched::hold`](crate::Touched::hold).
    #[must_use]
    pub fn joined_changes(&self, objects: Joined) -> Changes {
        let changed = self.changed_rows(is_stored);
        let [before, after] =
            [false, true].map(|is_after| Side { machine: self, changed: &changed, is_after });
        match objects {
            Joined::Services => {
                let names = changed_services([before, after]);
                Changes {
                    before: before.records(&before.of_services(&names)),
                    after: after.records(&after.of_services(&names)),
                }
            }
            Joined::Locks => {
                let keys = changed_locks([before, after]);
                Changes {
                    before: before.records(&before.of_locks(&keys)),
                    after: after.records(&after.of_locks(&keys)),
                }
            }
        }
    }
}

/// The state before or after the entry.
#[derive(Clone, Copy)]
struct Side<'m> {
    machine: &'m Machine,
    changed: &'m ChangedRows<'m>,
    is_after: bool,
}

type Rows = BTreeMap<Row, Option<Body>>;

impl<'m> Side<'m> {
    fn of(self, changed: &'m Changed) -> Option<&'m Body> {
        if self.is_after { changed.after.as_ref() } else { changed.before.as_ref() }
    }

    fn get(self, table: Table, key: &[u8]) -> Option<Body> {
        match self.changed.get(&(table, key)) {
            Some(changed) => self.of(changed).cloned(),
            None => self.machine.get(table, key),
        }
    }

    /// Keys and bodies of the changed rows of a table that exist on this side.
    fn changed_of(self, table: Table) -> impl Iterator<Item = (&'m [u8], &'m Body)> {
        let of_table = self.changed.iter().filter(move |((own, _), _)| *own == table);
        of_table.filter_map(move |((_, key), changed)| Some((*key, self.of(changed)?)))
    }

    /// Keys of the rows with this index value.
    fn linked(self, table: Table, link: Link, value: &[u8]) -> BTreeSet<Vec<u8>> {
        let mut keys: BTreeSet<Vec<u8>> =
            self.machine.tables.linked(link, value).iter().map(|key| key.to_vec()).collect();
        if !self.is_after {
            keys.retain(|key| !self.changed.contains_key(&(table, key.as_slice())));
            let is_linked = |key: &[u8], body: &Body| {
                links(table, key, body).iter().any(|(own, of)| *own == link && of == value)
            };
            let changed = self.changed_of(table).filter(|(key, body)| is_linked(key, body));
            keys.extend(changed.map(|(key, _)| key.to_vec()));
        }
        keys
    }

    /// Keys and bodies of the rows with this key prefix.
    fn below(self, table: Table, prefix: &[u8]) -> Vec<(Key, Body)> {
        let mut rows = self.machine.tables.below(table, prefix);
        if !self.is_after {
            rows.retain(|(key, _)| !self.changed.contains_key(&(table, &**key)));
            let changed = self.changed_of(table).filter(|(key, _)| key.starts_with(prefix));
            rows.extend(changed.map(|(key, body)| (key.into(), body.clone())));
        }
        rows
    }

    fn doc(self, table: Table, key: &[u8], read: impl FnOnce(&Doc<'_>)) {
        if let Some(body) = self.get(table, key)
            && let Ok(doc) = Doc::read(&body)
        {
            read(&doc);
        }
    }

    /// The rows of some services, by their names in the index: the instances, the checks on them,
    /// and the checks on their nodes.
    fn of_services(self, names: &BTreeSet<Vec<u8>>) -> Rows {
        let mut rows = Rows::new();
        // The IDs of these instances, by node.
        let mut nodes: BTreeMap<Vec<u8>, BTreeSet<Vec<u8>>> = BTreeMap::new();
        for name in names {
            for key in self.linked(Table::Services, Link::ServiceName, name) {
                self.doc(Table::Services, &key, |service| {
                    let ids = nodes.entry(node_part(&key).to_vec()).or_default();
                    ids.insert(lower(service.text("ID")));
                });
                let body = self.get(Table::Services, &key);
                rows.insert((Table::Services, key), body);
            }
        }
        for (node, ids) in nodes {
            for (key, body) in self.below(Table::Checks, &node) {
                let is_theirs = Doc::read(&body).is_ok_and(|check| {
                    let of = lower(check.text("ServiceID"));
                    of.is_empty() || ids.contains(&of)
                });
                if is_theirs {
                    rows.insert((Table::Checks, key.to_vec()), Some(body));
                }
            }
            let body = self.get(Table::Nodes, &node);
            rows.insert((Table::Nodes, node), body);
        }
        rows
    }

    /// The rows of some locks, by their keys: the locked key, and its session.
    fn of_locks(self, keys: &BTreeSet<Vec<u8>>) -> Rows {
        let mut rows = Rows::new();
        for key in keys {
            let mut session = Vec::new();
            self.doc(Table::Kv, key, |entry| session = entry.text("Session").to_vec());
            if session.is_empty() {
                continue;
            }
            rows.insert((Table::Kv, key.clone()), self.get(Table::Kv, key));
            let session = key_of(&[&session]);
            let body = self.get(Table::Sessions, &session);
            rows.insert((Table::Sessions, session), body);
        }
        rows
    }

    fn records(self, rows: &Rows) -> Vec<u8> {
        records(rows, self.machine)
    }
}

/// The names in the index of services whose appearance changed, or the health of whose instances
/// did.
fn changed_services(sides: [Side<'_>; 2]) -> BTreeSet<Vec<u8>> {
    let mut names = BTreeSet::new();
    for ((table, key), changed) in sides[0].changed {
        let fields = match table {
            Table::Services => ["Service", "Kind", "Tags"],
            Table::Checks => ["Status", "ServiceID", "PeerName"],
            _ => continue,
        };
        if is_same_in(changed, fields) {
            continue;
        }
        for side in sides {
            let Some(body) = side.of(changed) else { continue };
            match table {
                Table::Services => names.extend(service_names(key, body)),
                _ => side.names_of_check(key, body, &mut names),
            }
        }
    }
    names
}

/// The keys that are or were locked, if the key or its session changed.
fn changed_locks(sides: [Side<'_>; 2]) -> BTreeSet<Vec<u8>> {
    let mut keys = BTreeSet::new();
    for ((table, key), changed) in sides[0].changed {
        for side in sides {
            let Some(body) = side.of(changed) else { continue };
            match table {
                Table::Kv if !links(Table::Kv, key, body).is_empty() => {
                    keys.insert(key.to_vec());
                }
                Table::Sessions => {
                    let id =
                        Doc::read(body).map_or_else(|_| Vec::new(), |doc| lower(doc.text("ID")));
                    keys.extend(side.linked(Table::Kv, Link::KvSession, &id));
                }
                _ => {}
            }
        }
    }
    keys
}

/// Whether a row exists before and after, with equal values in these fields.
fn is_same_in(changed: &Changed, fields: [&str; 3]) -> bool {
    let (Some(before), Some(after)) = (&changed.before, &changed.after) else { return false };
    match (Doc::read(before), Doc::read(after)) {
        (Ok(before), Ok(after)) => fields.iter().all(|field| before.raw(field) == after.raw(field)),
        _ => false,
    }
}

/// The name of an instance's service in the index.
fn service_names(key: &[u8], body: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let links = links(Table::Services, key, body).into_iter();
    links.filter(|(link, _)| *link == Link::ServiceName).map(|(_, name)| name)
}

impl Side<'_> {
    /// The names of the services that a check applies to: one, or all on its node.
    fn names_of_check(self, key: &[u8], body: &[u8], names: &mut BTreeSet<Vec<u8>>) {
        let node = node_part(key);
        let Ok(check) = Doc::read(body) else { return };
        let id = check.text("ServiceID");
        if id.is_empty() {
            for (key, body) in self.below(Table::Services, node) {
                names.extend(service_names(&key, &body));
            }
            return;
        }
        let key = [node, key_of(&[id]).as_slice()].concat();
        if let Some(body) = self.get(Table::Services, &key) {
            names.extend(service_names(&key, &body));
        }
    }
}
