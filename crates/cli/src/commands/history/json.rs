//! Histories for programs.

use super::{Answer, object};
use crate::render::field_change;
use crate::render::incomplete::{mark_incomplete, with_line};
use crate::series::{cluster_members, left_out_members, place_members, snapshots_member};
use snapscope_analyze::history::{Deletion, Event, Question, Seen, Wanted};
use snapscope_analyze::series::{Cluster, Snapshot};
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_objects::row::Row;
use std::io::{self, Write};

pub(super) fn json(answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut json = JsonText::new();
    json.begin_object();
    json.key(b"type");
    json.text(object(answer.question).as_bytes());
    json.key(b"clusters");
    json.begin_list();
    for (cluster, told) in answer.clusters() {
        json.begin_object();
        cluster_members(cluster, &mut json);
        snapshots_member(cluster, &mut json);
        if matches!(answer.question.wanted, Wanted::Under(_)) {
            json.key(b"at_first");
            json.uint(told.lives.at_first);
        }
        json.key(b"events");
        json.begin_list();
        let mut events = told.events.entries()?;
        while let Some(event) = events.next()? {
            json.rendered(event.value);
            json.write_to(out)?;
        }
        json.end_list();
        json.end_object();
    }
    json.end_list();
    left_out_members(answer.series, &mut json);
    mark_incomplete(answer.incomplete.as_deref(), &mut json);
    json.end_object();
    json.end_line();
    json.write_to(out)
}

/// A line for each event.
pub(super) fn lines(answer: &Answer<'_>, out: &mut dyn Write) -> io::Result<()> {
    for (_, told) in answer.clusters() {
        let mut events = told.events.entries()?;
        while let Some(event) = events.next()? {
            out.write_all(event.value)?;
        }
    }
    out.write_all(&with_line(Vec::new(), answer.incomplete.as_deref()))
}

/// An event as an object.
pub(super) fn event(
    question: &Question,
    cluster: &Cluster<Seen>,
    id: &[u8],
    event: &Event,
) -> Vec<u8> {
    let mut json = JsonText::new();
    json.begin_object();
    event_members(question, cluster, id, event, &mut json);
    json.end_object();
    json.into_bytes()
}

/// An event as a line, which says of which cluster it is.
pub(super) fn line(
    question: &Question,
    cluster: &Cluster<Seen>,
    id: &[u8],
    event: &Event,
) -> Vec<u8> {
    let mut json = JsonText::new();
    json.begin_object();
    cluster_members(cluster, &mut json);
    event_members(question, cluster, id, event, &mut json);
    json.end_object();
    json.end_line();
    json.into_bytes()
}

fn event_members(
    question: &Question,
    cluster: &Cluster<Seen>,
    id: &[u8],
    event: &Event,
    json: &mut JsonText,
) {
    json.key(b"type");
    json.text(object(question).as_bytes());
    json.key(b"id");
    json.text(id);
    // Whatever else an id that is not UTF-8 looks like, it can be told from others.
    if std::str::from_utf8(id).is_err() {
        json.key(b"id_base64");
        json.bytes(id);
    }
    json.key(b"change");
    json.text(event.kind.word().as_bytes());
    for (key, index) in [
        ("index", event.index),
        ("create_index", event.create_index),
        ("modify_index", event.modify_index),
    ] {
        json.key(key.as_bytes());
        match index {
            Some(index) => json.uint(index),
            None => json.null(),
        }
    }
    for (key, at) in [("since", event.since), ("until", Some(event.until))] {
        json.key(key.as_bytes());
        match at.and_then(|at| cluster.snapshots.get(at)) {
            Some(snapshot) => place(snapshot, json),
            None => json.null(),
        }
    }
    if let Some(Deletion { index, prefix }) = &event.deletion {
        json.key(b"deletion");
        json.begin_object();
        json.key(b"index");
        json.uint(*index);
        json.key(b"prefix");
        match prefix {
            Some(prefix) => json.text(prefix),
            None => json.null(),
        }
        json.end_object();
    }
    for (key, holds) in [("restored", event.restored), ("damaged", event.damaged)] {
        if holds {
            json.key(key.as_bytes());
            json.bool(true);
        }
    }
    let difference = event.difference.as_ref();
    json.key(b"fields");
    json.begin_object();
    for field in difference.iter().flat_map(|difference| &difference.fields) {
        json.key(field.path.as_bytes());
        field_change::json(&field.detail, json);
    }
    json.end_object();
    let before = difference.and_then(|difference| difference.before.as_ref());
    let after = difference.and_then(|difference| difference.after.as_ref());
    for (key, row) in [("before", before), ("after", after)] {
        json.key(key.as_bytes());
        match row {
            Some(row) => Row::render(row, json),
            None => json.null(),
        }
    }
}

/// A snapshot as an end of the time in which something came.
fn place(snapshot: &Snapshot<Seen>, json: &mut JsonText) {
    json.begin_object();
    place_members(snapshot, json);
    json.end_object();
}
