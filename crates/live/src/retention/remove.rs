//! Removes snapshots one by one.

use super::intact::{Intact, read_sidecar};
use super::inventory::Inventory;
use super::policy::{Policy, Reason};
use crate::sidecar::{Shrunk, Sidecar};
use crate::store::{Lease, SnapshotId, Store, StoreError, sidecar_name};
use jiff::Timestamp;
use std::collections::{BTreeMap, VecDeque};

/// The basis of the decisions.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The retention rules.
    pub policy: &'a Policy,
    /// The newest intact snapshot, which is never removed.
    pub intact: &'a Intact,
    /// Percentage from which a snapshot without a usable sidecar counts as shrunk.
    pub alert_shrink: Option<u8>,
    /// The time.
    pub now: Timestamp,
}

/// The decision about a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Remove it.
    Remove,
    /// The policy keeps it.
    Kept(Vec<Reason>),
    /// It is the newest intact one.
    Newest,
    /// It is newer than the newest intact one and is not intact, or may not be, with the reason.
    Damaged(String),
    /// It is much smaller than the previous one, or is that previous one.
    Marked,
    /// It is unknown at the moment whether it is marked, with the reason.
    Unknown(String),
    /// No snapshot is known to be intact, so this one may be the best there is.
    NoneIntact,
}

/// The snapshot that a mark also protects.
type Mark = Option<Option<SnapshotId>>;

/// Walks the snapshots of a store, oldest first, and decides about each. A sidecar is only read
/// when its snapshot is due, so an interrupted run has made progress.
pub struct Review<'a> {
    store: &'a Store,
    inventory: &'a Inventory,
    rules: Rules<'a>,
    kept: BTreeMap<SnapshotId, Vec<Reason>>,
    turn: VecDeque<SnapshotId>,
    marks: BTreeMap<SnapshotId, Result<Mark, String>>,
    notes: Vec<String>,
}

impl<'a> Review<'a> {
    /// Begins with the oldest.
    #[must_use]
    pub fn begin(store: &'a Store, inventory: &'a Inventory, rules: Rules<'a>) -> Self {
        // A file that is empty or known to be damaged does not count as a snapshot.
        let is_whole =
            |(id, size): &(SnapshotId, u64)| *size > 0 && rules.intact.why_not(*id).is_none();
        let whole: Vec<SnapshotId> =
            inventory.snapshots().filter(is_whole).map(|(id, _)| id).collect();
        let kept = rules.policy.kept(&whole, rules.now);
        let turn = inventory.snapshots().map(|(id, _)| id).collect();
        let marks = BTreeMap::new();
        Self { store, inventory, rules, kept, turn, marks, notes: rules.intact.notes() }
    }

    /// Returns the next one, with its decision.
    pub async fn next(&mut self) -> Option<(SnapshotId, Verdict)> {
        let id = self.turn.pop_front()?;
        let verdict = self.judge(id).await;
        Some((id, verdict))
    }

    /// Notes about sidecars, a sentence each.
    pub fn notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    async fn judge(&mut self, id: SnapshotId) -> Verdict {
        if let Some(reasons) = self.kept.get(&id) {
            return Verdict::Kept(reasons.clone());
        }
        if self.rules.intact.newest() == Some(id) {
            return Verdict::Newest;
        }
        if let Some(why) = self.rules.intact.why_not(id) {
            return Verdict::Damaged(why.to_owned());
        }
        if self.rules.intact.newest().is_none() {
            return Verdict::NoneIntact;
        }
        let empty = self.inventory.size(id) == Some(0);
        let newer = self.inventory.snapshots().rev().take_while(|(other, _)| *other > id);
        if empty && newer.filter(|(_, size)| *size > 0).count() < self.rules.policy.retain.max(1) {
            return Verdict::Kept(vec![Reason::Newest]);
        }
        // Its own sidecar or the next one decides whether it is kept.
        match self.mark(id).await {
            Ok(None) => {}
            Ok(Some(_)) => return Verdict::Marked,
            Err(why) => return Verdict::Unknown(why),
        }
        if let Some(after) = self.inventory.after(id) {
            match self.mark(after).await {
                Ok(Some(Some(before))) if before == id => return Verdict::Marked,
                Ok(_) => {}
                Err(why) => return Verdict::Unknown(why),
            }
        }
        Verdict::Remove
    }

    async fn mark(&mut self, id: SnapshotId) -> Result<Mark, String> {
        if let Some(known) = self.marks.get(&id) {
            return known.clone();
        }
        let mark = match self.sidecar(id).await {
            Ok(Some(sidecar)) => Ok(sidecar.shrunk.map(|mark| mark.before_id())),
            Ok(None) => Ok(self.by_size(id)),
            Err(why) => Err(why),
        };
        self.marks.insert(id, mark.clone());
        mark
    }

    async fn sidecar(&mut self, id: SnapshotId) -> Result<Option<Sidecar>, String> {
        read_sidecar(self.store, self.inventory, id, &mut self.notes).await
    }

    /// The mark of a snapshot, derived from its size and the previous one's.
    fn by_size(&self, id: SnapshotId) -> Mark {
        let limit = self.rules.alert_shrink?;
        let (before, before_size) = self.inventory.before(id)?;
        let size = self.inventory.size(id).filter(|size| *size > 0)?;
        Shrunk::judge(size, before, before_size, limit).map(|mark| mark.before_id())
    }
}

/// The result of removing snapshots.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Snapshots that were removed.
    pub removed: Vec<SnapshotId>,
    /// Snapshots that a lock of the store keeps.
    pub locked: Vec<SnapshotId>,
    /// What went wrong, a sentence each: the snapshots that therefore remain.
    pub troubles: Vec<String>,
    /// Further observations, a sentence each.
    pub notes: Vec<String>,
    /// Whether the lease ended before all snapshots were examined.
    pub is_stopped: bool,
}

/// Number of consecutive temporary failures after which a run stops: the store is unavailable.
const MOST_STUMBLES: usize = 3;

/// Removes the snapshots that no rule keeps, one by one. If one cannot be removed, the others still
/// are.
pub async fn apply(
    store: &Store,
    inventory: &Inventory,
    rules: Rules<'_>,
    lease: &Lease,
) -> Outcome {
    let mut outcome = Outcome::default();
    let mut review = Review::begin(store, inventory, rules);
    let mut stumbles = 0;
    while stumbles < MOST_STUMBLES {
        let Some(next) = lease.guard(review.next()).await else {
            outcome.is_stopped = true;
            break;
        };
        let Some((id, verdict)) = next else { break };
        match verdict {
            Verdict::Remove => {}
            Verdict::Unknown(why) => {
                outcome.troubles.push(format!("{}: {why}", id.file_name()));
                stumbles += 1;
                continue;
            }
            Verdict::Kept(_)
            | Verdict::Newest
            | Verdict::Marked
            | Verdict::Damaged(_)
            | Verdict::NoneIntact => continue,
        }
        match remove(store, id, inventory.has_sidecar(id), lease, &mut outcome).await {
            Removed::Yes => stumbles = 0,
            Removed::No => stumbles += 1,
            Removed::Stopped => {
                outcome.is_stopped = true;
                break;
            }
        }
    }
    outcome.notes.append(&mut review.notes());
    if stumbles < MOST_STUMBLES && !outcome.is_stopped {
        remove_left_over(store, inventory, rules, lease, &mut outcome).await;
    }
    outcome
}

/// Removes sidecars that have lost their snapshot, except those newer than all snapshots: a new
/// snapshot gets its sidecar after it is stored.
async fn remove_left_over(
    store: &Store,
    inventory: &Inventory,
    rules: Rules<'_>,
    lease: &Lease,
    outcome: &mut Outcome,
) {
    let newest = rules.intact.newest();
    for id in inventory.left_over().iter().filter(|id| Some(**id) < newest) {
        match store.delete(&sidecar_name(&id.file_name()), lease).await {
            Err(StoreError::LeaseEnded) => {
                outcome.is_stopped = true;
                return;
            }
            Err(e) if !e.is_locked() => outcome.notes.push(e.to_string()),
            _ => {}
        }
    }
}

enum Removed {
    /// As far as possible.
    Yes,
    /// Not, for a reason that may pass.
    No,
    Stopped,
}

async fn remove(
    store: &Store,
    id: SnapshotId,
    has_sidecar: bool,
    lease: &Lease,
    outcome: &mut Outcome,
) -> Removed {
    let name = id.file_name();
    match store.delete(&name, lease).await {
        Ok(()) => outcome.removed.push(id),
        Err(StoreError::LeaseEnded) => return Removed::Stopped,
        Err(e) if e.is_locked() => {
            outcome.locked.push(id);
            return Removed::Yes;
        }
        Err(e) => {
            let is_lasting = e.is_refused();
            outcome.troubles.push(format!("{name}: {e}"));
            return if is_lasting { Removed::Yes } else { Removed::No };
        }
    }
    if has_sidecar {
        match store.delete(&sidecar_name(&name), lease).await {
            Err(StoreError::LeaseEnded) => return Removed::Stopped,
            // Without its snapshot it means nothing; the next run finds it.
            Err(e) if !e.is_locked() => outcome.notes.push(e.to_string()),
            _ => {}
        }
    }
    Removed::Yes
}
