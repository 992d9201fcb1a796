//! How the cluster is run: sizes, locks, sessions, servers.

use super::finding::{Finding, Findings};
use super::rules::{
    OPS001, OPS002, OPS003, OPS004, OPS005, OPS006, OPS007, OPS008, OPS009, OPS010, OPS011, OPS012,
    OPS013, OPS014, OPS015,
};
use super::subject::Subject;
use super::vulnerabilities;
use crate::about::InFlight;
use crate::acl::ServerVersion;
use crate::api::keys::{NewerCheck, newer_check};
use crate::obstacles::{ObstacleReport, Server};
use snapscope_archive::Meta;
use snapscope_decode::FieldError;
use snapscope_decode::records::{
    AutopilotRef, ChunkingStateRef, KvRef, NodeServiceRef, RegisterRef, SessionRef,
};
use snapscope_objects::kind::KindId;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The default of `kv_max_value_size`.
const LARGEST_VALUE: usize = 512 * 1024;
/// Consul's documents call ten thousand keys fine and millions trouble.
const MANY_KEYS: u64 = 100_000;
/// Tombstones live for a quarter of an hour.
const MANY_TOMBSTONES: u64 = 10_000;

/// Data counted and joined until the end.
#[derive(Debug, Default)]
pub(super) struct OpsRules {
    folders: HashMap<Box<[u8]>, u64>,
    /// The folder of the last key: keys are sorted, so the next one usually has the same folder.
    current: (Box<[u8]>, u64),
    tombstones: u64,
    locks: Vec<(Vec<u8>, Vec<u8>, u64, u64)>,
    sessions: BTreeSet<Vec<u8>>,
    versions: BTreeMap<String, BTreeSet<String>>,
    in_flight: Vec<InFlight>,
}

impl OpsRules {
    pub(super) fn key(&mut self, number: u64, kv: &KvRef<'_>, out: &mut Findings) {
        let key = kv.key.0;
        let end = key.iter().position(|b| *b == b'/').map_or(0, |at| at + 1);
        let folder = key.get(..end).unwrap_or(&[]);
        if *self.current.0 == *folder {
            self.current.1 += 1;
        } else {
            self.settle();
            self.current = (folder.into(), 1);
        }
        if kv.value.0.len() > LARGEST_VALUE {
            let message = format!("its value has {} bytes", kv.value.0.len());
            out.add(Finding::new(&OPS001, KindId::Kv, key, message).at(number, kv.modify_index));
        }
        let (rule, message) = match newer_check(key) {
            Some(NewerCheck::Kept(why)) => (&OPS014, format!("it has {why}")),
            Some(NewerCheck::Only1215) => (&OPS015, "it has other characters".to_owned()),
            None => return self.lock(number, kv),
        };
        out.add(Finding::new(rule, KindId::Kv, key, message).at(number, kv.modify_index));
        self.lock(number, kv);
    }

    fn lock(&mut self, number: u64, kv: &KvRef<'_>) {
        if !kv.session.is_empty() {
            let key = kv.key.0;
            self.locks.push((key.to_vec(), kv.session.0.to_vec(), number, kv.modify_index));
        }
    }

    fn settle(&mut self) {
        let (folder, count) = std::mem::take(&mut self.current);
        if count > 0 {
            *self.folders.entry(folder).or_default() += count;
        }
    }

    pub(super) const fn tombstone(&mut self) {
        self.tombstones += 1;
    }

    pub(super) fn session(&mut self, number: u64, session: &SessionRef<'_>, out: &mut Findings) {
        self.sessions.insert(session.id.0.to_vec());
        if !matches!(session.ttl.0, b"" | b"0s" | b"0") {
            return;
        }
        let checks = !session.node_checks.is_empty()
            || !session.service_checks.is_empty()
            || !session.checks.is_empty();
        let (name, node) = (session.name.lossy(), session.node.lossy());
        let (rule, message) = if checks {
            (&OPS005, format!("session {name:?} on node {node} lives until a check fails"))
        } else {
            (&OPS006, format!("session {name:?} on node {node} has neither TTL nor check"))
        };
        out.add(
            Finding::new(rule, KindId::Sessions, session.id.0, message)
                .at(number, session.modify_index),
        );
    }

    pub(super) fn has_session(&self, id: &[u8]) -> bool {
        self.sessions.contains(id)
    }

    /// An instance of a service, which may be a server.
    pub(super) fn service(
        &mut self,
        register: &RegisterRef<'_>,
        service: &NodeServiceRef<'_>,
    ) -> Result<(), FieldError> {
        if register.is_server(service)
            && let Some(version) = service.meta.get("version")?
        {
            let nodes = self.versions.entry(version.lossy().into_owned()).or_default();
            nodes.insert(register.node.lossy().into_owned());
        }
        Ok(())
    }

    pub(super) fn autopilot(number: u64, autopilot: &AutopilotRef<'_>, out: &mut Findings) {
        if !autopilot.cleanup_dead_servers {
            let message = "CleanupDeadServers is off";
            out.add(
                Finding::new(&OPS011, KindId::Autopilot, "autopilot", message)
                    .at(number, autopilot.modify_index),
            );
        }
    }

    pub(super) fn chunks(&mut self, state: &ChunkingStateRef<'_>) -> Result<(), FieldError> {
        self.in_flight.extend(InFlight::all(state)?);
        Ok(())
    }

    pub(super) fn merge(&mut self, mut other: Self) {
        other.settle();
        self.settle();
        for (folder, count) in other.folders {
            *self.folders.entry(folder).or_default() += count;
        }
        self.tombstones += other.tombstones;
        self.locks.extend(other.locks);
        self.sessions.extend(other.sessions);
        for (version, nodes) in other.versions {
            self.versions.entry(version).or_default().extend(nodes);
        }
        self.in_flight.extend(other.in_flight);
    }

    /// What servers refuse when they restore the snapshot: its own servers, and the newest ones.
    pub(super) fn obstacles(
        &self,
        snapshot: &str,
        report: &ObstacleReport,
        version: Option<ServerVersion>,
        out: &mut Findings,
    ) {
        let own: Vec<Server> = match version {
            Some(version) => Server::parse(&version.to_string()).into_iter().collect(),
            None => self.versions.keys().filter_map(|text| Server::parse(text)).collect(),
        };
        let newest = Server::parse(&Server::NEWEST_READ.to_string());
        let servers: Vec<Server> = own.into_iter().chain(newest).collect();
        for obstacle in &report.found {
            let refusing: Vec<&Server> =
                servers.iter().filter(|server| obstacle.stops(server)).collect();
            let Some(first) = refusing.first() else { continue };
            let versions: Vec<&str> = refusing.iter().map(|server| server.text.as_str()).collect();
            let message = format!(
                "{}; refused by Consul {}: {}",
                obstacle.describe(first),
                versions.join(", "),
                obstacle.cause.advice()
            );
            let id = format!("{snapshot}/{}", obstacle.cause.name());
            out.add(Finding::new(&OPS013, Subject::Snapshot, id.as_bytes(), message));
        }
    }

    pub(super) fn finish(mut self, snapshot: &str, meta: Option<&Meta>, out: &mut Findings) {
        self.settle();
        let about =
            |rule, message: String| Finding::new(rule, Subject::Snapshot, snapshot, message);
        let all: u64 = self.folders.values().sum();
        for (folder, count) in &self.folders {
            if *count >= MANY_KEYS {
                let folder = String::from_utf8_lossy(folder);
                let message = match &*folder {
                    "" => format!("{count} keys outside any folder"),
                    folder => format!("{count} keys under {folder}"),
                };
                let id: &[u8] = folder.as_bytes();
                out.add(Finding::new(&OPS002, Subject::Prefix, id, message));
            }
        }
        if self.tombstones >= MANY_TOMBSTONES && self.tombstones > all / 10 {
            out.add(about(&OPS003, format!("{} tombstones, {all} keys", self.tombstones)));
        }
        for (key, session, number, index) in self.locks {
            if !self.sessions.contains(&session) {
                let session = String::from_utf8_lossy(&session);
                let message = format!("locked by session {session}, which does not exist");
                out.add(Finding::new(&OPS004, KindId::Kv, key, message).at(number, index));
            }
        }
        if let Some(meta) = meta {
            let voters = meta.servers.iter().filter(|s| s.suffrage == 0).count();
            if voters == 1 {
                out.add(about(&OPS007, "the cluster has one voting server".to_owned()));
            } else if voters > 0 && voters % 2 == 0 {
                out.add(about(&OPS008, format!("the cluster has {voters} voting servers")));
            }
        }
        self.in_flight.sort();
        for write in self.in_flight {
            let InFlight { operation, pieces, of, bytes } = write;
            out.add(about(
                &OPS009,
                format!("write {operation}: {pieces} of {of} pieces, {bytes} bytes"),
            ));
        }
        for (version, nodes) in &self.versions {
            let known = ServerVersion::parse(version).map(vulnerabilities::of).unwrap_or_default();
            if !known.is_empty() {
                let nodes: Vec<&str> = nodes.iter().map(String::as_str).collect();
                let (nodes, known) = (nodes.join(", "), known.join(", "));
                let as_of = vulnerabilities::AS_OF;
                let message = format!("{version} ({nodes}) has {known} (known on {as_of})");
                out.add(about(&OPS012, message));
            }
        }
        if self.versions.len() > 1 {
            let versions = self.versions.iter().map(|(version, nodes)| {
                let nodes: Vec<&str> = nodes.iter().map(String::as_str).collect();
                format!("{version} ({})", nodes.join(", "))
            });
            let versions: Vec<String> = versions.collect();
            out.add(about(&OPS010, format!("servers are of {}", versions.join(" and "))));
        }
    }
}
