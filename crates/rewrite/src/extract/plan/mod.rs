//! Decides what to keep, from the dependencies between objects.
//!
//! - When something is left out, everything that belongs to it is left out as well, as when a
//!   server deletes it: services, checks, coordinates and sessions of a node, checks of a service,
//!   sessions bound to a check, tokens and binding rules of an auth method, imports from a peer,
//!   resources owned by another.
//! - What something kept names is kept too (`with_deps`); each file has the rules of its area.
//! - Otherwise, or if the target was explicitly dropped, the reference is cut: links of tokens and
//!   roles are removed, locks are released, queries lose their session.

mod acl;
mod catalog;
mod linked;
mod peers;
mod resources;
mod together;

use super::decide::Decision;
use super::facts::Facts;
use super::id::Id;
use super::objects::Named;
use super::options::ExtractOptions;
use super::used::Selection;
use snapscope_decode::Kind;
use snapscope_decode::stream::IndexTable;
use std::collections::{HashMap, HashSet};

/// The decisions about a snapshot's records.
#[derive(Debug)]
pub struct Plan {
    pub(super) options: ExtractOptions,
    /// Selected objects that are left out.
    pub(super) out: HashSet<Id>,
    /// Objects that are kept although they are not selected.
    pub(super) brought: HashSet<Id>,
    /// Services of which an instance is left out and none is kept.
    pub(super) services_gone: HashSet<Id>,
    /// Nodes that are left out.
    pub(super) nodes_gone: HashSet<Id>,
    /// Peerings that bring what belongs to them.
    pub(super) peers: HashSet<Id>,
    /// Record types that are brought as a whole.
    pub(super) whole: [bool; 256],
    /// Record types of which a record is kept.
    pub(super) kinds: [bool; 256],
    last_index: Option<u64>,
    unused: Vec<Selection>,
}

/// Keys cannot be renamed as requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RenameError {
    /// Two keys become one.
    #[error(
        "--rename-prefix would give keys the names of other keys ({0} in total); choose another \
         prefix, or leave those keys out with --drop-prefix"
    )]
    Collide(u64),
    /// Nothing is left of a name.
    #[error(
        "--rename-prefix would leave nothing of the name of a key, which Consul refuses; choose \
         another prefix, or leave that key out with --drop-prefix"
    )]
    Empty,
}

impl Plan {
    pub(super) fn new(
        options: ExtractOptions,
        facts: Facts,
        unused: Vec<Selection>,
    ) -> Result<Self, RenameError> {
        let collisions = collisions(&facts.keys);
        if collisions > 0 {
            return Err(RenameError::Collide(collisions));
        }
        if facts.is_name_lost {
            return Err(RenameError::Empty);
        }
        let mut kinds = [false; 256];
        for (kept, count) in kinds.iter_mut().zip(&facts.kept) {
            *kept = *count > 0;
        }
        let mut plan = Self {
            options,
            out: HashSet::new(),
            brought: HashSet::new(),
            services_gone: HashSet::new(),
            nodes_gone: HashSet::new(),
            peers: HashSet::new(),
            whole: [false; 256],
            kinds,
            last_index: None,
            unused,
        };
        plan.acl(&facts);
        plan.entries(&facts);
        // Proxies of kept services name peers, and what was imported from a peer goes with it.
        plan.nodes_and_instances(&facts);
        plan.peers(&facts);
        plan.catalog(&facts);
        plan.resources(&facts);
        plan.together(&facts);
        let kept = facts.indexes.iter().filter(|(key, _)| plan.keeps_index(key));
        plan.last_index = kept.map(|(_, index)| *index).max();
        Ok(plan)
    }

    /// The highest index of the kept records, for the new snapshot's header; `None` if all are
    /// kept.
    #[must_use]
    pub const fn last_index(&self) -> Option<u64> {
        self.last_index
    }

    /// The parts of the selection that matched nothing.
    #[must_use]
    pub fn unused(&self) -> &[Selection] {
        &self.unused
    }

    /// Whether the index of a table, service or node is kept.
    pub(super) fn keeps_index(&self, key: &[u8]) -> bool {
        // `peer.NAME:service.web`; the cluster's own are `~` or have no peer at all.
        let (peer, rest) = match key.strip_prefix(b"peer.") {
            Some(rest) => match rest.iter().position(|b| *b == b':') {
                Some(colon) => {
                    let (peer, table) = rest.split_at(colon);
                    (peer, table.get(1..).unwrap_or(&[]))
                }
                None => return true,
            },
            None => (&b""[..], key),
        };
        let peer = if peer == b"~" { &b""[..] } else { peer };
        if !peer.is_empty() && self.out.contains(&Id::peer(peer)) {
            return false;
        }
        let dot = rest.iter().position(|b| *b == b'.');
        let (table, name) = match dot {
            Some(dot) => (rest.get(..dot).unwrap_or(rest), rest.get(dot + 1..)),
            None => (rest, None),
        };
        let gone = match (table, name) {
            (b"service", Some(name)) => self.services_gone.contains(&Id::service(peer, name)),
            (b"node", Some(name)) => self.nodes_gone.contains(&Id::node(peer, name)),
            _ => false,
        };
        !gone && self.keeps_table(table)
    }

    /// Whether records of a table are kept; the index of an unknown table always is.
    pub(super) fn keeps_table(&self, table: &[u8]) -> bool {
        IndexTable::by_name(table)
            .is_none_or(|table| table.records.iter().any(|kind| self.has(*kind)))
    }

    fn has(&self, kind: Kind) -> bool {
        self.kinds.get(usize::from(kind.0)).copied().unwrap_or(false)
    }

    fn set(&mut self, kind: Kind) {
        if let Some(kept) = self.kinds.get_mut(usize::from(kind.0)) {
            *kept = true;
        }
    }

    /// Keeps an object as a dependency, if it exists and is not excluded; returns whether it is
    /// kept.
    fn bring(&mut self, kind: Kind, id: Id, there: &HashMap<Id, Decision>) -> bool {
        match there.get(&id) {
            Some(Decision::Kept) => true,
            Some(Decision::Unselected | Decision::Filtered)
                if self.options.with_deps && !self.out.contains(&id) =>
            {
                self.brought.insert(id);
                self.set(kind);
                true
            }
            _ => false,
        }
    }

    /// Whether an object is kept, by selection and dependencies.
    pub(super) fn keeps(&self, decision: Decision, id: Id) -> bool {
        match decision {
            Decision::Kept => !self.out.contains(&id),
            Decision::Unselected | Decision::Filtered => self.brought.contains(&id),
            Decision::Dropped => false,
        }
    }

    /// The same for a record that nothing else names.
    pub(super) fn selects(&self, kind: Kind, decision: Decision) -> bool {
        let is_brought = self.whole.get(usize::from(kind.0)).copied().unwrap_or(false);
        decision == Decision::Kept || decision == Decision::Unselected && is_brought
    }

    /// The same for a trust bundle or secret, by the name or ID of its peering.
    pub(super) fn keeps_of_peer(&self, decision: Decision, peer: &[u8]) -> bool {
        let peer = Id::peer(peer);
        match decision {
            Decision::Kept => !self.out.contains(&peer),
            Decision::Unselected | Decision::Filtered => self.peers.contains(&peer),
            Decision::Dropped => false,
        }
    }
}

fn by_id(objects: &[Named]) -> HashMap<Id, Decision> {
    objects.iter().map(|object| (object.id, object.decision)).collect()
}

/// Number of keys that would get the name of another one.
fn collisions(keys: &[Id]) -> u64 {
    let mut keys = keys.to_vec();
    let all = keys.len();
    keys.sort_unstable();
    keys.dedup();
    (all - keys.len()) as u64
}
