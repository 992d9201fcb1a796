//! `snapscope manual`: the man pages, for packages. Hidden, because people read them from the package.

use crate::exit::Exit;
use anyhow::{Context as _, Result};
use clap::{Args, Command};
use std::fs;
use std::path::PathBuf;

/// Write a man page for each command
#[derive(Debug, Args)]
#[command(hide = true)]
pub(crate) struct ManualArgs {
    /// Folder to write the pages to; it is created if necessary
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Writes `snapscope.1`, `snapscope-inspect.1`, `snapscope-acl-can.1` and so on. They have no date, so they
/// depend on the command line alone.
pub(crate) fn run(args: &ManualArgs, command: Command) -> Result<Exit> {
    let folder = &args.folder;
    let cannot = || format!("cannot write man pages to {}", folder.display());
    fs::create_dir_all(folder).with_context(cannot)?;
    clap_mangen::generate_to(command, folder).with_context(cannot)?;
    Ok(Exit::Done)
}
