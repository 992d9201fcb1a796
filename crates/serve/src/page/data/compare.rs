//! The differences between two snapshots.

use super::super::ask::{quoted, shown};
use super::super::reply::Reply;
use serde_json::{Value, json};
use snapscope_analyze::compare::Change;
use snapscope_analyze::diff::{DiffOptions, diff};
use snapscope_answers::diff::{Direction, warnings};
use snapscope_archive::{OpenError, OpenOptions, Source, open};
use snapscope_report::{ChangeLimits, ChangedObjects, FieldText, words};

const LIMITS: ChangeLimits = ChangeLimits { objects: 40, fields: 12, bytes: 400_000 };

/// The differences between two snapshots.
pub(crate) fn difference(before: &Source, after: &Source, options: &OpenOptions) -> Reply {
    compared(before, after, options).unwrap_or_else(|reply| reply)
}

fn compared(before: &Source, after: &Source, options: &OpenOptions) -> Result<Reply, Reply> {
    let failed = |error: String| Reply::error(500, error);
    let opened = |source: &Source| open(source, options).map_err(|error| failed(error.to_string()));
    let reopen = || match before.reopenable() && after.reopenable() {
        true => Ok::<_, OpenError>(Some((open(before, options)?, open(after, options)?))),
        false => Ok(None),
    };
    let comparer = ChangedObjects::comparer();
    let mut objects = ChangedObjects::new(&comparer, LIMITS);
    let report = diff(
        opened(before)?,
        opened(after)?,
        &DiffOptions::new(),
        &comparer,
        &reopen,
        &mut |found| {
            objects.see(&found);
            Ok(())
        },
    );
    let report = report.map_err(|error| failed(error.to_string()))?;
    let summary = report.summary.iter().filter(|(_, counts)| counts.differences() > 0);
    let summary = summary.map(|(kind, counts)| {
        json!({
            "name": kind.object_name(),
            "added": counts.of(Change::Added),
            "removed": counts.of(Change::Removed),
            "changed": counts.of(Change::Changed),
            "recreated": counts.of(Change::Recreated),
        })
    });
    let objects = objects.finish().into_iter().map(|object| {
        json!({
            "kind": object.kind.object_name(),
            "id": shown(&object.id),
            "change": object.change.word(),
            "name": object.name.as_deref().map(shown),
            "fields": object.fields.iter().map(field).collect::<Vec<_>>(),
        })
    });
    let is_damaged = report.before.is_damaged() || report.after.is_damaged();
    let incomplete = is_damaged.then(|| {
        format!("A snapshot is damaged; {} objects could not be compared.", report.not_compared())
    });
    let warnings = warnings(&report, Direction::Forward);
    let warnings = warnings.iter().map(|warning| words::message(warning));
    let name = |source: &Source| shown(source.name().as_bytes());
    let file = |source: &Source| quoted(source.name().as_bytes(), "FILE");
    Ok(Reply::of(json!({
        "differences": report.differences(),
        "before": name(before),
        "after": name(after),
        "summary": summary.collect::<Vec<_>>(),
        "objects": objects.collect::<Vec<_>>(),
        "warnings": warnings.collect::<Vec<_>>(),
        "incomplete": incomplete,
        "command": format!("snapscope diff {} {}", file(before), file(after)),
    })))
}

fn field(field: &FieldText) -> Value {
    json!({"line": field.line, "block": field.block})
}
