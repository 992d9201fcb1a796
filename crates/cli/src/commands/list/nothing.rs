//! Why a list is empty: which condition matched nothing, and which values there are.

use super::plan::Plan;
use crate::kinds::peers;
use crate::render::escape::one_line;
use crate::terminal::note;
use anyhow::Result;
use snapscope_analyze::rows::kept;
use snapscope_archive::Source;
use snapscope_objects::filter::{Expr, Filter, Operator, parse};
use snapscope_objects::kind::Chosen;
use snapscope_objects::nearest;
use snapscope_objects::row::{Row, RowOptions};
use snapscope_objects::value::Wanted;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// Values that are named.
const NAMED: usize = 8;
/// Values that are remembered, and their length at most.
const REMEMBERED: usize = 10_000;
const LONGEST: usize = 60;

/// A part of what was asked, all of which an object has to match.
struct Condition {
    /// As it was asked.
    text: String,
    test: Test,
    /// Whose values are shown, and what it is called.
    column: Option<Chosen>,
    /// The value that was asked for.
    value: Option<String>,
}

enum Test {
    Filter(Filter),
    Is(&'static str, Vec<u8>),
    Begins(Vec<u8>),
}

impl Condition {
    fn holds(&self, row: &Row) -> bool {
        match &self.test {
            Test::Filter(filter) => filter.holds(row.object()),
            Test::Is(field, text) => row.text(field) == text.as_slice(),
            Test::Begins(prefix) => row.text("Key").starts_with(prefix),
        }
    }
}

/// The conditions of a list.
fn conditions(plan: &Plan<'_>) -> Vec<Condition> {
    let args = plan.args;
    let shape = plan.shape();
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
            value: None,
        });
    }
    // It was compiled before.
    let expression = args.filter.as_deref().and_then(|text| parse(text).ok());
    let parts = match expression {
        Some(Expr::All(parts)) => parts,
        other => other.into_iter().collect(),
    };
    for part in parts {
        let mut text = part.to_string();
        let Ok(filter) = Filter::of(&part, &text, &shape) else { continue };
        let (column, value) = match &part {
            Expr::Match(one) => {
                let is_value = matches!(one.operator, Operator::Equal | Operator::In);
                let value = one.value.as_ref().filter(|_| is_value);
                // It may be a real one.
                if one.selector.path.last().is_some_and(|name| name == b"SecretID") {
                    text = "the condition on SecretID".to_owned();
                }
                (
                    Some(Chosen::Selector(one.selector.clone())),
                    value.map(|value| String::from_utf8_lossy(value).into_owned()),
                )
            }
            _ => (None, None),
        };
        all.push(Condition { text, test: Test::Filter(filter), column, value });
    }
    all
}

/// What a row says about the conditions: which hold, and the values of those that don't.
struct Seen(Vec<Option<Option<String>>>);

/// Says on standard error why a list is empty; reads the snapshot once more for that, if it can be.
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
    let mut values: Vec<BTreeSet<String>> = vec![BTreeSet::new(); conditions.len()];
    let options =
        RowOptions { peers: peers(kind, plan.args.peer.as_deref())?, wanted: Wanted::All };
    let look = |row: &Row| Some(seen(plan, &conditions, row));
    let blocks = plan.args.read.open_quietly(source)?;
    kept(
        blocks,
        plan.args.read.jobs(),
        kind,
        &options,
        |_| true,
        look,
        |Seen(seen)| {
            count += 1;
            for (at, seen) in seen.into_iter().enumerate() {
                match (seen, values.get_mut(at), matched.get_mut(at)) {
                    (None, _, Some(matched)) => *matched += 1,
                    (Some(Some(value)), Some(values), _) if values.len() < REMEMBERED => {
                        values.insert(value);
                    }
                    _ => {}
                }
            }
            Ok(ControlFlow::Continue(()))
        },
    )?;
    if count == 0 {
        let peer = match plan.args.peer.as_deref() {
            None => String::new(),
            Some("all") => ", imported ones included,".to_owned(),
            Some(peer) => format!(" imported from peer \"{}\"", one_line(peer.as_bytes())),
        };
        note!("snapscope: note: no {}{peer} {place}", kind.name);
        return Ok(());
    }
    let all = if count == 1 { kind.one } else { kind.name };
    let mut none = conditions.iter().zip(&matched).zip(&values).filter(|((_, n), _)| **n == 0);
    match none.next() {
        None => note!("snapscope: note: none of {count} {all} matches all conditions at once"),
        Some(first) => {
            for ((condition, _), values) in std::iter::once(first).chain(none) {
                let text = one_line(condition.text.as_bytes());
                let hint = hint(condition, values);
                note!("snapscope: note: {text} matches none of {count} {all}{hint}");
            }
        }
    }
    Ok(())
}

fn seen(plan: &Plan<'_>, conditions: &[Condition], row: &Row) -> Seen {
    let masked = (!plan.args.show_secrets).then(|| plan.comparer.masked(row));
    let safe = masked.as_ref().unwrap_or(row);
    let of = |condition: &Condition| {
        if condition.holds(row) {
            return None;
        }
        let value = condition
            .column
            .as_ref()
            .map(|column| String::from_utf8_lossy(&column.cell(safe.object()).text()).into_owned());
        let is_shown = |v: &String| !v.is_empty() && v.len() <= LONGEST && !v.contains("<masked");
        Some(value.filter(is_shown))
    };
    Seen(conditions.iter().map(of).collect())
}

/// The value that was meant, or the values there are.
fn hint(condition: &Condition, values: &BTreeSet<String>) -> String {
    let name = condition.column.as_ref().map_or_else(String::new, Chosen::name);
    let near = condition.value.as_ref();
    let near = near.and_then(|value| nearest(value, values.iter().map(String::as_str)));
    if let Some(near) = near {
        return format!("; did you mean \"{}\"?", one_line(near.as_bytes()));
    }
    if values.is_empty() {
        return String::new();
    }
    let named: Vec<String> =
        values.iter().take(NAMED).map(|v| format!("\"{}\"", one_line(v.as_bytes()))).collect();
    let more = match values.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("; values of {}: {}{more}", one_line(name.as_bytes()), named.join(", "))
}
