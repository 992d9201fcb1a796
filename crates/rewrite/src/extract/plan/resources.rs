//! Resources of the second catalog: an owner takes what it owns along, and a resource brings its owner,
//! its namespace, and those it names.

use super::Plan;
use crate::extract::decide::Decision;
use crate::extract::facts::Facts;
use crate::extract::id::Id;
use crate::extract::objects::{Linked, Resource};
use snapscope_decode::Kind;
use std::collections::{HashMap, HashSet};

impl Plan {
    pub(super) fn resources(&mut self, facts: &Facts) {
        let by_id: HashMap<Id, &Resource> =
            facts.resources.iter().map(|resource| (resource.linked.id, resource)).collect();
        for resource in &facts.resources {
            let mut passed = HashSet::new();
            let mut next = Some(resource);
            // Owners that own each other are passed once.
            while let Some(owner) = next.filter(|owner| passed.insert(owner.linked.id)) {
                // An owner that does not match an expression is brought, if requested.
                let is_brought =
                    owner.linked.decision == Decision::Filtered && self.options.with_deps;
                if owner.linked.decision.takes_along() && !is_brought {
                    self.out.insert(resource.linked.id);
                    break;
                }
                next = owner.owner.and_then(|owner| by_id.get(&owner)).copied();
            }
        }
        let linked: Vec<&Linked> =
            facts.resources.iter().map(|resource| &resource.linked).collect();
        self.linked(Kind::RESOURCE, &linked, &[]);
    }
}
