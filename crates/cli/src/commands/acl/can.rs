//! `acl can`: yes or no, and why.

use super::{CommonArgs, Form, Loaded, load, origin, question, token};
use crate::exit::Exit;
use crate::reading::FileArg;
use crate::render::escape::one_line;
use crate::render::incomplete::{self, with_line};
use crate::terminal;
use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;
use snapscope_analyze::acl::{AclError, Decision, Question, Resolver, Token};
use snapscope_analyze::secrets::Scanner;
use std::io::Write as _;
use std::sync::LazyLock;

/// Say whether a token can do something, and which rule decides
///
/// Exits with 0 for yes and with 1 for no. A token that servers refuse altogether, because it has
/// expired or the rules of a policy can't be read, can do nothing; the answer says why.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope acl can backup.snap anonymous service read web --default-policy allow
  snapscope acl can backup.snap anonymous key read app/color --default-policy allow -o json")]
pub(crate) struct CanArgs {
    #[command(flatten)]
    file: FileArg,
    /// The token's accessor, a beginning of it that no other has, or "anonymous"
    #[arg(value_name = "TOKEN")]
    token: String,
    #[arg(value_name = "RESOURCE", help = super::resources())]
    resource: String,
    /// read or write; for keys also list or write-prefix
    #[arg(value_name = "ACCESS")]
    access: String,
    /// Which one: a key, a service, a node
    #[arg(value_name = "SEGMENT")]
    segment: Option<String>,
    /// How to print
    #[arg(short, long, value_enum, default_value_t = Form::Table)]
    output: Form,
    #[command(flatten)]
    common: CommonArgs,
}

pub(super) fn run(args: &CanArgs) -> Result<Exit> {
    let question = question(&args.resource, &args.access, args.segment.as_deref())?;
    let Loaded { model, exit, incomplete } = load(&args.file, &args.common.read)?;
    let resolver = Resolver::new(&model, args.common.basis.options());
    let token = match token::find(&model, &args.token) {
        // Damage is why it isn't there, maybe.
        Err(_) if exit == Exit::Damaged => {
            write_incomplete(args, incomplete.as_deref())?;
            return Ok(exit);
        }
        found => found?,
    };
    let answer = resolver.can_token(token, &question);
    if let Err(e @ (AclError::UnknownResource { .. } | AclError::UnknownTemplate { .. })) = answer {
        bail!(e);
    }
    let allowed = answer.as_ref().is_ok_and(|decision| decision.allowed);
    let text = match args.output {
        Form::Table => {
            let mut text = words(token, &question, &answer);
            text.push_str(&args.common.basis.line(resolver.basis()));
            text.push('\n');
            text.extend(incomplete.iter().map(|line| format!("{line}\n")));
            text
        }
        Form::Json => {
            let mut object = json!({
                "AccessorID": token.accessor.to_string(),
                "Resource": question.resource().word(),
                "Segment": args.segment.as_deref().unwrap_or_default(),
                "Access": question.access().word(),
                "Allow": allowed,
            });
            match &answer {
                Ok(decision) => object["Rule"] = origin::reason_json(decision.reason.as_ref()),
                Err(e) => object["Error"] = e.to_string().into(),
            }
            object["Basis"] = args.common.basis.json(resolver.basis());
            incomplete::mark(&mut object, incomplete.as_deref());
            format!("{object}\n")
        }
    };
    terminal::out().write_all(text.as_bytes())?;
    Ok(exit.max(if allowed { Exit::Done } else { Exit::Found }))
}

fn write_incomplete(args: &CanArgs, incomplete: Option<&str>) -> Result<()> {
    let why = incomplete.unwrap_or_default();
    let text = match args.output {
        Form::Table => format!("The token is not among what could be read.\n{why}\n"),
        Form::Json => String::from_utf8_lossy(&with_line(Vec::new(), Some(why))).into_owned(),
    };
    terminal::out().write_all(text.as_bytes())?;
    Ok(())
}

fn words(
    token: &Token,
    question: &Question<'_>,
    answer: &Result<Decision<'_>, AclError>,
) -> String {
    let what = asked(question);
    let who = named(token);
    let decision = match answer {
        Ok(decision) => decision,
        Err(e) => {
            return format!("no: {who} can't {what}\n  {}\n", one_line(e.to_string().as_bytes()));
        }
    };
    let mut text = if decision.allowed {
        format!("yes: {who} can {what}\n")
    } else {
        format!("no: {who} can't {what}\n")
    };
    let mut line = |line: String| text.push_str(&format!("  {}\n", one_line(line.as_bytes())));
    match &decision.reason {
        None => line("no rule says anything about it, so the default policy decides".to_owned()),
        Some(reason) => {
            let part = origin::part(reason.part);
            line(format!("decided by {} ({part} = {:?})", reason.title(), reason.access.word()));
            for from in &reason.origins {
                line(format!("  of {}", origin::words(from)));
            }
            for from in &reason.overruled {
                line(format!("  overrules {} of {}", from.rule, origin::words(from)));
            }
        }
    }
    text
}

/// `read key "app/color"`.
pub(super) fn asked(question: &Question<'_>) -> String {
    let (access, resource) = (question.access(), question.resource());
    if !resource.has_segments() {
        return format!("{access} {resource}");
    }
    format!("{access} {resource} \"{}\"", one_line(question.segment()))
}

/// A token's description; people write secrets there too.
pub(super) fn described(token: &Token) -> String {
    static SCANNER: LazyLock<Scanner> = LazyLock::new(Scanner::new);
    SCANNER.masked_text(&token.description).unwrap_or_else(|| token.description.to_string())
}

/// `token 1234 (its description)`.
pub(super) fn named(token: &Token) -> String {
    if token.description.is_empty() {
        return format!("token {}", token.accessor);
    }
    format!("token {} ({})", token.accessor, one_line(described(token).as_bytes()))
}
