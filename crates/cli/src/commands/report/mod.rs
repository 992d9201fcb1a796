//! `report`: an HTML page about a snapshot, about the differences between two, or about a series.

mod args;
mod difference;
mod series;
mod snapshot;

pub(crate) use args::ReportArgs;

use crate::exit::Exit;
use crate::own_input::spare_inputs;
use crate::render::bytes::byte_size;
use crate::render::escape::one_line;
use crate::terminal;
use anyhow::{Context as _, Result, bail};
use snapscope_staged::{StagedFile, remove_on_signals};
use std::io::Write as _;
use std::path::{Path, PathBuf};

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
