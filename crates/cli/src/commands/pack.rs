//! `pack`: a snapshot in any form as the archive that `consul snapshot restore` takes.

use crate::exit::Exit;
use crate::reading::{Asked, FileArg, ReadArgs};
use crate::render::escape::one_line;
use crate::terminal::say;
use crate::writing::{WriteArgs, say_written};
use anyhow::{Result, bail};
use clap::Args;
use snapscope_analyze::{Outcome, Problems};
use snapscope_archive::Source;
use snapscope_rewrite::{Packing, RewriteError};
use std::path::{Path, PathBuf};

/// Pack a data directory, raft folder or state.bin as a .snap file
///
/// Consul restores the file. The input is checked on the way: the CRC of a raft folder, the hashes
/// of an archive, every record. Hand-packed archives that Consul refuses are repacked in the form
/// it accepts. From a data directory the newest finished snapshot is packed, or the one that --id
/// names.
///
/// A state.bin without a meta.json gets one with the highest index in it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope pack /opt/consul/data --out backup.snap
  snapscope pack --id 2-978-1795403316736 /opt/consul/data --out backup.snap
  snapscope pack state.bin --out backup.snap")]
pub(crate) struct PackArgs {
    #[command(flatten)]
    file: FileArg,
    /// With a data directory: the snapshot to pack, TERM-INDEX-MILLISECONDS
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    #[command(flatten)]
    write: WriteArgs,
    #[command(flatten)]
    read: ReadArgs,
}

pub(crate) fn run(args: &PackArgs) -> Result<Exit> {
    let source = match &args.id {
        Some(id) => Source::Directory(of_id(&args.file.file, id)?),
        None => ReadArgs::source(&args.file)?,
    };
    let staged = args.write.stage(&[&args.file.file])?;
    let mut writer = None;
    let asked = args.read.ask_as(&source, |options| {
        let packing = Packing::open(source.clone(), options)?;
        if packing.meta_is_made() {
            let name = one_line(source.name().as_bytes());
            say!(
                "snapscope: {name}: note: no meta.json; the new one has the highest index in \
                 state.bin, and no time"
            );
        }
        writer = staged.as_ref().map(|staged| staged.writer(packing.meta())).transpose()?;
        let closing = packing.copy(writer.as_mut())?;
        Ok(Outcome { out: (), closing, problems: Problems::default() })
    });
    let Asked { closing, exit, .. } = match asked.map_err(anyhow::Error::downcast) {
        Ok(asked) => asked,
        Err(Ok(RewriteError::NoState { name, closing })) => {
            args.read.report_of(&name, &closing, &Problems::default());
            return Ok(Exit::Damaged);
        }
        Err(Ok(e)) => return Err(e.into()),
        Err(Err(e)) => return Err(e),
    };
    let written = match (staged, writer) {
        (Some(staged), Some(writer)) => Some(staged.finish(writer)?),
        _ => None,
    };
    say_written(&args.write, written.as_ref(), closing.records, closing.integrity.actual_size)?;
    Ok(exit)
}

/// The folder of a snapshot in a data directory, in its `raft` folder, or in the folder with the
/// snapshots.
fn of_id(folder: &Path, id: &str) -> Result<PathBuf> {
    // A name with a slash would lead elsewhere.
    let is_id = id.split('-').count() == 3 && id.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if !is_id {
        bail!("{id:?} is not a snapshot ID; expected TERM-INDEX-MILLISECONDS");
    }
    let candidates = ["raft/snapshots", "snapshots", ""].map(|below| folder.join(below).join(id));
    match candidates.into_iter().find(|path| path.join("state.bin").is_file()) {
        Some(path) => Ok(path),
        None => bail!("{}: snapshot {id:?} not found", folder.display()),
    }
}
