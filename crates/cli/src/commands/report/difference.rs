//! The page about the differences between two snapshots.

use super::args::{ReportArgs, on_command_line};
use crate::commands::diff::{Direction, Ended, Sources, compare};
use crate::exit::Exit;
use crate::render::incomplete::Incomplete;
use anyhow::Result;
use snapscope_analyze::diff::{DiffOptions, DiffReport};
use snapscope_report::{ChangeLimits, ChangedObjects, Differences, KindSummary};
use std::path::Path;

const LIMITS: ChangeLimits = ChangeLimits { objects: 25, fields: 10, bytes: 300_000 };

pub(super) fn page(args: &ReportArgs, before: &Path, after: &Path) -> Result<(String, Exit)> {
    let options = DiffOptions { threads: args.read.jobs().0.get() > 1, ..DiffOptions::new() };
    let comparer = ChangedObjects::comparer();
    let sources = Sources::find(before, after)?;
    let mut objects = ChangedObjects::new(&comparer, LIMITS);
    let report = compare(&args.read, &sources, &options, &comparer, &mut |found| {
        objects.see(&found);
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
        objects: objects.finish(),
        warnings: &warnings,
        incomplete: incomplete.as_ref().map(Incomplete::why),
    });
    // The page is about differences, so they do not affect the exit code.
    Ok((page, if exit == Exit::Found { Exit::Done } else { exit }))
}
