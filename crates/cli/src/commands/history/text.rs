//! Histories for people.

use super::told::{Histories, Told, object};
use crate::answer::write_wrapped;
use crate::authors::WriteOf;
use crate::render::escape::one_line;
use crate::render::style;
use crate::render::wrap::{shown, without_end};
use crate::series::{heading, time};
use crate::terminal;
use snapscope_analyze::history::{Deletion, Event, EventKind, IdQuery, Lives, Seen};
use snapscope_analyze::series::{Cluster, Snapshot};
use snapscope_objects::printable::counted;
use snapscope_report::field_lines;
use std::io::{self, Write};

/// A fact that a series of snapshots cannot show.
const LIMITS: &str = "\
Snapshots record when an object was changed, not by whom, and only the last of
several changes between two snapshots.
";

/// Limits to the log's reliability.
const LOG_LIMITS: &str = "The last entries of a log may never have been committed.\n";

/// Number of lines shown of a text; the other forms have all.
const LINES: usize = 30;

pub(super) fn text(answer: &Histories<'_>, out: &mut dyn Write) -> io::Result<()> {
    let is_under = matches!(answer.question.ids, IdQuery::Under(_));
    let mut is_first = true;
    for (cluster, told) in answer.clusters() {
        if told.lives == Lives::default() {
            continue;
        }
        if !std::mem::take(&mut is_first) {
            out.write_all(b"\n")?;
        }
        out.write_all(heading(cluster).as_bytes())?;
        if is_under {
            changelog(answer, cluster, told, out)?;
        } else {
            one_by_one(answer, told, out)?;
        }
    }
    if is_first {
        return Ok(());
    }
    out.write_all(b"\n")?;
    let logs: Vec<_> = answer.told.iter().filter_map(|told| told.log.as_ref()).collect();
    for (place, covered) in &logs {
        let ranges: Vec<String> = covered
            .iter()
            .map(|(after, to)| match after {
                0 => format!("up to index {to}"),
                after => format!("after index {after}, up to {to}"),
            })
            .collect();
        if !ranges.is_empty() {
            let ranges = ranges.join("; and ");
            write_wrapped(&format!("The Raft log in {place} has each change {ranges}."), out)?;
        }
    }
    if !logs.is_empty() {
        out.write_all(LOG_LIMITS.as_bytes())?;
    }
    let snapshots = answer.series.clusters.iter().map(|cluster| cluster.snapshots.len());
    if logs.is_empty() || snapshots.sum::<usize>() > 1 {
        out.write_all(LIMITS.as_bytes())?;
    }
    Ok(())
}

/// Prints the events of one object after those of another.
fn one_by_one(answer: &Histories<'_>, told: &Told, out: &mut dyn Write) -> io::Result<()> {
    let mut last: Option<Vec<u8>> = None;
    let mut events = told.events.entries()?;
    while let Some(event) = events.next()? {
        let (id, text) = of_event(event.value);
        if last.as_deref() != Some(id) {
            let line = format!("\n{} {}\n", object(answer.question), one_line(id));
            out.write_all(shown(&line).as_bytes())?;
            last = Some(id.to_vec());
        }
        let text = String::from_utf8_lossy(text);
        shown(&text).split_inclusive('\n').try_for_each(|l| out.write_all(&coloured(l)))?;
    }
    Ok(())
}

/// A line that starts with a change, whose word is coloured.
fn coloured(line: &str) -> Vec<u8> {
    let content = line.trim_start_matches(' ');
    let word = content.split([' ', '\n']).next().unwrap_or("");
    let (before, after) = (line.len() - content.len(), line.len() - content.len() + word.len());
    let mut out = line.get(..before).unwrap_or("").as_bytes().to_vec();
    let style = style::of_change(word).filter(|_| before <= 2);
    style::paint(style, word.as_bytes(), &mut out);
    out.extend_from_slice(line.get(after..).unwrap_or("").as_bytes());
    out
}

/// An event of an object: its ID, and what is printed below it.
pub(super) fn of_one(
    cluster: &Cluster<Seen>,
    id: &[u8],
    event: &Event,
    write: Option<&WriteOf>,
) -> Vec<u8> {
    let mut lines = vec![what(event)];
    match (write, event.since.and_then(|at| cluster.snapshots.get(at))) {
        (Some(write), _) => lines.push(write.words()),
        (None, Some(since)) => {
            lines.push(format!("between {}", place(since)));
            lines.push(format!("    and {}", until(cluster, event.until)));
        }
        (None, None) => lines.push(format!("before {}", until(cluster, event.until))),
    }
    lines.extend(remarks(event));
    for field in event.difference.iter().flat_map(|difference| &difference.fields) {
        lines.extend(field_lines(field, LINES));
    }
    let mut text = String::new();
    let mut word = event.kind.word();
    for line in lines {
        text.push_str(format!("  {word:<11} {line}").trim_end());
        text.push('\n');
        word = "";
    }
    [&(id.len() as u64).to_le_bytes()[..], id, text.as_bytes()].concat()
}

/// Parses the result of [`of_one`].
fn of_event(event: &[u8]) -> (&[u8], &[u8]) {
    let (size, rest) = event.split_first_chunk().unwrap_or((&[0; 8], &[]));
    let size = usize::try_from(u64::from_le_bytes(*size)).unwrap_or(usize::MAX);
    rest.split_at_checked(size).unwrap_or((&[], rest))
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
            format!("{at}, last changed at {m}")
        }
        _ => at,
    }
}

fn remarks(event: &Event) -> Vec<String> {
    let mut remarks = Vec::new();
    match &event.deletion {
        Some(Deletion { index, prefix: Some(prefix) }) => remarks.push(format!(
            "deleted with the prefix {} at index {index}, unless it was deleted on its own before",
            one_line(prefix)
        )),
        Some(Deletion { index, prefix: None }) if event.kind == EventKind::Recreated => {
            remarks.push(format!("deleted at index {index} before"));
        }
        _ => {}
    }
    if event.kind == EventKind::Deleted && event.difference.is_none() {
        remarks.push("no snapshot contains it: only its tombstone remains".to_owned());
    }
    if event.restored {
        remarks.push("an older state returned, as after a restore".to_owned());
    }
    if event.damaged {
        remarks.push("from a damaged snapshot, may be wrong".to_owned());
    }
    remarks
}

fn until(cluster: &Cluster<Seen>, at: usize) -> String {
    cluster.snapshots.get(at).map_or_else(String::new, place)
}

/// A snapshot by its time, if it has one, and its index.
fn place(snapshot: &Snapshot<Seen>) -> String {
    match snapshot.taken_ms {
        Some(_) => format!("{} (index {})", time(snapshot.taken_ms), snapshot.index),
        None => format!("{} (index {})", one_line(snapshot.name.as_bytes()), snapshot.index),
    }
}

/// An event in a list of changes: the two snapshots around it, its index, and the rest of its line.
pub(super) fn change(id: &[u8], event: &Event, write: Option<&WriteOf>) -> Vec<u8> {
    let fields = event.difference.iter().flat_map(|difference| &difference.fields);
    let fields: Vec<String> = fields.map(|field| one_line(field.path.as_bytes())).collect();
    let fields = match fields.join(", ") {
        fields if fields.is_empty() || write.is_none() => fields,
        fields => format!("{fields}  "),
    };
    let words = write.map_or_else(String::new, WriteOf::words);
    let rest = format!("{:<9}  {}  {fields}{words}", event.kind.word(), one_line(id));
    let since = event.since.map_or(0, |since| since as u64 + 1);
    // No index is 0.
    let numbers = [since, event.until as u64, event.index.unwrap_or(0)];
    let mut out: Vec<u8> = numbers.into_iter().flat_map(u64::to_le_bytes).collect();
    out.extend_from_slice(rest.trim_end().as_bytes());
    out
}

/// Parses the result of [`change`].
fn of_change(change: &[u8]) -> ((Option<usize>, usize), String, &[u8]) {
    let (numbers, rest) = change.split_at_checked(24).unwrap_or((&[0; 24], &[]));
    let number = |at: usize| {
        let bytes = numbers.get(at..).and_then(|bytes| bytes.first_chunk());
        bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
    };
    let place = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let index = match number(16) {
        0 => "-".to_owned(),
        n => n.to_string(),
    };
    ((place(number(0)).checked_sub(1), place(number(8))), index, rest)
}

/// The changes under a prefix: the two snapshots around them, then a line for each event.
fn changelog(
    answer: &Histories<'_>,
    cluster: &Cluster<Seen>,
    told: &Told,
    out: &mut dyn Write,
) -> io::Result<()> {
    let there = counted(told.lives.at_first, object(answer.question), answer.question.kind.name);
    let count = match told.count {
        0 => "no changes".to_owned(),
        n => counted(n, "change", "changes"),
    };
    match &told.log {
        Some((_, covered)) if covered.first().is_some_and(|(after, _)| *after == 0) => {
            writeln!(out, "{count}, from the beginning of the log.")?
        }
        _ => writeln!(out, "{there} in the first snapshot; {count}.")?,
    }
    let mut width = 0;
    let mut events = told.events.entries()?;
    while let Some(event) = events.next()? {
        width = of_change(event.value).1.len().max(width);
    }
    let mut last = None;
    let mut events = told.events.entries()?;
    while let Some(event) = events.next()? {
        let (ends, index, rest) = of_change(event.value);
        if last != Some(ends) {
            last = Some(ends);
            if let Some((place, ..)) =
                told.log.as_ref().filter(|_| ends.1 >= cluster.snapshots.len())
            {
                writeln!(out, "\nin the Raft log in {place}")?;
            } else {
                heading_between(cluster, ends, out)?;
            }
        }
        let rest = String::from_utf8_lossy(rest);
        let line = format!("  {index:>width$}  {rest}");
        let line =
            terminal::width().map_or_else(|| line.as_str().into(), |w| without_end(&line, w));
        let start = line.len().min(width + 4);
        out.write_all(line.get(..start).unwrap_or("").as_bytes())?;
        out.write_all(&coloured(line.get(start..).unwrap_or("")))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// The two snapshots between which the following events happened.
fn heading_between(
    cluster: &Cluster<Seen>,
    (since, until_at): (Option<usize>, usize),
    out: &mut dyn Write,
) -> io::Result<()> {
    let since = since.and_then(|at| cluster.snapshots.get(at)).map(place);
    let since = since.map_or_else(|| "before".to_owned(), |since| format!("{since} to"));
    writeln!(out, "\n{since} {}", until(cluster, until_at))
}
