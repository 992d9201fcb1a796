//! The state to which a log is applied: a snapshot, or nothing if the log has all entries. This is
//! the only place that decides which one it is.

use super::find::{At, entry_at};
use crate::server_log::ServerLog;
use anyhow::{Context as _, Result, ensure};
use snapscope_archive::{Meta, OpenOptions, Source, open};
use snapscope_raftlog::LogFinding;
use std::cmp::Reverse;
use std::ops::ControlFlow;

/// A state to which a log may be applied.
#[derive(Debug, Clone)]
pub(crate) struct Base {
    /// Its snapshot; none for the empty state.
    pub(crate) source: Option<Source>,
    /// Its index; 0 for the empty state.
    pub(crate) index: u64,
}

impl Base {
    /// The snapshot that the user named. Its index is found when it is read.
    pub(super) fn given(source: &Source) -> Self {
        Self { source: Some(source.clone()), index: 0 }
    }
}

/// Consecutive entries of a log, and the states to which they can be applied, the best one first.
#[derive(Debug)]
pub(crate) struct Stretch {
    pub(crate) bases: Vec<Base>,
    /// The last of the entries.
    pub(crate) to: u64,
}

/// Everything from which the log's state at an index may be computed, the nearest one first: the
/// server's own snapshots, and the empty state. Which of them is used depends on the log, and on
/// whether the snapshot is whole.
pub(super) fn bases_before(server: &ServerLog, index: u64) -> Vec<Base> {
    let mut bases = own_bases(server);
    bases.retain(|base| base.index <= index);
    bases.reverse();
    bases
}

/// The empty state, and the server's own snapshots, oldest first.
pub(super) fn own_bases(server: &ServerLog) -> Vec<Base> {
    let own = server
        .snapshots
        .iter()
        .map(|own| Base { source: Some(Source::Directory(own.path.clone())), index: own.index });
    std::iter::once(Base { source: None, index: 0 }).chain(own).collect()
}

/// The stretches of a log without a gap. They are applied to the newest state up to an index, or
/// else to the oldest one after it: one of the server's own snapshots, one of the `given` ones that
/// belong to the log, or the empty state. Stretches that continue none of them are left out.
pub(crate) fn stretches(
    server: &ServerLog,
    runs: &[(u64, u64)],
    given: &[Source],
    index: u64,
    read: &OpenOptions,
) -> Result<Vec<Stretch>> {
    let mut bases = own_bases(server);
    for source in given.iter().filter(|source| source.reopenable()) {
        // An unreadable snapshot is reported when it is used.
        let Ok(meta) = meta_of(source, read) else { continue };
        if entry_at(server, meta.index)?.is_some_and(|entry| entry.term == meta.term) {
            bases.push(Base { source: Some(source.clone()), index: meta.index });
        }
    }
    // Those up to the index from the newest one on, then the later ones from the oldest one on.
    bases.sort_by_key(|base| match base.index <= index {
        true => (false, Reverse(base.index), 0),
        false => (true, Reverse(0), base.index),
    });
    let of_run = |(first, last): &(u64, u64)| {
        let continues =
            |base: &&Base| base.index.saturating_add(1) >= *first && base.index <= *last;
        let bases: Vec<Base> = bases.iter().filter(continues).cloned().collect();
        (!bases.is_empty()).then_some(Stretch { bases, to: *last })
    };
    Ok(runs.iter().filter_map(of_run).collect())
}

/// The first and last indexes of consecutive entries.
pub(crate) type Runs = Vec<(u64, u64)>;

/// The consecutive entries, and the findings about the log.
pub(crate) fn runs(server: &ServerLog) -> Result<(Runs, Vec<LogFinding>)> {
    let mut runs = Runs::new();
    let findings = server.walk(0, &mut |entry| {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(entry.index) => *last = entry.index,
            _ => runs.push((entry.index, entry.index)),
        }
        ControlFlow::Continue(())
    })?;
    Ok((runs, findings))
}

/// The index of the snapshot to roll forward from; 0 without one.
pub(super) fn base_index(
    server: &ServerLog,
    base: &Base,
    target: At,
    read: &OpenOptions,
) -> Result<u64> {
    let Some(source) = &base.source else { return Ok(0) };
    let from = index_in_log(server, source, read)?;
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
