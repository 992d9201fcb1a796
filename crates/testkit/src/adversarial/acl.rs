//! Tokens, policies, roles and binding rules.

use super::record::{Take, VERSION, uuid};
use crate::msgpack::{Val, structure};
use crate::records::{acl, set};
use std::io;

pub(super) fn rules(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let rules =
        "key_prefix \"app/\" { policy = \"read\" }\n".repeat(usize::try_from(n).unwrap_or(0));
    take(acl::token(VERSION, &uuid(1), &uuid(2), "", &[(&uuid(3), "rules")], &[], 5))?;
    take(acl::policy(VERSION, &uuid(3), "rules", &rules, 5))
}

pub(super) fn policies(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let ids: Vec<String> = (0..n).map(|at| uuid(at + 10)).collect();
    let links: Vec<(&str, &str)> = ids.iter().map(|id| (id.as_str(), "rules")).collect();
    take(acl::token(VERSION, &uuid(1), &uuid(2), "", &links, &[], 5))?;
    ids.iter().enumerate().try_for_each(|(at, id)| {
        let rules = "key_prefix \"app/\" { policy = \"read\" }";
        take(acl::policy(VERSION, id, &format!("policy-{at}"), rules, 5))
    })
}

pub(super) fn accessors(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    (0..n).try_for_each(|at| {
        let description = format!("token {at}");
        take(acl::token(VERSION, &uuid(1), &uuid(at + 10), &description, &[], &[], at + 1))
    })
}

/// A token that links this number of existing policies.
pub(super) fn links(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let ids: Vec<String> = (0..n).map(|at| uuid(at + 10)).collect();
    let links: Vec<(&str, &str)> = ids.iter().map(|id| (id.as_str(), "policy")).collect();
    take(acl::token(VERSION, &uuid(1), &uuid(2), "", &links, &[], 5))?;
    let rules = "key \"other\" { policy = \"read\" }";
    ids.iter().try_for_each(|id| take(acl::policy(VERSION, id, id, rules, 5)))
}

/// This number of tokens and of policies. One role links all policies, and each token has the role. The rules name different keys.
pub(super) fn role(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let ids: Vec<String> = (0..n).map(|at| uuid(at + 10)).collect();
    let links: Vec<(&str, &str)> = ids.iter().map(|id| (id.as_str(), "policy")).collect();
    let role = uuid(5);
    (0..n).try_for_each(|at| {
        let (accessor, secret) = (uuid(at + 1_000_000_000), uuid(at + 2_000_000_000));
        take(acl::token(VERSION, &accessor, &secret, "", &[], &[(&role, "role")], at + 1))
    })?;
    different_rules(&ids, take)?;
    take(acl::role(VERSION, &role, "role", &links, &[], 5))
}

fn different_rules(ids: &[String], take: &mut Take<'_>) -> io::Result<()> {
    ids.iter().enumerate().try_for_each(|(at, id)| {
        let rules = format!("key \"app/{at}\" {{ policy = \"read\" }}");
        take(acl::policy(VERSION, id, id, &rules, 5))
    })
}

/// A token with this number of policies, each for another key.
pub(super) fn rules_of_many(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let ids: Vec<String> = (0..n).map(|at| uuid(at + 10)).collect();
    let links: Vec<(&str, &str)> = ids.iter().map(|id| (id.as_str(), "policy")).collect();
    take(acl::token(VERSION, &uuid(1), &uuid(2), "", &links, &[], 5))?;
    different_rules(&ids, take)
}

/// A token with a policy that has this number of rules, each for another name.
pub(super) fn rules_of_one(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let rule = |at: u64| format!("service_prefix \"web-{at}\" {{ policy = \"write\" }}\n");
    let rules: String = (0..n).map(rule).collect();
    take(acl::token(VERSION, &uuid(1), &uuid(2), "", &[(&uuid(3), "rules")], &[], 5))?;
    take(acl::policy(VERSION, &uuid(3), "rules", &rules, 5))
}

/// A token with this number of templated policies.
pub(super) fn templated(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let templated = |at: u64| {
        structure([
            ("Datacenters", Val::Nil),
            ("TemplateID", "".into()),
            ("TemplateName", "builtin/service".into()),
            ("TemplateVariables", structure([("Name", format!("web-{at}").into())])),
        ])
    };
    let mut token = acl::token(VERSION, &uuid(1), &uuid(2), "", &[], &[], 5);
    set(&mut token.body, "TemplatedPolicies", Val::Array((0..n).map(templated).collect()));
    take(token)
}

/// Binding rules for all logins with one auth method, each to another role. Every tenth rule takes the role's name from
/// the login.
pub(super) fn bindings(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let policy = uuid(7);
    take(acl::policy(VERSION, &policy, "policy", "key \"app/x\" { policy = \"read\" }", 5))?;
    for at in 0..n {
        let links = [(policy.as_str(), "policy")];
        let (id, name) = (uuid(at + 10), format!("role-{at}"));
        take(acl::role(VERSION, &id, &name, &links, &[], 5))?;
    }
    for at in 0..n {
        let name = if at % 10 == 0 { "${value.name}".to_owned() } else { format!("role-{at}") };
        let bind = ("role", name.as_str());
        let rule = acl::binding_rule(VERSION, &uuid(at + 1_000_000_000), "method", bind, 5);
        take(rule.with("Selector", ""))?;
    }
    take(acl::auth_method(VERSION, "method", 5))
}

/// A binding rule whose name has this number of unterminated variables.
pub(super) fn variables(n: u64, take: &mut Take<'_>) -> io::Result<()> {
    let name = "${".repeat(usize::try_from(n).unwrap_or(0));
    take(acl::policy(VERSION, &uuid(7), "policy", "key \"app/x\" { policy = \"read\" }", 5))?;
    take(acl::binding_rule(VERSION, &uuid(8), "method", ("policy", &name), 5))?;
    take(acl::auth_method(VERSION, "method", 5))
}
