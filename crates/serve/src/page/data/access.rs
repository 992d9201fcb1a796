//! Answers who can do what, and why.

use super::super::ask::{Ask, shown};
use super::super::reply::Reply;
use serde_json::{Value, json};
use snapscope_analyze::acl::{Access, Origin, Question, Reasons, Resource, Token, Via};
use snapscope_report::dangers;

/// Maximum number of tokens listed.
const TOKENS: usize = 200;

fn readable(ask: &Ask<'_>) -> Result<(), Reply> {
    match ask.may(Resource::Acl, Access::Read, b"") {
        true => Ok(()),
        false => Err(Reply::denied("acl:read")),
    }
}

pub(super) fn acl(ask: &Ask<'_>) -> Result<Value, Reply> {
    readable(ask)?;
    let authorizer = &ask.view.authorizer;
    let (model, resolver) = (authorizer.model(), authorizer.resolver());
    let basis = authorizer.basis();
    let dangerous = dangers(resolver, &ask.view.page.scanner).into_iter().map(|danger| {
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
    let resources = Resource::ALL.iter().filter(|resource| resource.known_to(basis.version));
    Ok(json!({
        "tokens": model.tokens.len(),
        "policies": model.policies.len(),
        "roles": model.roles.len(),
        "auth_methods": model.auth_methods.len(),
        "basis": format!("Answers are those of Consul {}. The default policy is an assumption: snapshots do not record it.", basis.version),
        "dangerous": dangerous.collect::<Vec<_>>(),
        "resources": resources.map(|resource| resource.word()).collect::<Vec<_>>(),
        "accesses": Access::ALL.iter().map(|access| access.word()).collect::<Vec<_>>(),
        "command": ask.command("acl who-can acl write"),
    }))
}

/// The question in a request, and the text of its segment.
fn asked(resource: &str, access: &str, segment: &str) -> Result<String, Reply> {
    let question = Question::parse(resource, access, segment);
    let question = question.map_err(|error| Reply::error(400, error.to_string()))?;
    Ok(match question.resource().has_segments() {
        true => format!("{access} {resource} {segment:?}"),
        false => format!("{access} {resource}"),
    })
}

pub(super) fn can(ask: &Ask<'_>) -> Result<Value, Reply> {
    readable(ask)?;
    let [resource, access, segment, given] =
        ["resource", "access", "segment", "token"].map(|name| ask.text(name));
    let words = asked(&resource, &access, &segment)?;
    let model = ask.view.authorizer.model();
    let mut fitting = model.tokens.iter().filter(|token| match given.as_str() {
        "anonymous" => token.anonymous,
        start => token.accessor.to_string().starts_with(start),
    });
    let token = match (fitting.next(), fitting.next()) {
        (Some(token), None) => token,
        (None, _) => return Err(Reply::error(404, "No token has this accessor.")),
        _ => {
            return Err(Reply::error(
                400,
                "Several tokens start with this; give more of the accessor.",
            ));
        }
    };
    let Ok(question) = Question::parse(&resource, &access, &segment) else {
        return Err(Reply::error(400, "The question is not valid."));
    };
    let (is_allowed, reasons) = match ask.view.authorizer.resolver().can_token(token, &question) {
        Err(error) => (false, vec![error.to_string()]),
        Ok(decision) => {
            let reasons = match &decision.reason {
                None => vec!["No rule applies, so the default policy decides.".to_owned()],
                Some(reason) => {
                    let decides =
                        format!("The rule {} decides ({}).", reason.title(), reason.access.word());
                    let of = reason.origins.iter().map(|origin| format!("It is {}.", of(origin)));
                    let over = reason.overruled.iter().map(|origin| {
                        format!("It overrides {} {}.", origin.rule, of_source(origin))
                    });
                    std::iter::once(decides).chain(of).chain(over).take(50).collect()
                }
            };
            (decision.allowed, reasons)
        }
    };
    let reasons: Vec<String> = reasons.iter().map(|reason| shown(reason.as_bytes())).collect();
    let who = named(ask, token);
    Ok(json!({
        "is_allowed": is_allowed,
        "who": who,
        "asked": words,
        "reasons": reasons,
        "command": ask.command(&format!("acl can {} {}", token.accessor, question_words(&resource, &access, &segment))),
    }))
}

fn of(origin: &Origin<'_>) -> String {
    let via: Vec<String> = origin.via.iter().map(Via::words).collect();
    format!("{}, {}", of_source(origin), via.join(" and "))
}

fn of_source(origin: &Origin<'_>) -> String {
    match origin.rule.place.line {
        0 => format!("of {}", origin.source),
        _ => format!("of {} ({})", origin.source, origin.rule.place),
    }
}

fn named(ask: &Ask<'_>, token: &Token) -> String {
    if token.anonymous {
        return "the anonymous token".to_owned();
    }
    let description = described(ask, token);
    match description.as_str() {
        "" => token.accessor.to_string(),
        text => format!("{text} ({})", token.accessor),
    }
}

fn described(ask: &Ask<'_>, token: &Token) -> String {
    let masked = ask.view.page.scanner.masked_text(&token.description);
    shown(masked.as_deref().unwrap_or(&token.description).as_bytes())
}

/// The question as words on a command line.
fn question_words(resource: &str, access: &str, segment: &str) -> String {
    format!("{resource} {access} '{}'", segment.replace('\'', ""))
}

pub(super) fn who_can(ask: &Ask<'_>) -> Result<Value, Reply> {
    readable(ask)?;
    let [resource, access, segment] = ["resource", "access", "segment"].map(|name| ask.text(name));
    let words = asked(&resource, &access, &segment)?;
    let Ok(question) = Question::parse(&resource, &access, &segment) else {
        return Err(Reply::error(400, "The question is not valid."));
    };
    let resolver = ask.view.authorizer.resolver();
    let reasons = Reasons::new(resolver);
    let holders =
        resolver.holders(&question).map_err(|error| Reply::error(400, error.to_string()))?;
    let (mut count, mut tokens) = (0u64, Vec::new());
    for holder in holders.flatten() {
        count += 1;
        if tokens.len() == TOKENS {
            continue;
        }
        let (rule, from) = match reasons.first_reason(&holder) {
            Some(first) => (first.title, first.origin.as_ref().map_or_else(String::new, of)),
            None => ("none".to_owned(), "the default policy".to_owned()),
        };
        tokens.push(json!({
            "accessor": holder.token.accessor.to_string(),
            "description": described(ask, holder.token),
            "rule": shown(rule.as_bytes()),
            "from": shown(from.as_bytes()),
        }));
    }
    Ok(json!({
        "asked": words,
        "count": count,
        "tokens": tokens,
        "command": ask.command(&format!("acl who-can {}", question_words(&resource, &access, &segment))),
    }))
}
