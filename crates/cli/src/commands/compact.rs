//! `compact`: few large files of the many small ones that an export of many snapshots has made.

use crate::destination::place;
use crate::exit::Exit;
use crate::reading::jobs;
use crate::render::bytes::byte_size;
use crate::render::escape::one_line;
use crate::terminal::{note, say};
use anyhow::Result;
use clap::Args;
use snapscope_export::fleet::compact;
use snapscope_objects::printable::counted;
use snapscope_staged::remove_on_signals;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Merge small files of an export of many snapshots into large ones
///
/// Files of less than 64 MB of one type, cluster and day become one of up to 512 MB. Rows do not
/// change, and the manifest says which file they are in. Later exports skip what was compacted.
///
/// In a folder, readers see each row once at all times. Buckets cannot replace several files at
/// once: for some seconds readers may see rows twice. A killed run is ended or taken back by the
/// next one.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope compact tables
  snapscope compact s3://warehouse/consul")]
pub(crate) struct CompactArgs {
    /// The folder, s3://BUCKET/PREFIX, az://CONTAINER/PREFIX or gs://BUCKET/PREFIX of an export
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Number of files that are written at once [default: one per core]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

pub(crate) fn run(args: &CompactArgs) -> Result<Exit> {
    let place = place(&args.dir)?;
    remove_on_signals()?;
    let report = compact(&*place, jobs(args.jobs))?;
    for problem in &report.problems {
        say!("snapscope: {}", one_line(problem.as_bytes()));
    }
    let name = place.name();
    let line = match report.made {
        0 => format!("snapscope: {name}: nothing to compact"),
        made => format!(
            "snapscope: {name}: merged {} ({}) into {made} ({}), with {}",
            counted(report.merged, "file", "files"),
            byte_size(report.merged_bytes),
            byte_size(report.made_bytes),
            counted(report.rows, "row", "rows"),
        ),
    };
    note!("{}", one_line(line.as_bytes()));
    Ok(if report.problems.is_empty() { Exit::Done } else { Exit::Damaged })
}
