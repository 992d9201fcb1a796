//! The objects that log entries may touch: only those are held in memory.

use crate::ascending::Ascending;
use crate::document::{Doc, items, lower, text};
use crate::joined::Joined;
use crate::table::{Table, node_key};
use crate::tables::Tables;
use memchr::memmem;
use snapscope_decode::records::KvRef;
use snapscope_decode::{Kind, ServerVersion};
use snapscope_raftlog::{Assembled, Chunks, Command, Entry, EntryKind};
use std::collections::BTreeSet;

type Names = BTreeSet<Vec<u8>>;

/// The names in a log's entries, while they are collected in a first pass.
#[derive(Debug, Default)]
pub struct Touched {
    keys: Names,
    /// The names in a log's entries, after the first pass.
    sorted_keys: Ascending,
    prefixes: Names,
    prefix_sizes: BTreeSet<usize>,
    sessions: Names,
    /// Names and IDs of nodes.
    nodes: Names,
    /// Names of nodes with new coordinates.
    coordinates: Names,
    secrets: Names,
    accessors: Names,
    auth_methods: Names,
    reaped_to: u64,
    version: Option<ServerVersion>,
    chunks: Chunks,
    /// Whether all objects are held, because not all entries are known yet.
    is_everything: bool,
    /// Kinds of objects that are always held.
    joined: Option<Joined>,
}

/// Inserts a name that is not empty, in lower case.
fn name(names: &mut Names, name: &[u8]) {
    if !name.is_empty() {
        names.insert(lower(name));
    }
}

impl Touched {
    /// Creates an empty collection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Holds all objects, for entries that are not known yet.
    #[must_use]
    pub fn everything() -> Self {
        Self { is_everything: true, ..Self::default() }
    }

    /// Also holds all objects of a kind, if the effect of entries on them depends on records that
    /// no entry touches.
    #[must_use]
    pub fn hold(self, joined: Option<Joined>) -> Self {
        Self { joined, ..self }
    }

    /// Ends the first pass.
    pub(crate) fn in_order(mut self) -> Self {
        self.sorted_keys = std::mem::take(&mut self.keys).into();
        self
    }

    /// Adds the names in the next entry of the log.
    pub fn see(&mut self, entry: &Entry<'_>) {
        let Assembled::Whole(data) = self.chunks.take(entry) else { return };
        let Some(command) = Command::read(&data) else { return };
        if command.kind == Kind::COORDINATE_BATCH_UPDATE {
            for update in items(command.request) {
                if let Ok(update) = Doc::read(update) {
                    name(&mut self.coordinates, update.text("Node"));
                }
            }
            return;
        }
        let Ok(request) = Doc::read(command.request) else { return };
        self.request(command.kind.0, &request);
    }

    /// Adds the next entry of a log that starts with the first one. Then nothing is selected from a
    /// snapshot; only the servers' version matters.
    pub fn see_version(&mut self, entry: &Entry<'_>) {
        if entry.kind == EntryKind::Command
            && let Some(command) = Command::read(entry.data)
            && command.kind == Kind::REGISTER
            // Few registrations are of servers, and searching is quicker than reading.
            && memmem::find(command.request, SERVERS).is_some()
            && let Ok(request) = Doc::read(command.request)
        {
            self.version_in(&request);
        }
    }

    fn request(&mut self, kind: u8, request: &Doc<'_>) {
        let texts = |field: &str, names: &mut Names| {
            request.items(field).into_iter().for_each(|item| name(names, text(item)));
        };
        match kind {
            0 => self.registration(request),
            1 => self.node(request.text("Node")),
            2 => {
                if let Ok(entry) = request.doc("DirEnt") {
                    self.key(request.text("Op"), &entry);
                }
            }
            3 => {
                if let Ok(session) = request.doc("Session") {
                    self.session(session.text("ID"));
                    // Whether its node and the checks there exist decides the outcome of the write.
                    self.node(session.text("Node"));
                }
            }
            4 => {
                if let Ok(acl) = request.doc("ACL") {
                    self.secrets.insert(acl.text("ID").to_vec());
                }
            }
            5 => self.reaped_to = self.reaped_to.max(request.uint("ReapIndex")),
            7 => {
                if let Ok(query) = request.doc("Query") {
                    self.session(query.text("Session"));
                }
            }
            8 => request.items("Ops").into_iter().for_each(|operation| self.operation(operation)),
            11 => {
                if let Ok(token) = request.doc("Token") {
                    self.secrets.insert(token.text("SecretID").to_vec());
                }
            }
            17 => {
                for token in request.items("Tokens") {
                    if let Ok(token) = Doc::read(token) {
                        self.secrets.insert(token.text("SecretID").to_vec());
                    }
                }
            }
            18 => texts("TokenIDs", &mut self.accessors),
            28 => texts("AuthMethodNames", &mut self.auth_methods),
            _ => {}
        }
    }

    fn registration(&mut self, request: &Doc<'_>) {
        self.node(request.text("Node"));
        // A renamed node keeps its sessions.
        self.node(request.text("ID"));
        self.version_in(request);
    }

    fn version_in(&mut self, request: &Doc<'_>) {
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
            self.key(kv.text("Verb"), &entry);
        }
        if let Ok(session) = operation
            .doc("Session")
            .and_then(|part| part.doc("Session").map(|session| session.text("ID").to_vec()))
        {
            self.session(&session);
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

    fn key(&mut self, op: &[u8], entry: &Doc<'_>) {
        let key = entry.text("Key");
        if op == b"delete-tree" {
            self.prefix_sizes.insert(key.len());
            self.prefixes.insert(key.to_vec());
        } else {
            self.keys.insert(key.to_vec());
        }
        // A lock needs its session.
        self.session(entry.text("Session"));
    }

    fn session(&mut self, id: &[u8]) {
        name(&mut self.sessions, id);
    }

    fn node(&mut self, node: &[u8]) {
        name(&mut self.nodes, node);
    }

    /// The version of the servers, from registrations in the log.
    #[must_use]
    pub const fn version(&self) -> Option<ServerVersion> {
        self.version
    }

    /// Whether a key's record must be held. The record of its session comes earlier.
    pub(crate) fn covers_key(&self, entry: &KvRef<'_>, tables: &Tables) -> bool {
        let key = entry.key.0;
        if self.is_everything || self.sorted_keys.contains(key) || self.is_below(key) {
            return true;
        }
        if entry.session.0.is_empty() {
            return false;
        }
        let session = lower(entry.session.0);
        self.sessions.contains(&session)
            || tables.contains(Table::Sessions, &crate::table::key_of(&[&session]))
    }

    fn is_below(&self, key: &[u8]) -> bool {
        let prefixes = self.prefix_sizes.iter().map_while(|size| key.get(..*size));
        prefixes.into_iter().any(|prefix| self.prefixes.contains(prefix))
    }

    /// Whether a node's records must be held.
    pub(crate) fn covers_node(&self, node: &Doc<'_>) -> bool {
        self.is_everything
            || self.joined == Some(Joined::Services)
            || self.nodes.contains(&lower(node.text("Node")))
            || self.nodes.contains(&lower(node.text("ID")))
    }

    /// Whether entries depend on the existence of a node.
    pub(crate) fn asks_for_node(&self, node: &[u8]) -> bool {
        self.coordinates.contains(&lower(node))
    }

    /// Whether a session's record must be held. The records of its node come earlier.
    pub(crate) fn covers_session(&self, session: &Doc<'_>, tables: &Tables) -> bool {
        self.is_everything
            // With its session, a locked key is held too.
            || self.joined == Some(Joined::Locks)
            || self.sessions.contains(&lower(session.text("ID")))
            || self.is_of_held_node(session.text("Node"), tables)
    }

    /// Whether the coordinates of a node must be held. The records of the node come earlier.
    pub(crate) fn covers_coordinates(&self, node: &[u8], tables: &Tables) -> bool {
        self.is_everything
            || self.coordinates.contains(&lower(node))
            || self.is_of_held_node(node, tables)
    }

    fn is_of_held_node(&self, node: &[u8], tables: &Tables) -> bool {
        self.nodes.contains(&lower(node)) || tables.contains(Table::Nodes, &node_key(b"", node))
    }

    /// Whether a token's record must be held.
    pub(crate) fn covers_token(&self, token: &Doc<'_>) -> bool {
        self.is_everything
            || self.secrets.contains(token.text("SecretID"))
            || self.accessors.contains(&lower(token.text("AccessorID")))
            || self.auth_methods.contains(&lower(token.text("AuthMethod")))
    }

    /// Whether a tombstone must be held.
    pub(crate) fn covers_tombstone(&self, stone: &KvRef<'_>, tables: &Tables) -> bool {
        let key = stone.key.0;
        self.is_everything
            || self.sorted_keys.contains(key)
            || self.prefixes.contains(key)
            || stone.modify_index <= self.reaped_to
            || tables.contains(Table::Kv, key)
    }
}

/// The service as which servers register themselves.
pub(crate) const SERVERS: &[u8] = b"consul";

/// The version in a server's registration of itself.
pub(crate) fn version_of(service: &Doc<'_>) -> Option<ServerVersion> {
    if service.text("Service") != SERVERS {
        return None;
    }
    let meta = service.doc("Meta").ok()?;
    ServerVersion::parse(std::str::from_utf8(text(meta.raw("version"))).ok()?)
}
