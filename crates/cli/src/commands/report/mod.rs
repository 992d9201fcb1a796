//! `report`: a page of HTML about a snapshot, about what changed between two, or about a series.

mod difference;
mod series;
mod snapshot;

use crate::exit::Exit;
use crate::own_input::spare_inputs;
use crate::reading::ReadArgs;
use crate::render::bytes::byte_size;
use crate::render::escape::one_line;
use crate::shell_line::{named, shell_words};
use crate::terminal;
use anyhow::{Context as _, Result, bail};
use clap::Args;
use snapscope_staged::{StagedFile, remove_on_signals};
use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Write a page about a snapshot, for a ticket or an auditor
///
/// The page is one HTML file that needs no scripts and loads nothing. It shows what is in the snapshot,
/// what takes the space, the health of services, the service graph, who can do dangerous things,
/// findings and certificates, each with the command that prints the same. Secrets are masked, and
/// values of keys are left out.
///
/// With --diff it shows what changed between two snapshots, with --series how sizes changed over
/// many.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope report backup.snap --out report.html
  snapscope report --diff yesterday.snap today.snap --out changes.html
  snapscope report --series '*.snap' --out growth.html")]
pub(crate) struct ReportArgs {
    /// The snapshot; two with --diff; files, folders and patterns with --series
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// File to write the page to
    #[arg(long, value_name = "PAGE")]
    out: PathBuf,
    /// Replace an existing file
    #[arg(long)]
    force: bool,
    /// Show what changed from the first snapshot to the second
    #[arg(long, conflicts_with_all = ["series", "all_secrets"])]
    diff: bool,
    /// Show how sizes changed over the snapshots of a series
    #[arg(long, conflicts_with = "all_secrets")]
    series: bool,
    /// Search all of a large snapshot for secrets, not only the first 256 MiB of its state
    #[arg(long)]
    all_secrets: bool,
    #[command(flatten)]
    read: ReadArgs,
}

pub(crate) fn run(args: &ReportArgs) -> Result<Exit> {
    if args.out.as_os_str() == "-" {
        bail!("--out -: a page cannot be written to standard output; ./- is a file");
    }
    let inputs: Vec<&Path> = args.files.iter().map(PathBuf::as_path).collect();
    let subject = Subject::of(args, &inputs)?;
    spare_inputs("--out", &args.out, &inputs)?;
    // An unusable name is reported before anything is read.
    remove_on_signals()?;
    let staged = StagedFile::begin(&args.out, args.force)?;
    let (page, exit) = match subject {
        Subject::Snapshot(file) => snapshot::page(args, file)?,
        Subject::Difference(before, after) => difference::page(args, before, after)?,
        Subject::Series => series::page(args)?,
    };
    let target = || args.out.display().to_string();
    staged.file().write_all(page.as_bytes()).with_context(target)?;
    staged.settle()?;
    let line = format!("{}: {}\n", one_line(target().as_bytes()), byte_size(page.len() as u64));
    terminal::out().write_all(line.as_bytes())?;
    Ok(exit)
}

/// What a page is about.
enum Subject<'a> {
    Snapshot(&'a Path),
    Difference(&'a Path, &'a Path),
    Series,
}

impl<'a> Subject<'a> {
    fn of(args: &ReportArgs, inputs: &[&'a Path]) -> Result<Self> {
        Ok(match (inputs, args.diff, args.series) {
            ([before, after], true, _) => Self::Difference(before, after),
            (_, true, _) => bail!("--diff needs two snapshots, not {}", inputs.len()),
            (_, _, true) => Self::Series,
            ([file], ..) => Self::Snapshot(file),
            _ => bail!(
                "{} snapshots given; use --diff to compare two, or --series for many",
                inputs.len()
            ),
        })
    }
}

/// Files as a command line names them.
fn on_command_line(files: &[&Path]) -> String {
    let words: Vec<OsString> = files.iter().map(|file| named(file)).collect();
    shell_words(&words).unwrap_or_else(|| "FILE".to_owned())
}
