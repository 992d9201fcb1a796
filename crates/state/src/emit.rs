//! Writes a state as records: the held rows are merged with the records that stayed in the
//! snapshot.

use crate::base::Loaded;
use crate::document::{Doc, list, raw, uint};
use crate::machine::Machine;
use crate::rows::{Body, Key};
use crate::table::{NODE, STORED, Table, is_overlaid, key, place_of};
use snapscope_decode::records::KvRef;
use snapscope_decode::wire::encode;
use snapscope_decode::{Frame, Kind};
use std::borrow::Cow;
use std::iter::Peekable;

/// Produces a new snapshot's records during a second pass over the old snapshot.
pub struct Merge<'s> {
    machine: &'s Machine,
    /// Numbers of the held records, starting with the next one.
    held: &'s [u64],
    /// The position before which all tables are written.
    at: usize,
    /// The held rows of the current table that are not written yet.
    rows: Peekable<Rows<'s>>,
    /// Number of records so far.
    records: u64,
}

/// Rows in order.
type Rows<'s> = Box<dyn Iterator<Item = (Key, Body)> + 's>;

impl Loaded {
    /// Starts a new snapshot.
    #[must_use]
    pub fn merge(&self) -> Merge<'_> {
        let mut merge = Merge {
            machine: &self.machine,
            held: &self.held,
            at: 0,
            rows: empty().peekable(),
            records: 0,
        };
        merge.rows = merge.rows_of_current();
        merge
    }
}

fn empty<'s>() -> Rows<'s> {
    Box::new(std::iter::empty())
}

impl<'s> Merge<'s> {
    /// The header of `state.bin`: the highest index of a table.
    #[must_use]
    pub fn header(&self) -> Vec<u8> {
        // Names with these characters denote parts of tables; this one is a counter.
        let is_table = |name: &[u8]| {
            !name.iter().any(|byte| matches!(byte, b'.' | b':'))
                && name != b"connect-ca-builtin-serial"
        };
        let indexes = self.machine.tables.indexes.values();
        let last = indexes.filter(|(name, _)| is_table(name)).map(|(_, value)| value);
        let mut header = Vec::new();
        encode::map_head(1, &mut header);
        header.extend(raw(b"LastIndex"));
        header.extend(uint(last.max().unwrap_or(0)));
        header
    }

    /// Appends everything up to the next record of the old snapshot, and that record if it stays.
    pub fn next(&mut self, frame: &Frame<'_>, out: &mut Vec<u8>) {
        let kind = frame.kind;
        if kind == Kind::CHUNKING_STATE {
            return;
        }
        let Some(at) = place_of(kind) else {
            // Copied records of these types come after the held tables, the last of which is this
            // one.
            if kind.section() > Kind::INDEX.section() {
                self.tables_before(STORED.len(), out);
            }
            self.keep(frame, out);
            return;
        };
        let Some((table, _)) = STORED.get(at).filter(|(table, _)| is_overlaid(*table)) else {
            return;
        };
        if self.is_held(frame.number) {
            return;
        }
        self.tables_before(at, out);
        // Usually nothing is left to write before it.
        if at == self.at
            && self.rows.peek().is_some()
            && let Some(key) = key_of_frame(*table, frame)
        {
            while let Some(row) = self.rows.next_if(|(own, _)| **own < *key) {
                self.records += write(self.machine, *table, kind, row, out);
            }
        }
        self.keep(frame, out);
    }

    /// Whether a record is held. Callers ask in the order of records.
    fn is_held(&mut self, number: u64) -> bool {
        while let Some((next, rest)) = self.held.split_first()
            && *next <= number
        {
            self.held = rest;
            if *next == number {
                return true;
            }
        }
        false
    }

    fn keep(&mut self, frame: &Frame<'_>, out: &mut Vec<u8>) {
        self.records += 1;
        out.extend_from_slice(frame.bytes);
    }

    /// Appends everything after the last record. Returns the number of all records.
    pub fn finish(mut self, out: &mut Vec<u8>) -> u64 {
        self.tables_before(STORED.len(), out);
        out.push(Kind::CHUNKING_STATE.0);
        out.extend(chunking_state(self.machine));
        self.records + 1
    }

    /// Writes all tables before this position.
    fn tables_before(&mut self, place: usize, out: &mut Vec<u8>) {
        while self.at < place {
            if let Some((table, kind)) = STORED.get(self.at) {
                for row in self.rows.by_ref() {
                    self.records += write(self.machine, *table, *kind, row, out);
                }
            }
            self.at += 1;
            self.rows = self.rows_of_current();
        }
    }

    /// The rows of the current table that a snapshot contains.
    fn rows_of_current(&self) -> Peekable<Rows<'s>> {
        let Some((table, _)) = STORED.get(self.at) else { return empty().peekable() };
        let is_one = *table == Table::AuthMethods && self.machine.rules.one_auth_method();
        let most = if is_one { 1 } else { usize::MAX };
        let tables = &self.machine.tables;
        let rows: Rows<'s> = match table {
            Table::Index => Box::new(tables.indexes.records().into_iter()),
            _ => {
                let rows = tables.rows(*table).take(most);
                Box::new(rows.map(|(key, body)| (key.clone(), body.clone())))
            }
        };
        rows.peekable()
    }
}

/// The key of a record that stays in the snapshot.
fn key_of_frame<'f>(table: Table, frame: &Frame<'f>) -> Option<Cow<'f, [u8]>> {
    if !matches!(table, Table::Kv | Table::Tombstones) {
        return key(frame).map(Cow::Owned);
    }
    KvRef::of(frame).ok().map(|kv| Cow::Borrowed(kv.key.0))
}

/// Writes a row: a record, or a node with its services and checks. Returns the number of records.
fn write(
    machine: &Machine,
    table: Table,
    kind: Kind,
    (key, body): (Key, Body),
    out: &mut Vec<u8>,
) -> u64 {
    record(kind, &body, out);
    if table == Table::Nodes { 1 + on_node(machine, &key, &body, out) } else { 1 }
}

fn record(kind: Kind, body: &[u8], out: &mut Vec<u8>) {
    out.push(kind.0);
    out.extend_from_slice(body);
}

/// The services and checks of a node.
fn on_node(machine: &Machine, key: &[u8], body: &[u8], out: &mut Vec<u8>) -> u64 {
    let Ok(node) = Doc::read(body) else { return 0 };
    let mut records = 0;
    let mut with = |field: &str, value: Vec<u8>| {
        let mut record_of = node.clone();
        record_of.set(field, value);
        record(Kind::REGISTER, &record_of.bytes(), out);
        records += 1;
    };
    for (_, service) in machine.tables.below(Table::Services, key) {
        if let Ok(mut service) = Doc::read(&service) {
            service.remove(NODE);
            with("Service", service.bytes());
        }
    }
    for (_, check) in machine.tables.below(Table::Checks, key) {
        with("Check", check.to_vec());
    }
    records
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
