//! Adds up values by name.

use crate::room::Room;
use crate::sorted::Sorted;
use crate::sorter::Sorter;
use std::collections::HashMap;
use std::io;
use std::marker::PhantomData;
use std::ops::ControlFlow;

/// A value that can be added up, in any order.
pub trait Amount: Default {
    /// Adds another one.
    fn merge(&mut self, other: &Self);
    /// Writes it.
    fn write(&self, out: &mut Vec<u8>);
    /// Reads what [`write`](Self::write) wrote.
    fn read(bytes: &[u8]) -> Self;
}

/// Amounts by name, in any number.
#[derive(Debug)]
pub struct Groups<V> {
    room: Room,
    map: HashMap<Vec<u8>, V>,
    /// The part of the room that the map takes.
    taken: usize,
    rest: Sorter,
    failed: Option<io::Error>,
}

/// Memory of a map entry besides its name: the vector, the amount with its heap data, and free
/// slots of the table.
const OVERHEAD: usize = 192;

impl<V: Amount> Groups<V> {
    /// Creates an empty one.
    #[must_use]
    pub fn new(room: &Room) -> Self {
        Self {
            room: room.clone(),
            map: HashMap::new(),
            taken: 0,
            rest: Sorter::new(room),
            failed: None,
        }
    }

    /// Adds to a name's amount.
    pub fn add(&mut self, name: &[u8], add: impl FnOnce(&mut V)) {
        if let Some(amount) = self.map.get_mut(name) {
            add(amount);
            return;
        }
        let mut amount = V::default();
        add(&mut amount);
        let size = name.len() + OVERHEAD;
        self.map.insert(name.to_vec(), amount);
        self.taken += size;
        self.room.take(size);
        if self.room.is_full() && self.taken >= self.room.least_run() {
            self.spill();
        }
    }

    /// Writes the map to disk. An error is reported at the end.
    fn spill(&mut self) {
        let mut value = Vec::new();
        let map = std::mem::take(&mut self.map);
        self.room.give_back(std::mem::take(&mut self.taken));
        for (name, amount) in map {
            value.clear();
            amount.write(&mut value);
            if let Err(e) = self.rest.push(&name, &value) {
                self.failed.get_or_insert(e);
                return;
            }
        }
        if let Err(e) = self.rest.spill() {
            self.failed.get_or_insert(e);
        }
    }

    /// Adds all amounts of another one.
    pub fn merge(&mut self, mut other: Self) {
        let theirs = std::mem::take(&mut other.map);
        other.room.give_back(std::mem::take(&mut other.taken));
        for (name, amount) in theirs {
            self.add(&name, |mine| mine.merge(&amount));
        }
        let rest = std::mem::replace(&mut other.rest, Sorter::new(&self.room));
        if let Err(e) = self.rest.absorb(rest) {
            self.failed.get_or_insert(e);
        }
        self.failed = self.failed.take().or(other.failed.take());
    }

    /// Returns all names in the order of `rank`, those of equal rank by name.
    ///
    /// # Errors
    /// If the temporary file cannot be written or read.
    pub fn ranked<const N: usize>(mut self, rank: impl Fn(&V) -> [u8; N]) -> io::Result<Ranked<V>> {
        if let Some(e) = self.failed.take() {
            return Err(e);
        }
        let mut ranking = Ranking::new(&self.room, rank);
        if self.rest.is_empty() {
            self.room.give_back(std::mem::take(&mut self.taken));
            for (name, amount) in std::mem::take(&mut self.map) {
                ranking.add(&name, &amount)?;
            }
            return ranking.finish();
        }
        self.spill();
        if let Some(e) = self.failed.take() {
            return Err(e);
        }
        let rest = std::mem::replace(&mut self.rest, Sorter::new(&self.room)).finish()?;
        let mut merge = rest.entries()?;
        let mut current: Option<(Vec<u8>, V)> = None;
        while let Some(item) = merge.next()? {
            let amount = V::read(item.value);
            match &mut current {
                Some((name, sum)) if name == item.key => sum.merge(&amount),
                _ => {
                    if let Some((name, sum)) = current.replace((item.key.to_vec(), amount)) {
                        ranking.add(&name, &sum)?;
                    }
                }
            }
        }
        if let Some((name, sum)) = current {
            ranking.add(&name, &sum)?;
        }
        ranking.finish()
    }
}

impl<V> Drop for Groups<V> {
    fn drop(&mut self) {
        self.room.give_back(self.taken);
    }
}

/// Names with their amounts, put in an order.
struct Ranking<V, F> {
    rank: F,
    sorter: Sorter,
    len: u64,
    entry: (Vec<u8>, Vec<u8>),
    of: PhantomData<fn() -> V>,
}

impl<V: Amount, F: Fn(&V) -> [u8; N], const N: usize> Ranking<V, F> {
    fn new(room: &Room, rank: F) -> Self {
        Self { rank, sorter: Sorter::new(room), len: 0, entry: Default::default(), of: PhantomData }
    }

    fn add(&mut self, name: &[u8], amount: &V) -> io::Result<()> {
        let (key, value) = &mut self.entry;
        key.clear();
        value.clear();
        key.extend_from_slice(&(self.rank)(amount));
        key.extend_from_slice(name);
        amount.write(value);
        self.len += 1;
        self.sorter.push(key, value)
    }

    fn finish(self) -> io::Result<Ranked<V>> {
        let sorted = self.sorter.finish()?;
        Ok(Ranked { sorted, rank: N, len: self.len, of: PhantomData })
    }
}

/// Names with their amounts in some order, each name once.
#[derive(Debug)]
pub struct Ranked<V> {
    sorted: Sorted,
    /// Number of sort-key bytes before each name.
    rank: usize,
    len: u64,
    of: PhantomData<fn() -> V>,
}

impl<V: Amount> Ranked<V> {
    /// Returns their number.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether it is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The entries: names after their rank, and serialised amounts.
    #[must_use]
    pub const fn sorted(&self) -> &Sorted {
        &self.sorted
    }

    /// Passes each name with its amount to `each`, in order, until it breaks.
    ///
    /// # Errors
    /// If the temporary file cannot be read, or `each` fails.
    pub fn each(
        &self,
        mut each: impl FnMut(&[u8], V) -> io::Result<ControlFlow<()>>,
    ) -> io::Result<()> {
        let mut entries = self.sorted.entries()?;
        while let Some(item) = entries.next()? {
            let name = item.key.get(self.rank..).unwrap_or(&[]);
            if each(name, V::read(item.value))?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Returns the same entries in another order.
    ///
    /// # Errors
    /// If the temporary file cannot be written or read.
    pub fn again<const N: usize>(
        &self,
        room: &Room,
        rank: impl Fn(&V) -> [u8; N],
    ) -> io::Result<Self> {
        let mut ranking = Ranking::new(room, rank);
        self.each(|name, amount| {
            ranking.add(name, &amount)?;
            Ok(ControlFlow::Continue(()))
        })?;
        ranking.finish()
    }
}

/// Returns a rank that sorts the largest first.
#[must_use]
pub const fn descending(n: u64) -> [u8; 8] {
    (!n).to_be_bytes()
}
