//! The snapshots and the log from which a history is made.

use super::args::HistoryArgs;
use super::writes::{Log, Writes};
use crate::log_damage::Losses;
use crate::render::escape::one_line;
use crate::series::named;
use crate::server_log::ServerLog;
use crate::terminal::note;
use anyhow::Result;
use snapscope_analyze::compare::Comparer;
use snapscope_analyze::history::Question;
use snapscope_analyze::series::Named;
use snapscope_archive::Source;
use snapscope_runs::Room;
use std::path::PathBuf;

/// The snapshots, and a log of the same servers if there is one.
pub(super) struct Inputs {
    pub(super) named: Vec<Named>,
    pub(super) log: Option<Log>,
    /// What the log knows about the objects.
    pub(super) writes: Option<Writes>,
    /// What is missing of that.
    pub(super) losses: Losses,
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
        let mut losses = Losses::default();
        let log = match logs.first() {
            Some(first) => match Log::find(first, &found, &read) {
                // The snapshots of a data directory are shown without its log.
                Err(e) if args.log.is_none() => {
                    losses.add(&one_line(format!("{e:#}").as_bytes()));
                    None
                }
                log => match log? {
                    Ok(log) => Some(log),
                    Err(lost) => {
                        losses.absorb(lost);
                        None
                    }
                },
            },
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
            let (writes, lost, ends) = log.writes(question, comparer, room, &read, Some(&found))?;
            known = Some(writes);
            losses.absorb(lost);
            if args.log.is_none() {
                data.remove(0);
            }
            at_log.extend(ends.iter().map(Source::name));
            for source in ends {
                let is_given = |named: &Named| is_same(&named.source, &source);
                if !found.iter().any(is_given) {
                    found.push(Named { source, in_folder: false });
                }
            }
        }
        found.append(&mut named(&data)?);
        Ok(Self { named: found, log, writes: known, losses, at_log })
    }
}

/// Whether both are the same file or folder.
fn is_same(a: &Source, b: &Source) -> bool {
    match (a, b) {
        (Source::File(a) | Source::Directory(a), Source::File(b) | Source::Directory(b)) => a == b,
        _ => false,
    }
}
