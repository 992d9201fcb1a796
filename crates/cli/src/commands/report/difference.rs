//! The page about the differences between two snapshots.

use super::args::{ReportArgs, on_command_line};
use crate::commands::diff::{Direction, Ended, Sources, compare};
use crate::exit::Exit;
use crate::render::field_change;
use crate::render::incomplete::Incomplete;
use anyhow::Result;
use snapscope_analyze::compare::{CompareOptions, Comparer};
use snapscope_analyze::diff::{DiffOptions, DiffReport, Found};
use snapscope_objects::kind::KindId;
use snapscope_report::{ChangedObject, Differences, KindSummary};
use std::collections::HashMap;
use std::path::Path;

/// Maximum number of objects shown of each type.
const OBJECTS: usize = 25;
/// Maximum number of fields shown of an object.
const FIELDS: usize = 10;
/// Maximum number of lines shown of a text.
const LINES: usize = 8;
/// Maximum number of bytes of all lines. Further objects are shown without lines.
const BYTES: usize = 300_000;

pub(super) fn page(args: &ReportArgs, before: &Path, after: &Path) -> Result<(String, Exit)> {
    let options = DiffOptions { threads: args.read.jobs().0.get() > 1, ..DiffOptions::new() };
    // A page is passed on to others, so it never shows values of keys.
    let comparer = Comparer::new(CompareOptions { hide_values: true, ..CompareOptions::default() });
    let sources = Sources::find(before, after)?;
    let mut objects = Vec::new();
    let mut shown: HashMap<KindId, usize> = HashMap::new();
    let mut bytes = 0;
    let report = compare(&args.read, &sources, &options, &comparer, &mut |found| {
        let Some(row) = found.after.or(found.before) else { return Ok(()) };
        let count = shown.entry(row.kind.id).or_default();
        if *count < OBJECTS
            && let Some(mut object) = object(&comparer, &found)
        {
            *count += 1;
            bytes += object.lines.iter().map(String::len).sum::<usize>();
            if bytes > BYTES {
                object.lines.clear();
            }
            objects.push(object);
        }
        Ok(())
    })?;
    let Ended { report, names, warnings, incomplete, exit } =
        Ended::of(&args.read, &sources, report, Direction::Forward);
    let DiffReport { summary, before: side_before, after: side_after, .. } = &report;
    let summary = summary.iter().map(|(kind, counts)| KindSummary { kind, counts: *counts });
    let files = [before, after].map(|file| on_command_line(&[file]));
    let page = snapscope_report::difference(&Differences {
        names: names.each_ref().map(String::as_str),
        files: files.each_ref().map(String::as_str),
        closings: [&side_before.closing, &side_after.closing],
        summary: summary.collect(),
        objects,
        warnings: &warnings,
        incomplete: incomplete.as_ref().map(Incomplete::why),
    });
    // The page is about differences, so they do not affect the exit code.
    Ok((page, if exit == Exit::Found { Exit::Done } else { exit }))
}

fn object(comparer: &Comparer, found: &Found<'_>) -> Option<ChangedObject> {
    let difference = comparer.difference(found.before, found.after)?;
    let mut lines: Vec<String> = difference
        .fields
        .iter()
        .take(FIELDS)
        .flat_map(|field| field_change::text(field, LINES))
        .collect();
    let more = difference.fields.len().saturating_sub(FIELDS);
    lines.extend((more > 0).then(|| format!("and {more} more fields")));
    let change = difference.class.change;
    Some(ChangedObject { kind: difference.kind, id: difference.id, change, lines })
}
