//! Tokens, roles, policies, and their references: the targets of tokens, roles and binding rules,
//! and the tokens that prepared queries run with.

use super::{Plan, by_id};
use crate::extract::decide::Decision;
use crate::extract::facts::Facts;
use crate::extract::id::Id;
use crate::extract::objects::{ByName, Granted, Holder, HolderOf, Query};
use snapscope_decode::Kind;
use std::collections::{HashMap, HashSet};

impl Plan {
    pub(super) fn acl(&mut self, facts: &Facts) {
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
        self.granted(facts, &roles, &policies);
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

    /// Keeps the targets of binding rules.
    fn granted(
        &mut self,
        facts: &Facts,
        roles: &HashMap<Id, Decision>,
        policies: &HashMap<Id, Decision>,
    ) {
        let mut by_name: HashMap<(Kind, &[u8]), Vec<&ByName>> = HashMap::new();
        for named in &facts.names {
            by_name.entry((named.kind, named.name.as_slice())).or_default().push(named);
        }
        // Thousands of rules may have the same target.
        let mut seen: HashSet<(Kind, &[u8])> = HashSet::new();
        for granted in &facts.granted {
            let Granted { kind, name, auth_method, decision } = granted;
            if *decision != Decision::Kept
                || self.out.contains(auth_method)
                || !seen.insert((*kind, name))
            {
                continue;
            }
            let there = if *kind == Kind::ACL_ROLE { roles } else { policies };
            if has_variable(name) {
                for named in facts.names.iter().filter(|named| granted.fits(named)) {
                    self.bring(*kind, named.id, there);
                }
            } else {
                for named in by_name.get(&(*kind, name.as_slice())).into_iter().flatten() {
                    self.bring(*kind, named.id, there);
                }
            }
        }
    }

    /// Whether a token, role or rule is kept, as far as is known before roles are kept as
    /// dependencies.
    fn keeps_holder(&self, holder: &Holder) -> bool {
        let kept = holder.decision == Decision::Kept
            || holder.id.is_some_and(|id| self.brought.contains(&id));
        kept && holder.auth_method.is_none_or(|method| !self.out.contains(&method))
    }

    /// A prepared query keeps the token it runs with, or loses it.
    fn queries(&mut self, facts: &Facts) {
        let kept: Vec<&Query> =
            facts.queries.iter().filter(|query| query.decision == Decision::Kept).collect();
        if kept.is_empty() {
            return;
        }
        let tokens = facts.holders.iter().filter(|holder| holder.token_kind().is_some());
        let tokens: HashMap<Id, &Holder> =
            tokens.filter_map(|token| Some((token.id?, token))).collect();
        for id in kept.iter().filter_map(|query| query.token.as_ref()) {
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
                token.token_kind().into_iter().for_each(|kind| self.set(kind));
            }
        }
    }
}

impl Granted {
    /// Whether it grants that role or policy for some identity.
    fn fits(&self, named: &ByName) -> bool {
        named.kind == self.kind && fits(&self.name, &named.name)
    }
}

fn has_variable(template: &[u8]) -> bool {
    template.windows(2).any(|at| at == b"${")
}

/// Whether a text with `${...}` in it can produce this name.
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
    // The first variable decides: it is as long as possible.
    between.iter().filter(|literal| !literal.is_empty()).all(|literal| {
        let found = find(name, literal);
        name = found.and_then(|at| name.get(at + literal.len()..)).unwrap_or(&[]);
        found.is_some()
    })
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
