//! Reads a snapshot to its end, and prints what is known about it: `check FILE`.

use snapscope_archive::{OpenOptions, Source, open};
use std::{error::Error, io::Write, path::Path};

#[allow(clippy::disallowed_methods, reason = "an example that prints")]
fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).ok_or("which snapshot?")?;
    check(file.as_ref(), &mut std::io::stdout())
}

pub(crate) fn check(file: &Path, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let mut blocks = open(&Source::find(file)?, &OpenOptions::default())?;
    // Checksums are known once everything is read.
    blocks.by_ref().for_each(drop);
    let closing = blocks.finish();
    let integrity = &closing.integrity;
    let (container, verdict) = (integrity.container.name(), integrity.verdict.name());
    writeln!(out, "{container}, {} records, {verdict}", closing.records)?;
    for finding in integrity.notes().chain(integrity.damage()) {
        writeln!(out, "{finding}")?;
    }
    Ok(())
}
