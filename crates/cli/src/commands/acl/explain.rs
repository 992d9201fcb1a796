//! `acl explain`: everything a token may do, rule by rule.

use super::asked::{CommonArgs, load, words_and_file};
use super::{can, origin, token};
use crate::answer::{Answer, print, write_wrapped};
use crate::exit::Exit;
use crate::form::{Form, forms};
use crate::reading::Asked;
use crate::render::escape::one_line;
use crate::render::incomplete::Names;
use crate::render::json::{List, Members as _, Object};
use crate::render::wrap::shown;
use anyhow::{Result, bail};
use clap::Args;
use snapscope_analyze::acl::{AclError, EffectiveRule, Explanation, Resolver, Token, Via};
use snapscope_objects::json::JsonText;
use std::ffi::OsString;
use std::io::{self, Write};

/// Show a token's effective rules, and where each is from
///
/// The rules are shown after merging, each with its origin and the rules that it shadows. If two
/// policies of the token disagree about a service, a warning names it: real servers may then
/// confuse the two policies for other tokens, until leadership changes.
#[derive(Debug, Args)]
#[command(
    override_usage = USAGE,
    after_help = "Examples:
  snapscope acl explain anonymous backup.snap
  snapscope acl explain -o json 00000000-0000-0000-0000-000000000002 backup.snap

With a SecretID:
  snapscope acl explain \"$SECRET_ID\" backup.snap"
)]
pub(crate) struct ExplainArgs {
    /// The token's accessor, a prefix that matches only one accessor, its SecretID, or "anonymous";
    /// then FILE
    #[arg(value_name = "TOKEN FILE", required = true, num_args = 1..=2)]
    arguments: Vec<OsString>,
    /// Output format
    #[arg(short, long, value_name = "FORM", value_parser = forms(&["table", "json"]), default_value = "table")]
    output: Form,
    #[command(flatten)]
    common: CommonArgs,
}

const USAGE: &str = "snapscope acl explain [OPTIONS] <TOKEN> <FILE>";

pub(super) fn run(args: &ExplainArgs) -> Result<Exit> {
    let (words, file) = words_and_file(&args.arguments, 1, USAGE)?;
    let [token] = words.as_slice() else { bail!("usage: {USAGE}") };
    let Asked { out: model, exit, incomplete, .. } = load(&file, &args.common.read)?;
    let resolver = Resolver::new(&model, args.common.basis.options());
    let token = match token::find(&model, token, &file, &args.common.read) {
        Err(_) if exit == Exit::Damaged => None,
        found => Some(found?),
    };
    let explained = token.map(|token| (token, resolver.explain(&token.accessor.to_string())));
    print(&Explained { args, resolver: &resolver, explained }, args.output, incomplete.as_ref())?;
    Ok(exit)
}

/// The data to print.
struct Explained<'a> {
    args: &'a ExplainArgs,
    resolver: &'a Resolver<'a>,
    /// `None` if the token may be missing because of damage.
    explained: Option<(&'a Token, Result<Explanation<'a>, AclError>)>,
}

impl Answer for Explained<'_> {
    const NAMES: Names = Names::Consul;

    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let text = match &self.explained {
            None => can::MISSING.to_owned(),
            Some((token, Ok(explanation))) => people(token, explanation),
            Some((token, Err(e))) => refused(token, e),
        };
        write!(out, "{}", shown(&text))?;
        write_wrapped(&self.args.common.basis.line(self.resolver.basis()), out)
    }

    fn json(&self, json: &mut JsonText, _: &mut dyn Write) -> io::Result<()> {
        match &self.explained {
            None => {}
            Some((token, Ok(explanation))) => members(token, explanation, json),
            Some((token, Err(e))) => {
                json.member("AccessorID", token.accessor.to_string())
                    .member("Error", e.to_string());
            }
        }
        let basis = |json: &mut JsonText| {
            self.args.common.basis.members(self.resolver.basis(), json);
        };
        json.member("Basis", Object(basis));
        Ok(())
    }
}

fn refused(token: &Token, error: &AclError) -> String {
    let line = format!("{}: {error}", can::named(token));
    format!("{}\n", one_line(line.as_bytes()))
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
        line("  ", &format!("has {source}, {}", Via::all_words(via)));
    }
    for left_out in &explanation.left_out {
        line("  ", &left_out.to_string());
    }
    if explanation.rules.is_empty() {
        line("", "No rules: the default policy decides everything.");
    }
    for rule in &explanation.rules {
        line("", &format!("{}: {}", rule.title(), rule.grants()));
        for from in &rule.origins {
            line("  ", &format!("of {}", from.words()));
        }
        for from in &rule.overruled {
            line("  ", &format!("shadows {} of {}", from.rule, from.words()));
        }
        if let Some(wider) = rule.inside.and_then(|at| explanation.rules.get(at)) {
            line("  ", &format!("instead of {}: {}", wider.title(), wider.grants()));
        }
    }
    for warning in &explanation.warnings {
        line("", &format!("Warning: {warning}"));
    }
    out
}

fn members(token: &Token, explanation: &Explanation<'_>, json: &mut JsonText) {
    let policies = explanation.policies.iter().map(|(source, via)| {
        Object(move |json: &mut JsonText| {
            json.member("Source", source.to_string());
            json.member("Via", List(via.iter().map(ToString::to_string)));
        })
    });
    let left_out = explanation.left_out.iter().map(|l| format!("{}: {}", l.via, l.link));
    let rules = explanation.rules.iter().map(|rule| {
        let wider = rule.inside.and_then(|at| explanation.rules.get(at));
        Object(move |json: &mut JsonText| {
            json.member("Title", rule.title());
            json.member("Access", rule.access.map(|access| access.word()));
            json.member("Intentions", rule.intentions.map(|access| access.word()));
            json.member("Origins", List(rule.origins.iter().map(origin::json)));
            json.member("Shadows", List(rule.overruled.iter().map(origin::json)));
            json.member("InsteadOf", wider.map(EffectiveRule::title));
        })
    });
    json.member("AccessorID", token.accessor.to_string());
    json.member("Description", can::described(token)).member("Policies", List(policies));
    json.member("LeftOut", List(left_out)).member("Rules", List(rules));
    json.member("Warnings", List(explanation.warnings.iter().map(ToString::to_string)));
}
