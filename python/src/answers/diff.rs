//! Compares two snapshots.

use super::{Answer, incomplete_of, object};
use crate::error::{failed, not_opened, refused};
use crate::reading::Opened;
use crate::snapshot::Snapshot;
use pyo3::prelude::*;
use pyo3::types::PyAny;
use snapscope_analyze::compare::{CompareOptions, Comparer};
use snapscope_analyze::diff::{DiffOptions, DiffReport, Found, diff as compare};
use snapscope_answers::diff::{Compared, Direction, difference_members, warnings};
use snapscope_answers::{Incomplete, Names};
use snapscope_archive::{Blocks, OpenError, open};
use snapscope_objects::json::{JsonText, Object, Sink as _, ToJson as _};
use snapscope_objects::kind::ObjectKind;
use snapscope_objects::kinds::{by_name, by_object, compared_kinds};
use snapscope_objects::printable::one_line;
use snapscope_tables::Snapshot as Read;
use std::io;

/// Returns what changed between two snapshots, as `snapscope diff -o json` prints it. `types` are types of objects, such
/// as `kv`; by default all are compared. `prefix` selects keys, or with `types` objects, whose IDs start with it.
/// `with_touched` includes objects in which only bookkeeping differs. Secrets are masked unless both snapshots were
/// opened with `show_secrets=True`.
#[pyfunction]
#[pyo3(signature = (before, after, /, *, types = None, prefix = None, with_touched = false))]
pub(crate) fn diff<'py>(
    py: Python<'py>,
    before: &Snapshot,
    after: &Snapshot,
    types: Option<Vec<String>>,
    prefix: Option<String>,
    with_touched: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let (before, after) = (&*before.opened, &*after.opened);
    let chosen = kinds(types.as_deref(), prefix.is_some(), with_touched)?;
    let options = DiffOptions {
        kinds: chosen.into_iter().map(|kind| (kind, None)).collect(),
        prefix: prefix.map(String::into_bytes),
        with_touched,
        threads: before.snapshot.jobs.0.get() > 1,
        ..DiffOptions::new()
    };
    let json = py.detach(|| compared(before, after, &options))?;
    object(py, &json)
}

/// The kinds that are compared.
fn kinds(
    types: Option<&[String]>,
    has_prefix: bool,
    with_touched: bool,
) -> PyResult<Vec<&'static ObjectKind>> {
    let Some(types) = types else {
        let all = compared_kinds().filter(|kind| with_touched || !kind.traits.bookkeeping_only);
        return Ok(all.filter(|kind| !has_prefix || kind.traits.keyed).collect());
    };
    let named = |name: &String| {
        let is_compared =
            |kind: &&'static ObjectKind| compared_kinds().any(|one| one.id == kind.id);
        let kind = by_object(&name.to_ascii_lowercase()).or_else(|| by_name(name));
        kind.filter(is_compared).ok_or_else(|| {
            let known: Vec<&str> = compared_kinds().map(ObjectKind::object_name).collect();
            refused(format!("unknown type {name:?}; known types: {}", known.join(", ")))
        })
    };
    types.iter().map(named).collect()
}

fn compared(before: &Opened, after: &Opened, options: &DiffOptions) -> PyResult<Vec<u8>> {
    let both = [before, after];
    let (before, after) = (&*before.snapshot, &*after.snapshot);
    let show_secrets = before.masking.is_none() && after.masking.is_none();
    let has_parts = |kind: &ObjectKind| {
        kind.traits
            .parts
            .is_none_or(|parts| options.kinds.iter().any(|(one, _)| one.id == parts.kind))
    };
    let comparer = Comparer::new(CompareOptions {
        show_secrets,
        whole_entries: !options.kinds.iter().all(|(kind, _)| has_parts(kind)),
        ..CompareOptions::default()
    });
    let opened = |one: &Read| -> Result<Blocks, OpenError> { open(&one.source, &one.options) };
    let reopen = || Ok(Some((opened(before)?, opened(after)?)));
    let (first, second) = (opened(before), opened(after));
    let (first, second) = (first.map_err(|e| not_opened(&e))?, second.map_err(|e| not_opened(&e))?);
    let mut changes = JsonText::new();
    changes.begin_list();
    let mut take = |found: Found<'_>| {
        let Some(row) = found.after.or(found.before) else { return Ok(()) };
        if let Some(difference) = comparer.difference(found.before, found.after) {
            let id = row.id();
            let members = |json: &mut JsonText| difference_members(&difference, &id, json);
            Object(members).write(&mut changes);
        }
        io::Result::Ok(())
    };
    let report = compare(first, second, options, &comparer, &reopen, &mut take).map_err(failed)?;
    for (opened, side) in both.into_iter().zip([&report.before, &report.after]) {
        opened.refuse_damage_of(&side.closing, &side.problems)?;
    }
    changes.end_list();
    let files = [before.name(), after.name()];
    let whole = Compared {
        report: &report,
        files: &files,
        warnings: &warnings(&report, Direction::Forward),
        with_touched: options.with_touched,
    };
    let mut answer = Answer::begin();
    answer.members(|json, _| {
        json.key(b"changes");
        json.rendered(changes.as_bytes());
        whole.members(json);
        Ok(())
    })?;
    answer.incomplete(incomplete(&report, &files).as_ref(), Names::Ours);
    answer.end()
}

fn incomplete(report: &DiffReport, files: &[String; 2]) -> Option<Incomplete> {
    let sides = [&report.before, &report.after].into_iter().zip(files);
    let lines = sides.filter_map(|(side, file)| {
        let why = incomplete_of(&side.closing, &side.problems)?;
        Some(format!("of {} {}", one_line(file.as_bytes()), why.why()))
    });
    let lines: Vec<String> = lines.collect();
    let not_compared = match report.not_compared() {
        0 => String::new(),
        1 => "; 1 object could not be compared".to_owned(),
        n => format!("; {n} objects could not be compared"),
    };
    (!lines.is_empty()).then(|| Incomplete::because(&format!("{}{not_compared}", lines.join("; "))))
}
