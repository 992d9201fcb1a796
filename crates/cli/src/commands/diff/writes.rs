//! Who changed the differing objects, according to a log with the writes between two snapshots.

use super::args::DiffArgs;
use super::both::Sources;
use crate::authors::WriteOf;
use crate::log_damage::Losses;
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
    /// What is missing in the log.
    pub(super) losses: Losses,
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
        let log = match UsableLog::find(server, &place, &given, (first, last), &read)? {
            Ok(log) => log,
            Err(losses) if losses.is_empty() => return Ok(None),
            Err(losses) => return Ok(Some(Self { by_object: ByObject::new(), losses })),
        };
        let mut losses = log.losses.clone();
        let mut by_object = ByObject::new();
        // All writes up to here are known, or said to be unknown.
        let mut known_to = first;
        for stretch in &log.stretches {
            let mut take = |object: ChangedObject, write| {
                if let Some(row) = object.row() {
                    by_object.entry((row.kind.id, row.key())).or_default().push(write);
                }
            };
            let kinds = options.kinds.iter().map(|(kind, _)| *kind);
            let all = |_: &ChangedObject| true;
            let to = last.min(stretch.to);
            if to <= known_to || stretch.bases.iter().all(|base| base.index >= to) {
                continue;
            }
            let mut watch =
                ObjectWrites::new(kinds, &PeerSelection::All, comparer, &all, &mut take)
                    .after(known_to);
            let rolled = log.roll(stretch, to, &read, &mut watch)?;
            if say_inexact_of(&rolled, &|kind| watch.are_in(kind)) {
                losses.know("the states in the log may not be exact");
            }
            losses.absorb(rolled.losses.clone());
            say_unknown(&log.place, (first, last), (known_to, rolled.base.index));
            known_to = to;
        }
        say_unknown(&log.place, (first, last), (known_to, last));
        Ok(Some(Self { by_object, losses }))
    }

    /// The writes of an object, in order.
    pub(super) fn of(&self, row: &Row) -> &[WriteOf] {
        self.by_object.get(&(row.kind.id, row.key())).map_or(&[], Vec::as_slice)
    }
}

/// Reports that changes after an index and up to another one are not in the log.
fn say_unknown(name: &str, (first, last): (u64, u64), (after, to): (u64, u64)) {
    if to <= after {
        return;
    }
    let range = match (after == first, to == last) {
        (true, false) => format!("up to index {to}"),
        (_, true) => format!("after index {after}"),
        _ => format!("after index {after} and up to index {to}"),
    };
    note!("snapscope: {name}: note: changes {range} are not in the log");
}

/// The data directory of both names (`DATA_DIR@INDEX`, or `DATA_DIR` itself), if at least one of
/// them names a state in its log.
fn common_log(before: &Path, after: &Path) -> Option<PathBuf> {
    let place = |name: &Path| {
        place_and_moment(name).map_or_else(|| name.to_owned(), |(place, _)| place.into())
    };
    let is_state = [before, after].into_iter().any(|name| place_and_moment(name).is_some());
    let (before, after) = (place(before), place(after));
    let is_same = fs::canonicalize(&before).ok()? == fs::canonicalize(after).ok()?;
    (is_state && is_same).then_some(before)
}
