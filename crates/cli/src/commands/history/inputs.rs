//! The snapshots and the log from which a history is made.

use super::args::HistoryArgs;
use super::writes::{Log, Writes};
use crate::exit::Exit;
use crate::render::escape::one_line;
use crate::series::named;
use crate::server_log::ServerLog;
use crate::terminal::note;
use anyhow::Result;
use snapscope_analyze::compare::Comparer;
use snapscope_analyze::history::Question;
use snapscope_analyze::series::Named;
use snapscope_runs::Room;
use std::path::PathBuf;

/// The snapshots, and a log of the same servers if there is one.
pub(super) struct Inputs {
    pub(super) named: Vec<Named>,
    pub(super) log: Option<Log>,
    /// What the log knows about the objects, and the exit code.
    pub(super) writes: Option<(Writes, Exit)>,
    /// The names of snapshots that are known to be from the log's cluster.
    pub(super) at_log: Vec<String>,
}

impl Inputs {
    /// Resolves names. A data directory means its log if that continues a snapshot, and its newest
    /// snapshot otherwise.
    pub(super) fn find(
        args: &HistoryArgs,
        paths: Vec<PathBuf>,
        question: &Question,
        comparer: &Comparer,
        room: &Room,
    ) -> Result<Self> {
        let (mut data, plain): (Vec<PathBuf>, Vec<PathBuf>) =
            paths.into_iter().partition(|path| ServerLog::is_at(path));
        let mut logs: Vec<PathBuf> = args.log.iter().cloned().chain(data.iter().cloned()).collect();
        let read = args.read.options();
        let mut found = named(&plain)?;
        let log = match logs.first() {
            Some(first) => Log::find(first, &found, &read)?,
            None => None,
        };
        for other in logs.drain(..).skip(1) {
            let other = one_line(other.display().to_string().as_bytes());
            note!(
                "snapscope: {other}: note: only one log is used; of this one the newest snapshot"
            );
        }
        let mut at_log = Vec::new();
        let mut known = None;
        if let Some(log) = &log {
            let (writes, exit, rolled) = log.writes(question, comparer, room, &read)?;
            known = Some((writes, exit));
            if args.log.is_none() {
                data.remove(0);
            }
            let mut ends = log.ends(&found, rolled.as_ref(), &read)?;
            at_log.extend(ends.iter().map(|named| named.source.name()));
            at_log.extend(log.base_name());
            found.append(&mut ends);
        }
        found.append(&mut named(&data)?);
        Ok(Self { named: found, log, writes: known, at_log })
    }
}
