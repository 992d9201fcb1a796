//! `acl explain`: everything a token may do, rule by rule.

use super::super::super::ask::{Ask, quoted, shown};
use super::super::super::reply::Reply;
use super::basis::{basis, readable};
use super::tokens::{name_of, named_in};
use serde_json::{Value, json};
use snapscope_analyze::acl::{EffectiveRule, Explanation, Via};

/// Maximum number of rules, and of policies, listed.
const ROWS: usize = 400;
/// Maximum number of origins of a rule.
const ORIGINS: usize = 6;

pub(in super::super) fn explain(ask: &Ask<'_>) -> Result<Value, Reply> {
    readable(ask)?;
    let token = named_in(ask)?;
    let explained = ask.view.authorizer.resolver().explain(&token.accessor.to_string());
    let mut answer = match &explained {
        Ok(explanation) => explanation_of(explanation),
        Err(error) => json!({"error": shown(error.to_string().as_bytes())}),
    };
    let accessor = token.accessor.to_string();
    let word = quoted(accessor.as_bytes(), "ACCESSOR");
    answer["command"] = ask.command(&format!("acl explain {word}")).into();
    answer["accessor"] = accessor.into();
    answer["who"] = name_of(ask, token).into();
    answer["basis"] = basis(ask).into();
    Ok(answer)
}

fn explanation_of(explanation: &Explanation<'_>) -> Value {
    let text = |text: String| shown(text.as_bytes());
    let policies = explanation.policies.iter().take(ROWS);
    let policies = policies.map(
        |(source, via)| json!({"name": text(source.to_string()), "via": text(Via::all_words(via))}),
    );
    let rules = explanation.rules.iter().take(ROWS).map(|rule| row(rule, &explanation.rules));
    let left_out = explanation.left_out.iter().take(ROWS).map(|link| text(link.to_string()));
    let warnings = explanation.warnings.iter().take(ROWS).map(|warning| text(warning.to_string()));
    json!({
        "policies": policies.collect::<Vec<_>>(),
        "more_policies": explanation.policies.len().saturating_sub(ROWS),
        "rules": rules.collect::<Vec<_>>(),
        "more_rules": explanation.rules.len().saturating_sub(ROWS),
        "left_out": left_out.collect::<Vec<_>>(),
        "warnings": warnings.collect::<Vec<_>>(),
    })
}

fn row(rule: &EffectiveRule<'_>, all: &[EffectiveRule<'_>]) -> Value {
    let text = |text: String| shown(text.as_bytes());
    let of = |count: usize, words: Vec<String>| {
        let more = count.saturating_sub(words.len());
        let more = (more > 0).then(|| format!("and {more} more"));
        words.into_iter().map(text).chain(more).collect::<Vec<_>>()
    };
    let origins = rule.origins.iter().take(ORIGINS).map(|origin| origin.words()).collect();
    let shadows = rule.overruled.iter().take(ORIGINS);
    let shadows = shadows.map(|origin| format!("{} of {}", origin.rule, origin.words())).collect();
    let wider = rule.inside.and_then(|at| all.get(at));
    json!({
        "title": text(rule.title()),
        "grants": rule.grants(),
        "origins": of(rule.origins.len(), origins),
        "shadows": of(rule.overruled.len(), shadows),
        "instead_of": wider.map(|wider| text(format!("{}: {}", wider.title(), wider.grants()))),
    })
}
