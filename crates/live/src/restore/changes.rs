//! What a restore would change, object by object: the cluster as it is, against the snapshot.

use snapscope_analyze::compare::{Change, CompareOptions, Comparer};
use snapscope_analyze::diff::{DiffError, DiffOptions, Found, diff};
use snapscope_archive::{OpenError, OpenOptions, Source, open};
use snapscope_decode::Kind;
use snapscope_objects::kind::KindId;
use snapscope_objects::kinds::compared_kinds;
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of the records of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TypeChanges {
    /// Objects that only the snapshot has.
    pub added: u64,
    /// Objects that only the cluster has.
    pub removed: u64,
    /// Objects with another content; deleted ones that were made again are among them.
    pub changed: u64,
}

/// Objects to be named: the first ones, and how many there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Named {
    /// Names of the first ones.
    pub first: Vec<String>,
    /// How many there are.
    pub count: u64,
}

/// Names that a warning has.
const NAMES: usize = 10;

impl Named {
    fn add(&mut self, name: &[u8]) {
        self.count += 1;
        if self.first.len() < NAMES {
            self.first.push(String::from_utf8_lossy(name).into_owned());
        }
    }
}

/// `a, b, c and 4 more`.
impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.first.join(", "))?;
        match self.count.saturating_sub(self.first.len() as u64) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// What a restore would change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// By the type of the records; types without differences are not in it.
    pub types: BTreeMap<Kind, TypeChanges>,
    /// Nodes that have another ID in the snapshot than in the cluster.
    pub other_ids: Named,
    /// Tokens that the cluster doesn't have any more, by accessor.
    pub revived: Named,
}

/// Compares the cluster's snapshot with the one to be restored, in the memory `diff` takes. `types` are those
/// either has.
///
/// # Errors
/// When one of them can't be read a second time.
pub fn compare(
    cluster: &Source,
    snapshot: &Source,
    types: &BTreeSet<Kind>,
    options: &OpenOptions,
) -> Result<Changes, DiffError> {
    let mut changes = Changes::default();
    let comparer = Comparer::new(CompareOptions {
        // Entries are what is stored, not the intentions in them.
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
    fn take(&mut self, found: &Found<'_>) {
        let Some(kind) = record_type(found) else { return };
        let of_type = self.types.entry(kind).or_default();
        match found.class.change {
            Change::Added => of_type.added += 1,
            Change::Removed => of_type.removed += 1,
            Change::Changed | Change::Recreated => of_type.changed += 1,
            Change::Touched => {}
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

/// Whether objects of a type have ids by which they can be compared.
pub(super) fn is_compared(kind: Kind) -> bool {
    compared_kinds().any(|object| object.id != KindId::Records && object.from.contains(&kind))
}

/// The type of the record an object is stored in.
fn record_type(found: &Found<'_>) -> Option<Kind> {
    let row = found.after.or(found.before)?;
    match (row.kind.id, row.kind.from) {
        (KindId::Intentions, _) => Some(Kind::INTENTION),
        // A free one, or the counter, is of no service.
        (KindId::VirtualIps, _) if row.text("Service").is_empty() => Some(Kind::FREE_VIRTUAL_IP),
        (KindId::Records, _) => None,
        (_, from) => from.first().copied(),
    }
}
