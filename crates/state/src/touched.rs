//! The keys that log entries may touch: only those are held in memory.

use crate::document::{Doc, lower, text};
use crate::table::Table;
use crate::tables::Tables;
use snapscope_decode::ServerVersion;
use snapscope_decode::records::KvRef;
use snapscope_raftlog::{Assembled, Chunks, Command, Entry};
use std::collections::BTreeSet;

/// The names in a log's entries, collected in a first pass.
#[derive(Debug, Default)]
pub struct Touched {
    keys: BTreeSet<Vec<u8>>,
    prefixes: BTreeSet<Vec<u8>>,
    prefix_sizes: BTreeSet<usize>,
    sessions: BTreeSet<Vec<u8>>,
    nodes: BTreeSet<Vec<u8>>,
    reaped_to: u64,
    version: Option<ServerVersion>,
    chunks: Chunks,
}

impl Touched {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next entry of the log.
    pub fn see(&mut self, entry: &Entry<'_>) {
        let Assembled::Whole(data) = self.chunks.take(entry) else { return };
        let Some(command) = Command::read(&data) else { return };
        let Ok(request) = Doc::read(command.request) else { return };
        match command.kind.0 {
            0 => self.registration(&request),
            1 => self.node(request.text("Node")),
            2 => {
                if let Ok(entry) = request.doc("DirEnt") {
                    self.key(request.text("Op"), entry.text("Key"));
                }
            }
            3 => {
                if let Ok(session) = request.doc("Session") {
                    self.sessions.insert(lower(session.text("ID")));
                }
            }
            5 => self.reaped_to = self.reaped_to.max(request.uint("ReapIndex")),
            8 => request.items("Ops").into_iter().for_each(|operation| self.operation(operation)),
            _ => {}
        }
    }

    fn registration(&mut self, request: &Doc<'_>) {
        self.node(request.text("Node"));
        // A renamed node keeps its sessions.
        self.node(request.text("ID"));
        if let Ok(service) = request.doc("Service")
            && let Some(version) = version_of(&service)
        {
            self.version = self.version.max(Some(version));
        }
    }

    fn operation(&mut self, operation: &[u8]) {
        let Ok(operation) = Doc::read(operation) else { return };
        if let Ok(kv) = operation.doc("KV")
            && let Ok(entry) = kv.doc("DirEnt")
        {
            self.key(kv.text("Verb"), entry.text("Key"));
        }
        for (part, inner) in [("Node", "Node"), ("Check", "Check"), ("Service", "")] {
            let Ok(part) = operation.doc(part) else { continue };
            if inner.is_empty() {
                self.node(part.text("Node"));
            } else if let Ok(inner) = part.doc(inner) {
                self.node(inner.text("Node"));
                self.node(inner.text("ID"));
            }
        }
    }

    fn key(&mut self, op: &[u8], key: &[u8]) {
        if op == b"delete-tree" {
            self.prefix_sizes.insert(key.len());
            self.prefixes.insert(key.to_vec());
        } else {
            self.keys.insert(key.to_vec());
        }
    }

    fn node(&mut self, name: &[u8]) {
        if !name.is_empty() {
            self.nodes.insert(lower(name));
        }
    }

    /// The version of the servers, from registrations in the log.
    #[must_use]
    pub const fn version(&self) -> Option<ServerVersion> {
        self.version
    }

    /// Whether a key's record must be held. If its session is not known by then, it is.
    pub(crate) fn covers_key(&self, entry: &KvRef<'_>, tables: &Tables) -> bool {
        let key = entry.key.0;
        if self.keys.contains(key) || self.is_below(key) {
            return true;
        }
        let session = lower(entry.session.0);
        !session.is_empty() && self.covers_session(&session, tables)
    }

    fn is_below(&self, key: &[u8]) -> bool {
        let prefixes = self.prefix_sizes.iter().map_while(|size| key.get(..*size));
        prefixes.into_iter().any(|prefix| self.prefixes.contains(prefix))
    }

    fn covers_session(&self, session: &[u8], tables: &Tables) -> bool {
        if self.sessions.contains(session) {
            return true;
        }
        let Some(body) = tables.get(Table::Sessions, &crate::table::key_of(&[session])) else {
            return true;
        };
        let Ok(session) = Doc::read(&body) else { return true };
        let node = lower(session.text("Node"));
        if self.nodes.contains(&node) {
            return true;
        }
        // The entries may rename it by its ID.
        let node = tables.get(Table::Nodes, &crate::table::node_key(b"", &node));
        node.is_none_or(|body| {
            Doc::read(&body).is_ok_and(|node| self.nodes.contains(&lower(node.text("ID"))))
        })
    }

    /// Whether a tombstone must be held.
    pub(crate) fn covers_tombstone(&self, stone: &KvRef<'_>, tables: &Tables) -> bool {
        let key = stone.key.0;
        self.keys.contains(key)
            || self.prefixes.contains(key)
            || stone.modify_index <= self.reaped_to
            || tables.contains(Table::Kv, key)
    }
}

/// The version in a server's registration of itself.
pub(crate) fn version_of(service: &Doc<'_>) -> Option<ServerVersion> {
    if service.text("Service") != b"consul" {
        return None;
    }
    let meta = service.doc("Meta").ok()?;
    ServerVersion::parse(std::str::from_utf8(text(meta.raw("version"))).ok()?)
}
