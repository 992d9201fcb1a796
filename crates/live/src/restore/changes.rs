//! Compares the cluster with the snapshot, object by object.

use snapscope_analyze::compare::{Change, CompareOptions, Comparer};
use snapscope_analyze::diff::{DiffError, DiffOptions, Found, diff};
use snapscope_archive::{OpenError, OpenOptions, Source, open};
use snapscope_decode::Kind;
use snapscope_objects::kind::KindId;
use snapscope_objects::kinds::compared_kinds;
use std::collections::{BTreeMap, BTreeSet};

/// The changes of the records of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TypeChanges {
    /// Objects that only the snapshot has.
    pub added: u64,
    /// Objects that only the cluster has.
    pub removed: u64,
    /// Objects with different content, including those that were deleted and created again.
    pub changed: u64,
}

/// Objects to name: the first ones that have a name, and the number of all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Named {
    /// Names of the first ones.
    pub first: Vec<String>,
    /// Their number.
    pub count: u64,
}

/// Maximum number of names in a warning.
const NAMES: usize = 10;

impl Named {
    fn add(&mut self, name: &[u8]) {
        self.count += 1;
        if self.first.len() < NAMES && !name.is_empty() {
            self.first.push(String::from_utf8_lossy(name).into_owned());
        }
    }
}

/// `a, b, c and 4 more`, and how to see those.
impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.first.join(", "))?;
        match self.count.saturating_sub(self.first.len() as u64) {
            0 => Ok(()),
            more => write!(
                f,
                " and {more} more, which `snapscope diff` with a saved snapshot of the cluster lists"
            ),
        }
    }
}

/// The changes of a restore.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// By the type of the records; types without differences are not in it.
    pub types: BTreeMap<Kind, TypeChanges>,
    /// Nodes whose ID in the snapshot differs from the cluster's.
    pub other_ids: Named,
    /// Tokens that only the snapshot has, by accessor. Tokens of servers before 1.4 have none.
    pub revived: Named,
}

/// Compares the cluster's snapshot with the one to restore, with the memory that `diff` uses.
/// `types` are those that occur in either.
///
/// # Errors
/// If one of them cannot be read a second time.
pub fn compare(
    cluster: &Source,
    snapshot: &Source,
    types: &BTreeSet<Kind>,
    options: &OpenOptions,
) -> Result<Changes, DiffError> {
    let mut changes = Changes::default();
    let comparer = Comparer::new(CompareOptions {
        // Entries are the stored objects, not the intentions in them.
        whole_entries: true,
        ..CompareOptions::default()
    });
    let choice = DiffOptions {
        // Intentions of entries are part of the entries, which are compared whole.
        kinds: compared_kinds()
            .filter(|kind| kind.id != KindId::Intentions || types.contains(&Kind::INTENTION))
            .map(|kind| (kind, None))
            .collect(),
        threads: options.threads > 1,
        // Each state counts for the type of its own record.
        with_moved: true,
        ..DiffOptions::new()
    };
    let both =
        || -> Result<_, OpenError> { Ok((open(cluster, options)?, open(snapshot, options)?)) };
    let (before, after) = both()?;
    let reopen = || both().map(Some);
    diff(before, after, &choice, &comparer, &reopen, &mut |found| {
        changes.take(&found);
        Ok(())
    })?;
    Ok(changes)
}

impl Changes {
    fn of_type(&mut self, record: Kind) -> &mut TypeChanges {
        self.types.entry(record).or_default()
    }

    fn take(&mut self, found: &Found<'_>) {
        let Some(row) = found.after.or(found.before) else { return };
        let of_plan = |record: &Kind| match row.kind.id {
            KindId::Records => false,
            // Those in entries are part of the entries.
            KindId::Intentions => *record == Kind::INTENTION,
            _ => true,
        };
        let [before, after] = found.records.map(|record| record.filter(&of_plan));
        if let Some(record) = before.filter(|_| before == after) {
            if found.class.change != Change::Touched {
                self.of_type(record).changed += 1;
            }
        } else {
            if let Some(record) = before {
                self.of_type(record).removed += 1;
            }
            if let Some(record) = after {
                self.of_type(record).added += 1;
            }
        }
        let Some(after) = found.after else { return };
        match (after.kind.id, found.before) {
            (KindId::Nodes, Some(before)) if before.text("ID") != after.text("ID") => {
                self.other_ids.add(&after.id());
            }
            (KindId::Tokens, None) => self.revived.add(after.text("AccessorID")),
            _ => {}
        }
    }
}

/// Whether objects of a type have IDs for comparison.
pub(super) fn is_compared(kind: Kind) -> bool {
    compared_kinds().any(|object| object.id != KindId::Records && object.from.contains(&kind))
}
