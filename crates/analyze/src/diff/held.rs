//! Differing objects that are held until their counterpart is found, or there can't be one.

use crate::compare::Class;
use snapscope_decode::{Frame, Kind};
use snapscope_objects::kinds::ObjectKind;
use snapscope_objects::row::Row;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Which of the two snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Before,
    After,
}

impl Which {
    pub(super) const fn other(self) -> Self {
        match self {
            Self::Before => Self::After,
            Self::After => Self::Before,
        }
    }

    pub(super) const fn index(self) -> usize {
        match self {
            Self::Before => 0,
            Self::After => 1,
        }
    }
}

/// A record out of its block.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) number: u64,
    pub(super) offset: u64,
    pub(super) kind: Kind,
    /// Where it stands in its section.
    pub(super) order: Vec<u8>,
    bytes: Vec<u8>,
}

impl Record {
    pub(super) fn of(frame: &Frame<'_>, order: Vec<u8>) -> Self {
        let Frame { number, offset, kind, bytes } = *frame;
        Self { number, offset, kind, order, bytes: bytes.to_vec() }
    }

    /// Bytes it takes.
    pub(super) fn size(&self) -> usize {
        self.bytes.len() + self.order.len()
    }

    pub(super) fn frame(&self) -> Frame<'_> {
        let Self { number, offset, kind, .. } = *self;
        Frame { number, offset, kind, bytes: &self.bytes }
    }
}

/// One state of an object.
#[derive(Debug)]
pub(super) struct State {
    pub(super) record: Rc<Record>,
    /// The object, where it can't be read from the record by its key.
    pub(super) row: Option<Row>,
    /// Bytes of the record that are its own.
    pub(super) size: usize,
}

/// What a held state takes besides its record: keys, the map's share.
const OVERHEAD: usize = 256;

/// The states of an object that were met so far.
#[derive(Debug, Default)]
pub(super) struct Pair {
    pub(super) states: [Option<State>; 2],
    /// What became of it, once both were met.
    pub(super) class: Option<Class>,
}

/// The kind (by its place in the summary), the key, and which of several objects with the same key.
pub(super) type HeldKey = (usize, Vec<u8>, u32);

/// All that is held, in the order in which it is handed on.
#[derive(Debug, Default)]
pub(super) struct Held {
    pairs: BTreeMap<HeldKey, Pair>,
    size: usize,
    most: usize,
}

impl Held {
    /// Adds a state. Gives the key of its pair, and whether the other state had been waiting there.
    pub(super) fn add(
        &mut self,
        kind: usize,
        key: Vec<u8>,
        which: Which,
        state: State,
    ) -> (HeldKey, bool) {
        let mut key = (kind, key, 0);
        // Of several with one key the first one belongs to the first one.
        while self.pairs.get(&key).is_some_and(|pair| pair.states[which.index()].is_some()) {
            key.2 += 1;
        }
        self.size += OVERHEAD + state.size;
        self.most = self.most.max(self.size);
        let pair = self.pairs.entry(key.clone()).or_default();
        pair.states[which.index()] = Some(state);
        let met = pair.states[which.other().index()].is_some();
        (key, met)
    }

    pub(super) fn get_mut(&mut self, key: &HeldKey) -> Option<&mut Pair> {
        self.pairs.get_mut(key)
    }

    pub(super) fn remove(&mut self, key: &HeldKey) -> Option<Pair> {
        let pair = self.pairs.remove(key)?;
        let freed: usize = pair.states.iter().flatten().map(|state| OVERHEAD + state.size).sum();
        self.size = self.size.saturating_sub(freed);
        Some(pair)
    }

    /// The keys of all pairs, in order.
    pub(super) fn keys(&self) -> Vec<HeldKey> {
        self.pairs.keys().cloned().collect()
    }

    /// Takes the first pair.
    pub(super) fn pop(&mut self) -> Option<(HeldKey, Pair)> {
        self.pairs.pop_first()
    }

    /// Bytes that are held.
    pub(super) const fn size(&self) -> usize {
        self.size
    }

    /// Bytes that were held at most.
    pub(super) const fn most(&self) -> usize {
        self.most
    }
}

/// What an object's kind is called in held keys: its place in the summary.
pub(super) fn place_of(kind: &ObjectKind) -> usize {
    super::compared_kinds().position(|k| std::ptr::eq(k, kind)).unwrap_or(usize::MAX)
}
