//! Finds the newest intact snapshot of a store: the one that retention must not remove.

use super::inventory::Inventory;
use crate::save::find_damage;
use crate::sidecar::Sidecar;
use crate::store::{SnapshotId, Store, StoreError, sidecar_name};
use std::collections::BTreeMap;

/// Number of consecutive snapshots that cannot be opened after which the search ends: the store is
/// unavailable or permits no reads.
const MOST_UNOPENED: usize = 3;

/// The newest intact snapshot, and the newer ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intact {
    newest: Option<SnapshotId>,
    /// Newer ones, each with the reason why it is not intact, or why that is unknown.
    newer: BTreeMap<SnapshotId, String>,
    notes: Vec<String>,
}

impl Intact {
    /// A snapshot that was verified and then stored.
    #[must_use]
    pub fn stored(id: SnapshotId) -> Self {
        Self { newest: Some(id), ..Self::default() }
    }

    /// Finds it. A snapshot is intact if it has the size in its sidecar. Without a sidecar it is
    /// read and verified, newest first, until one is intact.
    pub async fn find(store: &Store, inventory: &Inventory) -> Self {
        let mut found = Self::default();
        let mut unopened = 0;
        for (id, size) in inventory.snapshots().rev() {
            if size == 0 {
                found.newer.insert(id, "it is empty".to_owned());
                continue;
            }
            let sidecar = read_sidecar(store, inventory, id, &mut found.notes).await;
            let is_vouched = matches!(&sidecar, Ok(Some(sidecar)) if sidecar.size == size);
            let why = match is_vouched {
                true => None,
                false => match find_damage(store, &id.file_name()).await {
                    Ok(damage) => {
                        unopened = 0;
                        damage
                    }
                    Err(e) => {
                        unopened += 1;
                        Some(format!("it cannot be read: {e}"))
                    }
                },
            };
            let Some(why) = why else {
                found.newest = Some(id);
                break;
            };
            found.newer.insert(id, why);
            if unopened >= MOST_UNOPENED {
                break;
            }
        }
        found
    }

    /// Its ID; `None` if no snapshot is known to be intact.
    #[must_use]
    pub const fn newest(&self) -> Option<SnapshotId> {
        self.newest
    }

    /// Why a newer snapshot is not intact, or may not be.
    #[must_use]
    pub fn why_not(&self, id: SnapshotId) -> Option<&str> {
        self.newer.get(&id).map(String::as_str)
    }

    /// What an operator has to know, a sentence each.
    #[must_use]
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = self.notes.clone();
        let newer = self.newer.iter();
        notes.extend(newer.map(|(id, why)| format!("{} is not intact: {why}", id.file_name())));
        if self.newest.is_none() && !self.newer.is_empty() {
            notes.push("no snapshot is known to be intact, so none is removed".to_owned());
        }
        notes
    }
}

/// Reads a snapshot's sidecar; `None` also if it is permanently unusable, because it must not keep
/// the snapshot forever.
pub(super) async fn read_sidecar(
    store: &Store,
    inventory: &Inventory,
    id: SnapshotId,
    notes: &mut Vec<String>,
) -> Result<Option<Sidecar>, String> {
    if !inventory.has_sidecar(id) {
        return Ok(None);
    }
    let name = sidecar_name(&id.file_name());
    let mut note = |note: String| {
        if !notes.contains(&note) {
            notes.push(note);
        }
    };
    match store.get_small(&name).await {
        Ok(None) => Ok(None),
        Ok(Some(text)) => match Sidecar::from_json(&text) {
            Ok(sidecar) => Ok(Some(sidecar)),
            Err(e) => {
                note(format!("{name} is damaged: {e}"));
                Ok(None)
            }
        },
        Err(e) if e.is_refused() || matches!(e, StoreError::Options(_)) => {
            note(format!("cannot read {name}: {e}"));
            Ok(None)
        }
        Err(e) => Err(e.to_string()),
    }
}
