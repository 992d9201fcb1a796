//! Flags of `report`, and how its pages name files.

use crate::reading::ReadArgs;
use crate::shell_line::{named, shell_words};
use clap::Args;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Write an HTML page about a snapshot, for a ticket or an auditor
///
/// The page is one HTML file that needs no scripts and loads nothing. It shows what is in the
/// snapshot, what takes the space, the health of services, the service graph, who can do dangerous
/// things, findings and certificates, each with the command that prints the same. Secrets are
/// masked, and values of keys are left out.
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
    pub(super) files: Vec<PathBuf>,
    /// File to write the page to
    #[arg(long, value_name = "PAGE")]
    pub(super) out: PathBuf,
    /// Replace an existing file
    #[arg(long)]
    pub(super) force: bool,
    /// Show what changed from the first snapshot to the second
    #[arg(long, conflicts_with_all = ["series", "all_secrets"])]
    pub(super) diff: bool,
    /// Show how sizes changed over a series of snapshots
    #[arg(long, conflicts_with = "all_secrets")]
    pub(super) series: bool,
    /// Search all of a large snapshot for secrets, not only the first 256 MiB of its state
    #[arg(long)]
    pub(super) all_secrets: bool,
    #[command(flatten)]
    pub(super) read: ReadArgs,
}

/// The files as they are named on a command line.
pub(super) fn on_command_line(files: &[&Path]) -> String {
    let words: Vec<OsString> = files.iter().map(|file| named(file)).collect();
    shell_words(&words).unwrap_or_else(|| "FILE".to_owned())
}
