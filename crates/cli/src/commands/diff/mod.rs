//! `diff`: what changed between two snapshots.

mod choice;
mod patch;
mod render;
mod warnings;

use crate::exit::Exit;
use crate::reading::{FileArg, ReadArgs, incomplete_line};
use crate::render::escape::one_line;
use crate::terminal::say;
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use render::Renderer;
use snapscope_analyze::compare::{CompareOptions, Comparer};
use snapscope_analyze::diff::{DiffOptions, DiffReport, Found, diff};
use snapscope_archive::{Blocks, OpenError, Source};
use std::io;
use std::path::{Path, PathBuf};

/// Show what changed between two snapshots
///
/// Objects are matched by what they are called (a key, NODE/SERVICE-ID, an accessor, KIND/NAME) and
/// are added, removed, changed, or recreated: deleted and made again with the same content. Those of
/// which only the servers' bookkeeping differs (ModifyIndex) are shown with --with-touched. Texts
/// are compared by line, bytes by length and hash, tags and links as sets. Secrets are masked so
/// that one sees that they changed.
///
/// `-o patch` writes what turns A's state into B's into the folder that --out names: keys as bodies
/// for /v1/txn, config entries as files, and a script that applies them; what else differs is listed
/// there as not covered. A patch carries values, secrets included.
///
/// Exit code 0: no difference; 1: differences; 3: a file is damaged: what could be compared is.
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
    /// The second one
    #[arg(value_name = "B")]
    after: PathBuf,
    /// Show only how many objects of each type differ
    #[arg(long)]
    stat: bool,
    /// Only objects of these types: kv, node, service, check, token, config-entry, ...
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',')]
    types: Vec<String>,
    /// Only keys that begin so; with --type, objects whose id does
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<String>,
    /// Only objects for which this expression holds before or after
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    filter: Option<String>,
    /// Fields that don't count, by their path: Output, Meta.build
    #[arg(long, value_name = "FIELD", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Show objects, too, of which only the servers' bookkeeping differs
    #[arg(long)]
    with_touched: bool,
    /// Show secrets
    #[arg(long)]
    show_secrets: bool,
    /// Objects of each type that a table shows, and some lines of each; 0 for all of both
    #[arg(long, value_name = "N", default_value_t = 5)]
    limit: usize,
    /// How to print
    #[arg(short, long, value_enum, default_value_t = Form::Table)]
    output: Form,
    /// With -o patch: the folder to make
    #[arg(long, value_name = "DIR", required_if_eq("output", "patch"))]
    out: Option<PathBuf>,
    /// With -o patch: replace the folder if it is there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    read: ReadArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A summary by type, then the changes field by field
    Table,
    /// One JSON object
    Json,
    /// A line of JSON for each object
    Jsonl,
    /// A folder with what turns A's state into B's
    Patch,
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

/// Reads both and hands on what differs.
fn compare(
    args: &DiffArgs,
    sources: &Sources,
    options: &DiffOptions,
    comparer: &Comparer,
    take: &mut dyn FnMut(Found<'_>) -> io::Result<()>,
) -> Result<DiffReport> {
    // Both are read at the same pace: the larger one tells how far that is.
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
    incomplete: Option<String>,
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
            if let Some(line) = incomplete_line(&side.closing, &side.problems) {
                let line = line.strip_prefix("Incomplete: ").unwrap_or(&line).to_owned();
                lines.push(format!("of {name} {line}"));
            }
        }
        let not_compared = match report.not_compared() {
            0 => String::new(),
            1 => "; 1 object could not be compared".to_owned(),
            n => format!("; {n} objects could not be compared"),
        };
        let incomplete =
            (!lines.is_empty()).then(|| format!("Incomplete: {}{not_compared}", lines.join("; ")));
        let warnings = warnings::warnings(&report);
        for warning in &warnings {
            say!("snapscope: warning: {}", one_line(warning.as_bytes()));
        }
        Self { report, names, warnings, incomplete, exit }
    }
}
