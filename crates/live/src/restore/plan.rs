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
    /// What makes the restore fail.
    pub obstacles: Vec<Refusal>,
    /// The warnings.
    pub warnings: Vec<Warning>,
}

/// Records that a server refuses: it would stop with the snapshot half read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The obstacle.
    pub obstacle: Obstacle,
    /// The server.
    pub server: Server,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { obstacle, server } = self;
        let (what, advice) = (obstacle.describe(server), obstacle.cause.advice());
        write!(f, "{what}; the servers would stop during the restore: {advice}")
    }
}

/// Objects in records of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypeCounts {
    /// The type.
    pub kind: Kind,
    /// Those in the snapshot: added, changed or equal.
    pub snapshot: u64,
    /// Those in the cluster: removed, changed or equal.
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
    /// Tokens that the cluster does not have become valid.
    Revived {
        /// The tokens.
        tokens: Named,
        /// Whether they were deleted since: the snapshot is known to be from the same cluster.
        again: bool,
    },
    /// The caller's token is not in the snapshot.
    Token,
    /// It has no checksum.
    Unverified,
    /// It has no registered server, so the version that wrote it is unknown.
    NoOrigin,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
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
            Self::Revived { tokens, again: true } => write!(
                f,
                "{} in the snapshot, but no longer in the cluster, will be valid again; delete \
                 those that were deleted on purpose{}",
                match tokens.count {
                    1 => "1 token that is".to_owned(),
                    n => format!("{n} tokens that are"),
                },
                by_accessor(tokens)
            ),
            Self::Revived { tokens, again: false } => write!(
                f,
                "{} of the snapshot that the cluster does not have will be valid in it; delete \
                 those that nobody should use{}",
                match tokens.count {
                    1 => "1 token".to_owned(),
                    n => format!("{n} tokens"),
                },
                by_accessor(tokens)
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

/// Names tokens; those of servers before 1.4 have no name but their secret.
fn by_accessor(tokens: &Named) -> String {
    match tokens.first.len() {
        0 if tokens.count == 1 => " (it has no accessor)".to_owned(),
        0 => " (none of them has an accessor)".to_owned(),
        _ => format!(": {tokens}"),
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
        let count = |contents: &Contents, kind| contents.objects.get(&kind).copied().unwrap_or(0);
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
            let ids = [snapshot, cluster].map(|side| side.origin.cluster_id.as_ref());
            let again = ids[0].is_some() && ids[0] == ids[1];
            warnings.push(Warning::Revived { tokens: changes.revived.clone(), again });
        }
        let obstacles = obstacles(snapshot, &versions);
        Self { types: types.collect(), versions, obstacles, warnings }
    }
}

/// The record types that occur in either.
#[must_use]
pub fn types_of(snapshot: &Contents, cluster: &Contents) -> BTreeSet<Kind> {
    snapshot.objects.keys().chain(cluster.objects.keys()).copied().collect()
}

fn servers(versions: &[String]) -> Vec<Server> {
    versions.iter().filter_map(|text| Server::parse(text)).collect()
}

/// What the servers refuse. If several refuse it, one is named.
fn obstacles(snapshot: &Contents, versions: &[String]) -> Vec<Refusal> {
    let servers = servers(versions);
    let refusal = |obstacle: &Obstacle| {
        let server = servers.iter().find(|server| obstacle.stops(server))?.clone();
        Some(Refusal { obstacle: obstacle.clone(), server })
    };
    snapshot.obstacles.found.iter().filter_map(refusal).collect()
}

fn warnings(snapshot: &Contents, cluster: &Contents, versions: &[String]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if servers(versions).is_empty() {
        warnings.push(Warning::NoVersion);
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
            objects: records.iter().copied().collect(),
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
        let kinds: Vec<_> = plan.obstacles.iter().map(ToString::to_string).collect();
        assert!(
            kinds[0].contains("2 records of type Peering") && kinds[0].contains("1.13 and later")
        );
        assert!(kinds[1].contains("Unknown(66)") && kinds[1].contains("Enterprise"));
        assert_eq!(kinds.len(), 2);
        let new = contents("1.21.4", &[]);
        assert_eq!(Plan::new(&snapshot, &new, &[], None, &Changes::default()).obstacles.len(), 1);
        let enterprise = contents("1.21.4+ent", &[]);
        assert_eq!(
            Plan::new(&snapshot, &enterprise, &[], None, &Changes::default()).obstacles.len(),
            0
        );
        // The flag that lets servers skip log entries has no meaning in a snapshot.
        let ignorable = contents("1.8.7", &[(Kind(0x80 | 50), 1)]);
        assert_eq!(Plan::new(&ignorable, &old, &[], None, &Changes::default()).obstacles.len(), 1);
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
        assert_eq!(plan.obstacles.len(), 0);
    }
}
