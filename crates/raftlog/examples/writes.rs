//! Lists the commands in the Raft log of a server by type, even while it runs: `writes DATA_DIR/raft`.

use snapscope_raftlog::{Command, RaftLog};
use std::{error::Error, io::Write, ops::ControlFlow, path::Path};

#[allow(clippy::disallowed_methods, reason = "an example that prints")]
fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("which raft folder?")?;
    writes(folder.as_ref(), &mut std::io::stdout())
}

pub(crate) fn writes(folder: &Path, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let log = RaftLog::find(folder)?.ok_or("no log found")?;
    let (mut failed, mut damage) = (Ok(()), Vec::new());
    log.walk(0, &mut |finding| damage.push(finding), &mut |entry| {
        if let Some(command) = entry.is_write().then(|| Command::read(entry.data)).flatten() {
            failed = writeln!(out, "{} {}", entry.index, command.kind);
        }
        if failed.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    failed?;
    // Entries after damage are read, so an answer can be incomplete without being an error.
    damage.iter().try_for_each(|finding| writeln!(out, "{finding:?}"))?;
    Ok(())
}
