//! Peerings: those that kept objects refer to, and what belongs to each.

use super::Plan;
use crate::extract::decide::Decision;
use crate::extract::facts::Facts;
use crate::extract::id::Id;
use crate::extract::objects::Peering;
use snapscope_decode::Kind;
use std::collections::HashMap;

impl Plan {
    pub(super) fn peers(&mut self, facts: &Facts) {
        let both = |peering: &'_ Peering| [peering.name, peering.id];
        let there: HashMap<Id, &Peering> = facts
            .peerings
            .iter()
            .flat_map(|peering| both(peering).map(|id| (id, peering)))
            .collect();
        if self.options.with_deps {
            for id in self.named_peers(facts) {
                let Some(peering) = there.get(&id) else { continue };
                if peering.decision == Decision::Unselected {
                    self.brought.extend(both(peering));
                    self.set(Kind::PEERING);
                }
            }
        }
        for peering in &facts.peerings {
            if !self.keeps(peering.decision, peering.name) {
                self.out.extend(both(peering));
            } else if self.options.with_deps {
                self.peers.extend(both(peering));
            }
        }
        for part in &facts.parts_of_peers {
            if part.decision != Decision::Dropped && self.peers.contains(&part.peer) {
                self.set(part.kind);
            }
        }
    }

    /// The peers named by something that is kept. An import never causes its peering to be kept.
    fn named_peers(&self, facts: &Facts) -> Vec<Id> {
        let mut named = Vec::new();
        for entry in &facts.entries {
            if self.keeps(entry.linked.decision, entry.linked.id) {
                named.extend(&entry.peers);
            }
        }
        for query in facts.queries.iter().filter(|query| query.decision == Decision::Kept) {
            named.extend(&query.peers);
        }
        for upstream in &facts.upstreams {
            if self.keeps(upstream.decision, upstream.instance) {
                named.push(upstream.peer);
            }
        }
        let parts = facts.parts_of_peers.iter().filter(|part| part.decision == Decision::Kept);
        named.extend(parts.map(|part| part.peer));
        named
    }
}
