//! Histories for people.

use super::{Answer, in_order};
use crate::render::escape::one_line;
use crate::render::field_change;
use crate::series::{heading, time};
use snapscope_analyze::history::{Deletion, Event, EventKind, Life, Lives, Seen, Wanted};
use snapscope_analyze::series::{Cluster, Snapshot};
use std::fmt::Write as _;

/// What no series of snapshots can tell.
const LIMITS: &str = "\
Snapshots tell when something was changed, not by whom; of several changes
between two of them only the last.
";

/// Lines of one field's text that are shown; the other forms have all.
const LINES: usize = 30;

pub(super) fn text(answer: &Answer<'_>) -> Vec<u8> {
    let is_under = matches!(answer.question.wanted, Wanted::Under(_));
    let mut text = Vec::new();
    for (cluster, lives) in answer.clusters() {
        if lives.lives.is_empty() && lives.at_first == 0 {
            continue;
        }
        if !text.is_empty() {
            text.push(b'\n');
        }
        text.extend_from_slice(heading(cluster).as_bytes());
        if is_under {
            text.extend_from_slice(changelog(answer, cluster, lives).as_bytes());
        } else {
            for life in &lives.lives {
                text.extend_from_slice(of_one(answer, cluster, life).as_bytes());
            }
        }
    }
    if !text.is_empty() {
        text.extend_from_slice(format!("\n{LIMITS}").as_bytes());
    }
    if let Some(line) = &answer.incomplete {
        text.extend_from_slice(format!("{line}\n").as_bytes());
    }
    text
}

/// The life of one object, event by event.
fn of_one(answer: &Answer<'_>, cluster: &Cluster<Seen>, life: &Life) -> String {
    let mut text = format!("\n{} {}\n", answer.object(), one_line(&life.id));
    for event in &life.events {
        let mut lines = vec![what(event)];
        match event.since.and_then(|at| cluster.snapshots.get(at)) {
            Some(since) => {
                lines.push(format!("between {}", place(since)));
                lines.push(format!("    and {}", until(cluster, event)));
            }
            None => lines.push(format!("before {}", until(cluster, event))),
        }
        lines.extend(remarks(event));
        for field in event.difference.iter().flat_map(|difference| &difference.fields) {
            lines.extend(field_change::text(field, LINES));
        }
        let mut word = event.kind.word();
        for line in lines {
            text.push_str(format!("  {word:<11} {line}").trim_end());
            text.push('\n');
            word = "";
        }
    }
    text
}

/// What happened, and at which index.
fn what(event: &Event) -> String {
    let at =
        event.index.map_or_else(|| "at an unknown index".to_owned(), |i| format!("at index {i}"));
    let at = match event.kind {
        EventKind::FirstSeen => format!("created {at}"),
        _ => at,
    };
    match (event.kind, event.create_index, event.modify_index) {
        (EventKind::FirstSeen | EventKind::Created | EventKind::Recreated, Some(c), Some(m))
            if m > c =>
        {
            format!("{at}, changed since, the last time at {m}")
        }
        _ => at,
    }
}

fn remarks(event: &Event) -> Vec<String> {
    let mut remarks = Vec::new();
    match &event.deletion {
        Some(Deletion { index, prefix: Some(prefix) }) => remarks.push(format!(
            "deleted with all that begins with {} at index {index}, if not by itself before",
            one_line(prefix)
        )),
        Some(Deletion { index, prefix: None }) if event.kind == EventKind::Recreated => {
            remarks.push(format!("deleted at index {index} before"));
        }
        _ => {}
    }
    if event.kind == EventKind::Deleted && event.difference.is_none() {
        remarks.push("no snapshot has it: only its tombstone is left".to_owned());
    }
    if event.restored {
        remarks.push("an older state came back, as a restore does".to_owned());
    }
    if event.damaged {
        remarks.push("told by a damaged snapshot, which may be wrong".to_owned());
    }
    remarks
}

fn until(cluster: &Cluster<Seen>, event: &Event) -> String {
    cluster.snapshots.get(event.until).map_or_else(String::new, place)
}

/// A snapshot by its time, if it has one, and its index.
fn place(snapshot: &Snapshot<Seen>) -> String {
    match snapshot.taken_ms {
        Some(_) => format!("{} (index {})", time(snapshot.taken_ms), snapshot.index),
        None => format!("{} (index {})", one_line(snapshot.name.as_bytes()), snapshot.index),
    }
}

/// What changed under a prefix: between which two snapshots, and below that a line for each event.
fn changelog(answer: &Answer<'_>, cluster: &Cluster<Seen>, lives: &Lives) -> String {
    let events = in_order(lives);
    let there = match lives.at_first {
        1 => format!("1 {} was there at first", answer.object()),
        n => format!("{n} {} were there at first", answer.question.kind.name),
    };
    let count = match events.len() {
        0 => "nothing was changed".to_owned(),
        1 => "1 change".to_owned(),
        n => format!("{n} changes"),
    };
    let mut text = format!("{there}; {count}.\n");
    let index = |event: &Event| event.index.map_or_else(|| "-".to_owned(), |n| n.to_string());
    let width = events.iter().map(|(_, event)| index(event).len()).max().unwrap_or(0);
    let mut last = None;
    for (life, event) in events {
        let ends = (event.since, event.until);
        if last != Some(ends) {
            last = Some(ends);
            let since = event.since.and_then(|at| cluster.snapshots.get(at)).map(place);
            let since = since.map_or_else(|| "before".to_owned(), |since| format!("{since} to"));
            let _ = writeln!(text, "\n{since} {}", until(cluster, event));
        }
        let fields = event.difference.iter().flat_map(|difference| &difference.fields);
        let fields: Vec<String> = fields.map(|field| one_line(field.path.as_bytes())).collect();
        let line = format!(
            "  {:>width$}  {:<9}  {}  {}",
            index(event),
            event.kind.word(),
            one_line(&life.id),
            fields.join(", ")
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}
