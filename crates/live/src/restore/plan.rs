//! What a restore would change, and what speaks against it.

use super::contents::Contents;
use crate::client::ServerHealth;
use snapscope_analyze::acl::ServerVersion;
use snapscope_decode::Kind;
use std::collections::BTreeSet;
use std::fmt;

/// What a restore would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Each type of which either has records, by number.
    pub types: Vec<TypeCounts>,
    /// The Consul versions of the cluster's servers, each once.
    pub versions: Vec<String>,
    /// What should be known before one agrees.
    pub warnings: Vec<Warning>,
}

/// Records of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypeCounts {
    /// The type.
    pub kind: Kind,
    /// Those in the snapshot.
    pub snapshot: u64,
    /// Those in the cluster.
    pub cluster: u64,
}

/// What should be known before one agrees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// The servers can't read a type: they would fail with the snapshot in their hands.
    UnknownType {
        /// The type.
        kind: Kind,
        /// How many there are.
        records: u64,
        /// Since when servers know it, if that is known.
        since: Option<&'static str>,
        /// The oldest server's version.
        server: String,
    },
    /// It is of another datacenter.
    Datacenter {
        /// The snapshot's.
        snapshot: String,
        /// The cluster's.
        cluster: String,
    },
    /// It is of another cluster.
    Cluster {
        /// The snapshot's ID.
        snapshot: String,
        /// The cluster's ID.
        cluster: String,
    },
    /// Servers of another version wrote it.
    Version {
        /// Theirs.
        snapshot: String,
        /// The cluster's.
        cluster: String,
    },
    /// The token that is used is not in the snapshot.
    Token,
    /// No checksum vouches for it.
    Unverified,
    /// It has no registered server: who wrote it can't be told.
    NoOrigin,
}

impl Warning {
    /// Whether the restore would fail, or worse.
    #[must_use]
    pub const fn is_fatal(&self) -> bool {
        matches!(self, Self::UnknownType { .. })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownType { kind, records, since, server } => {
                write!(f, "{records} records of type {kind} are unknown to Consul {server}")?;
                match since {
                    Some(since) => write!(f, " (known since {since})")?,
                    None => f.write_str(" (of Enterprise, or newer than this tool)")?,
                }
                f.write_str("; its servers can't restore them: upgrade the cluster first")
            }
            Self::Datacenter { snapshot, cluster } => write!(
                f,
                "the snapshot is of datacenter {snapshot}, the cluster is {cluster}: nodes, \
                 services and tokens of the other datacenter would come"
            ),
            Self::Cluster { snapshot, cluster } => write!(
                f,
                "the snapshot is of the cluster {snapshot}, not of this one ({cluster}): the \
                 trust domain changes, and with it the identity of every service in the mesh"
            ),
            Self::Version { snapshot, cluster } => write!(
                f,
                "servers of Consul {snapshot} wrote the snapshot, the cluster runs {cluster}: \
                 Consul promises a restore for the same version only"
            ),
            Self::Token => f.write_str(
                "the token in use is not in the snapshot: if ACLs are on, the cluster won't know \
                 it afterwards; have one at hand that is, or be ready for `consul acl bootstrap`",
            ),
            Self::Unverified => f.write_str(
                "nothing in the snapshot vouches for its content: it has no checksum",
            ),
            Self::NoOrigin => f.write_str(
                "no server is registered in the snapshot, so nobody can tell which version wrote it",
            ),
        }
    }
}

impl Plan {
    /// Compares a snapshot with a cluster, of which `cluster` is a snapshot of now, and `servers`
    /// what its leader says of its servers (empty if it doesn't say).
    #[must_use]
    pub fn new(snapshot: &Contents, cluster: &Contents, servers: &[ServerHealth]) -> Self {
        let kinds: BTreeSet<Kind> =
            snapshot.records.keys().chain(cluster.records.keys()).copied().collect();
        let count = |contents: &Contents, kind| contents.records.get(&kind).copied().unwrap_or(0);
        let types = kinds.into_iter().map(|kind| TypeCounts {
            kind,
            snapshot: count(snapshot, kind),
            cluster: count(cluster, kind),
        });
        let versions: BTreeSet<String> = if servers.is_empty() {
            cluster.origin.servers.values().cloned().collect()
        } else {
            servers.iter().map(|server| server.version.clone()).collect()
        };
        let versions: Vec<String> = versions.into_iter().filter(|v| !v.is_empty()).collect();
        let warnings = warnings(snapshot, cluster, &versions);
        Self { types: types.collect(), versions, warnings }
    }

    /// What makes the restore fail for sure.
    pub fn obstacles(&self) -> impl Iterator<Item = &Warning> {
        self.warnings.iter().filter(|warning| warning.is_fatal())
    }
}

fn warnings(snapshot: &Contents, cluster: &Contents, versions: &[String]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let oldest = versions
        .iter()
        .filter_map(|text| Some((ServerVersion::parse(text)?, text)))
        .min_by_key(|(version, _)| *version);
    if let Some((version, text)) = oldest {
        for (kind, records) in &snapshot.records {
            if !is_known(*kind, version, text) {
                let since = kind.info().and_then(|info| info.since);
                let server = text.clone();
                warnings.push(Warning::UnknownType {
                    kind: *kind,
                    records: *records,
                    since,
                    server,
                });
            }
        }
    }
    if !snapshot.verified {
        warnings.push(Warning::Unverified);
    }
    let (from, to) = (&snapshot.origin, &cluster.origin);
    if let (Some(snapshot), Some(cluster)) = (&from.datacenter, &to.datacenter)
        && snapshot != cluster
    {
        let (snapshot, cluster) = (snapshot.clone(), cluster.clone());
        warnings.push(Warning::Datacenter { snapshot, cluster });
    }
    if let (Some(snapshot), Some(cluster)) = (&from.cluster_id, &to.cluster_id)
        && snapshot != cluster
    {
        let (snapshot, cluster) = (snapshot.clone(), cluster.clone());
        warnings.push(Warning::Cluster { snapshot, cluster });
    }
    let wrote: BTreeSet<&String> = from.servers.values().collect();
    if wrote.is_empty() {
        warnings.push(Warning::NoOrigin);
    } else if !versions.is_empty() && wrote != versions.iter().collect() {
        let wrote: Vec<&str> = wrote.into_iter().map(String::as_str).collect();
        let (snapshot, cluster) = (wrote.join(", "), versions.join(", "));
        warnings.push(Warning::Version { snapshot, cluster });
    }
    if snapshot.has_token == Some(false) {
        warnings.push(Warning::Token);
    }
    warnings
}

/// Whether servers of a version can read a type.
fn is_known(kind: Kind, version: ServerVersion, text: &str) -> bool {
    // Servers skip what is marked so when they don't know it.
    if kind.0 & Kind::IGNORABLE != 0 {
        return true;
    }
    if kind.0 >= Kind::FIRST_ENTERPRISE {
        return text.contains("ent");
    }
    // One without a version is never written into a snapshot, and no server expects it there.
    let since = kind.info().and_then(|info| ServerVersion::parse(info.since?));
    since.is_some_and(|since| since <= version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapscope_analyze::OriginFacts;

    fn contents(version: &str, records: &[(Kind, u64)]) -> Contents {
        Contents {
            id: "2-7-1".into(),
            index: 7,
            taken_ms: Some(1),
            verified: true,
            records: records.iter().copied().collect(),
            origin: OriginFacts {
                datacenter: Some("dc1".into()),
                servers: [("a".to_owned(), version.to_owned())].into(),
                cluster_id: Some("id".into()),
            },
            has_token: Some(true),
        }
    }

    #[test]
    fn the_same_cluster_gives_no_warning() {
        let snapshot = contents("1.8.7", &[(Kind::KVS, 3)]);
        let cluster = contents("1.8.7", &[(Kind::KVS, 1), (Kind::SESSION, 2)]);
        let plan = Plan::new(&snapshot, &cluster, &[]);
        assert_eq!(plan.warnings, []);
        let counts = |kind, snapshot, cluster| TypeCounts { kind, snapshot, cluster };
        assert_eq!(plan.types, [counts(Kind::KVS, 3, 1), counts(Kind::SESSION, 0, 2)]);
    }

    #[test]
    fn types_newer_than_the_oldest_server_are_obstacles() {
        let snapshot = contents("1.21.4", &[(Kind::KVS, 1), (Kind::PEERING, 2), (Kind(66), 1)]);
        let old = contents("1.8.7", &[]);
        let plan = Plan::new(&snapshot, &old, &[]);
        let kinds: Vec<_> = plan.obstacles().map(ToString::to_string).collect();
        assert!(kinds[0].contains("2 records of type Peering") && kinds[0].contains("since 1.13"));
        assert!(kinds[1].contains("Unknown(66)") && kinds[1].contains("Enterprise"));
        assert_eq!(kinds.len(), 2);
        let new = contents("1.21.4", &[]);
        assert_eq!(Plan::new(&snapshot, &new, &[]).obstacles().count(), 1);
        let enterprise = contents("1.21.4+ent", &[]);
        assert_eq!(Plan::new(&snapshot, &enterprise, &[]).obstacles().count(), 0);
        let ignorable = contents("1.8.7", &[(Kind(0x80 | 50), 1)]);
        assert_eq!(Plan::new(&ignorable, &old, &[]).obstacles().count(), 0);
    }

    #[test]
    fn what_differs_is_said() {
        let mut snapshot = contents("1.9.0", &[]);
        snapshot.origin.datacenter = Some("dc2".into());
        snapshot.origin.cluster_id = Some("other".into());
        snapshot.has_token = Some(false);
        snapshot.verified = false;
        let plan = Plan::new(&snapshot, &contents("1.8.7", &[]), &[]);
        let said: Vec<String> = plan.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 5, "{said:?}");
        for part in ["no checksum", "dc2", "other", "1.9.0", "token in use"] {
            assert!(said.iter().any(|line| line.contains(part)), "{part}: {said:?}");
        }
        assert_eq!(plan.obstacles().count(), 0);
    }
}
