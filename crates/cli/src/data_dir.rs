//! A data directory beyond the snapshot that is read: older snapshots, and the Raft log.

use snapscope_archive::{Closing, OpenOptions, Sibling, Source, Verdict, open};
use snapscope_raftlog::RaftLog;
use std::path::Path;

/// Notes about the data directory from which a snapshot was read; empty for other sources.
pub(crate) fn notes(source: &Source, closing: &Closing, is_damaged: bool) -> Vec<String> {
    let Source::Directory(path) = source else { return Vec::new() };
    let siblings = source.siblings();
    let mut notes: Vec<String> = siblings
        .iter()
        .filter(|sibling| sibling.is_newer && !sibling.is_complete)
        .map(|sibling| {
            format!(
                "skipped the newer snapshot {}: it is incomplete (it needs state.bin and meta.json)",
                sibling.path.display()
            )
        })
        .collect();
    if is_damaged {
        notes.extend(older(&siblings));
        notes.extend(from_log(path));
    }
    notes.extend(log_ahead(path, closing));
    notes
}

/// Finds an intact snapshot that is older than a damaged one.
fn older(siblings: &[Sibling]) -> Option<String> {
    let older = siblings.iter().filter(|sibling| !sibling.is_newer && sibling.is_complete);
    for sibling in older {
        let source = Source::Directory(sibling.path.clone());
        let Ok(mut blocks) = open(&source, &OpenOptions::default()) else { continue };
        blocks.by_ref().for_each(drop);
        let closing = blocks.finish();
        if closing.integrity.verdict == Verdict::Verified {
            let index = closing.meta.map_or(0, |meta| meta.index);
            return Some(format!(
                "an older snapshot is intact: {} (index {index}); pass that folder to use it",
                sibling.path.display()
            ));
        }
    }
    None
}

/// The raft folder and the data directory of a snapshot in them. Without the usual names, both are
/// the same.
fn folders(snapshot: &Path) -> Option<(&Path, &Path)> {
    let snapshots = snapshot.parent().filter(|folder| folder.ends_with("snapshots"))?;
    let raft = snapshots.parent()?;
    let data_dir = raft.parent().filter(|dir| raft.ends_with("raft") && dir.is_dir());
    Some((raft, data_dir.unwrap_or(raft)))
}

/// Names the state at the end of the log, which does not start from a damaged snapshot if it can
/// start from another one.
fn from_log(path: &Path) -> Option<String> {
    let (raft, data_dir) = folders(path)?;
    let last = RaftLog::find(raft).ok()??.extent().ok()??.last;
    Some(format!("{}@{last} computes the state from the Raft log", data_dir.display()))
}

/// Counts the writes in the server's log after a snapshot.
fn log_ahead(path: &Path, closing: &Closing) -> Option<String> {
    let (raft, data_dir) = folders(path)?;
    let index = closing.meta.as_ref()?.index;
    let log = match RaftLog::find(raft) {
        Ok(log) => log?,
        Err(e) => return Some(format!("cannot read the Raft log: {e}")),
    };
    let tail = match log.after(index) {
        Ok(tail) => tail,
        Err(e) => {
            return Some(format!("cannot read the Raft log: {}: {e}", log.path().display()));
        }
    };
    let writes = match tail.writes {
        0 => None,
        1 => Some("1 write that is".to_owned()),
        n => Some(format!("{n} writes that are")),
    };
    let ahead = writes.map(|writes| {
        format!(
            "the Raft log holds {writes} not in this snapshot (after index {index}, up to {}); the \
             last ones may never have been committed; {}@{} includes them",
            tail.last,
            data_dir.display(),
            tail.last
        )
    });
    let damage = tail
        .damage
        .map(|(file, damage)| format!("the Raft log is damaged: {}: {damage}", file.display()));
    match (ahead, damage) {
        (Some(ahead), Some(damage)) => Some(format!("{ahead}; {damage}")),
        (ahead, damage) => ahead.or(damage),
    }
}
