//! Knows which snapshots exist or are being written, so that each counts once.

use super::error::FleetError;
use super::manifest::{Day, Entry};
use super::place::Place;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often the manifest is written. A killed run repeats the snapshots that were written since
/// then.
const EVERY: Duration = Duration::from_secs(5);

/// The snapshots of a place.
pub(super) struct Ledger<'p> {
    place: &'p dyn Place,
    state: Mutex<State>,
    /// The source whose turn it is to claim its snapshot. Sources claim in order, so threads do not
    /// affect which of several copies counts.
    turn: Mutex<usize>,
    turned: Condvar,
}

#[derive(Default)]
struct State {
    days: BTreeMap<String, Day>,
    /// Used names, and the identities of their snapshots.
    names: HashMap<String, String>,
    changed: BTreeSet<String>,
    claims: HashMap<String, Claim>,
    saved: Option<Instant>,
}

/// A snapshot that this run is exporting.
struct Claim {
    /// The source from which it is read.
    first: usize,
    /// Copies that appeared while it was read.
    waiting: Vec<usize>,
    state: Reading,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Now,
    Intact,
    Damaged,
}

/// What to do with a source.
pub(super) enum Claimed {
    /// Read it; the existing export of it, if any, is damaged or has lost files.
    Ours(Option<Entry>),
    /// It exists, intact or compacted.
    There(Entry),
    /// It was compacted, and these files are gone.
    Lost(Vec<String>),
    /// Another source of this run is the same snapshot.
    Copy(usize),
    /// The same, but the other source is still being read and may be damaged. Then its worker
    /// continues with this one.
    Waiting,
}

impl<'p> Ledger<'p> {
    pub(super) fn new(place: &'p dyn Place) -> Self {
        Self { place, state: Mutex::default(), turn: Mutex::new(0), turned: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does some work when it is a source's turn.
    pub(super) fn in_turn<T>(&self, at: usize, work: impl FnOnce() -> T) -> T {
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut turn =
            self.turned.wait_while(turn, |turn| *turn < at).unwrap_or_else(PoisonError::into_inner);
        let done = work();
        *turn = at + 1;
        self.turned.notify_all();
        done
    }

    /// Claims a snapshot for a source.
    pub(super) fn claim(
        &self,
        at: usize,
        identity: &str,
        date: &str,
    ) -> Result<Claimed, FleetError> {
        let mut state = self.state();
        let there = state.day(self.place, date)?.snapshots.iter();
        let there = there.into_iter().find(|entry| entry.identity == identity).cloned();
        match state.claims.get_mut(identity) {
            Some(claim) if claim.state == Reading::Intact => return Ok(Claimed::Copy(claim.first)),
            Some(claim) if claim.state == Reading::Now => {
                claim.waiting.push(at);
                return Ok(Claimed::Waiting);
            }
            _ => {}
        }
        if let Some(entry) = &there
            && (entry.problems.is_empty() || entry.is_compacted())
        {
            let files: Vec<&str> = entry.kinds.values().map(|rows| rows.file.as_str()).collect();
            let gone = self.place.gone(&files).map_err(FleetError::io(self.place))?;
            if gone.is_empty() {
                return Ok(Claimed::There(entry.clone()));
            }
            // The other rows of a compacted file would count twice.
            if entry.is_compacted() {
                return Ok(Claimed::Lost(gone));
            }
        }
        let claim = Claim { first: at, waiting: Vec::new(), state: Reading::Now };
        state.claims.insert(identity.to_owned(), claim);
        Ok(Claimed::Ours(there))
    }

    /// Ends a claim. Returns copies that appeared in the meantime, which are to be read next if
    /// this one was damaged.
    pub(super) fn done(&self, identity: &str, is_intact: bool) -> Vec<usize> {
        match self.state().claims.get_mut(identity) {
            Some(claim) => {
                claim.state = if is_intact { Reading::Intact } else { Reading::Damaged };
                std::mem::take(&mut claim.waiting)
            }
            None => Vec::new(),
        }
    }

    /// The name of a snapshot's files: `name`, unless another snapshot has it.
    pub(super) fn name(
        &self,
        date: &str,
        name: String,
        identity: &str,
    ) -> Result<String, FleetError> {
        let mut state = self.state();
        state.day(self.place, date)?;
        let own = |known: &String| known == identity;
        if state.names.get(&name).is_none_or(own) {
            state.names.insert(name.clone(), identity.to_owned());
            return Ok(name);
        }
        let name = format!("{name}~{}", identity.get(..16).unwrap_or(identity));
        state.names.insert(name.clone(), identity.to_owned());
        Ok(name)
    }

    /// Adds a written snapshot, and replaces its earlier entry.
    pub(super) fn record(&self, date: &str, entry: Entry) -> Result<(), FleetError> {
        let mut state = self.state();
        let day = state.day(self.place, date)?;
        day.snapshots.retain(|known| known.identity != entry.identity);
        day.snapshots.push(entry);
        state.changed.insert(date.to_owned());
        match state.saved {
            Some(saved) if saved.elapsed() < EVERY => Ok(()),
            None => {
                state.saved = Some(Instant::now());
                Ok(())
            }
            Some(_) => state.save(self.place),
        }
    }

    /// Writes the manifest.
    pub(super) fn save(&self) -> Result<(), FleetError> {
        self.state().save(self.place)
    }
}

impl State {
    fn day(&mut self, place: &dyn Place, date: &str) -> Result<&mut Day, FleetError> {
        if !self.days.contains_key(date) {
            let day = Day::load(place, date)?;
            for entry in &day.snapshots {
                self.names.insert(entry.name.clone(), entry.identity.clone());
            }
            self.days.insert(date.to_owned(), day);
        }
        Ok(self.days.entry(date.to_owned()).or_default())
    }

    fn save(&mut self, place: &dyn Place) -> Result<(), FleetError> {
        for date in &self.changed {
            if let Some(day) = self.days.get_mut(date) {
                day.save(place)?;
            }
        }
        self.changed.clear();
        self.saved = Some(Instant::now());
        Ok(())
    }
}
