//! The page about one snapshot.

use super::args::{ReportArgs, on_command_line};
use crate::exit::Exit;
use crate::reading::{Asked, FileArg};
use crate::render::escape::one_line;
use crate::render::incomplete::Incomplete;
use anyhow::{Result, bail};
use snapscope_analyze::audit::AuditOptions;
use snapscope_report::{Collect, SCANNED, Snapshot};
use snapscope_runs::Room;
use std::path::Path;

pub(super) fn page(args: &ReportArgs, file: &Path) -> Result<(String, Exit)> {
    let scan_bytes = if args.all_secrets { u64::MAX } else { SCANNED };
    let options = AuditOptions { scan_bytes, ..AuditOptions::default() };
    let room = Room::default();
    let file_arg = FileArg { file: file.into() };
    let Asked { out, name, closing, problems, exit, incomplete } =
        args.read.ask(&file_arg, || Collect::new(&options, &room))?;
    if closing.records == 0 && closing.is_damaged() {
        bail!("{}: nothing to report: no record can be read", one_line(name.as_bytes()));
    }
    let facts = out?;
    let page = snapscope_report::snapshot(&Snapshot {
        name: &name,
        file: &on_command_line(&[file]),
        facts: &facts,
        closing: &closing,
        problems: &problems,
        incomplete: incomplete.as_ref().map(Incomplete::why),
        scan_bytes,
        scanner: &options.scanner,
    })?;
    // The process ends soon. To free hundreds of thousands of small objects before takes as long as
    // drawing the page.
    std::mem::forget(facts);
    Ok((page, exit))
}
