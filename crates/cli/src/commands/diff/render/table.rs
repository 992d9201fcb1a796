//! Differences as text: a summary by type, then the objects, field by field.

use super::super::args::DiffArgs;
use super::super::both::Ended;
use crate::answer::at_hand;
use crate::authors::WriteOf;
use crate::render::escape::one_line;
use crate::render::long_table::LongTable;
use crate::render::style;
use crate::render::table::{Cell, Heads, Rows};
use crate::render::wrap::{lines, shown, without_end};
use snapscope_analyze::compare::{Change, Difference};
use snapscope_objects::kind::ObjectKind;
use snapscope_report::field_lines;
use std::fmt::Write as _;
use std::io;

/// Maximum number of lines shown of a text.
const LINES: usize = 8;
/// Maximum number of writes shown of an object.
const WRITES: usize = 3;
/// Maximum number of fields shown of an object.
const FIELDS: usize = 10;

/// The shown objects as text, by type.
pub(super) struct Shown {
    /// Maximum for each type; `None` shows all.
    limit: Option<usize>,
    width: Option<usize>,
    types: Vec<OfType>,
}

/// The shown objects of a type.
struct OfType {
    kind: &'static ObjectKind,
    /// Those whose content differs.
    real: Vec<String>,
    /// Those that were only recreated or touched; they fill the remaining places.
    slight: Vec<String>,
}

const fn is_slight(change: Change) -> bool {
    matches!(change, Change::Recreated | Change::Touched)
}

impl Shown {
    pub(super) fn new(limit: u64) -> Self {
        let limit = usize::try_from(limit).ok().filter(|limit| *limit < usize::MAX);
        Self { limit, width: crate::terminal::width(), types: Vec::new() }
    }

    /// Whether another object of a type would be shown.
    pub(super) fn has_room(&self, kind: &ObjectKind, change: Change) -> bool {
        let of = self.types.iter().find(|of| of.kind == kind);
        let count = of.map_or(0, |of| match is_slight(change) {
            true => of.real.len() + of.slight.len(),
            false => of.real.len(),
        });
        self.limit.is_none_or(|limit| count < limit)
    }

    pub(super) fn add(&mut self, difference: &Difference, writes: &[WriteOf]) {
        let mut text = String::new();
        let (lines, most) =
            if self.limit.is_none() { (usize::MAX, usize::MAX) } else { (LINES, FIELDS) };
        let fields = difference.fields.iter().take(most);
        let fields =
            fields.flat_map(|field| field_lines(field, lines)).map(|line| format!("    {line}"));
        let more = difference.fields.len().saturating_sub(most);
        let rest = (more > 0).then(|| format!("    ... {more} more fields"));
        let writes = self.writes(writes);
        let head = std::iter::once(head(difference));
        for line in head.chain(writes).chain(fields).chain(rest) {
            text.push_str(&self.fitted(&line));
            text.push('\n');
        }
        let kind = difference.kind;
        let at = self.types.iter().position(|of| of.kind == kind).unwrap_or_else(|| {
            self.types.push(OfType { kind, real: Vec::new(), slight: Vec::new() });
            self.types.len() - 1
        });
        let of = &mut self.types[at];
        let list = if is_slight(difference.class.change) { &mut of.slight } else { &mut of.real };
        list.push(text);
    }

    /// Who made a change, and when: the last writes.
    fn writes(&self, writes: &[WriteOf]) -> Vec<String> {
        let most = if self.limit.is_none() { usize::MAX } else { WRITES };
        let earlier = writes.len().saturating_sub(most);
        let more = match earlier {
            0 => None,
            1 => Some("    ... 1 earlier write".to_owned()),
            n => Some(format!("    ... {n} earlier writes")),
        };
        let line = |write: &WriteOf| self.about(write);
        more.into_iter().chain(writes.iter().skip(earlier).flat_map(line)).collect()
    }

    /// Describes a write. On a terminal the text is broken at words: its end names the token.
    fn about(&self, write: &WriteOf) -> Vec<String> {
        const INDENT: usize = 4;
        let text = format!("at index {}, {}", write.index(), write.words());
        let Some(width) = self.width else { return vec![format!("{:INDENT$}{text}", "")] };
        let broken = lines(&text, width.saturating_sub(INDENT + 2)).into_iter().enumerate();
        let indent = |at: usize| if at == 0 { INDENT } else { INDENT + 2 };
        broken.map(|(at, line)| format!("{:1$}{line}", "", indent(at))).collect()
    }

    /// On a terminal, a line ends at the terminal's edge.
    fn fitted(&self, line: &str) -> String {
        match self.width {
            Some(width) if self.limit.is_some() => without_end(line, width).into_owned(),
            _ => shown(line).into_owned(),
        }
    }

    /// The whole text: the summary first.
    pub(super) fn table(&self, args: &DiffArgs, ended: &Ended) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        let report = &ended.report;
        let rows = summary(args, ended);
        if !rows.rows.is_empty() {
            let Rows { columns, rows, total, .. } = rows;
            LongTable { total, ..LongTable::new(columns, &at_hand(&rows)) }.table(&mut text)?;
        }
        if report.differences() == 0 {
            let line = match &ended.incomplete {
                None => "No differences.\n",
                Some(_) => "No differences in what could be compared.\n",
            };
            text.extend_from_slice(line.as_bytes());
        }
        for (kind, counts) in &report.summary {
            let Some(of) = self.types.iter().find(|of| of.kind == *kind) else {
                continue;
            };
            let name = kind.object_name();
            text.extend_from_slice(format!("\n{name}\n").as_bytes());
            let most = self.limit.unwrap_or(usize::MAX);
            let mut count = 0;
            for object in of.real.iter().chain(&of.slight).take(most) {
                painted(object, &mut text);
                count += 1;
            }
            let all = counts.differences()
                + if args.with_touched { counts.of(Change::Touched) } else { 0 };
            let more = all.saturating_sub(count);
            if more > 0 {
                let line = format!("  ... {more} more: --type {name} --limit 0 shows all\n");
                text.extend_from_slice(line.as_bytes());
            }
        }
        if let Some(why) = &ended.incomplete {
            text.extend_from_slice(format!("{}\n", why.line()).as_bytes());
        }
        Ok(text)
    }
}

/// The lines of an object, each in the colour of its sign: that of the object, or of a changed
/// line.
fn painted(object: &str, out: &mut Vec<u8>) {
    for line in object.split_inclusive('\n') {
        let content = line.strip_suffix('\n').unwrap_or(line);
        let style = match content.trim_start().split_at_checked(1) {
            Some(("+", _)) => style::of_change("added"),
            Some(("-", _)) => style::of_change("removed"),
            Some(("~", _)) => style::of_change("changed"),
            Some(("*", _)) => style::of_change("recreated"),
            Some(("=", _)) => style::of_change("touched"),
            _ => None,
        };
        style::paint(style, content.as_bytes(), out);
        out.push(b'\n');
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
        let mut row = vec![Cell::Text(kind.object_name().into())];
        row.extend(numbers.into_iter().map(Cell::Number));
        rows.push(row);
    }
    let total = (rows.len() > 1).then(|| {
        let mut row = vec![Some(Cell::Text(b"Total".to_vec()))];
        row.extend(total.into_iter().map(|n| Some(Cell::Number(n))));
        row
    });
    Rows { columns, heads: Heads::Words, rows, total }
}

/// The first line of an object: a sign, and its ID.
fn head(difference: &Difference) -> String {
    let sign = match difference.class.change {
        Change::Added => '+',
        Change::Removed => '-',
        Change::Changed => '~',
        Change::Recreated => '*',
        Change::Touched => '=',
    };
    let mut line = format!("{sign} {}", one_line(&difference.id));
    if let Some(name) = difference.name() {
        let _ = write!(line, " ({})", one_line(&name));
    }
    match (difference.class.change, difference.class.recreated) {
        (Change::Recreated, _) => line.push_str("  recreated"),
        (Change::Changed, true) => line.push_str("  changed and recreated"),
        (Change::Touched, _) => line.push_str("  touched"),
        _ => {}
    }
    line
}
