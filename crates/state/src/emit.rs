//! Writes a state as records: the held rows are merged with the records that stayed in the
//! snapshot.

use crate::base::Loaded;
use crate::document::{Doc, list, raw, uint};
use crate::machine::Machine;
use crate::table::{STORED, Table};
use snapscope_decode::wire::encode;
use snapscope_decode::{Frame, Kind, Record};

/// The record type of chunks.
const CHUNKING: Kind = Kind(29);

/// Record types that are copied; they come after the held tables.
const TAIL: &[Kind] = &[Kind(35), Kind(38), Kind(40), Kind(42), Kind(45)];

/// Produces a new snapshot's records during a second pass over the old snapshot.
#[derive(Debug)]
pub struct Merge<'s> {
    machine: &'s Machine,
    held: &'s [u64],
    /// All tables before this one are written.
    at: usize,
    /// The last key written of the current table.
    after: Option<Vec<u8>>,
}

impl Loaded {
    /// Starts a new snapshot.
    #[must_use]
    pub fn merge(&self) -> Merge<'_> {
        Merge { machine: &self.machine, held: &self.held, at: 0, after: None }
    }
}

impl Merge<'_> {
    /// The header of `state.bin`: the highest index of a table.
    #[must_use]
    pub fn header(&self) -> Vec<u8> {
        // Names with these characters denote parts of tables; this one is a counter.
        let is_table = |name: &[u8]| {
            !name.iter().any(|byte| matches!(byte, b'.' | b':'))
                && name != b"connect-ca-builtin-serial"
        };
        let last = self.machine.tables.rows(Table::Index).filter_map(|(_, body)| {
            let row = Doc::read(body).ok()?;
            is_table(row.text("Key")).then(|| row.uint("Value"))
        });
        let mut header = Vec::new();
        encode::map_head(1, &mut header);
        header.extend(raw(b"LastIndex"));
        header.extend(uint(last.max().unwrap_or(0)));
        header
    }

    /// Appends everything up to the next record of the old snapshot, and that record if it stays.
    pub fn next(&mut self, frame: &Frame<'_>, out: &mut Vec<u8>) {
        let kind = frame.kind;
        if kind == CHUNKING {
            return;
        }
        let Some(at) = STORED.iter().position(|(_, stored)| *stored == kind) else {
            if TAIL.contains(&kind) {
                self.tables_before(STORED.len(), out);
            }
            out.extend_from_slice(frame.bytes);
            return;
        };
        let Some((table @ (Table::Kv | Table::Tombstones), _)) = STORED.get(at) else { return };
        if self.held.binary_search(&frame.number).is_ok() {
            return;
        }
        self.tables_before(at, out);
        if at == self.at
            && let Ok(Record::Kv(kv) | Record::Tombstone(kv)) = frame.record()
        {
            self.rows_before(*table, kind, kv.key.0, out);
        }
        out.extend_from_slice(frame.bytes);
    }

    /// Appends everything after the last record.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        self.tables_before(STORED.len(), out);
        out.push(CHUNKING.0);
        out.extend(chunking_state(self.machine));
    }

    /// Writes all tables before this position.
    fn tables_before(&mut self, place: usize, out: &mut Vec<u8>) {
        while self.at < place {
            if let Some((table, kind)) = STORED.get(self.at) {
                match table {
                    Table::Nodes => registrations(self.machine, out),
                    Table::AuthMethods if self.machine.rules.one_auth_method() => {
                        let first = self.machine.tables.rows(*table).next();
                        first.into_iter().for_each(|(_, body)| record(*kind, body, out));
                    }
                    _ => {
                        for (key, body) in self.machine.tables.rows(*table) {
                            if self.after.as_ref().is_none_or(|after| key > after) {
                                record(*kind, body, out);
                            }
                        }
                    }
                }
            }
            self.at += 1;
            self.after = None;
        }
    }

    /// Writes the rows of a table that come before a key of the snapshot.
    fn rows_before(&mut self, table: Table, kind: Kind, key: &[u8], out: &mut Vec<u8>) {
        let after = self.after.take();
        for (own, body) in self.machine.tables.between(table, after.as_deref(), key) {
            record(kind, body, out);
            let _ = own;
        }
        // A key out of order must not move it back.
        self.after =
            Some(after.filter(|after| after.as_slice() > key).unwrap_or_else(|| key.to_vec()));
    }
}

fn record(kind: Kind, body: &[u8], out: &mut Vec<u8>) {
    out.push(kind.0);
    out.extend_from_slice(body);
}

/// Nodes, each followed by its services and checks.
fn registrations(machine: &Machine, out: &mut Vec<u8>) {
    for (key, body) in machine.tables.rows(Table::Nodes) {
        record(Kind(0), body, out);
        let Ok(node) = Doc::read(body) else { continue };
        let mut with = |field: &str, value: Vec<u8>| {
            let mut record_of = node.clone();
            record_of.set(field, value);
            record(Kind(0), &record_of.bytes(), out);
        };
        for (_, service) in machine.tables.below(Table::Services, key) {
            if let Ok(mut service) = Doc::read(&service) {
                service.remove(crate::apply::NODE);
                with("Service", service.bytes());
            }
        }
        for (_, check) in machine.tables.below(Table::Checks, key) {
            with("Check", check.to_vec());
        }
    }
}

/// Chunks of incomplete commands.
fn chunking_state(machine: &Machine) -> Vec<u8> {
    let mut map = Vec::new();
    let operations: Vec<_> = machine.chunks.pending().collect();
    encode::map_head(operations.len() as u64, &mut map);
    for operation in operations {
        let chunk = |(sequence, data): (u64, &[u8])| {
            let mut chunk = Doc::default();
            chunk.set_text("Data", data);
            chunk.set_uint("NumChunks", operation.of);
            chunk.set_uint("OpNum", operation.number);
            chunk.set_uint("SequenceNum", sequence);
            chunk.set_uint("Term", operation.term);
            chunk.bytes()
        };
        map.extend(uint(operation.number));
        map.extend(list(&operation.parts().map(chunk).collect::<Vec<_>>()));
    }
    let mut state = Doc::default();
    state.set("ChunkMap", map);
    state.bytes()
}
