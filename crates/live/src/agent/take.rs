//! One snapshot: downloaded, verified, stored everywhere, old ones removed.

use super::context::Context;
use super::download::{Downloaded, download};
use super::failure::{Failure, Stage};
use crate::retention;
use crate::save::Received;
use crate::sidecar::{Shrunk, Sidecar};
use crate::store::{Lease, SnapshotId, Store, StoreError, sidecar_name};
use jiff::Timestamp;
use snapscope_analyze::OriginFacts;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// A snapshot that is stored everywhere it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Taken {
    /// Its ID.
    pub(super) id: SnapshotId,
    /// Raft index up to which the state goes.
    pub(super) index: u64,
    /// Bytes of the file.
    pub(super) size: u64,
    /// Records of each type.
    pub(super) counts: BTreeMap<String, u64>,
    /// How long it took in all.
    pub(super) took: Duration,
    /// What is odd: snapshots that are much smaller than the ones before, old ones that could not
    /// be removed. A sentence each, with the stage of what failed.
    pub(super) oddities: Vec<(Option<Stage>, String)>,
}

/// Takes a snapshot while the lease holds. `last` is the ID the new one has to be above.
pub(super) async fn take(
    context: &Context,
    lease: &Lease,
    last: Option<SnapshotId>,
) -> Result<Taken, Failure> {
    let begun = Instant::now();
    let log = &context.log;
    let scratch = &context.settings.scratch;
    let listings = lease.guard(list(&context.stores)).await.ok_or_else(Failure::lost)?;
    let newest = listings.iter().flatten().filter_map(|found| Some(found.last()?.0)).max();
    let id = SnapshotId::now_after(newest.max(last)).ok_or_else(|| {
        let why =
            "no ID can be above that of the newest snapshot stored; rename or remove that one";
        Failure::new(Stage::Store, why)
    })?;
    let time = Timestamp::now();
    log.debug(format!("Taking snapshot {id}"));
    let downloaded =
        lease.guard(download(&context.client, scratch)).await.ok_or_else(Failure::lost)??;
    let mut oddities = Vec::new();
    let mut failures = Vec::new();
    for (store, listing) in context.stores.iter().zip(&listings) {
        let limit = context.settings.alert_shrink;
        let shrunk = limit.and_then(|limit| {
            let (before, before_size) = listing.as_ref().ok()?.last()?;
            Shrunk::judge(downloaded.received.bytes, *before, *before_size, limit)
        });
        if let Some(mark) = &shrunk {
            oddities.push((
                None,
                format!(
                    "{}: snapshot {id} is {} % smaller than {} before it; it is stored and marked, \
                     and both are kept",
                    store.name(),
                    mark.percent,
                    mark.before
                ),
            ));
        }
        let sidecar = describe(&downloaded, id, time, shrunk);
        if let Err(failure) = store_one(store, id, &downloaded, &sidecar, lease).await {
            if failure.stage == Stage::Leadership {
                return Err(failure);
            }
            failures.push(failure);
            continue;
        }
        if store.static_name().is_none() {
            match make_room(context, store, listing, id, lease).await {
                Ok(()) => {}
                Err(Stopped::Lost) => return Err(Failure::lost()),
                Err(Stopped::Because(why)) => {
                    let message = format!("old snapshots can't be removed: {why}");
                    oddities.push((Some(Stage::Retention), message));
                }
            }
        }
    }
    if let Some(first) = failures.first() {
        let messages: Vec<&str> = failures.iter().map(|f| f.message.as_str()).collect();
        return Err(Failure::new(first.stage, messages.join("; ")));
    }
    let Sidecar { index, size, counts, .. } = describe(&downloaded, id, time, None);
    Ok(Taken { id, index, size, counts, took: begun.elapsed(), oddities })
}

/// The snapshots a store has, oldest first, with their sizes.
type Listing = Result<Vec<(SnapshotId, u64)>, StoreError>;

/// What each store has. One that can't be listed may well take a snapshot nevertheless, and if not it
/// says why then.
async fn list(stores: &[Store]) -> Vec<Listing> {
    let mut listings = Vec::new();
    for store in stores {
        let listing =
            if store.static_name().is_some() { Ok(Vec::new()) } else { store.list().await };
        listings.push(listing.map(|listing| retention::snapshots(&listing)));
    }
    listings
}

/// Why nothing, or not all, was removed.
enum Stopped {
    Lost,
    Because(String),
}

/// Removes what is too old after `id` was stored.
async fn make_room(
    context: &Context,
    store: &Store,
    listing: &Listing,
    id: SnapshotId,
    lease: &Lease,
) -> Result<(), Stopped> {
    let (retain, log) = (context.settings.retain, &context.log);
    if let Err(e) = listing
        && retain > 0
    {
        // Nobody could tell whether this one shrank, or whether its ID is above all that are there:
        // better one too many until the next one is stored.
        return Err(Stopped::Because(e.to_string()));
    }
    match retention::apply(store, retain, id, lease).await {
        Ok(removed) => {
            for old in removed {
                log.info(format!("{}: removed snapshot {old}", store.name()));
            }
            Ok(())
        }
        Err(StoreError::LeaseEnded) => Err(Stopped::Lost),
        Err(e) => Err(Stopped::Because(e.to_string())),
    }
}

async fn store_one(
    store: &Store,
    id: SnapshotId,
    downloaded: &Downloaded,
    sidecar: &Sidecar,
    lease: &Lease,
) -> Result<(), Failure> {
    let failed = |stage| {
        move |e| match e {
            StoreError::LeaseEnded => Failure::lost(),
            e => Failure::new(stage, e.to_string()),
        }
    };
    let name = store.static_name().map_or_else(|| id.file_name(), str::to_owned);
    store.put_file(&name, downloaded.file.file(), lease).await.map_err(failed(Stage::Store))?;
    let text = sidecar.to_json().map_err(|e| Failure::new(Stage::Sidecar, e.to_string()))?;
    store.put(&sidecar_name(&name), text, lease).await.map_err(failed(Stage::Sidecar))
}

fn describe(
    downloaded: &Downloaded,
    id: SnapshotId,
    time: Timestamp,
    shrunk: Option<Shrunk>,
) -> Sidecar {
    let Received { bytes, sha256, outcome, .. } = &downloaded.received;
    let (inspection, origin) = &outcome.out;
    let closing = &outcome.closing;
    let (index, term) = closing.meta.as_ref().map_or((0, 0), |meta| (meta.index, meta.term));
    Sidecar {
        id: id.to_string(),
        time: time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        size: *bytes,
        sha256: sha256.clone().unwrap_or_default(),
        index,
        term,
        state_size: closing.integrity.actual_size,
        records: closing.records,
        counts: inspection.types.iter().map(|(kind, t)| (kind.to_string(), t.count)).collect(),
        datacenter: origin.datacenter.clone(),
        consul_version: newest(origin),
        shrunk,
    }
}

/// The newest version among the servers.
fn newest(origin: &OriginFacts) -> Option<String> {
    let parts = |version: &str| -> Vec<u64> {
        version.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
    };
    origin.servers.values().max_by_key(|version| parts(version)).cloned()
}
