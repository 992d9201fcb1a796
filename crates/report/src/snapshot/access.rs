//! The section about tokens, roles, policies, and dangerous permissions.

use super::subject::Snapshot;
use crate::dangers::dangers;
use crate::html::{Cell, Html, Table};
use crate::words::{grouped, shown};
use snapscope_analyze::acl::{AclModel, Grants, Id, Resolver, ResolverOptions, Token};
use snapscope_objects::printable::counted;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Maximum number of policies, and of roles, listed.
const ROWS: usize = 40;

pub(super) fn section(of: &Snapshot<'_>) -> Html {
    let mut html = Html::default();
    let model = &of.facts.audit.model;
    if model.tokens.is_empty() && model.policies.is_empty() {
        html.note(&of.none("tokens and no policies"));
        if of.incomplete.is_none() {
            html.note("ACLs were not in use.");
        }
        html.command(&of.command("list tokens"));
        return html;
    }
    let parsed = &of.facts.audit.policies;
    let resolver = Resolver::with(model, ResolverOptions::default(), parsed);
    cards(&resolver, model, &mut html);
    questions(of, &resolver, &mut html);
    policies(of, model, &mut html);
    roles(of, model, &mut html);
    html
}

fn cards(resolver: &Resolver<'_>, model: &AclModel, html: &mut Html) {
    let at = resolver.basis().at;
    let has_ended = |token: &&Token| {
        token
            .expires
            .zip(at)
            .is_some_and(|(end, at)| (end.seconds, end.nanos) < (at.seconds, at.nanos))
    };
    let expired = model.tokens.iter().filter(has_ended).count();
    let by_login = model.tokens.iter().filter(|token| !token.auth_method.is_empty()).count();
    html.raw("<dl class=\"cards\">");
    for (name, count) in [
        ("Tokens", model.tokens.len()),
        ("Expired", expired),
        ("Created by logins", by_login),
        ("Policies", model.policies.len()),
        ("Roles", model.roles.len()),
        ("Auth methods", model.auth_methods.len()),
    ] {
        html.raw("<div>").element("dt", name).element("dd", &grouped(count as u64)).raw("</div>");
    }
    html.raw("</dl>");
}

/// Adds dangerous permissions and who has them.
fn questions(of: &Snapshot<'_>, resolver: &Resolver<'_>, html: &mut Html) {
    html.element("h3", "Who can do dangerous things");
    let basis = resolver.basis();
    let policy = basis.default_policy.word();
    html.paragraph(&format!(
        "As Consul {} decides with the default policy \"{policy}\", which snapshots do not record.",
        basis.version
    ));
    let rows = dangers(resolver, of.scanner).into_iter().map(|danger| {
        let tokens = match (danger.count, danger.is_everyone) {
            (count, true) => Cell::Badge("critical", format!("everyone ({})", grouped(count))),
            (count, false) => Cell::Count(count),
        };
        let (what, question) = (Cell::Text(danger.what.into()), Cell::Code(danger.question()));
        vec![what, question, tokens, Cell::Text(danger.names.join("; "))]
    });
    html.table(&Table::new(
        "Tokens that can do dangerous things",
        &["what", "question", "tokens", "which"],
        rows,
    ));
    html.command(&of.command("acl who-can acl write"));
}

/// Number of links from tokens and from roles, by the ID of their target.
type Linked<'m> = HashMap<&'m Id, [u64; 2]>;

fn count<'m>(linked: &mut Linked<'m>, grants: &'m Grants, side: usize) {
    for link in &grants.policies {
        linked.entry(&link.id).or_default()[side] += 1;
    }
}

fn policies(of: &Snapshot<'_>, model: &AclModel, html: &mut Html) {
    let mut linked = Linked::new();
    model.tokens.iter().for_each(|token| count(&mut linked, &token.grants, 0));
    model.roles.iter().for_each(|role| count(&mut linked, &role.grants, 1));
    let mut policies: Vec<_> = model
        .policies
        .iter()
        .map(|policy| (linked.get(&policy.id).copied().unwrap_or_default(), policy))
        .collect();
    policies.sort_by_key(|([tokens, roles], policy)| (Reverse(tokens + roles), &policy.name));
    html.element("h3", "Policies");
    let rows = policies.iter().take(ROWS).map(|([tokens, roles], policy)| {
        let datacenters = match &*policy.datacenters {
            [] => "all".to_owned(),
            some => shown(some.join(", ").as_bytes()),
        };
        vec![
            Cell::Name(of.masked(policy.name.as_bytes())),
            Cell::Text(of.shown(policy.description.as_bytes())),
            Cell::Count(*tokens),
            Cell::Count(*roles),
            Cell::Text(datacenters),
        ]
    });
    html.table(
        &Table::new(
            "Policies, those with the most links first",
            &["policy", "description", "tokens", "roles", "datacenters"],
            rows,
        )
        .first_of(policies.len() as u64),
    );
    html.command(&of.command("list policies"));
}

fn roles(of: &Snapshot<'_>, model: &AclModel, html: &mut Html) {
    if model.roles.is_empty() {
        return;
    }
    let mut tokens: HashMap<&Id, u64> = HashMap::new();
    for link in model.tokens.iter().flat_map(|token| &token.roles) {
        *tokens.entry(&link.id).or_default() += 1;
    }
    let mut roles: Vec<_> =
        model.roles.iter().map(|role| (tokens.get(&role.id).copied().unwrap_or(0), role)).collect();
    roles.sort_by_key(|(tokens, role)| (Reverse(*tokens), &role.name));
    html.element("h3", "Roles");
    let rows = roles.iter().take(ROWS).map(|(tokens, role)| {
        let Grants { policies, service_identities, node_identities, templated_policies } =
            &role.grants;
        let identities =
            service_identities.len() + node_identities.len() + templated_policies.len();
        vec![
            Cell::Name(of.masked(role.name.as_bytes())),
            Cell::Text(of.shown(role.description.as_bytes())),
            Cell::Count(*tokens),
            Cell::Text(format!(
                "{}, {}",
                counted(policies.len() as u64, "policy", "policies"),
                counted(identities as u64, "identity", "identities")
            )),
        ]
    });
    html.table(
        &Table::new(
            "Roles, those with the most tokens first",
            &["role", "description", "tokens", "grants"],
            rows,
        )
        .first_of(roles.len() as u64),
    );
    html.command(&of.command("list roles"));
}
