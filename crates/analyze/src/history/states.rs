//! What all snapshots say: each object's states, each state kept once.

use super::collect::{Found, NAMED};
use super::wanted::{Fit, Question, Wanted};
use crate::series::Series;
use snapscope_objects::row::Row;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

/// The states of objects. In most snapshots an object is what it was in another, so states are
/// shared: memory is that of the different ones.
#[derive(Debug, Default)]
pub struct States {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    by_id: HashMap<Vec<u8>, usize>,
    objects: Vec<Object>,
    beginnings: BTreeSet<Vec<u8>>,
}

#[derive(Debug)]
struct Object {
    id: Vec<u8>,
    /// The best one any snapshot has.
    fit: Fit,
    states: Vec<Row>,
}

/// What a snapshot says, as places in [`States`].
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// For each object that is there its state.
    rows: BTreeMap<usize, usize>,
    /// Tombstones: the index of the last deletion of each key.
    pub(super) tombstones: BTreeMap<Vec<u8>, u64>,
    /// Objects that are not seen may be there all the same: they were found by a name they may
    /// have only in other snapshots, and this one can't be read again.
    partly: bool,
}

/// The objects that are meant, with all their states.
#[derive(Debug)]
pub struct Objects(Vec<Object>);

/// Which objects are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// These, and all is known of them.
    Known,
    /// These, but snapshots were not asked for them by their ids: those at these places are to be
    /// asked again with this question's `wanted`.
    AskAgain {
        /// What to ask for.
        wanted: Wanted,
        /// Which snapshots, by their places among the names that were given.
        at: Vec<usize>,
    },
    /// Several fit by the beginning of a name: the first ones, and whether there are more.
    Several(Vec<Vec<u8>>, bool),
}

impl States {
    /// Nothing known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps what a snapshot says.
    pub fn keep(&self, found: Found) -> Seen {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let mut seen = Seen::default();
        for (key, index) in found.tombstones {
            let last = seen.tombstones.entry(key).or_default();
            *last = index.max(*last);
        }
        for (_, fit, row) in found.rows {
            let (object, state) = inner.keep(fit, row);
            seen.rows.insert(object, state);
        }
        for id in found.beginnings {
            inner.beginnings.insert(id);
        }
        while inner.beginnings.len() > NAMED + 1 {
            inner.beginnings.pop_last();
        }
        seen
    }

    /// Says which objects are meant, now that all snapshots were asked: those that fit best.
    #[must_use]
    pub fn choose(&mut self, question: &Question, series: &Series<Seen>) -> Chosen {
        if !matches!(question.wanted, Wanted::Named(_)) {
            return Chosen::Known;
        }
        let inner = self.inner.get_mut().unwrap_or_else(PoisonError::into_inner);
        let snapshots = || series.clusters.iter().flat_map(|cluster| &cluster.snapshots);
        match inner.objects.iter().map(|object| object.fit).min() {
            Some(Fit::Id) => {
                inner.objects.iter_mut().filter(|o| o.fit != Fit::Id).for_each(Object::forget);
                Chosen::Known
            }
            // In another snapshot it may have another name.
            Some(_) => {
                let lacks = |seen: &Seen| seen.rows.len() < inner.objects.len();
                let at: Vec<usize> =
                    snapshots().filter(|s| lacks(&s.out)).map(|snapshot| snapshot.at).collect();
                if at.is_empty() {
                    return Chosen::Known;
                }
                let ids = inner.objects.iter().map(|object| object.id.clone()).collect();
                Chosen::AskAgain { wanted: Wanted::Ids(ids), at }
            }
            None => match inner.beginnings.len() {
                0 => Chosen::Known,
                1 => Chosen::AskAgain {
                    wanted: Wanted::Ids(std::mem::take(&mut inner.beginnings)),
                    at: snapshots().map(|snapshot| snapshot.at).collect(),
                },
                n => {
                    let first = inner.beginnings.iter().take(NAMED).cloned().collect();
                    Chosen::Several(first, n > NAMED)
                }
            },
        }
    }

    /// All that was kept of the objects that are meant.
    #[must_use]
    pub fn finish(self) -> Objects {
        let inner = self.inner.into_inner().unwrap_or_else(PoisonError::into_inner);
        Objects(inner.objects)
    }
}

impl Objects {
    /// The ids, in order, each with the object's place.
    pub(super) fn ids(&self) -> Vec<(&[u8], usize)> {
        let objects = self.0.iter().enumerate();
        let meant = objects.filter(|(_, object)| !object.states.is_empty());
        let mut ids: Vec<_> = meant.map(|(at, object)| (object.id.as_slice(), at)).collect();
        ids.sort_unstable();
        ids
    }

    /// The state of an object in a snapshot; the same reference for the same state.
    pub(super) fn state(&self, seen: &Seen, object: usize) -> Option<&Row> {
        self.0.get(object)?.states.get(*seen.rows.get(&object)?)
    }
}

impl Seen {
    /// Takes over what the snapshot said when it was asked again.
    pub fn complete(&mut self, again: Self) {
        self.rows.extend(again.rows);
    }

    /// Says that the snapshot could not be asked again.
    pub const fn not_asked_again(&mut self) {
        self.partly = true;
    }

    /// Whether an object that is not seen is not there.
    pub(super) const fn is_whole(&self) -> bool {
        !self.partly
    }
}

impl Inner {
    fn keep(&mut self, fit: Fit, row: Row) -> (usize, usize) {
        let id = row.id();
        let at = match self.by_id.get(&id) {
            Some(at) => *at,
            None => {
                self.by_id.insert(id.clone(), self.objects.len());
                self.objects.push(Object { id, fit, states: Vec::new() });
                self.objects.len() - 1
            }
        };
        let Some(object) = self.objects.get_mut(at) else { return (at, 0) };
        object.fit = object.fit.min(fit);
        match object.states.iter().position(|known| *known == row) {
            Some(state) => (at, state),
            None => {
                object.states.push(row);
                (at, object.states.len() - 1)
            }
        }
    }
}

impl Object {
    /// It is not the one that was meant.
    fn forget(&mut self) {
        self.states.clear();
    }
}
