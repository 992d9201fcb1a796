//! Shows objects of all kinds.

use super::super::ask::{Ask, quoted, reference};
use super::super::reply::Reply;
use super::super::rights::{fields, may_see};
use serde_json::{Value, json};
use snapscope_analyze::acl::{Access, Resource};
use snapscope_analyze::compare::{CompareOptions, Comparer};
use snapscope_decode::Kind;
use snapscope_objects::filter::Filter;
use snapscope_objects::json::indented;
use snapscope_objects::kind::{CellValue, Chosen, ObjectKind};
use snapscope_objects::kinds::{KINDS, by_name};
use snapscope_objects::row::{Reader, Row, RowOptions};
use snapscope_objects::value::Projection;
use std::ops::ControlFlow;

/// Number of rows on a page.
const ROWS: usize = 100;

pub(super) fn kinds(ask: &Ask<'_>) -> Result<Value, Reply> {
    let (inspection, _) = ask.quick()?;
    let is_there = |record: &Kind| inspection.types.iter().any(|(kind, _)| kind == record);
    // Which record types occur needs the same right as their numbers.
    let may_know = ask.may(Resource::Operator, Access::Read, b"");
    let kinds = KINDS.iter().filter(|kind| !may_know || kind.from.iter().any(is_there));
    let kinds = kinds.map(|kind| json!({"name": kind.name, "about": kind.about}));
    Ok(json!({"kinds": kinds.collect::<Vec<_>>()}))
}

fn kind_of(ask: &Ask<'_>) -> Result<&'static ObjectKind, Reply> {
    let name = ask.text("kind");
    by_name(&name).ok_or_else(|| Reply::error(404, format!("Unknown type {name:?}.")))
}

/// Passes the objects of a kind to `take` until it has enough.
pub(super) fn each(
    ask: &Ask<'_>,
    kind: &'static ObjectKind,
    projection: Projection,
    take: &mut dyn FnMut(&Row) -> ControlFlow<()>,
) {
    let mut reader = Reader::new(kind, RowOptions { projection, ..RowOptions::default() });
    let mut has_enough = false;
    let mut pass = |row: &Row| {
        if !has_enough && take(row).is_break() {
            has_enough = true;
        }
        has_enough
    };
    for from in kind.from {
        for frame in ask.view.spool.all_of(*from) {
            let mut is_done = false;
            // Problems were reported when the snapshot was read.
            reader.frame(&frame, &mut |row| is_done = pass(row));
            if is_done {
                return;
            }
        }
    }
    if !kind.is_direct() {
        reader.finish(&mut |row| {
            pass(row);
        });
    }
}

pub(super) fn list(ask: &Ask<'_>) -> Result<Value, Reply> {
    let kind = kind_of(ask)?;
    let text = ask.text("filter");
    let filter = match text.as_str() {
        "" => None,
        text => match Filter::compile(text, &kind.shape()) {
            Ok(filter) => Some(filter),
            Err(error) => {
                return Err(Reply::error(400, format!("The filter is not valid: {error}")));
            }
        },
    };
    let columns = kind.table(false);
    let mut projection = kind.projection(&columns, filter.as_ref());
    projection.add(fields(kind));
    projection.add(kind.traits.value.into_iter().chain(["Key", "Kind"]));
    let comparer = Comparer::new(CompareOptions { hide_values: true, ..CompareOptions::default() });
    let from = ask.number("from");
    let (mut rows, mut passed, mut has_more) = (Vec::new(), 0usize, false);
    let mut numbers = vec![true; columns.len()];
    each(ask, kind, projection, &mut |row| {
        let is_meant = filter.as_ref().is_none_or(|filter| filter.holds(row.object()));
        if !is_meant || !may_see(ask, row) {
            return ControlFlow::Continue(());
        }
        passed += 1;
        if passed <= from {
            return ControlFlow::Continue(());
        }
        if rows.len() == ROWS {
            has_more = true;
            return ControlFlow::Break(());
        }
        for (all, column) in numbers.iter_mut().zip(&columns) {
            *all &= is_number(&column.cell(row.object()));
        }
        rows.push(shown_row(ask, &comparer, kind, &columns, row));
        ControlFlow::Continue(())
    });
    let names = columns.iter().zip(&numbers);
    let names =
        names.map(|(column, is_number)| json!({"name": column.name(), "is_number": is_number}));
    let filtered = match text.as_str() {
        "" => String::new(),
        text => format!(" --filter {}", quoted(text.as_bytes(), "FILTER")),
    };
    Ok(json!({
        "kind": kind.name,
        "about": kind.about,
        "columns": names.collect::<Vec<_>>(),
        "rows": rows,
        "from": from,
        "limit": ROWS,
        "next": has_more.then_some(from + ROWS),
        "command": ask.command(&format!("list {}{filtered}", kind.name)),
    }))
}

fn shown_row(
    ask: &Ask<'_>,
    comparer: &Comparer,
    kind: &ObjectKind,
    columns: &[Chosen],
    row: &Row,
) -> Value {
    let masked = comparer.masked(row);
    let cells = columns.iter().map(|column| {
        // The size of a value does not reveal its content.
        let is_size = kind.traits.value.is_some_and(
            |value| matches!(column, Chosen::Column(column) if column.is_made_of(value)),
        );
        let row = if is_size { row } else { &masked };
        ask.shown(&column.cell(row.object()).text())
    });
    json!({"ref": reference(&row.id()), "cells": cells.collect::<Vec<String>>()})
}

/// Whether a cell is a number or empty.
const fn is_number(value: &CellValue<'_>) -> bool {
    !matches!(value, CellValue::Text(_) | CellValue::Bool(_))
}

pub(super) fn object(ask: &Ask<'_>) -> Result<Value, Reply> {
    let (kind, id) = (kind_of(ask)?, ask.name("id"));
    let mut found = None;
    each(ask, kind, Projection::All, &mut |row| {
        if row.id() != id {
            return ControlFlow::Continue(());
        }
        found = Some(row.clone());
        ControlFlow::Break(())
    });
    let Some(row) = found else {
        return Err(Reply::error(404, format!("This {} does not exist.", kind.one)));
    };
    if !may_see(ask, &row) {
        return Err(Reply::denied("permission to read this object"));
    }
    let comparer = Comparer::new(CompareOptions { hide_values: true, ..CompareOptions::default() });
    let json = indented(&comparer.masked(&row).to_json(), "  ");
    let name = ask.shown(&id);
    let words = format!("get {} {}", kind.one, quoted(&id, "ID"));
    Ok(json!({
        "name": name,
        "kind": kind.one,
        "index": row.get("ModifyIndex").and_then(|node| node.uint()),
        "json": String::from_utf8_lossy(&json),
        "command": ask.command(&words),
    }))
}
