//! `acl can`: yes or no, and why.

use super::super::super::ask::{Ask, quoted, shown};
use super::super::super::reply::Reply;
use super::asked::Asked;
use super::basis::{basis, readable};
use super::tokens::{name_of, named_in};
use serde_json::{Value, json};
use snapscope_analyze::acl::Reason;

/// Maximum number of reasons shown.
const REASONS: usize = 50;

pub(in super::super) fn can(ask: &Ask<'_>) -> Result<Value, Reply> {
    readable(ask)?;
    let asked = Asked::of(ask);
    let question = asked.question()?;
    let token = named_in(ask)?;
    let (is_allowed, reasons) = match ask.view.authorizer.resolver().can_token(token, &question) {
        Err(error) => (false, vec![error.to_string()]),
        Ok(decision) => (decision.allowed, decision.reason.as_ref().map_or_else(none, reasons)),
    };
    let reasons: Vec<String> = reasons.iter().map(|reason| shown(reason.as_bytes())).collect();
    let accessor = token.accessor.to_string();
    let word = quoted(accessor.as_bytes(), "ACCESSOR");
    Ok(json!({
        "is_allowed": is_allowed,
        "who": name_of(ask, token),
        "accessor": accessor,
        "asked": asked.sentence(),
        "reasons": reasons,
        "basis": basis(ask),
        "command": ask.command(&format!("acl can {word} {}", asked.command())),
    }))
}

fn none() -> Vec<String> {
    vec!["No rule applies, so the default policy decides.".to_owned()]
}

fn reasons(reason: &Reason<'_>) -> Vec<String> {
    let decides = format!("The rule {} decides ({}).", reason.title(), reason.access.word());
    let of = reason.origins.iter().map(|origin| format!("It comes from {}.", origin.words()));
    let over = reason
        .overruled
        .iter()
        .map(|origin| format!("It overrides {} from {}.", origin.rule, origin.words()));
    std::iter::once(decides).chain(of).chain(over).take(REASONS).collect()
}
