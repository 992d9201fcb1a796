//! Rules about tokens, and about links of tokens and roles.

use super::Powerful;
use super::{AclRules, GLOBAL_MANAGEMENT};
use crate::acl::{
    ACCESSORS, AccessLevel, AclModel, Grants, Id, LeftOutLink, Link, Resolver, Role, Token, Warning,
};
use crate::audit::clock::DAY;
use crate::audit::finding::{Finding, Findings};
use crate::audit::rule::AuditRule;
use crate::audit::rules::{
    ACL001, ACL002, ACL003, ACL004, ACL005, ACL006, ACL007, ACL008, ACL009, ACL010, ACL011, ACL012,
    ACL013, ACL014, ACL015, ACL016, ACL017, ACL029,
};
use snapscope_decode::GoTime;
use snapscope_decode::text::is_uuid;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Maximum age of a login token.
const OLD: i64 = 90 * DAY;
/// More tokens of one method for one service than a service has instances.
const MANY: usize = 500;

pub(super) fn find(
    facts: &mut AclRules,
    model: &AclModel,
    resolver: &Resolver<'_>,
    powerful: &Powerful<'_>,
    out: &mut Findings,
) {
    let powerful = &powerful.tokens;
    let policies: HashSet<&Id> = model.policies.iter().map(|p| &p.id).collect();
    let roles: HashMap<&Id, &Role> = model.roles.iter().map(|r| (&r.id, r)).collect();
    let methods: HashSet<&str> = model.auth_methods.iter().map(|m| &*m.name).collect();
    let management = Id::new(GLOBAL_MANAGEMENT);
    let now = resolver.basis().at.map(|t| t.unix_seconds());
    let mut logins: BTreeMap<(&str, &str), Vec<&Token>> = BTreeMap::new();
    let mut combined: HashSet<Vec<&Id>> = HashSet::new();

    for token in &model.tokens {
        let add = |out: &mut Findings, rule, message: String| out.add(of(token, rule, message));
        if !token.has_accessor && ACCESSORS.contains(resolver.basis().version) {
            add(out, &ACL008, "it has no AccessorID".to_owned());
        }
        let expired = is_expired(token, resolver);
        if let Some(expires) = token.expires.filter(|_| expired) {
            add(out, &ACL004, format!("it expired on {}", day(expires)));
            continue;
        }
        let links = |link: &Link| link.id == management;
        let direct = token.grants.policies.iter().any(links);
        let role = token
            .roles
            .iter()
            .filter_map(|l| roles.get(&l.id))
            .find(|r| r.grants.policies.iter().any(links));
        let legacy_management =
            &*token.legacy_type == "management" && powerful.contains(&token.number);
        let expires = if token.expires.is_some() { "" } else { ", and never expires" };
        if direct {
            add(out, &ACL001, format!("it has global-management{expires}"));
        } else if let Some(role) = role {
            add(
                out,
                &ACL001,
                format!("it has global-management through role {:?}{expires}", role.name),
            );
        } else if legacy_management {
            add(out, &ACL001, "its legacy type is management".to_owned());
        } else if powerful.contains(&token.number) {
            add(out, &ACL002, format!("it may write ACLs{expires}"));
        }
        if token.anonymous {
            anonymous(token, resolver, out);
        } else {
            if token.expires.is_none() && token.auth_method.is_empty() {
                add(out, &ACL003, "it has no expiration time".to_owned());
            }
            if is_empty(&token.grants)
                && token.roles.is_empty()
                && token.legacy_rules.is_empty()
                && token.legacy_type.is_empty()
            {
                add(out, &ACL007, "it has no policy, role or identity".to_owned());
            }
        }
        if !token.legacy_rules.is_empty() {
            add(out, &ACL009, "the token contains its rules".to_owned());
        }
        if !token.auth_method.is_empty() {
            if !methods.contains(&*token.auth_method) {
                add(
                    out,
                    &ACL012,
                    format!(
                        "it was created by auth method {:?}, which does not exist",
                        token.auth_method
                    ),
                );
            }
            let made = token.created.unix_seconds();
            if let Some(now) = now.filter(|now| made + OLD < *now && !token.created.is_zero()) {
                add(
                    out,
                    &ACL011,
                    format!(
                        "it was created {} days ago by auth method {:?}",
                        (now - made) / DAY,
                        token.auth_method
                    ),
                );
            }
            for identity in &token.grants.service_identities {
                logins.entry((&token.auth_method, &identity.service_name)).or_default().push(token);
            }
        }
        missing(
            &token.grants.policies,
            |id| policies.contains(id),
            |link| {
                add(
                    out,
                    &ACL014,
                    format!("it links policy {:?} ({}), which does not exist", link.name, link.id),
                );
            },
        );
        missing(
            &token.roles,
            |id| roles.contains_key(id),
            |link| {
                add(
                    out,
                    &ACL015,
                    format!("it links role {:?} ({}), which does not exist", link.name, link.id),
                );
            },
        );
        let several =
            token.grants.policies.len() + token.roles.len() + token.grants.service_identities.len()
                > 1;
        let signature = token.grants.policies.iter().chain(&token.roles).map(|l| &l.id).collect();
        let new =
            several && (!token.grants.service_identities.is_empty() || combined.insert(signature));
        if new || links_datacenters(&token.grants) {
            combinations(token, resolver, out);
        }
    }
    for role in &model.roles {
        missing(
            &role.grants.policies,
            |id| policies.contains(id),
            |link| {
                let message = format!(
                    "role {:?} links policy {:?} ({}), which does not exist",
                    role.name, link.name, link.id
                );
                out.add(
                    Finding::new(&ACL014, "role", role.id.to_string(), message)
                        .at(role.number, role.modify_index),
                );
            },
        );
    }
    for ((method, service), tokens) in logins {
        if tokens.len() >= MANY {
            let message = format!("{} login tokens are for service {service:?}", tokens.len());
            out.add(Finding::new(&ACL013, "auth-method", method, message).in_field(service));
        }
    }
    secrets(facts, out);
}

fn secrets(facts: &mut AclRules, out: &mut Findings) {
    for (accessor, number, index) in std::mem::take(&mut facts.chosen) {
        let finding = Finding::new(&ACL010, "token", accessor, "its SecretID is not a random UUID");
        out.add(finding.at(number, index));
    }
    facts.secrets.sort();
    for same in facts.secrets.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
        for (_, accessor, number, index) in same {
            let message = format!("{} tokens have its SecretID", same.len());
            out.add(Finding::new(&ACL016, "token", accessor.clone(), message).at(*number, *index));
        }
    }
}

fn of(token: &Token, rule: &'static AuditRule, message: String) -> Finding {
    let about = if token.description.is_empty() {
        message
    } else {
        format!("{message} ({})", token.description)
    };
    Finding::new(rule, "token", token.accessor.to_string(), about)
        .at(token.number, token.modify_index)
}

fn is_expired(token: &Token, resolver: &Resolver<'_>) -> bool {
    let at = resolver.basis().at;
    token.expires.zip(at).is_some_and(|(e, at)| (e.seconds, e.nanos) < (at.seconds, at.nanos))
}

fn day(time: GoTime) -> String {
    crate::audit::clock::day(time.unix_seconds())
}

fn is_empty(grants: &Grants) -> bool {
    grants.policies.is_empty()
        && grants.service_identities.is_empty()
        && grants.node_identities.is_empty()
        && grants.templated_policies.is_empty()
}

fn links_datacenters(grants: &Grants) -> bool {
    !grants.node_identities.is_empty()
        || grants.service_identities.iter().any(|s| !s.datacenters.is_empty())
        || grants.templated_policies.iter().any(|t| !t.datacenters.is_empty())
}

fn missing(links: &[Link], is_there: impl Fn(&Id) -> bool, mut report: impl FnMut(&Link)) {
    links.iter().filter(|link| !is_there(&link.id)).for_each(&mut report);
}

fn anonymous(token: &Token, resolver: &Resolver<'_>, out: &mut Findings) {
    let Ok(explanation) = resolver.explain(&token.accessor.to_string()) else { return };
    let writes: Vec<String> = explanation
        .rules
        .iter()
        .filter(|r| {
            r.access == Some(AccessLevel::Write) || r.intentions == Some(AccessLevel::Write)
        })
        .map(|r| r.title())
        .collect();
    if let Some(first) = writes.first() {
        let more = if writes.len() > 1 {
            format!(" and {} more", writes.len() - 1)
        } else {
            String::new()
        };
        out.add(of(token, &ACL006, format!("it may write {first}{more}")));
    } else if explanation.rules.iter().any(|r| r.access != Some(AccessLevel::Deny)) {
        let count = explanation.rules.len();
        out.add(of(token, &ACL005, format!("it has {count} rules")));
    }
}

/// The combination of several links.
fn combinations(token: &Token, resolver: &Resolver<'_>, out: &mut Findings) {
    let accessor = token.accessor.to_string();
    if !is_uuid(accessor.as_bytes()) && accessor.is_empty() {
        return;
    }
    let Ok(explanation) = resolver.explain(&accessor) else { return };
    for left_out in &explanation.left_out {
        if let LeftOutLink::OtherDatacenter(source) = &left_out.link {
            out.add(of(token, &ACL017, format!("{source} applies only in other datacenters")));
        }
    }
    let mixed: Vec<String> = explanation
        .warnings
        .iter()
        .filter_map(|warning| match warning {
            Warning::CacheBug { name, sources, changes_first: true, .. } => {
                let sources: Vec<String> = sources.iter().map(ToString::to_string).collect();
                Some(format!("{} disagree about service {name}", sources.join(" and ")))
            }
            _ => None,
        })
        .collect();
    if let Some(first) = mixed.first() {
        let more = if mixed.len() > 1 {
            format!(", and {} more names", mixed.len() - 1)
        } else {
            String::new()
        };
        out.add(of(token, &ACL029, format!("{first}{more}")));
    }
}
