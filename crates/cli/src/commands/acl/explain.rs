//! `acl explain`: everything a token may do, rule by rule.

use super::{CommonArgs, Form, Loaded, can, load, origin, token};
use crate::exit::Exit;
use crate::reading::FileArg;
use crate::render::escape::one_line;
use crate::render::incomplete;
use crate::terminal;
use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};
use snapscope_analyze::acl::{
    AclError, EffectiveRule, Explanation, Form as RuleForm, Resolver, Token, Warning,
};
use std::io::Write as _;

/// Show a token's effective rules after merging, each with its origin and the rules it shadows
///
/// Warns where two policies of the token disagree about one service: real servers may then confuse
/// the two for other tokens, until leadership changes.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope acl explain backup.snap anonymous
  snapscope acl explain -o json backup.snap 00000000-0000-0000-0000-000000000002")]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    file: FileArg,
    /// The token's accessor, a prefix that matches only one accessor, or "anonymous"
    #[arg(value_name = "TOKEN")]
    token: String,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Form::Table)]
    output: Form,
    #[command(flatten)]
    common: CommonArgs,
}

pub(super) fn run(args: &ExplainArgs) -> Result<Exit> {
    let Loaded { model, exit, incomplete } = load(&args.file, &args.common.read)?;
    let resolver = Resolver::new(&model, args.common.basis.options());
    let token = match token::find(&model, &args.token) {
        Err(_) if exit == Exit::Damaged => None,
        found => Some(found?),
    };
    let explained = token.map(|token| (token, resolver.explain(&token.accessor.to_string())));
    let basis = &args.common.basis;
    let text = match args.output {
        Form::Table => {
            let mut text = match &explained {
                None => "The token is not among what could be read.\n".to_owned(),
                Some((token, Ok(explanation))) => people(token, explanation),
                Some((token, Err(e))) => refused(token, e),
            };
            text.push_str(&basis.line(resolver.basis()));
            text.push('\n');
            text.extend(incomplete.iter().map(|line| format!("{line}\n")));
            text
        }
        Form::Json => {
            let mut object = match &explained {
                None => json!({}),
                Some((token, Ok(explanation))) => object(token, explanation),
                Some((token, Err(e))) => {
                    json!({"AccessorID": token.accessor.to_string(), "Error": e.to_string()})
                }
            };
            object["Basis"] = basis.json(resolver.basis());
            incomplete::mark(&mut object, incomplete.as_deref());
            format!("{object}\n")
        }
    };
    terminal::out().write_all(text.as_bytes())?;
    Ok(exit)
}

fn refused(token: &Token, error: &AclError) -> String {
    let line = format!("{}: {error}", can::named(token));
    format!("{}\n", one_line(line.as_bytes()))
}

fn grants(rule: &EffectiveRule<'_>) -> String {
    let policy = rule.access.map_or("no effect", |access| access.word());
    match rule.intentions {
        Some(intentions) => format!("{policy}, intentions {intentions}"),
        None => policy.to_owned(),
    }
}

fn people(token: &Token, explanation: &Explanation<'_>) -> String {
    let mut out = String::new();
    let mut line = |indent: &str, text: &str| {
        out.push_str(indent);
        out.push_str(&one_line(text.as_bytes()));
        out.push('\n');
    };
    line("", &can::named(token));
    for (source, via) in &explanation.policies {
        line("  ", &format!("has {source}, {}", origin::links(via)));
    }
    for left_out in &explanation.left_out {
        line("  ", &format!("gets nothing through {}: {}", left_out.via, left_out.link));
    }
    if explanation.rules.is_empty() {
        line("", "No rule: the default policy decides about everything.");
    }
    for rule in &explanation.rules {
        line("", &format!("{}: {}", rule.title(), grants(rule)));
        for from in &rule.origins {
            line("  ", &format!("of {}", origin::words(from)));
        }
        for from in &rule.overruled {
            line("  ", &format!("shadows {} of {}", from.rule, origin::words(from)));
        }
        if let Some(wider) = rule.inside.and_then(|at| explanation.rules.get(at)) {
            line("  ", &format!("instead of {}: {}", wider.title(), grants(wider)));
        }
    }
    for warning in &explanation.warnings {
        line("", &format!("Warning: {}", warn(warning)));
    }
    out
}

fn warn(warning: &Warning<'_>) -> String {
    match warning {
        Warning::CacheBug { form, name, sources, changes_first } => {
            let sources: Vec<String> = sources.iter().map(ToString::to_string).collect();
            let prefix = if *form == RuleForm::Prefix { "_prefix" } else { "" };
            let effect = match (changes_first, sources.first()) {
                (true, Some(first)) => format!(
                    "; servers then may give tokens with only {first} what the others say, until leadership changes"
                ),
                _ => "; what the first one says is what counts, so no other token is touched"
                    .to_owned(),
            };
            format!(
                "service{prefix} {:?} is named differently by {}{effect}",
                name.lossy(),
                sources.join(" and ")
            )
        }
        Warning::NoEffect { rule, source } => {
            format!(
                "{} of {source} has no effect: levels of this kind must be in lower case",
                rule.title()
            )
        }
        Warning::NotLowerCase { rule, source } => format!(
            "{} of {source} is not in lower case: it loses against any other for the same name and gives no intentions",
            rule.title()
        ),
        other => format!("{other:?}"),
    }
}

fn object(token: &Token, explanation: &Explanation<'_>) -> Value {
    let policies = explanation.policies.iter().map(|(source, via)| {
        let via: Vec<String> = via.iter().map(ToString::to_string).collect();
        json!({"Source": source.to_string(), "Via": via})
    });
    let left_out = explanation.left_out.iter();
    let rules = explanation.rules.iter().map(|rule| {
        json!({
            "Title": rule.title(),
            "Access": rule.access.map(|access| access.word()),
            "Intentions": rule.intentions.map(|access| access.word()),
            "Origins": rule.origins.iter().map(origin::json).collect::<Vec<_>>(),
            "Shadows": rule.overruled.iter().map(origin::json).collect::<Vec<_>>(),
            "InsteadOf": rule.inside.and_then(|at| explanation.rules.get(at)).map(EffectiveRule::title),
        })
    });
    json!({
        "AccessorID": token.accessor.to_string(),
        "Description": can::described(token),
        "Policies": policies.collect::<Vec<_>>(),
        "LeftOut": left_out.map(|l| format!("{}: {}", l.via, l.link)).collect::<Vec<_>>(),
        "Rules": rules.collect::<Vec<_>>(),
        "Warnings": explanation.warnings.iter().map(warn).collect::<Vec<_>>(),
    })
}
