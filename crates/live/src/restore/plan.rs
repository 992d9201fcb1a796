//! The plan of a restore: its changes and warnings.

use super::changes::{Changes, Named, TypeChanges, is_compared};
use super::contents::Contents;
use crate::client::{AgentSelf, ServerHealth};
use snapscope_analyze::obstacles::{Obstacle, Server};
use snapscope_decode::Kind;
use std::collections::BTreeSet;
use std::fmt;

/// The changes of a restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Each record type that occurs in either, by number.
    pub types: Vec<TypeCounts>,
    /// The Consul versions of the cluster's servers, each once.
    pub versions: Vec<String>,
    /// The warnings.
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
    /// Their changes; `None` for types that cannot be compared.
    pub changes: Option<TypeChanges>,
}

impl TypeCounts {
    /// Those that are equal on both sides, apart from bookkeeping.
    #[must_use]
    pub fn equal(&self) -> Option<u64> {
        let TypeChanges { added, changed, .. } = self.changes?;
        Some(self.snapshot.saturating_sub(added).saturating_sub(changed))
    }
}

/// The warnings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// The servers refuse records: they would stop with the snapshot half read.
    Obstacle {
        /// The obstacle.
        obstacle: Obstacle,
        /// The server.
        server: Server,
    },
    /// No server reports its version, so it is unknown whether they can restore the snapshot.
    NoVersion,
    /// It is from another datacenter.
    Datacenter {
        /// The snapshot's.
        snapshot: String,
        /// The cluster's.
        cluster: String,
    },
    /// It is from another cluster.
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
    /// Nodes have other IDs in the snapshot than in the cluster.
    NodeIds(Named),
    /// Tokens that were deleted since become valid again.
    Revived(Named),
    /// The token that is used is not in the snapshot.
    Token,
    /// It has no checksum.
    Unverified,
    /// It has no registered server, so the version that wrote it is unknown.
    NoOrigin,
}

impl Warning {
    /// Whether the restore would fail, or worse.
    #[must_use]
    pub const fn is_fatal(&self) -> bool {
        matches!(self, Self::Obstacle { .. })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Obstacle { obstacle, server } => write!(
                f,
                "{}; the servers would stop during the restore: {}",
                obstacle.describe(server),
                obstacle.cause.advice()
            ),
            Self::NoVersion => f.write_str(
                "no server reports its version, so it is unknown whether the servers can restore \
                 the snapshot; use a token with agent:read or operator:read",
            ),
            Self::Datacenter { snapshot, cluster } => write!(
                f,
                "the snapshot is from datacenter {snapshot}, the cluster is {cluster}: the cluster \
                 would get nodes, services and tokens of the other datacenter"
            ),
            Self::Cluster { snapshot, cluster } => write!(
                f,
                "the snapshot is from the cluster {snapshot}, not from this one ({cluster}): the \
                 trust domain changes, and with it the identity of every service in the mesh"
            ),
            Self::Version { snapshot, cluster } => write!(
                f,
                "servers of Consul {snapshot} wrote the snapshot, the cluster runs {cluster}: \
                 Consul supports restoring only into the same version"
            ),
            Self::NodeIds(nodes) => write!(
                f,
                "{} a different ID in the snapshot than in the cluster ({nodes}): the servers will \
                 refuse registrations of their agents until the old entry of each is deregistered \
                 (GH-4741)",
                match nodes.count {
                    1 => "1 node has".to_owned(),
                    n => format!("{n} nodes have"),
                }
            ),
            Self::Revived(tokens) => write!(
                f,
                "{} in the snapshot, but no longer in the cluster, will be valid again; delete \
                 those that were deleted on purpose: {tokens}",
                match tokens.count {
                    1 => "1 token that is".to_owned(),
                    n => format!("{n} tokens that are"),
                }
            ),
            Self::Token => f.write_str(
                "the token in use is not in the snapshot: if ACLs are enabled, the cluster will \
                 not know it afterwards; have a token from the snapshot ready, or prepare for \
                 `consul acl bootstrap`",
            ),
            Self::Unverified => {
                f.write_str("the snapshot has no checksum, so its content cannot be verified")
            }
            Self::NoOrigin => f.write_str(
                "no server is registered in the snapshot, so it is unknown which version wrote it",
            ),
        }
    }
}

impl Plan {
    /// Compares a snapshot with a cluster. `cluster` is a current snapshot of the cluster,
    /// `servers` the leader's list of servers (empty if unavailable), `agent` the agent's own
    /// description, and `changes` the differences between the two.
    #[must_use]
    pub fn new(
        snapshot: &Contents,
        cluster: &Contents,
        servers: &[ServerHealth],
        agent: Option<&AgentSelf>,
        changes: &Changes,
    ) -> Self {
        let kinds = types_of(snapshot, cluster);
        let count = |contents: &Contents, kind| contents.records.get(&kind).copied().unwrap_or(0);
        let types = kinds.into_iter().map(|kind| TypeCounts {
            kind,
            snapshot: count(snapshot, kind),
            cluster: count(cluster, kind),
            changes: is_compared(kind)
                .then(|| changes.types.get(&kind).copied().unwrap_or_default()),
        });
        let said = |version: &&String| !version.is_empty();
        let mut versions: BTreeSet<String> =
            servers.iter().map(|server| &server.version).filter(said).cloned().collect();
        if versions.is_empty() {
            versions = cluster.origin.servers.values().filter(said).cloned().collect();
        }
        // Servers before 1.7 do not register theirs.
        if versions.is_empty() {
            versions = agent.map(|agent| agent.config.version.clone()).into_iter().collect();
        }
        let versions: Vec<String> = versions.into_iter().collect();
        let mut warnings = warnings(snapshot, cluster, &versions);
        if changes.other_ids.count > 0 {
            warnings.push(Warning::NodeIds(changes.other_ids.clone()));
        }
        if changes.revived.count > 0 {
            warnings.push(Warning::Revived(changes.revived.clone()));
        }
        Self { types: types.collect(), versions, warnings }
    }

    /// Returns the obstacles that certainly make the restore fail.
    pub fn obstacles(&self) -> impl Iterator<Item = &Warning> {
        self.warnings.iter().filter(|warning| warning.is_fatal())
    }
}

/// The record types that occur in either.
#[must_use]
pub fn types_of(snapshot: &Contents, cluster: &Contents) -> BTreeSet<Kind> {
    snapshot.records.keys().chain(cluster.records.keys()).copied().collect()
}

fn warnings(snapshot: &Contents, cluster: &Contents, versions: &[String]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let servers: Vec<Server> = versions.iter().filter_map(|text| Server::parse(text)).collect();
    if servers.is_empty() {
        warnings.push(Warning::NoVersion);
    }
    for obstacle in &snapshot.obstacles.found {
        // If several servers refuse it, one is named.
        if let Some(server) = servers.iter().find(|server| obstacle.stops(server)) {
            let (obstacle, server) = (obstacle.clone(), server.clone());
            warnings.push(Warning::Obstacle { obstacle, server });
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

#[cfg(test)]
mod tests {
    use super::*;
    use snapscope_analyze::OriginFacts;
    use snapscope_analyze::obstacles::{Cause, ObstacleReport};

    fn known(kind: Kind, records: u64) -> Obstacle {
        Obstacle { cause: Cause::RecordType(kind), records, examples: Vec::new() }
    }

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
            obstacles: ObstacleReport {
                found: records.iter().map(|(kind, records)| known(*kind, *records)).collect(),
            },
            has_token: Some(true),
        }
    }

    #[test]
    fn the_same_cluster_gives_no_warning() {
        let snapshot = contents("1.8.7", &[(Kind::KVS, 3)]);
        let cluster = contents("1.8.7", &[(Kind::KVS, 1), (Kind::SESSION, 2)]);
        let plan = Plan::new(&snapshot, &cluster, &[], None, &Changes::default());
        assert_eq!(plan.warnings, []);
        let counts = |kind, snapshot, cluster| TypeCounts {
            kind,
            snapshot,
            cluster,
            changes: Some(TypeChanges::default()),
        };
        assert_eq!(plan.types, [counts(Kind::KVS, 3, 1), counts(Kind::SESSION, 0, 2)]);
    }

    #[test]
    fn types_newer_than_the_oldest_server_are_obstacles() {
        let snapshot = contents("1.21.4", &[(Kind::KVS, 1), (Kind::PEERING, 2), (Kind(66), 1)]);
        let old = contents("1.8.7", &[]);
        let plan = Plan::new(&snapshot, &old, &[], None, &Changes::default());
        let kinds: Vec<_> = plan.obstacles().map(ToString::to_string).collect();
        assert!(
            kinds[0].contains("2 records of type Peering") && kinds[0].contains("1.13 and later")
        );
        assert!(kinds[1].contains("Unknown(66)") && kinds[1].contains("Enterprise"));
        assert_eq!(kinds.len(), 2);
        let new = contents("1.21.4", &[]);
        assert_eq!(
            Plan::new(&snapshot, &new, &[], None, &Changes::default()).obstacles().count(),
            1
        );
        let enterprise = contents("1.21.4+ent", &[]);
        assert_eq!(
            Plan::new(&snapshot, &enterprise, &[], None, &Changes::default()).obstacles().count(),
            0
        );
        // The flag that lets servers skip log entries has no meaning in a snapshot.
        let ignorable = contents("1.8.7", &[(Kind(0x80 | 50), 1)]);
        assert_eq!(
            Plan::new(&ignorable, &old, &[], None, &Changes::default()).obstacles().count(),
            1
        );
    }

    #[test]
    fn what_differs_is_said() {
        let mut snapshot = contents("1.9.0", &[]);
        snapshot.origin.datacenter = Some("dc2".into());
        snapshot.origin.cluster_id = Some("other".into());
        snapshot.has_token = Some(false);
        snapshot.verified = false;
        let plan = Plan::new(&snapshot, &contents("1.8.7", &[]), &[], None, &Changes::default());
        let said: Vec<String> = plan.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 5, "{said:?}");
        for part in ["no checksum", "dc2", "other", "1.9.0", "token in use"] {
            assert!(said.iter().any(|line| line.contains(part)), "{part}: {said:?}");
        }
        assert_eq!(plan.obstacles().count(), 0);
    }
}
