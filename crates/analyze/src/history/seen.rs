//! What snapshots say of the objects that are asked for, and which of these are meant.

use super::collect::{Found, NAMED};
use super::stored::Stored;
use crate::rows::{Fit, Question, Wanted};
use crate::series::Series;
use snapscope_runs::Sorted;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// What a snapshot says: each object that is there, and tombstones.
#[derive(Debug)]
pub struct Seen {
    /// By id, as [`Stored`]; those that were found when it was asked again come later.
    pub(super) rows: Vec<Sorted>,
    pub(super) beginnings: BTreeSet<Vec<u8>>,
    /// By key the index of a deletion.
    pub(super) tombstones: Sorted,
    /// Objects that are not seen may be there all the same: they were found by a name they may
    /// have only in other snapshots, and this one can't be read again.
    partly: bool,
}

impl Found {
    /// Puts what was found in order.
    ///
    /// # Errors
    /// When what has no room in memory could not be written to the disk.
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

    /// The ids of all objects, each with how well it fits.
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

/// The objects that are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    /// All that were found.
    All,
    /// Those of these ids.
    Ids(BTreeSet<Vec<u8>>),
}

impl Meant {
    pub(super) fn has(&self, id: &[u8]) -> bool {
        match self {
            Self::All => true,
            Self::Ids(ids) => ids.contains(id),
        }
    }
}

/// Which objects are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// These, and all is known of them.
    Known(Meant),
    /// These, but snapshots were not asked for them by their ids: those at these places are to be
    /// asked again.
    AskAgain {
        /// What to ask for.
        wanted: BTreeSet<Vec<u8>>,
        /// Which snapshots, by their places among the names that were given.
        at: Vec<usize>,
    },
    /// Several fit by the beginning of a name: the first ones, and whether there are more.
    Several(Vec<Vec<u8>>, bool),
}

/// Says which objects are meant, now that all snapshots were asked: those that fit best.
///
/// # Errors
/// When what was written to the disk can't be read again.
pub fn choose(question: &Question, series: &Series<Seen>) -> io::Result<Chosen> {
    if !matches!(question.wanted, Wanted::Named(_)) {
        return Ok(Chosen::Known(Meant::All));
    }
    let snapshots = || series.clusters.iter().flat_map(|cluster| &cluster.snapshots);
    let mut fits: BTreeMap<Vec<u8>, Fit> = BTreeMap::new();
    // How many objects each snapshot has.
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
    match fits.values().min() {
        Some(Fit::Id) => {
            let best = fits.into_iter().filter(|(_, fit)| *fit == Fit::Id);
            Ok(Chosen::Known(Meant::Ids(best.map(|(id, _)| id).collect())))
        }
        // In another snapshot it may have another name.
        Some(_) => {
            let at: Vec<usize> = counts
                .into_iter()
                .filter_map(|(at, count)| (count < fits.len()).then_some(at))
                .collect();
            let wanted: BTreeSet<Vec<u8>> = fits.into_keys().collect();
            Ok(match at.is_empty() {
                true => Chosen::Known(Meant::Ids(wanted)),
                false => Chosen::AskAgain { wanted, at },
            })
        }
        None => Ok(of_beginnings(series)),
    }
}

/// None fits by a whole name.
fn of_beginnings(series: &Series<Seen>) -> Chosen {
    let snapshots = || series.clusters.iter().flat_map(|cluster| &cluster.snapshots);
    let all: BTreeSet<&Vec<u8>> = snapshots().flat_map(|s| &s.out.beginnings).collect();
    let first: BTreeSet<Vec<u8>> = all.iter().take(NAMED).map(|id| (*id).clone()).collect();
    match all.len() {
        0 => Chosen::Known(Meant::Ids(BTreeSet::new())),
        1 => Chosen::AskAgain { wanted: first, at: snapshots().map(|s| s.at).collect() },
        n => Chosen::Several(first.into_iter().collect(), n > NAMED),
    }
}
