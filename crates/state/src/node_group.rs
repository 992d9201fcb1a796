//! A node's records in a snapshot: the node, its services, its checks. They are held together or not
//! at all.

use crate::document::Doc;
use crate::table::{Table, item_key, node_key};
use crate::tables::Tables;

/// The records of a node, until it is known whether they must be held.
#[derive(Debug)]
pub(crate) struct NodeGroup {
    pub(crate) key: Vec<u8>,
    pub(crate) name: Vec<u8>,
    /// Whether entries touch it, or something in it must be held for another reason.
    pub(crate) is_held: bool,
    /// Numbers and bodies of its records.
    records: Vec<(u64, Vec<u8>)>,
}

/// The kinds of services whose instances change with config entries, without a registration.
fn is_gateway(service: &Doc<'_>) -> bool {
    service.text("Kind").ends_with(b"-gateway")
}

impl NodeGroup {
    pub(crate) fn new(key: Vec<u8>, name: &[u8]) -> Self {
        Self { key, name: name.to_vec(), is_held: false, records: Vec::new() }
    }

    /// Adds a record of this node.
    pub(crate) fn take(&mut self, number: u64, body: &[u8], service: Option<&Doc<'_>>) {
        self.is_held |= service.is_some_and(is_gateway);
        self.records.push((number, body.to_vec()));
    }

    /// The instances of services on the node.
    pub(crate) fn services(&self) -> impl Iterator<Item = Doc<'_>> {
        self.records.iter().filter_map(|(_, body)| {
            let record = Doc::read(body).ok()?;
            let bytes = record.borrowed("Service")?;
            Doc::read(bytes).ok()
        })
    }

    /// Stores all records as rows. Returns the numbers of the records.
    pub(crate) fn hold(self, tables: &mut Tables) -> impl Iterator<Item = u64> {
        for (_, body) in &self.records {
            if let Ok(record) = Doc::read(body) {
                hold(&record, body, tables);
            }
        }
        self.records.into_iter().map(|(number, _)| number)
    }
}

/// Stores a registration's record as a row.
fn hold(record: &Doc<'_>, body: &[u8], tables: &mut Tables) {
    let (peer, node) = (record.text("PeerName"), record.text("Node"));
    if let Ok(mut service) = record.doc("Service")
        && !record.is_nil("Service")
    {
        let key = item_key(peer, node, service.text("ID"));
        service.set_text(crate::table::NODE, node);
        tables.put(Table::Services, &key, service.bytes().into());
    } else if !record.is_nil("Check") {
        let id = record.doc("Check").map_or(Vec::new(), |check| check.text("CheckID").to_vec());
        let key = item_key(peer, node, &id);
        tables.put(Table::Checks, &key, record.raw("Check").to_vec().into());
    } else {
        tables.put(Table::Nodes, &node_key(peer, node), body.into());
    }
    tables.begin();
}
