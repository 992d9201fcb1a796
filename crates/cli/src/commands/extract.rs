//! `extract`: part of a snapshot as a new snapshot.

use crate::exit::Exit;
use crate::form::{Form, forms};
use crate::reading::{FileArg, ReadArgs};
use crate::render::bytes::byte_size;
use crate::render::escape::one_line;
use crate::render::extract::report;
use crate::suggest::unknown;
use crate::terminal::say;
use crate::twice::Twice;
use crate::writing::WriteArgs;
use anyhow::{Result, bail};
use clap::Args;
use serde_json::{Map, Value};
use snapscope_archive::Closing;
use snapscope_objects::kind::ObjectKind;
use snapscope_objects::kinds::{by_name, compared};
use snapscope_rewrite::extract::{
    Choice, ExtractOptions, PARTS, Selection, TypeFilter, extract, plan, renamed,
};
use snapscope_rewrite::{made_meta, state_header};
use std::io;

/// Write part of a snapshot as a new snapshot
///
/// Without flags everything is kept. Records are copied unchanged, except that references to
/// anything left out are cut: links of tokens and roles are removed, locks are released. When
/// something is left out, everything that belongs to it is left out as well: services, checks and
/// sessions of a node, tokens and binding rules of an auth method, imports from a peer.
///
/// FILE may be the data directory of a server that no longer starts.
#[derive(Debug, Args)]
#[command(after_help = after_help())]
pub(crate) struct ExtractArgs {
    #[command(flatten)]
    file: FileArg,
    /// Keep only these parts, record types, or types of objects that have their own record type
    #[arg(long, alias = "type", value_name = "PART", value_delimiter = ',', value_parser = choice)]
    only: Vec<Choice>,
    /// Leave out these parts or record types
    #[arg(long, value_name = "PART", value_delimiter = ',', value_parser = choice)]
    drop: Vec<Choice>,
    /// Keep only keys that start with PREFIX; may be repeated
    #[arg(long = "prefix", alias = "kv-prefix", value_name = "PREFIX", allow_hyphen_values = true)]
    kv_prefix: Vec<String>,
    /// Leave out keys that start with PREFIX; may be repeated
    #[arg(
        long = "drop-prefix",
        alias = "drop-kv-prefix",
        value_name = "PREFIX",
        allow_hyphen_values = true
    )]
    drop_kv_prefix: Vec<String>,
    /// Keep only objects of TYPE that match an expression in Consul's filter language; TYPE is a
    /// type of `list` or a record type; may be repeated
    #[arg(long, value_name = "TYPE=EXPR", value_parser = type_filter,
          allow_hyphen_values = true)]
    filter: Vec<(String, String)>,
    /// Rename keys that start with OLD so that they start with NEW; may be repeated, the first
    /// match counts
    #[arg(long, value_name = "OLD=NEW", value_parser = rename,
          allow_hyphen_values = true)]
    rename_prefix: Vec<(String, String)>,
    /// Also keep objects that kept ones refer to, such as policies and roles of a token (the
    /// default)
    #[arg(long, overrides_with = "no_deps")]
    with_deps: bool,
    /// Keep only what is selected, and cut references to everything else
    #[arg(long)]
    no_deps: bool,
    /// Output format of the report
    #[arg(short, long, value_name = "FORM", value_parser = forms(&["table", "json"]),
          default_value = "table")]
    output: Form,
    #[command(flatten)]
    write: WriteArgs,
    #[command(flatten)]
    read: ReadArgs,
}

fn after_help() -> String {
    let width = PARTS.iter().map(|part| part.name.len()).max().unwrap_or(0);
    let parts: Vec<String> =
        PARTS.iter().map(|part| format!("  {:width$}  {}", part.name, part.about)).collect();
    format!(
        "Parts:\n{}\n\nExamples:
  snapscope extract backup.snap --out keys.snap --only kv --prefix app/
  snapscope extract /var/lib/consul --out small.snap --drop-prefix junk/
  snapscope extract backup.snap --out small.snap --drop login-tokens
  snapscope extract backup.snap --out zone-a.snap --filter 'nodes=Meta.zone == a'
  snapscope extract backup.snap --out copy.snap --only kv --rename-prefix prod/=staging/",
        parts.join("\n")
    )
}

fn choice(name: &str) -> Result<Choice> {
    match Choice::by_name(name) {
        Some(choice) => Ok(choice),
        None => {
            let known: Vec<&str> = PARTS.iter().map(|part| part.name).collect();
            let all = format!(
                "known parts: {}, or a record type of `snapscope decode`",
                known.join(", ")
            );
            of_kind(name)
                .map_or_else(|| Err(unknown("part", name, known.iter().copied(), &all)), Ok)
        }
    }
}

/// The record type that holds the objects of this kind and no others.
fn of_kind(name: &str) -> Option<Choice> {
    let kind = by_name(name)?;
    let [record] = kind.from else { return None };
    let is_other = |other: &&ObjectKind| *other != kind && other.object.is_some();
    let is_shared = compared(*record).filter(is_other).count() > 0;
    record.consul_name().filter(|_| !is_shared).and_then(Choice::by_name)
}

fn pair(text: &str, what: &str) -> Result<(String, String)> {
    match text.split_once('=') {
        Some((first, second)) => Ok((first.to_owned(), second.to_owned())),
        None => bail!("expected {what}, not {text:?}"),
    }
}

fn type_filter(text: &str) -> Result<(String, String)> {
    pair(text, "TYPE=EXPR")
}

/// Reads `OLD=NEW` of --rename-prefix.
pub(crate) fn rename(text: &str) -> Result<(String, String)> {
    let (old, new) = pair(text, "OLD=NEW")?;
    if old == new {
        bail!("OLD and NEW are both {old:?}");
    }
    Ok((old, new))
}

impl ExtractArgs {
    fn options(&self) -> Result<ExtractOptions> {
        let bytes = |texts: &[String]| texts.iter().map(|text| text.clone().into_bytes()).collect();
        let mut filters = Vec::new();
        for (name, expression) in &self.filter {
            filters.push(TypeFilter::compile(name, expression)?);
        }
        let renames = self.rename_prefix.iter();
        Ok(ExtractOptions {
            only: self.only.clone(),
            drop: self.drop.clone(),
            kv_prefixes: bytes(&self.kv_prefix),
            drop_kv_prefixes: bytes(&self.drop_kv_prefix),
            filters,
            renames: renames.map(|(old, new)| (old.clone().into(), new.clone().into())).collect(),
            with_deps: !self.no_deps,
        })
    }

    /// A part of the selection, as typed.
    fn shown(&self, selection: Selection) -> String {
        let part =
            |flag, choice: Option<&Choice>| (flag, choice.map(Choice::name).unwrap_or_default());
        let text =
            |flag, texts: &[String], at: usize| (flag, texts.get(at).cloned().unwrap_or_default());
        let pair = |flag, pairs: &[(String, String)], at: usize| {
            let (first, second): &(String, String) = pairs.get(at)?;
            Some((flag, format!("{first}={second}")))
        };
        let (flag, value): (&str, String) = match selection {
            Selection::Only(at) => part("--only", self.only.get(at)),
            Selection::Drop(at) => part("--drop", self.drop.get(at)),
            Selection::KvPrefix(at) => text("--prefix", &self.kv_prefix, at),
            Selection::DropKvPrefix(at) => text("--drop-prefix", &self.drop_kv_prefix, at),
            Selection::Rename(at) => {
                pair("--rename-prefix", &self.rename_prefix, at).unwrap_or_default()
            }
            Selection::Filter(at) => pair("--filter", &self.filter, at).unwrap_or_default(),
        };
        format!("{flag} {value:?}")
    }
}

pub(crate) fn run(args: &ExtractArgs) -> Result<Exit> {
    let options = args.options()?;
    let source = ReadArgs::source(&args.file)?;
    let staged = args.write.stage(&[&args.file.file])?;
    let input = Twice::new(source)?;
    let (blocks, progress) = input.open(&args.read)?;
    let planned = plan(blocks, args.read.jobs(), options)?;
    drop(progress);
    if planned.closing.header.is_none() {
        args.read.report_of(input.name(), &planned.closing, &planned.problems);
        return Ok(Exit::Damaged);
    }
    for selection in planned.out.unused() {
        let line = format!("warning: {} matches nothing in the snapshot", args.shown(*selection));
        say!("snapscope: {}: {}", one_line(input.name().as_bytes()), one_line(line.as_bytes()));
    }
    let jobs = args.read.jobs();
    let renames = if args.rename_prefix.is_empty() {
        None
    } else {
        let (blocks, progress) = input.open(&args.read)?;
        let renames = renamed(blocks, jobs, &planned.out)?;
        drop(progress);
        input.same(&planned.closing, &renames.closing)?;
        Some(renames.out)
    };
    let (blocks, progress) = input.open(&args.read)?;
    let last_index = planned.out.last_index();
    let header = last_index.map_or_else(|| header(&planned.closing), state_header);
    let extract = |sink: &mut Sink<'_>| extract(blocks, jobs, &planned.out, renames.as_ref(), sink);
    let (done, written) = match staged {
        None => (extract(&mut |_| Ok(()))?, None),
        Some(staged) => {
            let mut writer = staged.writer(&meta(&planned.closing))?;
            writer.append(&header)?;
            let done = extract(&mut |records| writer.append(records))?;
            input.same(&planned.closing, &done.closing)?;
            (done, Some(staged.finish(writer)?))
        }
    };
    drop(progress);
    let exit = args.read.report_of(input.name(), &done.closing, &done.problems);
    let size = written.map(|written| byte_size(written.file_size));
    report(input.name(), &done, args.output, size.as_deref())?;
    Ok(exit)
}

/// Receives records.
type Sink<'s> = dyn FnMut(&[u8]) -> io::Result<()> + Send + 's;

/// The content of `meta.json`; without one, what can be derived from the state.
pub(crate) fn meta(closing: &Closing) -> Map<String, Value> {
    match &closing.meta {
        Some(meta) => meta.object.clone(),
        None => {
            made_meta(closing.header.as_ref().and_then(|header| header.last_index).unwrap_or(0))
        }
    }
}

/// The bytes before the records, unchanged.
pub(crate) fn header(closing: &Closing) -> Vec<u8> {
    match &closing.header {
        Some(header) => header.bytes.clone(),
        None => state_header(0),
    }
}
