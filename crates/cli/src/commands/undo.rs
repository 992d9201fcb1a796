//! `undo`: a patch that takes back chosen writes of a server's Raft log.

use crate::commands::log::index::index;
use crate::exit::Exit;
use crate::place::place_and_moment;
use crate::reading::ReadArgs;
use crate::render::escape::one_line;
use crate::rolled::{Rolled, Watch, say_inexact};
use crate::server_log::ServerLog;
use crate::terminal::say;
use anyhow::{Context as _, Result, bail};
use clap::Args;
use snapscope_analyze::compare::{CompareOptions, Comparer};
use snapscope_analyze::diff::{DiffOptions, diff};
use snapscope_archive::{Source, open};
use snapscope_export::Patch;
use snapscope_objects::kinds::of;
use snapscope_raftlog::Entry;
use snapscope_rewrite::state_header;
use snapscope_staged::remove_on_signals;
use snapscope_state::{InTheWay, Machine, Undo, Undone};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Write a patch that takes back chosen writes of the log
///
/// The patch returns keys and config entries to what they were before these writes; it has the form
/// of `diff -o patch`. Other changes are listed in it as not covered. An object that a later write
/// changed again is left alone unless you choose that write too. The exit code is 1 if any chosen
/// change is not taken back. If the patch would be empty, none is written. The patch applies to the
/// state at the end of the log.
///
/// To undo what changed between two snapshots, use `snapscope diff -o patch`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope log /opt/consul/data --object kv/app --filter 'op == delete'
  snapscope undo 12345 12347 /opt/consul/data --out patch
  snapscope undo 12345 /opt/consul/data --out patch --force")]
pub(crate) struct UndoArgs {
    /// The indexes of the writes
    #[arg(value_name = "INDEX", required = true, num_args = 1.., value_parser = index)]
    indexes: Vec<u64>,
    /// A server's data directory
    #[arg(value_name = "DATA_DIR")]
    place: PathBuf,
    /// The folder to create
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Replace an existing folder
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    read: ReadArgs,
}

struct Undoing(Undo);

impl Watch for Undoing {
    fn entry(&mut self, entry: &Entry<'_>, machine: &Machine) {
        self.0.see(entry.index, machine);
    }
}

pub(crate) fn run(args: &UndoArgs) -> Result<Exit> {
    if let Some((place, _)) = place_and_moment(&args.place) {
        bail!(
            "{}: a patch is for the state at the end of the log; name {place}",
            args.place.display()
        );
    }
    let server = ServerLog::find(&args.place)?;
    let chosen: BTreeSet<u64> = args.indexes.iter().copied().collect();
    let extent = server.extent()?;
    for index in &chosen {
        if !(extent.first..=extent.last).contains(index) {
            return Err(server.no_entry(*index));
        }
    }
    let first = chosen.first().copied().context("no index")?;
    remove_on_signals()?;
    let mut patch = Patch::begin(&args.out, args.force)?;
    let mut undoing = Undoing(Undo::new(chosen));
    let options = args.read.options();
    let rolled = Rolled::to_end(&server, first, &options, &mut undoing)?;
    let undone = undoing.0.finish(rolled.machine());
    let mut exit = rolled.losses.exit();
    if say_inexact(&rolled) {
        exit = exit.max(Exit::Damaged);
    }
    say!("snapscope: note: the patch is for {}", rolled.place());
    exit = exit.max(say_left(&undone));
    compare(args, &undone, &mut patch)?;
    let patch = patch.complete()?;
    let counts = patch.counts();
    let out = one_line(args.out.display().to_string().as_bytes());
    if counts.is_empty() {
        say!("snapscope: {out}: not written, because the patch would change nothing");
        return Ok(exit);
    }
    if counts.not_covered > 0 {
        exit = exit.max(Exit::Found);
    }
    patch.settle((exit == Exit::Damaged).then_some("the log or a snapshot is damaged"))?;
    say!("snapscope: {out}: {counts}");
    Ok(exit)
}

/// Adds the differences between the current and the previous objects to the patch.
fn compare(args: &UndoArgs, undone: &Undone, patch: &mut Patch) -> Result<()> {
    let comparer =
        Comparer::new(CompareOptions { whole_entries: true, ..CompareOptions::default() });
    let blocks = |records: &[u8]| {
        let state = [state_header(0).as_slice(), records].concat();
        open(&Source::Memory(state.into()), &args.read.options())
    };
    let reopen = || Ok(Some((blocks(&undone.now)?, blocks(&undone.without)?)));
    let (now, without) = (blocks(&undone.now)?, blocks(&undone.without)?);
    diff(now, without, &DiffOptions::new(), &comparer, &reopen, &mut |found| patch.take(&found))?;
    Ok(())
}

/// Names the writes that are not taken back.
fn say_left(undone: &Undone) -> Exit {
    for index in &undone.without_change {
        say!("snapscope: note: the write at index {index} changed nothing that can be taken back");
    }
    for InTheWay { index, later, removed_node, kind, id } in &undone.in_the_way {
        let name = format!("{}/{}", of(*kind).object_name(), one_line(id));
        let did = if *removed_node { "removed its node" } else { "changed this object again" };
        say!(
            "snapscope: {name}: the write at index {index} is not taken back: the write at index \
             {later} {did}"
        );
    }
    let is_all = undone.in_the_way.is_empty() && undone.without_change.is_empty();
    if is_all { Exit::Done } else { Exit::Found }
}
