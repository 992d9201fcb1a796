//! Who changed the differing objects, according to a log with the writes between two snapshots.

use super::args::DiffArgs;
use super::both::Sources;
use crate::authors::WriteOf;
use crate::exit::Exit;
use crate::object_writes::{ObjectWrites, UsableLog};
use crate::place::place_and_moment;
use crate::rolled::{index_in_log, say_inexact_of};
use crate::server_log::ServerLog;
use crate::terminal::note;
use anyhow::Result;
use snapscope_analyze::changes::ChangedObject;
use snapscope_analyze::compare::Comparer;
use snapscope_analyze::diff::DiffOptions;
use snapscope_objects::kind::{KindId, PeerSelection};
use snapscope_objects::row::Row;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

type ByObject = BTreeMap<(KindId, Vec<u8>), Vec<WriteOf>>;

/// The writes between two snapshots, by object.
pub(super) struct Writes {
    by_object: ByObject,
    pub(super) exit: Exit,
}

impl Writes {
    /// Finds the writes in the given log, or in the log of which both snapshots are states.
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
        let Some(log) = UsableLog::find(server, &place, &given, first, &read)? else {
            return Ok(None);
        };
        let name = &log.place;
        let (after, to) = (first.max(log.base.index), last.min(log.to));
        if after > first {
            note!("snapscope: {name}: note: changes up to index {after} are not in the log");
        }
        if to < last {
            note!("snapscope: {name}: note: changes after index {to} are not in the log");
        }
        let mut is_damaged = log.is_damaged;
        let mut by_object = ByObject::new();
        if to > after {
            let mut take = |object: ChangedObject, write| {
                if let Some(row) = object.row() {
                    by_object.entry((row.kind.id, row.key())).or_default().push(write);
                }
            };
            let kinds = options.kinds.iter().map(|(kind, _)| *kind);
            let all = |_: &ChangedObject| true;
            let mut watch =
                ObjectWrites::new(kinds, &PeerSelection::All, comparer, &all, &mut take)
                    .after(after);
            let rolled = log.roll(to, &read, &mut watch)?;
            is_damaged |= say_inexact_of(&rolled, &|kind| watch.are_in(kind));
        }
        let exit = if is_damaged { Exit::Damaged } else { Exit::Done };
        Ok(Some(Self { by_object, exit }))
    }

    /// The writes of an object, in order.
    pub(super) fn of(&self, row: &Row) -> &[WriteOf] {
        self.by_object.get(&(row.kind.id, row.key())).map_or(&[], Vec::as_slice)
    }
}

/// The data directory of both names (`DATA_DIR@INDEX`, or `DATA_DIR` itself), if at least one of
/// them names a state in its log.
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
