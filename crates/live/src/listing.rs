//! Lists the snapshots of a store from names and sidecars alone.

use crate::sidecar::Sidecar;
use crate::store::{SnapshotId, Store, StoreError, Stored, sidecar_name};
use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Number of sidecars fetched in parallel.
const AT_ONCE: usize = 8;

/// A stored snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its ID, if its name has one.
    pub id: Option<SnapshotId>,
    /// When it was taken: from its sidecar, else from its ID (which is wrong if the clock was set
    /// back), else when it was written.
    pub time: SystemTime,
    /// Its sidecar.
    pub sidecar: Option<Sidecar>,
    /// Why an existing sidecar is unusable.
    pub unreadable: Option<String>,
}

impl Listed {
    /// Why it cannot be an intact snapshot, as far as sizes say.
    #[must_use]
    pub fn size_objection(&self) -> Option<String> {
        if self.size == 0 {
            return Some("empty".to_owned());
        }
        let wanted = self.sidecar.as_ref()?.size;
        (wanted != self.size).then(|| format!("damaged: {wanted} bytes were stored"))
    }
}

/// Returns all snapshots of a store, oldest first: by their IDs, others by when they were written.
/// Every name that ends in `.snap` counts as a snapshot. Only names and sidecars are fetched.
///
/// # Errors
/// If the store cannot be listed.
pub async fn snapshots(store: &Store) -> Result<Vec<Listed>, StoreError> {
    Ok(snapshots_and_others(store).await?.0)
}

/// The same, and the names of other files: neither snapshots nor sidecars.
///
/// # Errors
/// If the store cannot be listed.
pub async fn snapshots_and_others(store: &Store) -> Result<(Vec<Listed>, Vec<String>), StoreError> {
    let stored = store.list().await?;
    let others = others(&stored);
    let names: BTreeSet<String> = stored.iter().map(|stored| stored.name.clone()).collect();
    let snapshots = stored.into_iter().filter(|stored| {
        // A hidden one is still being written.
        stored.name.ends_with(".snap") && !stored.name.starts_with('.')
    });
    let listed = snapshots.map(|stored| {
        let has_sidecar = names.contains(&sidecar_name(&stored.name));
        look(store, stored, has_sidecar)
    });
    let mut listed: Vec<(SystemTime, Listed)> =
        stream::iter(listed).buffer_unordered(AT_ONCE).collect().await;
    listed.sort_by(|(a_at, a), (b_at, b)| (a_at, &a.name).cmp(&(b_at, &b.name)));
    Ok((listed.into_iter().map(|(_, listed)| listed).collect(), others))
}

fn others(stored: &[Stored]) -> Vec<String> {
    let is_snapshot = |name: &str| name.ends_with(".snap");
    let beside: BTreeSet<String> = stored
        .iter()
        .filter(|stored| is_snapshot(&stored.name))
        .map(|stored| sidecar_name(&stored.name))
        .collect();
    let mut others: Vec<String> = stored
        .iter()
        .map(|stored| &stored.name)
        .filter(|name| !is_snapshot(name) && !name.starts_with('.') && !beside.contains(*name))
        .cloned()
        .collect();
    others.sort();
    others
}

/// A snapshot with its sort key.
async fn look(store: &Store, stored: Stored, has_sidecar: bool) -> (SystemTime, Listed) {
    let id = SnapshotId::of_file_name(&stored.name);
    let (mut sidecar, mut unreadable) = (None, None);
    if has_sidecar {
        match store.get_small(&sidecar_name(&stored.name)).await {
            // Retention removed it in the meantime.
            Ok(None) => {}
            Ok(Some(text)) => match Sidecar::from_json(&text) {
                Ok(read) => sidecar = Some(read),
                Err(e) => unreadable = Some(e.to_string()),
            },
            Err(e) => unreadable = Some(e.to_string()),
        }
    }
    let by_id = id.and_then(|id| UNIX_EPOCH.checked_add(Duration::from_nanos(id.0)));
    let place = by_id.unwrap_or(stored.modified);
    let time = sidecar.as_ref().and_then(taken).unwrap_or(place);
    (place, Listed { name: stored.name, size: stored.size, id, time, sidecar, unreadable })
}

/// When a snapshot was taken, from its sidecar.
fn taken(sidecar: &Sidecar) -> Option<SystemTime> {
    let time: Timestamp = sidecar.time.parse().ok()?;
    UNIX_EPOCH.checked_add(Duration::from_secs(u64::try_from(time.as_second()).ok()?))
}
