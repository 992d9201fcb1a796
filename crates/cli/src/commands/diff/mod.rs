//! `diff`: what changed between two snapshots.

mod choice;
mod patch;
mod render;
mod warnings;

use crate::exit::Exit;
use crate::form::{Form, forms};
use crate::reading::{FileArg, ReadArgs};
use crate::render::escape::one_line;
use crate::render::incomplete::Incomplete;
use crate::terminal::say;
use anyhow::{Result, bail};
use clap::Args;
use render::Renderer;
use snapscope_analyze::compare::{CompareOptions, Comparer};
use snapscope_analyze::diff::{DiffOptions, DiffReport, Found, diff};
use snapscope_archive::{Blocks, OpenError, Source};
use std::io;
use std::path::{Path, PathBuf};

/// Show what changed between two snapshots
///
/// Objects are matched by their IDs (a key, NODE/SERVICE-ID, an accessor, KIND/NAME). They are
/// added, removed, changed, or recreated: deleted and created again with the same content.
/// --with-touched also shows objects of which only bookkeeping differs (ModifyIndex). Texts are
/// compared by line, bytes by length and hash, tags and links as sets. Secrets are masked, but a
/// change remains visible.
///
/// `-o patch` writes a patch that turns A's state into B's into the folder in --out: keys as bodies
/// for /v1/txn, config entries as files, and a script that applies them. Other differences are
/// listed there as not covered. A patch contains values, secrets included.
///
/// The exit code is 0 without differences, 1 with differences, and 3 if a file is damaged;
/// everything comparable is compared even then.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope diff yesterday.snap today.snap
  snapscope diff --stat --ignore Output,Coord yesterday.snap today.snap
  snapscope diff --type kv --prefix app/ -o jsonl yesterday.snap today.snap
  snapscope diff -o patch --out undo today.snap yesterday.snap")]
pub(crate) struct DiffArgs {
    /// The first snapshot: a file or folder, or - for standard input
    #[arg(value_name = "A")]
    before: PathBuf,
    /// The second snapshot
    #[arg(value_name = "B")]
    after: PathBuf,
    /// Show only the number of differing objects by type
    #[arg(long)]
    stat: bool,
    /// Only objects of these types: kv, node, service, check, token, config-entry, ...
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',')]
    types: Vec<String>,
    /// Only keys that start with PREFIX; with --type, objects whose ID does
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<String>,
    /// Only objects that match this expression before or after
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    filter: Option<String>,
    /// Fields to ignore, by path: Output, Meta.build
    #[arg(long, value_name = "FIELD", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Also show objects of which only bookkeeping differs
    #[arg(long)]
    with_touched: bool,
    /// Show secrets
    #[arg(long)]
    show_secrets: bool,
    /// Maximum number of objects of each type in a table, with some lines of each; 0 shows
    /// everything
    #[arg(long, value_name = "N", default_value_t = 5)]
    limit: usize,
    /// Output format
    #[arg(short, long, value_parser = forms(&["table", "json", "jsonl", "patch"]), default_value = "table")]
    output: Form,
    /// With -o patch: the folder to create
    #[arg(long, value_name = "DIR", required_if_eq("output", "patch"))]
    out: Option<PathBuf>,
    /// With -o patch: replace an existing folder
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    read: ReadArgs,
}

/// Both snapshots.
struct Sources {
    before: Source,
    after: Source,
}

impl Sources {
    fn find(args: &DiffArgs) -> Result<Self> {
        let stdin = |path: &Path| path.as_os_str() == "-";
        if stdin(&args.before) && stdin(&args.after) {
            bail!("only one of the two snapshots can be standard input");
        }
        let source = |file: &PathBuf| ReadArgs::source(&FileArg { file: file.clone() });
        Ok(Self { before: source(&args.before)?, after: source(&args.after)? })
    }

    /// Opens both once more; standard input can't be.
    fn reopen(&self, read: &ReadArgs) -> Result<Option<(Blocks, Blocks)>, OpenError> {
        if !self.before.reopenable() || !self.after.reopenable() {
            return Ok(None);
        }
        Ok(Some((read.open_quietly(&self.before)?, read.open_quietly(&self.after)?)))
    }
}

pub(crate) fn run(args: &DiffArgs) -> Result<Exit> {
    if args.out.is_some() && args.output != Form::Patch {
        bail!("--out goes with -o patch; what else diff prints goes to standard output");
    }
    let options = options(args)?;
    let comparer = Comparer::new(CompareOptions {
        ignore: choice::ignored(&args.ignore, &options)?,
        show_secrets: args.show_secrets,
        // Asked for entries alone, intentions are part of them; a patch writes entries.
        whole_entries: args.output == Form::Patch || choice::are_wholes_alone(&options),
        ..CompareOptions::default()
    });
    let sources = Sources::find(args)?;
    if args.output == Form::Patch {
        return patch::run(args, &sources, &options, &comparer);
    }
    let mut renderer = Renderer::new(args, &comparer);
    let report = compare(args, &sources, &options, &comparer, &mut |found| renderer.take(found))?;
    let ended = Ended::of(&args.read, &sources, report);
    renderer.end(&ended)?;
    Ok(ended.exit)
}

fn options(args: &DiffArgs) -> Result<DiffOptions> {
    Ok(DiffOptions {
        kinds: choice::kinds(args)?,
        prefix: args.prefix.as_ref().map(|prefix| prefix.clone().into_bytes()),
        with_touched: args.with_touched,
        threads: args.read.jobs().0.get() > 1,
        ..DiffOptions::new()
    })
}

/// Reads both and passes differences on.
fn compare(
    args: &DiffArgs,
    sources: &Sources,
    options: &DiffOptions,
    comparer: &Comparer,
    take: &mut dyn FnMut(Found<'_>) -> io::Result<()>,
) -> Result<DiffReport> {
    // Both are read at the same pace, so the larger one determines the progress.
    let (before, after, progress);
    if sources.before.size() >= sources.after.size() {
        (before, progress) = args.read.open(&sources.before)?;
        after = args.read.open_quietly(&sources.after)?;
    } else {
        before = args.read.open_quietly(&sources.before)?;
        (after, progress) = args.read.open(&sources.after)?;
    }
    let reopen = || sources.reopen(&args.read);
    let report = diff(before, after, options, comparer, &reopen, take)?;
    drop(progress);
    Ok(report)
}

/// What is known when both were read.
struct Ended {
    report: DiffReport,
    /// The names of the files.
    names: [String; 2],
    warnings: Vec<String>,
    /// Why the answer is not whole, if it isn't.
    incomplete: Option<Incomplete>,
    exit: Exit,
}

impl Ended {
    /// Says on standard error what is to be said of the files.
    fn of(read: &ReadArgs, sources: &Sources, report: DiffReport) -> Self {
        let sides = [(&sources.before, &report.before), (&sources.after, &report.after)];
        let names = sides.map(|(source, _)| source.name());
        let mut exit = if report.differences() > 0 { Exit::Found } else { Exit::Done };
        let mut lines = Vec::new();
        for (at, (source, side)) in sides.into_iter().enumerate() {
            let name = one_line(source.name().as_bytes());
            // Of a file that is compared with itself everything is said once.
            if at == 0 || sources.before.name() != sources.after.name() {
                exit = exit.max(read.report(source, &side.closing, &side.problems));
            }
            if let Some(incomplete) = Incomplete::of(&side.closing, &side.problems) {
                lines.push(format!("of {name} {}", incomplete.why()));
            }
        }
        let not_compared = match report.not_compared() {
            0 => String::new(),
            1 => "; 1 object could not be compared".to_owned(),
            n => format!("; {n} objects could not be compared"),
        };
        let why = format!("{}{not_compared}", lines.join("; "));
        let incomplete = (!lines.is_empty()).then(|| Incomplete::because(&why));
        let warnings = warnings::warnings(&report);
        for warning in &warnings {
            say!("snapscope: warning: {}", one_line(warning.as_bytes()));
        }
        Self { report, names, warnings, incomplete, exit }
    }
}
