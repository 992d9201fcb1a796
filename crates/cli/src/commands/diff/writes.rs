//! Who changed the objects that differ, by a log that has the writes between two snapshots.

use super::args::DiffArgs;
use super::both::Sources;
use crate::authors::{Authors, WriteOf};
use crate::exit::Exit;
use crate::render::escape::one_line;
use crate::rolled::{
    Rolled, Watch, base_before, index_in_log, place_and_moment, say_inexact_of, whole_to,
};
use crate::server_log::{ServerLog, report};
use crate::terminal::note;
use anyhow::Result;
use snapscope_analyze::changes::ChangedObjects;
use snapscope_analyze::compare::Comparer;
use snapscope_analyze::diff::DiffOptions;
use snapscope_decode::Frame;
use snapscope_objects::kind::{KindId, PeerSelection};
use snapscope_objects::row::Row;
use snapscope_raftlog::Entry;
use snapscope_state::Machine;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The writes between two snapshots, by object.
pub(super) struct Writes {
    by_object: BTreeMap<(KindId, Vec<u8>), Vec<WriteOf>>,
    pub(super) exit: Exit,
}

impl Writes {
    /// The writes in the log that is given or that both snapshots are from, if there is one.
    pub(super) fn find(
        args: &DiffArgs,
        sources: &Sources,
        options: &DiffOptions,
        comparer: &Comparer,
    ) -> Result<Option<Self>> {
        let Some(place) = args.log.clone().or_else(|| common_log(&args.before, &args.after)) else {
            return Ok(None);
        };
        let read = args.read.options();
        let server = ServerLog::find(&place)?;
        let given = [sources.before.clone(), sources.after.clone()];
        let mut ends = [0; 2];
        for (end, source) in ends.iter_mut().zip(&given) {
            *end = index_in_log(&server, source, &read)?;
        }
        ends.sort_unstable();
        let [first, last] = ends;
        let name = one_line(place.display().to_string().as_bytes());
        let Some(base) = base_before(&server, &name, &given, first, &read)? else {
            return Ok(None);
        };
        let (whole, findings) = whole_to(&server, base.index)?;
        let (after, to) = (first.max(base.index), last.min(whole));
        if after > first {
            note!("snapscope: {name}: note: changes up to index {after} are not in the log");
        }
        if to < last {
            note!("snapscope: {name}: note: changes after index {to} are not in the log");
        }
        let mut is_damaged = report(&findings);
        let mut collecting = Collecting {
            after,
            comparer,
            objects: ChangedObjects::new(
                options.kinds.iter().map(|(kind, _)| *kind),
                &PeerSelection::All,
            ),
            authors: Authors::default(),
            by_object: BTreeMap::new(),
        };
        if to > after {
            let rolled = Rolled::from_base(&server, &base, to, &read, &mut collecting)?;
            is_damaged |= say_inexact_of(&rolled, &|kind| collecting.objects.are_in(kind));
        }
        let exit = if is_damaged { Exit::Damaged } else { Exit::Done };
        Ok(Some(Self { by_object: collecting.by_object, exit }))
    }

    /// The writes of an object, in order.
    pub(super) fn of(&self, row: &Row) -> &[WriteOf] {
        self.by_object.get(&(row.kind.id, row.key())).map_or(&[], Vec::as_slice)
    }
}

/// The data directory that two names are of, `DATA_DIR@INDEX` or `DATA_DIR` itself, if one is of a state in
/// its log.
fn common_log(before: &Path, after: &Path) -> Option<PathBuf> {
    let place = |name: &Path| {
        let place =
            place_and_moment(name).map_or_else(|| name.to_owned(), |(place, _)| place.into());
        fs::canonicalize(&place).ok()
    };
    let is_state = [before, after].into_iter().any(|name| place_and_moment(name).is_some());
    let (before, after) = (place(before)?, place(after)?);
    (is_state && before == after).then_some(before)
}

/// The writes while the log is applied.
struct Collecting<'c> {
    after: u64,
    comparer: &'c Comparer,
    objects: ChangedObjects,
    authors: Authors,
    by_object: BTreeMap<(KindId, Vec<u8>), Vec<WriteOf>>,
}

impl Watch for Collecting<'_> {
    fn record(&mut self, frame: &Frame<'_>) {
        self.authors.see_record(frame);
    }

    fn entry(&mut self, entry: &Entry<'_>, machine: &Machine) {
        let Some(data) = self.authors.see(entry) else { return };
        if entry.index <= self.after {
            return;
        }
        let changes = machine.changes(&|kind| self.objects.are_in(kind));
        if changes.is_empty() {
            return;
        }
        let Self { comparer, objects, authors, by_object, .. } = self;
        let mut write = None;
        objects.each(&changes.before, &changes.after, &mut |object| {
            let Some(row) = object.row() else { return };
            if write.is_none() {
                write = authors.write(entry, &data);
            }
            if let Some(write) = &write {
                let of = by_object.entry((row.kind.id, row.key())).or_default();
                of.push(WriteOf::new(write, row, comparer));
            }
        });
    }
}
