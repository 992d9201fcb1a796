//! `at`: the state of a server at any index of its log, as a snapshot.

use crate::exit::Exit;
use crate::manifest::ManifestArg;
use crate::reading::ReadArgs;
use crate::rolled::{Moment, Purpose, Rolled, say_inexact};
use crate::server_log::{ServerLog, time_of};
use crate::terminal::note;
use crate::times;
use crate::writing::{WriteArgs, say_written};
use anyhow::{Result, anyhow};
use clap::Args;
use snapscope_archive::Source;
use std::path::{Path, PathBuf};

/// Write the state at an index or time of the log as a snapshot
///
/// The newest snapshot before that index is rolled forward, entry by entry, as servers do it. A log
/// that goes back to the first entry needs no snapshot. If the records of a type may be inexact, a
/// message names the type, and the exit code is 3. The last entries of a log may never
/// have been committed. The snapshot is not compressed unless --level is given: compressing takes
/// several times as long as everything else.
#[derive(Debug, Args)]
// Its default differs from that of the other commands, so it is a flag of its own.
#[command(mut_arg("level", |level| level.default_value("0").help_heading(None::<&str>)))]
#[command(after_help = "Examples:
  snapscope at --index 12345 /opt/consul/data --out before.snap
  snapscope at --time 2026-11-23T10:02:00Z /opt/consul/data --out before.snap
  snapscope at --index 12345 --log /opt/consul/data backup.snap --out before.snap

Other commands take the same as a file: snapscope list kv /opt/consul/data@12345")]
pub(crate) struct AtArgs {
    /// A server's data directory, or with --log a snapshot
    #[arg(value_name = "DATA_DIR")]
    place: PathBuf,
    /// The state after the entry with this index
    #[arg(long, value_name = "N", required_unless_present = "time", conflicts_with = "time")]
    index: Option<u64>,
    /// The state after the last entry up to this time; without a zone it is local time, and 10:02 is
    /// on the log's last day
    #[arg(long, value_name = "TIME")]
    time: Option<String>,
    /// A log that continues after the snapshot
    #[arg(long, value_name = "DATA_DIR")]
    log: Option<PathBuf>,
    #[command(flatten)]
    manifest: ManifestArg,
    #[command(flatten)]
    write: WriteArgs,
    #[command(flatten)]
    read: ReadArgs,
}

pub(crate) fn run(args: &AtArgs) -> Result<Exit> {
    let server = ServerLog::find(args.log.as_ref().unwrap_or(&args.place))?;
    let moment = match (args.index, &args.time) {
        (Some(index), _) => Moment::Index(index),
        (None, Some(time)) => {
            let typed = times::typed(time).map_err(|e| anyhow!("{time:?}: {e}"))?;
            Moment::Time(times::as_end(time, time_of(time, typed, &[&server])?))
        }
        (None, None) => return Err(anyhow!("--index or --time is needed")),
    };
    let base = args.log.as_ref().map(|_| Source::find(&args.place)).transpose()?;
    let inputs: Vec<&Path> =
        std::iter::once(&args.place).chain(&args.log).map(PathBuf::as_path).collect();
    let staged = args.write.stage(&inputs)?;
    let manifest = args.manifest.stage()?;
    let options = args.read.options();
    let rolled = Rolled::prepare(&server, base.clone(), moment, &options, Purpose::Write)?;
    let mut exit = rolled.losses.exit();
    let (records, written, state) = match staged {
        Some(staged) => {
            let mut writer = staged.writer(&rolled.meta)?;
            let records = rolled.write(&options, &mut writer)?;
            let written = staged.finish(writer)?;
            let state = written.state_size;
            (records, Some(written), state)
        }
        None => {
            let (records, state) = rolled.measure(&options)?;
            (records, None, state)
        }
    };
    if say_inexact(&rolled) {
        exit = exit.max(Exit::Damaged);
    }
    note!("snapscope: note: {}", rolled.place());
    manifest.write(&[&server], base.as_ref())?;
    say_written(&args.write, written.as_ref(), records, state)?;
    Ok(exit)
}
