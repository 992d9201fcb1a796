//! The two snapshots, and the results of reading both.

use crate::exit::Exit;
use crate::reading::{FileArg, ReadArgs};
use crate::render::escape::one_line;
use crate::render::incomplete::{Incomplete, incomplete_of};
use crate::terminal::say;
use anyhow::{Result, bail};
use snapscope_analyze::compare::Comparer;
use snapscope_analyze::diff::{DiffOptions, DiffReport, Found, diff};
use snapscope_answers::diff::{Direction, warnings};
use snapscope_archive::{Blocks, OpenError, Source};
use std::io;
use std::path::Path;

/// Both snapshots.
pub(crate) struct Sources {
    pub(crate) before: Source,
    pub(crate) after: Source,
}

impl Sources {
    pub(crate) fn find(before: &Path, after: &Path) -> Result<Self> {
        let stdin = |path: &Path| path.as_os_str() == "-";
        if stdin(before) && stdin(after) {
            bail!("only one of the two snapshots can come from standard input");
        }
        let source = |file: &Path| ReadArgs::source(&FileArg { file: file.into() });
        Ok(Self { before: source(before)?, after: source(after)? })
    }

    /// Opens both again; standard input cannot be opened twice.
    pub(super) fn reopen(&self, read: &ReadArgs) -> Result<Option<(Blocks, Blocks)>, OpenError> {
        if !self.before.reopenable() || !self.after.reopenable() {
            return Ok(None);
        }
        Ok(Some((read.open_quietly(&self.before)?, read.open_quietly(&self.after)?)))
    }
}

/// Reads both, and passes on the differences.
pub(crate) fn compare(
    read: &ReadArgs,
    sources: &Sources,
    options: &DiffOptions,
    comparer: &Comparer,
    take: &mut dyn FnMut(Found<'_>) -> io::Result<()>,
) -> Result<DiffReport> {
    // Both are read at the same pace, so the larger one determines the progress.
    let (before, after, progress);
    if sources.before.size() >= sources.after.size() {
        (before, progress) = read.open(&sources.before)?;
        after = read.open_quietly(&sources.after)?;
    } else {
        before = read.open_quietly(&sources.before)?;
        (after, progress) = read.open(&sources.after)?;
    }
    let reopen = || sources.reopen(read);
    let report = diff(before, after, options, comparer, &reopen, take)?;
    drop(progress);
    Ok(report)
}

/// What is known after both were read.
pub(crate) struct Ended {
    pub(crate) report: DiffReport,
    /// The names of the files.
    pub(crate) names: [String; 2],
    pub(crate) warnings: Vec<String>,
    /// Why the answer is incomplete, if it is.
    pub(crate) incomplete: Option<Incomplete>,
    pub(crate) exit: Exit,
}

impl Ended {
    /// Reports the problems of both files on standard error.
    pub(crate) fn of(
        read: &ReadArgs,
        sources: &Sources,
        report: DiffReport,
        direction: Direction,
    ) -> Self {
        let sides = [(&sources.before, &report.before), (&sources.after, &report.after)];
        let names = sides.map(|(source, _)| source.name());
        let mut exit = if report.differences() > 0 { Exit::Found } else { Exit::Done };
        let mut lines = Vec::new();
        for (at, (source, side)) in sides.into_iter().enumerate() {
            let name = one_line(source.name().as_bytes());
            // The problems of a file that is compared with itself are reported once.
            if at == 0 || sources.before.name() != sources.after.name() {
                exit = exit.max(read.report(source, &side.closing, &side.problems));
            }
            if let Some(incomplete) = incomplete_of(&source.name(), &side.closing, &side.problems) {
                lines.push(format!("of {name} {}", incomplete.why()));
            }
        }
        let not_compared = match report.not_compared() {
            0 => String::new(),
            1 => "; 1 object could not be compared".to_owned(),
            n => format!("; {n} objects could not be compared"),
        };
        let why = format!("{}{not_compared}", lines.join("; "));
        let incomplete = (!lines.is_empty()).then(|| Incomplete::because(&why));
        let warnings = warnings(&report, direction);
        for warning in &warnings {
            say!("snapscope: warning: {}", one_line(warning.as_bytes()));
        }
        Self { report, names, warnings, incomplete, exit }
    }
}
