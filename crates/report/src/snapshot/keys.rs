//! The section about keys by prefix.

use super::subject::Snapshot;
use crate::html::{Cell, Html, Table};
use snapscope_objects::printable::counted;
use std::io;
use std::ops::ControlFlow;

/// Maximum number of prefixes listed.
const ROWS: usize = 40;

pub(super) fn section(of: &Snapshot<'_>) -> io::Result<Html> {
    let mut html = Html::default();
    let prefixes = &of.facts.prefixes;
    if prefixes.count == 0 {
        html.note(&of.none("keys"));
        html.command(&of.command("list kv"));
        return Ok(html);
    }
    html.paragraph(&format!(
        "{} in {}.",
        counted(prefixes.count, "key", "keys"),
        counted(prefixes.groups.len(), "prefix", "prefixes")
    ));
    let mut rows = Vec::new();
    prefixes.groups.each(|name, group| {
        rows.push(vec![
            Cell::Name(of.masked(name)),
            Cell::Count(group.count),
            Cell::Bytes(group.size),
            Cell::Share(group.size, prefixes.size, 0),
            Cell::Bytes(group.sizes.largest()),
        ]);
        Ok(if rows.len() < ROWS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    html.table(
        &Table::new(
            "Keys by the first segment of their names, the largest first",
            &["prefix", "keys", "bytes", "share of keys", "largest"],
            rows,
        )
        .first_of(prefixes.groups.len()),
    );
    html.command(&of.command("breakdown --by prefix"));
    Ok(html)
}
