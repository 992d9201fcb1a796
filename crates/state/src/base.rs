//! Reads a snapshot's records into a state. Keys and tombstones that no entry touches stay in the
//! snapshot.

use crate::apply::{rebuild_gateways, rebuild_names, rebuild_topology};
use crate::document::{Doc, items};
use crate::machine::Machine;
use crate::rules::Rules;
use crate::table::{STORED, Table, item_key, key};
use crate::touched::{Touched, version_of};
use snapscope_decode::records::KvRef;
use snapscope_decode::schema::Wire as _;
use snapscope_decode::wire::{Cursor, Value};
use snapscope_decode::{Frame, Kind, ServerVersion};

/// A state during the first pass over a snapshot.
#[derive(Debug)]
pub struct Loading {
    machine: Machine,
    touched: Touched,
    /// Record numbers of the held keys and tombstones, ascending.
    held: Vec<u64>,
    version: Option<ServerVersion>,
}

/// A loaded state, and which of the snapshot's keys and tombstones it holds.
#[derive(Debug)]
pub struct Loaded {
    /// The state.
    pub machine: Machine,
    /// Numbers of the records that it holds, without those that it always holds.
    pub(crate) held: Vec<u64>,
}

/// The assumed version if servers don't register one: versions before 1.13 mostly behave alike.
const UNKNOWN_VERSION: ServerVersion = ServerVersion::new(1, 8, 0);

impl Loading {
    /// Starts with an empty state.
    #[must_use]
    pub fn new(touched: Touched) -> Self {
        let machine = Machine::new(UNKNOWN_VERSION);
        Self { machine, touched, held: Vec::new(), version: None }
    }

    /// Takes the next record of the snapshot.
    pub fn take(&mut self, frame: &Frame<'_>) {
        let body = frame.body();
        match frame.kind {
            Kind(0) => self.registration(body),
            Kind(29) => self.chunks(body),
            kind => {
                let Some((table, _)) = STORED.iter().find(|(_, stored)| *stored == kind) else {
                    return;
                };
                if !self.is_held(*table, body) {
                    return;
                }
                if matches!(table, Table::Kv | Table::Tombstones) {
                    self.held.push(frame.number);
                }
                match key(*table, body) {
                    Some(key) => self.machine.tables.put(*table, key, Some(body.to_vec())),
                    None => self.machine.is_inexact(kind, "cannot read a record"),
                }
                self.machine.tables.begin();
            }
        }
    }

    fn is_held(&self, table: Table, body: &[u8]) -> bool {
        if !matches!(table, Table::Kv | Table::Tombstones) {
            return true;
        }
        // There are many of these, of which few are held.
        let Ok(kv) = Value::read(body).map_err(Into::into).and_then(KvRef::read) else {
            return true;
        };
        if table == Table::Kv {
            self.touched.covers_key(&kv, &self.machine.tables)
        } else {
            self.touched.covers_tombstone(&kv, &self.machine.tables)
        }
    }

    fn registration(&mut self, body: &[u8]) {
        let tables = &mut self.machine.tables;
        let Ok(record) = Doc::read(body) else {
            self.machine.is_inexact(Kind(0), "cannot read a record");
            return;
        };
        let (peer, node) = (record.text("PeerName"), record.text("Node"));
        if let Some(service) = record.doc("Service").ok().filter(|_| !record.is_nil("Service")) {
            self.version = self.version.max(version_of(&service));
            let mut service = service;
            let key = item_key(peer, node, service.text("ID"));
            service.set_text(crate::apply::NODE, node);
            tables.put(Table::Services, key, Some(service.bytes()));
        } else if !record.is_nil("Check") {
            let key = item_key(
                peer,
                node,
                record
                    .doc("Check")
                    .map_or(Vec::new(), |check| check.text("CheckID").to_vec())
                    .as_slice(),
            );
            tables.put(Table::Checks, key, Some(record.raw("Check").to_vec()));
        } else {
            let key = crate::table::node_key(peer, node);
            tables.put(Table::Nodes, key, Some(body.to_vec()));
        }
        tables.begin();
    }

    /// Restores the chunks of incomplete commands.
    fn chunks(&mut self, body: &[u8]) {
        let Ok(state) = Doc::read(body) else { return };
        let Ok(Value::Map(operations)) = Value::read(state.raw("ChunkMap")) else { return };
        let mut cursor = Cursor::starting_at(state.raw("ChunkMap"), operations.at());
        for _ in 0..operations.len() {
            let (Ok(_), Ok(chunks)) = (cursor.take_bytes(), cursor.take_bytes()) else { return };
            for chunk in items(chunks) {
                let Ok(chunk) = Doc::read(chunk) else { continue };
                if chunk.uint("NumChunks") > 0 {
                    self.machine.chunks.restore(
                        chunk.uint("OpNum"),
                        chunk.uint("SequenceNum"),
                        chunk.uint("NumChunks"),
                        chunk.uint("Term"),
                        chunk.text("Data"),
                    );
                }
            }
        }
    }

    /// Ends the pass: derives the remaining tables from the records, as servers do.
    #[must_use]
    pub fn finish(mut self) -> Loaded {
        let version = self.version.or(self.touched.version());
        let rules = Rules::new(version.unwrap_or(UNKNOWN_VERSION));
        self.machine.rules = rules;
        if !rules.are_compared() {
            let why = "not compared with servers of this version";
            self.machine.is_inexact(Kind(16), why);
        }
        rebuild_names(&mut self.machine);
        rebuild_gateways(&mut self.machine);
        rebuild_topology(&mut self.machine);
        // Derived rows do not move indexes.
        self.machine.tables.forget_indexes_of_write();
        Loaded { machine: self.machine, held: self.held }
    }
}
