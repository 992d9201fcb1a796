//! Rules about tokens, and about links of tokens and roles.

use super::facts::{AclRules, GLOBAL_MANAGEMENT, Powerful};
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
use foldhash::{HashMap, HashSet, HashSetExt as _};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use snapscope_decode::GoTime;
use snapscope_objects::kind::KindId;
use snapscope_objects::printable::counted;
use std::collections::BTreeMap;

/// Maximum age of a login token.
const OLD: i64 = 90 * DAY;
/// More tokens of one method for one service than a service has instances.
const MANY: usize = 500;

/// Context of the checks of tokens.
struct Known<'m> {
    model: &'m AclModel,
    resolver: &'m Resolver<'m>,
    /// Record numbers of tokens with permission to write ACLs.
    powerful: &'m HashSet<u64>,
    policies: HashSet<&'m Id>,
    roles: HashMap<&'m Id, &'m Role>,
    /// Roles with the policy that may do everything.
    management_roles: HashSet<&'m Id>,
    methods: HashSet<&'m str>,
    management: Id,
    now: Option<i64>,
}

/// A check of a single token: the rule, and a function that returns the finding's message.
type Check = fn(&Known<'_>, &Token) -> Option<String>;

static CHECKS: &[(&AuditRule, Check)] = &[
    (&ACL001, |known, token| known.global_management(token)),
    (&ACL002, |known, token| known.writes_acls(token)),
    (&ACL003, |known, token| known.never_expires(token)),
    (&ACL007, |known, token| known.gives_nothing(token)),
    (&ACL009, |known, token| known.own_rules(token)),
    (&ACL011, |known, token| known.old_login(token)),
    (&ACL012, |known, token| known.lost_method(token)),
];

pub(super) fn find<'m>(
    facts: &mut AclRules,
    model: &'m AclModel,
    resolver: &'m Resolver<'m>,
    powerful: &'m Powerful<'_>,
    out: &mut Findings,
) {
    let management = Id::new(GLOBAL_MANAGEMENT);
    let has_management =
        |role: &&Role| role.grants.policies.iter().any(|link| link.id == management);
    // Of several roles with one ID the last one counts.
    let roles: HashMap<&Id, &Role> = model.roles.iter().map(|r| (&r.id, r)).collect();
    let management_roles =
        roles.values().copied().filter(has_management).map(|role| &role.id).collect();
    let known = Known {
        model,
        resolver,
        powerful: &powerful.tokens,
        policies: model.policies.iter().map(|p| &p.id).collect(),
        roles,
        management_roles,
        methods: model.auth_methods.iter().map(|m| &*m.name).collect(),
        management,
        now: resolver.basis().at.map(|t| t.unix_seconds()),
    };
    known.tokens(out);
    known.links_of_roles(out);
    secrets(facts, out);
}

impl Known<'_> {
    fn tokens(&self, out: &mut Findings) {
        let mut logins: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let mut combined: HashSet<Vec<&Id>> = HashSet::new();
        let (mut living, mut combining): (Vec<&Token>, Vec<&Token>) = Default::default();
        for token in &self.model.tokens {
            if !token.has_accessor && ACCESSORS.contains(self.resolver.basis().version) {
                out.add(of(token, &ACL008, "it has no AccessorID".to_owned()));
            }
            let expired = is_expired(token, self.resolver);
            if let Some(expires) = token.expires.filter(|_| expired) {
                out.add(of(token, &ACL004, format!("it expired on {}", day(expires))));
                continue;
            }
            living.push(token);
            if token.anonymous {
                anonymous(token, self.resolver, out);
            }
            if !token.auth_method.is_empty() {
                for identity in &token.grants.service_identities {
                    *logins.entry((&token.auth_method, &identity.service_name)).or_default() += 1;
                }
            }
            self.links_of(token, out);
            let grants = &token.grants;
            let several =
                grants.policies.len() + token.roles.len() + grants.service_identities.len() > 1;
            let signature = grants.policies.iter().chain(&token.roles).map(|l| &l.id).collect();
            let new =
                several && (!grants.service_identities.is_empty() || combined.insert(signature));
            if new || links_datacenters(grants) {
                combining.push(token);
            }
        }
        for (rule, check) in CHECKS {
            let found = living.iter().filter_map(|token| Some((*token, check(self, token)?)));
            out.add_all(rule, found, |(token, message)| of(token, rule, message));
        }
        // To explain a token takes longer than all other checks of it.
        let combinations: Vec<Vec<Finding>> =
            combining.par_iter().map(|token| combinations(token, self.resolver)).collect();
        combinations.into_iter().flatten().for_each(|finding| out.add(finding));
        for ((method, service), count) in logins {
            if count >= MANY {
                let message = format!("{count} login tokens are for service {service:?}");
                out.add(
                    Finding::new(&ACL013, KindId::AuthMethods, method, message).in_field(service),
                );
            }
        }
    }

    fn is_management(&self, link: &Link) -> bool {
        link.id == self.management
    }

    fn global_management(&self, token: &Token) -> Option<String> {
        let is_management = |link: &Link| self.is_management(link);
        let expires = expires(token);
        if token.grants.policies.iter().any(is_management) {
            return Some(format!("it has global-management{expires}"));
        }
        let mut roles = token.roles.iter().filter_map(|link| self.roles.get(&link.id));
        if let Some(role) = roles.find(|role| self.management_roles.contains(&role.id)) {
            return Some(format!("it has global-management through role {:?}{expires}", role.name));
        }
        let legacy = &*token.legacy_type == "management" && self.powerful.contains(&token.number);
        legacy.then(|| "its legacy type is management".to_owned())
    }

    fn writes_acls(&self, token: &Token) -> Option<String> {
        let may = self.powerful.contains(&token.number) && self.global_management(token).is_none();
        may.then(|| format!("it may write ACLs{}", expires(token)))
    }

    fn never_expires(&self, token: &Token) -> Option<String> {
        let never = !token.anonymous && token.expires.is_none() && token.auth_method.is_empty();
        never.then(|| "it has no expiration time".to_owned())
    }

    fn gives_nothing(&self, token: &Token) -> Option<String> {
        let nothing = !token.anonymous
            && is_empty(&token.grants)
            && token.roles.is_empty()
            && token.legacy_rules.is_empty()
            && token.legacy_type.is_empty();
        nothing.then(|| "it has no policy, role or identity".to_owned())
    }

    fn own_rules(&self, token: &Token) -> Option<String> {
        let own = !token.legacy_rules.is_empty();
        own.then(|| "the token contains its rules".to_owned())
    }

    fn old_login(&self, token: &Token) -> Option<String> {
        let made = token.created.unix_seconds();
        let is_login = !token.auth_method.is_empty() && !token.created.is_zero();
        let now = self.now.filter(|now| is_login && made + OLD < *now)?;
        let (days, method) = ((now - made) / DAY, &token.auth_method);
        Some(format!("it was made {days} days ago by auth method {method:?}"))
    }

    fn lost_method(&self, token: &Token) -> Option<String> {
        let method = &*token.auth_method;
        let lost = !method.is_empty() && !self.methods.contains(method);
        lost.then(|| format!("it was made by auth method {method:?}, which does not exist"))
    }

    fn links_of(&self, token: &Token, out: &mut Findings) {
        let policies = &token.grants.policies;
        for link in policies.iter().filter(|link| !self.policies.contains(&link.id)) {
            let message =
                format!("it links policy {:?} ({}), which does not exist", link.name, link.id);
            out.add(of(token, &ACL014, message));
        }
        for link in token.roles.iter().filter(|link| !self.roles.contains_key(&link.id)) {
            let message =
                format!("it links role {:?} ({}), which does not exist", link.name, link.id);
            out.add(of(token, &ACL015, message));
        }
    }

    fn links_of_roles(&self, out: &mut Findings) {
        for role in &self.model.roles {
            let policies = &role.grants.policies;
            for link in policies.iter().filter(|link| !self.policies.contains(&link.id)) {
                let message = format!(
                    "role {:?} links policy {:?} ({}), which does not exist",
                    role.name, link.name, link.id
                );
                out.add(
                    Finding::new(&ACL014, KindId::Roles, role.id.to_string(), message)
                        .at(role.number, role.modify_index),
                );
            }
        }
    }
}

fn expires(token: &Token) -> &'static str {
    if token.expires.is_some() { "" } else { ", and never expires" }
}

fn secrets(facts: &mut AclRules, out: &mut Findings) {
    for token in std::mem::take(&mut facts.chosen) {
        let message = "its SecretID is not a random UUID";
        out.add(token.place(KindId::Tokens).finding(&ACL010, message));
    }
    facts.secrets.sort();
    for same in facts.secrets.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
        for (_, token) in same {
            let message = format!("{} tokens have its SecretID", same.len());
            out.add(token.place(KindId::Tokens).finding(&ACL016, message));
        }
    }
}

fn of(token: &Token, rule: &'static AuditRule, message: String) -> Finding {
    let about = if token.description.is_empty() {
        message
    } else {
        format!("{message} ({})", token.description)
    };
    Finding::new(rule, KindId::Tokens, token.accessor.to_string(), about)
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
        let rules = counted(explanation.rules.len() as u64, "rule", "rules");
        out.add(of(token, &ACL005, format!("it has {rules}")));
    }
}

/// Findings about the combination of several links.
fn combinations(token: &Token, resolver: &Resolver<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    let accessor = token.accessor.to_string();
    if accessor.is_empty() {
        return out;
    }
    let Ok((left_out, warnings)) = resolver.flaws(&accessor) else { return out };
    for left_out in &left_out {
        if let LeftOutLink::OtherDatacenter(source) = &left_out.link {
            out.push(of(token, &ACL017, format!("{source} applies only in other datacenters")));
        }
    }
    let mixed: Vec<String> = warnings
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
        out.push(of(token, &ACL029, format!("{first}{more}")));
    }
    out
}
