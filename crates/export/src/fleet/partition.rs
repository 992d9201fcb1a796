//! Folders and names of a fleet's files. No other module knows them.
//!
//! Names come from snapshots, so they may be hostile. They are encoded as in URLs, and readers of
//! Hive partitions decode them.

use super::error::FleetError;
use crate::columnar::About;
use crate::file_name::encoded;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// What files are partitioned by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartitionBy {
    /// The cluster's ID.
    Cluster,
    /// The day on which the snapshot was taken, in UTC.
    Date,
}

/// All of them, with their names.
const ALL: [(PartitionBy, &str); 2] =
    [(PartitionBy::Cluster, "cluster"), (PartitionBy::Date, "date")];

/// The folder of snapshots of a cluster without an ID: Hive's name for null, which all readers
/// accept.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";
/// The date of snapshots without a time.
pub(super) const UNKNOWN: &str = "unknown";
/// The start of the names of compacted files.
pub(super) const COMPACTED: &str = "compacted-";
/// The name of files without rows, which show the schema of a kind without objects.
pub(super) const SCHEMA: &str = "schema";

impl PartitionBy {
    /// Returns the key with this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        ALL.iter().find(|(_, known)| *known == name).map(|(by, _)| *by)
    }

    /// Returns its name, which is also the key in folder names.
    #[must_use]
    pub fn name(self) -> &'static str {
        ALL.iter().find(|(by, _)| *by == self).map_or("", |(_, name)| name)
    }

    /// The names of all.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ALL.iter().map(|(_, name)| *name)
    }

    fn value(self, about: &About) -> String {
        match self {
            Self::Cluster => {
                about.cluster.as_ref().map_or_else(|| NULL.to_owned(), |id| component(id))
            }
            Self::Date => date(about.taken_ms),
        }
    }
}

/// The day of a time in milliseconds since 1970.
pub(super) fn date(taken_ms: Option<i64>) -> String {
    let day = |ms| Timestamp::from_millisecond(ms).ok();
    let day = taken_ms.and_then(day).map(|time| TimeZone::UTC.to_datetime(time).date().to_string());
    day.unwrap_or_else(|| UNKNOWN.to_owned())
}

/// The path of a snapshot's files below the folder of a kind, without the suffix.
pub(super) fn place(by: &[PartitionBy], about: &About, stem: &str) -> String {
    let mut path = String::new();
    for by in by {
        path.push_str(&format!("{}={}/", by.name(), by.value(about)));
    }
    path.push_str(stem);
    path
}

/// A name as a component of a path. Readers skip names that start with `_` or a dot, and some names
/// are those of our own files.
pub(super) fn component(name: &str) -> String {
    let text = encoded(name.as_bytes());
    let is_reserved = text.starts_with('_') || text.starts_with(COMPACTED) || text == SCHEMA;
    match name.as_bytes().first() {
        Some(first) if is_reserved => format!("%{first:02X}{}", text.get(1..).unwrap_or("")),
        _ => text,
    }
}

/// Refuses a path in a manifest that leads outside of the export.
pub(super) fn checked(path: &str) -> Result<&str, FleetError> {
    let is_plain = |part: &str| !part.is_empty() && !part.starts_with('.');
    if path.split('/').all(is_plain) && !path.contains(['\\', ':', '\0']) {
        return Ok(path);
    }
    Err(FleetError::Manifest { path: path.to_owned(), why: "not a path of an export".to_owned() })
}

/// The folder of a file.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(cluster: Option<&str>, taken_ms: Option<i64>) -> About {
        About { cluster: cluster.map(str::to_owned), taken_ms, ..About::default() }
    }

    #[test]
    fn hostile_names_stay_in_their_folder() {
        let both = [PartitionBy::Cluster, PartitionBy::Date];
        let of = |cluster, taken, id| place(&both, &about(cluster, taken), &component(id));
        assert_eq!(
            of(Some("5f2c"), Some(1_795_462_039_661), "2-9-1795462039661"),
            "cluster=5f2c/date=2026-11-23/2-9-1795462039661"
        );
        assert_eq!(of(None, None, "_x"), "cluster=__HIVE_DEFAULT_PARTITION__/date=unknown/%5Fx");
        for hostile in
            ["../../etc", "a/b", "a\\b", "a=b/c", "", ".", "..", NULL, "a\0b", "é", "C:x"]
        {
            let path = of(Some(hostile), Some(i64::MAX), hostile);
            assert_eq!(path.matches('/').count(), 2, "{path}");
            assert!(path.is_ascii() && !path.contains(['\\', '\0', ':']), "{path}");
            assert!(!path.contains("/.") && !path.contains("=.") && !path.contains("=_"), "{path}");
        }
        assert_eq!(component("compacted-1"), "%63ompacted-1");
        assert_eq!(component("schema"), "%73chema");
    }

    #[test]
    fn paths_of_a_manifest_lead_nowhere_else() {
        assert!(checked("kv/cluster=a%2Fb/date=2026-11-23/2-9-1.parquet").is_ok());
        for hostile in ["../x", "/etc/passwd", "kv//x", "kv/../x", "", "kv/.x", "kv\\..\\x", "C:/x"]
        {
            assert!(checked(hostile).is_err(), "{hostile}");
        }
    }
}
