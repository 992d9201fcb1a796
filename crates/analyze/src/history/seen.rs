//! The data of snapshots about the requested objects, and the choice of the intended ones.

use super::collect::{Found, NAMED};
use super::stored::Stored;
use crate::rows::{Fit, IdQuery, Question};
use crate::series::Series;
use snapscope_runs::Sorted;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// The data of a snapshot: the objects in it, and tombstones.
#[derive(Debug)]
pub struct Seen {
    /// By ID, as [`Stored`]; those from a second reading come later.
    pub(super) rows: Vec<Sorted>,
    pub(super) beginnings: BTreeSet<Vec<u8>>,
    /// By key, the index of a deletion.
    pub(super) tombstones: Sorted,
    /// Objects that were not found may still exist: the search was by a name that they may have
    /// only in other snapshots, and this one cannot be read again.
    partly: bool,
}

impl Found {
    /// Sorts the data.
    ///
    /// # Errors
    /// If data that does not fit in memory could not be written to disk.
    pub fn seen(self) -> io::Result<Seen> {
        let Self { rows, beginnings, tombstones, failed } = self;
        if let Some(e) = failed {
            return Err(e);
        }
        let (rows, tombstones) = (vec![rows.finish()?], tombstones.finish()?);
        Ok(Seen { rows, beginnings, tombstones, partly: false })
    }
}

impl Seen {
    /// Adds the data of a second reading.
    pub fn complete(&mut self, again: Self) {
        self.rows.extend(again.rows);
    }

    /// Records that the snapshot could not be read again.
    pub const fn not_asked_again(&mut self) {
        self.partly = true;
    }

    /// Whether an object that was not found does not exist.
    pub(super) const fn is_whole(&self) -> bool {
        !self.partly
    }

    /// The IDs of all objects, each with its match.
    fn fits(&self, each: &mut dyn FnMut(&[u8], Fit)) -> io::Result<()> {
        for rows in &self.rows {
            let mut entries = rows.entries()?;
            while let Some(item) = entries.next()? {
                if let Some(stored) = Stored::read(item.value) {
                    each(item.key, stored.fit);
                }
            }
        }
        Ok(())
    }
}

/// The intended objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    /// All found objects.
    All,
    /// Those with these IDs.
    Ids(BTreeSet<Vec<u8>>),
}

impl Meant {
    /// Whether the object with this ID is meant.
    #[must_use]
    pub fn has(&self, id: &[u8]) -> bool {
        match self {
            Self::All => true,
            Self::Ids(ids) => ids.contains(id),
        }
    }
}

/// The choice of objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// These, with complete data.
    Known(Meant),
    /// These, but some snapshots were not searched by ID: those at these indexes have to be read
    /// again.
    AskAgain {
        /// The change.
        ids: BTreeSet<Vec<u8>>,
        /// The snapshots, by their index among the given names.
        at: Vec<usize>,
    },
    /// Several match by prefix: the first ones, and whether there are more.
    Several(Vec<Vec<u8>>, bool),
}

/// Chooses the intended objects once all snapshots are read: those that match best. `others` are
/// objects that match, but that perhaps no snapshot contains.
///
/// # Errors
/// If data on disk cannot be read again.
pub fn choose(
    question: &Question,
    series: &Series<Seen>,
    others: &BTreeMap<Vec<u8>, Fit>,
) -> io::Result<Chosen> {
    if !matches!(question.ids, IdQuery::Named(_)) {
        return Ok(Chosen::Known(Meant::All));
    }
    let snapshots = || series.clusters.iter().flat_map(|cluster| &cluster.snapshots);
    let mut fits: BTreeMap<Vec<u8>, Fit> = BTreeMap::new();
    // Number of objects in each snapshot.
    let mut counts = Vec::new();
    for snapshot in snapshots() {
        let (mut count, mut last) = (0usize, None);
        snapshot.out.fits(&mut |id, fit| {
            if last.as_deref() != Some(id) {
                count += 1;
                last = Some(id.to_vec());
            }
            match fits.get_mut(id) {
                Some(known) => *known = fit.min(*known),
                None => {
                    fits.insert(id.to_vec(), fit);
                }
            }
        })?;
        counts.push((snapshot.at, count));
    }
    let (beginnings, others): (BTreeMap<_, _>, BTreeMap<_, _>) =
        others.iter().partition(|(_, fit)| **fit == Fit::Beginning);
    for (id, fit) in others {
        let known = fits.entry(id.clone()).or_insert(*fit);
        *known = (*fit).min(*known);
    }
    match fits.values().min() {
        Some(Fit::Id) => {
            let best = fits.into_iter().filter(|(_, fit)| *fit == Fit::Id);
            Ok(Chosen::Known(Meant::Ids(best.map(|(id, _)| id).collect())))
        }
        // It may have another name in another snapshot.
        Some(_) => {
            let at: Vec<usize> = counts
                .into_iter()
                .filter_map(|(at, count)| (count < fits.len()).then_some(at))
                .collect();
            let ids: BTreeSet<Vec<u8>> = fits.into_keys().collect();
            Ok(match at.is_empty() {
                true => Chosen::Known(Meant::Ids(ids)),
                false => Chosen::AskAgain { ids, at },
            })
        }
        None => Ok(of_beginnings(series, beginnings.into_keys())),
    }
}

/// None matches by its whole name.
fn of_beginnings<'o>(
    series: &'o Series<Seen>,
    others: impl Iterator<Item = &'o Vec<u8>>,
) -> Chosen {
    let snapshots = || series.clusters.iter().flat_map(|cluster| &cluster.snapshots);
    let all: BTreeSet<&Vec<u8>> =
        snapshots().flat_map(|s| &s.out.beginnings).chain(others).collect();
    let first: BTreeSet<Vec<u8>> = all.iter().take(NAMED).map(|id| (*id).clone()).collect();
    match all.len() {
        0 => Chosen::Known(Meant::Ids(BTreeSet::new())),
        1 => Chosen::AskAgain { ids: first, at: snapshots().map(|s| s.at).collect() },
        n => Chosen::Several(first.into_iter().collect(), n > NAMED),
    }
}
