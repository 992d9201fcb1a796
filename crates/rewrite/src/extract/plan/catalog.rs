//! The catalog and sessions: everything on a node needs the node, and is left out with it.

use super::{Plan, by_id};
use crate::extract::decide::Decision;
use crate::extract::facts::Facts;
use crate::extract::id::Id;
use snapscope_decode::Kind;
use std::collections::{HashMap, HashSet};

impl Plan {
    /// Objects that are left out because of their own node or name.
    pub(super) fn nodes_and_instances(&mut self, facts: &Facts) {
        let taken = facts.nodes.iter().filter(|node| node.decision.takes_along());
        self.out.extend(taken.map(|node| node.id));
        self.instances(facts);
    }

    /// The same for everything on nodes, once it is known which peerings are kept.
    pub(super) fn catalog(&mut self, facts: &Facts) {
        let nodes = by_id(&facts.nodes);
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
}
