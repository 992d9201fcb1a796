//! Answers who can do what, and why: the questions of the command `acl`.

mod asked;
mod basis;
mod can;
mod check;
mod explain;
mod tokens;
mod who_can;

pub(super) use can::can;
pub(super) use check::check;
pub(super) use explain::explain;
pub(super) use who_can::who_can;

use basis::{basis, readable};

use super::super::ask::Ask;
use super::super::reply::Reply;
use serde_json::{Value, json};
use snapscope_analyze::Tally;
use snapscope_analyze::acl::{Access, Resource};
use snapscope_decode::Kind;

pub(super) fn acl(ask: &Ask<'_>) -> Result<Value, Reply> {
    readable(ask)?;
    let authorizer = &ask.view.authorizer;
    let model = authorizer.model();
    let mut types = ask.quick()?.0.types.iter();
    let is_of_tokens = |(kind, _): &(Kind, Tally)| matches!(*kind, Kind::ACL_TOKEN | Kind::ACL);
    let resources =
        Resource::ALL.iter().filter(|resource| resource.known_to(authorizer.basis().version));
    Ok(json!({
        "tokens": model.tokens.len(),
        "has_unreadable": model.tokens.is_empty() && types.any(is_of_tokens),
        "policies": model.policies.len(),
        "roles": model.roles.len(),
        "auth_methods": model.auth_methods.len(),
        "basis": basis(ask),
        "resources": resources.map(|resource| resource.word()).collect::<Vec<_>>(),
        "accesses": Access::ALL.iter().map(|access| access.word()).collect::<Vec<_>>(),
    }))
}

/// The tokens with dangerous permissions.
pub(super) fn dangerous(ask: &Ask<'_>) -> Result<Value, Reply> {
    readable(ask)?;
    let dangers = ask.view.page.dangers(ask.view.authorizer.resolver());
    let rows = dangers.iter().map(|danger| {
        json!({
            "what": danger.what,
            "question": danger.question(),
            "resource": danger.resource.word(),
            "access": danger.access.word(),
            "segment": danger.segment,
            "count": danger.count,
            "is_everyone": danger.is_everyone,
            "names": danger.names,
        })
    });
    Ok(json!({
        "rows": rows.collect::<Vec<_>>(),
        "command": ask.command("acl who-can acl write"),
    }))
}
