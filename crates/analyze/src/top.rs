//! The largest records.

use crate::drivers::{Fold, Problems};
use snapscope_archive::Closing;
use snapscope_decode::records::Record;
use snapscope_decode::schema::FieldError;
use snapscope_decode::{Frame, Kind};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A large record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Largest {
    /// Its size in bytes, including the type byte.
    pub size: u64,
    /// Its offset in `state.bin`.
    pub offset: u64,
    /// Number of the record in the file, from 1.
    pub number: u64,
    /// Its type.
    pub kind: Kind,
    /// What it describes: a key, a node and service, a name. Never a secret.
    pub identity: Vec<u8>,
}

/// Keeps the largest records; of equal ones the first in the file.
#[derive(Debug)]
pub struct Top {
    keep: usize,
    kinds: Option<Vec<Kind>>,
    /// The smallest kept one on top; of equal ones the last in the file.
    heap: BinaryHeap<Reverse<Entry>>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    size: u64,
    earlier: Reverse<u64>,
    number: u64,
    kind: Kind,
    identity: Vec<u8>,
}

impl Top {
    /// Keeps `keep` records, only of these types if any are given.
    #[must_use]
    pub const fn new(keep: usize, kinds: Option<Vec<Kind>>) -> Self {
        Self { keep, kinds, heap: BinaryHeap::new() }
    }

    fn is_kept(&self, size: u64, offset: u64) -> bool {
        self.heap.len() < self.keep
            || self
                .heap
                .peek()
                .is_some_and(|Reverse(least)| (least.size, least.earlier) < (size, Reverse(offset)))
    }

    fn push(&mut self, entry: Entry) {
        self.heap.push(Reverse(entry));
        if self.heap.len() > self.keep {
            self.heap.pop();
        }
    }
}

impl Fold for Top {
    type Out = Vec<Largest>;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        if self.kinds.as_ref().is_some_and(|kinds| !kinds.contains(&frame.kind))
            || !self.is_kept(frame.size(), frame.offset)
        {
            return;
        }
        let identity = identity(frame).unwrap_or_else(|e| {
            problems.add(frame, e);
            Vec::new()
        });
        self.push(Entry {
            size: frame.size(),
            earlier: Reverse(frame.offset),
            number: frame.number,
            kind: frame.kind,
            identity,
        });
    }

    fn merge(&mut self, other: Self) {
        for Reverse(entry) in other.heap {
            self.push(entry);
        }
    }

    fn is_light(&self) -> bool {
        true
    }

    fn finish(self, _: &Closing) -> Vec<Largest> {
        let mut entries: Vec<Entry> = self.heap.into_iter().map(|Reverse(entry)| entry).collect();
        entries.sort_by(|a, b| b.cmp(a));
        entries
            .into_iter()
            .map(|Entry { size, earlier: Reverse(offset), number, kind, identity }| Largest {
                size,
                offset,
                number,
                kind,
                identity,
            })
            .collect()
    }
}

/// A short description of a record, never a secret: a token is described by its accessor.
///
/// # Errors
/// If a field it needs does not fit the record's type.
pub fn identity(frame: &Frame<'_>) -> Result<Vec<u8>, FieldError> {
    Ok(match frame.record()? {
        Record::Kv(kv) | Record::Tombstone(kv) => kv.key.0.to_vec(),
        Record::Register(register) => {
            let part = match (register.service.get()?, register.check.get()?) {
                (Some(service), _) => Some(service.id.0),
                (None, Some(check)) => Some(check.check_id.0),
                (None, None) => None,
            };
            path(register.node.0, part)
        }
        Record::Session(session) => session.id.0.to_vec(),
        Record::Coordinates(coordinates) => match coordinates.iter().next().transpose()? {
            Some(Some(coordinate)) => coordinate.node.0.to_vec(),
            _ => Vec::new(),
        },
        Record::PreparedQuery(query) => query.name.or_else(query.id).to_vec(),
        Record::Intention(intention) => {
            [intention.source_name.0, b" => ", intention.destination_name.0].concat()
        }
        Record::CaRoot(root) => root.id.0.to_vec(),
        Record::CaProviderState(state) => state.id.0.to_vec(),
        Record::CaConfig(config) => config.provider.0.to_vec(),
        Record::Index(index) => index.key.0.to_vec(),
        Record::AclToken(token) => token.called(),
        Record::LegacyAcl(acl) => acl.as_token().called(),
        Record::AclPolicy(policy) => policy.name.0.to_vec(),
        Record::AclRole(role) => role.name.0.to_vec(),
        Record::AclBindingRule(rule) => rule.id.0.to_vec(),
        Record::AclAuthMethod(method) => method.name.0.to_vec(),
        Record::ConfigEntry(entry) => path(entry.kind.0, Some(entry.name().0)),
        Record::FederationState(state) => match state.state.get()? {
            Some(state) => state.datacenter.0.to_vec(),
            None => state.datacenter.0.to_vec(),
        },
        Record::SystemMetadata(metadata) => metadata.key.0.to_vec(),
        Record::ServiceVirtualIp(ip) => ip.service.get()?.service_name.get()?.name.0.to_vec(),
        Record::Peering(peering) => peering.name.0.to_vec(),
        Record::PeeringTrustBundle(bundle) => bundle.peer_name.0.to_vec(),
        Record::PeeringSecret(secret) => secret.peer_id.0.to_vec(),
        Record::Resource(resource) => resource.name().0.to_vec(),
        _ => Vec::new(),
    })
}

fn path(first: &[u8], second: Option<&[u8]>) -> Vec<u8> {
    match second {
        Some(second) => [first, b"/", second].concat(),
        None => first.to_vec(),
    }
}
