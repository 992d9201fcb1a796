//! The manifest: a file about the whole export, and one for each day with its snapshots.

use super::error::FleetError;
use super::place::{OWN, Place};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The version of the manifest's format.
const VERSION: u32 = 1;

/// Options that are the same for all snapshots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) version: u32,
    pub(super) format: String,
    /// The version of the files' columns.
    pub(super) schema_version: String,
    pub(super) partition: Vec<String>,
    /// The exported kinds; null for all.
    pub(super) types: Option<Vec<String>>,
    pub(super) prefix: Option<String>,
    pub(super) filter: Option<String>,
    /// Whether the files contain secrets and values of keys.
    pub(super) secrets: bool,
}

/// The file about the whole export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct About {
    #[serde(flatten)]
    pub(super) head: Head,
    /// The kinds that have files.
    pub(super) kinds: BTreeSet<String>,
}

/// The snapshots of a day.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Day {
    version: u32,
    pub(super) date: String,
    pub(super) snapshots: Vec<Entry>,
    /// Files with the rows of several snapshots.
    pub(super) compacted: Vec<Compacted>,
}

/// A snapshot.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Its ID; null for a bare `state.bin`.
    pub(super) snapshot: Option<String>,
    /// A hash of its `meta.json`. Copies of a snapshot have the same.
    pub(super) identity: String,
    /// The file that was read.
    pub(super) source: String,
    pub(super) cluster: Option<String>,
    pub(super) datacenter: Option<String>,
    pub(super) taken: Option<String>,
    pub(super) raft_index: Option<u64>,
    /// The path of its files below the folder of a kind, without the ending.
    pub(super) name: String,
    /// Its problems; empty if it is intact.
    pub(super) problems: Vec<String>,
    /// The kinds with objects in it.
    pub(super) kinds: BTreeMap<String, Rows>,
}

/// The rows of a snapshot in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Rows {
    pub(super) rows: u64,
    /// The size of the file; missing if it was compacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) bytes: Option<u64>,
    pub(super) file: String,
}

/// A file with the rows of several snapshots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Compacted {
    pub(super) kind: String,
    pub(super) cluster: Option<String>,
    pub(super) file: String,
    pub(super) rows: u64,
    pub(super) bytes: u64,
}

impl Entry {
    pub(super) fn rows(&self) -> u64 {
        self.kinds.values().map(|rows| rows.rows).sum()
    }

    pub(super) fn is_compacted(&self) -> bool {
        self.kinds.values().any(|rows| rows.bytes.is_none())
    }
}

/// The path of the file about the whole export.
pub(super) fn head_path() -> String {
    format!("{OWN}/manifest.json")
}

const DAYS: &str = "snapshots";

fn day_path(date: &str) -> String {
    format!("{OWN}/{DAYS}/{date}.json")
}

/// Reads a file of the manifest, if it exists.
pub(super) fn load<T: DeserializeOwned>(
    place: &dyn Place,
    path: &str,
) -> Result<Option<T>, FleetError> {
    let content = place.read(path).map_err(FleetError::io(place))?;
    let broken = |e: serde_json::Error| FleetError::Manifest {
        path: format!("{}/{path}", place.name()),
        why: e.to_string(),
    };
    content.map(|content| serde_json::from_slice(&content).map_err(broken)).transpose()
}

/// Writes a file of the manifest.
pub(super) fn save(
    place: &dyn Place,
    path: &str,
    content: &impl Serialize,
) -> Result<(), FleetError> {
    let mut text =
        serde_json::to_vec(content).map_err(|e| FleetError::io(place)(std::io::Error::other(e)))?;
    text.push(b'\n');
    place.write(path, &text).map_err(FleetError::io(place))
}

impl Head {
    pub(super) const fn version() -> u32 {
        VERSION
    }

    /// Refuses the manifest of another version.
    pub(super) fn check(&self, place: &dyn Place) -> Result<(), FleetError> {
        if self.version == VERSION && self.schema_version == crate::columnar::VERSION {
            return Ok(());
        }
        let why = format!(
            "manifest version {}, schema version {:?}; this snapscope writes {VERSION} and {:?}",
            self.version,
            self.schema_version,
            crate::columnar::VERSION
        );
        Err(FleetError::Manifest { path: format!("{}/{}", place.name(), head_path()), why })
    }
}

impl Day {
    /// Loads the snapshots of a day.
    pub(super) fn load(place: &dyn Place, date: &str) -> Result<Self, FleetError> {
        let path = day_path(date);
        let day: Option<Self> = load(place, &path)?;
        let day = day.unwrap_or_else(|| Self {
            version: VERSION,
            date: date.to_owned(),
            ..Self::default()
        });
        if day.version != VERSION {
            let why =
                format!("its version is {}; this snapscope knows version {VERSION}", day.version);
            return Err(FleetError::Manifest { path: format!("{}/{path}", place.name()), why });
        }
        Ok(day)
    }

    /// Writes it sorted, so that it does not depend on which thread was faster.
    pub(super) fn save(&mut self, place: &dyn Place) -> Result<(), FleetError> {
        self.snapshots.sort_by(|a, b| (&a.name, &a.identity).cmp(&(&b.name, &b.identity)));
        self.compacted.sort_by(|a, b| a.file.cmp(&b.file));
        save(place, &day_path(&self.date), self)
    }

    /// Records that a file replaces others.
    pub(super) fn replace(&mut self, new: &Compacted, old: &[String]) {
        for entry in &mut self.snapshots {
            if let Some(rows) = entry.kinds.get_mut(&new.kind)
                && old.contains(&rows.file)
            {
                (rows.bytes, rows.file) = (None, new.file.clone());
            }
        }
        self.compacted.retain(|known| !old.contains(&known.file));
        self.compacted.push(new.clone());
    }

    /// The days with snapshots.
    pub(super) fn all(place: &dyn Place) -> Result<Vec<String>, FleetError> {
        let names = place.list(&format!("{OWN}/{DAYS}")).map_err(FleetError::io(place))?;
        let dates = names.iter().filter_map(|name| name.strip_suffix(".json"));
        let is_plain = |date: &&str| date.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        Ok(dates.filter(is_plain).map(str::to_owned).collect())
    }
}
