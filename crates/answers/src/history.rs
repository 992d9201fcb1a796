//! The answer about the history of objects over many snapshots.

use crate::field_change;
use crate::series::{cluster_members, left_out_members, place_members, snapshots_member};
use snapscope_analyze::history::{Deletion, Event, IdQuery, Question, Seen};
use snapscope_analyze::series::{Cluster, Series, Snapshot};
use snapscope_objects::json::{JsonText, Members as _, Object, Sink as _};
use snapscope_runs::Sorted;
use std::io::{self, Write};

/// An event, with its write.
#[derive(Clone, Copy)]
pub struct EventOf<'e> {
    /// The parsed command line.
    pub question: &'e Question,
    /// The cluster of its snapshots.
    pub cluster: &'e Cluster<Seen>,
    /// The object's ID.
    pub id: &'e [u8],
    /// The event.
    pub event: &'e Event,
    /// Writes the members of its write in the log, if that is known.
    pub write: Option<&'e dyn Fn(&mut JsonText)>,
}

/// The events of the objects in a cluster.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The cluster.
    pub cluster: &'a Cluster<Seen>,
    /// Number of objects in its first snapshot.
    pub at_first: u64,
    /// The events, made by [`event`], in order.
    pub events: &'a Sorted,
}

/// Writes the members of the answer. Complete parts go to `out`, because events may be many and large.
///
/// # Errors
/// If `out` fails, or the events cannot be read back.
pub fn members<'a>(
    question: &Question,
    told: impl Iterator<Item = Told<'a>>,
    series: &Series<Seen>,
    json: &mut JsonText,
    out: &mut dyn Write,
) -> io::Result<()> {
    json.member("type", question.kind.object_name());
    json.key(b"clusters");
    json.begin_list();
    for Told { cluster, at_first, events } in told {
        json.begin_object();
        cluster_members(cluster, json);
        snapshots_member(cluster, json);
        let is_under = matches!(question.ids, IdQuery::Under(_));
        json.member_if("at_first", is_under.then_some(at_first));
        json.key(b"events");
        json.begin_list();
        let mut events = events.entries()?;
        while let Some(event) = events.next()? {
            json.rendered(event.value);
            json.write_to(out)?;
        }
        json.end_list();
        json.end_object();
    }
    json.end_list();
    left_out_members(series, json);
    Ok(())
}

/// An event as an object.
#[must_use]
pub fn event(of: EventOf<'_>) -> Vec<u8> {
    let mut json = JsonText::new();
    json.begin_object();
    event_members(of, &mut json);
    json.end_object();
    json.into_bytes()
}

/// An event as a line that also names its cluster.
#[must_use]
pub fn line(of: EventOf<'_>) -> Vec<u8> {
    let mut json = JsonText::new();
    json.line(|json| {
        cluster_members(of.cluster, json);
        event_members(of, json);
    });
    json.into_bytes()
}

fn event_members(of: EventOf<'_>, json: &mut JsonText) {
    let EventOf { question, cluster, id, event, write } = of;
    json.member("type", question.kind.object_name());
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
        json.member("write", Object(|json: &mut JsonText| write(json)));
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

/// The order of events: by index as far as it is known, then by ID.
#[must_use]
pub fn in_order(event: &Event, cluster: &Cluster<Seen>) -> [u8; 24] {
    let index = event.index.unwrap_or(u64::MAX);
    let at = cluster.snapshots.get(event.until).map_or(index, |snapshot| snapshot.index);
    let mut order = [0; 24];
    for (place, number) in order.chunks_mut(8).zip([at, event.until as u64, index]) {
        place.copy_from_slice(&number.to_be_bytes());
    }
    order
}
