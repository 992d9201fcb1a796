//! Registrations, applied as a server applies them: whether it refuses one depends on those before.

use super::structures::{
    CHECK_NODE, CHECK_NODE_CASE, CHECK_PEER, CHECK_SERVICE, CHECK_SERVICE_RENAMED, META_PAIRS,
    NODE_NAME, SERVICE_META, Structure, is_meta_pair,
};
use crate::hashed::{ByHash, HashedSet};
use crate::registration::Registration;
use snapscope_decode::FieldError;
use snapscope_decode::records::{HealthCheckRef, NodeServiceRef, RegisterRef};
use snapscope_decode::wire::is_same;
use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Nodes and services so far. Only hashes of names are kept: a catalog may have millions.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    /// `None` if registrations are not in order; each is then checked on its own.
    state: Option<State>,
    /// The same for servers before 1.12, once a node occurs in two spellings. To them these are
    /// different names, and renaming a node deletes its services.
    exact: Option<State>,
    last: Option<Registered>,
}

/// The node of the last registration, which servers accepted: that of most is the same again.
#[derive(Debug)]
struct Registered {
    peer: Vec<u8>,
    node: Vec<u8>,
    id: Vec<u8>,
    names: Names,
}

#[derive(Debug, Default, Clone)]
struct State {
    /// By name in lower case.
    nodes: HashMap<u64, Node, ByHash>,
    /// Names in lower case by ID.
    by_id: HashMap<u64, u64, ByHash>,
    services: HashedSet,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    id: Option<u64>,
    spelled: u64,
    /// How often the name was deleted, with the services it had until then.
    generation: u32,
    /// Whether it has a `serfHealth` check that is not critical.
    is_alive: bool,
}

/// A registration's names, hashed.
#[derive(Debug, Clone, Copy)]
struct Names {
    lower: u64,
    spelled: u64,
    id: Option<u64>,
}

fn hash(parts: &[&[u8]]) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}

/// A name in the form in which servers compare names.
fn lower(name: &[u8]) -> Cow<'_, [u8]> {
    if name.iter().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(name);
    }
    if name.is_ascii() {
        return Cow::Owned(name.to_ascii_lowercase());
    }
    Cow::Owned(String::from_utf8_lossy(name).to_lowercase().into_bytes())
}

impl Registered {
    fn is(&self, register: &RegisterRef<'_>) -> bool {
        // Most names of peers are empty.
        is_same(&self.node, register.node.0)
            && is_same(&self.id, register.id.0)
            && is_same(&self.peer, register.peer_name.0)
    }

    fn new(register: &RegisterRef<'_>, names: Names) -> Self {
        let [peer, node, id] =
            [register.peer_name, register.node, register.id].map(|text| text.0.to_vec());
        Self { peer, node, id, names }
    }
}

impl Names {
    fn of(register: &RegisterRef<'_>) -> Self {
        let peer = register.peer_name.0;
        Self {
            lower: hash(&[peer, &lower(register.node.0)]),
            spelled: hash(&[peer, register.node.0]),
            id: (!register.id.is_empty()).then(|| hash(&[peer, &lower(register.id.0)])),
        }
    }
}

impl Catalog {
    /// Creates a catalog that gets all registrations in order.
    pub(super) fn in_order() -> Self {
        Self { state: Some(State::default()), ..Self::default() }
    }

    pub(super) const fn is_in_order(&self) -> bool {
        self.state.is_some()
    }

    /// Applies a registration; calls `refused` with everything that servers refuse.
    pub(super) fn register(
        &mut self,
        registration: &Registration<'_>,
        refused: &mut dyn FnMut(&'static Structure),
    ) -> Result<(), FieldError> {
        let Registration { register, service, check } = registration;
        let peer = register.peer_name.0;
        let names = match &self.last {
            // To register it once more changes nothing.
            Some(last) if last.is(register) => last.names,
            _ => {
                let names = Names::of(register);
                let is_accepted = self.node(&names);
                if !is_accepted {
                    refused(&NODE_NAME);
                }
                self.last = is_accepted.then(|| Registered::new(register, names));
                names
            }
        };
        if let Some(service) = service {
            if !has_valid_meta(service)? {
                refused(&SERVICE_META);
            }
            if !service.peer_name.is_empty() && service.peer_name.0 != peer {
                refused(&CHECK_PEER);
            }
            let id = lower(service.id.0);
            for state in self.states() {
                state.add_service(&names, &id);
            }
        }
        match check {
            Some(check) => self.check(register, &names, check, refused),
            None => Ok(()),
        }
    }

    fn states(&mut self) -> impl Iterator<Item = &mut State> {
        self.state.iter_mut().chain(&mut self.exact)
    }

    /// Registers a node; returns whether servers accept its name.
    fn node(&mut self, names: &Names) -> bool {
        let Some(state) = &mut self.state else { return true };
        if self.exact.is_none() && state.is_spelled_otherwise(names) {
            self.exact = Some(state.clone());
        }
        let folded = state.node(names, false);
        let exact = self.exact.as_mut().map_or(Ok(()), |exact| exact.node(names, true));
        folded.and(exact).is_ok()
    }

    fn check(
        &mut self,
        register: &RegisterRef<'_>,
        names: &Names,
        check: &HealthCheckRef<'_>,
        refused: &mut dyn FnMut(&'static Structure),
    ) -> Result<(), FieldError> {
        if check.node.0 != register.node.0 {
            let other = lower(check.node.0) != lower(register.node.0);
            refused(if other { &CHECK_NODE } else { &CHECK_NODE_CASE });
        }
        if !check.peer_name.is_empty() && check.peer_name.0 != register.peer_name.0 {
            refused(&CHECK_PEER);
        }
        if !check.service_id.is_empty() {
            let id = lower(check.service_id.0);
            let lacks = |state: &Option<State>| {
                state.as_ref().is_some_and(|state| !state.has_service(names, &id))
            };
            if lacks(&self.state) {
                refused(&CHECK_SERVICE);
            } else if lacks(&self.exact) {
                refused(&CHECK_SERVICE_RENAMED);
            }
        }
        if check.check_id.0 == b"serfHealth" {
            let is_alive = !matches!(check.status.0, b"" | b"critical");
            for state in self.states() {
                if let Some(node) = state.nodes.get_mut(&names.lower) {
                    node.is_alive = is_alive;
                }
            }
        }
        Ok(())
    }
}

impl State {
    /// Whether the ID belongs to a node whose name differs only in case.
    fn is_spelled_otherwise(&self, names: &Names) -> bool {
        let Some(known) = names.id.and_then(|id| self.by_id.get(&id)) else { return false };
        *known == names.lower
            && self.nodes.get(known).is_some_and(|node| node.spelled != names.spelled)
    }

    /// Registers a node. Returns an error if servers refuse its name.
    fn node(&mut self, names: &Names, exact: bool) -> Result<(), ()> {
        let existing = self.nodes.get(&names.lower).copied();
        if existing.is_some_and(|node| node.id == names.id && node.spelled == names.spelled) {
            return Ok(());
        }
        let taken = |allow_without_id: bool| {
            existing.is_some_and(|node| {
                node.id != names.id && node.is_alive && !(allow_without_id && node.id.is_none())
            })
        };
        if let Some(id) = names.id {
            match self.by_id.get(&id).copied() {
                Some(known) => {
                    let spelled = self.nodes.get(&known).map(|node| node.spelled);
                    let renames = known != names.lower
                        || (exact && spelled.is_some_and(|spelled| spelled != names.spelled));
                    if renames {
                        if taken(false) {
                            return Err(());
                        }
                        self.delete(known);
                    }
                }
                None if taken(true) => return Err(()),
                None => {}
            }
        }
        let before = self.nodes.get(&names.lower).copied();
        if let Some(id) = before.and_then(|node| node.id) {
            self.by_id.remove(&id);
        }
        if let Some(id) = names.id {
            self.by_id.insert(id, names.lower);
        }
        let node = Node {
            id: names.id,
            spelled: names.spelled,
            generation: before.map_or(0, |node| node.generation),
            is_alive: before.is_some_and(|node| node.is_alive),
        };
        self.nodes.insert(names.lower, node);
        Ok(())
    }

    /// Deletes a node with everything on it. Its entry stays, so that its services remain deleted.
    fn delete(&mut self, name: u64) {
        if let Some(node) = self.nodes.get_mut(&name) {
            if let Some(id) = node.id.take() {
                self.by_id.remove(&id);
            }
            node.generation = node.generation.wrapping_add(1);
            node.is_alive = false;
            node.spelled = 0;
        }
    }

    fn service(&self, names: &Names, id: &[u8]) -> u64 {
        let generation = self.nodes.get(&names.lower).map_or(0, |node| node.generation);
        hash(&[&names.lower.to_le_bytes(), &generation.to_le_bytes(), id])
    }

    fn add_service(&mut self, names: &Names, id: &[u8]) {
        let service = self.service(names, id);
        self.services.insert(service);
    }

    fn has_service(&self, names: &Names, id: &[u8]) -> bool {
        self.services.contains(&self.service(names, id))
    }
}

fn has_valid_meta(service: &NodeServiceRef<'_>) -> Result<bool, FieldError> {
    if service.meta.len() > META_PAIRS {
        return Ok(false);
    }
    let mesh_gateway = service.kind.0 == b"mesh-gateway";
    for pair in service.meta.iter() {
        let (key, value) = pair?;
        if !is_meta_pair(key.0, value.0, mesh_gateway) {
            return Ok(false);
        }
    }
    Ok(true)
}
