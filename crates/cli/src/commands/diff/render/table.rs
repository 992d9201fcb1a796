//! Differences as text: a summary by type, then the objects, field by field.

use super::super::{DiffArgs, Ended};
use crate::render::escape::one_line;
use crate::render::field_change;
use crate::render::table::{Cell, Rows};
use snapscope_analyze::compare::{Change, Difference};
use snapscope_objects::kinds::ObjectKind;
use std::fmt::Write as _;
use std::io::IsTerminal as _;

/// Lines of one object's text that are shown.
const LINES: usize = 12;

/// The objects that are shown, as text, by type.
pub(super) struct Shown {
    /// Of each type; 0 for all.
    limit: usize,
    width: Option<usize>,
    texts: Vec<(&'static ObjectKind, usize, String)>,
}

impl Shown {
    pub(super) fn new(limit: usize) -> Self {
        let width = std::io::stdout()
            .is_terminal()
            .then(terminal_size::terminal_size)
            .flatten()
            .map(|(terminal_size::Width(width), _)| usize::from(width));
        Self { limit, width, texts: Vec::new() }
    }

    fn of(&self, kind: &ObjectKind) -> Option<usize> {
        self.texts.iter().position(|(k, ..)| std::ptr::eq(*k, kind))
    }

    /// Whether one more object of a type would be shown.
    pub(super) fn has_room(&self, kind: &ObjectKind) -> bool {
        self.limit == 0 || self.of(kind).is_none_or(|at| self.texts[at].1 < self.limit)
    }

    pub(super) fn add(&mut self, difference: &Difference) {
        let at = self.of(difference.kind).unwrap_or_else(|| {
            self.texts.push((difference.kind, 0, String::new()));
            self.texts.len() - 1
        });
        let mut lines = vec![head(difference)];
        for field in &difference.fields {
            let most = if self.limit == 0 { usize::MAX } else { LINES };
            let text = field_change::text(field, most);
            lines.extend(text.into_iter().map(|line| format!("    {line}")));
        }
        self.texts[at].1 += 1;
        for line in lines {
            let fitted = self.fitted(&line);
            let (_, _, text) = &mut self.texts[at];
            text.push_str(&fitted);
            text.push('\n');
        }
    }

    /// On a terminal a line ends where the terminal does.
    fn fitted(&self, line: &str) -> String {
        match self.width {
            Some(width) if line.chars().count() > width && self.limit > 0 => {
                line.chars().take(width.saturating_sub(1)).chain(['…']).collect()
            }
            _ => line.to_owned(),
        }
    }

    /// All of it: the summary first.
    pub(super) fn table(&self, args: &DiffArgs, ended: &Ended) -> Vec<u8> {
        let mut text = Vec::new();
        let report = &ended.report;
        let rows = summary(args, ended);
        if !rows.rows.is_empty() {
            text.extend_from_slice(&rows.table());
        }
        if report.differences() == 0 {
            let line = match &ended.incomplete {
                None => "No differences.\n",
                Some(_) => "No differences in what could be compared.\n",
            };
            text.extend_from_slice(line.as_bytes());
        }
        for (kind, counts) in &report.summary {
            let Some(at) = self.of(kind) else { continue };
            let (_, count, shown) = &self.texts[at];
            let name = kind.object.unwrap_or(kind.name);
            text.extend_from_slice(format!("\n{name}\n{shown}").as_bytes());
            let all = counts.differences()
                + if args.with_touched { counts.of(Change::Touched) } else { 0 };
            let more = all.saturating_sub(*count as u64);
            if more > 0 {
                let line = format!(
                    "  ... {more} more of type {name}: --type {name} --limit 0 shows all, -o jsonl \
                     has a line for each\n"
                );
                text.extend_from_slice(line.as_bytes());
            }
        }
        if let Some(line) = &ended.incomplete {
            text.extend_from_slice(line.as_bytes());
            text.push(b'\n');
        }
        text
    }
}

fn summary(args: &DiffArgs, ended: &Ended) -> Rows {
    let summary = &ended.report.summary;
    let damaged = ended.report.not_compared() > 0;
    let changes: Vec<Change> =
        Change::ALL.into_iter().filter(|c| args.with_touched || *c != Change::Touched).collect();
    let mut columns = vec!["type".to_owned()];
    columns.extend(changes.iter().map(|change| change.word().to_owned()));
    if damaged {
        columns.push("not_compared".to_owned());
    }
    let mut total = vec![0; columns.len() - 1];
    let mut rows = Vec::new();
    for (kind, counts) in summary {
        let mut numbers: Vec<u64> = changes.iter().map(|change| counts.of(*change)).collect();
        if damaged {
            numbers.push(counts.not_compared);
        }
        if numbers.iter().all(|n| *n == 0) {
            continue;
        }
        total.iter_mut().zip(&numbers).for_each(|(total, n)| *total += n);
        let mut row = vec![Cell::Text(kind.object.unwrap_or(kind.name).into())];
        row.extend(numbers.into_iter().map(Cell::Number));
        rows.push(row);
    }
    let total = (rows.len() > 1).then(|| {
        let mut row = vec![Some(Cell::Text(b"Total".to_vec()))];
        row.extend(total.into_iter().map(|n| Some(Cell::Number(n))));
        row
    });
    Rows { columns, rows, total }
}

/// An object's line: a sign, and its id.
fn head(difference: &Difference) -> String {
    let sign = match difference.class.change {
        Change::Added => '+',
        Change::Removed => '-',
        Change::Changed => '~',
        Change::Recreated => '*',
        Change::Touched => '=',
    };
    let mut line = format!("{sign} {}", one_line(&difference.id));
    // Objects that are called by an ID have a name besides.
    let row = difference.after.as_ref().or(difference.before.as_ref());
    let names = row.map(|row| row.names()).unwrap_or_default();
    if let Some(name) = names.get(1).filter(|_| !is_in_id(difference)) {
        let _ = write!(line, " ({})", one_line(name));
    }
    match (difference.class.change, difference.class.recreated) {
        (Change::Recreated, _) => line.push_str("  recreated"),
        (Change::Changed, true) => line.push_str("  changed and recreated"),
        (Change::Touched, _) => line.push_str("  touched"),
        _ => {}
    }
    line
}

/// Whether the id has all that an object is called by.
fn is_in_id(difference: &Difference) -> bool {
    !matches!(difference.kind.object, Some("policy" | "role" | "query" | "session" | "ca-root"))
}
