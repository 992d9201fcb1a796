//! Facts about the servers, and the indexes of their tables.

use snapscope_analyze::{Inspection, OriginFacts, Registration};
use snapscope_archive::{Closing, Container, Meta, Server};
use snapscope_decode::Record;
use std::collections::HashMap;

/// A node that runs a server, from the catalog.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServerNode {
    /// The node's name.
    pub(crate) name: String,
    /// Its ID, which is also the server's ID in Raft's configuration.
    pub(crate) id: String,
    /// The port of the servers' RPC.
    pub(crate) port: u64,
    /// The metadata of its service `consul`.
    pub(crate) meta: Vec<(String, String)>,
}

impl ServerNode {
    /// A value of the metadata of its service.
    pub(crate) fn fact(&self, name: &str) -> Option<&str> {
        self.meta.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Facts about the servers.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// The highest index of each table, and of single objects where servers keep one.
    indexes: HashMap<Vec<u8>, u64>,
    /// The nodes that run servers.
    pub(crate) server_nodes: Vec<ServerNode>,
    /// `meta.json`.
    pub(crate) meta: Option<Meta>,
    /// The container of the snapshot.
    pub(crate) container: Option<Container>,
    /// What is known about the container after reading it.
    pub(crate) closing: Option<Closing>,
    /// Whether parts of the snapshot are missing or damaged.
    pub(crate) is_incomplete: bool,
    /// The counts of `inspect`, and the cluster.
    pub(crate) counts: Option<(Inspection, OriginFacts)>,
}

impl Facts {
    /// Adds a record's facts.
    pub(crate) fn see(&mut self, record: &Record<'_>, registration: Option<&Registration<'_>>) {
        if let Record::Index(index) = record {
            self.indexes.insert(index.key.0.to_vec(), index.value);
        }
        self.server_nodes.extend(registration.and_then(server_node));
    }

    pub(crate) fn finish(
        &mut self,
        closing: &Closing,
        problems: u64,
        counts: (Inspection, OriginFacts),
    ) {
        self.counts = Some(counts);
        self.container = Some(closing.integrity.container);
        self.meta.clone_from(&closing.meta);
        self.closing = Some(closing.clone());
        self.is_incomplete = closing.is_damaged() || problems > 0;
    }

    /// The index of a table; 1 if it was never written.
    pub(crate) fn index(&self, table: &str) -> u64 {
        self.index_of(table.as_bytes()).unwrap_or(1)
    }

    /// The index of a table or object, if it has one.
    pub(crate) fn index_of(&self, name: &[u8]) -> Option<u64> {
        self.indexes.get(name).copied()
    }

    /// The highest index of several tables.
    pub(crate) fn highest(&self, tables: &[&str]) -> u64 {
        tables.iter().map(|table| self.index(table)).max().unwrap_or(1)
    }

    /// The node name of the first server; empty if the catalog has none.
    pub(crate) fn server_name(&self) -> &str {
        self.server_nodes.first().map_or("", |server| &server.name)
    }

    /// The servers in Raft's configuration.
    pub(crate) fn servers(&self) -> &[Server] {
        self.meta.as_ref().map_or(&[], |meta| &meta.servers)
    }

    /// The snapshot's ID.
    pub(crate) fn id(&self) -> Option<&str> {
        Some(self.meta.as_ref()?.id.as_str()).filter(|id| !id.is_empty())
    }
}

/// The server node, if the record is an instance of the service `consul`.
fn server_node(registration: &Registration<'_>) -> Option<ServerNode> {
    let (register, service) = (&registration.register, registration.service.as_ref()?);
    if !register.is_server(service) {
        return None;
    }
    let meta = service.meta.iter().flatten();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some(ServerNode {
        name: text(register.node.0),
        id: text(register.id.0),
        port: u64::try_from(service.port).unwrap_or(0),
        meta: meta.map(|(key, value)| (text(key.0), text(value.0))).collect(),
    })
}
