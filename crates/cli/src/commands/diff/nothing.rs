//! Explains an empty answer: possibly no object matches the selection.

use super::args::DiffArgs;
use super::both::Sources;
use crate::render::escape::one_line;
use crate::terminal::note;
use anyhow::Result;
use snapscope_analyze::diff::DiffOptions;
use snapscope_archive::Source;
use snapscope_objects::kind::PeerSelection;
use snapscope_objects::row::{Row, RowOptions};
use std::ops::ControlFlow;

/// Maximum number of types that are searched for a match. Each takes a pass over both snapshots.
const TYPES: usize = 4;

/// Reports on standard error that no object of either snapshot matches, if objects were selected by
/// prefix or filter and none does.
pub(super) fn explain(args: &DiffArgs, sources: &Sources, options: &DiffOptions) -> Result<()> {
    let asked = [("--prefix", &args.prefix), ("--filter", &args.filter)];
    let asked: Vec<String> = asked
        .into_iter()
        .filter_map(|(flag, value)| Some(format!("{flag} {}", value.as_ref()?)))
        .collect();
    let are_few = options.kinds.len() <= TYPES;
    let (before, after) = (&sources.before, &sources.after);
    if asked.is_empty() || !are_few || !before.reopenable() || !after.reopenable() {
        return Ok(());
    }
    for source in [before, after] {
        if is_matched(args, source, options)? {
            return Ok(());
        }
    }
    let asked = one_line(asked.join(" and ").as_bytes());
    let types: Vec<&str> = options.kinds.iter().map(|(kind, _)| kind.name).collect();
    note!("snapscope: note: {asked} matches no {} of either snapshot", types.join(", "));
    Ok(())
}

/// Whether an object of a snapshot matches.
fn is_matched(args: &DiffArgs, source: &Source, options: &DiffOptions) -> Result<bool> {
    let rows = RowOptions { peers: PeerSelection::All, ..RowOptions::default() };
    for (kind, filter) in &options.kinds {
        let matches = |row: &Row| {
            let is_below =
                options.prefix.as_ref().is_none_or(|prefix| row.id().starts_with(prefix));
            let is_match = filter.as_ref().is_none_or(|filter| filter.holds(row.object()));
            (is_below && is_match).then_some(())
        };
        let mut is_found = false;
        args.read.look_again(source, kind, &rows, matches, |()| {
            is_found = true;
            ControlFlow::Break(())
        })?;
        if is_found {
            return Ok(true);
        }
    }
    Ok(false)
}
