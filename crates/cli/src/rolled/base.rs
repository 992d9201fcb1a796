//! The state to which a log is applied: a snapshot, or nothing if the log has all entries.

use super::find::{At, entry_at};
use crate::server_log::ServerLog;
use crate::terminal::note;
use anyhow::{Context as _, Result, ensure};
use snapscope_archive::{Meta, OpenOptions, Source, open};
use snapscope_raftlog::LogFinding;
use std::ops::ControlFlow;

/// The state to which a log is applied.
#[derive(Debug, Clone)]
pub(crate) struct Base {
    /// Its snapshot; none for the empty state.
    pub(crate) source: Option<Source>,
    /// Its index; 0 for the empty state.
    pub(crate) index: u64,
}

/// The newest of the server's own snapshots at or before an index.
pub(super) fn own_base(server: &ServerLog, index: u64) -> Option<Source> {
    let older = server.snapshots.iter().rev().find(|own| own.index <= index);
    older.map(|own| Source::Directory(own.path.clone()))
}

/// The state to which most of the log after an index can be applied: the newest one up to that
/// index, or else the oldest one after it. It is one of the server's own snapshots, one of the
/// `given` ones that belong to the log, or the empty state. Returns `None`, with a note about the
/// log of this name, if the log continues none of them.
pub(crate) fn base_before(
    server: &ServerLog,
    name: &str,
    given: &[Source],
    index: u64,
    read: &OpenOptions,
) -> Result<Option<Base>> {
    let extent = server.extent()?;
    let mut bases: Vec<Base> = Vec::new();
    if extent.first == 1 {
        bases.push(Base { source: None, index: 0 });
    }
    let own = server
        .snapshots
        .iter()
        .map(|own| Base { source: Some(Source::Directory(own.path.clone())), index: own.index });
    bases.extend(own);
    for source in given.iter().filter(|source| source.reopenable()) {
        // An unreadable snapshot is reported when it is used.
        let Ok(meta) = meta_of(source, read) else { continue };
        if entry_at(server, meta.index)?.is_some_and(|entry| entry.term == meta.term) {
            bases.push(Base { source: Some(source.clone()), index: meta.index });
        }
    }
    bases.retain(|base| base.index.saturating_add(1) >= extent.first && base.index <= extent.last);
    bases.sort_by_key(|base| base.index);
    let before = bases.iter().rposition(|base| base.index <= index);
    let base = bases.into_iter().nth(before.unwrap_or(0));
    if base.is_none() {
        note!(
            "snapscope: {name}: note: the log is not used: it does not continue any of the snapshots"
        );
    }
    Ok(base)
}

/// The last entry up to which the log has all entries after an index, and the findings about it.
pub(crate) fn whole_to(server: &ServerLog, after: u64) -> Result<(u64, Vec<LogFinding>)> {
    let mut last = after;
    let findings = server.walk(after.saturating_add(1), &mut |entry| {
        if last.checked_add(1) == Some(entry.index) {
            last = entry.index;
        }
        ControlFlow::Continue(())
    })?;
    Ok((last, findings))
}

/// The index of the snapshot to roll forward from; 0 without one.
pub(super) fn base_index(
    server: &ServerLog,
    base: Option<&Source>,
    target: At,
    read: &OpenOptions,
) -> Result<u64> {
    let Some(base) = base else { return Ok(0) };
    let from = index_in_log(server, base, read)?;
    ensure!(
        from <= target.index,
        "the snapshot is at index {from}, after {}; name an older one",
        target.index
    );
    Ok(from)
}

/// Fails if the log has a different entry at a snapshot's index.
fn is_of_log(server: &ServerLog, source: &Source, meta: &Meta) -> Result<()> {
    // The term of a copied bare state.bin is unknown, and it has no time.
    if meta.taken_ms().is_some()
        && let Some(At { term, .. }) = entry_at(server, meta.index)?
    {
        ensure!(
            term == meta.term,
            "{}: the log does not continue this snapshot: entry {} has term {term} in the log, {} in \
             the snapshot",
            source.name(),
            meta.index,
            meta.term
        );
    }
    Ok(())
}

/// The index of a snapshot of the log's servers.
pub(crate) fn index_in_log(server: &ServerLog, source: &Source, read: &OpenOptions) -> Result<u64> {
    ensure!(
        source.reopenable(),
        "{}: the snapshot is read twice, so it has to be a file",
        source.name()
    );
    let meta = meta_of(source, read)?;
    is_of_log(server, source, &meta)?;
    Ok(meta.index)
}

/// The index of a snapshot.
pub(crate) fn index_of(base: &Source, read: &OpenOptions) -> Result<u64> {
    Ok(meta_of(base, read)?.index)
}

fn meta_of(base: &Source, read: &OpenOptions) -> Result<Meta> {
    let mut blocks = open(base, read)?;
    if let Some(meta) = blocks.early_meta() {
        return Ok(meta.clone());
    }
    blocks.by_ref().for_each(drop);
    let meta = blocks.finish().meta;
    meta.with_context(|| {
        format!("{}: its index is unknown, because it has no meta.json", base.name())
    })
}
