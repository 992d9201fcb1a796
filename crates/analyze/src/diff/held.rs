//! Differing objects, held until their counterpart is found or excluded.

use crate::compare::ObjectChange;
use snapscope_decode::{Frame, Kind};
use snapscope_objects::kind::KindId;
use snapscope_objects::row::PackedRow;
use std::collections::{BTreeMap, HashMap, VecDeque};
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

/// A record, copied from its block.
#[derive(Debug)]
pub(super) struct HeldRecord {
    pub(super) number: u64,
    pub(super) offset: u64,
    pub(super) kind: Kind,
    /// Its position in its section.
    pub(super) order: Vec<u8>,
    pub(super) bytes: Vec<u8>,
}

impl HeldRecord {
    pub(super) fn of(frame: &Frame<'_>, order: Vec<u8>) -> Self {
        let Frame { number, offset, kind, bytes } = *frame;
        Self { number, offset, kind, order, bytes: bytes.to_vec() }
    }

    /// Its size in bytes.
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
    pub(super) record: Rc<HeldRecord>,
    /// The object, if it cannot be read from the record by its key.
    pub(super) row: Option<PackedRow>,
    /// Size of its part of the record.
    pub(super) size: usize,
    /// The step of both readings at which it occurred.
    pub(super) step: u64,
}

/// Memory of a held state besides its record: keys, the map's share.
const OVERHEAD: usize = 256;

impl State {
    fn taken(&self) -> usize {
        taken(self.size, self.row.as_ref())
    }
}

/// Memory for a state with this share of its record.
pub(super) fn taken(share: usize, row: Option<&PackedRow>) -> usize {
    OVERHEAD + share + row.map_or(0, |row| row.bytes.len())
}

/// The states of an object found so far.
#[derive(Debug, Default)]
pub(super) struct Pair {
    pub(super) states: [Option<State>; 2],
    /// Its change, once both are known.
    pub(super) class: Option<ObjectChange>,
}

impl Pair {
    /// The types of the records that hold the two states.
    pub(super) fn records(&self) -> [Option<Kind>; 2] {
        let [before, after] = &self.states;
        [before, after].map(|state| state.as_ref().map(|state| state.record.kind))
    }

    /// Whether both states were found, in records of different types.
    pub(super) fn is_moved(&self) -> bool {
        matches!(self.records(), [Some(before), Some(after)] if before != after)
    }

    /// Whether both states were found, at different positions.
    pub(super) fn is_out_of_step(&self) -> bool {
        matches!(&self.states, [Some(before), Some(after)] if before.step != after.step)
    }
}

/// The kind, the key, and a number among objects with the same key.
pub(super) type HeldKey = (KindId, Vec<u8>, u64);

/// Several objects of one kind and key, which no server writes.
#[derive(Debug, Default)]
struct Repeated {
    /// The number of the next one.
    next: u64,
    /// Those of which one state was found, all on the same side.
    waiting: VecDeque<u64>,
    side: usize,
}

/// Everything held, in output order.
#[derive(Debug, Default)]
pub(super) struct Held {
    pairs: BTreeMap<HeldKey, Pair>,
    repeated: HashMap<(KindId, Vec<u8>), Repeated>,
    size: usize,
    most: usize,
}

impl Held {
    /// Adds a state. Returns the key of its pair, and whether the other state was waiting there.
    pub(super) fn add(
        &mut self,
        kind: KindId,
        key: Vec<u8>,
        which: Which,
        state: State,
    ) -> (HeldKey, bool) {
        let number = self.number(kind, &key, which);
        self.size += state.taken();
        self.most = self.most.max(self.size);
        let key = (kind, key, number);
        let pair = self.pairs.entry(key.clone()).or_default();
        pair.states[which.index()] = Some(state);
        let met = pair.states[which.other().index()].is_some();
        (key, met)
    }

    /// The number among several with its key: the first state belongs to the first one.
    fn number(&mut self, kind: KindId, key: &[u8], which: Which) -> u64 {
        let of_key = (kind, key.to_vec());
        if !self.repeated.contains_key(&of_key) {
            let side = which.index();
            let first = self.pairs.get(&(kind, key.to_vec(), 0));
            let Some(pair) = first.filter(|pair| pair.states[side].is_some()) else { return 0 };
            let waiting = match pair.states[which.other().index()] {
                None => VecDeque::from([0]),
                Some(_) => VecDeque::new(),
            };
            self.repeated.insert(of_key.clone(), Repeated { next: 1, waiting, side });
        }
        let Some(repeated) = self.repeated.get_mut(&of_key) else { return 0 };
        if repeated.side == which.other().index()
            && let Some(number) = repeated.waiting.pop_front()
        {
            return number;
        }
        let number = repeated.next;
        repeated.next += 1;
        repeated.side = which.index();
        repeated.waiting.push_back(number);
        number
    }

    pub(super) fn get_mut(&mut self, key: &HeldKey) -> Option<&mut Pair> {
        self.pairs.get_mut(key)
    }

    /// Takes a pair that is complete or cannot become complete.
    pub(super) fn remove(&mut self, key: &HeldKey) -> Option<Pair> {
        let pair = self.pairs.remove(key)?;
        let freed: usize = pair.states.iter().flatten().map(State::taken).sum();
        self.size = self.size.saturating_sub(freed);
        if !self.repeated.is_empty()
            && !pair.states.iter().all(Option::is_some)
            && let Some(repeated) = self.repeated.get_mut(&(key.0, key.1.clone()))
        {
            repeated.waiting.retain(|number| *number != key.2);
        }
        Some(pair)
    }

    /// The keys of all pairs, in order.
    pub(super) fn keys(&self) -> Vec<HeldKey> {
        self.pairs.keys().cloned().collect()
    }

    /// Takes the first pair, once no more are added.
    pub(super) fn pop(&mut self) -> Option<(HeldKey, Pair)> {
        let (key, pair) = self.pairs.pop_first()?;
        let freed: usize = pair.states.iter().flatten().map(State::taken).sum();
        self.size = self.size.saturating_sub(freed);
        self.repeated.clear();
        Some((key, pair))
    }

    /// Number of bytes held.
    pub(super) const fn size(&self) -> usize {
        self.size
    }

    /// Maximum number of bytes held.
    pub(super) const fn most(&self) -> usize {
        self.most
    }
}
