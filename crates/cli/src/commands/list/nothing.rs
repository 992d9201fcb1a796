//! Explains an empty list: which condition matched nothing, and which values exist.

use super::plan::Plan;
use crate::kinds::peers;
use crate::render::escape::one_line;
use crate::terminal::note;
use crate::unmatched::{Conjunct, Values, parts};
use anyhow::Result;
use snapscope_archive::Source;
use snapscope_objects::filter::Filter;
use snapscope_objects::kind::Chosen;
use snapscope_objects::row::{Row, RowOptions};
use snapscope_objects::value::Projection;
use std::ops::ControlFlow;

/// One of the conditions that an object has to meet.
struct Condition {
    /// The condition as typed.
    text: String,
    test: Test,
    /// The column whose values are shown.
    column: Option<Chosen>,
    /// The requested value.
    value: Option<String>,
}

enum Test {
    Filter(Filter),
    Is(&'static str, Vec<u8>),
    Begins(Vec<u8>),
}

impl Condition {
    /// The name of the shown values.
    fn name(&self) -> String {
        match self.test {
            Test::Begins(_) => "the first segment".to_owned(),
            _ => self.column.as_ref().map_or_else(String::new, Chosen::name),
        }
    }

    /// The value of a row that does not match.
    fn value_of(&self, row: &Row) -> Option<String> {
        let text = match (&self.test, &self.column) {
            (Test::Begins(_), _) => {
                let key = row.text("Key");
                let end = key.iter().position(|byte| *byte == b'/').map_or(key.len(), |at| at + 1);
                key.get(..end)?.to_vec()
            }
            (_, column) => column.as_ref()?.cell(row.object()).text().into_owned(),
        };
        Some(String::from_utf8_lossy(&text).into_owned())
    }

    fn holds(&self, row: &Row) -> bool {
        match &self.test {
            Test::Filter(filter) => filter.holds(row.object()),
            Test::Is(field, text) => row.text(field) == text.as_slice(),
            Test::Begins(prefix) => row.text("Key").starts_with(prefix),
        }
    }
}

/// The conditions of this list.
fn conditions(plan: &Plan<'_>) -> Vec<Condition> {
    let args = plan.args;
    let mut all = Vec::new();
    for (flag, field, value) in
        [("--service", "ServiceName", &args.service), ("--kind", "Kind", &args.kind_of_entry)]
    {
        let Some(value) = value else { continue };
        all.push(Condition {
            text: format!("{flag} {value}"),
            test: Test::Is(field, value.clone().into_bytes()),
            column: plan.kind.column(&plan.kind.shape(), field).ok(),
            value: Some(value.clone()),
        });
    }
    if let Some(prefix) = &args.prefix {
        all.push(Condition {
            text: format!("--prefix {prefix}"),
            test: Test::Begins(prefix.clone().into_bytes()),
            column: None,
            value: Some(prefix.clone()),
        });
    }
    let filter = args.filter.as_deref().unwrap_or_default();
    all.extend(parts(filter, &plan.shape()).into_iter().map(|part| {
        let Conjunct { text, filter, selector, value } = part;
        Condition {
            text,
            test: Test::Filter(filter),
            column: selector.map(Chosen::Selector),
            value,
        }
    }));
    all
}

/// What the rows show about the conditions: which ones hold, and the values of the objects for
/// which they do not.
struct Seen(Vec<Option<Option<String>>>);

/// Reports on standard error why a list is empty. Reads the snapshot once more, if that is
/// possible.
pub(super) fn explain(plan: &Plan<'_>, source: &Source, is_damaged: bool) -> Result<()> {
    let kind = plan.kind;
    let place = if is_damaged { "in what could be read" } else { "in this snapshot" };
    if !plan.is_selective() || !source.reopenable() {
        let which = if plan.is_selective() { "matching " } else { "" };
        note!("snapscope: note: no {which}{} {place}", kind.name);
        return Ok(());
    }
    let conditions = conditions(plan);
    let mut count = 0u64;
    let mut matched = vec![0u64; conditions.len()];
    let mut values: Vec<Values> = conditions.iter().map(|_| Values::default()).collect();
    let options =
        RowOptions { peers: peers(kind, plan.args.peer.as_deref())?, projection: Projection::All };
    let look = |row: &Row| Some(seen(plan, &conditions, row));
    plan.args.read.look_again(source, kind, &options, look, |Seen(seen)| {
        count += 1;
        for (at, seen) in seen.into_iter().enumerate() {
            match (seen, values.get_mut(at), matched.get_mut(at)) {
                (None, _, Some(matched)) => *matched += 1,
                (Some(Some(value)), Some(values), _) => values.add(value),
                _ => {}
            }
        }
        ControlFlow::Continue(())
    })?;
    if count == 0 {
        let peer = match plan.args.peer.as_deref() {
            None => String::new(),
            Some("all") => ", imported ones included,".to_owned(),
            Some(peer) => format!(" imported from peer \"{}\"", one_line(peer.as_bytes())),
        };
        let hint = match plan.args.peer.as_deref() {
            Some(name) if name != "all" => peers_there(plan, source)?.hint("peer", Some(name)),
            _ => String::new(),
        };
        note!("snapscope: note: no {}{peer} {place}{hint}", kind.name);
        return Ok(());
    }
    let all = if count == 1 { kind.one } else { kind.name };
    let mut none = conditions.iter().zip(&matched).zip(&values).filter(|((_, n), _)| **n == 0);
    match none.next() {
        None => note!("snapscope: note: none of {count} {all} matches all conditions at once"),
        Some(first) => {
            for ((condition, _), values) in std::iter::once(first).chain(none) {
                let text = one_line(condition.text.as_bytes());
                let hint = values.hint(&condition.name(), condition.value.as_deref());
                note!("snapscope: note: {text} matches none of {count} {all}{hint}");
            }
        }
    }
    Ok(())
}

/// The peers from which objects were imported.
fn peers_there(plan: &Plan<'_>, source: &Source) -> Result<Values> {
    let kind = plan.kind;
    let mut names = Values::default();
    let Ok(column) = kind.column(&kind.shape(), "peer") else { return Ok(names) };
    let options = RowOptions { peers: peers(kind, Some("all"))?, projection: Projection::All };
    let name = |row: &Row| {
        let cell = column.cell(row.object());
        let name = cell.text();
        (!name.is_empty()).then(|| String::from_utf8_lossy(&name).into_owned())
    };
    plan.args.read.look_again(source, kind, &options, name, |name| {
        names.add(name);
        ControlFlow::Continue(())
    })?;
    Ok(names)
}

fn seen(plan: &Plan<'_>, conditions: &[Condition], row: &Row) -> Seen {
    let masked = (!plan.args.show_secrets).then(|| plan.comparer.masked(row));
    let safe = masked.as_deref().unwrap_or(row);
    let of = |condition: &Condition| {
        if condition.holds(row) {
            return None;
        }
        Some(condition.value_of(safe))
    };
    Seen(conditions.iter().map(of).collect())
}
