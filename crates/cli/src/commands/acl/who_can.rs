//! `acl who-can`: all tokens that can do something, and the logins that would make one.

use super::{CommonArgs, Loaded, can, load, origin, question};
use crate::exit::Exit;
use crate::reading::FileArg;
use crate::render::escape::one_line;
use crate::render::incomplete::{self, with_line};
use crate::render::long_table::{LongTable, TakeRow};
use crate::render::table::{Cell, Output};
use crate::terminal;
use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};
use snapscope_analyze::acl::{AclError, FirstReason, Holder, LoginPath, Question, Resolver, Token};
use std::io::{self, Write};

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
    #[arg(value_name = "RESOURCE", help = super::resources())]
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
    // Whether servers know the resource shows before anything is printed.
    drop(resolver.holders(&question)?);
    let answer = Answer { args, question: &question, resolver: &resolver, incomplete };
    let mut out = io::BufWriter::with_capacity(1 << 16, terminal::out());
    match args.output {
        Output::Table => answer.table(&mut out)?,
        Output::Json => answer.json(&mut out)?,
        Output::Jsonl => answer.jsonl(&mut out)?,
        Output::Csv => answer.csv(&mut out)?,
    }
    out.flush()?;
    Ok(exit)
}

/// All that is printed. Tokens and rules may be many: each is printed before the next is asked for.
struct Answer<'a> {
    args: &'a WhoCanArgs,
    question: &'a Question<'a>,
    resolver: &'a Resolver<'a>,
    incomplete: Option<String>,
}

/// Takes a token that can, or one that servers refuse.
type Each<'e> = dyn FnMut(Result<Holder<'_>, (&Token, AclError)>) -> io::Result<()> + 'e;

impl Answer<'_> {
    fn tokens(&self, each: &mut Each<'_>) -> io::Result<()> {
        let mut holders = self.resolver.holders(self.question).map_err(io::Error::other)?;
        holders.try_for_each(each)
    }

    fn holder(&self, holder: &Holder<'_>, out: &mut dyn Write) -> io::Result<()> {
        let decision = self.resolver.decision_of(holder, self.question);
        let token = holder.token;
        write!(out, "{{\"AccessorID\":{}", json!(token.accessor.to_string()))?;
        write!(out, ",\"Description\":{},\"Rule\":", json!(can::described(token)))?;
        origin::write_reason(decision.reason.as_ref(), out)?;
        out.write_all(b"}")
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let question = self.question;
        write!(out, "{{\"Resource\":{}", json!(question.resource().word()))?;
        write!(out, ",\"Segment\":{}", json!(self.args.segment.as_deref().unwrap_or_default()))?;
        write!(out, ",\"Access\":{},\"Tokens\":[", json!(question.access().word()))?;
        let mut refused = Vec::new();
        let mut comma = "";
        self.tokens(&mut |token| match token {
            Ok(holder) => {
                out.write_all(std::mem::replace(&mut comma, ",").as_bytes())?;
                self.holder(&holder, out)
            }
            Err((token, e)) => {
                let accessor = token.accessor.to_string();
                refused.push(json!({"AccessorID": accessor, "Error": e.to_string()}));
                Ok(())
            }
        })?;
        let logins: Vec<Value> = self.resolver.logins(question).iter().map(login).collect();
        let basis = &self.args.common.basis;
        let mut rest = json!({
            "Logins": logins,
            "Refused": refused,
            "Basis": basis.json(self.resolver.basis()),
        });
        incomplete::mark(&mut rest, self.incomplete.as_deref());
        let rest = rest.to_string();
        // Members of the same object.
        writeln!(out, "],{}", rest.strip_prefix('{').unwrap_or(&rest))
    }

    fn jsonl(&self, out: &mut dyn Write) -> io::Result<()> {
        self.tokens(&mut |token| match token {
            Ok(holder) => {
                self.holder(&holder, out)?;
                out.write_all(b"\n")
            }
            Err(_) => Ok(()),
        })?;
        for path in self.resolver.logins(self.question) {
            writeln!(out, "{}", login(&path))?;
        }
        out.write_all(&with_line(Vec::new(), self.incomplete.as_deref()))
    }

    fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        self.rows(|table| table.csv(self.incomplete.as_deref(), out))
    }

    /// Gives the table of tokens that can.
    fn rows(&self, print: impl FnOnce(&LongTable<'_>) -> io::Result<()>) -> io::Result<()> {
        let rows = |take: &mut TakeRow<'_>| {
            self.tokens(&mut |token| match token {
                Ok(holder) => take(self.row(&holder)),
                Err(_) => Ok(()),
            })
        };
        let columns = ["accessor", "description", "rule", "from"].map(Into::into).into();
        print(&LongTable { columns, rows: &rows, total: None })
    }

    fn row(&self, holder: &Holder<'_>) -> Vec<Cell> {
        let text = |text: String| Cell::Text(text.into_bytes());
        let (rule, from) = match self.resolver.first_reason(holder) {
            Some(FirstReason { title, origin }) => {
                (title, origin.as_ref().map_or(String::new(), origin::words))
            }
            None => ("none".to_owned(), "the default policy".to_owned()),
        };
        vec![
            text(holder.token.accessor.to_string()),
            text(can::described(holder.token)),
            text(rule),
            text(from),
        ]
    }

    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        let what = can::asked(self.question);
        let (mut count, mut refused) = (0u64, Vec::new());
        self.tokens(&mut |token| {
            match token {
                Ok(_) => count += 1,
                Err((token, e)) => refused.push((can::named(token), e)),
            }
            Ok(())
        })?;
        if count == 0 {
            writeln!(out, "No token can {what}.")?;
        } else {
            self.rows(|table| table.table(out))?;
            let tokens = if count == 1 { "1 token" } else { &format!("{count} tokens") };
            writeln!(out, "{tokens} can {what}.")?;
        }
        for path in self.resolver.logins(self.question) {
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
            writeln!(out, "{}", one_line(line.as_bytes()))?;
        }
        for (token, e) in refused {
            let line = format!("Refused by servers: {token}: {e}");
            writeln!(out, "{}", one_line(line.as_bytes()))?;
        }
        writeln!(out, "{}", self.args.common.basis.line(self.resolver.basis()))?;
        match &self.incomplete {
            Some(line) => writeln!(out, "{line}"),
            None => Ok(()),
        }
    }
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
