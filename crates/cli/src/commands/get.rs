//! `get`: one object in full.

use crate::commands::list::{bytes_of, kind_of, peers};
use crate::exit::Exit;
use crate::reading::{FileArg, ReadArgs};
use crate::render::escape::one_line;
use crate::terminal::{self, say};
use anyhow::{Result, bail};
use clap::Args;
use snapscope_analyze::Jobs;
use snapscope_analyze::rows::{Fit, Question, Wanted, kept};
use snapscope_decode::Frame;
use snapscope_objects::kind::{KindId, ObjectKind};
use snapscope_objects::row::{Row, RowOptions};
use std::ffi::OsString;
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;

/// Show one object in full
///
/// ID is its ID, accessor or name, or a prefix that matches only one object. `get kv` writes the
/// exact bytes of the value. The file is read to its end, so the output comes from a verified file.
/// The output contains secrets.
///
/// The exit code is 1 if the object is not found, and 3, with the object, if the file is damaged.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope get kv backup.snap config/prod/app-1
  snapscope get policy backup.snap global-management --rules
  snapscope get token backup.snap 00000000-0000-0000-0000-000000000002")]
pub(crate) struct GetArgs {
    /// The type: one that `list` knows, in the singular or plural
    #[arg(value_name = "TYPE")]
    kind: String,
    #[command(flatten)]
    file: FileArg,
    /// Its ID, accessor or name, or a prefix of one
    #[arg(value_name = "ID")]
    id: OsString,
    /// With kv: write even a binary value to a terminal
    #[arg(long)]
    raw: bool,
    /// With kv: print the whole object as JSON instead of the value's bytes
    #[arg(long)]
    json: bool,
    /// With policy: print only the text of its rules
    #[arg(long)]
    rules: bool,
    /// Look among objects imported from this peer, or `all`, instead of the cluster's own
    #[arg(long, value_name = "NAME")]
    peer: Option<String>,
    #[command(flatten)]
    read: ReadArgs,
}

struct Hit {
    fit: Fit,
    row: Row,
}

/// Maximum number of objects named when several match.
const NAMED: usize = 10;

/// How well an object matches. Its ID and its other names are equal.
fn fit(question: &Question, row: &Row) -> Option<Fit> {
    Some(match question.fit(row)? {
        Fit::Id | Fit::Name => Fit::Name,
        Fit::Beginning => Fit::Beginning,
    })
}

pub(crate) fn run(args: &GetArgs) -> Result<Exit> {
    let kind = kind_of(&args.kind, args.id.to_str().unwrap_or_default())?;
    if args.rules && kind.id != KindId::Policies {
        bail!("--rules works with policy, not with {}", kind.one);
    }
    let wanted = bytes(&args.id);
    let source = ReadArgs::source(&args.file)?;
    let (blocks, progress) = args.read.open(&source)?;
    let peers = peers(args.peer.as_deref());
    let options = RowOptions { peers: peers.clone(), ..RowOptions::default() };
    let question = Question { kind, wanted: Wanted::Named(wanted.clone()), peers };
    let mut hits: Vec<Hit> = Vec::new();
    let mut more = 0usize;
    let keep = |row: &Row| fit(&question, row).map(|fit| Hit { fit, row: row.clone() });
    // A key is looked at before its value is made a row.
    let may = |frame: &Frame<'_>| kind.stored_id(frame).is_none_or(|id| question.may(id));
    // To look at a key costs less than to move its block to another core's cache.
    let jobs = if kind.has_stored_ids() { Jobs(NonZeroUsize::MIN) } else { args.read.jobs() };
    let outcome = kept(blocks, jobs, kind, &options, may, keep, |hit| {
        // One that fits better makes those before it meaningless.
        if hits.first().is_some_and(|first| hit.fit < first.fit) {
            hits.clear();
            more = 0;
        }
        if hits.first().is_none_or(|first| hit.fit == first.fit) {
            if hits.len() < NAMED {
                hits.push(hit);
            } else {
                more += 1;
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    drop(progress);
    let exit = args.read.report(&source, &outcome.closing, &outcome.problems);
    match hits.as_slice() {
        [] => {
            let wanted = one_line(&wanted);
            say!("snapscope: {} \"{wanted}\" not found", kind.one);
            Ok(exit.max(Exit::Found))
        }
        [hit] => {
            show(args, kind, &hit.row)?;
            Ok(exit)
        }
        several => {
            let ids: Vec<String> = several.iter().map(|hit| one_line(&hit.row.id())).collect();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            bail!(
                "{} is ambiguous; it matches several {}: {}{more}",
                one_line(&wanted),
                kind.name,
                ids.join(", ")
            )
        }
    }
}

fn show(args: &GetArgs, kind: &ObjectKind, row: &Row) -> Result<()> {
    let mut out = terminal::out();
    if args.rules {
        out.write_all(row.text("Rules"))?;
        if !row.text("Rules").ends_with(b"\n") {
            out.write_all(b"\n")?;
        }
        return Ok(());
    }
    if let Some(field) = kind.traits.value.filter(|_| !args.json) {
        let value = row.get(field).map(bytes_of).unwrap_or_default();
        if args.raw || !terminal::is_terminal() {
            terminal::raw_out().write_all(value)?;
            return Ok(());
        }
        // Text is shown, with what would act on the terminal escaped; bytes would be unreadable.
        let is_text = std::str::from_utf8(value).is_ok_and(|text| {
            !text.chars().any(|c| c.is_ascii_control() && !matches!(c, '\n' | '\t' | '\r'))
        });
        if !is_text {
            bail!("the value is {} binary bytes; --raw writes them to a terminal", value.len());
        }
        out.write_all(value)?;
        return Ok(());
    }
    let object: serde_json::Value = serde_json::from_slice(&row.to_json())?;
    out.write_all(serde_json::to_string_pretty(&object)?.as_bytes())?;
    out.write_all(b"\n")?;
    Ok(())
}

/// An argument as the bytes that were typed: keys need not be UTF-8.
#[cfg(unix)]
pub(crate) fn bytes(text: &std::ffi::OsStr) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(text).to_vec()
}

#[cfg(not(unix))]
pub(crate) fn bytes(text: &std::ffi::OsStr) -> Vec<u8> {
    text.to_string_lossy().into_owned().into_bytes()
}
