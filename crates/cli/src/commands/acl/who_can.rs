//! `acl who-can`: all tokens that can do something, and the logins that would create one.

use super::asked::{CommonArgs, in_order, load, question, resources, words_and_file};
use super::{can, origin};
use crate::answer::{Answer, print, write_wrapped};
use crate::exit::Exit;
use crate::form::{Form, ROWS, forms};
use crate::reading::Asked;
use crate::render::escape::one_line;
use crate::render::incomplete::Names;
use crate::render::json::{List, Members as _, Object, ToJson};
use crate::render::long_table::{LongTable, TakeRow};
use crate::render::table::Cell;
use anyhow::{Result, bail};
use clap::Args;
use snapscope_analyze::acl::{
    AclError, FirstReason, Holder, LoginPath, Origin, Question, Reasons, Resolver, Token,
};
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::printable::counted;
use std::ffi::OsString;
use std::io::{self, Write};

/// List all tokens that can do something, and why
///
/// Each token is listed with the rule and link that allow it, then the logins that would create
/// such a token. Whether a login matches a selector depends on the login's values, so selectors are
/// printed, not evaluated.
#[derive(Debug, Args)]
#[command(
    override_usage = USAGE,
    after_help = "Examples:
  snapscope acl who-can acl write backup.snap
  snapscope acl who-can key write-prefix app/ backup.snap
  snapscope acl who-can -o json service write web backup.snap"
)]
pub(crate) struct WhoCanArgs {
    #[arg(value_name = "RESOURCE ACCESS SEGMENT FILE", required = true, num_args = 1..=4, help = help())]
    arguments: Vec<OsString>,
    /// Output format; csv lists only the tokens
    #[arg(short, long, value_name = "FORM", value_parser = forms(ROWS), default_value = "table")]
    output: Form,
    #[command(flatten)]
    common: CommonArgs,
}

const USAGE: &str = "snapscope acl who-can [OPTIONS] <RESOURCE> <ACCESS> [SEGMENT] <FILE>";

fn help() -> String {
    format!(
        "A resource ({}); read or write, for keys also list or write-prefix; the name of the key, \
         service, node, ...",
        resources()
    )
}

pub(super) fn run(args: &WhoCanArgs) -> Result<Exit> {
    let (words, file) = words_and_file(&args.arguments, 2, USAGE)?;
    let [resource, access, segment @ ..] = words.as_slice() else { bail!("usage: {USAGE}") };
    let segment = segment.first().map(String::as_str);
    in_order(None, resource, access)?;
    if segment.is_none() && Question::parse(resource, access, "")?.resource().has_segments() {
        bail!(
            "no {resource} given: who can {access} which {resource}? Name one: `snapscope acl who-can \
             {resource} {access} NAME FILE`; \"\" asks about the one with an empty name"
        );
    }
    let question = question(resource, access, segment)?;
    let Asked { out: model, exit, incomplete, .. } = load(&file, &args.common.read)?;
    let resolver = Resolver::new(&model, args.common.basis.options());
    // An unknown resource is reported before anything is printed.
    drop(resolver.holders(&question)?);
    let reasons = Reasons::new(&resolver);
    let segment = segment.unwrap_or_default();
    let answer = WhoCan { args, segment, question: &question, resolver: &resolver, reasons };
    print(&answer, args.output, incomplete.as_ref())?;
    Ok(exit)
}

/// The whole output. There may be many tokens and rules, so each is printed before the next is
/// fetched.
struct WhoCan<'a> {
    args: &'a WhoCanArgs,
    segment: &'a str,
    question: &'a Question<'a>,
    resolver: &'a Resolver<'a>,
    reasons: Reasons<'a>,
}

/// Receives a token that has the access, or one that servers refuse.
type Each<'e, 'a> = dyn FnMut(Result<Holder<'a>, (&'a Token, AclError)>) -> io::Result<()> + 'e;

impl<'a> WhoCan<'a> {
    fn tokens(&self, each: &mut Each<'_, 'a>) -> io::Result<()> {
        let mut holders = self.resolver.holders(self.question).map_err(io::Error::other)?;
        holders.try_for_each(each)
    }

    fn holder(&self, holder: &Holder<'a>, json: &mut JsonText) {
        let decision = self.reasons.decision_of(holder, self.question);
        json.begin_object();
        json.member("AccessorID", holder.token.accessor.to_string());
        json.member("Description", can::described(holder.token));
        origin::reason_member(decision.reason.as_ref(), json);
        json.end_object();
    }

    /// Returns the table of tokens that have the access.
    fn rows(&self, print: impl FnOnce(&LongTable<'_>) -> io::Result<()>) -> io::Result<()> {
        let rows = |take: &mut TakeRow<'_>| {
            self.tokens(&mut |token| match token {
                Ok(holder) => take(self.row(&holder)),
                Err(_) => Ok(()),
            })
        };
        let mut table = LongTable::new(COLUMNS, &rows);
        // The reason why a token can do it must not be cut off.
        table.fitting.message = Some(3);
        print(&table)
    }

    fn row(&self, holder: &Holder<'a>) -> Vec<Cell> {
        row(&self.reasons, holder).map(|text| Cell::Text(text.into_bytes())).to_vec()
    }
}

/// The columns of a token that has the access.
pub(crate) const COLUMNS: [&str; 4] = ["accessor", "description", "rule", "from"];

/// The cells of a token in those columns.
pub(crate) fn row<'a>(reasons: &Reasons<'a>, holder: &Holder<'a>) -> [String; 4] {
    let (rule, from) = match reasons.first_reason(holder) {
        Some(FirstReason { title, origin }) => {
            (title, origin.as_ref().map_or(String::new(), Origin::words))
        }
        None => ("none".to_owned(), "the default policy".to_owned()),
    };
    [holder.token.accessor.to_string(), can::described(holder.token), rule, from]
}

/// The line about a login that would create such a token.
pub(crate) fn login_line(path: &LoginPath<'_>) -> String {
    one_line(path.to_string().as_bytes())
}

/// The line about a token that servers refuse.
pub(crate) fn refused_line(token: &Token, error: &AclError) -> String {
    one_line(format!("Refused by servers: {}: {error}", can::named(token)).as_bytes())
}

impl Answer for WhoCan<'_> {
    const NAMES: Names = Names::Consul;

    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let what = can::asked(self.question);
        let (mut count, mut refused) = (0u64, Vec::new());
        self.tokens(&mut |token| {
            match token {
                Ok(_) => count += 1,
                Err((token, e)) => refused.push(refused_line(token, &e)),
            }
            Ok(())
        })?;
        if count == 0 {
            writeln!(out, "No token can {what}.")?;
        } else {
            self.rows(|table| table.table(out))?;
            let tokens = counted(count, "token", "tokens");
            writeln!(out, "{tokens} can {what}.")?;
        }
        for path in self.resolver.logins(self.question) {
            write_wrapped(&login_line(&path), out)?;
        }
        for line in refused {
            write_wrapped(&line, out)?;
        }
        write_wrapped(&self.args.common.basis.line(self.resolver.basis()), out)
    }
    fn json(&self, json: &mut JsonText, out: &mut dyn Write) -> io::Result<()> {
        let question = self.question;
        json.member("Resource", question.resource().word());
        json.member("Segment", self.segment);
        json.member("Access", question.access().word());
        json.key(b"Tokens");
        json.begin_list();
        let mut refused = Vec::new();
        self.tokens(&mut |token| match token {
            Ok(holder) => {
                self.holder(&holder, json);
                json.write_to(out)
            }
            Err((token, e)) => {
                refused.push((token.accessor.to_string(), e.to_string()));
                Ok(())
            }
        })?;
        json.end_list();
        let refused = refused.iter().map(|(accessor, error)| {
            Object(move |json: &mut JsonText| {
                json.member("AccessorID", accessor).member("Error", error);
            })
        });
        let basis = |json: &mut JsonText| {
            self.args.common.basis.members(self.resolver.basis(), json);
        };
        json.member("Logins", List(self.resolver.logins(question).iter().map(login)));
        json.member("Refused", List(refused)).member("Basis", Object(basis));
        Ok(())
    }

    fn lines(&self, json: &mut JsonText, out: &mut dyn Write) -> io::Result<()> {
        self.tokens(&mut |token| match token {
            Ok(holder) => {
                self.holder(&holder, json);
                json.end_line();
                json.write_to(out)
            }
            Err(_) => Ok(()),
        })?;
        for path in self.resolver.logins(self.question) {
            login(&path).write(json);
            json.end_line();
        }
        Ok(())
    }

    fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        self.rows(|table| table.csv(out))
    }
}

fn login(path: &LoginPath<'_>) -> impl ToJson {
    Object(move |json: &mut JsonText| {
        json.member("AuthMethod", &*path.method.name);
        json.member("BindingRule", path.rule.id.to_string());
        json.member("Selector", &*path.rule.selector);
        json.member("BindType", &*path.rule.bind_type);
        json.member("BindName", &*path.rule.bind_name);
        json.member("DependsOnName", path.depends_on_name);
    })
}
