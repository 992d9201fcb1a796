//! `acl who-can`: all tokens that can do something, and the logins that would create one.

use super::super::super::ask::{Ask, shown};
use super::super::super::reply::Reply;
use super::asked::Asked;
use super::basis::{basis, readable};
use super::tokens::{description, name_of};
use serde_json::{Value, json};
use snapscope_analyze::acl::{Origin, Reasons};

/// Maximum number of tokens listed.
const TOKENS: usize = 200;
/// Maximum number of logins, and of refused tokens, listed.
const OTHERS: usize = 50;

pub(in super::super) fn who_can(ask: &Ask<'_>) -> Result<Value, Reply> {
    readable(ask)?;
    let asked = Asked::of(ask);
    let question = asked.question()?;
    let resolver = ask.view.authorizer.resolver();
    let reasons = Reasons::new(resolver);
    let holders =
        resolver.holders(&question).map_err(|error| Reply::error(400, error.to_string()))?;
    let (mut count, mut tokens) = (0u64, Vec::new());
    let mut refused = Vec::new();
    for holder in holders {
        let holder = match holder {
            Ok(holder) => holder,
            Err((token, error)) => {
                refused.push(shown(format!("{}: {error}", name_of(ask, token)).as_bytes()));
                continue;
            }
        };
        count += 1;
        if tokens.len() == TOKENS {
            continue;
        }
        let (rule, from) = match reasons.first_reason(&holder) {
            Some(first) => {
                (first.title, first.origin.as_ref().map_or_else(String::new, Origin::words))
            }
            None => ("none".to_owned(), "the default policy".to_owned()),
        };
        tokens.push(json!({
            "accessor": holder.token.accessor.to_string(),
            "description": description(ask, holder.token),
            "rule": shown(rule.as_bytes()),
            "from": shown(from.as_bytes()),
        }));
    }
    let logins = resolver.logins(&question);
    let more_logins = logins.len().saturating_sub(OTHERS);
    let logins = logins.iter().take(OTHERS).map(|login| shown(login.to_string().as_bytes()));
    let more_refused = refused.len().saturating_sub(OTHERS);
    refused.truncate(OTHERS);
    Ok(json!({
        "asked": asked.sentence(),
        "count": count,
        "tokens": tokens,
        "logins": logins.collect::<Vec<_>>(),
        "more_logins": more_logins,
        "refused": refused,
        "more_refused": more_refused,
        "basis": basis(ask),
        "command": ask.command(&format!("acl who-can {}", asked.command())),
    }))
}
