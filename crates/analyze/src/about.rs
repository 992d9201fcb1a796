//! Facts in a snapshot about its cluster, and what its bytes are spent on.

use crate::drivers::{Fold, Problems};
use crate::origin::{Origin, OriginFacts};
use crate::written_by::{Written, WrittenBy};
use snapscope_archive::Closing;
use snapscope_decode::records::{ChunkingStateRef, Record, RegisterRef};
use snapscope_decode::schema::FieldError;
use snapscope_decode::wire::Value;
use snapscope_decode::{Frame, Kind};
use std::collections::BTreeMap;

/// Facts about the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClusterFacts {
    /// The datacenter: the most frequent one in the cluster's own registrations.
    pub datacenter: Option<String>,
    /// Servers by node name, with the Consul version each registered with.
    pub servers: BTreeMap<String, String>,
    /// The cluster's ID, part of its trust domain.
    pub cluster_id: Option<String>,
    /// The versions that can have written the snapshot, judging by its fields.
    pub written: Written,
    /// The lowest index at which an object in the snapshot last changed.
    pub lowest_index: Option<u64>,
    /// The highest such index.
    pub highest_index: Option<u64>,
    /// Large writes that were in flight.
    pub in_flight: Vec<InFlight>,
    /// What the bytes are spent on.
    pub bytes: Bytes,
}

/// A large write of which only some pieces have arrived.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct InFlight {
    /// Its identifier.
    pub operation: u64,
    /// Number of pieces present.
    pub pieces: u64,
    /// Total number of pieces.
    pub of: u64,
    /// Size of the pieces present.
    pub bytes: u64,
}

impl InFlight {
    /// The writes in a record.
    pub(crate) fn all(state: &ChunkingStateRef<'_>) -> Result<Vec<Self>, FieldError> {
        let mut all = Vec::new();
        for entry in state.chunk_map.entries() {
            let (operation, pieces) = entry?;
            let operation = if let Value::Uint(n) = operation { n } else { 0 };
            let mut write = Self { operation, pieces: 0, of: 0, bytes: 0 };
            for piece in pieces.iter() {
                if let Some(piece) = piece? {
                    write.pieces += 1;
                    write.of = write.of.max(piece.num_chunks);
                    write.bytes += piece.data.0.len() as u64;
                }
            }
            all.push(write);
        }
        Ok(all)
    }
}

/// What the bytes of `state.bin` are spent on; the sum is its size without the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bytes {
    /// Keys, values, texts, numbers.
    pub content: u64,
    /// Names of fields, repeated in every record.
    pub names: u64,
    /// Type bytes, and msgpack's framing of values.
    pub framing: u64,
}

/// Collects [`ClusterFacts`].
#[derive(Debug, Default)]
pub struct About {
    facts: ClusterFacts,
    origin: Origin,
    written: WrittenBy,
}

impl About {
    fn index(&mut self, index: u64) {
        if index > 0 {
            let lowest = self.facts.lowest_index.get_or_insert(index);
            *lowest = index.min(*lowest);
            let highest = self.facts.highest_index.get_or_insert(index);
            *highest = index.max(*highest);
        }
    }

    fn index_in(&mut self, value: Value<'_>) {
        if let Value::Map(entries) = value
            && let Ok(Some(Value::Uint(index))) = entries.find(b"ModifyIndex")
        {
            self.index(index);
        }
    }

    fn register(&mut self, register: &RegisterRef<'_>) -> Result<(), FieldError> {
        // Imported objects carry the other cluster's indexes.
        if !register.peer_name.is_empty() {
            return Ok(());
        }
        if let Some(service) = register.service.get()? {
            self.index(service.modify_index);
        }
        if let Some(check) = register.check.get()? {
            self.index(check.modify_index);
        }
        Ok(())
    }

    fn chunks(&mut self, state: &ChunkingStateRef<'_>) -> Result<(), FieldError> {
        self.facts.in_flight.extend(InFlight::all(state)?);
        Ok(())
    }

    /// Extracts facts about the cluster from a record; `frame` also adds up its bytes.
    pub(crate) fn look(&mut self, frame: &Frame<'_>) -> Result<(), FieldError> {
        self.written.look(frame);
        self.origin.look(frame)?;
        match frame.kind {
            Kind::REGISTER | Kind::CHUNKING_STATE => match frame.record()? {
                Record::Register(register) => self.register(&register)?,
                Record::ChunkingState(state) => self.chunks(&state)?,
                _ => {}
            },
            Kind::CONFIG_ENTRY => {
                if let Record::ConfigEntry(entry) = frame.record()? {
                    self.index_in(entry.entry);
                }
            }
            Kind::INDEX => {
                if let Record::Index(index) = frame.record()? {
                    self.index(index.value);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// Maximum nesting that is examined; real records have about ten levels. Deeper data counts as
/// content.
const DEPTH: u32 = 64;

/// Adds up what a value's bytes are spent on; `size` is their number.
fn spend(value: Value<'_>, size: u64, depth: u32, bytes: &mut Bytes) {
    match value {
        Value::Array(_) | Value::Map(_) if depth == 0 => bytes.content += size,
        Value::Raw(raw) | Value::Ext(_, raw) => {
            bytes.content += raw.len() as u64;
            bytes.framing += size - raw.len() as u64;
        }
        Value::Array(mut items) => {
            let mut inside = 0;
            let mut at = items.at();
            while let Some(Ok(item)) = items.next() {
                let item_size = (items.at() - at) as u64;
                at = items.at();
                inside += item_size;
                spend(item, item_size, depth - 1, bytes);
            }
            bytes.framing += size - inside;
        }
        Value::Map(mut entries) => {
            let mut inside = 0;
            let mut at = entries.at();
            while let Some(Ok((key, value))) = entries.next() {
                let entry_size = (entries.at() - at) as u64;
                at = entries.at();
                inside += entry_size;
                let name = match key {
                    Value::Raw(name) => name.len() as u64 + if name.len() < 32 { 1 } else { 3 },
                    _ => 1,
                };
                bytes.names += name;
                spend(value, entry_size - name, depth - 1, bytes);
            }
            bytes.framing += size - inside;
        }
        _ => bytes.content += size,
    }
}

impl Fold for About {
    type Out = ClusterFacts;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        if let Err(e) = self.look(frame) {
            problems.add(frame, e);
        }
        if let Ok(value) = frame.value() {
            self.index_in(value);
            self.facts.bytes.framing += 1;
            spend(value, frame.size() - 1, DEPTH, &mut self.facts.bytes);
        }
    }

    fn merge(&mut self, other: Self) {
        self.origin.merge(other.origin);
        self.written.merge(other.written);
        let theirs = other.facts;
        for index in [theirs.lowest_index, theirs.highest_index].into_iter().flatten() {
            self.index(index);
        }
        self.facts.in_flight.extend(theirs.in_flight);
        self.facts.bytes.content += theirs.bytes.content;
        self.facts.bytes.names += theirs.bytes.names;
        self.facts.bytes.framing += theirs.bytes.framing;
    }

    fn finish(mut self, closing: &Closing) -> ClusterFacts {
        let OriginFacts { datacenter, servers, cluster_id } = self.origin.finish(closing);
        self.facts.datacenter = datacenter;
        self.facts.servers = servers;
        self.facts.cluster_id = cluster_id;
        self.facts.written = self.written.conclusion();
        self.facts.in_flight.sort();
        self.facts
    }
}
