//! What changed between two snapshots, object by object: `changes BEFORE AFTER`.

use snapscope_analyze::compare::{CompareOptions, Comparer};
use snapscope_analyze::diff::{DiffOptions, diff};
use snapscope_archive::{Blocks, OpenError, OpenOptions, Source, open};
use std::{error::Error, io::Write, path::Path};

#[allow(clippy::disallowed_methods, reason = "an example that prints")]
fn main() -> Result<(), Box<dyn Error>> {
    let usage = "which two snapshots?";
    let mut args = std::env::args_os().skip(1);
    let [before, after] = std::array::from_fn(|_| args.next().ok_or(usage));
    changes(before?.as_ref(), after?.as_ref(), &mut std::io::stdout())
}

pub(crate) fn changes(
    before: &Path,
    after: &Path,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let both = || -> Result<(Blocks, Blocks), OpenError> {
        let of = |file| open(&Source::find(file)?, &OpenOptions::default());
        Ok((of(before)?, of(after)?))
    };
    let (first, second) = both()?;
    let comparer = Comparer::new(CompareOptions::default());
    let options = DiffOptions::new();
    // Opened again only if the two snapshots store their objects in different orders.
    let reopen = || both().map(Some);
    diff(first, second, &options, &comparer, &reopen, &mut |found| {
        let Some(row) = found.after.or(found.before) else { return Ok(()) };
        writeln!(out, "{:?} {} {:?}", found.class.change, row.kind.name, row.id_text())
    })?;
    Ok(())
}
