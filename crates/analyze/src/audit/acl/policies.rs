//! Rules about policies and roles.

use super::facts::{GLOBAL_MANAGEMENT, GLOBAL_READ_ONLY};
use crate::acl::{
    AccessLevel, AclModel, Id, Policy, PolicySource, Resolver, Rule, RuleKind, RuleSet, Scope,
};
use crate::audit::finding::{Finding, Findings};
use crate::audit::rule::AuditRule;
use crate::audit::rules::{
    ACL020, ACL021, ACL022, ACL023, ACL024, ACL025, ACL026, ACL027, ACL028, ACL030,
};
use foldhash::{HashSet, HashSetExt as _};
use snapscope_objects::kind::KindId;
use std::collections::BTreeMap;

/// Maximum number of policies with the same rules that a finding names; it counts the others.
const NAMED: usize = 20;

pub(super) fn find(model: &AclModel, resolver: &Resolver<'_>, out: &mut Findings) {
    let mut linked: HashSet<&Id> = HashSet::new();
    for grants in
        model.tokens.iter().map(|t| &t.grants).chain(model.roles.iter().map(|r| &r.grants))
    {
        linked.extend(grants.policies.iter().map(|l| &l.id));
    }
    let bound = Bound::by(model);
    let mut equal: BTreeMap<String, Vec<&Policy>> = BTreeMap::new();
    for (source, rules) in resolver.policies() {
        let PolicySource::Policy(policy) = source else { continue };
        let id = policy.id.to_string();
        match rules {
            Err(e) => out.add(of(policy, &ACL028, e.to_string())),
            Ok(rules) => {
                if id != GLOBAL_MANAGEMENT && id != GLOBAL_READ_ONLY {
                    powers(policy, rules, out);
                    let text = normal(policy, rules);
                    if !rules.rules().is_empty() {
                        equal.entry(text).or_default().push(policy);
                    }
                }
            }
        }
        let builtin = id == GLOBAL_MANAGEMENT || id == GLOBAL_READ_ONLY;
        if !builtin && !linked.contains(&policy.id) && !bound.to("policy", &policy.name) {
            out.add(of(policy, &ACL026, "nothing links to it".to_owned()));
        }
    }
    for same in equal.values().filter(|same| same.len() > 1) {
        let names: Vec<&str> = same.iter().take(NAMED).map(|p| &*p.name).collect();
        let more = match same.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        if let Some(first) = same.first() {
            let message = format!("{}{more} have the same rules", names.join(", "));
            out.add(of(first, &ACL027, message));
        }
    }
    let used: HashSet<&Id> = model.tokens.iter().flat_map(|t| &t.roles).map(|l| &l.id).collect();
    for role in &model.roles {
        if !used.contains(&role.id) && !bound.to("role", &role.name) {
            let message = format!("nothing refers to role {:?}", role.name);
            out.add(
                Finding::new(&ACL030, KindId::Roles, role.id.to_string(), message)
                    .at(role.number, role.modify_index),
            );
        }
    }
}

/// The targets of binding rules.
struct Bound<'m> {
    names: HashSet<(&'m str, &'m str)>,
    /// The types for which a name contains a variable, which can produce any name.
    any: HashSet<&'m str>,
}

impl<'m> Bound<'m> {
    fn by(model: &'m AclModel) -> Self {
        let rules = || model.binding_rules.iter().map(|rule| (&*rule.bind_type, &*rule.bind_name));
        Self {
            names: rules().collect(),
            any: rules().filter(|(_, name)| name.contains("${")).map(|(kind, _)| kind).collect(),
        }
    }

    fn to(&self, kind: &str, name: &str) -> bool {
        self.any.contains(kind) || self.names.contains(&(kind, name))
    }
}

fn of(policy: &Policy, rule: &'static AuditRule, message: String) -> Finding {
    let message = format!("policy {:?}: {message}", policy.name);
    Finding::new(rule, KindId::Policies, policy.id.to_string(), message)
        .at(policy.number, policy.modify_index)
}

/// The content of a policy, independent of its spelling.
fn normal(policy: &Policy, rules: &RuleSet) -> String {
    let mut datacenters: Vec<&str> = policy.datacenters.iter().map(|d| &**d).collect();
    datacenters.sort_unstable();
    let rules: Vec<String> = rules.rules().iter().map(ToString::to_string).collect();
    format!("{}\n{}", datacenters.join(","), rules.join("\n"))
}

fn powers(policy: &Policy, rules: &RuleSet, out: &mut Findings) {
    let mut everything: Vec<String> = Vec::new();
    let prefixes = key_prefixes(rules);
    for rule in rules.rules() {
        let writes = rule.level.access == AccessLevel::Write
            && (rule.level.lower_case || rule.kind.has_names());
        let place = rule.place;
        match rule.kind {
            RuleKind::Acl if writes => {
                out.add(of(policy, &ACL020, format!("acl = \"write\" ({place})")))
            }
            RuleKind::Operator if writes => {
                out.add(of(policy, &ACL021, format!("operator = \"write\" ({place})")))
            }
            RuleKind::Keyring if writes => {
                out.add(of(policy, &ACL022, format!("keyring = \"write\" ({place})")))
            }
            _ => {}
        }
        let all = rule.scope == Scope::Prefix && rule.name.is_empty();
        if all && writes {
            everything.push(rule.title());
        }
        if all && rule.intentions.is_some_and(|l| l.access == AccessLevel::Write) {
            out.add(of(
                policy,
                &ACL024,
                format!("{} with intentions = \"write\" ({place})", rule.title()),
            ));
        }
        if looks_like_prefix(rule, &prefixes) {
            out.add(of(policy, &ACL025, format!("{} ({place})", rule.title())));
        }
    }
    if !everything.is_empty() {
        out.add(of(policy, &ACL023, everything.join(", ")));
    }
}

/// `key "x/"`: keys with a trailing slash are only markers of folders. With a `key_prefix` for the
/// same name beside it, both are intended.
fn looks_like_prefix(rule: &Rule, prefixes: &[&[u8]]) -> bool {
    // Of those that start with the name the first is not below it.
    let first = prefixes.partition_point(|prefix| *prefix < &*rule.name);
    rule.kind == RuleKind::Key
        && rule.scope == Scope::Exact
        && rule.name.ends_with(b"/")
        && !prefixes.get(first).is_some_and(|prefix| prefix.starts_with(&rule.name))
}

/// The names of rules for all keys with a prefix, in order.
fn key_prefixes(rules: &RuleSet) -> Vec<&[u8]> {
    let prefixes = rules
        .rules()
        .iter()
        .filter(|rule| rule.kind == RuleKind::Key && rule.scope == Scope::Prefix);
    let mut names: Vec<&[u8]> = prefixes.map(|rule| &*rule.name).collect();
    names.sort_unstable();
    names
}
