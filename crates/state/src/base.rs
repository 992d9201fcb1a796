//! Reads a snapshot's records into a state. Untouched rows of the tables that grow stay in the
//! snapshot.

use crate::apply::{rebuild_gateways, rebuild_names, rebuild_topology};
use crate::document::{Doc, items};
use crate::instances::Instances;
use crate::machine::Machine;
use crate::node_group::NodeGroup;
use crate::rules::Rules;
use crate::table::{STORED, Table, is_overlaid, key, node_key, place_of};
use crate::touched::{Touched, version_of};
use snapscope_decode::records::KvRef;
use snapscope_decode::wire::{Cursor, Value};
use snapscope_decode::{Frame, Kind, ServerVersion};

/// A state during the first pass over a snapshot.
#[derive(Debug)]
pub struct Loading {
    machine: Machine,
    touched: Touched,
    /// Record numbers of the held rows of overlaid tables, ascending.
    held: Vec<u64>,
    version: Option<ServerVersion>,
    /// The node whose records are being read.
    group: Option<NodeGroup>,
    /// The key of the last node.
    last_node: Vec<u8>,
    instances: Instances,
    /// The highest [`rank`] so far.
    rank: u8,
}

/// A loaded state, and which of the snapshot's records it holds.
#[derive(Debug)]
pub struct Loaded {
    /// The state.
    pub machine: Machine,
    /// Numbers of the held records, except for those that are always held.
    pub(crate) held: Vec<u64>,
}

/// The assumed version if servers don't register one: versions before 1.13 mostly behave alike.
const UNKNOWN_VERSION: ServerVersion = ServerVersion::new(1, 8, 0);

/// What is held of a table depends on what is held of tables with a lower rank. Servers write
/// tables in this order.
const fn rank(table: Table) -> Option<u8> {
    match table {
        Table::Nodes => Some(0),
        Table::Coordinates | Table::Sessions => Some(1),
        Table::Kv => Some(2),
        Table::Tombstones => Some(3),
        _ => None,
    }
}

impl Loading {
    /// Starts with an empty state.
    #[must_use]
    pub fn new(touched: Touched) -> Self {
        let touched = touched.in_order();
        let machine = Machine::new(UNKNOWN_VERSION);
        Self {
            machine,
            touched,
            held: Vec::new(),
            version: None,
            group: None,
            last_node: Vec::new(),
            instances: Instances::default(),
            rank: 0,
        }
    }

    /// Takes the next record of the snapshot.
    pub fn take(&mut self, frame: &Frame<'_>) {
        let body = frame.body();
        let stored = place_of(frame.kind).and_then(|place| STORED.get(place));
        let rank = stored.and_then(|(table, _)| rank(*table));
        if rank.is_some_and(|rank| rank < self.rank) {
            self.is_out_of_order(frame.kind);
        }
        self.rank = rank.unwrap_or(0).max(self.rank);
        match stored {
            Some((Table::Nodes, _)) => self.registration(frame),
            Some((table, _)) => {
                self.end_group();
                self.record(*table, frame);
            }
            None if frame.kind == Kind::CHUNKING_STATE => self.chunks(body),
            None => {}
        }
    }

    fn is_out_of_order(&mut self, kind: Kind) {
        let why = "the snapshot's records are not in the order in which servers write them";
        self.machine.is_inexact(kind, why);
    }

    fn record(&mut self, table: Table, frame: &Frame<'_>) {
        let body = frame.body();
        if !self.is_held(table, frame) {
            return;
        }
        if is_overlaid(table) {
            self.held.push(frame.number);
        }
        let is_read = match key(frame) {
            Some(_) if table == Table::Index => self.machine.tables.indexes.load(body),
            Some(key) => {
                self.machine.tables.put(table, &key, body.into());
                true
            }
            None => false,
        };
        if !is_read {
            self.machine.is_inexact(frame.kind, "cannot read a record");
        }
        self.machine.tables.begin();
    }

    fn is_held(&self, table: Table, frame: &Frame<'_>) -> bool {
        let (tables, body) = (&self.machine.tables, frame.body());
        // Unreadable records are held, so that they are reported.
        match table {
            Table::Kv | Table::Tombstones => {
                let Ok(kv) = KvRef::of(frame) else { return true };
                if table == Table::Kv {
                    self.touched.covers_key(&kv, tables)
                } else {
                    self.touched.covers_tombstone(&kv, tables)
                }
            }
            Table::Sessions => {
                Doc::read(body).map_or(true, |doc| self.touched.covers_session(&doc, tables))
            }
            // One of them shows which fields a token has.
            Table::Tokens => {
                tables.is_empty(table)
                    || Doc::read(body).map_or(true, |doc| self.touched.covers_token(&doc))
            }
            Table::Coordinates => {
                let Some(doc) = items(body).first().and_then(|item| Doc::read(item).ok()) else {
                    return true;
                };
                self.touched.covers_coordinates(doc.text("Node"), tables)
            }
            _ => true,
        }
    }

    fn registration(&mut self, frame: &Frame<'_>) {
        let body = frame.body();
        let Ok(record) = Doc::read(body) else {
            self.machine.is_inexact(Kind::REGISTER, "cannot read a record");
            return;
        };
        let key = node_key(record.text("PeerName"), record.text("Node"));
        if self.group.as_ref().is_none_or(|group| group.key != key) {
            self.end_group();
            if key <= self.last_node {
                self.is_out_of_order(Kind::REGISTER);
            }
            self.last_node.clone_from(&key);
            self.group = Some(NodeGroup::new(key, record.text("Node")));
        }
        let service = record.doc("Service").ok().filter(|_| !record.is_nil("Service"));
        if let Some(service) = &service {
            self.version = self.version.max(version_of(service));
        }
        // One of them shows which fields a node has.
        let is_first = self.machine.tables.is_empty(Table::Nodes);
        if let Some(group) = &mut self.group {
            group.is_held |= is_first || self.touched.covers_node(&record);
            group.take(frame.number, body, service.as_ref());
        }
    }

    /// Ends the records of a node. They are held, or else what others can see of its services is.
    fn end_group(&mut self) {
        let Some(group) = self.group.take() else { return };
        let tables = &mut self.machine.tables;
        if group.is_held {
            self.held.extend(group.hold(tables));
            return;
        }
        for service in group.services() {
            self.instances.take(&group.name, &service, tables);
        }
        if self.touched.asks_for_node(&group.name) {
            tables.node_is_elsewhere(group.key);
        }
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
        self.end_group();
        let version = self.version.or(self.touched.version());
        let rules = Rules::new(version.unwrap_or(UNKNOWN_VERSION));
        self.machine.rules = rules;
        if !rules.are_compared() {
            let why = "not compared with servers of this version";
            self.machine.is_inexact(Kind::INDEX, why);
        }
        rebuild_names(&mut self.machine);
        rebuild_gateways(&mut self.machine);
        rebuild_topology(&mut self.machine);
        // Derived rows do not move indexes.
        self.machine.tables.indexes.roll_back();
        self.machine.tables.begin();
        Loaded { machine: self.machine, held: self.held }
    }
}
