//! The section about space: record types, prefixes of keys, the largest records.

use super::subject::Snapshot;
use crate::html::{Cell, Html, Table};
use snapscope_analyze::BreakdownReport;
use snapscope_decode::Kind;
use snapscope_objects::printable::{byte_size, counted};
use snapscope_pictures::{Area, Block, treemap};
use std::io;
use std::ops::ControlFlow;

/// Maximum number of prefixes in the treemap.
const PREFIXES: usize = 60;
/// Maximum number of longer prefixes below each of them.
const SUBPREFIXES: usize = 400;
/// Maximum number of characters of a name in the treemap.
const NAME: usize = 40;

pub(super) fn section(of: &Snapshot<'_>) -> io::Result<Html> {
    let mut html = Html::default();
    let inspection = &of.facts.inspection;
    if inspection.types.is_empty() {
        html.note(&of.none("records"));
        return Ok(html);
    }
    let blocks = blocks(of)?;
    let largest = blocks.first().map_or_else(String::new, |block| block.about.clone());
    let about = format!(
        "{} in {}. The largest: {largest}. The tables below have the numbers.",
        byte_size(inspection.total),
        counted(inspection.types.len() as u64, "type", "types")
    );
    html.paragraph("Each area is as large as its share of the state. Keys are divided by the segments of their names.");
    html.picture_of("Treemap of space by type and prefix", |size| {
        let area = Area::sized(size.width, 440.0 * size.scale);
        treemap::svg(&blocks, area, "Space by type and prefix", &about)
    });
    html.command(&of.command("breakdown"));
    html.element("h3", "Types");
    let rows = inspection.types.iter().enumerate().map(|(at, (kind, tally))| {
        vec![
            Cell::Code(kind.consul_label()),
            Cell::Count(tally.count),
            Cell::Bytes(tally.size),
            Cell::Share(tally.size, inspection.total, at),
        ]
    });
    html.table(&Table::new(
        "Records and bytes by type",
        &["type", "records", "bytes", "share"],
        rows,
    ));
    html.command(&of.command("inspect"));
    html.element("h3", "Largest records");
    let rows = of.facts.largest.iter().map(|record| {
        vec![
            Cell::Name(of.masked(&record.identity)),
            Cell::Code(record.kind.to_string()),
            Cell::Bytes(record.size),
            Cell::Share(record.size, inspection.total, 0),
        ]
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    html.table(
        &Table::new("The largest records", &["name", "type", "bytes", "share"], rows)
            .first_of(of.closing.records),
    );
    html.command(&of.command("top"));
    Ok(html)
}

/// The blocks of the treemap: record types, and the prefixes within keys.
fn blocks(of: &Snapshot<'_>) -> io::Result<Vec<Block>> {
    let types = of.facts.inspection.types.iter().enumerate();
    types
        .map(|(colour, (kind, tally))| {
            let label = kind.consul_label();
            let mut block = block(&label, &label, tally.count, tally.size, colour);
            if *kind == Kind::KVS {
                block.parts = prefixes(of, colour)?;
            }
            Ok(block)
        })
        .collect()
}

/// Prefixes with the longer prefixes below them.
fn prefixes(of: &Snapshot<'_>, colour: usize) -> io::Result<Vec<Block>> {
    let mut named: Vec<(Vec<u8>, Block)> = Vec::new();
    each(&of.facts.prefixes, PREFIXES, |name, count, size| {
        let shown = of.shown(name);
        named.push((name.to_vec(), block(&shown, &shown, count, size, colour)));
    })?;
    each(&of.facts.subprefixes, SUBPREFIXES, |name, count, size| {
        let first = name.split(|byte| *byte == b'/').next().unwrap_or(name);
        let parent = named.iter_mut().find(|(prefix, _)| prefix == first);
        // A key without a second segment is the prefix itself.
        if let Some((_, parent)) = parent.filter(|_| name.len() > first.len()) {
            let rest = name.get(first.len() + 1..).unwrap_or(&[]);
            let (rest, whole) = (of.shown(rest), of.shown(name));
            parent.parts.push(block(&rest, &whole, count, size, colour));
        }
    })?;
    Ok(named.into_iter().map(|(_, block)| block).collect())
}

/// Passes on the first groups.
fn each(
    report: &BreakdownReport,
    most: usize,
    mut take: impl FnMut(&[u8], u64, u64),
) -> io::Result<()> {
    let mut left = most;
    report.groups.each(|name, group| {
        if left == 0 {
            return Ok(ControlFlow::Break(()));
        }
        left -= 1;
        take(name, group.count, group.size);
        Ok(ControlFlow::Continue(()))
    })
}

#[allow(clippy::cast_precision_loss)] // an area needs no more than a few digits
fn block(name: &str, whole: &str, count: u64, size: u64, colour: usize) -> Block {
    let about = format!("{whole}: {}, {}", byte_size(size), counted(count, "record", "records"));
    let name = name.chars().take(NAME).collect::<String>();
    Block { about, ..Block::new(name, size as f64, colour) }
}
