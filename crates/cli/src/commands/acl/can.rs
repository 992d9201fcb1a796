//! `acl can`: yes or no, and why.

use super::asked::{CommonArgs, in_order, load, question, resources, words_and_file};
use super::{origin, token};
use crate::answer::{Answer, print, write_wrapped};
use crate::exit::Exit;
use crate::form::{Form, forms};
use crate::reading::Asked;
use crate::render::escape::one_line;
use crate::render::incomplete::Names;
use crate::render::style::{Style, painted};
use crate::render::wrap::shown;
use anyhow::{Result, bail};
use clap::Args;
use snapscope_analyze::acl::{AclError, Decision, Question, Resolver, Token};
use snapscope_analyze::secrets::Scanner;
use snapscope_objects::json::JsonText;
use std::ffi::OsString;
use std::io::{self, Write};
use std::sync::LazyLock;

/// Check whether a token can do something, and which rule decides
///
/// The exit code is 0 for yes and 1 for no. If servers refuse the token altogether, because it has
/// expired or a policy's rules cannot be parsed, the answer is no, with that reason.
///
/// TOKEN may be a SecretID. The answer then names the token by its accessor; the SecretID is never
/// printed.
#[derive(Debug, Args)]
#[command(
    override_usage = USAGE,
    after_help = "Examples:
  snapscope acl can anonymous service read web backup.snap --default-policy allow
  snapscope acl can anonymous key read app/color backup.snap --default-policy allow -o json"
)]
pub(crate) struct CanArgs {
    #[arg(value_name = "TOKEN RESOURCE ACCESS SEGMENT FILE", required = true, num_args = 1..=5,
          help = help())]
    arguments: Vec<OsString>,
    /// Output format
    #[arg(short, long, value_name = "FORM", value_parser = forms(&["table", "json"]), default_value = "table")]
    output: Form,
    #[command(flatten)]
    common: CommonArgs,
}

const USAGE: &str = "snapscope acl can [OPTIONS] <TOKEN> <RESOURCE> <ACCESS> [SEGMENT] <FILE>";

fn help() -> String {
    format!(
        "The token's accessor, a prefix that matches only one accessor, its SecretID, or \"anonymous\"; a \
         resource ({}); read or write, for keys also list or write-prefix; the name of the key, service, node, ...",
        resources()
    )
}

pub(super) fn run(args: &CanArgs) -> Result<Exit> {
    let (words, file) = words_and_file(&args.arguments, 3, USAGE)?;
    let [token, resource, access, segment @ ..] = words.as_slice() else { bail!("usage: {USAGE}") };
    let segment = segment.first().map(String::as_str);
    in_order(Some(token), resource, access)?;
    let question = question(resource, access, segment)?;
    let Asked { out: model, exit, incomplete, .. } = load(&file, &args.common.read)?;
    let resolver = Resolver::new(&model, args.common.basis.options());
    let token = match token::find(&model, token, &file, &args.common.read) {
        // The token may be missing because of damage.
        Err(_) if exit == Exit::Damaged => {
            print(&Missing, args.output, incomplete.as_ref())?;
            return Ok(exit);
        }
        found => found?,
    };
    let answer = resolver.can_token(token, &question);
    if let Err(e @ (AclError::UnknownResource { .. } | AclError::UnknownTemplate { .. })) = answer {
        bail!(e);
    }
    let allowed = answer.as_ref().is_ok_and(|decision| decision.allowed);
    let segment = segment.unwrap_or_default();
    let answer = Can { args, token, segment, question: &question, resolver: &resolver, answer };
    print(&answer, args.output, incomplete.as_ref())?;
    Ok(exit.max(if allowed { Exit::Done } else { Exit::Found }))
}

/// A token that was not found, possibly because of damage.
struct Missing;

impl Answer for Missing {
    const NAMES: Names = Names::Consul;

    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(MISSING.as_bytes())
    }

    fn json(&self, _: &mut JsonText, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// The message about a token that may be missing because of damage.
pub(super) const MISSING: &str = "The token was not found in the readable part.\n";

/// The data to print.
struct Can<'a> {
    args: &'a CanArgs,
    token: &'a Token,
    segment: &'a str,
    question: &'a Question<'a>,
    resolver: &'a Resolver<'a>,
    answer: Result<Decision<'a>, AclError>,
}

impl Answer for Can<'_> {
    const NAMES: Names = Names::Consul;

    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let basis = self.args.common.basis.line(self.resolver.basis());
        let text = words(self.token, self.question, &self.answer);
        let (first, rest) = text.split_once(':').unwrap_or(("", &text));
        let style = if first == "yes" { Style::Green } else { Style::Red };
        out.write_all(&painted(Some(style), first))?;
        write!(out, ":{}", shown(rest))?;
        write_wrapped(&basis, out)
    }

    fn json(&self, json: &mut JsonText, _: &mut dyn Write) -> io::Result<()> {
        let Self { token, segment, question, answer, .. } = self;
        let (basis, default_known) =
            (self.resolver.basis(), self.args.common.basis.default_known());
        snapscope_answers::acl::Can { token, question, segment, answer, basis, default_known }
            .members(json);
        Ok(())
    }
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
        None => line("no rule applies, so the default policy decides".to_owned()),
        Some(reason) => {
            let part = origin::part(reason.part);
            line(format!("decided by {} ({part} = {:?})", reason.title(), reason.access.word()));
            for from in &reason.origins {
                line(format!("  of {}", from.words()));
            }
            for from in &reason.overruled {
                line(format!("  overrides {} of {}", from.rule, from.words()));
            }
        }
    }
    text
}

/// `read key "app/color"`.
pub(crate) fn asked(question: &Question<'_>) -> String {
    let (access, resource) = (question.access(), question.resource());
    if !resource.has_segments() {
        return format!("{access} {resource}");
    }
    format!("{access} {resource} \"{}\"", one_line(question.segment()))
}

/// A token's description, with secrets masked: people write secrets there, too.
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
