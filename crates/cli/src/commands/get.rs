//! `get`: one object in full.

use crate::exit::Exit;
use crate::form::{Form, forms};
use crate::index_times::LogArg;
use crate::kinds::{kind_named, kind_of, peers};
use crate::near::{did_you_mean, near};
use crate::place::with_file;
use crate::reading::{Asked, FileArg, ReadArgs};
use crate::render::escape::one_line;
use crate::secret_ids::token_of;
use crate::terminal::{self, say};
use anyhow::{Result, bail};
use clap::Args;
use snapscope_analyze::Jobs;
use snapscope_analyze::rows::{Fit, IdQuery, Question, kept};
use snapscope_archive::Source;
use snapscope_decode::Frame;
use snapscope_objects::kind::{KindId, ObjectKind};
use snapscope_objects::row::{Row, RowOptions};
use std::ffi::OsString;
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

/// Show one object in full, such as the value of a key
///
/// ID is its ID, accessor or name, or a prefix that matches only one object. `get kv` writes the
/// exact bytes of the value. The file is read to its end, so the output comes from a verified file.
/// The output contains secrets.
///
/// The exit code is 1 if the object is not found, and 3, with the object, if the file is damaged.
#[derive(Debug, Args)]
#[command(
    override_usage = USAGE,
    after_help = "Examples:
  snapscope get kv apps/staging/env backup.snap
  snapscope get policy global-management backup.snap --rules
  snapscope get token 00000000-0000-0000-0000-000000000002 backup.snap"
)]
pub(crate) struct GetArgs {
    /// The type: one that `list` knows, in the singular or plural, or a record type such as KVS
    #[arg(value_name = "TYPE")]
    kind: String,
    /// Its ID, accessor or name, or a prefix of one; for a token also its SecretID; then FILE
    #[arg(value_name = "ID FILE", required = true, num_args = 1..=2)]
    arguments: Vec<OsString>,
    /// With kv: write even a binary value to a terminal
    #[arg(long)]
    raw: bool,
    /// With kv: print the whole object as JSON instead of the value's bytes, as -o json does
    #[arg(long)]
    json: bool,
    /// Output format
    #[arg(short, long, value_name = "FORM", value_parser = forms(&["json"]), hide = true)]
    output: Option<Form>,
    /// With policy: print only the text of its rules
    #[arg(long)]
    rules: bool,
    /// Look among objects imported from this peer, or `all`, instead of the cluster's own
    #[arg(long, value_name = "NAME")]
    peer: Option<String>,
    #[command(flatten)]
    log: LogArg,
    #[command(flatten)]
    read: ReadArgs,
}

const USAGE: &str = "snapscope get [OPTIONS] <TYPE> <ID> <FILE>";

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
    kind_named(&args.kind)?;
    let (rest, file) = with_file(args.arguments.clone(), 1, USAGE)?;
    let id = rest.into_iter().next().unwrap_or_default();
    let kind = kind_of(&args.kind, id.to_str().unwrap_or_default())?;
    if args.rules && kind.id != KindId::Policies {
        bail!("--rules works with policy, not with {}", kind.one);
    }
    let mut wanted = bytes(&id);
    let file = FileArg { file };
    let source = ReadArgs::source(&file)?;
    let log = args.log.of(&file);
    let times = args.log.times(log.as_deref(), &source, &args.read.options())?;
    // The SecretID of this token is public, so it serves as a name, as in `acl`.
    if wanted == b"anonymous"
        && let Some(accessor) = token_of_secret(args, kind, &wanted, &source)?
    {
        wanted = accessor.into_bytes();
    }
    let peers = peers(kind, args.peer.as_deref())?;
    let options = RowOptions { peers: peers.clone(), ..RowOptions::default() };
    let question = Question { kind, ids: IdQuery::Named(wanted.clone()), peers };
    let mut hits: Vec<Hit> = Vec::new();
    let mut more = 0usize;
    let keep = |row: &Row| fit(&question, row).map(|fit| Hit { fit, row: row.clone() });
    // A key is compared before a row with its value is created.
    let below = AtomicU64::new(0);
    let may = |frame: &Frame<'_>| {
        kind.stored_id(frame).is_none_or(|id| {
            if id.starts_with(&wanted) {
                below.fetch_add(1, Ordering::Relaxed);
            }
            question.may(id)
        })
    };
    // Looking at a key costs less than moving its block to another core's cache.
    let jobs = if kind.has_stored_ids() { Jobs(NonZeroUsize::MIN) } else { args.read.jobs() };
    let mut take = |hit: Hit| {
        // A better match replaces all earlier ones.
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
    };
    let Asked { exit, .. } = args
        .read
        .ask_of(&source, |blocks| Ok(kept(blocks, jobs, kind, &options, may, keep, &mut take)?))?;
    match hits.as_slice() {
        [] => {
            let below = below.into_inner();
            nothing(args, &question, &wanted, &source, (below, exit == Exit::Done))?;
            Ok(exit.max(Exit::Found))
        }
        [hit] => {
            let timed = times.as_ref().map(|times| times.row(&hit.row));
            show(args, kind, timed.as_ref().unwrap_or(&hit.row))?;
            Ok(exit.max(times.map_or(Exit::Done, |times| times.losses().exit())))
        }
        several => bail!(ambiguous(kind, &wanted, several, more)),
    }
}

/// Reports that nothing has the ID. `below` is the number of keys that start with it.
fn nothing(
    args: &GetArgs,
    question: &Question,
    wanted: &[u8],
    source: &Source,
    (below, is_whole): (u64, bool),
) -> Result<()> {
    let kind = question.kind;
    if let Some(token) = token_of_secret(args, kind, wanted, source)? {
        say!(
            "snapscope: that is the SecretID of token {token}; `snapscope get token {token} FILE` shows it"
        );
        return Ok(());
    }
    let near = match below {
        0 => near(wanted, kind, &question.peers, source, &args.read)?,
        _ => None,
    };
    not_found(kind, wanted, is_whole, below, near.as_deref());
    Ok(())
}

fn ambiguous(kind: &ObjectKind, wanted: &[u8], several: &[Hit], more: usize) -> String {
    let ids: Vec<String> = several.iter().map(|hit| one_line(&hit.row.id())).collect();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(
        "{} is ambiguous; it matches several {}: {}{more}",
        one_line(wanted),
        kind.name,
        ids.join(", ")
    )
}

fn token_of_secret(
    args: &GetArgs,
    kind: &ObjectKind,
    wanted: &[u8],
    source: &Source,
) -> Result<Option<String>> {
    if kind.id != KindId::Tokens {
        return Ok(None);
    }
    let found = token_of(wanted, source, &args.read)?;
    Ok(found.map(|id| one_line(id.as_bytes())))
}

/// Reports that the object does not exist, and what exists instead.
fn not_found(kind: &ObjectKind, wanted: &[u8], is_whole: bool, below: u64, near: Option<&str>) {
    let wanted = one_line(wanted);
    // The word for users is "key"; "kv" is the store.
    let one = if kind.id == KindId::Kv { "key" } else { kind.one };
    let place = if is_whole { "" } else { " in what could be read" };
    let hint = match below {
        0 => did_you_mean(near),
        1 => format!("; 1 key starts with it: `snapscope list kv --prefix {wanted} FILE` lists it"),
        n => format!(
            "; {n} keys start with it: `snapscope list kv --prefix {wanted} FILE` lists them"
        ),
    };
    say!("snapscope: {one} \"{wanted}\" not found{place}{hint}");
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
    if let Some(field) = kind.traits.value.filter(|_| !args.json && args.output.is_none()) {
        let value = row.get(field).and_then(|value| value.bytes()).unwrap_or_default();
        if args.raw || !terminal::is_terminal() {
            terminal::raw_out().write_all(value)?;
            return Ok(());
        }
        // Text is escaped, so that nothing acts on the terminal; bytes would be unreadable.
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

/// An argument as the typed bytes: keys need not be UTF-8.
#[cfg(unix)]
pub(crate) fn bytes(text: &std::ffi::OsStr) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(text).to_vec()
}

#[cfg(not(unix))]
pub(crate) fn bytes(text: &std::ffi::OsStr) -> Vec<u8> {
    text.to_string_lossy().into_owned().into_bytes()
}
