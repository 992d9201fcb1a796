//! Decides what to keep, from the dependencies between objects.
//!
//! - When something is left out, everything that belongs to it is left out as well, as when a
//!    server deletes it: services, checks, coordinates and sessions of a node, checks of a service,
//!    sessions bound to a check, tokens and binding rules of an auth method, imports from a peer.
//! - What something kept names is kept too (`with_deps`): policies and roles of tokens, policies of
//!   roles, auth methods of tokens and rules, roles and policies that rules give, tokens of prepared queries,
//!   nodes of what is on them, nodes and checks of sessions, config entries of config entries.
//! - Otherwise, or if the target was explicitly dropped, the reference is cut: links of tokens and
//!    roles are removed, locks are released, queries lose their session.

use super::decide::Decision;
use super::facts::{ByName, Entry, Facts, Granted, Holder, HolderOf, Named, Query};
use super::id::Id;
use super::options::ExtractOptions;
use super::parts::kinds_of_table;
use snapscope_decode::Kind;
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
    /// Record types of which a record is kept.
    pub(super) kinds: [bool; 256],
    last_index: Option<u64>,
}

/// Two keys become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "--rename-prefix would give keys the names of other keys ({0} in total); choose another \
     prefix, or leave those keys out with --drop-kv-prefix"
)]
pub struct KeysCollide(pub u64);

impl Plan {
    pub(super) fn new(options: ExtractOptions, facts: Facts) -> Result<Self, KeysCollide> {
        let collisions = collisions(&facts.keys);
        if collisions > 0 {
            return Err(KeysCollide(collisions));
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
            kinds,
            last_index: None,
        };
        plan.peers(&facts);
        plan.acl(&facts);
        plan.catalog(&facts);
        plan.entries(&facts.entries);
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
        if !peer.is_empty() && self.out.contains(&Id::of(&[peer])) {
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
        kinds_of_table(table).is_none_or(|kinds| kinds.iter().any(|kind| self.has(*kind)))
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

    fn peers(&mut self, facts: &Facts) {
        let gone = facts.peerings.iter().filter(|peering| peering.decision != Decision::Kept);
        self.out.extend(gone.map(|peering| peering.id));
    }

    fn acl(&mut self, facts: &Facts) {
        let methods = by_id(&facts.auth_methods);
        let policies = by_id(&facts.policies);
        let of = |what: HolderOf| -> HashMap<Id, Decision> {
            let holders = facts.holders.iter().filter(|holder| holder.what == what);
            holders.filter_map(|holder| Some((holder.id?, holder.decision))).collect()
        };
        let roles = of(HolderOf::Role);
        let taken = facts.auth_methods.iter().filter(|method| method.decision.takes_along());
        self.out.extend(taken.map(|method| method.id));
        self.queries(facts);
        for holder in &facts.holders {
            if !self.keeps_holder(holder) {
                continue;
            }
            if let Some(method) = holder.auth_method {
                self.bring(Kind::ACL_AUTH_METHOD, method, &methods);
            }
            for role in &holder.roles {
                self.bring(Kind::ACL_ROLE, *role, &roles);
            }
            for policy in &holder.policies {
                self.bring(Kind::ACL_POLICY, *policy, &policies);
            }
        }
        for granted in &facts.granted {
            if granted.decision != Decision::Kept || self.out.contains(&granted.auth_method) {
                continue;
            }
            let there = if granted.kind == Kind::ACL_ROLE { &roles } else { &policies };
            for named in facts.names.iter().filter(|named| granted.fits(named)) {
                self.bring(granted.kind, named.id, there);
            }
        }
        for role in facts.holders.iter().filter(|holder| holder.what == HolderOf::Role) {
            if role.id.is_some_and(|id| self.brought.contains(&id)) {
                for policy in &role.policies {
                    self.bring(Kind::ACL_POLICY, *policy, &policies);
                }
            }
        }
        let unkept = policies
            .iter()
            .chain(&roles)
            .filter(|(id, decision)| **decision != Decision::Kept && !self.brought.contains(id));
        let unkept: Vec<Id> = unkept.map(|(id, _)| *id).collect();
        self.out.extend(unkept);
    }

    /// Whether a token, role or rule is kept, as far as is known before roles are brought.
    fn keeps_holder(&self, holder: &Holder) -> bool {
        let kept = holder.decision == Decision::Kept
            || holder.id.is_some_and(|id| self.brought.contains(&id));
        kept && holder.auth_method.is_none_or(|method| !self.out.contains(&method))
    }

    /// A prepared query brings the token it runs with, or loses it.
    fn queries(&mut self, facts: &Facts) {
        let kept: Vec<&Query> =
            facts.queries.iter().filter(|query| query.decision == Decision::Kept).collect();
        if kept.is_empty() {
            return;
        }
        let tokens = facts.holders.iter().filter(|holder| holder.what == HolderOf::Token);
        let tokens: HashMap<Id, &Holder> =
            tokens.filter_map(|token| Some((token.id?, token))).collect();
        for Query { token: id, .. } in kept {
            let Some(token) = tokens.get(id) else { continue };
            let can_come = token.auth_method.is_none_or(|method| !self.out.contains(&method));
            let kept = can_come
                && match token.decision {
                    Decision::Kept => true,
                    Decision::Unselected | Decision::Filtered => self.options.with_deps,
                    Decision::Dropped => false,
                };
            if !kept {
                self.out.insert(*id);
            } else if token.decision != Decision::Kept {
                self.brought.insert(*id);
                self.set(Kind::ACL_TOKEN);
            }
        }
    }

    fn catalog(&mut self, facts: &Facts) {
        let nodes = by_id(&facts.nodes);
        let taken = facts.nodes.iter().filter(|node| node.decision.takes_along());
        self.out.extend(taken.map(|node| node.id));
        self.instances(facts);
        self.checks_and_sessions(facts);
        // Everything kept on a node needs the node.
        let mut needed: Vec<Id> = Vec::new();
        for instance in &facts.instances {
            if self.keeps(instance.decision, instance.id) {
                needed.push(instance.node);
            }
        }
        for check in &facts.checks {
            if self.keeps(check.decision, check.id) {
                needed.push(check.node);
            }
        }
        for session in &facts.sessions {
            if self.keeps(session.decision, session.id) {
                needed.push(session.node);
            }
        }
        for node in needed {
            self.bring(Kind::REGISTER, node, &nodes);
        }
        let gone = nodes.iter().filter(|(id, decision)| !self.keeps(**decision, **id));
        self.nodes_gone = gone.map(|(id, _)| *id).collect();
    }

    fn instances(&mut self, facts: &Facts) {
        for instance in &facts.instances {
            let filtered = facts.services.as_ref().is_some_and(|s| !s.contains(&instance.service));
            if filtered
                || instance.decision.takes_along()
                || self.out.contains(&instance.node)
                || self.out.contains(&instance.peer)
            {
                self.out.insert(instance.id);
            }
        }
    }

    fn checks_and_sessions(&mut self, facts: &Facts) {
        let mut checks = HashMap::new();
        for check in &facts.checks {
            let instance = check.instance.is_some_and(|instance| self.out.contains(&instance));
            if instance
                || check.decision.takes_along()
                || self.out.contains(&check.node)
                || self.out.contains(&check.peer)
            {
                self.out.insert(check.id);
            }
            checks.insert(check.id, check);
        }
        for session in &facts.sessions {
            let bound = session.checks.iter().any(|check| self.out.contains(check));
            if bound || self.out.contains(&session.node) {
                self.out.insert(session.id);
            }
            if !self.keeps(session.decision, session.id) {
                self.out.insert(session.id);
                continue;
            }
            for check in session.checks.iter().filter_map(|check| checks.get(check)) {
                if check.decision == Decision::Unselected && self.options.with_deps {
                    self.brought.insert(check.id);
                    self.set(Kind::REGISTER);
                }
            }
        }
        // A kept check needs its service.
        let instances: HashMap<Id, Decision> =
            facts.instances.iter().map(|i| (i.id, i.decision)).collect();
        for check in &facts.checks {
            if let Some(instance) = check.instance
                && self.keeps(check.decision, check.id)
            {
                self.bring(Kind::REGISTER, instance, &instances);
            }
        }
        let (mut there, mut gone) = (HashSet::new(), HashSet::new());
        for instance in &facts.instances {
            let kept = self.keeps(instance.decision, instance.id);
            if kept { &mut there } else { &mut gone }.insert(instance.service);
        }
        self.services_gone = gone.difference(&there).copied().collect();
    }

    fn entries(&mut self, entries: &[Entry]) {
        let there: HashMap<Id, Decision> = entries.iter().map(|e| (e.id, e.decision)).collect();
        let by_id: HashMap<Id, &Entry> = entries.iter().map(|e| (e.id, e)).collect();
        let mut due: Vec<&Entry> =
            entries.iter().filter(|entry| entry.decision == Decision::Kept).collect();
        while let Some(entry) = due.pop() {
            for need in &entry.needs {
                let known = self.brought.contains(need);
                if self.bring(Kind::CONFIG_ENTRY, *need, &there)
                    && !known
                    && self.brought.contains(need)
                    && let Some(entry) = by_id.get(need)
                {
                    due.push(entry);
                }
            }
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
}

impl Granted {
    /// Whether it gives that role or policy, whatever an identity provider says.
    fn fits(&self, named: &ByName) -> bool {
        named.kind == self.kind && fits(&self.name, &named.name)
    }
}

/// Whether a name is what a text with `${...}` in it may become.
fn fits(template: &[u8], name: &[u8]) -> bool {
    let find = |text: &[u8], what: &[u8]| text.windows(what.len()).position(|at| at == what);
    let mut literals = Vec::new();
    let mut rest = template;
    while let Some(start) = find(rest, b"${") {
        let (literal, variable) = rest.split_at(start);
        literals.push(literal);
        rest = find(variable, b"}").and_then(|end| variable.get(end + 1..)).unwrap_or(&[]);
    }
    let Some((first, between)) = literals.split_first() else { return template == name };
    let around = name.strip_prefix(*first).and_then(|name| name.strip_suffix(rest));
    let Some(mut name) = around else { return false };
    // What comes first decides: the rest of the name is as long as it can be.
    between.iter().filter(|literal| !literal.is_empty()).all(|literal| {
        let found = find(name, literal);
        name = found.and_then(|at| name.get(at + literal.len()..)).unwrap_or(&[]);
        found.is_some()
    })
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

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn names_that_a_binding_rule_may_give_fit_it() {
        let fit = |template: &str, name: &str| fits(template.as_bytes(), name.as_bytes());
        assert!(fit("ops", "ops") && !fit("ops", "ops2") && !fit("ops", "op"));
        assert!(fit("team-${value.team}", "team-a") && !fit("team-${value.team}", "people"));
        assert!(fit("${a}-x-${b}", "1-x-2") && !fit("${a}-x-${b}", "1-y-2"));
        assert!(fit("a${b}c", "abc") && !fit("a${b}c", "abd") && fit("${x}", ""));
    }
}
