//! Objects that refer to others of their own type, directly or indirectly.

use super::Plan;
use crate::extract::decide::Decision;
use crate::extract::facts::Facts;
use crate::extract::id::Id;
use crate::extract::objects::Linked;
use snapscope_decode::Kind;
use std::collections::HashMap;

impl Plan {
    /// Config entries keep those they refer to; prepared queries keep the sameness groups they
    /// refer to.
    pub(super) fn entries(&mut self, facts: &Facts) {
        let queries = facts.queries.iter().filter(|query| query.decision == Decision::Kept);
        let named: Vec<Id> = queries.flat_map(|query| query.entries.iter().copied()).collect();
        let entries: Vec<&Linked> = facts.entries.iter().map(|entry| &entry.linked).collect();
        self.linked(Kind::CONFIG_ENTRY, &entries, &named);
    }

    /// Keeps what kept objects of a type need, and the `named` objects with their own dependencies.
    pub(super) fn linked(&mut self, kind: Kind, objects: &[&Linked], named: &[Id]) {
        let there: HashMap<Id, Decision> = objects.iter().map(|o| (o.id, o.decision)).collect();
        let by_id: HashMap<Id, &Linked> = objects.iter().map(|o| (o.id, *o)).collect();
        let kept = objects.iter().filter(|o| o.decision == Decision::Kept);
        let kept = kept.filter(|o| !self.out.contains(&o.id));
        let mut due: Vec<Id> = kept.flat_map(|o| o.needs.iter().copied()).collect();
        due.extend(named);
        while let Some(need) = due.pop() {
            let known = self.brought.contains(&need);
            if self.bring(kind, need, &there)
                && !known
                && self.brought.contains(&need)
                && let Some(object) = by_id.get(&need)
            {
                due.extend(&object.needs);
            }
        }
    }
}
