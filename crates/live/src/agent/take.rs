//! One attempt: downloads and verifies a snapshot, stores it at each destination without it, and
//! removes old ones where it was stored.

use super::context::Context;
use super::download::download;
use super::failure::{Failure, Stage};
use super::turn::{Round, Snapshot};
use crate::retention::{self, Intact, Inventory, Owners, Rules};
use crate::save::Received;
use crate::settings::DestinationSettings;
use crate::sidecar::{Shrunk, Sidecar};
use crate::store::{Lease, SnapshotId, Store, StoreError, sidecar_name};
use futures_util::future::join_all;
use jiff::Timestamp;
use snapscope_analyze::{ClusterName, OriginFacts};
use std::collections::BTreeMap;
use std::fs::File;
use std::time::Duration;
use tokio::time::Instant;

/// Facts about a snapshot that was stored everywhere.
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
}

/// A warning about a stored snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Oddity {
    /// It is much smaller than the previous one.
    Shrunk,
    /// Another cluster stores its snapshots in the same place.
    Shared,
    /// Something beside it failed.
    Failed(Stage),
}

/// The result of removing old ones at a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tidied {
    /// Everything is removed or locked.
    Yes,
    /// Something is left.
    No,
}

/// The result for one destination.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) name: String,
    /// Whether the snapshot is stored there.
    pub(super) is_stored: bool,
    pub(super) failure: Option<Failure>,
    pub(super) oddities: Vec<(Oddity, String)>,
    /// `None` where nothing was to be removed.
    pub(super) tidied: Option<Tidied>,
}

/// The result of an attempt.
#[derive(Debug, Default)]
pub(super) struct Attempt {
    /// The snapshot, if all destinations now have it.
    pub(super) taken: Option<Taken>,
    /// Why there was nothing to store.
    pub(super) failure: Option<Failure>,
    pub(super) reports: Vec<Report>,
    /// Whether the right to write ended early.
    pub(super) is_lost: bool,
}

impl Attempt {
    fn failed(failure: Failure) -> Self {
        let is_lost = failure.stage == Stage::Leadership;
        Self { failure: Some(failure), is_lost, ..Self::default() }
    }

    /// Describes the failure, and where the snapshot was stored nevertheless.
    pub(super) fn failure(&self) -> Option<Failure> {
        if let Some(failure) = &self.failure {
            return Some(failure.clone());
        }
        let failures: Vec<&Failure> =
            self.reports.iter().filter_map(|r| r.failure.as_ref()).collect();
        let first = failures.first()?;
        let mut message: Vec<String> = failures.iter().map(|f| f.message.clone()).collect();
        let stored = self.stored_at();
        if !stored.is_empty() {
            message.push(format!("stored at {}", stored.join(", ")));
        }
        Some(Failure::new(first.stage, message.join("; ")))
    }

    /// The destinations that got the snapshot now.
    pub(super) fn stored_at(&self) -> Vec<&str> {
        self.reports.iter().filter(|r| r.is_stored).map(|r| r.name.as_str()).collect()
    }

    /// All warnings.
    pub(super) fn oddities(&self) -> impl Iterator<Item = &(Oddity, String)> {
        self.reports.iter().flat_map(|report| &report.oddities)
    }
}

/// Stores the round's snapshot at the destinations without it, while the lease holds; first takes
/// it if there is none yet. A new one gets an ID above `last`.
pub(super) async fn attempt(
    context: &Context,
    lease: &Lease,
    round: &mut Round,
    last: Option<SnapshotId>,
) -> Attempt {
    let lacking = round.lacking(context);
    let Some(inventories) =
        lease.guard(join_all(lacking.iter().map(|(_, store)| list(store)))).await
    else {
        return Attempt::failed(Failure::lost());
    };
    if round.snapshot.is_none() {
        let newest = inventories.iter().flatten().filter_map(|found| Some(found.newest()?.0)).max();
        match take(context, lease, newest.max(last)).await {
            Ok(snapshot) => round.snapshot = Some(snapshot),
            Err(failure) => return Attempt::failed(failure),
        }
    }
    let Some(snapshot) = &round.snapshot else { return Attempt::default() };
    let stored = lacking.iter().zip(&inventories).map(|((_, store), inventory)| {
        let destination = Destination { context, store, inventory, lease };
        async move { destination.store(snapshot).await }
    });
    let reports: Vec<Report> = join_all(stored).await;
    let has: Vec<DestinationSettings> = lacking
        .iter()
        .zip(&reports)
        .filter(|(_, report)| report.is_stored)
        .map(|((settings, _), _)| (*settings).clone())
        .collect();
    let taken = snapshot.taken();
    round.has.extend(has);
    let is_lost = !lease.holds();
    let is_everywhere = round.lacking(context).is_empty();
    Attempt { taken: is_everywhere.then_some(taken), failure: None, reports, is_lost }
}

/// Finishes the work of an earlier leader of the cluster `ours`: removes old snapshots at
/// destinations that have this turn's snapshot. `own` is the inventory of this cluster.
pub(super) async fn tidy(
    (context, lease, store): (&Context, &Lease, &Store),
    inventory: &Result<Inventory, StoreError>,
    own: &Inventory,
    ours: &ClusterName,
) -> Report {
    let mut report = Report { name: store.name().to_owned(), ..Report::default() };
    let keep = &context.settings.keep;
    let Some((newest, size, _)) = own.newest() else { return report };
    let ids: Vec<SnapshotId> = own.snapshots().map(|(id, _)| id).collect();
    if keep.kept(&ids, Timestamp::now()).len() < ids.len() {
        // Nobody has verified it since it was stored.
        let destination = Destination { context, store, inventory, lease };
        destination.make_room((newest, size), None, ours, &mut report).await;
    }
    report
}

/// Lists a destination. One that cannot be listed may still accept a snapshot; if not, storing
/// reports why.
pub(super) async fn list(store: &Store) -> Result<Inventory, StoreError> {
    if store.static_name().is_some() {
        return Ok(Inventory::default());
    }
    Ok(Inventory::of(&store.list().await?))
}

async fn take(
    context: &Context,
    lease: &Lease,
    above: Option<SnapshotId>,
) -> Result<Snapshot, Failure> {
    let begun = Instant::now();
    let id = SnapshotId::now_after(above).ok_or_else(|| {
        let why = "the newest stored snapshot has the highest possible ID; rename or remove it";
        Failure::new(Stage::Store, why)
    })?;
    let time = Timestamp::now();
    context.log.debug(format!("Taking snapshot {id}"));
    let download = download(&context.client, &context.settings.scratch);
    let downloaded = lease.guard(download).await.ok_or_else(Failure::lost)??;
    Ok(Snapshot { id, time, downloaded, begun })
}

impl Snapshot {
    fn taken(&self) -> Taken {
        let Sidecar { index, size, counts, .. } = self.describe(None);
        Taken { id: self.id, index, size, counts, took: self.begun.elapsed() }
    }

    fn size(&self) -> u64 {
        self.downloaded.received.bytes
    }

    /// The cluster it is of.
    fn cluster(&self) -> ClusterName {
        let (_, origin) = &self.downloaded.received.outcome.out;
        ClusterName { datacenter: origin.datacenter.clone(), id: origin.cluster_id.clone() }
    }

    fn describe(&self, shrunk: Option<Shrunk>) -> Sidecar {
        let Received { bytes, sha256, outcome, .. } = &self.downloaded.received;
        let (inspection, origin) = &outcome.out;
        let closing = &outcome.closing;
        let (index, term) = closing.meta.as_ref().map_or((0, 0), |meta| (meta.index, meta.term));
        Sidecar {
            id: self.id.to_string(),
            time: self.time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            size: *bytes,
            sha256: sha256.clone().unwrap_or_default(),
            index,
            term,
            state_size: closing.integrity.actual_size,
            records: closing.records,
            counts: inspection.types.iter().map(|(kind, t)| (kind.to_string(), t.count)).collect(),
            datacenter: origin.datacenter.clone(),
            cluster_id: origin.cluster_id.clone(),
            consul_version: newest(origin),
            shrunk,
        }
    }
}

/// A destination for a snapshot, with its previous inventory.
struct Destination<'a> {
    context: &'a Context,
    store: &'a Store,
    inventory: &'a Result<Inventory, StoreError>,
    lease: &'a Lease,
}

impl Destination<'_> {
    /// Stores a snapshot and its sidecar, then removes old ones.
    async fn store(&self, snapshot: &Snapshot) -> Report {
        let mut report = Report { name: self.store.name().to_owned(), ..Report::default() };
        let id = snapshot.id;
        let name = self.store.static_name().map_or_else(|| id.file_name(), str::to_owned);
        let put = async {
            // Each destination reads at its own pace.
            let file =
                File::open(snapshot.downloaded.file.path()).map_err(|error| StoreError::Io {
                    path: self.context.settings.scratch.display().to_string(),
                    doing: "reading the snapshot that is waiting there",
                    error,
                })?;
            self.store.put_file(&name, &file, self.lease).await
        };
        match put.await {
            Ok(()) => report.is_stored = true,
            Err(StoreError::LeaseEnded) => {
                report.failure = Some(Failure::lost());
                return report;
            }
            Err(e) => {
                report.failure = Some(Failure::new(Stage::Store, e.to_string()));
                return report;
            }
        }
        let before = self.before(snapshot, &mut report).await;
        let shrunk = self.shrunk(snapshot, before.as_ref());
        if let Some(mark) = &shrunk {
            let said = format!(
                "{}: snapshot {id} is {} % smaller than the previous one, {}; it is stored and \
                 marked, and both are kept",
                self.store.name(),
                mark.percent,
                mark.before
            );
            report.oddities.push((Oddity::Shrunk, said));
        }
        let sidecar = snapshot.describe(shrunk);
        let described = match sidecar.to_json() {
            Ok(text) => self.store.put(&sidecar_name(&name), text, self.lease).await,
            Err(e) => Err(StoreError::Options(e.to_string())),
        };
        if let Err(e) = described
            && !matches!(e, StoreError::LeaseEnded)
        {
            let said = format!("cannot store the sidecar of snapshot {id}: {e}");
            report.oddities.push((Oddity::Failed(Stage::Sidecar), said));
        }
        if self.removes() {
            self.store.describe(id, sidecar);
            let intact = Intact::stored(id);
            let ours = snapshot.cluster();
            self.make_room((id, snapshot.size()), Some(intact), &ours, &mut report).await;
        }
        report
    }

    /// Whether old snapshots are removed there.
    fn removes(&self) -> bool {
        self.store.static_name().is_none() && !self.context.settings.keep.keeps_all()
    }

    /// What was there of the same cluster, if anything depends on it.
    async fn before(&self, snapshot: &Snapshot, report: &mut Report) -> Option<Inventory> {
        if !self.removes() && self.context.settings.alert_shrink.is_none() {
            return None;
        }
        let inventory = self.inventory.as_ref().ok()?;
        let owners = self.lease.guard(Owners::find(self.store, inventory)).await?;
        let ours = snapshot.cluster();
        if let Some(others) = owners.others(&ours) {
            let said = format!("{}: {others}", self.store.name());
            report.oddities.push((Oddity::Shared, said));
        }
        Some(owners.own(inventory, &ours))
    }

    fn shrunk(&self, snapshot: &Snapshot, before: Option<&Inventory>) -> Option<Shrunk> {
        let limit = self.context.settings.alert_shrink?;
        let (before, before_size, _) = before?.newest()?;
        Shrunk::judge(snapshot.size(), before, before_size, limit)
    }

    /// Removes old snapshots, if the listing is reliable. The newest one there has that size;
    /// `intact` is `None` if the newest intact one has to be found. Only snapshots of the cluster
    /// `ours` count.
    async fn make_room(
        &self,
        (newest, size): (SnapshotId, u64),
        intact: Option<Intact>,
        ours: &ClusterName,
        report: &mut Report,
    ) {
        let trouble = |report: &mut Report, why: String| {
            report.tidied = Some(Tidied::No);
            let said = format!("{}: cannot remove old snapshots: {why}", self.store.name());
            report.oddities.push((Oddity::Failed(Stage::Retention), said));
        };
        let all = match self.take_stock(newest, size).await {
            Ok(inventory) => inventory,
            Err(None) => return,
            Err(Some(why)) => return trouble(report, why),
        };
        let Some(owners) = self.lease.guard(Owners::find(self.store, &all)).await else { return };
        let inventory = owners.own(&all, ours);
        let intact = match intact {
            Some(intact) => intact,
            None => match self.lease.guard(Intact::find(self.store, &inventory)).await {
                Some(intact) => intact,
                None => return,
            },
        };
        let settings = &self.context.settings;
        let rules = Rules {
            policy: &settings.keep,
            intact: &intact,
            alert_shrink: settings.alert_shrink,
            now: Timestamp::now(),
        };
        let mut outcome = retention::apply(self.store, &inventory, rules, self.lease).await;
        outcome.troubles.extend(owners.trouble());
        let log = &self.context.log;
        for old in &outcome.removed {
            log.info(format!("{}: removed snapshot {old}", self.store.name()));
        }
        if !outcome.locked.is_empty() {
            let count = outcome.locked.len();
            log.debug(format!("{}: {count} old snapshots are locked there", self.store.name()));
        }
        for note in outcome.notes {
            let said = format!("{}: {note}", self.store.name());
            report.oddities.push((Oddity::Failed(Stage::Sidecar), said));
        }
        match outcome.troubles.as_slice() {
            [] if outcome.is_stopped => {}
            [] => report.tidied = Some(Tidied::Yes),
            [first] => trouble(report, first.clone()),
            [first, rest @ ..] => trouble(report, format!("{first}; and {} more", rest.len())),
        }
    }

    /// Lists the snapshots that exist now. An unreliable listing is an error, and nothing is
    /// removed. `None` if the lease ended.
    async fn take_stock(&self, newest: SnapshotId, size: u64) -> Result<Inventory, Option<String>> {
        // Without a listing it is unknown whether this one shrank, and whether its ID is above all
        // others: it is better to keep one too many until the next one is stored.
        let before = self.inventory.as_ref().map_err(|e| Some(e.to_string()))?;
        let listed = self.lease.guard(list(self.store)).await.ok_or(None)?;
        let now = listed.map_err(|e| Some(e.to_string()))?;
        let name = newest.file_name();
        match now.size(newest) {
            Some(there) if there == size => {}
            Some(there) => {
                return Err(Some(format!("{name} has {there} bytes there instead of {size}")));
            }
            None => {
                return Err(Some(format!("the listing is incomplete: {name} is missing")));
            }
        }
        match now.lacks_of(before) {
            None => Ok(now),
            Some(gone) => Err(Some(format!(
                "{} was there a moment ago and is missing from the listing: it is incomplete, or \
                 another program removes snapshots there",
                gone.file_name()
            ))),
        }
    }
}

/// The newest version among the servers.
fn newest(origin: &OriginFacts) -> Option<String> {
    let parts = |version: &str| -> Vec<u64> {
        version.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
    };
    origin.servers.values().max_by_key(|version| parts(version)).cloned()
}
