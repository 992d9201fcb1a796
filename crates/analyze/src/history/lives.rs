//! Reads the data of all snapshots of a cluster in step, object by object.

use super::life::{Event, Telling};
use super::seen::{Meant, Seen};
use super::stored::Stored;
use super::tombstones::Tombstones;
use crate::compare::Comparer;
use crate::rows::{IdQuery, Question};
use crate::series::{Cluster, Snapshot};
use snapscope_runs::Merge;
use std::collections::BTreeSet;
use std::io;

/// Number of objects with events in one cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lives {
    /// Objects with events.
    pub count: u64,
    /// With a prefix: the number of objects in the first snapshot, which are neither changes nor
    /// events.
    pub at_first: u64,
}

/// Receives an object's ID, masked if necessary, and an event.
type Each<'e> = dyn FnMut(&[u8], Event) -> io::Result<()> + 'e;

/// Passes on the events of each object in one cluster, sorted by ID, then in order. Objects that no
/// snapshot of the cluster contains have events if there is a tombstone.
///
/// # Errors
/// If data on disk cannot be read again, or `each` fails.
pub fn lives(
    question: &Question,
    cluster: &Cluster<Seen>,
    meant: &Meant,
    comparer: &Comparer,
    each: &mut Each<'_>,
) -> io::Result<Lives> {
    let snapshots = &cluster.snapshots;
    let ranked = || snapshots.iter().zip(0u64..);
    // Data from a second reading of a snapshot comes later, and takes precedence.
    let rows = ranked().flat_map(|(s, at)| s.out.rows.iter().map(move |rows| (at, rows)));
    let mut rows = Cursor::new(Merge::of(rows)?)?;
    let deleted = ranked().map(|(s, at)| (at, &s.out.tombstones));
    let mut deleted = Cursor::new(Merge::of(deleted)?)?;
    let whole = Whole::of(snapshots);
    let mut tombstones = Tombstones::default();
    let mut told = Lives::default();
    loop {
        let id = match (rows.key(), deleted.key()) {
            (Some(a), Some(b)) => a.min(b).to_vec(),
            (Some(id), None) | (None, Some(id)) => id.to_vec(),
            (None, None) => return Ok(told),
        };
        tombstones.enter(&id);
        while deleted.key() == Some(&id) {
            let index = deleted.value.first_chunk().map_or(0, |index| u64::from_le_bytes(*index));
            tombstones.add(&id, deleted.rank, index);
            deleted.advance()?;
        }
        let is_told = match rows.key() == Some(&id) {
            true => meant.has(&id) || !tombstones.own().is_empty() && question.may(&id),
            false => question.may(&id),
        };
        if !is_told {
            while rows.key() == Some(&id) {
                rows.advance()?;
            }
            continue;
        }
        let telling = Telling {
            id: &id,
            kind: question.kind,
            snapshots,
            tombstones: &tombstones,
            comparer,
            tells_first: !matches!(question.ids, IdQuery::Under(_)),
            at_first: false,
            last: None,
            reported: BTreeSet::new(),
            events: Vec::new(),
        };
        tell(telling, &mut rows, meant.has(&id), &whole, each, &mut told)?;
    }
}

/// Reports the events of one object.
fn tell(
    mut life: Telling<'_>,
    rows: &mut Cursor<'_>,
    is_meant: bool,
    whole: &Whole,
    each: &mut Each<'_>,
    told: &mut Lives,
) -> io::Result<()> {
    let shown = life.comparer.shown_name(life.id.to_vec());
    let mut count = 0u64;
    let mut hand_on = |life: &mut Telling<'_>, keep: usize| {
        let due = life.events.len().saturating_sub(keep);
        life.events.drain(..due).try_for_each(|event| {
            count += 1;
            each(&shown, event)
        })
    };
    let mut deleted = life.tombstones.own().keys().copied().peekable();
    loop {
        let row_at = (rows.key() == Some(life.id)).then_some(rows.rank);
        let deleted_at = deleted.peek().copied();
        let Some(at) = row_at.into_iter().chain(deleted_at).min() else { break };
        while deleted.next_if_eq(&at).is_some() {}
        // If several are in one snapshot, which no server writes, the last one counts.
        let mut row: Option<(u64, Vec<u8>)> = None;
        while rows.key() == Some(life.id) && rows.rank == at {
            if let Some(stored) = Stored::read(&rows.value)
                && is_meant
                && row.as_ref().is_none_or(|(number, _)| *number <= stored.number)
            {
                let mut kept = row.take().map(|(_, kept)| kept).unwrap_or_default();
                kept.clear();
                kept.extend_from_slice(stored.row);
                row = Some((stored.number, kept));
            }
            rows.advance()?;
        }
        pass_over(&mut life, at, whole)?;
        if row.is_some() || whole.is_whole(at) {
            life.state(at, row.as_ref().map(|(_, row)| row.as_slice()))?;
        }
        hand_on(&mut life, 1)?;
    }
    pass_over(&mut life, whole.len(), whole)?;
    hand_on(&mut life, 0)?;
    told.at_first += u64::from(life.at_first);
    told.count += u64::from(count > 0);
    Ok(())
}

/// Skips the snapshots before `at` in which the object does not exist.
fn pass_over(life: &mut Telling<'_>, at: usize, whole: &Whole) -> io::Result<()> {
    let from = life.last.as_ref().map_or(0, |(last, _)| last + 1);
    match (whole.first_from(from), whole.last_before(at)) {
        (Some(first), Some(last)) if first <= last => life.absent(first, last),
        _ => Ok(()),
    }
}

/// The snapshots that show for every object whether it exists.
struct Whole {
    is_whole: Vec<bool>,
    /// For each snapshot, the first such one from it on.
    next: Vec<Option<usize>>,
    /// For each snapshot, the last such one up to it.
    last: Vec<Option<usize>>,
}

impl Whole {
    fn of(snapshots: &[Snapshot<Seen>]) -> Self {
        let is_whole: Vec<bool> =
            snapshots.iter().map(|s| s.out.is_whole() && !s.is_damaged()).collect();
        let step = |found: &mut Option<usize>, (at, is): (usize, &bool)| {
            if *is {
                *found = Some(at);
            }
            Some(*found)
        };
        let last = is_whole.iter().enumerate().scan(None, step).collect();
        let mut next: Vec<_> = is_whole.iter().enumerate().rev().scan(None, step).collect();
        next.reverse();
        Self { is_whole, next, last }
    }

    const fn len(&self) -> usize {
        self.is_whole.len()
    }

    fn is_whole(&self, at: usize) -> bool {
        self.is_whole.get(at).is_some_and(|is| *is)
    }

    fn first_from(&self, at: usize) -> Option<usize> {
        self.next.get(at).copied().flatten()
    }

    fn last_before(&self, at: usize) -> Option<usize> {
        self.last.get(at.checked_sub(1)?).copied().flatten()
    }
}

/// A merge with its current entry.
struct Cursor<'s> {
    merge: Merge<'s>,
    key: Option<Vec<u8>>,
    /// The snapshot of the cluster that it is from.
    rank: usize,
    value: Vec<u8>,
}

impl<'s> Cursor<'s> {
    fn new(merge: Merge<'s>) -> io::Result<Self> {
        let mut cursor = Self { merge, key: None, rank: 0, value: Vec::new() };
        cursor.advance()?;
        Ok(cursor)
    }

    fn key(&self) -> Option<&[u8]> {
        self.key.as_deref()
    }

    fn advance(&mut self) -> io::Result<()> {
        let Some(item) = self.merge.next()? else {
            self.key = None;
            return Ok(());
        };
        let key = self.key.get_or_insert_default();
        key.clear();
        key.extend_from_slice(item.key);
        self.rank = usize::try_from(item.rank).unwrap_or(usize::MAX);
        self.value.clear();
        self.value.extend_from_slice(item.value);
        Ok(())
    }
}
