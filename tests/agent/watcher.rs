//! Watches destinations without the gateways, and checks all changes against the rules.
//!
//! The rules are simple: a snapshot is removed only if there are `RETAIN` newer ones, and no
//! destination has more than `RETAIN` and two, except for those that cannot be removed.

use super::keeping::RETAIN;
use super::{bare, ran};
use serde_json::Value;
use snapscope_testkit::stores::StoreServer;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// A destination, seen without gateways.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) name: &'static str,
    /// `None` while it is missing.
    pub(super) look: Look,
}

pub(super) type Look = Arc<dyn Fn() -> Option<BTreeSet<u64>> + Send + Sync>;

/// What was seen of one destination.
#[derive(Default)]
struct Seen {
    now: BTreeSet<u64>,
    /// All snapshots that ever existed, with the time when each was first seen.
    ever: BTreeMap<u64, f64>,
    /// Snapshots that cannot be removed at the moment.
    kept_by_force: BTreeSet<u64>,
    /// How many more may exist while the content is unknown.
    slack: usize,
    complaints: Vec<String>,
}

/// Watches repeatedly, until the value is dropped.
pub(super) struct Watcher {
    seen: Arc<Mutex<BTreeMap<&'static str, Seen>>>,
    stop: Arc<Mutex<bool>>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    pub(super) fn start(places: Vec<Place>) -> Self {
        let seen: Arc<Mutex<BTreeMap<&'static str, Seen>>> = Arc::default();
        let stop: Arc<Mutex<bool>> = Arc::default();
        let (shared, stopped) = (Arc::clone(&seen), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            while !*stopped.lock().unwrap() {
                for place in &places {
                    let Some(now) = (place.look)() else { continue };
                    shared.lock().unwrap().entry(place.name).or_default().look(place.name, now);
                }
                std::thread::sleep(Duration::from_millis(150));
            }
        });
        Self { seen, stop, thread: Some(thread) }
    }

    pub(super) fn complaints(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        seen.values().flat_map(|seen| seen.complaints.clone()).collect()
    }

    /// Number of snapshots that were added to a destination since then.
    pub(super) fn came_since(&self, name: &str, since: f64) -> usize {
        let seen = self.seen.lock().unwrap();
        seen.get(name).map_or(0, |seen| seen.ever.values().filter(|at| **at >= since).count())
    }

    pub(super) fn ids(&self, name: &str) -> BTreeSet<u64> {
        self.seen.lock().unwrap().get(name).map(|seen| seen.now.clone()).unwrap_or_default()
    }

    pub(super) fn slack(&self, name: &'static str, slack: usize) {
        self.seen.lock().unwrap().entry(name).or_default().slack = slack;
    }

    /// These cannot be removed from a destination for now.
    pub(super) fn force(&self, name: &'static str, ids: BTreeSet<u64>) {
        self.seen.lock().unwrap().entry(name).or_default().kept_by_force = ids;
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        *self.stop.lock().unwrap() = true;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Seen {
    fn look(&mut self, name: &str, now: BTreeSet<u64>) {
        for gone in self.now.difference(&now) {
            let newer = now.range(gone + 1..).count();
            if newer < RETAIN {
                self.complaints
                    .push(format!("{name}: {gone} went with {newer} newer ones left: {now:?}"));
            }
        }
        let free = now.difference(&self.kept_by_force).count();
        if free > RETAIN + 2 + self.slack {
            self.complaints.push(format!("{name}: {free} are there: {now:?}"));
        }
        let at = super::process::now();
        for id in &now {
            self.ever.entry(*id).or_insert(at);
        }
        self.now = now;
    }
}

/// The content of a store, without any gateway.
pub(super) fn looks_at(store: &Arc<StoreServer>, prefix: &str) -> Look {
    let (store, prefix) = (Arc::clone(store), prefix.to_owned());
    Arc::new(move || {
        let mut command = bare();
        command.envs(store.variables());
        let listed = ran(command, ["snapshots", &store.url(&prefix), "-o", "json"]);
        let rows = listed.json();
        let id = |row: &Value| row["id"].as_str().unwrap().parse().unwrap();
        Some(rows.as_array().unwrap().iter().map(id).collect())
    })
}

pub(super) fn looks_in(folder: PathBuf) -> Look {
    Arc::new(move || {
        let entries: Vec<_> = std::fs::read_dir(&folder).ok()?.collect();
        // A file that vanished while it was read was moved away.
        let is_there = folder.is_dir();
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            let name = entry.ok()?.file_name().into_string().ok()?;
            name.strip_prefix("consul-")?.strip_suffix(".snap")?.parse().ok()
        };
        is_there.then(|| entries.into_iter().filter_map(name).collect())
    })
}
