//! Records and bytes by type.

use super::{Answer, incomplete_of};
use crate::error::{failed, not_opened};
use crate::reading::Opened;
use pyo3::prelude::*;
use snapscope_analyze::{GroupKeys, Inspect, KeyDetails, fold};
use snapscope_answers::inspect::members;
use snapscope_archive::open;
use snapscope_runs::Room;

/// The answer as JSON; with `keys` also the space used by keys, by prefix.
pub(crate) fn inspect(opened: &Opened, keys: Option<&KeyDetails>) -> PyResult<Vec<u8>> {
    let snapshot = &opened.snapshot;
    let blocks = open(&snapshot.source, &snapshot.options).map_err(|e| not_opened(&e))?;
    let room = Room::default();
    let outcome = fold(blocks, snapshot.jobs, || {
        (Inspect::new(), keys.map(|keys| GroupKeys::new(keys.clone(), &room)))
    });
    opened.refuse_damage_of(&outcome.closing, &outcome.problems)?;
    let (inspection, groups) = &outcome.out;
    let groups = match groups {
        Some(Ok(groups)) => Some(groups).filter(|groups| !groups.groups.is_empty()),
        Some(Err(error)) => return Err(failed(error)),
        None => None,
    };
    let mut answer = Answer::begin();
    answer.members(|json, out| {
        members(&outcome.closing, inspection, groups, json, out)?;
        if let Some(why) = incomplete_of(&outcome.closing, &outcome.problems) {
            why.members_listed(json);
        }
        Ok(())
    })?;
    answer.end()
}
