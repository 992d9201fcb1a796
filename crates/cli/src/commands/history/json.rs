//! Histories for programs.

use super::told::object;
use crate::authors::WriteOf;
use crate::render::field_change;
use crate::render::json::{Members as _, Object};
use crate::series::{cluster_members, place_members};
use snapscope_analyze::history::{Deletion, Event, Question, Seen};
use snapscope_analyze::series::{Cluster, Snapshot};
use snapscope_objects::json::{JsonText, Sink as _};

/// An event, with its write.
#[derive(Clone, Copy)]
pub(super) struct EventOf<'e> {
    pub(super) question: &'e Question,
    pub(super) cluster: &'e Cluster<Seen>,
    pub(super) id: &'e [u8],
    pub(super) event: &'e Event,
    /// The write in the log, if the event is one.
    pub(super) write: Option<&'e WriteOf>,
}

/// An event as an object.
pub(super) fn event(of: EventOf<'_>) -> Vec<u8> {
    let mut json = JsonText::new();
    json.begin_object();
    event_members(of, &mut json);
    json.end_object();
    json.into_bytes()
}

/// An event as a line that also names its cluster.
pub(super) fn line(of: EventOf<'_>) -> Vec<u8> {
    let mut json = JsonText::new();
    json.line(|json| {
        cluster_members(of.cluster, json);
        event_members(of, json);
    });
    json.into_bytes()
}

fn event_members(of: EventOf<'_>, json: &mut JsonText) {
    let EventOf { question, cluster, id, event, write } = of;
    json.member("type", object(question));
    field_change::id_members(id, json);
    json.member("change", event.kind.word());
    json.member("index", event.index).member("create_index", event.create_index);
    json.member("modify_index", event.modify_index);
    let place = |at: Option<usize>| {
        let snapshot: Option<&Snapshot<Seen>> = at.and_then(|at| cluster.snapshots.get(at));
        snapshot.map(|snapshot| Object(|json: &mut JsonText| place_members(snapshot, json)))
    };
    json.member("since", place(event.since)).member("until", place(Some(event.until)));
    if let Some(write) = write {
        json.member("write", Object(|json: &mut JsonText| write.members(json)));
    }
    if let Some(Deletion { index, prefix }) = &event.deletion {
        let deletion = |json: &mut JsonText| {
            json.member("index", *index).member("prefix", prefix.as_ref());
        };
        json.member("deletion", Object(deletion));
    }
    json.member_if("restored", event.restored.then_some(true));
    json.member_if("damaged", event.damaged.then_some(true));
    let difference = event.difference.as_ref();
    let fields = difference.map(|difference| &difference.fields[..]).unwrap_or_default();
    field_change::fields_member(fields, json);
    let before = difference.and_then(|difference| difference.before.as_ref());
    let after = difference.and_then(|difference| difference.after.as_ref());
    field_change::states_members(before, after, json);
}
