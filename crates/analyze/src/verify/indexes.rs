//! Checks that the indexes in a snapshot are consistent.

use super::finding::{At, Findings};
use super::rules::{
    CREATED_LATER, HEADER_INDEX, INDEX_ABOVE_HEADER, INDEX_ABOVE_META, INDEX_ABOVE_TABLE,
};
use crate::registration::Registration;
use snapscope_decode::records::{Indexes as Indexed, KvRef, Record};
use snapscope_decode::schema::FieldError;
use snapscope_decode::stream::{Bounded, INDEX_TABLES, IndexTable};
use snapscope_decode::{Frame, Kind};
use std::collections::HashMap;

/// The owner of a highest index: a record type, or a part of registrations, which belong to three
/// tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Kind(Kind),
    Node,
    Service,
    Check,
}

/// Number of slots: one for each type, and three.
const SLOTS: usize = 259;

impl Of {
    const fn slot(self) -> usize {
        match self {
            Self::Kind(kind) => kind.0 as usize,
            Self::Node => 256,
            Self::Service => 257,
            Self::Check => 258,
        }
    }

    /// The table whose index bounds those of these objects.
    fn table(slot: usize) -> Option<&'static IndexTable> {
        let of = |bounded| match bounded {
            Bounded::Records(kind) => Self::Kind(kind),
            Bounded::Nodes => Self::Node,
            Bounded::Checks => Self::Check,
        };
        INDEX_TABLES.iter().find(|table| table.bounds.is_some_and(|b| of(b).slot() == slot))
    }
}

/// The highest ModifyIndex of a type, and its object; of several, the first.
type Highest = Option<(u64, At)>;

/// Collects the indexes of objects and tables.
#[derive(Debug)]
pub(super) struct Indexes {
    /// By slot.
    highest: Box<[Highest; SLOTS]>,
    tables: HashMap<Vec<u8>, u64>,
}

impl Default for Indexes {
    fn default() -> Self {
        Self { highest: Box::new([None; SLOTS]), tables: HashMap::new() }
    }
}

/// Keeps the higher of two.
fn raise(highest: &mut Highest, index: u64, at: At) {
    let is_higher = highest.is_none_or(|(mine, mine_at)| (index, mine_at) > (mine, at));
    if is_higher {
        *highest = Some((index, at));
    }
}

impl Indexes {
    pub(super) fn record(
        &mut self,
        frame: &Frame<'_>,
        record: &Record<'_>,
        registration: Option<&Registration<'_>>,
        found: &mut Findings,
    ) -> Result<(), FieldError> {
        if let Record::Index(index) = record {
            self.tables.insert(index.key.0.to_vec(), index.value);
            return Ok(());
        }
        let at = At::from(frame);
        if let Some(Registration { register, service, check }) = registration {
            // Imported objects carry the other cluster's indexes.
            if !register.peer_name.is_empty() {
                return Ok(());
            }
            if let Some(service) = service {
                let (created, modified) = (service.create_index, service.modify_index);
                self.object(Of::Service, at, Indexed { created, modified }, found);
            }
            if let Some(check) = check {
                let (created, modified) = (check.create_index, check.modify_index);
                self.object(Of::Check, at, Indexed { created, modified }, found);
            }
            // Every registration repeats its node's.
            if service.is_none() && check.is_none() {
                let (created, modified) = (register.create_index, register.modify_index);
                self.object(Of::Node, at, Indexed { created, modified }, found);
            }
        }
        if let Some(indexes) = record.indexes()? {
            self.object(Of::Kind(at.kind), at, indexes, found);
        }
        Ok(())
    }

    pub(super) fn kv(&mut self, at: At, kv: &KvRef<'_>, found: &mut Findings) {
        let (created, modified) = (kv.create_index, kv.modify_index);
        self.object(Of::Kind(Kind::KVS), at, Indexed { created, modified }, found);
    }

    fn object(&mut self, of: Of, at: At, indexes: Indexed, found: &mut Findings) {
        let Indexed { created, modified } = indexes;
        if created > modified {
            found.add(&CREATED_LATER, Some(at), || {
                format!("its CreateIndex {created} is above its ModifyIndex {modified}")
            });
        }
        if let Some(highest) = self.highest.get_mut(of.slot()) {
            raise(highest, modified, at);
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (mine, theirs) in self.highest.iter_mut().zip(other.highest.iter()) {
            if let Some((index, at)) = *theirs {
                raise(mine, index, at);
            }
        }
        self.tables.extend(other.tables);
    }

    /// Compares the highest of each type with the table's, the header's and meta.json's.
    pub(super) fn finish(self, header: Option<u64>, meta: Option<u64>, found: &mut Findings) {
        let highest = self.highest.iter().enumerate();
        for (slot, (index, at)) in
            highest.filter_map(|(slot, highest)| Some((slot, highest.as_ref()?)))
        {
            let table = Of::table(slot).map(|table| table.name);
            let in_table = table.and_then(|table| self.tables.get(table.as_bytes()));
            // Only one of them is reported: the widest bound that it exceeds.
            if let Some(meta) = meta.filter(|meta| meta < index) {
                found.add(&INDEX_ABOVE_META, Some(*at), || {
                    format!("its ModifyIndex {index} is above the snapshot's index {meta}")
                });
            } else if let Some(header) = header.filter(|header| header < index) {
                found.add(&INDEX_ABOVE_HEADER, Some(*at), || {
                    format!("its ModifyIndex {index} is above LastIndex {header} of state.bin")
                });
            } else if let (Some(table), Some(limit)) =
                (table, in_table.filter(|limit| *limit < index))
            {
                found.add(&INDEX_ABOVE_TABLE, Some(*at), || {
                    format!("its ModifyIndex {index} is above the index {limit} of table {table}")
                });
            }
        }
        let highest = self.tables.values().max();
        if let (Some(header), Some(highest)) = (header, highest)
            && header != *highest
        {
            found.add(&HEADER_INDEX, None, || {
                format!(
                    "LastIndex of state.bin is {header}, but the highest table index is {highest}"
                )
            });
        }
    }
}
