//! `diff -o patch`: the changes that turn A's state into B's.

use super::args::DiffArgs;
use super::both::{Ended, Sources, compare};
use crate::exit::Exit;
use crate::render::escape::one_line;
use crate::render::incomplete::Incomplete;
use crate::terminal::say;
use anyhow::{Result, bail};
use snapscope_analyze::compare::Comparer;
use snapscope_analyze::diff::DiffOptions;
use snapscope_answers::diff::Direction;
use snapscope_export::Patch;
use snapscope_staged::remove_on_signals;

pub(super) fn run(
    args: &DiffArgs,
    sources: &Sources,
    options: &DiffOptions,
    comparer: &Comparer,
) -> Result<Exit> {
    let Some(out) = &args.out else { bail!("-o patch needs --out DIR") };
    remove_on_signals()?;
    let mut patch = Patch::begin(out, args.force)?;
    let report = compare(&args.read, sources, options, comparer, &mut |found| patch.take(&found))?;
    let ended = Ended::of(&args.read, sources, report, Direction::Either);
    let patch = patch.complete()?;
    let counts = patch.counts();
    patch.settle(ended.incomplete.as_ref().map(Incomplete::line))?;
    let out = one_line(out.display().to_string().as_bytes());
    say!("snapscope: {out}: {counts}");
    Ok(ended.exit)
}
