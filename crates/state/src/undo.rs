//! Takes back chosen writes: their changes, later changes of the same rows, and the states before
//! and after.

use crate::changes::{Row, node_part, records};
use crate::document::Doc;
use crate::machine::Machine;
use crate::rows::Body;
use crate::table::{NODE, Table, objects_of};
use snapscope_objects::kind::KindId;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Chosen writes, collected while the log is applied.
#[derive(Debug)]
pub struct Undo {
    chosen: BTreeSet<u64>,
    writes: Vec<Write>,
    /// The last index at which a row changed, for rows that a chosen write changed too.
    changed: BTreeMap<Row, u64>,
}

/// The change of a row by a chosen write.
#[derive(Debug)]
struct Write {
    index: u64,
    row: Row,
    before: Option<Body>,
    after: Option<Body>,
}

/// An object that a chosen write changed and a later write changed again, or whose node is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InTheWay {
    /// The chosen write.
    pub index: u64,
    /// The last write to the object, or to its node.
    pub later: u64,
    /// Whether that write removed the node of a service or check.
    pub removed_node: bool,
    /// The object's kind.
    pub kind: KindId,
    /// The object's name.
    pub id: Vec<u8>,
}

/// The objects of the chosen writes in two states, each as records in the order of snapshots.
#[derive(Debug, Default)]
pub struct Undone {
    /// The objects at the end of the log.
    pub now: Vec<u8>,
    /// The objects as they would be without the chosen writes.
    pub without: Vec<u8>,
    /// Objects that later writes changed. They are the same in both states.
    pub in_the_way: Vec<InTheWay>,
    /// Chosen writes that changed nothing, or whose changes are unknown.
    pub without_change: BTreeSet<u64>,
}

/// Whether a table is derived from others, or is bookkeeping.
const fn is_derived(table: Table) -> bool {
    matches!(
        table,
        Table::Index
            | Table::Tombstones
            | Table::Gateways
            | Table::Topology
            | Table::KindNames
            | Table::VirtualIps
            | Table::FreeIps
            | Table::Coordinates
    )
}

impl Undo {
    /// Creates an empty collection for the writes with these indexes.
    #[must_use]
    pub const fn new(chosen: BTreeSet<u64>) -> Self {
        Self { chosen, writes: Vec::new(), changed: BTreeMap::new() }
    }

    /// Adds the changes of the last applied entry.
    pub fn see(&mut self, index: u64, machine: &Machine) {
        for ((table, key), changed) in machine.changed_rows(|table| !is_derived(table)) {
            let row = (table, key.to_vec());
            if self.chosen.contains(&index) {
                let (before, after) = (changed.before, changed.after);
                if let Some(node) = node_of(&row) {
                    self.changed.entry(node).or_insert(index);
                }
                self.writes.push(Write { index, row: row.clone(), before, after });
                self.changed.insert(row, index);
            } else if let Some(last) = self.changed.get_mut(&row) {
                *last = index;
            }
        }
    }

    /// Ends with the state at the end of the log.
    #[must_use]
    pub fn finish(self, machine: &Machine) -> Undone {
        let Self { mut chosen, mut writes, changed } = self;
        // The last write first; a node before what was on it.
        writes.sort_by_key(|write| (Reverse(write.index), write.row.0 != Table::Nodes));
        let rows: BTreeSet<Row> = writes.iter().map(|write| write.row.clone()).collect();
        let now: BTreeMap<Row, Option<Body>> =
            rows.into_iter().map(|row| (row.clone(), machine.get(row.0, &row.1))).collect();
        let mut without = now.clone();
        let mut in_the_way = Vec::new();
        for write in writes {
            chosen.remove(&write.index);
            let current = without.get(&write.row).cloned().flatten();
            let has_node = |node: &Row| match without.get(node) {
                Some(body) => body.is_some(),
                None => machine.get(node.0, &node.1).is_some(),
            };
            let lost_node =
                node_of(&write.row).filter(|node| write.before.is_some() && !has_node(node));
            if current == write.after && lost_node.is_none() {
                without.insert(write.row, write.before);
                continue;
            }
            let removed_node = lost_node.is_some();
            let last = changed.get(&lost_node.unwrap_or_else(|| write.row.clone()));
            let later = last.copied().unwrap_or(write.index);
            let body = write.after.or(write.before).unwrap_or_else(|| Body::from(&b""[..]));
            let (table, key) = write.row;
            // Tables without objects are derived, and skipped.
            let Some(kind) = objects_of(table) else { continue };
            let id = name_of(table, &key, &body);
            in_the_way.push(InTheWay { index: write.index, later, removed_node, kind, id });
        }
        in_the_way.reverse();
        Undone {
            now: records(&now, machine),
            without: records(&without, machine),
            in_the_way,
            without_change: chosen,
        }
    }
}

/// The node's row of a service or check.
fn node_of((table, key): &Row) -> Option<Row> {
    matches!(table, Table::Services | Table::Checks)
        .then(|| (Table::Nodes, node_part(key).to_vec()))
}

/// The name of a row's object.
fn name_of(table: Table, key: &[u8], body: &[u8]) -> Vec<u8> {
    if table == Table::ConfigEntries
        && let Some((kind, name)) = crate::table::config_entry_name(body)
    {
        return [kind.as_slice(), b"/", &name].concat();
    }
    let doc = Doc::read(body).unwrap_or_default();
    let on_node = |node: &str, id: &str| [doc.text(node), b"/", doc.text(id)].concat();
    match table {
        Table::Tokens => doc.text("AccessorID").to_vec(),
        Table::Policies | Table::Roles => doc.text("Name").to_vec(),
        Table::Nodes => doc.text("Node").to_vec(),
        Table::Services => on_node(NODE, "ID"),
        Table::Checks => on_node("Node", "CheckID"),
        Table::Kv => key.to_vec(),
        // Parts of a key end with a zero byte.
        _ => key.strip_suffix(b"\0").unwrap_or(key).to_vec(),
    }
}
