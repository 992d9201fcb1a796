//! `log --deep`: entries that are in the log's files, but not in the log.

use super::batch::{Batch, Known};
use crate::server_log::ServerLog;
use anyhow::{Context as _, Result};
use snapscope_raftlog::{Assembled, Command};
use snapscope_state::Identities;
use std::ops::ControlFlow;

/// The note about such an entry.
const WHY: &str = "not in the log any more: removed, replaced, or never committed";

/// Finds the entries, collects tokens from them, and passes them on in batches.
pub(super) fn carved(server: &ServerLog, identities: &mut Identities) -> Result<Vec<Batch>> {
    let name = || server.log.path().display().to_string();
    let mut carved = server.log.carve().with_context(name)?;
    server.walk(0, &mut |entry| {
        carved.leave_out(entry.index, entry.term);
        ControlFlow::Continue(())
    })?;
    let mut batches = vec![Batch::default()];
    carved
        .each(&mut |entry| {
            // A chunk of a larger command is shown on its own.
            let is_whole = entry.extensions.is_empty() && entry.is_write();
            if let Some(command) = Command::read(entry.data).filter(|_| is_whole) {
                identities.see_command(&command);
            }
            if batches.last().is_none_or(Batch::is_full) {
                batches.push(Batch::default());
            }
            if let Some(batch) = batches.last_mut() {
                let command = match is_whole {
                    true => Assembled::Whole(entry.data.into()),
                    false => Assembled::Other,
                };
                batch.push(&entry, &command);
                batch.learn(|_, _| Known::unvouched(WHY));
            }
            ControlFlow::Continue(())
        })
        .with_context(name)?;
    Ok(batches)
}
