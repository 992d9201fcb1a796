//! Rules about auth methods and binding rules.

use super::facts::Powerful;
use crate::acl::{AclModel, BindingRule};
use crate::audit::finding::{Finding, Findings};
use crate::audit::rule::AuditRule;
use crate::audit::rules::{ACL040, ACL041, ACL042, ACL043, ACL044, ACL051};
use snapscope_objects::kind::KindId;
use std::collections::HashSet;

pub(super) fn find(model: &AclModel, powerful: &Powerful<'_>, out: &mut Findings) {
    let methods: HashSet<&str> = model.auth_methods.iter().map(|m| &*m.name).collect();
    let roles: HashSet<&str> = model.roles.iter().map(|r| &*r.name).collect();
    let policies: HashSet<&str> = model.policies.iter().map(|p| &*p.name).collect();
    for method in &model.auth_methods {
        if method.max_token_ttl == 0 {
            let mut finding = Finding::new(
                &ACL051,
                KindId::AuthMethods,
                method.name.as_bytes(),
                "it has no MaxTokenTTL",
            );
            finding.number = method.number;
            out.add(finding);
        }
    }
    for rule in &model.binding_rules {
        let what =
            format!("{} {:?} for logins by {:?}", rule.bind_type, rule.bind_name, rule.auth_method);
        if rule.selector.trim().is_empty() {
            out.add(of(rule, &ACL040, what.clone()));
        }
        let variable = rule.bind_name.contains("${");
        let named = matches!(&*rule.bind_type, "role" | "policy");
        if variable && named {
            out.add(of(rule, &ACL041, what.clone()));
        }
        if !methods.contains(&*rule.auth_method) {
            out.add(of(
                rule,
                &ACL043,
                format!("auth method {:?} does not exist", rule.auth_method),
            ));
        }
        let is_there = match &*rule.bind_type {
            "role" => roles.contains(&*rule.bind_name),
            "policy" => policies.contains(&*rule.bind_name),
            _ => true,
        };
        if !is_there && !variable {
            out.add(of(
                rule,
                &ACL044,
                format!("{} {:?} does not exist", rule.bind_type, rule.bind_name),
            ));
        }
    }
    for path in &powerful.logins {
        let rule = path.rule;
        let what = format!(
            "{} {:?} for logins by {:?} may write ACLs",
            rule.bind_type, rule.bind_name, path.method.name
        );
        out.add(of(rule, &ACL042, what));
    }
}

fn of(rule: &BindingRule, audit: &'static AuditRule, message: String) -> Finding {
    let mut finding = Finding::new(audit, KindId::BindingRules, rule.id.to_string(), message);
    finding.number = rule.number;
    finding
}
