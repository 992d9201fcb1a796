//! `acl who-can`: all tokens that can do something, and the logins that would make one.

use super::{CommonArgs, Loaded, can, load, origin, question};
use crate::exit::Exit;
use crate::reading::FileArg;
use crate::render::escape::one_line;
use crate::render::incomplete::{self, with_line};
use crate::render::table::{Cell, Output, Rows};
use crate::terminal;
use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};
use snapscope_analyze::acl::{Decision, LoginPath, Question, Resolver, Token, WhoCan};
use std::io::Write as _;

/// List all tokens that can do something, each with the link that lets it, and the logins that
/// would make one
///
/// Whether a login fits a selector depends on what it brings, so selectors are shown, not judged.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope acl who-can backup.snap acl write
  snapscope acl who-can backup.snap key write-prefix app/
  snapscope acl who-can -o json backup.snap service write web")]
pub(crate) struct WhoCanArgs {
    #[command(flatten)]
    file: FileArg,
    /// acl, agent, event, intention, key, keyring, mesh, node, operator, peering, query, service or
    /// session
    #[arg(value_name = "RESOURCE")]
    resource: String,
    /// read or write; for keys also list or write-prefix
    #[arg(value_name = "ACCESS")]
    access: String,
    /// Which one: a key, a service, a node
    #[arg(value_name = "SEGMENT")]
    segment: Option<String>,
    /// How to print; csv has the tokens only
    #[arg(short, long, value_enum, default_value_t = Output::Table)]
    output: Output,
    #[command(flatten)]
    common: CommonArgs,
}

pub(super) fn run(args: &WhoCanArgs) -> Result<Exit> {
    let question = question(&args.resource, &args.access, args.segment.as_deref())?;
    let Loaded { model, exit, incomplete } = load(&args.file, &args.common.read)?;
    let resolver = Resolver::new(&model, args.common.basis.options());
    let found = resolver.who_can(&question)?;
    let basis = &args.common.basis;
    let text = match args.output {
        Output::Table => {
            let mut text = people(&found, &question);
            text.extend_from_slice(format!("{}\n", basis.line(resolver.basis())).as_bytes());
            text.extend(incomplete.iter().flat_map(|line| format!("{line}\n").into_bytes()));
            text
        }
        Output::Json => {
            let mut object = json!({
                "Resource": question.resource().word(),
                "Segment": args.segment.as_deref().unwrap_or_default(),
                "Access": question.access().word(),
                "Tokens": found.holders.iter().map(|(t, d)| holder(t, d)).collect::<Vec<_>>(),
                "Logins": found.logins.iter().map(login).collect::<Vec<_>>(),
                "Refused": found.errors.iter().map(|(t, e)| {
                    json!({"AccessorID": t.accessor.to_string(), "Error": e.to_string()})
                }).collect::<Vec<_>>(),
                "Basis": basis.json(resolver.basis()),
            });
            incomplete::mark(&mut object, incomplete.as_deref());
            format!("{object}\n").into_bytes()
        }
        Output::Jsonl => {
            let tokens = found.holders.iter().map(|(t, d)| holder(t, d));
            let lines: String =
                tokens.chain(found.logins.iter().map(login)).map(|v| format!("{v}\n")).collect();
            with_line(lines.into_bytes(), incomplete.as_deref())
        }
        Output::Csv => rows(&found).csv(incomplete.as_deref()),
    };
    terminal::out().write_all(&text)?;
    Ok(exit)
}

fn holder(token: &Token, decision: &Decision<'_>) -> Value {
    json!({
        "AccessorID": token.accessor.to_string(),
        "Description": can::described(token),
        "Rule": origin::reason_json(decision.reason.as_ref()),
    })
}

fn login(path: &LoginPath<'_>) -> Value {
    json!({
        "AuthMethod": path.method.name,
        "BindingRule": path.rule.id.to_string(),
        "Selector": path.rule.selector,
        "BindType": path.rule.bind_type,
        "BindName": path.rule.bind_name,
        "DependsOnName": path.depends_on_name,
    })
}

fn rows(found: &WhoCan<'_>) -> Rows {
    let text = |text: String| Cell::Text(text.into_bytes());
    Rows {
        columns: ["accessor", "description", "rule", "from"].map(Into::into).into(),
        rows: found
            .holders
            .iter()
            .map(|(token, decision)| {
                let (rule, from) = match &decision.reason {
                    Some(reason) => (
                        reason.title(),
                        reason.origins.first().map_or(String::new(), origin::words),
                    ),
                    None => ("none".to_owned(), "the default policy".to_owned()),
                };
                vec![
                    text(token.accessor.to_string()),
                    Cell::Text(can::described(token).into_bytes()),
                    text(rule),
                    text(from),
                ]
            })
            .collect(),
        total: None,
    }
}

fn people(found: &WhoCan<'_>, question: &Question<'_>) -> Vec<u8> {
    let what = can::asked(question);
    let mut text = Vec::new();
    if found.holders.is_empty() {
        text.extend_from_slice(format!("No token can {what}.\n").as_bytes());
    } else {
        text.extend_from_slice(&rows(found).table());
        let count = found.holders.len();
        let tokens = if count == 1 { "1 token" } else { &format!("{count} tokens") };
        text.extend_from_slice(format!("{tokens} can {what}.\n").as_bytes());
    }
    for path in &found.logins {
        let rule = path.rule;
        let selector = match &*rule.selector {
            "" => "by any login".to_owned(),
            selector => format!("by logins where {selector}"),
        };
        let depends = if path.depends_on_name { ", if the name comes out so" } else { "" };
        let line = format!(
            "A token that can is made with auth method {:?} by binding rule {} ({} {:?}), {selector}{depends}.",
            path.method.name, rule.id, rule.bind_type, rule.bind_name
        );
        text.extend_from_slice(format!("{}\n", one_line(line.as_bytes())).as_bytes());
    }
    for (token, e) in &found.errors {
        let line = format!("Refused by servers: {}: {e}", can::named(token));
        text.extend_from_slice(format!("{}\n", one_line(line.as_bytes())).as_bytes());
    }
    text
}
