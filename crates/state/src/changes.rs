//! The changes of an entry: the changed records, before and after it.

use crate::document::Doc;
use crate::index_table::ChangedIndex;
use crate::machine::Machine;
use crate::rows::Body;
use crate::table::{NODE, STORED, Table, kind_of};
use crate::tables::RowChange;
use snapscope_decode::Kind;
use std::collections::BTreeMap;

/// A row of a table, identified by its key.
pub(crate) type Row = (Table, Vec<u8>);

/// A row before and after an entry.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(crate) before: Option<Body>,
    pub(crate) after: Option<Body>,
}

/// The records that an entry changed, each side in the order of snapshots.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// The records before the entry.
    pub before: Vec<u8>,
    /// The records after the entry.
    pub after: Vec<u8>,
}

impl Changes {
    /// Whether nothing changed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.before.is_empty() && self.after.is_empty()
    }
}

impl Machine {
    /// The changes of the last applied entry to the records of some types.
    #[must_use]
    pub fn changes(&self, is_wanted: &dyn Fn(Kind) -> bool) -> Changes {
        let changed = self.changed_rows(|table| is_stored(table) && is_wanted(kind_of(table)));
        let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
        for ((table, key), changed) in changed {
            before.insert((table, key.to_vec()), changed.before);
            after.insert((table, key.to_vec()), changed.after);
        }
        Changes { before: records(&before, self), after: records(&after, self) }
    }

    /// The rows of some tables that the entry changed.
    pub(crate) fn changed_rows(
        &self,
        is_wanted: impl Fn(Table) -> bool,
    ) -> BTreeMap<(Table, &[u8]), Changed> {
        let changes = self.tables.journal().iter().filter(|change| is_wanted(change.table));
        let rows = changed_rows(changes).into_iter().map(|(row, (before, after))| {
            (row, Changed { before: before.clone(), after: after.clone() })
        });
        let mut rows: BTreeMap<_, _> =
            rows.filter(|(_, changed)| changed.before != changed.after).collect();
        if is_wanted(Table::Index) {
            for ChangedIndex { key, before, after } in self.tables.indexes.changes() {
                rows.insert((Table::Index, key), Changed { before, after });
            }
        }
        rows
    }
}

/// A row before and after some changes.
pub(crate) type Sides<'c> = (&'c Option<Body>, &'c Option<Body>);

/// Combines changes of rows: the row before its first change and after its last one, because a
/// write may change a row several times.
pub(crate) fn changed_rows<'c>(
    changes: impl Iterator<Item = &'c RowChange>,
) -> BTreeMap<(Table, &'c [u8]), Sides<'c>> {
    let mut rows = BTreeMap::new();
    for RowChange { table, key, before, after } in changes {
        rows.entry((*table, &**key)).or_insert((before, after)).1 = after;
    }
    rows
}

/// Whether a snapshot contains a table's rows.
pub(crate) const fn is_stored(table: Table) -> bool {
    !matches!(table, Table::Gateways | Table::Topology | Table::KindNames)
}

/// Rows as records, in the order of snapshots.
pub(crate) fn records(rows: &BTreeMap<Row, Option<Body>>, machine: &Machine) -> Vec<u8> {
    let mut out = Vec::new();
    let mut record = |kind: Kind, body: &[u8]| {
        out.push(kind.0);
        out.extend_from_slice(body);
    };
    for (table, kind) in STORED {
        let of_table = rows.iter().filter(|((own, _), _)| own == table);
        for body in of_table.filter_map(|(_, body)| body.as_ref()) {
            record(*kind, body);
        }
        if *table != Table::Nodes {
            continue;
        }
        for ((table, key), body) in rows {
            let field = match table {
                Table::Services => "Service",
                Table::Checks => "Check",
                _ => continue,
            };
            // The records of a node's services and checks repeat the node's fields.
            let node = node_part(key);
            let node_row = rows.get(&(Table::Nodes, node.to_vec())).cloned().flatten();
            let node_row = node_row.or_else(|| machine.get(Table::Nodes, node));
            if let (Some(node), Some(body)) = (node_row, body)
                && let (Ok(mut whole), Ok(mut part)) = (Doc::read(&node), Doc::read(body))
            {
                part.remove(NODE);
                whole.set(field, part.bytes());
                record(Kind::REGISTER, &whole.bytes());
            }
        }
    }
    out
}

/// The node's key in the key of a service or check: its first two parts.
pub(crate) fn node_part(key: &[u8]) -> &[u8] {
    let ends = key.iter().enumerate().filter(|(_, byte)| **byte == 0);
    let end = ends.map(|(at, _)| at + 1).nth(1).unwrap_or(key.len());
    key.get(..end).unwrap_or(key)
}
