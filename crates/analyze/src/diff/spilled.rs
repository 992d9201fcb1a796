//! States that do not fit in memory: sorted on disk, and paired once both files are read.

use super::held::{Held, HeldRecord, Pair, State, Which};
use crate::compare::ObjectChange;
use snapscope_decode::Kind;
use snapscope_objects::kind::{KindId, ObjectKind};
use snapscope_objects::kinds;
use snapscope_objects::row::PackedRow;
use snapscope_runs::{Merge, Room, Sorted, Sorter};
use std::cmp::Ordering;
use std::io;
use std::rc::Rc;

/// States of both sides by kind and key; those of one key in the order in which they were found.
#[derive(Debug)]
pub(super) struct Spilled([Sorter; 2]);

/// The same once complete.
#[derive(Debug)]
pub(super) struct Pairs([Sorted; 2]);

impl Spilled {
    pub(super) fn new(room: &Room) -> Self {
        Self([Sorter::new(room), Sorter::new(room)])
    }

    /// Takes everything that is held.
    pub(super) fn take(&mut self, held: &mut Held) -> io::Result<()> {
        while let Some(((kind, key, _), mut pair)) = held.pop() {
            // These were already counted as out of order.
            let step = pair.states.iter().flatten().map(|state| state.step).min();
            for (which, state) in [Which::Before, Which::After].into_iter().zip(&mut pair.states) {
                if let Some(state) = state {
                    state.step = step.unwrap_or(state.step);
                    self.add(kind, &key, which, state)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn add(
        &mut self,
        kind: KindId,
        key: &[u8],
        which: Which,
        state: &State,
    ) -> io::Result<()> {
        let key = [&(kind.index() as u64).to_be_bytes(), key].concat();
        self.0[which.index()].push(&key, &written(state))
    }

    pub(super) fn finish(self) -> io::Result<Pairs> {
        let [before, after] = self.0;
        Ok(Pairs([before.finish()?, after.finish()?]))
    }
}

impl Pairs {
    /// Passes on each pair, by kind and key: of several with one key, the first of one side with
    /// the first of the other.
    pub(super) fn each<E: From<io::Error>>(
        &self,
        mut each: impl FnMut(KindId, &[u8], Pair) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut sides = [Cursor::new(self.0[0].entries()?)?, Cursor::new(self.0[1].entries()?)?];
        loop {
            let key = match [&sides[0].key, &sides[1].key] {
                [None, None] => return Ok(()),
                [Some(key), None] | [None, Some(key)] => key.clone(),
                [Some(before), Some(after)] => match before.cmp(after) {
                    Ordering::Greater => after.clone(),
                    _ => before.clone(),
                },
            };
            let mut pair = Pair { states: [None, None], class: None::<ObjectChange> };
            for (side, state) in sides.iter_mut().zip(&mut pair.states) {
                if side.key.as_ref() == Some(&key) {
                    *state = Some(side.take()?);
                }
            }
            let (kind, key) = key.split_first_chunk().unwrap_or((&[0; 8], &[]));
            let kind = kind_of(u64::from_be_bytes(*kind)).ok_or_else(changed)?;
            each(kind.id, key, pair)?;
        }
    }
}

/// One side with its current entry.
struct Cursor<'s> {
    merge: Merge<'s>,
    key: Option<Vec<u8>>,
    value: Vec<u8>,
}

impl<'s> Cursor<'s> {
    fn new(merge: Merge<'s>) -> io::Result<Self> {
        let mut cursor = Self { merge, key: None, value: Vec::new() };
        cursor.advance()?;
        Ok(cursor)
    }

    fn advance(&mut self) -> io::Result<()> {
        let next = self.merge.next()?;
        self.key = next.map(|item| {
            self.value.clear();
            self.value.extend_from_slice(item.value);
            item.key.to_vec()
        });
        Ok(())
    }

    fn take(&mut self) -> io::Result<State> {
        let state = read(&self.value);
        self.advance()?;
        state.ok_or_else(changed)
    }
}

fn changed() -> io::Error {
    io::Error::other("the temporary file was changed")
}

fn kind_of(index: u64) -> Option<&'static ObjectKind> {
    kinds::all().nth(usize::try_from(index).ok()?)
}

/// A state as bytes. If it has its object, the record is not needed any more.
fn written(state: &State) -> Vec<u8> {
    let HeldRecord { number, offset, kind, order, bytes } = &*state.record;
    let mut out = Vec::new();
    for n in [state.step, *number, *offset, u64::from(kind.0), order.len() as u64] {
        out.extend_from_slice(&n.to_le_bytes());
    }
    out.extend_from_slice(order);
    match &state.row {
        Some(row) => {
            out.extend_from_slice(&(row.kind.id.index() as u64 + 1).to_le_bytes());
            out.extend_from_slice(&row.bytes);
        }
        None => {
            out.extend_from_slice(&0u64.to_le_bytes());
            out.extend_from_slice(bytes);
        }
    }
    out
}

fn read(bytes: &[u8]) -> Option<State> {
    let mut rest = bytes;
    let mut next = || {
        let (n, after) = rest.split_first_chunk()?;
        rest = after;
        Some(u64::from_le_bytes(*n))
    };
    let (step, number, offset) = (next()?, next()?, next()?);
    let kind = Kind(u8::try_from(next()?).ok()?);
    let order = usize::try_from(next()?).ok()?;
    let (order, rest) = rest.split_at_checked(order)?;
    let (row_kind, rest) = rest.split_first_chunk()?;
    let row_kind = match u64::from_le_bytes(*row_kind).checked_sub(1) {
        Some(index) => Some(kind_of(index)?),
        None => None,
    };
    let (row, bytes) = match row_kind {
        Some(kind) => (Some(PackedRow { kind, bytes: rest.into() }), &[][..]),
        None => (None, rest),
    };
    let record = HeldRecord { number, offset, kind, order: order.to_vec(), bytes: bytes.to_vec() };
    Some(State { record: Rc::new(record), row, size: 0, step })
}
